#define _POSIX_C_SOURCE 200809L
#include "heat_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

heat_options chosen = {.map = RM_HEATMAP_OPTIONS_INIT, .class_count = 5};

struct poptOption heat_table[] = {
    {"cell", '\0', POPT_ARG_DOUBLE, &chosen.map.cell, 0,
     "side of a cell in metres (default: a twentieth of the bandwidth)", "M"},
    {"bandwidth", '\0', POPT_ARG_STRING, &chosen.bandwidth, 0,
     "how far a report reaches, in metres; or rule (default) or cv, cross-validation", "M|rule|cv"},
    {"kernel", '\0', POPT_ARG_STRING, &chosen.kernel, 0,
     "quartic (default), gaussian, epanechnikov, triweight or uniform", "NAME"},
    {"adaptive", '\0', POPT_ARG_NONE, &chosen.adaptive, 0,
     "reach further where reports are few (Abramson)", NULL},
    {"edge", '\0', POPT_ARG_STRING, &chosen.edge, 0,
     "correct for what falls outside the study area: none (default), uniform or diggle", "NAME"},
    {"extent", '\0', POPT_ARG_STRING, &chosen.extent, 0, "of the map", "XMIN,YMIN,XMAX,YMAX"},
    {"within", '\0', POPT_ARG_STRING, &chosen.map.within, 0,
     "blank outside: a name in --boundaries, or a file with polygons", "NAME|FILE"},
    {"boundaries", '\0', POPT_ARG_STRING, &chosen.map.boundaries, 0,
     "where --within looks the name up, such as the municipalities", "FILE"},
    {"layer", '\0', POPT_ARG_STRING, &chosen.map.layer, 0, "the layer with the points", "NAME"},
    {"where", '\0', POPT_ARG_STRING, &chosen.map.where, 0,
     "the points that count, as \"categorie = 'drugs'\"", "CONDITION"},
    {"time", '\0', POPT_ARG_STRING, &chosen.map.time, 0,
     "the field with the date (default: what is taken for it)", "FIELD"},
    {"from", '\0', POPT_ARG_STRING, &chosen.from, 0, "the first day that counts", "YYYY-MM-DD"},
    {"until", '\0', POPT_ARG_STRING, &chosen.until, 0, "the last day that counts", "YYYY-MM-DD"},
    {"compare", '\0', POPT_ARG_STRING, &chosen.compare, 0,
     "another period: a second map on the same legend", "FROM..UNTIL"},
    {"half-life", '\0', POPT_ARG_DOUBLE, &chosen.map.half_life_days, 0,
     "a report this old counts half", "DAYS"},
    {"as-of", '\0', POPT_ARG_STRING, &chosen.as_of, 0,
     "the day that half-lives count from (default: today)", "YYYY-MM-DD"},
    {"weight", '\0', POPT_ARG_STRING, &chosen.map.weight, 0,
     "the field that says how much a point counts", "FIELD"},
    {"leave-out", '\0', POPT_ARG_ARGV, &chosen.leave_out, 0,
     "duplicates, or spots with an implausible share of the reports (may be repeated)",
     "duplicates|spots"},
    {"distinct", '\0', POPT_ARG_STRING, &chosen.distinct, 0,
     "count one report of a place in a week or day", "week|day"},
    {"locate", '\0', POPT_ARG_STRING, &chosen.map.locate, 0,
     "the address layer that gives the rows their place, as bag-light.gpkg", "BAG"},
    {"crs", '\0', POPT_ARG_STRING, &chosen.map.crs, 0, "of points that state none", "EPSG:28992"},
    {"x", '\0', POPT_ARG_STRING, &chosen.map.x, 0, "the column with x", "COLUMN"},
    {"y", '\0', POPT_ARG_STRING, &chosen.map.y, 0, "the column with y", "COLUMN"},
    {"target-crs", '\0', POPT_ARG_STRING, &chosen.map.target_crs, 0,
     "of the map, in metres (default: EPSG:28992)", "CRS"},
    {"per", '\0', POPT_ARG_STRING, &chosen.map.per, 0,
     "per so many of these points, as addresses, instead of per km2", "FILE"},
    {"per-where", '\0', POPT_ARG_STRING, &chosen.map.per_where, 0, "those that count", "CONDITION"},
    {"per-units", '\0', POPT_ARG_DOUBLE, &chosen.map.per_units, 0, "how many (default: 1000)", "N"},
    {"per-floor", '\0', POPT_ARG_DOUBLE, &chosen.map.per_floor, 0,
     "blank where fewer than this many lie in a km2 (default: 10)", "N"},
    {"png", '\0', POPT_ARG_NONE, &chosen.picture, 0, "also OUT.png, for a slide", NULL},
    {"title", '\0', POPT_ARG_STRING, &chosen.title, 0, "of the picture", "TEXT"},
    {"credit", '\0', POPT_ARG_STRING, &chosen.credit, 0,
     "where the data come from, below the picture", "TEXT"},
    {"size", '\0', POPT_ARG_STRING, &chosen.size, 0, "of the picture (default: 1600x1200)",
     "WIDTHxHEIGHT"},
    {"context", '\0', POPT_ARG_ARGV, &chosen.context, 0,
     "a layer in the picture, with its kind where the file's name does not tell: boundary, road, "
     "water, name or built (may be repeated)",
     "[KIND=]FILE"},
    {"classes", '\0', POPT_ARG_NONE, &chosen.classes, 0,
     "also OUT-classes.tif: a raster of classes that is coloured in any program", NULL},
    {"class-count", '\0', POPT_ARG_INT, &chosen.class_count, 0, "3 to 9 (default: 5)", "N"},
    {"contours", '\0', POPT_ARG_NONE, &chosen.contours, 0,
     "also OUT-contours.gpkg: the densest 5, 10 and 20% of the area", NULL},
    {"classification", '\0', POPT_ARG_STRING, &chosen.classification, 0,
     "of the points: shielded (default), or open for those that are public already",
     "shielded|open"},
    {"open", '\0', POPT_ARG_NONE, &chosen.open, 0, "refused: see the message", NULL},
    {"only-best", '\0', POPT_ARG_NONE, &chosen.only_best, 0,
     "fail when the best coordinate operation lacks its grid", NULL},
    {"overwrite", '\0', POPT_ARG_NONE, &chosen.overwrite, 0, "replace existing files", NULL},
    POPT_TABLEEND};

