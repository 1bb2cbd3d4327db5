/* Feeds bytes, as the head and rows of delimited text, to what guesses the roles of columns: every
 * role must be a column that is there or none, no column may have two roles, and no guess may come
 * from cells of another length. Links libriskmap_io.a, libriskmap_data.a, libriskmap_base.a; start
 * it with corpus/roles and -max_len=2048. */
#include "io/roles.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 24, MOST_ROWS = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

/* The end of a cell: a semicolon or the end of the line. */
static size_t cell_end(const char *text, size_t size, size_t at)
{
    while (at < size && text[at] != ';' && text[at] != '\n')
        at++;
    return at;
}

static size_t read_head(rm_table *table, const char *text, size_t size)
{
    size_t at = 0;
    for (bool more = true; more && table->count < MOST_COLUMNS;) {
        char name[200];
        size_t end = cell_end(text, size, at), length = end - at < 199 ? end - at : 199;
        memcpy(name, text + at, length);
        name[length] = '\0';
        name[rm_utf8_valid(name, (int64_t)strlen(name))] = '\0';
        need(rm_table_add_column(table, name, RM_TEXT, NULL) == RM_OK);
        more = end < size && text[end] == ';';
        at = end < size ? end + 1 : size;
    }
    return at;
}

static void read_rows(rm_table *table, const char *text, size_t size, size_t at)
{
    for (; at < size && table->rows < MOST_ROWS; table->rows++) {
        bool more = true;
        for (int32_t c = 0; c < table->count; c++) {
            size_t end = more ? cell_end(text, size, at) : at;
            int64_t length = rm_utf8_valid(text + at, (int64_t)(end - at));
            rm_column *column = &table->columns[c];
            need((length > 0 ? rm_column_add_text(column, table->rows, text + at, length, NULL)
                             : rm_column_add_missing(column, table->rows, NULL)) == RM_OK);
            if (more) {
                more = end < size && text[end] == ';';
                at = end < size ? end + 1 : size;
            }
        }
        if (more) { /* cells past the last column */
            const char *line = at < size ? memchr(text + at, '\n', size - at) : NULL;
            at = line ? (size_t)(line - text) + 1 : size;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    rm_table table = {0};
    rm_roles roles, again;
    need(text != NULL);
    memcpy(text, data, size);
    read_rows(&table, text, size, read_head(&table, text, size));
    need(rm_roles_guess(&roles, &table, NULL) == RM_OK);
    need(rm_roles_guess(&again, &table, NULL) == RM_OK);
    for (int r = 0; r < RM_ROLES; r++) {
        int32_t column = roles.of[r].column;
        need(column >= -1 && column < table.count);
        need((column < 0) == (roles.of[r].sure == RM_SURE_NOT));
        need(column == again.of[r].column && roles.of[r].sure == again.of[r].sure);
        for (int other = 0; other < r; other++)
            need(column < 0 || column != roles.of[other].column);
    }
    need((roles.of[RM_ROLE_X].column < 0) == (roles.of[RM_ROLE_Y].column < 0));
    rm_table_clear(&table);
    free(text);
    return 0;
}
