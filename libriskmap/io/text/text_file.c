#include "io/text/text_file.h"

#include "base/file.h"
#include "base/text.h"
#include "io/gdal/env.h"
#include "io/gdal/open.h"
#include "io/reader.h"
#include "io/untrusted.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK = 1 << 18 };

typedef enum encoding { BYTES, UTF16_LE, UTF16_BE } encoding;

struct rm_text_file {
    const char *shown;
    gzFile plain;
    VSILFILE *member; /* of a zip */
    int64_t size;     /* of the file itself, or of the member */
    int64_t taken;    /* what came out of it */
    encoding encoding;
    bool returns; /* carriage returns end the lines */
    bool ended;
    char *chunk; /* what was read and not yet handed over */
    int64_t at, filled;
};

static bool is_text_name(const char *name)
{
    return rm_ends_with(name, ".csv") || rm_ends_with(name, ".tsv") || rm_ends_with(name, ".txt");
}

/* The members of a zip that are delimited text, and their number; *only the first, or the one whose
 * name, with or without its folder and ending, is `layer`. */
static rm_status find_member(char **only, int *count, const char *folder, const char *layer,
                             rm_error *err)
{
    char **names = VSIReadDirRecursive(folder), *found = NULL;
    int texts = 0, tables = 0;
    bool picked = false;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; names && names[i] && !picked; i++) {
            const char *base = CPLGetFilename(names[i]);
            if (!is_text_name(names[i]) || strncmp(names[i], "__MACOSX", 8) == 0 || base[0] == '.')
                continue;
            picked = layer && (rm_text_equal_nocase(CPLGetBasename(names[i]), layer) ||
                               rm_text_equal_nocase(names[i], layer));
            /* a text beside tables is there to be read by people */
            bool table = !rm_ends_with(names[i], ".txt");
            texts += pass == 0;
            tables += pass == 0 && table;
            if (picked || (pass == 1 && (table || tables == 0) && !found))
                found = names[i];
        }
    }
    *count = picked ? 1 : tables > 0 ? tables : texts;
    rm_status status = found ? rm_copy_text(only, found, err) : RM_OK;
    CSLDestroy(names);
    return status;
}

static rm_status fail_several(const char *source, const char *first, int count, rm_error *err)
{
    return rm_fail(err, RM_ENOTFOUND,
                   "%s holds %d files of delimited text: name one behind the archive, as in "
                   "\"%s/%.100s\"",
                   source, count, source, first);
}

static rm_status join(char **out, const char *zip, int64_t zip_length, const char *member,
                      rm_error *err)
{
    rm_text path = {0};
    rm_text_add(&path, "/vsizip/{");
    rm_text_add_n(&path, zip, zip_length);
    rm_text_addf(&path, "}/%s", member);
    rm_status status = rm_text_status(&path, err);
    if (status == RM_OK)
        status = rm_copy_text(out, path.data, err);
    rm_text_clear(&path);
    return status;
}

/* Whether GDAL finds something in the archive that holds layers. */
static rm_status find_layers(bool *out, const char *source, const char *layer, rm_error *err)
{
    rm_archive archive = {0};
    char *located = NULL;
    bool picked;
    rm_status status = rm_gdal_locate(&located, &picked, &archive, source, layer, err);
    rm_archive_clear(&archive);
    rm_release(located);
    *out = status == RM_OK;
    return status == RM_ENOMEM ? status : RM_OK;
}

static rm_status locate_in_zip(char **out, const char *source, const char *layer, rm_error *err)
{
    rm_gdal_ears ears;
    rm_text folder = {0};
    char *member = NULL;
    int count = 0;
    rm_text_addf(&folder, "/vsizip/{%s}", source);
    RM_TRY(rm_text_status(&folder, err));
    rm_gdal_enter(&ears);
    rm_status status = find_member(&member, &count, folder.data, layer, err);
    bool layers = false;
    if (status == RM_OK && member)
        status = find_layers(&layers, source, layer, err);
    rm_gdal_leave(&ears);
    if (status == RM_OK && member && count > 1 && !layers)
        status = fail_several(source, member, count, err);
    else if (status == RM_OK && member && !layers)
        status = join(out, source, (int64_t)strlen(source), member, err);
    rm_text_clear(&folder);
    rm_release(member);
    return status;
}

