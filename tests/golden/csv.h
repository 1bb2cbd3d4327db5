/* A small reader for the comma-separated tables of the golden cases: a heading, then rows; quotes
 * are taken off, no cell holds a comma or a newline. Empty and NA are NaN as a number. */
#ifndef RM_TESTS_GOLDEN_CSV_H
#define RM_TESTS_GOLDEN_CSV_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct csv_table {
    char *text;
    char **cells; /* [(rows + 1) * columns], the heading first */
    int rows, columns;
} csv_table;

static char *csv_unquote(char *cell)
{
    size_t length = strlen(cell);
    if (length >= 2 && cell[0] == '"' && cell[length - 1] == '"') {
        cell[length - 1] = '\0';
        cell++;
    }
    return cell;
}

static void csv_split(csv_table *table)
{
    int room = 0, count = 0;
    char *line = table->text;
    while (*line) {
        char *end = line + strcspn(line, "\r\n");
        char *next = end + strspn(end, "\r\n");
        *end = '\0';
        for (char *cell = line; cell;) {
            char *comma = strchr(cell, ',');
            if (comma)
                *comma = '\0';
            if (count == room) {
                room = room ? 2 * room : 64;
                table->cells = realloc(table->cells, (size_t)room * sizeof(char *));
                if (!table->cells)
                    abort();
            }
            table->cells[count++] = csv_unquote(cell);
            cell = comma ? comma + 1 : NULL;
        }
        if (table->columns == 0)
            table->columns = count;
        line = next;
    }
    table->rows = table->columns ? count / table->columns - 1 : 0;
    if (table->columns && count % table->columns)
        table->rows = -1;
}

/* $RISKMAP_SHARED/golden/<path>; 0, with a printed line, when it is not there. */
static int csv_read(csv_table *table, const char *path)
{
    const char *shared = getenv("RISKMAP_SHARED");
    char name[4096];
    memset(table, 0, sizeof *table);
    snprintf(name, sizeof name, "%s/golden/%s", shared ? shared : "", path);
    FILE *file = shared ? fopen(name, "rb") : NULL;
    if (!file) {
        printf("skipped: golden/%s is not there (RISKMAP_SHARED)\n", path);
        return 0;
    }
    size_t size = 0, got;
    do {
        table->text = realloc(table->text, size + 65537);
        if (!table->text)
            abort();
        got = fread(table->text + size, 1, 65536, file);
        size += got;
    } while (got > 0);
    fclose(file);
    table->text[size] = '\0';
    csv_split(table);
    return 1;
}

/* The number of a column, or -1. */
static int csv_column(const csv_table *table, const char *name)
{
    for (int c = 0; c < table->columns; c++) {
        if (strcmp(table->cells[c], name) == 0)
            return c;
    }
    return -1;
}

static const char *csv_text(const csv_table *table, int row, int column)
{
    return table->cells[(row + 1) * table->columns + column];
}

static double csv_number(const csv_table *table, int row, int column)
{
    const char *cell = csv_text(table, row, column);
    char *end;
    if (cell[0] == '\0' || strcmp(cell, "NA") == 0)
        return NAN;
    double value = strtod(cell, &end);
    if (*end)
        abort(); /* not a table of numbers after all */
    return value;
}

static void csv_free(csv_table *table)
{
    free(table->cells);
    free(table->text);
    memset(table, 0, sizeof *table);
}

#endif
