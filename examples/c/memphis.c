/* Prints the figures of docs/memphis.md: the statistics of riskmap on the robberies in Memphis in
 * 2019.
 *
 *     cc memphis.c -o memphis $(pkg-config --cflags --libs riskmap)
 *     ./memphis FOLDER    with memphis_robberies.geojson and memphis_precincts.geojson
 *
 * It ends at the first call that fails, with its message, and leaves its memory to the system. */
#include <riskmap/riskmap.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CRS "EPSG:32616"
enum { SIDE = 1000, FINE = 250, OCTOBER = 18170 }; /* metres, metres, 2019-10-01 */

/* Robberies, those within the study area first. */
typedef struct points {
    double *x, *y;
    int32_t *day;
    int64_t count, within;
} points;

/* The study area: the squares of SIDE metres whose centre lies in a precinct. */
typedef struct squares {
    int64_t left, bottom, columns, rows; /* in squares */
    int64_t *number;                     /* [columns * rows] of each square in the area, or -1 */
    double *x, *y, *robberies;           /* [count] centres, and how many lie in it */
    int64_t count;
} squares;

static rm_error err;

static void must(rm_status status)
{
    if (status == RM_OK)
        return;
    fprintf(stderr, "memphis: %s\n", err.message);
    exit(1);
}

static void *room(int64_t count, size_t size)
{
    void *memory = calloc((size_t)count, size);
    if (memory == NULL) {
        fprintf(stderr, "memphis: not enough memory\n");
        exit(1);
    }
    return memory;
}

static rm_layer *read_layer(const char *folder, const char *name)
{
    static const char *const date[] = {"date"};
    char path[4096];
    rm_layer *layer = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    options.target_crs = CRS;
    options.columns = date;
    options.column_count = strcmp(name, "memphis_robberies.geojson") == 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    must(rm_layer_read(&layer, path, &options, &err));
    return layer;
}

/* The number of the square at a place, or -1 outside the study area. */
static int64_t square_of(const squares *s, double x, double y)
{
    int64_t column = (int64_t)x / SIDE - s->left, row = (int64_t)y / SIDE - s->bottom;
    if (column < 0 || row < 0 || column >= s->columns || row >= s->rows)
        return -1;
    return s->number[row * s->columns + column];
}

static squares squares_within(const rm_layer *precincts)
{
    squares s = {0};
    rm_layer *centres = NULL;
    double extent[4];
    rm_layer_extent(precincts, extent);
    s.left = (int64_t)extent[0] / SIDE;
    s.bottom = (int64_t)extent[1] / SIDE;
    s.columns = (int64_t)extent[2] / SIDE + 1 - s.left;
    s.rows = (int64_t)extent[3] / SIDE + 1 - s.bottom;
    int64_t all = s.columns * s.rows;
    double *apart = room(all, sizeof *apart);
    s.number = room(all, sizeof *s.number);
    s.x = room(all, sizeof *s.x);
    s.y = room(all, sizeof *s.y);
    s.robberies = room(all, sizeof *s.robberies);
    for (int64_t k = 0; k < all; k++) {
        s.x[k] = ((double)(s.left + k % s.columns) + 0.5) * SIDE;
        s.y[k] = ((double)(s.bottom + k / s.columns) + 0.5) * SIDE;
    }
    must(rm_layer_from_points(&centres, s.x, s.y, all, CRS, &err));
    must(rm_nearest_to_areas(apart, centres, precincts, NULL, &err));
    for (int64_t k = 0; k < all; k++) {
        s.number[k] = apart[k] > 0 ? -1 : s.count;
        if (apart[k] > 0)
            continue;
        s.x[s.count] = s.x[k];
        s.y[s.count++] = s.y[k];
    }
    rm_layer_free(centres);
    free(apart);
    return s;
}

/* Counts them in the squares, too. */
static points points_of(const rm_layer *robberies, squares *s)
{
    points p = {0};
    p.count = rm_layer_feature_count(robberies);
    double *x = room(p.count, sizeof *x), *y = room(p.count, sizeof *y);
    p.x = room(p.count, sizeof *p.x);
    p.y = room(p.count, sizeof *p.y);
    p.day = room(p.count, sizeof *p.day);
    must(rm_layer_places(x, y, robberies, NULL, NULL, &err));
    int64_t within = 0, outside = p.count;
    for (int64_t k = 0; k < p.count; k++) {
        int64_t square = square_of(s, x[k], y[k]), to = square < 0 ? --outside : within++;
        p.x[to] = x[k];
        p.y[to] = y[k];
        p.day[to] = (int32_t)rm_layer_number(robberies, k, 0);
        if (square >= 0)
            s->robberies[square]++;
    }
    p.within = within;
    free(x);
    free(y);
    return p;
}

