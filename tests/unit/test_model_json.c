#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/json.h"

static rm_json *parse(const char *text)
{
    rm_error err = {0};
    rm_json *json = NULL;
    if (rm_json_parse(&json, text, (int64_t)strlen(text), &err) != RM_OK)
        fail_msg("%s: %s", text, err.message);
    return json;
}

static void assert_bytes(const rm_json *node, const char *text, const char *expected)
{
    assert_int_equal(node->end - node->begin, strlen(expected));
    assert_memory_equal(text + node->begin, expected, strlen(expected));
}

static void test_values_know_their_bytes(void **state)
{
    (void)state;
    static const char text[] =
        "\xEF\xBB\xBF {\"a\" : \"x\\\"y\" ,\n \"b\":[ 1.5e3,{ } , null ],\"c\":true}\n";
    rm_json *root = parse(text);
    const rm_json *list = rm_json_member(root, "b");
    assert_bytes(rm_json_member(root, "a"), text, "\"x\\\"y\"");
    assert_bytes(list, text, "[ 1.5e3,{ } , null ]");
    assert_bytes(list->first, text, "1.5e3");
    assert_bytes(list->first->next, text, "{ }");
    assert_bytes(list->first->next->next, text, "null");
    assert_bytes(rm_json_member(root, "c"), text, "true");
    assert_int_equal(root->begin, 4);
    assert_int_equal(root->end, strlen(text) - 1);
    rm_json_free(root);
}

static void test_tree(void **state)
{
    (void)state;
    rm_json *root =
        parse("\xEF\xBB\xBF {\n \"a\": [1, -2.5e3,\r\n {\"b\": null}],\n\t\"c\": true, \"d\":"
              "\n\"x\", \"\": {}, \"e\": [] , \"f\":false}\n");
    assert_int_equal(root->kind, RM_JSON_OBJECT);
    assert_int_equal(root->line, 1);
    assert_int_equal(root->count, 6);
    const rm_json *a = rm_json_member(root, "a"), *c = rm_json_member(root, "c");
    assert_int_equal(a->kind, RM_JSON_LIST);
    assert_int_equal(a->line, 2);
    assert_int_equal(a->count, 3);
    assert_ptr_equal(a->parent, root);
    assert_true(a->first->number == 1);
    assert_true(a->first->next->number == -2500);
    const rm_json *object = a->first->next->next;
    assert_int_equal(object->line, 3);
    assert_int_equal(rm_json_member(object, "b")->kind, RM_JSON_NULL);
    assert_null(object->next);
    assert_ptr_equal(a->next, c);
    assert_int_equal(c->kind, RM_JSON_BOOL);
    assert_true(c->number == 1);
    assert_true(rm_json_member(root, "f")->number == 0);
    assert_int_equal(rm_json_member(root, "d")->line, 5); /* of the value, not of the key */
    assert_string_equal(rm_json_member(root, "d")->text, "x");
    assert_int_equal(rm_json_member(root, "")->kind, RM_JSON_OBJECT);
    assert_int_equal(rm_json_member(root, "e")->count, 0);
    assert_null(rm_json_member(root, "g"));
    assert_null(rm_json_member(a, "a"));
    rm_json_free(root);
    rm_json_free(NULL);
}

static void test_paths(void **state)
{
    (void)state;
    char path[40], small[6];
    rm_json *root = parse("{\"a\": [0, {\"b\": [[7]]}], \"c\\nd\": 1, \"ëëë\": 2}");
    const rm_json *deep = rm_json_member(root, "a")->first->next;
    rm_json_path(root, path, sizeof path);
    assert_string_equal(path, "");
    rm_json_path(deep, path, sizeof path);
    assert_string_equal(path, "a[1]");
    rm_json_path(deep->first->first->first, path, sizeof path);
    assert_string_equal(path, "a[1].b[0][0]");
    rm_json_path(rm_json_member(root, "c\nd"), path, sizeof path);
    assert_string_equal(path, "c?d");
    rm_json_path(rm_json_member(root, "ëëë"), small, sizeof small);
    assert_string_equal(small, "ëë"); /* cut between characters */
    rm_json_free(root);
}

