/* riskmap-check: what a model needs, what of it is there, and what can be computed. */
#include "common.h"
#include "gaps.h"
#include "json.h"
#include "layout.h"
#include "matching.h"
#include "overrides.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* STATE: where what follows the state begins; WORD: the widest state of a layer */
enum { STATE = 10, WORD = 11, MOST_NAMES = 28 };

static struct check_options {
    char **layers; /* NAME=SOURCE */
    char *data, *write;
    int only_best, overwrite, quick, complete;
} chosen = {.complete = 90};

static struct poptOption check_table[] = {
    {"layer", '\0', POPT_ARG_ARGV, &chosen.layers, 0,
     "take a layer of the model from another source (may be repeated)", "NAME=SOURCE"},
    {"data", '\0', POPT_ARG_STRING, &chosen.data, 0,
     "match the files in a folder to the layers of the model; asks what is unclear", "FOLDER"},
    {"write", '\0', POPT_ARG_STRING, &chosen.write, 0,
     "with --data: write the model with the sources that were found", "MINE.json"},
    {"overwrite", '\0', POPT_ARG_NONE, &chosen.overwrite, 0, "replace an existing file", NULL},
    {"complete", '\0', POPT_ARG_INT, &chosen.complete, 0,
     "a field that is filled in fewer rows is incomplete (default: 90)", "PERCENT"},
    {"quick", '\0', POPT_ARG_NONE, &chosen.quick, 0,
     "only open the sources: nothing is said of age and completeness", NULL},
    {"only-best", '\0', POPT_ARG_NONE, &chosen.only_best, 0,
     "a missing grid of the best coordinate operation is a problem", NULL},
    POPT_TABLEEND};

static const char *const EXAMPLE =
    "The checklist before a case. Opens the sources of a model as riskmap-score would: which "
    "layers\n"
    "and fields it needs, which are missing, too old or incomplete, which indicators can be "
    "computed,\n"
    "and what every gap does to the score.\n"
    "With --data the files in a folder are matched to the layers of the model, by what they are\n"
    "recognised as, their fields and their names; on a terminal it asks what is unclear.\n"
    "Exit code: 0 all is there, 1 failed, 2 wrong use, 3 problems found, 4 something is unclear "
    "and\n"
    "nobody was there to ask, 130 stopped.\n\n"
    "Examples:\n"
    "  riskmap-check vakantieparken.json --layer meldingen=2026.csv\n"
    "  riskmap-check vakantieparken.json --data mijn-gegevens --write mijn-model.json";

static void print_state(bool fine, bool used)
{
    const char *bad = used ? words("FOUT", "WRONG") : words("let op", "note");
    printf("  ");
    print_cell(fine ? words("goed", "fine") : bad, STATE - 4, false);
    printf("  ");
}

static void print_detail(const char *text)
{
    printf("%*s", WORD + 4, "");
    print_wrapped(stdout, text, WORD + 4, WORD + 4);
}

static void print_crs(const rm_checked_layer *layer)
{
    char line[2048], accuracy[NUMBER_ROOM];
    if (!layer->crs_operation[0])
        return;
    if (isnan(layer->crs_accuracy_m))
        snprintf(accuracy, sizeof accuracy, "%s", words("onbekend", "unknown"));
    else
        format_number(accuracy, layer->crs_accuracy_m);
    snprintf(
        line, sizeof line,
        words("%s, wordt op %s m nauwkeurig omgezet", "%s, will be transformed to within %s m"),
        layer->crs, accuracy);
    if (layer->missing_grid[0])
        snprintf(line + strlen(line), sizeof line - strlen(line),
                 words("; nauwkeuriger met het grid %s: projsync --file %s",
                       "; better with the grid %s: projsync --file %s"),
                 layer->missing_grid, layer->missing_grid);
    print_detail(line);
}

static void print_age(const rm_checked_layer *layer)
{
    char line[512], date[256], most[NUMBER_ROOM];
    if (layer->data_date == INT32_MIN)
        return;
    describe_date(date, sizeof date, layer);
    snprintf(line, sizeof line, words("gegevens van %s", "data of %s"), date);
    if (layer->max_age_days > 0) {
        format_number(most, layer->max_age_days);
        snprintf(line + strlen(line), sizeof line - strlen(line),
                 words(", hooguit %s dagen oud", ", %s days old at most"), most);
    }
    print_detail(line);
}

