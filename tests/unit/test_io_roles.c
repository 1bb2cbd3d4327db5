/* What columns are for, guessed from names and contents. */
#define _GNU_SOURCE
#include "base/text.h"
#include "io/open.h"
#include "io/role_names.h"
#include "io/roles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

static rm_error err;

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* "x=rd_x:name and content; ..." in the order of the roles, then the CRS. */
static void render(rm_text *out, const rm_roles *roles, const rm_table *sample)
{
    for (int role = 0; role < RM_ROLES; role++) {
        int32_t column = roles->of[role].column;
        assert_int_equal(column < 0, roles->of[role].sure == RM_SURE_NOT);
        if (column >= 0)
            rm_text_addf(out, "%s=%s:%s; ", rm_role_name((rm_role)role),
                         sample->columns[column].name, rm_sure_name(roles->of[role].sure));
    }
    rm_text_addf(out, "%s%s%s", roles->crs ? roles->crs : "", roles->crs_named ? " named" : "",
                 roles->swapped ? " swapped" : "");
}

static void guess(rm_text *out, const char *text)
{
    char path[512];
    rm_table sample = {0};
    rm_roles roles;
    snprintf(path, sizeof path, "%s", scratch_path("t.csv"));
    write_text(path, text);
    if (rm_roles_sample(&sample, path, NULL, 1000, &err) != RM_OK)
        fail_msg("%s", err.message);
    assert_int_equal(rm_roles_guess(&roles, &sample, &err), RM_OK);
    render(out, &roles, &sample);
    rm_table_clear(&sample);
}

static void columns_have_their_roles(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"Meldingnummer;Datum melding;X-coördinaat;Y-coördinaat;gewicht\n"
         "M1;3-3-2025;210000;500000;1\n",
         "x=X-coördinaat:name and content; y=Y-coördinaat:name and content; date=Datum "
         "melding:name and content; weight=gewicht:name and content; id=Meldingnummer:name and "
         "content; EPSG:28992"},
        {"id;lat;lon;tijdstip\n1;52.5;6.1;2025-03-03 14:05\n",
         "x=lon:name and content; y=lat:name and content; date=tijdstip:name and content; "
         "id=id:name and content; EPSG:4258 named"},
        {"id;lat;lon\n1;6.1;52.5\n2;;\n3;5.2;52.1\n",
         "x=lon:name and content; y=lat:name and content; id=id:name and content; EPSG:4258 named "
         "swapped"},
        {"id;lat;lon\n1;6.1;52.5\n3;52.1;5.2\n",
         "x=lon:name and content; y=lat:name and content; id=id:name and content; EPSG:4258 "
         "named"},
        {"x;y\n500000;210000\n", "x=x:name and content; y=y:name and content; EPSG:28992 swapped"},
        {"x;y\n1;2\n", "x=x:name and content; y=y:name and content; "},
        {"x;y\nhier;daar\n", "x=x:name; y=y:name; "},
        {"postcode;huisnummer;huisletter;toevoeging;straat;woonplaats;tijd\n"
         "7999AA;12;a;;Dorpsstraat;Woldermark;14:05\n7999 ab;3;;hs;1e "
         "Dwarsstraat;Woldermark;9u30\n",
         "time=tijd:name and content; postcode=postcode:name and content; house "
         "number=huisnummer:name and content; house letter=huisletter:name and content; "
         "addition=toevoeging:name and content; street=straat:name; place=woonplaats:name and "
         "content; "},
        {"pc6;huisnr;huisnr_toev;locatie_datum\n7999AA;12;a;3-3-2025\n",
         "date=locatie_datum:name and content; postcode=pc6:name and content; house "
         "number=huisnr:name and content; addition=huisnr_toev:name and content; "},
        {"huisnummer_toevoeging;huisnummer;postcode\nII;12;7999AA\n",
         "postcode=postcode:name and content; house number=huisnummer:name and content; "
         "addition=huisnummer_toevoeging:name and content; "},
        {"nr;adres;plaats\n1;Dorpsstraat 12a;Woldermark\n2;Kerkweg 3;Woldermark\n",
         "address line=adres:name and content; place=plaats:name and content; "},
        {"adres;huisnummer;postcode\nDorpsstraat;12;7999AA\nKerkweg;3;7999AD\n",
         "postcode=postcode:name and content; house number=huisnummer:name and content; "
         "street=adres:name and content; "},
        {"straat;plaats\nDorpsstraat 12a;Woldermark\nKerkweg 3;Woldermark\n",
         "address line=straat:name and content; place=plaats:name and content; "},
        {"a;b;c\n3-3-2025;7999AA;12\n4-3-2025;7999AB;3a\n",
         "date=a:content; postcode=b:content; house number=c:content; "},
        {"a;b\nDorpsstraat 12;q\nPlein 1940-1945 7 II;r\n", "address line=a:content; "},
        {"k;oost;noord\n7;210000;500000\n8;210001;500001\n",
         "x=oost:content; y=noord:content; EPSG:28992"},
        {"k;l;b\nq;6,1;52,5\nr;6,2;52,4\n", "x=l:content; y=b:content; EPSG:4258"},
        /* two columns that could be y, and numbers that are none of these */
        {"a;b;c\n210000;500000;500001\n", ""},
        {"a;b\n1;2\n3;4\n", ""},
        {"bsn;geboortedatum;naam_melder;updated\n1;1-1-1980;p;2-2-2025\n",
         "date=updated:content; "},
        {"datum;datum_melding\nonbekend;3-3-2025\n", "date=datum:name; "},
        {"datum;x;y\n", "x=x:name; y=y:name; date=datum:name; "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rm_text out = {0};
        guess(&out, cases[i].text);
        if (strcmp(out.data, cases[i].expected) != 0)
            fail_msg("%s--- expected\n%s\n--- got\n%s", cases[i].text, cases[i].expected, out.data);
        rm_text_clear(&out);
    }
}

