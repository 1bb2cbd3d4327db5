#include "data/reports.h"

#include "base/date.h"
#include "base/sums.h"
#include "base/text.h"
#include "data/keep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32768, LEAST_OF_A_SPOT = 10 };

/* What a rule tells reports apart by. */
typedef struct rm_report_key {
    uint64_t key[2];
    int32_t period;
    int64_t row;
} rm_report_key;

typedef struct rm_reports {
    rm_source source;
    rm_source *inner;
    rm_report_rules rules;
    int32_t as_of; /* 0: no day, nothing lies after it */
    bool rd;
    rm_layer *all; /* NULL until the first batch is asked for */
    uint8_t *keep; /* [rows] */
    uint8_t *part; /* [rows] takes part in the rules; those that are left out do no more */
    int32_t *date; /* [rows] when there is a time column */
    rm_report_key *keys, *grouped; /* [rows] of the rule that is at work */
    int64_t at;                    /* the next row to hand over */
    int64_t left_out, outside;
    rm_issues found;
} rm_reports;

bool rm_reports_in_rd(const char *crs)
{
    return crs && rm_text_equal_nocase(crs, "EPSG:28992");
}

/* ---- findings ---- */

static rm_status list(rm_issues *issues, rm_issue_code code, int64_t feature, double a, double b,
                      const char *text, bool left_out, rm_error *err)
{
    RM_TRY(rm_issues_add(issues, code, feature, a, b, text, err));
    if (left_out)
        issues->items[issues->count - 1].severity = RM_REJECTED;
    return RM_OK;
}

rm_status rm_reports_list_spot(rm_issues *issues, int64_t first, int64_t count, int64_t all,
                               bool known, bool left_out, rm_error *err)
{
    static const char *const texts[2][2] = {
        {"kept", "left out"},
        {"the origin of RD, where lost coordinates come to lie; kept",
         "the origin of RD, where lost coordinates come to lie; left out"}};
    return list(issues, RM_ISSUE_SPOT, first, (double)count, 100.0 * (double)count / (double)all,
                texts[known][left_out], left_out, err);
}

static void leave_out(rm_reports *reports, int64_t row)
{
    reports->keep[row] = reports->part[row] = 0;
    reports->left_out++;
}

/* ---- places ---- */

/* The coordinates of a feature are one run, whatever its parts and rings. */
static int64_t points_of(const rm_geometry *geometry, int64_t feature, int64_t *first)
{
    const int32_t *rings = geometry->ring_point, *parts = geometry->part_ring;
    *first = rings[parts[geometry->feature_part[feature]]];
    return rings[parts[geometry->feature_part[feature + 1]]] - *first;
}

static bool is_known_place(double x, double y)
{
    double dx = x - 155000, dy = y - 463000;
    return dx * dx + dy * dy <= 1;
}

bool rm_reports_at_known_place(const rm_geometry *geometry, int64_t feature)
{
    int64_t at = feature;
    if (geometry->kind[feature] != RM_KIND_POINT ||
        (!rm_geometry_is_points(geometry) && points_of(geometry, feature, &at) != 1))
        return false;
    return is_known_place(geometry->x[at], geometry->y[at]);
}

static int64_t decimetres(double metres)
{
    double whole = floor(metres * 10 + 0.5);
    return whole > 9e18 ? INT64_MAX : whole < -9e18 ? INT64_MIN : (int64_t)whole;
}

/* Where a report lies; the middle of its box when it is no point. */
static void place_of(const rm_reports *reports, int64_t row, double *x, double *y)
{
    const rm_geometry *geometry = &reports->all->rows.geometry;
    int64_t first;
    if (points_of(geometry, row, &first) == 1) {
        *x = geometry->x[first];
        *y = geometry->y[first];
        return;
    }
    rm_box box = rm_geometry_box(geometry, row);
    *x = box.xmin + (box.xmax - box.xmin) / 2;
    *y = box.ymin + (box.ymax - box.ymin) / 2;
}

/* ---- keys ---- */

