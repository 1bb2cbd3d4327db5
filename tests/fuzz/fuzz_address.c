/* Feeds bytes to everything that reads an address, as a line and as the cells of a row, and looks
 * up what was read in a small index: no input may crash, and what comes out must be within bounds,
 * the same every time and found again when it is put into the index itself. Links
 * libriskmap_data.a and libriskmap_base.a; start it with corpus/address and -max_len=400. */
#include "data/address.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void check(const rm_address *address, bool found)
{
    char suffix[16];
    need(address->number >= 0 && address->number <= 99999);
    need(found == (address->number > 0));
    need(!address->alone || address->suffix == 0);
    need(!address->opposite || address->alone || address->number == 0);
    rm_suffix_text(address->suffix, suffix);
    if (address->suffix >> 63 == 0)
        need(rm_suffix(suffix, (int64_t)strlen(suffix)) == address->suffix ||
             strspn(suffix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= 3); /* "GEEN" and the like are none */
}

/* Whatever was read must be found where it is. */
static void check_index(const rm_address *address)
{
    rm_address_rows rows = {0};
    rm_address_index *index = NULL;
    rm_address_match match;
    rm_address other = *address;
    bool used = false;
    other.number = other.number % 99999 + 1;
    need(rm_address_rows_add(&rows, address, 100, 200, &used, NULL) == RM_OK);
    need(rm_address_rows_add(&rows, &other, 300, 400, NULL, NULL) == RM_OK);
    need(rm_address_index_make(&index, &rows, 1, true, 1, NULL) == RM_OK);
    rm_address_find_all(&match, index, address, 1);
    if (used) {
        need(match.verdict == (address->alone ? RM_ADDRESS_NUMBER : RM_ADDRESS_EXACT));
        need(match.x == 100 && match.y == 200 && match.candidates == 1);
    } else {
        need(match.verdict == RM_ADDRESS_NONE || match.verdict == RM_ADDRESS_UNKNOWN);
        need(isnan(match.x));
    }
    rm_address_index_free(index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    rm_address address, twice;
    bool found = rm_address_line(&address, text, (int64_t)size);
    check(&address, found);
    need(rm_address_line(&twice, text, (int64_t)size) == found);
    need(address.number == twice.number && address.suffix == twice.suffix &&
         address.postcode == twice.postcode && address.street == twice.street &&
         address.place == twice.place && address.range == twice.range);
    check_index(&address);
    (void)rm_street(text, (int64_t)size);
    (void)rm_place(text, (int64_t)size);

    /* the same bytes as seven cells, separated by bars */
    rm_address_cells cells = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0},
                              {NULL, 0}, {NULL, 0}, {NULL, 0}};
    rm_address_cell *const each[] = {&cells.postcode, &cells.number, &cells.letter, &cells.addition,
                                     &cells.line,     &cells.street, &cells.place};
    size_t at = 0;
    for (int c = 0; c < 7 && at <= size; c++) {
        const void *bar = at < size ? memchr(data + at, '|', size - at) : NULL;
        size_t end = bar ? (size_t)((const uint8_t *)bar - data) : size;
        *each[c] = (rm_address_cell){text + at, (int64_t)(end - at)};
        at = end + 1;
    }
    rm_address_read(&address, &cells);
    check(&address, address.number > 0);
    check_index(&address);
    return 0;
}
