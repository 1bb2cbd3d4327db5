#include "stats/scan/scan.h"

#include "base/parallel.h"
#include "stats/order.h"
#include "stats/scan/check.h"
#include "stats/scan/clusters.h"
#include "stats/scan/replicates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct scan_work {
    const rm_scan_input *input;
    const rm_scan_options *options;
    int threads;
    double *weight; /* [areas]: population, summed over the steps */
    rm_scan_zones zones;
    rm_scan_model model;
    rm_scan_worker **workers; /* [threads] */
    rm_scan_list *candidates; /* [areas] */
    rm_scan_sampler sampler;
    rm_scan *scan;
    rm_progress progress;
} scan_work;

static void work_clear(scan_work *work)
{
    for (int t = 0; work->workers && t < work->threads; t++)
        rm_scan_worker_free(work->workers[t]);
    rm_release(work->workers);
    for (int32_t c = 0; work->candidates && c < work->scan->about.areas; c++)
        rm_release(work->candidates[c].item);
    rm_release(work->candidates);
    rm_release(work->model.expected);
    rm_scan_bounds_clear(&work->model);
    rm_scan_zones_clear(&work->zones);
    rm_scan_sampler_clear(&work->sampler);
    rm_release(work->weight);
}

static void free_found(rm_scan_found *found, int32_t count)
{
    for (int32_t i = 0; found && i < count; i++)
        rm_release(found[i].members);
    rm_release(found);
}

void rm_scan_free(rm_scan *scan)
{
    if (!scan)
        return;
    free_found(scan->centres, scan->about.areas);
    free_found(scan->clusters, scan->about.clusters);
    rm_release(scan->maxima);
    rm_release(scan);
}

/* What each area expects up to each step, where the steps differ. */
static rm_status fill_expected(scan_work *work, rm_error *err)
{
    const rm_scan_input *input = work->input;
    int32_t steps = input->steps;
    double per_person = work->model.cases / work->zones.total;
    if (!input->by_step || steps == 1)
        return RM_OK;
    RM_TRY(RM_NEW(&work->model.expected, (int64_t)input->areas * (steps + 1), err));
    for (int32_t a = 0; a < input->areas; a++) {
        double *sums = work->model.expected + (int64_t)a * (steps + 1);
        sums[0] = 0.0;
        for (int32_t t = 0; t < steps; t++)
            sums[t + 1] = sums[t] + per_person * input->population[(int64_t)a * steps + t];
    }
    return RM_OK;
}

static rm_status make_model(scan_work *work, rm_error *err)
{
    const rm_scan_options *options = work->options;
    rm_scan_model *model = &work->model;
    const rm_scan_summary *about = &work->scan->about;
    model->zones = &work->zones;
    model->areas = about->areas;
    model->steps = about->steps;
    model->longest = about->longest;
    model->whole = options->purely_spatial != 0 && about->longest < about->steps;
    model->lanes = model->longest + model->whole;
    model->stride = (model->lanes + RM_SCAN_LANES - 1) / RM_SCAN_LANES * RM_SCAN_LANES;
    model->prospective = options->prospective != 0;
    model->wide = about->cases > RM_SCAN_MOST_16;
    model->cases = (int32_t)about->cases;
    model->min_cases = options->min_cases;
    model->sides = options->rates == RM_SCAN_BOTH ? 2 : 1;
    model->side[model->sides - 1].low = options->rates != RM_SCAN_HIGH;
    RM_TRY(fill_expected(work, err));
    return rm_scan_bounds_make(model, work->zones.centre, work->threads, &work->progress, err);
}

static rm_status make_workers(scan_work *work, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&work->workers, work->threads, err));
    for (int t = 0; t < work->threads; t++) {
        RM_TRY(rm_scan_worker_new(&work->workers[t], &work->model, err));
        rm_scan_worker_load(work->workers[t], work->input->cases);
    }
    return RM_OK;
}

