/* Well-known binary, read and written. What is read is not trusted: every count is held against the
 * bytes that are left before it is used. */
#include "data/geometry.h"

#include <string.h>

enum {
    WKB_POINT = 1,
    WKB_LINE = 2,
    WKB_POLYGON = 3,
    WKB_MULTI_POINT = 4,
    WKB_MULTI_LINE = 5,
    WKB_MULTI_POLYGON = 6,
    WKB_COLLECTION = 7,
    WKB_CIRCULAR_STRING = 8,
    WKB_COMPOUND_CURVE = 9,
    WKB_CURVE_POLYGON = 10,
    WKB_MULTI_CURVE = 11,
    WKB_MULTI_SURFACE = 12,
    WKB_POLYHEDRAL_SURFACE = 15,
    WKB_TIN = 16,
    WKB_TRIANGLE = 17
};

enum { max_depth = 32, header_size = 5, point_size = 21, least_member = 9 };

/* How reading one geometry ended, besides a status. */
typedef enum ending { WENT_WELL, IS_CURVE, IS_MALFORMED, IS_NOT_FINITE, IS_MIXED } ending;

typedef struct reader {
    const uint8_t *at;
    int64_t left;
    rm_geometry *to;
    ending ending;
    rm_error *err;
} reader;

typedef struct header {
    uint32_t type; /* 1 .. 17 */
    int dimensions;
    bool swap; /* its byte order is not the machine's */
} header;

static bool host_is_little(void)
{
    const uint16_t one = 1;
    uint8_t low;
    memcpy(&low, &one, 1);
    return low == 1;
}

static uint32_t swap32(uint32_t v)
{
    return v >> 24 | (v >> 8 & 0xff00U) | (v << 8 & 0xff0000U) | v << 24;
}

static uint64_t swap64(uint64_t v)
{
    return (uint64_t)swap32((uint32_t)v) << 32 | swap32((uint32_t)(v >> 32));
}

static uint32_t peek32(const uint8_t *at, bool swap)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return swap ? swap32(v) : v;
}

static uint64_t peek64(const uint8_t *at, bool swap)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return swap ? swap64(v) : v;
}

static bool bits_not_finite(uint64_t bits)
{
    return (bits & 0x7ff0000000000000U) == 0x7ff0000000000000U;
}

static bool bits_nan(uint64_t bits)
{
    return (bits & 0x7fffffffffffffffU) > 0x7ff0000000000000U;
}

static bool stop(reader *r, ending why)
{
    r->ending = why;
    return false;
}

static void skip(reader *r, int64_t size)
{
    r->at += size;
    r->left -= size;
}

static bool read_count(reader *r, bool swap, int64_t least_size, int64_t *count)
{
    if (r->left < 4)
        return stop(r, IS_MALFORMED);
    *count = peek32(r->at, swap);
    skip(r, 4);
    if (*count > r->left / least_size)
        return stop(r, IS_MALFORMED);
    return true;
}

/* Dimensions by ISO's thousands or by the high bits of EWKB, whose SRID is passed over. */
static bool read_header(reader *r, header *out)
{
    if (r->left < header_size || r->at[0] > 1)
        return stop(r, IS_MALFORMED);
    out->swap = (r->at[0] == 1) != host_is_little();
    uint32_t code = peek32(r->at + 1, out->swap);
    skip(r, header_size);
    if (code & 0x20000000U) {
        if (r->left < 4)
            return stop(r, IS_MALFORMED);
        skip(r, 4);
    }
    uint32_t iso = code & 0x1fffffffU;
    if (iso >= 4000)
        return stop(r, IS_MALFORMED);
    bool z = (code & 0x80000000U) != 0 || iso / 1000 == 1 || iso / 1000 == 3;
    bool m = (code & 0x40000000U) != 0 || iso / 1000 >= 2;
    out->type = iso % 1000;
    out->dimensions = 2 + z + m;
    return true;
}

