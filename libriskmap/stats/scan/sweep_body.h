/* The sweep over cylinders for counts of type RM_SCAN_COUNT (least value RM_SCAN_LEAST), whose
 * names end in what RM_SCAN_NAME appends; scan_sweep.c includes this once for each type.
 *
 * A circle grows area by area. The largest count of any window of a given length in a sum of series
 * is at most the sum of their largest counts, so `bound` grows by the `row` of each area that
 * enters. While no length's bound reaches its threshold, nothing in the circle can beat the best
 * so far, and the series themselves need not be added up. When a block of lengths reaches it, the
 * series catch up, the block's bounds become the true maxima, and what still reaches its threshold
 * is put to the likelihood. On the low side all counts are negative, and the same holds. */
#ifdef RM_SCAN_COUNT

/* Largest counts of the lengths first+1 .. first+LANES. Behind its end the series is padded so
 * that a window which runs over it is never larger than a true one. */
RM_ALWAYS_INLINE void RM_SCAN_NAME(largest)(RM_SCAN_COUNT *restrict out,
                                            const RM_SCAN_COUNT *restrict sums, int32_t first,
                                            int32_t steps)
{
    RM_SCAN_COUNT most[RM_SCAN_LANES];
    for (int j = 0; j < RM_SCAN_LANES; j++)
        most[j] = RM_SCAN_LEAST;
    for (int32_t t = 0; t + first < steps; t++) {
        const RM_SCAN_COUNT *ahead = sums + t + first + 1;
        RM_SCAN_COUNT from = sums[t];
        for (int j = 0; j < RM_SCAN_LANES; j++) {
            RM_SCAN_COUNT count = (RM_SCAN_COUNT)(ahead[j] - from);
            most[j] = count > most[j] ? count : most[j];
        }
    }
    for (int j = 0; j < RM_SCAN_LANES; j++)
        out[j] = most[j];
}

/* The largest count of each length of one block within `steps` steps: 0 in lanes that pad, and in
 * those of lengths that do not fit. */
RM_ALWAYS_INLINE void RM_SCAN_NAME(block)(RM_SCAN_COUNT *restrict out, const RM_SCAN_COUNT *sums,
                                          const rm_scan_model *model, int32_t steps, int32_t first)
{
    int32_t other = 0; /* the first lane that is not a largest count */
    int32_t longest = model->longest < steps ? model->longest : steps;
    if (!model->prospective && first < longest) {
        RM_SCAN_NAME(largest)(out, sums, first, steps);
        other = longest - first;
    }
    for (int32_t j = other; j < RM_SCAN_LANES; j++) {
        if (first + j >= model->lanes || steps < model->steps)
            out[j] = 0;
        else if (first + j >= model->longest)
            out[j] = sums[steps];
        else
            out[j] = (RM_SCAN_COUNT)(sums[steps] - sums[steps - first - j - 1]);
    }
}

/* sums[steps + 1] of a series with its sign and its padding into `view`. */
RM_ALWAYS_INLINE void RM_SCAN_NAME(look_at)(RM_SCAN_COUNT *restrict view,
                                            const RM_SCAN_COUNT *restrict sums, int32_t steps,
                                            bool low)
{
    if (low)
        for (int32_t t = 0; t <= steps; t++)
            view[t] = (RM_SCAN_COUNT)-sums[t];
    else
        memcpy(view, sums, (size_t)(steps + 1) * sizeof *view);
    for (int32_t t = 1; t < RM_SCAN_LANES; t++)
        view[steps + t] = low ? RM_SCAN_LEAST + 1 : sums[steps];
}

