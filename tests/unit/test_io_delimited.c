/* Delimited text as it really comes: small dirty files with what must come of them, and large ones
 * that must read alike whatever the number of cursors and wherever the pieces end. */
#define _GNU_SOURCE
#include "base/parallel.h"
#include "base/text.h"
#include "io/open.h"
#include "io/text/csv_parse.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include <cmocka.h>

#include "scratch.h"

static rm_error err;

static void write_bytes(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* All rows in the order of their ids: "1 (10,20) [a][b]", "-" for what is missing, "none" for a row
 * without geometry; then the issues "!1 bad-row". */
static void render_row(rm_text *out, const rm_rows *rows, int64_t row)
{
    rm_text_addf(out, "%lld", (long long)rows->ids[row]);
    if (rows->geometry.features > 0) {
        if (rows->geometry.kind[row] == RM_KIND_POINT) {
            int32_t at = rows->geometry.ring_point[rows->geometry.feature_part[row]];
            rm_text_add(out, " (");
            rm_text_add_double(out, rows->geometry.x[at]);
            rm_text_add(out, ",");
            rm_text_add_double(out, rows->geometry.y[at]);
            rm_text_add(out, ")");
        } else {
            rm_text_add(out, " none");
        }
    }
    for (int32_t c = 0; c < rows->table.count; c++) {
        const rm_column *column = &rows->table.columns[c];
        int64_t length;
        const char *text = rm_column_text(column, row, &length);
        if (rm_column_missing(column, row)) {
            rm_text_add(out, " -");
            continue;
        }
        rm_text_add(out, " [");
        rm_text_add_n(out, text, length);
        rm_text_add(out, "]");
    }
    rm_text_add(out, "\n");
}

static void render(rm_text *out, const rm_layer *layer, rm_issues *issues)
{
    const rm_rows *rows = &layer->rows;
    int64_t count = rows->table.rows;
    for (int64_t id = 1, seen = 0; seen < count; id++) {
        assert_true(id <= count); /* numbered from 1, without gaps */
        for (int64_t row = 0; row < count; row++) {
            if (rows->ids[row] != id)
                continue;
            render_row(out, rows, row);
            seen++;
        }
    }
    rm_issues_sort(issues);
    for (int64_t i = 0; i < issues->count; i++)
        rm_text_addf(out, "!%lld %s%s%s\n", (long long)issues->items[i].feature,
                     rm_issue_code_name((rm_issue_code)issues->items[i].code),
                     issues->items[i].text ? ": " : "",
                     issues->items[i].text ? issues->items[i].text : "");
}

typedef struct dirty {
    const char *name;
    const char *bytes;
    size_t size;          /* 0: strlen */
    const char *columns;  /* wanted, separated by commas; NULL: none */
    const char *expected; /* what render gives, or "ERROR status message part" */
    bool attributes;
    const char *file; /* NULL: "t.csv" */
} dirty;

#define BYTES(text) text, sizeof text - 1

static const dirty files[] = {
    {"semicolons", BYTES("a;x;y\np;1;2\nq;3;4\n"), "a", "1 (1,2) [p]\n2 (3,4) [q]\n", false, NULL},
    {"commas", BYTES("a,x,y\np,1,2\n"), "a", "1 (1,2) [p]\n", false, NULL},
    {"tabs", BYTES("a\tx\ty\np\t1\t2\n"), "a", "1 (1,2) [p]\n", false, "t.tsv"},
    {"bars", BYTES("a|x|y\np|1|2\n"), "a", "1 (1,2) [p]\n", false, "t.txt"},
    {"no newline at the end", BYTES("a;x;y\np;1;2"), "a", "1 (1,2) [p]\n", false, NULL},
    {"CRLF", BYTES("a;x;y\r\np;1;2\r\nq;3;4\r\n"), "y,a", "1 (1,2) [2] [p]\n2 (3,4) [4] [q]\n",
     false, NULL},
    {"CRLF and no newline at the end", BYTES("x;y;a\r\n1;2;p\r\n3;4;q"), "a",
     "1 (1,2) [p]\n2 (3,4) [q]\n", false, NULL},
    {"byte order mark", BYTES("\xEF\xBB\xBFx;y\n1;2\n"), "x", "1 (1,2) [1]\n", false, NULL},
    {"sep line", BYTES("sep=,\na;b,x,y\np;q,1,2\n"), "a;b", "1 (1,2) [p;q]\n", false, NULL},
    {"comma in a header of semicolons", BYTES("naam, plaats;x;y\np, q;1;2\nr;3;4\n"), "NAAM PLAATS",
     "ERROR 10 has no field", false, NULL},
    {"semicolon file with decimal commas", BYTES("x;y;a\n1,5;2,5;p\n-3,25;4,0;q\n"), "a",
     "1 (1.5,2.5) [p]\n2 (-3.25,4) [q]\n", false, NULL},
    {"thousands", BYTES("x;y\n155.000,50;463.000,25\n155.5;463,000.5\n1;15.50.000,5\n"), NULL,
     "1 (155000.5,463000.25)\n2 (155.5,463000.5)\n3 none\n!3 no-coordinate: y is no number\n",
     false, NULL},
    {"blanks around numbers", BYTES("x;y\n 1 ;\t2\n"), NULL, "1 (1,2)\n", false, NULL},
    {"exponents and signs", BYTES("x;y\n1e2;+2\n-1.5E-1;-0\n"), NULL, "1 (100,2)\n2 (-0.15,-0)\n",
     false, NULL},
    {"no numbers", BYTES("x;y\nabc;2\n1;12a\nnan;inf\n"), NULL,
     "1 none\n2 none\n3 none\n!1 no-coordinate: x is no number\n!2 no-coordinate: y is no "
     "number\n!3 no-coordinate: x and y are no numbers\n",
     false, NULL},
    {"empty coordinates", BYTES("x;y;a\n;2;p\n1;;q\n;;r\n"), "a",
     "1 none [p]\n2 none [q]\n3 none [r]\n!1 no-coordinate: x is empty\n!2 no-coordinate: y is "
     "empty\n!3 no-coordinate: x and y are empty\n",
     false, NULL},
    {"empty and unreadable", BYTES("x;y\n;q\nq;\n"), NULL,
     "1 none\n2 none\n!1 no-coordinate: x is empty and y is no number\n!2 no-coordinate: x is no "
     "number and y is empty\n",
     false, NULL},
    {"missing cells at the end", BYTES("x;y;a;b\n1;2;p\n3;4\n5\n"), "a,b",
     "1 (1,2) [p] -\n2 (3,4) - -\n3 none - -\n!3 no-coordinate: y is empty\n", false, NULL},
    {"extra cells", BYTES("x;y;a\n1;2;p;more\n3;4;q\n"), "a", "1 none -\n2 (3,4) [q]\n!1 bad-row\n",
     false, NULL},
    {"extra cells that are empty", BYTES("x;y;a\n1;2;p;;\n3;4;q;\n"), "a",
     "1 (1,2) [p]\n2 (3,4) [q]\n", false, NULL},
    {"quotes", BYTES("x;y;a\n1;2;\"p;q\"\n\"3\";\"4\";\"\"\n"), "a", "1 (1,2) [p;q]\n2 (3,4) -\n",
     false, NULL},
    {"quotes in quotes", BYTES("x;y;a\n1;2;\"say \"\"ja\"\"\"\n3;4;\"\"\"\"\n"), "a",
     "1 (1,2) [say \"ja\"]\n2 (3,4) [\"]\n", false, NULL},
    {"newlines in quotes", BYTES("x;y;a\n1;2;\"p\nq\r\nr\"\n3;4;s\n"), "a",
     "1 (1,2) [p\nq\r\nr]\n2 (3,4) [s]\n", false, NULL},
    {"newline in a quoted name", BYTES("x;y;\"a\nb\"\n1;2;p\n"), "x", "1 (1,2) [1]\n", false, NULL},
    {"quote inside a cell", BYTES("x;y;a\n1;2;5\" pipe\n3;4;q\"\n"), "a",
     "1 (1,2) [5\" pipe]\n2 (3,4) [q\"]\n", false, NULL},
    {"text behind the closing quote", BYTES("x;y;a\n1;2;\"p\"q\n3;4;\"r\"\"s\" t \n"), "a",
     "1 (1,2) [pq]\n2 (3,4) [r\"s t ]\n", false, NULL},
    {"quote that stays open", BYTES("x;y;a\n1;2;p\n3;4;\"q\n5;6;r\n"), "a",
     "ERROR 4 opened in data row 2 is never closed", false, NULL},
    {"quote that stays open in the header", BYTES("x;y;\"a\n1;2;p\n"), NULL, "ERROR 4 does not end",
     false, NULL},
    {"single quotes are text", BYTES("x;y;a\n1;2;'t Hof\n"), "a", "1 (1,2) ['t Hof]\n", false,
     NULL},
    {"blank lines", BYTES("\n\r\nx;y;a\n\n1;2;p\n\n\r\n3;4;q\n\n"), "a",
     "1 (1,2) [p]\n2 (3,4) [q]\n", false, NULL},
    {"a line of blanks is a row", BYTES("x;y;a\n  \n3;4;q\n"), "a",
     "1 none -\n2 (3,4) [q]\n!1 no-coordinate: x and y are empty\n", false, NULL},
    {"rows of delimiters", BYTES("x;y;a\n;;\n3;4;q\n"), "a",
     "1 none -\n2 (3,4) [q]\n!1 no-coordinate: x and y are empty\n", false, NULL},
    {"UTF-8", BYTES("x;y;a\n1;2;caf\xC3\xA9 \xE2\x82\xAC\n"), "a",
     "1 (1,2) [caf\xC3\xA9 \xE2\x82\xAC]\n", false, NULL},
    {"Windows-1252", BYTES("x;y;a\n1;2;caf\xE9 \x80 \x96 \xFF\n"), "a",
     "1 (1,2) [caf\xC3\xA9 \xE2\x82\xAC \xE2\x80\x93 \xC3\xBF]\n", false, NULL},
    {"Windows-1252 in quotes with quotes", BYTES("x;y;a\n1;2;\"\"\"caf\xE9\"\"\"\n"), "a",
     "1 (1,2) [\"caf\xC3\xA9\"]\n", false, NULL},
    {"one row in another encoding", BYTES("x;y;a\n1;2;caf\xC3\xA9\n3;4;caf\xE9\n"), "a",
     "1 (1,2) [caf\xC3\xA9]\n2 (3,4) [caf\xC3\xA9]\n", false, NULL},
    {"bytes of no encoding", BYTES("x;y;a;b\n1;2;p\x81\xE9q;\x9D\n"), "a,b",
     "1 (1,2) [p\xEF\xBF\xBD\xC3\xA9q] [\xEF\xBF\xBD]\n!1 bad-text\n", false, NULL},
    {"bad bytes in a column nobody asked for", BYTES("x;y;a\n1;2;\x81\n"), NULL, "1 (1,2)\n", false,
     NULL},
    {"NUL byte", BYTES("x;y;a\n1;2;p\0q\n"), "a", "1 (1,2) [p\xEF\xBF\xBDq]\n!1 bad-text\n", false,
     NULL},
    {"Windows-1252 in the header", BYTES("x;y;caf\xE9\n1;2;p\n"), "caf\xC3\xA9", "1 (1,2) [p]\n",
     false, NULL},
    {"UTF-16", BYTES("\xFF\xFEx\0\t\0y\0\t\0a\0\n\0001\0\t\0002\0\t\0\xE9\0\x3D\xD8\x00\xDE\n\0"),
     "a", "1 (1,2) [\xC3\xA9\xF0\x9F\x98\x80]\n", false, "t.txt"},
    {"UTF-16, high byte first", BYTES("\xFE\xFF\0x\0;\0y\0\n\0001\0;\0002"), NULL, "1 (1,2)\n",
     false, NULL},
    {"UTF-16 without its mark", BYTES("x\0;\0y\0\n\0001\0;\0002\0\n\0"), NULL, "1 (1,2)\n", false,
     NULL},
    {"UTF-16 cut off in a pair",
     BYTES("\xFF\xFEx\0;\0y\0;\0a\0\n\0001\0;\0002\0;\0q\0\x3D\xD8\x00"), "a",
     "1 (1,2) [q\xEF\xBF\xBD\xEF\xBF\xBD]\n", false, NULL},
    {"UTF-32", BYTES("\xFF\xFE\0\0x\0\0\0;\0\0\0"), NULL, "ERROR 4 UTF-32", false, NULL},
    {"carriage returns alone", BYTES("x;y\r1;2\r3;4"), NULL, "1 (1,2)\n2 (3,4)\n", false, NULL},
    {"workbook by another name", BYTES("PK\3\4xxxxxxxx\n"), NULL, "ERROR 4 workbook", false, NULL},
    {"empty file", "", 0, NULL, "ERROR 4 is empty", false, NULL},
    {"only newlines", BYTES("\n\n"), NULL, "ERROR 4 is empty", false, NULL},
    {"header alone", BYTES("x;y;a\n"), "a", "", false, NULL},
    {"header alone, no newline", BYTES("x;y;a"), "a", "", false, NULL},
    {"no header", BYTES("155000;463000\n1;2\n"), NULL, "ERROR 4 begins with numbers", false, NULL},
    {"names in capitals and blanks", BYTES(" X ; Y ;Naam\n1;2;p\n"), "naam", "1 (1,2) [p]\n", false,
     NULL},
    {"names that differ in case", BYTES("a;A;x;y\np;q;1;2\n"), "A,a", "1 (1,2) [q] [p]\n", false,
     NULL},
    {"the same name twice", BYTES("a;a;x;y\np;q;1;2\n"), "a", "1 (1,2) [p]\n", false, NULL},
    {"names that are empty", BYTES("x;y;;a;\n1;2;;p;\n"), "a", "1 (1,2) [p]\n", false, NULL},
    {"near name", BYTES("x;y;omschrijving\n1;2;p\n"), "omschrijvng",
     "ERROR 10 did you mean \"omschrijving\"?", false, NULL},
    {"no such name", BYTES("x;y;a\n1;2;p\n"), "gebruiksdoel", "ERROR 10 it has \"x\", \"y\", \"a\"",
     false, NULL},
    {"no coordinates", BYTES("a;b\np;q\n"), "a", "ERROR 10 name them with \"x\" and \"y\"", false,
     NULL},
    {"attributes alone", BYTES("a;b\np;q\n;r\n"), "b,a", "1 [q] [p]\n2 [r] -\n", true, NULL},
    {"attributes alone, extra cells", BYTES("a;b\np;q;r\n"), "a", "1 -\n!1 bad-row\n", true, NULL},
    {"one column", BYTES("a\np\n\"q\"\n"), "a", "1 [p]\n2 [q]\n", true, NULL},
    {"leading zeros and long ids stay text", BYTES("x;y;id\n1;2;0193100000012345\n3;4;00012\n"),
     "id", "1 (1,2) [0193100000012345]\n2 (3,4) [00012]\n", false, NULL},
    {"blanks stay", BYTES("x;y;a\n1;2; p \n"), "a", "1 (1,2) [ p ]\n", false, NULL},
    {"formulas are text", BYTES("x;y;a\n1;2;=1+1\n"), "a", "1 (1,2) [=1+1]\n", false, NULL},
};
enum { FILES = sizeof files / sizeof files[0] };

static int split_columns(char *text, const char **columns)
{
    int count = 0;
    for (char *name = strtok(text, ","); name; name = strtok(NULL, ","))
        columns[count++] = name;
    return count;
}

static rm_status read_all(rm_text *out, const rm_request *request)
{
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    rm_status status = rm_open(NULL, request, &source, &err);
    if (status == RM_OK)
        status = rm_source_collect(&layer, source, NULL, NULL, &err);
    if (status == RM_OK) {
        assert_int_equal(layer->provenance.total, layer->rows.table.rows);
        render(out, layer, &layer->rows.issues);
    }
    rm_layer_free(layer);
    rm_source_free(source);
    return status;
}

static void check_dirty(const dirty *d, bool compressed)
{
    char columns_text[64] = "", path[600];
    const char *columns[8];
    snprintf(columns_text, sizeof columns_text, "%s", d->columns ? d->columns : "");
    snprintf(path, sizeof path, "%s%s", scratch_path(d->file ? d->file : "t.csv"),
             compressed ? ".gz" : "");
    if (compressed) {
        gzFile file = gzopen(path, "wb");
        assert_non_null(file);
        if (d->size > 0)
            assert_int_equal(gzwrite(file, d->bytes, (unsigned)d->size), d->size);
        assert_int_equal(gzclose(file), Z_OK);
    } else {
        write_bytes(path, d->bytes, d->size);
    }
    rm_request request = {.source = path, .columns = columns, .geometry = !d->attributes};
    request.column_count = split_columns(columns_text, columns);
    request.threads = compressed ? 2 : 1;
    rm_text out = {0};
    rm_status status = read_all(&out, &request);
    char got[1200];
    if (status != RM_OK)
        snprintf(got, sizeof got, "ERROR %d %s", (int)status, err.message);
    else
        snprintf(got, sizeof got, "%s", out.data ? out.data : "");
    bool right = strcmp(got, d->expected) == 0;
    if (strncmp(d->expected, "ERROR ", 6) == 0 && status != RM_OK) {
        int code = atoi(d->expected + 6);
        right = status == code && strstr(err.message, strchr(d->expected + 6, ' ') + 1);
    }
    if (!right)
        fail_msg("%s:\n--- expected\n%s\n--- got\n%s", d->name, d->expected, got);
    rm_text_clear(&out);
    unlink(path);
}

static void dirty_files(void **state)
{
    (void)state;
    assert_true(FILES >= 40);
    for (int i = 0; i < FILES; i++)
        check_dirty(&files[i], false);
}

static void dirty_files_compressed(void **state)
{
    (void)state;
    for (int i = 0; i < FILES; i++)
        check_dirty(&files[i], true);
}

typedef struct located {
    const char *bytes, *x, *y, *crs, *target;
    const char *expected; /* of the first row, or "ERROR status message part" */
    const char *says;     /* provenance.crs */
} located;

static const located places[] = {
    {"rd_x;rd_y\n155000;463000\n", NULL, NULL, NULL, "EPSG:28992", "1 (155000,463000)\n",
     "EPSG:28992"},
    {"X_RD;Y_RD\n155000;463000\n", NULL, NULL, NULL, "EPSG:28992", "1 (155000,463000)\n",
     "EPSG:28992"},
    {"x;y\n155000;463000\n", NULL, NULL, "EPSG:28992", "EPSG:28992", "1 (155000,463000)\n",
     "EPSG:28992"},
    {"x;y\n155000;463000\n", NULL, NULL, NULL, "EPSG:28992",
     "ERROR 7 states no coordinate reference system: state it as crs", NULL},
    {"x;y\n155000;463000\n", NULL, NULL, NULL, NULL, "1 (155000,463000)\n", NULL},
    {"x;y;lon;lat\n1;2;5.25;52.25\n", NULL, NULL, NULL, "EPSG:4258", "1 (5.25,52.25)\n",
     "EPSG:4258"},
    {"x;y;lon;lat\n5.25;52.25;0;0\n", NULL, NULL, "EPSG:4258", "EPSG:4258", "1 (5.25,52.25)\n",
     "EPSG:4258"},
    {"Latitude,Longitude\n52.25,5.25\n", NULL, NULL, NULL, "EPSG:4258", "1 (5.25,52.25)\n",
     "EPSG:4258"},
    {"oost;noord\n155000;463000\n", "OOST", "noord", "EPSG:28992", "EPSG:28992",
     "1 (155000,463000)\n", "EPSG:28992"},
    {"lon;lat\n5.25;52.25\n", "lon", "lat", NULL, "EPSG:4258", "1 (5.25,52.25)\n", "EPSG:4258"},
    {"oost;noord\n1;2\n", "oost", NULL, "EPSG:28992", "EPSG:28992", "ERROR 2 must both be named",
     NULL},
    {"oost;noord\n1;2\n", "oost", "nord", "EPSG:28992", "EPSG:28992",
     "ERROR 10 did you mean \"noord\"?", NULL},
    {"x;y\n5.25;52.25\n", NULL, NULL, "EPSG:28992", "EPSG:28992",
     "ERROR 7 longitude/latitude: set \"crs\": \"EPSG:4258\"", NULL},
    {"x;y\n52.25;5.25\n", NULL, NULL, "EPSG:28992", "EPSG:28992", "ERROR 7 swapped", NULL},
    {"x;y\n463000;155000\n", NULL, NULL, "EPSG:28992", "EPSG:28992",
     "1 (155000,463000)\n!-1 swapped\n", NULL},
    {"x;y\n463000;155000\n", "x", "y", "EPSG:28992", "EPSG:28992", "ERROR 7 x and y swapped", NULL},
    {"lon;lat\n52.25;5.25\n", NULL, NULL, NULL, "EPSG:4258", "1 (5.25,52.25)\n!-1 swapped\n", NULL},
    {"lon;lat\n52.25;5.25\n", "lon", "lat", NULL, "EPSG:28992",
     "ERROR 7 latitude and longitude are swapped", NULL},
    {"lon;lat\n52.25;5.25\n5.25;52.25\n", NULL, NULL, NULL, "EPSG:4258",
     "1 none\n2 (5.25,52.25)\n!1 outside-crs\n", NULL},
    {"a;oost;noord\np;155000;463000\n", NULL, NULL, NULL, "EPSG:28992",
     "ERROR 10 \"oost\" and \"noord\" look like EPSG:28992", NULL},
    {"postcode;huisnummer\n8765AB;12\n", NULL, NULL, NULL, "EPSG:28992",
     "ERROR 10 by their address with \"locate\"", NULL},
    {"lon;lat\n155000;463000\n", NULL, NULL, NULL, "EPSG:28992", "ERROR 7 look like RD New", NULL},
    {"x;y\n0;0\n155000;463000\n", NULL, NULL, "EPSG:28992", "EPSG:28992",
     "1 none\n2 (155000,463000)\n!1 outside-crs\n", "EPSG:28992"},
    {"x;y\n;\n", NULL, NULL, "EPSG:28992", "EPSG:28992",
     "1 none\n!1 no-coordinate: x and y are empty\n", "EPSG:28992"},
    {"x;y\n1;2\n", NULL, NULL, "EPSG:99999", "EPSG:28992", "ERROR 7 \"EPSG:99999\"", NULL},
};

static void coordinates_and_crs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const located *p = &places[i];
        char path[512];
        snprintf(path, sizeof path, "%s", scratch_path("t.csv"));
        write_bytes(path, p->bytes, strlen(p->bytes));
        rm_request request = {.source = path,
                              .x = p->x,
                              .y = p->y,
                              .crs = p->crs,
                              .target_crs = p->target,
                              .geometry = true,
                              .threads = 1};
        rm_text out = {0};
        rm_source *source = NULL;
        rm_status status = rm_open(NULL, &request, &source, &err);
        if (status == RM_OK && p->says)
            assert_string_equal(source->provenance.crs, p->says);
        rm_source_free(source);
        status = read_all(&out, &request);
        if (strncmp(p->expected, "ERROR ", 6) == 0) {
            const char *part = strchr(p->expected + 6, ' ') + 1;
            if (status != atoi(p->expected + 6) || !strstr(err.message, part))
                fail_msg("case %d: expected %s, got %d %s", (int)i, p->expected, (int)status,
                         status ? err.message : out.data);
        } else {
            if (status != RM_OK)
                fail_msg("case %d: %s", (int)i, err.message);
            assert_string_equal(out.data, p->expected);
        }
        rm_text_clear(&out);
    }
}