static bool add_part(reader *r, rm_kind kind, rm_status *status)
{
    rm_geometry *g = r->to;
    if (g->kind[g->features - 1] != RM_KIND_NONE && g->open_kind != kind)
        return stop(r, IS_MIXED);
    g->open_kind = (uint8_t)kind;
    *status = rm_geometry_add_part(g, r->err);
    return *status == RM_OK;
}

/* Copies `count` coordinates of `stride` bytes; false when one is not finite. Written for the
 * compiler to unroll: the two usual cases have constants. */
static bool copy_coordinates(double *x, double *y, const uint8_t *from, int64_t count,
                             int64_t stride, bool swap)
{
    bool bad = false;
    for (int64_t i = 0; i < count; i++) {
        uint64_t xbits = peek64(from + i * stride, swap);
        uint64_t ybits = peek64(from + i * stride + 8, swap);
        bad |= bits_not_finite(xbits);
        bad |= bits_not_finite(ybits);
        memcpy(x + i, &xbits, sizeof xbits);
        memcpy(y + i, &ybits, sizeof ybits);
    }
    return !bad;
}

static bool read_coordinates(reader *r, const header *h, int64_t count, rm_status *status)
{
    rm_geometry *g = r->to;
    *status = rm_geometry_open_ring(g, count, r->err);
    if (*status != RM_OK)
        return false;
    double *x = g->x + g->points - count, *y = g->y + g->points - count;
    int64_t stride = 8 * (int64_t)h->dimensions;
    bool finite;
    if (h->dimensions == 2 && !h->swap)
        finite = copy_coordinates(x, y, r->at, count, 16, false);
    else
        finite = copy_coordinates(x, y, r->at, count, stride, h->swap);
    skip(r, count * stride);
    return finite || stop(r, IS_NOT_FINITE);
}

static bool read_point(reader *r, const header *h, rm_status *status)
{
    int64_t size = 8 * (int64_t)h->dimensions;
    if (r->left < size)
        return stop(r, IS_MALFORMED);
    if (bits_nan(peek64(r->at, h->swap)) && bits_nan(peek64(r->at + 8, h->swap))) {
        skip(r, size);
        return true;
    }
    return add_part(r, RM_KIND_POINT, status) && read_coordinates(r, h, 1, status);
}

static bool read_line(reader *r, const header *h, rm_status *status)
{
    int64_t count;
    if (!read_count(r, h->swap, 8 * (int64_t)h->dimensions, &count))
        return false;
    if (count == 0)
        return true;
    return add_part(r, RM_KIND_LINE, status) && read_coordinates(r, h, count, status);
}

static bool read_polygon(reader *r, const header *h, rm_status *status)
{
    int64_t rings;
    if (!read_count(r, h->swap, 4, &rings))
        return false;
    bool empty_shell = false;
    for (int64_t ring = 0; ring < rings; ring++) {
        int64_t count;
        if (!read_count(r, h->swap, 8 * (int64_t)h->dimensions, &count))
            return false;
        if (count == 0) {
            empty_shell = empty_shell || ring == 0;
            continue;
        }
        if (empty_shell)
            return stop(r, IS_MALFORMED);
        if (ring == 0 && !add_part(r, RM_KIND_POLYGON, status))
            return false;
        if (!read_coordinates(r, h, count, status))
            return false;
    }
    return true;
}

/* Whether a geometry of one type may hold one of another. */
static bool may_hold(uint32_t outer, uint32_t inner)
{
    switch (outer) {
    case WKB_MULTI_POINT:
        return inner == WKB_POINT;
    case WKB_MULTI_LINE:
        return inner == WKB_LINE;
    case WKB_MULTI_POLYGON:
        return inner == WKB_POLYGON;
    case WKB_MULTI_CURVE:
        return inner == WKB_LINE || inner == WKB_CIRCULAR_STRING || inner == WKB_COMPOUND_CURVE;
    case WKB_MULTI_SURFACE:
        return inner == WKB_POLYGON || inner == WKB_CURVE_POLYGON;
    case WKB_POLYHEDRAL_SURFACE:
    case WKB_TIN:
        return inner == WKB_POLYGON || inner == WKB_TRIANGLE;
    default:
        return true;
    }
}

