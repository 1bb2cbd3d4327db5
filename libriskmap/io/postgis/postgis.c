/* PostGIS through libpq: its own COPY in binary form is the fastest road into PostgreSQL, one
 * connection is one transaction, and libpq quotes every name itself. GDAL's driver commits tables
 * one by one. */
#include "io/postgis/postgis.h"

#include "io/postgis/connection.h"

#include <string.h>

#define MARK "(riskmap)" /* ends the comment on every table of ours */

static rm_status use_schema(rm_postgis *pg, const rm_postgis_options *options, rm_error *err)
{
    rm_text quoted = {0};
    if (!options->schema[0])
        return rm_fail(err, RM_EINVAL, "the name of the schema is empty");
    pg->overwrite = options->overwrite;
    RM_TRY(rm_copy_text(&pg->schema, options->schema, err));
    rm_status status = rm_postgis_name(pg, &quoted, options->schema, err);
    pg->quoted = quoted.data;
    return status;
}

/* The type geometry, wherever PostGIS was put. */
static rm_status find_postgis(rm_postgis *pg, rm_error *err)
{
    RM_TRY(rm_postgis_ask(
        pg, &pg->geometry,
        "SELECT format('%I.geometry', n.nspname) FROM pg_catalog.pg_extension e JOIN "
        "pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'",
        NULL, NULL, err));
    if (!pg->geometry)
        return rm_fail(err, RM_ENOTFOUND,
                       "%s has no PostGIS; whoever owns the database adds it with CREATE EXTENSION "
                       "postgis",
                       pg->shown);
    return RM_OK;
}

/* The schema of PostGIS with its dot, as the server quoted it before the type. */
static void add_extension_schema(rm_text *sql, const rm_postgis *pg)
{
    rm_text_add_n(sql, pg->geometry, (int64_t)strlen(pg->geometry) - (int64_t)strlen("geometry"));
}

static rm_status find_srid(rm_postgis *pg, const char *crs, rm_error *err)
{
    char authority[32] = "", *found = NULL;
    const char *colon = strchr(crs, ':');
    rm_text sql = {0};
    int64_t srid = 0;
    if (colon && colon - crs < (ptrdiff_t)sizeof authority)
        memcpy(authority, crs, (size_t)(colon - crs));
    rm_text_add(&sql, "SELECT srid FROM ");
    add_extension_schema(&sql, pg);
    rm_text_add(&sql, "spatial_ref_sys WHERE lower(auth_name) = lower($1) AND "
                      "auth_srid::text = $2 ORDER BY srid");
    rm_status status = rm_text_status(&sql, err);
    if (status == RM_OK)
        status = rm_postgis_ask(pg, &found, sql.data, authority, colon ? colon + 1 : "", err);
    rm_text_clear(&sql);
    if (status == RM_OK &&
        (!found || !rm_parse_int64(found, (int64_t)strlen(found), &srid) || srid > INT32_MAX))
        status = rm_fail(err, RM_ECRS, "%s does not know %.80s in its table spatial_ref_sys",
                         pg->shown, crs);
    pg->srid = (int32_t)srid;
    rm_release(found);
    return status;
}

/* What stands there under a name: "t" a table, "v" a view, with " ours" when its comment says that
 * a result was written there; NULL: nothing. */
static rm_status find_relation(const rm_postgis *pg, char **out, const char *name, rm_error *err)
{
    return rm_postgis_ask(
        pg, out,
        "SELECT CASE c.relkind WHEN 'r' THEN 't' WHEN 'v' THEN 'v' ELSE '?' END || CASE WHEN "
        "pg_catalog.obj_description(c.oid, 'pg_class') LIKE '%" MARK "' THEN ' ours' ELSE '' END "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
        pg->schema, name, err);
}

static rm_status check_name(const rm_postgis *pg, const char *name, bool *there, bool *view,
                            rm_error *err)
{
    char *found = NULL;
    RM_TRY(find_relation(pg, &found, name, err));
    bool ours = found && strstr(found, " ours");
    *there = found != NULL;
    *view = found && found[0] == 'v';
    rm_release(found);
    if (*there && !pg->overwrite)
        return rm_fail(err, RM_EEXISTS,
                       "%s holds %.60s.%.60s already; name another schema, or overwrite it",
                       pg->shown, pg->schema, name);
    if (*there && !ours)
        return rm_fail(err, RM_EEXISTS,
                       "%s: %.60s.%.60s was not written by riskmap, and is not overwritten; name "
                       "another schema",
                       pg->shown, pg->schema, name);
    return RM_OK;
}

