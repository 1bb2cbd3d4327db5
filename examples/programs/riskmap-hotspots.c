/* riskmap-hotspots: where high or low values of areas lie together. */
#define _POSIX_C_SOURCE 200809L
#include "common.h"
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 10 };

static rm_hotspots_options chosen = RM_HOTSPOTS_OPTIONS_INIT;
static struct {
    char *statistic, *neighbours, *p, *classification;
    int seed, overwrite;
} given = {.seed = 1};

static struct poptOption hotspots_table[] = {
    {"field", '\0', POPT_ARG_STRING, &chosen.field, 0, "the field of the areas with their value",
     "FIELD"},
    {"count", '\0', POPT_ARG_STRING, &chosen.count, 0, "or the points to count in the areas",
     "FILE"},
    {"count-where", '\0', POPT_ARG_STRING, &chosen.count_where, 0, "those that count", "CONDITION"},
    {"per-field", '\0', POPT_ARG_STRING, &chosen.per_field, 0,
     "the field that the value is divided by, as addresses or inhabitants", "FIELD"},
    {"per", '\0', POPT_ARG_STRING, &chosen.per, 0, "or the points to count for it", "FILE"},
    {"per-where", '\0', POPT_ARG_STRING, &chosen.per_where, 0, "those that count", "CONDITION"},
    {"per-units", '\0', POPT_ARG_DOUBLE, &chosen.per_units, 0, "per how many (default: 1000)", "N"},
    {"statistic", '\0', POPT_ARG_STRING, &given.statistic, 0,
     "gi*, Getis-Ord (default), or moran, local Moran", "gi*|moran"},
    {"neighbours", '\0', POPT_ARG_STRING, &given.neighbours, 0,
     "queen (default), rook, metres as 500m, or so many nearest as 8", "queen|rook|500m|8"},
    {"tolerance", '\0', POPT_ARG_DOUBLE, &chosen.tolerance_m, 0,
     "gaps and overlaps of queen and rook up to this (default: 0.001)", "M"},
    {"p", '\0', POPT_ARG_STRING, &given.p, 0,
     "shared (default): one large table of permutations; own: of each area; analytic",
     "shared|own|analytic"},
    {"permutations", '\0', POPT_ARG_INT, &chosen.permutations, 0,
     "how many (default: 99999 shared, 999 own)", "N"},
    {"seed", '\0', POPT_ARG_INT, &given.seed, 0, "of the permutations (default: 1)", "N"},
    {"uncorrected", '\0', POPT_ARG_NONE, &chosen.uncorrected, 0,
     "classes without correction for the number of areas", NULL},
    {"layer", '\0', POPT_ARG_STRING, &chosen.layer, 0, "the layer with the areas", "NAME"},
    {"where", '\0', POPT_ARG_STRING, &chosen.where, 0, "the areas that count", "CONDITION"},
    {"id", '\0', POPT_ARG_STRING, &chosen.id, 0, "the field that tells areas apart", "FIELD"},
    {"name", '\0', POPT_ARG_STRING, &chosen.name, 0, "the field with their name", "FIELD"},
    {"target-crs", '\0', POPT_ARG_STRING, &chosen.target_crs, 0, "in metres (default: EPSG:28992)",
     "CRS"},
    {"classification", '\0', POPT_ARG_STRING, &given.classification, 0,
     "of what is read: shielded (default), or open for what is public already", "shielded|open"},
    {"only-best", '\0', POPT_ARG_NONE, &chosen.only_best, 0,
     "fail when the best coordinate operation lacks its grid", NULL},
    {"overwrite", '\0', POPT_ARG_NONE, &given.overwrite, 0, "replace existing files", NULL},
    POPT_TABLEEND};

static const char *const EXAMPLE =
    "Finds where high or low values of areas lie together, with the correction for testing many\n"
    "areas, and writes a GeoPackage that opens styled in QGIS.\n"
    "Exit code: 0 done, 1 failed, 2 wrong use, 130 stopped.\n\n"
    "Examples:\n"
    "  riskmap-hotspots buurten.gpkg hot.gpkg --count meldingen.csv --per-field aantal_inwoners\n"
    "  riskmap-hotspots parken.gpkg hot.gpkg --field score --neighbours 8 --statistic moran";

/* ---- reading the command line ---- */

