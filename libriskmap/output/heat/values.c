#include "output/heat/values.h"

#include "output/heat/colours.h"

#include <math.h>
#include <string.h>

enum {
    BAND_CELLS = 1 << 20,    /* computed at once: 8 MB of doubles */
    VALUES_A_CHUNK = 1 << 19 /* a huge page, which two threads at once would both clear */
};

static const double PER_KM2 = 1e6;

static int64_t band_rows(const rm_grid *grid, int64_t multiple)
{
    int64_t rows = BAND_CELLS / grid->columns;
    rows -= rows % multiple;
    return rows < multiple ? multiple : rows;
}

/* ---- rows of the whole raster ---- */

typedef struct rm_heat_band {
    double *density, *below, *mass;
    uint8_t *mask;
} rm_heat_band;

static void band_clear(rm_heat_band *band)
{
    rm_release(band->density);
    rm_release(band->below);
    rm_release(band->mass);
    rm_release(band->mask);
    *band = (rm_heat_band){0};
}

static rm_status band_new(rm_heat_band *band, const rm_heatmap *heatmap, int64_t rows,
                          rm_error *err)
{
    int64_t cells = rows * heatmap->grid.columns;
    *band = (rm_heat_band){0};
    rm_status status = RM_NEW(&band->density, cells, err);
    if (status == RM_OK && heatmap->below)
        status = RM_NEW(&band->below, cells, err);
    if (status == RM_OK && heatmap->as.edge == RM_EDGE_UNIFORM)
        status = RM_NEW(&band->mass, cells, err);
    if (status == RM_OK && heatmap->area.join)
        status = RM_NEW(&band->mask, cells, err);
    if (status != RM_OK)
        band_clear(band);
    return status;
}

static rm_status band_compute(rm_heat_band *band, const rm_heatmap *heatmap, int32_t period,
                              int64_t first, int64_t rows, rm_progress *progress, rm_error *err)
{
    int threads = heatmap->as.threads;
    rm_stage whole = rm_progress_present(progress);
    rm_progress_part(progress, whole, 0.0, 0.4);
    RM_TRY(rm_surface_rows(band->density, heatmap->periods[period].surface, first, rows, threads,
                           progress, err));
    rm_progress_part(progress, whole, 0.4, 0.6);
    if (band->below)
        RM_TRY(rm_surface_rows(band->below, heatmap->below, first, rows, threads, progress, err));
    rm_progress_part(progress, whole, 0.6, 0.9);
    if (band->mass)
        RM_TRY(rm_edge_mass_rows(band->mass, heatmap->edge.edge, &heatmap->grid, first, rows,
                                 heatmap->as.kernel, heatmap->bandwidth, threads, progress, err));
    rm_progress_part(progress, whole, 0.9, 1.0);
    if (!band->mask)
        return RM_OK;
    return rm_heat_area_mask(band->mask, &heatmap->area, &heatmap->grid, first, rows, threads,
                             progress, err);
}

typedef struct rm_heat_floats {
    const rm_heatmap *heatmap;
    const rm_heat_band *band;
    float *out;
} rm_heat_floats;

/* What has no value is NAN itself, as rm_raster_about has it. */
static rm_status band_values(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const rm_heat_floats *to = context;
    const rm_heat_band *band = to->band;
    double floor = to->heatmap->as.per_floor / PER_KM2, units = to->heatmap->as.per_units;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++) {
        double value = band->density[i];
        if (band->mass)
            value /= band->mass[i]; /* NaN outside the area, as the map is */
        if (band->below)
            value = band->below[i] >= floor && band->below[i] > 0.0 ? value / band->below[i] * units
                                                                    : NAN;
        else
            value *= PER_KM2;
        bool blank = value != value || (band->mask && !band->mask[i]);
        to->out[i] = blank ? NAN : (float)value;
    }
    return RM_OK;
}

static rm_status compute_rows(float *out, rm_heat_band *band, const rm_heatmap *heatmap,
                              int32_t period, int64_t first, int64_t rows, rm_progress *progress,
                              rm_error *err)
{
    rm_heat_floats to = {heatmap, band, out};
    RM_TRY(band_compute(band, heatmap, period, first, rows, progress, err));
    return rm_parallel(rows * heatmap->grid.columns, VALUES_A_CHUNK, heatmap->as.threads,
                       band_values, &to, NULL, NULL, err);
}

