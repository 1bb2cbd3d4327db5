/* Filters and models read with every allocation made to fail in turn: an error, no leak, outputs
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

#include "model/model.h"
#include "riskmap/model.h"

static rm_status read_text(const char *text, rm_error *err)
{
    rm_model *model = NULL;
    rm_status status = rm_model_from_text(&model, text, (int64_t)strlen(text), "m.json", err);
    assert_true((model != NULL) == (status == RM_OK));
    rm_model_free(model);
    return status;
}

#define MODEL(filter, scale)                                                                       \
    "{\"riskmap\": 1, \"name\": \"a\", \"purpose\": \"b\", \"layers\": {\"a\": {\"source\": "      \
    "\"s\", "                                                                                      \
    "\"where\": \"" filter                                                                         \
    "\"}, \"b\": {\"source\": \"t\", \"origin\": \"reported\"}}, \"areas\": "                      \
    "{\"layer\": \"a\", \"id\": \"i\"}, \"indicators\": [{\"name\": \"n\", \"pillar\": \"p\", "    \
    "\"measure\": \"rate\", \"of\": \"b\", \"per\": \"a\", \"where\": \"x = 1\", \"scale\": "      \
    "\"" scale                                                                                     \
    "\", \"weight\": 1, \"direction\": \"+\", \"label\": \"l\", \"why\": \"w\"}], \"score\": "     \
    "{\"classes\": [0.5]}}"

static rm_status good(rm_error *err)
{
    return read_text(MODEL("x IN (1, 'b') AND \\\"y\\\" LIKE '%a' OR z IS NULL", "rank"), err);
}

static rm_status wrong_filter(rm_error *err)
{
    return read_text(MODEL("x IN (1, 'b') AND y LIKE 5", "rank"), err);
}

static rm_status wrong_scale(rm_error *err)
{
    return read_text(MODEL("x = 1", "minmx"), err);
}

static rm_status wrong_key(rm_error *err)
{
    return read_text("{\"riskmap\": 1, \"nme\": 2}", err);
}

static rm_status key_twice(rm_error *err)
{
    return read_text("{\"riskmap\": 1, \"riskmap\": 2}", err);
}

static rm_status apply(rm_error *err)
{
    rm_filter *filter = NULL;
    rm_table table = {0};
    uint8_t mask[1];
    rm_status status = rm_filter_parse(&filter, "a = 1 AND (a = 2 OR NOT a = 3)", err);
    if (status == RM_OK)
        status = rm_table_add_column(&table, "a", RM_INT64, err);
    if (status == RM_OK)
        status = rm_column_add_int64(&table.columns[0], 0, 1, err);
    table.rows = status == RM_OK;
    if (status == RM_OK)
        status = rm_filter_check(filter, &table, err);
    if (status == RM_OK)
        status = rm_filter_apply(filter, &table, mask, err);
    if (status == RM_OK)
        assert_int_equal(mask[0], 1);
    rm_table_clear(&table);
    rm_filter_free(filter);
    return status;
}

static void test_good(void **state)
{
    (void)state;
    torture(good, 60);
}

static void test_wrong(void **state)
{
    (void)state;
    torture_to(wrong_filter, RM_EMODEL, 40);
    torture_to(wrong_scale, RM_EMODEL, 40);
    torture_to(wrong_key, RM_EMODEL, 10);
    torture_to(key_twice, RM_EMODEL, 5);
}

static void test_apply(void **state)
{
    (void)state;
    torture(apply, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_apply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