rm_status rm_postgis_check(const rm_postgis_options *options, const char *const *names,
                           int32_t count, rm_error *err)
{
    rm_postgis *pg = NULL;
    bool there, view;
    RM_TRY(rm_postgis_connect(&pg, options->target, err));
    rm_status status = use_schema(pg, options, err);
    if (status == RM_OK)
        status = find_postgis(pg, err);
    for (int32_t n = 0; status == RM_OK && n < count; n++)
        status = check_name(pg, names[n], &there, &view, err);
    rm_postgis_close(pg);
    return status;
}

/* ---- the tables ---- */

/* After a failure nothing is written any more: the transaction is lost. */
static rm_status note(rm_postgis *pg, rm_status status)
{
    pg->failed = pg->failed || status != RM_OK;
    return status;
}

/* Runs a statement unless making it failed, and frees its text. */
static rm_status run_made(rm_postgis *pg, rm_text *sql, rm_status status, rm_error *err)
{
    if (status == RM_OK)
        status = rm_text_status(sql, err);
    if (status == RM_OK)
        status = rm_postgis_run(pg, sql->data, err);
    rm_text_clear(sql);
    return status;
}

static rm_status with_name(rm_postgis *pg, const char *before, const char *name, const char *behind,
                           rm_error *err)
{
    rm_text sql = {0};
    rm_text_addf(&sql, "%s %s.", before, pg->quoted);
    rm_status status = rm_postgis_name(pg, &sql, name, err);
    rm_text_add(&sql, behind);
    return run_made(pg, &sql, status, err);
}

/* Of views that rest on a table that is written anew only our own goes with it. */
static rm_status make_room(rm_postgis *pg, const char *name, rm_error *err)
{
    bool there, view;
    RM_TRY(check_name(pg, name, &there, &view, err));
    if (!there)
        return RM_OK;
    return with_name(pg, view ? "DROP VIEW" : "DROP TABLE", name, "", err);
}

static const char *type_name(rm_type type)
{
    switch (type) {
    case RM_INT64:
        return "bigint";
    case RM_FLOAT64:
        return "double precision";
    case RM_TEXT:
        return "text";
    case RM_DATE:
        return "date";
    case RM_DATETIME:
        return "timestamp";
    }
    return "text";
}

static rm_status make_table(rm_postgis *pg, const rm_postgis_rows *rows, rm_error *err)
{
    rm_text sql = {0};
    rm_text_addf(&sql, "CREATE TABLE %s.", pg->quoted);
    rm_status status = rm_postgis_name(pg, &sql, rows->table, err);
    rm_text_add(&sql, " (fid bigint NOT NULL");
    if (rows->geometry)
        rm_text_addf(&sql, ", geom %s(%s, %d)", pg->geometry,
                     rows->multipolygon ? "MultiPolygon" : "Geometry", (int)pg->srid);
    for (int32_t f = 0; status == RM_OK && f < rows->field_count; f++) {
        rm_text_add(&sql, ", ");
        status = rm_postgis_name(pg, &sql, rows->fields[f].name, err);
        rm_text_addf(&sql, " %s", type_name(rows->fields[f].type));
    }
    rm_text_add(&sql, ")");
    return run_made(pg, &sql, status, err);
}

/* COMMENT takes no parameters, so the text is quoted by libpq. */
static rm_status comment(rm_postgis *pg, const char *what, const char *table, const char *column,
                         const char *text, rm_error *err)
{
    rm_text sql = {0};
    rm_text_addf(&sql, "COMMENT ON %s %s.", what, pg->quoted);
    rm_status status = rm_postgis_name(pg, &sql, table, err);
    if (status == RM_OK && column) {
        rm_text_add(&sql, ".");
        status = rm_postgis_name(pg, &sql, column, err);
    }
    rm_text_add(&sql, " IS ");
    if (status == RM_OK)
        status = rm_postgis_literal(pg, &sql, text, err);
    return run_made(pg, &sql, status, err);
}

static rm_status describe(rm_postgis *pg, const char *what, const char *name,
                          const char *identifier, const char *description, rm_error *err)
{
    rm_text text = {0};
    rm_text_addf(&text, "%s. ", identifier ? identifier : name);
    if (description && !strstr(description, pg->notice))
        rm_text_addf(&text, "%s. ", description);
    rm_text_addf(&text, "%s " MARK, pg->notice);
    rm_status status = rm_text_status(&text, err);
    if (status == RM_OK)
        status = comment(pg, what, name, NULL, text.data, err);
    rm_text_clear(&text);
    return status;
}

static rm_status describe_columns(rm_postgis *pg, const rm_postgis_rows *rows, rm_error *err)
{
    for (int32_t f = 0; f < rows->field_count; f++)
        if (rows->fields[f].title)
            RM_TRY(comment(pg, "COLUMN", rows->table, rows->fields[f].name, rows->fields[f].title,
                           err));
    return RM_OK;
}

