/* riskmap-inspect: what is in a source, before anything is computed with it. */
#include "columns.h"
#include "common.h"
#include "inspect_json.h"
#include "layout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 15, INDENT = 2, NAMES = 34 };

static struct inspect_options {
    char *layer, *crs, *factsheet, *model;
    int open, overwrite;
} chosen;

static struct poptOption inspect_table[] = {
    {"layer", '\0', POPT_ARG_STRING, &chosen.layer, 0, "look at this layer alone", "NAME"},
    {"crs", '\0', POPT_ARG_STRING, &chosen.crs, 0,
     "the coordinate reference system of a source that states none, or a wrong one", "EPSG:28992"},
    {"factsheet", '\0', POPT_ARG_STRING, &chosen.factsheet, 0,
     "write a factsheet of the source, as OUT.md and OUT.json", "OUT.md"},
    {"model", '\0', POPT_ARG_STRING, &chosen.model, 0,
     "with --factsheet: say which indicators of this model use the source", "MODEL.json"},
    {"open", '\0', POPT_ARG_NONE, &chosen.open, 0,
     "with --factsheet: the source is public, so extremes may be shown", NULL},
    {"overwrite", '\0', POPT_ARG_NONE, &chosen.overwrite, 0, "replace existing files", NULL},
    POPT_TABLEEND};

static const char *const EXAMPLE =
    "Reads a source once and says what is in it: layers, coordinates, validity, and for every "
    "field\n"
    "what is missing and between what its numbers and dates lie. Counts only, no cell is shown.\n"
    "Exit code: 0 done, 1 failed, 2 wrong use, 130 stopped.\n\n"
    "Examples:\n"
    "  riskmap-inspect bag-light.gpkg --layer verblijfsobject\n"
    "  riskmap-inspect meldingen.csv --crs EPSG:28992\n"
    "  riskmap-inspect bag-light.gpkg --open --factsheet bag-light.md";

static void print_label(const char *dutch, const char *in_english)
{
    printf("%*s", INDENT, "");
    print_cell(words(dutch, in_english), LABEL, false);
}

static void print_line(const char *dutch, const char *in_english, const char *text)
{
    print_label(dutch, in_english);
    print_wrapped(stdout, text, INDENT + LABEL, INDENT + LABEL);
}

static void print_crs_problem(const rm_inspected_layer *layer)
{
    char line[512];
    const char *tail = strchr(layer->looks_like, ' ');
    int code = tail ? (int)(tail - layer->looks_like) : (int)strlen(layer->looks_like);
    print_line("CRS", "CRS", layer->crs[0] ? layer->crs : words("niet vermeld", "not stated"));
    if (layer->crs[0])
        print_line("", "", layer->crs_problem);
    else
        print_line("", "",
                   words("noem het in het model als \"crs\" van de laag, zoals \"EPSG:28992\" (RD) "
                         "of \"EPSG:4258\" (lengte/breedte)",
                         "name it in the model as the layer's \"crs\", such as \"EPSG:28992\" (RD "
                         "New) or \"EPSG:4258\" (longitude/latitude)"));
    if (!layer->looks_like[0])
        return;
    snprintf(line, sizeof line,
             words("de meeste coördinaten zien eruit als %.*s%s", "most coordinates look like "
                                                                  "%.*s%s"),
             code, layer->looks_like,
             tail ? words(" met x en y verwisseld", " with x and y swapped") : "");
    if (!tail)
        snprintf(line + strlen(line), sizeof line - strlen(line),
                 words("; probeer het met --crs %s", "; try it with --crs %s"), layer->looks_like);
    print_line("", "", line);
}

static void print_crs(const rm_inspected_layer *layer)
{
    char line[2048], accuracy[NUMBER_ROOM];
    if (strcmp(layer->geometry_type, "None") == 0)
        return;
    if (layer->crs_problem[0]) {
        print_crs_problem(layer);
        return;
    }
    if (!layer->crs_operation[0]) {
        snprintf(line, sizeof line,
                 words("%s (hoeft niet te worden omgezet)", "%s (needs no transformation)"),
                 layer->crs);
        print_line("CRS", "CRS", line);
        return;
    }
    print_line("CRS", "CRS", layer->crs);
    if (isnan(layer->crs_accuracy_m))
        snprintf(accuracy, sizeof accuracy, "%s", words("onbekend", "unknown"));
    else
        format_number(accuracy, layer->crs_accuracy_m);
    snprintf(line, sizeof line, words("op %s m nauwkeurig, met: %s", "accurate to %s m, by: %s"),
             accuracy, layer->crs_operation);
    print_line("naar RD", "to RD", line);
    if (layer->missing_grid[0]) {
        snprintf(line, sizeof line,
                 words("nauwkeuriger kan met het grid %s, dat hier ontbreekt; haal het op met: "
                       "projsync --file %s",
                       "the grid %s would do better, and is not here; get it with: "
                       "projsync --file %s"),
                 layer->missing_grid, layer->missing_grid);
        print_line("", "", line);
    }
}

