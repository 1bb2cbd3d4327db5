/* Circular arcs as short straight pieces. The pieces lie on a circle a little larger than that of
 * the arc, so that they enclose exactly its area: a chord alone loses the same share of a segment
 * however small the segment is, up to all of it. */
#include "io/gdal/env.h"
#include "io/reader.h"

#include <cpl_conv.h>
#include <math.h>
#include <ogr_api.h>

/* Of an arc with a radius of 100 m the pieces stay within 4 mm. */
static const double step_radians = 3.14159265358979323846 / 180.0;

/* A growing line, x and y in turn. */
typedef struct path {
    double *xy;
    int64_t count, capacity;
    rm_error *err;
    rm_status status;
} path;

static void add_point(path *line, double x, double y)
{
    if (line->status == RM_OK)
        line->status = RM_GROW(&line->xy, &line->capacity, 2 * (line->count + 1), line->err);
    if (line->status != RM_OK)
        return;
    line->xy[2 * line->count] = x;
    line->xy[2 * line->count + 1] = y;
    line->count++;
}

typedef struct arc {
    double cx, cy, radius; /* the centre as seen from the first point */
    double start, sweep;
} arc;

/* The circle through the origin, a and b. False: they lie on a line. */
static bool find_arc(arc *out, double ax, double ay, double bx, double by)
{
    const double turn = 2.0 * 3.14159265358979323846;
    double aa = ax * ax + ay * ay, bb = bx * bx + by * by, cross = ax * by - ay * bx;
    if (!isfinite(aa) || !isfinite(bb))
        return false;
    if (bb == 0.0) { /* the ends are one: a whole circle, with a across */
        *out = (arc){ax / 2, ay / 2, sqrt(aa) / 2, atan2(-ay, -ax), turn};
        return aa > 0.0;
    }
    if (fabs(cross) <= 1e-9 * sqrt(bb) * sqrt(fmax(aa, bb)))
        return false;
    double cx = (by * aa - ay * bb) / (2 * cross), cy = (ax * bb - bx * aa) / (2 * cross);
    double start = atan2(-cy, -cx), sweep = atan2(by - cy, bx - cx) - start;
    if (cross > 0 && sweep <= 0)
        sweep += turn;
    if (cross < 0 && sweep >= 0)
        sweep -= turn;
    *out = (arc){cx, cy, hypot(cx, cy), start, sweep};
    return true;
}

/* How much larger the circle of the points between the ends is, of an arc of n pieces. The n
 * triangles to the centre must together be as large as the sector: with f for the factor and t for
 * the angle of a piece, (2f + (n-2)f^2) sin t = n t. */
static double swell(int n, double t)
{
    double wanted = n * t / sin(t);
    return n == 2 ? wanted / 2 : (sqrt(1.0 + (n - 2) * wanted) - 1.0) / (n - 2);
}

/* Adds what comes behind the first point. Both directions of an arc give the same points, so that
 * neighbours still fit. */
static void add_arc(path *line, const double first[2], const double middle[2], const double last[2])
{
    bool forward = first[0] < last[0] || (first[0] == last[0] && first[1] <= last[1]);
    const double *from = forward ? first : last, *to = forward ? last : first;
    arc a;
    if (!find_arc(&a, middle[0] - from[0], middle[1] - from[1], to[0] - from[0], to[1] - from[1])) {
        add_point(line, middle[0], middle[1]);
        add_point(line, last[0], last[1]);
        return;
    }
    int n = (int)ceil(fabs(a.sweep) / step_radians);
    n = n < 2 ? 2 : n;
    double radius = a.radius * swell(n, fabs(a.sweep) / n);
    for (int i = 1; i < n; i++) {
        double angle = a.start + a.sweep * (forward ? i : n - i) / n;
        add_point(line, from[0] + a.cx + radius * cos(angle), from[1] + a.cy + radius * sin(angle));
    }
    add_point(line, last[0], last[1]);
}

static void get_point(double out[2], OGRGeometryH curve, int i)
{
    out[0] = OGR_G_GetX(curve, i);
    out[1] = OGR_G_GetY(curve, i);
}

