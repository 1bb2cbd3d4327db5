#include "output/result/tables.h"

#include "base/date.h"
#include "io/gdal/versions.h"

#include <math.h>

#define COUNT(array) ((int32_t)(sizeof(array) / sizeof *(array)))

typedef struct rm_indicator_rows {
    const rm_result *result;
    rm_text unit[2]; /* by language */
} rm_indicator_rows;

static rm_status indicator_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    rm_indicator_rows *rows = context;
    const rm_indicator *indicator = &rows->result->model->indicators[row];
    const rm_outcome *outcome = &rows->result->outcomes[row];
    bool ranked = indicator->scale == RM_SCALE_RANK || indicator->scale == RM_SCALE_PERCENTILE;
    for (int language = RM_DUTCH; language <= RM_ENGLISH; language++) {
        rm_text_clear(&rows->unit[language]);
        rm_indicator_unit(indicator, (rm_language)language, &rows->unit[language]);
        RM_TRY(rm_text_status(&rows->unit[language], err));
    }
    cells[0].i64 = row + 1;
    cells[1].text = indicator->name;
    cells[2].text = indicator->label;
    cells[3].text = rm_indicator_label(indicator, RM_ENGLISH);
    cells[4].text = indicator->why;
    cells[5].text = rm_indicator_why(indicator, RM_ENGLISH);
    cells[6].text = indicator->pillar;
    cells[7].text = rm_measure_rule_of(indicator->measure)->name;
    for (int language = RM_DUTCH; language <= RM_ENGLISH; language++)
        cells[8 + language].text = rows->unit[language].data ? rows->unit[language].data : "";
    cells[10].text = indicator->direction > 0 ? "+" : "-";
    cells[11].f64 = indicator->weight;
    cells[12].text = rm_scale_names[indicator->scale];
    cells[13].f64 = ranked ? NAN : outcome->scaling.a;
    cells[14].f64 = ranked ? NAN : outcome->scaling.b;
    cells[15].f64 = outcome->prior.mean;
    cells[16].f64 = outcome->prior.variance;
    return RM_OK;
}

rm_status rm_write_indicators(const rm_sink *sink, const rm_result *result, rm_error *err)
{
    static const rm_field FIELDS[] = {
        {"indicator", RM_INT64, "Nummer", "Number"},
        {"name", RM_TEXT, "Naam", "Name"},
        {"label", RM_TEXT, "Omschrijving", "Label (Dutch)"},
        {"label_en", RM_TEXT, "Omschrijving (Engels)", "Label (English)"},
        {"why", RM_TEXT, "Waarom", "Reason why (Dutch)"},
        {"why_en", RM_TEXT, "Waarom (Engels)", "Reason why (English)"},
        {"pillar", RM_TEXT, "Pijler", "Pillar"},
        {"measure", RM_TEXT, "Maat", "Measure"},
        {"unit", RM_TEXT, "Eenheid", "Unit (Dutch)"},
        {"unit_en", RM_TEXT, "Eenheid (Engels)", "Unit (English)"},
        {"direction", RM_TEXT, "Richting", "Direction"},
        {"weight", RM_FLOAT64, "Gewicht", "Weight"},
        {"scale", RM_TEXT, "Schaal", "Scale"},
        {"scale_a", RM_FLOAT64, "Schaal: minimum, gemiddelde of ondergrens",
         "Scale: minimum, mean or lower bound"},
        {"scale_b", RM_FLOAT64, "Schaal: maximum, standaardafwijking of bovengrens",
         "Scale: maximum, standard deviation or upper bound"},
        {"prior_mean", RM_FLOAT64, "Krimp: gemiddelde", "Shrinkage: prior mean"},
        {"prior_variance", RM_FLOAT64, "Krimp: variantie", "Shrinkage: prior variance"}};
    rm_indicator_rows rows = {.result = result};
    rm_status status = sink->table(
        sink->target, "indicators", "Indicatoren", "What was measured, why, and how it was scaled",
        FIELDS, COUNT(FIELDS), result->model->indicator_count, indicator_row, &rows, NULL, err);
    rm_text_clear(&rows.unit[RM_DUTCH]);
    rm_text_clear(&rows.unit[RM_ENGLISH]);
    return status;
}

static rm_status contribution_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    const rm_result *result = context;
    int64_t area = row / result->model->indicator_count;
    int32_t number = (int32_t)(row % result->model->indicator_count);
    const rm_outcome *outcome = &result->outcomes[number];
    (void)err;
    cells[0].i64 = result->areas->rows.ids[area];
    cells[1].i64 = number + 1;
    cells[2].f64 = outcome->value[area];
    cells[3].f64 = outcome->scaled[area];
    cells[4].f64 = outcome->contribution[area];
    cells[5].i64 = outcome->features[area];
    cells[6].i64 = outcome->missing[area];
    return RM_OK;
}

