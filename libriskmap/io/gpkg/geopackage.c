/* The file itself: its base tables, what is registered in it, and its end. */
#include "base/file.h"
#include "io/gdal/env.h"
#include "io/gpkg/write.h"

#include <cpl_conv.h>
#include <ogr_srs_api.h>
#include <stdlib.h>
#include <string.h>

/* GeoPackage 1.2, which every client of the last years reads; "GPKG" as a number. */
#define BASE_SQL                                                                                   \
    "PRAGMA application_id = 1196444487; PRAGMA user_version = 10200;"                             \
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"        \
    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF;"           \
    "BEGIN;"                                                                                       \
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY "  \
    "KEY, organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT " \
    "NOT NULL, description TEXT);"                                                                 \
    "INSERT INTO gpkg_spatial_ref_sys VALUES('Undefined Cartesian SRS', -1, 'NONE', -1, "          \
    "'undefined', 'undefined Cartesian coordinate reference system'), ('Undefined geographic "     \
    "SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system');"        \
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, "  \
    "identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT "  \
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y "     \
    "DOUBLE, srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES "           \
    "gpkg_spatial_ref_sys(srs_id));"                                                               \
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "    \
    "geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT "    \
    "NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT "         \
    "uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) "          \
    "REFERENCES gpkg_contents(table_name), CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES "  \
    "gpkg_spatial_ref_sys(srs_id));"                                                               \
    "CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT "    \
    "NULL, definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, "  \
    "column_name, extension_name));"

#define SCHEMA_SQL                                                                                 \
    "CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name "   \
    "TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc " \
    "PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));"         \
    "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type "   \
    "TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, "              \
    "max_is_inclusive BOOLEAN, description TEXT, CONSTRAINT gdcc_ntv UNIQUE (constraint_name, "    \
    "constraint_type, value));"                                                                    \
    "INSERT INTO gpkg_extensions VALUES('gpkg_data_columns', NULL, 'gpkg_schema', "                \
    "'http://www.geopackage.org/spec120/#extension_schema', 'read-write'), "                       \
    "('gpkg_data_column_constraints', NULL, 'gpkg_schema', "                                       \
    "'http://www.geopackage.org/spec120/#extension_schema', 'read-write');"

#define METADATA_SQL                                                                               \
    "CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope "   \
    "TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL "     \
    "DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');"                                      \
    "CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, "       \
    "column_name TEXT, row_id_value INTEGER, timestamp DATETIME NOT NULL DEFAULT "                 \
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL, md_parent_id INTEGER, "  \
    "CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id), CONSTRAINT "    \
    "crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));"                        \
    "INSERT INTO gpkg_extensions VALUES('gpkg_metadata', NULL, 'gpkg_metadata', "                  \
    "'http://www.geopackage.org/spec120/#extension_metadata', 'read-write'), "                     \
    "('gpkg_metadata_reference', NULL, 'gpkg_metadata', "                                          \
    "'http://www.geopackage.org/spec120/#extension_metadata', 'read-write');"

/* The columns that QGIS looks for; an f_table_schema of NULL makes it find nothing. A name has 30
 * characters at most. */
#define STYLES_SQL                                                                                 \
    "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog "   \
    "TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), "   \
    "styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, "   \
    "owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT "                                   \
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')));"

rm_status rm_gpkg_note(rm_gpkg *gpkg, rm_status status)
{
    gpkg->failed |= status != RM_OK;
    return status;
}

rm_status rm_gpkg_complain(const rm_gpkg *gpkg, const char *table, rm_error *err)
{
    int code = gpkg->db ? sqlite3_errcode(gpkg->db) & 0xff : SQLITE_NOMEM;

    if (code == SQLITE_NOMEM)
        return rm_fail_memory(err);
    if (code == SQLITE_FULL)
        return rm_fail(err, RM_EIO,
                       "cannot write %s: the disk is full; make room or write elsewhere",
                       gpkg->path);
    if (code == SQLITE_IOERR)
        return rm_fail(err, RM_EIO,
                       "cannot write %s: the system refused a write (error %d); is the disk full?",
                       gpkg->path, sqlite3_system_errno(gpkg->db));
    if (code == SQLITE_CONSTRAINT && table)
        return rm_fail(err, RM_EINVAL, "cannot write %s: a feature id of \"%s\" occurs twice",
                       gpkg->path, table);
    if (code == SQLITE_TOOBIG)
        return rm_fail(err, RM_ELIMIT,
                       "cannot write %s: a text or geometry is over the billion bytes "
                       "that a cell can hold",
                       gpkg->path);
    return rm_fail(err, code == SQLITE_ERROR ? RM_EINVAL : RM_EIO, "cannot write %s: %s",
                   gpkg->path, sqlite3_errmsg(gpkg->db));
}