static void provenance_tells_the_file_apart(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("t.csv"));
    write_bytes(path, "lon;lat\n5.25;52.25\n", 19);
    rm_request request = {.source = path, .target_crs = "EPSG:28992", .geometry = true};
    rm_source *source = NULL;
    assert_int_equal(rm_open(NULL, &request, &source, &err), RM_OK);
    const rm_provenance *p = &source->provenance;
    assert_string_equal(p->source, path);
    assert_string_equal(p->driver, "Delimited text");
    assert_non_null(strstr(p->fingerprint, "size 19, modified 20"));
    assert_int_equal(p->fingerprint[strlen(p->fingerprint) - 1], 'Z');
    assert_non_null(strstr(p->crs_operation, "RD New"));
    assert_true(p->crs_accuracy_m > 0);
    rm_source_free(source);
}

static void missing_file_names_its_neighbour(void **state)
{
    (void)state;
    char path[512];
    write_bytes(scratch_path("meldingen.csv"), "x;y\n", 4);
    snprintf(path, sizeof path, "%s", scratch_path("melding.csv"));
    rm_request request = {.source = path, .geometry = true};
    rm_source *source = NULL;
    assert_int_equal(rm_open(NULL, &request, &source, &err), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "did you mean \"meldingen.csv\"?"));
    assert_null(source);
    rm_listing listing = {0};
    assert_int_equal(rm_list(&listing, path, &err), RM_ENOTFOUND);
}