static bool read_geometry(reader *r, uint32_t outer, int depth, rm_status *status)
{
    header h;
    if (depth > max_depth)
        return stop(r, IS_MALFORMED);
    if (!read_header(r, &h))
        return false;
    if (!may_hold(outer, h.type))
        return stop(r, IS_MALFORMED);
    switch (h.type) {
    case WKB_POINT:
        return read_point(r, &h, status);
    case WKB_LINE:
        return read_line(r, &h, status);
    case WKB_POLYGON:
    case WKB_TRIANGLE:
        return read_polygon(r, &h, status);
    case WKB_CIRCULAR_STRING:
    case WKB_COMPOUND_CURVE:
    case WKB_CURVE_POLYGON:
        return stop(r, IS_CURVE);
    case WKB_MULTI_POINT:
    case WKB_MULTI_LINE:
    case WKB_MULTI_POLYGON:
    case WKB_COLLECTION:
    case WKB_MULTI_CURVE:
    case WKB_MULTI_SURFACE:
    case WKB_POLYHEDRAL_SURFACE:
    case WKB_TIN:
        break;
    default:
        return stop(r, IS_MALFORMED);
    }
    int64_t count;
    if (!read_count(r, h.swap, least_member, &count))
        return false;
    for (int64_t i = 0; i < count; i++)
        if (!read_geometry(r, h.type, depth + 1, status))
            return false;
    return true;
}

/* Takes back what the open feature got so far. The offsets before it were never touched. */
static void take_back(rm_geometry *g, int64_t parts, int64_t rings, int64_t points)
{
    g->parts = parts;
    g->rings = rings;
    g->points = points;
    g->kind[g->features - 1] = RM_KIND_NONE;
    g->feature_part[g->features] = (int32_t)parts;
}

static rm_status read_feature(rm_geometry *g, const uint8_t *wkb, int64_t size,
                              rm_issue_code *verdict, bool *curve, rm_error *err)
{
    const int64_t parts = g->parts, rings = g->rings, points = g->points;
    const bool not_points = g->not_points;
    reader r = {wkb, size, g, WENT_WELL, err};
    rm_status status = RM_OK;
    RM_TRY(rm_geometry_add_feature(g, RM_KIND_NONE, err));
    if (read_geometry(&r, 0, 1, &status) && r.left != 0)
        r.ending = IS_MALFORMED;
    if (status != RM_OK || r.ending != WENT_WELL) {
        take_back(g, parts, rings, points);
        g->not_points = not_points;
    }
    if (status != RM_OK || r.ending == IS_CURVE)
        g->features--;
    if (status != RM_OK)
        return status;
    static const rm_issue_code verdicts[] = {
        [WENT_WELL] = RM_ISSUE_CODES,           [IS_CURVE] = RM_ISSUE_CODES,
        [IS_MALFORMED] = RM_ISSUE_MALFORMED,    [IS_NOT_FINITE] = RM_ISSUE_NOT_FINITE,
        [IS_MIXED] = RM_ISSUE_MIXED_COLLECTION,
    };
    *curve = r.ending == IS_CURVE;
    *verdict = verdicts[r.ending];
    if (r.ending == WENT_WELL && g->kind[g->features - 1] == RM_KIND_NONE)
        *verdict = RM_ISSUE_NO_GEOMETRY;
    return RM_OK;
}