/* A line, a chain of arcs or both, one behind the other. */
static void add_curve(path *line, OGRGeometryH curve)
{
    OGRwkbGeometryType type = OGR_GT_Flatten(OGR_G_GetGeometryType(curve));
    if (type == wkbCompoundCurve) {
        for (int i = 0; i < OGR_G_GetGeometryCount(curve); i++) {
            line->count -= i > 0 && line->count > 0; /* it begins where the last one ended */
            add_curve(line, OGR_G_GetGeometryRef(curve, i));
        }
        return;
    }
    int points = OGR_G_GetPointCount(curve);
    for (int i = 0; i < points && (type != wkbCircularString || i < 1); i++)
        add_point(line, OGR_G_GetX(curve, i), OGR_G_GetY(curve, i));
    for (int i = 0; type == wkbCircularString && i + 2 < points; i += 2) {
        double at[3][2];
        for (int k = 0; k < 3; k++)
            get_point(at[k], curve, i + k);
        add_arc(line, at[0], at[1], at[2]);
    }
}

static rm_status straighten_curve(OGRGeometryH *out, OGRGeometryH curve, OGRwkbGeometryType as,
                                  rm_error *err)
{
    path line = {.err = err};
    add_curve(&line, curve);
    if (line.status == RM_OK && line.count > INT32_MAX)
        line.status = rm_fail(err, RM_ELIMIT, "a curve is too long");
    if (line.status == RM_OK) {
        *out = OGR_G_CreateGeometry(as);
        OGR_G_SetPoints(*out, (int)line.count, line.xy, 2 * sizeof *line.xy,
                        line.xy ? line.xy + 1 : NULL, 2 * sizeof *line.xy, NULL, 0);
    }
    rm_release(line.xy);
    return line.status;
}

static rm_status straighten(OGRGeometryH *out, OGRGeometryH curved, rm_error *err)
{
    OGRwkbGeometryType type = OGR_GT_Flatten(OGR_G_GetGeometryType(curved)), as;
    switch (type) {
    case wkbCircularString:
    case wkbCompoundCurve:
        return straighten_curve(out, curved, wkbLineString, err);
    case wkbCurvePolygon:
        as = wkbPolygon;
        break;
    case wkbMultiCurve:
        as = wkbMultiLineString;
        break;
    case wkbMultiSurface:
        as = wkbMultiPolygon;
        break;
    case wkbGeometryCollection:
        as = wkbGeometryCollection;
        break;
    default:
        *out = OGR_G_Clone(curved);
        return RM_OK;
    }
    rm_status status = RM_OK;
    OGRGeometryH whole = OGR_G_CreateGeometry(as);
    for (int i = 0; status == RM_OK && i < OGR_G_GetGeometryCount(curved); i++) {
        OGRGeometryH part = NULL, from = OGR_G_GetGeometryRef(curved, i);
        status = type == wkbCurvePolygon ? straighten_curve(&part, from, wkbLinearRing, err)
                                         : straighten(&part, from, err);
        if (status == RM_OK && OGR_G_AddGeometryDirectly(whole, part) != OGRERR_NONE)
            OGR_G_DestroyGeometry(part);
    }
    if (status == RM_OK)
        *out = whole;
    else
        OGR_G_DestroyGeometry(whole);
    return status;
}

static rm_status add_straight(OGRGeometryH linear, rm_geometry *geometry, rm_issue_code *verdict,
                              bool *curved, rm_error *err)
{
    uint8_t *wkb = NULL;
    int size = OGR_G_WkbSize(linear);
    RM_TRY(RM_NEW(&wkb, size, err));
    rm_status status = RM_OK;
    *curved = true;
    if (OGR_G_ExportToIsoWkb(linear, wkbNDR, wkb) == OGRERR_NONE)
        status = rm_geometry_add_wkb(geometry, wkb, size, verdict, curved, err);
    rm_release(wkb);
    return status;
}

rm_status rm_stroke(void *context, const uint8_t *wkb, int64_t size, rm_geometry *geometry,
                    rm_issue_code *verdict, rm_error *err)
{
    (void)context;
    rm_gdal_ears ears;
    OGRGeometryH curve = NULL, linear = NULL;
    rm_status status = RM_OK;
    bool still_curved = true;
    rm_gdal_enter(&ears);
    if (size <= INT32_MAX && OGR_G_CreateFromWkb(wkb, NULL, &curve, (int)size) == OGRERR_NONE)
        status = straighten(&linear, curve, err);
    if (status == RM_OK && linear)
        status = add_straight(linear, geometry, verdict, &still_curved, err);
    OGR_G_DestroyGeometry(linear);
    OGR_G_DestroyGeometry(curve);
    rm_gdal_leave(&ears);
    if (status == RM_OK && still_curved) {
        status = rm_geometry_add_feature(geometry, RM_KIND_NONE, err);
        *verdict = RM_ISSUE_MALFORMED;
    }
    return status;
}
