/* Which areas are neighbours, by GEOS alone: a tree of boxes, and the distance of every pair whose
 * boxes come near.
 * use: statistics_geos JOB AREAS.gpkg LINKS.txt
 * Writes each pair both ways, "from to" in the order of the features, and prints the seconds. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <gdal.h>
#include <geos_c.h>
#include <ogr_api.h>
#include <stdint.h>
#include <string.h>

static const double TOLERANCE = 0.001; /* metres, as riskmap has it by default */

typedef struct pairing {
    GEOSContextHandle_t geos;
    GEOSGeometry **area;
    const GEOSPreparedGeometry *ready;
    intptr_t from, count;
    long links;
    FILE *out;
} pairing;

static void read_areas(pairing *p, const char *path)
{
    GDALDatasetH file = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!file)
        bench_fail(path, "cannot be opened");
    OGRLayerH layer = GDALDatasetGetLayer(file, 0);
    p->area = calloc((size_t)OGR_L_GetFeatureCount(layer, 1), sizeof(GEOSGeometry *));
    unsigned char *bytes = NULL;
    size_t room = 0;
    GEOSWKBReader *reader = GEOSWKBReader_create_r(p->geos);
    for (OGRFeatureH feature; (feature = OGR_L_GetNextFeature(layer)) != NULL; p->count++) {
        OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
        size_t size = (size_t)OGR_G_WkbSize(geometry);
        if (size > room && !(bytes = realloc(bytes, room = 2 * size)))
            bench_fail(path, "no memory");
        OGR_G_ExportToWkb(geometry, wkbNDR, bytes);
        p->area[p->count] = GEOSWKBReader_read_r(p->geos, reader, bytes, size);
        OGR_F_Destroy(feature);
    }
    free(bytes);
    GEOSWKBReader_destroy_r(p->geos, reader);
    GDALClose(file);
}

static void meet(void *item, void *user)
{
    pairing *p = user;
    intptr_t to = (intptr_t)item;
    if (to > p->from &&
        GEOSPreparedDistanceWithin_r(p->geos, p->ready, p->area[to], TOLERANCE) == 1) {
        fprintf(p->out, "%ld %ld\n%ld %ld\n", (long)p->from, (long)to, (long)to, (long)p->from);
        p->links += 2;
    }
}

/* The box of an area, wider by the tolerance. */
static GEOSGeometry *around(const pairing *p, intptr_t a)
{
    double x0, y0, x1, y1;
    GEOSGeom_getExtent_r(p->geos, p->area[a], &x0, &y0, &x1, &y1);
    return GEOSGeom_createRectangle_r(p->geos, x0 - TOLERANCE, y0 - TOLERANCE, x1 + TOLERANCE,
                                      y1 + TOLERANCE);
}

int main(int count, char **word)
{
    if (count != 4)
        bench_fail("use", "statistics_geos JOB AREAS.gpkg LINKS.txt");
    GDALAllRegister();
    pairing p = {.geos = GEOS_init_r(), .out = fopen(word[3], "w")};
    bench_clock start = bench_start();
    if (!p.out)
        bench_fail(word[3], "cannot be opened");
    read_areas(&p, word[2]);
    bench_clock read = bench_since(start);
    start = bench_start();
    GEOSSTRtree *tree = GEOSSTRtree_create_r(p.geos, 10);
    for (intptr_t a = 0; a < p.count; a++)
        GEOSSTRtree_insert_r(p.geos, tree, p.area[a], (void *)a);
    for (p.from = 0; p.from < p.count; p.from++) {
        GEOSGeometry *box = around(&p, p.from);
        p.ready = GEOSPrepare_r(p.geos, p.area[p.from]);
        GEOSSTRtree_query_r(p.geos, tree, box, meet, &p);
        GEOSPreparedGeom_destroy_r(p.geos, p.ready);
        GEOSGeom_destroy_r(p.geos, box);
    }
    bench_clock kernel = bench_since(start);
    printf("job=%s threads=1 read=%.4f answer=%ld kernel=%.4f cpu=%.4f rss_mb=%.1f\n", word[1],
           read.wall, p.links, kernel.wall, kernel.cpu, bench_peak_mb());
    return fclose(p.out) != 0;
}
