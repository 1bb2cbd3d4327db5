/* Spatial statistics through the public API alone.
 * use: statistics THREADS JOB FILES
 *      neighbours|plots AREAS.gpkg [LINKS.txt]    queen; the links as lines "from to"
 *      moran-MODE|gstar-MODE AREAS.gpkg           analytic, own (999 draws) or shared (99,999)
 *      answers AREAS.gpkg OUT.csv                 all of that, of every area; untimed
 *      million                                    1000 x 1000 squares, both, shared table
 *      scan FOLDER                                scan.geo, .pop and .csv of gen_scan.py
 *      knox|nearest|ripley POINTS.csv             x,y,day
 * One process does one thing once, so that its peak memory is its own. Prints one line of key=value
 * pairs: seconds of the statistic alone and of what went before, the answer, processor seconds of
 * the statistic and the peak RSS in MB. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <riskmap/riskmap.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SIDE = 1000, DRAWS = 999, TABLE = 99999, STEPS = 90 };

static void must(rm_status status, const char *what, const rm_error *err)
{
    if (status != RM_OK)
        bench_fail(what, err->message);
}

static void *room(int64_t count, size_t size)
{
    void *memory = calloc((size_t)count, size);
    if (!memory)
        bench_fail("statistics", "no memory");
    return memory;
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (!file)
        bench_fail(path, "cannot be opened");
    return file;
}

static double sum_of(const double *values, int64_t count)
{
    double sum = 0.0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

static void print_end(bench_clock kernel)
{
    printf(" kernel=%.4f cpu=%.4f rss_mb=%.1f\n", kernel.wall, kernel.cpu, bench_peak_mb());
}

/* ---- areas ---- */

typedef struct bench_areas {
    rm_layer *layer;
    rm_weights *weights;
    double *values; /* "val"; NULL where it was not asked for */
    int64_t count;
    bench_clock read, neighbours;
} bench_areas;

static bench_areas read_areas(const char *path, int32_t threads, int with_values)
{
    static const char *const columns[] = {"val"};
    bench_areas areas = {.weights = NULL};
    rm_error err;
    rm_read_options reading = RM_READ_OPTIONS_INIT;
    rm_contiguity_options contiguity = RM_CONTIGUITY_OPTIONS_INIT;
    reading.threads = contiguity.threads = threads;
    reading.columns = with_values ? columns : NULL;
    reading.column_count = with_values;
    bench_clock start = bench_start();
    must(rm_layer_read(&areas.layer, path, &reading, &err), path, &err);
    areas.read = bench_since(start);
    areas.count = rm_layer_feature_count(areas.layer);
    start = bench_start();
    must(rm_weights_contiguity(&areas.weights, areas.layer, &contiguity, &err), "neighbours", &err);
    areas.neighbours = bench_since(start);
    if (with_values)
        areas.values = room(areas.count, sizeof *areas.values);
    for (int64_t i = 0; with_values && i < areas.count; i++)
        areas.values[i] = rm_layer_number(areas.layer, i, 0);
    return areas;
}

static void free_areas(bench_areas *areas)
{
    rm_weights_free(areas->weights);
    rm_layer_free(areas->layer);
    free(areas->values);
}

static void find_neighbours(int32_t threads, char **word)
{
    bench_areas areas = read_areas(word[0], threads, 0);
    FILE *links = word[1] ? open_file(word[1], "w") : NULL;
    printf("read=%.4f answer=%" PRId64 "/%" PRId64, areas.read.wall,
           rm_weights_links(areas.weights), rm_weights_islands(areas.weights, NULL));
    print_end(areas.neighbours);
    for (int64_t i = 0; links && i < areas.count; i++) {
        int64_t count;
        const int32_t *to = rm_weights_of(areas.weights, i, &count, NULL);
        for (int64_t q = 0; q < count; q++)
            fprintf(links, "%" PRId64 " %" PRId32 "\n", i, to[q]);
    }
    if (links && fclose(links) != 0)
        bench_fail(word[1], "cannot be written");
    free_areas(&areas);
}

/* As spdep has them: Moran of rows that add up to 1, Gi* of weights of 1 with the area itself. */
static void local(const rm_local_out *out, const bench_areas *areas, int star,
                  const rm_autocorrelation_options *options)
{
    rm_error err;
    rm_autocorrelation_options taken = *options;
    taken.style = star ? RM_STYLE_GIVEN : RM_STYLE_ROW;
    must(star ? rm_local_g(out, areas->weights, areas->values, areas->count, 1, &taken, &err)
              : rm_local_moran(out, areas->weights, areas->values, areas->count, &taken, &err),
         star ? "Gi*" : "Moran", &err);
}

