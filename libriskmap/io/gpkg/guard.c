#include "io/gpkg/guard.h"

#include "base/file.h"
#include "base/text.h"
#include "data/quote.h"
#include "io/gpkg/table.h"
#include "io/untrusted_limits.h"

#include <cpl_vsi.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void rm_sqlite_harden(sqlite3 *db)
{
    static const struct {
        int option, value;
    } options[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    };
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, RM_SQLITE_CELL}, {SQLITE_LIMIT_EXPR_DEPTH, 200},
        {SQLITE_LIMIT_COMPOUND_SELECT, 20},    {SQLITE_LIMIT_VDBE_OP, 250000},
        {SQLITE_LIMIT_FUNCTION_ARG, 32},       {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},       {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        sqlite3_db_config(db, options[i].option, options[i].value, (int *)NULL);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(db, limits[i].limit, limits[i].value);
    sqlite3_exec(db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", NULL, NULL, NULL);
}

/* ---- a file of GDAL's as SQLite's, to be read only ---- */

typedef struct vsi_file {
    sqlite3_file base;
    VSILFILE *file;
} vsi_file;

static int vsi_close(sqlite3_file *file)
{
    VSIFCloseL(((vsi_file *)file)->file);
    return SQLITE_OK;
}

static int vsi_read(sqlite3_file *file, void *out, int size, sqlite3_int64 at)
{
    VSILFILE *from = ((vsi_file *)file)->file;
    size_t count = 0;
    if (VSIFSeekL(from, (vsi_l_offset)at, SEEK_SET) == 0)
        count = VSIFReadL(out, 1, (size_t)size, from);
    if (count == (size_t)size)
        return SQLITE_OK;
    memset((char *)out + count, 0, (size_t)size - count);
    return SQLITE_IOERR_SHORT_READ;
}

static int vsi_size(sqlite3_file *file, sqlite3_int64 *size)
{
    VSILFILE *from = ((vsi_file *)file)->file;
    if (VSIFSeekL(from, 0, SEEK_END) != 0)
        return SQLITE_IOERR_FSTAT;
    *size = (sqlite3_int64)VSIFTellL(from);
    return SQLITE_OK;
}

static int vsi_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
    (void)file, (void)data, (void)size, (void)at;
    return SQLITE_READONLY;
}

static int vsi_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    (void)file, (void)size;
    return SQLITE_READONLY;
}

static int vsi_nothing(sqlite3_file *file, int flags)
{
    (void)file, (void)flags;
    return SQLITE_OK;
}

static int vsi_reserved(sqlite3_file *file, int *reserved)
{
    (void)file;
    *reserved = 0;
    return SQLITE_OK;
}

static int vsi_control(sqlite3_file *file, int operation, void *argument)
{
    (void)file, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int vsi_sector(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static int vsi_device(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_IMMUTABLE;
}

static int vsi_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *got)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 1,
        .xClose = vsi_close,
        .xRead = vsi_read,
        .xWrite = vsi_write,
        .xTruncate = vsi_truncate,
        .xSync = vsi_nothing,
        .xFileSize = vsi_size,
        .xLock = vsi_nothing,
        .xUnlock = vsi_nothing,
        .xCheckReservedLock = vsi_reserved,
        .xFileControl = vsi_control,
        .xSectorSize = vsi_sector,
        .xDeviceCharacteristics = vsi_device,
    };
    vsi_file *file = (vsi_file *)out;
    (void)vfs;
    out->pMethods = NULL;
    if (!name || !(flags & SQLITE_OPEN_MAIN_DB))
        return SQLITE_CANTOPEN;
    file->file = VSIFOpenL(name, "rb");
    if (!file->file)
        return SQLITE_CANTOPEN;
    out->pMethods = &methods;
    if (got)
        *got = SQLITE_OPEN_READONLY;
    return SQLITE_OK;
}

static int vsi_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_READONLY;
}

/* Nothing lies beside it: no journal and no log. */
static int vsi_access(sqlite3_vfs *vfs, const char *name, int flags, int *found)
{
    (void)vfs, (void)name, (void)flags;
    *found = 0;
    return SQLITE_OK;
}

