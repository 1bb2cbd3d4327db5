/* Arrow arrays into rows. An array's slice is its own offset plus that of the struct around it; the
 * validity of both counts. */
#include "data/arrow.h"

#include "base/text.h"

#include <string.h>

static const int64_t day_ms = 86400000;

/* The cells of one child: row i of the batch is element first + i of its buffers. */
typedef struct cells {
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    const uint8_t *valid; /* NULL: all there */
    int64_t first;
} cells;

typedef struct intake {
    rm_rows *rows;
    const rm_arrow_plan *plan;
    cells outer; /* the struct itself */
    int64_t base, count;
    rm_text scratch;
    rm_error *err;
} intake;

static bool bit(const uint8_t *bits, int64_t at)
{
    return bits[at >> 3] >> (at & 7) & 1;
}

static bool present(const cells *c, int64_t row)
{
    return !c->valid || bit(c->valid, c->first + row);
}

static const char *name_of(const struct ArrowSchema *schema)
{
    return schema->name && schema->name[0] ? schema->name : "(without a name)";
}

static bool is_text_format(const char *format)
{
    return strcmp(format, "u") == 0 || strcmp(format, "U") == 0;
}

static bool is_integer_format(const char *format)
{
    return format[0] != '\0' && format[1] == '\0' && strchr("cCsSiIlL", format[0]) != NULL;
}

static bool is_list_format(const char *format)
{
    return strcmp(format, "+l") == 0 || strcmp(format, "+L") == 0;
}

static bool is_binary_format(const char *format)
{
    return strcmp(format, "z") == 0 || strcmp(format, "Z") == 0;
}

/* "tss:", "tsm:UTC" and the like. */
static bool is_timestamp(const char *format)
{
    return strncmp(format, "ts", 2) == 0 && format[2] != '\0' && strchr("smun", format[2]) &&
           format[3] == ':';
}

static bool is_plain_zone(const char *zone)
{
    static const char *const plain[] = {"", "UTC", "Etc/UTC", "Z", "+00:00"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(zone, plain[i]) == 0)
            return true;
    return false;
}

rm_status rm_arrow_type(const struct ArrowSchema *schema, rm_type *out, rm_error *err)
{
    const char *format = schema->format;
    if (schema->dictionary) {
        if (is_integer_format(format) && is_text_format(schema->dictionary->format)) {
            *out = RM_TEXT;
            return RM_OK;
        }
        return rm_fail(
            err, RM_EUNSUPPORTED,
            "column %s: a dictionary of Arrow type \"%s\" is not supported; only text is",
            name_of(schema), schema->dictionary->format);
    }
    if (is_integer_format(format) || strcmp(format, "b") == 0)
        *out = RM_INT64;
    else if (strcmp(format, "f") == 0 || strcmp(format, "g") == 0)
        *out = RM_FLOAT64;
    else if (is_text_format(format) || strcmp(format, "n") == 0)
        *out = RM_TEXT;
    else if (is_list_format(format) && schema->n_children == 1 &&
             !schema->children[0]->dictionary && is_text_format(schema->children[0]->format))
        *out = RM_TEXT;
    else if (strcmp(format, "tdD") == 0 || strcmp(format, "tdm") == 0)
        *out = RM_DATE;
    else if (is_timestamp(format) && is_plain_zone(format + 4))
        *out = RM_DATETIME;
    else if (is_timestamp(format))
        return rm_fail(err, RM_EUNSUPPORTED,
                       "column %s: timestamps in zone %s are not supported; convert them to local "
                       "time without a zone",
                       name_of(schema), format + 4);
    else
        return rm_fail(err, RM_EUNSUPPORTED, "column %s: Arrow type \"%s\" is not supported",
                       name_of(schema), format);
    return RM_OK;
}

static int64_t metadata_number(const char **at)
{
    int32_t value;
    memcpy(&value, *at, sizeof value);
    *at += sizeof value;
    return value;
}