static void print_extent(const rm_inspected_layer *layer)
{
    char number[4][NUMBER_ROOM], line[256];
    if (isnan(layer->extent[0]))
        return;
    bool degrees = fabs(layer->extent[0]) <= 360 && fabs(layer->extent[2]) <= 360 &&
                   fabs(layer->extent[1]) <= 360 && fabs(layer->extent[3]) <= 360;
    for (int i = 0; i < 4; i++)
        format_fixed(number[i], layer->extent[i], degrees ? 5 : 0);
    snprintf(line, sizeof line, words("x %s t/m %s, y %s t/m %s", "x %s to %s, y %s to %s"),
             number[0], number[2], number[1], number[3]);
    if (layer->crs_problem[0])
        strncat(line, words(" (zoals de bron ze geeft)", " (as the source gives them)"),
                sizeof line - strlen(line) - 1);
    print_line("omvang", "extent", line);
}

static void add_count(char *line, size_t size, int64_t count, const char *text)
{
    char number[NUMBER_ROOM];
    size_t used = strlen(line);
    if (count == 0)
        return;
    format_count(number, count);
    snprintf(line + used, size - used, "%s%s %s", used ? ", " : "", number, text);
}

static void print_faults(const rm_inspected_layer *layer)
{
    char line[512] = "";
    add_count(line, sizeof line, layer->without_geometry,
              words("zonder bruikbare geometrie", "without usable geometry"));
    add_count(line, sizeof line, layer->invalid, words("ongeldig", "invalid"));
    add_count(line, sizeof line, layer->outside,
              words("buiten het gebied van het CRS", "outside the area of use of the CRS"));
    bool geometry = strcmp(layer->geometry_type, "None") != 0 && layer->features > 0;
    if (geometry)
        print_line("geometrie", "geometry",
                   line[0] ? line : words("alles in orde", "all in order"));
    line[0] = '\0';
    add_count(line, sizeof line, layer->bad_rows,
              words("met meer cellen dan de kopregel, en dus niet gelezen",
                    "with more cells than the header, and so not read"));
    if (line[0])
        print_line("regels", "rows", line);
}

static const char *type_word(const char *type)
{
    static const char *const DUTCH[][2] = {{"integer", "geheel"},
                                           {"real", "getal"},
                                           {"text", "tekst"},
                                           {"date", "datum"},
                                           {"datetime", "tijdstip"}};
    for (size_t t = 0; t < sizeof DUTCH / sizeof *DUTCH && !english(); t++)
        if (strcmp(type, DUTCH[t][0]) == 0)
            return DUTCH[t][1];
    return type;
}

static void range_text(char *out, size_t size, const char *low, const char *high, const char *note)
{
    if (strcmp(low, high) == 0)
        snprintf(out, size, "%s%s", low, note);
    else
        snprintf(out, size, "%s %s %s%s", low, words("t/m", "to"), high, note);
}

/* What lies between what; for text only where at least half of it can be read as such. */
static void describe_values(char *out, size_t size, const rm_inspected_field *field,
                            int64_t features)
{
    int64_t present = features - field->missing - field->sentinels;
    char low[NUMBER_ROOM], high[NUMBER_ROOM], note[64] = "";
    bool text = strcmp(field->type, "text") == 0;
    bool dates = field->dates > 0 && (!text || field->dates * 2 >= present);
    bool numbers = field->numbers > 0 && (!text || field->numbers * 2 >= present);
    out[0] = '\0';
    if (field->person[0]) {
        snprintf(out, size, "%s", words("persoonsgegevens", "personal data"));
    } else if (dates && (field->dates >= field->numbers || !numbers)) {
        write_date(field->first_date, low);
        write_date(field->last_date, high);
        if (field->dates < present)
            snprintf(note, sizeof note, words(" (%lld geen datum)", " (%lld no date)"),
                     (long long)(present - field->dates));
        range_text(out, size, low, high, note);
    } else if (numbers && field->highest >= (text ? 1e9 : 1e12)) {
        snprintf(out, size, "%s", words("nummers", "identifiers"));
    } else if (numbers) {
        format_number(low, field->lowest);
        format_number(high, field->highest);
        if (field->numbers < present)
            snprintf(note, sizeof note, words(" (%lld geen getal)", " (%lld no number)"),
                     (long long)(present - field->numbers));
        range_text(out, size, low, high, note);
    }
}