rm_status rm_geometry_add_wkb(rm_geometry *g, const uint8_t *wkb, int64_t size,
                              rm_issue_code *verdict, bool *curve, rm_error *err)
{
    static const uint8_t little_point[header_size] = {1, WKB_POINT, 0, 0, 0};
    if (wkb && size == point_size && host_is_little() &&
        memcmp(wkb, little_point, header_size) == 0) {
        uint64_t xbits = peek64(wkb + header_size, false);
        uint64_t ybits = peek64(wkb + header_size + 8, false);
        if (!bits_not_finite(xbits) && !bits_not_finite(ybits)) {
            double x, y;
            memcpy(&x, &xbits, sizeof x);
            memcpy(&y, &ybits, sizeof y);
            RM_TRY(rm_geometry_add_point(g, x, y, err));
            *verdict = RM_ISSUE_CODES;
            *curve = false;
            return RM_OK;
        }
    }
    if (!wkb || size <= 0) {
        RM_TRY(rm_geometry_add_feature(g, RM_KIND_NONE, err));
        *verdict = RM_ISSUE_NO_GEOMETRY;
        *curve = false;
        return RM_OK;
    }
    return read_feature(g, wkb, size, verdict, curve, err);
}

static uint8_t *put32(uint8_t *out, uint32_t v)
{
    v = host_is_little() ? v : swap32(v);
    memcpy(out, &v, sizeof v);
    return out + sizeof v;
}

static uint8_t *put_header(uint8_t *out, uint32_t type)
{
    *out = 1;
    return put32(out + 1, type);
}

static uint8_t *put_coordinates(uint8_t *out, const rm_geometry *g, int64_t point, int64_t end)
{
    for (; point < end; point++) {
        uint64_t bits[2];
        memcpy(&bits[0], g->x + point, sizeof bits[0]);
        memcpy(&bits[1], g->y + point, sizeof bits[1]);
        if (!host_is_little()) {
            bits[0] = swap64(bits[0]);
            bits[1] = swap64(bits[1]);
        }
        memcpy(out, bits, sizeof bits);
        out += sizeof bits;
    }
    return out;
}

static uint8_t *put_part(uint8_t *out, const rm_geometry *g, rm_kind kind, int32_t part)
{
    int32_t ring = g->part_ring[part], end = g->part_ring[part + 1];
    out = put_header(out, (uint32_t)kind);
    if (kind == RM_KIND_POLYGON)
        out = put32(out, (uint32_t)(end - ring));
    for (; ring < end; ring++) {
        if (kind != RM_KIND_POINT)
            out = put32(out, (uint32_t)(g->ring_point[ring + 1] - g->ring_point[ring]));
        out = put_coordinates(out, g, g->ring_point[ring], g->ring_point[ring + 1]);
    }
    return out;
}

static int64_t feature_size(const rm_geometry *g, rm_kind kind, int32_t part, int32_t end)
{
    int64_t parts = end - part, rings = g->part_ring[end] - g->part_ring[part];
    int64_t points = g->ring_point[g->part_ring[end]] - g->ring_point[g->part_ring[part]];
    int64_t size = header_size * parts + 16 * points;
    if (kind != RM_KIND_POINT)
        size += 4 * rings;
    return kind == RM_KIND_POLYGON ? size + 4 * parts : size;
}

int64_t rm_geometry_wkb(const rm_geometry *g, int64_t feature, bool multi, uint8_t *out)
{
    rm_kind kind = (rm_kind)g->kind[feature];
    int32_t part = g->feature_part[feature], end = g->feature_part[feature + 1];
    int64_t size = 0;
    if (kind == RM_KIND_NONE)
        end = part;
    if (part < end)
        size = feature_size(g, kind, part, end);
    bool several = multi || end - part != 1;
    if (several)
        size += header_size + 4;
    if (!out)
        return size;
    if (several) {
        /* the types of the Multi kinds follow those of their members at a distance of three */
        uint32_t type = kind == RM_KIND_NONE ? WKB_MULTI_POLYGON : (uint32_t)kind + 3;
        out = put32(put_header(out, type), (uint32_t)(end - part));
    }
    for (; part < end; part++)
        out = put_part(out, g, kind, part);
    return size;
}
