/* riskmap-score: scores the areas of a model and writes the result. */
#define _POSIX_C_SOURCE 200809L
#include "account.h"
#include "common.h"
#include "json.h"
#include "overrides.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 10, REASONS = 3 };

typedef struct score_options {
    char **layers; /* NAME=SOURCE */
    char *as_of, *reference, *table, *output, *schema;
    int only_best, overwrite;
} score_options;

static score_options chosen;

static struct poptOption score_table[] = {
    {"layer", '\0', POPT_ARG_ARGV, &chosen.layers, 0,
     "take a layer of the model from another source (may be repeated)", "NAME=SOURCE"},
    {"as-of", '\0', POPT_ARG_STRING, &chosen.as_of, 0,
     "the day that ages and half-lives count from (default: today)", "YYYY-MM-DD"},
    {"reference", '\0', POPT_ARG_STRING, &chosen.reference, 0,
     "scale as this earlier result did, so that scores can be compared", "OLD.gpkg"},
    {"table", '\0', POPT_ARG_STRING, &chosen.table, 0,
     "also write the list for the meeting, as .xlsx or .csv", "TOP.xlsx"},
    {"output", '\0', POPT_ARG_STRING, &chosen.output, 0,
     "the result, in place of RESULT: a file, or a PostGIS database as \"PG:host=... dbname=...\"",
     "RESULT"},
    {"schema", '\0', POPT_ARG_STRING, &chosen.schema, 0,
     "the schema of that database that the tables come in (default: riskmap)", "NAME"},
    {"only-best", '\0', POPT_ARG_NONE, &chosen.only_best, 0,
     "fail when the best coordinate operation lacks its grid", NULL},
    {"overwrite", '\0', POPT_ARG_NONE, &chosen.overwrite, 0, "replace existing files", NULL},
    POPT_TABLEEND};

static const char *const EXAMPLE =
    "Reads the layers of a model, lays the evidence over its areas, and writes scores with their\n"
    "reasons as a GeoPackage that opens styled in QGIS. Prints the ten highest.\n"
    "Exit code: 0 done, 1 failed, 2 wrong use, 130 stopped.\n\n"
    "Example:\n"
    "  riskmap-score vakantieparken.json result.gpkg --layer meldingen=2026.csv --table top.xlsx";

static void print_place(const rm_result *result, int64_t area)
{
    rm_area place;
    int32_t reasons[REASONS];
    char reason[512];
    if (rm_result_area(result, area, &place, NULL) != RM_OK)
        return;
    printf("%4d. ", place.rank);
    print_number(place.score, 2);
    printf("  %s", place.name[0] ? place.name : place.id);
    if (place.name[0])
        printf(" (%s)", place.id);
    printf("\n");
    int32_t found = rm_result_reasons(result, area, reasons, REASONS);
    for (int32_t r = 0; r < found; r++)
        if (rm_result_reason_text(result, area, reasons[r], common.language, reason, sizeof reason,
                                  NULL) == RM_OK)
            printf("        - %s\n", reason);
}

/* Why areas have no rank: no geometry, or too little data, and which data. */
static void print_unranked(const rm_result *result)
{
    int64_t count = rm_result_area_count(result), without = 0, unranked = 0;
    int32_t indicators = rm_result_indicator_count(result);
    int64_t *missing = calloc((size_t)indicators + 1, sizeof *missing);
    for (int64_t a = 0; a < count; a++) {
        rm_area place;
        if (rm_result_area(result, a, &place, NULL) != RM_OK || place.rank > 0)
            continue;
        unranked++;
        without += isnan(place.area_m2);
        for (int32_t k = 0; k < indicators && missing && !isnan(place.area_m2); k++) {
            rm_contribution part;
            if (rm_result_contribution(result, a, k, &part, NULL) == RM_OK)
                missing[k] += isnan(part.scaled);
        }
    }
    printf(words("%lld gebieden, %lld gerangschikt", "%lld areas, %lld ranked"), (long long)count,
           (long long)(count - unranked));
    if (unranked)
        printf(words("; %lld niet: %lld zonder bruikbare geometrie, %lld met te weinig gegevens",
                     "; %lld not: %lld without usable geometry, %lld with too little data"),
               (long long)unranked, (long long)without, (long long)(unranked - without));
    printf(".\n");
    for (int32_t k = 0; k < indicators && missing; k++) {
        rm_result_indicator indicator;
        if (missing[k] && rm_result_indicator_at(result, k, &indicator, NULL) == RM_OK)
            printf(words("  bij %lld daarvan ontbreekt: %s\n", "  %lld of them lack: %s\n"),
                   (long long)missing[k], words(indicator.label, indicator.label_en));
    }
    free(missing);
}