/* One round of a multiplication; equal keys are looked at once more, so nothing hangs on it. */
static void mix(uint64_t key[2], uint64_t word)
{
    rm_uint128 product = (rm_uint128)(key[0] ^ word) * 0xD2B74407B1CE6E93u;
    key[0] = (uint64_t)(product >> 64) ^ key[1];
    key[1] = (uint64_t)product + 0x9E3779B97F4A7C15u;
}

static void mix_bytes(uint64_t key[2], const char *bytes, int64_t length)
{
    mix(key, (uint64_t)length);
    for (int64_t at = 0; at < length; at += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + at, (size_t)(length - at < 8 ? length - at : 8));
        mix(key, word);
    }
}

/* The bytes of a cell; none when it is missing. */
static const char *bytes_of(const rm_column *column, int64_t row, int64_t *length)
{
    *length = 0;
    if (rm_column_missing(column, row))
        return NULL;
    if (column->type == RM_TEXT)
        return rm_column_text(column, row, length);
    *length = column->type == RM_DATE ? 4 : 8;
    return (const char *)column->data.any + row * *length;
}

static void key_of_content(const rm_reports *reports, rm_report_key *out)
{
    const rm_rows *rows = &reports->all->rows;
    int64_t first, length, points = points_of(&rows->geometry, out->row, &first);
    out->key[0] = out->key[1] = (uint64_t)points;
    mix_bytes(out->key, (const char *)(rows->geometry.x + first), points * 8);
    mix_bytes(out->key, (const char *)(rows->geometry.y + first), points * 8);
    for (int32_t c = 0; c < rows->table.count; c++) {
        const char *bytes = bytes_of(&rows->table.columns[c], out->row, &length);
        mix(out->key, bytes != NULL);
        mix_bytes(out->key, bytes, length);
    }
    mix(out->key, 0);
}

static void key_of_place(const rm_reports *reports, rm_report_key *out)
{
    double x, y;
    place_of(reports, out->row, &x, &y);
    if (reports->rd && is_known_place(x, y)) {
        x = 155000;
        y = 463000;
    }
    out->key[0] = (uint64_t)decimetres(x);
    out->key[1] = (uint64_t)decimetres(y);
}

/* Weeks begin on Monday, as in ISO 8601; day 0 was a Thursday. */
static int32_t week_of(int32_t date)
{
    int32_t since = date + 3;
    return since / 7 - (since % 7 < 0);
}

static void key_of_period(const rm_reports *reports, rm_report_key *out)
{
    double x, y;
    int32_t date = reports->date[out->row];
    place_of(reports, out->row, &x, &y);
    out->key[0] = (uint64_t)decimetres(x);
    out->key[1] = (uint64_t)decimetres(y);
    out->period = reports->rules.distinct == RM_DISTINCT_PLACE_WEEK ? week_of(date) : date;
}

