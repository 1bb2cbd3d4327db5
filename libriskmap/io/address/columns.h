/* The columns of a table that hold an address. */
#ifndef RM_IO_ADDRESS_COLUMNS_H
#define RM_IO_ADDRESS_COLUMNS_H

#include "data/address.h"
#include "data/source.h"

typedef enum rm_address_part {
    RM_PART_POSTCODE,
    RM_PART_NUMBER,
    RM_PART_LETTER,
    RM_PART_ADDITION,
    RM_PART_LINE,
    RM_PART_STREET,
    RM_PART_PLACE,
    RM_PARTS
} rm_address_part;

typedef struct rm_address_columns {
    char *names[RM_PARTS]; /* NULL: there is none */
    bool points;           /* the table has points or other geometry, or columns named as
                              coordinates */
} rm_address_columns;

/* Those of request->address when it names any, else guessed. Fails, with what was looked for and
 * what is there, when they are not enough: reports need a line, or a number with a postcode or
 * street; an address layer (layer = true) a number with a postcode, or with street and place, and
 * geometry. */
rm_status rm_address_columns_find(rm_address_columns *out, const rm_request *request, bool layer,
                                  rm_error *err);
void rm_address_columns_clear(rm_address_columns *columns);

/* The columns of a request with those of the address behind them; each once. */
typedef struct rm_address_request {
    const char **columns;
    int32_t count;
    int32_t at[RM_PARTS]; /* among them; -1: none */
} rm_address_request;
rm_status rm_address_request_make(rm_address_request *out, const rm_request *request,
                                  const rm_address_columns *columns, rm_error *err);
void rm_address_request_clear(rm_address_request *request);

/* The cells of one row; numbers are written into `room`. */
typedef char rm_address_room[RM_PARTS][24];
void rm_address_cells_of(rm_address_cells *out, const rm_table *table, const int32_t at[RM_PARTS],
                         int64_t row, rm_address_room room);

#endif
