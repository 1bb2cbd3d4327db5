#include "io/service/service.h"

#include "io/postgis/conninfo.h"
#include "io/postgis/read.h"
#include "io/service/answer.h"
#include "io/service/http.h"

#include <cpl_conv.h>
#include <cpl_http.h>
#include <cpl_string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum service_kind { NONE, ASK, WFS, OAPIF, POSTGRES } service_kind;

struct rm_service {
    service_kind kind;
    rm_http *http;  /* NULL for PostgreSQL */
    char *database; /* how PostgreSQL was named */
    rm_postgis_reader *rows;
    rm_error failure; /* code RM_OK: none */
    int64_t cap;      /* features of one answer, as a WFS states it; 0: it does not */
};

/* Pages in memory rather than streams, which would go around io/service/http; PostgreSQL's cursor
 * in larger steps than 500 rows. */
static const char *const options[][2] = {{"OGR_WFS_USE_STREAMING", "NO"},
                                         {"OGR_PG_CURSOR_PAGE", "8192"}};
enum { OPTIONS = sizeof options / sizeof options[0], PAGE = 1000 };

static bool begins(const char *text, const char *word)
{
    char start[16] = "";
    strncpy(start, text, strlen(word));
    return rm_text_equal_nocase(start, word);
}

static bool is_web(const char *text)
{
    return begins(text, "http://") || begins(text, "https://");
}

static service_kind kind_of(const char *source)
{
    if (rm_is_postgres(source))
        return POSTGRES;
    if (begins(source, "WFS:") && is_web(source + 4))
        return WFS;
    if (begins(source, "OAPIF:") && is_web(source + 6))
        return OAPIF;
    return is_web(source) ? ASK : NONE;
}

bool rm_is_service(const char *source)
{
    return kind_of(source) != NONE;
}

/* ---- what a driver asks for ---- */

static CPLHTTPResult *refusal(const char *why)
{
    CPLHTTPResult *result = CPLCalloc(1, sizeof *result);
    result->nStatus = -1;
    result->pszErrBuf = CPLStrdup(why);
    return result;
}

/* Only the first is kept: what follows is mostly a consequence. */
static void note_failure(rm_service *service, const rm_error *why)
{
    if (service->failure.code == RM_OK)
        service->failure = *why;
}

/* What no service gives is not shown to a parser: GDAL would try every driver on it. */
static rm_status judge(const rm_service *service, const rm_http_answer *answer, rm_error *err)
{
    char words[320];
    const char *shown = rm_http_shown(service->http);
    rm_answer_kind kind = rm_answer_judge(answer->data, answer->size);
    rm_answer_words(words, answer->data, answer->size);
    switch (kind) {
    case RM_ANSWER_EMPTY:
        return rm_fail(err, RM_EFORMAT, "%s gives an empty answer", shown);
    case RM_ANSWER_HTML:
        return rm_fail(
            err, RM_EFORMAT,
            "%s gives a web page%s%.200s%s instead of data; it is not the address of the "
            "service, or asks for a login in a browser",
            shown, words[0] ? " (\"" : "", words, words[0] ? "\")" : "");
    case RM_ANSWER_EXCEPTION:
        return rm_fail(err, RM_EIO, "%s says: %s", shown,
                       words[0] ? words : "an exception, without words");
    case RM_ANSWER_CUT:
        return rm_fail(err, RM_EIO, "%s gives an answer without an end, after %lld bytes", shown,
                       (long long)answer->size);
    case RM_ANSWER_DTD:
        return rm_fail(err, RM_EFORMAT,
                       "%s gives XML with a document type, which is not read: it could unfold "
                       "without end",
                       shown);
    case RM_ANSWER_CAPABILITIES:
    case RM_ANSWER_XML:
        if (service->kind == OAPIF)
            return rm_fail(err, RM_EFORMAT, "%s gives XML where JSON was asked for", shown);
        return RM_OK;
    case RM_ANSWER_JSON:
        if (service->kind == WFS)
            return rm_fail(err, RM_EFORMAT, "%s gives JSON where XML was asked for", shown);
        return RM_OK;
    case RM_ANSWER_OTHER:
        break;
    }
    return rm_fail(err, RM_EFORMAT, "%s gives neither a WFS nor OGC API Features", shown);
}

