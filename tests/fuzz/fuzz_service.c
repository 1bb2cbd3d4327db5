/* Feeds bytes to what judges the answers of web services and reads connection strings: no input may
 * crash, words for people are one line of sound UTF-8, and no password comes through. Links
 * libriskmap_io.a, libriskmap_data.a and libriskmap_base.a; start it with corpus/service and
 * -max_len=2048. */
#include "io/postgis/conninfo.h"
#include "io/service/answer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void check_answer(const char *text, size_t size)
{
    char words[320];
    rm_answer_pages pages;
    need(rm_answer_judge(text, (int64_t)size) <= RM_ANSWER_DTD);
    rm_answer_words(words, text, (int64_t)size);
    size_t length = strlen(words);
    need(length < sizeof words && rm_utf8_valid(words, (int64_t)length) == (int64_t)length);
    need(!strpbrk(words, "\n\r\t"));
    rm_answer_look(&pages, text, (int64_t)size);
    need(pages.page >= 0 && pages.matched >= -1 && pages.returned >= -1);
}

/* Whether a setting of this name is among key='value' key='value', with \\ before a quote. */
static bool has_setting(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = text; *at;) {
        if (strncmp(at, key, length) == 0 && at[length] == '=')
            return true;
        at += strcspn(at, "=");
        need(at[0] == '=' && at[1] == '\'');
        for (at += 2; *at && *at != '\''; at++)
            at += *at == '\\' && at[1];
        need(*at == '\'');
        at += 1 + (at[1] == ' ');
    }
    return false;
}

static void check_connection(const char *text)
{
    static const char *const starts[] = {"PG:", "postgresql://"};
    for (int s = 0; s < 2; s++) {
        rm_text source = {0}, out = {0};
        rm_error err = {0};
        rm_text_add(&source, starts[s]);
        rm_text_add(&source, text);
        need(!source.failed && rm_is_postgres(source.data));
        if (rm_conninfo_read(&out, source.data, &err) == RM_OK) {
            need(!out.failed && (!out.data || !has_setting(out.data, "password")));
        } else {
            int64_t length = (int64_t)strlen(err.message);
            need(length > 0 && rm_utf8_valid(err.message, length) == length);
            need(!strpbrk(err.message, "\n\r\t"));
        }
        rm_text_clear(&source);
        rm_text_clear(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    need(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    check_answer(text, size);
    check_connection(text);
    free(text);
    return 0;
}
