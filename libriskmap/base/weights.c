#include "base/weights.h"

#include "base/parallel.h"
#include "base/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_A_CHUNK = 16384, SHORT = 24, LINKS_A_TICK = 1 << 15 };

static const char MESSAGE[] = "weights";

void rm_weights_clear(rm_weights *weights)
{
    rm_release(weights->start);
    rm_release(weights->to);
    rm_release(weights->weight);
    *weights = (rm_weights){0};
}

rm_status rm_pairs_add(rm_pairs *pairs, int32_t a, int32_t b, rm_error *err)
{
    if (pairs->count == pairs->capacity)
        RM_TRY(RM_GROW(&pairs->items, &pairs->capacity, pairs->count + 1024, err));
    pairs->items[pairs->count++] = (rm_pair){a, b};
    return RM_OK;
}

void rm_pairs_clear(rm_pairs *pairs)
{
    rm_release(pairs->items);
    *pairs = (rm_pairs){0};
}

static int compare_items(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

void rm_sort_items(int32_t *items, int64_t count)
{
    if (count > SHORT) {
        qsort(items, (size_t)count, sizeof *items, compare_items);
        return;
    }
    for (int64_t i = 1; i < count; i++) {
        int32_t item = items[i];
        int64_t at = i;
        for (; at > 0 && items[at - 1] > item; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* Rows as they come out of the lists: in any order, with double ones. */
typedef struct rough_rows {
    int64_t count;
    int64_t *end; /* [count + 1] while filling: where the next neighbour goes; then: where the row
                     ends, so that it begins where the one before ends */
    int32_t *to;
    int64_t *start; /* [count + 1] of the rows in their final form */
    int32_t *out;
} rough_rows;

static int64_t row_begin(const rough_rows *rows, int64_t row)
{
    return row > 0 ? rows->end[row - 1] : 0;
}

static rm_status tidy_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    rough_rows *rows = context;
    (void)worker;
    (void)err;
    for (int64_t row = begin; row < end; row++) {
        int32_t *to = rows->to + row_begin(rows, row);
        int64_t count = rows->end[row] - row_begin(rows, row), kept = 0;
        rm_sort_items(to, count);
        for (int64_t i = 0; i < count; i++)
            if (i == 0 || to[i] != to[i - 1])
                to[kept++] = to[i];
        rows->start[row + 1] = kept;
    }
    return RM_OK;
}

static rm_status copy_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const rough_rows *rows = context;
    (void)worker;
    (void)err;
    for (int64_t row = begin; row < end; row++) {
        int64_t count = rows->start[row + 1] - rows->start[row];
        if (count > 0)
            memcpy(rows->out + rows->start[row], rows->to + row_begin(rows, row),
                   (size_t)count * sizeof *rows->out);
    }
    return RM_OK;
}

static rm_status fill_rows(rough_rows *rows, rm_pairs *lists, int list_count, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&rows->end, rows->count + 1, err));
    for (int l = 0; l < list_count; l++) {
        for (int64_t i = 0; i < lists[l].count; i++) {
            rows->end[lists[l].items[i].a + 1]++;
            rows->end[lists[l].items[i].b + 1]++;
        }
    }
    for (int64_t row = 0; row < rows->count; row++)
        rows->end[row + 1] += rows->end[row];
    RM_TRY(RM_NEW(&rows->to, rows->end[rows->count], err));
    for (int l = 0; l < list_count; l++) {
        for (int64_t i = 0; i < lists[l].count; i++) {
            rm_pair pair = lists[l].items[i];
            rows->to[rows->end[pair.a]++] = pair.b;
            rows->to[rows->end[pair.b]++] = pair.a;
        }
        rm_pairs_clear(&lists[l]);
    }
    return RM_OK;
}

