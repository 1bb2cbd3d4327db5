#include "output/result/write.h"

#include "io/memory_sink.h"
#include "io/postgis/conninfo.h"
#include "io/postgis/postgis.h"
#include "output/result/style.h"
#include "output/result/tables.h"

#include <math.h>

/* The columns of `areas`: seven fixed ones, two per pillar, one per indicator. */
enum { ID, NAME, TYPE, SCORE, RANK, CLASS, COVERAGE, FIXED_COLUMNS };

typedef struct rm_area_columns {
    const rm_result *result;
    rm_field *fields;
    const char **names, **words; /* for the style */
    rm_text *made;               /* [2 * pillars] names of pillar columns, then their titles */
    int32_t count;
} rm_area_columns;

static rm_status area_row(void *context, int64_t area, rm_cell *cells, rm_error *err)
{
    const rm_result *result = ((const rm_area_columns *)context)->result;
    (void)err;
    cells[ID].text = result->ids.text + result->ids.at[area];
    cells[NAME].text = result->names.text + result->names.at[area];
    cells[TYPE].text = result->model->areas_type;
    cells[SCORE].f64 = result->score[area];
    cells[RANK].i64 = result->rank[area];
    cells[RANK].missing = result->rank[area] == 0;
    cells[CLASS].i64 = result->class_[area];
    cells[CLASS].missing = result->class_[area] == 0;
    cells[COVERAGE].f64 = result->coverage[area];
    int32_t column = FIXED_COLUMNS;
    for (int32_t p = 0; p < result->pillar_count; p++) {
        cells[column++].f64 = result->pillars[p].score[area];
        cells[column].i64 = result->pillars[p].rank[area];
        cells[column++].missing = result->pillars[p].rank[area] == 0;
    }
    for (int32_t k = 0; k < result->model->indicator_count; k++)
        cells[column++].f64 = result->outcomes[k].value[area];
    return RM_OK;
}

/* Each pillar makes two columns: <pillar>_score and <pillar>_rank. */
static rm_status pillar_columns(rm_area_columns *columns, rm_language language, rm_error *err)
{
    static const char *const SUFFIX[] = {"_score", "_rank"};
    static const char *const WORDS[2][2] = {{": deelscore", ": rang"}, {": sub-score", ": rank"}};
    int32_t made = 2 * columns->result->pillar_count;
    for (int32_t m = 0; m < made; m++) {
        const char *pillar = columns->result->pillars[m / 2].name;
        rm_text *name = &columns->made[m], *title = &columns->made[made + m];
        rm_text_add(name, pillar);
        rm_text_add(name, SUFFIX[m % 2]);
        rm_text_add(title, rm_pillar_label(pillar, language));
        rm_text_add(title, WORDS[language == RM_ENGLISH][m % 2]);
        RM_TRY(rm_text_status(name, err));
        RM_TRY(rm_text_status(title, err));
        columns->fields[columns->count++] =
            (rm_field){name->data, m % 2 ? RM_INT64 : RM_FLOAT64, title->data, NULL};
    }
    return RM_OK;
}

static rm_status make_columns(rm_area_columns *columns, rm_language language, rm_error *err)
{
    static const rm_field FIXED[FIXED_COLUMNS][2] = {
        {{"id", RM_TEXT, "Kenmerk", "Id"}, {"id", RM_TEXT, "Id", "Kenmerk"}},
        {{"name", RM_TEXT, "Naam", "Name"}, {"name", RM_TEXT, "Name", "Naam"}},
        {{"type", RM_TEXT, "Soort", "Type"}, {"type", RM_TEXT, "Type", "Soort"}},
        {{"score", RM_FLOAT64, "Score", "Score"}, {"score", RM_FLOAT64, "Score", "Score"}},
        {{"rank", RM_INT64, "Rang", "Rank"}, {"rank", RM_INT64, "Rank", "Rang"}},
        {{"class", RM_INT64, "Klasse", "Class"}, {"class", RM_INT64, "Class", "Klasse"}},
        {{"coverage", RM_FLOAT64, "Dekking van de gegevens", "Coverage of the data"},
         {"coverage", RM_FLOAT64, "Coverage of the data", "Dekking van de gegevens"}}};
    const rm_result *result = columns->result;
    int32_t pillars = result->pillar_count, indicators = result->model->indicator_count;
    int32_t all = FIXED_COLUMNS + 2 * pillars + indicators;
    RM_TRY(RM_NEW_ZERO(&columns->fields, all, err));
    RM_TRY(RM_NEW_ZERO(&columns->made, 4 * pillars, err));
    RM_TRY(RM_NEW_ZERO(&columns->names, all, err));
    RM_TRY(RM_NEW_ZERO(&columns->words, all, err));
    for (; columns->count < FIXED_COLUMNS; columns->count++)
        columns->fields[columns->count] = FIXED[columns->count][language == RM_ENGLISH];
    RM_TRY(pillar_columns(columns, language, err));
    for (int32_t k = 0; k < indicators; k++) {
        const rm_indicator *indicator = &result->model->indicators[k];
        columns->fields[columns->count++] = (rm_field){
            indicator->name, RM_FLOAT64, rm_indicator_label(indicator, language),
            rm_indicator_label(indicator, language == RM_ENGLISH ? RM_DUTCH : RM_ENGLISH)};
    }
    for (int32_t c = 0; c < columns->count; c++) {
        columns->names[c] = columns->fields[c].name;
        columns->words[c] = columns->fields[c].title;
    }
    return RM_OK;
}

