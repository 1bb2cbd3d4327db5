#include "io/gpkg/table.h"

#include "base/file.h"
#include "io/gpkg/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

rm_status rm_gpkg_fail(sqlite3 *db, const char *shown, rm_error *err)
{
    int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
    if (code == SQLITE_NOMEM)
        return rm_fail_memory(err);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return rm_fail(err, RM_EFORMAT, "%s is damaged (%s)", shown, sqlite3_errmsg(db));
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return rm_fail(err, RM_EIO, "%s is being written by another program; try again later",
                       shown);
    return rm_fail(err, RM_EIO, "%s cannot be read (%s)", shown, sqlite3_errmsg(db));
}

void rm_gpkg_quote(rm_text *text, const char *name)
{
    rm_text_add(text, "\"");
    for (const char *quote; (quote = strchr(name, '"')) != NULL; name = quote + 1) {
        rm_text_add_n(text, name, quote - name + 1);
        rm_text_add(text, "\"");
    }
    rm_text_add(text, name);
    rm_text_add(text, "\"");
}

/* The first 20 bytes: what kind of file, and in byte 18 and 19 whether it is in WAL mode. */
static bool read_header(const char *path, bool *wal)
{
    unsigned char header[20];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    bool sqlite = fread(header, 1, sizeof header, file) == sizeof header &&
                  memcmp(header, "SQLite format 3", 16) == 0;
    fclose(file);
    *wal = sqlite && (header[18] == 2 || header[19] == 2);
    return sqlite;
}

static bool has_wal_file(const char *path)
{
    rm_text name = {0};
    rm_text_addf(&name, "%s-wal", path);
    bool there = name.failed || rm_file_exists(name.data);
    rm_text_clear(&name);
    return there;
}

bool rm_gpkg_is_settled_wal(const char *path)
{
    bool wal = false;
    return read_header(path, &wal) && wal && !has_wal_file(path);
}

rm_status rm_gpkg_uri(char **out, const char *path, rm_error *err)
{
    static const char hex[] = "0123456789ABCDEF";
    bool wal = false;
    *out = NULL;
    if (!read_header(path, &wal) || (wal && has_wal_file(path)))
        return RM_OK;
    rm_text uri = {0};
    rm_text_add(&uri, "file:");
    for (const char *p = path; *p; p++) {
        unsigned char c = (unsigned char)*p;
        char escape[3] = {'%', hex[c >> 4], hex[c & 15]};
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '/' || c == '.' || c == '-' || c == '_';
        rm_text_add_n(&uri, plain ? p : escape, plain ? 1 : 3);
    }
    /* without -wal there is nothing that immutable could miss, and no -shm file is made */
    rm_text_add(&uri, wal ? "?mode=ro&immutable=1" : "?mode=ro");
    rm_status status = rm_text_status(&uri, err);
    if (status == RM_OK)
        status = rm_copy_text(out, uri.data, err);
    rm_text_clear(&uri);
    return status;
}

rm_status rm_gpkg_connect(sqlite3 **out, const char *uri, const char *shown, rm_error *err)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(uri, &db, flags, NULL) != SQLITE_OK) {
        rm_status status = rm_gpkg_fail(db, shown, err);
        sqlite3_close(db);
        return status;
    }
    sqlite3_busy_timeout(db, 2000);
    rm_sqlite_harden(db);
    *out = db;
    return RM_OK;
}

/* A statement with the table's name as its only parameter; NULL when it cannot be prepared, as on a
 * file that lacks the table. */
static sqlite3_stmt *ask(sqlite3 *db, const char *sql, const char *name)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    if (name)
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    return statement;
}

static const char *cell_text(sqlite3_stmt *statement, int cell)
{
    const char *text = (const char *)sqlite3_column_text(statement, cell);
    return text ? text : "";
}

/* The table of the request, by the list of contents. *found = false when GDAL should say what is
 * wrong: it lists also what is not registered. */
