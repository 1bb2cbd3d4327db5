/* A parsed filter: tests in postfix order. Shared by filter_parse.c and filter.c. */
#ifndef RM_DATA_FILTER_PROGRAM_H
#define RM_DATA_FILTER_PROGRAM_H

#include "data/filter.h"

typedef struct rm_filter_literal {
    char *text; /* NULL: a number */
    int64_t length;
    double number;
    int64_t integer;
    bool whole;   /* the number is exactly `integer` */
    int32_t date; /* of a text: its day, RM_NO_DATE when it is no date without a time */
} rm_filter_literal;

/* <>, NOT IN, NOT BETWEEN, NOT LIKE and IS NOT NULL are one of these with a NOT step behind it. */
typedef enum rm_filter_kind {
    RM_TEST_EQUAL,
    RM_TEST_LESS,
    RM_TEST_AT_MOST,
    RM_TEST_GREATER,
    RM_TEST_AT_LEAST,
    RM_TEST_BETWEEN,
    RM_TEST_IN, /* literals sorted: texts by bytes, then numbers by value */
    RM_TEST_LIKE,
    RM_TEST_IS_NULL
} rm_filter_kind;

typedef struct rm_filter_test {
    rm_filter_kind kind;
    int32_t field;
    int32_t first, texts, numbers; /* literals: first .. first + texts, then the numbers */
    int32_t no_date;               /* the first text literal that is no date, or -1 */
} rm_filter_test;

enum { RM_STEP_AND = -1, RM_STEP_OR = -2, RM_STEP_NOT = -3 }; /* from 0: the number of a test */

struct rm_filter {
    char **fields;
    int32_t field_count;
    int64_t field_capacity;
    rm_filter_literal *literals;
    int32_t *dates; /* [literals] of each test with IN: the dates of its texts, ascending */
    int32_t literal_count;
    int64_t literal_capacity, date_capacity;
    rm_filter_test *tests;
    int32_t test_count;
    int64_t test_capacity;
    int32_t *steps;
    int32_t step_count;
    int64_t step_capacity;
    int32_t depth; /* masks that evaluation holds at once */
};

/* Exact order of an integer and a number literal, and of two literals of IN: <0, 0, >0. */
int rm_filter_order_int64(int64_t value, const rm_filter_literal *literal);
int rm_filter_order_text(const char *a, int64_t a_length, const char *b, int64_t b_length);

#endif
