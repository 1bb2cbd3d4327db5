/* Buffers through GEOS, a context per chunk so that nothing is shared between threads. */
#include "geo/overlay.h"

#include <geos_c.h>
#include <math.h>
#include <stdio.h>

enum { CHUNK = 64, QUADRANT_SEGMENTS = 64 };

typedef struct buffering {
    const rm_geometry *areas;
    double metres;
    rm_geometry *chunks; /* one result for each chunk, joined in order afterwards */
} buffering;

/* Keeps the last thing GEOS said. */
static void keep_message(const char *message, void *context)
{
    snprintf(context, 256, "%s", message);
}

static GEOSCoordSequence *make_sequence(GEOSContextHandle_t geos, const rm_geometry *geometry,
                                        int32_t ring)
{
    int32_t begin = geometry->ring_point[ring], count = geometry->ring_point[ring + 1] - begin;

    return GEOSCoordSeq_copyFromArrays_r(geos, geometry->x + begin, geometry->y + begin, NULL, NULL,
                                         (unsigned)count);
}

/* Takes the rings over, also when it fails. */
static GEOSGeometry *make_polygon(GEOSContextHandle_t geos, const rm_geometry *geometry,
                                  int32_t part, GEOSGeometry **rings)
{
    int32_t first = geometry->part_ring[part], count = geometry->part_ring[part + 1] - first;
    int32_t made = 0;

    for (; made < count; made++) {
        GEOSCoordSequence *sequence = make_sequence(geos, geometry, first + made);

        rings[made] = sequence ? GEOSGeom_createLinearRing_r(geos, sequence) : NULL;
        if (!rings[made])
            break;
    }
    if (made == count)
        return GEOSGeom_createPolygon_r(geos, rings[0], rings + 1, (unsigned)(count - 1));
    while (made > 0)
        GEOSGeom_destroy_r(geos, rings[--made]);
    return NULL;
}

/* One feature as GEOS sees it; *out is NULL when GEOS fails. */
static rm_status make_feature(GEOSGeometry **out, GEOSContextHandle_t geos,
                              const rm_geometry *geometry, int64_t feature, rm_error *err)
{
    int32_t first = geometry->feature_part[feature];
    int32_t parts = geometry->feature_part[feature + 1] - first, made = 0;
    int64_t rings = geometry->part_ring[first + parts] - geometry->part_ring[first];
    GEOSGeometry **polygons = NULL, **scratch = NULL;
    rm_status status = RM_NEW(&polygons, parts, err);

    if (status == RM_OK)
        status = RM_NEW(&scratch, rings, err);
    for (; status == RM_OK && made < parts; made++) {
        polygons[made] = make_polygon(geos, geometry, first + made, scratch);
        if (!polygons[made])
            break;
    }
    *out = NULL;
    if (status == RM_OK && made == parts)
        *out = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, polygons, (unsigned)parts);
    else
        while (made > 0)
            GEOSGeom_destroy_r(geos, polygons[--made]);
    rm_release(polygons);
    rm_release(scratch);
    return status;
}

static rm_status take_ring(rm_geometry *out, GEOSContextHandle_t geos, const GEOSGeometry *ring,
                           rm_error *err)
{
    const GEOSCoordSequence *sequence = GEOSGeom_getCoordSeq_r(geos, ring);
    unsigned count = 0;
    double *xy = NULL;

    if (!sequence || !GEOSCoordSeq_getSize_r(geos, sequence, &count))
        return rm_fail_memory(err);
    RM_TRY(RM_NEW(&xy, 2 * (int64_t)count, err));
    rm_status status = RM_OK;
    if (!GEOSCoordSeq_copyToArrays_r(geos, sequence, xy, xy + count, NULL, NULL))
        status = rm_fail_memory(err);
    else
        status = rm_geometry_add_ring(out, xy, xy + count, count, err);
    rm_release(xy);
    return status;
}

