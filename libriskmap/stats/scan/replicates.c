#include "stats/scan/replicates.h"

#include "base/parallel.h"

enum { FIRST_ROUND = 128 };

typedef struct replicate_work {
    rm_scan_worker **workers;
    const rm_scan_sampler *sampler;
    uint64_t seed;
    int32_t from; /* the round's first replicate */
    double *maxima;
} replicate_work;

static rm_status do_replicates(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    replicate_work *work = context;
    (void)err;
    rm_scan_worker_replicates(work->workers[worker], work->sampler, work->seed, work->from + begin,
                              work->from + end, work->maxima);
    return RM_OK;
}

/* The number of replicates after which stop_after have reached the observed LLR, or 0. */
static int32_t stops_at(const double *maxima, int32_t done, const rm_scan_trial *trial)
{
    int32_t reached = 0;
    for (int32_t r = 0; trial->stop_after > 0 && r < done; r++) {
        reached += maxima[r] >= trial->observed;
        if (reached == trial->stop_after)
            return r + 1;
    }
    return 0;
}

/* Early stopping works in rounds of a fixed size, and what a round did too much is dropped. */
rm_status rm_scan_replicate(double *maxima, int32_t *done, bool *stopped, rm_scan_worker **workers,
                            int threads, const rm_scan_model *model, const rm_scan_sampler *sampler,
                            const rm_scan_trial *trial, rm_progress *progress, rm_error *err)
{
    replicate_work work = {workers, sampler, trial->seed, 0, maxima};
    int32_t all = trial->replicates, stop = 0;
    int64_t round = trial->stop_after > 0 ? FIRST_ROUND : all;
    double from = progress ? progress->from : 0.0, to = progress ? progress->to : 1.0;
    while (work.from < all && stop == 0) {
        int64_t count = all - work.from < round ? all - work.from : round;
        if (progress)
            rm_progress_stage(progress, from + (to - from) * work.from / all,
                              from + (to - from) * (double)(work.from + count) / all);
        RM_TRY(rm_parallel(count, model->steps == 1 ? RM_SCAN_AT_ONCE : 1, threads, do_replicates,
                           &work, progress, "replicates of the scan", err));
        work.from += (int32_t)count;
        stop = stops_at(maxima, work.from, trial);
        round *= 2;
    }
    *done = stop > 0 ? stop : all;
    *stopped = stop > 0;
    return RM_OK;
}
