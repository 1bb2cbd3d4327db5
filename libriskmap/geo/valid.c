/* Repair through GEOS. It gets finite coordinates only, in a context of its own for each call. */
#include "geo/valid.h"

#include <geos_c.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What GEOS said last. It may hold coordinates, so nobody but us reads it. */
typedef struct notices {
    char last[256];
} notices;

typedef struct repair {
    GEOSContextHandle_t geos;
    notices said;
    GEOSWKBReader *reader;
    GEOSMakeValidParams *params;
    uint8_t *wkb;
    int64_t wkb_capacity;
    rm_geometry fixed; /* the repaired features, in order of their rows */
    int32_t *rows;
    int64_t rows_capacity;
} repair;

static void keep_message(const char *message, void *data)
{
    notices *said = data;

    snprintf(said->last, sizeof said->last, "%s", message);
}

static rm_status open_geos(repair *r, rm_error *err)
{
    if (r->geos != NULL)
        return RM_OK;
    r->geos = GEOS_init_r();
    if (r->geos == NULL)
        return rm_fail_memory(err);
    GEOSContext_setErrorMessageHandler_r(r->geos, keep_message, &r->said);
    GEOSContext_setNoticeMessageHandler_r(r->geos, keep_message, &r->said);
    r->reader = GEOSWKBReader_create_r(r->geos);
    r->params = GEOSMakeValidParams_create_r(r->geos);
    if (r->reader == NULL || r->params == NULL ||
        !GEOSMakeValidParams_setMethod_r(r->geos, r->params, GEOS_MAKE_VALID_STRUCTURE) ||
        !GEOSMakeValidParams_setKeepCollapsed_r(r->geos, r->params, 0))
        return rm_fail_memory(err);
    return RM_OK;
}

static void close_geos(repair *r)
{
    if (r->reader != NULL)
        GEOSWKBReader_destroy_r(r->geos, r->reader);
    if (r->params != NULL)
        GEOSMakeValidParams_destroy_r(r->geos, r->params);
    if (r->geos != NULL)
        GEOS_finish_r(r->geos);
    rm_release(r->wkb);
    rm_release(r->rows);
    rm_geometry_clear(&r->fixed);
}

static bool feature_is_finite(const rm_geometry *g, int64_t feature)
{
    int32_t first = g->ring_point[g->part_ring[g->feature_part[feature]]];
    int32_t last = g->ring_point[g->part_ring[g->feature_part[feature + 1]]];

    for (int32_t i = first; i < last; i++) {
        if (!isfinite(g->x[i]) || !isfinite(g->y[i]))
            return false;
    }
    return true;
}

static rm_status to_geos(repair *r, const rm_geometry *g, int64_t feature, GEOSGeometry **out,
                         rm_error *err)
{
    int64_t size = rm_geometry_wkb(g, feature, true, NULL);

    RM_TRY(RM_GROW(&r->wkb, &r->wkb_capacity, size, err));
    rm_geometry_wkb(g, feature, true, r->wkb);
    *out = GEOSWKBReader_read_r(r->geos, r->reader, r->wkb, (size_t)size);
    return RM_OK;
}

/* GEOS reports running out of memory as any other fault, in words alone. */
static bool geos_lacks_memory(const repair *r)
{
    return strstr(r->said.last, "bad_alloc") != NULL;
}

static rm_status add_ring(repair *r, const GEOSGeometry *ring, rm_error *err)
{
    const GEOSCoordSequence *sequence = GEOSGeom_getCoordSeq_r(r->geos, ring);
    unsigned count = 0;

    GEOSCoordSeq_getSize_r(r->geos, sequence, &count);
    RM_TRY(rm_geometry_open_ring(&r->fixed, count, err));
    int64_t begin = r->fixed.points - count;
    if (!GEOSCoordSeq_copyToArrays_r(r->geos, sequence, r->fixed.x + begin, r->fixed.y + begin,
                                     NULL, NULL))
        return rm_fail(err, RM_EDATA, "GEOS gave no coordinates for a ring that it repaired");
    return RM_OK;
}

/* Adds the polygons of a geometry to the open feature; lines and points fall out. */
static rm_status add_polygons(repair *r, const GEOSGeometry *from, rm_error *err)
{
    int type = GEOSGeomTypeId_r(r->geos, from);

    if (type == GEOS_MULTIPOLYGON || type == GEOS_GEOMETRYCOLLECTION) {
        int parts = GEOSGetNumGeometries_r(r->geos, from);

        for (int i = 0; i < parts; i++)
            RM_TRY(add_polygons(r, GEOSGetGeometryN_r(r->geos, from, i), err));
        return RM_OK;
    }
    if (type != GEOS_POLYGON || GEOSisEmpty_r(r->geos, from) != 0)
        return RM_OK;
    RM_TRY(rm_geometry_add_part(&r->fixed, err));
    RM_TRY(add_ring(r, GEOSGetExteriorRing_r(r->geos, from), err));
    int holes = GEOSGetNumInteriorRings_r(r->geos, from);
    for (int i = 0; i < holes; i++)
        RM_TRY(add_ring(r, GEOSGetInteriorRingN_r(r->geos, from, i), err));
    return RM_OK;
}

