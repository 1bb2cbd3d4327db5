#include "stats/scan/clusters.h"

#include <stdlib.h>
#include <string.h>

static rm_status add(rm_scan_list *list, int32_t centre, const rm_scan_best *best, rm_error *err)
{
    RM_TRY(RM_GROW(&list->item, &list->room, list->count + 1, err));
    list->item[list->count++] = (rm_scan_candidate){*best, centre};
    return RM_OK;
}

/* The best cylinder of the steps from .. to-1, then the best before and after that one, and so on,
 * a step left free on either side. Depth: at most half the steps. */
static rm_status add_between(rm_scan_list *list, rm_scan_worker *worker, int32_t centre,
                             int32_t from, int32_t to, rm_error *err)
{
    rm_scan_best best = {.llr = 1.0};
    if (from >= to)
        return RM_OK;
    rm_scan_worker_between(worker, centre, from, to, &best);
    if (best.length == 0)
        return RM_OK;
    RM_TRY(add(list, centre, &best, err));
    RM_TRY(add_between(list, worker, centre, from, best.start - 1, err));
    return add_between(list, worker, centre, best.start + best.length + 1, to, err);
}

rm_status rm_scan_gather(rm_scan_list *list, rm_scan_worker *worker, const rm_scan_model *model,
                         int32_t centre, const rm_scan_best *best, int32_t secondary, rm_error *err)
{
    if (!(best->llr > 0.0))
        return RM_OK;
    RM_TRY(add(list, centre, best, err));
    if (secondary != RM_SCAN_PERIODS || model->prospective)
        return RM_OK;
    RM_TRY(add_between(list, worker, centre, 0, best->start - 1, err));
    /* The last step is left out as SaTScan does. */
    return add_between(list, worker, centre, best->start + best->length + 1, model->steps - 1, err);
}

/* Of equals the one with fewer areas, then the lower centre, then the earlier. */
static int by_llr(const void *left, const void *right)
{
    const rm_scan_candidate *a = left, *b = right;
    int way = (a->best.llr < b->best.llr) - (a->best.llr > b->best.llr);
    if (way == 0)
        way = (a->best.circle > b->best.circle) - (a->best.circle < b->best.circle);
    if (way == 0)
        way = (a->centre > b->centre) - (a->centre < b->centre);
    return way != 0 ? way : (a->best.start > b->best.start) - (a->best.start < b->best.start);
}

/* Takes the cells of a candidate if all are free. taken: [areas][steps]. */
static bool take(bool *taken, const rm_scan_candidate *candidate, const rm_scan_model *model,
                 bool whole_period)
{
    const rm_scan_best *best = &candidate->best;
    const int32_t *member = model->zones->centre[candidate->centre].member;
    int32_t start = whole_period ? 0 : best->start;
    size_t length = (size_t)(whole_period ? model->steps : best->length);
    for (int32_t m = 0; m <= best->circle; m++)
        if (memchr(taken + (int64_t)member[m] * model->steps + start, true, length))
            return false;
    for (int32_t m = 0; m <= best->circle; m++)
        memset(taken + (int64_t)member[m] * model->steps + start, true, length);
    return true;
}

rm_status rm_scan_choose(rm_scan_list *list, const rm_scan_model *model, int32_t secondary,
                         rm_error *err)
{
    bool *taken = NULL;
    int64_t kept = 0;
    RM_TRY(RM_NEW_ZERO(&taken, (int64_t)model->areas * model->steps, err));
    if (list->count > 1)
        qsort(list->item, (size_t)list->count, sizeof *list->item, by_llr);
    for (int64_t i = 0; i < list->count; i++)
        if (take(taken, &list->item[i], model, secondary == RM_SCAN_APART))
            list->item[kept++] = list->item[i];
    list->count = kept;
    rm_release(taken);
    return RM_OK;
}
