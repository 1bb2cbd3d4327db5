/* riskmap-heatmap: a heat map in metres from whatever holds points. */
#define _POSIX_C_SOURCE 200809L
#include "heat_options.h"
#include "heat_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const EXAMPLE =
    "Makes a heat map of points and writes it as a GeoTIFF that QGIS opens with its colours.\n"
    "Exit code: 0 done, 1 failed, 2 wrong use, 130 stopped.\n\n"
    "Examples:\n"
    "  riskmap-heatmap meldingen.csv heat.tif --cell 25 --bandwidth 500 --from 2025-01-01 --png\n"
    "  riskmap-heatmap meldingen.csv heat.tif --locate bag-light.gpkg --within Woldermark \\\n"
    "      --boundaries gemeenten.gpkg --context wegen.gpkg --contours";

/* ---- files ---- */

/* "heat.tif" with "-classes.tif" is "heat-classes.tif". */
static char *beside(const char *path, const char *ending)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    size_t stem = dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
    char *out = calloc(1, stem + strlen(ending) + 1);
    if (out) {
        memcpy(out, path, stem);
        strcpy(out + stem, ending);
    }
    return out;
}

typedef rm_status (*write_fn)(const rm_heatmap *heatmap, int32_t period, const char *path,
                              const rm_heatmap_write_options *options, rm_error *err);

static int write_one(const rm_heatmap *heatmap, int32_t period, const char *path,
                     const char *ending, const rm_heatmap_write_options *options, write_fn function)
{
    rm_error error;
    char *name = ending ? beside(path, ending) : strdup(path);
    rm_status status = name ? function(heatmap, period, name, options, &error) : RM_ENOMEM;
    if (status == RM_OK)
        tell_written(name);
    bool named = name != NULL;
    free(name);
    if (status != RM_OK && !named)
        return EXIT_FAILED;
    return status == RM_OK ? EXIT_FINE : fail_without_model(&error);
}

static int write_products(const rm_heatmap *heatmap, int32_t period, const char *path,
                          const rm_heatmap_write_options *options)
{
    int code = EXIT_FINE;
    if (chosen.picture) /* first, as its context may not be there */
        code = write_one(heatmap, period, path, ".png", options, rm_heatmap_write_picture);
    if (code == EXIT_FINE && chosen.contours)
        code =
            write_one(heatmap, period, path, "-contours.gpkg", options, rm_heatmap_write_contours);
    if (code == EXIT_FINE && chosen.classes)
        code = write_one(heatmap, period, path, "-classes.tif", options, rm_heatmap_write_classes);
    return code == EXIT_FINE
               ? write_one(heatmap, period, path, NULL, options, rm_heatmap_write_raster)
               : code;
}

/* The map of the other period is called after it: "heat_2024-01-01_2024-12-31.tif". */
static char *name_of_period(const char *path, const rm_heatmap_period *period)
{
    char from[16], until[16], ending[48];
    const char *dot = strrchr(path, '.');
    write_date(period->from, from);
    write_date(period->until, until);
    snprintf(ending, sizeof ending, "_%s_%s%.8s", from, until, dot ? dot : "");
    return beside(path, ending);
}

static int write_all(const rm_heatmap *heatmap, const char *path,
                     const rm_heatmap_write_options *options)
{
    rm_heatmap_period other;
    int code = write_products(heatmap, 0, path, options);
    if (code != EXIT_FINE || rm_heatmap_period_at(heatmap, 1, &other, NULL) != RM_OK)
        return code;
    char *name = name_of_period(path, &other);
    code = name ? write_products(heatmap, 1, name, options) : EXIT_FAILED;
    free(name);
    return code;
}

static int make(const char *points, const char *path, const rm_heatmap_write_options *options)
{
    rm_error error;
    rm_heatmap *heatmap = NULL;
    if (rm_heatmap_make(&heatmap, points, &chosen.map, &error) != RM_OK)
        return fail_without_model(&error);
    int code = write_all(heatmap, path, options);
    clear_progress();
    if (code != EXIT_FINE)
        remove_written();
    if (code == EXIT_FINE && common.json)
        print_heat_json(heatmap, path);
    else if (code == EXIT_FINE && !common.quiet)
        print_heat(heatmap, path);
    forget_written();
    rm_heatmap_free(heatmap);
    return code;
}

static int run(const char *points, const char *path)
{
    int count = 0;
    while (chosen.context && chosen.context[count])
        count++;
    const char **sources = calloc((size_t)count + 1, sizeof *sources);
    int32_t *kinds = calloc((size_t)count + 1, sizeof *kinds);
    rm_heatmap_write_options options = RM_HEATMAP_WRITE_INIT;
    int code = sources && kinds ? read_map_options() : EXIT_FAILED;
    if (code == EXIT_FINE)
        code = read_write_options(&options, sources, kinds);
    if (code == EXIT_FINE)
        code =
            check_ending(path, ".tif",
                         words("de uitvoer is een raster, kaart.tif; --png maakt er een plaatje "
                               "bij, kaart.png",
                               "the output is a raster, map.tif; --png adds a picture, map.png"));
    if (code == EXIT_FINE)
        code = check_output(path, chosen.overwrite);
    if (code == EXIT_FINE)
        code = make(points, path, &options);
    free(sources);
    free(kinds);
    return code;
}

int main(int argc, const char **argv)
{
    poptContext context = NULL;
    int code =
        read_options(&context, argc, argv, heat_table, "POINTS OUT.tif [OPTION...]", EXAMPLE);
    if (code == EXIT_FINE) {
        const char *points = poptGetArg(context), *path = poptGetArg(context);
        stop_on_interrupt();
        if (!path || poptGetArg(context))
            code = usage_error("takes points and a raster to write; see --help", "riskmap-heatmap");
        else
            code = run(points, path);
    }
    poptFreeContext(context);
    return code;
}
