/* riskmap-check --data: the files of a folder held against a model, and what is unclear asked. */
#ifndef RISKMAP_PROGRAMS_MATCHING_H
#define RISKMAP_PROGRAMS_MATCHING_H

#include "common.h"
#include "overrides.h"

#include <json-c/json.h>

/* Matches, takes over what the command line settled, asks what is unclear where somebody is there
 * to answer, and prints the outcome. EXIT_FINE; EXIT_UNCLEAR when questions are left (they are
 * listed on stderr); or a failure with its message. *out is there unless it failed. */
int match_folder(rm_match **out, const rm_model *model, const char *folder,
                 const overrides *settled);
/* The match for other programs. */
struct json_object *json_match(const rm_match *match);

#endif
