/* Text that stays readable in 100 columns. */
#ifndef RISKMAP_PROGRAMS_LAYOUT_H
#define RISKMAP_PROGRAMS_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { SCREEN = 100, NUMBER_ROOM = 40 };

/* How many columns a UTF-8 text takes; what is wider or narrower than one is not known here. */
int text_width(const char *text);
/* Exactly `width` columns: filled with blanks, or cut with an ellipsis. */
void print_cell(const char *text, int width, bool right);
/* The same for a name, which is cut in its middle: what tells names apart may be at either end. */
void print_name(const char *name, int width);
/* Words, starting in column `at`, going on in column `indent`; ends the line. */
void print_wrapped(FILE *file, const char *text, int at, int indent);

/* 583.365, or 583,365 in English. */
void format_count(char out[NUMBER_ROOM], int64_t count);
/* A number without thousands, six digits where it is not whole; decimal comma in Dutch. */
void format_number(char out[NUMBER_ROOM], double value);
/* The decimals asked for; decimal comma in Dutch. */
void format_fixed(char out[NUMBER_ROOM], double value, int decimals);

#endif
