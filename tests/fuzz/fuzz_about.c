/* Feeds bytes to what reads metadata: XML, lines of "key: value" and the head of a GeoJSON. No
 * input may crash, and what is taken from it is one line of sound UTF-8. Links libriskmap_io.a,
 * libriskmap_data.a and libriskmap_base.a; start it with corpus/about and -max_len=2048. */
#include "base/text.h"
#include "io/about.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void check_line(const char *text)
{
    if (!text)
        return;
    int64_t length = (int64_t)strlen(text);
    need(length > 0 && rm_utf8_valid(text, length) == length && !strpbrk(text, "\n\r\t"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rm_status (*const readers[])(rm_about *, const char *, int64_t, rm_error *) = {
        rm_about_from_xml, rm_about_from_lines, rm_about_from_json};
    char *text = malloc(size + 1);
    need(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    for (int r = 0; r < 3; r++) {
        rm_about about = {0};
        need(readers[r](&about, text, (int64_t)size, NULL) == RM_OK);
        check_line(about.title);
        check_line(about.owner);
        check_line(about.licence);
        rm_about_clear(&about);
    }
    free(text);
    return 0;
}