static void test_texts(void **state)
{
    (void)state;
    rm_json *root = parse(
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e9\\u20AC\\uD83D\\ude00A\", \"€😀\\u007f\", \"\"]");
    const rm_json *text = root->first;
    assert_string_equal(text->text, "\"\\/\b\f\n\r\t");
    text = text->next;
    assert_string_equal(text->text, "é€😀A");
    text = text->next;
    assert_string_equal(text->text, "€😀\x7f");
    assert_string_equal(text->next->text, "");
    rm_json_free(root);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"10", 10},
                 {"0.5", 0.5},
                 {"-1e2", -100},
                 {"1E+2", 100},
                 {"25e-1", 2.5},
                 {"1e-400", 0},
                 {"1.7976931348623157e308", 1.7976931348623157e308},
                 {"0.1000000000000000055511151231257827021181583404541015625", 0.1},
                 {"123456789012345678901234567890123456789012345",
                  123456789012345678901234567890123456789012345.0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        rm_json *root = parse(cases[k].text);
        assert_int_equal(root->kind, RM_JSON_NUMBER);
        assert_true(root->number == cases[k].value);
        rm_json_free(root);
    }
}

static void test_messages(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "line 1: the file is empty"},
        {" \n ", "line 2: the file ends where a value should come"},
        {"{\"a\": 1,\n}", "line 2: a comma with nothing behind it before }; take it out"},
        {"[1,\n\n]", "line 3: a comma with nothing behind it before ]; take it out"},
        {"[1 2]", "line 1: expected a comma or ], found \"2\""},
        {"[1\n", "line 2: the file ends where a comma or ] should come"},
        {"{\"a\": 1 \"b\": 2}", "line 1: expected a comma or }, found \""},
        {"{\"a\" 1}", "line 1: expected a colon after the key, found \"1\""},
        {"{a: 1}", "line 1: expected a key in \"double quotes\", found \"a\""},
        {"{'a': 1}", "line 1: texts and keys stand in \"double quotes\""},
        {"{\"a\": 'x'}", "line 1: texts and keys stand in \"double quotes\""},
        {"{, }", "line 1: expected a key in \"double quotes\", found ,"},
        {"[,]", "line 1: expected a value, found ,"},
        {"{}\n// nothing", "line 2: JSON has no comments; take it out"},
        {"{ # nothing\n}", "line 1: JSON has no comments; take it out"},
        {"[NaN]", "line 1: a number must be finite; JSON has no NaN and no Infinity"},
        {"[Infinity]", "line 1: a number must be finite; JSON has no NaN and no Infinity"},
        {"[-Infinity]", "line 1: a number must be finite; JSON has no NaN and no Infinity"},
        {"[nan]", "line 1: expected a value, found \"nan\""},
        {"[True]", "line 1: write true, false and null, in lower case"},
        {"[None]", "line 1: write true, false and null, in lower case"},
        {"[truely]", "line 1: expected a value, found \"truely\""},
        {"[1e999]", "line 1: this number is too large"},
        {"[-1e309]", "line 1: this number is too large"},
        {"[01]", "line 1: \"01\" is no number as JSON writes it, such as 12, -0.5 or 1e6"},
        {"[1.]", "line 1: \"1.\" is no number as JSON writes it, such as 12, -0.5 or 1e6"},
        {"[.5]", "line 1: expected a value, found \".5\""},
        {"[+1]", "line 1: expected a value, found \"+1\""},
        {"[-]", "line 1: \"-\" is no number as JSON writes it, such as 12, -0.5 or 1e6"},
        {"[1e]", "line 1: \"1e\" is no number as JSON writes it, such as 12, -0.5 or 1e6"},
        {"[0x10]", "line 1: \"0x10\" is no number as JSON writes it, such as 12, -0.5 or 1e6"},
        {"[1.2.3]", "line 1: \"1.2.3\" is no number as JSON writes it, such as 12, -0.5 or 1e6"},
        {"[\"abc", "line 1: this text has no closing quote"},
        {"[\"abc\\", "line 1: this text has no closing quote"},
        {"[\n\"abc\n\"]", "line 2: this text has no closing quote on its line"},
        {"[\"a\tb\"]", "line 1: a control character in a text; write \\t for a tab"},
        {"[\"\\x\"]",
         "line 1: after \\ comes one of \" \\ / b f n r t u; a backslash itself is \\\\"},
        {"[\"\\u12g4\"]", "line 1: \\u takes four hexadecimal digits"},
        {"[\"\\u12", "line 1: \\u takes four hexadecimal digits"},
        {"[\"\\u0000\"]", "line 1: \\u0000 cannot stand in a text"},
        {"[\"\\ud800\"]", "line 1: \\ud800 to \\udfff come in pairs, a high one and a low one"},
        {"[\"\\ud800\\u0041\"]",
         "line 1: \\ud800 to \\udfff come in pairs, a high one and a low one"},
        {"[\"\\udc00\\udc00\"]",
         "line 1: \\ud800 to \\udfff come in pairs, a high one and a low one"},
        {"[\"\\udc00\\ud800\"]",
         "line 1: \\ud800 to \\udfff come in pairs, a high one and a low one"},
        {"[1]\n[2]", "line 2: expected the end of the file, found ["},
        {"{\"a\":1}}", "line 1: expected the end of the file, found }"},
        {"[1,\n\"\xE9\"]", "line 2: not UTF-8 text; save the file as UTF-8"},
        {"\xFF\xFE{", "line 1: not UTF-8 text; save the file as UTF-8"},
        {"[\xC3\xA9]", "line 1: expected a value"},
        {"{\"a\": 1,\n\"b\": 2,\n\"a\": 3}",
         "line 3: a stands here for the second time, after line 1"},
        {"{\"x\": [{\"a\": 1, \"\\u0061\": 2}]}",
         "line 1: x[0].a stands here for the second time, after line 1"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        rm_error err = {0};
        rm_json *json = (rm_json *)&err;
        assert_int_equal(rm_json_parse(&json, cases[k].text, (int64_t)strlen(cases[k].text), &err),
                         RM_EMODEL);
        assert_ptr_equal(json, &err);
        assert_string_equal(err.message, cases[k].message);
    }
    rm_error err;
    rm_json *json;
    assert_int_equal(rm_json_parse(&json, "[\"a\0b\"]", 7, &err), RM_EMODEL);
    assert_string_equal(err.message, "line 1: not UTF-8 text; save the file as UTF-8");
    /* the length counts, not a NUL */
    assert_int_equal(rm_json_parse(&json, "[1]]", 3, &err), RM_OK);
    rm_json_free(json);
}

