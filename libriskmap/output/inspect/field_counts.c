#include "output/inspect/field_counts.h"

#include "base/date.h"
#include "io/profile.h"

#include <math.h>

void rm_field_counts_start(rm_field_counts *counts, const char *name)
{
    *counts = (rm_field_counts){.lowest = NAN,
                                .highest = NAN,
                                .first_date = RM_NO_DATE,
                                .last_date = RM_NO_DATE,
                                .until = INT32_MAX,
                                .newest = RM_NO_DATE,
                                .rules = rm_sentinels_of(name),
                                .person = rm_person_by_name(name)};
}

/* fmin and fmax give the other one when one is NaN. */
static void add_number(rm_field_counts *counts, double value)
{
    if (rm_is_sentinel(counts->rules, value)) {
        counts->sentinels++;
        return;
    }
    counts->numbers++;
    counts->lowest = fmin(counts->lowest, value);
    counts->highest = fmax(counts->highest, value);
}

static void widen_dates(rm_field_counts *counts, int32_t first, int32_t last)
{
    if (first == RM_NO_DATE)
        return;
    if (counts->first_date == RM_NO_DATE || first < counts->first_date)
        counts->first_date = first;
    if (counts->last_date == RM_NO_DATE || last > counts->last_date)
        counts->last_date = last;
}

static void note_newest(rm_field_counts *counts, int32_t date)
{
    if (date <= counts->until && date > counts->newest)
        counts->newest = date; /* RM_NO_DATE is below all dates */
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void add_text(rm_field_counts *counts, const rm_column *column, int64_t row)
{
    int64_t length;
    bool bad;
    const char *text = rm_column_text(column, row, &length);
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    while (length > 0 && is_blank(*text)) {
        text++;
        length--;
    }
    if (length == 0) {
        counts->missing++;
        return;
    }
    if (rm_is_sentinel_text(counts->rules, text, length)) {
        counts->sentinels++;
        return;
    }
    /* most text begins with a letter, and no number or date does */
    if (!((*text >= '0' && *text <= '9') || *text == '-' || *text == '+' || *text == '.' ||
          *text == ','))
        return;
    int32_t date = rm_date_parse(text, length);
    if (date != RM_NO_DATE) {
        counts->dates++;
        widen_dates(counts, date, date);
        note_newest(counts, date);
    }
    double number = rm_column_number(column, row, &bad);
    if (!bad && isfinite(number))
        add_number(counts, number);
}

static void add_date(rm_field_counts *counts, const rm_column *column, int64_t row)
{
    int32_t date = rm_column_date(column, row, NULL);
    if (date == RM_NO_DATE)
        return;
    counts->dates++;
    widen_dates(counts, date, date);
    note_newest(counts, date);
}

void rm_field_counts_add(rm_field_counts *counts, const rm_column *column, int64_t rows)
{
    if (counts->person == RM_PERSON_KINDS)
        counts->person = rm_person_by_content(column, rows);
    for (int64_t row = 0; row < rows; row++) {
        if (rm_column_missing(column, row)) {
            counts->missing++;
            continue;
        }
        switch (column->type) {
        case RM_INT64:
            add_number(counts, (double)column->data.i64[row]);
            break;
        case RM_FLOAT64:
            add_number(counts, column->data.f64[row]);
            break;
        case RM_TEXT:
            add_text(counts, column, row);
            break;
        case RM_DATE:
        case RM_DATETIME:
            add_date(counts, column, row);
            break;
        }
    }
}

void rm_field_counts_merge(rm_field_counts *counts, const rm_field_counts *other)
{
    counts->missing += other->missing;
    counts->sentinels += other->sentinels;
    counts->numbers += other->numbers;
    counts->dates += other->dates;
    counts->lowest = fmin(counts->lowest, other->lowest);
    counts->highest = fmax(counts->highest, other->highest);
    widen_dates(counts, other->first_date, other->last_date);
    note_newest(counts, other->newest);
    if (other->person < counts->person)
        counts->person = other->person;
}

void rm_field_counts_end(rm_field_counts *counts)
{
    if (counts->person == RM_PERSON_KINDS)
        return;
    counts->lowest = counts->highest = NAN;
    counts->first_date = counts->last_date = counts->newest = RM_NO_DATE;
}