static void print_result(const rm_result *result, const rm_model *model, const char *path)
{
    char line[512];
    printf("%s\n\n", rm_model_title(model)[0] ? rm_model_title(model) : rm_model_name(model));
    for (int64_t p = 0; p < TOP && rm_result_ranked(result, p) >= 0; p++)
        print_place(result, rm_result_ranked(result, p));
    printf("\n");
    print_unranked(result);
    print_account(result);
    if (rm_result_issue_count(result))
        printf(words("%lld bevindingen over losse objecten: zie de tabel issues.\n",
                     "%lld findings about single features: see the table issues.\n"),
               (long long)rm_result_issue_count(result));
    if (rm_result_is_shielded(result))
        printf(words("AFGESCHERMD: %s is alleen voor u leesbaar; niet verspreiden.\n",
                     "AFGESCHERMD (shielded): %s can be read by you alone; do not pass it on.\n"),
               path);
    if (rm_result_disclaimer(result, common.language, line, sizeof line, NULL) == RM_OK)
        printf("%s\n", line);
}

static struct json_object *json_place(const rm_result *result, int64_t area)
{
    rm_area place;
    int32_t reasons[REASONS];
    char reason[512];
    struct json_object *out = json_object_new_object(), *list = json_object_new_array();
    if (rm_result_area(result, area, &place, NULL) != RM_OK)
        return out;
    json_object_object_add(out, "rank", json_object_new_int(place.rank));
    json_object_object_add(out, "id", json_object_new_string(place.id));
    json_object_object_add(out, "name", json_object_new_string(place.name));
    json_object_object_add(out, "score", json_number(place.score));
    json_object_object_add(out, "coverage", json_number(place.coverage));
    int32_t found = rm_result_reasons(result, area, reasons, REASONS);
    for (int32_t r = 0; r < found; r++)
        if (rm_result_reason_text(result, area, reasons[r], common.language, reason, sizeof reason,
                                  NULL) == RM_OK)
            json_object_array_add(list, json_object_new_string(reason));
    json_object_object_add(out, "reasons", list);
    return out;
}

static void print_json(const rm_result *result, const rm_model *model, const char *path)
{
    char line[512] = "";
    struct json_object *out = json_object_new_object(), *top = json_object_new_array();
    rm_result_disclaimer(result, common.language, line, sizeof line, NULL);
    for (int64_t p = 0; p < TOP && rm_result_ranked(result, p) >= 0; p++)
        json_object_array_add(top, json_place(result, rm_result_ranked(result, p)));
    json_object_object_add(out, "model", json_object_new_string(rm_model_name(model)));
    json_object_object_add(out, "result", json_object_new_string(path));
    json_object_object_add(out, "shielded", json_object_new_boolean(rm_result_is_shielded(result)));
    json_object_object_add(out, "areas", json_object_new_int64(rm_result_area_count(result)));
    json_object_object_add(out, "ranked", json_object_new_int64(rm_result_ranked_count(result)));
    json_object_object_add(out, "issues", json_object_new_int64(rm_result_issue_count(result)));
    json_object_object_add(out, "disclaimer", json_object_new_string(line));
    json_object_object_add(out, "top", top);
    json_print(out);
}