static rm_status choose_table(rm_gpkg_table *table, sqlite3 *db, const rm_request *request,
                              bool *found, rm_error *err)
{
    rm_layer_choice *choices = NULL;
    int64_t count = 0, capacity = 0;
    rm_status status = RM_OK;
    sqlite3_stmt *list = ask(db,
                             "SELECT table_name, data_type = 'features' FROM gpkg_contents "
                             "WHERE data_type IN ('features', 'attributes')",
                             NULL);
    while (status == RM_OK && list && sqlite3_step(list) == SQLITE_ROW) {
        char *name = NULL;
        status = RM_GROW(&choices, &capacity, count + 1, err);
        if (status == RM_OK)
            status = rm_copy_text(&name, cell_text(list, 0), err);
        if (status == RM_OK)
            choices[count++] = (rm_layer_choice){name, sqlite3_column_int(list, 1) != 0};
    }
    sqlite3_finalize(list);
    int chosen = 0;
    *found = status == RM_OK &&
             rm_find_layer(&chosen, request, choices, count, request->source, NULL) == RM_OK;
    if (*found)
        status = rm_copy_text(&table->name, choices[chosen].name, err);
    for (int64_t i = 0; i < count; i++)
        rm_release((char *)choices[i].name);
    rm_release(choices);
    return status;
}

static bool is_plain_table(sqlite3 *db, const char *name)
{
    sqlite3_stmt *kind = ask(db,
                             "SELECT count(*) FROM sqlite_master WHERE lower(name) = lower(?1) "
                             "AND type = 'table' AND rootpage > 0",
                             name);
    bool plain = kind && sqlite3_step(kind) == SQLITE_ROW && sqlite3_column_int(kind, 0) == 1;
    sqlite3_finalize(kind);
    return plain;
}

/* Geometry column and CRS. False when there are several, or none where geometry is wanted. */
static bool find_geometry(rm_gpkg_table *table, sqlite3 *db, bool wanted, rm_status *status,
                          rm_error *err)
{
    int count = 0;
    sqlite3_stmt *row = ask(
        db,
        "SELECT g.column_name, s.organization, s.organization_coordsys_id, s.definition, g.srs_id "
        "FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id "
        "WHERE lower(g.table_name) = lower(?1)",
        table->name);
    for (; *status == RM_OK && row && sqlite3_step(row) == SQLITE_ROW; count++) {
        if (count > 0)
            continue;
        char code[64];
        const char *definition = cell_text(row, 3);
        if (rm_text_equal_nocase(cell_text(row, 1), "EPSG")) {
            snprintf(code, sizeof code, "EPSG:%d", sqlite3_column_int(row, 2));
            definition = code;
        }
        bool undefined = sqlite3_column_int(row, 4) <= 0 || definition[0] == '\0' ||
                         rm_text_equal_nocase(definition, "undefined");
        *status = rm_copy_text(&table->geometry, cell_text(row, 0), err);
        if (*status == RM_OK && !undefined)
            *status = rm_copy_text(&table->crs, definition, err);
    }
    sqlite3_finalize(row);
    return count == 1 || (count == 0 && !wanted);
}

/* Some files hold SpatiaLite's blobs where GeoPackage's belong: one is enough to tell. */
static bool has_standard_blobs(const rm_gpkg_table *table, sqlite3 *db)
{
    sqlite3_stmt *first = NULL;
    rm_text sql = {0};
    rm_text_add(&sql, "SELECT ");
    rm_gpkg_quote(&sql, table->geometry);
    rm_text_add(&sql, " FROM ");
    rm_gpkg_quote(&sql, table->name);
    rm_text_add(&sql, " WHERE ");
    rm_gpkg_quote(&sql, table->geometry);
    rm_text_add(&sql, " IS NOT NULL LIMIT 1");
    bool standard = !sql.failed && sqlite3_prepare_v2(db, sql.data, -1, &first, NULL) == SQLITE_OK;
    if (standard && sqlite3_step(first) == SQLITE_ROW) {
        const char *blob = sqlite3_column_blob(first, 0);
        standard = sqlite3_column_bytes(first, 0) < 2 || (blob[0] == 'G' && blob[1] == 'P');
    }
    sqlite3_finalize(first);
    rm_text_clear(&sql);
    return standard;
}

