/* Files that came from anywhere: what is hostile or malformed is refused within seconds and with a
 * clear word, nothing is fetched, nothing else on the machine is read, and what is sound but looks
 * odd is read all the same. */
#define _GNU_SOURCE
#include "base/text.h"
#include "io/untrusted.h"
#include "io/untrusted_limits.h"

#include <arpa/inet.h>
#include <cpl_conv.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "hostile.h"
#include "layers.h"
#include "scratch.h"

static rm_error err;

/* ---- reading ---- */

static rm_status read_file(const char *name, const char *layer, const char *column, bool geometry,
                           rm_layer **out)
{
    const char *columns[] = {column};
    rm_request request = {.source = scratch_path(name),
                          .layer = layer,
                          .columns = columns,
                          .column_count = column != NULL,
                          .geometry = geometry,
                          .threads = 1};
    return read_layer(out, open_any, &request, &err);
}

static void expect(const char *name, const char *layer, const char *column, rm_status wanted,
                   const char *words)
{
    rm_layer *got = NULL;
    rm_status status = read_file(name, layer, column, true, &got);
    rm_layer_free(got);
    if (status != wanted || (status != RM_OK && !strstr(err.message, words)))
        fail_msg("%s: expected %d with \"%s\", got %d: %s", name, (int)wanted, words, (int)status,
                 status == RM_OK ? "" : err.message);
    if (status != RM_OK) {
        assert_non_null(strstr(err.message, name));
        assert_null(strpbrk(err.message, "\n\r\t\033"));
    }
    if (unlink(scratch_path(name)) != 0)
        fail_msg("%s was taken away", name);
    assert_int_equal(scratch_count(NULL), 0);
}

static void expect_rows(const char *name, const char *layer, const char *column, int64_t rows,
                        const char *first)
{
    rm_layer *got = NULL;
    rm_status status = read_file(name, layer, column, true, &got);
    if (status != RM_OK)
        fail_msg("%s: %s", name, err.message);
    assert_int_equal(got->rows.table.rows, rows);
    if (first) {
        int64_t length;
        const char *text = rm_column_text(&got->rows.table.columns[0], 0, &length);
        assert_int_equal(length, strlen(first));
        assert_memory_equal(text, first, (size_t)length);
    }
    rm_layer_free(got);
    assert_int_equal(unlink(scratch_path(name)), 0);
    assert_int_equal(scratch_count(NULL), 0);
}

/* ---- GeoPackages ---- */

static const char base_sql[] =
    "PRAGMA application_id = 1196444487; PRAGMA user_version = 10200;"
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, "
    " organization TEXT, organization_coordsys_id INTEGER, definition TEXT, description TEXT);"
    "INSERT INTO gpkg_spatial_ref_sys VALUES ('RD', 28992, 'EPSG', 28992, 'EPSG:28992', ''),"
    " ('u', -1, 'NONE', -1, 'undefined', ''), ('u', 0, 'NONE', 0, 'undefined', ''),"
    " ('w', 4326, 'EPSG', 4326, 'EPSG:4326', '');"
    "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, "
    " description TEXT, last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, "
    " max_y DOUBLE, srs_id INTEGER);"
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, "
    " geometry_type_name TEXT, srs_id INTEGER, z TINYINT, m TINYINT);"
    "CREATE TABLE t (fid INTEGER PRIMARY KEY, geom POINT, a TEXT);"
    "INSERT INTO t VALUES (1, x'47500001407100000101000000000000000018084100000000' || "
    " x'00FE1C41', 'een');"
    "UPDATE t SET geom = cast(geom AS BLOB);"
    "INSERT INTO gpkg_contents VALUES "
    " ('t', 'features', 't', '', '2026-01-01T00:00:00Z', 0, 0, 1, 1, 28992);"
    "INSERT INTO gpkg_geometry_columns VALUES ('t', 'geom', 'POINT', 28992, 0, 0);";

#define REGISTER_V                                                                                 \
    "INSERT INTO gpkg_contents VALUES "                                                            \
    " ('v', 'features', 'v', '', '2026-01-01T00:00:00Z', 0, 0, 1, 1, 28992);"                      \
    "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POINT', 28992, 0, 0);"
#define FOREVER "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "

