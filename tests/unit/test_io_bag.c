/* Extracts of the BAG: loose files, folders, archives in archives. */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "formats.h"

static const char pand_rows[] = "0" OUTLINE_ROW "[NL.IMBAG.Pand.0099100000000001] 1960\n"
                                "1" OUTLINE_ROW "[NL.IMBAG.Pand.0099100000000002] 1960\n"
                                "2" OUTLINE_ROW "[NL.IMBAG.Pand.0099100000000003] 1960\n";
static const char vbo_rows[] =
    "0 point ((155050 463050)) [NL.IMBAG.Verblijfsobject.0099010000000001] "
    "[woonfunctie,winkelfunctie] [NL.IMBAG.Pand.0099100000000001,NL.IMBAG.Pand.0099100000000002]\n";
static const char *const pand_columns[] = {"identificatie", "oorspronkelijkBouwjaar"};
static const char *const vbo_columns[] = {"identificatie", "gebruiksdoel", "pandRef"};

/* The objects of several files come in one layer; their feature ids need not be apart. */
static void expect_panden(const char *source, const char *layer)
{
    rm_request request = ask(source, layer, pand_columns, 2);
    rm_layer *got = must_read(&request);
    rm_text text = {0};
    for (int64_t i = 0; i < got->rows.table.rows; i++) {
        got->rows.ids[i] = i;
        render_row(&text, got, i);
    }
    assert_string_equal(text.data, pand_rows);
    assert_string_equal(got->provenance.driver, "LVBAG");
    rm_text_clear(&text);
    rm_layer_free(got);
}

static const char *make_extract(const char *name)
{
    const char *pand = keep_path("0099PND01012024.zip"), *vbo = keep_path("0099VBO01012024.zip");
    zip_member(pand, "0099PND01012024-000001.xml", pand_xml, sizeof pand_xml - 1);
    zip_member(pand, "0099PND01012024-000002.xml", more_xml, sizeof more_xml - 1);
    zip_member(vbo, "0099VBO01012024-000001.xml", vbo_xml, sizeof vbo_xml - 1);
    const char *outer = keep_path(name);
    zip_member(outer, "Leveringsdocument-BAG-Extract.xml", "<a/>", 4);
    zip_file(outer, "0099PND01012024.zip", pand);
    zip_file(outer, "0099VBO01012024.zip", vbo);
    zip_member(outer, "9999Inactief01012024.zip", "x", 1);
    return outer;
}

static void bag_extracts(void **state)
{
    (void)state;
    const char *outer = make_extract("extract.zip");
    expect_panden(keep_path("0099PND01012024.zip"), NULL);
    expect_panden(keep_path("0099PND01012024.zip"), "Pand");
    expect_panden(outer, "pand");
    expect_panden(outer, "Pand");
    expect_panden(outer, "0099PND01012024");
    rm_request request = ask(outer, "verblijfsobject", vbo_columns, 3);
    expect_rows(&request, vbo_rows);
    request = ask(outer, NULL, vbo_columns, 3);
    expect_failure(&request, RM_ENOTFOUND,
                   "in 2 parts: say which with \"layer\"; they are \"Pand\", \"Verblijfsobject\"");
    request.layer = "ligplaats";
    expect_failure(&request, RM_ENOTFOUND, "they are \"Pand\"");
    /* still in its parts, in a folder */
    expect_panden(scratch_folder, "pand");
    rm_listing listing = {0};
    assert_int_equal(rm_list(&listing, outer, &err), RM_OK);
    assert_int_equal(listing.count, 2);
    assert_string_equal(listing.layers[0].name, "Pand");
    rm_listing_clear(&listing);
}

static void bag_files_in_a_folder(void **state)
{
    (void)state;
    write_text(keep_path("0099PND01012024-000001.xml"), pand_xml);
    write_text(keep_path("0099PND01012024-000002.xml"), more_xml);
    write_text(keep_path("0099VBO01012024-000001.xml"), vbo_xml);
    expect_panden(scratch_folder, "pand");
    rm_request request = ask(scratch_folder, "Verblijfsobject", vbo_columns, 3);
    expect_rows(&request, vbo_rows);
    request = ask(keep_path("0099VBO01012024-000001.xml"), NULL, vbo_columns, 3);
    expect_rows(&request, vbo_rows);
    request.layer = "verblijfsobject";
    expect_rows(&request, vbo_rows);
    /* one zip of the loose files, in a folder of their own */
    const char *zip = keep_path("los.zip");
    zip_member(zip, "bag/0099PND01012024-000001.xml", pand_xml, sizeof pand_xml - 1);
    zip_member(zip, "bag/0099PND01012024-000002.xml", more_xml, sizeof more_xml - 1);
    zip_member(zip, "bag/0099VBO01012024-000001.xml", vbo_xml, sizeof vbo_xml - 1);
    expect_panden(zip, "pand");
}

static void parts_without_objects(void **state)
{
    (void)state;
    static const struct {
        const char *root, *says;
    } parts[] = {
        {"<mlm:bagMutaties xmlns:ml=\"http://www.kadaster.nl/schemas/mutatielevering-generiek/"
         "1.0\" xmlns:gml=\"http://www.opengis.net/gml/3.2\"/>",
         "mutations of the BAG"},
        {"<xb:BAG-Extract-Levering xmlns:xb=\"http://www.kadaster.nl/schemas/lvbag/"
         "extract-levering/v20200601\"/>",
         "delivery document"},
        {"<gwr-bestand:BAG-GWR-Deelbestand-LVC xmlns:gwr-bestand=\"www.kadaster.nl/schemas/lvbag/"
         "gwr-deelbestand-lvc/v20200601\"/>",
         "which municipality"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        rm_request request = ask(made("deel.xml", parts[i].root), NULL, NULL, 0);
        expect_failure(&request, RM_EUNSUPPORTED, parts[i].says);
        assert_non_null(strstr(err.message, "full extract"));
        request.source = scratch_folder;
        expect_failure(&request, RM_EUNSUPPORTED, parts[i].says);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bag_extracts),
        TEST(bag_files_in_a_folder),
        TEST(parts_without_objects),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
