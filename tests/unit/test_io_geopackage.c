/* The GeoPackage writer: what it wrote is read by SQLite and by GDAL, and a
 * failure leaves nothing. */
#define _GNU_SOURCE
#include "base/file.h"
#include "io/gdal/env.h"
#include "io/gpkg/geopackage.h"

#include <cpl_conv.h>
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "scratch.h"

#define OK(call) assert_status((call), &err, __LINE__)
static void assert_status(rm_status status, const rm_error *err, int line)
{
    if (status != RM_OK)
        fail_msg("line %d: status %d, %s", line, (int)status, err->message);
}

static void add_square(rm_geometry *geometry, double x, double y, double size)
{
    const double xs[] = {x, x + size, x + size, x, x}, ys[] = {y, y, y + size, y + size, y};
    assert_int_equal(rm_geometry_add_part(geometry, NULL), RM_OK);
    assert_int_equal(rm_geometry_add_ring(geometry, xs, ys, 5, NULL), RM_OK);
}

static void add_polygon(rm_geometry *geometry, double x, double y, double size)
{
    assert_int_equal(rm_geometry_add_feature(geometry, RM_KIND_POLYGON, NULL), RM_OK);
    add_square(geometry, x, y, size);
}

/* A polygon, two parts of which the first has a hole, nothing, a polygon. */
static void make_areas(rm_geometry *geometry)
{
    const double xs[] = {210010, 210010, 210020, 210020, 210010};
    const double ys[] = {500010, 500020, 500020, 500010, 500010};
    add_polygon(geometry, 200000, 500000, 100);
    add_polygon(geometry, 210000, 500000, 100);
    assert_int_equal(rm_geometry_add_ring(geometry, xs, ys, 5, NULL), RM_OK);
    add_square(geometry, 211000, 500000, 10);
    assert_int_equal(rm_geometry_add_feature(geometry, RM_KIND_NONE, NULL), RM_OK);
    add_polygon(geometry, 220000.5, 500000.25, 0.5);
}

static const int64_t area_fids[] = {7, 3, 12, 40};
static const rm_field area_fields[] = {
    {"id", RM_TEXT, "Kenmerk", "Het kenmerk in de bron"},
    {"naam \"x\"", RM_TEXT, "Naam; van 't park", NULL},
    {"score", RM_FLOAT64, "Score", NULL},
    {"rang", RM_INT64, "Score", NULL}, /* the same title twice */
    {"gezien", RM_DATE, NULL, NULL},
    {"gemeten", RM_DATETIME, NULL, "lokale tijd"},
};
enum { FIELDS = sizeof area_fields / sizeof *area_fields };
static const char *const ids[] = {"0153100000212345", "=1+1", "regel 1\nregel 2", NULL};
static const char *const names[] = {"d'Olde \"Weide\"; O'Neill", "Caf\xC3\xA9", "fout \xFF byte",
                                    ""};

static rm_status area_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    (void)context;
    (void)err;
    for (int f = 0; f < FIELDS; f++)
        assert_true(!cells[f].missing && !cells[f].i64 && !cells[f].text && cells[f].f64 == 0.0);
    cells[0].text = ids[row];
    cells[1].text = names[row];
    cells[2].f64 = row == 2 ? NAN : 0.1 + (double)row;
    cells[3].i64 = row == 0 ? INT64_C(9007199254740993) : -row;
    cells[4].i64 = row == 1 ? INT32_MIN : 19723 + row; /* 2024-01-01 */
    cells[5].i64 = -1;
    cells[5].missing = row == 3;
    return RM_OK;
}

static rm_status number_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    (void)context;
    (void)err;
    cells[0].i64 = row;
    cells[1].f64 = 0.5 * (double)row;
    return RM_OK;
}
static const rm_field number_fields[] = {{"nummer", RM_INT64, "Nummer", NULL},
                                         {"waarde", RM_FLOAT64, NULL, NULL}};