/* The types of the GeoPackage standard and some that are met beside them, as GDAL takes them; text
 * may have its length behind it. False for any other, which GDAL interprets. */
static bool declared_type(const char *declared, rm_type *out)
{
    static const struct {
        const char *name;
        rm_type type;
    } types[] = {
        {"BOOLEAN", RM_INT64},   {"TINYINT", RM_INT64},  {"SMALLINT", RM_INT64},
        {"MEDIUMINT", RM_INT64}, {"INT", RM_INT64},      {"INTEGER", RM_INT64},
        {"FLOAT", RM_FLOAT64},   {"DOUBLE", RM_FLOAT64}, {"REAL", RM_FLOAT64},
        {"TEXT", RM_TEXT},       {"DATE", RM_DATE},      {"DATETIME", RM_DATETIME},
        {"NUMERIC", RM_FLOAT64}, {"VARCHAR", RM_TEXT},   {"CHAR", RM_TEXT},
    };
    char name[16];
    size_t length = strcspn(declared, "( ");
    if (length >= sizeof name)
        return false;
    memcpy(name, declared, length);
    name[length] = '\0';
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        bool whole = declared[length] == '\0' || types[i].type == RM_TEXT;
        if (whole && rm_text_equal_nocase(name, types[i].name)) {
            *out = types[i].type;
            return true;
        }
    }
    return false;
}

static rm_status add_column(rm_gpkg_table *table, const char *name, const char *declared,
                            int64_t *capacity, rm_error *err)
{
    rm_type type = RM_TEXT;
    bool readable = declared_type(declared, &type);
    RM_TRY(RM_GROW(&table->readable, capacity, (int64_t)table->columns.count + 1, err));
    table->readable[table->columns.count] = readable;
    return rm_table_add_column(&table->columns, name, type, err);
}

/* Columns and key. False when the key is not one integer column, which is then the row id. */
static bool find_columns(rm_gpkg_table *table, sqlite3 *db, rm_status *status, rm_error *err)
{
    int keys = 0;
    bool integer = false;
    int64_t capacity = 0;
    sqlite3_stmt *row = ask(db, "SELECT name, type, pk FROM pragma_table_info(?1)", table->name);
    while (*status == RM_OK && row && sqlite3_step(row) == SQLITE_ROW) {
        const char *name = cell_text(row, 0), *declared = cell_text(row, 1);
        if (sqlite3_column_int(row, 2) > 0) {
            if (keys++ == 0)
                *status = rm_copy_text(&table->key, name, err);
            integer = rm_text_equal_nocase(declared, "INTEGER");
        } else if (!table->geometry || !rm_text_equal_nocase(name, table->geometry)) {
            *status = add_column(table, name, declared, &capacity, err);
        }
    }
    sqlite3_finalize(row);
    return keys == 1 && integer;
}

rm_status rm_gpkg_table_find(rm_gpkg_table *out, const char *uri, const rm_request *request,
                             bool *plain, rm_error *err)
{
    sqlite3 *db = NULL;
    rm_status status = RM_OK;
    *plain = false;
    /* what cannot be opened this way, GDAL may still explain */
    if (rm_gpkg_connect(&db, uri, request->source, NULL) != RM_OK)
        return RM_OK;
    status = choose_table(out, db, request, plain, err);
    *plain = *plain && status == RM_OK && is_plain_table(db, out->name) &&
             find_geometry(out, db, request->geometry, &status, err) &&
             find_columns(out, db, &status, err) &&
             (!request->geometry || has_standard_blobs(out, db));
    sqlite3_close(db);
    return status;
}