/* ---- reading the command line ---- */

static int read_kinds(void)
{
    static const char *const kernels[] = {"quartic", "gaussian", "epanechnikov", "triweight",
                                          "uniform"};
    static const char *const edges[] = {"none", "uniform", "diggle"};
    static const char *const distinct[] = {"none", "week", "day"};
    static const char *const classes[] = {"shielded", "open"};
    int code = find_word(&chosen.map.kernel, chosen.kernel, "--kernel", kernels, 5);
    if (code == EXIT_FINE)
        code = find_word(&chosen.map.edge, chosen.edge, "--edge", edges, 3);
    if (code == EXIT_FINE)
        code = find_word(&chosen.map.distinct, chosen.distinct, "--distinct", distinct, 3);
    if (code == EXIT_FINE)
        code = find_word(&chosen.map.open, chosen.classification, "--classification", classes, 2);
    return code;
}

static int read_bandwidth(const char *given)
{
    char *end = NULL;
    if (!given || strcmp(given, "rule") == 0)
        return EXIT_FINE;
    chosen.map.bandwidth_by =
        strcmp(given, "cv") == 0 ? RM_BANDWIDTH_CROSS_VALIDATION : RM_BANDWIDTH_GIVEN;
    if (chosen.map.bandwidth_by == RM_BANDWIDTH_CROSS_VALIDATION)
        return EXIT_FINE;
    chosen.map.bandwidth = strtod(given, &end);
    if (end == given || *end)
        return usage_error("takes metres, rule or cv", "--bandwidth");
    return EXIT_FINE;
}

static int read_day(int32_t *out, const char *given)
{
    if (given && *given && !read_date(given, out))
        return usage_error("is no date; write it as 2026-11-01", given);
    return EXIT_FINE;
}

static int read_compare(const char *given)
{
    const char *dots = given ? strstr(given, "..") : NULL;
    if (!given)
        return EXIT_FINE;
    if (!dots || dots[2] == '\0' || dots == given)
        return usage_error("takes two days as 2024-01-01..2024-12-31", "--compare");
    char *first = strndup(given, (size_t)(dots - given));
    int code = first ? read_day(&chosen.map.compare_from, first) : EXIT_FAILED;
    free(first);
    return code == EXIT_FINE ? read_day(&chosen.map.compare_until, dots + 2) : code;
}

static int read_periods(void)
{
    int code = read_day(&chosen.map.from, chosen.from);
    if (code == EXIT_FINE)
        code = read_day(&chosen.map.until, chosen.until);
    if (code == EXIT_FINE)
        code = read_compare(chosen.compare);
    return code == EXIT_FINE ? read_day(&chosen.map.as_of, chosen.as_of) : code;
}

