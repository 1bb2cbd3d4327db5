#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "io/postgis/conninfo.h"
#include "io/service/answer.h"
#include "io/service/service.h"

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static rm_error err;

#define REST                                                                                       \
    " connect_timeout='15' application_name='riskmap' keepalives_idle='20' "                       \
    "keepalives_interval='10' keepalives_count='3'"

static void databases_are_read(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"PG:dbname=a", "dbname='a'" REST},
        {"PG: host = h  port=5433 dbname='a b'", "host='h' port='5433' dbname='a b'" REST},
        {"PG:dbname='it\\'s' user=x\\ y", "dbname='it\\'s' user='x y'" REST},
        {"PG:dbname='a\\\\b'", "dbname='a\\\\b'" REST},
        {"PG:", "" REST},
        {"postgresql://u@h:5432/db", "user='u' host='h' port='5432' dbname='db'" REST},
        {"postgres:///db", "dbname='db'" REST},
        {"postgresql://[::1]:5432/db", "host='::1' port='5432' dbname='db'" REST},
        {"postgresql://%2Ftmp%2Fpg/d%20b", "host='/tmp/pg' dbname='d b'" REST},
        {"PG:postgresql://u@h/db?sslmode=verify-full",
         "user='u' host='h' dbname='db' sslmode='verify-full'" REST},
        {"postgresql://h/db?host=/tmp/pg", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rm_text out = {0};
        rm_status status = rm_conninfo_read(&out, cases[i][0], &err);
        if (cases[i][1]) {
            assert_int_equal(status, RM_OK);
            assert_string_equal(out.data, cases[i][1]);
        } else {
            assert_int_equal(status, RM_EINVAL);
        }
        rm_text_clear(&out);
    }
}

static void databases_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"PG:dbname=a password=HUSH", "PGPASSWORD"},
        {"PG:dbname=a PASSWORD='HUSH'", "PGPASSWORD"},
        {"PG:password = 'a \\'HUSH'", "PGPASSWORD"},
        {"PG:sslpassword=HUSH", "PGPASSWORD"},
        {"postgresql://u:HUSH@h/db", "PGPASSWORD"},
        {"postgresql://u:HU/SH@h/db", "PGPASSWORD"},
        {"postgresql://u@h/db?password=HUSH", "PGPASSWORD"},
        {"postgresql://u@h/db?p%61ssword=HUSH", "nothing else"},
        {"PG:dbname=a options='-c x=y HUSH'", "nothing else"},
        {"PG:dbname=a tables=x", "nothing else"},
        {"PG:dbname=a schemas=x", "nothing else"},
        {"PG:dbname='x tables=y'", "is written as"},
        {"PG:dbname='x Active_Schema=y'", "is written as"},
        {"PG:dbname=a passfile=/HUSH", "nothing else"},
        {"PG:dbname=a HUSH", "is written as"},
        {"PG:=HUSH", "is written as"},
        {"PG:dbname='HUSH", "is written as"},
        {"PG:dbname=a dbname=b", "twice"},
        {"postgresql://h%00/db", "is written as"},
        {"postgresql://a,b/db", "one host"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rm_text out = {0};
        assert_int_equal(rm_conninfo_read(&out, cases[i][0], &err), RM_EINVAL);
        if (!strstr(err.message, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], err.message);
        assert_null(strstr(err.message, "HUSH"));
        rm_text_clear(&out);
    }
}