static void make_geopackage(const char *name, const char *sql)
{
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(scratch_path(name), &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    assert_int_equal(sqlite3_exec(db, base_sql, NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", name, why);
    sqlite3_close(db);
}

static void expect_geopackage(const char *sql, const char *layer, rm_status status,
                              const char *words)
{
    make_geopackage("g.gpkg", sql);
    expect("g.gpkg", layer, "a", status, words);
    make_geopackage("g.gpkg", sql);
    zip_file("g.zip", "g.gpkg"); /* the same inside an archive */
    expect("g.zip", layer, "a", status, words);
}

static void geopackages_that_run(void **state)
{
    (void)state;
    expect_geopackage("CREATE VIEW v AS " FOREVER
                      "SELECT x AS fid, (SELECT geom FROM t) AS geom, 'a' AS a FROM c;" REGISTER_V,
                      "v", RM_EUNSUPPORTED, "its view \"v\" recurses");
    expect_geopackage(
        "ALTER TABLE gpkg_contents RENAME TO c0; CREATE VIEW gpkg_contents AS " FOREVER
        "SELECT c0.* FROM c0, c;",
        "t", RM_EUNSUPPORTED, "its system table \"gpkg_contents\" is a view");
    expect_geopackage("ALTER TABLE gpkg_geometry_columns RENAME TO g0; "
                      "CREATE VIEW gpkg_geometry_columns AS SELECT g0.* FROM g0, g0 AS g1;",
                      "t", RM_EUNSUPPORTED, "its system table \"gpkg_geometry_columns\" is a view");
    expect_geopackage(
        "CREATE VIEW v AS SELECT fid, geom, zeroblob(999999999) AS a FROM t;" REGISTER_V, "v",
        RM_EUNSUPPORTED, "calls zeroblob");
    expect_geopackage("CREATE VIEW v AS SELECT fid, geom, printf('%.*c', 999999999, 'x') AS a "
                      "FROM t;" REGISTER_V,
                      "v", RM_EUNSUPPORTED, "calls printf");
    expect_geopackage("CREATE VIEW w AS " FOREVER "SELECT x FROM c; CREATE VIEW v AS "
                      "SELECT fid, geom, (SELECT max(x) FROM w) AS a FROM t;" REGISTER_V,
                      "v", RM_EUNSUPPORTED, "recurses");
    /* a function that SQLite lacks and GDAL has: not called, as the schema is not trusted */
    expect_geopackage("CREATE VIEW v AS SELECT fid, geom, ST_AsText(geom) AS a FROM t;" REGISTER_V,
                      "v", RM_ENOTFOUND, "has no field \"a\"");
}

/* A file cannot get hold of another one. */
static void geopackages_that_read_others(void **state)
{
    (void)state;
    static const char *const modules[] = {"VirtualText('/etc/passwd', 'UTF-8', 0)",
                                          "VirtualShape('/tmp/x', 'UTF-8', 28992)",
                                          "VirtualOGR('/etc/passwd')",
                                          "VirtualXL('/tmp/x.xls')",
                                          "VirtualDbf('/tmp/x', 'UTF-8')",
                                          "csv(filename='/etc/passwd')"};
    for (size_t k = 0; k < sizeof modules / sizeof *modules; k++) {
        rm_text text = {0};
        rm_text_add(&text, "PRAGMA writable_schema = ON; INSERT INTO sqlite_master VALUES "
                           "('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING ");
        for (const char *at = modules[k]; *at; at++)
            if (*at == '\'')
                rm_text_add(&text, "''");
            else
                rm_text_add_n(&text, at, 1);
        rm_text_add(&text, "');" REGISTER_V);
        expect_geopackage(text.data, "v", RM_EUNSUPPORTED, "which can read other files");
        rm_text_clear(&text);
    }
}

static void geopackages_that_are_sound(void **state)
{
    (void)state;
    make_geopackage("g.gpkg", "");
    expect_rows("g.gpkg", "t", "a", 1, "een");
    make_geopackage("g.gpkg", "");
    zip_file("g.zip", "g.gpkg");
    expect_rows("g.zip", NULL, "a", 1, "een");
    make_geopackage("g.gpkg",
                    "CREATE VIEW v AS SELECT fid, geom, upper(a) || '!' AS a FROM t;" REGISTER_V);
    expect_rows("g.gpkg", "v", "a", 1, "EEN!");
    /* a view that nobody asks for is never run, and a trigger never fires */
    make_geopackage("g.gpkg",
                    "CREATE VIEW v AS SELECT randomblob(999999999);"
                    "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT load_extension('x'); END;");
    expect_rows("g.gpkg", "t", "a", 1, "een");
    make_geopackage("g.gpkg",
                    "CREATE VIRTUAL TABLE rtree_t_geom USING rtree(id, minx, maxx, miny, maxy);"
                    "CREATE VIRTUAL TABLE words USING fts5(a);"
                    "CREATE VIEW v AS SELECT fid, geom, a FROM t;" REGISTER_V);
    expect_rows("g.gpkg", "v", "a", 1, "een");
    make_geopackage("g.gpkg", "PRAGMA journal_mode = WAL;");
    expect_rows("g.gpkg", "t", "a", 1, "een");
}

/* Names are quoted wherever they become SQL. */
static void names_that_would_be_sql(void **state)
{
    (void)state;
    static const char *const names[] = {"x\"; DROP TABLE t; --",
                                        "x'; DROP TABLE t; --",
                                        "[x]",
                                        "x]y",
                                        "x`y",
                                        "a b",
                                        "select",
                                        "x\ny",
                                        "x\ty",
                                        "\"",
                                        "'",
                                        "%s%n",
                                        ";",
                                        "--",
                                        "/*",
                                        "x\\\"y",
                                        "\xF0\x9F\x92\xA9",
                                        "1",
                                        "t.a",
                                        "?1",
                                        ":a",
                                        "$a",
                                        "*"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        char *sql = sqlite3_mprintf(
            "ALTER TABLE t RENAME TO \"%w_\"; ALTER TABLE \"%w_\" RENAME COLUMN a TO \"%w\";"
            "ALTER TABLE \"%w_\" RENAME COLUMN geom TO \"g%w\";"
            "UPDATE gpkg_contents SET table_name = '%q_'; "
            "UPDATE gpkg_geometry_columns SET table_name = '%q_', column_name = 'g%q';"
            "CREATE TABLE t (a TEXT)",
            names[k], names[k], names[k], names[k], names[k], names[k], names[k], names[k]);
        char layer[64], note[100];
        make_geopackage("g.gpkg", sql);
        sqlite3_free(sql);
        snprintf(layer, sizeof layer, "%s_", names[k]);
        snprintf(note, sizeof note, "has no field \"nee\"");
        rm_layer *got = NULL;
        assert_int_equal(read_file("g.gpkg", layer, "nee", true, &got), RM_ENOTFOUND);
        assert_non_null(strstr(err.message, note));
        assert_null(strpbrk(err.message, "\n\r\t"));
        assert_int_equal(read_file("g.gpkg", "nee", "nee", true, &got), RM_ENOTFOUND);
        assert_null(strpbrk(err.message, "\n\r\t"));
        expect_rows("g.gpkg", layer, names[k], 1, "een");
    }
}

/* Damage anywhere is a message, never a crash or a wait. */
static void geopackages_that_are_damaged(void **state)
{
    (void)state;
    make_geopackage("g.gpkg", "");
    size_t size;
    char *whole = read_bytes("g.gpkg", &size);
    assert_true(size > 8192);
    for (size_t page = 0; page < size / 4096; page++) {
        static const char fill[] = {0, (char)0xff, 'A', 0x0d};
        for (size_t f = 0; f < sizeof fill; f++) {
            char *hurt = malloc(size);
            rm_layer *got = NULL;
            assert_non_null(hurt);
            memcpy(hurt, whole, size);
            memset(hurt + page * 4096 + (page == 0 ? 100 : 0), fill[f], page == 0 ? 3996 : 4096);
            write_bytes("g.gpkg", hurt, size);
            free(hurt);
            if (read_file("g.gpkg", "t", "a", true, &got) != RM_OK)
                assert_non_null(strstr(err.message, "g.gpkg"));
            rm_layer_free(got);
        }
    }
    write_bytes("g.gpkg", whole, size * 2 / 3);
    free(whole);
    expect("g.gpkg", "t", "a", RM_EFORMAT, "");
    write_text("g.gpkg", "SQLite format 3");
    expect("g.gpkg", "t", "a", RM_EFORMAT, "");
}

/* ---- compressed files ---- */

static void bombs(void **state)
{
    (void)state;
    const int64_t much = RM_UNPACK_FREE / 10 + 100;
    write_gzip("b.csv.gz", "a;x;y\n", "1;200000;4\n", much, "");
    expect("b.csv.gz", NULL, "a", RM_ELIMIT, "unpacks to over 100 MB");
    write_gzip(
        "b.gml.gz",
        "<?xml version=\"1.0\"?><gml:FeatureCollection xmlns:gml=\"http://www.opengis.net/gml\">",
        "          ", much, "</gml:FeatureCollection>");
    expect("b.gml.gz", NULL, NULL, RM_ELIMIT, "unpacks to over 100 MB");
    write_gzip("b.geojson.gz", "{\"type\":\"FeatureCollection\",\"features\":[", "          ", much,
               "]}");
    expect("b.geojson.gz", NULL, NULL, RM_ELIMIT, "unpack it yourself");
    size_t size;
    char *data = repeated("a;x;y\n", "1;200000;4\n", much, "", &size);
    zip_one("b.zip", "b.csv", data, size, 0);
    expect("b.zip", NULL, "a", RM_ELIMIT, "unpacks to over 100 MB");
    zip_one("b.zip", "b.geojson", data, size, 0);
    expect("b.zip", NULL, NULL, RM_ELIMIT, "unpacks to over 100 MB");
    zip_one("b.kmz", "doc.kml", data, size, 0);
    expect("b.kmz", NULL, NULL, RM_ELIMIT, "unpacks to over 100 MB");
    zip_one("b.xlsx", "xl/worksheets/sheet1.xml", data, size, 0);
    expect("b.xlsx", NULL, "a", RM_ELIMIT, "unpacks to over 100 MB");
    zip_one("b.ods", "content.xml", data, size, 0);
    expect("b.ods", NULL, "a", RM_ELIMIT, "unpacks to over 100 MB");
    /* what the listing says is not so */
    zip_one("b.zip", "b.csv", data, size, 22);
    expect("b.zip", NULL, "a", RM_EFORMAT, "holds more than the archive says");
    zip_one("b.zip", "b.geojson", data, size, 22);
    expect("b.zip", NULL, "a", RM_EFORMAT, "holds more than the archive says");
    zip_one("b.zip", "b.csv", "a;x;y\n1;2;3\n", 12, UINT32_C(0xfffffff0));
    expect("b.zip", NULL, "a", RM_ELIMIT, "unpacks to over 100 MB");
    /* a size that is less than nothing to whoever counts with a sign */
    zip out;
    zip_open(&out, "b.zip");
    zip_add(&out, "a.csv", "a;x;y\n1;2;3\n", 12, (UINT64_C(1) << 63) + 5);
    zip_add(&out, "b.csv", data, size, 0);
    zip_close(&out);
    expect("b.zip", "b", "a", RM_ELIMIT, "unpacks to over 100 MB");
    zip_one("s.zip", "s.csv", "a;x;y\n1;2;3\n", 12, 5000);
    expect("s.zip", NULL, "a", RM_EIO, "cannot be read to its end");
    free(data);
}

static void large_but_real(void **state)
{
    (void)state;
    assert_int_equal(rm_unpack_allowed(0), RM_UNPACK_FREE);
    assert_int_equal(rm_unpack_allowed(1000), RM_UNPACK_FREE);
    assert_int_equal(rm_unpack_allowed(RM_UNPACK_FREE), RM_UNPACK_FREE * RM_UNPACK_TIMES);
    assert_int_equal(rm_unpack_allowed(INT64_MAX), RM_UNPACK_MOST);
    assert_int_equal(rm_unpacked_check(1000, RM_UNPACK_FREE, "f", &err), RM_OK);
    assert_int_equal(rm_unpacked_check(1000, RM_UNPACK_FREE + 1, "f", &err), RM_ELIMIT);
    /* 20 MB of one line packs a thousand times, and is taken */
    write_gzip("r.csv.gz", "a;x;y\n", "1;200000;475000\n", 1300000, "");
    expect_rows("r.csv.gz", NULL, "a", 1300000, "1");
}

static void archives_without_end(void **state)
{
    (void)state;
    static const char text[] = "a;x;y\n1;2;3\n";
    zip out;
    zip_one("z0.zip", "a.geojson", text, sizeof text - 1, 0);
    for (int k = 1; k <= 5; k++) {
        char name[16], inner[16];
        snprintf(name, sizeof name, "z%d.zip", k);
        snprintf(inner, sizeof inner, "z%d.zip", k - 1);
        zip_file(name, inner);
    }
    expect("z5.zip", NULL, NULL, RM_ELIMIT, "archives in archives");
    zip_open(&out, "m.zip");
    for (int k = 0; k < 70000; k++) /* a zip without its 64-bit form holds 65,535 */
        zip_add(&out, k % 2 ? "a.geojson" : "b.geojson", "", 0, 0);
    zip_close(&out);
    expect("m.zip", NULL, NULL, RM_ENOTFOUND, "");
    zip_one("c.zip", "a.csv", text, sizeof text - 1, 0);
    cut_file("c.zip", 0.5);
    expect("c.zip", NULL, "a", RM_EFORMAT, "holds no file that can be read as a layer");
    write_text("e.zip", "PK\5\6");
    expect("e.zip", NULL, "a", RM_EFORMAT, "holds no file that can be read as a layer");
    write_gzip("c.csv.gz", text, "1;2;3\n", 1000, "");
    cut_file("c.csv.gz", 0.7);
    expect("c.csv.gz", NULL, "a", RM_EIO, "cannot be read to its end");
}

/* ---- XML ---- */

#define LAUGHS                                                                                     \
    "<!DOCTYPE l [<!ENTITY a \"hahahahaha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"        \
    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">" \
    "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">" \
    "<!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\"><!ENTITY h "                                    \
    "\"&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;\">]>"
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define GML                                                                                        \
    "<wfs:FeatureCollection xmlns:wfs=\"http://www.opengis.net/wfs\" xmlns:app=\"http://app\" "    \
    "xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><app:a gml:id=\"a1\"><app:n>"
#define GML_END "</app:n></app:a></gml:featureMember></wfs:FeatureCollection>"
#define KML     "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><Placemark><name>"
#define KML_END "</name><Point><coordinates>5,52</coordinates></Point></Placemark></Document></kml>"
#define GPX                                                                                        \
    "<gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\"><wpt lat=\"52\" "            \
    "lon=\"5\"><name>"
#define GPX_END "</name></wpt></gpx>"

static void xml_bombs(void **state)
{
    (void)state;
    write_text("x.gml", XML LAUGHS GML "&h;" GML_END);
    expect("x.gml", NULL, NULL, RM_EFORMAT, "entit");
    write_text("x.kml", XML LAUGHS KML "&h;" KML_END);
    expect("x.kml", NULL, NULL, RM_EFORMAT, "entit");
    write_text("x.gpx", XML LAUGHS GPX "&h;" GPX_END);
    expect("x.gpx", "waypoints", NULL, RM_EFORMAT, "entit");
    /* one long entity, asked for many times */
    write_repeated("x.gpx", XML "<!DOCTYPE l [<!ENTITY a \"", "xxxxxxxxxx", 20000,
                   "\">]>" GPX "&a;&a;&a;" GPX_END);
    expect("x.gpx", "waypoints", NULL, RM_EFORMAT, "entit");
    /* another file as an entity */
    write_text("x.kml",
               XML "<!DOCTYPE l [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" KML "&a;" KML_END);
    expect("x.kml", NULL, NULL, RM_EFORMAT, "entit");
    /* far behind a comment, and in UTF-16 */
    write_repeated("x.kml", XML "<!--", " ", 70000, "-->" LAUGHS KML "&h;" KML_END);
    expect("x.kml", NULL, NULL, RM_EFORMAT, "");
    static const char plain[] =
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" LAUGHS KML "&h;" KML_END;
    char wide[2 * sizeof plain + 2] = "\xff\xfe";
    for (size_t i = 0; i + 1 < sizeof plain; i++)
        wide[2 + 2 * i] = plain[i];
    write_bytes("x.kml", wide, 2 * sizeof plain);
    expect("x.kml", NULL, NULL, RM_EFORMAT, "");
    /* in a map inside an archive */
    zip_one("x.kmz", "doc.kml", XML LAUGHS KML "&h;" KML_END,
            sizeof(XML LAUGHS KML "&h;" KML_END) - 1, 0);
    expect("x.kmz", NULL, NULL, RM_EFORMAT, "entities");
    /* nested beyond measure */
    write_repeated("x.kml", XML KML, "<a>", 300000, "");
    expect("x.kml", NULL, NULL, RM_EFORMAT, "");
    write_repeated("x.gml", XML GML, "<app:a>", 300000, "");
    expect("x.gml", NULL, NULL, RM_EFORMAT, "");
}

static void add_part(zip *out, const char *name, const char *text)
{
    zip_add(out, name, text, strlen(text), 0);
}

static void write_workbook(const char *name, const char *sheet, const char *strings)
{
    zip out;
    char padding[4096]; /* GDAL takes nothing under 2 KB for a workbook */
    uint32_t dice = 1;
    for (size_t i = 0; i < sizeof padding; i++)
        padding[i] = (char)((dice = dice * 1664525 + 1013904223) >> 24);
    zip_open(&out, name);
    zip_add(&out, "docProps/thumbnail.bin", padding, sizeof padding, 0);
    add_part(&out, "[Content_Types].xml",
             XML "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
                 "<Default Extension=\"rels\" ContentType=\"application/"
                 "vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" "
                 "ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" "
                 "ContentType=\"application/"
                 "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override "
                 "PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/"
                 "vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>");
    add_part(
        &out, "_rels/.rels",
        XML
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/"
        "relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
    add_part(
        &out, "xl/workbook.xml",
        XML
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
        "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>"
        "<sheet name=\"blad\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>");
    add_part(
        &out, "xl/_rels/workbook.xml.rels",
        XML
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/"
        "relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>");
    add_part(&out, "xl/sharedStrings.xml", strings);
    add_part(&out, "xl/worksheets/sheet1.xml", sheet);
    zip_close(&out);
}

#define SHEET                                                                                      \
    "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>"
#define HEADER                                                                                     \
    "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c><c r=\"B1\" "                   \
    "t=\"inlineStr\"><is>"                                                                         \
    "<t>x</t></is></c><c r=\"C1\" t=\"inlineStr\"><is><t>y</t></is></c></row>"
#define ROW                                                                                        \
    "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>een</t></is></c><c "                          \
    "r=\"B2\"><v>200000</v></c>"                                                                   \
    "<c r=\"C2\"><v>475000</v></c></row>"
#define SHEET_END "</sheetData></worksheet>"
#define STRINGS   XML "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"/>"

static void workbooks(void **state)
{
    (void)state;
    write_workbook("w.xlsx", XML SHEET HEADER ROW SHEET_END, STRINGS);
    expect_rows("w.xlsx", NULL, "a", 1, "een");
    write_workbook("w.xlsx", XML LAUGHS SHEET HEADER ROW SHEET_END, STRINGS);
    expect("w.xlsx", NULL, "a", RM_EFORMAT, "declares a document type or entities");
    write_workbook("w.xlsx", XML SHEET HEADER ROW SHEET_END,
                   XML LAUGHS "<sst><si><t>&h;</t></si></sst>");
    expect("w.xlsx", NULL, "a", RM_EFORMAT, "declares a document type or entities");
    /* a cell at the far corner is no reason to make a billion cells */
    rm_layer *got = NULL;
    write_workbook("w.xlsx",
                   XML SHEET HEADER ROW
                   "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>" SHEET_END,
                   STRINGS);
    (void)read_file("w.xlsx", NULL, "a", true, &got);
    rm_layer_free(got);
    assert_int_equal(unlink(scratch_path("w.xlsx")), 0);
    got = NULL;
    write_workbook(
        "w.xlsx",
        XML SHEET HEADER ROW
        "<row r=\"99999999999\"><c r=\"ZZZZZZZZ99999999999\"><v>1</v></c></row>" SHEET_END,
        STRINGS);
    (void)read_file("w.xlsx", NULL, "a", true, &got);
    rm_layer_free(got);
    assert_int_equal(unlink(scratch_path("w.xlsx")), 0);
    write_workbook("w.xlsx", XML SHEET HEADER "<row r=\"2\"><c r=\"A2\"", STRINGS);
    expect("w.xlsx", NULL, "a", RM_EFORMAT, "is damaged");
}

/* ---- JSON ---- */

static void deep_json(void **state)
{
    (void)state;
    write_repeated(
        "d.geojson",
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geometry\":null,"
        "\"properties\":{\"a\":",
        "[", 500000, "");
    expect("d.geojson", NULL, NULL, RM_EFORMAT, "");
    write_repeated("d.geojson", "", "{\"a\":", 500000, "");
    expect("d.geojson", NULL, NULL, RM_EFORMAT, "");
    write_repeated(
        "d.geojson",
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{},"
        "\"geometry\":",
        "{\"type\":\"GeometryCollection\",\"geometries\":[", 100000, "");
    expect("d.geojson", NULL, NULL, RM_EFORMAT, "");
    write_repeated("d.json", "{\"type\":\"Topology\",\"objects\":", "{\"a\":", 100000, "");
    expect("d.json", NULL, NULL, RM_EFORMAT, "");
    write_text("d.geojson", "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\"");
    expect("d.geojson", NULL, NULL, RM_EFORMAT, "");
}

/* ---- drivers ---- */

/* A list of sources that calls itself something else is not followed. */
static void other_kinds(void **state)
{
    (void)state;
    static const char vrt[] = "<OGRVRTDataSource><OGRVRTLayer name=\"a\"><SrcDataSource>/etc/passwd"
                              "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>";
    static const char *const endings[] = {"vrt", "gpkg",   "geojson", "json", "gml",
                                          "xml", "shp",    "kml",     "gpx",  "dat",
                                          "fgb", "sqlite", "tab",     "xlsx", "zip"};
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        char name[20];
        snprintf(name, sizeof name, "v.%s", endings[k]);
        write_text(name, vrt);
        expect(name, NULL, NULL, RM_EFORMAT, "");
    }
    write_text("s.sql", "CREATE TABLE a (b); INSERT INTO a VALUES (1);");
    expect("s.sql", NULL, NULL, RM_EFORMAT, "");
    static const char *const elsewhere[] = {"/vsicurl/http://127.0.0.1:9/a.gpkg",
                                            "/vsis3/b/a.gpkg",
                                            "/vsizip//vsicurl/http://127.0.0.1:9/a.zip",
                                            "/vsistdin/",
                                            "/vsisubfile/0_10,/etc/passwd",
                                            "/vsitar/a.tgz",
                                            "/vsicrypt/a"};
    for (size_t k = 0; k < sizeof elsewhere / sizeof *elsewhere; k++) {
        rm_source *source = NULL;
        rm_request request = {.source = elsewhere[k], .geometry = true, .threads = 1};
        assert_int_equal(rm_open(NULL, &request, &source, &err), RM_EUNSUPPORTED);
    }
}

/* Sizes in headers that nothing stands behind. */
static void lying_headers(void **state)
{
    (void)state;
    unsigned char shape[100] = {0, 0, 0x27, 0x0a}, table[65] = {3, 126, 1, 1};
    shape[24] = 0x7f, shape[25] = 0xff, shape[26] = 0xff, shape[27] = 0xff; /* words in the file */
    shape[28] = 0xe8, shape[29] = 3, shape[32] = 1;
    write_bytes("h.shp", shape, sizeof shape);
    expect("h.shp", NULL, NULL, RM_EFORMAT, "");
    memset(table + 4, 0xff, 4); /* four billion rows */
    table[8] = 65, table[10] = 0xff, table[11] = 0xff;
    memcpy(table + 32, "A", 1);
    table[43] = 'C', table[48] = 254, table[64] = 13;
    write_bytes("h.dbf", table, sizeof table);
    rm_layer *got = NULL;
    (void)read_file("h.dbf", NULL, NULL, false, &got);
    rm_layer_free(got);
    assert_int_equal(unlink(scratch_path("h.dbf")), 0);
    static const unsigned char buffer[] = {'f',  'g',  'b',  3,    'f', 'g', 'b', 0,
                                           0xff, 0xff, 0xff, 0x7f, 1,   2,   3};
    write_bytes("h.fgb", buffer, sizeof buffer);
    expect("h.fgb", NULL, NULL, RM_ENOTFOUND, "holds no layer");
}

/* ---- the network ---- */

static int listen_here(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(server >= 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server, 8), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return server;
}

static void nobody_called(int server, const char *name)
{
    int caller = accept(server, NULL, NULL);
    if (caller >= 0)
        fail_msg("%s made a connection", name);
}

static void nothing_is_fetched(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"n.geojson",
         "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"link\",\"properties\":{\"href\":\"@/"
         "c\","
         "\"type\":\"proj4\"}},\"features\":[{\"type\":\"Feature\",\"properties\":{\"a\":\"een\"},"
         "\"geometry\":{\"type\":\"Point\",\"coordinates\":[5,52]}}]}"},
        {"n.geojson", "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"url\",\"properties\":{"
                      "\"url\":\"@/c\"}},"
                      "\"features\":[{\"type\":\"Feature\",\"properties\":{\"a\":\"een\"},"
                      "\"geometry\":{\"type\":\"Point\",\"coordinates\":[5,52]}}]}"},
        {"n.geojson", "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{"
                      "\"name\":\"@/c\"}},"
                      "\"features\":[{\"type\":\"Feature\",\"properties\":{\"a\":\"een\"},"
                      "\"geometry\":{\"type\":\"Point\",\"coordinates\":[5,52]}}]}"},
        {"n.kml", XML
         "<kml "
         "xmlns=\"http://www.opengis.net/kml/2.2\"><Document><NetworkLink><Link><href>@/l</href>"
         "</Link></NetworkLink><Placemark><styleUrl>@/s#x</styleUrl><name>een</name><Point>"
         "<coordinates>5,52</coordinates></Point></Placemark></Document></kml>"},
        {"n.gml", XML
         "<wfs:FeatureCollection xmlns:wfs=\"http://www.opengis.net/wfs\" xmlns:app=\"http://app\" "
         "xmlns:gml=\"http://www.opengis.net/gml\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
         "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://app "
         "@/a.xsd "
         "http://www.opengis.net/wfs "
         "@/wfs?request=DescribeFeatureType&amp;typename=a\"><gml:featureMember>"
         "<app:a gml:id=\"a1\"><app:n>een</app:n><app:r xlink:href=\"@/x#a\"/><app:g><gml:Point "
         "srsName=\"@/srs\"><gml:pos>1 2</gml:pos></gml:Point></app:g></app:a></gml:featureMember>"
         "</wfs:FeatureCollection>"},
    };
    int port, server = listen_here(&port);
    setenv("GDAL_HTTP_TIMEOUT", "3", 1);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        rm_text text = {0};
        rm_layer *got = NULL;
        for (const char *at = cases[k][1]; *at; at++)
            if (*at == '@')
                rm_text_addf(&text, "http://127.0.0.1:%d", port);
            else
                rm_text_add_n(&text, at, 1);
        write_text(cases[k][0], text.data);
        rm_text_clear(&text);
        if (read_file(cases[k][0], NULL, NULL, true, &got) != RM_OK)
            fail_msg("%s: %s", cases[k][0], err.message);
        assert_int_equal(got->rows.table.rows, 1);
        if (k < 2)
            assert_true(got->rows.issues.count > 0 &&
                        strstr(got->rows.issues.items[0].text, "nothing is fetched for a file"));
        rm_layer_free(got);
        nobody_called(server, cases[k][0]);
        assert_int_equal(unlink(scratch_path(cases[k][0])), 0);
        assert_int_equal(scratch_count(NULL), 0);
    }
    close(server);
}

