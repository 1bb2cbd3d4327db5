#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/redact.h"

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

typedef struct one {
    const char *text, *redacted;
} one;

static void check(const one *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[256];
        bool secret = false;
        rm_error err;
        snprintf(text, sizeof text, "%s", cases[i].text);
        rm_redact(text);
        assert_string_equal(text, cases[i].redacted);
        assert_int_equal(rm_holds_secret(&secret, cases[i].text, &err), RM_OK);
        assert_int_equal(secret, strcmp(cases[i].text, cases[i].redacted) != 0);
        rm_redact(text); /* once more changes nothing */
        assert_string_equal(text, cases[i].redacted);
    }
}

static void connection_strings(void **state)
{
    (void)state;
    static const one cases[] = {
        {"PG:host=a password=geheim user=b", "PG:host=a password=*** user=b"},
        {"PG:password='ge heim' x=1", "PG:password='***' x=1"},
        {"PG:PASSWORD = geheim dbname=x", "PG:PASSWORD = *** dbname=x"},
        {"PG:PassWord  =\t'ge heim' user=x", "PG:PassWord  =\t'***' user=x"},
        {"password='a b\\'c d' user=x", "password='***' user=x"},
        {"password='a\\\\' user=x", "password='***' user=x"},
        {"password=a\\ b\\ c user=x", "password=*** user=x"},
        {"password=a'b'c&d;e,f user=x", "password=*** user=x"},
        {"password='open to the end", "password='***"},
        {"password='it''s' user=x", "password='***' user=x"},
        {"password=\"ge heim\" user=x", "password=\"***\" user=x"},
        {"sslpassword=geheim user=x", "sslpassword=*** user=x"},
        {"PGPASSWORD=geheim psql", "PGPASSWORD=*** psql"},
        {"PWD=geheim;DSN=x", "PWD=***"},
        {"userPassword=geheim", "userPassword=***"},
        {"wachtwoord=geheim", "wachtwoord=***"},
        {"pass=geheim", "pass=***"},
        {"password=a", "password=*"},
        {"password=ab", "password=**"},
        {"password=", "password="},
        {"password", "password"},
        {"password='", "password='"},
        {"password=''", "password=''"},
        {"password=\xC3\xA9\xC3\xA9n x", "password=*** x"},
    };
    check(cases, sizeof cases / sizeof *cases);
}

static void addresses(void **state)
{
    (void)state;
    static const one cases[] = {
        {"http://u:geheim@h/x?token=abcdef&y=1", "http://u:***@h/x?token=***&y=1"},
        {"postgresql://u:geheim@h:5432/db", "postgresql://u:***@h:5432/db"},
        {"postgresql://u:ge@heim@h/db", "postgresql://u:***@h/db"},
        {"postgresql://u:ge/heim@h/db", "postgresql://u:***@h/db"},
        {"postgresql://u:1/2@h/db", "postgresql://u:1/2@h/db"},
        {"postgresql://u%3Ageheim@h/db", "postgresql://u%3A***@h/db"},
        {"postgresql://:geheim@h/db", "postgresql://:***@h/db"},
        {"postgresql://u@h/db?password=geheim&sslmode=require",
         "postgresql://u@h/db?password=***&sslmode=require"},
        {"https://h/wfs?apikey=abcdef", "https://h/wfs?apikey=***"},
        {"https://h/wfs?APIKEY=abcdef&service=WFS", "https://h/wfs?APIKEY=***&service=WFS"},
        {"https://h/x?API_KEY=z", "https://h/x?API_KEY=*"},
        {"https://h/x?api-key=abcd#f", "https://h/x?api-key=***#f"},
        {"https://h/x?a=1&key=abcd&b=2", "https://h/x?a=1&key=***&b=2"},
        {"https://h/x?subscription-key=abcd", "https://h/x?subscription-key=***"},
        {"https://h/x?access_token=abcd&b=2", "https://h/x?access_token=***&b=2"},
        {"https://h/x?accessToken=abcd", "https://h/x?accessToken=***"},
        {"https://h/x?sv=1&sig=ab%2Fcd%3D", "https://h/x?sv=1&sig=***"},
        {"https://h/x?X-Amz-Signature=abcd&y", "https://h/x?X-Amz-Signature=***&y"},
        {"https://h/x?pass%77ord=abcd&y", "https://h/x?pass%77ord=***&y"},
        {"https://h/x?%50%41ssword=abcd", "https://h/x?%50%41ssword=***"},
        {"https://h/x?password%3Dabcd", "https://h/x?password%3D***"},
        {"x&amp;token=abcd&amp;y=1", "x&amp;token=***&amp;y=1"},
        {"\"https://u:geheim@h/x\" failed", "\"https://u:***@h/x\" failed"},
        {"a http://u:aaaa@h b https://v:bbbb@i c", "a http://u:***@h b https://v:***@i c"},
        {"https://h:8080/a@b", "https://h:8080/a@b"},
        {"https://h/a:b@c", "https://h/a:b@c"},
        {"a://b", "a://b"},
        {"://", "://"},
    };
    check(cases, sizeof cases / sizeof *cases);
}