/* A parameter of a URL as a whole number; -1: not there. */
static int64_t parameter(const char *url, const char *name)
{
    int64_t value;
    for (const char *at = strchr(url, '?'); at && *at; at++) {
        if ((*at != '?' && *at != '&') || !begins(at + 1, name))
            continue;
        const char *from = at + 1 + strlen(name);
        return rm_parse_int64(from, (int64_t)strcspn(from, "&"), &value) ? value : -1;
    }
    return -1;
}

/* A WFS that caps its answers says so in its capabilities, where GDAL looks in another place, and
 * in a page that is shorter than asked for and still has a next one, where GDAL (3.6) stops. GDAL
 * 3.10 stops at the number that matched, which may be capped too: a full page never is the last. */
static rm_status mind_pages(rm_service *service, const char *url, rm_http_answer *answer,
                            rm_error *err)
{
    rm_answer_pages pages;
    char size[16];
    rm_answer_look(&pages, answer->data, answer->size);
    service->cap = pages.page > 0 ? pages.page : service->cap;
    if (pages.page > 0 && !getenv("RISKMAP_WFS_PAGE")) {
        snprintf(size, sizeof size, "%d", (int)(pages.page < PAGE ? pages.page : PAGE));
        CPLSetThreadLocalConfigOption("OGR_WFS_PAGE_SIZE", size);
    }
    int64_t asked = parameter(url, "count="), from = parameter(url, "startindex=");
    bool hits = strstr(url, "RESULTTYPE=hits") != NULL;
    if (!hits && (pages.returned < 0 || pages.returned >= asked))
        rm_answer_hide_matched(answer->data, answer->size);
    if (pages.returned < 0 || hits || pages.returned == asked)
        return RM_OK;
    if (asked == 1)
        return RM_OK; /* a look at the fields */
    bool more =
        pages.matched >= 0 ? (from > 0 ? from : 0) + pages.returned < pages.matched : pages.next;
    if (!more)
        return RM_OK;
    return rm_fail(err, RM_EIO,
                   "%s gives %lld features at a time and has more%s; set RISKMAP_WFS_PAGE=%lld in "
                   "the environment",
                   rm_http_shown(service->http), (long long)pages.returned,
                   asked > 0 ? "" : ", and does not say that it has pages",
                   (long long)(pages.returned > 0 ? pages.returned : 1));
}

static CPLHTTPResult *hand_over(const rm_http_answer *answer)
{
    CPLHTTPResult *result = CPLCalloc(1, sizeof *result);
    result->pabyData = VSIMalloc((size_t)answer->size + 1);
    if (!result->pabyData) {
        CPLFree(result);
        return refusal("no memory");
    }
    memcpy(result->pabyData, answer->data, (size_t)answer->size + 1);
    result->nDataLen = (int)answer->size;
    result->nDataAlloc = result->nDataLen + 1;
    result->pszContentType = CPLStrdup(answer->type);
    return result;
}

/* GDAL's own way to have its requests made by another. */
static CPLHTTPResult *fetch(const char *url, CSLConstList wishes, GDALProgressFunc progress,
                            void *progress_context, CPLHTTPFetchWriteFunc write,
                            void *write_context, void *context)
{
    rm_service *service = context;
    rm_http_answer answer = {0};
    rm_error why = {0};
    const char *headers = CSLFetchNameValue(wishes, "HEADERS");
    const char *accept = headers && begins(headers, "Accept: ") ? headers + 8 : NULL;
    (void)progress;
    (void)progress_context;
    (void)write_context;
    if (CSLFetchNameValue(wishes, "CLOSE_PERSISTENT"))
        return CPLCalloc(1, sizeof(CPLHTTPResult));
    if (write || CSLFetchNameValue(wishes, "POSTFIELDS") ||
        CSLFetchNameValue(wishes, "CUSTOMREQUEST"))
        return refusal("services are read, never written to");
    rm_status status = rm_http_get(service->http, url, accept, &answer, &why);
    if (status != RM_OK) {
        note_failure(service, &why);
        return refusal(why.message);
    }
    status = judge(service, &answer, &why);
    if (status == RM_OK && service->kind == WFS)
        status = mind_pages(service, url, &answer, &why);
    if (status != RM_OK)
        note_failure(service, &why);
    /* the driver knows the exceptions of some servers, and asks them otherwise */
    bool pass =
        status == RM_OK ||
        (service->kind == WFS && rm_answer_judge(answer.data, answer.size) == RM_ANSWER_EXCEPTION);
    CPLHTTPResult *result = pass ? hand_over(&answer) : refusal(why.message);
    rm_http_answer_clear(&answer);
    return result;
}