/* The rows of all areas, for one side. */
RM_CLONES
static void RM_SCAN_NAME(fill_rows)(rm_scan_worker *worker, int s)
{
    const rm_scan_model *model = worker->model;
    RM_SCAN_COUNT *rows = worker->rows[s], *view = worker->view;
    const RM_SCAN_COUNT *series = worker->series;
    for (int32_t a = 0; a < model->areas; a++) {
        RM_SCAN_COUNT *row = rows + (int64_t)a * model->stride;
        const RM_SCAN_COUNT *own = series + (int64_t)a * worker->width;
        worker->any[a] = own[model->steps] != 0;
        if (!worker->any[a]) {
            memset(row, 0, (size_t)model->stride * sizeof *row);
            continue;
        }
        RM_SCAN_NAME(look_at)(view, own, model->steps, model->side[s].low);
        for (int32_t first = 0; first < model->stride; first += RM_SCAN_LANES)
            RM_SCAN_NAME(block)(row + first, view, model, model->steps, first);
    }
}

/* Adds the members from..to (inclusive) of a centre to the circle's series. */
RM_ALWAYS_INLINE void RM_SCAN_NAME(catch_up)(rm_scan_worker *worker, const rm_scan_centre *centre,
                                             int32_t from, int32_t to)
{
    const rm_scan_model *model = worker->model;
    RM_SCAN_COUNT *restrict sums = worker->sums;
    const RM_SCAN_COUNT *series = worker->series;
    int32_t width = worker->width;
    for (int32_t k = from; k <= to; k++) {
        int32_t area = centre->member[k];
        const RM_SCAN_COUNT *restrict own = series + (int64_t)area * width;
        if (worker->any[area])
            for (int32_t t = 0; t < width; t++)
                sums[t] = (RM_SCAN_COUNT)(sums[t] + own[t]);
        if (model->expected) {
            const double *more = model->expected + (int64_t)area * (model->steps + 1);
            for (int32_t t = 0; t <= model->steps; t++)
                worker->expected[t] += more[t];
        }
    }
}

/* The windows of one length whose count reaches the threshold, against the best. */
static void RM_SCAN_NAME(try_lane)(const rm_scan_worker *worker, const rm_scan_centre *centre,
                                   const rm_scan_side *side, int32_t circle, int32_t lane,
                                   RM_SCAN_COUNT threshold, RM_SCAN_COUNT largest,
                                   rm_scan_best *best)
{
    const rm_scan_model *model = worker->model;
    const RM_SCAN_COUNT *sums = worker->sums;
    int32_t length = rm_scan_length(model, lane);
    int32_t sign = side->low ? -1 : 1;
    bool even = !model->expected;
    double expected = even ? rm_scan_expected(model, centre->population[circle], lane) : 0.0;
    if (even && rm_scan_llr(model, side->low, sign * largest, expected) <= best->llr)
        return;
    int32_t end = worker->from + worker->span;
    for (int32_t t = model->prospective ? end - length : worker->from; t + length <= end; t++) {
        int32_t count = sign * (sums[t + length] - sums[t]);
        if (even ? count != largest : count < threshold)
            continue;
        if (!even)
            expected = worker->expected[t + length] - worker->expected[t];
        double llr = rm_scan_llr(model, side->low, sign * count, expected);
        if (llr > best->llr)
            *best = (rm_scan_best){llr, expected, circle, t, length, sign * count, side->low};
        if (even)
            return;
    }
}

/* Whether a bound of any length reaches its threshold. The sign bit of a difference, which does not
 * run over (see RM_SCAN_NEVER_16), says so: of all lanes at once, because compilers take single
 * steps to search a vector for its largest. */
RM_ALWAYS_INLINE bool RM_SCAN_NAME(reach)(const RM_SCAN_COUNT *restrict bound,
                                          const RM_SCAN_COUNT *restrict threshold, int32_t count)
{
    RM_SCAN_COUNT below[RM_SCAN_LANES];
    uint64_t words[RM_SCAN_LANES * sizeof(RM_SCAN_COUNT) / sizeof(uint64_t)], all = UINT64_MAX;
    const uint64_t signs = sizeof(RM_SCAN_COUNT) == 2 ? 0x8000800080008000u : 0x8000000080000000u;
    for (int j = 0; j < RM_SCAN_LANES; j++)
        below[j] = -1;
    for (int32_t first = 0; first < count; first += RM_SCAN_LANES)
        for (int j = 0; j < RM_SCAN_LANES; j++)
            below[j] &= (RM_SCAN_COUNT)(bound[first + j] - threshold[first + j]);
    memcpy(words, below, sizeof below);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        all &= words[w];
    return (all & signs) != signs;
}

