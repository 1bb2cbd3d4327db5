#include "io/profile_rows.h"

#include "base/date.h"
#include "data/keep.h"
#include "io/reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_id(const rm_column_work *work)
{
    return work->field &&
           (work->field->kind == RM_PROFILE_ID || work->field->kind == RM_PROFILE_IDS);
}

static bool is_list(const rm_column_work *work)
{
    return work->field &&
           (work->field->kind == RM_PROFILE_LIST || work->field->kind == RM_PROFILE_IDS);
}

/* Which columns. */

static rm_status fail_canonical(const rm_profile *profile, const char *wanted, const char *shown,
                                rm_error *err)
{
    if (!profile)
        return rm_fail(err, RM_ENOTFOUND,
                       "%s is not recognised as a source with a field \"%.80s\"; write the name of "
                       "the field itself, or name the source with \"profile\"",
                       shown, wanted);
    rm_text list = {0};
    for (const rm_profile_field *f = profile->fields; f && f->name && list.length < 400; f++)
        rm_text_addf(&list, "%s\"%s\"", list.length > 0 ? ", " : "", f->name);
    rm_fail(err, RM_ENOTFOUND,
            "%s was recognised as %s (%s), in which there is no \"%.80s\"; it can have %s", shown,
            profile->title, profile->name, wanted, list.data ? list.data : "none");
    rm_text_clear(&list);
    return RM_ENOTFOUND;
}

/* The request's column `wanted`, by its own name and else by its canonical one. */
static rm_status find_wanted(int *out, const rm_profile_field **field, const rm_profile *profile,
                             const char *wanted, const rm_table *have, const char *shown,
                             rm_error *err)
{
    int32_t found = rm_table_find(have, wanted);
    if (found >= 0) {
        *field = rm_profile_field_of(profile, wanted);
        *out = found;
        return RM_OK;
    }
    found = rm_profile_resolve(profile, wanted, have, field);
    if (found >= 0) {
        *out = found;
        return RM_OK;
    }
    if (rm_profile_is_canonical(wanted))
        return fail_canonical(profile, wanted, shown, err);
    const char **names = NULL;
    RM_TRY(RM_NEW(&names, have->count, err));
    for (int32_t c = 0; c < have->count; c++)
        names[c] = have->columns[c].name;
    rm_status status = rm_find_field(out, wanted, names, have->count, shown, err);
    rm_release(names);
    return status;
}

static rm_status add_field(rm_profile_plan *plan, const char *name, int field, rm_type type,
                           int64_t *capacity, rm_error *err)
{
    RM_TRY(RM_GROW(&plan->fields, capacity, (int64_t)plan->read.count + 1, err));
    plan->fields[plan->read.count] = field;
    return rm_table_add_column(&plan->read, name, type, err);
}

static rm_status add_wanted(rm_profile_plan *plan, const rm_profile *profile,
                            const rm_request *request, const rm_table *have, const char *shown,
                            int64_t *capacity, rm_error *err)
{
    plan->wanted = request->column_count;
    RM_TRY(RM_NEW_ZERO(&plan->work, plan->wanted, err));
    for (int32_t c = 0; c < plan->wanted; c++) {
        rm_column_work *work = &plan->work[c];
        const char *wanted = request->columns[c];
        int found = 0;
        RM_TRY(find_wanted(&found, &work->field, profile, wanted, have, shown, err));
        const rm_column *column = &have->columns[found];
        RM_TRY(add_field(plan, wanted, found, column->type, capacity, err));
        /* by its own name it is what it is, by its canonical name it is square metres */
        work->hectares = !rm_text_equal_nocase(column->name, wanted) &&
                         rm_profile_in_hectares(work->field, column->name);
        if (profile && !request->counted)
            work->sentinels = rm_sentinels_of(column->name) & profile->sentinels;
    }
    return RM_OK;
}

