#define _GNU_SOURCE
#include "base/file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* errno in words, in English, whatever the locale: the message is part of the outcome. */
static rm_status fail_errno(rm_error *err, const char *doing, const char *path)
{
    int number = errno;
    rm_status code = RM_EIO;
    if (number == ENOENT || number == ENOTDIR)
        code = RM_ENOTFOUND;
    else if (number == ENOMEM)
        code = RM_ENOMEM;
    else if (number == EEXIST)
        code = RM_EEXISTS;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return rm_fail(err, code, "cannot %s %s (error %d)", doing, path, number);
    (void)rm_fail(err, code, "cannot %s %s: %s", doing, path, strerror_l(number, plain));
    freelocale(plain);
    return code;
}

static rm_status read_all(int file, char **data, int64_t *size, const char *path, int64_t limit,
                          rm_error *err)
{
    int64_t capacity = 0, used = 0;
    struct stat info;
    if (fstat(file, &info) != 0)
        return fail_errno(err, "read", path);
    if (S_ISDIR(info.st_mode))
        return rm_fail(err, RM_EIO, "cannot read %s: it is a folder", path);
    /* One byte more than the file is said to have shows its end in one go. */
    int64_t expected = S_ISREG(info.st_mode) ? (int64_t)info.st_size : 0;
    for (;;) {
        if (used > limit || expected > limit)
            return rm_fail(err, RM_ELIMIT, "%s is larger than the %lld bytes that are read of it",
                           path, (long long)limit);
        int64_t need = used < expected ? expected + 2 : used + 4096;
        RM_TRY(RM_GROW(data, &capacity, need, err));
        ssize_t n = read(file, *data + used, (size_t)(capacity - used - 1));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(err, "read", path);
        if (n == 0)
            break;
        used += n;
    }
    (*data)[used] = '\0';
    *size = used;
    return RM_OK;
}

rm_status rm_file_read(char **data, int64_t *size, const char *path, int64_t limit, rm_error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fail_errno(err, "read", path);
    char *content = NULL;
    int64_t length = 0;
    rm_status status = read_all(file, &content, &length, path, limit, err);
    (void)close(file);
    if (status != RM_OK) {
        rm_release(content);
        return status;
    }
    *data = content;
    *size = length;
    return RM_OK;
}

bool rm_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool rm_file_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Also a link that leads nowhere: it would be replaced. */
static bool is_taken(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

bool rm_file_same(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

rm_status rm_file_stat(const char *path, int64_t *size, int64_t *modified, rm_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return fail_errno(err, "find", path);
    *size = (int64_t)info.st_size;
    *modified = (int64_t)info.st_mtime;
    return RM_OK;
}

/* The length of the folder part of path with its slash; 0 when it has none. */
static int64_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash - path + 1 : 0;
}

/* The ending of a file's name with its point, "" when it has none that looks like one. */
static const char *ending(const char *path)
{
    const char *name = path + folder_length(path);
    const char *point = strrchr(name, '.');
    return point != NULL && point != name && strlen(point) <= 16 ? point : "";
}

/* ---- what may be written ---- */

static rm_status refuse_folder(const char *path, rm_error *err)
{
    return rm_fail(err, RM_EINVAL, "%s is a folder; give the name of a file", path);
}

static rm_status refuse_existing(const char *path, rm_error *err)
{
    return rm_fail(err, RM_EEXISTS,
                   "%s exists already: choose another name or ask to overwrite it (overwrite; of "
                   "a program: --overwrite)",
                   path);
}

static rm_status refuse_no_folder(const char *path, rm_error *err)
{
    return rm_fail(err, RM_ENOTFOUND,
                   "the folder of %s does not exist: make it first, or name another", path);
}

/* A name like the rest would be a file that no program opens. */
static rm_status check_ending(const char *path, const rm_file_kind *kind, rm_error *err)
{
    const char *end = ending(path);
    for (int e = 0; e < RM_ENDINGS && kind->endings[e]; e++)
        if (rm_text_equal_nocase(end, kind->endings[e]))
            return RM_OK;
    return rm_fail(err, RM_EINVAL, "%s: %s is written as %s%s%s; give the name such an ending",
                   path, kind->what, kind->endings[0], kind->endings[1] ? " or " : "",
                   kind->endings[1] ? kind->endings[1] : "");
}

/* RM_ENOTFOUND unless the folder of path is there. */
static rm_status check_folder(const char *path, rm_error *err)
{
    rm_text folder = {0};
    int64_t length = folder_length(path);
    if (length == 0)
        return RM_OK;
    rm_text_add_n(&folder, path, length);
    rm_status status = rm_text_status(&folder, err);
    if (status == RM_OK && !rm_file_is_folder(folder.data))
        status = refuse_no_folder(path, err);
    rm_text_clear(&folder);
    return status;
}

rm_status rm_file_check_target(const char *path, const rm_file_kind *kind, bool overwrite,
                               rm_error *err)
{
    if (rm_file_is_folder(path))
        return refuse_folder(path, err);
    if (kind)
        RM_TRY(check_ending(path, kind, err));
    if (!overwrite && is_taken(path))
        return refuse_existing(path, err);
    return check_folder(path, err);
}

/* ---- temporary files ---- */

static rm_status take_text(char **out, rm_text *text, rm_error *err)
{
    if (rm_text_status(text, err) != RM_OK) {
        rm_text_clear(text);
        return RM_ENOMEM;
    }
    *out = text->data;
    return RM_OK;
}

/* Drivers look at the ending of a name, so the temporary one has the same. */
rm_status rm_file_temporary(char **out, const char *path, rm_error *err)
{
    rm_text name = {0};
    char *made = NULL;
    const char *end = ending(path);
    rm_text_add_n(&name, path, folder_length(path));
    rm_text_addf(&name, "riskmap-unfinished-XXXXXX%s", end);
    RM_TRY(take_text(&made, &name, err));
    int file = mkostemps(made, (int)strlen(end), O_CLOEXEC);
    if (file < 0) {
        bool no_folder = errno == ENOENT || errno == ENOTDIR;
        rm_status status =
            no_folder ? refuse_no_folder(path, err) : fail_errno(err, "write beside", path);
        rm_release(made);
        return status;
    }
    (void)close(file);
    *out = made;
    return RM_OK;
}

rm_status rm_file_prepare(char **temporary, const char *path, const char *data, int64_t size,
                          rm_error *err)
{
    char *made = NULL;
    RM_TRY(rm_file_temporary(&made, path, err));
    FILE *file = fopen(made, "wb");
    bool written = file != NULL && fwrite(data, 1, (size_t)size, file) == (size_t)size;
    if (file != NULL && fclose(file) != 0)
        written = false;
    if (written) {
        *temporary = made;
        return RM_OK;
    }
    rm_status status = fail_errno(err, "write", path);
    rm_file_remove(made);
    rm_release(made);
    return status;
}

/* The mode of a new file, learnt by making one: asking for the umask sets it, for all threads. */
static rm_status usual_mode(const char *temporary, mode_t *mode, rm_error *err)
{
    rm_text name = {0};
    char *probe = NULL;
    struct stat info;
    rm_status status = RM_OK;
    rm_text_addf(&name, "%s-mode", temporary);
    RM_TRY(take_text(&probe, &name, err));
    int file = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) {
        status = fail_errno(err, "write", probe);
        goto cleanup;
    }
    if (fstat(file, &info) != 0)
        status = fail_errno(err, "write", probe);
    else
        *mode = info.st_mode & 0777;
    (void)close(file);
    (void)unlink(probe);
cleanup:
    rm_release(probe);
    return status;
}