static void services_are_known_by_their_names(void **state)
{
    (void)state;
    static const char *const yes[] = {"https://h/x",       "HTTP://h",        "WFS:https://h/x",
                                      "wfs:http://h",      "OAPIF:https://h", "PG:dbname=x",
                                      "postgresql://h/db", "postgres://h/db"};
    static const char *const no[] = {"a.gpkg",
                                     "WFS:a.xml",
                                     "OAPIF:/a",
                                     "/a/https://x",
                                     "ftp://h/x",
                                     "pg.gpkg",
                                     "WFS:<OGRWFSDataSource>",
                                     "file:///x",
                                     "wfs.xml",
                                     "pg:dbname=x",
                                     "MSSQL:x",
                                     "MYSQL:x",
                                     "/vsicurl/http://h/x"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(rm_is_service(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(rm_is_service(no[i]));
}

static void answers_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        rm_answer_kind kind;
    } cases[] = {
        {"", RM_ANSWER_EMPTY},
        {" \n\xEF\xBB\xBF ", RM_ANSWER_EMPTY},
        {"{\"a\": 1}\n", RM_ANSWER_JSON},
        {"{\"a\": 1", RM_ANSWER_CUT},
        {"{", RM_ANSWER_CUT},
        {"<html><body></body></html>", RM_ANSWER_HTML},
        {"<!DOCTYPE html><html>", RM_ANSWER_HTML},
        {"<!doctype  HTML PUBLIC \"x\">", RM_ANSWER_HTML},
        {"<!DOCTYPE x [<!ENTITY a \"b\">]><x/>", RM_ANSWER_DTD},
        {"<?xml version=\"1.0\"?><!-- c --><!DOCTYPE x><x/>", RM_ANSWER_DTD},
        {"<?xml version=\"1.0\"?>\n<wfs:WFS_Capabilities a=\"1\"></wfs:WFS_Capabilities>",
         RM_ANSWER_CAPABILITIES},
        {"<wfs:FeatureCollection><a/></wfs:FeatureCollection>\n", RM_ANSWER_XML},
        {"<wfs:FeatureCollection/>", RM_ANSWER_XML},
        {"<wfs:FeatureCollection><a/>", RM_ANSWER_CUT},
        {"<wfs:FeatureCollection><a", RM_ANSWER_CUT},
        {"<wfs:FeatureCollection><a></wfs:Other>", RM_ANSWER_CUT},
        {"<schema xmlns=\"x\"></schema>", RM_ANSWER_XML},
        {"<ows:ExceptionReport/>", RM_ANSWER_EXCEPTION},
        {"<ServiceExceptionReport>", RM_ANSWER_EXCEPTION},
        {"<OGRVRTDataSource></OGRVRTDataSource>", RM_ANSWER_OTHER},
        {"<!-- FeatureCollection --><OGRVRTDataSource/>", RM_ANSWER_OTHER},
        {"<OGRWFSDataSource/>", RM_ANSWER_OTHER},
        {"<kml/>", RM_ANSWER_OTHER},
        {"PK\003\004", RM_ANSWER_OTHER},
        {"<", RM_ANSWER_OTHER},
        {"<?", RM_ANSWER_OTHER},
        {"<!--", RM_ANSWER_OTHER},
        {"[1, 2]", RM_ANSWER_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (rm_answer_judge(cases[i].text, (int64_t)strlen(cases[i].text)) != cases[i].kind)
            fail_msg("%s", cases[i].text);
}

static void answers_have_words(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<ows:ExceptionReport><ows:Exception><ows:ExceptionText>Unknown\n   layer "
         "&lt;x&gt;</ows:ExceptionText></ows:Exception></ows:ExceptionReport>",
         "Unknown layer <x>"},
        {"<ExceptionReport><ExceptionText>a</ExceptionText><ExceptionText><![CDATA[b "
         "token=HUSH]]></ExceptionText></ExceptionReport>",
         "a; b token=***"},
        {"<ServiceExceptionReport><ServiceException code=\"x\">msWFS: no</ServiceException>",
         "msWFS: no"},
        {"<html><head><TITLE> Log\tin </TITLE></head>", "Log in"},
        {"{\"title\": \"Not found\", \"detail\" : \"no such \\\"x\\\"\"}", "no such \\\"x\\\""},
        {"{\"code\": 1, \"description\": \"bad limit\"}", "bad limit"},
        {"<ows:ExceptionReport><ows:ExceptionText>", ""},
        {"<ows:ExceptionReport><ows:ExceptionText>open", "open"},
        {"<x>", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[320];
        rm_answer_words(words, cases[i][0], (int64_t)strlen(cases[i][0]));
        assert_string_equal(words, cases[i][1]);
    }
    char large[8192] = "<html><title>", words[320];
    memset(large + 13, 'x', sizeof large - 14);
    rm_answer_words(words, large, (int64_t)sizeof large - 1);
    assert_int_equal(strlen(words), 300);
}

/* Every beginning and every changed byte of an answer is judged without reading past it. */
static void judging_stays_inside(void **state)
{
    (void)state;
    static const char whole[] = "\xEF\xBB\xBF<?xml version=\"1.0\"?><!-- c "
                                "--><ows:ExceptionReport><ows:ExceptionText>a &lt; "
                                "<![CDATA[b]]></ows:ExceptionText></ows:ExceptionReport>";
    static const char bytes[] = "<>&/!\"{}[]- ?:\0x";
    for (size_t length = 0; length < sizeof whole; length++)
        for (size_t at = 0; at < length; at++)
            for (size_t b = 0; b < sizeof bytes; b++) {
                char *copy = NULL, words[320];
                assert_int_equal(RM_NEW(&copy, (int64_t)length, &err), RM_OK);
                memcpy(copy, whole, length);
                copy[at] = bytes[b];
                (void)rm_answer_judge(copy, (int64_t)length);
                rm_answer_words(words, copy, (int64_t)length);
                assert_true(strlen(words) <= 300);
                rm_release(copy);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(databases_are_read),
        cmocka_unit_test(databases_are_refused),
        cmocka_unit_test(services_are_known_by_their_names),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(answers_have_words),
        cmocka_unit_test(judging_stays_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