rm_status rm_text_file_locate(char **out, const char *source, const char *layer, rm_error *err)
{
    *out = NULL;
    if (strncmp(source, "/vsi", 4) == 0 || strstr(source, "://"))
        return RM_OK;
    if (rm_is_delimited(source))
        return rm_copy_text(out, source, err);
    if (rm_ends_with(source, ".zip"))
        return rm_file_is_folder(source) ? RM_OK : locate_in_zip(out, source, layer, err);
    const char *zip = is_text_name(source) ? strstr(source, ".zip/") : NULL;
    if (!zip && is_text_name(source))
        zip = strstr(source, ".ZIP/");
    return zip ? join(out, source, zip - source + 4, zip + 5, err) : RM_OK;
}

static rm_status read_raw(rm_text_file *file, rm_error *err)
{
    memmove(file->chunk, file->chunk + file->at, (size_t)(file->filled - file->at));
    file->filled -= file->at;
    file->at = 0;
    while (file->filled < CHUNK && !file->ended) {
        char *to = file->chunk + file->filled;
        size_t wanted = (size_t)(CHUNK - file->filled);
        int64_t n;
        if (file->plain) {
            int code = Z_OK;
            n = gzread(file->plain, to, (unsigned)wanted);
            const char *words = gzerror(file->plain, &code);
            if (n < 0 || (n == 0 && code == Z_BUF_ERROR)) {
                file->ended = true;
                return rm_fail(err, RM_EIO, "%s cannot be read to its end (%.200s)", file->shown,
                               code == Z_BUF_ERROR ? "the file is cut off" : words);
            }
        } else {
            rm_gdal_ears ears;
            rm_gdal_enter(&ears);
            n = (int64_t)VSIFReadL(to, 1, wanted, file->member);
            rm_gdal_leave(&ears);
            file->taken += n;
            if (file->taken > file->size) {
                file->ended = true;
                return rm_fail(err, RM_EFORMAT,
                               "%s holds more than the archive says it does: it is damaged, or a "
                               "trap",
                               file->shown);
            }
            if (n == 0 && (ears.heard[0] || file->taken < file->size)) {
                file->ended = true;
                return rm_fail(err, RM_EIO, "%s cannot be read to its end (%.200s)", file->shown,
                               ears.heard[0] ? ears.heard : "the archive is cut off");
            }
        }
        file->filled += n;
        file->ended = n == 0;
        if (file->plain) {
            file->taken += n;
            RM_TRY(rm_unpacked_check(file->size, file->taken, file->shown, err));
        }
    }
    return RM_OK;
}

/* A byte order mark, or a text whose letters all come with a zero. */
static rm_status sniff_encoding(rm_text_file *file, rm_error *err)
{
    const unsigned char *b = (const unsigned char *)file->chunk;
    int64_t n = file->filled, zeros[2] = {0, 0};
    if (n >= 4 && ((b[0] == 0xff && b[1] == 0xfe && b[2] == 0 && b[3] == 0) ||
                   (b[0] == 0 && b[1] == 0 && b[2] == 0xfe && b[3] == 0xff)))
        return rm_fail(err, RM_EFORMAT, "%s is UTF-32 text; save it as CSV UTF-8", file->shown);
    bool little = n >= 2 && b[0] == 0xff && b[1] == 0xfe;
    bool big = n >= 2 && b[0] == 0xfe && b[1] == 0xff;
    int64_t first = n < 64 ? n : 64;
    for (int64_t i = 0; i < first; i++)
        zeros[i & 1] += b[i] == 0;
    bool marked = little || big;
    little = little || (!big && first >= 8 && zeros[0] == 0 && zeros[1] == first / 2);
    big = big || (!little && first >= 8 && zeros[1] == 0 && zeros[0] == first / 2);
    file->encoding = little ? UTF16_LE : big ? UTF16_BE : BYTES;
    file->at = marked ? 2 : 0;
    return RM_OK;
}

/* Lines that end with carriage returns alone: some in its midst, and no newline at all. The two
 * bytes of a UTF-16 newline are never asked: their high byte is zero and says the same. */
static void sniff_lines(rm_text_file *file)
{
    size_t size = (size_t)(file->filled - file->at);
    const char *text = file->chunk + file->at;
    file->returns = size > 2 && memchr(text, '\r', size - 1) && !memchr(text, '\n', size);
}

