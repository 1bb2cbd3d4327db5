/* Passwords and keys in text that others will see. */
#ifndef RM_BASE_REDACT_H
#define RM_BASE_REDACT_H

#include "base/memory.h"

/* Covers the values of passwords, tokens and keys in place, by at most three stars each: in
 * connection strings (libpq's quoting and escapes, blanks around =), in URLs (user:password@, query
 * parameters, percent encoding), in headers and JSON. When in doubt it covers too much. */
void rm_redact(char *text);
/* Whether rm_redact would cover anything. */
rm_status rm_holds_secret(bool *out, const char *text, rm_error *err);

#endif