/* Puts the repaired polygons, or no geometry at all, in the place of feature `row`. */
static rm_status replace(repair *r, rm_rows *rows, int64_t row, const GEOSGeometry *with,
                         const char *reason, rm_error *err)
{
    int64_t id = rows->ids != NULL ? rows->ids[row] : -1, at = r->fixed.features;
    double before = rm_geometry_area(&rows->geometry, row);

    RM_TRY(RM_GROW(&r->rows, &r->rows_capacity, at + 1, err));
    r->rows[at] = (int32_t)row;
    RM_TRY(rm_geometry_add_feature(&r->fixed, RM_KIND_POLYGON, err));
    if (with != NULL)
        RM_TRY(add_polygons(r, with, err));
    if (r->fixed.kind[at] == RM_KIND_NONE)
        return rm_issues_add(&rows->issues, RM_ISSUE_NOT_REPAIRABLE, id, before, 0.0, reason, err);
    return rm_issues_add(&rows->issues, RM_ISSUE_REPAIRED, id, before,
                         rm_geometry_area(&r->fixed, at), reason, err);
}

/* Lets GEOS decide on a feature, and repair it when it is invalid. */
static rm_status judge(repair *r, rm_rows *rows, int64_t row, rm_error *err)
{
    rm_status status = RM_OK;
    GEOSGeometry *geometry = NULL, *fixed = NULL, *place = NULL;
    char *reason = NULL;

    if (!feature_is_finite(&rows->geometry, row))
        return replace(r, rows, row, NULL, "a coordinate is not finite", err);
    RM_TRY(open_geos(r, err));
    r->said.last[0] = '\0';
    RM_TRY(to_geos(r, &rows->geometry, row, &geometry, err));
    if (geometry != NULL) {
        if (GEOSisValidDetail_r(r->geos, geometry, 0, &reason, &place) == 1)
            goto cleanup;
        fixed = GEOSMakeValidWithParams_r(r->geos, geometry, r->params);
    }
    if (fixed == NULL && geos_lacks_memory(r))
        status = rm_fail_memory(err);
    else
        status =
            replace(r, rows, row, fixed, reason != NULL ? reason : "GEOS cannot build it", err);
cleanup:
    GEOSGeom_destroy_r(r->geos, geometry);
    GEOSGeom_destroy_r(r->geos, fixed);
    GEOSGeom_destroy_r(r->geos, place);
    GEOSFree_r(r->geos, reason);
    return status;
}

/* The geometry with the repaired features in their places. */
static rm_status put_back(const repair *r, rm_rows *rows, rm_error *err)
{
    const rm_geometry *old = &rows->geometry;
    rm_geometry renewed = {0};
    rm_status status = rm_geometry_reserve(&renewed, old->features, old->points, err);
    int64_t next = 0;

    for (int64_t row = 0; row < old->features && status == RM_OK; row++) {
        if (next < r->fixed.features && r->rows[next] == row)
            status = rm_geometry_add_copy(&renewed, &r->fixed, next++, err);
        else
            status = rm_geometry_add_copy(&renewed, old, row, err);
    }
    if (status != RM_OK) {
        rm_geometry_clear(&renewed);
        return status;
    }
    rm_geometry_clear(&rows->geometry);
    rows->geometry = renewed;
    return RM_OK;
}

static rm_status look_at(repair *r, rm_rows *rows, int64_t row, rm_looking *looking, rm_error *err)
{
    const rm_geometry *g = &rows->geometry;

    if (g->kind[row] != RM_KIND_POLYGON)
        return RM_OK;
    bool valid = rm_polygon_surely_valid(g, row, looking);
    if (!valid && looking->status == RM_OK) {
        RM_TRY(judge(r, rows, row, err));
        rm_looking_stops(looking, INT32_MAX); /* which may have taken long */
    }
    return looking->status;
}

rm_status rm_rows_make_valid(rm_rows *rows, rm_progress *progress, int worker, rm_error *err)
{
    rm_looking looking = {progress, worker, 0, RM_OK, err};
    rm_status status = RM_OK;
    repair r = {0};

    for (int64_t row = 0; row < rows->geometry.features && status == RM_OK; row++)
        status = look_at(&r, rows, row, &looking, err);
    if (status == RM_OK && r.fixed.features > 0)
        status = put_back(&r, rows, err);
    close_geos(&r);
    return status;
}

rm_status rm_rows_clean(rm_rows *rows, rm_progress *progress, int worker, rm_error *err)
{
    RM_TRY(rm_geometry_close_rings(&rows->geometry, rows->ids, &rows->issues, err));
    return rm_rows_make_valid(rows, progress, worker, err);
}
