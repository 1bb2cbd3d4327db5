/* Feature tables: geometry in the GeoPackage's own wrapping of WKB. */
#include "io/gpkg/write.h"

#include <string.h>

/* Keep the index up to date when a GIS edits the table; the functions come from the GIS. As in
 * GeoPackage 1.2 (F.3); every %w is the name of the table. */
#define SOUND "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))"
#define EMPTY "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))"
#define INDEX "\"rtree_%w_geom\""
#define ENTER                                                                                      \
    "INSERT OR REPLACE INTO " INDEX " VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), "     \
    "ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); "
#define LEAVE "DELETE FROM " INDEX " WHERE id = OLD.fid; "
#define WHEN(name, event)                                                                          \
    "CREATE TRIGGER \"rtree_%w_geom_" name "\" AFTER " event " ON \"%w\" WHEN "

static const char *const triggers[] = {
    (WHEN("insert", "INSERT") SOUND " BEGIN " ENTER "END"),
    (WHEN("update1", "UPDATE OF geom") "OLD.fid = NEW.fid AND " SOUND " BEGIN " ENTER "END"),
    (WHEN("update2", "UPDATE OF geom") "OLD.fid = NEW.fid AND " EMPTY " BEGIN " LEAVE "END"),
    (WHEN("update3", "UPDATE") "OLD.fid != NEW.fid AND " SOUND " BEGIN " LEAVE ENTER "END"),
    (WHEN("update4", "UPDATE") "OLD.fid != NEW.fid AND " EMPTY " BEGIN DELETE FROM " INDEX
                               " WHERE id IN (OLD.fid, NEW.fid); END"),
    (WHEN("delete", "DELETE") "OLD.geom NOT NULL BEGIN " LEAVE "END"),
};

enum { ENVELOPE = 40 }; /* magic, version, flags, srs_id, four doubles */

typedef struct feature_lead {
    const rm_gpkg *gpkg;
    const rm_geometry *geometry;
    const int64_t *fids;
    bool multipolygon;
    uint8_t *blob;
    int64_t capacity;
} feature_lead;

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    for (int b = 0; b < 4; b++)
        *at++ = (uint8_t)(value >> (8 * b));
    return at;
}

static uint8_t *put_double(uint8_t *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int b = 0; b < 8; b++)
        *at++ = (uint8_t)(bits >> (8 * b));
    return at;
}

/* The header of GeoPackage 2.1.3: little-endian (1), with an x and y envelope (1 << 1). */
static void put_header(uint8_t *at, int32_t srs_id, rm_box box)
{
    *at++ = 'G';
    *at++ = 'P';
    *at++ = 0;
    *at++ = 1 | 1 << 1;
    at = put_u32(at, (uint32_t)srs_id);
    at = put_double(at, box.xmin);
    at = put_double(at, box.xmax);
    at = put_double(at, box.ymin);
    (void)put_double(at, box.ymax);
}

static rm_status lead_feature(void *context, int64_t row, sqlite3_stmt *insert, rm_error *err)
{
    feature_lead *lead = context;
    const rm_geometry *geometry = lead->geometry;
    uint8_t kind = geometry->kind[row];

    if (sqlite3_bind_int64(insert, 1, lead->fids ? lead->fids[row] : row + 1) != SQLITE_OK)
        return rm_gpkg_complain(lead->gpkg, NULL, err);
    if (kind == RM_KIND_NONE)
        return sqlite3_bind_null(insert, 2) == SQLITE_OK ? RM_OK
                                                         : rm_gpkg_complain(lead->gpkg, NULL, err);
    if (lead->multipolygon && kind != RM_KIND_POLYGON)
        return rm_fail_row(err, RM_EINVAL, row, "row %lld is no polygon, in a table of polygons",
                           (long long)row);
    int64_t size = ENVELOPE + rm_geometry_wkb(geometry, row, lead->multipolygon, NULL);
    RM_TRY(RM_GROW(&lead->blob, &lead->capacity, size, err));
    put_header(lead->blob, lead->gpkg->srs_id, rm_geometry_box(geometry, row));
    (void)rm_geometry_wkb(geometry, row, lead->multipolygon, lead->blob + ENVELOPE);
    if (sqlite3_bind_blob64(insert, 2, lead->blob, (sqlite3_uint64)size, SQLITE_STATIC) !=
        SQLITE_OK)
        return rm_gpkg_complain(lead->gpkg, NULL, err);
    return RM_OK;
}