/* Rights come from the defaults that someone set for the schema: what is shielded has none. */
static rm_status shield(rm_postgis *pg, const char *name, rm_error *err)
{
    char *sql = NULL;
    RM_TRY(with_name(pg, "REVOKE ALL ON", name, " FROM PUBLIC", err));
    RM_TRY(rm_postgis_ask(
        pg, &sql,
        "SELECT string_agg(DISTINCT format('REVOKE ALL ON %I.%I FROM %I CASCADE', n.nspname, "
        "c.relname, pg_catalog.pg_get_userbyid(a.grantee)), ';') FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, "
        "LATERAL pg_catalog.aclexplode(c.relacl) a "
        "WHERE n.nspname = $1 AND c.relname = $2 AND a.grantee NOT IN (0, c.relowner)",
        pg->schema, name, err));
    rm_status status = sql ? rm_postgis_run(pg, sql, err) : RM_OK;
    rm_release(sql);
    return status;
}

static rm_status add_rows(rm_postgis *pg, const rm_postgis_rows *rows, const char *identifier,
                          const char *description, rm_progress *progress, rm_error *err)
{
    RM_TRY(make_room(pg, rows->table, err));
    RM_TRY(make_table(pg, rows, err));
    if (pg->shielded)
        RM_TRY(shield(pg, rows->table, err));
    RM_TRY(rm_postgis_copy(pg, rows, progress, err));
    RM_TRY(with_name(pg, "ALTER TABLE", rows->table, " ADD PRIMARY KEY (fid)", err));
    if (rows->geometry)
        RM_TRY(with_name(pg, "CREATE INDEX ON", rows->table, " USING gist (geom)", err));
    RM_TRY(describe(pg, "TABLE", rows->table, identifier, description, err));
    RM_TRY(describe_columns(pg, rows, err));
    return with_name(pg, "ANALYZE", rows->table, "", err);
}

static rm_status add_features(void *target, const char *name, const char *identifier,
                              const char *description, const rm_geometry *geometry,
                              const int64_t *fids, bool multipolygon, const rm_field *fields,
                              int32_t field_count, rm_row_fn row, void *context,
                              rm_progress *progress, rm_error *err)
{
    const rm_postgis_rows rows = {name,        geometry,           fids, multipolygon, fields,
                                  field_count, geometry->features, row,  context};
    return note(target, add_rows(target, &rows, identifier, description, progress, err));
}

static rm_status add_table(void *target, const char *name, const char *identifier,
                           const char *description, const rm_field *fields, int32_t field_count,
                           int64_t rows, rm_row_fn row, void *context, rm_progress *progress,
                           rm_error *err)
{
    const rm_postgis_rows all = {name, NULL, NULL, false, fields, field_count, rows, row, context};
    return note(target, add_rows(target, &all, identifier, description, progress, err));
}

static rm_status view_of(rm_postgis *pg, const char *name, const char *identifier,
                         const char *select, rm_error *err)
{
    rm_text behind = {0};
    RM_TRY(make_room(pg, name, err));
    rm_text_addf(&behind, " AS %s", select);
    rm_status status = rm_text_status(&behind, err);
    if (status == RM_OK)
        status = with_name(pg, "CREATE VIEW", name, behind.data, err);
    rm_text_clear(&behind);
    if (status == RM_OK && pg->shielded)
        status = shield(pg, name, err);
    if (status == RM_OK)
        status = describe(pg, "VIEW", name, identifier, NULL, err);
    return status;
}

static rm_status add_view(void *target, const char *name, const char *identifier,
                          const char *select, rm_error *err)
{
    return note(target, view_of(target, name, identifier, select, err));
}

/* ---- the style, in the table of QGIS, which all share ---- */

static rm_status insert_style(rm_postgis *pg, const char *table, const char *style_name,
                              const char *qml, const char *description, rm_error *err)
{
    const char *const values[] = {pg->schema, table, style_name, qml, description};
    RM_TRY(rm_postgis_run(
        pg,
        "CREATE TABLE IF NOT EXISTS public.layer_styles (id serial PRIMARY KEY, f_table_catalog "
        "varchar, f_table_schema varchar, f_table_name varchar, f_geometry_column varchar, "
        "styleName text, styleQML xml, styleSLD xml, useAsDefault boolean, description text, owner "
        "varchar(63) DEFAULT CURRENT_USER, ui xml, update_time timestamp DEFAULT "
        "CURRENT_TIMESTAMP, type varchar)",
        err));
    PGresult *result =
        PQexecParams(pg->connection,
                     "DELETE FROM public.layer_styles WHERE f_table_catalog = current_database() "
                     "AND f_table_schema = $1 AND f_table_name = $2 AND f_geometry_column = 'geom'",
                     2, NULL, values, NULL, NULL, 0);
    bool fine = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (fine) {
        result = PQexecParams(
            pg->connection,
            "INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, useAsDefault, description) VALUES "
            "(current_database(), $1, $2, 'geom', $3, XMLPARSE(DOCUMENT $4), true, $5)",
            5, NULL, values, NULL, NULL, 0);
        fine = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
    }
    return fine ? RM_OK : rm_postgis_complain(pg, "layer_styles", err);
}