static void write_all(const char *path, bool shielded)
{
    rm_geometry geometry = {0};
    rm_gpkg *gpkg = NULL;
    rm_error err;
    make_areas(&geometry);
    OK(rm_gpkg_create(&gpkg, path, "EPSG:28992", false, shielded, &err));
    OK(rm_gpkg_add_features(gpkg, "areas", "Gebieden", "proef", &geometry, area_fids, true,
                            area_fields, FIELDS, area_row, NULL, NULL, &err));
    OK(rm_gpkg_add_table(gpkg, "numbers", NULL, NULL, number_fields, 2, 20000, number_row, NULL,
                         NULL, &err));
    OK(rm_gpkg_add_table(gpkg, "empty", "Gebieden", NULL, number_fields, 2, 0, number_row, NULL,
                         NULL, &err));
    OK(rm_gpkg_add_view(gpkg, "reasons", "Redenen",
                        "SELECT n.fid AS fid, a.id AS id, n.waarde AS waarde FROM numbers n JOIN "
                        "areas a ON a.fid = "
                        "n.nummer",
                        &err));
    OK(rm_gpkg_add_style(gpkg, "areas", "oud", "<qgis/>", NULL, &err));
    OK(rm_gpkg_add_style(gpkg, "areas", "Score van de vakantieparken \xC3\xA9\xC3\xA9n twee",
                         "<qgis id='2'/>", "vijf klassen", &err));
    OK(rm_gpkg_add_metadata(gpkg, "application/json", "{\"a\": \"l'\xC3\xA9t\xC3\xA9\"}", &err));
    OK(rm_gpkg_add_metadata(gpkg, "text/plain", "AFGESCHERMD", &err));
    OK(rm_gpkg_finish(gpkg, &err));
    rm_gpkg_free(gpkg);
    rm_geometry_clear(&geometry);
}

/* The rows of a query, cells joined by | and rows by a newline. */
static const char *ask(const char *path, const char *query)
{
    static char out[8192];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    size_t used = 0;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, query, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query, sqlite3_errmsg(db));
    out[0] = '\0';
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int c = 0; c < sqlite3_column_count(statement); c++) {
            const char *text = (const char *)sqlite3_column_text(statement, c);
            used += (size_t)snprintf(out + used, sizeof out - used, "%s%s",
                                     c      ? "|"
                                     : used ? "\n"
                                            : "",
                                     text ? text : "NULL");
        }
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return out;
}

static void test_tables_with_sqlite(void **state)
{
    (void)state;
    const char *path = scratch_path("uit.gpkg");
    write_all(path, false);
    assert_int_equal(scratch_count(NULL), 1);
    assert_string_equal(ask(path, "PRAGMA integrity_check"), "ok");
    assert_string_equal(ask(path, "PRAGMA journal_mode"), "delete");
    assert_string_equal(ask(path, "PRAGMA application_id"), "1196444487");
    assert_string_equal(ask(path, "PRAGMA user_version"), "10200");
    assert_string_equal(
        ask(path, "SELECT fid, geom IS NULL, id, \"naam \"\"x\"\"\", score, rang, gezien, gemeten, "
                  "typeof(id), typeof(score), typeof(rang) FROM areas"),
        "3|0|=1+1|Caf\xC3\xA9|1.1|-1|NULL|1969-12-31T23:59:59.999|text|real|integer\n"
        "7|0|0153100000212345|d'Olde \"Weide\"; "
        "O'Neill|0.1|9007199254740993|2024-01-01|1969-12-31T23:"
        "59:59.999|text|real|integer\n"
        "12|1|regel 1\nregel 2|fout \xEF\xBF\xBD "
        "byte|NULL|-2|2024-01-03|1969-12-31T23:59:59.999|text|"
        "null|integer\n"
        "40|0|NULL||3.1|-3|2024-01-04|NULL|null|real|integer");
    assert_string_equal(ask(path, "SELECT name, type FROM pragma_table_info('areas')"),
                        "fid|INTEGER\ngeom|MULTIPOLYGON\nid|TEXT\nnaam \"x\"|TEXT\nscore|REAL\n"
                        "rang|INTEGER\ngezien|DATE\ngemeten|DATETIME");
    assert_string_equal(
        ask(path, "SELECT count(*), min(fid), max(nummer), sum(waarde) FROM numbers"),
        "20000|1|19999|99995000.0");
    assert_string_equal(ask(path, "SELECT count(*) FROM empty"), "0");
    assert_string_equal(ask(path, "SELECT id, waarde FROM reasons ORDER BY waarde"),
                        "=1+1|1.5\n0153100000212345|3.5\nregel 1\nregel 2|6.0\nNULL|20.0");
}

