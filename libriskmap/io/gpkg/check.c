/* A write that failed can go unnoticed until the file is read, so it is read before it gets its
 * name: by SQLite, and by GDAL as the client that most people use. */
#include "io/gdal/env.h"
#include "io/gpkg/guard.h"
#include "io/gpkg/write.h"

#include <gdal.h>
#include <ogr_api.h>
#include <string.h>

enum {
    LARGE_PAGES = 16384, /* 64 MB: from here on SQLite's quick check, which leaves indices aside */
    INDEX_CHECKED = 200000 /* entries of a spatial index that are looked up one by one */
};

typedef struct checker {
    const rm_gpkg *gpkg;
    sqlite3 *db;
} checker;

static rm_status fail_check(const rm_gpkg *gpkg, const char *what, rm_error *err)
{
    return rm_fail(err, RM_EIO,
                   "%s was written, but reading it back shows damage (%s); is the disk sound?",
                   gpkg->path, what);
}

/* The first value of a query, as text (owned by *statement) or a number. */
static const char *ask(checker *check, sqlite3_stmt **statement, const char *format,
                       const char *table)
{
    char *sql = sqlite3_mprintf(format, table);
    const char *answer = NULL;
    if (sql && sqlite3_prepare_v2(check->db, sql, -1, statement, NULL) == SQLITE_OK &&
        sqlite3_step(*statement) == SQLITE_ROW)
        answer = (const char *)sqlite3_column_text(*statement, 0);
    sqlite3_free(sql);
    return answer;
}

static rm_status expect_text(checker *check, const char *format, const char *table,
                             const char *expected, rm_error *err)
{
    sqlite3_stmt *statement = NULL;
    const char *answer = ask(check, &statement, format, table);
    rm_status status = RM_OK;
    if (!answer)
        status = fail_check(check->gpkg, sqlite3_errmsg(check->db), err);
    else if (strcmp(answer, expected) != 0)
        status = fail_check(check->gpkg, answer, err);
    sqlite3_finalize(statement);
    return status;
}

static rm_status expect_count(checker *check, const char *format, const char *table,
                              int64_t expected, rm_error *err)
{
    sqlite3_stmt *statement = NULL;
    int64_t answer =
        ask(check, &statement, format, table) ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    if (answer == expected)
        return RM_OK;
    return rm_fail(err, RM_EIO,
                   "%s was written, but \"%s\" has %lld rows on reading back and not %lld",
                   check->gpkg->path, table, (long long)answer, (long long)expected);
}

static rm_status check_tables(checker *check, rm_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool large = ask(check, &statement, "PRAGMA page_count", NULL) &&
                 sqlite3_column_int64(statement, 0) > LARGE_PAGES;
    sqlite3_finalize(statement);
    RM_TRY(expect_text(check, large ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)", NULL,
                       "ok", err));
    RM_TRY(expect_text(check, "PRAGMA journal_mode", NULL, "delete", err));
    for (int64_t t = 0; t < check->gpkg->table_count; t++) {
        const rm_gpkg_written *table = &check->gpkg->tables[t];
        if (table->kind != RM_GPKG_VIEW)
            RM_TRY(
                expect_count(check, "SELECT count(*) FROM \"%w\"", table->name, table->rows, err));
        if (table->kind != RM_GPKG_FEATURES)
            continue;
        RM_TRY(expect_count(check, "SELECT count(*) FROM \"rtree_%w_geom_rowid\"", table->name,
                            table->indexed, err));
        if (table->indexed <= INDEX_CHECKED)
            RM_TRY(expect_text(check, "SELECT rtreecheck('rtree_' || %Q || '_geom')", table->name,
                               "ok", err));
    }
    return RM_OK;
}

static rm_status check_layer(const rm_gpkg *gpkg, GDALDatasetH data, const rm_gpkg_written *table,
                             const rm_gdal_ears *ears, rm_error *err)
{
    OGRLayerH layer = GDALDatasetGetLayerByName(data, table->name);
    if (!layer)
        return fail_check(gpkg, ears->heard[0] ? ears->heard : table->name, err);
    if (table->kind == RM_GPKG_VIEW)
        return RM_OK;
    int64_t count = (int64_t)OGR_L_GetFeatureCount(layer, 1);
    if (count == table->rows && ears->heard[0] == '\0')
        return RM_OK;
    return rm_fail(err, RM_EIO,
                   "%s was written, but GDAL reads %lld of the %lld rows of \"%s\" (%s)",
                   gpkg->path, (long long)count, (long long)table->rows, table->name, ears->heard);
}

static rm_status check_layers(const rm_gpkg *gpkg, rm_error *err)
{
    static const char *const drivers[] = {"GPKG", NULL};
    rm_gdal_ears ears;
    rm_status status = RM_OK;

    rm_gdal_enter(&ears);
    GDALDatasetH data =
        GDALOpenEx(gpkg->temporary, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, NULL, NULL);
    if (!data && gpkg->table_count > 0)
        status = fail_check(gpkg, ears.heard, err);
    for (int64_t t = 0; t < gpkg->table_count && status == RM_OK; t++)
        status = check_layer(gpkg, data, &gpkg->tables[t], &ears, err);
    GDALClose(data);
    rm_gdal_leave(&ears);
    return status;
}

static rm_status check_connected(checker *check, rm_error *err)
{
    rm_sqlite_harden(check->db);
    return check_tables(check, err);
}

rm_status rm_gpkg_check(const rm_gpkg *gpkg, rm_error *err)
{
    checker check = {.gpkg = gpkg};
    rm_status status;

    if (sqlite3_open_v2(gpkg->temporary, &check.db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        status = fail_check(gpkg, check.db ? sqlite3_errmsg(check.db) : "no memory", err);
    else
        status = check_connected(&check, err);
    (void)sqlite3_close(check.db);
    return status == RM_OK ? check_layers(gpkg, err) : status;
}