static rm_autocorrelation_options drawing(const char *mode, int32_t threads)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    int shared = strcmp(mode, "shared") == 0;
    options.draws = shared ? RM_DRAWS_SHARED : RM_DRAWS_OWN;
    options.permutations = shared ? TABLE : DRAWS;
    options.threads = threads;
    return options;
}

static void one_statistic(int star, const char *mode, int32_t threads, const char *path)
{
    bench_areas areas = read_areas(path, threads, 1);
    double *found = room(areas.count, sizeof *found), *p = room(areas.count, sizeof *p);
    rm_autocorrelation_options options = drawing(mode, threads);
    rm_local_out out = RM_LOCAL_OUT_INIT;
    int permuted = strcmp(mode, "analytic") != 0;
    *(star ? &out.z : &out.statistic) = found;
    out.p_folded = permuted ? p : NULL;
    bench_clock start = bench_start();
    local(&out, &areas, star, &options);
    bench_clock kernel = bench_since(start);
    printf("read=%.4f neighbours=%.4f answer=%.9g/%.9g", areas.read.wall, areas.neighbours.wall,
           sum_of(found, areas.count), sum_of(p, areas.count));
    print_end(kernel);
    free(found);
    free(p);
    free_areas(&areas);
}

/* What is compared with spdep, and the permutations with one another. */
static void write_answers(int32_t threads, char **word)
{
    enum { COLUMNS = 9 };
    bench_areas areas = read_areas(word[0], threads, 1);
    double *column[COLUMNS];
    FILE *file = open_file(word[1], "w");
    for (int c = 0; c < COLUMNS; c++)
        column[c] = room(areas.count, sizeof **column);
    for (int star = 0; star < 2; star++) {
        rm_autocorrelation_options options = drawing("own", threads);
        rm_local_out out = RM_LOCAL_OUT_INIT;
        out.statistic = star ? NULL : column[0];
        out.z = column[1 + star];
        out.p_ge = column[3 + 3 * star];
        local(&out, &areas, star, &options);
        out = (rm_local_out)RM_LOCAL_OUT_INIT;
        options.permutations = TABLE;
        options.seed = 2;
        out.p_ge = column[4 + 3 * star];
        local(&out, &areas, star, &options);
        options.draws = RM_DRAWS_SHARED;
        out.p_ge = column[5 + 3 * star];
        local(&out, &areas, star, &options);
    }
    fprintf(file, "Ii,Zi,G,moran_own,moran_many,moran_shared,gstar_own,gstar_many,gstar_shared\n");
    for (int64_t i = 0; i < areas.count; i++)
        for (int c = 0; c < COLUMNS; c++)
            fprintf(file, "%.17g%c", column[c][i], c + 1 < COLUMNS ? ',' : '\n');
    if (fclose(file) != 0)
        bench_fail(word[1], "cannot be written");
    for (int c = 0; c < COLUMNS; c++)
        free(column[c]);
    free_areas(&areas);
}

/* ---- a million squares ---- */

static uint64_t mix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static rm_weights *squares(void)
{
    int64_t links = 0, room_for = INT64_C(8) * SIDE * SIDE;
    int32_t *from = room(room_for, sizeof *from), *to = room(room_for, sizeof *to);
    rm_weights *weights = NULL;
    rm_error err;
    for (int32_t i = 0; i < SIDE * SIDE; i++)
        for (int32_t dy = -1; dy <= 1; dy++)
            for (int32_t dx = -1; dx <= 1; dx++) {
                int32_t x = i % SIDE + dx, y = i / SIDE + dy;
                if ((dx == 0 && dy == 0) || x < 0 || y < 0 || x >= SIDE || y >= SIDE)
                    continue;
                from[links] = i;
                to[links++] = y * SIDE + x;
            }
    must(rm_weights_from_links(&weights, SIDE * SIDE, from, to, NULL, links, NULL, NULL, &err),
         "links", &err);
    free(from);
    free(to);
    return weights;
}

/* The sum of Moran's I as a plain loop has it. */
static double plain_moran(const bench_areas *areas)
{
    double mean = sum_of(areas->values, areas->count) / (double)areas->count;
    double squared = 0.0, cross = 0.0;
    for (int64_t i = 0; i < areas->count; i++) {
        double z = areas->values[i] - mean, lag = 0.0;
        int64_t count;
        const int32_t *to = rm_weights_of(areas->weights, i, &count, NULL);
        for (int64_t q = 0; q < count; q++)
            lag += areas->values[to[q]] - mean;
        squared += z * z;
        cross += z * lag / (double)count;
    }
    return cross / squared * (double)areas->count;
}