static rm_status flush(const char *temporary, mode_t mode, const char *path, rm_error *err)
{
    int file = open(temporary, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fail_errno(err, "finish", path);
    rm_status status = RM_OK;
    if (fchmod(file, mode) != 0 || fsync(file) != 0)
        status = fail_errno(err, "finish", path);
    (void)close(file);
    return status;
}

/* Renames unless path exists. Not every file system knows how to in one step; link and unlink are
 * the next best, and where there are no links either the look and the rename are a moment apart. */
static int rename_new(const char *temporary, const char *path)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != ENOSYS && errno != EINVAL && errno != EOPNOTSUPP)
        return -1;
    if (link(temporary, path) == 0)
        return unlink(temporary);
    if (errno == EEXIST)
        return -1;
    if (is_taken(path)) {
        errno = EEXIST;
        return -1;
    }
    return rename(temporary, path);
}

/* Makes the new name last. Not all file systems can, and the file is there and whole by now, so a
 * refusal is no failure. */
static void flush_folder(const char *path)
{
    rm_text folder = {0};
    rm_text_add(&folder, "./");
    if (path[0] == '/')
        folder.length = 0;
    rm_text_add_n(&folder, path, folder_length(path));
    if (!folder.failed) {
        int file = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (file >= 0) {
            (void)fsync(file);
            (void)close(file);
        }
    }
    rm_text_clear(&folder);
}

rm_status rm_file_publish(const char *temporary, const char *path, bool overwrite, bool shielded,
                          rm_error *err)
{
    mode_t mode = 0600;
    if (!shielded)
        RM_TRY(usual_mode(temporary, &mode, err));
    RM_TRY(flush(temporary, mode, path, err));
    int failed = overwrite ? rename(temporary, path) : rename_new(temporary, path);
    if (failed != 0) {
        int number = errno;
        if (rm_file_is_folder(path))
            return refuse_folder(path, err);
        if (number == EEXIST && !overwrite)
            return refuse_existing(path, err);
        errno = number;
        return fail_errno(err, "write", path);
    }
    flush_folder(path);
    return RM_OK;
}

void rm_file_remove(const char *path)
{
    if (path != NULL)
        (void)unlink(path);
}

/* A URL, or a database or service by its prefix. */
static bool is_address(const char *path)
{
    return strstr(path, "://") != NULL || strncmp(path, "PG:", 3) == 0;
}

rm_status rm_path_beside(char **out, const char *file, const char *path, rm_error *err)
{
    bool whole = path[0] == '/' || is_address(path) || file == NULL;
    rm_text joined = {0};
    if (!whole)
        rm_text_add_n(&joined, file, folder_length(file));
    rm_text_add(&joined, path);
    return take_text(out, &joined, err);
}
