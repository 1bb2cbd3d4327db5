#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

/* Runs that qsort does, which are then merged two by two. */
enum { RUN = 1 << 14 };

typedef struct sorting {
    size_t size;
    int (*compare)(const void *, const void *);
    rm_progress *progress;
    int worker;
    const char *message;
    int64_t since; /* items that were merged since the last tick */
} sorting;

static rm_status tick(sorting *s, int64_t items, rm_error *err)
{
    s->since += items;
    if (s->since < RUN)
        return RM_OK;
    s->since = 0;
    return rm_progress_check(s->progress, s->worker, s->message, err);
}

static rm_status sort_runs(sorting *s, char *items, int64_t count, rm_error *err)
{
    for (int64_t begin = 0; begin < count; begin += RUN) {
        int64_t run = count - begin < RUN ? count - begin : RUN;
        RM_TRY(rm_progress_check(s->progress, s->worker, s->message, err));
        qsort(items + (size_t)begin * s->size, (size_t)run, s->size, s->compare);
    }
    return RM_OK;
}

static rm_status copy(sorting *s, char *to, const char *from, int64_t count, rm_error *err)
{
    for (int64_t begin = 0; begin < count; begin += RUN) {
        int64_t some = count - begin < RUN ? count - begin : RUN;
        memcpy(to + (size_t)begin * s->size, from + (size_t)begin * s->size,
               (size_t)some * s->size);
        RM_TRY(tick(s, some, err));
    }
    return RM_OK;
}

/* Two runs that follow one another, to the same place elsewhere. */
static rm_status merge(sorting *s, char *to, const char *from, int64_t left, int64_t right,
                       rm_error *err)
{
    const char *a = from, *middle = from + (size_t)left * s->size, *b = middle;
    const char *end = middle + (size_t)right * s->size;
    if (right == 0 || s->compare(middle - s->size, middle) < 0)
        return copy(s, to, from, left + right, err);
    for (; a < middle && b < end; to += s->size) {
        const char **lower = s->compare(b, a) < 0 ? &b : &a;
        memcpy(to, *lower, s->size);
        *lower += s->size;
        RM_TRY(tick(s, 1, err));
    }
    RM_TRY(copy(s, to, a, (middle - a) / (int64_t)s->size, err));
    return copy(s, to + (middle - a), b, (end - b) / (int64_t)s->size, err);
}

/* *sorted is where the items are in the end: they go to and fro between two places. */
static rm_status merge_runs(sorting *s, char *items, char *other, int64_t count, char **sorted,
                            rm_error *err)
{
    for (int64_t run = RUN; run < count; run *= 2) {
        for (int64_t begin = 0; begin < count; begin += 2 * run) {
            int64_t left = count - begin < run ? count - begin : run;
            int64_t right = count - begin - left < run ? count - begin - left : run;
            size_t at = (size_t)begin * s->size;
            RM_TRY(merge(s, other + at, items + at, left, right, err));
        }
        char *swap = items;
        items = other;
        other = swap;
    }
    *sorted = items;
    return RM_OK;
}

rm_status rm_sort(void *items, int64_t count, size_t size,
                  int (*compare)(const void *, const void *), rm_progress *progress, int worker,
                  const char *message, rm_error *err)
{
    sorting s = {size, compare, progress, worker, message, 0};
    char *other = NULL, *sorted = items;
    if (count <= RUN) {
        qsort(items, (size_t)count, size, compare);
        return RM_OK;
    }
    RM_TRY(sort_runs(&s, items, count, err));
    RM_TRY(rm_new((void **)&other, count, size, false, err));
    rm_status status = merge_runs(&s, items, other, count, &sorted, err);
    if (status == RM_OK && sorted == other)
        status = copy(&s, items, other, count, err);
    rm_release(other);
    return status;
}