/* A circle of which some bound reaches its threshold: the series catch up from the member `added`
 * on, and each block of lengths that reaches it is looked at. */
RM_ALWAYS_INLINE void RM_SCAN_NAME(inspect)(rm_scan_worker *worker, const rm_scan_centre *centre,
                                            const rm_scan_side *side, int32_t added, int32_t circle,
                                            const RM_SCAN_COUNT *threshold, rm_scan_best *best)
{
    const rm_scan_model *model = worker->model;
    RM_SCAN_COUNT *bound = worker->bound;
    RM_SCAN_NAME(catch_up)(worker, centre, added, circle);
    const RM_SCAN_COUNT *sums = worker->sums;
    RM_SCAN_NAME(look_at)(worker->view, sums + worker->from, worker->span, side->low);
    for (int32_t first = 0; first < model->stride; first += RM_SCAN_LANES) {
        if (!RM_SCAN_NAME(reach)(bound + first, threshold + first, RM_SCAN_LANES))
            continue;
        RM_SCAN_NAME(block)(bound + first, worker->view, model, worker->span, first);
        if (!RM_SCAN_NAME(reach)(bound + first, threshold + first, RM_SCAN_LANES))
            continue;
        for (int32_t lane = first; lane < first + RM_SCAN_LANES; lane++)
            if (bound[lane] >= threshold[lane])
                RM_SCAN_NAME(try_lane)
        (worker, centre, side, circle, lane, threshold[lane], bound[lane], best);
    }
}

/* All circles of a centre, on one side. */
RM_CLONES
static void RM_SCAN_NAME(sweep)(rm_scan_worker *worker, int32_t number, int s, rm_scan_best *best)
{
    const rm_scan_model *model = worker->model;
    const rm_scan_centre *centre = &model->zones->centre[number];
    const rm_scan_side *side = &model->side[s];
    const uint16_t *bucket = centre->bucket + (int64_t)s * centre->count;
    const RM_SCAN_COUNT *rows = worker->rows[s], *table = side->threshold;
    RM_SCAN_COUNT *restrict bound = worker->bound;
    int32_t stride = model->stride, added = 0;
    int64_t level = (int64_t)rm_scan_level(best->llr) * side->buckets;
    bool more = side->low; /* cases have come in since a circle was looked at */

    memset(bound, 0, (size_t)stride * sizeof *bound);
    memset(worker->sums, 0, (size_t)worker->width * sizeof *bound);
    memset(worker->expected, 0, (size_t)(model->steps + 1) * sizeof(double));
    for (int32_t k = 0; k < centre->count; k++) {
        int32_t area = centre->member[k];
        if (worker->any[area]) {
            const RM_SCAN_COUNT *restrict row = rows + (int64_t)area * stride;
            for (int32_t j = 0; j < stride; j++)
                bound[j] = (RM_SCAN_COUNT)(bound[j] + row[j]);
            more = true;
        }
        /* On the high side a circle that grew without a case is no better than before. */
        if (!more || bucket[k] == RM_SCAN_NO_CIRCLE)
            continue;
        more = side->low;
        const RM_SCAN_COUNT *threshold = table + (level + bucket[k]) * stride;
        if (RM_SCAN_NAME(reach)(bound, threshold, stride)) {
            RM_SCAN_NAME(inspect)(worker, centre, side, added, k, threshold, best);
            level = (int64_t)rm_scan_level(best->llr) * side->buckets;
            added = k + 1;
        }
    }
}

