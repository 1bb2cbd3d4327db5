#include "base/weights.h"

#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_A_CHUNK = 16384, SHORT = 24 };

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

static rm_status check_link(int64_t count, int32_t from, int32_t to, const double *weight,
                            int64_t link, rm_error *err)
{
    if (from < 0 || from >= count || to < 0 || to >= count)
        return rm_fail_row(err, RM_EINVAL, link,
                           "link %lld leads from %d to %d; items are numbered 0 to %lld",
                           (long long)link, from, to, (long long)(count - 1));
    if (from == to)
        return rm_fail_row(err, RM_EINVAL, link,
                           "link %lld leads from item %d to itself; leave it out (the methods that "
                           "count an item as its own neighbour add it)",
                           (long long)link, from);
    if (weight && !(weight[link] >= 0.0 && isfinite(weight[link])))
        return rm_fail_row(err, RM_EINVAL, link,
                           "the weight of link %lld is %g; it must be finite and not below 0",
                           (long long)link, weight[link]);
    return RM_OK;
}

/* A neighbour and the link it came by. */
typedef struct listed {
    int32_t to;
    int64_t link;
} listed;

static int compare_listed(const void *a, const void *b)
{
    const listed *left = a, *right = b;
    if (left->to != right->to)
        return left->to < right->to ? -1 : 1;
    return (left->link > right->link) - (left->link < right->link);
}

static rm_status write_rows(rm_weights *weights, listed *links, const double *weight, rm_error *err)
{
    for (int64_t row = 0; row < weights->count; row++) {
        int64_t begin = weights->start[row], end = weights->start[row + 1];
        if (end - begin > 1)
            qsort(links + begin, (size_t)(end - begin), sizeof *links, compare_listed);
        for (int64_t i = begin; i < end; i++) {
            if (i > begin && links[i].to == links[i - 1].to)
                return rm_fail_row(err, RM_EINVAL, links[i].link,
                                   "links %lld and %lld both lead from item %lld to %d; give each "
                                   "neighbour once",
                                   (long long)links[i - 1].link, (long long)links[i].link,
                                   (long long)row, links[i].to);
            weights->to[i] = links[i].to;
            if (weight)
                weights->weight[i] = weight[links[i].link];
        }
    }
    return RM_OK;
}

static rm_status sort_links(rm_weights *made, const int32_t *from, const int32_t *to,
                            const double *weight, int64_t links, rm_error *err)
{
    listed *sorted = NULL;
    int64_t *next = NULL;
    rm_status status = RM_NEW(&sorted, links, err);
    if (status == RM_OK)
        status = RM_NEW(&next, made->count + 1, err);
    if (status == RM_OK) {
        memcpy(next, made->start, (size_t)(made->count + 1) * sizeof *next);
        for (int64_t l = 0; l < links; l++)
            sorted[next[from[l]]++] = (listed){to[l], l};
        status = write_rows(made, sorted, weight, err);
    }
    rm_release(sorted);
    rm_release(next);
    return status;
}

rm_status rm_weights_from_list(rm_weights *out, int64_t count, const int32_t *from,
                               const int32_t *to, const double *weight, int64_t links,
                               rm_error *err)
{
    rm_weights made = {.count = count};
    for (int64_t l = 0; l < links; l++)
        RM_TRY(check_link(count, from[l], to[l], weight, l, err));
    rm_status status = RM_NEW_ZERO(&made.start, count + 1, err);
    if (status == RM_OK)
        status = RM_NEW(&made.to, links, err);
    if (status == RM_OK && weight)
        status = RM_NEW(&made.weight, links, err);
    if (status == RM_OK) {
        for (int64_t l = 0; l < links; l++)
            made.start[from[l] + 1]++;
        for (int64_t i = 0; i < count; i++)
            made.start[i + 1] += made.start[i];
        status = sort_links(&made, from, to, weight, links, err);
    }
    if (status == RM_OK)
        *out = made;
    else
        rm_weights_clear(&made);
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

bool rm_weights_symmetric(const rm_weights *weights)
{
    for (int64_t i = 0; i < weights->count; i++) {
        for (int64_t l = weights->start[i]; l < weights->start[i + 1]; l++) {
            int64_t back = find_link(weights, weights->to[l], (int32_t)i);
            if (back < 0 || (weights->weight && weights->weight[back] != weights->weight[l]))
                return false;
        }
    }
    return true;
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