const char *rm_arrow_metadata(const char *metadata, const char *key, int64_t *length)
{
    int64_t pairs = metadata ? metadata_number(&metadata) : 0;
    for (int64_t i = 0; i < pairs; i++) {
        int64_t key_size = metadata_number(&metadata);
        const char *this_key = metadata;
        metadata += key_size;
        *length = metadata_number(&metadata);
        if (key_size == (int64_t)strlen(key) && memcmp(this_key, key, strlen(key)) == 0)
            return metadata;
        metadata += *length;
    }
    return NULL;
}

static bool is_wkb_extension(const char *metadata)
{
    int64_t size = 0;
    const char *name = rm_arrow_metadata(metadata, "ARROW:extension:name", &size);
    return name && ((size == 7 && memcmp(name, "ogc.wkb", 7) == 0) ||
                    (size == 12 && memcmp(name, "geoarrow.wkb", 12) == 0));
}

int rm_arrow_geometry_column(const struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        if (is_binary_format(schema->children[i]->format) &&
            is_wkb_extension(schema->children[i]->metadata))
            return (int)i;
    return -1;
}

/* Buffers that an array of a format has, of which the last may be missing when it has no bytes. */
static int64_t buffer_count(const struct ArrowSchema *schema)
{
    if (strcmp(schema->format, "n") == 0)
        return 0;
    if (strcmp(schema->format, "+s") == 0)
        return 1;
    if (is_text_format(schema->format) || is_binary_format(schema->format))
        return 3;
    return 2;
}

/* Opens the elements skip .. skip + count of an array. */
static rm_status open_cells(cells *out, const struct ArrowSchema *schema,
                            const struct ArrowArray *array, int64_t skip, int64_t count,
                            rm_error *err)
{
    int64_t buffers = buffer_count(schema);
    if (array->offset < 0 || array->length < skip + count || array->n_buffers < buffers ||
        array->n_children < schema->n_children || (schema->dictionary && !array->dictionary) ||
        (buffers > 1 && count > 0 && !array->buffers[1]))
        return rm_fail(err, RM_EFORMAT, "column %s: the Arrow array does not fit its schema",
                       name_of(schema));
    *out = (cells){schema, array, NULL, array->offset + skip};
    if (buffers > 0 && array->null_count != 0)
        out->valid = array->buffers[0];
    return RM_OK;
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* False when an unsigned number is beyond int64. */
static bool read_integer(char format, const void *data, int64_t at, int64_t *out)
{
    switch (format) {
    case 'b':
        *out = bit(data, at);
        break;
    case 'c':
        *out = ((const int8_t *)data)[at];
        break;
    case 'C':
        *out = ((const uint8_t *)data)[at];
        break;
    case 's':
        *out = ((const int16_t *)data)[at];
        break;
    case 'S':
        *out = ((const uint16_t *)data)[at];
        break;
    case 'i':
        *out = ((const int32_t *)data)[at];
        break;
    case 'I':
        *out = ((const uint32_t *)data)[at];
        break;
    case 'l':
        *out = ((const int64_t *)data)[at];
        break;
    default: {
        uint64_t value = ((const uint64_t *)data)[at];
        *out = (int64_t)(value & INT64_MAX);
        return value <= INT64_MAX;
    }
    }
    return true;
}

/* Begin and end of element `at` of a text, binary or list array. */
static rm_status read_span(const struct ArrowSchema *schema, const struct ArrowArray *array,
                           int64_t at, int64_t *begin, int64_t *end, rm_error *err)
{
    char last = schema->format[strlen(schema->format) - 1];
    if (last == 'U' || last == 'Z' || last == 'L') {
        *begin = ((const int64_t *)array->buffers[1])[at];
        *end = ((const int64_t *)array->buffers[1])[at + 1];
    } else {
        *begin = ((const int32_t *)array->buffers[1])[at];
        *end = ((const int32_t *)array->buffers[1])[at + 1];
    }
    if (*begin < 0 || *end < *begin)
        return rm_fail(err, RM_EFORMAT, "column %s: its Arrow offsets run backwards",
                       name_of(schema));
    return RM_OK;
}

/* Element `at` of a text or binary array. */
static rm_status read_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array,
                            int64_t at, const char **bytes, int64_t *size, rm_error *err)
{
    int64_t begin, end;
    RM_TRY(read_span(schema, array, at, &begin, &end, err));
    const char *data = array->buffers[2];
    if (!data && end > begin)
        return rm_fail(err, RM_EFORMAT, "column %s: the Arrow array has no data buffer",
                       name_of(schema));
    *size = end - begin;
    *bytes = *size > 0 ? data + begin : "";
    return RM_OK;
}

