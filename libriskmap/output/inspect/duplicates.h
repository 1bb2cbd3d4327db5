/* Rows that stand in a source more than once, and ids that several rows share. Eight bytes a row
 * for each: two of ten million different rows fall together once in some 400,000 sources. */
#ifndef RM_OUTPUT_DUPLICATES_H
#define RM_OUTPUT_DUPLICATES_H

#include "data/layer.h"

typedef struct rm_hashes {
    uint64_t *of;
    int64_t count, capacity;
} rm_hashes;

/* Adds one for every row: all its columns, with their order and types, and its geometry. */
rm_status rm_hash_rows(rm_hashes *out, const rm_rows *rows, rm_error *err);
/* One for every cell of a column that is not missing. */
rm_status rm_hash_cells(rm_hashes *out, const rm_column *column, int64_t rows, rm_error *err);
rm_status rm_hashes_add_all(rm_hashes *out, const rm_hashes *from, rm_error *err);
/* How many there are beyond the first of each. Puts them in order. */
int64_t rm_hashes_repeated(rm_hashes *hashes);
void rm_hashes_clear(rm_hashes *hashes);

#endif