static void clear_columns(rm_area_columns *columns)
{
    for (int32_t m = 0; columns->made && m < 4 * columns->result->pillar_count; m++)
        rm_text_clear(&columns->made[m]);
    rm_release(columns->made);
    rm_release(columns->fields);
    rm_release(columns->names);
    rm_release(columns->words);
}

static rm_status write_areas(const rm_sink *sink, const rm_area_columns *columns,
                             rm_progress *progress, rm_language language, rm_error *err)
{
    const rm_result *result = columns->result;
    const rm_rows *rows = &result->areas->rows;
    rm_text description = {0}, qml = {0};
    if (result->shielded) {
        rm_text_add(&description, rm_words_shielded(language));
        rm_text_add(&description, " ");
    }
    rm_words_disclaimer(&description, result, language);
    rm_style_qml(&qml, result, columns->names, columns->words, columns->count, language);
    rm_status status = rm_text_status(&description, err);
    if (status == RM_OK)
        status = rm_text_status(&qml, err);
    if (status == RM_OK)
        status = sink->features(sink->target, "areas", result->model->title, description.data,
                                &rows->geometry, rows->ids, true, columns->fields, columns->count,
                                area_row, (void *)(uintptr_t)columns, progress, err);
    if (status == RM_OK)
        status = sink->style(sink->target, "areas", "riskmap", qml.data, description.data, err);
    rm_text_clear(&description);
    rm_text_clear(&qml);
    return status;
}

static rm_status write_metadata(const rm_sink *sink, const rm_result *result, rm_error *err)
{
    rm_text text = {0};
    if (result->shielded) {
        rm_text_add(&text, rm_words_shielded(RM_DUTCH));
        rm_text_add(&text, "\n");
    }
    rm_words_disclaimer(&text, result, RM_DUTCH);
    rm_text_add(&text, "\n");
    rm_words_disclaimer(&text, result, RM_ENGLISH);
    rm_status status = rm_text_status(&text, err);
    if (status == RM_OK)
        status = sink->metadata(sink->target, "text/plain", text.data, err);
    rm_text_clear(&text);
    return status;
}

/* Contributions with names, for reading. */
static rm_status write_reasons(const rm_sink *sink, rm_language language, rm_error *err)
{
    static const char *const SELECT[] = {
        [RM_DUTCH] = "SELECT c.fid, a.fid AS area, a.id, a.name, a.rank, a.score, i.pillar, "
                     "i.label, c.value, i.unit, c.scaled, i.weight, c.contribution, c.features, "
                     "c.missing, i.why FROM contributions c JOIN areas a ON a.fid = c.area "
                     "JOIN indicators i ON i.indicator = c.indicator",
        [RM_ENGLISH] = "SELECT c.fid, a.fid AS area, a.id, a.name, a.rank, a.score, i.pillar, "
                       "i.label_en AS label, c.value, i.unit_en AS unit, c.scaled, i.weight, "
                       "c.contribution, c.features, c.missing, i.why_en AS why "
                       "FROM contributions c JOIN areas a ON a.fid = c.area "
                       "JOIN indicators i ON i.indicator = c.indicator"};
    return sink->view(sink->target, "reasons", "Redenen", SELECT[language], err);
}

