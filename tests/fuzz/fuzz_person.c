/* Feeds bytes to what recognises persons and refused subjects: as an identifier, and as the cells
 * of a column, one on each line. No input may crash or be read past its end; verdicts do not depend
 * on the case of ASCII letters, nor on cells past the first thousand, and messages quote no cell.
 * Links libriskmap_model.a, libriskmap_data.a and libriskmap_base.a; start it with corpus/person
 * and -max_len=4096. */
#include "base/text.h"
#include "data/person.h"
#include "data/term.h"
#include "model/subjects.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void check_identifier(const char *name)
{
    rm_terms terms;
    rm_error err = {0};
    rm_terms_split(&terms, name);
    need(terms.count >= 0 && terms.count <= RM_TERM_WORDS);
    size_t total = 0;
    for (int w = 0; w < terms.count; w++) {
        const char *word = terms.words + terms.at[w];
        need(word[0] && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(word));
        total += strlen(word) + 1;
    }
    need(total <= RM_TERM_ROOM && strlen(terms.whole) + (terms.count > 0) == total);
    rm_person kind = rm_person_by_name(name);
    need(kind <= RM_PERSON_KINDS && rm_person_by_name(terms.whole) == kind);
    rm_subject subject = rm_subject_of(name);
    need(subject <= RM_SUBJECTS && rm_subject_of(terms.whole) == subject);
    rm_status status = rm_person_check_name(name, "a.csv", &err);
    need(status == (kind == RM_PERSON_KINDS ? RM_OK : RM_EDATA));
    if (status != RM_OK)
        need(!strpbrk(err.message, "\n\r\t") && strstr(err.message, rm_person_words(kind)));
}

static int64_t fill(rm_column *column, const char *text, size_t size, int64_t most)
{
    int64_t rows = 0;
    for (size_t at = 0; at < size && rows < most; rows++) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        need((length ? rm_column_add_text(column, rows, text + at, (int64_t)length, NULL)
                     : rm_column_add_missing(column, rows, NULL)) == RM_OK);
        at += length + 1;
    }
    return rows;
}

static void check_cells(const char *text, size_t size)
{
    rm_table table = {0};
    rm_error err = {0};
    need(rm_table_add_column(&table, "kenmerk", RM_TEXT, NULL) == RM_OK);
    rm_column *column = &table.columns[0];
    /* the same cells over and over, so that there are enough to judge */
    while (table.rows < 3 * RM_PERSON_ROWS / 2 && size > 0) {
        size_t before = (size_t)table.rows;
        for (size_t at = 0; at <= size && table.rows < 3 * RM_PERSON_ROWS / 2;) {
            const char *end = at < size ? memchr(text + at, '\n', size - at) : NULL;
            size_t length = end ? (size_t)(end - text) - at : size - at;
            need((length ? rm_column_add_text(column, table.rows, text + at, (int64_t)length, NULL)
                         : rm_column_add_missing(column, table.rows, NULL)) == RM_OK);
            table.rows++;
            at += length + 1;
        }
        need((size_t)table.rows > before);
    }
    rm_person kind = rm_person_by_content(column, table.rows);
    need(kind <= RM_PERSON_KINDS);
    need(rm_person_by_content(column, table.rows < RM_PERSON_ROWS ? table.rows : RM_PERSON_ROWS) ==
         kind);
    need(rm_person_check_rows(&table, "a.csv", &err) ==
         (kind == RM_PERSON_KINDS ? RM_OK : RM_EDATA));
    if (kind != RM_PERSON_KINDS)
        need(strstr(err.message, "\"kenmerk\" holds") && strlen(err.message) < 300);
    rm_table_clear(&table);
    need(rm_table_add_column(&table, "c", RM_TEXT, NULL) == RM_OK);
    table.rows = fill(&table.columns[0], text, size, 5000);
    (void)rm_person_by_content(&table.columns[0], table.rows);
    rm_table_clear(&table);
}

static void check_numbers(const uint8_t *data, size_t size)
{
    rm_table table = {0};
    need(rm_table_add_column(&table, "n", RM_INT64, NULL) == RM_OK);
    for (size_t at = 0; at + 8 <= size; at += 8, table.rows++) {
        int64_t value;
        memcpy(&value, data + at, 8);
        need(rm_column_add_int64(&table.columns[0], table.rows, value, NULL) == RM_OK);
    }
    rm_person kind = rm_person_by_content(&table.columns[0], table.rows);
    need(kind == RM_PERSON_KINDS || kind == RM_PERSON_BSN);
    rm_table_clear(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    need(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    check_identifier(text);
    check_cells(text, size);
    check_numbers(data, size);
    free(text);
    return 0;
}