static int compare_keys(const void *left, const void *right)
{
    const rm_report_key *a = left, *b = right;
    for (int k = 0; k < 2; k++)
        if (a->key[k] != b->key[k])
            return a->key[k] < b->key[k] ? -1 : 1;
    if (a->period != b->period)
        return a->period < b->period ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static uint64_t bucket_of(const rm_report_key *key, int bits)
{
    uint64_t mixed[2] = {key->key[0], key->key[1]};
    mix(mixed, (uint64_t)key->period);
    mix(mixed, 0);
    return bits == 0 ? 0 : mixed[0] >> (64 - bits);
}

/* Buckets hold few keys, unless many are equal: those stand in order already. */
static void sort_bucket(rm_report_key *keys, int64_t count)
{
    bool ordered = true;
    for (int64_t i = 1; i < count && ordered; i++)
        ordered = compare_keys(&keys[i - 1], &keys[i]) < 0;
    if (!ordered)
        qsort(keys, (size_t)count, sizeof *keys, compare_keys);
}

/* Equal keys together, the first row in front; between different keys any order will do, so they
 * are thrown into buckets first, which is several times as fast as sorting them all. */
static rm_status group(rm_reports *reports, int64_t count, rm_error *err)
{
    int bits = 0;
    int64_t *end = NULL, begin = 0;
    while (bits < 30 && INT64_C(4) << bits < count)
        bits++;
    RM_TRY(RM_NEW_ZERO(&end, (INT64_C(1) << bits) + 1, err));
    for (int64_t i = 0; i < count; i++)
        end[bucket_of(&reports->keys[i], bits) + 1]++;
    for (int64_t b = 0; b < INT64_C(1) << bits; b++)
        end[b + 1] += end[b];
    for (int64_t i = 0; i < count; i++)
        reports->grouped[end[bucket_of(&reports->keys[i], bits)]++] = reports->keys[i];
    for (int64_t b = 0; b < INT64_C(1) << bits; b++) {
        sort_bucket(reports->grouped + begin, end[b] - begin);
        begin = end[b];
    }
    rm_release(end);
    return RM_OK;
}

/* The keys of all reports that take part, by `key`, in groups. */
static rm_status group_by(rm_reports *reports, void (*key)(const rm_reports *, rm_report_key *),
                          bool dated, int64_t *out, rm_error *err)
{
    int64_t count = 0;
    for (int64_t r = 0; r < reports->all->rows.table.rows; r++) {
        if (!reports->part[r] || (dated && reports->date[r] == RM_NO_DATE))
            continue;
        rm_report_key *next = &reports->keys[count++];
        *next = (rm_report_key){.row = r};
        key(reports, next);
    }
    RM_TRY(group(reports, count, err));
    *out = count;
    return RM_OK;
}

/* Where the run of equal keys that begins at `begin` ends. */
static int64_t end_of_run(const rm_report_key *keys, int64_t begin, int64_t count)
{
    int64_t end = begin + 1;
    while (end < count && keys[end].key[0] == keys[begin].key[0] &&
           keys[end].key[1] == keys[begin].key[1] && keys[end].period == keys[begin].period)
        end++;
    return end;
}

/* ---- the rules ---- */

static bool date_is_before_1900(const rm_reports *reports, int64_t row)
{
    const int32_t first_of_1900 = -25567;
    return reports->date && reports->date[row] != RM_NO_DATE && reports->date[row] < first_of_1900;
}

static rm_status find_before_1900(rm_reports *reports, rm_error *err)
{
    bool drop = reports->rules.drop_before_1900;
    const rm_rows *rows = &reports->all->rows;
    for (int64_t r = 0; r < rows->table.rows; r++) {
        if (!reports->part[r] || !date_is_before_1900(reports, r))
            continue;
        RM_TRY(list(&reports->found, RM_ISSUE_BEFORE_1900, rows->ids[r], 0, 0,
                    drop ? "left out" : "kept", drop, err));
        if (drop)
            leave_out(reports, r);
    }
    return RM_OK;
}

static rm_status find_outside(rm_reports *reports, rm_error *err)
{
    const rm_rows *rows = &reports->all->rows;
    int64_t count = 0;
    if (!reports->rules.has_region)
        return RM_OK;
    for (int64_t r = 0; r < rows->table.rows; r++) {
        if (!reports->part[r] ||
            rm_box_touches(rm_geometry_box(&rows->geometry, r), reports->rules.region))
            continue;
        count++;
        if (reports->rules.drop_outside)
            reports->keep[r] = reports->part[r] = 0;
    }
    if (reports->rules.drop_outside)
        reports->outside = count;
    else if (count > 0)
        return rm_issues_add(&reports->found, RM_ISSUE_OUTSIDE_REGION, -1, (double)count, 0, NULL,
                             err);
    return RM_OK;
}

static bool is_same(const rm_rows *rows, int64_t a, int64_t b)
{
    const rm_geometry *geometry = &rows->geometry;
    int64_t a_first, b_first, a_length, b_length, points = points_of(geometry, a, &a_first);
    size_t size = (size_t)points * sizeof *geometry->x;
    if (geometry->kind[a] != geometry->kind[b] || points_of(geometry, b, &b_first) != points ||
        memcmp(geometry->x + a_first, geometry->x + b_first, size) != 0 ||
        memcmp(geometry->y + a_first, geometry->y + b_first, size) != 0)
        return false;
    for (int32_t c = 0; c < rows->table.count; c++) {
        const char *x = bytes_of(&rows->table.columns[c], a, &a_length);
        const char *y = bytes_of(&rows->table.columns[c], b, &b_length);
        if (!x != !y || a_length != b_length || (x && memcmp(x, y, (size_t)a_length) != 0))
            return false;
    }
    return true;
}

static rm_status find_duplicates(rm_reports *reports, rm_error *err)
{
    bool drop = reports->rules.drop_duplicates;
    const rm_rows *rows = &reports->all->rows;
    int64_t count;
    RM_TRY(group_by(reports, key_of_content, false, &count, err));
    for (int64_t begin = 0, end; begin < count; begin = end) {
        end = end_of_run(reports->grouped, begin, count);
        int64_t first = reports->grouped[begin].row;
        for (int64_t k = begin + 1; k < end; k++) {
            int64_t row = reports->grouped[k].row;
            if (!is_same(rows, first, row))
                continue;
            RM_TRY(list(&reports->found, RM_ISSUE_DUPLICATE, rows->ids[row],
                        (double)rows->ids[first], 0, drop ? "left out" : "kept", drop, err));
            if (drop)
                leave_out(reports, row);
        }
    }
    return RM_OK;
}

static rm_status find_spots(rm_reports *reports, rm_error *err)
{
    const rm_rows *rows = &reports->all->rows;
    bool drop = reports->rules.drop_spots;
    int64_t count;
    RM_TRY(group_by(reports, key_of_place, false, &count, err));
    double enough = fmax(LEAST_OF_A_SPOT, reports->rules.spot_share * (double)count);
    for (int64_t begin = 0, end; begin < count; begin = end) {
        end = end_of_run(reports->grouped, begin, count);
        bool known = reports->rd && reports->grouped[begin].key[0] == 1550000 &&
                     reports->grouped[begin].key[1] == 4630000;
        if (!known && (double)(end - begin) < enough)
            continue;
        RM_TRY(rm_reports_list_spot(&reports->found, rows->ids[reports->grouped[begin].row],
                                    end - begin, count, known, drop, err));
        for (int64_t k = begin; drop && k < end; k++)
            leave_out(reports, reports->grouped[k].row);
    }
    return RM_OK;
}

static rm_status count_once(rm_reports *reports, rm_error *err)
{
    const rm_rows *rows = &reports->all->rows;
    if (reports->rules.distinct == RM_DISTINCT_NONE || !reports->date)
        return RM_OK;
    int64_t count;
    RM_TRY(group_by(reports, key_of_period, true, &count, err));
    for (int64_t begin = 0, end; begin < count; begin = end) {
        end = end_of_run(reports->grouped, begin, count);
        int64_t first = rows->ids[reports->grouped[begin].row];
        for (int64_t k = begin + 1; k < end; k++) {
            int64_t row = reports->grouped[k].row;
            RM_TRY(rm_issues_add(&reports->found, RM_ISSUE_REPEATED, rows->ids[row], (double)first,
                                 0, NULL, err));
            leave_out(reports, row);
        }
    }
    return RM_OK;
}

static rm_status take_part(rm_reports *reports, rm_error *err)
{
    const rm_rows *rows = &reports->all->rows;
    int32_t column = reports->rules.time_column;
    int64_t count = rows->table.rows;
    RM_TRY(RM_NEW(&reports->keep, count, err));
    RM_TRY(RM_NEW(&reports->part, count, err));
    RM_TRY(RM_NEW(&reports->keys, count, err));
    RM_TRY(RM_NEW(&reports->grouped, count, err));
    if (column >= 0)
        RM_TRY(RM_NEW(&reports->date, count, err));
    for (int64_t r = 0; r < count; r++) {
        reports->keep[r] = 1;
        reports->part[r] = rows->geometry.features > 0 && rows->geometry.kind[r] != RM_KIND_NONE;
        if (column < 0)
            continue;
        reports->date[r] = rm_column_date(&rows->table.columns[column], r, NULL);
        if (reports->as_of != 0 && reports->date[r] > reports->as_of && !reports->rules.keep_future)
            reports->part[r] = 0;
    }
    return RM_OK;
}

/* Rows that are left out take what was found while reading them along. */
static rm_status apply(rm_reports *reports, rm_error *err)
{
    rm_rows *rows = &reports->all->rows;
    RM_TRY(take_part(reports, err));
    RM_TRY(find_before_1900(reports, err));
    RM_TRY(find_outside(reports, err));
    RM_TRY(find_duplicates(reports, err));
    RM_TRY(find_spots(reports, err));
    RM_TRY(count_once(reports, err));
    RM_TRY(rm_rows_drop_issues(rows, reports->keep, err));
    rm_release(reports->keys);
    rm_release(reports->grouped);
    rm_release(reports->date);
    rm_release(reports->part);
    reports->keys = reports->grouped = NULL;
    reports->date = NULL;
    reports->part = NULL;
    return rm_issues_take(&rows->issues, &reports->found, -1, err);
}

/* ---- the source ---- */

static rm_status read_all(rm_reports *reports, rm_error *err)
{
    if (reports->all)
        return RM_OK;
    RM_TRY(rm_source_collect(&reports->all, reports->inner, reports->rules.filter, NULL, err));
    return apply(reports, err);
}

static rm_status next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    rm_reports *reports = (rm_reports *)source;
    (void)worker;
    rm_rows_reset(rows);
    if (rows->table.count != source->columns.count) {
        rm_table_clear(&rows->table);
        RM_TRY(rm_table_copy_columns(&rows->table, &source->columns, err));
    }
    RM_TRY(read_all(reports, err));
    rm_rows *all = &reports->all->rows;
    RM_TRY(rm_issues_take(&rows->issues, &all->issues, -1, err));
    int64_t count = all->table.rows;
    for (; reports->at < count && rows->table.rows < BATCH; reports->at++)
        if (reports->keep[reports->at])
            RM_TRY(rm_rows_add_copy(rows, all, reports->at, err));
    if (count > 0)
        source->fraction = (double)reports->at / (double)count;
    return RM_OK;
}

