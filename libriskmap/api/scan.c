#include "riskmap/scan.h"

#include "api/options.h"
#include "stats/scan/scan.h"

void rm_scan_options_init(rm_scan_options *options)
{
    *options = (rm_scan_options)RM_SCAN_OPTIONS_INIT;
}

static rm_status run(rm_scan **out, const rm_scan_input *input, const rm_scan_options *options,
                     rm_error *err)
{
    rm_scan_options taken;
    rm_scan_options_init(&taken);
    if (!out || !input->x || !input->y || !input->population || !input->cases)
        return rm_fail(err, RM_EINVAL, "an array is NULL: x, y, population and cases are needed");
    RM_TRY(RM_TAKE_OPTIONS(&taken, options, rm_scan_options, RM_SCAN_OPTIONS_INIT, progress_user,
                           err));
    return rm_scan_run(out, input, &taken, err);
}

rm_status rm_scan_space(rm_scan **out, const double *x, const double *y, const double *population,
                        const int32_t *cases, int32_t areas, const rm_scan_options *options,
                        rm_error *err)
{
    rm_scan_input input = {x, y, population, cases, areas, 1, false};
    return run(out, &input, options, err);
}

static rm_status check_steps(int32_t steps, rm_error *err)
{
    if (steps < 2)
        return rm_fail(err, RM_EINVAL,
                       "there are %d time steps; 2 or more, or scan in space alone "
                       "(rm_scan_space)",
                       steps);
    return RM_OK;
}

rm_status rm_scan_space_time(rm_scan **out, const double *x, const double *y,
                             const double *population, int32_t population_by_step,
                             const int32_t *cases, int32_t areas, int32_t steps,
                             const rm_scan_options *options, rm_error *err)
{
    rm_scan_input input = {x, y, population, cases, areas, steps, population_by_step != 0};
    RM_TRY(check_steps(steps, err));
    return run(out, &input, options, err);
}

static rm_status add_rows(int32_t *cases, const int32_t *area, const int32_t *step,
                          const int32_t *count, int64_t rows, int32_t areas, int32_t steps,
                          rm_error *err)
{
    for (int64_t r = 0; r < rows; r++) {
        int32_t more = count ? count[r] : 1;
        if (area[r] < 0 || area[r] >= areas || step[r] < 0 || step[r] >= steps)
            return rm_fail_row(err, RM_EINVAL, r,
                               "row %lld stands for an area or a step that does not exist; 0 to %d "
                               "and 0 to %d",
                               (long long)r, areas - 1, steps - 1);
        int32_t *cell = &cases[(int64_t)area[r] * steps + step[r]];
        if (more < 0)
            return rm_fail_row(err, RM_EINVAL, r, "the count of row %lld is negative",
                               (long long)r);
        if (*cell > INT32_MAX - more)
            return rm_fail_row(err, RM_EINVAL, r,
                               "row %lld brings one area and step above 2^31 cases", (long long)r);
        *cell += more;
    }
    return RM_OK;
}

rm_status rm_scan_space_time_rows(rm_scan **out, const double *x, const double *y,
                                  const double *population, int32_t population_by_step,
                                  const int32_t *area, const int32_t *step, const int32_t *count,
                                  int64_t rows, int32_t areas, int32_t steps,
                                  const rm_scan_options *options, rm_error *err)
{
    int32_t *cases = NULL;
    RM_TRY(check_steps(steps, err));
    if (areas < 1)
        return rm_fail(err, RM_EINVAL, "there are no areas to scan");
    if (rows < 0 || (rows > 0 && (!area || !step)))
        return rm_fail(err, RM_EINVAL, "area or step is NULL, or rows is %lld", (long long)rows);
    RM_TRY(RM_NEW_ZERO(&cases, (int64_t)areas * steps, err));
    rm_status status = add_rows(cases, area, step, count, rows, areas, steps, err);
    if (status == RM_OK)
        status = rm_scan_space_time(out, x, y, population, population_by_step, cases, areas, steps,
                                    options, err);
    rm_release(cases);
    return status;
}

void rm_scan_about(const rm_scan *scan, rm_scan_summary *out)
{
    *out = scan->about;
}

int32_t rm_scan_cluster_count(const rm_scan *scan)
{
    return scan->about.clusters;
}

rm_status rm_scan_centre_at(const rm_scan *scan, int32_t centre, rm_scan_cluster *out,
                            rm_error *err)
{
    if (centre < 0 || centre >= scan->about.areas)
        return rm_fail(err, RM_EINVAL, "there is no centre %d; 0 to %d", centre,
                       scan->about.areas - 1);
    *out = scan->centres[centre].cluster;
    return RM_OK;
}

const int32_t *rm_scan_centre_members(const rm_scan *scan, int32_t centre)
{
    return centre < 0 || centre >= scan->about.areas ? NULL : scan->centres[centre].members;
}

rm_status rm_scan_cluster_at(const rm_scan *scan, int32_t index, rm_scan_cluster *out,
                             rm_error *err)
{
    if (index < 0 || index >= scan->about.clusters)
        return rm_fail(err, RM_EINVAL, "there is no cluster %d; the scan found %d", index,
                       scan->about.clusters);
    *out = scan->clusters[index].cluster;
    return RM_OK;
}

const int32_t *rm_scan_cluster_members(const rm_scan *scan, int32_t index)
{
    return index < 0 || index >= scan->about.clusters ? NULL : scan->clusters[index].members;
}

const double *rm_scan_maxima(const rm_scan *scan)
{
    return scan->maxima;
}
