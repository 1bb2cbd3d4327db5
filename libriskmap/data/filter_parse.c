#include "data/filter_program.h"

#include "base/date.h"
#include "base/text.h"
#include "data/quote.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Deep nesting would cost stack here and one mask a level when it is evaluated. */
#define MAX_NESTING 64
#define MAX_FIELDS  256

typedef struct parser {
    const char *text, *at;
    rm_filter *filter;
    int32_t nesting;
    int32_t held; /* masks on the stack of the evaluation at this point */
    rm_error *err;
} parser;

/* ---- tokens ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* Names may be joined by points, as in bag.pand.bouwjaar. */
static int64_t name_length(const char *at)
{
    const char *end = at;
    if (starts_name(*end))
        while (starts_name(*end) || is_digit(*end) || (*end == '.' && starts_name(end[1])))
            end++;
    return end - at;
}

static void skip_space(parser *p)
{
    while (*p->at == ' ' || (*p->at >= '\t' && *p->at <= '\r'))
        p->at++;
}

static bool is_word(const char *at, int64_t length, const char *word)
{
    for (int64_t i = 0; i < length; i++) {
        char c = at[i] >= 'a' && at[i] <= 'z' ? (char)(at[i] - 'a' + 'A') : at[i];
        if (word[i] == '\0' || c != word[i])
            return false;
    }
    return word[length] == '\0';
}

/* Takes a keyword (in capitals) when it comes next. */
static bool take_word(parser *p, const char *word)
{
    skip_space(p);
    int64_t length = name_length(p->at);
    if (length == 0 || !is_word(p->at, length, word))
        return false;
    p->at += length;
    return true;
}

static bool take(parser *p, const char *sign)
{
    skip_space(p);
    size_t length = strlen(sign);
    if (strncmp(p->at, sign, length) != 0)
        return false;
    p->at += length;
    return true;
}

static bool is_keyword(const char *at, int64_t length)
{
    static const char *const keywords[] = {"AND", "OR",   "NOT",  "IN",
                                           "IS",  "LIKE", "NULL", "BETWEEN"};
    for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++)
        if (is_word(at, length, keywords[k]))
            return true;
    return false;
}

/* ---- errors ---- */

/* The number of the character at `at`, from 1. */
static int position(const parser *p, const char *at)
{
    int count = 1;
    for (const char *c = p->text; c < at; c++)
        count += ((unsigned char)*c & 0xC0) != 0x80;
    return count;
}

/* What stands at `at`, for "found ...": a word, a number, a quoted text, or one character. */
static rm_quote found(const char *at)
{
    if (*at == '\0')
        return (rm_quote){"the end"};
    int64_t length = name_length(at);
    if (length == 0 && (*at == '\'' || *at == '"')) {
        const char *end = strchr(at + 1, *at);
        length = end ? end + 1 - at : (int64_t)strlen(at);
    }
    if (length == 0)
        length = (int64_t)strspn(at, "0123456789.");
    return rm_quoted(at, length ? length : 1);
}

static rm_status fail_expected(const parser *p, const char *expected)
{
    return rm_fail(p->err, RM_EMODEL, "character %d: expected %s, found %s", position(p, p->at),
                   expected, found(p->at).text);
}

/* ---- building the program ---- */

static rm_status add_step(parser *p, int32_t step)
{
    rm_filter *f = p->filter;
    RM_TRY(RM_GROW(&f->steps, &f->step_capacity, f->step_count + 1, p->err));
    f->steps[f->step_count++] = step;
    if (step >= 0)
        p->held++;
    else if (step != RM_STEP_NOT)
        p->held--;
    if (p->held > f->depth)
        f->depth = p->held;
    return RM_OK;
}

static rm_status add_field(parser *p, const char *name, int64_t length, int32_t *out)
{
    rm_filter *f = p->filter;
    for (int32_t i = 0; i < f->field_count; i++)
        if ((int64_t)strlen(f->fields[i]) == length &&
            memcmp(f->fields[i], name, (size_t)length) == 0) {
            *out = i;
            return RM_OK;
        }
    if (f->field_count == MAX_FIELDS)
        return rm_fail(p->err, RM_EMODEL, "more than %d fields in one filter", MAX_FIELDS);
    RM_TRY(RM_GROW(&f->fields, &f->field_capacity, f->field_count + 1, p->err));
    char *copy;
    RM_TRY(RM_NEW(&copy, length + 1, p->err));
    memcpy(copy, name, (size_t)length);
    copy[length] = '\0';
    *out = f->field_count;
    f->fields[f->field_count++] = copy;
    return RM_OK;
}

