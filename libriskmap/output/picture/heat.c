/* The heat on the map: four samples a pixel, so that the borders of classes are smooth. */
#include "output/picture/page.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum {
    SIDE = 2,                        /* samples along a side of a pixel */
    VEIL = RM_HEAT_CLASSES_MOST + 1, /* behind the classes */
    ROWS_AT_A_TIME = 16
};

/* Where the samples of a row or a column lie among cells: a sample between the centres of two of
 * them, or a stretch that covers several. */
typedef struct axis {
    double first, step; /* of the first sample's middle, in cells; how far the next one is */
    int64_t cells;
    bool fine; /* a sample is no larger than a cell */
} axis;

typedef struct heat {
    rm_page *page;
    int64_t samples; /* in a row */
    axis across, down;
    int64_t *left;        /* [samples] fine: the cells on both sides of the sample, -1: outside */
    float *weight;        /* [samples] of the right one */
    double *sums, *parts; /* coarse: [worker][columns] of one row of samples */
    float *row;           /* [worker][samples] */
    uint8_t *classes;     /* [worker][SIDE][samples] */
    float bounds[RM_HEAT_CLASSES_MOST];
    uint32_t ink[VEIL + 1][4]; /* red, green, blue, alpha out of 255 */
    uint8_t *veiled;           /* [worker] */
} heat;

/* ---- samples ---- */

/* The cells around `at` (in cells from the border) and the weight of the second. */
static int64_t neighbours(const axis *along, double at, float *weight)
{
    if (!(at >= 0 && at < (double)along->cells))
        return -1;
    double centred = at - 0.5;
    if (centred <= 0) {
        *weight = 0;
        return 0;
    }
    int64_t first = (int64_t)centred;
    if (first >= along->cells - 1) {
        *weight = 0;
        return along->cells - 1;
    }
    *weight = (float)(centred - (double)first);
    return first;
}

static float mix(float a, float b, float weight)
{
    return a + (b - a) * weight;
}

/* Between four cells; what is NaN counts for nothing, unless it is the nearest. */
static float between(const float *upper, const float *lower, int64_t right, float across,
                     float down)
{
    float a = upper[0], b = upper[right], c = lower[0], d = lower[right];
    float sum = mix(mix(a, b, across), mix(c, d, across), down);
    if (sum == sum)
        return sum;
    const float cells[4] = {a, b, c, d};
    if (isnan(cells[(down > 0.5f ? 2 : 0) + (across > 0.5f ? 1 : 0)]))
        return NAN;
    const float weights[4] = {(1 - across) * (1 - down), across * (1 - down), (1 - across) * down,
                              across * down};
    float total = 0, weight = 0;
    for (int i = 0; i < 4; i++) {
        if (isnan(cells[i]) || weights[i] == 0)
            continue;
        total += cells[i] * weights[i];
        weight += weights[i];
    }
    return total / weight;
}

static void fine_row(const heat *h, double at, float *out)
{
    const rm_picture *picture = h->page->picture;
    float down = 0;
    int64_t upper = neighbours(&h->down, at, &down);
    int64_t lower = down > 0 ? upper + 1 : upper;
    const float *a = picture->values + (upper < 0 ? 0 : upper) * picture->grid.columns;
    const float *b = picture->values + (lower < 0 ? 0 : lower) * picture->grid.columns;
    for (int64_t s = 0; s < h->samples; s++) {
        int64_t column = h->left[s];
        out[s] = upper < 0 || column < 0
                     ? NAN
                     : between(a + column, b + column, h->weight[s] > 0, h->weight[s], down);
    }
}

/* The cells that a sample from `from` to `to` covers: at least one of them in part. */
static void covered(double from, double to, int64_t cells, int64_t *first, int64_t *last)
{
    *first = from > 0 ? (int64_t)from : 0;
    *last = to < (double)cells ? (int64_t)ceil(to) - 1 : cells - 1;
}

static double part_of(int64_t cell, double from, double to)
{
    double begin = fmax((double)cell, from), end = fmin((double)cell + 1, to);
    return fmax(0, end - begin);
}

/* The mean over the area of each sample; NaN where less than half of it is known. */
static void coarse_row(const heat *h, double at, double *sums, double *parts, float *out)
{
    const rm_picture *picture = h->page->picture;
    int64_t columns = picture->grid.columns, first, last;
    double from = at - h->down.step / 2, to = at + h->down.step / 2;
    memset(sums, 0, (size_t)columns * sizeof *sums);
    memset(parts, 0, (size_t)columns * sizeof *parts);
    covered(from, to, h->down.cells, &first, &last);
    for (int64_t r = first; r <= last; r++) {
        const float *values = picture->values + r * columns;
        double part = part_of(r, from, to);
        for (int64_t c = 0; c < columns; c++) {
            bool known = values[c] == values[c];
            sums[c] += known ? values[c] * part : 0;
            parts[c] += known ? part : 0;
        }
    }
    double enough = h->across.step * h->down.step / 2;
    for (int64_t s = 0; s < h->samples; s++) {
        double middle = h->across.first + (double)s * h->across.step;
        double sum = 0, known = 0;
        from = middle - h->across.step / 2;
        to = middle + h->across.step / 2;
        covered(from, to, h->across.cells, &first, &last);
        for (int64_t c = first; c <= last; c++) {
            double part = part_of(c, from, to);
            sum += sums[c] * part;
            known += parts[c] * part;
        }
        out[s] = known > 0 && known >= enough ? (float)(sum / known) : NAN;
    }
}

