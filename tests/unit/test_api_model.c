#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "riskmap/model.h"

static const char text[] = "{\"riskmap\": 1, \"name\": \"a\", \"title\": \"A\", \"purpose\": "
                           "\"b\",\n\"layers\": {\"x\": {\"source\": \"s\"}, "
                           "\"y\": {\"source\": \"t\"}}, \"areas\": {\"layer\": \"x\"}, "
                           "\"indicators\": [{\"name\": \"n\", \"pillar\": \"p\", "
                           "\"measure\": \"count\", \"of\": \"y\", \"scale\": \"rank\", "
                           "\"weight\": 1, \"direction\": \"+\", \"label\": \"l\", "
                           "\"why\": \"w\"}]}";

static void check(const rm_model *model)
{
    assert_string_equal(rm_model_name(model), "a");
    assert_string_equal(rm_model_title(model), "A");
    assert_string_equal(rm_model_text(model), text);
    assert_int_equal(rm_model_layer_count(model), 2);
    assert_string_equal(rm_model_layer_name(model, 0), "x");
    assert_string_equal(rm_model_layer_name(model, 1), "y");
    assert_null(rm_model_layer_name(model, -1));
    assert_null(rm_model_layer_name(model, 2));
    assert_int_equal(rm_model_indicator_count(model), 1);
    assert_true(rm_model_min_coverage(model) == 0.6);
}

static void write_file(const char *path, const char *content, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_read(void **state)
{
    (void)state;
    rm_error err = {0};
    rm_model *model = NULL;
    char *path;
    assert_int_equal(rm_file_temporary(&path, "./model.json", &err), RM_OK);
    write_file(path, text, sizeof text - 1);
    assert_int_equal(rm_model_read(&model, path, &err), RM_OK);
    check(model);
    rm_model_free(model);
    write_file(path, "{\n  \"riskmap\": 2\n}", 18);
    model = NULL;
    assert_int_equal(rm_model_read(&model, path, &err), RM_EMODEL);
    assert_null(model);
    assert_ptr_equal(strstr(err.message, path), err.message);
    assert_non_null(strstr(err.message, ", line 1: \"name\" is missing"));
    size_t large = ((size_t)16 << 20) + 1;
    char *spaces = malloc(large);
    memset(spaces, ' ', large);
    write_file(path, spaces, large);
    assert_int_equal(rm_model_read(&model, path, &err), RM_ELIMIT);
    free(spaces);
    rm_file_remove(path);
    assert_int_equal(rm_model_read(&model, path, &err), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, path));
    rm_release(path);
    assert_null(model);
}

static void test_parse(void **state)
{
    (void)state;
    rm_error err = {0};
    rm_model *model = NULL;
    assert_int_equal(rm_model_parse(&model, text, NULL, &err), RM_OK);
    check(model);
    rm_model_free(model);
    char *untitled = strdup(text);
    memset(strstr(untitled, "\"title\": \"A\","), ' ', strlen("\"title\": \"A\","));
    assert_int_equal(rm_model_parse(&model, untitled, NULL, &err), RM_OK);
    assert_string_equal(rm_model_title(model), "");
    rm_model_free(model);
    free(untitled);
    model = NULL;
    assert_int_equal(rm_model_parse(&model, "{", "here.json", &err), RM_EMODEL);
    assert_string_equal(
        err.message,
        "here.json, line 1: the file ends where a key in \"double quotes\" should come");
    assert_int_equal(rm_model_parse(&model, "{", NULL, NULL), RM_EMODEL);
    assert_null(model);
    rm_model_free(NULL);
}

static void test_arguments(void **state)
{
    (void)state;
    rm_error err = {0};
    rm_model *model = NULL;
    assert_int_equal(rm_model_read(NULL, "x", &err), RM_EINVAL);
    assert_int_equal(rm_model_read(&model, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_model_parse(NULL, "x", NULL, &err), RM_EINVAL);
    assert_int_equal(rm_model_parse(&model, NULL, NULL, &err), RM_EINVAL);
    assert_null(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
