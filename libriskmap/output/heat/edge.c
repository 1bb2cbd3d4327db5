#include "output/heat/edge.h"

#include "geo/overlay.h"

/* Slivers of up to this, in square metres, are no overlap. */
static const double SLIVER = 1.0;

static rm_status refuse(void *context, int worker, int32_t a, int32_t b, double m2, rm_error *err)
{
    const rm_rows *rows = context;
    (void)worker;
    return rm_fail(err, RM_EINVAL,
                   "features %lld and %lld of the study area overlap, over %.0f m2, so what falls "
                   "outside it is not defined; merge the polygons first, or name one of them",
                   (long long)rows->ids[a], (long long)rows->ids[b], m2);
}

rm_status rm_heat_edge_make(rm_heat_edge *out, const rm_heat_area *area, double reach, int threads,
                            rm_progress *progress, rm_error *err)
{
    const rm_geometry *geometry = &area->layer->rows.geometry;
    rm_heat_edge made = {0};
    RM_TRY(rm_overlay_self(area->join, SLIVER, threads, refuse, &area->layer->rows, progress, err));
    RM_TRY(RM_NEW(&made.start, geometry->rings + 1, err));
    for (int64_t r = 0; r <= geometry->rings; r++)
        made.start[r] = geometry->ring_point[r];
    rm_edge_rings rings = {geometry->x, geometry->y, made.start, geometry->rings};
    rm_status status = rm_edge_new(&made.edge, &rings, reach, progress, err);
    if (status == RM_OK)
        *out = made;
    else
        rm_heat_edge_clear(&made);
    return status;
}

void rm_heat_edge_clear(rm_heat_edge *edge)
{
    rm_edge_free(edge->edge);
    rm_release(edge->start);
    *edge = (rm_heat_edge){0};
}
