/* Reports that get their place from an address layer: what becomes of each row, what is counted,
 * and what is said when it cannot be done. Woldermark does not exist; its postcodes are 9999. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "failing.h"

#include "base/text.h"
#include "io/address/locate.h"
#include "io/reader.h"
#include "layers.h"
#include "scratch.h"

static rm_error err;

#define THE_ADDRESSES                                                                              \
    "openbare_ruimte_naam;huisnummer;huisletter;toevoeging;postcode;woonplaats_naam;rd_x;rd_y\n"   \
    "Dorpsstraat;1;;;9999AA;Woldermark;200000;500000\n"                                            \
    "Dorpsstraat;1;a;;9999AA;Woldermark;200010;500000\n"                                           \
    "Dorpsstraat;3;;;9999AA;Woldermark;200020;500000\n"                                            \
    "Dorpsstraat;3;;;9999AA;Woldermark;200120;500000\n"                                            \
    "Esweg;5;A;2;9999AB;Woldermark;201000;500000\n"                                                \
    "Esweg;7;A;;9999AB;Woldermark;201100;500000\n"                                                 \
    "Esweg;7;B;;9999AB;Woldermark;201200;500000\n"
static const char ADDRESSES[] = THE_ADDRESSES;
static const char ADDRESSES_AND_ONE_UNUSABLE[] = THE_ADDRESSES "Esweg;;;;9999AB;Woldermark;1;1\n";

static const char *put(const char *name, const char *text)
{
    static char kept[4][600];
    static int next;
    next = (next + 1) % 4;
    snprintf(kept[next], sizeof kept[next], "%s", scratch_path(name));
    FILE *file = fopen(kept[next], "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    return kept[next];
}

/* "1 point ((200000 500000)) [a]", then "!1 no-address". */
static char *locate(const rm_request *request, rm_provenance *provenance)
{
    rm_layer *layer = NULL;
    if (read_layer(&layer, open_any, request, &err) != RM_OK)
        fail_msg("%s", err.message);
    rm_text text = render_layer(layer);
    if (provenance)
        assert_int_equal(rm_provenance_copy(provenance, &layer->provenance, &err), RM_OK);
    rm_layer_free(layer);
    char *kept = strdup(text.data ? text.data : "");
    rm_text_clear(&text);
    return kept;
}

static void assert_located(const char *reports, const rm_request *more, const char *expected)
{
    rm_request layer = {.source = put("adressen.csv", ADDRESSES), .geometry = true};
    static const char *const columns[] = {"id"};
    rm_request request = more ? *more : (rm_request){.threads = 1};
    request.source = put("meldingen.csv", reports);
    request.geometry = true;
    request.columns = columns;
    request.column_count = 1;
    request.target_crs = "EPSG:28992";
    request.locate = &layer;
    char *found = locate(&request, NULL);
    assert_string_equal(found, expected);
    free(found);
}

static void test_every_verdict_and_its_count(void **state)
{
    (void)state;
    rm_provenance p = {0};
    rm_request layer = {.source = put("adressen.csv", ADDRESSES), .geometry = true};
    static const char *const columns[] = {"id", "postcode"};
    rm_request request = {.source =
                              put("meldingen.csv", "id;postcode;huisnummer;huisletter;toevoeging\n"
                                                   "a;9999AA;1;;\n"   /* exact */
                                                   "b;9999 aa;1a;;\n" /* exact, in one cell */
                                                   "c;9999AA;1;x;\n"  /* the number alone */
                                                   "d;9999AA;3;;\n"   /* the same address twice */
                                                   "e;9999AB;5;a;2\n" /* exact */
                                                   "f;9999AB;7;;\n" /* two that lie too far apart */
                                                   "g;9999AB;99;;\n"    /* unknown */
                                                   "h;9999AC;1;;\n"     /* unknown */
                                                   "i;;1;;\n"           /* no postcode */
                                                   "j;9999AA;geen;;\n"  /* no number */
                                                   "k;9999AA;1-3;;\n"), /* a range */
                          .geometry = true,
                          .columns = columns,
                          .column_count = 2,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 1};
    char *found = locate(&request, &p);
    assert_string_equal(found, "1 point ((200000 500000)) [a] [9999AA]\n"
                               "2 point ((200010 500000)) [b] [9999 aa]\n"
                               "3 point ((200000 500000)) [c] [9999AA]\n"
                               "4 none [d] [9999AA]\n"
                               "5 point ((201000 500000)) [e] [9999AB]\n"
                               "6 none [f] [9999AB]\n"
                               "7 none [g] [9999AB]\n"
                               "8 none [h] [9999AC]\n"
                               "9 none [i] -\n"
                               "10 none [j] [9999AA]\n"
                               "11 point ((200000 500000)) [k] [9999AA]\n"
                               "!3 address-number\n"
                               "!4 address-ambiguous\n"
                               "!6 address-ambiguous\n"
                               "!7 address-unknown\n"
                               "!8 address-unknown\n"
                               "!9 no-address\n"
                               "!10 no-address\n"
                               "!11 address-number\n");
    assert_int_equal(p.total, 11);
    assert_int_equal(p.read, 11);
    assert_int_equal(p.address_exact, 3);
    assert_int_equal(p.address_number, 2);
    assert_int_equal(p.address_ambiguous, 2);
    assert_int_equal(p.address_unknown, 4);
    assert_string_equal(p.crs, "EPSG:28992");
    assert_true(rm_ends_with(p.source, "meldingen.csv"));
    rm_provenance_clear(&p);
    free(found);
}