static int vsi_full_name(sqlite3_vfs *vfs, const char *name, int room, char *out)
{
    (void)vfs;
    return snprintf(out, (size_t)room, "%s", name) < room ? SQLITE_OK : SQLITE_CANTOPEN;
}

/* ---- looking ---- */

typedef struct look {
    sqlite3 *db;
    const char *shown;
    time_t until;
    char forbidden[64]; /* what the last view wanted to do */
} look;

static int watch_clock(void *context)
{
    return time(NULL) > ((const look *)context)->until;
}

/* Of a view: what would run on and on, or make something large of nothing. Functions that SQLite
 * does not have are not called by GDAL either, as the schema is not trusted. */
static int judge_view(void *context, int action, const char *first, const char *second,
                      const char *third, const char *fourth)
{
    static const char *const functions[] = {
        "randomblob",     "zeroblob", "printf",    "format", "load_extension",
        "fts3_tokenizer", "readfile", "writefile", "edit",   "eval"};
    look *looking = context;
    (void)first, (void)third, (void)fourth;
    if (action == SQLITE_RECURSIVE) {
        snprintf(looking->forbidden, sizeof looking->forbidden, "recurses");
        return SQLITE_DENY;
    }
    for (size_t i = 0; action == SQLITE_FUNCTION && i < sizeof functions / sizeof *functions; i++)
        if (second && rm_text_equal_nocase(second, functions[i])) {
            snprintf(looking->forbidden, sizeof looking->forbidden, "calls %s", functions[i]);
            return SQLITE_DENY;
        }
    return SQLITE_OK;
}

/* Whether "SELECT * FROM name" can be compiled; nothing is run. */
static rm_status compile(look *looking, const char *name, bool *fits, rm_error *err)
{
    sqlite3_stmt *statement = NULL;
    rm_text sql = {0};
    looking->forbidden[0] = '\0';
    rm_text_add(&sql, "SELECT * FROM ");
    rm_gpkg_quote(&sql, name);
    rm_status status = rm_text_status(&sql, err);
    *fits = status == RM_OK &&
            sqlite3_prepare_v2(looking->db, sql.data, -1, &statement, NULL) == SQLITE_OK;
    rm_text_clear(&sql);
    sqlite3_finalize(statement);
    return status;
}