static void test_registers(void **state)
{
    (void)state;
    const char *path = scratch_path("uit.gpkg");
    write_all(path, false);
    assert_string_equal(
        ask(path,
            "SELECT table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, "
            "srs_id FROM gpkg_contents ORDER BY rowid"),
        "areas|features|Gebieden|proef|200000.0|500000.0|220001.0|500100.0|28992\n"
        "numbers|attributes|numbers||NULL|NULL|NULL|NULL|0\n"
        "empty|attributes|empty||NULL|NULL|NULL|NULL|0\n"
        "reasons|attributes|Redenen||NULL|NULL|NULL|NULL|0\n"
        "layer_styles|attributes|layer_styles||NULL|NULL|NULL|NULL|0");
    assert_string_equal(ask(path, "SELECT * FROM gpkg_geometry_columns"),
                        "areas|geom|MULTIPOLYGON|28992|0|0");
    assert_string_equal(ask(path, "SELECT table_name, column_name, name, title, description FROM "
                                  "gpkg_data_columns ORDER BY rowid"),
                        "areas|id|Kenmerk|Kenmerk|Het kenmerk in de bron\n"
                        "areas|naam \"x\"|Naam; van 't park|Naam; van 't park|NULL\n"
                        "areas|score|Score|Score|NULL\n"
                        "areas|rang|NULL|Score|NULL\n"
                        "areas|gemeten|NULL|NULL|lokale tijd\n"
                        "numbers|nummer|Nummer|Nummer|NULL\n"
                        "empty|nummer|Nummer|Nummer|NULL");
    assert_string_equal(ask(path, "SELECT table_name, column_name, extension_name, scope FROM "
                                  "gpkg_extensions ORDER BY rowid"),
                        "gpkg_data_columns|NULL|gpkg_schema|read-write\n"
                        "gpkg_data_column_constraints|NULL|gpkg_schema|read-write\n"
                        "areas|geom|gpkg_rtree_index|write-only\n"
                        "gpkg_metadata|NULL|gpkg_metadata|read-write\n"
                        "gpkg_metadata_reference|NULL|gpkg_metadata|read-write");
    assert_string_equal(
        ask(path, "SELECT f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                  "styleName, length(styleName), styleQML, useAsDefault, description, owner, ui, "
                  "update_time IS NULL FROM layer_styles"),
        "||areas|geom|oud|3|<qgis/>|0|||NULL|0\n"
        "||areas|geom|Score van de vakantieparken \xC3\xA9\xC3\xA9|30|<qgis id='2'/>|1|vijf "
        "klassen||NULL|0");
    assert_string_equal(
        ask(path, "SELECT r.reference_scope, r.table_name, m.md_scope, m.mime_type, "
                  "m.metadata FROM gpkg_metadata m JOIN gpkg_metadata_reference r ON "
                  "r.md_file_id = m.id"),
        "geopackage|NULL|dataset|application/json|{\"a\": \"l'\xC3\xA9t\xC3\xA9\"}\n"
        "geopackage|NULL|dataset|text/plain|AFGESCHERMD");
    assert_string_equal(ask(path,
                            "SELECT srs_id, organization, organization_coordsys_id, "
                            "substr(definition, 1, 6) FROM gpkg_spatial_ref_sys ORDER BY srs_id"),
                        "-1|NONE|-1|undefi\n0|NONE|0|undefi\n4326|EPSG|4326|GEOGCS\n"
                        "28992|EPSG|28992|PROJCS");
}