static void test_what_the_issues_say(void **state)
{
    (void)state;
    static const struct {
        rm_issue_code code;
        rm_severity severity;
        const char *says;
    } cases[] = {
        {RM_ISSUE_NO_ADDRESS, RM_REJECTED, "no postcode"},
        {RM_ISSUE_ADDRESS_UNKNOWN, RM_REJECTED, "secondary ones cannot be found"},
        {RM_ISSUE_ADDRESS_NUMBER, RM_NOTE, "one of 2 addresses that lie at most 10.0 m apart"},
        {RM_ISSUE_ADDRESS_AMBIGUOUS, RM_REJECTED, "2 addresses fit that lie up to 10.0 m apart"},
        {RM_ISSUE_ADDRESS_LAYER, RM_NOTE, "2 rows of the address layer"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300];
        rm_issue issue = {.code = (int32_t)cases[i].code, .a = 2, .b = 10};
        rm_issue_message(&issue, text, sizeof text);
        assert_non_null(strstr(text, cases[i].says));
        assert_int_equal(rm_issue_severity(cases[i].code), cases[i].severity);
    }
}

static void test_numbers_of_an_issue(void **state)
{
    (void)state;
    rm_layer *read = NULL;
    rm_request layer = {.source = put("adressen.csv", ADDRESSES), .geometry = true};
    rm_request request = {.source = put("meldingen.csv", "postcode;huisnummer\n9999AB;7\n"),
                          .geometry = true,
                          .locate = &layer};
    assert_int_equal(read_layer(&read, open_any, &request, &err), RM_OK);
    assert_int_equal(read->rows.issues.count, 1);
    assert_true(read->rows.issues.items[0].a == 2 &&
                fabs(read->rows.issues.items[0].b - 100) < 1e-3);
    assert_int_equal(read->rows.table.count, 0);
    rm_layer_free(read);
}

static void test_own_coordinates_come_first(void **state)
{
    (void)state;
    rm_request more = {.threads = 2};
    assert_located("id;rd_x;rd_y;postcode;huisnummer\n"
                   "a;210000;490000;9999AA;1\n" /* its own, the address notwithstanding */
                   "b;;;9999AA;1\n"
                   "c;210000;490000;;\n"
                   "d;;;;\n"
                   "e;x;490000;9999AA;1a\n"       /* made up for */
                   "f;6.5;52.5;9999AA;1\n"        /* nonsense, made up for */
                   "g;6.5;52.5;9999ZZ;1\n"        /* nonsense twice */
                   "h;210000;490000;9999AA;99\n", /* the address does not matter */
                   &more,
                   "1 point ((210000 490000)) [a]\n"
                   "2 point ((200000 500000)) [b]\n"
                   "3 point ((210000 490000)) [c]\n"
                   "4 none [d]\n"
                   "5 point ((200010 500000)) [e]\n"
                   "6 point ((200000 500000)) [f]\n"
                   "7 none [g]\n"
                   "8 point ((210000 490000)) [h]\n"
                   "!4 no-address\n"
                   "!7 outside-crs\n"
                   "!7 address-unknown\n");
}