static rm_status keep(rm_scan_found *found, const scan_work *work, int32_t number,
                      const rm_scan_best *best, rm_error *err)
{
    const rm_scan_centre *centre = &work->zones.centre[number];
    const rm_scan_input *input = work->input;
    rm_scan_cluster *cluster = &found->cluster;
    double all = work->model.cases, in = best->cases, expected = best->expected;
    *cluster = (rm_scan_cluster){.centre = number, .zones = centre->circles, .p = NAN};
    if (!(best->llr > 0.0))
        return RM_NEW(&found->members, 0, err);
    int32_t count = best->circle + 1, last = centre->member[best->circle];
    RM_TRY(RM_NEW(&found->members, count, err));
    memcpy(found->members, centre->member, (size_t)count * sizeof *found->members);
    cluster->area_count = count;
    cluster->t_start = best->start;
    cluster->t_end = best->start + best->length - 1;
    cluster->low = best->low;
    cluster->cases = best->cases;
    cluster->radius = hypot(input->x[last] - input->x[number], input->y[last] - input->y[number]);
    cluster->population = centre->population[best->circle];
    cluster->expected = expected;
    cluster->observed_expected = in / expected;
    cluster->relative_risk =
        in < all ? in / expected / ((all - in) / (all - expected)) : (double)INFINITY;
    cluster->llr = best->llr;
    return RM_OK;
}

static rm_status scan_centres(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    scan_work *work = context;
    for (int64_t c = begin; c < end; c++) {
        rm_scan_best best = {.llr = 0.0};
        rm_scan_worker_centre(work->workers[worker], (int32_t)c, &best);
        RM_TRY(keep(&work->scan->centres[c], work, (int32_t)c, &best, err));
        RM_TRY(rm_scan_gather(&work->candidates[c], work->workers[worker], &work->model, (int32_t)c,
                              &best, work->options->secondary, err));
    }
    return RM_OK;
}

/* The candidates of all centres, less those that meet a more likely one. */
static rm_status choose_clusters(scan_work *work, rm_error *err)
{
    rm_scan *scan = work->scan;
    rm_scan_list all = {0};
    rm_status status = RM_OK;
    for (int32_t c = 0; c < scan->about.areas; c++)
        all.room += work->candidates[c].count;
    RM_TRY(RM_NEW(&all.item, all.room, err));
    for (int32_t c = 0; c < scan->about.areas; c++)
        for (int64_t i = 0; i < work->candidates[c].count; i++)
            all.item[all.count++] = work->candidates[c].item[i];
    status = rm_scan_choose(&all, &work->model, work->options->secondary, err);
    if (status == RM_OK)
        status = RM_NEW_ZERO(&scan->clusters, all.count, err);
    for (int64_t i = 0; i < all.count && status == RM_OK; i++) {
        scan->about.clusters++;
        status = keep(&scan->clusters[i], work, all.item[i].centre, &all.item[i].best, err);
    }
    rm_release(all.item);
    return status;
}

/* When the replicates were stopped, the last of them is the observation's own place in the count,
 * so it is not added. */
static void set_p(rm_scan_found *found, int32_t count, const double *sorted, int32_t done,
                  bool stopped)
{
    for (int32_t i = 0; i < count; i++) {
        rm_scan_cluster *cluster = &found[i].cluster;
        int64_t reached = done - rm_count_below(sorted, done, cluster->llr, false);
        if (cluster->llr > 0.0)
            cluster->p = stopped ? (double)reached / done : ((double)reached + 1.0) / (done + 1.0);
    }
}

static rm_status fill_p(rm_scan *scan, rm_error *err)
{
    int32_t done = scan->about.replicates;
    double *sorted = NULL;
    RM_TRY(RM_NEW(&sorted, done, err));
    memcpy(sorted, scan->maxima, (size_t)done * sizeof *sorted);
    qsort(sorted, (size_t)done, sizeof *sorted, rm_compare_doubles);
    set_p(scan->centres, scan->about.areas, sorted, done, scan->about.stopped != 0);
    set_p(scan->clusters, scan->about.clusters, sorted, done, scan->about.stopped != 0);
    rm_release(sorted);
    return RM_OK;
}