/* ---- colours ---- */

static void classify(const heat *h, const float *row, uint8_t *out)
{
    int32_t count = h->page->picture->classes->count;
    for (int64_t s = 0; s < h->samples; s++) {
        uint8_t class_ = 0;
        for (int32_t c = 0; c < count; c++)
            class_ = (uint8_t)(class_ + (row[s] >= h->bounds[c]));
        out[s] = isnan(row[s]) ? VEIL : class_;
    }
}

/* A pixel below the mean of its samples. */
static uint32_t blend(const heat *h, uint32_t below, const uint8_t *upper, const uint8_t *lower)
{
    const uint8_t all[4] = {upper[0], upper[1], lower[0], lower[1]};
    uint32_t result = 0;
    for (int channel = 0; channel < 3; channel++) {
        int shift = 16 - 8 * channel;
        uint32_t under = (below >> shift) & 255, sum = 0;
        for (int i = 0; i < 4; i++) {
            const uint32_t *ink = h->ink[all[i]];
            sum += under * (255 - ink[3]) + ink[channel] * ink[3];
        }
        result |= (sum + 510) / 1020 << shift;
    }
    return result;
}

static rm_status draw_rows(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const heat *h = context;
    const rm_page *page = h->page;
    int64_t columns = page->picture->grid.columns, width = (int64_t)page->map.width;
    uint8_t *classes = h->classes + worker * SIDE * h->samples;
    float *row = h->row + worker * h->samples;
    (void)err;
    for (int64_t y = begin; y < end; y++) {
        for (int side = 0; side < SIDE; side++) {
            double at = h->down.first + (double)(y * SIDE + side) * h->down.step;
            if (h->down.fine)
                fine_row(h, at, row);
            else
                coarse_row(h, at, h->sums + worker * columns, h->parts + worker * columns, row);
            classify(h, row, classes + side * h->samples);
        }
        uint32_t *pixels =
            page->pixels + ((int64_t)page->map.y + y) * page->stride + (int64_t)page->map.x;
        for (int64_t x = 0; x < width; x++) {
            const uint8_t *upper = classes + x * SIDE, *lower = upper + h->samples;
            h->veiled[worker] |= upper[0] == VEIL;
            pixels[x] = blend(h, pixels[x], upper, lower);
        }
    }
    return RM_OK;
}

/* ---- the whole ---- */

static void take_inks(heat *h)
{
    const rm_heat_classes *classes = h->page->picture->classes;
    for (int32_t c = 0; c < classes->count; c++) {
        rm_colour colour = classes->colours[c];
        uint32_t *ink = h->ink[c + 1];
        h->bounds[c] = (float)classes->bounds[c];
        ink[0] = colour.red;
        ink[1] = colour.green;
        ink[2] = colour.blue;
        ink[3] = colour.alpha;
    }
    h->ink[VEIL][0] = RM_INK_VEIL.red;
    h->ink[VEIL][1] = RM_INK_VEIL.green;
    h->ink[VEIL][2] = RM_INK_VEIL.blue;
    h->ink[VEIL][3] = (uint32_t)(RM_INK_VEIL.alpha * 255 + 0.5);
}

static void place_samples(heat *h)
{
    const rm_page *page = h->page;
    const rm_grid *grid = &page->picture->grid;
    double step = 1 / (SIDE * page->scale * grid->cell);
    bool fine = step <= 1;
    h->across =
        (axis){(page->left - grid->left) / grid->cell + step / 2, step, grid->columns, fine};
    h->down = (axis){(grid->top - page->top) / grid->cell + step / 2, step, grid->rows, fine};
}

static rm_status make_room(heat *h, int threads, rm_error *err)
{
    int64_t columns = h->down.fine ? 0 : h->page->picture->grid.columns;
    RM_TRY(RM_NEW(&h->left, h->samples, err));
    RM_TRY(RM_NEW_ZERO(&h->weight, h->samples, err));
    RM_TRY(RM_NEW(&h->sums, columns * threads, err));
    RM_TRY(RM_NEW(&h->parts, columns * threads, err));
    RM_TRY(RM_NEW(&h->row, h->samples * threads, err));
    RM_TRY(RM_NEW(&h->classes, h->samples * SIDE * threads, err));
    RM_TRY(RM_NEW_ZERO(&h->veiled, threads, err));
    for (int64_t s = 0; s < h->samples; s++)
        h->left[s] =
            neighbours(&h->across, h->across.first + (double)s * h->across.step, &h->weight[s]);
    return RM_OK;
}

rm_status rm_page_heat(rm_page *page, rm_error *err)
{
    int threads = rm_threads(page->picture->threads);
    heat h = {.page = page, .samples = (int64_t)page->map.width * SIDE};
    take_inks(&h);
    place_samples(&h);
    rm_status status = make_room(&h, threads, err);
    if (status == RM_OK) {
        cairo_surface_flush(page->surface);
        status = rm_parallel((int64_t)page->map.height, ROWS_AT_A_TIME, threads, draw_rows, &h,
                             NULL, NULL, err);
        cairo_surface_mark_dirty(page->surface);
        for (int t = 0; t < threads; t++)
            page->veiled |= h.veiled[t] != 0;
    }
    rm_release(h.left);
    rm_release(h.weight);
    rm_release(h.sums);
    rm_release(h.parts);
    rm_release(h.row);
    rm_release(h.classes);
    rm_release(h.veiled);
    return status;
}