/* A column that a rule looks at and nobody wanted is read beside the others. */
static rm_status add_rules(rm_profile_plan *plan, const rm_profile *profile, const rm_table *have,
                           int64_t *capacity, rm_error *err)
{
    const rm_current_rule *rules = profile ? profile->current : NULL;
    int64_t rule_capacity = 0;
    for (; rules && rules->fields; rules++) {
        int32_t field = rm_profile_rule_column(rules, have), column = 0;
        if (field < 0 || (rules->kind == RM_MUST_HAVE_BEGUN && plan->as_of == 0))
            continue;
        while (column < plan->read.count && plan->fields[column] != field)
            column++;
        if (column == plan->read.count)
            RM_TRY(add_field(plan, have->columns[field].name, field, have->columns[field].type,
                             capacity, err));
        RM_TRY(RM_GROW(&plan->rules, &rule_capacity, (int64_t)plan->rule_count + 1, err));
        plan->rules[plan->rule_count++] = (rm_rule_work){rules, column};
    }
    return RM_OK;
}

static rm_status choose_profile(const rm_profile **out, const rm_request *request,
                                const char *layer, const rm_table *have, const char *shown,
                                rm_error *err)
{
    if (!request->profile) {
        *out = rm_profile_match(layer, have);
        return RM_OK;
    }
    if (rm_text_equal_nocase(request->profile, "none"))
        return RM_OK;
    rm_status status = rm_profile_find(out, request->profile, err);
    if (status != RM_OK)
        return rm_fail_within(err, status, "%s", shown);
    return rm_profile_check(*out, have, shown, err);
}

rm_status rm_profile_plan_make(rm_profile_plan *plan, const rm_request *request, const char *layer,
                               const rm_table *have, const char *shown, rm_error *err)
{
    int64_t capacity = 0;
    const rm_profile *profile = NULL;
    RM_TRY(choose_profile(&profile, request, layer, have, shown, err));
    plan->profile = profile;
    plan->as_of = request->as_of;
    RM_TRY(add_wanted(plan, profile, request, have, shown, &capacity, err));
    return add_rules(plan, profile, have, &capacity, err);
}

static rm_type delivered_type(const rm_column_work *work, rm_type read)
{
    if (work->hectares)
        return RM_FLOAT64;
    return is_id(work) || is_list(work) ? RM_TEXT : read;
}

rm_status rm_profile_plan_settle(rm_profile_plan *plan, rm_table *delivered, rm_error *err)
{
    rm_table_clear(delivered);
    plan->staged = plan->read.count > plan->wanted;
    plan->active = plan->rule_count > 0;
    for (int32_t c = 0; c < plan->wanted; c++) {
        const rm_column *read = &plan->read.columns[c];
        const rm_column_work *work = &plan->work[c];
        rm_type type = delivered_type(work, read->type);
        RM_TRY(rm_table_add_column(delivered, read->name, type, err));
        delivered->columns[c].dates = read->dates;
        plan->staged |= type != read->type;
        plan->active |= work->sentinels != 0 || work->hectares || is_id(work) || is_list(work);
    }
    plan->active |= plan->staged;
    return RM_OK;
}

void rm_profile_plan_clear(rm_profile_plan *plan)
{
    rm_release(plan->fields);
    rm_release(plan->work);
    rm_release(plan->rules);
    rm_table_clear(&plan->read);
    *plan = (rm_profile_plan){0};
}

/* What is in force. */

static bool has_value(const rm_column *column, int64_t row, const char *values)
{
    int64_t length;
    if (column->type != RM_TEXT)
        return false;
    const char *text = rm_column_text(column, row, &length);
    text = rm_trim(text, &length);
    return rm_name_fits(text, length, values);
}

/* The year 9999 stands for "never" where a field may not be empty. What is no date has ended. */
static bool has_ended(const rm_column *column, int64_t row, int32_t as_of)
{
    enum { NEVER = 2932532 }; /* 9999-01-01 */
    int32_t date = rm_column_date(column, row, NULL);
    return date == RM_NO_DATE || (date < NEVER && (as_of == 0 || date <= as_of));
}

static bool keeps(const rm_rule_work *work, const rm_column *column, int64_t row, int32_t as_of)
{
    const rm_current_rule *rule = work->rule;
    if (!rm_column_filled(column, row))
        return true;
    switch (rule->kind) {
    case RM_MUST_BE_EMPTY:
        return false;
    case RM_MUST_NOT_HAVE_ENDED:
        return !has_ended(column, row, as_of);
    case RM_MUST_HAVE_BEGUN: {
        int32_t date = rm_column_date(column, row, NULL);
        return date == RM_NO_DATE || date <= as_of;
    }
    case RM_MUST_BE:
        return column->type != RM_TEXT || has_value(column, row, rule->values);
    case RM_MUST_NOT_BE:
        return !has_value(column, row, rule->values);
    }
    return true;
}