static double highest(const points *p, double bandwidth)
{
    const rm_grid grid = {205000, 3915000, 100, 600, 500}; /* all robberies and a margin */
    rm_density_options options = RM_DENSITY_OPTIONS_INIT;
    double *density = room(grid.columns * grid.rows, sizeof *density), most = 0;
    options.bandwidth = bandwidth;
    must(rm_density_grid(density, &grid, p->x, p->y, p->count, &options, &err));
    for (int64_t k = 0; k < grid.columns * grid.rows; k++)
        most = density[k] > most ? density[k] : most;
    free(density);
    return most * 1e6;
}

static double validated(const double *x, const double *y, int64_t count, int32_t criterion,
                        rm_bandwidth_fit *fit)
{
    rm_validation_options options = RM_VALIDATION_OPTIONS_INIT;
    options.criterion = criterion;
    must(rm_bandwidth_cross_validate(fit, x, y, count, RM_KERNEL_QUARTIC, &options, &err));
    return fit->bandwidth;
}

static void print_bandwidths(const points *p)
{
    static const char *const rules[] = {"normal reference", "normal reference, robust",
                                        "ArcGIS's rule"};
    rm_bandwidth_fit fit;
    double bandwidth;
    printf("| bandwidth of the quartic kernel by | metres | highest density, robberies per km2 |\n"
           "|---|---|---|\n");
    for (int32_t rule = RM_RULE_REFERENCE; rule <= RM_RULE_DISTANCE; rule++) {
        must(rm_bandwidth_rule(&bandwidth, p->x, p->y, NULL, p->count, RM_KERNEL_QUARTIC, rule,
                               &err));
        printf("| %s | %.0f | %.1f |\n", rules[rule], bandwidth, highest(p, bandwidth));
    }
    bandwidth = validated(p->x, p->y, p->count, RM_VALIDATE_SQUARES, &fit);
    printf("| cross-validation, least squares%s | %.0f | %.1f |\n",
           fit.at_end ? " (at the end of its range)" : "", bandwidth, highest(p, bandwidth));
    bandwidth = validated(p->x, p->y, p->count, RM_VALIDATE_LIKELIHOOD, &fit);
    printf("| cross-validation, likelihood%s | %.0f | %.1f |\n",
           fit.at_end ? " (at the end of its range)" : "", bandwidth, highest(p, bandwidth));
    printf("\nPlaces: %lld, of which %lld robberies share theirs with another.\n",
           (long long)fit.places, (long long)fit.coincident);
}

static void print_nearest(const points *p, const squares *s)
{
    rm_nearest_result nearest;
    must(rm_nearest_index(&nearest, p->x, p->y, p->within, (double)s->count * SIDE * SIDE, 0, NULL,
                          &err));
    printf("\n| nearest neighbour | metres |\n|---|---|\n"
           "| mean distance | %.1f |\n| expected of a random pattern | %.1f |\n\n"
           "Index %.3f, z = %.1f.\n",
           nearest.mean, nearest.expected, nearest.ratio, nearest.z);
}

static void print_knox(const points *p)
{
    static const double space[] = {0, 1, 200, 400, 800}, time[] = {0, 8, 15, 29};
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    rm_knox_result knox;
    int64_t pairs[12];
    double ratio[12], p_of[12];
    options.permutations = 9999;
    must(rm_knox_test(&knox, p->x, p->y, p->day, p->count, 200, 7, &options, &err));
    printf("\nKnox, 200 m and 7 days: %lld pairs, expected %.1f, ratio %.2f, p = %.4f.\n",
           (long long)knox.close, knox.expected, knox.ratio, knox.p);
    must(rm_knox(pairs, NULL, ratio, NULL, p_of, p->x, p->y, p->day, p->count, space, 4, time, 3,
                 &options, &err));
    printf("\n| observed / expected (p) | 0 to 7 days | 8 to 14 days | 15 to 28 days |\n"
           "|---|---|---|---|\n");
    for (int k = 0; k < 4; k++) {
        char label[32];
        must(rm_knox_label(label, sizeof label, space[k], space[k + 1], &err));
        printf("| %s m |", label);
        for (int t = 0; t < 3; t++)
            printf(" %.2f (%.4f) |", ratio[3 * k + t], p_of[3 * k + t]);
        printf("\n");
    }
}

/* ---- Ripley ---- */

typedef struct side {
    int64_t from[2], to[2]; /* column and row, in squares */
    int taken;
} side;

