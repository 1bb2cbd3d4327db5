#include "io/raster/pyramid.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/simd.h"

#include <math.h>
#include <string.h>

enum { LANES = 8, CHUNK = 32 };

/* Independent sums, which the processor adds at once; put together in a fixed order. */
static double sum_of(const double lanes[LANES])
{
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

static void join_statistics(rm_raster_statistics *all, const rm_raster_statistics *row)
{
    if (row->count == 0)
        return;
    if (all->count == 0) {
        *all = *row;
        return;
    }
    double na = (double)all->count, nb = (double)row->count, n = na + nb;
    double apart = row->mean - all->mean;
    all->squares += row->squares + apart * apart * (na / n) * nb;
    all->mean += apart * (nb / n);
    all->count += row->count;
    all->minimum = row->minimum < all->minimum ? row->minimum : all->minimum;
    all->maximum = row->maximum > all->maximum ? row->maximum : all->maximum;
}

typedef struct stat_lanes {
    double sum[LANES], squares[LANES];
    float low[LANES], high[LANES];
    int32_t count[LANES];
} stat_lanes;

/* width is a constant where this is called, and the loop is then one of vectors. */
static inline void add_values(stat_lanes *lanes, const float *v, int width)
{
    for (int l = 0; l < width; l++) {
        float value = v[l];
        bool valid = value == value;
        lanes->count[l] += valid;
        lanes->sum[l] += valid ? (double)value : 0.0;
        lanes->low[l] = value < lanes->low[l] ? value : lanes->low[l];
        lanes->high[l] = value > lanes->high[l] ? value : lanes->high[l];
    }
}

static inline void add_squares(stat_lanes *lanes, const float *v, double mean, int width)
{
    for (int l = 0; l < width; l++) {
        double apart = (double)v[l] - mean;
        lanes->squares[l] += apart == apart ? apart * apart : 0.0;
    }
}

RM_CLONES static void float_row(rm_raster_statistics *row, const float *v, int64_t n)
{
    stat_lanes lanes = {{0}, {0}, {0}, {0}, {0}};
    int64_t whole = n - n % LANES;

    for (int l = 0; l < LANES; l++) {
        lanes.low[l] = INFINITY;
        lanes.high[l] = -INFINITY;
    }
    for (int64_t i = 0; i < whole; i += LANES)
        add_values(&lanes, v + i, LANES);
    add_values(&lanes, v + whole, (int)(n - whole));
    for (int l = 0; l < LANES; l++) {
        row->count += lanes.count[l];
        lanes.low[0] = lanes.low[l] < lanes.low[0] ? lanes.low[l] : lanes.low[0];
        lanes.high[0] = lanes.high[l] > lanes.high[0] ? lanes.high[l] : lanes.high[0];
    }
    if (row->count == 0)
        return;
    row->minimum = (double)lanes.low[0];
    row->maximum = (double)lanes.high[0];
    row->mean = sum_of(lanes.sum) / (double)row->count;
    for (int64_t i = 0; i < whole; i += LANES)
        add_squares(&lanes, v + i, row->mean, LANES);
    add_squares(&lanes, v + whole, row->mean, (int)(n - whole));
    row->squares = sum_of(lanes.squares);
}

static void byte_row(rm_raster_statistics *row, const uint8_t *v, int64_t n)
{
    int64_t counts[256] = {0};
    double sum = 0.0;

    for (int64_t i = 0; i < n; i++)
        counts[v[i]]++;
    row->count = n - counts[0];
    if (row->count == 0)
        return;
    for (int b = 255; b > 0; b--) {
        sum += (double)b * (double)counts[b];
        if (counts[b] > 0)
            row->minimum = b;
        if (counts[b] > 0 && row->maximum < b)
            row->maximum = b;
    }
    row->mean = sum / (double)row->count;
    for (int b = 1; b < 256; b++)
        row->squares += (double)counts[b] * (b - row->mean) * (b - row->mean);
}

/* The mean of those of the four that have a value. */
static float mean_of(const float v[4])
{
    double sum = 0.0;
    int count = 0;

    for (int i = 0; i < 4; i++) {
        if (v[i] == v[i]) {
            sum += (double)v[i];
            count++;
        }
    }
    return count ? (float)(sum / count) : v[0];
}

/* Quarters are taken before the sum, which then stays within a float. */
RM_CLONES static void halve_floats(float *out, const float *a, const float *b, int64_t columns)
{
    int64_t pairs = columns / 2;

    for (int64_t c = 0; c < pairs; c++)
        out[c] =
            (0.25f * a[2 * c] + 0.25f * a[2 * c + 1]) + (0.25f * b[2 * c] + 0.25f * b[2 * c + 1]);
    for (int64_t c = 0; c < pairs; c++) {
        if (out[c] != out[c])
            out[c] = mean_of((float[]){a[2 * c], a[2 * c + 1], b[2 * c], b[2 * c + 1]});
    }
    if (columns % 2)
        out[pairs] =
            mean_of((float[]){a[columns - 1], a[columns - 1], b[columns - 1], b[columns - 1]});
}

/* The class that most of the four have, of those that are not nodata; the highest of several. */
static uint8_t mode_of(const uint8_t v[4])
{
    uint8_t best = 0;
    int most = 0;

    for (int i = 0; i < 4; i++) {
        int times = 0;
        for (int k = 0; k < 4; k++)
            times += v[k] == v[i];
        if (v[i] != 0 && (times > most || (times == most && v[i] > best))) {
            best = v[i];
            most = times;
        }
    }
    return best;
}

static void halve_bytes(uint8_t *out, const uint8_t *a, const uint8_t *b, int64_t columns)
{
    for (int64_t c = 0; c < (columns + 1) / 2; c++) {
        int64_t left = 2 * c, right = left + 1 < columns ? left + 1 : left;
        if (a[left] == a[right] && a[left] == b[left] && a[left] == b[right])
            out[c] = a[left];
        else
            out[c] = mode_of((uint8_t[]){a[left], a[right], b[left], b[right]});
    }
}

/* Four chains of multiplications beside one another; only a difference has to show. */
uint64_t rm_pyramid_checksum(const void *cells, int64_t bytes, int64_t row, int64_t tile)
{
    const uint64_t prime = 0x9E3779B97F4A7C15u;
    const unsigned char *from = cells;
    uint64_t h[4] = {(uint64_t)row, (uint64_t)tile, 3, 4}, word[4], sum = 0;
    int64_t i = 0;

    for (; i + 32 <= bytes; i += 32) {
        memcpy(word, from + i, sizeof word);
        for (int l = 0; l < 4; l++) {
            h[l] = (h[l] ^ word[l]) * prime;
            h[l] ^= h[l] >> 29;
        }
    }
    memset(word, 0, sizeof word);
    memcpy(word, from + i, (size_t)(bytes - i));
    for (int l = 0; l < 4; l++) {
        h[l] = (h[l] ^ word[l]) * prime;
        sum = (sum ^ h[l] ^ (h[l] >> 32)) * prime;
    }
    return sum ^ (sum >> 31);
}

int rm_pyramid_count(int64_t columns, int64_t rows)
{
    int count = 1;

    while (columns > RM_TILE || rows > RM_TILE) {
        columns = (columns + 1) / 2;
        rows = (rows + 1) / 2;
        count++;
    }
    return count;
}

static int64_t row_bytes(const rm_pyramid *pyramid, int level)
{
    return pyramid->level[level].columns * (pyramid->bytes ? 1 : (int64_t)sizeof(float));
}

rm_status rm_pyramid_begin(rm_pyramid *pyramid, int64_t columns, int64_t rows, bool bytes,
                           int64_t band_rows, int threads, rm_pyramid_fn sink, void *context,
                           rm_error *err)
{
    rm_pyramid made = {.bytes = bytes,
                       .band_rows = band_rows,
                       .count = rm_pyramid_count(columns, rows),
                       .threads = threads,
                       .sink = sink,
                       .context = context};
    rm_status status = RM_OK;

    for (int l = 0; l < made.count && status == RM_OK; l++) {
        rm_pyramid_level *level = &made.level[l];
        level->columns = columns;
        level->rows = rows;
        if (l > 0)
            status = rm_new(&level->band, rows < band_rows ? rows : band_rows,
                            (size_t)row_bytes(&made, l), false, err);
        columns = (columns + 1) / 2;
        rows = (rows + 1) / 2;
    }
    if (status == RM_OK)
        *pyramid = made;
    else
        rm_pyramid_clear(&made);
    return status;
}

/* One band of a level on its way. What a chunk finds goes to a place of its own. */
typedef struct band_job {
    const rm_pyramid *pyramid;
    int level;
    const char *cells;
    char *halved;                     /* where the rows of the next level go; NULL: there is none */
    rm_raster_statistics *statistics; /* of each row; NULL but for level 0 */
    uint64_t *checksum;               /* of each chunk */
} band_job;

static uint64_t checksum_row(const band_job *job, const char *row, int64_t number)
{
    int64_t bytes = row_bytes(job->pyramid, job->level);
    int64_t step = RM_TILE * (job->pyramid->bytes ? 1 : (int64_t)sizeof(float));
    uint64_t sum = 0;

    for (int64_t at = 0; at < bytes; at += step)
        sum +=
            rm_pyramid_checksum(row + at, bytes - at < step ? bytes - at : step, number, at / step);
    return sum;
}

static void halve(const band_job *job, const char *above, const char *below, int64_t pair)
{
    char *out = job->halved + pair * row_bytes(job->pyramid, job->level + 1);
    int64_t columns = job->pyramid->level[job->level].columns;

    if (job->pyramid->bytes)
        halve_bytes((uint8_t *)out, (const uint8_t *)above, (const uint8_t *)below, columns);
    else
        halve_floats((float *)(void *)out, (const float *)(const void *)above,
                     (const float *)(const void *)below, columns);
}

static rm_status row_statistics(const band_job *job, const char *row, int64_t number,
                                int64_t in_raster, rm_error *err)
{
    rm_raster_statistics *out = &job->statistics[number];
    int64_t columns = job->pyramid->level[0].columns;

    if (job->pyramid->bytes)
        byte_row(out, (const uint8_t *)row, columns);
    else
        float_row(out, (const float *)(const void *)row, columns);
    if (!isfinite(out->minimum) || !isfinite(out->maximum))
        return rm_fail_row(err, RM_EINVAL, in_raster,
                           "a cell in row %lld of the raster is infinite; leave it out as NaN",
                           (long long)in_raster);
    return RM_OK;
}

static rm_status one_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const band_job *job = context;
    const rm_pyramid_level *level = &job->pyramid->level[job->level];
    int64_t bytes = row_bytes(job->pyramid, job->level);
    uint64_t sum = 0;

    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        const char *row = job->cells + r * bytes;
        if (job->statistics)
            RM_TRY(row_statistics(job, row, r, level->seen + r, err));
        sum += checksum_row(job, row, level->seen + r);
        if (job->halved && (r % 2 == 1 || level->seen + r + 1 == level->rows))
            halve(job, r % 2 == 1 ? row - bytes : row, row, r / 2);
    }
    job->checksum[begin / CHUNK] = sum;
    return RM_OK;
}

