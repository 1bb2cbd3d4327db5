#include "riskmap/weights.h"

#include "api/options.h"
#include "api/weights.h"
#include "base/parallel.h"
#include "data/layer.h"
#include "geo/contiguity.h"
#include "geo/neighbours.h"
#include "geo/place.h"
#include "io/crs.h"

#include <string.h>

void rm_contiguity_options_init(rm_contiguity_options *options)
{
    *options = (rm_contiguity_options)RM_CONTIGUITY_OPTIONS_INIT;
}

void rm_neighbour_options_init(rm_neighbour_options *options)
{
    *options = (rm_neighbour_options)RM_NEIGHBOUR_OPTIONS_INIT;
}

static rm_status check_threads(int32_t threads, rm_error *err)
{
    if (threads < 0 || threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", threads);
    return RM_OK;
}

static rm_status check_layer(const rm_layer *layer, const void *out, rm_error *err)
{
    if (!layer || !out)
        return rm_fail(err, RM_EINVAL, "the layer or what is asked of it is NULL");
    return layer->crs && layer->crs[0] ? rm_crs_require_metres(layer->crs, err) : RM_OK;
}

rm_status rm_weights_contiguity(rm_weights **out, const rm_layer *areas,
                                const rm_contiguity_options *options, rm_error *err)
{
    rm_contiguity_options taken = RM_CONTIGUITY_OPTIONS_INIT;
    rm_progress progress;
    rm_weights made = {0};

    RM_TRY(RM_TAKE_OPTIONS(&taken, options, rm_contiguity_options, RM_CONTIGUITY_OPTIONS_INIT,
                           progress, err));
    RM_TRY(check_threads(taken.threads, err));
    RM_TRY(check_layer(areas, out, err));
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    rm_status status = rm_contiguity(&made, &areas->rows.geometry, taken.kind, taken.tolerance_m,
                                     rm_threads(taken.threads), &progress, err);
    return rm_weights_hand_over(out, &made, status, err);
}

static rm_status take_linking(rm_linking *how, rm_progress *progress, const void *out,
                              const double *x, const double *y, const rm_neighbour_options *options,
                              rm_error *err)
{
    rm_neighbour_options taken = RM_NEIGHBOUR_OPTIONS_INIT;

    RM_TRY(RM_TAKE_OPTIONS(&taken, options, rm_neighbour_options, RM_NEIGHBOUR_OPTIONS_INIT,
                           progress, err));
    RM_TRY(check_threads(taken.threads, err));
    if (!out || !x || !y)
        return rm_fail(err, RM_EINVAL, "x, y or the place for the weights is NULL");
    rm_progress_start(progress, taken.progress, taken.progress_user);
    *how = (rm_linking){taken.weight, taken.least_m, taken.most_links, rm_threads(taken.threads),
                        progress};
    return RM_OK;
}

rm_status rm_weights_band(rm_weights **out, const double *x, const double *y, int64_t count,
                          double metres, const rm_neighbour_options *options, rm_error *err)
{
    rm_linking how;
    rm_progress progress;
    rm_weights made = {0};

    RM_TRY(take_linking(&how, &progress, out, x, y, options, err));
    rm_status status = rm_neighbours_band(&made, x, y, count, metres, &how, err);
    return rm_weights_hand_over(out, &made, status, err);
}

rm_status rm_weights_nearest(rm_weights **out, const double *x, const double *y, int64_t count,
                             int32_t k, const rm_neighbour_options *options, rm_error *err)
{
    rm_linking how;
    rm_progress progress;
    rm_weights made = {0};

    RM_TRY(take_linking(&how, &progress, out, x, y, options, err));
    rm_status status = rm_neighbours_nearest(&made, x, y, count, k, &how, err);
    return rm_weights_hand_over(out, &made, status, err);
}

enum { PLACES_A_CHUNK = 1024 };

typedef struct placing {
    const rm_geometry *geometry;
    double *x, *y;
} placing;

static rm_status place_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const placing *p = context;
    (void)worker;
    return rm_place_some(p->geometry, begin, end, p->x, p->y, err);
}

rm_status rm_layer_places(double *x, double *y, const rm_layer *layer, rm_progress_fn progress,
                          void *progress_user, rm_error *err)
{
    rm_progress telling;
    double *found = NULL;

    RM_TRY(check_layer(layer, x && y ? x : NULL, err));
    int64_t features = layer->rows.geometry.features;
    rm_progress_start(&telling, progress, progress_user);
    RM_TRY(RM_NEW(&found, 2 * features, err));
    placing p = {&layer->rows.geometry, found, found + features};
    rm_status status =
        rm_parallel(features, PLACES_A_CHUNK, 1, place_chunk, &p, &telling, "places", err);
    if (status == RM_OK && features > 0) {
        memcpy(x, found, (size_t)features * sizeof *x);
        memcpy(y, found + features, (size_t)features * sizeof *y);
    }
    rm_release(found);
    return status;
}
