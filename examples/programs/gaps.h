/* riskmap-check: what is missing, old or incomplete, and what that does to the score. */
#ifndef RISKMAP_PROGRAMS_GAPS_H
#define RISKMAP_PROGRAMS_GAPS_H

#include "common.h"

#include <json-c/json.h>
#include <stddef.h>

/* "aanwezig", "TE OUD", ... */
const char *layer_state_word(int32_t state);
const char *layer_state_name(int32_t state);
/* What data_date is the date of: "veld datum", "bestand". */
void describe_date(char *out, size_t size, const rm_checked_layer *layer);
/* Prints nothing when there are none. */
void print_gaps(const rm_checklist *list);
struct json_object *json_checked_fields(const rm_checklist *list);
struct json_object *json_effect(const rm_checklist *list);

#endif