/* Invalid bytes are replaced one by one. */
static rm_status add_text(intake *in, rm_column *column, int64_t row, const char *text,
                          int64_t length)
{
    int64_t valid = rm_utf8_valid(text, length);
    if (valid == length)
        return rm_column_add_text(column, row, text, length, in->err);
    rm_text repaired = {0};
    while (length > 0) {
        rm_text_add_n(&repaired, text, valid);
        if (valid < length) {
            rm_text_add(&repaired, "\xEF\xBF\xBD");
            valid++;
        }
        text += valid;
        length -= valid;
        valid = rm_utf8_valid(text, length);
    }
    rm_status status = rm_text_status(&repaired, in->err);
    if (status == RM_OK)
        status = rm_column_add_text(column, row, repaired.data, repaired.length, in->err);
    rm_text_clear(&repaired);
    if (status != RM_OK)
        return status;
    return rm_issues_add(&in->rows->issues, RM_ISSUE_BAD_TEXT, in->rows->ids[row], 0.0, 0.0, NULL,
                         in->err);
}

/* How one cell gets into its column; `at` is its element in the buffers. */
typedef rm_status (*cell_fn)(intake *in, rm_column *column, int64_t row, const cells *c,
                             int64_t at);

static rm_status cell_integer(intake *in, rm_column *column, int64_t row, const cells *c,
                              int64_t at)
{
    int64_t value;
    if (read_integer(c->schema->format[0], c->array->buffers[1], at, &value))
        return rm_column_add_int64(column, row, value, in->err);
    RM_TRY(rm_issues_add(&in->rows->issues, RM_ISSUE_NO_NUMBER, in->rows->ids[row], 0.0, 0.0, NULL,
                         in->err));
    return rm_column_add_missing(column, row, in->err);
}

static rm_status cell_real(intake *in, rm_column *column, int64_t row, const cells *c, int64_t at)
{
    const void *data = c->array->buffers[1];
    double value = c->schema->format[0] == 'f' ? (double)((const float *)data)[at]
                                               : ((const double *)data)[at];
    return rm_column_add_double(column, row, value, in->err);
}

static rm_status cell_text(intake *in, rm_column *column, int64_t row, const cells *c, int64_t at)
{
    const char *text = "";
    int64_t length = 0;
    RM_TRY(read_bytes(c->schema, c->array, at, &text, &length, in->err));
    return add_text(in, column, row, text, length);
}

static rm_status cell_dictionary(intake *in, rm_column *column, int64_t row, const cells *c,
                                 int64_t at)
{
    int64_t key;
    bool fits = read_integer(c->schema->format[0], c->array->buffers[1], at, &key);
    if (!fits || key < 0 || key >= c->array->dictionary->length)
        return rm_fail(in->err, RM_EFORMAT, "column %s: an index lies outside its dictionary",
                       name_of(c->schema));
    cells words;
    RM_TRY(open_cells(&words, c->schema->dictionary, c->array->dictionary, key, 1, in->err));
    if (!present(&words, 0))
        return rm_column_add_missing(column, row, in->err);
    return cell_text(in, column, row, &words, words.first);
}