static void headers_and_json(void **state)
{
    (void)state;
    static const one cases[] = {
        {"Authorization: Basic dTpn", "Authorization: ***"},
        {"authorization: Bearer abc.def\nnext", "authorization: ***\nnext"},
        {"got Bearer abc.def here", "got Bearer *** here"},
        {"{\"password\": \"ge\\\"heim\", \"a\": 1}", "{\"password\": \"***\", \"a\": 1}"},
        {"{\"token\":\"abcd\"}", "{\"token\":\"***\"}"},
        {"ALTER USER x PASSWORD 'geheim'", "ALTER USER x PASSWORD '***'"},
    };
    check(cases, sizeof cases / sizeof *cases);
}

static void nothing_to_hide(void **state)
{
    (void)state;
    static const one cases[] = {
        {"monkey=ape", "monkey=ape"},
        {"keys=1", "keys=1"},
        {"sigma=1", "sigma=1"},
        {"/data/parken.gpkg", "/data/parken.gpkg"},
        {"tokens 5", "tokens 5"},
        {"FATAL:  password authentication failed for user \"x\"",
         "FATAL:  password authentication failed for user \"x\""},
        {"secretary=Jan", "secretary=Jan"},
        {"author=Jan", "author=Jan"},
        {"", ""},
    };
    check(cases, sizeof cases / sizeof *cases);
}

/* Whatever stands around a secret, it is gone. */
static void secrets_never_survive(void **state)
{
    (void)state;
    static const char *const before[] = {"",  "PG:", "x ",           "host='a b' ",     "(",
                                         "[", "\"",  "https://h/x?", "https://h/x?a=1&"};
    static const char *const words[] = {"password", "PASSWORD", "sslPassword",
                                        "token",    "ApiKey",   "p%61ssword"};
    static const char *const signs[] = {"=", " =", "= ", " = ", "\t=\n", "%3D", "%3d"};
    static const char *const values[] = {"HUSH",           "'HUSH'",   "'a HUSH'", "'a\\'HUSH'",
                                         "\"a HUSH\"",     "a\\ HUSH", "'HUSH",    "%48HUSH",
                                         "'a\\\\\\'HUSH'", "a%20HUSH", "'x'HUSH"};
    static const char *const behind[] = {"", " user=b", "&x=1", "\"", ")"};
    for (size_t b = 0; b < sizeof before / sizeof *before; b++)
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            for (size_t s = 0; s < sizeof signs / sizeof *signs; s++)
                for (size_t v = 0; v < sizeof values / sizeof *values; v++)
                    for (size_t e = 0; e < sizeof behind / sizeof *behind; e++) {
                        char text[256];
                        snprintf(text, sizeof text, "%s%s%s%s%s", before[b], words[w], signs[s],
                                 values[v], behind[e]);
                        rm_redact(text);
                        if (strstr(text, "HUSH"))
                            fail_msg("%s%s%s%s%s gives %s", before[b], words[w], signs[s],
                                     values[v], behind[e], text);
                    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connection_strings),    cmocka_unit_test(addresses),
        cmocka_unit_test(headers_and_json),      cmocka_unit_test(nothing_to_hide),
        cmocka_unit_test(secrets_never_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
