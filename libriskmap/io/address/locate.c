#include "io/address/locate.h"

#include "base/parallel.h"
#include "data/keep.h"
#include "io/address/columns.h"
#include "io/address/layer.h"
#include "io/open.h"

#include <stdlib.h>
#include <string.h>

enum { VERDICTS = RM_ADDRESS_NONE + 1 };

typedef struct lane {
    rm_rows inner;
    rm_address *addresses;     /* [rows] of those that need a place */
    rm_address_match *matches; /* [rows] as they are */
    int64_t *at;               /* [rows] the match of each row; -1: it has its own place */
    int64_t addresses_capacity, matches_capacity, at_capacity;
    int64_t counts[VERDICTS], outside;
    rm_issues left; /* of batches that lie outside as a whole, and are not handed over */
    char apart[64]; /* from the next worker's */
} lane;

typedef struct located {
    rm_source source;
    rm_source *inner;
    rm_address_layer layer;
    int32_t at[RM_PARTS]; /* columns of inner */
    bool own;             /* rows may have a place of their own */
    bool has_extent;
    rm_box extent;
    lane *lanes; /* [cursors] */
    int cursors;
    atomic_bool told; /* what there is to say about the address layer */
} located;

static rm_status make_room(lane *l, int64_t rows, rm_error *err)
{
    if (rows > l->addresses_capacity)
        RM_TRY(RM_GROW(&l->addresses, &l->addresses_capacity, rows, err));
    if (rows > l->matches_capacity)
        RM_TRY(RM_GROW(&l->matches, &l->matches_capacity, rows, err));
    if (rows > l->at_capacity)
        RM_TRY(RM_GROW(&l->at, &l->at_capacity, rows, err));
    return RM_OK;
}

/* Looks up the rows without a place of their own; *count: how many. */
static rm_status look_up(const located *s, lane *l, int64_t *count, rm_error *err)
{
    const rm_table *table = &l->inner.table;
    int64_t n = 0;
    RM_TRY(make_room(l, table->rows, err));
    for (int64_t row = 0; row < table->rows; row++) {
        rm_address_room room;
        rm_address_cells cells;
        l->at[row] = -1;
        if (s->own && l->inner.geometry.kind[row] != RM_KIND_NONE)
            continue;
        rm_address_cells_of(&cells, table, s->at, row, room);
        rm_address_read(&l->addresses[n], &cells);
        l->at[row] = n++;
    }
    rm_address_find_all(l->matches, s->layer.index, l->addresses, n);
    for (int64_t i = 0; i < n; i++)
        l->counts[l->matches[i].verdict]++;
    *count = n;
    return RM_OK;
}

static bool is_placed(const rm_address_match *match)
{
    return match->verdict == RM_ADDRESS_EXACT || match->verdict == RM_ADDRESS_NUMBER;
}

static rm_status fill_geometry(rm_geometry *out, const lane *l, rm_error *err)
{
    int64_t rows = l->inner.table.rows;
    RM_TRY(rm_geometry_reserve(out, rows, rows, err));
    for (int64_t row = 0; row < rows; row++) {
        if (l->at[row] < 0) {
            RM_TRY(rm_geometry_add_copy(out, &l->inner.geometry, row, err));
            continue;
        }
        const rm_address_match *match = &l->matches[l->at[row]];
        if (is_placed(match))
            RM_TRY(rm_geometry_add_point(out, match->x, match->y, err));
        else
            RM_TRY(rm_geometry_add_feature(out, RM_KIND_NONE, err));
    }
    return RM_OK;
}

typedef struct located_id {
    int64_t id;
    bool placed;
} located_id;