static rm_status tidy_rows(rough_rows *rows, int threads, rm_error *err)
{
    RM_TRY(RM_NEW(&rows->start, rows->count + 1, err));
    rows->start[0] = 0;
    RM_TRY(rm_parallel(rows->count, ROWS_A_CHUNK, threads, tidy_chunk, rows, NULL, NULL, err));
    for (int64_t row = 0; row < rows->count; row++)
        rows->start[row + 1] += rows->start[row];
    RM_TRY(RM_NEW(&rows->out, rows->start[rows->count], err));
    return rm_parallel(rows->count, ROWS_A_CHUNK, threads, copy_chunk, rows, NULL, NULL, err);
}

rm_status rm_weights_from_pairs(rm_weights *out, int64_t count, rm_pairs *lists, int list_count,
                                int threads, rm_error *err)
{
    rough_rows rows = {.count = count};
    rm_status status = fill_rows(&rows, lists, list_count, err);
    if (status == RM_OK)
        status = tidy_rows(&rows, threads, err);
    rm_release(rows.end);
    rm_release(rows.to);
    if (status == RM_OK) {
        *out = (rm_weights){count, rows.start, rows.out, NULL};
        return RM_OK;
    }
    rm_release(rows.start);
    rm_release(rows.out);
    return status;
}

/* Links on their way to rows. */
typedef struct listing {
    rm_weights made;
    const int32_t *from, *to;
    const double *weight; /* NULL: all 1 */
    int64_t links;
    rm_progress *progress;
} listing;

/* The end of the block of links that begins at `begin`, and how far we are before it: of four
 * passes over the links this is number `pass`. */
static rm_status next_links(int64_t *end, int64_t begin, const listing *l, int pass, rm_error *err)
{
    *end = l->links - begin < LINKS_A_TICK ? l->links : begin + LINKS_A_TICK;
    return rm_progress_report(l->progress, 0.25 * (pass + (double)begin / (double)l->links),
                              MESSAGE, err);
}

static rm_status check_link(const listing *l, int64_t link, rm_error *err)
{
    int32_t from = l->from[link], to = l->to[link];
    int64_t count = l->made.count;
    if (from < 0 || from >= count || to < 0 || to >= count)
        return rm_fail_row(err, RM_EINVAL, link,
                           "link %lld leads from %d to %d; items are numbered 0 to %lld",
                           (long long)link, from, to, (long long)(count - 1));
    if (from == to)
        return rm_fail_row(err, RM_EINVAL, link,
                           "link %lld leads from item %d to itself; leave it out (the methods that "
                           "count an item as its own neighbour add it)",
                           (long long)link, from);
    if (l->weight && !(l->weight[link] >= 0.0 && isfinite(l->weight[link])))
        return rm_fail_row(err, RM_EINVAL, link,
                           "the weight of link %lld is %g; it must be finite and not below 0",
                           (long long)link, l->weight[link]);
    return RM_OK;
}

static rm_status check_links(const listing *l, rm_error *err)
{
    for (int64_t link = 0, end; link < l->links;) {
        RM_TRY(next_links(&end, link, l, 0, err));
        for (; link < end; link++)
            RM_TRY(check_link(l, link, err));
    }
    return RM_OK;
}

/* A neighbour and the link it came by. */
typedef struct listed {
    int32_t to;
    int64_t link;
} listed;

static rm_status find_starts(listing *l, listed *sorted, rm_error *err)
{
    int64_t *start = l->made.start;
    for (int64_t link = 0, end; link < l->links;) {
        RM_TRY(next_links(&end, link, l, 1, err));
        /* huge pages are cleared one by one here, or the next pass, which writes all over them,
         * would have them cleared all at once */
        sorted[link].link = 0;
        for (; link < end; link++) {
            RM_TRY(check_link(l, link, err));
            start[l->from[link] + 1]++;
        }
    }
    for (int64_t i = 0; i < l->made.count; i++)
        start[i + 1] += start[i];
    return RM_OK;
}