static void test_counts_are_of_rows_placed_by_address(void **state)
{
    (void)state;
    rm_provenance p = {0};
    rm_request layer = {.source = put("adressen.csv", ADDRESSES), .geometry = true};
    rm_request request = {.source = put("meldingen.csv", "rd_x;rd_y;postcode;huisnummer\n"
                                                         "210000;490000;9999AA;1\n"
                                                         ";;9999AA;1\n"
                                                         ";;9999AA;77\n"),
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 1};
    free(locate(&request, &p));
    assert_int_equal(p.total, 3);
    assert_int_equal(p.address_exact, 1);
    assert_int_equal(p.address_unknown, 1);
    assert_int_equal(p.address_number + p.address_ambiguous, 0);
    rm_provenance_clear(&p);
}

static void test_the_extent_holds_for_located_rows(void **state)
{
    (void)state;
    static const char reports[] = "id;rd_x;rd_y;postcode;huisnummer\n"
                                  "a;;;9999AA;1\n"              /* inside */
                                  "b;;;9999AB;5a2\n"            /* outside, by its address */
                                  "c;210000;490000;9999AA;1\n"  /* outside, by its own */
                                  "d;;;9999ZZ;1\n"              /* nowhere: always delivered */
                                  "e;;;9999AB;7\n"              /* ambiguous: nowhere too */
                                  "f;200001;500000;9999ZZ;1\n"; /* inside, by its own */
    rm_box extent = {199990, 499990, 200020, 500010};
    rm_provenance p = {0};
    rm_request layer = {.source = put("adressen.csv", ADDRESSES), .geometry = true};
    rm_request request = {.source = put("meldingen.csv", reports),
                          .geometry = true,
                          .extent = &extent,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 1};
    char *found = locate(&request, &p);
    assert_string_equal(found, "1 point ((200000 500000))\n"
                               "4 none\n"
                               "5 none\n"
                               "6 point ((200001 500000))\n"
                               "!4 address-unknown\n"
                               "!5 address-ambiguous\n");
    assert_int_equal(p.total, 6);
    assert_int_equal(p.outside, 2);
    assert_int_equal(p.read, 4);
    assert_int_equal(p.address_exact, 2); /* the one outside was found all the same */
    assert_int_equal(p.address_unknown + p.address_ambiguous, 2);
    rm_provenance_clear(&p);
    free(found);
}

/* A batch of which nothing is left is not the end. */
static void test_a_whole_batch_outside(void **state)
{
    (void)state;
    rm_text text = {0};
    enum { ROWS = 150000 };
    rm_text_add(&text, "postcode;huisnummer\n");
    for (int i = 0; i < ROWS; i++)
        rm_text_add(&text, i == ROWS - 1 ? "9999AA;1\n" : "9999AB;5a2\n");
    assert_int_equal(rm_text_status(&text, &err), RM_OK);
    rm_box extent = {199990, 499990, 200020, 500010};
    for (int threads = 1; threads <= 2; threads++) {
        rm_provenance p = {0};
        rm_request layer = {.source = put("adressen.csv", ADDRESSES_AND_ONE_UNUSABLE),
                            .geometry = true};
        rm_request request = {.source = put("meldingen.csv", text.data),
                              .geometry = true,
                              .extent = &extent,
                              .target_crs = "EPSG:28992",
                              .locate = &layer,
                              .threads = threads};
        char *found = locate(&request, &p);
        assert_string_equal(found, "150000 point ((200000 500000))\n!-1 address-layer\n");
        assert_int_equal(p.total, ROWS);
        assert_int_equal(p.outside, ROWS - 1);
        assert_int_equal(p.address_exact, ROWS);
        rm_provenance_clear(&p);
        free(found);
    }
    rm_text_clear(&text);
}