static rm_status finish(rm_source *source, rm_error *err)
{
    rm_reports *reports = (rm_reports *)source;
    RM_TRY(read_all(reports, err));
    rm_provenance_clear(&source->provenance);
    source->provenance = reports->all->provenance;
    reports->all->provenance = (rm_provenance){0};
    source->addresses = reports->inner->addresses;
    reports->inner->addresses = (rm_provenance){0};
    source->provenance.outside += reports->outside;
    source->provenance.left_out += reports->left_out;
    source->fraction = 1;
    return RM_OK;
}

static void free_reports(rm_source *source)
{
    rm_reports *reports = (rm_reports *)source;
    rm_source_free(reports->inner);
    rm_layer_free(reports->all);
    rm_release(reports->keep);
    rm_release(reports->part);
    rm_release(reports->date);
    rm_release(reports->keys);
    rm_release(reports->grouped);
    rm_issues_clear(&reports->found);
    rm_table_clear(&source->columns);
    rm_provenance_clear(&source->provenance);
    rm_provenance_clear(&source->addresses);
    rm_release(reports);
}

rm_status rm_reports_wrap(rm_source **out, rm_source *inner, const rm_request *request,
                          rm_error *err)
{
    rm_reports *reports = NULL;
    rm_status status = RM_NEW_ZERO(&reports, 1, err);
    if (status != RM_OK) {
        rm_source_free(inner);
        return status;
    }
    reports->inner = inner;
    reports->rules = *request->reports;
    reports->as_of = request->as_of;
    reports->rd = rm_reports_in_rd(request->target_crs);
    reports->source = (rm_source){
        .next = next, .finish = finish, .free = free_reports, .cursors = 1, .provenance = {0}};
    status = rm_table_copy_columns(&reports->source.columns, &inner->columns, err);
    if (status == RM_OK)
        status = rm_provenance_copy(&reports->source.provenance, &inner->provenance, err);
    if (status == RM_OK)
        *out = &reports->source;
    else
        free_reports(&reports->source);
    return status;
}