/* Numbers and dates of other sources than text show what they are too. */
static void typed_columns_count(void **state)
{
    (void)state;
    rm_table t = {0};
    rm_roles roles;
    const char *const names[] = {"datum", "huisnummer", "x", "y", "postcode"};
    const rm_type types[] = {RM_DATE, RM_INT64, RM_FLOAT64, RM_INT64, RM_TEXT};
    for (int i = 0; i < 5; i++)
        assert_int_equal(rm_table_add_column(&t, names[i], types[i], &err), RM_OK);
    for (; t.rows < 3; t.rows++) {
        assert_int_equal(rm_column_add_date(&t.columns[0], t.rows, 20000, &err), RM_OK);
        assert_int_equal(rm_column_add_int64(&t.columns[1], t.rows, 12, &err), RM_OK);
        assert_int_equal(rm_column_add_double(&t.columns[2], t.rows, 210000.5, &err), RM_OK);
        assert_int_equal(rm_column_add_int64(&t.columns[3], t.rows, 500000, &err), RM_OK);
        assert_int_equal(rm_column_add_missing(&t.columns[4], t.rows, &err), RM_OK);
    }
    assert_int_equal(rm_roles_guess(&roles, &t, &err), RM_OK);
    rm_text out = {0};
    render(&out, &roles, &t);
    assert_string_equal(out.data, "x=x:name and content; y=y:name and content; date=datum:name and "
                                  "content; postcode=postcode:name; house number=huisnummer:name "
                                  "and content; EPSG:28992");
    rm_text_clear(&out);
    rm_table_clear(&t);
}

static void names_are_matched_whole_and_in_part(void **state)
{
    (void)state;
    assert_int_equal(rm_role_name_rank("Huis Nummer", RM_ROLE_NUMBER, true), 0);
    assert_int_equal(rm_role_name_rank("HUIS_NR.", RM_ROLE_NUMBER, true), 1);
    assert_int_equal(rm_role_name_rank("huisnummers", RM_ROLE_NUMBER, true), -1);
    assert_true(rm_role_name_rank("adres_huisnummer_1", RM_ROLE_NUMBER, false) >= 0);
    assert_int_equal(rm_role_name_rank("", RM_ROLE_NUMBER, true), -1);
    assert_int_equal(
        rm_role_name_rank(
            "een heel lange naam die nergens op lijkt maar wel een datum in zich heeft",
            RM_ROLE_DATE, false),
        -1);
    assert_int_equal(rm_role_name_rank("Geboortedatum", RM_ROLE_DATE, false), -1);
    int x, y;
    const char *crs;
    const char *const names[] = {"X", "Y", "Lat", "Lon"};
    rm_roles_named_xy(names, 4, false, &x, &y, &crs);
    assert_true(x == 3 && y == 2);
    assert_string_equal(crs, "EPSG:4258");
    rm_roles_named_xy(names, 4, true, &x, &y, &crs);
    assert_true(x == 0 && y == 1 && crs == NULL);
    rm_roles_named_xy(names + 1, 2, false, &x, &y, &crs);
    assert_true(x == -1 && y == -1);
    assert_string_equal(rm_roles_axes_crs("RD-X", "rd_y"), "EPSG:28992");
    assert_null(rm_roles_axes_crs("x", "lat"));
}

/* What persons stand in is left out, by its name or by what stands in it. */
static void a_sample_holds_no_persons(void **state)
{
    (void)state;
    char path[512];
    rm_text text = {0};
    rm_table sample = {0};
    rm_text_add(&text, "postcode;geboortedatum;k\n");
    for (int i = 0; i < 40; i++)
        rm_text_addf(&text, "7999A%c;1-1-1980;persoon%d@voorbeeld.nl\n", 'A' + i % 20, i);
    snprintf(path, sizeof path, "%s", scratch_path("t.csv"));
    write_text(path, text.data);
    rm_text_clear(&text);
    assert_int_equal(rm_roles_sample(&sample, path, NULL, 1000, &err), RM_OK);
    assert_int_equal(sample.count, 1);
    assert_int_equal(sample.rows, 40);
    assert_string_equal(sample.columns[0].name, "postcode");
    rm_table_clear(&sample);
}

static void a_sample_of_what_is_not_there(void **state)
{
    (void)state;
    char path[512];
    rm_table sample = {0};
    snprintf(path, sizeof path, "%s", scratch_path("niets.csv"));
    assert_int_equal(rm_roles_sample(&sample, path, NULL, 10, &err), RM_ENOTFOUND);
    assert_null(sample.columns);
    snprintf(path, sizeof path, "%s", scratch_path("t.csv"));
    write_text(path, "a;b\n1;2\n3;4\n5;6\n");
    assert_int_equal(rm_roles_sample(&sample, path, NULL, 2, &err), RM_OK);
    assert_int_equal(sample.rows, 2);
    assert_int_equal(sample.count, 2);
    rm_table_clear(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(columns_have_their_roles, scratch_setup, scratch_teardown),
        cmocka_unit_test(typed_columns_count),
        cmocka_unit_test(names_are_matched_whole_and_in_part),
        cmocka_unit_test_setup_teardown(a_sample_holds_no_persons, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_sample_of_what_is_not_there, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