static int compare_listed(const void *a, const void *b)
{
    const listed *left = a, *right = b;
    if (left->to != right->to)
        return left->to < right->to ? -1 : 1;
    return (left->link > right->link) - (left->link < right->link);
}

static rm_status sort_listed(listed *links, int64_t count, rm_progress *progress, rm_error *err)
{
    if (count > SHORT)
        return rm_sort(links, count, sizeof *links, compare_listed, progress, 0, MESSAGE, err);
    for (int64_t i = 1; i < count; i++) {
        listed link = links[i];
        int64_t at = i;
        for (; at > 0 && compare_listed(&links[at - 1], &link) > 0; at--)
            links[at] = links[at - 1];
        links[at] = link;
    }
    return RM_OK;
}

static rm_status write_link(listing *l, const listed *sorted, int64_t row, int64_t at,
                            rm_error *err)
{
    const listed *link = &sorted[at];
    if (at > l->made.start[row] && link->to == link[-1].to)
        return rm_fail_row(err, RM_EINVAL, link->link,
                           "links %lld and %lld both lead from item %lld to %d; give each "
                           "neighbour once",
                           (long long)link[-1].link, (long long)link->link, (long long)row,
                           link->to);
    l->made.to[at] = link->to;
    if (l->weight)
        l->made.weight[at] = l->weight[link->link];
    return RM_OK;
}

static rm_status write_rows(listing *l, listed *sorted, rm_error *err)
{
    const int64_t *start = l->made.start;
    int64_t told = 0;
    for (int64_t row = 0; row < l->made.count; row++) {
        RM_TRY(sort_listed(sorted + start[row], start[row + 1] - start[row], l->progress, err));
        for (int64_t at = start[row]; at < start[row + 1]; at++) {
            if (at == told)
                RM_TRY(next_links(&told, at, l, 3, err));
            RM_TRY(write_link(l, sorted, row, at, err));
        }
    }
    return RM_OK;
}

/* Links that differ from what was checked and counted have no place. */
static rm_status scatter_link(const listing *l, listed *sorted, int64_t *next, int64_t link,
                              rm_error *err)
{
    int32_t from = l->from[link], to = l->to[link];
    int64_t count = l->made.count;
    if (from < 0 || from >= count || to < 0 || to >= count || next[from] == l->made.start[from + 1])
        return rm_fail(err, RM_EINVAL,
                       "the links changed while they were read; leave the arrays as they are "
                       "until the call returns");
    sorted[next[from]++] = (listed){to, link};
    return RM_OK;
}

static rm_status scatter_links(listing *l, listed *sorted, rm_error *err)
{
    int64_t *next = NULL;
    RM_TRY(RM_NEW(&next, l->made.count + 1, err));
    memcpy(next, l->made.start, (size_t)(l->made.count + 1) * sizeof *next);
    rm_status status = RM_OK;
    for (int64_t link = 0, end; link < l->links && status == RM_OK;) {
        status = next_links(&end, link, l, 2, err);
        for (; link < end && status == RM_OK; link++)
            status = scatter_link(l, sorted, next, link, err);
    }
    rm_release(next);
    return status;
}

static rm_status sort_links(listing *l, rm_error *err)
{
    listed *sorted = NULL;
    RM_TRY(RM_NEW(&sorted, l->links, err));
    rm_status status = find_starts(l, sorted, err);
    if (status == RM_OK)
        status = scatter_links(l, sorted, err);
    if (status == RM_OK)
        status = write_rows(l, sorted, err);
    rm_release(sorted);
    return status;
}

static rm_status make_rows(listing *l, rm_error *err)
{
    RM_TRY(check_links(l, err));
    RM_TRY(RM_NEW_ZERO(&l->made.start, l->made.count + 1, err));
    RM_TRY(RM_NEW(&l->made.to, l->links, err));
    if (l->weight)
        RM_TRY(RM_NEW(&l->made.weight, l->links, err));
    RM_TRY(sort_links(l, err));
    return rm_progress_report(l->progress, 1.0, MESSAGE, err);
}

