#include "io/sheet/sheet.h"
#include "output/result/write.h"

#include <math.h>

/* Rank, name and words first: this is read by people around a table. */
enum { RANK, ID, NAME, TYPE, SCORE, CLASS, REASON_1, REASON_2, REASON_3, COVERAGE, FIXED_COLUMNS };
enum { REASONS = 3 };

typedef struct rm_list_rows {
    const rm_result *result;
    rm_language language;
    rm_text reason[REASONS];
    rm_field *fields;
    int *decimals;
    rm_text *titles; /* [pillars] */
    int32_t count;
    int64_t asked, to_ask; /* rows are asked for twice: to write, and to read back */
    rm_progress *progress;
} rm_list_rows;

static rm_status list_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    rm_list_rows *rows = context;
    const rm_result *result = rows->result;
    int64_t area = result->order[row];
    int32_t reasons[REASONS];
    int32_t found = rm_reasons_in_order(result, area, reasons, REASONS);
    double fraction = fmin((double)rows->asked++ / (double)rows->to_ask, 1.0);
    RM_TRY(rm_progress_report(rows->progress, fraction, "list", err));
    cells[RANK].i64 = result->rank[area];
    cells[ID].text = result->ids.text + result->ids.at[area];
    cells[NAME].text = result->names.text + result->names.at[area];
    cells[TYPE].text = result->model->areas_type;
    cells[SCORE].f64 = result->score[area];
    cells[CLASS].i64 = result->class_[area];
    cells[COVERAGE].f64 = result->coverage[area];
    for (int32_t r = 0; r < found; r++) {
        rm_text_clear(&rows->reason[r]);
        rm_words_reason(&rows->reason[r], result, area, reasons[r], rows->language);
        RM_TRY(rm_text_status(&rows->reason[r], err));
        cells[REASON_1 + r].text = rows->reason[r].data;
    }
    for (int32_t p = 0; p < result->pillar_count; p++)
        cells[FIXED_COLUMNS + p].f64 = result->pillars[p].score[area];
    for (int32_t k = 0; k < result->model->indicator_count; k++)
        cells[FIXED_COLUMNS + result->pillar_count + k].f64 = result->outcomes[k].value[area];
    return RM_OK;
}

static rm_status make_fields(rm_list_rows *rows, rm_error *err)
{
    static const rm_field FIXED[2][FIXED_COLUMNS] = {
        {{"rank", RM_INT64, "Rang", NULL},
         {"id", RM_TEXT, "Kenmerk", NULL},
         {"name", RM_TEXT, "Naam", NULL},
         {"type", RM_TEXT, "Soort", NULL},
         {"score", RM_FLOAT64, "Score", NULL},
         {"class", RM_INT64, "Klasse", NULL},
         {"reason_1", RM_TEXT, "Eerste reden", NULL},
         {"reason_2", RM_TEXT, "Tweede reden", NULL},
         {"reason_3", RM_TEXT, "Derde reden", NULL},
         {"coverage", RM_FLOAT64, "Dekking van de gegevens", NULL}},
        {{"rank", RM_INT64, "Rank", NULL},
         {"id", RM_TEXT, "Id", NULL},
         {"name", RM_TEXT, "Name", NULL},
         {"type", RM_TEXT, "Type", NULL},
         {"score", RM_FLOAT64, "Score", NULL},
         {"class", RM_INT64, "Class", NULL},
         {"reason_1", RM_TEXT, "First reason", NULL},
         {"reason_2", RM_TEXT, "Second reason", NULL},
         {"reason_3", RM_TEXT, "Third reason", NULL},
         {"coverage", RM_FLOAT64, "Coverage of the data", NULL}}};
    const rm_result *result = rows->result;
    int32_t all = FIXED_COLUMNS + result->pillar_count + result->model->indicator_count;
    RM_TRY(RM_NEW_ZERO(&rows->fields, all, err));
    RM_TRY(RM_NEW_ZERO(&rows->decimals, all, err));
    RM_TRY(RM_NEW_ZERO(&rows->titles, result->pillar_count, err));
    for (; rows->count < FIXED_COLUMNS; rows->count++) {
        rows->fields[rows->count] = FIXED[rows->language == RM_ENGLISH][rows->count];
        rows->decimals[rows->count] = rows->count == SCORE ? 3 : 2;
    }
    for (int32_t p = 0; p < result->pillar_count; p++) {
        rm_text_add(&rows->titles[p], rm_pillar_label(result->pillars[p].name, rows->language));
        rm_text_add(&rows->titles[p], rows->language == RM_ENGLISH ? ": sub-score" : ": deelscore");
        RM_TRY(rm_text_status(&rows->titles[p], err));
        rows->decimals[rows->count] = 3;
        rows->fields[rows->count++] =
            (rm_field){result->pillars[p].name, RM_FLOAT64, rows->titles[p].data, NULL};
    }
    for (int32_t k = 0; k < result->model->indicator_count; k++) {
        const rm_indicator *indicator = &result->model->indicators[k];
        rows->decimals[rows->count] = 3;
        rows->fields[rows->count++] = (rm_field){
            indicator->name, RM_FLOAT64, rm_indicator_label(indicator, rows->language), NULL};
    }
    return RM_OK;
}

static rm_status write_list(rm_list_rows *rows, const char *path, bool overwrite, int64_t wanted,
                            rm_error *err)
{
    const rm_result *result = rows->result;
    rm_text disclaimer = {0};
    const char *notes[2];
    int32_t count = 0;
    RM_TRY(make_fields(rows, err));
    rm_words_disclaimer(&disclaimer, result, rows->language);
    RM_TRY(rm_text_status(&disclaimer, err));
    notes[count++] = disclaimer.data;
    if (result->shielded)
        notes[count++] = rm_words_shielded(rows->language);
    int64_t listed = wanted > 0 && wanted < result->ranked ? wanted : result->ranked;
    rows->to_ask = 2 * listed;
    rm_status status =
        rm_sheet_write(path, overwrite, result->shielded, rows->fields, rows->decimals, rows->count,
                       listed, list_row, rows, notes, count, err);
    rm_text_clear(&disclaimer);
    return status;
}

rm_status rm_write_meeting_list(const rm_result *result, const char *path, bool overwrite,
                                rm_language language, int64_t rows, rm_progress *progress,
                                rm_error *err)
{
    rm_list_rows list = {.result = result, .language = language, .progress = progress};
    rm_status status = write_list(&list, path, overwrite, rows, err);
    for (int32_t p = 0; list.titles && p < result->pillar_count; p++)
        rm_text_clear(&list.titles[p]);
    for (int r = 0; r < REASONS; r++)
        rm_text_clear(&list.reason[r]);
    rm_release(list.titles);
    rm_release(list.fields);
    rm_release(list.decimals);
    return status;
}