static void test_threads_do_not_matter(void **state)
{
    (void)state;
    rm_text reports = {0}, addresses = {0};
    rm_text_add(&reports, "id;postcode;huisnummer;toevoeging\n");
    rm_text_add(&addresses, "postcode;huisnummer;toevoeging;rd_x;rd_y\n");
    for (int i = 0; i < 60000; i++) {
        rm_text_addf(&addresses, "99%02dA%c;%d;%s;%d;%d\n", i / 26 % 100, 'A' + i % 26,
                     1 + i / 2600, i % 7 == 0 ? "A" : "", 150000 + i, 450000 + i % 99);
        rm_text_addf(&reports, "m%d;99%02da%c;%d%s;;\n", i, i * 7 % 100, 'a' + i % 26, 1 + i / 2500,
                     i % 5 ? "" : "a");
    }
    char *first = NULL;
    for (int threads = 1; threads <= 4; threads *= 2) {
        rm_provenance p = {0};
        static const char *const columns[] = {"id"};
        rm_request layer = {.source = put("adressen.csv", addresses.data), .geometry = true};
        rm_request request = {.source = put("meldingen.csv", reports.data),
                              .geometry = true,
                              .columns = columns,
                              .column_count = 1,
                              .target_crs = "EPSG:28992",
                              .locate = &layer,
                              .threads = threads};
        char *found = locate(&request, &p);
        if (first)
            assert_string_equal(found, first);
        assert_int_equal(p.total, 60000);
        assert_int_equal(
            p.address_exact + p.address_number + p.address_ambiguous + p.address_unknown, 60000);
        assert_true(p.address_exact > 10000 && p.address_number > 1000 && p.address_unknown > 500);
        rm_provenance_clear(&p);
        if (first)
            free(found);
        else
            first = found;
    }
    free(first);
    rm_text_clear(&reports);
    rm_text_clear(&addresses);
}

static void test_columns_given_by_name(void **state)
{
    (void)state;
    rm_request more = {.address = {.postcode = "q", .number = "r", .addition = "s"}, .threads = 1};
    assert_located("q;id;r;s;postcode;huisnummer\n9999AA;p;1;a;9999AB;5\n", &more,
                   "1 point ((200010 500000)) [p]\n");
    more.address = (rm_address_fields){.line = "waar"};
    assert_located("id;waar\np;Dorpsstraat 1a, 9999 AA Woldermark\nq;Esweg 5 a2, Woldermark\n"
                   "r;Esweg 5a-2\ns;Esweg\nt;9999AB 7b\n",
                   &more,
                   "1 point ((200010 500000)) [p]\n2 point ((201000 500000)) [q]\n"
                   "3 point ((201000 500000)) [r]\n4 none [s]\n5 point ((201200 500000)) [t]\n"
                   "!4 no-address\n");
    more.address = (rm_address_fields){.street = "weg", .number = "nr", .place = "dorp"};
    assert_located("id;weg;nr;dorp\np;DORPSSTR.;1a;woldermark\nq;Esweg;5;\nr;Esweg;5;Elders\n",
                   &more,
                   "1 point ((200010 500000)) [p]\n2 point ((201000 500000)) [q]\n3 none [r]\n"
                   "!2 address-number\n!3 address-unknown\n");
}

static void test_columns_guessed(void **state)
{
    (void)state;
    assert_located("id;Adres\na;Dorpsstraat 1a\nb;Esweg 5a2\n", NULL,
                   "1 point ((200010 500000)) [a]\n2 point ((201000 500000)) [b]\n");
    assert_located("id;Straatnaam;Huisnr;Plaats\na;Dorpsstraat;1;Woldermark\n", NULL,
                   "1 point ((200000 500000)) [a]\n");
    assert_located("id;PostCode;HUISNUMMER\na;9999AA;1\n", NULL, "1 point ((200000 500000)) [a]\n");
}

/* An empty postcode is no reason to give up where the street is known. */
static void test_the_street_where_the_postcode_is_empty(void **state)
{
    (void)state;
    assert_located("id;postcode;straatnaam;huisnummer;woonplaats\n"
                   "a;;Dorpsstraat;1;Woldermark\n"
                   "b;onbekend;Dorpsstraat;1;Woldermark\n"
                   "c;9999AB;Dorpsstraat;1;Woldermark\n",
                   NULL,
                   "1 point ((200000 500000)) [a]\n2 point ((200000 500000)) [b]\n3 none [c]\n"
                   "!3 address-unknown\n");
}

static void test_rows_of_the_layer_that_are_no_use(void **state)
{
    (void)state;
    rm_request layer = {.source = put("adressen.csv", "postcode;huisnummer;rd_x;rd_y\n"
                                                      "9999AA;1;200000;500000\n"
                                                      "9999AA;2;;\n"
                                                      ";3;200000;500000\n"
                                                      "9999AA;;200000;500000\n"),
                        .geometry = true};
    rm_request request = {.source =
                              put("meldingen.csv", "postcode;huisnummer\n9999AA;1\n9999AA;2\n"),
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 2};
    char *found = locate(&request, NULL);
    assert_string_equal(found, "1 point ((200000 500000))\n2 none\n!-1 address-layer\n"
                               "!2 address-unknown\n");
    free(found);
}