/* Features on one page, for a server whose own figure is missing or wrong. */
static const char *page_size(void)
{
    const char *text = getenv("RISKMAP_WFS_PAGE");
    int64_t value;
    bool sound = text && rm_parse_int64(text, (int64_t)strlen(text), &value) && value > 0 &&
                 value <= 1000000;
    return sound ? text : "1000";
}

void rm_service_enter(rm_service *service)
{
    if (!service)
        return;
    for (int i = 0; i < OPTIONS; i++)
        CPLSetThreadLocalConfigOption(options[i][0], options[i][1]);
    if (service->kind == WFS) {
        CPLSetThreadLocalConfigOption("OGR_WFS_PAGE_SIZE", page_size());
        if (getenv("RISKMAP_WFS_PAGE"))
            CPLSetThreadLocalConfigOption("OGR_WFS_PAGING_ALLOWED", "YES");
    }
    if (service->http)
        CPLHTTPPushFetchCallback(fetch, service);
}

void rm_service_leave(rm_service *service)
{
    if (!service)
        return;
    if (service->http)
        CPLHTTPPopFetchCallback();
    for (int i = 0; i < OPTIONS; i++)
        CPLSetThreadLocalConfigOption(options[i][0], NULL);
    CPLSetThreadLocalConfigOption("OGR_WFS_PAGE_SIZE", NULL);
    CPLSetThreadLocalConfigOption("OGR_WFS_PAGING_ALLOWED", NULL);
}

/* ---- which service ---- */

static bool asks_for_wfs(const char *url)
{
    const char *query = strchr(url, '?');
    for (const char *at = query; at && *at; at++)
        if ((*at == '?' || *at == '&') && begins(at + 1, "service=wfs"))
            return true;
    return false;
}

static rm_status fail_kind(const rm_service *service, const rm_http_answer *answer, rm_error *err)
{
    const char *shown = rm_http_shown(service->http);
    rm_answer_kind kind = rm_answer_judge(answer->data, answer->size);
    if (kind == RM_ANSWER_JSON || kind == RM_ANSWER_XML)
        return rm_fail(err, RM_EUNSUPPORTED,
                       "%s is a file, not a service: download it, and name the file", shown);
    if (kind == RM_ANSWER_EXCEPTION || kind == RM_ANSWER_HTML || kind == RM_ANSWER_EMPTY) {
        rm_status status = judge(service, answer, err);
        return rm_fail_within(err, status,
                              "name the service as WFS:https://... or OAPIF:https://...");
    }
    return rm_fail(
        err, RM_EUNSUPPORTED,
        "%s is neither a WFS nor OGC API Features; a file is downloaded first, a service "
        "named as WFS:https://... or OAPIF:https://...",
        shown);
}

/* Asks for JSON, so that a landing page is no web page; the capabilities of a WFS are XML. */
static rm_status find_kind(rm_service *service, const char *url, rm_error *err)
{
    rm_http_answer answer = {0};
    if (asks_for_wfs(url)) {
        service->kind = WFS;
        return RM_OK;
    }
    RM_TRY(rm_http_get(service->http, url, "application/json, application/xml;q=0.5, */*;q=0.1",
                       &answer, err));
    rm_answer_kind kind = rm_answer_judge(answer.data, answer.size);
    rm_status status = RM_OK;
    /* a landing page, the list of collections or one collection; not a collection of features */
    if (kind == RM_ANSWER_JSON && strstr(answer.data, "\"links\"") &&
        !strstr(answer.data, "\"FeatureCollection\""))
        service->kind = OAPIF;
    else if (kind == RM_ANSWER_CAPABILITIES)
        service->kind = WFS;
    else
        status = fail_kind(service, &answer, err);
    rm_http_answer_clear(&answer);
    return status;
}

