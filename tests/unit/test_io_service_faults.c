/* Services and databases with every allocation made to fail in turn: an error, no leak. What needs
 * no server, and what is said when nothing answers. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "io/postgis/conninfo.h"
#include "io/postgis/postgis.h"
#include "io/postgis/read.h"
#include "io/service/answer.h"

/* Nothing listens on port 1, and it is this machine. */
#define NOBODY "127.0.0.1:1"

static const char *database;

static rm_status read_conninfo(rm_error *err)
{
    rm_text out = {0};
    rm_status status = rm_conninfo_read(&out, database, err);
    rm_text_clear(&out);
    return status;
}

static void names_of_databases(void **state)
{
    (void)state;
    database = "PG:host='h' port=5433 dbname='it\\'s' user=x\\ y";
    torture(read_conninfo, 3);
    database = "postgresql://u%20v@h:5432/d%62?sslmode=verify-full";
    torture(read_conninfo, 3);
    database = "PG:dbname=a dbname=b";
    torture_to(read_conninfo, RM_EINVAL, 1);
}

static const char exception[] =
    "<ows:ExceptionReport><ows:Exception><ows:ExceptionText>the layer &lt;x&gt; is not there"
    "</ows:ExceptionText></ows:Exception></ows:ExceptionReport>";

/* Words are left out where there is no memory for them; an answer is judged without any. */
static void answers(void **state)
{
    (void)state;
    for (int failures = 0; failures < 20; failures++) {
        char words[320];
        fail_after = failures;
        rm_answer_words(words, exception, sizeof exception - 1);
        rm_answer_kind kind = rm_answer_judge(exception, sizeof exception - 1);
        bool failed = fail_after < 0;
        fail_after = INT64_MAX;
        assert_int_equal(alive, 0);
        assert_int_equal(kind, RM_ANSWER_EXCEPTION);
        if (!failed || words[0] != '\0')
            assert_string_equal(words, "the layer <x> is not there");
    }
}

static const char *url;

static rm_status get(rm_error *err)
{
    rm_http *http = NULL;
    rm_http_answer answer = {0};
    rm_status status = rm_http_new(&http, url, err);
    if (status == RM_OK)
        status = rm_http_get(http, url, "application/json", &answer, err);
    rm_http_answer_clear(&answer);
    rm_http_free(http);
    return status;
}

static bool has_libcurl(void)
{
    rm_http *http = NULL;
    rm_status status = rm_http_new(&http, "http://" NOBODY, NULL);
    rm_http_free(http);
    return status == RM_OK;
}

static void web_services(void **state)
{
    (void)state;
    if (!has_libcurl()) {
        print_message("built without libcurl\n");
        skip();
    }
    url = "http://" NOBODY "/ogc?x=1";
    torture_to(get, RM_EIO, 10);
    url = "http://user:HUSH@" NOBODY "/ogc";
    torture_to(get, RM_EINVAL, 3);
    setenv("RISKMAP_LOGIN_127_0_0_1_1", "jan:HUSH", 1);
    setenv("RISKMAP_KEY_127_0_0_1", "key=HUSH", 1);
    url = "http://" NOBODY "/ogc";
    torture_to(get, RM_EIO, 15);
    unsetenv("RISKMAP_LOGIN_127_0_0_1_1");
    setenv("RISKMAP_LOGIN_127_0_0_1_1", "no colon", 1);
    torture_to(get, RM_EINVAL, 10);
    unsetenv("RISKMAP_LOGIN_127_0_0_1_1");
    unsetenv("RISKMAP_KEY_127_0_0_1");
}

#define DATABASE "PG:host=127.0.0.1 port=1 dbname=x user=y connect_timeout=2"
static const rm_postgis_options options = {DATABASE, "uitkomst", false};

static rm_status check(rm_error *err)
{
    const char *const names[] = {"areas"};
    return rm_postgis_check(&options, names, 1, err);
}

static rm_status create(rm_error *err)
{
    rm_sink sink = {.target = NULL};
    return rm_postgis_create(&sink, &options, "EPSG:28992", true, "let op", err);
}

static rm_status read_table(rm_error *err)
{
    const rm_postgis_column column = {"a", RM_TEXT, false, false};
    const rm_postgis_table table = {DATABASE, "t", NULL, "geom", &column, 1};
    rm_postgis_reader *reader = NULL;
    rm_status status = rm_postgis_read(&reader, &table, err);
    rm_postgis_reader_free(reader);
    return status;
}

static void databases(void **state)
{
    (void)state;
    if (check(NULL) == RM_EUNSUPPORTED) {
        print_message("built without libpq\n");
        skip();
    }
    torture_to(check, RM_EIO, 4);
    torture_to(create, RM_EIO, 4);
    torture_to(read_table, RM_EIO, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_databases),
        cmocka_unit_test(answers),
        cmocka_unit_test(web_services),
        cmocka_unit_test(databases),
    };
    return cmocka_run_group_tests_name("io_service_faults", tests, NULL, NULL);
}