static void test_a_filter_on_the_layer(void **state)
{
    (void)state;
    rm_filter *filter = NULL;
    static const char *const fields[] = {"status"};
    assert_int_equal(rm_filter_parse(&filter, "status = 'in gebruik'", &err), RM_OK);
    rm_request layer = {.source = put("adressen.csv", "postcode;huisnummer;rd_x;rd_y;status\n"
                                                      "9999AA;1;200000;500000;in gebruik\n"
                                                      "9999AA;2;200001;500000;weg\n"),
                        .geometry = true,
                        .columns = fields,
                        .column_count = 1,
                        .filter = filter};
    rm_request request = {.source =
                              put("meldingen.csv", "postcode;huisnummer\n9999AA;1\n9999AA;2\n"),
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 2};
    char *found = locate(&request, NULL);
    assert_string_equal(found, "1 point ((200000 500000))\n2 none\n!2 address-unknown\n");
    free(found);
    rm_filter_free(filter);
}

/* Numbers that are numbers, homes that are polygons, and more layers than one. */
static void test_a_geopackage_of_addresses(void **state)
{
    (void)state;
    static const made_feature homes[] = {
        {"POINT (200000 500000)", {"9999AA", "1", NULL, "Esweg", "Woldermark"}},
        {"POINT (200030 500000)", {"9999AA", "1", "A", "Esweg", "Woldermark"}},
        {NULL, {"9999AA", "9", NULL, "Esweg", "Woldermark"}}};
    static const made_feature boats[] = {
        {"POLYGON ((210010 500000,210020 500000,210020 500040,210010 500040,210010 500000))",
         {"9999AB", "2", NULL, "Kade", "Woldermark"}}};
    static const made_feature bare[] = {{NULL, {"9999AA", "1", NULL, "Esweg", "Woldermark"}}};
#define FIELDS                                                                                     \
    {                                                                                              \
        {"postcode", "text"}, {"huisnummer", "int"}, {"huisletter", "text"},                       \
            {"openbare_ruimte_naam", "text"}, {"woonplaats_naam", "text"},                         \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
    const made_layer layers[] = {{"verblijfsobject", 28992, wkbPoint, FIELDS, homes, 3},
                                 {"ligplaats", 28992, wkbPolygon, FIELDS, boats, 1},
                                 {"nummeraanduiding", 0, wkbNone, FIELDS, bare, 1}};
    char path[600];
    snprintf(path, sizeof path, "%s", scratch_path("bag.gpkg"));
    assert_true(make_file(path, "GPKG", layers, 3, NULL));
    rm_request layer = {.source = path, .layer = "verblijfsobject", .geometry = true};
    rm_request request = {.source = put("meldingen.csv",
                                        "postcode;huisnummer\n9999AA;1\n9999AA;1a\n9999AA;9\n"
                                        "9999AB;2\n"),
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 2};
    char *found = locate(&request, NULL);
    assert_string_equal(found, "1 point ((200000 500000))\n2 point ((200030 500000))\n3 none\n"
                               "4 none\n!-1 address-layer\n!3 address-unknown\n"
                               "!4 address-unknown\n");
    free(found);
    layer.layer = "ligplaats";
    request.columns = NULL;
    found = locate(&request, NULL);
    assert_non_null(strstr(found, "4 point ((210015 500020))\n"));
    free(found);
    layer.layer = "nummeraanduiding";
    rm_layer *read = NULL;
    assert_int_equal(read_layer(&read, open_any, &request, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "nummeraanduiding has no points"));
    assert_non_null(strstr(err.message, "verblijfsobject of the BAG light GeoPackage"));
    /* and reports in one */
    const made_layer reports = {"meldingen", 0, wkbNone, FIELDS, homes, 3};
    snprintf(path, sizeof path, "%s", scratch_path("meldingen.gpkg"));
    assert_true(make_file(path, "GPKG", &reports, 1, NULL));
    layer.source = put("adressen.csv", ADDRESSES);
    layer.layer = NULL;
    request.source = path;
    found = locate(&request, NULL);
    assert_string_equal(found, "1 point ((200000 500000))\n2 point ((200010 500000))\n3 none\n"
                               "!3 address-unknown\n");
    free(found);
}

static void test_attributes_alone_ask_for_no_place(void **state)
{
    (void)state;
    rm_request layer = {.source = "nowhere.csv", .geometry = true};
    static const char *const columns[] = {"huisnummer"};
    rm_request request = {.source = put("meldingen.csv", "postcode;huisnummer\n9999AA;1\n"),
                          .columns = columns,
                          .column_count = 1,
                          .locate = &layer};
    char *found = locate(&request, NULL);
    assert_string_equal(found, "1 [1]\n");
    free(found);
}

typedef struct refused {
    const char *reports, *addresses; /* NULL: not there */
    rm_address_fields address;
    rm_status status;
    const char *says[3];
} refused;

static const refused refusals[] = {
    {"id;naam\n1;a\n",
     ADDRESSES,
     {.postcode = NULL},
     RM_ENOTFOUND,
     {"meldingen.csv has no columns with an address", "it has \"id\", \"naam\"",
      "name them with \"address\""}},
    {"postcode;naam\n9999AA;a\n",
     ADDRESSES,
     {.postcode = NULL},
     RM_ENOTFOUND,
     {"looked for postcode and huisnummer", "\"postcode\"", ""}},
    {"postcode;huisnummer\n",
     ADDRESSES,
     {.postcode = "postcode"},
     RM_EINVAL,
     {"\"address\" must name a line, or the number", "", ""}},
    {"postcode;huisnummer\n",
     ADDRESSES,
     {.postcode = "postcod", .number = "huisnummer"},
     RM_ENOTFOUND,
     {"has no field \"postcod\"", "did you mean \"postcode\"?", ""}},
    {"postcode;huisnummer\n9999AA;1\n",
     NULL,
     {.postcode = NULL},
     RM_ENOTFOUND,
     {"the address layer: ", "adressen.csv does not exist", ""}},
    {"postcode;huisnummer\n9999AA;1\n",
     "naam;rd_x;rd_y\na;1;2\n",
     {.postcode = NULL},
     RM_ENOTFOUND,
     {"the address layer: ", "adressen.csv has no columns with a house number and a postcode",
      "verblijfsobject of the BAG light GeoPackage"}},
    {"postcode;huisnummer\n9999AA;1\n",
     "identificatie;hoofdadresNummeraanduidingRef;rd_x;rd_y\n1;2;3;4\n",
     {.postcode = NULL},
     RM_ENOTFOUND,
     {"it has \"identificatie\", \"hoofdadresNummeraanduidingRef\"", "postcode and huisnummer",
      ""}},
    {"postcode;huisnummer\n9999AA;1\n",
     "postcode;huisnummer\n9999AA;1\n",
     {.postcode = NULL},
     RM_EINVAL,
     {"adressen.csv has no points", "verblijfsobject", ""}},
    {"postcode;huisnummer\n9999AA;1\n",
     "postcode;huisnummer;rd_x;rd_y\n9999AA;;200000;500000\n;1;200000;500000\n",
     {.postcode = NULL},
     RM_EINVAL,
     {"none of its 2 rows has a point and a house number", "", ""}},
    {"postcode;huisnummer\n9999AA;1\n",
     "postcode;huisnummer;x;y\n9999AA;1;200000;500000\n",
     {.postcode = NULL},
     RM_ECRS,
     {"the address layer: ", "states no coordinate reference system", ""}},
    {"postcode;huisnummer\n9999AA;1\n",
     "postcode;huisnummer;rd_x;rd_y\n9999AA;1;6.5;52.5\n",
     {.postcode = NULL},
     RM_ECRS,
     {"the address layer: ", "look like longitude/latitude", ""}},
};

static void test_what_cannot_be_done_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refused *c = &refusals[i];
        rm_request layer = {.source = put("adressen.csv", c->addresses ? c->addresses : ""),
                            .geometry = true};
        if (!c->addresses)
            assert_int_equal(unlink(layer.source), 0);
        rm_request request = {.source = put("meldingen.csv", c->reports),
                              .geometry = true,
                              .target_crs = "EPSG:28992",
                              .locate = &layer,
                              .address = c->address,
                              .threads = 1};
        rm_layer *read = NULL;
        err = (rm_error){0};
        rm_status status = read_layer(&read, open_any, &request, &err);
        bool says = status == c->status && err.code == status && !strchr(err.message, '\n');
        for (int k = 0; k < 3; k++)
            says = says && strstr(err.message, c->says[k] ? c->says[k] : "");
        if (!says || read)
            fail_msg("case %d: status %d, \"%s\"", (int)i, status, err.message);
    }
}

