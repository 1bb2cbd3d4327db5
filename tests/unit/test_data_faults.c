/* Rows, issues and Arrow with every allocation made to fail in turn: an error, no leak, outputs
 * untouched. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "data/arrow.h"

static const uint8_t little_line[] = {1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                                      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

static rm_status fill(rm_rows *rows, int64_t count, rm_error *err)
{
    rm_issue_code verdict;
    bool curve;
    if (rows->table.count == 0) {
        RM_TRY(rm_table_add_column(&rows->table, "number", RM_INT64, err));
        RM_TRY(rm_table_add_column(&rows->table, "text", RM_TEXT, err));
    }
    for (int64_t row = 0; row < count; row++) {
        RM_TRY(rm_rows_add_id(rows, row, row, err));
        int64_t features = rows->geometry.features;
        rm_status status = rm_geometry_add_wkb(&rows->geometry, little_line, sizeof little_line,
                                               &verdict, &curve, err);
        /* a feature is there wholly or not at all */
        assert_int_equal(rows->geometry.features, features + (status == RM_OK));
        if (features > 0)
            assert_int_equal(rows->geometry.feature_part[features + (status == RM_OK)],
                             rows->geometry.parts);
        if (status != RM_OK)
            return status;
        if (row % 3 == 1)
            RM_TRY(rm_column_add_missing(&rows->table.columns[0], row, err));
        else
            RM_TRY(rm_column_add_int64(&rows->table.columns[0], row, row, err));
        RM_TRY(rm_column_add_text(&rows->table.columns[1], row, "text", 4, err));
        RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_SOURCE, row, 0.0, 0.0, "a text", err));
        rows->table.rows++;
    }
    return RM_OK;
}

/* Two batches, then nothing. */
static rm_status next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    (void)worker;
    rm_rows_reset(rows);
    return source->fraction++ < 2.0 ? fill(rows, 20, err) : RM_OK;
}

static rm_status collect(rm_error *err)
{
    rm_source source = {.next = next, .cursors = 1};
    rm_layer *layer = NULL;
    rm_status status = rm_table_add_column(&source.columns, "number", RM_INT64, err);
    if (status == RM_OK)
        status = rm_table_add_column(&source.columns, "text", RM_TEXT, err);
    if (status == RM_OK)
        status = rm_copy_text(&source.provenance.source, "somewhere", err);
    if (status == RM_OK)
        status = rm_copy_text(&source.provenance.crs, "EPSG:28992", err);
    if (status == RM_OK)
        status = rm_source_collect(&layer, &source, NULL, NULL, err);
    if (status == RM_OK) {
        assert_int_equal(layer->rows.table.rows, 40);
    } else {
        assert_null(layer);
    }
    rm_layer_free(layer);
    rm_table_clear(&source.columns);
    rm_provenance_clear(&source.provenance);
    return status;
}

static rm_status copy_row_by_row(rm_error *err)
{
    rm_rows from = {0}, to = {0};
    rm_status status = fill(&from, 10, err);
    if (status == RM_OK)
        status = rm_table_copy_columns(&to.table, &from.table, err);
    for (int64_t row = 0; status == RM_OK && row < 10; row++)
        status = rm_rows_add_copy(&to, &from, row, err);
    rm_rows_clear(&from);
    rm_rows_clear(&to);
    return status;
}

static rm_status through(struct ArrowArrayStream *stream, rm_rows *rows, rm_error *err)
{
    struct ArrowSchema schema = {0};
    struct ArrowArray array = {0};
    const int columns[] = {1, 2};
    const rm_arrow_plan plan = {3, 0, columns, 0, NULL, NULL};
    if (stream->get_schema(stream, &schema) != 0) {
        assert_null(schema.release);
        assert_non_null(stream->get_last_error(stream));
        return rm_fail_memory(err);
    }
    rm_status status = rm_table_add_column(&rows->table, "number", RM_INT64, err);
    if (status == RM_OK)
        status = rm_table_add_column(&rows->table, "text", RM_TEXT, err);
    if (status == RM_OK && stream->get_next(stream, &array) != 0) {
        assert_null(array.release);
        assert_non_null(stream->get_last_error(stream));
        status = rm_fail_memory(err);
    }
    if (status == RM_OK)
        status = rm_arrow_append(rows, &plan, &schema, &array, err);
    if (array.release)
        array.release(&array);
    schema.release(&schema);
    return status;
}

static rm_status arrow_round_trip(rm_error *err)
{
    rm_layer layer = {0};
    rm_rows rows = {0};
    struct ArrowArrayStream stream = {0};
    rm_status status = fill(&layer.rows, 10, err);
    if (status == RM_OK)
        status = rm_copy_text(&layer.crs, "EPSG:28992", err);
    if (status == RM_OK)
        status = rm_arrow_export(&stream, &layer, layer.crs, err);
    if (status == RM_OK)
        status = through(&stream, &rows, err);
    if (status == RM_OK)
        assert_int_equal(rows.table.rows, 10);
    if (stream.release)
        stream.release(&stream);
    rm_rows_clear(&rows);
    rm_rows_clear(&layer.rows);
    rm_release(layer.crs);
    return status;
}

/* Ids that do not ascend are sorted in a copy. After a failure all is as it was. */
static rm_status take_ids(bool equal, rm_error *err)
{
    rm_rows rows = {0};
    rm_status status = rm_table_add_column(&rows.table, "fid", RM_INT64, err);
    for (int64_t row = 0; status == RM_OK && row < 9; row++, rows.table.rows++) {
        status = rm_rows_add_id(&rows, row, row, err);
        if (status == RM_OK)
            status = rm_column_add_int64(&rows.table.columns[0], row,
                                         equal && row == 3 ? 90 : 90 - row, err);
    }
    if (status == RM_OK) {
        status = rm_rows_take_ids(&rows, 0, err);
        bool taken = status == RM_OK && !equal;
        assert_int_equal(rows.table.count, taken ? 0 : 1);
        assert_int_equal(rows.ids[8], taken ? 82 : 8);
        assert_int_equal(rows.issues.count, status == RM_OK && equal);
    }
    rm_rows_clear(&rows);
    return status;
}

static rm_status take_different_ids(rm_error *err)
{
    return take_ids(false, err);
}

static rm_status take_equal_ids(rm_error *err)
{
    return take_ids(true, err);
}

static void test_take_ids(void **state)
{
    (void)state;
    torture(take_different_ids, 5);
    torture(take_equal_ids, 7);
}

static void test_collect(void **state)
{
    (void)state;
    torture(collect, 60);
}

static void test_copy_row_by_row(void **state)
{
    (void)state;
    torture(copy_row_by_row, 30);
}

static void test_arrow_round_trip(void **state)
{
    (void)state;
    torture(arrow_round_trip, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collect),
        cmocka_unit_test(test_copy_row_by_row),
        cmocka_unit_test(test_arrow_round_trip),
        cmocka_unit_test(test_take_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