static rm_status pass_band(rm_pyramid *pyramid, int l, const void *cells, int64_t rows,
                           rm_error *err);

static rm_status pass_on(rm_pyramid *pyramid, int l, int64_t rows, rm_error *err)
{
    rm_pyramid_level *level = &pyramid->level[l];

    level->waiting += rows;
    if (level->waiting < pyramid->band_rows && level->seen + level->waiting < level->rows)
        return RM_OK;
    rows = level->waiting;
    level->waiting = 0;
    RM_TRY(pyramid->sink(pyramid->context, l, level->band, level->seen, rows, err));
    return pass_band(pyramid, l, level->band, rows, err);
}

static rm_status pass_band(rm_pyramid *pyramid, int l, const void *cells, int64_t rows,
                           rm_error *err)
{
    rm_pyramid_level *level = &pyramid->level[l];
    bool deeper = l + 1 < pyramid->count;
    band_job job = {.pyramid = pyramid, .level = l, .cells = cells};
    int64_t chunks = (rows + CHUNK - 1) / CHUNK;

    if (deeper) {
        const rm_pyramid_level *next = &pyramid->level[l + 1];
        job.halved = (char *)next->band + next->waiting * row_bytes(pyramid, l + 1);
    }
    rm_status status = RM_NEW(&job.checksum, chunks, err);
    if (status == RM_OK && l == 0)
        status = RM_NEW_ZERO(&job.statistics, rows, err);
    if (status == RM_OK)
        status = rm_parallel(rows, CHUNK, pyramid->threads, one_chunk, &job, NULL, NULL, err);
    for (int64_t c = 0; c < chunks && status == RM_OK; c++)
        level->checksum += job.checksum[c];
    for (int64_t r = 0; job.statistics && r < rows && status == RM_OK; r++)
        join_statistics(&pyramid->statistics, &job.statistics[r]);
    rm_release(job.checksum);
    rm_release(job.statistics);
    level->seen += rows;
    if (status == RM_OK && deeper)
        status = pass_on(pyramid, l + 1, (rows + 1) / 2, err);
    return status;
}

rm_status rm_pyramid_add(rm_pyramid *pyramid, const void *cells, int64_t rows, rm_error *err)
{
    return pass_band(pyramid, 0, cells, rows, err);
}

void rm_pyramid_clear(rm_pyramid *pyramid)
{
    for (int l = 0; l < pyramid->count; l++)
        rm_release(pyramid->level[l].band);
    memset(pyramid, 0, sizeof *pyramid);
}