/* The driver puts /collections behind the address of the landing page, and takes that of one
 * collection: what people copy from a browser is brought back to one of those. */
static void cut_address(rm_text *url)
{
    char *end = url->data + strcspn(url->data, "?"), *from = strstr(url->data, "/collections");
    if (!from || from > end)
        return;
    char *rest = from + strlen("/collections");
    if (rest != end && strncmp(rest, "/?", 2) != 0 && strcmp(rest, "/") != 0)
        from = strstr(rest, "/items");
    if (!from || from > end)
        return;
    memmove(from, end, strlen(end) + 1);
    url->length = (int64_t)strlen(url->data);
}

/* ---- opening ---- */

static GDALDatasetH open_with(const char *driver, const char *name, const char *const *how)
{
    const char *const only[] = {driver, NULL};
    return GDALOpenEx(name, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, only, how,
                      NULL);
}

static rm_status open_postgres(rm_service *service, GDALDatasetH *data, const char *source,
                               rm_error *err)
{
    static const char *const how[] = {"LIST_ALL_TABLES=YES", NULL};
    rm_text name = {0};
    RM_TRY(rm_copy_text(&service->database, source, err));
    rm_text_add(&name, "PG:");
    rm_status status = rm_conninfo_read(&name, source, err);
    if (status == RM_OK) {
        rm_service_enter(service);
        *data = open_with("PostgreSQL", name.data, how);
    }
    rm_text_clear(&name);
    return status;
}

static rm_status open_web(rm_service *service, GDALDatasetH *data, const char *source,
                          rm_error *err)
{
    static const char *const pages[] = {"PAGE_SIZE=1000", "IGNORE_SCHEMA=YES", NULL};
    const char *url = service->kind == WFS     ? source + 4
                      : service->kind == OAPIF ? source + 6
                                               : source;
    rm_text name = {0};
    RM_TRY(rm_http_new(&service->http, url, err));
    if (service->kind == ASK)
        RM_TRY(find_kind(service, url, err));
    rm_text_add(&name, url);
    rm_status status = rm_text_status(&name, err);
    if (status == RM_OK && service->kind == OAPIF)
        cut_address(&name);
    rm_text full = {0};
    rm_text_addf(&full, "%s:%s", service->kind == WFS ? "WFS" : "OAPIF", name.data);
    if (status == RM_OK)
        status = rm_text_status(&full, err);
    if (status == RM_OK) {
        rm_service_enter(service);
        *data = service->kind == WFS ? open_with("WFS", full.data, NULL)
                                     : open_with("OAPIF", full.data, pages);
    }
    rm_text_clear(&full);
    rm_text_clear(&name);
    return status;
}

rm_status rm_service_open(rm_service **out, GDALDatasetH *data, const char *source,
                          const char *shown, const rm_gdal_ears *ears, rm_error *err)
{
    rm_service *service = NULL;
    GDALDatasetH opened = NULL;
    RM_TRY(RM_NEW_ZERO(&service, 1, err));
    service->kind = kind_of(source);
    rm_status status = service->kind == POSTGRES ? open_postgres(service, &opened, source, err)
                                                 : open_web(service, &opened, source, err);
    if (status != RM_OK) {
        rm_service_free(service);
        return status;
    }
    rm_service_leave(service);
    if (opened) {
        *out = service;
        *data = opened;
        return RM_OK;
    }
    status = rm_service_failure(service, err);
    if (status == RM_OK)
        status = rm_fail(err, RM_EIO, "%s cannot be opened%s%.300s%s", shown,
                         ears->heard[0] ? " (" : "", ears->heard, ears->heard[0] ? ")" : "");
    rm_service_free(service);
    return status;
}

/* A WFS that caps its answers may cap its count too: what equals the cap says nothing. GDAL 3.10
 * asks for one page alone where the count fits it, so it is made to forget it, as a filter does. */