rm_status rm_text_file_open(rm_text_file **out, const char *located, const char *shown,
                            rm_error *err)
{
    rm_text_file *file = NULL;
    rm_gdal_ears ears;
    RM_TRY(RM_NEW_ZERO(&file, 1, err));
    file->shown = shown;
    rm_status status = RM_NEW(&file->chunk, CHUNK, err);
    if (status == RM_OK && strncmp(located, "/vsi", 4) == 0) {
        rm_gdal_enter(&ears);
        status = rm_untrusted_check(located, shown, err);
        file->member = status == RM_OK ? VSIFOpenL(located, "rb") : NULL;
        if (file->member && VSIFSeekL(file->member, 0, SEEK_END) == 0)
            file->size = (int64_t)VSIFTellL(file->member);
        if (file->member)
            VSIRewindL(file->member);
        rm_gdal_leave(&ears);
    } else if (status == RM_OK) {
        status = rm_file_stat(located, &file->size, &(int64_t){0}, err);
        file->plain = status == RM_OK ? gzopen(located, "rb") : NULL;
        if (file->plain)
            gzbuffer(file->plain, 1U << 18);
    }
    if (status == RM_OK && !file->plain && !file->member)
        status = rm_fail(err, RM_EIO, "%s cannot be opened", shown);
    if (status == RM_OK)
        status = read_raw(file, err);
    if (status == RM_OK)
        status = sniff_encoding(file, err);
    if (status == RM_OK)
        sniff_lines(file);
    if (status == RM_OK)
        *out = file;
    else
        rm_text_file_close(file);
    return status;
}

static int64_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    int64_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (int64_t i = length - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(heads[length] | code);
    return length;
}

static uint32_t unit_at(const rm_text_file *file, int64_t at)
{
    const unsigned char *b = (const unsigned char *)file->chunk + at;
    return file->encoding == UTF16_LE ? (uint32_t)(b[0] | b[1] << 8) : (uint32_t)(b[0] << 8 | b[1]);
}

/* Takes UTF-16 from the chunk as long as there is room for the longest UTF-8; half a pair, and the
 * odd byte of a file that was cut off, become U+FFFD. */
static int64_t convert(rm_text_file *file, char *out, int64_t room)
{
    int64_t used = 0;
    while (room - used >= 4 && file->at < file->filled) {
        int64_t left = file->filled - file->at;
        if (left < 4 && !file->ended)
            break;
        uint32_t code = 0xfffd;
        int64_t units = left < 2 ? left : 2;
        if (left >= 2)
            code = unit_at(file, file->at);
        if (code >= 0xd800 && code < 0xdc00 && left >= 4) {
            uint32_t low = unit_at(file, file->at + 2);
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                units = 4;
            }
        }
        if (code >= 0xd800 && code < 0xe000)
            code = 0xfffd;
        file->at += units;
        used += put_utf8(out + used, code);
    }
    return used;
}

rm_status rm_text_file_read(rm_text_file *file, char *out, int64_t room, int64_t *count,
                            rm_error *err)
{
    int64_t used = 0;
    while (room - used >= 4) {
        if (file->filled - file->at < 4 && !file->ended)
            RM_TRY(read_raw(file, err));
        if (file->at == file->filled)
            break;
        int64_t n = file->filled - file->at;
        if (file->encoding == BYTES) {
            n = n < room - used ? n : room - used;
            memcpy(out + used, file->chunk + file->at, (size_t)n);
            file->at += n;
        } else {
            n = convert(file, out + used, room - used);
        }
        for (int64_t i = 0; file->returns && i < n; i++)
            if (out[used + i] == '\r')
                out[used + i] = '\n';
        used += n;
    }
    *count = used;
    return RM_OK;
}

double rm_text_file_fraction(const rm_text_file *file)
{
    if (file->size <= 0)
        return 0;
    int64_t at = file->plain ? (int64_t)gzoffset(file->plain) : file->taken;
    return (double)at / (double)file->size;
}

void rm_text_file_close(rm_text_file *file)
{
    if (!file)
        return;
    if (file->plain)
        gzclose(file->plain);
    if (file->member) {
        rm_gdal_ears ears;
        rm_gdal_enter(&ears);
        VSIFCloseL(file->member);
        rm_gdal_leave(&ears);
    }
    rm_release(file->chunk);
    rm_release(file);
}