/* more: something follows on the line */
static void print_share(int64_t part, int64_t whole, bool more)
{
    char count[NUMBER_ROOM], share[NUMBER_ROOM + 1] = "";
    if (part > 0 && whole > 0) {
        double percent = 100.0 * (double)part / (double)whole;
        format_fixed(share, percent, percent < 10 ? 1 : 0);
        strncat(share, "%", sizeof share - strlen(share) - 1);
    }
    if (part > 0)
        format_count(count, part);
    else
        snprintf(count, sizeof count, "-");
    print_cell(count, 11, true);
    if (share[0] || more)
        print_cell(share, 7, true);
}

static void print_field(const rm_inspected_field *field, int64_t features, int names,
                        bool sentinels)
{
    char values[160], count[NUMBER_ROOM] = "";
    describe_values(values, sizeof values, field, features);
    printf("%*s", INDENT, "");
    print_name(field->name, names);
    printf("  ");
    print_cell(type_word(field->type), 8, false);
    print_share(field->missing, features, values[0] || field->sentinels);
    if (field->sentinels)
        format_count(count, field->sentinels);
    if (sentinels && (count[0] || values[0]))
        print_cell(count, 10, true);
    int used = INDENT + names + 2 + 8 + 18 + (sentinels ? 10 : 0) + 2;
    printf("%s", values[0] ? "  " : "");
    if (values[0])
        print_cell(values, text_width(values) < SCREEN - used ? text_width(values) : SCREEN - used,
                   false);
    printf("\n");
}

static void print_fields(const rm_inspection *inspection, int32_t number,
                         const rm_inspected_layer *layer)
{
    int names = text_width(words("veld", "field"));
    bool sentinels = false;
    rm_inspected_field field;
    if (layer->field_count == 0 || layer->problem[0])
        return;
    for (int32_t f = 0; f < layer->field_count; f++)
        if (rm_inspection_field(inspection, number, f, &field, NULL) == RM_OK) {
            names = text_width(field.name) > names ? text_width(field.name) : names;
            sentinels |= field.sentinels > 0;
        }
    names = names > NAMES ? NAMES : names;
    printf("\n%*s", INDENT, "");
    print_cell(words("veld", "field"), names, false);
    printf("  ");
    print_cell("type", 8, false);
    print_cell(words("ontbreekt", "missing"), 18, true);
    if (sentinels)
        print_cell("sentinel", 10, true);
    printf("  %s\n", words("waarden", "values"));
    for (int32_t f = 0; f < layer->field_count; f++)
        if (rm_inspection_field(inspection, number, f, &field, NULL) == RM_OK)
            print_field(&field, layer->features, names, sentinels);
}

/* A title above the header has a name for one column, and none for the others. */
static void print_nameless(const rm_inspection *inspection, int32_t number,
                           const rm_inspected_layer *layer)
{
    int32_t nameless = 0;
    char line[256];
    rm_inspected_field field;
    for (int32_t f = 0; f < layer->field_count; f++)
        nameless += rm_inspection_field(inspection, number, f, &field, NULL) == RM_OK &&
                    field.name[0] == '\0';
    if (nameless * 2 <= layer->field_count)
        return;
    snprintf(
        line, sizeof line,
        words("%d van de %d kolommen hebben geen naam: staat er een titel boven de kopregel? "
              "Haal die weg",
              "%d of %d columns have no name: is there a title above the header? Take it away"),
        (int)nameless, (int)layer->field_count);
    print_line("let op", "note", line);
}

/* What a service says it has, without a feature read. */
static void print_listed(const rm_inspection *inspection, int32_t number,
                         const rm_inspected_layer *layer)
{
    rm_inspected_field field;
    char line[4096] = "";
    if (layer->crs[0])
        print_line("CRS", "CRS", layer->crs);
    for (int32_t f = 0; f < layer->field_count; f++) {
        size_t used = strlen(line);
        if (rm_inspection_field(inspection, number, f, &field, NULL) == RM_OK)
            snprintf(line + used, sizeof line - used, "%s%s (%s)", used ? ", " : "", field.name,
                     type_word(field.type));
    }
    if (line[0])
        print_line("velden", "fields", line);
}