int64_t rm_service_count(const rm_service *service, OGRLayerH layer)
{
    if (!service)
        return -1;
    int64_t count = OGR_L_GetFeatureCount(layer, 0);
    if (service->kind == WFS)
        OGR_L_SetSpatialFilter(layer, NULL);
    return count < 0 || (service->kind == WFS && count == service->cap) ? -1 : count;
}

rm_status rm_service_failure(const rm_service *service, rm_error *err)
{
    if (!service || service->failure.code == RM_OK)
        return RM_OK;
    if (err)
        *err = service->failure;
    return service->failure.code;
}

void rm_service_forget(rm_service *service)
{
    if (service)
        service->failure = (rm_error){0};
}

bool rm_service_means(const rm_service *service, const char *wanted, const char *name)
{
    const char *colon = strchr(name, ':');
    if (strcmp(wanted, name) == 0)
        return true;
    if (service->kind == WFS)
        return colon && strcmp(wanted, colon + 1) == 0;
    return service->kind == POSTGRES && strncmp(wanted, "public.", 7) == 0 &&
           strcmp(wanted + 7, name) == 0;
}

static rm_status fail_columns(OGRFeatureDefnH definition, const char *shown, const char *name,
                              rm_error *err)
{
    rm_text list = {0};
    for (int g = 0; g < OGR_FD_GetGeomFieldCount(definition); g++)
        rm_text_addf(&list, "%s\"%.60s(%.60s)\"", g > 0 ? " or " : "", name,
                     OGR_GFld_GetNameRef(OGR_FD_GetGeomFieldDefn(definition, g)));
    rm_fail(err, RM_EDATA, "%s: table \"%.60s\" has several geometry columns: name the layer %s",
            shown, name, list.data ? list.data : "");
    rm_text_clear(&list);
    return RM_EDATA;
}

rm_status rm_service_check_geometry(const rm_service *service, OGRLayerH layer, const char *shown,
                                    rm_error *err)
{
    if (!service || service->kind != POSTGRES)
        return RM_OK;
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    const char *name = OGR_L_GetName(layer);
    if (OGR_FD_GetGeomFieldCount(definition) > 1)
        return fail_columns(definition, shown, name, err);
    return RM_OK;
}

rm_status rm_service_start(rm_service *service, OGRLayerH layer, const int *fields,
                           const rm_table *columns, bool geometry, rm_error *err)
{
    if (!service || service->kind != POSTGRES)
        return RM_OK;
    rm_postgis_column *list = NULL;
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    const char *id = OGR_L_GetFIDColumn(layer);
    RM_TRY(RM_NEW(&list, columns->count, err));
    for (int32_t c = 0; c < columns->count; c++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, fields[c]);
        OGRFieldType type = OGR_Fld_GetType(field);
        list[c] = (rm_postgis_column){OGR_Fld_GetNameRef(field), columns->columns[c].type,
                                      type == OFTStringList || type == OFTIntegerList ||
                                          type == OFTInteger64List || type == OFTRealList,
                                      OGR_Fld_GetSubType(field) == OFSTBoolean};
    }
    rm_postgis_table table = {service->database,
                              OGR_L_GetName(layer),
                              id && id[0] ? id : NULL,
                              geometry ? OGR_L_GetGeometryColumn(layer) : NULL,
                              list,
                              columns->count};
    rm_status status = rm_postgis_read(&service->rows, &table, err);
    rm_release(list);
    return status;
}

bool rm_service_reads(const rm_service *service)
{
    return service && service->rows;
}

rm_status rm_service_next(rm_service *service, rm_rows *rows, bool *ended, rm_error *err)
{
    return rm_postgis_next(service->rows, rows, ended, err);
}

bool rm_service_miscounts(const rm_service *service, int64_t counted, int64_t came, bool ended)
{
    if (!service || service->kind == POSTGRES || counted < 0)
        return false;
    return (ended && came < counted) ||
           (service->kind == OAPIF && came > counted + counted / 100 + 100);
}

void rm_service_free(rm_service *service)
{
    if (!service)
        return;
    rm_http_free(service->http);
    rm_postgis_reader_free(service->rows);
    rm_release(service->database);
    rm_release(service);
}
