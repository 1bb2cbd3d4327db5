#define _GNU_SOURCE
#include "base/folder.h"

#include "base/text.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct place {
    dev_t device;
    ino_t number;
} place;

typedef struct walk {
    rm_folder *out;
    place *seen; /* the folders that were entered */
    int64_t seen_count, seen_capacity, limit;
    rm_folder_is_file_fn is_file;
    const char *root;
} walk;

static rm_status add_entry(walk *all, char *path, bool unreadable, rm_error *err)
{
    rm_folder *out = all->out;
    if (out->count >= all->limit)
        return rm_fail(err, RM_ELIMIT,
                       "%s holds more than %lld files: name the folder that the data are in",
                       all->root, (long long)all->limit);
    RM_TRY(RM_GROW(&out->entries, &out->capacity, out->count + 1, err));
    out->entries[out->count++] = (rm_folder_entry){path, unreadable};
    return RM_OK;
}

static rm_status join(char **out, const char *folder, const char *name, rm_error *err)
{
    rm_text text = {0};
    size_t length = strlen(folder);
    rm_text_add(&text, folder);
    rm_text_add(&text, length > 0 && folder[length - 1] == '/' ? "" : "/");
    rm_text_add(&text, name);
    if (rm_text_status(&text, err) != RM_OK) {
        rm_text_clear(&text);
        return RM_ENOMEM;
    }
    *out = text.data;
    return RM_OK;
}

/* *again: this folder was entered before, by another road. */
static rm_status remember(walk *all, const struct stat *info, bool *again, rm_error *err)
{
    *again = true;
    for (int64_t i = 0; i < all->seen_count; i++)
        if (all->seen[i].device == info->st_dev && all->seen[i].number == info->st_ino)
            return RM_OK;
    *again = false;
    RM_TRY(RM_GROW(&all->seen, &all->seen_capacity, all->seen_count + 1, err));
    all->seen[all->seen_count++] = (place){info->st_dev, info->st_ino};
    return RM_OK;
}

static rm_status walk_folder(walk *all, const char *folder, int depth, rm_error *err);

/* Takes the path over when it becomes an entry, which *taken tells. */
static rm_status visit(walk *all, char *path, int depth, bool *taken, rm_error *err)
{
    struct stat info;
    bool again;
    if (stat(path, &info) != 0)
        return RM_OK; /* a link that leads nowhere */
    if (S_ISDIR(info.st_mode) && !all->is_file(path)) {
        RM_TRY(remember(all, &info, &again, err));
        if (again || depth == 0)
            return RM_OK;
        return walk_folder(all, path, depth - 1, err);
    }
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return RM_OK; /* a pipe would wait for ever */
    RM_TRY(add_entry(all, path, false, err));
    *taken = true;
    return RM_OK;
}

static rm_status unreadable(walk *all, const char *folder, rm_error *err)
{
    char *path = NULL;
    RM_TRY(rm_copy_text(&path, folder, err));
    rm_status status = add_entry(all, path, true, err);
    if (status != RM_OK)
        rm_release(path);
    return status;
}

static rm_status walk_folder(walk *all, const char *folder, int depth, rm_error *err)
{
    DIR *open = opendir(folder);
    rm_status status = RM_OK;
    if (!open)
        return unreadable(all, folder, err);
    for (struct dirent *entry; status == RM_OK && (entry = readdir(open));) {
        char *path = NULL;
        bool taken = false;
        if (entry->d_name[0] == '.')
            continue;
        status = join(&path, folder, entry->d_name, err);
        if (status == RM_OK)
            status = visit(all, path, depth, &taken, err);
        if (!taken)
            rm_release(path);
    }
    (void)closedir(open);
    return status;
}

static int order_entries(const void *left, const void *right)
{
    const rm_folder_entry *a = left, *b = right;
    return strcmp(a->path, b->path);
}

