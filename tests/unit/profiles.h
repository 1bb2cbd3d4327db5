/* Reading small made-up sources whole, for the tests of profiles. */
#ifndef RM_TESTS_UNIT_PROFILES_H
#define RM_TESTS_UNIT_PROFILES_H

#include "data/layer.h"
#include "io/profile_rows.h"
#include "layers.h"
#include "scratch.h"

static rm_error err;

static inline rm_request request_of(const char *source, const char *const *columns, int32_t count)
{
    return (rm_request){.source = source, .columns = columns, .column_count = count, .threads = 1};
}

static inline rm_layer *read_with(const rm_request *request)
{
    rm_layer *layer = NULL;
    err.message[0] = '\0';
    if (read_layer(&layer, open_any, request, &err) != RM_OK)
        fail_msg("%s", err.message);
    return layer;
}

static inline void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* The cells of one row, "[a] - 5". */
static inline void assert_cells(const rm_layer *layer, int64_t row, const char *expected)
{
    rm_text text = {0};
    rm_text_add(&text, "");
    assert_true(row < layer->rows.table.rows);
    for (int32_t c = 0; c < layer->rows.table.count; c++)
        render_cell(&text, &layer->rows.table.columns[c], row);
    assert_string_equal(text.data + 1, expected);
    rm_text_clear(&text);
}

static inline void assert_refused(const rm_request *request, rm_status status, const char *message)
{
    rm_layer *layer = NULL;
    err.message[0] = '\0';
    assert_int_equal(read_layer(&layer, open_any, request, &err), status);
    if (!strstr(err.message, message))
        fail_msg("\"%s\" is not in: %s", message, err.message);
}

static const char LIGHT[] =
    "identificatie,bouwjaar,status,gebruiksdoel,aantal_verblijfsobjecten\n"
    "9999100000000001,1985,Pand in gebruik,\"woonfunctie,winkelfunctie\",2\n"
    "9999100000000002,9999,Pand in gebruik,,0\n"
    "9999100000000003,1005,Bouwvergunning verleend,woonfunctie,1\n";

static const char LVBAG[] =
    "identificatie,oorspronkelijkBouwjaar,status,voorkomenIdentificatie,beginGeldigheid,"
    "eindGeldigheid,tijdstipInactief,tijdstipInactiefLV,tijdstipNietBagLV\n"
    "9999100000000001,1985,Pand in gebruik,1,2010-01-01,2020-03-01,,,\n"
    "9999100000000001,1986,Pand in gebruik,2,2020-03-01,,,,\n"
    "9999100000000002,2021,Bouwvergunning verleend,1,2021-01-01,,,,\n"
    "9999100000000003,1950,Pand gesloopt,3,2015-01-01,,,,\n"
    "9999100000000004,1950,Pand in gebruik,1,2015-01-01,,2016-01-01T10:00:00,,\n"
    "9999100000000005,1950,Pand in gebruik,1,2015-01-01,,,2016-01-01T10:00:00,\n"
    "9999100000000006,1950,Pand in gebruik,1,2015-01-01,,,,2016-01-01T10:00:00\n"
    "9999100000000007,1960,Niet gerealiseerd pand,1,2015-01-01,,,,\n"
    "9999100000000008,1970,Pand in gebruik,1,2015-01-01,9999-12-31,,,\n";

static inline bool find_shared(char *path, size_t size, const char *file)
{
    const char *shared = getenv("RISKMAP_SHARED");
    snprintf(path, size, "%s/data", shared ? shared : "");
    if (!shared || access(path, R_OK) != 0) {
        print_message("skipped: RISKMAP_SHARED names no folder with the real data\n");
        return false;
    }
    snprintf(path, size, "%s/data/%s", shared, file);
    return true;
}

#endif
