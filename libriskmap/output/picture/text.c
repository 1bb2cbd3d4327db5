/* Text on the page. */
#include "output/picture/page.h"

#include <math.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Nobody reads more of a title, and measuring has an end. */
enum { MOST_BYTES = 2000 };

void rm_page_ink(const rm_page *page, rm_ink ink)
{
    cairo_set_source_rgba(page->cairo, ink.red / 255.0, ink.green / 255.0, ink.blue / 255.0,
                          ink.alpha);
}

double rm_page_font_size(const rm_page *page, double size)
{
    return fmax(8, size * page->unit);
}

void rm_page_font(const rm_page *page, double size, bool bold)
{
    cairo_select_font_face(page->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(page->cairo, rm_page_font_size(page, size));
}

double rm_page_measure(const rm_page *page, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(page->cairo, text, &extents);
    return extents.x_advance;
}

void rm_page_write(const rm_page *page, double x, double baseline, const char *text)
{
    cairo_move_to(page->cairo, x, baseline);
    cairo_show_text(page->cairo, text);
    cairo_new_path(page->cairo);
}

rm_status rm_page_clean(rm_text *out, const char *text, int64_t length, rm_error *err)
{
    rm_text_add(out, "");
    while (length > 0) {
        int64_t valid = rm_utf8_valid(text, length);
        for (int64_t i = 0; i < valid; i++) {
            bool control = ((uint8_t)text[i] < 0x20 && text[i] != '\n') || text[i] == 0x7f;
            rm_text_add_n(out, control ? " " : text + i, 1);
        }
        if (valid < length) {
            rm_text_add(out, " ");
            valid++;
        }
        text += valid;
        length -= valid;
    }
    return rm_text_status(out, err);
}

void rm_lines_clear(rm_lines *lines)
{
    for (int i = 0; i < RM_LINES_MOST; i++)
        rm_text_clear(&lines->line[i]);
    lines->count = 0;
}

double rm_lines_height(const rm_page *page, const rm_lines *lines)
{
    return lines->count * RM_LEADING * rm_page_font_size(page, lines->size);
}

/* ---- breaking ---- */

typedef struct breaker {
    const rm_page *page;
    rm_text trial; /* what is being measured */
    double width;
} breaker;

static bool fits(breaker *b, const char *text, int64_t length, const char *end)
{
    b->trial.length = 0;
    rm_text_add_n(&b->trial, text, length);
    rm_text_add(&b->trial, end);
    return b->trial.failed || rm_page_measure(b->page, b->trial.data) <= b->width;
}

static int64_t next_character(const char *text, int64_t length, int64_t at)
{
    at++;
    while (at < length && ((uint8_t)text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

/* How much of it fits with `end` behind it, character by character. */
static int64_t fitting_characters(breaker *b, const char *text, int64_t length, const char *end)
{
    int64_t good = 0;
    while (good < length) {
        int64_t next = next_character(text, length, good);
        if (!fits(b, text, next, end))
            break;
        good = next;
    }
    return good;
}

/* The length of the line that text begins with. */
static int64_t line_length(breaker *b, const char *text, int64_t length)
{
    int64_t good = 0;
    for (int64_t at = 0; at < length;) {
        while (at < length && text[at] == ' ')
            at++;
        while (at < length && text[at] != ' ' && text[at] != '\n')
            at++;
        if (!fits(b, text, at, ""))
            break;
        good = at;
        if (at < length && text[at] == '\n')
            break;
    }
    if (good > 0 || length == 0 || text[0] == '\n')
        return good;
    good = fitting_characters(b, text, length, "");
    return good > 0 ? good : next_character(text, length, 0);
}

/* The last line: all that is left, or as much of it as fits and an ellipsis. */
static void add_last(breaker *b, rm_text *line, const char *text, int64_t length)
{
    const char *end = memchr(text, '\n', (size_t)length);
    int64_t whole = end ? end - text : length;
    if (!end && fits(b, text, length, "")) {
        rm_text_add_n(line, text, length);
        return;
    }
    int64_t good = fitting_characters(b, text, whole, ELLIPSIS);
    while (good > 0 && (text[good - 1] == ' ' || text[good - 1] == ','))
        good--;
    rm_text_add_n(line, text, good);
    rm_text_add(line, ELLIPSIS);
}

static void skip_blanks(const char **text, int64_t *length)
{
    while (*length > 0 && **text == ' ') {
        (*text)++;
        (*length)--;
    }
}

rm_status rm_page_break(const rm_page *page, rm_lines *out, const char *text, double width,
                        int most, rm_error *err)
{
    rm_text clean = {0};
    breaker b = {.page = page, .width = width};
    int64_t length = text ? (int64_t)strlen(text) : 0;
    rm_status status = rm_page_clean(&clean, text, length < MOST_BYTES ? length : MOST_BYTES, err);
    const char *at = clean.data;
    length = status == RM_OK ? clean.length : 0;
    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\n'))
        length--;
    skip_blanks(&at, &length);
    while (length > 0 && out->count < most && out->count < RM_LINES_MOST) {
        rm_text *line = &out->line[out->count++];
        int64_t taken = length;
        if (out->count == most || out->count == RM_LINES_MOST) {
            add_last(&b, line, at, length);
        } else {
            taken = line_length(&b, at, length);
            rm_text_add_n(line, at, taken);
        }
        at += taken;
        length -= taken;
        if (length > 0 && *at == '\n') {
            at++;
            length--;
        }
        skip_blanks(&at, &length);
        rm_text_add(line, "");
        if (status == RM_OK)
            status = rm_text_status(line, err);
    }
    if (status == RM_OK)
        status = rm_text_status(&b.trial, err);
    rm_text_clear(&b.trial);
    rm_text_clear(&clean);
    return status;
}