static int read_leave_out(char *const *given)
{
    for (; given && *given; given++) {
        if (strcmp(*given, "duplicates") == 0)
            chosen.map.leave_out_duplicates = 1;
        else if (strcmp(*given, "spots") == 0)
            chosen.map.leave_out_spots = 1;
        else
            return usage_error("is no kind of report here; duplicates or spots", *given);
    }
    return EXIT_FINE;
}

static int read_extent(const char *given)
{
    double *e = chosen.map.extent;
    int used = 0;
    if (given && (sscanf(given, "%lf,%lf,%lf,%lf%n", &e[0], &e[1], &e[2], &e[3], &used) != 4 ||
                  given[used] != '\0'))
        return usage_error("takes four numbers as 200000,470000,210000,480000", "--extent");
    return EXIT_FINE;
}

/* --within takes the file by itself where no --boundaries say where to look. */
static int settle_area(void)
{
    const char *within = chosen.map.within;
    if (!within || chosen.map.boundaries)
        return EXIT_FINE;
    if (!strpbrk(within, "./:|") && access(within, F_OK) != 0)
        return usage_error(words("is geen bestand; een naam heeft ook --boundaries nodig, zoals "
                                 "--boundaries gemeenten.gpkg",
                                 "is no file; a name needs --boundaries too, as --boundaries "
                                 "gemeenten.gpkg"),
                           within);
    chosen.map.boundaries = within;
    chosen.map.within = NULL;
    return EXIT_FINE;
}

static int refuse_open(void)
{
    if (!chosen.open)
        return EXIT_FINE;
    fprintf(stderr, "%s\n",
            words("--open wordt geweigerd: uit een heatmap van afgeschermde punten zijn die punten "
                  "terug te lezen door wie de adressen kent. Openbaar maken kan pas met "
                  "onthullingscontrole. Zijn de punten zelf al openbaar, geef dan --classification "
                  "open",
                  "--open is refused: who knows the addresses can read the points back from a heat "
                  "map of shielded points. It can be released only with disclosure control. When "
                  "the points are public already, give --classification open"));
    return EXIT_USAGE;
}

int read_map_options(void)
{
    int code = refuse_open();
    if (code == EXIT_FINE)
        code = read_kinds();
    if (code == EXIT_FINE)
        code = read_bandwidth(chosen.bandwidth);
    if (code == EXIT_FINE)
        code = read_periods();
    if (code == EXIT_FINE)
        code = read_leave_out(chosen.leave_out);
    if (code == EXIT_FINE)
        code = read_extent(chosen.extent);
    if (code == EXIT_FINE)
        code = settle_area();
    chosen.map.adaptive = chosen.adaptive;
    chosen.map.only_best = chosen.only_best;
    chosen.map.threads = common.threads;
    chosen.map.progress = show_progress;
    return code;
}

/* ---- how it is written ---- */

static void read_context(rm_heatmap_write_options *options, const char **sources, int32_t *kinds)
{
    static const char *const known[] = {"auto", "boundary", "road", "water", "name", "built"};
    for (int c = 0; chosen.context && chosen.context[c]; c++) {
        const char *given = chosen.context[c], *sign = strchr(given, '=');
        sources[c] = given;
        kinds[c] = RM_CONTEXT_AUTO;
        for (int k = 0; sign && k < 6; k++)
            if (strncmp(given, known[k], (size_t)(sign - given)) == 0 &&
                known[k][sign - given] == '\0') {
                kinds[c] = k;
                sources[c] = sign + 1;
            }
        options->context_count = c + 1;
    }
    options->context_sources = sources;
    options->context_kinds = kinds;
}

static int read_size(rm_heatmap_write_options *options)
{
    int used = 0;
    if (chosen.size &&
        (sscanf(chosen.size, "%dx%d%n", &options->width, &options->height, &used) != 2 ||
         chosen.size[used] != '\0'))
        return usage_error("takes width and height as 1600x1200", "--size");
    return EXIT_FINE;
}

int read_write_options(rm_heatmap_write_options *out, const char **sources, int32_t *kinds)
{
    out->overwrite = chosen.overwrite;
    out->language = common.language;
    out->classes = chosen.class_count;
    out->title = chosen.title;
    out->source = chosen.credit;
    out->threads = common.threads;
    out->progress = show_progress;
    read_context(out, sources, kinds);
    return read_size(out);
}