static void test_layer_with_gdal(void **state)
{
    (void)state;
    const char *path = scratch_path("uit.gpkg");
    rm_gdal_ears ears;
    write_all(path, false);
    rm_gdal_enter(&ears);
    GDALDatasetH data = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(data);
    assert_int_equal(GDALDatasetGetLayerCount(data), 5);
    OGRLayerH layer = GDALDatasetGetLayerByName(data, "areas");
    assert_int_equal(OGR_L_GetFeatureCount(layer, 1), 4);
    assert_string_equal(OGR_L_GetFIDColumn(layer), "fid");
    assert_int_equal(OGR_L_GetGeomType(layer), wkbMultiPolygon);
    assert_true(OGR_L_TestCapability(layer, OLCFastSpatialFilter));
    assert_string_equal(OSRGetAuthorityCode(OGR_L_GetSpatialRef(layer), NULL), "28992");
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    const OGRFieldType types[] = {OFTString,    OFTString, OFTReal,
                                  OFTInteger64, OFTDate,   OFTDateTime};
    for (int f = 0; f < FIELDS; f++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, f);
        assert_string_equal(OGR_Fld_GetNameRef(field), area_fields[f].name);
        assert_int_equal(OGR_Fld_GetType(field), types[f]);
    }
    OGRFeatureH feature = OGR_L_GetFeature(layer, 3);
    OGRGeometryH shape = OGR_F_GetGeometryRef(feature);
    assert_int_equal(OGR_G_GetGeometryCount(shape), 2);
    assert_true(OGR_G_Area(shape) == 100 * 100 - 10 * 10 + 10 * 10);
    assert_true(OGR_G_IsValid(shape));
    OGR_F_Destroy(feature);
    feature = OGR_L_GetFeature(layer, 12);
    assert_null(OGR_F_GetGeometryRef(feature));
    assert_false(OGR_F_IsFieldSetAndNotNull(feature, 2));
    OGR_F_Destroy(feature);
    feature = OGR_L_GetFeature(layer, 7);
    assert_string_equal(OGR_F_GetFieldAsString(feature, 0), "0153100000212345");
    assert_string_equal(OGR_F_GetFieldAsString(feature, 4), "2024/01/01");
    OGR_F_Destroy(feature);
    OGR_L_SetSpatialFilterRect(layer, 210990, 499990, 220000.6, 500020);
    assert_int_equal(OGR_L_GetFeatureCount(layer, 1), 2);
    OGR_L_SetSpatialFilterRect(layer, 205000, 499990, 209000, 500020);
    assert_int_equal(OGR_L_GetFeatureCount(layer, 1), 0);
    assert_string_equal(GDALGetMetadataItem(data, "GPKG_METADATA_ITEM_2", NULL), "AFGESCHERMD");
    GDALClose(data);
    assert_string_equal(ears.heard, "");
    assert_int_equal(ears.warnings, 0);
    rm_gdal_leave(&ears);
    assert_int_equal(scratch_count(NULL), 1);
}

static double draw(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*seed >> 11) * 0x1p-53;
}

static void write_boxes(const char *path, rm_geometry *geometry, const int64_t *fids)
{
    rm_gpkg *gpkg = NULL;
    rm_error err;
    OK(rm_gpkg_create(&gpkg, path, "EPSG:28992", true, false, &err));
    OK(rm_gpkg_add_features(gpkg, "vak \"ken\"", NULL, NULL, geometry, fids, true, NULL, 0, NULL,
                            NULL, NULL, &err));
    OK(rm_gpkg_finish(gpkg, &err));
    rm_gpkg_free(gpkg);
}