/* --- real addresses -------------------------------------------------------------------------- */

static const char *real(const char *name)
{
    static char path[4][600];
    static int next;
    const char *shared = getenv("RISKMAP_SHARED");
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/data/%s", shared ? shared : "", name);
    if (shared && access(path[next], R_OK) == 0)
        return path[next];
    print_message("skipped: %s is not in the shared folder\n", name);
    skip();
    return NULL;
}

/* Writes the addresses of a file as reports, in other words than the file's own. */
static const char *write_reports(const char *addresses, bool as_lines)
{
    static const char *const columns[] = {"openbareruimtenaam",   "huisnummer", "huisletter",
                                          "huisnummertoevoeging", "postcode",   "woonplaatsnaam"};
    rm_request request = {.source = addresses, .columns = columns, .column_count = 6, .threads = 1};
    rm_layer *layer = NULL;
    rm_text text = {0};
    assert_int_equal(read_layer(&layer, open_any, &request, &err), RM_OK);
    rm_text_add(&text, as_lines ? "adres\n" : "postcode;huisnummer\n");
    for (int64_t row = 0; row < layer->rows.table.rows; row++) {
        const char *cell[6];
        int length[6];
        for (int c = 0; c < 6; c++) {
            int64_t n;
            cell[c] = rm_column_text(&layer->rows.table.columns[c], row, &n);
            length[c] = (int)n;
        }
        if (as_lines)
            rm_text_addf(&text, "%.*s %.*s%.*s%s%.*s, %.*s\n", length[0], cell[0], length[1],
                         cell[1], length[2], cell[2], length[3] ? " " : "", length[3], cell[3],
                         length[5], cell[5]);
        else
            rm_text_addf(&text, "%.4s %.2s;%.*s%.*s-%.*s\n", cell[4], cell[4] + 4, length[1],
                         cell[1], length[2], cell[2], length[3], cell[3]);
    }
    assert_int_equal(rm_text_status(&text, &err), RM_OK);
    const char *path = put("zelf.csv", text.data);
    rm_text_clear(&text);
    rm_layer_free(layer);
    return path;
}

