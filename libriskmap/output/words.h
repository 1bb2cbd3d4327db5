/* What people read, in Dutch and English. */
#ifndef RM_OUTPUT_WORDS_H
#define RM_OUTPUT_WORDS_H

#include "base/text.h"
#include "model/run.h"

typedef enum rm_language { RM_DUTCH, RM_ENGLISH } rm_language;

/* NULL and "nl" are Dutch, "en" is English; anything else is RM_EINVAL. */
rm_status rm_language_read(rm_language *out, const char *name, rm_error *err);

const char *rm_indicator_label(const rm_indicator *indicator, rm_language language);
const char *rm_indicator_why(const rm_indicator *indicator, rm_language language);
/* "per 100", "m", "%", "jaar"; "" for none. */
void rm_indicator_unit(const rm_indicator *indicator, rm_language language, rm_text *out);
/* The name of a pillar for people: the two that models share have words of their own. */
const char *rm_pillar_label(const char *pillar, rm_language language);

void rm_words_number(rm_text *out, double value, int decimals, rm_language language);
/* "Meldingen per 100 adressen: 12,4 per 100 (draagt 0,21 bij; 18 objecten)" */
void rm_words_reason(rm_text *out, const rm_result *result, int64_t area, int32_t indicator,
                     rm_language language);
/* The line that every output carries. */
void rm_words_disclaimer(rm_text *out, const rm_result *result, rm_language language);
/* "AFGESCHERMD ..." for shielded results. */
const char *rm_words_shielded(rm_language language);

/* Indicator numbers of an area, the weightiest first; returns how many there are (at most room). */
int32_t rm_reasons_in_order(const rm_result *result, int64_t area, int32_t *indicators,
                            int32_t room);

#endif