static void describe_layer(char *out, size_t size, const rm_checked_layer *layer)
{
    char count[NUMBER_ROOM];
    format_count(count, layer->features);
    snprintf(out, size, "%s%s%s", layer->shielded ? words("afgeschermd", "shielded") : "open",
             layer->areas ? words(", de gebieden", ", the areas") : "",
             layer->used ? "" : words(", niet gebruikt", ", not used"));
    if (layer->geometry_type[0])
        snprintf(out + strlen(out), size - strlen(out), ", %s",
                 geometry_word(layer->geometry_type));
    if (layer->features >= 0)
        snprintf(out + strlen(out), size - strlen(out), ", %s %s", count,
                 layer->features == 1 ? words("object", "feature") : words("objecten", "features"));
    if (layer->crs[0] && !layer->crs_operation[0])
        snprintf(out + strlen(out), size - strlen(out), ", %s", layer->crs);
}

static void print_layer(const rm_checked_layer *layer, int names)
{
    char line[512];
    describe_layer(line, sizeof line, layer);
    printf("  ");
    print_cell(layer_state_word(layer->state), WORD, false);
    printf("  ");
    print_name(layer->name, names);
    printf("  ");
    print_wrapped(stdout, line, WORD + 4 + names + 2, WORD + 4 + names + 2);
    print_detail(layer->source);
    if (layer->fields[0]) {
        snprintf(line, sizeof line, words("velden: %s", "fields: %s"), layer->fields);
        print_detail(line);
    }
    print_age(layer);
    print_crs(layer);
}

static void print_layers(const rm_checklist *list)
{
    rm_checked_layer layer;
    int names = 0;
    for (int32_t l = 0; l < rm_checklist_layer_count(list); l++)
        if (rm_checklist_layer(list, l, &layer, NULL) == RM_OK && text_width(layer.name) > names)
            names = text_width(layer.name);
    names = names > MOST_NAMES ? MOST_NAMES : names;
    printf("%s\n", words("Lagen", "Layers"));
    for (int32_t l = 0; l < rm_checklist_layer_count(list); l++)
        if (rm_checklist_layer(list, l, &layer, NULL) == RM_OK)
            print_layer(&layer, names);
}

static void print_indicators(const rm_checklist *list)
{
    rm_checked_indicator indicator;
    char line[512];
    printf("\n%s\n", words("Indicatoren", "Indicators"));
    for (int32_t k = 0; k < rm_checklist_indicator_count(list); k++) {
        if (rm_checklist_indicator(list, k, &indicator, NULL) != RM_OK)
            continue;
        print_state(!indicator.problem[0], true);
        snprintf(line, sizeof line, "%s (%s)", words(indicator.label, indicator.label_en),
                 indicator.measure);
        if (indicator.problem_layer[0])
            snprintf(line + strlen(line), sizeof line - strlen(line),
                     words(": kan niet, door laag \"%s\"",
                           ": cannot be computed, because of layer \"%s\""),
                     indicator.problem_layer);
        else if (indicator.problem[0])
            snprintf(
                line + strlen(line), sizeof line - strlen(line), "%s",
                words(": kan niet, zie de bevindingen", ": cannot be computed, see the findings"));
        print_wrapped(stdout, line, STATE, STATE + 2);
    }
}

/* Where a finding belongs, then what it says. */
static void print_findings(FILE *file, const rm_checklist *list)
{
    rm_checked_finding finding;
    for (int32_t f = 0; f < rm_checklist_finding_count(list); f++) {
        char line[2048] = "";
        if (rm_checklist_finding(list, f, &finding, NULL) != RM_OK)
            continue;
        if (finding.layer[0])
            snprintf(line, sizeof line, "%s \"%s\"", words("laag", "layer"), finding.layer);
        if (finding.indicator[0])
            snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s \"%s\"",
                     line[0] ? ", " : "", words("indicator", "indicator"), finding.indicator);
        snprintf(line + strlen(line), sizeof line - strlen(line), ": %s", finding.message);
        if (file == stderr) {
            fprintf(file, "%s\n", line);
        } else {
            fputs("  - ", file);
            print_wrapped(file, line, 4, 4);
        }
    }
}

typedef struct totals {
    int layers, bad_layers, indicators, bad_indicators;
} totals;

static totals count_all(const rm_checklist *list)
{
    totals out = {0};
    rm_checked_layer layer;
    rm_checked_indicator indicator;
    for (int32_t l = 0; l < rm_checklist_layer_count(list); l++)
        if (rm_checklist_layer(list, l, &layer, NULL) == RM_OK && layer.used) {
            out.layers++;
            out.bad_layers += layer.problem[0] != '\0';
        }
    for (int32_t k = 0; k < rm_checklist_indicator_count(list); k++)
        if (rm_checklist_indicator(list, k, &indicator, NULL) == RM_OK) {
            out.indicators++;
            out.bad_indicators += indicator.problem[0] != '\0';
        }
    return out;
}