static int compare_ids(const void *a, const void *b)
{
    const located_id *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* Whether an issue says that a feature is left out for want of a place of its own. */
static bool is_of_place(const rm_issue *issue)
{
    switch ((rm_issue_code)issue->code) {
    case RM_ISSUE_NO_GEOMETRY:
    case RM_ISSUE_NO_COORDINATE:
    case RM_ISSUE_MALFORMED:
    case RM_ISSUE_NOT_FINITE:
    case RM_ISSUE_MIXED_COLLECTION:
    case RM_ISSUE_OUTSIDE_CRS:
    case RM_ISSUE_NOT_TRANSFORMED:
        return true;
    default:
        return false;
    }
}

/* An empty coordinate is no finding where the address decides; a wrong one is, unless the address
 * made up for it. */
static bool is_settled(const rm_issue *issue, bool placed)
{
    return is_of_place(issue) &&
           (placed || issue->code == RM_ISSUE_NO_COORDINATE || issue->code == RM_ISSUE_NO_GEOMETRY);
}

static rm_status drop_settled(const lane *l, rm_issues *issues, rm_error *err)
{
    int64_t count = 0, kept = 0;
    located_id *ids = NULL;
    bool any = false;
    for (int64_t i = 0; i < issues->count && !any; i++)
        any = is_of_place(&issues->items[i]);
    if (!any)
        return RM_OK;
    RM_TRY(RM_NEW(&ids, l->inner.table.rows, err));
    for (int64_t row = 0; row < l->inner.table.rows; row++)
        if (l->at[row] >= 0)
            ids[count++] = (located_id){l->inner.ids[row], is_placed(&l->matches[l->at[row]])};
    qsort(ids, (size_t)count, sizeof *ids, compare_ids);
    for (int64_t i = 0; i < issues->count; i++) {
        rm_issue *issue = &issues->items[i];
        located_id key = {issue->feature, false};
        const located_id *found = bsearch(&key, ids, (size_t)count, sizeof *ids, compare_ids);
        if (found && is_settled(issue, found->placed))
            rm_release(issue->text);
        else
            issues->items[kept++] = *issue;
    }
    issues->count = kept;
    rm_release(ids);
    return RM_OK;
}

static rm_status add_issues(const lane *l, rm_issues *issues, rm_error *err)
{
    static const rm_issue_code codes[VERDICTS] = {
        [RM_ADDRESS_EXACT] = RM_ISSUE_CODES,
        [RM_ADDRESS_NUMBER] = RM_ISSUE_ADDRESS_NUMBER,
        [RM_ADDRESS_AMBIGUOUS] = RM_ISSUE_ADDRESS_AMBIGUOUS,
        [RM_ADDRESS_UNKNOWN] = RM_ISSUE_ADDRESS_UNKNOWN,
        [RM_ADDRESS_NONE] = RM_ISSUE_NO_ADDRESS,
    };
    for (int64_t row = 0; row < l->inner.table.rows; row++) {
        const rm_address_match *match = l->at[row] < 0 ? NULL : &l->matches[l->at[row]];
        if (match && match->verdict != RM_ADDRESS_EXACT)
            RM_TRY(rm_issues_add(issues, codes[match->verdict], l->inner.ids[row],
                                 (double)match->candidates, match->apart_m, NULL, err));
    }
    return RM_OK;
}

/* Gives the rows their place and says what became of them. */
static rm_status place(const located *s, lane *l, rm_error *err)
{
    int64_t count = 0;
    rm_geometry geometry = {.features = 0};
    RM_TRY(look_up(s, l, &count, err));
    if (count == 0)
        return RM_OK;
    rm_status status = fill_geometry(&geometry, l, err);
    if (status == RM_OK && s->own)
        status = drop_settled(l, &l->inner.issues, err);
    if (status == RM_OK)
        status = add_issues(l, &l->inner.issues, err);
    if (status != RM_OK) {
        rm_geometry_clear(&geometry);
        return status;
    }
    rm_geometry_clear(&l->inner.geometry);
    l->inner.geometry = geometry;
    return RM_OK;
}

/* What the reader counted by its own coordinates, counted by the address too. */
static rm_status leave_out_outside(const located *s, lane *l, rm_rows *rows, rm_error *err)
{
    int64_t outside = 0, n = rows->table.rows;
    uint8_t *mask = NULL;
    if (!s->has_extent || n == 0)
        return RM_OK;
    RM_TRY(RM_NEW(&mask, n, err));
    for (int64_t row = 0; row < n; row++) {
        const rm_address_match *m = l->at[row] < 0 ? NULL : &l->matches[l->at[row]];
        rm_box point = m ? (rm_box){m->x, m->y, m->x, m->y} : s->extent;
        mask[row] = !m || !is_placed(m) || rm_box_touches(point, s->extent);
        outside += !mask[row];
    }
    rm_status status = outside > 0 ? rm_rows_keep(rows, mask, err) : RM_OK;
    rm_release(mask);
    if (status == RM_OK)
        l->outside += outside;
    return status;
}

static rm_status tell_of_layer(located *s, rm_issues *issues, rm_error *err)
{
    if (s->layer.unusable == 0 || atomic_exchange(&s->told, true))
        return RM_OK;
    return rm_issues_add(issues, RM_ISSUE_ADDRESS_LAYER, -1, (double)s->layer.unusable, 0, NULL,
                         err);
}

/* The rows as they were asked for. What the consumer had goes back, so that its memory serves the
 * next batch. */
static rm_status hand_over(const located *s, lane *l, rm_rows *rows, rm_error *err)
{
    rm_rows *from = &l->inner;
    rm_rows_reset(rows);
    if (rows->table.count != s->source.columns.count) {
        rm_table_clear(&rows->table);
        RM_TRY(rm_table_copy_columns(&rows->table, &s->source.columns, err));
    }
    rm_rows had = *rows;
    for (int32_t i = 0; i < rows->table.count; i++) {
        rm_column column = rows->table.columns[i];
        rows->table.columns[i] = from->table.columns[i];
        from->table.columns[i] = column;
    }
    rows->table.rows = from->table.rows;
    rows->geometry = from->geometry;
    rows->ids = from->ids;
    rows->ids_capacity = from->ids_capacity;
    rows->issues = from->issues;
    from->geometry = had.geometry;
    from->ids = had.ids;
    from->ids_capacity = had.ids_capacity;
    from->issues = (rm_issues){0};
    return RM_OK;
}

static rm_status next_batch(located *s, lane *l, int worker, rm_rows *rows, rm_error *err)
{
    int64_t read;
    do { /* what an extent leaves of a batch may be nothing, and no rows would mean the end */
        RM_TRY(s->inner->next(s->inner, worker, &l->inner, err));
        read = l->inner.table.rows;
        if (read > 0)
            RM_TRY(place(s, l, err));
        RM_TRY(tell_of_layer(s, &l->inner.issues, err));
        RM_TRY(hand_over(s, l, rows, err));
        RM_TRY(leave_out_outside(s, l, rows, err));
        RM_TRY(rm_issues_take(&l->left, &rows->issues, -1, err));
    } while (read > 0 && rows->table.rows == 0);
    return rm_issues_take(&rows->issues, &l->left, -1, err);
}

static rm_status located_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    located *s = (located *)source;
    rm_rows batch = *rows; /* on this thread's stack, away from the rows of other workers */
    rm_status status = next_batch(s, &s->lanes[worker], worker, &batch, err);
    *rows = batch;
    if (worker == 0)
        source->fraction = s->inner->fraction;
    return status;
}