static rm_status take_buffer(rm_geometry *out, GEOSContextHandle_t geos, const GEOSGeometry *buffer,
                             rm_error *err)
{
    int parts = GEOSGetNumGeometries_r(geos, buffer);
    bool empty = GEOSisEmpty_r(geos, buffer) != 0;

    RM_TRY(rm_geometry_add_feature(out, empty ? RM_KIND_NONE : RM_KIND_POLYGON, err));
    for (int p = 0; p < parts && !empty; p++) {
        const GEOSGeometry *polygon = GEOSGetGeometryN_r(geos, buffer, p);
        int holes = GEOSGetNumInteriorRings_r(geos, polygon);

        RM_TRY(rm_geometry_add_part(out, err));
        RM_TRY(take_ring(out, geos, GEOSGetExteriorRing_r(geos, polygon), err));
        for (int h = 0; h < holes; h++)
            RM_TRY(take_ring(out, geos, GEOSGetInteriorRingN_r(geos, polygon, h), err));
    }
    return RM_OK;
}

/* A coordinate that is not finite would crash GEOS. */
static bool is_finite(const rm_geometry *geometry, int64_t feature)
{
    int32_t begin = geometry->part_ring[geometry->feature_part[feature]];
    int32_t end = geometry->part_ring[geometry->feature_part[feature + 1]];

    for (int32_t i = geometry->ring_point[begin]; i < geometry->ring_point[end]; i++)
        if (!isfinite(geometry->x[i]) || !isfinite(geometry->y[i]))
            return false;
    return true;
}

static rm_status buffer_feature(const buffering *b, GEOSContextHandle_t geos, int64_t feature,
                                const char *said, rm_geometry *out, rm_error *err)
{
    if (b->areas->kind[feature] != RM_KIND_POLYGON)
        return rm_geometry_add_feature(out, RM_KIND_NONE, err);
    if (!is_finite(b->areas, feature))
        return rm_fail_row(err, RM_EDATA, feature,
                           "area %lld has a coordinate that is not finite; leave it out",
                           (long long)feature);

    GEOSGeometry *polygon, *buffer = NULL;
    RM_TRY(make_feature(&polygon, geos, b->areas, feature, err));
    if (polygon)
        buffer = GEOSBufferWithStyle_r(geos, polygon, b->metres, QUADRANT_SEGMENTS,
                                       GEOSBUF_CAP_ROUND, GEOSBUF_JOIN_ROUND, 5.0);
    rm_status status =
        buffer ? take_buffer(out, geos, buffer, err)
               : rm_fail_row(err, RM_EDATA, feature, "area %lld cannot be buffered: %s",
                             (long long)feature, *said ? said : "GEOS does not say why");
    if (buffer)
        GEOSGeom_destroy_r(geos, buffer);
    if (polygon)
        GEOSGeom_destroy_r(geos, polygon);
    return status;
}

static rm_status buffer_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    buffering *b = context;
    char said[256] = "";
    rm_status status = RM_OK;
    GEOSContextHandle_t geos = GEOS_init_r();

    (void)worker;
    if (!geos)
        return rm_fail_memory(err);
    GEOSContext_setErrorMessageHandler_r(geos, keep_message, said);
    for (int64_t f = begin; f < end && status == RM_OK; f++)
        status = buffer_feature(b, geos, f, said, &b->chunks[begin / CHUNK], err);
    GEOS_finish_r(geos);
    return status;
}

rm_status rm_buffer(rm_geometry *out, const rm_geometry *areas, double metres, int threads,
                    rm_error *err)
{
    int64_t chunk_count = (areas->features + CHUNK - 1) / CHUNK;
    buffering b = {.areas = areas, .metres = metres};
    rm_geometry joined = {0};
    rm_status status;

    if (!isfinite(metres))
        return rm_fail(err, RM_EINVAL, "a buffer needs a finite number of metres");
    RM_TRY(RM_NEW_ZERO(&b.chunks, chunk_count, err));
    status = rm_parallel(areas->features, CHUNK, threads, buffer_chunk, &b, NULL, NULL, err);
    for (int64_t c = 0; c < chunk_count; c++) {
        for (int64_t f = 0; f < b.chunks[c].features && status == RM_OK; f++)
            status = rm_geometry_add_copy(&joined, &b.chunks[c], f, err);
        rm_geometry_clear(&b.chunks[c]);
    }
    rm_release(b.chunks);
    if (status != RM_OK) {
        rm_geometry_clear(&joined);
        return status;
    }
    rm_geometry_clear(out);
    *out = joined;
    return RM_OK;
}