static rm_status add_literal(parser *p, const rm_filter_literal *literal)
{
    rm_filter *f = p->filter;
    RM_TRY(RM_GROW(&f->literals, &f->literal_capacity, f->literal_count + 1, p->err));
    RM_TRY(RM_GROW(&f->dates, &f->date_capacity, f->literal_count + 1, p->err));
    f->dates[f->literal_count] = literal->date;
    f->literals[f->literal_count++] = *literal;
    return RM_OK;
}

/* Text between two `quote` signs, in which a doubled one stands for itself. */
static rm_status take_quoted(parser *p, char quote, const char *what, char **out, int64_t *length)
{
    const char *begin = p->at + 1, *end = begin;
    while (*end && (*end != quote || end[1] == quote))
        end += *end == quote ? 2 : 1;
    if (*end != quote)
        return rm_fail(p->err, RM_EMODEL, "character %d: this %s has no closing %c",
                       position(p, p->at), what, quote);
    char *copy;
    RM_TRY(RM_NEW(&copy, end - begin + 1, p->err));
    int64_t n = 0;
    for (const char *c = begin; c < end; c += *c == quote ? 2 : 1)
        copy[n++] = *c;
    p->at = end + 1;
    copy[n] = '\0';
    *out = copy;
    *length = n;
    return RM_OK;
}

/* ---- literals ---- */

static rm_status take_text(parser *p)
{
    rm_filter_literal literal = {.date = RM_NO_DATE};
    RM_TRY(take_quoted(p, '\'', "text", &literal.text, &literal.length));
    /* a time behind the date would be left aside in silence, so such a text counts as no date */
    if (literal.length <= 10)
        literal.date = rm_date_parse(literal.text, literal.length);
    rm_status status = add_literal(p, &literal);
    if (status != RM_OK)
        rm_release(literal.text);
    return status;
}

static rm_status take_number(parser *p)
{
    const char *begin = p->at, *end = begin + (*begin == '-' || *begin == '+');
    end += strspn(end, "0123456789.");
    if ((*end == 'e' || *end == 'E') && end > begin)
        end += 1 + (end[1] == '-' || end[1] == '+');
    end += strspn(end, "0123456789");
    rm_filter_literal literal = {.date = RM_NO_DATE};
    const char *digits = *begin == '+' ? begin + 1 : begin;
    if (name_length(end) > 0 || !rm_parse_double(digits, end - digits, false, &literal.number) ||
        !isfinite(literal.number))
        return rm_fail(p->err, RM_EMODEL, "character %d: %s is no number", position(p, begin),
                       rm_quoted(begin, end + name_length(end) - begin).text);
    literal.whole = rm_parse_int64(digits, end - digits, &literal.integer);
    if (!literal.whole && literal.number == floor(literal.number) &&
        fabs(literal.number) < 9223372036854775808.0) {
        literal.whole = true;
        literal.integer = (int64_t)literal.number;
    }
    p->at = end;
    return add_literal(p, &literal);
}

static rm_status take_literal(parser *p, rm_filter_test *test)
{
    skip_space(p);
    rm_status status;
    if (*p->at == '\'') {
        test->texts++;
        status = take_text(p);
        if (status == RM_OK &&
            p->filter->literals[p->filter->literal_count - 1].date == RM_NO_DATE &&
            test->no_date < 0)
            test->no_date = p->filter->literal_count - 1;
        return status;
    }
    if (is_digit(*p->at) || *p->at == '-' || *p->at == '+' || *p->at == '.') {
        test->numbers++;
        return take_number(p);
    }
    int64_t length = name_length(p->at);
    if (length > 0 && is_word(p->at, length, "NULL"))
        return rm_fail(p->err, RM_EMODEL,
                       "character %d: nothing equals NULL; write IS NULL or IS NOT NULL",
                       position(p, p->at));
    if (length > 0 && (is_word(p->at, length, "TRUE") || is_word(p->at, length, "FALSE")))
        return rm_fail(p->err, RM_EMODEL, "character %d: true is written 1 and false 0",
                       position(p, p->at));
    return fail_expected(p, "a text in 'single quotes' or a number");
}

