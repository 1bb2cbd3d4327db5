/* Feeds bytes to the WKB reader behind a feature that must survive, checks what every geometry
 * promises, writes the new feature and reads it again. Links libriskmap_data.a and
 * libriskmap_base.a; start it with corpus/wkb and -max_len=4096. */
#include "data/geometry.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void check_runs(const int32_t *offsets, int64_t runs, int64_t total)
{
    if (runs == 0)
        return;
    need(offsets[0] == 0 && offsets[runs] == total);
    for (int64_t i = 0; i < runs; i++)
        need(offsets[i] <= offsets[i + 1]);
}

static void check_geometry(const rm_geometry *g)
{
    check_runs(g->feature_part, g->features, g->parts);
    check_runs(g->part_ring, g->parts, g->rings);
    check_runs(g->ring_point, g->rings, g->points);
    for (int64_t i = 0; i < g->features; i++)
        need((g->kind[i] == RM_KIND_NONE) == (g->feature_part[i] == g->feature_part[i + 1]));
    for (int64_t i = 0; i < g->points; i++)
        need(g->x[i] - g->x[i] == 0.0 && g->y[i] - g->y[i] == 0.0);
    need(g->x[0] == 1.0 && g->y[0] == 2.0 && g->kind[0] == RM_KIND_POINT);
}

static void check_round_trip(rm_geometry *g, int64_t feature)
{
    rm_issue_code verdict;
    bool curve;
    int64_t size = rm_geometry_wkb(g, feature, false, NULL);
    uint8_t *wkb = malloc((size_t)size), *again = malloc((size_t)size);
    need(wkb && again && rm_geometry_wkb(g, feature, false, wkb) == size);
    need(rm_geometry_add_wkb(g, wkb, size, &verdict, &curve, NULL) == RM_OK && !curve);
    need(verdict == RM_ISSUE_CODES);
    need(rm_geometry_wkb(g, feature + 1, false, NULL) == size);
    rm_geometry_wkb(g, feature + 1, false, again);
    need(memcmp(wkb, again, (size_t)size) == 0);
    free(wkb);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rm_geometry g = {0};
    rm_issue_code verdict = RM_ISSUE_CODES;
    rm_issues issues = {0};
    bool curve = false;
    const int64_t ids[3] = {1, 2, 3};
    need(rm_geometry_add_point(&g, 1.0, 2.0, NULL) == RM_OK);
    need(rm_geometry_add_wkb(&g, data, (int64_t)size, &verdict, &curve, NULL) == RM_OK);
    need(g.features == (curve ? 1 : 2));
    check_geometry(&g);
    need(!curve || g.points == 1);
    if (!curve)
        need((verdict == RM_ISSUE_CODES) == (g.kind[1] != RM_KIND_NONE));
    if (!curve && verdict == RM_ISSUE_CODES) {
        check_round_trip(&g, 1);
        check_geometry(&g);
        (void)rm_geometry_area(&g, 1);
        need(!rm_box_is_empty(rm_geometry_box(&g, 1)));
    }
    need(rm_geometry_close_rings(&g, ids, &issues, NULL) == RM_OK);
    rm_issues_clear(&issues);
    rm_geometry_clear(&g);
    return 0;
}