rm_status rm_heatmap_rows(const rm_heatmap *heatmap, int32_t period, float *out, int64_t first,
                          int64_t rows, rm_progress *progress, rm_error *err)
{
    int64_t columns = heatmap->grid.columns, step = band_rows(&heatmap->grid, 1);
    if (heatmap->factor == 1) {
        memcpy(out, heatmap->periods[period].values + first * columns,
               (size_t)(rows * columns) * sizeof(float));
        return RM_OK;
    }
    rm_heat_band band;
    RM_TRY(band_new(&band, heatmap, step < rows ? step : rows, err));
    rm_status status = RM_OK;
    for (int64_t r = 0; r < rows && status == RM_OK; r += step)
        status = compute_rows(out + r * columns, &band, heatmap, period, first + r,
                              rows - r < step ? rows - r : step, progress, err);
    band_clear(&band);
    return status;
}

/* ---- what is kept ---- */

/* One row of the kept raster from up to `factor` rows of the whole one: the mean of what is not
 * blank. */
static void average_row(float *out, const float *band, int64_t rows, const rm_heatmap *heatmap)
{
    int64_t columns = heatmap->grid.columns, factor = heatmap->factor;
    for (int64_t k = 0; k < heatmap->kept.columns; k++) {
        int64_t begin = k * factor, end = begin + factor < columns ? begin + factor : columns;
        double sum = 0.0;
        int64_t count = 0;
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = begin; c < end; c++)
                if (!isnan(band[r * columns + c])) {
                    sum += band[r * columns + c];
                    count++;
                }
        out[k] = count ? (float)(sum / (double)count) : NAN;
    }
}

static void note_highest(rm_heat_period *period, const float *values, int64_t count)
{
    double highest = rm_heat_highest(values, count);
    for (int64_t i = 0; !(highest > 0.0) && i < count; i++)
        if (!(values[i] <= period->highest) && !isnan(values[i]))
            period->highest = values[i];
    if (highest > 0.0 && !(highest <= period->highest))
        period->highest = highest;
}

/* floats: room for the band where the whole raster is not kept. */
static rm_status keep_band(rm_heatmap *heatmap, int32_t number, rm_heat_band *band, float *floats,
                           int64_t first, int64_t rows, rm_progress *progress, rm_error *err)
{
    rm_heat_period *period = &heatmap->periods[number];
    int64_t columns = heatmap->grid.columns, factor = heatmap->factor;
    float *out = factor == 1 ? period->values + first * columns : floats;
    RM_TRY(compute_rows(out, band, heatmap, number, first, rows, progress, err));
    note_highest(period, out, rows * columns);
    for (int64_t r = 0; factor > 1 && r < rows; r += factor)
        average_row(period->values + (first + r) / factor * heatmap->kept.columns,
                    floats + r * columns, rows - r < factor ? rows - r : factor, heatmap);
    return RM_OK;
}

static rm_status keep_bands(rm_heatmap *heatmap, int32_t number, rm_heat_band *band, float *floats,
                            int64_t step, rm_progress *progress, rm_error *err)
{
    int64_t rows = heatmap->grid.rows;
    for (int64_t r = 0; r < rows; r += step) {
        int64_t end = rows - r < step ? rows : r + step;
        double done = (number + (double)r / (double)rows) / heatmap->period_count;
        double next = (number + (double)end / (double)rows) / heatmap->period_count;
        rm_progress_stage(progress, 0.8 + 0.2 * done, 0.8 + 0.2 * next);
        RM_TRY(keep_band(heatmap, number, band, floats, r, end - r, progress, err));
    }
    return RM_OK;
}

static rm_status keep_period(rm_heatmap *heatmap, int32_t number, rm_progress *progress,
                             rm_error *err)
{
    rm_heat_period *period = &heatmap->periods[number];
    int64_t step = band_rows(&heatmap->grid, heatmap->factor);
    rm_heat_band band = {0};
    float *floats = NULL;
    period->highest = NAN;
    RM_TRY(RM_NEW(&period->values, heatmap->kept.rows * heatmap->kept.columns, err));
    rm_status status =
        band_new(&band, heatmap, step < heatmap->grid.rows ? step : heatmap->grid.rows, err);
    if (status == RM_OK && heatmap->factor > 1)
        status = RM_NEW(&floats, step * heatmap->grid.columns, err);
    if (status == RM_OK)
        status = keep_bands(heatmap, number, &band, floats, step, progress, err);
    band_clear(&band);
    rm_release(floats);
    return status;
}

rm_status rm_heat_keep_values(rm_heatmap *heatmap, rm_progress *progress, rm_error *err)
{
    for (int32_t p = 0; p < heatmap->period_count; p++)
        RM_TRY(keep_period(heatmap, p, progress, err));
    return RM_OK;
}