rm_status rm_weights_from_list(rm_weights *out, int64_t count, const int32_t *from,
                               const int32_t *to, const double *weight, int64_t links,
                               rm_progress *progress, rm_error *err)
{
    listing l = {.made = {.count = count},
                 .from = from,
                 .to = to,
                 .weight = weight,
                 .links = links,
                 .progress = progress};
    rm_status status = make_rows(&l, err);
    if (status == RM_OK)
        *out = l.made;
    else
        rm_weights_clear(&l.made);
    return status;
}

/* Where the link from one item to another stands, or -1. */
static int64_t find_link(const rm_weights *weights, int32_t from, int32_t to)
{
    int64_t low = weights->start[from], high = weights->start[from + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (weights->to[middle] < to)
            low = middle + 1;
        else
            high = middle;
    }
    return low < weights->start[from + 1] && weights->to[low] == to ? low : -1;
}

/* Whether a link has one back that weighs as much. */
static bool is_mutual(const rm_weights *weights, int32_t item, int64_t link)
{
    int64_t back = find_link(weights, weights->to[link], item);
    return back >= 0 && (!weights->weight || weights->weight[back] == weights->weight[link]);
}

rm_status rm_weights_symmetric(bool *symmetric, const rm_weights *weights, rm_progress *progress,
                               rm_error *err)
{
    int64_t links = weights->start[weights->count], told = 0;
    bool all = true;
    RM_TRY(rm_progress_report(progress, 0.0, MESSAGE, err));
    for (int64_t i = 0; i < weights->count && all; i++) {
        for (int64_t l = weights->start[i]; l < weights->start[i + 1] && all; l++) {
            all = is_mutual(weights, (int32_t)i, l);
            if (l - told < LINKS_A_TICK)
                continue;
            told = l;
            RM_TRY(rm_progress_report(progress, (double)l / (double)links, MESSAGE, err));
        }
    }
    RM_TRY(rm_progress_report(progress, 1.0, MESSAGE, err));
    *symmetric = all;
    return RM_OK;
}

int64_t rm_weights_list_islands(const rm_weights *weights, int32_t *items)
{
    int64_t found = 0;
    for (int64_t i = 0; i < weights->count; i++) {
        if (weights->start[i] != weights->start[i + 1])
            continue;
        if (items)
            items[found] = (int32_t)i;
        found++;
    }
    return found;
}

/* The lowest item that is known to hang together with one, the way to it made shorter. */
static int32_t lowest_of(int32_t *lower, int32_t item)
{
    while (lower[item] != item) {
        lower[item] = lower[lower[item]];
        item = lower[item];
    }
    return item;
}

rm_status rm_weights_find_components(int32_t *component, int64_t *count, const rm_weights *weights,
                                     rm_error *err)
{
    int32_t *lower = NULL, found = 0;
    RM_TRY(RM_NEW(&lower, weights->count, err));
    for (int64_t i = 0; i < weights->count; i++)
        lower[i] = (int32_t)i;
    for (int64_t i = 0; i < weights->count; i++) {
        for (int64_t l = weights->start[i]; l < weights->start[i + 1]; l++) {
            int32_t a = lowest_of(lower, (int32_t)i), b = lowest_of(lower, weights->to[l]);
            lower[a > b ? a : b] = a < b ? a : b;
        }
    }
    /* an item comes after the lowest one of its component, whose place then holds ~number */
    for (int64_t i = 0; i < weights->count; i++) {
        int32_t low = (int32_t)i;
        while (lower[low] >= 0 && lower[low] != low)
            low = lower[low];
        lower[i] = lower[low] == low ? ~found++ : lower[low];
        if (component)
            component[i] = ~lower[i];
    }
    rm_release(lower);
    *count = found;
    return RM_OK;
}