static int read_neighbours(const char *text)
{
    char *end = NULL;
    if (!text || strcmp(text, "queen") == 0)
        return EXIT_FINE;
    if (strcmp(text, "rook") == 0) {
        chosen.neighbours = RM_NEIGHBOURS_ROOK;
        return EXIT_FINE;
    }
    double number = strtod(text, &end);
    if (end != text && strcmp(end, "m") == 0) {
        chosen.neighbours = RM_NEIGHBOURS_BAND;
        chosen.metres = number;
        return EXIT_FINE;
    }
    if (end == text || *end || number != floor(number) || fabs(number) > 1e9)
        return usage_error("takes queen, rook, metres as 500m, or a number of nearest as 8",
                           "--neighbours");
    chosen.neighbours = RM_NEIGHBOURS_NEAREST;
    chosen.nearest = (int32_t)number;
    return EXIT_FINE;
}

static int read_all_options(void)
{
    static const char *const statistics[] = {"gi*", "moran"}, *const ps[] = {"shared", "own",
                                                                             "analytic"};
    static const char *const classes[] = {"shielded", "open"};
    int code = find_word(&chosen.statistic, given.statistic, "--statistic", statistics, 2);
    if (code == EXIT_FINE)
        code = find_word(&chosen.p_by, given.p, "--p", ps, 3);
    if (code == EXIT_FINE)
        code = find_word(&chosen.open, given.classification, "--classification", classes, 2);
    if (code == EXIT_FINE)
        code = read_neighbours(given.neighbours);
    chosen.seed = (uint64_t)given.seed;
    chosen.threads = common.threads;
    chosen.progress = show_progress;
    return code;
}

/* ---- telling ---- */

static void print_global(const rm_hotspots_facts *facts)
{
    printf("Moran's I ");
    print_number(facts->moran.statistic, 3);
    printf(" (z ");
    print_number(facts->moran.z, 1);
    printf("): %s\n",
           facts->moran.p >= 0.05 ? words("waarden liggen niet meer bij elkaar dan bij toeval",
                                          "values lie together no more than by chance")
           : facts->moran.z > 0
               ? words("gelijke waarden liggen bij elkaar", "like values lie together")
               : words("ongelijke waarden liggen bij elkaar", "unlike values lie together"));
}

static void print_counts(const rm_hotspots *hotspots, const rm_hotspots_facts *facts)
{
    long long areas = (long long)rm_hotspots_count(hotspots);
    printf(words("%lld gebieden: %lld in een hotspot, %lld in een koude plek",
                 "%lld areas: %lld in "
                 "a hot spot, %lld in a cold one"),
           areas, (long long)facts->hot, (long long)facts->cold);
    if (chosen.statistic == RM_HOTSPOTS_LOCAL_MORAN)
        printf(words(", %lld anders dan hun buren", ", %lld unlike their neighbours"),
               (long long)facts->outliers);
    printf(".\n");
    printf(words("Zonder correctie hebben er %lld p < 0,05; bij louter toeval zouden dat er ",
                 "Without correction %lld have p < 0.05; chance alone would give "),
           (long long)facts->uncorrected);
    print_number(facts->expected_by_chance, 0);
    printf("%s.\n", words(" zijn", ""));
    if (facts->permutations && !chosen.uncorrected && facts->uncorrected > 0 &&
        facts->least_p_corrected > 0.01)
        printf(words("Na de correctie is geen p kleiner dan 0,01: %d permutaties kunnen bij zoveel "
                     "gebieden niet zekerder zijn; --permutations neemt er meer.\n",
                     "After correction no p is below 0.01: %d permutations cannot be surer of so "
                     "many areas; --permutations takes more.\n"),
               facts->permutations);
    if (facts->islands)
        printf(words("%lld gebieden hebben geen buren en zijn apart gehouden.\n",
                     "%lld areas have no neighbours and stand by themselves.\n"),
               (long long)facts->islands);
    if (facts->missing)
        printf(words("%lld gebieden hebben geen waarde.\n", "%lld areas have no value.\n"),
               (long long)facts->missing);
    if (chosen.count)
        printf(words("%lld punten liggen in een gebied, %lld in geen enkel.\n",
                     "%lld points lie in an area, %lld in none.\n"),
               (long long)facts->counted, (long long)facts->uncounted);
}

static int compare_hot(const void *a, const void *b)
{
    const rm_hotspot *p = a, *q = b;
    if (p->class_ != q->class_)
        return p->class_ > q->class_ ? -1 : 1;
    return (p->z < q->z) - (p->z > q->z);
}