static rm_status drop_ended(const rm_profile_plan *plan, rm_profile_stage *stage, rm_rows *rows,
                            int64_t *ended, rm_error *err)
{
    int64_t dropped = 0;
    RM_TRY(RM_GROW(&stage->mask, &stage->mask_capacity, rows->table.rows, err));
    for (int64_t row = 0; row < rows->table.rows; row++) {
        bool kept = true;
        for (int32_t r = 0; r < plan->rule_count && kept; r++)
            kept = keeps(&plan->rules[r], &rows->table.columns[plan->rules[r].column], row,
                         plan->as_of);
        stage->mask[row] = kept;
        dropped += !kept;
    }
    *ended += dropped;
    return dropped > 0 ? rm_rows_keep(rows, stage->mask, err) : RM_OK;
}

/* Ids and lists. */

static bool all_digits(const char *text, int64_t length)
{
    for (int64_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length > 0;
}

/* "NL.IMBAG.Pand.0221100000312938" is 0221100000312938, and so is what a spreadsheet or a driver
 * made a number of: 221100000312938, 221100000312938.0. */
static void add_id(rm_text *out, const char *text, int64_t length, int digits)
{
    static const char space[] = "NL.IM";
    if (length > (int64_t)sizeof space && memcmp(text, space, sizeof space - 1) == 0)
        for (int64_t at = length - 1; at > 0; at--)
            if (text[at - 1] == '.') {
                text += at;
                length -= at;
                break;
            }
    if (digits > 0 && length > 2 && text[length - 2] == '.' && text[length - 1] == '0' &&
        all_digits(text, length - 2))
        length -= 2;
    if (digits > length && all_digits(text, length))
        for (int64_t zero = length; zero < digits; zero++)
            rm_text_add_n(out, "0", 1);
    rm_text_add_n(out, text, length);
}

static bool is_wrapping(char c)
{
    return c == ' ' || c == '"' || c == '\'' || c == '[' || c == ']' || c == '{' || c == '}';
}

/* Also ["a", "b"] of JSON and {a,b} of PostgreSQL. */
static void add_list(rm_text *out, const char *text, int64_t length, const rm_column_work *work)
{
    const char *end = text + length;
    bool first = true;
    while (text < end) {
        const char *comma = memchr(text, ',', (size_t)(end - text)), *last = comma ? comma : end;
        const char *from = text, *to = last;
        while (from < to && is_wrapping(*from))
            from++;
        while (to > from && is_wrapping(to[-1]))
            to--;
        if (to > from) {
            rm_text_add(out, first ? "" : ",");
            first = false;
            if (is_id(work))
                add_id(out, from, to - from, work->field->digits);
            else
                rm_text_add_n(out, from, to - from);
        }
        text = comma ? comma + 1 : end;
    }
}

static bool is_fine(const char *text, int64_t length, const rm_column_work *work)
{
    if (length == 0)
        return true;
    if (text[0] == ' ' || text[length - 1] == ' ')
        return false;
    if (is_id(work) && text[0] == 'N')
        return false;
    if (!is_list(work))
        return work->field->digits == 0 || length == work->field->digits;
    if (is_wrapping(text[0]) || (is_id(work) && length != work->field->digits))
        return false;
    const char *end = text + length, *comma = text;
    while ((comma = memchr(comma, ',', (size_t)(end - comma))) != NULL) {
        if (comma == text || comma + 1 == end || is_wrapping(comma[-1]) || is_wrapping(comma[1]))
            return false;
        comma++;
    }
    return true;
}

static bool is_all_fine(const rm_column *column, int64_t rows, const rm_column_work *work)
{
    for (int64_t row = 0; row < rows; row++) {
        int64_t length;
        const char *text = rm_column_text(column, row, &length);
        if (!is_fine(text, length, work))
            return false;
    }
    return true;
}

static void cell_text(rm_text *out, const rm_column *column, int64_t row)
{
    double real;
    int64_t length;
    const char *text;
    char digits[32];
    switch (column->type) {
    case RM_TEXT:
        text = rm_column_text(column, row, &length);
        text = rm_trim(text, &length);
        rm_text_add_n(out, text, length);
        break;
    case RM_FLOAT64:
        real = column->data.f64[row];
        if (real == floor(real) && fabs(real) < 9e15)
            rm_text_addf(out, "%lld", (long long)real);
        else
            rm_text_add_double(out, real);
        break;
    case RM_INT64:
    case RM_DATETIME:
        rm_text_addf(out, "%lld", (long long)column->data.i64[row]);
        break;
    case RM_DATE:
        rm_date_format(column->data.i32[row], digits);
        rm_text_add(out, digits);
        break;
    }
}

static rm_status add_clean(rm_column *to, const rm_column *from, int64_t row, rm_text *raw,
                           rm_text *clean, const rm_column_work *work, rm_error *err)
{
    if (rm_column_missing(from, row))
        return rm_column_add_missing(to, row, err);
    raw->length = clean->length = 0;
    cell_text(raw, from, row);
    RM_TRY(rm_text_status(raw, err));
    if (is_list(work))
        add_list(clean, raw->data, raw->length, work);
    else
        add_id(clean, raw->data, raw->length, work->field->digits);
    RM_TRY(rm_text_status(clean, err));
    if (clean->length == 0)
        return rm_column_add_missing(to, row, err);
    return rm_column_add_text(to, row, clean->data, clean->length, err);
}

static rm_status clean_column(rm_column *to, const rm_column *from, int64_t rows,
                              const rm_column_work *work, rm_error *err)
{
    rm_text raw = {0}, clean = {0};
    rm_status status = RM_OK;
    for (int64_t row = 0; row < rows && status == RM_OK; row++)
        status = add_clean(to, from, row, &raw, &clean, work, err);
    rm_text_clear(&raw);
    rm_text_clear(&clean);
    return status;
}

/* Values. */

static rm_status to_square_metres(rm_column *to, const rm_column *from, int64_t rows, rm_error *err)
{
    for (int64_t row = 0; row < rows; row++) {
        double hectares = rm_column_number(from, row, NULL);
        /* to a hundredth: 23.61 ha is 236100 m2, whatever the binary fraction */
        double metres = round(hectares * 1e6) / 100;
        RM_TRY(isfinite(metres) ? rm_column_add_double(to, row, metres, err)
                                : rm_column_add_missing(to, row, err));
    }
    return RM_OK;
}

static rm_status set_missing(rm_column *column, int64_t row, int64_t rows, rm_error *err)
{
    if (column->type == RM_FLOAT64) {
        column->data.f64[row] = NAN;
        return RM_OK;
    }
    if (!column->valid) {
        int64_t bytes = (rows + 7) / 8;
        RM_TRY(RM_GROW(&column->valid, &column->valid_capacity, bytes, err));
        memset(column->valid, 0xff, (size_t)bytes);
        if (rows % 8 != 0)
            column->valid[bytes - 1] = (uint8_t)((1U << (rows % 8)) - 1U);
    }
    column->valid[row >> 3] &= (uint8_t) ~(1U << (row & 7));
    return RM_OK;
}

static rm_status drop_numbers(rm_column *column, int64_t rows, unsigned sentinels, rm_error *err)
{
    rm_sentinel_range ranges[RM_SENTINEL_RANGES];
    int count = rm_sentinel_ranges(sentinels, ranges);
    for (int r = 0; r < count; r++)
        for (int64_t row = 0; row < rows; row++) {
            double value =
                column->type == RM_INT64 ? (double)column->data.i64[row] : column->data.f64[row];
            if (value >= ranges[r].low && value <= ranges[r].high)
                RM_TRY(set_missing(column, row, rows, err));
        }
    return RM_OK;
}

static rm_status drop_texts(rm_column *column, int64_t rows, unsigned sentinels, rm_error *err)
{
    for (int64_t row = 0; row < rows; row++) {
        int64_t length;
        double number;
        const char *text = rm_column_text(column, row, &length);
        text = rm_trim(text, &length);
        if (length > 0 &&
            (rm_is_sentinel_text(sentinels, text, length) ||
             (rm_parse_number(text, length, &number) && rm_is_sentinel(sentinels, number))))
            RM_TRY(set_missing(column, row, rows, err));
    }
    return RM_OK;
}

static rm_status drop_sentinels(rm_column *column, int64_t rows, unsigned sentinels, rm_error *err)
{
    if (column->type == RM_TEXT)
        return drop_texts(column, rows, sentinels, err);
    if (column->type == RM_INT64 || column->type == RM_FLOAT64)
        return drop_numbers(column, rows, sentinels, err);
    return RM_OK;
}

/* Around a batch. */

static void swap_cells(rm_column *a, rm_column *b)
{
    rm_column c = *a;
    a->valid = b->valid;
    a->valid_capacity = b->valid_capacity;
    a->data = b->data;
    a->data_capacity = b->data_capacity;
    a->offsets = b->offsets;
    a->offsets_capacity = b->offsets_capacity;
    b->valid = c.valid;
    b->valid_capacity = c.valid_capacity;
    b->data = c.data;
    b->data_capacity = c.data_capacity;
    b->offsets = c.offsets;
    b->offsets_capacity = c.offsets_capacity;
}

static void empty_spare(rm_profile_stage *stage)
{
    rm_release(stage->spare.valid);
    stage->spare.valid = NULL;
    stage->spare.valid_capacity = 0;
    stage->spare.type = RM_TEXT;
}

/* from and to are the same column where nothing changes its type. */
static rm_status deliver(rm_column *to, rm_column *from, int64_t rows, const rm_column_work *work,
                         rm_profile_stage *stage, rm_error *err)
{
    bool text = is_id(work) || is_list(work);
    if (work->hectares && to != from && to->type != from->type) {
        RM_TRY(to_square_metres(to, from, rows, err));
    } else if (text && from->type != RM_TEXT) {
        RM_TRY(clean_column(to, from, rows, work, err));
    } else {
        if (to != from)
            swap_cells(to, from);
        if (text && !is_all_fine(to, rows, work)) {
            empty_spare(stage);
            RM_TRY(clean_column(&stage->spare, to, rows, work, err));
            swap_cells(to, &stage->spare);
        }
        for (int64_t row = 0; work->hectares && row < rows; row++)
            to->data.f64[row] = round(to->data.f64[row] * 1e6) / 100;
    }
    return work->sentinels ? drop_sentinels(to, rows, work->sentinels, err) : RM_OK;
}

rm_status rm_profile_before(const rm_profile_plan *plan, rm_profile_stage *stage, rm_rows *rows,
                            rm_error *err)
{
    if (!plan->staged)
        return RM_OK;
    if (stage->read.count != plan->read.count) {
        rm_table_clear(&stage->read);
        RM_TRY(rm_table_copy_columns(&stage->read, &plan->read, err));
    }
    rm_table_clear(&stage->given);
    rm_table_reset(&stage->read);
    stage->given = rows->table;
    rows->table = stage->read;
    stage->read = (rm_table){0};
    return RM_OK;
}

rm_status rm_profile_after(const rm_profile_plan *plan, rm_profile_stage *stage, rm_rows *rows,
                           int64_t *ended, rm_error *err)
{
    if (!plan->active)
        return RM_OK;
    if (plan->rule_count > 0)
        RM_TRY(drop_ended(plan, stage, rows, ended, err));
    rm_table *to = plan->staged ? &stage->given : &rows->table;
    int64_t count = rows->table.rows;
    for (int32_t c = 0; c < plan->wanted && count > 0; c++)
        RM_TRY(
            deliver(&to->columns[c], &rows->table.columns[c], count, &plan->work[c], stage, err));
    if (!plan->staged)
        return RM_OK;
    stage->read = rows->table;
    rows->table = stage->given;
    rows->table.rows = count;
    stage->given = (rm_table){0};
    return RM_OK;
}

void rm_profile_stage_clear(rm_profile_stage *stage)
{
    rm_table_clear(&stage->read);
    rm_table_clear(&stage->given);
    rm_release(stage->spare.valid);
    rm_release(stage->spare.data.any);
    rm_release(stage->spare.offsets);
    rm_release(stage->mask);
    *stage = (rm_profile_stage){0};
}
