/* The files of a folder, and the road from one file to another. */
#ifndef RM_BASE_FOLDER_H
#define RM_BASE_FOLDER_H

#include "base/memory.h"

typedef struct rm_folder_entry {
    char *path;      /* begins with the folder as it was given */
    bool unreadable; /* a folder that could not be entered */
} rm_folder_entry;

typedef struct rm_folder {
    rm_folder_entry *entries; /* in the order of their paths, byte by byte */
    int64_t count, capacity;
} rm_folder;

/* Whether a folder counts as one file, such as a file geodatabase. */
typedef bool (*rm_folder_is_file_fn)(const char *path);

/* Every file in the folder and in the folders below it, `depth` levels at most. What begins with a
 * point is skipped, and no folder is entered twice, whatever links lead to it. RM_ENOTFOUND when it
 * does not exist or is no folder; RM_ELIMIT beyond `limit` files. */
rm_status rm_folder_list(rm_folder *out, const char *folder, int depth, int64_t limit,
                         rm_folder_is_file_fn is_file, rm_error *err);
void rm_folder_clear(rm_folder *folder);

/* How `path` is written in a file that stands at `file`, so that rm_path_beside leads back to it:
 * relative where the two share more than the root. The folder of `file` must exist. What is no path
 * ("://", /vsi) stays as it is. */
rm_status rm_path_from(char **out, const char *file, const char *path, rm_error *err);

#endif
