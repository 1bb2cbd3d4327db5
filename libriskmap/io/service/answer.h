/* What a web service answered, judged before anything parses it. */
#ifndef RM_IO_SERVICE_ANSWER_H
#define RM_IO_SERVICE_ANSWER_H

#include "io/service/http.h"

typedef enum rm_answer_kind {
    RM_ANSWER_OTHER,
    RM_ANSWER_EMPTY,
    RM_ANSWER_HTML,
    RM_ANSWER_EXCEPTION,    /* an OGC exception report */
    RM_ANSWER_CAPABILITIES, /* of a WFS */
    RM_ANSWER_XML,          /* features or a schema, as a WFS gives them */
    RM_ANSWER_JSON,
    RM_ANSWER_CUT, /* XML or JSON whose end is missing */
    RM_ANSWER_DTD  /* XML with a document type, which services do not have and bombs do */
} rm_answer_kind;

/* By its first bytes and its root element. XML of a root that no WFS gives is RM_ANSWER_OTHER. */
rm_answer_kind rm_answer_judge(const char *data, int64_t size);
/* What an answer says for people: the text of an exception report, the title of a page, the detail
 * of a JSON problem; one line, secrets covered, at most 300 bytes; "" when there is nothing. */
void rm_answer_words(char out[320], const char *data, int64_t size);
/* What an answer of a WFS says of its pages. */
typedef struct rm_answer_pages {
    int64_t page;              /* of capabilities: CountDefault; 0: none */
    int64_t matched, returned; /* of features: -1 when not stated */
    bool next;                 /* there is a page behind this one */
} rm_answer_pages;
void rm_answer_look(rm_answer_pages *out, const char *data, int64_t size);
/* Blanks the number of features that an answer says there are, for a reader who would believe it.
 */
void rm_answer_hide_matched(char *data, int64_t size);

#endif
