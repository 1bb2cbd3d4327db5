/* Feeds bytes to the reader of GeoPackages in two ways, by the first byte: as the geometry of one
 * row between two sound ones, which must come through unhurt; or written over a part of the file
 * itself, which is then looked at and read. No input may crash, and every refusal is one line of
 * sound UTF-8. Links all layers; start it with corpus/geopackage and -max_len=1024. */
#define _GNU_SOURCE
#include "io/gdal/env.h"
#include "io/gpkg/guard.h"
#include "io/open.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static const char make[] =
    "PRAGMA application_id = 1196444487; PRAGMA user_version = 10200; PRAGMA page_size = 1024;"
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization "
    "TEXT,"
    " organization_coordsys_id INTEGER, definition TEXT, description TEXT);"
    "INSERT INTO gpkg_spatial_ref_sys VALUES ('RD', 28992, 'EPSG', 28992, 'x', '');"
    "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT,"
    " description TEXT, last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y "
    "DOUBLE,"
    " srs_id INTEGER);"
    "INSERT INTO gpkg_contents VALUES ('t', 'features', 't', '', '', 0, 0, 1, 1, 28992);"
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name "
    "TEXT,"
    " srs_id INTEGER, z TINYINT, m TINYINT);"
    "INSERT INTO gpkg_geometry_columns VALUES ('t', 'geom', 'GEOMETRY', 28992, 0, 0);"
    "CREATE TABLE t (fid INTEGER PRIMARY KEY, geom GEOMETRY, a TEXT, n INTEGER, d DATE);"
    "CREATE VIEW v AS SELECT fid, geom, upper(a) AS a FROM t;"
    "INSERT INTO t VALUES (1, x'47500001407100000101000000000000000018084100000000'"
    " || x'00FE1C41', 'een', 1, '2026-01-01'), (2, NULL, 'twee', 2, NULL),"
    " (3, x'47500001407100000101000000000000000018084100000000' || x'00FE1C41', 'drie', 3, 'x');"
    "UPDATE t SET geom = cast(geom AS BLOB) WHERE geom IS NOT NULL";

static char path[512];
static uint8_t *sound;
static size_t sound_size;

static void make_sound(void)
{
    sqlite3 *db = NULL;
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/fuzz-geopackage-%d.gpkg", folder ? folder : ".", (int)getpid());
    unlink(path);
    need(sqlite3_open(path, &db) == SQLITE_OK);
    need(sqlite3_exec(db, make, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    FILE *file = fopen(path, "rb");
    need(file && fseek(file, 0, SEEK_END) == 0);
    sound_size = (size_t)ftell(file);
    rewind(file);
    sound = malloc(sound_size);
    need(sound && fread(sound, 1, sound_size, file) == sound_size);
    fclose(file);
}

static void write_file(const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    need(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static rm_status read_all(rm_layer **out, rm_error *err)
{
    static const char *const columns[] = {"a", "n", "d"};
    rm_request request = {.source = path,
                          .layer = "t",
                          .columns = columns,
                          .column_count = 3,
                          .geometry = true,
                          .threads = 1};
    rm_source *source = NULL;
    rm_status status = rm_open_geopackage(&request, &source, err);
    if (status == RM_OK && source)
        status = rm_source_collect(out, source, NULL, NULL, err);
    rm_source_free(source);
    return status;
}

static void check_message(const rm_error *err)
{
    int64_t length = (int64_t)strlen(err->message);
    need(length > 0 && rm_utf8_valid(err->message, length) == length);
    need(!strpbrk(err->message, "\n\r\t"));
}

static void put_geometry(const uint8_t *data, size_t size)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *update = NULL;
    write_file(sound, sound_size);
    need(sqlite3_open(path, &db) == SQLITE_OK);
    sqlite3_exec(db, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", NULL, NULL, NULL);
    need(sqlite3_prepare_v2(db, "UPDATE t SET geom = ?1 WHERE fid = 2", -1, &update, NULL) ==
         SQLITE_OK);
    sqlite3_bind_blob(update, 1, data, (int)size, SQLITE_STATIC);
    need(sqlite3_step(update) == SQLITE_DONE);
    sqlite3_finalize(update);
    sqlite3_close(db);
}

static void check_geometry(const uint8_t *data, size_t size)
{
    rm_layer *layer = NULL;
    rm_error err = {0};
    put_geometry(data, size);
    need(read_all(&layer, &err) == RM_OK && layer);
    const rm_geometry *g = &layer->rows.geometry;
    need(layer->rows.table.rows == 3 && g->features == 3);
    need(g->kind[0] == RM_KIND_POINT && g->kind[2] == RM_KIND_POINT);
    for (int64_t i = 0; i < g->points; i++)
        need(g->x[i] - g->x[i] == 0 && g->y[i] - g->y[i] == 0);
    /* a feature without a geometry says why */
    need(g->kind[1] != RM_KIND_NONE || layer->rows.issues.count > 0);
    rm_layer_free(layer);
}

static void check_damage(const uint8_t *data, size_t size)
{
    rm_layer *layer = NULL;
    rm_error err = {0};
    rm_gdal_ears ears;
    if (size < 2)
        return;
    uint8_t *hurt = malloc(sound_size);
    need(hurt != NULL);
    memcpy(hurt, sound, sound_size);
    size_t at = ((size_t)data[0] << 8 | data[1]) % sound_size;
    for (size_t i = 2; i < size && at + i - 2 < sound_size; i++)
        hurt[at + i - 2] = data[i];
    write_file(hurt, sound_size);
    free(hurt);
    rm_gdal_enter(&ears);
    if (rm_sqlite_look(path, path, &err) != RM_OK)
        check_message(&err);
    rm_gdal_leave(&ears);
    if (read_all(&layer, &err) != RM_OK)
        check_message(&err);
    rm_layer_free(layer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!sound)
        make_sound();
    if (size < 1)
        return 0;
    if (data[0] & 1)
        check_geometry(data + 1, size - 1);
    else
        check_damage(data + 1, size - 1);
    unlink(path);
    return 0;
}
