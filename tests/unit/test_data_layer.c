#include "base/progress.h"
#include "data/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static rm_error err;

#define OK(call) assert_int_equal((call), RM_OK)

/* A source of numbered points: every worker has its own run of them, in batches of 3. Multiples of
 * 5 have no geometry and are an issue. */
enum { workers = 3, per_worker = 10, batch = 3 };

typedef struct counting {
    rm_source source;
    int next[workers];
    int fail_at; /* a number, or -1 */
    bool finished, freed;
} counting;

static rm_status add_row(rm_rows *rows, int number)
{
    int64_t row = rows->table.rows;
    char text[8];
    memset(text, 'a' + number % 26, sizeof text);
    OK(rm_rows_add_id(rows, row, 100 + number, &err));
    if (number % 5 == 0) {
        OK(rm_geometry_add_feature(&rows->geometry, RM_KIND_NONE, &err));
        OK(rm_issues_add(&rows->issues, RM_ISSUE_NO_GEOMETRY, 100 + number, 0.0, 0.0, NULL, &err));
        OK(rm_column_add_missing(&rows->table.columns[0], row, &err));
    } else {
        OK(rm_geometry_add_point(&rows->geometry, number, -number, &err));
        OK(rm_column_add_int64(&rows->table.columns[0], row, number, &err));
    }
    OK(rm_column_add_text(&rows->table.columns[1], row, text, number % 8, &err));
    rows->table.rows++;
    return RM_OK;
}

static rm_status next(rm_source *source, int worker, rm_rows *rows, rm_error *error)
{
    counting *c = (counting *)source;
    rm_rows_reset(rows);
    if (rows->table.count == 0)
        RM_TRY(rm_table_copy_columns(&rows->table, &source->columns, error));
    for (int i = 0; i < batch && c->next[worker] < per_worker; i++) {
        int number = worker * per_worker + c->next[worker]++;
        if (number == c->fail_at)
            return rm_fail(error, RM_EIO, "the disk went away");
        RM_TRY(add_row(rows, number));
    }
    return RM_OK;
}

static rm_status finish(rm_source *source, rm_error *error)
{
    (void)error;
    ((counting *)source)->finished = true;
    source->provenance.total = (int64_t)workers * per_worker;
    return RM_OK;
}

static void free_source(rm_source *source)
{
    rm_table_clear(&source->columns);
    rm_provenance_clear(&source->provenance);
    ((counting *)source)->freed = true;
}

static void open_counting(counting *c)
{
    *c = (counting){
        .source = {.next = next, .finish = finish, .free = free_source, .cursors = workers},
        .fail_at = -1};
    OK(rm_table_add_column(&c->source.columns, "number", RM_INT64, &err));
    OK(rm_table_add_column(&c->source.columns, "text", RM_TEXT, &err));
    OK(rm_copy_text(&c->source.provenance.source, "numbers", &err));
}

static void check_row(const rm_rows *rows, int64_t row, int number)
{
    int64_t length;
    assert_int_equal(rows->ids[row], 100 + number);
    assert_int_equal(rows->geometry.kind[row], number % 5 == 0 ? RM_KIND_NONE : RM_KIND_POINT);
    assert_int_equal(rm_column_missing(&rows->table.columns[0], row), number % 5 == 0);
    rm_box box = rm_geometry_box(&rows->geometry, row);
    assert_int_equal(rm_box_is_empty(box), number % 5 == 0);
    if (number % 5 != 0)
        assert_true(box.xmin == number && box.ymax == -number);
    const char *text = rm_column_text(&rows->table.columns[1], row, &length);
    assert_int_equal(length, number % 8);
    assert_true(length == 0 || text[length - 1] == 'a' + number % 26);
}

