#include "io/untrusted.h"

#include "io/gpkg/guard.h"
#include "io/reader.h"
#include "io/untrusted_limits.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

rm_status rm_unpacked_check(int64_t packed, int64_t unpacked, const char *shown, rm_error *err)
{
    int64_t allowed = rm_unpack_allowed(packed);
    if (unpacked <= allowed)
        return RM_OK;
    return rm_fail(err, RM_ELIMIT,
                   "%s takes %lld bytes and unpacks to over %lld MB, which no real data does; if "
                   "you trust it, unpack it yourself",
                   shown, (long long)packed, (long long)(allowed >> 20));
}

static int64_t size_of(const char *path)
{
    VSILFILE *file = VSIFOpenL(path, "rb");
    if (!file)
        return -1;
    int64_t size = VSIFSeekL(file, 0, SEEK_END) == 0 ? (int64_t)VSIFTellL(file) : -1;
    VSIFCloseL(file);
    return size;
}

/* Whether a member of an archive goes on behind the size that the archive states. Asked of small
 * ones alone, as it takes unpacking them; a large one can lie by a factor of some 5 at most, since
 * deflate does no more than 1032 times its size. */
static bool goes_on(const char *member, int64_t stated)
{
    char more;
    VSILFILE *file = stated <= RM_UNPACK_FREE / 4 ? VSIFOpenL(member, "rb") : NULL;
    bool found = file && VSIFSeekL(file, (vsi_l_offset)stated, SEEK_SET) == 0 &&
                 VSIFReadL(&more, 1, 1, file) == 1;
    if (file)
        VSIFCloseL(file);
    return found;
}

/* The first bytes of a file, and how many there are. */
static int64_t head_of(const char *path, char *out, int64_t room)
{
    VSILFILE *file = VSIFOpenL(path, "rb");
    if (!file)
        return 0;
    int64_t size = (int64_t)VSIFReadL(out, 1, (size_t)room, file);
    VSIFCloseL(file);
    return size;
}

static bool contains(const char *text, int64_t size, const char *words)
{
    int64_t length = (int64_t)strlen(words);
    for (int64_t at = 0; at + length <= size; at++)
        if (memcmp(text + at, words, (size_t)length) == 0)
            return true;
    return false;
}

/* No workbook and no map declares a document type. */
static rm_status check_prolog(const char *path, const char *shown, rm_error *err)
{
    char head[RM_ARCHIVE_PROLOG];
    int64_t size = head_of(path, head, sizeof head), kept = 0;
    for (int64_t i = 0; i < size; i++) /* UTF-16 as well */
        if (head[i] != '\0')
            head[kept++] = head[i];
    if (contains(head, kept, "<!DOCTYPE") || contains(head, kept, "<!ENTITY"))
        return rm_fail(err, RM_EFORMAT,
                       "%s: its XML declares a document type or entities, which can fill any "
                       "memory and which no real file needs; save it again with another program",
                       shown);
    return RM_OK;
}

typedef struct archive_look {
    const char *folder, *shown;
    int64_t packed, unpacked, files;
    bool workbook;
    time_t until;
} archive_look;

static rm_status look_at_entry(archive_look *look, const VSIDIREntry *entry, rm_error *err)
{
    if (++look->files > RM_ARCHIVE_FILES)
        return rm_fail(err, RM_ELIMIT, "%s holds over %d files: unpack it, and take those you need",
                       look->shown, RM_ARCHIVE_FILES);
    if (time(NULL) > look->until)
        return rm_fail(err, RM_ELIMIT, "%s takes over %d s to look through: unpack it yourself",
                       look->shown, RM_LOOK_SECONDS);
    if (VSI_ISDIR(entry->nMode))
        return RM_OK;
    look->unpacked = entry->nSize > (vsi_l_offset)RM_UNPACK_MOST
                         ? RM_UNPACK_MOST + 1
                         : look->unpacked + (int64_t)entry->nSize;
    RM_TRY(rm_unpacked_check(look->packed, look->unpacked, look->shown, err));
    if (!look->workbook)
        return RM_OK;
    if (look->unpacked > RM_WORKBOOK_MOST)
        return rm_fail(err, RM_ELIMIT,
                       "%s unpacks to over %d GB, which a workbook cannot be read from: save the "
                       "sheet as CSV",
                       look->shown, (int)(RM_WORKBOOK_MOST >> 30));
    if (!rm_ends_with(entry->pszName, ".xml") && !rm_ends_with(entry->pszName, ".rels") &&
        !rm_ends_with(entry->pszName, ".kml"))
        return RM_OK;
    rm_text path = {0};
    rm_text_addf(&path, "%s/%s", look->folder, entry->pszName);
    rm_status status = rm_text_status(&path, err);
    if (status == RM_OK)
        status = check_prolog(path.data, look->shown, err);
    rm_text_clear(&path);
    return status;
}