static void cut_off_gzip_is_an_error(void **state)
{
    (void)state;
    char path[512], bytes[8192];
    snprintf(path, sizeof path, "%s", scratch_path("t.csv.gz"));
    gzFile file = gzopen(path, "wb");
    gzprintf(file, "x;y\n");
    for (int i = 0; i < 20000; i++)
        gzprintf(file, "%d;%d\n", i * 7919 % 10007, i);
    gzclose(file);
    FILE *plain = fopen(path, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, plain);
    fclose(plain);
    assert_int_equal(size, sizeof bytes); /* the file is longer */
    write_bytes(path, bytes, size);
    rm_request request = {.source = path, .geometry = true};
    rm_text out = {0};
    assert_int_equal(read_all(&out, &request), RM_EIO);
    assert_non_null(strstr(err.message, "cut off"));
    rm_text_clear(&out);
}

/* Rows with quotes, newlines in quotes and blank lines here and there, longer
 * than several pieces. */
static void write_large(const char *path, int rows, bool quotes)
{
    FILE *file = fopen(path, "wb");
    uint64_t seed = 42;
    fprintf(file, "naam;x;nr;y;tekst\n");
    for (int i = 1; i <= rows; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        int r = (int)(seed >> 40) & 0xffff, length = r & 63;
        const char *q = quotes && r % 5 == 0 ? "\"" : "";
        fprintf(file, "%snaam%d%s;%d,5;%s%d%s;%d.25;", q, i, q, i, q, i, q, r);
        if (quotes && r % 7 == 0)
            fprintf(file, "\"%.*s\n\"\"%d\"\"\r\n;\"", length,
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", i);
        else
            fprintf(file, "%.*s", length,
                    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
        fprintf(file, r % 11 == 0 ? "\r\n\r\n\n" : "\n");
    }
    fclose(file);
}

typedef struct gathering {
    rm_source *source;
    rm_rows rows[8];
    int64_t *of_row; /* [rows + 1] how often each row came */
    int64_t count, bad;
    rm_mutex *lock;
} gathering;

static rm_status gather(void *context, int worker, rm_error *error)
{
    gathering *g = context;
    while (worker < g->source->cursors) {
        rm_rows *rows = &g->rows[worker];
        RM_TRY(g->source->next(g->source, worker, rows, error));
        if (rows->table.rows == 0)
            break;
        rm_mutex_lock(g->lock);
        for (int64_t i = 0; i < rows->table.rows; i++) {
            int64_t id = rows->ids[i], length;
            char name[32];
            if (id < 1 || id > g->count) {
                g->bad++;
                continue;
            }
            g->of_row[id]++;
            const char *text = rm_column_text(&rows->table.columns[0], i, &length);
            snprintf(name, sizeof name, "naam%d", (int)id);
            bool right = length == (int64_t)strlen(name) && memcmp(text, name, strlen(name)) == 0;
            g->bad += !right || rows->geometry.x[i] != (double)id + 0.5;
        }
        rm_mutex_unlock(g->lock);
    }
    return RM_OK;
}

static void check_large(const char *path, int rows, int threads)
{
    static const char *const columns[] = {"naam", "tekst"};
    rm_request request = {.source = path,
                          .columns = columns,
                          .column_count = 2,
                          .geometry = true,
                          .threads = threads};
    gathering g = {.count = rows};
    assert_int_equal(rm_mutex_new(&g.lock, &err), RM_OK);
    assert_int_equal(RM_NEW_ZERO(&g.of_row, rows + 1, &err), RM_OK);
    assert_int_equal(rm_open_delimited(&request, &g.source, &err), RM_OK);
    assert_int_equal(g.source->cursors, threads);
    if (rm_workers(threads, gather, &g, &err) != RM_OK)
        fail_msg("%s", err.message);
    assert_int_equal(g.source->finish(g.source, &err), RM_OK);
    assert_int_equal(g.source->provenance.total, rows);
    assert_int_equal(g.bad, 0);
    for (int i = 1; i <= rows; i++)
        assert_int_equal(g.of_row[i], 1);
    for (int i = 0; i < 8; i++)
        rm_rows_clear(&g.rows[i]);
    rm_release(g.of_row);
    rm_mutex_free(g.lock);
    rm_source_free(g.source);
}

static void cursors_share_a_file_soundly(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("large.csv"));
    for (int quotes = 0; quotes < 2; quotes++) {
        write_large(path, 70000, quotes != 0);
        for (int threads = 1; threads <= 4; threads *= 2)
            check_large(path, 70000, threads);
    }
}

/* Cells longer than a piece, over the border of one. */
static void long_cells(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("t.csv"));
    FILE *file = fopen(path, "wb");
    fprintf(file, "x;y;a\n1;2;p\n3;4;\"");
    for (int i = 0; i < 3000000; i++)
        fputc(i % 1000 == 0 ? '\n' : 'z', file);
    fprintf(file, "\"\n5;6;q\n");
    fclose(file);
    static const char *const columns[] = {"a"};
    rm_request request = {.source = path, .columns = columns, .column_count = 1, .geometry = true};
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    assert_int_equal(rm_open(NULL, &request, &source, &err), RM_OK);
    assert_int_equal(rm_source_collect(&layer, source, NULL, NULL, &err), RM_OK);
    assert_int_equal(layer->rows.table.rows, 3);
    int64_t length;
    rm_column_text(&layer->rows.table.columns[0], 1, &length);
    assert_int_equal(length, 3000000);
    assert_true(layer->rows.geometry.x[2] == 5);
    rm_layer_free(layer);
    rm_source_free(source);
}