rm_status rm_gpkg_run(rm_gpkg *gpkg, rm_error *err, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *sql = sqlite3_vmprintf(format, list);
    va_end(list);
    if (!sql)
        return rm_fail_memory(err);
    int code = sqlite3_exec(gpkg->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return code == SQLITE_OK ? RM_OK : rm_gpkg_complain(gpkg, NULL, err);
}

rm_status rm_gpkg_prepare(rm_gpkg *gpkg, sqlite3_stmt **out, rm_error *err, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *sql = sqlite3_vmprintf(format, list);
    va_end(list);
    if (!sql)
        return rm_fail_memory(err);
    int code = sqlite3_prepare_v2(gpkg->db, sql, -1, out, NULL);
    sqlite3_free(sql);
    return code == SQLITE_OK ? RM_OK : rm_gpkg_complain(gpkg, NULL, err);
}

static rm_status insert_srs(rm_gpkg *gpkg, OGRSpatialReferenceH srs, int32_t id, rm_error *err)
{
    const char *authority = OSRGetAuthorityName(srs, NULL);
    const char *code = OSRGetAuthorityCode(srs, NULL);
    char *wkt = NULL;
    bool known = authority && code && atoi(code) == id;

    if (OSRExportToWkt(srs, &wkt) != OGRERR_NONE || !wkt) {
        CPLFree(wkt);
        return rm_fail(err, RM_ECRS, "cannot write %s: its coordinate reference system has no WKT",
                       gpkg->path);
    }
    rm_status status = rm_gpkg_run(
        gpkg, err, "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES(%Q, %d, %Q, %d, %Q, NULL)",
        OSRGetName(srs) ? OSRGetName(srs) : "unnamed", (int)id, known ? authority : "NONE", (int)id,
        wkt);
    CPLFree(wkt);
    return status;
}

/* Numbers of the EPSG register serve as they are; the others get one far away from those. */
enum { OWN_SRS = 100000 };

static rm_status add_srs(rm_gpkg *gpkg, const char *crs, rm_error *err)
{
    rm_gdal_ears ears;
    rm_status status = RM_OK;

    gpkg->srs_id = crs ? OWN_SRS : -1;
    rm_gdal_enter(&ears);
    OGRSpatialReferenceH wgs = OSRNewSpatialReference(NULL), own = OSRNewSpatialReference(NULL);
    if (OSRImportFromEPSG(wgs, 4326) != OGRERR_NONE)
        status = rm_fail(err, RM_ECRS, "PROJ does not know EPSG:4326 (%s); is its database there?",
                         ears.heard);
    if (status == RM_OK && crs && OSRSetFromUserInput(own, crs) != OGRERR_NONE)
        status = rm_fail(err, RM_ECRS,
                         "cannot write %s: the coordinate reference system is not "
                         "understood (%s)",
                         gpkg->path, ears.heard);
    if (status == RM_OK && crs) {
        (void)OSRAutoIdentifyEPSG(own);
        const char *authority = OSRGetAuthorityName(own, NULL);
        const char *code = OSRGetAuthorityCode(own, NULL);
        if (authority && code && rm_text_equal_nocase(authority, "EPSG") && atoi(code) > 0)
            gpkg->srs_id = (int32_t)atoi(code);
        status = insert_srs(gpkg, own, gpkg->srs_id, err);
    }
    if (status == RM_OK)
        status = insert_srs(gpkg, wgs, 4326, err);
    OSRDestroySpatialReference(own);
    OSRDestroySpatialReference(wgs);
    rm_gdal_leave(&ears);
    return status;
}

rm_status rm_gpkg_check_target(const char *path, bool overwrite, rm_error *err)
{
    static const rm_file_kind geopackage = {"a GeoPackage", {".gpkg"}};
    return rm_file_check_target(path, &geopackage, overwrite, err);
}

static rm_status begin(rm_gpkg *gpkg, const char *crs, rm_error *err)
{
    RM_TRY(rm_gpkg_check_target(gpkg->path, gpkg->overwrite, err));
    RM_TRY(rm_file_temporary(&gpkg->temporary, gpkg->path, err));
    if (sqlite3_open_v2(gpkg->temporary, &gpkg->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return rm_gpkg_complain(gpkg, NULL, err);
    sqlite3_extended_result_codes(gpkg->db, 1);
    if (sqlite3_exec(gpkg->db, BASE_SQL, NULL, NULL, NULL) != SQLITE_OK)
        return rm_gpkg_complain(gpkg, NULL, err);
    return add_srs(gpkg, crs, err);
}

rm_status rm_gpkg_create(rm_gpkg **out, const char *path, const char *crs, bool overwrite,
                         bool shielded, rm_error *err)
{
    rm_gpkg *gpkg;

    RM_TRY(RM_NEW_ZERO(&gpkg, 1, err));
    gpkg->overwrite = overwrite;
    gpkg->shielded = shielded;
    gpkg->styles = -1;
    rm_status status = rm_copy_text(&gpkg->path, path, err);
    if (status == RM_OK)
        status = begin(gpkg, crs, err);
    if (status != RM_OK) {
        rm_gpkg_free(gpkg);
        return status;
    }
    *out = gpkg;
    return RM_OK;
}

static bool is_reserved(const char *name)
{
    return sqlite3_strnicmp(name, "gpkg_", 5) == 0 || sqlite3_strnicmp(name, "rtree_", 6) == 0 ||
           sqlite3_strnicmp(name, "sqlite_", 7) == 0 || name[0] == '\0';
}

rm_status rm_gpkg_register(rm_gpkg *gpkg, const char *name, rm_gpkg_kind kind,
                           const char *identifier, const char *description, rm_error *err)
{
    if (is_reserved(name))
        return rm_fail(err, RM_EINVAL, "\"%s\" cannot be the name of a table: it is reserved",
                       name);
    for (int64_t t = 0; t < gpkg->table_count; t++) {
        if (rm_text_equal_nocase(gpkg->tables[t].name, name))
            return rm_fail(err, RM_EINVAL, "%s has a table \"%s\" already", gpkg->path, name);
    }
    if (!identifier)
        identifier = name;
    /* identifiers must differ; the second of two that are the same is called by its table */
    RM_TRY(rm_gpkg_run(gpkg, err,
                       "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
                       "srs_id) VALUES(%Q, %Q, CASE WHEN EXISTS (SELECT 1 FROM gpkg_contents WHERE "
                       "identifier = %Q) THEN %Q ELSE %Q END, %Q, %d)",
                       name, kind == RM_GPKG_FEATURES ? "features" : "attributes", identifier, name,
                       identifier, description ? description : "",
                       kind == RM_GPKG_FEATURES ? (int)gpkg->srs_id : 0));
    RM_TRY(RM_GROW(&gpkg->tables, &gpkg->table_capacity, gpkg->table_count + 1, err));
    rm_gpkg_written *table = &gpkg->tables[gpkg->table_count];
    *table = (rm_gpkg_written){.kind = kind, .rows = kind == RM_GPKG_VIEW ? -1 : 0};
    RM_TRY(rm_copy_text(&table->name, name, err));
    gpkg->table_count++;
    return RM_OK;
}

/* Newer GDAL and QGIS show `name`, which must differ within a table; others show `title`. */
static rm_status add_title(rm_gpkg *gpkg, const char *table, const rm_field *field, bool twice,
                           rm_error *err)
{
    return rm_gpkg_run(
        gpkg, err, "INSERT INTO gpkg_data_columns VALUES(%Q, %Q, %Q, %Q, %Q, NULL, NULL)", table,
        field->name, twice ? NULL : field->title, field->title, field->description);
}

rm_status rm_gpkg_add_titles(rm_gpkg *gpkg, const char *table, const rm_field *fields,
                             int32_t field_count, rm_error *err)
{
    for (int32_t f = 0; f < field_count; f++) {
        bool twice = false;
        if (!fields[f].title && !fields[f].description)
            continue;
        if (!gpkg->titled)
            RM_TRY(rm_gpkg_run(gpkg, err, "%s", SCHEMA_SQL));
        gpkg->titled = true;
        for (int32_t g = 0; g < f && fields[f].title; g++)
            twice |= fields[g].title && strcmp(fields[g].title, fields[f].title) == 0;
        RM_TRY(add_title(gpkg, table, &fields[f], twice, err));
    }
    return RM_OK;
}

static rm_status add_view(rm_gpkg *gpkg, const char *name, const char *identifier,
                          const char *select, rm_error *err)
{
    sqlite3_stmt *probe = NULL;

    RM_TRY(rm_gpkg_register(gpkg, name, RM_GPKG_VIEW, identifier, NULL, err));
    RM_TRY(rm_gpkg_run(gpkg, err, "CREATE VIEW \"%w\" AS %s", name, select));
    /* SQLite takes a view over what does not exist; preparing a look at it finds out */
    rm_status status = rm_gpkg_prepare(gpkg, &probe, err, "SELECT * FROM \"%w\"", name);
    sqlite3_finalize(probe);
    return status;
}

rm_status rm_gpkg_add_view(rm_gpkg *gpkg, const char *name, const char *identifier,
                           const char *select, rm_error *err)
{
    return rm_gpkg_note(gpkg, add_view(gpkg, name, identifier, select, err));
}

static rm_status add_style(rm_gpkg *gpkg, const char *table, const char *style_name,
                           const char *qml, const char *description, rm_error *err)
{
    const rm_gpkg_written *found = NULL;

    for (int64_t t = 0; t < gpkg->table_count; t++) {
        if (strcmp(gpkg->tables[t].name, table) == 0)
            found = &gpkg->tables[t];
    }
    if (!found)
        return rm_fail(err, RM_ENOTFOUND, "%s has no table \"%s\" to give a style", gpkg->path,
                       table);
    bool features = found->kind == RM_GPKG_FEATURES;
    if (gpkg->styles < 0) {
        RM_TRY(rm_gpkg_register(gpkg, "layer_styles", RM_GPKG_ATTRIBUTES, NULL, NULL, err));
        RM_TRY(rm_gpkg_run(gpkg, err, "%s", STYLES_SQL));
        gpkg->styles = (int32_t)gpkg->table_count - 1;
    }
    RM_TRY(rm_gpkg_run(gpkg, err,
                       "UPDATE layer_styles SET useAsDefault = 0 WHERE f_table_name = %Q", table));
    RM_TRY(rm_gpkg_run(
        gpkg, err,
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
        "owner) VALUES('', '', %Q, %Q, '%!.30q', %Q, '', 1, %Q, '')",
        table, features ? "geom" : "", style_name, qml, description ? description : ""));
    gpkg->tables[gpkg->styles].rows++;
    return RM_OK;
}

rm_status rm_gpkg_add_style(rm_gpkg *gpkg, const char *table, const char *style_name,
                            const char *qml, const char *description, rm_error *err)
{
    return rm_gpkg_note(gpkg, add_style(gpkg, table, style_name, qml, description, err));
}

static rm_status add_metadata(rm_gpkg *gpkg, const char *mime_type, const char *text, rm_error *err)
{
    if (!gpkg->has_metadata)
        RM_TRY(rm_gpkg_run(gpkg, err, "%s", METADATA_SQL));
    gpkg->has_metadata = true;
    RM_TRY(rm_gpkg_run(gpkg, err,
                       "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) "
                       "VALUES('dataset', 'urn:riskmap', %Q, %Q)",
                       mime_type, text));
    return rm_gpkg_run(gpkg, err,
                       "INSERT INTO gpkg_metadata_reference (reference_scope, md_file_id) "
                       "VALUES('geopackage', last_insert_rowid())");
}

rm_status rm_gpkg_add_metadata(rm_gpkg *gpkg, const char *mime_type, const char *text,
                               rm_error *err)
{
    return rm_gpkg_note(gpkg, add_metadata(gpkg, mime_type, text, err));
}

static rm_status finish(rm_gpkg *gpkg, rm_error *err)
{
    if (gpkg->failed || !gpkg->db)
        return rm_fail(err, RM_EINVAL, "%s cannot be finished: a step before went wrong",
                       gpkg->path);
    RM_TRY(rm_gpkg_run(gpkg, err, "COMMIT"));
    int code = sqlite3_close(gpkg->db);
    if (code != SQLITE_OK)
        return rm_gpkg_complain(gpkg, NULL, err);
    gpkg->db = NULL;
    RM_TRY(rm_gpkg_check(gpkg, err));
    RM_TRY(rm_file_publish(gpkg->temporary, gpkg->path, gpkg->overwrite, gpkg->shielded, err));
    gpkg->finished = true;
    return RM_OK;
}

static void remove_with(const char *path, const char *ending)
{
    rm_text name = {0};
    rm_text_add(&name, path);
    rm_text_add(&name, ending);
    if (!name.failed)
        rm_file_remove(name.data);
    rm_text_clear(&name);
}

/* Also what a driver may have laid beside the file while it was open. */
static void discard(rm_gpkg *gpkg)
{
    if (gpkg->db)
        (void)sqlite3_close_v2(gpkg->db);
    gpkg->db = NULL;
    if (gpkg->temporary && !gpkg->finished) {
        remove_with(gpkg->temporary, "-journal");
        remove_with(gpkg->temporary, "-wal");
        remove_with(gpkg->temporary, "-shm");
        rm_file_remove(gpkg->temporary);
    }
    rm_release(gpkg->temporary);
    gpkg->temporary = NULL;
}

rm_status rm_gpkg_finish(rm_gpkg *gpkg, rm_error *err)
{
    rm_status status = rm_gpkg_note(gpkg, finish(gpkg, err));
    discard(gpkg);
    return status;
}

void rm_gpkg_free(rm_gpkg *gpkg)
{
    if (!gpkg)
        return;
    discard(gpkg);
    for (int64_t t = 0; t < gpkg->table_count; t++)
        rm_release(gpkg->tables[t].name);
    rm_release(gpkg->tables);
    rm_release(gpkg->path);
    rm_release(gpkg);
}
