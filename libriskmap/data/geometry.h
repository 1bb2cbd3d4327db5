/* Geometry of many features in flat arrays: a feature is a run of parts, a part a run of rings, a
 * ring (or line, or point) a run of coordinates. Points and lines have one ring a part. */
#ifndef RM_DATA_GEOMETRY_H
#define RM_DATA_GEOMETRY_H

#include "base/memory.h"
#include "data/issue.h"

typedef enum rm_kind { RM_KIND_NONE, RM_KIND_POINT, RM_KIND_LINE, RM_KIND_POLYGON } rm_kind;

/* Feature f has parts feature_part[f] .. feature_part[f+1]-1; part p has rings part_ring[p] ..;
 * ring r has coordinates ring_point[r] .. . The first ring of a polygon part is its shell. Rings
 * are closed: the last coordinate repeats the first. Orientation means nothing. Empty runs occur
 * only for RM_KIND_NONE. Start with {0}. */
typedef struct rm_geometry {
    int64_t features, parts, rings, points;
    uint8_t *kind;         /* [features] rm_kind */
    int32_t *feature_part; /* [features + 1], NULL while features == 0 */
    int32_t *part_ring;    /* [parts + 1] */
    int32_t *ring_point;   /* [rings + 1] */
    double *x, *y;         /* [points] */
    int64_t features_capacity, parts_capacity, rings_capacity, points_capacity;
    uint8_t open_kind; /* what the last feature becomes with its first part */
    bool not_points;   /* a part was added that makes its feature no single point */
} rm_geometry;

typedef struct rm_box {
    double xmin, ymin, xmax, ymax; /* xmin > xmax: empty */
} rm_box;

/* fmin and fmax without their care for NaN, which is a call and keeps loops
 * from being vectorised. */
static inline double rm_min(double a, double b)
{
    return a < b ? a : b;
}

static inline double rm_max(double a, double b)
{
    return a > b ? a : b;
}

#define RM_BOX_EMPTY                                                                               \
    (rm_box)                                                                                       \
    {                                                                                              \
        1.0, 1.0, 0.0, 0.0                                                                         \
    }

static inline bool rm_box_is_empty(rm_box box)
{
    return !(box.xmin <= box.xmax && box.ymin <= box.ymax);
}

static inline bool rm_box_touches(rm_box a, rm_box b)
{
    return a.xmin <= b.xmax && b.xmin <= a.xmax && a.ymin <= b.ymax && b.ymin <= a.ymax;
}

/* True when feature i is coordinate i: every feature was added as a single point. Such a geometry
 * can be read as plain arrays x[features], y[features]. A feature turned into RM_KIND_NONE in place
 * keeps its coordinate, so look at kind[] where that may have happened. */
static inline bool rm_geometry_is_points(const rm_geometry *geometry)
{
    return !geometry->not_points && geometry->points == geometry->features;
}

/* Building: open a feature, add its parts and the rings of each in order. A feature without parts
 * is RM_KIND_NONE whatever was asked for. More than INT32_MAX parts, rings or points is RM_ELIMIT.
 */

/* Makes room for this many more features (of one part and ring each) and points in all. */
rm_status rm_geometry_reserve(rm_geometry *geometry, int64_t features, int64_t points,
                              rm_error *err);
rm_status rm_geometry_add_feature(rm_geometry *geometry, rm_kind kind, rm_error *err);
rm_status rm_geometry_add_part(rm_geometry *geometry, rm_error *err);
rm_status rm_geometry_add_ring(rm_geometry *geometry, const double *x, const double *y,
                               int64_t count, rm_error *err);
/* Adds a ring of `count` coordinates that the caller writes next: the last `count` of x and y. */
rm_status rm_geometry_open_ring(rm_geometry *geometry, int64_t count, rm_error *err);
/* A whole feature: one single point. */
rm_status rm_geometry_add_point(rm_geometry *geometry, double x, double y, rm_error *err);
/* Copies feature `feature` of another geometry, or of this one. */
rm_status rm_geometry_add_copy(rm_geometry *geometry, const rm_geometry *from, int64_t feature,
                               rm_error *err);
/* Copies all features of another geometry. */
rm_status rm_geometry_add_all(rm_geometry *geometry, const rm_geometry *from, rm_error *err);
/* Copies all features of several others, in their order. */
rm_status rm_geometry_add_many(rm_geometry *geometry, const rm_geometry *const *from, int64_t count,
                               int threads, rm_error *err);

/* Appends one feature from WKB (ISO or EWKB, either byte order, Z and M left aside). What came of
 * it is *verdict: RM_ISSUE_CODES when all is well, otherwise the issue (no geometry, malformed, not
 * finite, mixed collection), and the feature is then RM_KIND_NONE. Curves give *curve = true and
 * nothing is appended: the caller strokes them and comes again. Rings are taken as they are, open
 * ones too. The status is for memory and size alone. */
rm_status rm_geometry_add_wkb(rm_geometry *geometry, const uint8_t *wkb, int64_t size,
                              rm_issue_code *verdict, bool *curve, rm_error *err);
/* Little-endian ISO WKB of one feature: Multi* when it has several parts (always Multi with
 * multi = true); an empty MultiPolygon for RM_KIND_NONE. Returns the size; writes when out != NULL.
 */
int64_t rm_geometry_wkb(const rm_geometry *geometry, int64_t feature, bool multi, uint8_t *out);

/* Closes what is open by at most 1 mm, checks that lines have 2 points and rings 4. The features
 * that fail become RM_KIND_NONE in place (their coordinates stay, unused); each finding is an issue
 * with ids[feature] as its feature. */
rm_status rm_geometry_close_rings(rm_geometry *geometry, const int64_t *ids, rm_issues *issues,
                                  rm_error *err);

rm_box rm_geometry_box(const rm_geometry *geometry, int64_t feature); /* empty for RM_KIND_NONE */
rm_box rm_geometry_extent(const rm_geometry *geometry);
/* Area of a polygon feature in square units of the CRS (shells less holes, orientation ignored),
 * computed around a local origin; 0 for other kinds. */
double rm_geometry_area(const rm_geometry *geometry, int64_t feature);

void rm_geometry_reset(rm_geometry *geometry); /* empties, keeps the memory */
void rm_geometry_clear(rm_geometry *geometry); /* empties and frees */

#endif