int rm_filter_order_text(const char *a, int64_t a_length, const char *b, int64_t b_length)
{
    int64_t shared = a_length < b_length ? a_length : b_length;
    int order = shared > 0 ? memcmp(a, b, (size_t)shared) : 0;
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

int rm_filter_order_int64(int64_t value, const rm_filter_literal *literal)
{
    if (literal->whole)
        return (value > literal->integer) - (value < literal->integer);
    if (literal->number >= 9223372036854775808.0)
        return -1;
    if (literal->number < -9223372036854775808.0)
        return 1;
    return value <= (int64_t)floor(literal->number) ? -1 : 1;
}

static int order_literals(const void *left, const void *right)
{
    const rm_filter_literal *a = left, *b = right;
    if (a->text && b->text)
        return rm_filter_order_text(a->text, a->length, b->text, b->length);
    if (a->text || b->text)
        return a->text ? -1 : 1;
    if (a->whole)
        return rm_filter_order_int64(a->integer, b);
    if (b->whole)
        return -rm_filter_order_int64(b->integer, a);
    return (a->number > b->number) - (a->number < b->number);
}

static int order_dates(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

/* ---- grammar ---- */

static rm_status take_list(parser *p, rm_filter_test *test)
{
    if (!take(p, "("))
        return fail_expected(p, "\"(\" after IN");
    do {
        RM_TRY(take_literal(p, test));
    } while (take(p, ","));
    if (!take(p, ")"))
        return fail_expected(p, "a comma or \")\"");
    rm_filter *f = p->filter;
    size_t count = (size_t)(test->texts + test->numbers);
    bool undated = test->no_date >= 0;
    qsort(f->literals + test->first, count, sizeof *f->literals, order_literals);
    qsort(f->dates + test->first, (size_t)test->texts, sizeof *f->dates, order_dates);
    test->no_date = -1;
    for (int32_t i = test->first; undated && test->no_date < 0; i++)
        if (f->literals[i].date == RM_NO_DATE)
            test->no_date = i;
    return RM_OK;
}

static rm_status take_between(parser *p, rm_filter_test *test)
{
    skip_space(p);
    const char *begin = p->at;
    RM_TRY(take_literal(p, test));
    if (!take_word(p, "AND"))
        return fail_expected(p, "AND and the upper bound of BETWEEN");
    RM_TRY(take_literal(p, test));
    if (test->texts == 1)
        return rm_fail(p->err, RM_EMODEL,
                       "character %d: BETWEEN takes two texts or two numbers, not one of each",
                       position(p, begin));
    return RM_OK;
}

static rm_status take_like(parser *p, rm_filter_test *test)
{
    skip_space(p);
    if (*p->at != '\'')
        return fail_expected(p, "a pattern in 'single quotes' after LIKE");
    return take_literal(p, test);
}

/* A comparison sign; false when none comes next. Longer signs stand first. */
static bool take_sign(parser *p, rm_filter_kind *kind, bool *negated)
{
    static const struct {
        const char *sign;
        rm_filter_kind kind;
        bool negated;
    } signs[] = {{"<>", RM_TEST_EQUAL, true},    {"!=", RM_TEST_EQUAL, true},
                 {"<=", RM_TEST_AT_MOST, false}, {">=", RM_TEST_AT_LEAST, false},
                 {"<", RM_TEST_LESS, false},     {">", RM_TEST_GREATER, false},
                 {"=", RM_TEST_EQUAL, false}};
    for (size_t s = 0; s < sizeof signs / sizeof *signs; s++)
        if (take(p, signs[s].sign)) {
            *kind = signs[s].kind;
            *negated = signs[s].negated;
            return true;
        }
    return false;
}

static rm_status take_word_test(parser *p, rm_filter_test *test, bool *negated)
{
    if (take_word(p, "IS")) {
        *negated = take_word(p, "NOT");
        test->kind = RM_TEST_IS_NULL;
        return take_word(p, "NULL") ? RM_OK : fail_expected(p, "NULL or NOT NULL after IS");
    }
    *negated = take_word(p, "NOT");
    if (take_word(p, "IN")) {
        test->kind = RM_TEST_IN;
        return take_list(p, test);
    }
    if (take_word(p, "BETWEEN")) {
        test->kind = RM_TEST_BETWEEN;
        return take_between(p, test);
    }
    if (take_word(p, "LIKE")) {
        test->kind = RM_TEST_LIKE;
        return take_like(p, test);
    }
    return fail_expected(p, *negated ? "IN, BETWEEN or LIKE after NOT"
                                     : "=, <>, <, <=, >, >=, IN, BETWEEN, LIKE or IS");
}

static rm_status take_test(parser *p)
{
    rm_filter *f = p->filter;
    rm_filter_test test = {.first = f->literal_count, .no_date = -1};
    bool negated = false;
    if (*p->at == '"') {
        char *name;
        int64_t length;
        const char *begin = p->at;
        RM_TRY(take_quoted(p, '"', "field name", &name, &length));
        rm_status status = length == 0
                               ? rm_fail(p->err, RM_EMODEL, "character %d: a field without a name",
                                         position(p, begin))
                               : add_field(p, name, length, &test.field);
        rm_release(name);
        RM_TRY(status);
    } else {
        int64_t length = name_length(p->at);
        if (length == 0 || is_keyword(p->at, length))
            return fail_expected(p, "a field name (in \"double quotes\" when it is a keyword or "
                                    "holds other signs)");
        RM_TRY(add_field(p, p->at, length, &test.field));
        p->at += length;
    }
    if (take_sign(p, &test.kind, &negated))
        RM_TRY(take_literal(p, &test));
    else
        RM_TRY(take_word_test(p, &test, &negated));
    RM_TRY(RM_GROW(&f->tests, &f->test_capacity, f->test_count + 1, p->err));
    f->tests[f->test_count] = test;
    RM_TRY(add_step(p, f->test_count++));
    return negated ? add_step(p, RM_STEP_NOT) : RM_OK;
}

static rm_status take_or(parser *p);

static rm_status take_not(parser *p)
{
    bool negated = false;
    while (take_word(p, "NOT"))
        negated = !negated;
    const char *open = p->at;
    if (take(p, "(")) {
        if (++p->nesting > MAX_NESTING)
            return rm_fail(p->err, RM_EMODEL,
                           "character %d: more than %d brackets inside one another",
                           position(p, open), MAX_NESTING);
        RM_TRY(take_or(p));
        p->nesting--;
        if (!take(p, ")"))
            return fail_expected(p, "AND, OR or \")\"");
    } else {
        RM_TRY(take_test(p));
    }
    return negated ? add_step(p, RM_STEP_NOT) : RM_OK;
}

static rm_status take_and(parser *p)
{
    RM_TRY(take_not(p));
    while (take_word(p, "AND")) {
        RM_TRY(take_not(p));
        RM_TRY(add_step(p, RM_STEP_AND));
    }
    return RM_OK;
}

static rm_status take_or(parser *p)
{
    RM_TRY(take_and(p));
    while (take_word(p, "OR")) {
        RM_TRY(take_and(p));
        RM_TRY(add_step(p, RM_STEP_OR));
    }
    return RM_OK;
}

static rm_status take_all(parser *p)
{
    int64_t length = (int64_t)strlen(p->text), valid = rm_utf8_valid(p->text, length);
    if (valid < length)
        return rm_fail(p->err, RM_EMODEL, "character %d is not UTF-8",
                       position(p, p->text + valid));
    skip_space(p);
    if (*p->at == '\0')
        return rm_fail(p->err, RM_EMODEL,
                       "the filter is empty; leave it out to take every feature");
    RM_TRY(take_or(p));
    skip_space(p);
    if (*p->at == '\0')
        return RM_OK;
    return fail_expected(p, *p->at == ',' ? "AND, OR or the end (numbers take a decimal point)"
                                          : "AND, OR or the end");
}

rm_status rm_filter_parse(rm_filter **out, const char *text, rm_error *err)
{
    rm_filter *filter;
    RM_TRY(RM_NEW_ZERO(&filter, 1, err));
    parser p = {.text = text, .at = text, .filter = filter, .err = err};
    rm_status status = take_all(&p);
    if (status == RM_OK)
        *out = filter;
    else
        rm_filter_free(filter);
    return status;
}
