/* The kernels on the bench-peers data, through the public API alone.
 * use: kernels count|stream|overlay|nearest|list DATADIR THREADS
 * list prints "aid:count," for every area, untimed, to be compared with the peers' counts.
 * One process does one thing once, so that its peak memory is its own. Prints one line of key=value
 * pairs: the phases in seconds, the answer, processor seconds and the peak RSS in MB. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <riskmap/riskmap.h>

#include <inttypes.h>
#include <string.h>

typedef struct bench_job {
    const char *data;
    int32_t threads;
    rm_overlay_options overlay;
} bench_job;

static void must(rm_status status, const char *what, const rm_error *err)
{
    if (status != RM_OK)
        bench_fail(what, err->message);
}

static rm_layer *read_layer(const bench_job *job, const char *name, const char *where)
{
    char path[4096];
    rm_error err;
    rm_layer *layer = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    options.column_count = 0;
    options.where = where;
    snprintf(path, sizeof path, "%s/%s.gpkg", job->data, name);
    must(rm_layer_read(&layer, path, &options, &err), path, &err);
    return layer;
}

static void *room(int64_t count, size_t size)
{
    void *memory = calloc((size_t)count, size);
    if (!memory)
        bench_fail("kernels", "no memory");
    return memory;
}

static void print_end(const bench_clock *all)
{
    printf(" total=%.4f cpu=%.4f rss_mb=%.1f\n", all->wall, all->cpu, bench_peak_mb());
}

static void print_counts(int64_t matched, int64_t squares)
{
    printf(" answer=%" PRId64 "/%" PRId64, matched, squares);
}

static void count_points(const bench_job *job)
{
    rm_error err;
    int64_t matched = 0, squares = 0;
    bench_clock start = bench_start();
    rm_layer *areas = read_layer(job, "areas", NULL);
    bench_clock areas_read = bench_since(start);
    rm_layer *points = read_layer(job, "points", NULL);
    bench_clock all_read = bench_since(start);
    int64_t *counts = room(rm_layer_feature_count(areas), sizeof *counts);
    must(rm_count_in_areas(counts, areas, points, &job->overlay, &err), "count", &err);
    bench_clock all = bench_since(start);
    for (int64_t a = 0; a < rm_layer_feature_count(areas); a++) {
        matched += counts[a];
        squares += counts[a] * counts[a];
    }
    printf("read_areas=%.4f read_evidence=%.4f kernel=%.4f", areas_read.wall,
           all_read.wall - areas_read.wall, all.wall - all_read.wall);
    print_counts(matched, squares);
    print_end(&all);
    free(counts);
    rm_layer_free(points);
    rm_layer_free(areas);
}

static void list_counts(const bench_job *job)
{
    char path[4096];
    rm_error err;
    rm_layer *areas = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    const char *const columns[] = {"aid"};
    options.columns = columns;
    options.column_count = 1;
    snprintf(path, sizeof path, "%s/areas.gpkg", job->data);
    must(rm_layer_read(&areas, path, &options, &err), path, &err);
    rm_layer *points = read_layer(job, "points", NULL);
    int64_t *counts = room(rm_layer_feature_count(areas), sizeof *counts);
    must(rm_count_in_areas(counts, areas, points, &job->overlay, &err), "count", &err);
    for (int64_t a = 0; a < rm_layer_feature_count(areas); a++)
        printf("%.0f:%" PRId64 ",", rm_layer_number(areas, a, 0), counts[a]);
    free(counts);
    rm_layer_free(points);
    rm_layer_free(areas);
}

static const char *const MODEL =
    "{\"riskmap\": 1, \"name\": \"kernels\", \"purpose\": \"benchmark\", \"legal_basis\": \"none: "
    "made-up data\","
    " \"retain_until\": \"2030-12-31\", \"crs\": \"EPSG:28992\","
    " \"layers\": {"
    "  \"areas\": {\"source\": \"areas.gpkg\", \"classification\": \"open\"},"
    "  \"points\": {\"source\": \"points.gpkg\", \"classification\": \"open\"}},"
    " \"areas\": {\"layer\": \"areas\"},"
    " \"indicators\": [{\"name\": \"points\", \"pillar\": \"signals\", \"measure\": \"count\", "
    "\"of\": \"points\","
    "  \"scale\": \"minmax\", \"weight\": 1, \"direction\": \"+\", \"label\": \"Punten\", \"why\": "
    "\"benchmark\"}],"
    " \"score\": {\"aggregate\": \"linear\", \"missing\": \"reweight\", \"min_coverage\": 0.6,"
    "  \"classes\": [0.2, 0.4, 0.6, 0.8]},"
    " \"version\": \"1\", \"decided_by\": \"nobody\", \"decided_on\": \"2026-01-01\"}";

/* The same answer by the road of rm_run: the points stream past the areas and are never all there;
 * the areas are also checked for overlap, scored and ranked. */