static void print_verdict(const rm_checklist *list)
{
    totals all = count_all(list);
    if (rm_checklist_problem_count(list) == 0)
        printf(words("Oordeel: dit model kan worden berekend (%d lagen, %d indicatoren).\n",
                     "Verdict: this model can be computed (%d layers, %d indicators).\n"),
               all.layers, all.indicators);
    else
        printf(words("Oordeel: dit model kan zo niet worden berekend; niet in orde: %d van de %d "
                     "lagen en "
                     "%d van de %d indicatoren.\n",
                     "Verdict: this model cannot be computed as it is; not in order: %d of %d "
                     "layers and "
                     "%d of %d indicators.\n"),
               all.bad_layers, all.layers, all.bad_indicators, all.indicators);
}

static void print_checklist(const rm_checklist *list, const rm_model *model)
{
    printf("%s\n\n", rm_model_title(model)[0] ? rm_model_title(model) : rm_model_name(model));
    print_layers(list);
    print_indicators(list);
    if (rm_checklist_finding_count(list) > 0) {
        printf("\n%s\n", words("Bevindingen", "Findings"));
        print_findings(stdout, list);
    }
    if (!chosen.quick)
        print_gaps(list);
    printf("\n");
    print_verdict(list);
}

static void add_truth(struct json_object *out, const char *key, bool value)
{
    json_object_object_add(out, key, json_object_new_boolean(value));
}

static struct json_object *json_layer(const rm_checked_layer *layer)
{
    char date[16] = "";
    struct json_object *out = json_object_new_object();
    json_add_text(out, "name", layer->name);
    json_add_text(out, "source", layer->source);
    json_add_text(out, "driver", layer->driver);
    json_add_text(out, "geometry_type", layer->geometry_type);
    json_add_text(out, "fields", layer->fields);
    json_add_text(out, "crs", layer->crs);
    json_add_text(out, "crs_operation", layer->crs_operation);
    json_object_object_add(out, "crs_accuracy_m", json_number(layer->crs_accuracy_m));
    json_add_text(out, "missing_grid", layer->missing_grid);
    json_object_object_add(out, "features",
                           layer->features >= 0 ? json_object_new_int64(layer->features) : NULL);
    add_truth(out, "used", layer->used);
    add_truth(out, "areas", layer->areas);
    add_truth(out, "shielded", layer->shielded);
    json_add_text(out, "state", layer_state_name(layer->state));
    if (!chosen.quick) {
        write_date(layer->data_date, date);
        json_add_text(out, "data_date", layer->data_date == INT32_MIN ? "" : date);
        json_add_text(out, "dated_by", layer->dated_by);
        add_truth(out, "too_old", layer->too_old);
        add_truth(out, "incomplete", layer->incomplete);
        json_object_object_add(out, "max_age_days",
                               layer->max_age_days > 0 ? json_object_new_double(layer->max_age_days)
                                                       : NULL);
        json_object_object_add(out, "weight_share", json_object_new_double(layer->weight_share));
    }
    json_add_text(out, "problem", layer->problem);
    return out;
}

static struct json_object *json_indicator(const rm_checked_indicator *indicator)
{
    struct json_object *out = json_object_new_object();
    json_add_text(out, "name", indicator->name);
    json_add_text(out, "label", words(indicator->label, indicator->label_en));
    json_add_text(out, "measure", indicator->measure);
    json_add_text(out, "problem", indicator->problem);
    json_add_text(out, "problem_layer", indicator->problem_layer);
    return out;
}

static struct json_object *json_finding(const rm_checked_finding *finding)
{
    struct json_object *out = json_object_new_object();
    json_add_text(out, "layer", finding->layer);
    json_add_text(out, "indicator", finding->indicator);
    json_add_text(out, "message", finding->message);
    return out;
}

static void print_json(const rm_checklist *list, const rm_model *model, const rm_match *match)
{
    rm_checked_layer layer;
    rm_checked_indicator indicator;
    rm_checked_finding finding;
    struct json_object *out = json_object_new_object(), *layers = json_object_new_array();
    struct json_object *indicators = json_object_new_array(), *findings = json_object_new_array();
    for (int32_t l = 0; l < rm_checklist_layer_count(list); l++)
        if (rm_checklist_layer(list, l, &layer, NULL) == RM_OK)
            json_object_array_add(layers, json_layer(&layer));
    for (int32_t k = 0; k < rm_checklist_indicator_count(list); k++)
        if (rm_checklist_indicator(list, k, &indicator, NULL) == RM_OK)
            json_object_array_add(indicators, json_indicator(&indicator));
    for (int32_t f = 0; f < rm_checklist_finding_count(list); f++)
        if (rm_checklist_finding(list, f, &finding, NULL) == RM_OK)
            json_object_array_add(findings, json_finding(&finding));
    json_add_text(out, "model", rm_model_name(model));
    json_object_object_add(out, "problems", json_object_new_int(rm_checklist_problem_count(list)));
    json_object_object_add(out, "layers", layers);
    json_object_object_add(out, "indicators", indicators);
    json_object_object_add(out, "findings", findings);
    if (!chosen.quick) {
        json_object_object_add(out, "fields", json_checked_fields(list));
        json_object_object_add(out, "effect", json_effect(list));
    }
    if (match)
        json_object_object_add(out, "match", json_match(match));
    json_print(out);
}