static rm_status cell_list(intake *in, rm_column *column, int64_t row, const cells *c, int64_t at)
{
    int64_t begin, end;
    cells words;
    RM_TRY(read_span(c->schema, c->array, at, &begin, &end, in->err));
    RM_TRY(open_cells(&words, c->schema->children[0], c->array->children[0], begin, end - begin,
                      in->err));
    in->scratch.length = 0;
    bool any = false;
    for (int64_t i = 0; i < end - begin; i++) {
        const char *text = "";
        int64_t length = 0;
        if (!present(&words, i))
            continue;
        RM_TRY(read_bytes(words.schema, words.array, words.first + i, &text, &length, in->err));
        if (any)
            rm_text_add_n(&in->scratch, ",", 1);
        rm_text_add_n(&in->scratch, text, length);
        any = true;
    }
    RM_TRY(rm_text_status(&in->scratch, in->err));
    return add_text(in, column, row, in->scratch.length > 0 ? in->scratch.data : "",
                    in->scratch.length);
}

static rm_status cell_date(intake *in, rm_column *column, int64_t row, const cells *c, int64_t at)
{
    const void *data = c->array->buffers[1];
    if (c->schema->format[2] == 'D')
        return rm_column_add_date(column, row, ((const int32_t *)data)[at], in->err);
    int64_t day = floor_divide(((const int64_t *)data)[at], day_ms);
    if (day <= INT32_MIN || day > INT32_MAX)
        return rm_column_add_missing(column, row, in->err);
    return rm_column_add_date(column, row, (int32_t)day, in->err);
}

static rm_status cell_datetime(intake *in, rm_column *column, int64_t row, const cells *c,
                               int64_t at)
{
    int64_t value = ((const int64_t *)c->array->buffers[1])[at];
    switch (c->schema->format[2]) {
    case 's':
        if (value > INT64_MAX / 1000 || value < INT64_MIN / 1000)
            return rm_column_add_missing(column, row, in->err);
        value *= 1000;
        break;
    case 'u':
        value = floor_divide(value, 1000);
        break;
    case 'n':
        value = floor_divide(value, 1000000);
        break;
    default:
        break;
    }
    return rm_column_add_int64(column, row, value, in->err);
}

static cell_fn choose_cell(const struct ArrowSchema *schema, rm_type type)
{
    switch (type) {
    case RM_INT64:
        return cell_integer;
    case RM_FLOAT64:
        return cell_real;
    case RM_DATE:
        return cell_date;
    case RM_DATETIME:
        return cell_datetime;
    case RM_TEXT:
        break;
    }
    if (schema->dictionary)
        return cell_dictionary;
    return is_list_format(schema->format) ? cell_list : cell_text;
}

static rm_status open_child(intake *in, cells *out, int child)
{
    const struct ArrowSchema *schema = in->outer.schema;
    if (child < 0 || child >= schema->n_children)
        return rm_fail(in->err, RM_EINVAL, "Arrow stream: there is no column %d", child);
    return open_cells(out, schema->children[child], in->outer.array->children[child],
                      in->outer.first, in->count, in->err);
}

static rm_status add_column(intake *in, rm_column *column, int child)
{
    cells c;
    rm_type type;
    RM_TRY(open_child(in, &c, child));
    RM_TRY(rm_arrow_type(c.schema, &type, in->err));
    if (type != column->type)
        return rm_fail(in->err, RM_EINVAL, "column %s: its type is not the one it was opened with",
                       name_of(c.schema));
    cell_fn add = choose_cell(c.schema, type);
    bool nothing = strcmp(c.schema->format, "n") == 0;
    for (int64_t i = 0; i < in->count; i++) {
        if (nothing || !present(&in->outer, i) || !present(&c, i))
            RM_TRY(rm_column_add_missing(column, in->base + i, in->err));
        else
            RM_TRY(add(in, column, in->base + i, &c, c.first + i));
    }
    return RM_OK;
}