static void million(int32_t threads, char **word)
{
    bench_areas areas = {.weights = squares(), .count = SIDE * SIDE};
    double *found = room(areas.count, sizeof *found), *p = room(areas.count, sizeof *p);
    uint64_t state = 1;
    (void)word;
    areas.values = room(areas.count, sizeof *areas.values);
    for (int64_t i = 0; i < areas.count; i++)
        areas.values[i] = 100.0 + 0.1 * fabs((double)(i % 200 - 100)) +
                          20.0 * (double)(mix(&state) >> 11) * 0x1p-53;
    for (int star = 0; star < 2; star++) {
        rm_autocorrelation_options options = drawing("shared", threads);
        rm_local_out out = RM_LOCAL_OUT_INIT;
        *(star ? &out.z : &out.statistic) = found;
        out.p_folded = p;
        bench_clock start = bench_start();
        local(&out, &areas, star, &options);
        bench_clock kernel = bench_since(start);
        printf("job=million-%s threads=%" PRId32 " answer=%.9g/%.9g/%.9g", star ? "gstar" : "moran",
               threads, sum_of(found, areas.count), sum_of(p, areas.count),
               star ? 0.0 : plain_moran(&areas));
        print_end(kernel);
    }
    free(found);
    free(p);
    free_areas(&areas);
}

/* ---- the scan in space and time ---- */

typedef struct bench_cases {
    int32_t areas;
    double *x, *y, *population;
    int32_t *cases; /* [areas * STEPS] */
} bench_cases;

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return open_file(path, "r");
}

static bench_cases read_cases(const char *folder)
{
    enum { MOST = 1 << 16 };
    bench_cases out = {.x = room(MOST, sizeof(double)),
                       .y = room(MOST, sizeof(double)),
                       .population = room(MOST, sizeof(double))};
    FILE *file = open_in(folder, "scan.geo");
    while (out.areas < MOST &&
           fscanf(file, "a%*d %lf %lf ", &out.x[out.areas], &out.y[out.areas]) == 2)
        out.areas++;
    fclose(file);
    file = open_in(folder, "scan.pop");
    for (int32_t a = 0; a < out.areas; a++)
        if (fscanf(file, "a%*d %*d %lf ", &out.population[a]) != 1)
            bench_fail("scan.pop", "too short");
    fclose(file);
    out.cases = room((int64_t)out.areas * STEPS, sizeof *out.cases);
    file = open_in(folder, "scan.csv");
    int32_t area, day, cases;
    if (fscanf(file, "%*[^\n]") != 0)
        bench_fail("scan.csv", "empty");
    while (fscanf(file, "%" SCNd32 ",%*f,%*f,%*d,%" SCNd32 ",%" SCNd32, &area, &day, &cases) == 3) {
        if (area < 0 || area >= out.areas || day < 0 || day >= STEPS)
            bench_fail("scan.csv", "an area or a day that is not there");
        out.cases[(int64_t)area * STEPS + day] += cases;
    }
    fclose(file);
    return out;
}

static void scan(int32_t threads, char **word)
{
    bench_cases from = read_cases(word[0]);
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    rm_scan_cluster best;
    rm_scan_summary about;
    rm_scan *made = NULL;
    rm_error err;
    options.threads = threads;
    options.replicates = DRAWS;
    bench_clock start = bench_start();
    must(rm_scan_space_time(&made, from.x, from.y, from.population, 0, from.cases, from.areas,
                            STEPS, &options, &err),
         "scan", &err);
    bench_clock kernel = bench_since(start);
    rm_scan_about(made, &about);
    must(rm_scan_cluster_at(made, 0, &best, &err), "cluster", &err);
    printf("answer=%.12g/%" PRId32 "/%" PRId32 "/%" PRId32 "/%" PRId64 "/%.6g/%.12g", best.llr,
           best.area_count, best.t_start, best.t_end, best.cases, best.p,
           sum_of(rm_scan_maxima(made), about.replicates));
    print_end(kernel);
    rm_scan_free(made);
    free(from.x);
    free(from.y);
    free(from.population);
    free(from.cases);
}

/* ---- points ---- */

typedef struct bench_points {
    int64_t count;
    double *x, *y;
    int32_t *day;
} bench_points;

static bench_points read_points(const char *path)
{
    enum { MOST = 1 << 20 };
    bench_points out = {0, room(MOST, sizeof(double)), room(MOST, sizeof(double)),
                        room(MOST, sizeof(int32_t))};
    FILE *file = open_file(path, "r");
    if (fscanf(file, "%*[^\n]") != 0)
        bench_fail(path, "empty");
    while (out.count < MOST && fscanf(file, "%lf,%lf,%" SCNd32, &out.x[out.count],
                                      &out.y[out.count], &out.day[out.count]) == 3)
        out.count++;
    fclose(file);
    return out;
}