static void find_itself(const char *addresses, bool as_lines, rm_provenance *p)
{
    rm_request layer = {.source = addresses, .geometry = true};
    rm_request request = {.source = write_reports(addresses, as_lines),
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 2};
    rm_layer *read = NULL;
    assert_int_equal(read_layer(&read, open_any, &request, &err), RM_OK);
    assert_int_equal(rm_provenance_copy(p, &read->provenance, &err), RM_OK);
    rm_layer_free(read);
}

/* The addresses of a province, looked up in themselves: each is found, but for those that stand
 * there twice, more than 1 m apart. */
static void test_overijssel_finds_itself(void **state)
{
    (void)state;
    rm_provenance p = {0};
    find_itself(real("addresses/bag_adressen_overijssel_2018-11.csv.gz"), false, &p);
    assert_int_equal(p.total, 583365);
    assert_int_equal(p.address_exact, 582089);
    assert_int_equal(p.address_ambiguous, 1276);
    assert_int_equal(p.address_number + p.address_unknown, 0);
    rm_provenance_clear(&p);
}

/* By line, as "Zutphenselaan 1a 2, Deventer". Five are not read back, at "Rijksweg A 1"
 * and "Rijksweg 36". */
static void test_overijssel_finds_itself_by_street(void **state)
{
    (void)state;
    rm_provenance p = {0};
    find_itself(real("addresses/bag_adressen_overijssel_2018-11.csv.gz"), true, &p);
    assert_int_equal(p.total, 583365);
    assert_int_equal(p.address_exact, 582088);
    assert_int_equal(p.address_ambiguous, 1272);
    assert_int_equal(p.address_number, 0);
    assert_int_equal(p.address_unknown, 5);
    rm_provenance_clear(&p);
}

