#include "output/inspect/duplicates.h"

#include <stdlib.h>
#include <string.h>

enum { MISSING = 0x5bd1, ONE_TEXT = 0x1b87 };

/* The finaliser of MurmurHash3 on the running value: every bit of what came before counts. */
static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value + UINT64_C(0x9e3779b97f4a7c15) + (hash << 6) + (hash >> 2);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ (hash >> 33);
}

static uint64_t mix_text(uint64_t hash, const char *text, int64_t length)
{
    uint64_t piece;
    hash = mix(hash, (uint64_t)length + ONE_TEXT);
    for (; length >= 8; text += 8, length -= 8) {
        memcpy(&piece, text, 8);
        hash = mix(hash, piece);
    }
    piece = 0;
    memcpy(&piece, text, (size_t)length);
    return mix(hash, piece);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    value += 0.0; /* -0 is 0 */
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint64_t mix_cell(uint64_t hash, const rm_column *column, int64_t row)
{
    int64_t length;
    if (rm_column_missing(column, row))
        return mix(hash, MISSING);
    switch (column->type) {
    case RM_TEXT: {
        const char *text = rm_column_text(column, row, &length);
        return mix_text(hash, text, length);
    }
    case RM_FLOAT64:
        return mix(hash, bits_of(column->data.f64[row]));
    case RM_DATE:
        return mix(hash, (uint64_t)(int64_t)column->data.i32[row]);
    case RM_INT64:
    case RM_DATETIME:
        break;
    }
    return mix(hash, (uint64_t)column->data.i64[row]);
}

static uint64_t mix_geometry(uint64_t hash, const rm_geometry *geometry, int64_t feature)
{
    hash = mix(hash, geometry->kind[feature]);
    for (int32_t p = geometry->feature_part[feature]; p < geometry->feature_part[feature + 1]; p++)
        for (int32_t r = geometry->part_ring[p]; r < geometry->part_ring[p + 1]; r++) {
            hash = mix(hash, (uint64_t)(geometry->ring_point[r + 1] - geometry->ring_point[r]));
            for (int32_t i = geometry->ring_point[r]; i < geometry->ring_point[r + 1]; i++)
                hash = mix(mix(hash, bits_of(geometry->x[i])), bits_of(geometry->y[i]));
        }
    return hash;
}

rm_status rm_hash_rows(rm_hashes *out, const rm_rows *rows, rm_error *err)
{
    const rm_table *table = &rows->table;
    RM_TRY(RM_GROW(&out->of, &out->capacity, out->count + table->rows, err));
    for (int64_t row = 0; row < table->rows; row++) {
        uint64_t hash = 0;
        for (int32_t c = 0; c < table->count; c++)
            hash = mix_cell(hash, &table->columns[c], row);
        if (row < rows->geometry.features)
            hash = mix_geometry(hash, &rows->geometry, row);
        out->of[out->count++] = hash;
    }
    return RM_OK;
}

rm_status rm_hash_cells(rm_hashes *out, const rm_column *column, int64_t rows, rm_error *err)
{
    RM_TRY(RM_GROW(&out->of, &out->capacity, out->count + rows, err));
    for (int64_t row = 0; row < rows; row++)
        if (!rm_column_missing(column, row))
            out->of[out->count++] = mix_cell(0, column, row);
    return RM_OK;
}

rm_status rm_hashes_add_all(rm_hashes *out, const rm_hashes *from, rm_error *err)
{
    RM_TRY(RM_GROW(&out->of, &out->capacity, out->count + from->count, err));
    if (from->count > 0)
        memcpy(out->of + out->count, from->of, (size_t)from->count * sizeof *from->of);
    out->count += from->count;
    return RM_OK;
}

static int order_hashes(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

int64_t rm_hashes_repeated(rm_hashes *hashes)
{
    int64_t repeated = 0;
    if (hashes->count > 0)
        qsort(hashes->of, (size_t)hashes->count, sizeof *hashes->of, order_hashes);
    for (int64_t i = 1; i < hashes->count; i++)
        repeated += hashes->of[i] == hashes->of[i - 1];
    return repeated;
}

void rm_hashes_clear(rm_hashes *hashes)
{
    rm_release(hashes->of);
    *hashes = (rm_hashes){0};
}