rm_status rm_write_contributions(const rm_sink *sink, const rm_result *result,
                                 rm_progress *progress, rm_error *err)
{
    static const rm_field FIELDS[] = {
        {"area", RM_INT64, "Gebied (fid)", "Area (fid)"},
        {"indicator", RM_INT64, "Indicator (nummer)", "Indicator (number)"},
        {"value", RM_FLOAT64, "Waarde", "Value"},
        {"scaled", RM_FLOAT64, "Geschaalde waarde", "Scaled value"},
        {"contribution", RM_FLOAT64, "Bijdrage aan de score", "Contribution to the score"},
        {"features", RM_INT64, "Aantal objecten", "Features behind the value"},
        {"missing", RM_INT64, "Objecten zonder gegeven", "Features that lacked the field"}};
    return sink->table(sink->target, "contributions", "Bijdragen",
                       "For every area its contributions add up to its score (geometric: to its "
                       "logarithm)",
                       FIELDS, COUNT(FIELDS),
                       result->areas->rows.table.rows * result->model->indicator_count,
                       contribution_row, (void *)(uintptr_t)result, progress, err);
}

typedef struct rm_issue_rows {
    const rm_result *result;
    char message[512];
} rm_issue_rows;

static rm_status issue_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    rm_issue_rows *rows = context;
    const rm_issue *issue = &rows->result->issues.items[row];
    (void)err;
    rm_issue_message(issue, rows->message, sizeof rows->message);
    cells[0].text = rm_severity_name((rm_severity)issue->severity);
    cells[1].text = rm_issue_code_name((rm_issue_code)issue->code);
    cells[2].text = issue->layer < 0 ? NULL : rows->result->model->layers[issue->layer].name;
    cells[3].missing = issue->feature < 0;
    cells[3].i64 = issue->feature;
    cells[4].text = rows->message;
    return RM_OK;
}

rm_status rm_write_issues(const rm_sink *sink, const rm_result *result, rm_error *err)
{
    static const rm_field FIELDS[] = {
        {"severity", RM_TEXT, "Ernst", "Severity"},
        {"code", RM_TEXT, "Code", "Code"},
        {"layer", RM_TEXT, "Laag", "Layer"},
        {"feature", RM_INT64, "Object (fid of gegevensrij)", "Feature (fid or data row)"},
        {"message", RM_TEXT, "Melding", "Message"}};
    rm_issue_rows rows = {.result = result};
    return sink->table(sink->target, "issues", "Bevindingen",
                       "Every feature that was rejected, repaired or remarked on", FIELDS,
                       COUNT(FIELDS), result->issues.count, issue_row, &rows, NULL, err);
}

typedef struct rm_layer_rows {
    const rm_result *result;
    const int32_t *used; /* numbers of the layers that the run touched */
    bool located;        /* some layer was placed by address */
} rm_layer_rows;

enum { LAYER_COLUMNS = 24, ADDRESS_COLUMNS = 4 };

static rm_status layer_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    const rm_layer_rows *rows = context;
    const rm_model_layer *named = &rows->result->model->layers[rows->used[row]];
    const rm_provenance *layer = &rows->result->layers[rows->used[row]];
    const int64_t counts[] = {layer->total,    layer->ended, layer->outside, layer->filtered,
                              layer->left_out, layer->read,  layer->used,    layer->rejected};
    const int64_t addresses[ADDRESS_COLUMNS] = {layer->address_exact, layer->address_number,
                                                layer->address_ambiguous, layer->address_unknown};
    (void)err;
    cells[0].text = named->name;
    cells[1].text = layer->source;
    cells[2].text = layer->driver;
    cells[3].text = layer->fingerprint;
    cells[4].text = layer->profile;
    for (int c = 0; c < COUNT(counts); c++)
        cells[5 + c].i64 = counts[c];
    cells[13].missing = layer->first_date == RM_NO_DATE;
    cells[13].i64 = layer->first_date;
    cells[14].missing = layer->last_date == RM_NO_DATE;
    cells[14].i64 = layer->last_date;
    cells[15].text = layer->crs;
    cells[16].text = layer->crs_operation;
    cells[17].f64 = layer->crs_accuracy_m;
    cells[18].text = layer->missing_grid;
    cells[19].text = layer->shielded ? "shielded" : "open";
    for (int c = 0; c < ADDRESS_COLUMNS && rows->located; c++) {
        cells[20 + c].missing = named->locate < 0;
        cells[20 + c].i64 = addresses[c];
    }
    return RM_OK;
}

