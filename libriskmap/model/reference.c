#include "model/reference.h"

#include <math.h>
#include <string.h>

/* Tables of a result that are read back, and the columns in the order they are asked for. */
static const char *const INDICATOR_COLUMNS[] = {"indicator", "name",       "measure",
                                                "scale",     "direction",  "scale_a",
                                                "scale_b",   "prior_mean", "prior_variance"};
enum { NUMBER, NAME, MEASURE, SCALE, DIRECTION, A, B, PRIOR_MEAN, PRIOR_VARIANCE };
static const char *const CONTRIBUTION_COLUMNS[] = {"indicator", "value"};

static rm_status read_table(rm_layer **out, const rm_run_request *request, const char *table,
                            const char *const *columns, int32_t count, rm_error *err)
{
    rm_request wanted = {.source = request->reference,
                         .layer = table,
                         .columns = columns,
                         .column_count = count,
                         .threads = 1,
                         .shielded = true};
    rm_source *source = NULL;
    rm_status status = request->open(request->open_context, &wanted, &source, err);
    if (status == RM_OK)
        status = rm_source_collect(out, source, NULL, NULL, err);
    rm_source_free(source);
    if (status != RM_OK)
        rm_fail_within(err, status, "reference");
    return status;
}

static bool cell_is(const rm_column *column, int64_t row, const char *text)
{
    int64_t length;
    if (column->type != RM_TEXT || rm_column_missing(column, row))
        return false;
    const char *cell = rm_column_text(column, row, &length);
    return (size_t)length == strlen(text) && memcmp(cell, text, (size_t)length) == 0;
}

/* The present values of one indicator in the earlier result. */
static rm_status earlier_values(double **out, int64_t *count, const rm_table *contributions,
                                double number, rm_error *err)
{
    RM_TRY(RM_NEW(out, contributions->rows, err));
    *count = 0;
    for (int64_t r = 0; r < contributions->rows; r++)
        if (rm_column_number(&contributions->columns[0], r, NULL) == number &&
            !rm_column_missing(&contributions->columns[1], r))
            (*out)[(*count)++] = rm_column_number(&contributions->columns[1], r, NULL);
    return RM_OK;
}

static rm_status refit(rm_scaling *scaling, const rm_table *indicators, int64_t row,
                       const rm_table *contributions, rm_error *err)
{
    if (scaling->method != RM_SCALE_RANK && scaling->method != RM_SCALE_PERCENTILE) {
        scaling->a = rm_column_number(&indicators->columns[A], row, NULL);
        scaling->b = rm_column_number(&indicators->columns[B], row, NULL);
        scaling->constant = isnan(scaling->a) || scaling->a == scaling->b;
        scaling->count = 1;
        return RM_OK;
    }
    double *values = NULL;
    int64_t count;
    double number = rm_column_number(&indicators->columns[NUMBER], row, NULL);
    rm_status status = earlier_values(&values, &count, contributions, number, err);
    if (status == RM_OK)
        status = rm_scaling_fit(scaling, values, count, NULL, err);
    rm_release(values);
    return status;
}

static rm_status take_indicator(rm_outcome *outcome, const rm_indicator *indicator,
                                const rm_table *indicators, const rm_table *contributions,
                                rm_error *err)
{
    int64_t row = 0;
    const rm_column *columns = indicators->columns;
    while (row < indicators->rows && !cell_is(&columns[NAME], row, indicator->name))
        row++;
    if (row == indicators->rows)
        return rm_fail(err, RM_EMODEL,
                       "reference: it has no indicator \"%s\"; use a result of this model",
                       indicator->name);
    outcome->scaling =
        (rm_scaling){.method = (int32_t)indicator->scale, .direction = indicator->direction};
    if (!cell_is(&columns[MEASURE], row, rm_measure_rule_of(indicator->measure)->name) ||
        !cell_is(&columns[SCALE], row, rm_scale_names[indicator->scale]) ||
        !cell_is(&columns[DIRECTION], row, indicator->direction > 0 ? "+" : "-"))
        return rm_fail(err, RM_EMODEL,
                       "reference: indicator \"%s\" was measured or scaled otherwise there; scores "
                       "can only be compared under one model",
                       indicator->name);
    outcome->prior.mean = rm_column_number(&columns[PRIOR_MEAN], row, NULL);
    outcome->prior.variance = rm_column_number(&columns[PRIOR_VARIANCE], row, NULL);
    return refit(&outcome->scaling, indicators, row, contributions, err);
}

/* Ranks among the areas of a result that was itself scaled by another say nothing
 * about that other. */
static rm_status refuse_chain(const rm_result *result, const rm_run_request *request, rm_error *err)
{
    static const char *const COLUMNS[] = {"key", "value"};
    rm_layer *run = NULL;
    bool chained = false, ranked = false;
    RM_TRY(read_table(&run, request, "run", COLUMNS, 2, err));
    for (int64_t r = 0; r < run->rows.table.rows; r++)
        chained |= cell_is(&run->rows.table.columns[0], r, "reference");
    rm_layer_free(run);
    for (int32_t k = 0; k < result->model->indicator_count; k++)
        ranked |= result->model->indicators[k].scale == RM_SCALE_RANK ||
                  result->model->indicators[k].scale == RM_SCALE_PERCENTILE;
    if (chained && ranked)
        return rm_fail(err, RM_EMODEL,
                       "reference: that result was itself scaled by an earlier one; "
                       "name the first one");
    return RM_OK;
}

rm_status rm_reference_read(rm_result *result, const rm_run_request *request, rm_error *err)
{
    rm_layer *indicators = NULL, *contributions = NULL;
    RM_TRY(refuse_chain(result, request, err));
    rm_status status =
        read_table(&indicators, request, "indicators", INDICATOR_COLUMNS,
                   (int32_t)(sizeof INDICATOR_COLUMNS / sizeof *INDICATOR_COLUMNS), err);
    if (status == RM_OK)
        status = read_table(&contributions, request, "contributions", CONTRIBUTION_COLUMNS, 2, err);
    for (int32_t k = 0; k < result->model->indicator_count && status == RM_OK; k++)
        status = take_indicator(&result->outcomes[k], &result->model->indicators[k],
                                &indicators->rows.table, &contributions->rows.table, err);
    rm_layer_free(indicators);
    rm_layer_free(contributions);
    result->referenced = status == RM_OK;
    return status;
}