static int write_files(const rm_result *result, const char *path)
{
    rm_error error;
    rm_write_options options = RM_WRITE_OPTIONS_INIT;
    options.overwrite = chosen.overwrite;
    options.language = common.language;
    options.schema = chosen.schema;
    options.progress = show_progress;
    if (rm_result_write(result, path, &options, &error) != RM_OK)
        return fail(&error);
    if (chosen.table && rm_result_write_table(result, chosen.table, &options, &error) != RM_OK)
        return fail(&error);
    return EXIT_FINE;
}

static int score(const rm_model *model, const rm_run_options *options, const char *path)
{
    rm_error error;
    rm_result *result = NULL;
    if (rm_run(&result, model, options, &error) != RM_OK)
        return fail(&error);
    int code = write_files(result, path);
    clear_progress();
    if (code == EXIT_FINE && common.json)
        print_json(result, model, path);
    else if (code == EXIT_FINE && !common.quiet)
        print_result(result, model, path);
    rm_result_free(result);
    return code;
}

static int check_result(const char *path)
{
    rm_error error;
    rm_write_options options = RM_WRITE_OPTIONS_INIT;
    options.overwrite = chosen.overwrite;
    options.schema = chosen.schema;
    return rm_result_write_check(path, &options, &error) == RM_OK ? EXIT_FINE : fail(&error);
}

static int check_table(const char *path)
{
    const char *message = words("de lijst is een werkblad, top.xlsx, of tekst, top.csv",
                                "the list is a workbook, top.xlsx, or text, top.csv");
    int code = has_ending(path, ".csv") ? EXIT_FINE : check_ending(path, ".xlsx", message);
    return code == EXIT_FINE ? check_output(path, chosen.overwrite) : code;
}

static int run_with(const char *model_path, const char *result_path, const char *command)
{
    rm_error error;
    rm_model *model = NULL;
    overrides taken = {0};
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    int code = split_overrides(&taken, chosen.layers);
    if (code == EXIT_FINE && chosen.as_of && !read_date(chosen.as_of, &options.as_of))
        code = usage_error("is no date; write it as 2026-11-01", chosen.as_of);
    options.threads = common.threads;
    options.only_best = chosen.only_best;
    options.override_count = taken.count;
    options.override_names = taken.names;
    options.override_sources = taken.sources;
    options.reference = chosen.reference;
    options.command = command;
    options.progress = show_progress;
    if (code == EXIT_FINE)
        code = check_result(result_path);
    if (code == EXIT_FINE && chosen.table)
        code = check_table(chosen.table);
    if (code == EXIT_FINE && rm_model_read(&model, model_path, &error) != RM_OK)
        code = fail(&error);
    if (code == EXIT_FINE)
        code = score(model, &options, result_path);
    rm_model_free(model);
    free_overrides(&taken);
    return code;
}

/* The command as it was typed, for the record. */
static char *join_command(int argc, const char **argv)
{
    size_t length = 1;
    for (int a = 0; a < argc; a++)
        length += strlen(argv[a]) + 1;
    char *out = calloc(1, length);
    for (int a = 0; out && a < argc; a++) {
        strcat(out, a ? " " : "");
        strcat(out, argv[a]);
    }
    return out;
}

int main(int argc, const char **argv)
{
    poptContext context = NULL;
    int code = read_options(&context, argc, argv, score_table, "MODEL.json RESULT.gpkg [OPTION...]",
                            EXAMPLE);
    if (code == EXIT_FINE) {
        const char *model = poptGetArg(context);
        const char *result = chosen.output ? chosen.output : poptGetArg(context);
        char *command = join_command(argc, argv);
        stop_on_interrupt();
        if (!result || poptGetArg(context))
            code = usage_error("takes a model and a result; see --help", "riskmap-score");
        else
            code = run_with(model, result, command);
        free(command);
    }
    poptFreeContext(context);
    return code;
}