static void print_layer(const rm_inspection *inspection, int32_t number)
{
    rm_inspected_layer layer;
    char line[512], count[NUMBER_ROOM];
    if (rm_inspection_layer(inspection, number, &layer, NULL) != RM_OK)
        return;
    printf("\n%s\n", layer.name);
    if (layer.taken_for[0])
        print_line("herkend als", "taken for", words(layer.taken_for, layer.taken_for_en));
    if (layer.profile[0]) {
        snprintf(line, sizeof line, "%s: %s", layer.profile,
                 words(layer.profile_why, layer.profile_why_en));
        print_line("profiel", "profile", line);
    }
    if (layer.problem[0]) {
        print_line("niet leesbaar", "unreadable", layer.problem);
        return;
    }
    if (layer.features >= 0)
        format_count(count, layer.features);
    else
        snprintf(count, sizeof count, "%s", words("onbekend hoeveel", "unknown how many"));
    snprintf(line, sizeof line, "%s (%s)", count, geometry_word(layer.geometry_type));
    if (layer.ended > 0) {
        format_count(count, layer.ended);
        snprintf(line + strlen(line), sizeof line - strlen(line),
                 words("; %s niet meer geldig en weggelaten", "; %s no longer in force, left out"),
                 count);
    }
    print_line("objecten", "features", line);
    if (layer.listed_only) {
        print_listed(inspection, number, &layer);
        return;
    }
    print_crs(&layer);
    print_extent(&layer);
    print_faults(&layer);
    print_columns(inspection, number, &layer, INDENT, LABEL);
    print_nameless(inspection, number, &layer);
    print_fields(inspection, number, &layer);
}

static void print_inspection(const rm_inspection *inspection, const char *source)
{
    int32_t count = rm_inspection_layer_count(inspection);
    printf("%s (%s): %d %s\n", source, rm_inspection_driver(inspection), count,
           count == 1 ? words("laag", "layer") : words("lagen", "layers"));
    for (int32_t l = 0; l < count; l++)
        print_layer(inspection, l);
    rm_inspected_layer first;
    if (count > 0 && rm_inspection_layer(inspection, 0, &first, NULL) == RM_OK && first.listed_only)
        printf("\n%s\n", words("Dit is de lijst van de dienst; --layer NAAM leest een laag.",
                               "This is the list of the service; --layer NAME reads a layer."));
}

/* A layer that could not be read makes the command fail, once the others are shown. */
static int code_of(const rm_inspection *inspection)
{
    int code = EXIT_FINE;
    rm_inspected_layer layer;
    for (int32_t l = 0; l < rm_inspection_layer_count(inspection); l++)
        if (rm_inspection_layer(inspection, l, &layer, NULL) == RM_OK && layer.problem[0]) {
            fprintf(stderr, "%s\n", layer.problem);
            code = EXIT_FAILED;
        }
    return code;
}

/* A layer that could not be read is told on the page; with nothing else there is none. */
static bool any_read(const rm_inspection *inspection)
{
    rm_inspected_layer layer;
    for (int32_t l = 0; l < rm_inspection_layer_count(inspection); l++)
        if (rm_inspection_layer(inspection, l, &layer, NULL) == RM_OK && !layer.problem[0])
            return true;
    return false;
}

static int write_factsheet(const rm_inspection *inspection, const char *source)
{
    rm_error error;
    rm_model *model = NULL;
    rm_factsheet_options options = RM_FACTSHEET_OPTIONS_INIT;
    options.open = chosen.open;
    options.overwrite = chosen.overwrite;
    options.language = common.language;
    if (chosen.model && rm_model_read(&model, chosen.model, &error) != RM_OK)
        return fail(&error);
    options.model = model;
    rm_status status =
        rm_inspection_write_factsheet(inspection, source, chosen.factsheet, &options, &error);
    rm_model_free(model);
    return status == RM_OK ? EXIT_FINE : fail(&error);
}

static int inspect(const char *source)
{
    rm_error error;
    rm_inspection *inspection = NULL;
    rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
    options.threads = common.threads;
    options.layer = chosen.layer;
    options.crs = chosen.crs;
    options.duplicates = chosen.factsheet != NULL;
    options.progress = show_progress;
    if (rm_inspect(&inspection, source, &options, &error) != RM_OK)
        return fail(&error);
    clear_progress();
    if (common.json)
        print_json(inspection, source);
    else if (!common.quiet)
        print_inspection(inspection, source);
    int code = code_of(inspection);
    if (chosen.factsheet && any_read(inspection)) {
        int written = write_factsheet(inspection, source);
        code = written == EXIT_FINE ? code : written;
    }
    rm_inspection_free(inspection);
    return code;
}

int main(int argc, const char **argv)
{
    poptContext context = NULL;
    int code = read_options(&context, argc, argv, inspect_table, "SOURCE [OPTION...]", EXAMPLE);
    if (code == EXIT_FINE) {
        const char *source = poptGetArg(context);
        stop_on_interrupt();
        if (!source || poptGetArg(context))
            code = usage_error("takes one source; see --help", "riskmap-inspect");
        else if ((chosen.model || chosen.open) && !chosen.factsheet)
            code = usage_error("goes with --factsheet OUT.md", chosen.model ? "--model" : "--open");
        else
            code = inspect(source);
    }
    poptFreeContext(context);
    return code;
}