/* Who may not write there gets the tables without a style; and a shielded result leaves nothing
 * where others read. */
static rm_status add_style(void *target, const char *table, const char *style_name, const char *qml,
                           const char *description, rm_error *err)
{
    rm_postgis *pg = target;
    rm_error why;
    if (pg->shielded)
        return RM_OK;
    RM_TRY(note(pg, rm_postgis_run(pg, "SAVEPOINT style", err)));
    rm_status status = insert_style(pg, table, style_name, qml, description, &why);
    if (status == RM_ENOMEM)
        return note(pg, rm_fail_memory(err));
    return note(pg, rm_postgis_run(pg,
                                   status == RM_OK ? "RELEASE SAVEPOINT style"
                                                   : "ROLLBACK TO SAVEPOINT style",
                                   err));
}

/* What the file of a GeoPackage says of itself stands in the comment on every table here. */
static rm_status add_metadata(void *target, const char *mime_type, const char *text, rm_error *err)
{
    (void)target;
    (void)mime_type;
    (void)text;
    (void)err;
    return RM_OK;
}

/* ---- the transaction ---- */

static rm_status finish(void *target, rm_error *err)
{
    rm_postgis *pg = target;
    if (pg->failed)
        return rm_fail(err, RM_EIO, "%s: nothing was written, as an earlier step failed",
                       pg->shown);
    PGresult *result = PQexec(pg->connection, "COMMIT");
    rm_status status = RM_OK;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = rm_postgis_complain(pg, NULL, err);
    else if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        status = rm_fail(err, RM_EIO, "%s: the server took nothing of it", pg->shown);
    PQclear(result);
    return note(pg, status);
}

/* Views are dropped before the tables below them. */
static rm_status drop_old_views(rm_postgis *pg, rm_error *err)
{
    char *sql = NULL;
    RM_TRY(rm_postgis_ask(
        pg, &sql,
        "SELECT string_agg(format('DROP VIEW %I.%I', n.nspname, c.relname), ';') FROM "
        "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = $1 AND c.relkind = 'v' AND "
        "pg_catalog.obj_description(c.oid, 'pg_class') LIKE '%" MARK "'",
        pg->schema, NULL, err));
    rm_status status = sql ? rm_postgis_run(pg, sql, err) : RM_OK;
    rm_release(sql);
    return status;
}

static rm_status begin(rm_postgis *pg, rm_error *err)
{
    char *there = NULL;
    rm_text sql = {0};
    RM_TRY(rm_postgis_run(pg, "BEGIN", err));
    RM_TRY(rm_postgis_ask(pg, &there,
                          "SELECT 'there' FROM pg_catalog.pg_namespace WHERE nspname = $1",
                          pg->schema, NULL, err));
    if (!there)
        rm_text_addf(&sql, "CREATE SCHEMA %s;", pg->quoted);
    rm_release(there);
    /* the views name our tables by their short names */
    rm_text_addf(&sql, "SET LOCAL search_path TO pg_catalog, %s", pg->quoted);
    rm_status status = run_made(pg, &sql, RM_OK, err);
    if (status == RM_OK && pg->overwrite)
        status = drop_old_views(pg, err);
    return status;
}

static void close_postgis(void *target)
{
    rm_postgis_close(target);
}

rm_status rm_postgis_create(rm_sink *out, const rm_postgis_options *options, const char *crs,
                            bool shielded, const char *notice, rm_error *err)
{
    rm_postgis *pg = NULL;
    RM_TRY(rm_postgis_connect(&pg, options->target, err));
    pg->shielded = shielded;
    rm_status status = rm_copy_text(&pg->notice, notice, err);
    if (status == RM_OK)
        status = use_schema(pg, options, err);
    if (status == RM_OK)
        status = find_postgis(pg, err);
    if (status == RM_OK)
        status = find_srid(pg, crs, err);
    if (status == RM_OK)
        status = begin(pg, err);
    if (status != RM_OK)
        rm_postgis_close(pg);
    else
        *out = (rm_sink){pg,        add_features, add_table, add_view,
                         add_style, add_metadata, finish,    close_postgis};
    return status;
}
