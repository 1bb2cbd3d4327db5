/* A model on the province data, from reading to scores, through the public API alone.
 * use: province MODEL DATADIR THREADS [RESULT.gpkg] [LAYER=SOURCE ...]
 * Every source of the model is taken from DATADIR by the name of its file; LAYER=SOURCE takes one
 * from elsewhere. Writing is timed apart, and the peak RSS is taken before it and after it. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <riskmap/riskmap.h>

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

enum { AS_OF = 20757, LAYERS = 32 }; /* 2026-10-31, the last day of the reports */

typedef struct bench_sources {
    const char *name[LAYERS];
    const char *source[LAYERS];
    int32_t count;
} bench_sources;

static void must(rm_status status, const char *what, const rm_error *err)
{
    if (status != RM_OK)
        bench_fail(what, err->message);
}

/* The model with its sources beside DATADIR/model.json: what stands before a file's name goes. */
static char *model_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    static const char *const folder = "../data/";
    char *text = calloc(1, 1 << 20), *at;
    if (!file || !text || fread(text, 1, (1 << 20) - 1, file) == 0)
        bench_fail(path, "cannot be read");
    fclose(file);
    while ((at = strstr(text, folder)))
        memmove(at, at + strlen(folder), strlen(at + strlen(folder)) + 1);
    return text;
}

static void take_sources(bench_sources *sources, int count, char **word)
{
    for (int w = 0; w < count && sources->count < LAYERS; w++) {
        char *sign = strchr(word[w], '=');
        if (!sign)
            bench_fail(word[w], "LAYER=SOURCE is wanted");
        *sign = '\0';
        sources->name[sources->count] = word[w];
        sources->source[sources->count++] = sign + 1;
    }
}

static void print_result(const rm_result *result)
{
    rm_error err;
    double score = 0.0;
    for (int64_t a = 0; a < rm_result_area_count(result); a++) {
        rm_area area;
        must(rm_result_area(result, a, &area, &err), "area", &err);
        score += area.rank > 0 ? area.score : 0.0;
    }
    printf(" areas=%" PRId64 " ranked=%" PRId64 " issues=%" PRId64 " scores=%.9f",
           rm_result_area_count(result), rm_result_ranked_count(result),
           rm_result_issue_count(result), score);
}

int main(int count, char **word)
{
    char base[4096];
    rm_error err;
    rm_model *model = NULL;
    rm_result *result = NULL;
    bench_sources sources = {.count = 0};
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    rm_write_options writing = RM_WRITE_OPTIONS_INIT;
    if (count < 4) {
        fprintf(stderr, "use: province MODEL DATADIR THREADS [RESULT.gpkg] [LAYER=SOURCE ...]\n");
        return 2;
    }
    bool write = count > 4 && !strchr(word[4], '=');
    take_sources(&sources, count - 4 - write, word + 4 + write);
    char *text = model_text(word[1]);
    snprintf(base, sizeof base, "%s/model.json", word[2]);
    options.threads = atoi(word[3]);
    options.as_of = AS_OF;
    options.override_count = sources.count;
    options.override_names = sources.name;
    options.override_sources = sources.source;
    bench_clock start = bench_start();
    must(rm_model_parse(&model, text, base, &err), word[1], &err);
    must(rm_run(&result, model, &options, &err), "run", &err);
    bench_clock run = bench_since(start);
    double peak = bench_peak_mb();
    printf("threads=%s total=%.4f cpu=%.4f rss_mb=%.1f", word[3], run.wall, run.cpu, peak);
    if (write) {
        writing.overwrite = 1;
        bench_clock begin = bench_start();
        must(rm_result_write(result, word[4], &writing, &err), word[4], &err);
        bench_clock written = bench_since(begin);
        printf(" write=%.4f write_cpu=%.4f write_rss_mb=%.1f", written.wall, written.cpu,
               bench_peak_mb());
    }
    print_result(result);
    printf("\n");
    rm_result_free(result);
    rm_model_free(model);
    free(text);
    return 0;
}