static rm_status located_finish(rm_source *source, rm_error *err)
{
    located *s = (located *)source;
    rm_provenance *p = &source->provenance;
    RM_TRY(s->inner->finish(s->inner, err));
    const rm_provenance *inner = &s->inner->provenance;
    p->total = inner->total;
    p->outside = inner->outside;
    p->filtered = inner->filtered;
    p->left_out = inner->left_out;
    p->ended = inner->ended;
    for (int w = 0; w < s->cursors; w++) {
        const lane *l = &s->lanes[w];
        p->outside += l->outside;
        p->address_exact += l->counts[RM_ADDRESS_EXACT];
        p->address_number += l->counts[RM_ADDRESS_NUMBER];
        p->address_ambiguous += l->counts[RM_ADDRESS_AMBIGUOUS];
        p->address_unknown += l->counts[RM_ADDRESS_UNKNOWN] + l->counts[RM_ADDRESS_NONE];
    }
    source->fraction = 1;
    return RM_OK;
}

static void located_free(rm_source *source)
{
    located *s = (located *)source;
    for (int w = 0; s->lanes && w < s->cursors; w++) {
        lane *l = &s->lanes[w];
        rm_rows_clear(&l->inner);
        rm_release(l->addresses);
        rm_release(l->matches);
        rm_release(l->at);
        rm_issues_clear(&l->left);
    }
    rm_release(s->lanes);
    rm_source_free(s->inner);
    rm_address_layer_clear(&s->layer);
    rm_table_clear(&source->columns);
    rm_provenance_clear(&source->provenance);
    rm_provenance_clear(&source->addresses);
    rm_release(s);
}

