/* Making files that nobody should make: bombs, archives that lie, cut and odd files. Everything
 * goes into the folder of scratch.h. */
#ifndef RM_TESTS_UNIT_HOSTILE_H
#define RM_TESTS_UNIT_HOSTILE_H

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include <cmocka.h>

#include "scratch.h"

static inline void write_bytes(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(scratch_path(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

static inline char *read_bytes(const char *name, size_t *size)
{
    FILE *file = fopen(scratch_path(name), "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *size, file), *size);
    fclose(file);
    return data;
}

static inline void cut_file(const char *name, double share)
{
    size_t size;
    char *data = read_bytes(name, &size);
    write_bytes(name, data, (size_t)((double)size * share));
    free(data);
}

/* text `times` over, `head` before and `tail` behind it */
static inline char *repeated(const char *head, const char *text, int64_t times, const char *tail,
                             size_t *size)
{
    size_t piece = strlen(text), at = strlen(head);
    *size = at + piece * (size_t)times + strlen(tail);
    char *out = malloc(*size + 1);
    assert_non_null(out);
    memcpy(out, head, at);
    for (int64_t i = 0; i < times; i++, at += piece)
        memcpy(out + at, text, piece);
    memcpy(out + at, tail, strlen(tail) + 1);
    return out;
}

static inline void write_repeated(const char *name, const char *head, const char *text,
                                  int64_t times, const char *tail)
{
    size_t size;
    char *data = repeated(head, text, times, tail, &size);
    write_bytes(name, data, size);
    free(data);
}

static inline void write_gzip(const char *name, const char *head, const char *text, int64_t times,
                              const char *tail)
{
    size_t size;
    char *data = repeated(head, text, times, tail, &size);
    gzFile file = gzopen(scratch_path(name), "wb6");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, data, (unsigned)size), size);
    assert_int_equal(gzclose(file), Z_OK);
    free(data);
}

/* ---- a zip by hand, so that it can say what is not so ---- */

typedef struct zip {
    FILE *file;
    rm_text listing;
    int files;
} zip;

static inline void add_number(rm_text *text, uint32_t value, int bytes)
{
    char out[4];
    for (int i = 0; i < bytes; i++)
        out[i] = (char)(value >> 8 * i);
    rm_text_add_n(text, out, bytes);
}

/* stated: the size that the listing gives for what is inside, in its 64-bit form where it takes
 * that; 0: the true one */
static inline void zip_add(zip *out, const char *name, const char *data, size_t size,
                           uint64_t stated)
{
    uLongf room = compressBound((uLong)size) + 32;
    unsigned char *packed = malloc(room);
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)data,
                       .avail_in = (uInt)size,
                       .next_out = packed,
                       .avail_out = (uInt)room};
    assert_non_null(packed);
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    uint32_t length = (uint32_t)stream.total_out, at = (uint32_t)ftell(out->file);
    deflateEnd(&stream);
    uint32_t sum = (uint32_t)crc32(0, (const Bytef *)data, (uInt)size);
    bool large = stated > UINT32_MAX;
    uint32_t whole = large ? UINT32_MAX : stated ? (uint32_t)stated : (uint32_t)size;
    rm_text shared = {0}, local = {0};
    add_number(&shared, 20, 2);
    add_number(&shared, 0, 2);
    add_number(&shared, 8, 2);
    add_number(&shared, 0x5a210000, 4);
    add_number(&shared, sum, 4);
    add_number(&shared, length, 4);
    add_number(&shared, whole, 4);
    add_number(&shared, (uint32_t)strlen(name), 2);
    add_number(&shared, 0, 2);
    rm_text_add_n(&local, "PK\3\4", 4);
    rm_text_add_n(&local, shared.data, shared.length);
    rm_text_add(&local, name);
    assert_int_equal(fwrite(local.data, 1, (size_t)local.length, out->file), local.length);
    assert_int_equal(fwrite(packed, 1, length, out->file), length);
    rm_text_add_n(&out->listing, "PK\1\2", 4);
    add_number(&out->listing, 20, 2);
    rm_text_add_n(&out->listing, shared.data, shared.length - 2);
    add_number(&out->listing, large ? 12 : 0, 2);
    add_number(&out->listing, 0, 2);
    add_number(&out->listing, 0, 2);
    add_number(&out->listing, 0, 2);
    add_number(&out->listing, 0, 4);
    add_number(&out->listing, at, 4);
    rm_text_add(&out->listing, name);
    if (large) {
        add_number(&out->listing, 1, 2);
        add_number(&out->listing, 8, 2);
        add_number(&out->listing, (uint32_t)stated, 4);
        add_number(&out->listing, (uint32_t)(stated >> 32), 4);
    }
    out->files++;
    rm_text_clear(&shared);
    rm_text_clear(&local);
    free(packed);
}

static inline void zip_open(zip *out, const char *name)
{
    *out = (zip){.file = fopen(scratch_path(name), "wb")};
    assert_non_null(out->file);
}

static inline void zip_close(zip *out)
{
    uint32_t at = (uint32_t)ftell(out->file), size = (uint32_t)out->listing.length;
    rm_text_add_n(&out->listing, "PK\5\6", 4);
    add_number(&out->listing, 0, 4);
    add_number(&out->listing, (uint32_t)out->files, 2);
    add_number(&out->listing, (uint32_t)out->files, 2);
    add_number(&out->listing, size, 4);
    add_number(&out->listing, at, 4);
    add_number(&out->listing, 0, 2);
    assert_int_equal(fwrite(out->listing.data, 1, (size_t)out->listing.length, out->file),
                     out->listing.length);
    assert_int_equal(fclose(out->file), 0);
    rm_text_clear(&out->listing);
}

static inline void zip_one(const char *name, const char *member, const char *data, size_t size,
                           uint64_t stated)
{
    zip out;
    zip_open(&out, name);
    zip_add(&out, member, data, size, stated);
    zip_close(&out);
}

/* A file that is in the folder already, moved into a zip. */
static inline void zip_file(const char *name, const char *member)
{
    size_t size;
    char *data = read_bytes(member, &size);
    assert_int_equal(unlink(scratch_path(member)), 0);
    zip_one(name, member, data, size, 0);
    free(data);
}

#endif