static void stream_points(const bench_job *job)
{
    char base[4096];
    rm_error err;
    rm_model *model = NULL;
    rm_result *result = NULL;
    int64_t matched = 0, squares = 0;
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    options.threads = job->threads;
    options.as_of = 20000;
    snprintf(base, sizeof base, "%s/model.json", job->data);
    bench_clock start = bench_start();
    must(rm_model_parse(&model, MODEL, base, &err), "model", &err);
    must(rm_run(&result, model, &options, &err), "run", &err);
    bench_clock all = bench_since(start);
    for (int64_t a = 0; a < rm_result_area_count(result); a++) {
        rm_contribution part;
        must(rm_result_contribution(result, a, 0, &part, &err), "contribution", &err);
        matched += part.features;
        squares += part.features * part.features;
    }
    print_counts(matched, squares);
    print_end(&all);
    rm_result_free(result);
    rm_model_free(model);
}

static void overlay_buildings(const bench_job *job)
{
    rm_error err;
    double sum = 0.0;
    bench_clock start = bench_start();
    rm_layer *areas = read_layer(job, "areas", NULL);
    bench_clock areas_read = bench_since(start);
    rm_layer *buildings = read_layer(job, "buildings", NULL);
    bench_clock all_read = bench_since(start);
    double *m2 = room(rm_layer_feature_count(areas), sizeof *m2);
    must(rm_cover_of_areas(m2, areas, buildings, 1, &job->overlay, &err), "overlay", &err);
    bench_clock all = bench_since(start);
    for (int64_t a = 0; a < rm_layer_feature_count(areas); a++)
        sum += m2[a];
    printf("read_areas=%.4f read_evidence=%.4f kernel=%.4f answer=%.6f", areas_read.wall,
           all_read.wall - areas_read.wall, all.wall - all_read.wall, sum);
    print_end(&all);
    free(m2);
    rm_layer_free(buildings);
    rm_layer_free(areas);
}

static void nearest_building(const bench_job *job)
{
    rm_error err;
    double sum = 0.0;
    bench_clock start = bench_start();
    rm_layer *points = read_layer(job, "points", "pid < 100000");
    bench_clock points_read = bench_since(start);
    rm_layer *buildings = read_layer(job, "buildings", NULL);
    bench_clock all_read = bench_since(start);
    double *metres = room(rm_layer_feature_count(points), sizeof *metres);
    must(rm_nearest_to_areas(metres, points, buildings, &job->overlay, &err), "nearest", &err);
    bench_clock all = bench_since(start);
    for (int64_t p = 0; p < rm_layer_feature_count(points); p++)
        sum += metres[p];
    printf("read_areas=%.4f read_evidence=%.4f kernel=%.4f answer=%.6f", points_read.wall,
           all_read.wall - points_read.wall, all.wall - all_read.wall, sum);
    print_end(&all);
    free(metres);
    rm_layer_free(buildings);
    rm_layer_free(points);
}

int main(int count, char **word)
{
    static const struct {
        const char *name;
        void (*run)(const bench_job *job);
    } jobs[] = {{"count", count_points},
                {"stream", stream_points},
                {"overlay", overlay_buildings},
                {"nearest", nearest_building},
                {"list", list_counts}};
    for (size_t j = 0; count == 4 && j < sizeof jobs / sizeof *jobs; j++)
        if (strcmp(word[1], jobs[j].name) == 0) {
            bench_job job = {word[2], atoi(word[3]), RM_OVERLAY_OPTIONS_INIT};
            job.overlay.threads = job.threads;
            if (jobs[j].run != list_counts)
                printf("job=%s threads=%s ", word[1], word[3]);
            jobs[j].run(&job);
            return 0;
        }
    fprintf(stderr, "use: kernels count|stream|overlay|nearest|list DATADIR THREADS\n");
    return 2;
}
