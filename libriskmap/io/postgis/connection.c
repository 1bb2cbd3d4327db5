#include "io/postgis/connection.h"

#include "base/redact.h"
#include "io/postgis/conninfo.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 63 };

rm_status rm_postgis_complain(const rm_postgis *pg, const char *doing, rm_error *err)
{
    char line[400];
    snprintf(line, sizeof line, "%s", PQerrorMessage(pg->connection));
    rm_redact(line);
    line[strcspn(line, "\r\n")] = '\0';
    line[rm_utf8_valid(line, (int64_t)strlen(line))] = '\0';
    const char *words = strncmp(line, "ERROR:  ", 8) == 0 ? line + 8 : line;
    return rm_fail(err, RM_EIO, "%s: %s%s%s", pg->shown, doing ? doing : "", doing ? ": " : "",
                   words[0] ? words : "the server went away");
}

rm_status rm_postgis_run(rm_postgis *pg, const char *sql, rm_error *err)
{
    PGresult *result = PQexec(pg->connection, sql);
    ExecStatusType code = PQresultStatus(result);
    PQclear(result);
    return code == PGRES_COMMAND_OK || code == PGRES_TUPLES_OK ? RM_OK
                                                               : rm_postgis_complain(pg, NULL, err);
}

static rm_status add_quoted(rm_text *sql, char *quoted, const rm_postgis *pg, rm_error *err)
{
    if (!quoted)
        return rm_postgis_complain(pg, NULL, err);
    rm_text_add(sql, quoted);
    PQfreemem(quoted);
    return rm_text_status(sql, err);
}

rm_status rm_postgis_name(const rm_postgis *pg, rm_text *sql, const char *name, rm_error *err)
{
    if (strlen(name) > LONGEST_NAME)
        return rm_fail(err, RM_EINVAL,
                       "\"%.70s\" is longer than the %d bytes that a name in PostgreSQL may have",
                       name, LONGEST_NAME);
    return add_quoted(sql, PQescapeIdentifier(pg->connection, name, strlen(name)), pg, err);
}

rm_status rm_postgis_literal(const rm_postgis *pg, rm_text *sql, const char *text, rm_error *err)
{
    return add_quoted(sql, PQescapeLiteral(pg->connection, text, strlen(text)), pg, err);
}

rm_status rm_postgis_ask(const rm_postgis *pg, char **out, const char *sql, const char *first,
                         const char *second, rm_error *err)
{
    const char *const values[] = {first, second};
    PGresult *result =
        PQexecParams(pg->connection, sql, first ? second ? 2 : 1 : 0, NULL, values, NULL, NULL, 0);
    rm_status status = RM_OK;
    *out = NULL;
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        status = rm_postgis_complain(pg, NULL, err);
    else if (PQntuples(result) > 0 && !PQgetisnull(result, 0, 0))
        status = rm_copy_text(out, PQgetvalue(result, 0, 0), err);
    PQclear(result);
    return status;
}

static void no_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static rm_status open_connection(rm_postgis *pg, const char *target, rm_error *err)
{
    rm_text info = {0};
    RM_TRY(rm_copy_text(&pg->shown, target, err));
    rm_redact(pg->shown);
    rm_status status = rm_conninfo_read(&info, target, err);
    if (status == RM_OK) {
        pg->connection = PQconnectdb(info.data);
        if (!pg->connection)
            status = rm_fail_memory(err);
        else if (PQstatus(pg->connection) != CONNECTION_OK)
            status = rm_postgis_complain(pg, NULL, err);
    }
    rm_text_clear(&info);
    RM_TRY(status);
    PQsetNoticeProcessor(pg->connection, no_notice, NULL);
    PQsetClientEncoding(pg->connection, "UTF8");
    return RM_OK;
}

rm_status rm_postgis_connect(rm_postgis **out, const char *target, rm_error *err)
{
    rm_postgis *pg = NULL;
    RM_TRY(RM_NEW_ZERO(&pg, 1, err));
    rm_status status = open_connection(pg, target, err);
    if (status != RM_OK)
        rm_postgis_close(pg);
    else
        *out = pg;
    return status;
}

void rm_postgis_close(rm_postgis *pg)
{
    if (!pg)
        return;
    if (pg->connection)
        PQfinish(pg->connection); /* what was not committed is gone with it */
    rm_release(pg->shown);
    rm_release(pg->schema);
    rm_release(pg->quoted);
    rm_release(pg->geometry);
    rm_release(pg->notice);
    rm_release(pg);
}