/* The sides of squares that have the study area on one hand alone, that hand being the left. */
static int64_t outer_sides(side *sides, const squares *s)
{
    static const int step[4][2] = {{0, -1}, {1, 0}, {0, 1}, {-1, 0}};
    static const int corner[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    int64_t count = 0;
    for (int64_t k = 0; k < s->count; k++)
        for (int d = 0; d < 4; d++) {
            int64_t column = (int64_t)s->x[k] / SIDE, row = (int64_t)s->y[k] / SIDE;
            if (square_of(s, s->x[k] + SIDE * step[d][0], s->y[k] + SIDE * step[d][1]) >= 0)
                continue;
            sides[count++] = (side){{column + corner[d][0], row + corner[d][1]},
                                    {column + corner[d + 1][0], row + corner[d + 1][1]},
                                    0};
        }
    return count;
}

/* Walks from side to side, ring after ring. The arrays are freed with the process. */
static rm_pattern_window outline(const squares *s)
{
    side *sides = room(4 * s->count, sizeof *sides);
    int64_t count = outer_sides(sides, s), at = 0, rings = 0;
    double *x = room(count, sizeof *x), *y = room(count, sizeof *y);
    int64_t *ring = room(count + 1, sizeof *ring);
    for (int64_t first = 0; first < count; first++) {
        for (int64_t k = first; k < count && !sides[k].taken;) {
            sides[k].taken = 1;
            x[at] = (double)sides[k].from[0] * SIDE;
            y[at++] = (double)sides[k].from[1] * SIDE;
            const int64_t *end = sides[k].to;
            for (k = 0; k < count; k++)
                if (!sides[k].taken && memcmp(sides[k].from, end, sizeof sides[k].from) == 0)
                    break;
        }
        if (at > ring[rings])
            ring[++rings] = at;
    }
    free(sides);
    return (rm_pattern_window){x, y, ring, rings};
}

static void print_ripley(const points *p, const squares *s)
{
    enum { DISTANCES = 5 };
    static const double r[DISTANCES] = {200, 500, 1000, 2000, 4000};
    double l[DISTANCES], low[DISTANCES], high[DISTANCES];
    rm_pattern_window window = outline(s);
    rm_ripley_result result;
    must(rm_ripley_envelope(&result, l, low, high, r, DISTANCES, p->x, p->y, p->within, &window,
                            NULL, &err));
    printf("\n| Ripley's L at | of the robberies | 99 random patterns |\n|---|---|---|\n");
    for (int k = 0; k < DISTANCES; k++)
        printf("| %.0f m | %.0f | %.0f to %.0f |\n", r[k], l[k], low[k], high[k]);
    printf("\nThe whole curve: p = %.2f.\n", result.p);
}

/* ---- squares ---- */

static int64_t bins_at(const int8_t *bins, int64_t count, int bin)
{
    int64_t found = 0;
    for (int64_t k = 0; k < count; k++)
        found += bins[k] == bin;
    return found;
}

static void print_hot_spots(const squares *s)
{
    rm_weights *queen = NULL;
    rm_global moran;
    rm_local_out out = RM_LOCAL_OUT_INIT;
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    int8_t *bins = room(s->count, sizeof *bins);
    /* of squares, the eight round about lie within 1.5 sides */
    must(rm_weights_band(&queen, s->x, s->y, s->count, 1.5 * SIDE, NULL, &err));
    must(rm_moran(&moran, queen, s->robberies, s->count, NULL, &err));
    printf("\nMoran's I of the squares: %.3f, z = %.1f.\n", moran.statistic, moran.z);
    options.draws = RM_DRAWS_SHARED;
    out.z = room(s->count, sizeof *out.z);
    out.p = room(s->count, sizeof *out.p);
    out.p_two_sided = room(s->count, sizeof *out.p_two_sided);
    must(rm_local_g(&out, queen, s->robberies, s->count, 1, &options, &err));
    printf("\n| Gi*, squares that are | hot, 99%% | hot, 95%% or more | cold, 95%% or more |\n"
           "|---|---|---|---|\n");
    for (int way = 0; way < 3; way++) {
        static const char *const names[] = {"permutations, corrected", "permutations, uncorrected",
                                            "normal distribution, corrected"};
        double *p = way == 2 ? out.p : out.p_two_sided;
        double *adjusted = room(s->count, sizeof *adjusted);
        must(rm_false_discovery(adjusted, p, s->count, &err));
        must(rm_hotspot_bins(bins, out.z, way == 1 ? p : adjusted, s->count, &err));
        int64_t hot = bins_at(bins, s->count, 3);
        printf("| %s | %lld | %lld | %lld |\n", names[way], (long long)hot,
               (long long)(hot + bins_at(bins, s->count, 2)),
               (long long)(bins_at(bins, s->count, -3) + bins_at(bins, s->count, -2)));
        free(adjusted);
    }
    rm_weights_free(queen);
    free(bins);
    free(out.z);
    free(out.p);
    free(out.p_two_sided);
}

/* ---- how good a map was ---- */

enum { ACROSS = SIDE / FINE };

/* January to September is known, October to December to be predicted, in cells of FINE metres. */
typedef struct halves {
    double *x, *y; /* [known] */
    int64_t known;
    double *cell_x, *cell_y, *before, *after; /* [cells] */
    int64_t cells;
} halves;

static halves halves_of(const points *p, const squares *s)
{
    halves h = {0};
    h.cells = s->count * ACROSS * ACROSS;
    h.x = room(p->within, sizeof *h.x);
    h.y = room(p->within, sizeof *h.y);
    h.cell_x = room(h.cells, sizeof *h.cell_x);
    h.cell_y = room(h.cells, sizeof *h.cell_y);
    h.before = room(h.cells, sizeof *h.before);
    h.after = room(h.cells, sizeof *h.after);
    for (int64_t k = 0; k < h.cells; k++) {
        int64_t part = k % (ACROSS * ACROSS), square = k / (ACROSS * ACROSS);
        h.cell_x[k] = s->x[square] - SIDE / 2.0 + ((double)(part % ACROSS) + 0.5) * FINE;
        h.cell_y[k] = s->y[square] - SIDE / 2.0 + ((double)(part / ACROSS) + 0.5) * FINE;
    }
    for (int64_t k = 0; k < p->within; k++) {
        int64_t column = (int64_t)p->x[k] % SIDE / FINE, row = (int64_t)p->y[k] % SIDE / FINE;
        int64_t cell = (square_of(s, p->x[k], p->y[k]) * ACROSS + row) * ACROSS + column;
        (p->day[k] < OCTOBER ? h.before : h.after)[cell]++;
        if (p->day[k] < OCTOBER) {
            h.x[h.known] = p->x[k];
            h.y[h.known++] = p->y[k];
        }
    }
    return h;
}

static void print_share(const char *name, double bandwidth, const rm_backtest_share at[2])
{
    printf("| %s |", name);
    if (bandwidth > 0)
        printf(" %.0f m |", bandwidth);
    else
        printf(" |");
    for (int k = 0; k < 2; k++)
        printf(" %.1f%% | %.2f | %.2f |", 100 * at[k].hit_rate_at, at[k].pai_at, at[k].pei_at);
    printf("\n");
}

static void print_backtest(const points *p, const squares *s)
{
    static const double share[2] = {0.05, 0.10};
    static const char *const names[] = {"heat map, least squares", "heat map, likelihood"};
    halves h = halves_of(p, s);
    double *map = room(h.cells, sizeof *map);
    rm_density_options density = RM_DENSITY_OPTIONS_INIT;
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    rm_backtest_share of_map[2], of_count[2];
    rm_bandwidth_fit fit;
    options.prediction = RM_PREDICTION_SCORE;
    printf("\nKnown: %lld robberies, to be predicted: %lld, cells: %lld.\n\n"
           "| | bandwidth | hit rate at 5%% | PAI | PEI | hit rate at 10%% | PAI | PEI |\n"
           "|---|---|---|---|---|---|---|---|\n",
           (long long)h.known, (long long)(p->within - h.known), (long long)h.cells);
    for (int32_t by = RM_VALIDATE_SQUARES; by <= RM_VALIDATE_LIKELIHOOD; by++) {
        density.bandwidth = validated(h.x, h.y, h.known, by, &fit);
        must(
            rm_density_places(map, h.cell_x, h.cell_y, h.cells, h.x, h.y, h.known, &density, &err));
        must(rm_backtest_shares(of_map, of_count, share, 2, map, h.after, h.before, NULL, h.cells,
                                &options, &err));
        print_share(names[by], density.bandwidth, of_map);
    }
    print_share("plain count", 0, of_count);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: memphis FOLDER\n");
        return 2;
    }
    rm_layer *precincts = read_layer(argv[1], "memphis_precincts.geojson");
    rm_layer *robberies = read_layer(argv[1], "memphis_robberies.geojson");
    squares s = squares_within(precincts);
    points p = points_of(robberies, &s);
    printf("Robberies: %lld, in the study area of %lld km2: %lld.\n\n", (long long)p.count,
           (long long)(s.count * SIDE * SIDE / 1000000), (long long)p.within);
    print_bandwidths(&p);
    print_nearest(&p, &s);
    print_knox(&p);
    print_ripley(&p, &s);
    print_hot_spots(&s);
    print_backtest(&p, &s);
    rm_layer_free(robberies);
    rm_layer_free(precincts);
    return 0;
}