void rm_gpkg_table_clear(rm_gpkg_table *table)
{
    rm_release(table->name);
    rm_release(table->key);
    rm_release(table->geometry);
    rm_release(table->crs);
    rm_release(table->readable);
    rm_table_clear(&table->columns);
    *table = (rm_gpkg_table){0};
}

/* Prepares head + quoted name (prefix + table [+ _geometry] + suffix) + tail. */
static rm_status prepare_on(sqlite3_stmt **out, sqlite3 *db, const char *head, const char *name,
                            const char *tail, const char *shown, rm_error *err)
{
    rm_text sql = {0};
    rm_text_add(&sql, head);
    rm_gpkg_quote(&sql, name);
    rm_text_add(&sql, tail);
    rm_status status = rm_text_status(&sql, err);
    if (status == RM_OK && sqlite3_prepare_v2(db, sql.data, -1, out, NULL) != SQLITE_OK)
        status = rm_gpkg_fail(db, shown, err);
    rm_text_clear(&sql);
    return status;
}

static rm_status count_rows(sqlite3 *db, const char *name, int64_t *count, const char *shown,
                            rm_error *err)
{
    sqlite3_stmt *statement = NULL;
    RM_TRY(prepare_on(&statement, db, "SELECT count(*) FROM ", name, "", shown, err));
    bool done = sqlite3_step(statement) == SQLITE_ROW;
    if (done)
        *count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return done ? RM_OK : rm_gpkg_fail(db, shown, err);
}

rm_status rm_gpkg_count(sqlite3 *db, const rm_gpkg_table *table, int64_t *count, const char *shown,
                        rm_error *err)
{
    return count_rows(db, table->name, count, shown, err);
}

rm_status rm_gpkg_id_range(sqlite3 *db, const rm_gpkg_table *table, int64_t *first, int64_t *last,
                           bool *any, const char *shown, rm_error *err)
{
    /* two queries: SQLite takes min and max from the ends of the table only one at a time */
    static const char *const heads[] = {"SELECT min(rowid) FROM ", "SELECT max(rowid) FROM "};
    int64_t values[2] = {0, 0};
    *any = false;
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *statement = NULL;
        RM_TRY(prepare_on(&statement, db, heads[i], table->name, "", shown, err));
        bool done = sqlite3_step(statement) == SQLITE_ROW;
        *any = done && sqlite3_column_type(statement, 0) == SQLITE_INTEGER;
        values[i] = done ? sqlite3_column_int64(statement, 0) : 0;
        sqlite3_finalize(statement);
        if (!done)
            return rm_gpkg_fail(db, shown, err);
    }
    *first = values[0];
    *last = values[1];
    return RM_OK;
}

static void index_name(rm_text *out, const rm_gpkg_table *table, const char *suffix)
{
    rm_text_addf(out, "rtree_%s_%s%s", table->name, table->geometry, suffix);
}

static bool index_registered(sqlite3 *db, const rm_gpkg_table *table)
{
    sqlite3_stmt *row = ask(db,
                            "SELECT count(*) FROM gpkg_extensions WHERE lower(table_name) = "
                            "lower(?1) AND lower(column_name) = lower(?2) AND extension_name = "
                            "'gpkg_rtree_index'",
                            table->name);
    bool found = false;
    if (row && table->geometry) {
        sqlite3_bind_text(row, 2, table->geometry, -1, SQLITE_STATIC);
        found = sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int(row, 0) > 0;
    }
    sqlite3_finalize(row);
    return found;
}

