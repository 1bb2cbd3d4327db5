/* Text, and numbers as text. Nothing here looks at the locale. */
#ifndef RM_BASE_TEXT_H
#define RM_BASE_TEXT_H

#include "base/memory.h"

#include <stdarg.h>

/* A growing, NUL-terminated UTF-8 text. Start with {0}. The first failed append is remembered and
 * makes the later ones do nothing; ask once at the end with rm_text_status. */
typedef struct rm_text {
    char *data; /* NULL as long as nothing was appended */
    int64_t length;
    int64_t capacity;
    bool failed;
} rm_text;

void rm_text_add(rm_text *text, const char *piece);
void rm_text_add_n(rm_text *text, const char *piece, int64_t length);
void rm_text_addf(rm_text *text, const char *format, ...) RM_PRINTF(2, 3);
/* The shortest decimal that reads back as the same double (at a few powers of two a digit longer);
 * NaN and infinities as "NaN", "Inf", "-Inf". */
void rm_text_add_int64(rm_text *text, int64_t value);
void rm_text_add_double(rm_text *text, double value);
/* A JSON string with its quotes; control characters and invalid UTF-8 are escaped or replaced. */
void rm_text_add_json(rm_text *text, const char *value);
/* A JSON number, null for NaN and infinities. */
void rm_text_add_json_double(rm_text *text, double value);
rm_status rm_text_status(const rm_text *text, rm_error *err);
void rm_text_clear(rm_text *text);

/* Reads a whole text of `length` bytes as a decimal number ("-12.5e3", "+1", ".5", "5."; no spaces,
 * no locale, no hex, no "nan") to the nearest double. With comma = true the decimal sign is a
 * comma, and a point is no part of a number. False when it is not wholly a number or too large for
 * a double. */
bool rm_parse_double(const char *text, int64_t length, bool comma, double *out);
/* A number as people write it: blanks around it (also those that do not break), a decimal point or
 * comma, and thousands in groups of three, separated by the other sign, by blanks, or by the same
 * sign where it stands twice: -1,5  155.000,50  463,000.5  1.250.000  155 000,5. One point or comma
 * alone is the decimal sign, so 1.234 is a little over one. Coordinates, weights and every cell of
 * text that must be a number are read so. */
bool rm_parse_number(const char *text, int64_t length, double *out);
/* The text without the blanks around it (also those that do not break); shortens *length. */
const char *rm_trim(const char *text, int64_t *length);
bool rm_parse_int64(const char *text, int64_t length, int64_t *out);

/* vsnprintf in the C locale, whatever the caller has set. */
int rm_vformat(char *buffer, size_t size, const char *format, va_list arguments) RM_PRINTF(3, 0);

/* snprintf with "%.*f" in the C locale, 0 to 30 decimals; decimal_comma writes 3,14. What rounds to
 * zero has no sign. NaN and infinities as rm_text_add_double. Returns the length, as snprintf. */
int rm_format_fixed(char *buffer, size_t size, double value, int decimals, bool decimal_comma);

/* The number of bytes of the longest valid UTF-8 prefix; equals length when all of it is valid. */
int64_t rm_utf8_valid(const char *text, int64_t length);

/* Compares without regard to ASCII case. */
bool rm_text_equal_nocase(const char *a, const char *b);

/* The entry of names nearest to wanted by edit distance without regard to case, or NULL when none
 * is near enough to be what was meant (a distance over a third of the length, at least 2). */
const char *rm_text_nearest(const char *wanted, const char *const *names, int64_t count);

#endif
