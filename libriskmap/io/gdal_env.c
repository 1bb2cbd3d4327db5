#include "io/gdal_env.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <stdio.h>
#include <string.h>

/* What GDAL would do on its own account, and must not: leave files beside the input, read ahead
 * with threads of its own (3.6 loses the order of GeoPackage batches), go to the network. */
static const char *const options[][2] = {
    {"CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO"},
    {"OGR_GPKG_NUM_THREADS", "1"},
    {"GML_DOWNLOAD_WFS_SCHEMA", "NO"},
    {"GML_FIELDTYPES", "ALWAYS_STRING"},
    {"GDAL_PAM_ENABLED", "NO"},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

static void one_line(char *out, size_t size, const char *message)
{
    snprintf(out, size, "%s", message);
    rm_redact(out);
    for (char *p = out; *p; p++)
        if (*p == '\n' || *p == '\r' || *p == '\t')
            *p = ' ';
    out[rm_utf8_valid(out, (int64_t)strlen(out))] = '\0';
}

static void note_warning(rm_gdal_ears *ears, const char *message)
{
    char line[sizeof ears->warned[0]];
    one_line(line, sizeof line, message);
    ears->warnings++;
    for (int i = 0; i < ears->warned_count; i++)
        if (strcmp(ears->warned[i], line) == 0)
            return;
    if (ears->warned_count < RM_GDAL_WARNED)
        memcpy(ears->warned[ears->warned_count++], line, sizeof line);
}

static void CPL_STDCALL listen(CPLErr severity, CPLErrorNum number, const char *message)
{
    (void)number;
    rm_gdal_ears *ears = CPLGetErrorHandlerUserData();
    if (severity == CE_Warning)
        note_warning(ears, message);
    else if (severity >= CE_Failure)
        one_line(ears->heard, sizeof ears->heard, message);
}

void rm_gdal_enter(rm_gdal_ears *ears)
{
    memset(ears, 0, sizeof *ears);
    CPLPushErrorHandlerEx(listen, ears);
    for (int i = 0; i < OPTIONS; i++) {
        if (CPLGetThreadLocalConfigOption(options[i][0], NULL))
            continue;
        CPLSetThreadLocalConfigOption(options[i][0], options[i][1]);
        ears->options |= 1U << i;
    }
    if (GDALGetDriverCount() == 0)
        GDALAllRegister();
}

void rm_gdal_leave(rm_gdal_ears *ears)
{
    for (int i = 0; i < OPTIONS; i++)
        if (ears->options & 1U << i)
            CPLSetThreadLocalConfigOption(options[i][0], NULL);
    ears->options = 0;
    CPLPopErrorHandler();
    CPLErrorReset();
}

const char *const *rm_gdal_drivers(void)
{
    static const char *const drivers[] = {"GPKG",        "ESRI Shapefile",
                                          "GeoJSON",     "GeoJSONSeq",
                                          "TopoJSON",    "ESRIJSON",
                                          "FlatGeobuf",  "LVBAG",
                                          "GML",         "SQLite",
                                          "OpenFileGDB", "MapInfo File",
                                          "LIBKML",      "KML",
                                          "GPX",         "DXF",
                                          "Parquet",     "Arrow",
                                          "JSONFG",      "XLSX",
                                          "ODS",         NULL};
    return drivers;
}

/* The words before = whose value nobody else may see. */
static const char *secret_at(const char *text)
{
    static const char *const words[] = {
        "password", "passwd",  "pwd",        "wachtwoord", "secret",    "token", "api_key",
        "apikey",   "api-key", "access_key", "authkey",    "signature", "sig",   "key"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char word[16] = "";
        size_t length = strlen(words[i]);
        strncpy(word, text, length);
        if (rm_text_equal_nocase(word, words[i]) && text[length] == '=')
            return text + length + 1;
    }
    return NULL;
}

/* Replaces text[0..length) by up to three stars and returns where it goes on. */
static char *cover(char *text, size_t length)
{
    size_t stars = length < 3 ? length : 3;
    memset(text, '*', stars);
    memmove(text + stars, text + length, strlen(text + length) + 1);
    return text + stars;
}

/* scheme://user:password@host: covers what stands between the colon and the @. */
static char *cover_user(char *at)
{
    char *end = at + strcspn(at, "/ \t\n'\"");
    char *host = NULL;
    for (char *p = at; p < end; p++)
        if (*p == '@')
            host = p;
    char *colon = host ? memchr(at, ':', (size_t)(host - at)) : NULL;
    return colon ? cover(colon + 1, (size_t)(host - colon - 1)) : at;
}

static bool starts_word(const char *text, const char *at)
{
    return at == text || !((at[-1] >= 'a' && at[-1] <= 'z') || (at[-1] >= 'A' && at[-1] <= 'Z'));
}

void rm_redact(char *text)
{
    for (char *at = text; *at; at++) {
        if (strncmp(at, "://", 3) == 0)
            at = cover_user(at + 3) - 1;
        const char *value = starts_word(text, at) ? secret_at(at) : NULL;
        if (!value)
            continue;
        char *from = text + (value - text);
        char quote = *from == '\'' || *from == '"' ? *from++ : '\0';
        const char stop_quote[2] = {quote, '\0'};
        size_t length = strcspn(from, quote ? stop_quote : "&; \t\r\n'\"");
        at = cover(from, length);
        if (*at == '\0')
            return;
    }
}