rm_status rm_write_layers(const rm_sink *sink, const rm_result *result, rm_error *err)
{
    static const rm_field FIELDS[] = {
        {"name", RM_TEXT, "Laag", "Layer"},
        {"source", RM_TEXT, "Bron", "Source"},
        {"driver", RM_TEXT, "Stuurprogramma", "Driver"},
        {"fingerprint", RM_TEXT, "Kenmerk van het bestand", "Fingerprint of the file"},
        {"profile", RM_TEXT, "Herkend als", "Recognised as"},
        {"total", RM_INT64, "Totaal", "Total"},
        {"ended", RM_INT64, "Niet meer geldig", "No longer in force"},
        {"outside", RM_INT64, "Buiten het gebied", "Outside the extent"},
        {"filtered", RM_INT64, "Uitgefilterd", "Filtered out"},
        {"left_out", RM_INT64, "Weggelaten volgens de regels", "Left out by the rules"},
        {"read", RM_INT64, "Gelezen", "Read"},
        {"used", RM_INT64, "Gebruikt", "Used"},
        {"rejected", RM_INT64, "Afgewezen", "Rejected"},
        {"first_date", RM_DATE, "Eerste datum", "First date"},
        {"last_date", RM_DATE, "Laatste datum", "Last date"},
        {"crs", RM_TEXT, "Coördinatenstelsel", "CRS"},
        {"crs_operation", RM_TEXT, "Transformatie", "Coordinate operation"},
        {"crs_accuracy_m", RM_FLOAT64, "Nauwkeurigheid (m)", "Accuracy (m)"},
        {"missing_grid", RM_TEXT, "Ontbrekend grid", "Missing grid"},
        {"classification", RM_TEXT, "Rubricering", "Classification"},
        {"address_exact", RM_INT64, "Adres gevonden", "Address found"},
        {"address_number", RM_INT64, "Alleen op huisnummer gevonden",
         "Found by house number alone"},
        {"address_ambiguous", RM_INT64, "Adres niet eenduidig", "Address ambiguous"},
        {"address_unknown", RM_INT64, "Adres onbekend", "Address unknown"}};
    int32_t *used = NULL, count = 0;
    bool located = false;
    RM_TRY(RM_NEW(&used, result->model->layer_count, err));
    for (int32_t l = 0; l < result->model->layer_count; l++)
        if (result->layers[l].source) {
            used[count++] = l;
            located |= result->model->layers[l].locate >= 0;
        }
    rm_layer_rows rows = {result, used, located};
    rm_status status = sink->table(sink->target, "layers", "Bronnen",
                                   "The factsheet of the run: total = ended + outside + "
                                   "filtered + left_out + read, read = used + rejected",
                                   FIELDS, LAYER_COLUMNS - (located ? 0 : ADDRESS_COLUMNS), count,
                                   layer_row, &rows, NULL, err);
    rm_release(used);
    return status;
}

typedef struct rm_run_entry {
    const char *key, *value;
} rm_run_entry;

static rm_status run_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    const rm_run_entry *entry = (const rm_run_entry *)context + row;
    (void)err;
    cells[0].text = entry->key;
    cells[1].text = entry->value;
    return RM_OK;
}

rm_status rm_write_run(const rm_sink *sink, const rm_result *result, rm_error *err)
{
    static const rm_field FIELDS[] = {{"key", RM_TEXT, "Sleutel", "Key"},
                                      {"value", RM_TEXT, "Waarde", "Value"}};
    char as_of[16], written[16];
    rm_text dutch = {0}, english = {0}, versions = {0};
    rm_date_format(result->as_of, as_of);
    rm_date_format(rm_date_today(), written);
    rm_words_disclaimer(&dutch, result, RM_DUTCH);
    rm_words_disclaimer(&english, result, RM_ENGLISH);
    rm_io_versions(&versions);
    rm_run_entry all[] = {
        {"model", result->model->text},
        {"as_of", as_of},
        {"written", written},
        {"command", result->command},
        {"reference", result->reference},
        {"riskmap", rm_version()},
        {"libraries", versions.data},
        {"classification", result->shielded ? rm_words_shielded(RM_DUTCH) : "open"},
        {"disclaimer", dutch.data},
        {"disclaimer_en", english.data}};
    int32_t count = 0; /* what was not asked for has no row */
    for (int32_t e = 0; e < COUNT(all); e++)
        if (all[e].value)
            all[count++] = all[e];
    rm_status status = rm_text_status(&dutch, err);
    if (status == RM_OK)
        status = rm_text_status(&english, err);
    if (status == RM_OK)
        status = rm_text_status(&versions, err);
    if (status == RM_OK)
        status = sink->table(sink->target, "run", "Verantwoording",
                             "The model as it was, versions, dates, command", FIELDS, COUNT(FIELDS),
                             count, run_row, all, NULL, err);
    rm_text_clear(&dutch);
    rm_text_clear(&english);
    rm_text_clear(&versions);
    return status;
}