/* ---- persons ---- */

static void persons(void **state)
{
    (void)state;
    rm_layer *got = NULL;
    write_text("p.csv", "nr;bsn;x;y\n1;123456782;200000;475000\n");
    expect("p.csv", NULL, "bsn", RM_EDATA, "citizen service numbers (BSN) (by its name)");
    write_text("p.csv", "nr;bsn;x;y\n1;123456782;200000;475000\n");
    expect_rows("p.csv", NULL, "nr", 1, "1"); /* what nobody asks for is in nobody's way */
    rm_text text = {0};
    rm_text_add(&text, "nr;kenmerk;x;y\n");
    for (int n = 100000000, found = 0; found < 40; n++) {
        int sum = -(n % 10), rest = n;
        for (int weight = 2; weight <= 9; weight++)
            sum += weight * ((rest /= 10) % 10);
        if (sum % 11 == 0)
            rm_text_addf(&text, "%d;%d;200000;475000\n", ++found, n);
    }
    write_text("p.csv", text.data);
    rm_text_clear(&text);
    assert_int_equal(read_file("p.csv", NULL, "kenmerk", true, &got), RM_EDATA);
    assert_non_null(strstr(err.message, "column \"kenmerk\" holds citizen service numbers (BSN)"));
    assert_null(strstr(err.message, "10000"));
    rm_request counted = {.source = scratch_path("p.csv"),
                          .columns = (const char *[]){"kenmerk"},
                          .column_count = 1,
                          .threads = 1,
                          .counted = true};
    assert_int_equal(read_layer(&got, open_any, &counted, &err), RM_OK);
    rm_layer_free(got);
    expect_rows("p.csv", NULL, "nr", 40, "1");
    make_geopackage("g.gpkg", "ALTER TABLE t RENAME COLUMN a TO Telefoonnummer");
    expect("g.gpkg", "t", "telefoonnummer", RM_EDATA, "telephone numbers (by its name)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(geopackages_that_run),
        TEST(geopackages_that_read_others),
        TEST(geopackages_that_are_sound),
        TEST(names_that_would_be_sql),
        TEST(geopackages_that_are_damaged),
        TEST(bombs),
        TEST(large_but_real),
        TEST(archives_without_end),
        TEST(xml_bombs),
        TEST(workbooks),
        TEST(deep_json),
        TEST(other_kinds),
        TEST(lying_headers),
        TEST(nothing_is_fetched),
        TEST(persons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
