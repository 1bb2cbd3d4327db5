#include "api/weights.h"

rm_status rm_weights_hand_over(rm_weights **out, rm_weights *made, rm_status status, rm_error *err)
{
    rm_weights *handle = NULL;

    if (status == RM_OK)
        status = RM_NEW(&handle, 1, err);
    if (status != RM_OK) {
        rm_weights_clear(made);
        return status;
    }
    *handle = *made;
    *out = handle;
    return RM_OK;
}

rm_status rm_weights_from_links(rm_weights **out, int64_t count, const int32_t *from,
                                const int32_t *to, const double *weight, int64_t links,
                                rm_progress_fn progress, void *progress_user, rm_error *err)
{
    rm_weights made = {0};
    rm_progress telling;

    if (!out || count < 0 || links < 0 || (links > 0 && (!from || !to)))
        return rm_fail(err, RM_EINVAL,
                       "from, to or the place for the weights is NULL, or count is %lld or links "
                       "%lld",
                       (long long)count, (long long)links);
    if (count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "%lld items, more than %d", (long long)count, INT32_MAX);
    rm_progress_start(&telling, progress, progress_user);
    rm_status status = rm_weights_from_list(&made, count, from, to, weight, links, &telling, err);
    return rm_weights_hand_over(out, &made, status, err);
}

void rm_weights_free(rm_weights *weights)
{
    if (!weights)
        return;
    rm_weights_clear(weights);
    rm_release(weights);
}

int64_t rm_weights_count(const rm_weights *weights)
{
    return weights->count;
}

int64_t rm_weights_links(const rm_weights *weights)
{
    return weights->start[weights->count];
}

const int32_t *rm_weights_of(const rm_weights *weights, int64_t item, int64_t *count,
                             const double **weight)
{
    bool exists = item >= 0 && item < weights->count;
    int64_t begin = exists ? weights->start[item] : 0;
    bool weighed = exists && weights->weight;

    if (count)
        *count = exists ? weights->start[item + 1] - begin : 0;
    if (weight)
        *weight = weighed ? weights->weight + begin : NULL;
    return exists ? weights->to + begin : NULL;
}

int64_t rm_weights_islands(const rm_weights *weights, int32_t *items)
{
    return rm_weights_list_islands(weights, items);
}

rm_status rm_weights_is_symmetric(int32_t *symmetric, const rm_weights *weights,
                                  rm_progress_fn progress, void *progress_user, rm_error *err)
{
    bool found;
    rm_progress telling;

    if (!symmetric || !weights)
        return rm_fail(err, RM_EINVAL, "symmetric or weights is NULL");
    rm_progress_start(&telling, progress, progress_user);
    RM_TRY(rm_weights_symmetric(&found, weights, &telling, err));
    *symmetric = found;
    return RM_OK;
}

rm_status rm_weights_components(int32_t *component, int64_t *count, const rm_weights *weights,
                                rm_error *err)
{
    if (!count || !weights)
        return rm_fail(err, RM_EINVAL, "count or weights is NULL");
    return rm_weights_find_components(component, count, weights, err);
}