/* Counts per cell to sums up to each step. */
static void RM_SCAN_NAME(load)(rm_scan_worker *worker, const int32_t *cases)
{
    const rm_scan_model *model = worker->model;
    RM_SCAN_COUNT *series = worker->series;
    for (int32_t a = 0; a < model->areas; a++) {
        RM_SCAN_COUNT *own = series + (int64_t)a * worker->width;
        int32_t sum = 0;
        for (int32_t t = 0; t < model->steps; t++) {
            sum += cases[(int64_t)a * model->steps + t];
            own[t + 1] = (RM_SCAN_COUNT)sum;
        }
    }
    for (int s = 0; s < model->sides; s++)
        RM_SCAN_NAME(fill_rows)(worker, s);
}

/* One replicate's cases, dealt. */
static void RM_SCAN_NAME(deal)(rm_scan_worker *worker, const rm_scan_sampler *sampler,
                               uint64_t seed, uint64_t replicate)
{
    const rm_scan_model *model = worker->model;
    RM_SCAN_COUNT *series = worker->series;
    int64_t width = worker->width;
    bool by_area = sampler->steps > 1;
    memset(series, 0, (size_t)(model->areas * width) * sizeof *series);
    for (int32_t c = 0, block = 0; c < model->cases; c += by_area ? 1 : 2, block++) {
        uint64_t word[2];
        rm_random_block(seed, replicate, (uint64_t)block, word);
        int32_t cell = rm_scan_pick(sampler, word[0]);
        if (by_area) {
            int32_t step = (int32_t)(((rm_uint128)word[1] * (uint64_t)model->steps) >> 64);
            series[cell * width + step + 1]++;
            continue;
        }
        series[cell / model->steps * width + cell % model->steps + 1]++;
        if (c + 1 == model->cases)
            break;
        cell = rm_scan_pick(sampler, word[1]);
        series[cell / model->steps * width + cell % model->steps + 1]++;
    }
    for (int32_t a = 0; a < model->areas; a++)
        for (int32_t t = 1; t <= model->steps; t++)
            series[a * width + t] =
                (RM_SCAN_COUNT)(series[a * width + t] + series[a * width + t - 1]);
    for (int s = 0; s < model->sides; s++)
        RM_SCAN_NAME(fill_rows)(worker, s);
}

/* Scans in space alone: one lane for each of many replicates. */

static void RM_SCAN_NAME(deal_lanes)(rm_scan_worker *worker, const rm_scan_sampler *sampler,
                                     uint64_t seed, int64_t begin, int64_t end)
{
    const rm_scan_model *model = worker->model;
    RM_SCAN_COUNT *counts = worker->lanes;
    memset(counts, 0, (size_t)model->areas * RM_SCAN_AT_ONCE * sizeof *counts);
    for (int64_t r = begin; r < end; r++) {
        RM_SCAN_COUNT *lane = counts + (r - begin);
        for (int32_t c = 0; c < model->cases; c += 2) {
            uint64_t word[2];
            rm_random_block(seed, (uint64_t)r, (uint64_t)(c / 2), word);
            lane[(int64_t)rm_scan_pick(sampler, word[0]) * RM_SCAN_AT_ONCE]++;
            if (c + 1 < model->cases)
                lane[(int64_t)rm_scan_pick(sampler, word[1]) * RM_SCAN_AT_ONCE]++;
        }
    }
}