/* An extent that leaves whole pieces without a row must not look like the end. */
static void extent_leaves_pieces_empty(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("t.csv"));
    FILE *file = fopen(path, "wb");
    fprintf(file, "rd_x;rd_y\n");
    for (int i = 0; i < 300000; i++)
        fprintf(file, "%d;463000\n", i == 0 || i == 299999 ? 155000 : 200000);
    fprintf(file, ";\n");
    fclose(file);
    rm_box extent = {154000, 462000, 156000, 464000};
    for (int threads = 1; threads <= 2; threads++) {
        rm_request request = {.source = path,
                              .geometry = true,
                              .target_crs = "EPSG:28992",
                              .extent = &extent,
                              .threads = threads};
        rm_source *source = NULL;
        rm_layer *layer = NULL;
        assert_int_equal(rm_open(NULL, &request, &source, &err), RM_OK);
        assert_int_equal(rm_source_collect(&layer, source, NULL, NULL, &err), RM_OK);
        assert_int_equal(layer->rows.table.rows, 3);
        assert_int_equal(layer->provenance.total, 300001);
        assert_int_equal(layer->provenance.outside, 299998);
        assert_int_equal(layer->rows.issues.count, 1);
        assert_int_equal(layer->rows.issues.items[0].feature, 300001);
        rm_layer_free(layer);
        rm_source_free(source);
    }
}

