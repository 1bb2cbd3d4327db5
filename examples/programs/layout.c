#include "layout.h"

#include "common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xC0) != 0x80;
}

int text_width(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += begins_character(*text);
    return width;
}

void print_cell(const char *text, int width, bool right)
{
    int wide = text_width(text);
    if (wide <= width) {
        printf("%*s%s%*s", right ? width - wide : 0, "", text, right ? 0 : width - wide, "");
        return;
    }
    int shown = 0;
    while (*text && shown + begins_character(*text) <= width - 1) {
        shown += begins_character(*text);
        putchar(*text++);
    }
    fputs("…", stdout);
}

void print_name(const char *name, int width)
{
    int wide = text_width(name), head = (width - 1) / 2, tail = width - 1 - head, at = -1;
    if (wide <= width) {
        print_cell(name, width, false);
        return;
    }
    for (; *name; name++) {
        at += begins_character(*name);
        if (at == head && begins_character(*name))
            fputs("…", stdout);
        if (at < head || at >= wide - tail)
            putchar(*name);
    }
}

void print_wrapped(FILE *file, const char *text, int at, int indent)
{
    bool first = true;
    while (*text) {
        size_t length = strcspn(text, " ");
        int wide = 0;
        for (size_t i = 0; i < length; i++)
            wide += begins_character(text[i]);
        if (!first && at + 1 + wide > SCREEN) {
            fprintf(file, "\n%*s", indent, "");
            at = indent;
        } else if (!first) {
            fputc(' ', file);
            at++;
        }
        fprintf(file, "%.*s", (int)length, text);
        at += wide;
        first = false;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', file);
}

void format_count(char out[NUMBER_ROOM], int64_t count)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", llabs((long long)count)), at = 0;
    if (count < 0)
        out[at++] = '-';
    for (int d = 0; d < length; d++) {
        if (d > 0 && (length - d) % 3 == 0)
            out[at++] = english() ? ',' : '.';
        out[at++] = digits[d];
    }
    out[at] = '\0';
}

static void set_decimal_sign(char *number)
{
    for (; *number; number++)
        if (*number == '.' || *number == ',')
            *number = english() ? '.' : ',';
}

void format_number(char out[NUMBER_ROOM], double value)
{
    bool whole = value == floor(value) && fabs(value) < 1e15;
    snprintf(out, NUMBER_ROOM, whole ? "%.0f" : "%.6g", value);
    set_decimal_sign(out);
}

void format_fixed(char out[NUMBER_ROOM], double value, int decimals)
{
    if (fabs(value) < 1e15)
        snprintf(out, NUMBER_ROOM, "%.*f", decimals, value);
    else
        snprintf(out, NUMBER_ROOM, "%.6g", value);
    set_decimal_sign(out);
}