rm_status rm_folder_list(rm_folder *out, const char *folder, int depth, int64_t limit,
                         rm_folder_is_file_fn is_file, rm_error *err)
{
    struct stat info;
    bool again;
    rm_folder found = {0};
    if (stat(folder, &info) != 0)
        return rm_fail(err, RM_ENOTFOUND, "%s does not exist", folder);
    if (!S_ISDIR(info.st_mode))
        return rm_fail(err, RM_ENOTFOUND, "%s is no folder", folder);
    walk all = {.out = &found, .limit = limit, .is_file = is_file, .root = folder};
    rm_status status = remember(&all, &info, &again, err);
    if (status == RM_OK)
        status = walk_folder(&all, folder, depth, err);
    rm_release(all.seen);
    if (status != RM_OK) {
        rm_folder_clear(&found);
        return status;
    }
    if (found.count > 0)
        qsort(found.entries, (size_t)found.count, sizeof *found.entries, order_entries);
    *out = found;
    return RM_OK;
}

void rm_folder_clear(rm_folder *folder)
{
    for (int64_t i = 0; i < folder->count; i++)
        rm_release(folder->entries[i].path);
    rm_release(folder->entries);
    *folder = (rm_folder){0};
}

/* ---- roads ---- */

/* The folder that `path` stands in, without links, ending in a slash; then, with_name, its own
 * name, which stays as it is: a link in a folder of data is called what the user called it. */
static rm_status absolute(char **out, const char *path, bool with_name, rm_error *err)
{
    const char *slash = strrchr(path, '/');
    rm_text folder = {0}, whole = {0};
    rm_text_add(&folder, slash ? "" : ".");
    rm_text_add_n(&folder, path, slash ? slash - path + 1 : 0);
    if (rm_text_status(&folder, err) != RM_OK) {
        rm_text_clear(&folder);
        return RM_ENOMEM;
    }
    char *real = realpath(folder.data, NULL);
    if (!real) {
        rm_status status =
            rm_fail(err, RM_ENOTFOUND, "the folder of %s does not exist: make it first", path);
        rm_text_clear(&folder);
        return status;
    }
    rm_text_add(&whole, real);
    rm_text_add(&whole, strcmp(real, "/") == 0 ? "" : "/");
    if (with_name)
        rm_text_add(&whole, slash ? slash + 1 : path);
    free(real);
    rm_text_clear(&folder);
    if (rm_text_status(&whole, err) != RM_OK) {
        rm_text_clear(&whole);
        return RM_ENOMEM;
    }
    *out = whole.data;
    return RM_OK;
}

static rm_status road(char **out, const char *folder, const char *target, rm_error *err)
{
    size_t common = 0;
    rm_text text = {0};
    for (size_t i = 0; folder[i] && folder[i] == target[i]; i++)
        if (folder[i] == '/')
            common = i + 1;
    if (common <= 1)
        return rm_copy_text(out, target, err);
    for (const char *at = folder + common; *at; at++)
        rm_text_add(&text, *at == '/' ? "../" : "");
    rm_text_add(&text, target + common);
    if (rm_text_status(&text, err) != RM_OK) {
        rm_text_clear(&text);
        return RM_ENOMEM;
    }
    *out = text.data;
    return RM_OK;
}

rm_status rm_path_from(char **out, const char *file, const char *path, rm_error *err)
{
    char *folder = NULL, *target = NULL;
    if (strstr(path, "://") || strncmp(path, "/vsi", 4) == 0)
        return rm_copy_text(out, path, err);
    rm_status status = absolute(&folder, file, false, err);
    if (status == RM_OK)
        status = absolute(&target, path, true, err);
    if (status == RM_ENOTFOUND && folder)
        status = rm_copy_text(&target, path, err); /* its folder is gone: as it was written */
    if (status == RM_OK)
        status = target[0] == '/' ? road(out, folder, target, err) : rm_copy_text(out, target, err);
    rm_release(folder);
    rm_release(target);
    return status;
}
