#include "stats/scan/sweep.h"

#include "base/simd.h"

#include <string.h>

#if defined(__GNUC__)
#define RM_ALWAYS_INLINE static inline __attribute__((always_inline))
#else
#define RM_ALWAYS_INLINE static inline
#endif

struct rm_scan_worker {
    const rm_scan_model *model;
    int32_t width;    /* of a series: the sums up to step 0 .. steps, whole blocks */
    int32_t from;     /* cylinders begin at this step or later, */
    int32_t span;     /* and end within so many: 0 and all but in rm_scan_worker_between */
    void *series;     /* [areas][width] */
    void *rows[2];    /* per side [areas][stride]: the largest count of each length in the area */
    uint8_t *any;     /* [areas]: has cases */
    void *sums;       /* [width] of the circle */
    void *view;       /* the same with its sign and padding */
    void *bound;      /* [stride] */
    double *expected; /* [steps + 1] of the circle, when it differs by step */
    void *lanes;      /* [areas][AT_ONCE], in space alone */
};

#define RM_SCAN_COUNT      int16_t
#define RM_SCAN_LEAST      INT16_MIN
#define RM_SCAN_NAME(name) name##_16
#include "stats/scan/sweep_body.h"

#define RM_SCAN_COUNT      int32_t
#define RM_SCAN_LEAST      INT32_MIN
#define RM_SCAN_NAME(name) name##_32
#include "stats/scan/sweep_body.h"

static rm_status room(void **out, int64_t count, const rm_scan_model *model, rm_error *err)
{
    return rm_new(out, count, model->wide ? sizeof(int32_t) : sizeof(int16_t), true, err);
}

static rm_status fill_worker(rm_scan_worker *worker, const rm_scan_model *model, rm_error *err)
{
    int64_t areas = model->areas;
    worker->model = model;
    worker->span = model->steps;
    worker->width = (model->steps + RM_SCAN_LANES) / RM_SCAN_LANES * RM_SCAN_LANES;
    RM_TRY(room(&worker->series, areas * worker->width, model, err));
    for (int s = 0; s < model->sides; s++)
        RM_TRY(room(&worker->rows[s], areas * model->stride, model, err));
    RM_TRY(RM_NEW_ZERO(&worker->any, areas, err));
    RM_TRY(room(&worker->sums, worker->width, model, err));
    RM_TRY(room(&worker->view, worker->width + RM_SCAN_LANES, model, err));
    RM_TRY(room(&worker->bound, model->stride, model, err));
    RM_TRY(RM_NEW_ZERO(&worker->expected, model->steps + 1, err));
    if (model->steps == 1)
        RM_TRY(room(&worker->lanes, areas * RM_SCAN_AT_ONCE, model, err));
    return RM_OK;
}

rm_status rm_scan_worker_new(rm_scan_worker **out, const rm_scan_model *model, rm_error *err)
{
    rm_scan_worker *worker = NULL;
    RM_TRY(RM_NEW_ZERO(&worker, 1, err));
    rm_status status = fill_worker(worker, model, err);
    if (status == RM_OK)
        *out = worker;
    else
        rm_scan_worker_free(worker);
    return status;
}

void rm_scan_worker_free(rm_scan_worker *worker)
{
    if (!worker)
        return;
    rm_release(worker->series);
    rm_release(worker->rows[0]);
    rm_release(worker->rows[1]);
    rm_release(worker->any);
    rm_release(worker->sums);
    rm_release(worker->view);
    rm_release(worker->bound);
    rm_release(worker->expected);
    rm_release(worker->lanes);
    rm_release(worker);
}

void rm_scan_worker_load(rm_scan_worker *worker, const int32_t *cases)
{
    if (worker->model->wide)
        load_32(worker, cases);
    else
        load_16(worker, cases);
}

void rm_scan_worker_centre(rm_scan_worker *worker, int32_t centre, rm_scan_best *best)
{
    for (int s = 0; s < worker->model->sides; s++) {
        if (worker->model->wide)
            sweep_32(worker, centre, s, best);
        else
            sweep_16(worker, centre, s, best);
    }
}

void rm_scan_worker_between(rm_scan_worker *worker, int32_t centre, int32_t from, int32_t to,
                            rm_scan_best *best)
{
    worker->from = from;
    worker->span = to - from;
    rm_scan_worker_centre(worker, centre, best);
    worker->from = 0;
    worker->span = worker->model->steps;
}

void rm_scan_worker_replicates(rm_scan_worker *worker, const rm_scan_sampler *sampler,
                               uint64_t seed, int64_t begin, int64_t end, double *maxima)
{
    if (worker->model->wide)
        replicates_32(worker, sampler, seed, begin, end, maxima);
    else
        replicates_16(worker, sampler, seed, begin, end, maxima);
}