static void free_points(bench_points *points)
{
    free(points->x);
    free(points->y);
    free(points->day);
}

static void knox(int32_t threads, char **word)
{
    enum { SPACE = 4, TIME = 4 };
    static const double metres[SPACE + 1] = {0, 50, 100, 200, 400};
    static const double days[TIME + 1] = {0, 7, 14, 28, INFINITY};
    bench_points from = read_points(word[0]);
    int64_t observed[SPACE * TIME];
    double p[SPACE * TIME];
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    rm_error err;
    options.threads = threads;
    options.permutations = DRAWS;
    bench_clock start = bench_start();
    must(rm_knox(observed, NULL, NULL, NULL, p, from.x, from.y, from.day, from.count, metres, SPACE,
                 days, TIME, &options, &err),
         "Knox", &err);
    bench_clock kernel = bench_since(start);
    printf("answer=");
    for (int c = 0; c < SPACE * TIME; c++)
        printf("%" PRId64 "/", observed[c]);
    printf("%.9g", sum_of(p, SPACE * TIME));
    print_end(kernel);
    free_points(&from);
}

static void nearest(int32_t threads, char **word)
{
    bench_points from = read_points(word[0]);
    double *distance = room(from.count, sizeof *distance);
    rm_nearest_options options = RM_NEAREST_OPTIONS_INIT;
    rm_error err;
    options.threads = threads;
    bench_clock start = bench_start();
    must(rm_nearest_neighbours(NULL, distance, NULL, from.x, from.y, from.count, &options, &err),
         "nearest", &err);
    bench_clock kernel = bench_since(start);
    printf("answer=%.9g", sum_of(distance, from.count));
    print_end(kernel);
    free(distance);
    free_points(&from);
}

/* Without a correction, which another program can count again, and with Ripley's, which is timed.
 */
static void ripley(int32_t threads, char **word)
{
    enum { DISTANCES = 10 };
    static const double x[] = {100000, 150000, 150000, 100000},
                        y[] = {400000, 400000, 450000, 450000};
    static const int64_t ring[] = {0, 4};
    rm_pattern_window window = {x, y, ring, 1};
    bench_points from = read_points(word[0]);
    double r[DISTANCES], plain[DISTANCES], k[DISTANCES];
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    rm_error err;
    for (int d = 0; d < DISTANCES; d++)
        r[d] = 50.0 * (d + 1);
    options.threads = threads;
    options.correction = RM_RIPLEY_NONE;
    must(
        rm_ripley_k(plain, NULL, r, DISTANCES, from.x, from.y, from.count, &window, &options, &err),
        "Ripley", &err);
    options.correction = RM_RIPLEY_ISOTROPIC;
    bench_clock start = bench_start();
    must(rm_ripley_k(k, NULL, r, DISTANCES, from.x, from.y, from.count, &window, &options, &err),
         "Ripley", &err);
    bench_clock kernel = bench_since(start);
    printf("answer=%.12g/%.12g", plain[DISTANCES - 1], k[DISTANCES - 1]);
    print_end(kernel);
    free_points(&from);
}

/* ---- */

static int is_local(const char *job)
{
    return strncmp(job, "moran-", 6) == 0 || strncmp(job, "gstar-", 6) == 0;
}

int main(int count, char **word)
{
    static const struct {
        const char *name;
        int files;
        void (*run)(int32_t threads, char **word);
    } jobs[] = {{"neighbours", 1, find_neighbours},
                {"plots", 1, find_neighbours},
                {"answers", 2, write_answers},
                {"million", 0, million},
                {"scan", 1, scan},
                {"knox", 1, knox},
                {"nearest", 1, nearest},
                {"ripley", 1, ripley}};
    if (count > 3 && is_local(word[2])) {
        printf("job=%s threads=%s ", word[2], word[1]);
        one_statistic(word[2][0] == 'g', word[2] + 6, atoi(word[1]), word[3]);
        return 0;
    }
    for (size_t j = 0; count > 2 && j < sizeof jobs / sizeof *jobs; j++)
        if (count >= 3 + jobs[j].files && strcmp(word[2], jobs[j].name) == 0) {
            if (jobs[j].run != write_answers && jobs[j].run != million)
                printf("job=%s threads=%s ", word[2], word[1]);
            jobs[j].run(atoi(word[1]), word + 3);
            return 0;
        }
    fprintf(stderr, "use: statistics THREADS JOB FILES; the head of statistics.c has the jobs\n");
    return 2;
}