static void test_collect_keeps_everything_in_order(void **state)
{
    (void)state;
    counting c;
    rm_layer *layer = NULL;
    open_counting(&c);
    OK(rm_source_collect(&layer, &c.source, NULL, NULL, &err));
    assert_true(c.finished);
    assert_int_equal(layer->rows.table.rows, workers * per_worker);
    for (int i = 0; i < workers * per_worker; i++)
        check_row(&layer->rows, i, i);
    assert_int_equal(layer->rows.issues.count, 6);
    assert_int_equal(layer->rows.issues.items[5].feature, 125);
    assert_string_equal(layer->provenance.source, "numbers");
    assert_int_equal(layer->provenance.total, 30);
    rm_source_free(&c.source);
    assert_true(c.freed);
    assert_string_equal(layer->provenance.source, "numbers"); /* the layer's own copy */
    rm_layer_free(layer);
    rm_layer_free(NULL);
    rm_source_free(NULL);
}

static void test_collect_of_nothing_has_columns(void **state)
{
    (void)state;
    counting c;
    rm_layer *layer = NULL;
    open_counting(&c);
    for (int i = 0; i < workers; i++)
        c.next[i] = per_worker;
    OK(rm_source_collect(&layer, &c.source, NULL, NULL, &err));
    assert_int_equal(layer->rows.table.rows, 0);
    assert_int_equal(layer->rows.table.count, 2);
    rm_layer_free(layer);
    rm_source_free(&c.source);
}

static void test_collect_fails_with_its_source(void **state)
{
    (void)state;
    counting c;
    rm_layer *layer = NULL;
    open_counting(&c);
    c.fail_at = 17;
    assert_int_equal(rm_source_collect(&layer, &c.source, NULL, NULL, &err), RM_EIO);
    assert_string_equal(err.message, "the disk went away");
    assert_null(layer);
    assert_false(c.finished);
    rm_source_free(&c.source);
}

static int hear(double fraction, const char *message, void *user)
{
    (void)fraction, (void)message;
    int *left = user;
    return (*left)-- <= 0;
}

static void test_collecting_tells_how_far_it_is_and_stops(void **state)
{
    (void)state;
    for (int cursors = 1; cursors <= workers; cursors += workers - 1) {
        counting c;
        rm_layer *layer = NULL;
        rm_progress progress;
        int left = 2;
        open_counting(&c);
        c.source.cursors = cursors;
        rm_progress_start(&progress, hear, &left);
        c.source.progress = &progress;
        assert_int_equal(rm_source_collect(&layer, &c.source, NULL, NULL, &err), RM_ECANCELLED);
        assert_int_equal(left, -1);
        assert_null(layer);
        assert_true(c.next[0] == 3 * batch && !c.finished);
        rm_source_free(&c.source);
    }
}

static void test_copy_of_rows(void **state)
{
    (void)state;
    counting c;
    rm_layer *layer = NULL;
    rm_rows rows = {0};
    open_counting(&c);
    OK(rm_source_collect(&layer, &c.source, NULL, NULL, &err));
    OK(rm_table_copy_columns(&rows.table, &layer->rows.table, &err));
    for (int i = 29; i >= 0; i -= 2)
        OK(rm_rows_add_copy(&rows, &layer->rows, i, &err));
    assert_int_equal(rows.table.rows, 15);
    for (int i = 0; i < 15; i++)
        check_row(&rows, i, 29 - 2 * i);
    assert_int_equal(rows.issues.count, 0);
    OK(rm_rows_add_all(&rows, &layer->rows, &err));
    check_row(&rows, 15 + 12, 12);
    assert_int_equal(rows.issues.count, 6);
    assert_int_equal(layer->rows.issues.count, 0);
    rm_rows_reset(&rows);
    assert_int_equal(rows.table.rows, 0);
    assert_int_equal(rows.table.count, 2);
    assert_int_equal(rows.geometry.features, 0);
    assert_int_equal(rows.issues.count, 0);
    rm_rows_clear(&rows);
    rm_layer_free(layer);
    rm_source_free(&c.source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collect_keeps_everything_in_order),
        cmocka_unit_test(test_collect_of_nothing_has_columns),
        cmocka_unit_test(test_collect_fails_with_its_source),
        cmocka_unit_test(test_collecting_tells_how_far_it_is_and_stops),
        cmocka_unit_test(test_copy_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
