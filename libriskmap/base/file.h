/* Files: whole reads, temporary names, safe replacement. All POSIX file calls of the library. */
#ifndef RM_BASE_FILE_H
#define RM_BASE_FILE_H

#include "base/memory.h"

/* Reads a whole file; *data has a NUL behind its *size bytes. Refuses more than `limit` bytes. */
rm_status rm_file_read(char **data, int64_t *size, const char *path, int64_t limit, rm_error *err);

bool rm_file_exists(const char *path);
bool rm_file_is_folder(const char *path);
/* Whether both names are there and lead to one file, by whatever road. */
bool rm_file_same(const char *a, const char *b);
/* Size in bytes and modification time in seconds; RM_ENOTFOUND with a message. */
rm_status rm_file_stat(const char *path, int64_t *size, int64_t *modified, rm_error *err);

/* What a file is called by its kind: {"a raster", {".tif", ".tiff"}}. */
enum { RM_ENDINGS = 2 };
typedef struct rm_file_kind {
    const char *what;
    const char *endings[RM_ENDINGS]; /* whatever their case; the second may be NULL */
} rm_file_kind;
/* What would be refused once all is made, before it is. RM_EINVAL: path is a folder, or has another
 * ending than its kind (NULL: any will do); RM_EEXISTS: it is there, without overwrite;
 * RM_ENOTFOUND: its folder is not. */
rm_status rm_file_check_target(const char *path, const rm_file_kind *kind, bool overwrite,
                               rm_error *err);

/* A name for a temporary file in the folder of `path`, so that rename stays on one file system. The
 * file is created, empty, mode 0600, with the ending of `path`. RM_ENOTFOUND when the folder does
 * not exist. */
rm_status rm_file_temporary(char **out, const char *path, rm_error *err);
/* A temporary file for `path` with this content, to be published. */
rm_status rm_file_prepare(char **temporary, const char *path, const char *data, int64_t size,
                          rm_error *err);
/* Flushes the file and its folder to the disk and renames it to path. With overwrite = false an
 * existing path, also one that appears meanwhile, is RM_EEXISTS. shielded: mode 0600; otherwise
 * 0666 less the umask. On failure the temporary file is still there and the caller removes it. */
rm_status rm_file_publish(const char *temporary, const char *path, bool overwrite, bool shielded,
                          rm_error *err);
void rm_file_remove(const char *path); /* no complaint when it is not there; NULL allowed */

/* folder of `file` joined with `path`, unless path is absolute or holds "://" or
 * starts with /vsi or PG:. */
rm_status rm_path_beside(char **out, const char *file, const char *path, rm_error *err);

#endif