/* Sizes around one node (46 of them), two levels (46 * 46), and three. */
static void test_index(void **state)
{
    (void)state;
    const int64_t sizes[] = {0, 1, 45, 46, 47, 92, 93, 2116, 2117, 6000};
    const char *path = scratch_path("index.gpkg");
    char query[400], expected[48];
    uint64_t seed = 1;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        rm_geometry geometry = {0};
        for (int64_t i = 0; i < sizes[s]; i++)
            add_polygon(&geometry, 1e5 * draw(&seed), 5e5 + 1e5 * draw(&seed), 3000 * draw(&seed));
        write_boxes(path, &geometry, NULL);
        assert_string_equal(ask(path, "SELECT rtreecheck('rtree_vak \"ken\"_geom')"), "ok");
        for (int w = 0; w < 20; w++) {
            rm_box window = {1e5 * draw(&seed), 5e5 + 1e5 * draw(&seed), 0, 0};
            window.xmax = window.xmin + 2e4 * draw(&seed);
            window.ymax = window.ymin + 2e4 * draw(&seed);
            int64_t count = 0, sum = 0;
            for (int64_t i = 0; i < sizes[s]; i++) {
                bool touches = rm_box_touches(rm_geometry_box(&geometry, i), window);
                count += touches;
                sum += touches ? i + 1 : 0;
            }
            snprintf(expected, sizeof expected, "%lld|%lld", (long long)count, (long long)sum);
            snprintf(query, sizeof query,
                     "SELECT count(*), ifnull(sum(id), 0) FROM \"rtree_vak \"\"ken\"\"_geom\" "
                     "WHERE maxx >= "
                     "%.17g AND minx <= %.17g AND maxy >= %.17g AND miny <= %.17g",
                     window.xmin, window.xmax, window.ymin, window.ymax);
            assert_string_equal(ask(path, query), expected);
        }
        rm_geometry_clear(&geometry);
    }
}

/* A GIS edits what was packed: the triggers keep the index in step. */
static void test_edited_by_gdal(void **state)
{
    (void)state;
    enum { MANY = 300 };
    const char *path = scratch_path("bewerkt.gpkg");
    rm_geometry geometry = {0};
    int64_t fids[MANY];
    rm_gdal_ears ears;
    uint64_t seed = 9;
    for (int i = 0; i < MANY; i++) {
        fids[i] = 10 * (MANY - i); /* descending */
        add_polygon(&geometry, 1e5 * draw(&seed), 5e5, 10);
    }
    write_boxes(path, &geometry, fids);
    rm_geometry_clear(&geometry);
    rm_gdal_enter(&ears);
    CPLSetThreadLocalConfigOption("OGR_SQLITE_PRAGMA", NULL); /* a GIS has its triggers run */
    GDALDatasetH data = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    OGRLayerH layer = GDALDatasetGetLayer(data, 0);
    for (int64_t fid = 10; fid <= 1000; fid += 10)
        assert_int_equal(OGR_L_DeleteFeature(layer, fid), OGRERR_NONE);
    OGRFeatureH feature = OGR_L_GetFeature(layer, 2000);
    OGRGeometryH shape = NULL;
    char wkt[] = "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))", *text = wkt;
    assert_int_equal(OGR_G_CreateFromWkt(&text, NULL, &shape), OGRERR_NONE);
    OGR_F_SetGeometry(feature, shape);
    assert_int_equal(OGR_L_SetFeature(layer, feature), OGRERR_NONE);
    for (int i = 0; i < 100; i++) {
        OGR_F_SetFID(feature, OGRNullFID);
        assert_int_equal(OGR_L_CreateFeature(layer, feature), OGRERR_NONE);
    }
    OGR_G_DestroyGeometry(shape);
    OGR_F_Destroy(feature);
    OGR_L_SetSpatialFilterRect(layer, -1, -1, 2, 2);
    assert_int_equal(OGR_L_GetFeatureCount(layer, 1), 101);
    GDALClose(data);
    assert_string_equal(ears.heard, "");
    rm_gdal_leave(&ears);
    assert_string_equal(ask(path, "SELECT rtreecheck('rtree_vak \"ken\"_geom')"), "ok");
    assert_string_equal(ask(path, "SELECT count(*) FROM \"rtree_vak \"\"ken\"\"_geom\""), "300");
}