static rm_status simulate(scan_work *work, rm_error *err)
{
    rm_scan *scan = work->scan;
    const rm_scan_input *input = work->input;
    bool by_step = work->model.expected != NULL;
    double highest = scan->about.clusters > 0 ? scan->clusters[0].cluster.llr : 0.0;
    rm_scan_trial trial = {.replicates = work->options->replicates,
                           .stop_after = work->options->stop_after,
                           .observed = highest,
                           .seed = work->options->seed};
    RM_TRY(RM_NEW(&scan->maxima, trial.replicates, err));
    if (trial.replicates == 0)
        return RM_OK;
    RM_TRY(rm_scan_sampler_make(&work->sampler, by_step ? input->population : work->weight,
                                work->zones.total, input->areas * (by_step ? input->steps : 1),
                                by_step ? 1 : input->steps, err));
    bool stopped = false;
    RM_TRY(rm_scan_replicate(scan->maxima, &scan->about.replicates, &stopped, work->workers,
                             work->threads, &work->model, &work->sampler, &trial, &work->progress,
                             err));
    scan->about.stopped = stopped;
    return fill_p(scan, err);
}

static rm_status make_zones(scan_work *work, double population, rm_error *err)
{
    const rm_scan_options *options = work->options;
    rm_scan_reach reach = {.share = options->max_population_share,
                           .radius = options->max_radius > 0.0 ? options->max_radius : INFINITY,
                           .ties_together = options->ties_together != 0};
    RM_TRY(rm_scan_zones_make(&work->zones, work->input->x, work->input->y, work->weight,
                              population, work->input->areas, &reach, work->threads,
                              &work->progress, err));
    work->scan->about.zones = work->zones.circles;
    if (work->zones.circles == 0)
        return rm_fail(err, RM_EINVAL,
                       "no circle holds at most %g of the population: all areas lie at one place, "
                       "or each is too large; raise max_population_share",
                       options->max_population_share);
    return RM_OK;
}

static rm_status run_stages(scan_work *work, rm_error *err)
{
    rm_scan_summary *about = &work->scan->about;
    RM_TRY(RM_NEW(&work->weight, work->input->areas, err));
    RM_TRY(rm_scan_check(work->weight, &about->population, &about->cases, work->input, err));
    RM_TRY(RM_NEW_ZERO(&work->scan->centres, about->areas, err));
    RM_TRY(RM_NEW_ZERO(&work->candidates, about->areas, err));
    rm_progress_stage(&work->progress, 0.0, 0.04);
    RM_TRY(make_zones(work, about->population, err));
    rm_progress_stage(&work->progress, 0.04, 0.06);
    RM_TRY(make_model(work, err));
    RM_TRY(make_workers(work, err));
    rm_progress_stage(&work->progress, 0.06, 0.1);
    RM_TRY(rm_parallel(about->areas, 4, work->threads, scan_centres, work, &work->progress,
                       "scan of the cases", err));
    RM_TRY(choose_clusters(work, err));
    rm_progress_stage(&work->progress, 0.1, 1.0);
    return simulate(work, err);
}

rm_status rm_scan_run(rm_scan **out, const rm_scan_input *input, const rm_scan_options *options,
                      rm_error *err)
{
    scan_work work = {.input = input, .options = options};
    RM_TRY(rm_scan_check_options(options, input->steps, err));
    if (input->areas < 1)
        return rm_fail(err, RM_EINVAL, "there are no areas to scan");
    work.threads = rm_threads(options->threads);
    rm_progress_start(&work.progress, options->progress, options->progress_user);
    RM_TRY(rm_progress_report(&work.progress, 0.0, "scan", err));
    RM_TRY(RM_NEW_ZERO(&work.scan, 1, err));
    work.scan->about.areas = input->areas;
    work.scan->about.steps = input->steps;
    work.scan->about.longest = rm_scan_longest(options, input->steps);
    work.scan->about.replicates_asked = options->replicates;
    rm_status status = run_stages(&work, err);
    work_clear(&work);
    if (status == RM_OK)
        *out = work.scan;
    else
        rm_scan_free(work.scan);
    return status;
}