static rm_status add_ids(intake *in)
{
    cells c = {0};
    if (in->plan->id_column >= 0) {
        RM_TRY(open_child(in, &c, in->plan->id_column));
        if (!is_integer_format(c.schema->format) || c.schema->dictionary)
            return rm_fail(in->err, RM_EUNSUPPORTED,
                           "column %s: feature ids must be integers, not Arrow type \"%s\"",
                           name_of(c.schema), c.schema->format);
    }
    for (int64_t i = 0; i < in->count; i++) {
        int64_t id = in->plan->first_id + i, own;
        if (c.array && present(&in->outer, i) && present(&c, i) &&
            read_integer(c.schema->format[0], c.array->buffers[1], c.first + i, &own))
            id = own;
        RM_TRY(rm_rows_add_id(in->rows, in->base + i, id, in->err));
    }
    return RM_OK;
}

static rm_status add_feature(intake *in, const uint8_t *wkb, int64_t size, int64_t id)
{
    rm_issue_code verdict;
    bool curve;
    rm_geometry *geometry = &in->rows->geometry;
    RM_TRY(rm_geometry_add_wkb(geometry, wkb, size, &verdict, &curve, in->err));
    if (curve && in->plan->stroke) {
        RM_TRY(in->plan->stroke(in->plan->stroke_context, wkb, size, geometry, &verdict, in->err));
    } else if (curve) {
        RM_TRY(rm_geometry_add_feature(geometry, RM_KIND_NONE, in->err));
        verdict = RM_ISSUE_MALFORMED;
    }
    if (verdict == RM_ISSUE_CODES)
        return RM_OK;
    return rm_issues_add(&in->rows->issues, verdict, id, 0.0, 0.0, NULL, in->err);
}

static rm_status add_geometry(intake *in)
{
    cells c;
    RM_TRY(open_child(in, &c, in->plan->geometry_column));
    if (!is_binary_format(c.schema->format))
        return rm_fail(in->err, RM_EUNSUPPORTED,
                       "column %s: geometry must be WKB, not Arrow type \"%s\"", name_of(c.schema),
                       c.schema->format);
    RM_TRY(rm_geometry_reserve(&in->rows->geometry, in->count, in->count, in->err));
    for (int64_t i = 0; i < in->count; i++) {
        const char *wkb = NULL;
        int64_t size = 0;
        if (present(&in->outer, i) && present(&c, i))
            RM_TRY(read_bytes(c.schema, c.array, c.first + i, &wkb, &size, in->err));
        RM_TRY(add_feature(in, (const uint8_t *)wkb, size, in->rows->ids[in->base + i]));
    }
    return RM_OK;
}

static rm_status append(intake *in)
{
    rm_table *table = &in->rows->table;
    RM_TRY(add_ids(in));
    if (in->plan->geometry_column >= 0)
        RM_TRY(add_geometry(in));
    for (int32_t i = 0; i < table->count; i++)
        RM_TRY(add_column(in, &table->columns[i], in->plan->columns[i]));
    table->rows += in->count;
    return RM_OK;
}

rm_status rm_arrow_append(rm_rows *rows, const rm_arrow_plan *plan,
                          const struct ArrowSchema *schema, const struct ArrowArray *array,
                          rm_error *err)
{
    if (strcmp(schema->format, "+s") != 0)
        return rm_fail(err, RM_EFORMAT, "Arrow stream: its batches are of type \"%s\", not structs",
                       schema->format);
    intake in = {
        .rows = rows, .plan = plan, .base = rows->table.rows, .count = array->length, .err = err};
    RM_TRY(open_cells(&in.outer, schema, array, 0, array->length, err));
    rm_status status = append(&in);
    rm_text_clear(&in.scratch);
    return status;
}