static rm_status register_geometry(rm_gpkg *gpkg, const char *name, const rm_geometry *geometry,
                                   bool multipolygon, rm_error *err)
{
    rm_box box = rm_geometry_extent(geometry);

    RM_TRY(rm_gpkg_run(gpkg, err,
                       "INSERT INTO gpkg_geometry_columns VALUES(%Q, 'geom', '%s', %d, 0, 0)", name,
                       multipolygon ? "MULTIPOLYGON" : "GEOMETRY", (int)gpkg->srs_id));
    if (rm_box_is_empty(box))
        return RM_OK;
    return rm_gpkg_run(gpkg, err,
                       "UPDATE gpkg_contents SET min_x = %!.17g, min_y = %!.17g, max_x = %!.17g, "
                       "max_y = %!.17g WHERE table_name = %Q",
                       box.xmin, box.ymin, box.xmax, box.ymax, name);
}

/* After the rows, or every insert would run a trigger whose functions are not here. */
static rm_status add_index(rm_gpkg *gpkg, const char *name, const rm_geometry *geometry,
                           const int64_t *fids, rm_error *err)
{
    RM_TRY(rm_gpkg_index(gpkg, name, geometry, fids, &gpkg->tables[gpkg->table_count - 1].indexed,
                         err));
    for (size_t t = 0; t < sizeof triggers / sizeof *triggers; t++)
        RM_TRY(rm_gpkg_run(gpkg, err, triggers[t], name, name, name, name));
    return rm_gpkg_run(gpkg, err,
                       "INSERT INTO gpkg_extensions VALUES(%Q, 'geom', 'gpkg_rtree_index', "
                       "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
                       name);
}

static rm_status add_features(rm_gpkg *gpkg, const char *name, const char *identifier,
                              const char *description, feature_lead *lead, const rm_gpkg_rows *rows,
                              rm_progress *progress, rm_error *err)
{
    RM_TRY(rm_gpkg_register(gpkg, name, RM_GPKG_FEATURES, identifier, description, err));
    RM_TRY(rm_gpkg_make_table(gpkg, name, lead->multipolygon ? "MULTIPOLYGON" : "GEOMETRY",
                              rows->fields, rows->field_count, err));
    RM_TRY(register_geometry(gpkg, name, lead->geometry, lead->multipolygon, err));
    RM_TRY(rm_gpkg_add_titles(gpkg, name, rows->fields, rows->field_count, err));
    gpkg->tables[gpkg->table_count - 1].rows = rows->rows;
    RM_TRY(rm_gpkg_insert(gpkg, rows, progress, err));
    return add_index(gpkg, name, lead->geometry, lead->fids, err);
}

rm_status rm_gpkg_add_features(rm_gpkg *gpkg, const char *name, const char *identifier,
                               const char *description, const rm_geometry *geometry,
                               const int64_t *fids, bool multipolygon, const rm_field *fields,
                               int32_t field_count, rm_row_fn row, void *context,
                               rm_progress *progress, rm_error *err)
{
    feature_lead lead = {
        .gpkg = gpkg, .geometry = geometry, .fids = fids, .multipolygon = multipolygon};
    const rm_gpkg_rows insert = {.table = name,
                                 .lead_columns = 2,
                                 .lead = lead_feature,
                                 .lead_context = &lead,
                                 .fields = fields,
                                 .field_count = field_count,
                                 .rows = geometry->features,
                                 .row = row,
                                 .context = context};
    rm_status status =
        add_features(gpkg, name, identifier, description, &lead, &insert, progress, err);
    rm_release(lead.blob);
    return rm_gpkg_note(gpkg, status);
}