static void test_mixed_geometry(void **state)
{
    (void)state;
    const char *path = scratch_path("gemengd.gpkg");
    const double xs[] = {1, 2, 4}, ys[] = {1, 1, 5};
    rm_geometry geometry = {0};
    rm_gpkg *gpkg = NULL;
    rm_error err;
    rm_gdal_ears ears;
    OK(rm_geometry_add_feature(&geometry, RM_KIND_POINT, &err));
    OK(rm_geometry_add_part(&geometry, &err));
    OK(rm_geometry_add_ring(&geometry, xs, ys, 1, &err));
    OK(rm_geometry_add_feature(&geometry, RM_KIND_LINE, &err));
    OK(rm_geometry_add_part(&geometry, &err));
    OK(rm_geometry_add_ring(&geometry, xs, ys, 3, &err));
    add_polygon(&geometry, 5, 5, 1);
    OK(rm_gpkg_create(&gpkg, path, NULL, false, false, &err));
    OK(rm_gpkg_add_features(gpkg, "alles", NULL, NULL, &geometry, NULL, false, NULL, 0, NULL, NULL,
                            NULL, &err));
    OK(rm_gpkg_finish(gpkg, &err));
    rm_gpkg_free(gpkg);
    rm_gdal_enter(&ears);
    GDALDatasetH data = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    OGRLayerH layer = GDALDatasetGetLayer(data, 0);
    assert_int_equal(OGR_L_GetGeomType(layer), wkbUnknown);
    const OGRwkbGeometryType types[] = {wkbPoint, wkbLineString, wkbPolygon};
    for (int i = 0; i < 3; i++) {
        OGRFeatureH feature = OGR_L_GetFeature(layer, i + 1);
        OGRGeometryH shape = OGR_F_GetGeometryRef(feature);
        assert_int_equal(OGR_G_GetGeometryType(shape), types[i]);
        if (i == 1)
            assert_true(OGR_G_GetX(shape, 2) == 4 && OGR_G_GetY(shape, 2) == 5);
        OGR_F_Destroy(feature);
    }
    GDALClose(data);
    assert_string_equal(ears.heard, "");
    rm_gdal_leave(&ears);
    OK(rm_gpkg_create(&gpkg, path, NULL, true, false, &err));
    assert_int_equal(rm_gpkg_add_features(gpkg, "alles", NULL, NULL, &geometry, NULL, true, NULL, 0,
                                          NULL, NULL, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "row 0 is no polygon, in a table of polygons");
    assert_int_equal(err.row, 0);
    rm_gpkg_free(gpkg);
    rm_geometry_clear(&geometry);
    assert_string_equal(ask(path, "SELECT count(*) FROM alles"),
                        "3"); /* the old file still stands */
    assert_int_equal(scratch_count(NULL), 1);
}

static unsigned mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 0777;
}