/* archive: a .zip, or what is one by another name. */
static rm_status check_archive(const char *archive, bool workbook, const char *shown, rm_error *err)
{
    rm_text folder = {0};
    rm_text_addf(&folder, "/vsizip/{%s}", archive);
    RM_TRY(rm_text_status(&folder, err));
    archive_look look = {
        folder.data, shown, size_of(archive), 0, 0, workbook, time(NULL) + RM_LOOK_SECONDS};
    rm_status status = RM_OK;
    VSIDIR *listing = look.packed >= 0 ? VSIOpenDir(folder.data, -1, NULL) : NULL;
    const VSIDIREntry *entry;
    while (status == RM_OK && listing && (entry = VSIGetNextDirEntry(listing)) != NULL)
        status = look_at_entry(&look, entry, err);
    if (listing)
        VSICloseDir(listing);
    rm_text_clear(&folder);
    return status;
}

/* Unpacks a .gz once and counts: what it states of its size can be anything. */
static rm_status check_gzip(const char *path, const char *shown, rm_error *err)
{
    unsigned char *room = NULL;
    enum { ROOM = 1 << 18 };
    int64_t packed = size_of(path), unpacked = 0;
    gzFile file = packed >= 0 ? gzopen(path, "rb") : NULL;
    if (!file)
        return RM_OK; /* the driver says what is wrong */
    time_t began = time(NULL);
    rm_status status = RM_NEW(&room, ROOM, err);
    for (int n = 1; status == RM_OK && n > 0;) {
        n = gzread(file, room, ROOM);
        unpacked += n > 0 ? n : 0;
        status = rm_unpacked_check(packed, unpacked, shown, err);
        if (status == RM_OK && time(NULL) - began > RM_LOOK_SECONDS)
            status = rm_fail(err, RM_ELIMIT, "%s takes over %d s to unpack: unpack it yourself",
                             shown, RM_LOOK_SECONDS);
    }
    gzclose(file);
    rm_release(room);
    return status;
}

/* The archive that "/vsizip/{archive}/member" or "/vsizip/archive.zip/member" names, owned; NULL
 * when it is no such path. */
static rm_status archive_of(char **out, const char *located, rm_error *err)
{
    static const char before[] = "/vsizip/";
    *out = NULL;
    if (strncmp(located, before, sizeof before - 1) != 0)
        return RM_OK;
    const char *begin = located + sizeof before - 1, *end = begin;
    if (*begin == '{') {
        int depth = 1;
        for (end = ++begin; *end && depth > 0; end++)
            depth += *end == '{' ? 1 : *end == '}' ? -1 : 0;
        if (depth > 0)
            return RM_OK;
        end--;
    } else {
        for (; *end; end++)
            if (end > begin && *end == '/' &&
                (strncmp(end - 4, ".zip", 4) == 0 || strncmp(end - 4, ".ZIP", 4) == 0))
                break;
    }
    RM_TRY(rm_copy_text(out, begin, err));
    (*out)[end - begin] = '\0';
    return RM_OK;
}

static rm_status fail_trap(const char *shown, rm_error *err)
{
    return rm_fail(err, RM_EFORMAT,
                   "%s holds more than the archive says it does: it is damaged, or a trap", shown);
}

static rm_status check_inside(const char *located, const char *shown, int depth, rm_error *err)
{
    char *archive = NULL;
    if (strncmp(located, "/vsigzip/", 9) == 0)
        return check_gzip(located + 9, shown, err);
    RM_TRY(archive_of(&archive, located, err));
    if (!archive)
        return RM_OK;
    rm_status status =
        depth < RM_ARCHIVE_DEPTH
            ? check_inside(archive, shown, depth + 1, err)
            : rm_fail(err, RM_ELIMIT, "%s holds archives in archives, over %d deep: unpack it",
                      shown, RM_ARCHIVE_DEPTH);
    if (status == RM_OK)
        status = check_archive(archive, false, shown, err);
    if (status == RM_OK && depth > 0 && goes_on(located, size_of(located)))
        status = fail_trap(shown, err);
    rm_release(archive);
    return status;
}

rm_status rm_untrusted_check(const char *located, const char *shown, rm_error *err)
{
    char head[16] = "";
    RM_TRY(check_inside(located, shown, 0, err));
    int64_t size = head_of(located, head, sizeof head);
    if (size > 0 && strncmp(located, "/vsizip/", 8) == 0 && goes_on(located, size_of(located)))
        return fail_trap(shown, err);
    if (size >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        return check_archive(located, true, shown, err);
    if (size == 16 && memcmp(head, "SQLite format 3", 16) == 0)
        return rm_sqlite_look(located, shown, err);
    return RM_OK;
}