static rm_status write_all(const rm_sink *sink, const rm_area_columns *columns,
                           rm_progress *progress, rm_language language, rm_error *err)
{
    const rm_result *result = columns->result;
    rm_progress_stage(progress, 0.0, 0.4);
    RM_TRY(write_areas(sink, columns, progress, language, err));
    RM_TRY(rm_write_indicators(sink, result, err));
    rm_progress_stage(progress, 0.4, 0.9);
    RM_TRY(rm_write_contributions(sink, result, progress, err));
    RM_TRY(write_reasons(sink, language, err));
    RM_TRY(rm_write_issues(sink, result, err));
    RM_TRY(rm_write_layers(sink, result, err));
    RM_TRY(rm_write_run(sink, result, err));
    RM_TRY(write_metadata(sink, result, err));
    rm_progress_stage(progress, 0.9, 1.0);
    RM_TRY(rm_progress_report(progress, 0.5, NULL, err)); /* the last moment to cancel */
    return sink->finish(sink->target, err);
}

static rm_status write_to(const rm_sink *sink, const rm_area_columns *columns,
                          rm_progress *progress, rm_language language, rm_error *err)
{
    rm_status status = write_all(sink, columns, progress, language, err);
    sink->free(sink->target);
    return status;
}

rm_status rm_write_result(const rm_result *result, const char *path, bool overwrite,
                          rm_language language, rm_progress *progress, rm_error *err)
{
    rm_gpkg *gpkg = NULL;
    rm_area_columns columns = {.result = result};
    rm_status status = make_columns(&columns, language, err);
    if (status == RM_OK)
        status = rm_gpkg_create(&gpkg, path, result->model->crs, overwrite, result->shielded, err);
    if (status == RM_OK) {
        rm_sink sink = rm_gpkg_sink(gpkg);
        status = write_to(&sink, &columns, progress, language, err);
    }
    clear_columns(&columns);
    return status;
}

rm_status rm_take_result_table(rm_layer **out, const rm_result *result, const char *table,
                               rm_language language, rm_error *err)
{
    rm_area_columns columns = {.result = result};
    rm_memory_sink memory = {.wanted = table, .crs = result->model->crs};
    rm_sink sink = rm_memory_sink_of(&memory);
    rm_status status = make_columns(&columns, language, err);
    if (status == RM_OK)
        status = write_all(&sink, &columns, NULL, language, err);
    clear_columns(&columns);
    if (status == RM_OK && !memory.layer)
        status =
            rm_fail(err, RM_ENOTFOUND,
                    "a result has no table \"%.80s\"; it has areas, indicators, contributions, "
                    "issues, layers and run",
                    table);
    if (status == RM_OK)
        *out = memory.layer;
    else
        rm_layer_free(memory.layer);
    return status;
}

bool rm_is_database(const char *path)
{
    return rm_is_postgres(path);
}

static rm_postgis_options database(const char *target, const char *schema, bool overwrite)
{
    return (rm_postgis_options){target, schema && schema[0] ? schema : "riskmap", overwrite};
}

/* The comment on every table: what a score is not, and that it is shielded where it is. */
static rm_status make_notice(rm_text *notice, const rm_result *result, rm_language language,
                             rm_error *err)
{
    if (result->shielded) {
        rm_text_add(notice, rm_words_shielded(language));
        rm_text_add(notice, " ");
    }
    rm_words_disclaimer(notice, result, language);
    return rm_text_status(notice, err);
}

rm_status rm_write_to_postgis(const rm_result *result, const char *target, const char *schema,
                              bool overwrite, rm_language language, rm_progress *progress,
                              rm_error *err)
{
    rm_sink sink;
    rm_text notice = {0};
    rm_area_columns columns = {.result = result};
    rm_postgis_options options = database(target, schema, overwrite);
    rm_status status = make_columns(&columns, language, err);
    if (status == RM_OK)
        status = make_notice(&notice, result, language, err);
    if (status == RM_OK)
        status = rm_postgis_create(&sink, &options, result->model->crs, result->shielded,
                                   notice.data, err);
    if (status == RM_OK)
        status = write_to(&sink, &columns, progress, language, err);
    rm_text_clear(&notice);
    clear_columns(&columns);
    return status;
}

rm_status rm_check_postgis(const char *target, const char *schema, bool overwrite, rm_error *err)
{
    static const char *const NAMES[] = {
        "areas", "indicators", "contributions", "reasons", "issues", "layers", "run"};
    rm_postgis_options options = database(target, schema, overwrite);
    return rm_postgis_check(&options, NAMES, (int32_t)(sizeof NAMES / sizeof *NAMES), err);
}