static void test_modes(void **state)
{
    (void)state;
    mode_t mask = umask(022);
    write_all(scratch_path("open.gpkg"), false);
    assert_int_equal(mode_of(scratch_path("open.gpkg")), 0644);
    write_all(scratch_path("dicht.gpkg"), true);
    assert_int_equal(mode_of(scratch_path("dicht.gpkg")), 0600);
    umask(mask);
    rm_gpkg *gpkg = NULL;
    rm_error err;
    char name[256];
    assert_int_equal(unlink(scratch_path("open.gpkg")), 0);
    assert_int_equal(unlink(scratch_path("dicht.gpkg")), 0);
    OK(rm_gpkg_create(&gpkg, scratch_path("bezig.gpkg"), NULL, false, true, &err));
    assert_int_equal(scratch_count(name), 1); /* no journal beside it */
    assert_int_equal(mode_of(scratch_path(name)), 0600);
    rm_gpkg_free(gpkg);
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_existing_file(void **state)
{
    (void)state;
    const char *path = scratch_path("er.gpkg");
    rm_gpkg *gpkg = NULL;
    rm_error err;
    write_all(path, false);
    assert_int_equal(rm_gpkg_create(&gpkg, path, NULL, false, false, &err), RM_EEXISTS);
    assert_null(gpkg);
    assert_non_null(
        strstr(err.message, "er.gpkg exists already: choose another name or ask to overwrite"));
    OK(rm_gpkg_create(&gpkg, path, NULL, true, false, &err));
    OK(rm_gpkg_add_table(gpkg, "numbers", NULL, NULL, number_fields, 2, 3, number_row, NULL, NULL,
                         &err));
    assert_string_equal(ask(path, "SELECT count(*) FROM numbers"), "20000");
    OK(rm_gpkg_finish(gpkg, &err));
    rm_gpkg_free(gpkg);
    assert_string_equal(ask(path, "SELECT count(*) FROM numbers"), "3");
    /* one that appears while another is being written */
    OK(rm_gpkg_create(&gpkg, scratch_path("later.gpkg"), NULL, false, false, &err));
    OK(rm_gpkg_add_table(gpkg, "t", NULL, NULL, number_fields, 2, 3, number_row, NULL, NULL, &err));
    FILE *file = fopen(scratch_path("later.gpkg"), "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(rm_gpkg_finish(gpkg, &err), RM_EEXISTS);
    rm_gpkg_free(gpkg);
    assert_int_equal(scratch_count(NULL), 2);
}

static void test_no_folder(void **state)
{
    (void)state;
    rm_gpkg *gpkg = NULL;
    rm_error err;
    assert_int_equal(
        rm_gpkg_create(&gpkg, scratch_path("nergens/x.gpkg"), NULL, false, false, &err),
        RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "nergens/x.gpkg"));
    assert_int_equal(rm_gpkg_create(&gpkg, scratch_folder, NULL, true, false, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "is a folder; give the name of a file"));
    for (int name = 0; name < 3; name++) {
        static const char *const others[] = {"x.shp", "x", "x.gpkg.zip"};
        assert_int_equal(
            rm_gpkg_create(&gpkg, scratch_path(others[name]), NULL, false, false, &err), RM_EINVAL);
        assert_non_null(strstr(err.message, "a GeoPackage is written as .gpkg; give the name"));
    }
    assert_int_equal(rm_gpkg_create(&gpkg, scratch_path("x.gpkg"), "EPSG:1", false, false, &err),
                     RM_ECRS);
    assert_non_null(strstr(err.message, "the coordinate reference system is not understood"));
    assert_null(gpkg);
    assert_int_equal(scratch_count(NULL), 0);
}

static rm_status failing_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    cells[0].i64 = row;
    cells[1].f64 = context && row == 2 ? INFINITY : 0.0;
    return row == 5 ? rm_fail(err, RM_EDATA, "row five") : RM_OK;
}

static int stop_now(double fraction, const char *message, void *user)
{
    (void)message;
    (void)user;
    return fraction > 0.2;
}

