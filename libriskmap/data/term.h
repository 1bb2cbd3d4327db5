/* The words of an identifier, and rules that recognise what an identifier is about.
 * "geboorteDatum", "GEBOORTE-DATUM" and "geboorte_datum " are the same two words. */
#ifndef RM_DATA_TERM_H
#define RM_DATA_TERM_H

#include <stdbool.h>

enum { RM_TERM_WORDS = 40, RM_TERM_ROOM = 256 };

typedef struct rm_terms {
    char words[RM_TERM_ROOM]; /* lower case without accents, each with a NUL behind it */
    char whole[RM_TERM_ROOM]; /* all of it joined by _ */
    unsigned char at[RM_TERM_WORDS];
    int count;
} rm_terms;

/* Splits at what is no letter or digit, and where a small letter is followed by a capital. What
 * does not fit is left aside. */
void rm_terms_split(rm_terms *out, const char *identifier);

/* One row of a table of rules. `needs` holds groups with a blank between them; a group is one or
 * more patterns with | between them, and fits when one of its patterns fits one of the words. A
 * pattern is a word, with * before it, behind it or both for "anything". All groups of `needs` must
 * fit, and none of `unless` (NULL: no exception). */
typedef struct rm_term_rule {
    int meaning; /* what the table is about */
    const char *needs, *unless;
} rm_term_rule;
bool rm_term_fits(const rm_terms *terms, const rm_term_rule *rule);
/* The meaning of the first rule that fits, -1: none. */
int rm_term_meaning(const rm_terms *terms, const rm_term_rule *rules, int count);

/* Whether the identifier is, or ends with, one of a list of codes, "p_west_al p_n_w_al"; a number
 * or a year behind it does not matter. */
bool rm_term_in_list(const rm_terms *terms, const char *codes);

#endif
