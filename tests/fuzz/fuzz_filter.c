/* Feeds bytes to the filter parser as a `where`, and what it accepts to a table of every type: what
 * passes may not pass when it is turned round, brackets may change nothing, and a row may not
 * depend on its neighbours. Links libriskmap_data.a and libriskmap_base.a; start it with
 * corpus/filter and -max_len=400. */
#include "base/text.h"
#include "data/filter.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 11 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

/* Columns n, f, t, d and m; a third of the cells is missing. */
static void fill(rm_table *table)
{
    static const char names[][2] = {"n", "f", "t", "d", "m"};
    static const rm_type types[] = {RM_INT64, RM_FLOAT64, RM_TEXT, RM_DATE, RM_DATETIME};
    static const char *const texts[] = {"", "a", "12", "3,5", "abc%", "\xC3\xAB"};
    for (int c = 0; c < 5; c++)
        need(rm_table_add_column(table, names[c], types[c], NULL) == RM_OK);
    for (int64_t row = 0; row < ROWS; row++) {
        const char *text = texts[row % 6];
        rm_column *c = table->columns;
        for (int k = 0; k < 5; k++) {
            rm_status status;
            if ((row + k) % 3 == 0)
                status = rm_column_add_missing(&c[k], row, NULL);
            else if (types[k] == RM_FLOAT64)
                status = rm_column_add_double(&c[k], row, (double)(row - 5) / 2, NULL);
            else if (types[k] == RM_TEXT)
                status = rm_column_add_text(&c[k], row, text, (int64_t)strlen(text), NULL);
            else if (types[k] == RM_DATE)
                status = rm_column_add_date(&c[k], row, (int32_t)row - 5, NULL);
            else
                status = rm_column_add_int64(&c[k], row, (row - 5) * (k == 0 ? 1 : 43200000), NULL);
            need(status == RM_OK);
        }
        table->rows++;
    }
}

/* False when the filter does not fit the table. */
static bool apply(const char *where, const rm_table *table, uint8_t *mask)
{
    rm_filter *filter = NULL;
    rm_error err;
    if (rm_filter_parse(&filter, where, &err) != RM_OK) {
        int64_t length = (int64_t)strlen(err.message);
        need(length > 0 && rm_utf8_valid(err.message, length) == length);
        need(!strpbrk(err.message, "\n\r\t"));
        return false;
    }
    bool fits = rm_filter_check(filter, table, NULL) == RM_OK;
    need((rm_filter_apply(filter, table, mask, NULL) == RM_OK) == fits);
    rm_filter_free(filter);
    return fits;
}

static void check_alone(const char *where, const rm_table *table, const uint8_t *mask)
{
    rm_table one = {0};
    need(rm_table_copy_columns(&one, table, NULL) == RM_OK);
    for (int64_t row = 0; row < table->rows; row++) {
        uint8_t alone;
        rm_table_reset(&one);
        need(rm_table_add_row(&one, table, row, NULL) == RM_OK);
        one.rows = 1;
        need(apply(where, &one, &alone) && alone == mask[row]);
    }
    rm_table_clear(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *where = malloc(size + 8);
    rm_table table = {0};
    uint8_t mask[ROWS], other[ROWS];
    fill(&table);
    memcpy(where, data, size);
    where[size] = '\0';
    if (apply(where, &table, mask)) {
        check_alone(where, &table, mask);
        size = strlen(where);
        memcpy(where, "NOT (", 5);
        memcpy(where + 5, data, size);
        memcpy(where + 5 + size, ")", 2);
        /* one level of brackets more may be one too many */
        bool deeper = apply(where, &table, other);
        for (int row = 0; deeper && row < ROWS; row++)
            need(!(mask[row] && other[row]));
        deeper = deeper && apply(where + 4, &table, other);
        for (int row = 0; deeper && row < ROWS; row++)
            need(mask[row] == other[row]);
    }
    rm_table_clear(&table);
    free(where);
    return 0;
}