/* Where the rows have no place of their own, it comes from the address layer in all. */
static rm_status note_crs(located *s, rm_error *err)
{
    rm_provenance *to = &s->source.provenance, *from = &s->layer.provenance;
    RM_TRY(rm_provenance_copy(to, &s->inner->provenance, err));
    if (s->own)
        return RM_OK;
    char *const old[] = {to->crs, to->crs_operation, to->missing_grid};
    to->crs = from->crs;
    to->crs_operation = from->crs_operation;
    to->missing_grid = from->missing_grid;
    to->crs_accuracy_m = from->crs_accuracy_m;
    from->crs = from->crs_operation = from->missing_grid = NULL;
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        rm_release(old[i]);
    return RM_OK;
}

static rm_status copy_columns(rm_table *out, const rm_table *from, int32_t count, rm_error *err)
{
    rm_table first = *from;
    first.count = count;
    return rm_table_copy_columns(out, &first, err);
}

static rm_status open_inner(located *s, const rm_request *request, rm_address_columns *columns,
                            rm_address_request *wanted, rm_error *err)
{
    RM_TRY(rm_address_columns_find(columns, request, false, err));
    RM_TRY(rm_address_request_make(wanted, request, columns, err));
    rm_request inner = *request;
    inner.columns = wanted->columns;
    inner.column_count = wanted->count;
    inner.geometry = s->own = columns->points;
    inner.locate = NULL;
    inner.reports = NULL;
    RM_TRY(rm_open(NULL, &inner, &s->inner, err));
    memcpy(s->at, wanted->at, sizeof s->at);
    s->source.cursors = s->cursors = s->inner->cursors;
    RM_TRY(RM_NEW_ZERO(&s->lanes, s->cursors, err));
    return copy_columns(&s->source.columns, &s->inner->columns, request->column_count, err);
}

static rm_status open_both(located *s, const rm_request *request, rm_address_columns *columns,
                           rm_address_request *wanted, rm_error *err)
{
    rm_request addresses = *request->locate;
    addresses.target_crs = request->target_crs;
    addresses.only_best = request->only_best;
    addresses.threads = request->threads;
    addresses.as_of = request->as_of;
    if (request->extent) {
        s->has_extent = true;
        s->extent = *request->extent;
    }
    RM_TRY(open_inner(s, request, columns, wanted, err));
    bool streets = columns->names[RM_PART_STREET] || columns->names[RM_PART_LINE];
    rm_status status = rm_address_layer_read(&s->layer, &addresses, streets, err);
    if (status != RM_OK)
        return rm_fail_within(err, status, "the address layer");
    RM_TRY(rm_provenance_copy(&s->source.addresses, &s->layer.provenance, err));
    return note_crs(s, err);
}

rm_status rm_open_located(const rm_request *request, rm_source **out, rm_error *err)
{
    rm_address_columns columns = {.points = false};
    rm_address_request wanted = {.columns = NULL};
    rm_request metric = *request;
    located *s = NULL;
    if (!request->geometry) { /* nobody asks where the rows are */
        metric.locate = NULL;
        metric.reports = NULL;
        return rm_open(NULL, &metric, out, err);
    }
    if (!metric.target_crs)
        metric.target_crs = "EPSG:28992";
    RM_TRY(RM_NEW_ZERO(&s, 1, err));
    s->source.next = located_next;
    s->source.finish = located_finish;
    s->source.free = located_free;
    rm_status status = open_both(s, &metric, &columns, &wanted, err);
    rm_address_request_clear(&wanted);
    rm_address_columns_clear(&columns);
    if (status == RM_OK)
        *out = &s->source;
    else
        located_free(&s->source);
    return status;
}