/* The scanner against a state machine of a few lines. */
static void scanner_agrees_with_a_plain_one(void **state)
{
    (void)state;
    static const char alphabet[] = ";;\"\"\n\nab\r";
    char memory[RM_CSV_BEFORE + 200 + RM_CSV_BEHIND];
    char *text = memory + RM_CSV_BEFORE;
    uint64_t seed = 7;
    for (int round = 0; round < 200000; round++) {
        memset(memory, 0, sizeof memory);
        memset(memory, '\n', RM_CSV_BEFORE);
        int size = (int)((seed >> 33) % 90);
        for (int i = 0; i < size; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
            text[i] = alphabet[(seed >> 33) % (sizeof alphabet - 1)];
        }
        int64_t end, records, counted = 0, count;
        (void)rm_csv_cut(text, size, ';', &end, &records);
        /* what lies behind the end must not matter */
        rm_csv_scan scan;
        rm_csv_cell cells[100];
        bool beyond;
        rm_csv_start(&scan, text, end, ';');
        int at = 0;
        while (rm_csv_record(&scan, cells, 100, &count, &beyond)) {
            counted++;
            for (int c = 0; c < count; c++) {
                char want[100], got[100];
                int n = 0;
                while (c == 0 && (text[at] == '\n' || (text[at] == '\r' && text[at + 1] == '\n')))
                    at++;
                bool quoted = text[at] == '"';
                at += quoted;
                for (;; at++) {
                    if (quoted && text[at] == '"' && text[at + 1] == '"')
                        want[n++] = text[++at - 1];
                    else if (quoted && text[at] == '"')
                        quoted = false;
                    else if (!quoted && (text[at] == ';' || text[at] == '\n'))
                        break;
                    else
                        want[n++] = text[at];
                }
                if (text[at] == '\n' && n > 0 && text[at - 1] == '\r')
                    n--;
                want[n] = '\0';
                assert_int_equal(text[at] == '\n', c + 1 == count);
                at++;
                rm_text content = {0};
                if (cells[c].raw)
                    rm_csv_unquote(&content, &cells[c]);
                else
                    rm_text_add_n(&content, cells[c].at, cells[c].length);
                snprintf(got, sizeof got, "%.*s", (int)content.length, content.data);
                assert_string_equal(got, want);
                rm_text_clear(&content);
            }
        }
        assert_int_equal(counted, records);
    }
}