/* Every way in which one step can go wrong; after each, finish refuses and nothing is left. */
static void test_failing_steps(void **state)
{
    (void)state;
    const int64_t twice[] = {7, 3, 7, 40};
    const rm_field same[] = {{"a", RM_INT64, NULL, NULL}, {"A", RM_INT64, NULL, NULL}};
    const rm_field fid[] = {{"FID", RM_INT64, NULL, NULL}},
                   geom[] = {{"geom", RM_INT64, NULL, NULL}};
    const struct {
        rm_status status;
        const char *message;
    } expected[] = {
        {RM_EINVAL, "a feature id of \"areas\" occurs twice"},
        {RM_EDATA, "row five"},
        {RM_EINVAL, "\"waarde\" of row 2 of \"t\" is infinite"},
        {RM_ECANCELLED, "cancelled"},
        {RM_EINVAL, "has a table \"T\" already"},
        {RM_EINVAL, "\"gpkg_x\" cannot be the name of a table: it is reserved"},
        {RM_EINVAL, "table \"u\" cannot have a second column \"A\""},
        {RM_EINVAL, "table \"u\" cannot have a second column \"FID\""},
        {RM_EINVAL, "table \"u\" cannot have a second column \"geom\""},
        {RM_EINVAL, "no such table: main.nergens"},
        {RM_ENOTFOUND, "has no table \"nergens\" to give a style"},
    };
    rm_geometry geometry = {0};
    make_areas(&geometry);
    for (size_t c = 0; c < sizeof expected / sizeof *expected; c++) {
        rm_gpkg *gpkg = NULL;
        rm_error err = {0};
        rm_progress progress;
        rm_status status = RM_OK;
        rm_progress_start(&progress, stop_now, NULL);
        OK(rm_gpkg_create(&gpkg, scratch_path("mis.gpkg"), "EPSG:28992", false, false, &err));
        OK(rm_gpkg_add_table(gpkg, "t0", NULL, NULL, number_fields, 2, 3, number_row, NULL, NULL,
                             &err));
        switch (c) {
        case 0:
            status = rm_gpkg_add_features(gpkg, "areas", NULL, NULL, &geometry, twice, true,
                                          area_fields, FIELDS, area_row, NULL, NULL, &err);
            break;
        case 1:
        case 2:
            status = rm_gpkg_add_table(gpkg, "t", NULL, NULL, number_fields, 2, 20, failing_row,
                                       c == 2 ? &err : NULL, NULL, &err);
            break;
        case 3:
            status = rm_gpkg_add_table(gpkg, "t", NULL, NULL, number_fields, 2, 100000, number_row,
                                       NULL, &progress, &err);
            break;
        case 4:
            OK(rm_gpkg_add_table(gpkg, "t", NULL, NULL, number_fields, 2, 3, number_row, NULL, NULL,
                                 &err));
            status = rm_gpkg_add_view(gpkg, "T", NULL, "SELECT 1", &err);
            break;
        case 5:
            status = rm_gpkg_add_view(gpkg, "gpkg_x", NULL, "SELECT 1", &err);
            break;
        case 6:
        case 7:
            status = rm_gpkg_add_table(gpkg, "u", NULL, NULL, c == 6 ? same : fid, c == 6 ? 2 : 1,
                                       3, number_row, NULL, NULL, &err);
            break;
        case 8:
            status = rm_gpkg_add_features(gpkg, "u", NULL, NULL, &geometry, NULL, true, geom, 1,
                                          area_row, NULL, NULL, &err);
            break;
        case 9:
            status = rm_gpkg_add_view(gpkg, "v", NULL, "SELECT * FROM nergens", &err);
            break;
        default:
            status = rm_gpkg_add_style(gpkg, "nergens", "s", "<qgis/>", NULL, &err);
        }
        if (status != expected[c].status || !strstr(err.message, expected[c].message))
            fail_msg("case %d: status %d, %s", (int)c, (int)status, err.message);
        assert_null(strchr(err.message, '\n'));
        assert_int_equal(rm_gpkg_finish(gpkg, &err), RM_EINVAL);
        assert_non_null(strstr(err.message, "cannot be finished: a step before went wrong"));
        assert_int_equal(scratch_count(NULL), 0);
        assert_int_equal(rm_gpkg_finish(gpkg, &err), RM_EINVAL);
        rm_gpkg_free(gpkg);
    }
    rm_geometry_clear(&geometry);
    rm_gpkg_free(NULL);
}

/* A limit on the size of a file is as good as a full disk, at whatever byte it strikes. */
static void test_full_disk(void **state)
{
    (void)state;
    struct rlimit before, limit;
    int refused = 0, written = 0;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (rlim_t size = 0; size <= 640000; size += 20000) {
        rm_gpkg *gpkg = NULL;
        rm_error err = {0};
        limit = before;
        limit.rlim_cur = size;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        rm_status status =
            rm_gpkg_create(&gpkg, scratch_path("vol.gpkg"), "EPSG:28992", false, false, &err);
        if (status == RM_OK)
            status = rm_gpkg_add_table(gpkg, "t", NULL, NULL, number_fields, 2, 30000, number_row,
                                       NULL, NULL, &err);
        if (status == RM_OK)
            status = rm_gpkg_finish(gpkg, &err);
        rm_gpkg_free(gpkg);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        refused += status != RM_OK;
        written += status == RM_OK;
        assert_true(status == RM_OK || status == RM_EIO);
        if (status != RM_OK && !strstr(err.message, "disk"))
            fail_msg("at %ld bytes: %s", (long)size, err.message);
        assert_int_equal(scratch_count(NULL), status == RM_OK ? 1 : 0);
        if (status == RM_OK)
            assert_int_equal(unlink(scratch_path("vol.gpkg")), 0);
    }
    signal(SIGXFSZ, handler);
    assert_true(refused > 5 && written > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tables_with_sqlite, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_registers, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_layer_with_gdal, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_index, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_edited_by_gdal, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_mixed_geometry, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_modes, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_existing_file, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_no_folder, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_failing_steps, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_full_disk, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests_name("io_geopackage", tests, NULL, NULL);
}