static void test_limits(void **state)
{
    (void)state;
    rm_error err;
    rm_json *json;
    for (int levels = 64; levels <= 65; levels++) {
        char text[140];
        memset(text, '[', (size_t)levels);
        memset(text + levels, ']', (size_t)levels);
        rm_status status = rm_json_parse(&json, text, 2 * levels, &err);
        assert_int_equal(status, levels == 64 ? RM_OK : RM_EMODEL);
        if (status == RM_OK)
            rm_json_free(json);
    }
    assert_string_equal(err.message, "line 1: more than 64 levels inside one another");
    rm_text many = {0};
    rm_text_add(&many, "[0");
    for (int i = 1; i < 1000001; i++)
        rm_text_add(&many, ",0");
    rm_text_add(&many, "]");
    assert_int_equal(rm_json_parse(&json, many.data, many.length, &err), RM_ELIMIT);
    assert_string_equal(err.message, "line 1: more than 1000000 values");
    rm_text_clear(&many);
    /* as many keys as may be, in one object: found double without comparing each with each */
    rm_text_add(&many, "{\"twice\": 0");
    for (int i = 0; i < 200000; i++)
        rm_text_addf(&many, ",\n\"key%d\": 0", i);
    rm_text_add(&many, ", \"twice\": 0}");
    assert_int_equal(rm_json_parse(&json, many.data, many.length, &err), RM_EMODEL);
    assert_string_equal(err.message,
                        "line 200001: twice stands here for the second time, after line 1");
    rm_text_clear(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_know_their_bytes),
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