static void listing(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("meldingen.2024.csv"));
    write_bytes(path, "id;LON;LAT;datum\n", 17);
    rm_listing list = {0};
    assert_int_equal(rm_list(&list, path, &err), RM_OK);
    assert_string_equal(list.driver, "Delimited text");
    assert_int_equal(list.count, 1);
    assert_string_equal(list.layers[0].name, "meldingen");
    assert_string_equal(list.layers[0].geometry_type, "Point");
    assert_string_equal(list.layers[0].crs, "EPSG:4258");
    assert_int_equal(list.layers[0].features, -1);
    assert_int_equal(list.layers[0].columns.count, 4);
    assert_string_equal(list.layers[0].columns.columns[3].name, "datum");
    rm_listing_clear(&list);
}

/* The addresses of a province: real, compressed. */
static void real_addresses(void **state)
{
    (void)state;
    const char *shared = getenv("RISKMAP_SHARED");
    char path[1024];
    snprintf(path, sizeof path, "%s/data/addresses/bag_adressen_overijssel_2018-11.csv.gz",
             shared ? shared : "");
    if (!shared || access(path, R_OK) != 0) {
        printf("skipped: no addresses in RISKMAP_SHARED\n");
        skip();
    }
    static const char *const columns[] = {"postcode", "huisnummer"};
    rm_request request = {.source = path,
                          .columns = columns,
                          .column_count = 2,
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .threads = 2};
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    assert_int_equal(rm_open(NULL, &request, &source, &err), RM_OK);
    assert_int_equal(rm_source_collect(&layer, source, NULL, NULL, &err), RM_OK);
    assert_int_equal(layer->rows.table.rows, 583365);
    assert_int_equal(layer->rows.issues.count, 0);
    rm_box box = rm_geometry_extent(&layer->rows.geometry);
    assert_true(box.xmin > 182000 && box.xmax < 270000 && box.ymin > 459000 && box.ymax < 541000);
    rm_layer_free(layer);
    rm_source_free(source);
}

int main(void)
{
    (void)setlocale(LC_ALL, "");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(dirty_files, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(dirty_files_compressed, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(coordinates_and_crs, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(provenance_tells_the_file_apart, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(missing_file_names_its_neighbour, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(cut_off_gzip_is_an_error, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(cursors_share_a_file_soundly, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(long_cells, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(extent_leaves_pieces_empty, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test(scanner_agrees_with_a_plain_one),
        cmocka_unit_test_setup_teardown(listing, scratch_setup, scratch_teardown),
        cmocka_unit_test(real_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