static double big_endian_float(const unsigned char *at)
{
    uint32_t bits = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* The root of SQLite's R-tree, a documented format: depth and number of cells (2 bytes each), then
 * per cell an id of 8 bytes and the floats minx, maxx, miny, maxy, all big-endian. */
static bool root_extent(const unsigned char *node, int size, rm_box *out)
{
    enum { HEAD = 4, CELL = 24 };
    if (!node || size < HEAD + CELL)
        return false;
    int cells = node[2] << 8 | node[3];
    if (cells == 0 || cells > (size - HEAD) / CELL)
        return false;
    for (int i = 0; i < cells; i++) {
        const unsigned char *at = node + HEAD + i * CELL + 8;
        rm_box cell = {big_endian_float(at), big_endian_float(at + 8), big_endian_float(at + 4),
                       big_endian_float(at + 12)};
        if (i == 0)
            *out = cell;
        out->xmin = cell.xmin < out->xmin ? cell.xmin : out->xmin;
        out->ymin = cell.ymin < out->ymin ? cell.ymin : out->ymin;
        out->xmax = cell.xmax > out->xmax ? cell.xmax : out->xmax;
        out->ymax = cell.ymax > out->ymax ? cell.ymax : out->ymax;
    }
    return !rm_box_is_empty(*out);
}

bool rm_gpkg_index_extent(sqlite3 *db, const rm_gpkg_table *table, rm_box *out)
{
    if (!index_registered(db, table))
        return false;
    rm_text name = {0};
    sqlite3_stmt *root = NULL;
    index_name(&name, table, "_node");
    bool found = false;
    if (!name.failed && prepare_on(&root, db, "SELECT data FROM ", name.data, " WHERE nodeno = 1",
                                   "", NULL) == RM_OK) {
        found = sqlite3_step(root) == SQLITE_ROW &&
                root_extent(sqlite3_column_blob(root, 0), sqlite3_column_bytes(root, 0), out);
        sqlite3_finalize(root);
    }
    rm_text_clear(&name);
    return found;
}

rm_status rm_gpkg_index_complete(sqlite3 *db, const rm_gpkg_table *table, bool *complete,
                                 int64_t *count, const char *shown, rm_error *err)
{
    rm_text name = {0};
    int64_t indexed = -1, rows = 0;
    index_name(&name, table, "_rowid");
    rm_status status = rm_text_status(&name, err);
    if (status == RM_OK)
        status = count_rows(db, name.data, &indexed, shown, err);
    if (status == RM_OK)
        status = rm_gpkg_count(db, table, &rows, shown, err);
    rm_text_clear(&name);
    *complete = status == RM_OK && indexed == rows;
    *count = rows;
    return status;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

rm_status rm_gpkg_index_search(sqlite3 *db, const rm_gpkg_table *table, const rm_box *box,
                               int64_t most, int64_t **ids, int64_t *count, const char *shown,
                               rm_error *err)
{
    rm_text name = {0};
    sqlite3_stmt *search = NULL;
    int64_t *found = NULL, n = 0, capacity = 0;
    int code = SQLITE_DONE;
    index_name(&name, table, "");
    rm_status status = rm_text_status(&name, err);
    if (status == RM_OK)
        status = prepare_on(&search, db, "SELECT id FROM ", name.data,
                            " WHERE maxx >= ?1 AND minx <= ?2 AND maxy >= ?3 AND miny <= ?4", shown,
                            err);
    rm_text_clear(&name);
    if (status == RM_OK) {
        sqlite3_bind_double(search, 1, box->xmin);
        sqlite3_bind_double(search, 2, box->xmax);
        sqlite3_bind_double(search, 3, box->ymin);
        sqlite3_bind_double(search, 4, box->ymax);
    }
    while (status == RM_OK && n <= most && (code = sqlite3_step(search)) == SQLITE_ROW) {
        status = RM_GROW(&found, &capacity, n + 1, err);
        if (status == RM_OK)
            found[n++] = sqlite3_column_int64(search, 0);
    }
    if (status == RM_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        status = rm_gpkg_fail(db, shown, err);
    sqlite3_finalize(search);
    if (status == RM_OK && n > most) {
        rm_release(found);
        *ids = NULL;
        return RM_OK;
    }
    if (status == RM_OK && !found)
        status = RM_NEW(&found, 1, err); /* nothing found is not the same as not searched */
    if (status != RM_OK) {
        rm_release(found);
        return status;
    }
    qsort(found, (size_t)n, sizeof *found, compare_ids);
    *ids = found;
    *count = n;
    return RM_OK;
}
