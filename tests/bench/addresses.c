/* Reports placed by address, reading of both files included. Not through the public API, which
 * gives counts in areas and no points: links the static libraries.
 * use: addresses ADDRESSES REPORTS THREADS [ANSWERS PLACES]
 * With the last two, untimed: ANSWERS gets a line "row,verdict,x,y" for every report, PLACES a line
 * "row,x,y" for every address, for the peer to compare with. Prints one line of key=value pairs. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include "base/parallel.h"
#include "io/open.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct bench_lane {
    rm_rows rows;
    int64_t placed;
    double sum;
} bench_lane;

typedef struct bench_job {
    rm_source *source;
    bench_lane *lanes;
} bench_job;

static void must(rm_status status, const char *what, const rm_error *err)
{
    if (status != RM_OK)
        bench_fail(what, err->message);
}

static rm_status drain(void *context, int worker, rm_error *err)
{
    bench_job *job = context;
    bench_lane *lane = &job->lanes[worker];
    for (;;) {
        RM_TRY(job->source->next(job->source, worker, &lane->rows, err));
        const rm_geometry *g = &lane->rows.geometry;
        if (lane->rows.table.rows == 0)
            return RM_OK;
        for (int64_t i = 0; i < g->features; i++) {
            if (g->kind[i] == RM_KIND_NONE)
                continue;
            int64_t at = g->ring_point[g->part_ring[g->feature_part[i]]];
            lane->placed++;
            lane->sum += g->x[at] + g->y[at];
        }
    }
}

static rm_source *open_reports(const char *addresses, const char *reports, int threads)
{
    rm_error err;
    rm_source *source = NULL;
    static const char *const columns[] = {"melding"};
    rm_request layer = {.source = addresses, .geometry = true};
    rm_request request = {.source = reports,
                          .geometry = true,
                          .columns = columns,
                          .column_count = 1,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = threads};
    must(rm_open(NULL, &request, &source, &err), "open", &err);
    return source;
}

static void time_it(const char *addresses, const char *reports, int threads)
{
    rm_error err;
    bench_clock start = bench_start();
    bench_job job = {open_reports(addresses, reports, threads), NULL};
    bench_clock opened = bench_since(start);
    int64_t placed = 0;
    job.lanes = calloc((size_t)job.source->cursors, sizeof *job.lanes);
    must(rm_workers(job.source->cursors, drain, &job, &err), "read", &err);
    must(job.source->finish(job.source, &err), "finish", &err);
    bench_clock all = bench_since(start);
    const rm_provenance *p = &job.source->provenance;
    for (int w = 0; w < job.source->cursors; w++)
        placed += job.lanes[w].placed;
    printf("threads=%d index=%.4f place=%.4f reports=%" PRId64 " exact=%" PRId64 " number=%" PRId64
           " ambiguous=%" PRId64 " unknown=%" PRId64 " placed=%" PRId64
           " total=%.4f cpu=%.4f rss_mb=%.1f\n",
           threads, opened.wall, all.wall - opened.wall, p->total, p->address_exact,
           p->address_number, p->address_ambiguous, p->address_unknown, placed, all.wall, all.cpu,
           bench_peak_mb());
}

static rm_layer *collect(rm_source *source)
{
    rm_error err;
    rm_layer *layer = NULL;
    must(rm_source_collect(&layer, source, NULL, NULL, &err), "read", &err);
    rm_source_free(source);
    return layer;
}

static const char *verdict_of(int32_t code)
{
    switch (code) {
    case RM_ISSUE_ADDRESS_NUMBER:
        return "number";
    case RM_ISSUE_ADDRESS_AMBIGUOUS:
        return "ambiguous";
    case RM_ISSUE_ADDRESS_UNKNOWN:
        return "unknown";
    case RM_ISSUE_NO_ADDRESS:
        return "none";
    default:
        return NULL;
    }
}

static void write_rows(const rm_layer *layer, const char *path, const char **verdicts)
{
    const rm_geometry *g = &layer->rows.geometry;
    FILE *file = fopen(path, "w");
    if (!file)
        bench_fail(path, "cannot be written");
    fprintf(file, verdicts ? "row,verdict,x,y\n" : "row,x,y\n");
    for (int64_t i = 0; i < layer->rows.table.rows; i++) {
        rm_box box = rm_geometry_box(g, i);
        bool none = g->kind[i] == RM_KIND_NONE;
        int64_t row = layer->rows.ids[i];
        fprintf(file, "%" PRId64, row);
        if (verdicts)
            fprintf(file, ",%s", verdicts[row] ? verdicts[row] : "exact");
        if (none)
            fprintf(file, ",,\n");
        else
            fprintf(file, ",%.6f,%.6f\n", box.xmin, box.ymin);
    }
    fclose(file);
}

static void list_it(const char *addresses, const char *reports, const char *answers,
                    const char *places)
{
    rm_error err;
    rm_source *source = NULL;
    rm_request request = {
        .source = addresses, .geometry = true, .target_crs = "EPSG:28992", .threads = 1};
    must(rm_open(NULL, &request, &source, &err), "open", &err);
    rm_layer *layer = collect(source);
    write_rows(layer, places, NULL);
    rm_layer_free(layer);
    layer = collect(open_reports(addresses, reports, 2));
    const char **verdicts = calloc((size_t)layer->rows.table.rows + 1, sizeof *verdicts);
    for (int64_t i = 0; i < layer->rows.issues.count; i++) {
        const rm_issue *issue = &layer->rows.issues.items[i];
        if (issue->feature > 0 && verdict_of(issue->code))
            verdicts[issue->feature] = verdict_of(issue->code);
    }
    write_rows(layer, answers, verdicts);
    free(verdicts);
    rm_layer_free(layer);
}

int main(int count, char **word)
{
    if (count == 4)
        time_it(word[1], word[2], atoi(word[3]));
    else if (count == 6)
        list_it(word[1], word[2], word[4], word[5]);
    else
        bench_fail("use", "addresses ADDRESSES REPORTS THREADS [ANSWERS PLACES]");
    return 0;
}
