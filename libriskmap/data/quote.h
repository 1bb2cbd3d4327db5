/* What a user wrote, for a message. Never for the cells of a row. */
#ifndef RM_DATA_QUOTE_H
#define RM_DATA_QUOTE_H

#include <stdint.h>

typedef struct rm_quote {
    char text[200];
} rm_quote;

/* In double quotes, on one line, cut after 40 characters. */
rm_quote rm_quoted(const char *text, int64_t length);
rm_quote rm_quoted_text(const char *text); /* NUL-terminated */

#endif