/* The tables that say what is in the file, which GDAL reads before anything else. */
static bool is_system_table(const char *name)
{
    static const char *const names[] = {"geometry_columns", "spatial_ref_sys", "layer_styles"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (rm_text_equal_nocase(name, names[i]))
            return true;
    return sqlite3_strnicmp(name, "gpkg_", 5) == 0;
}

static rm_status look_at_view(look *looking, const char *name, rm_error *err)
{
    bool fits;
    if (is_system_table(name))
        return rm_fail(err, RM_EUNSUPPORTED,
                       "%s: its system table %s is a view, which could do anything; write the "
                       "layers to a new file",
                       looking->shown, rm_quoted_text(name).text);
    sqlite3_db_config(looking->db, SQLITE_DBCONFIG_ENABLE_VIEW, 1, (int *)NULL);
    sqlite3_set_authorizer(looking->db, judge_view, looking);
    rm_status status = compile(looking, name, &fits, err);
    sqlite3_set_authorizer(looking->db, NULL, NULL);
    if (status == RM_OK && looking->forbidden[0])
        status = rm_fail(err, RM_EUNSUPPORTED,
                         "%s: its view %s %s, which is not run for a file that came from "
                         "elsewhere; make it a table",
                         looking->shown, rm_quoted_text(name).text, looking->forbidden);
    return status;
}

/* Kinds of virtual tables that read nothing but their own file, and that SQLite here lacks. */
static bool is_harmless_kind(const char *kind)
{
    static const char *const kinds[] = {"VirtualSpatialIndex",
                                        "VirtualElementary",
                                        "VirtualKNN",
                                        "VirtualKNN2",
                                        "VirtualXPath",
                                        "VirtualBBox",
                                        "VirtualNetwork",
                                        "VirtualRouting",
                                        "rtree",
                                        "rtree_i32",
                                        "geopoly",
                                        "fts3",
                                        "fts4",
                                        "fts5"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (rm_text_equal_nocase(kind, kinds[i]))
            return true;
    return false;
}

static rm_status look_at_virtual_table(look *looking, const char *name, rm_error *err)
{
    static const char words[] = "no such module: ";
    bool fits;
    RM_TRY(compile(looking, name, &fits, err));
    const char *why = fits ? "" : sqlite3_errmsg(looking->db);
    if (strncmp(why, words, sizeof words - 1) != 0 || is_harmless_kind(why + sizeof words - 1))
        return RM_OK;
    return rm_fail(err, RM_EUNSUPPORTED,
                   "%s: its table %s is a virtual one of the kind %s, which can read other files; "
                   "write the layers to a new file",
                   looking->shown, rm_quoted_text(name).text,
                   rm_quoted_text(why + sizeof words - 1).text);
}

static rm_status look_at_schema(look *looking, rm_error *err)
{
    sqlite3_stmt *list = NULL;
    rm_status status = RM_OK;
    int code = SQLITE_DONE;
    static const char sql[] = "SELECT name, type = 'view' FROM sqlite_master WHERE type = 'view' "
                              "OR (type = 'table' AND coalesce(rootpage, 0) = 0)";
    if (sqlite3_prepare_v2(looking->db, sql, -1, &list, NULL) != SQLITE_OK)
        return RM_OK; /* damaged: who opens it says so */
    while (status == RM_OK && (code = sqlite3_step(list)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(list, 0);
        if (name && sqlite3_column_int(list, 1))
            status = look_at_view(looking, name, err);
        else if (name)
            status = look_at_virtual_table(looking, name, err);
    }
    sqlite3_finalize(list);
    if (status == RM_OK && code == SQLITE_INTERRUPT)
        status = rm_fail(err, RM_ELIMIT, "%s: looking at its tables takes over %d s",
                         looking->shown, RM_LOOK_SECONDS);
    return status;
}

static rm_status look_through(const char *name, const char *vfs, const char *shown, rm_error *err)
{
    look looking = {.shown = shown, .until = time(NULL) + RM_LOOK_SECONDS};
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    rm_status status = RM_OK;
    if (sqlite3_open_v2(name, &looking.db, flags, vfs) == SQLITE_OK) {
        rm_sqlite_harden(looking.db);
        sqlite3_progress_handler(looking.db, RM_SQLITE_STEPS, watch_clock, &looking);
        status = look_at_schema(&looking, err);
    }
    sqlite3_close(looking.db);
    return status;
}

static bool has_log(const char *path)
{
    rm_text log = {0};
    rm_text_addf(&log, "%s-wal", path);
    bool found = !log.failed && rm_file_exists(log.data);
    rm_text_clear(&log);
    return found;
}

rm_status rm_sqlite_look(const char *located, const char *shown, rm_error *err)
{
    /* what another program is writing lies partly in a log beside it */
    if (strncmp(located, "/vsi", 4) != 0 && has_log(located))
        return look_through(located, NULL, shown, err);
    char name[48];
    sqlite3_vfs vfs = {0};
    const sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
    if (!usual)
        return RM_OK;
    vfs = *usual;
    vfs.iVersion = 1;
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(vsi_file);
    vfs.mxPathname = 4096;
    vfs.zName = name;
    vfs.xOpen = vsi_open;
    vfs.xDelete = vsi_delete;
    vfs.xAccess = vsi_access;
    vfs.xFullPathname = vsi_full_name;
    /* registered under a name of its own for the time of this call */
    snprintf(name, sizeof name, "riskmap-%p", (void *)&vfs);
    if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
        return rm_fail_memory(err);
    rm_status status = look_through(located, name, shown, err);
    sqlite3_vfs_unregister(&vfs);
    return status;
}