/* The lanes of one circle against their own best; gives the lowest level of all lanes. */
static int32_t RM_SCAN_NAME(try_lanes)(const rm_scan_model *model, const rm_scan_side *side,
                                       const RM_SCAN_COUNT *count, double population,
                                       uint16_t bucket, int32_t replicates, double *maxima,
                                       int32_t *level)
{
    const RM_SCAN_COUNT *table = side->threshold;
    double expected = rm_scan_expected(model, population, 0);
    int32_t lowest = RM_SCAN_LEVELS;
    for (int32_t r = 0; r < replicates; r++) {
        int32_t signed_count = side->low ? -count[r] : count[r];
        if (signed_count >= table[((int64_t)level[r] * side->buckets + bucket) * model->stride]) {
            double llr = rm_scan_llr(model, side->low, count[r], expected);
            if (llr > maxima[r]) {
                maxima[r] = llr;
                level[r] = rm_scan_level(llr);
            }
        }
        lowest = level[r] < lowest ? level[r] : lowest;
    }
    return lowest;
}

RM_CLONES
static void RM_SCAN_NAME(sweep_lanes)(const rm_scan_worker *worker, int32_t number, int s,
                                      int32_t replicates, double *maxima, int32_t *level)
{
    const rm_scan_model *model = worker->model;
    const rm_scan_centre *centre = &model->zones->centre[number];
    const rm_scan_side *side = &model->side[s];
    const uint16_t *bucket = centre->bucket + (int64_t)s * centre->count;
    const RM_SCAN_COUNT *counts = worker->lanes, *table = side->threshold;
    RM_SCAN_COUNT sum[RM_SCAN_AT_ONCE] = {0};
    int32_t lowest = RM_SCAN_LEVELS;
    for (int32_t r = 0; r < replicates; r++)
        lowest = level[r] < lowest ? level[r] : lowest;
    for (int32_t k = 0; k < centre->count; k++) {
        const RM_SCAN_COUNT *own = counts + (int64_t)centre->member[k] * RM_SCAN_AT_ONCE;
        for (int j = 0; j < RM_SCAN_AT_ONCE; j++)
            sum[j] = (RM_SCAN_COUNT)(sum[j] + own[j]);
        if (bucket[k] == RM_SCAN_NO_CIRCLE)
            continue;
        RM_SCAN_COUNT needed = table[((int64_t)lowest * side->buckets + bucket[k]) * model->stride];
        RM_SCAN_COUNT most = RM_SCAN_LEAST;
        if (side->low)
            for (int j = 0; j < RM_SCAN_AT_ONCE; j++)
                most = (RM_SCAN_COUNT)-sum[j] > most ? (RM_SCAN_COUNT)-sum[j] : most;
        else
            for (int j = 0; j < RM_SCAN_AT_ONCE; j++)
                most = sum[j] > most ? sum[j] : most;
        if (most >= needed)
            lowest = RM_SCAN_NAME(try_lanes)(model, side, sum, centre->population[k], bucket[k],
                                             replicates, maxima, level);
    }
}

static void RM_SCAN_NAME(replicates)(rm_scan_worker *worker, const rm_scan_sampler *sampler,
                                     uint64_t seed, int64_t begin, int64_t end, double *maxima)
{
    const rm_scan_model *model = worker->model;
    if (model->steps == 1) {
        int32_t level[RM_SCAN_AT_ONCE] = {0};
        RM_SCAN_NAME(deal_lanes)(worker, sampler, seed, begin, end);
        for (int64_t r = begin; r < end; r++)
            maxima[r] = 0.0;
        for (int32_t c = 0; c < model->areas; c++)
            for (int s = 0; s < model->sides; s++)
                RM_SCAN_NAME(sweep_lanes)
        (worker, c, s, (int32_t)(end - begin), maxima + begin, level);
        return;
    }
    for (int64_t r = begin; r < end; r++) {
        rm_scan_best best = {.llr = 0.0};
        RM_SCAN_NAME(deal)(worker, sampler, seed, (uint64_t)r);
        for (int32_t c = 0; c < model->areas; c++)
            for (int s = 0; s < model->sides; s++)
                RM_SCAN_NAME(sweep)(worker, c, s, &best);
        maxima[r] = best.llr;
    }
}

#undef RM_SCAN_COUNT
#undef RM_SCAN_LEAST
#undef RM_SCAN_NAME
#endif