/* A real GeoPackage of addresses, with the names of an older service. */
static void test_amsterdam_noord_as_a_layer(void **state)
{
    (void)state;
    rm_request layer = {
        .source = real("bag/gpkg/bag.gpkg"), .layer = "verblijfsobjecten", .geometry = true};
    rm_request request = {.source = put("meldingen.csv", "postcode;huisnummer;toevoeging\n"
                                                         "1013NJ;1;H\n1013nj;1-1;\n1013NJ;1;Q\n"),
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 2};
    char *found = locate(&request, NULL);
    assert_string_equal(found, "1 point ((121223 489163))\n2 point ((121223 489163))\n"
                               "3 point ((121223 489163))\n!-1 address-layer\n"
                               "!3 address-number\n");
    free(found);
}

/* In an LVBAG extract the numbers have no points and the points no numbers. */
static void test_lvbag_is_no_address_layer(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Nummeraanduiding", "Nummeraanduiding has no points"},
        {"Verblijfsobject", "it has \"gebruiksdoel\", \"oppervlakte\""},
        {NULL, "holds 7 layers"}};
    const char *path = real("bag/lvbag-doesburg-0221/BAGNLDL-15092020-small.zip");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rm_request layer = {.source = path, .layer = cases[i][0], .geometry = true};
        rm_request request = {.source = put("meldingen.csv", "postcode;huisnummer\n9999AA;1\n"),
                              .geometry = true,
                              .locate = &layer};
        rm_layer *read = NULL;
        err = (rm_error){0};
        assert_true(read_layer(&read, open_any, &request, &err) != RM_OK);
        assert_non_null(strstr(err.message, cases[i][1]));
        assert_true(!cases[i][0] || strstr(err.message, "verblijfsobject of the BAG light"));
    }
}

/* --- faults ---------------------------------------------------------------------------------- */

static const char *fault_reports, *fault_addresses;

static rm_status locate_once(rm_error *e)
{
    static const char *const columns[] = {"id"};
    rm_box extent = {0, 400000, 280000, 500001};
    rm_request layer = {.source = fault_addresses, .geometry = true};
    rm_request request = {.source = fault_reports,
                          .geometry = true,
                          .columns = columns,
                          .column_count = 1,
                          .extent = &extent,
                          .target_crs = "EPSG:28992",
                          .locate = &layer,
                          .threads = 1};
    rm_layer *read = NULL;
    rm_status status = read_layer(&read, open_any, &request, e);
    rm_layer_free(read);
    return status;
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    fault_addresses = put("adressen.csv", ADDRESSES);
    fault_reports = put("meldingen.csv", "id;rd_x;rd_y;postcode;huisnummer\n"
                                         "a;;;9999AA;1\nb;;;9999AB;7\nc;;;9999AB;99\n"
                                         "d;210000;490000;;\ne;;;;\nf;x;;9999AA;1c\n");
    torture(locate_once, 300);
}

int main(void)
{
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_every_verdict_and_its_count),
        cmocka_unit_test(test_what_the_issues_say),
        IN_SCRATCH(test_numbers_of_an_issue),
        IN_SCRATCH(test_own_coordinates_come_first),
        IN_SCRATCH(test_counts_are_of_rows_placed_by_address),
        IN_SCRATCH(test_the_extent_holds_for_located_rows),
        IN_SCRATCH(test_a_whole_batch_outside),
        IN_SCRATCH(test_threads_do_not_matter),
        IN_SCRATCH(test_columns_given_by_name),
        IN_SCRATCH(test_columns_guessed),
        IN_SCRATCH(test_the_street_where_the_postcode_is_empty),
        IN_SCRATCH(test_rows_of_the_layer_that_are_no_use),
        IN_SCRATCH(test_a_filter_on_the_layer),
        IN_SCRATCH(test_a_geopackage_of_addresses),
        IN_SCRATCH(test_attributes_alone_ask_for_no_place),
        IN_SCRATCH(test_what_cannot_be_done_is_said),
        IN_SCRATCH(test_overijssel_finds_itself),
        IN_SCRATCH(test_overijssel_finds_itself_by_street),
        IN_SCRATCH(test_amsterdam_noord_as_a_layer),
        IN_SCRATCH(test_lvbag_is_no_address_layer),
        IN_SCRATCH(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