static void print_top(const rm_hotspots *hotspots)
{
    int64_t count = 0;
    rm_hotspot *hot = calloc((size_t)rm_hotspots_count(hotspots) + 1, sizeof *hot);
    for (int64_t a = 0; hot && a < rm_hotspots_count(hotspots); a++) {
        bool gi = chosen.statistic == RM_HOTSPOTS_GI_STAR;
        if (rm_hotspots_at(hotspots, a, &hot[count], NULL) == RM_OK)
            count += gi ? hot[count].class_ > 0 : hot[count].class_ == RM_LISA_HIGH_HIGH;
    }
    if (hot)
        qsort(hot, (size_t)count, sizeof *hot, compare_hot);
    for (int64_t h = 0; hot && h < count && h < TOP; h++) {
        char text[64] = "";
        rm_hotspots_class_text(hotspots, hot[h].class_, common.language, text, sizeof text, NULL);
        printf("  %s%s%s%s: %s ", hot[h].name[0] ? hot[h].name : hot[h].id,
               hot[h].name[0] ? " (" : "", hot[h].name[0] ? hot[h].id : "",
               hot[h].name[0] ? ")" : "", words("waarde", "value"));
        print_number(hot[h].value, hot[h].value == floor(hot[h].value) ? 0 : 2);
        printf(", z ");
        print_number(hot[h].z, 1);
        printf(" - %s\n", text);
    }
    free(hot);
}

static void print_hotspots(const rm_hotspots *hotspots, const char *path)
{
    rm_hotspots_facts facts;
    rm_hotspots_facts_of(hotspots, &facts);
    print_global(&facts);
    print_counts(hotspots, &facts);
    print_top(hotspots);
    if (facts.shielded)
        printf(words("AFGESCHERMD: %s is alleen voor u leesbaar; niet verspreiden.\n",
                     "AFGESCHERMD (shielded): %s can be read by you alone; do not pass it on.\n"),
               path);
    printf("%s\n", words(facts.disclaimer, facts.disclaimer_en));
}

static void print_json(const rm_hotspots *hotspots, const char *path)
{
    rm_hotspots_facts facts;
    struct json_object *out = json_object_new_object();
    rm_hotspots_facts_of(hotspots, &facts);
    json_object_object_add(out, "result", json_object_new_string(path));
    json_object_object_add(out, "shielded", json_object_new_boolean(facts.shielded));
    json_object_object_add(out, "areas", json_object_new_int64(rm_hotspots_count(hotspots)));
    json_object_object_add(out, "moran", json_object_new_double(facts.moran.statistic));
    json_object_object_add(out, "moran_z", json_object_new_double(facts.moran.z));
    json_object_object_add(out, "links", json_object_new_int64(facts.links));
    json_object_object_add(out, "islands", json_object_new_int64(facts.islands));
    json_object_object_add(out, "missing", json_object_new_int64(facts.missing));
    json_object_object_add(out, "hot", json_object_new_int64(facts.hot));
    json_object_object_add(out, "cold", json_object_new_int64(facts.cold));
    json_object_object_add(out, "outliers", json_object_new_int64(facts.outliers));
    json_object_object_add(out, "uncorrected", json_object_new_int64(facts.uncorrected));
    json_object_object_add(out, "expected_by_chance",
                           json_object_new_double(facts.expected_by_chance));
    json_object_object_add(out, "counted", json_object_new_int64(facts.counted));
    json_object_object_add(out, "uncounted", json_object_new_int64(facts.uncounted));
    json_object_object_add(out, "disclaimer", json_object_new_string(facts.disclaimer_en));
    json_print(out);
}

static int run(const char *areas, const char *path)
{
    rm_error error;
    rm_hotspots *hotspots = NULL;
    int code = read_all_options();
    if (code == EXIT_FINE)
        code = check_ending(path, ".gpkg",
                            words("de uitvoer is een GeoPackage, hot.gpkg",
                                  "the output is a GeoPackage, hot.gpkg"));
    if (code == EXIT_FINE)
        code = check_output(path, given.overwrite);
    if (code != EXIT_FINE)
        return code;
    rm_status status = rm_hotspots_make(&hotspots, areas, &chosen, &error);
    if (status == RM_OK)
        status = rm_hotspots_write(hotspots, path, given.overwrite, common.language, &error);
    clear_progress();
    if (status != RM_OK)
        code = fail_without_model(&error);
    else if (common.json)
        print_json(hotspots, path);
    else if (!common.quiet)
        print_hotspots(hotspots, path);
    rm_hotspots_free(hotspots);
    return code;
}

int main(int argc, const char **argv)
{
    poptContext context = NULL;
    int code =
        read_options(&context, argc, argv, hotspots_table, "AREAS OUT.gpkg [OPTION...]", EXAMPLE);
    if (code == EXIT_FINE) {
        const char *areas = poptGetArg(context), *path = poptGetArg(context);
        stop_on_interrupt();
        if (!path || poptGetArg(context))
            code = usage_error("takes areas and a GeoPackage to write; see --help",
                               "riskmap-hotspots");
        else
            code = run(areas, path);
    }
    poptFreeContext(context);
    return code;
}
