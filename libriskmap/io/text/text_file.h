/* The bytes of a text file: plain, compressed (.gz) or a member of a zip; UTF-16 comes as UTF-8,
 * and carriage returns that end lines alone come as newlines. */
#ifndef RM_IO_TEXT_TEXT_FILE_H
#define RM_IO_TEXT_TEXT_FILE_H

#include "base/status.h"

typedef struct rm_text_file rm_text_file;

/* Where the delimited text of a source is, by its name; *out stays NULL when it is none. A zip is
 * taken for what is in it when that is one file of delimited text and nothing that holds layers, or
 * when `layer` (may be NULL) names the file, or the source does ("a.zip/b.csv"). Owned. */
rm_status rm_text_file_locate(char **out, const char *source, const char *layer, rm_error *err);

/* `shown` names it in messages; borrowed as long as the file is open. */
rm_status rm_text_file_open(rm_text_file **out, const char *located, const char *shown,
                            rm_error *err);
/* At least `room` (4 or more) bytes less three, or all that is left; *count is 0 at the end. By one
 * thread at a time. */
rm_status rm_text_file_read(rm_text_file *file, char *out, int64_t room, int64_t *count,
                            rm_error *err);
double rm_text_file_fraction(const rm_text_file *file); /* how far it is, 0 when not known */
void rm_text_file_close(rm_text_file *file);            /* NULL allowed */

#endif
