/* JSON (RFC 8259) as a tree that remembers where everything stood. Strict: no comments, no trailing
 * commas, no NaN, no duplicate keys, UTF-8 only (a byte order mark is skipped), 64 levels and a
 * million values at most. */
#ifndef RM_MODEL_JSON_H
#define RM_MODEL_JSON_H

#include "base/text.h"

typedef enum rm_json_kind {
    RM_JSON_NULL,
    RM_JSON_BOOL,
    RM_JSON_NUMBER,
    RM_JSON_TEXT,
    RM_JSON_LIST,
    RM_JSON_OBJECT
} rm_json_kind;

typedef struct rm_json {
    rm_json_kind kind;
    int32_t line;                          /* where the value begins, from 1 */
    int64_t begin, end;                    /* its bytes in the text, the end excluded */
    char *key;                             /* when a member of an object */
    char *text;                            /* RM_JSON_TEXT, NUL-terminated; \u0000 is refused */
    double number;                         /* RM_JSON_NUMBER; and 0 or 1 for RM_JSON_BOOL */
    struct rm_json *parent, *first, *next; /* children in order */
    int32_t count;                         /* children */
} rm_json;

/* RM_EMODEL, with a message that begins "line 12: "; RM_ELIMIT; RM_ENOMEM. */
rm_status rm_json_parse(rm_json **out, const char *text, int64_t length, rm_error *err);
const rm_json *rm_json_member(const rm_json *object, const char *key); /* NULL when absent */
/* "indicators[3].scale", for messages. */
void rm_json_path(const rm_json *node, char *out, size_t size);
void rm_json_free(rm_json *json);

#endif