static int check(const rm_model *model, const rm_run_options *options, const rm_match *match)
{
    rm_error error;
    rm_checklist *list = NULL;
    if (rm_check(&list, model, options, &error) != RM_OK)
        return fail(&error);
    if (!chosen.quick &&
        rm_checklist_measure(list, model, options, chosen.complete / 100.0, &error) != RM_OK) {
        rm_checklist_free(list);
        return fail(&error);
    }
    clear_progress();
    if (common.json)
        print_json(list, model, match);
    else if (common.quiet)
        print_findings(stderr, list);
    else
        print_checklist(list, model);
    int code = rm_checklist_problem_count(list) > 0 ? EXIT_PROBLEMS : EXIT_FINE;
    rm_checklist_free(list);
    return code;
}

static rm_run_options options_with(const overrides *taken)
{
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    options.threads = common.threads;
    options.only_best = chosen.only_best;
    options.override_count = taken->count;
    options.override_names = taken->names;
    options.override_sources = taken->sources;
    options.progress = show_progress;
    return options;
}

/* The model that was written is checked as it will be scored. */
static int check_written(const rm_match *match)
{
    rm_error error;
    rm_model *mine = NULL;
    const overrides none = {0};
    rm_run_options options = options_with(&none);
    if (rm_match_write(match, chosen.write, chosen.overwrite, &error) != RM_OK ||
        rm_model_read(&mine, chosen.write, &error) != RM_OK)
        return fail(&error);
    if (!common.quiet && !common.json)
        printf(words("%s is geschreven.\n\n", "%s was written.\n\n"), chosen.write);
    int code = check(mine, &options, match);
    rm_model_free(mine);
    return code;
}

/* Nothing is written: the sources that were found stand in for those of the model. */
static int check_matched(const rm_model *model, const rm_match *match)
{
    overrides found = {0};
    rm_matched_layer layer;
    int32_t layers = rm_match_layer_count(match);
    found.names = calloc((size_t)layers, sizeof *found.names);
    found.sources = calloc((size_t)layers, sizeof *found.sources);
    for (int32_t l = 0; found.names && found.sources && l < layers; l++)
        if (rm_match_layer(match, l, &layer, NULL) == RM_OK && layer.state == RM_MATCH_TAKEN) {
            found.names[found.count] = layer.name;
            found.sources[found.count++] = layer.source;
        }
    rm_run_options options = options_with(&found);
    int code = check(model, &options, match);
    free(found.names);
    free(found.sources);
    return code;
}

static int check_with_data(const rm_model *model, const overrides *settled)
{
    rm_match *match = NULL;
    int code = match_folder(&match, model, chosen.data, settled);
    if (code == EXIT_UNCLEAR && common.json) {
        struct json_object *out = json_object_new_object();
        json_object_object_add(out, "match", json_match(match));
        json_print(out);
    }
    if (code == EXIT_FINE)
        code = chosen.write ? check_written(match) : check_matched(model, match);
    rm_match_free(match);
    return code;
}

static int check_file(const char *path)
{
    rm_error error;
    rm_model *model = NULL;
    overrides taken = {0};
    int code = split_overrides(&taken, chosen.layers);
    rm_run_options options = options_with(&taken);
    if (code == EXIT_FINE && rm_model_read(&model, path, &error) != RM_OK)
        code = fail(&error);
    if (code == EXIT_FINE)
        code = chosen.data ? check_with_data(model, &taken) : check(model, &options, NULL);
    rm_model_free(model);
    free_overrides(&taken);
    return code;
}

int main(int argc, const char **argv)
{
    poptContext context = NULL;
    int code = read_options(&context, argc, argv, check_table, "MODEL.json [OPTION...]", EXAMPLE);
    if (code == EXIT_FINE) {
        const char *model = poptGetArg(context);
        stop_on_interrupt();
        if (!model || poptGetArg(context))
            code = usage_error("takes one model; see --help", "riskmap-check");
        else if (chosen.complete < 0 || chosen.complete > 100)
            code = usage_error("takes a percentage, 0 to 100", "--complete");
        else if (chosen.write && !chosen.data)
            code = usage_error("goes with --data FOLDER", "--write");
        else
            code = check_file(model);
    }
    poptFreeContext(context);
    return code;
}
