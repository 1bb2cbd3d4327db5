/* Sources recognised by their names: every row of the table with a file of its own, and the names
 * that its fields have. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "profiles.h"

enum { MOST_NAMES = 64 };
typedef struct names {
    char *name[MOST_NAMES];
    int32_t count;
} names;

static void add_name(names *list, const char *name, size_t length)
{
    char copy[128];
    while (length > 0 && name[0] == '*') {
        name++;
        length--;
    }
    while (length > 0 && name[length - 1] == '*')
        length--;
    snprintf(copy, sizeof copy, "%.*s", (int)length, name);
    for (int32_t i = 0; i < list->count; i++)
        if (rm_text_equal_nocase(list->name[i], copy))
            return;
    assert_true(list->count < MOST_NAMES);
    list->name[list->count++] = strdup(copy);
}

/* The first name of a list, or the last. */
static void add_one_of(names *list, const char *alternatives, bool last)
{
    const char *at = alternatives, *comma = strrchr(alternatives, ',');
    if (last && comma)
        at = comma + 1;
    add_name(list, at, strcspn(at, ","));
}

static void clear_names(names *list)
{
    for (int32_t i = 0; i < list->count; i++)
        free(list->name[i]);
    list->count = 0;
}

static void table_of(rm_table *columns, const names *list)
{
    for (int32_t i = 0; i < list->count; i++)
        assert_int_equal(rm_table_add_column(columns, list->name[i], RM_TEXT, NULL), RM_OK);
}

static const rm_profile *match_of(const char *layer, const names *list)
{
    rm_table columns = {0};
    table_of(&columns, list);
    const rm_profile *found = rm_profile_match(layer, &columns);
    rm_table_clear(&columns);
    return found;
}

static void layer_of(const rm_profile *profile, char *out, size_t size)
{
    names one = {{NULL}, 0};
    add_one_of(&one, profile->layer ? profile->layer : "laag", false);
    snprintf(out, size, "%s", one.name[0]);
    clear_names(&one);
}

static void identifying(const rm_profile *profile, names *list, bool last)
{
    for (int f = 0; f < RM_PROFILE_FIELDS && profile->identify[f]; f++)
        add_one_of(list, profile->identify[f], last);
}

/* A row that stands behind one that asks for less would never be found. */
static void test_every_row_is_found(void **state)
{
    (void)state;
    int32_t count;
    const rm_profile *table = rm_profile_table(&count);
    assert_true(count > 40);
    for (int32_t p = 0; p < count; p++) {
        char layer[64];
        layer_of(&table[p], layer, sizeof layer);
        for (int last = 0; last < 2; last++) {
            names list = {{NULL}, 0};
            identifying(&table[p], &list, last);
            const rm_profile *found = match_of(layer, &list);
            if (found != &table[p])
                fail_msg("%s is taken for %s", table[p].name, found ? found->name : "nothing");
            /* and each of its fields is needed */
            names less = list;
            less.count--;
            assert_ptr_not_equal(match_of("laag", &less), &table[p]);
            clear_names(&list);
        }
        assert_non_null(strchr(table[p].name, '.'));
        const rm_profile *named = NULL;
        assert_int_equal(rm_profile_find(&named, table[p].name, &err), RM_OK);
        assert_ptr_equal(named, &table[p]);
    }
}

static void test_names_do_not_repeat(void **state)
{
    (void)state;
    int32_t count;
    const rm_profile *table = rm_profile_table(&count);
    for (int32_t p = 0; p < count; p++) {
        for (int32_t q = 0; q < p; q++)
            assert_string_not_equal(table[p].name, table[q].name);
        for (const rm_profile_field *f = table[p].fields; f && f->name; f++)
            for (const rm_profile_field *g = table[p].fields; g != f; g++)
                if (strcmp(f->name, g->name) == 0)
                    fail_msg("%s has %s twice", table[p].name, f->name);
    }
}

/* A file with the row's fields and its rules' fields: one line that is in force, and for each rule
 * one that is not. */
static int32_t write_source(const rm_profile *profile, const char *path, const names *list)
{
    FILE *file = fopen(path, "wb");
    int32_t lines = 0;
    assert_non_null(file);
    for (int32_t c = 0; c < list->count; c++)
        fprintf(file, "%s\"%s\"", c > 0 ? ";" : "", list->name[c]);
    const rm_current_rule *rules = profile->current;
    do {
        const rm_current_rule *broken = lines == 0 ? NULL : &rules[lines - 1];
        fprintf(file, "\n");
        for (int32_t c = 0; c < list->count; c++) {
            const char *cell = "7";
            for (const rm_current_rule *r = rules; r && r->fields; r++) {
                if (!rm_name_fits(list->name[c], (int64_t)strlen(list->name[c]), r->fields))
                    continue;
                cell = r->kind == RM_MUST_BE ? "Geldig" : "";
                if (r == broken)
                    cell = r->kind == RM_MUST_BE           ? "Vervallen"
                           : r->kind == RM_MUST_NOT_BE     ? "Naamgeving ingetrokken"
                           : r->kind == RM_MUST_HAVE_BEGUN ? "2024-07-01"
                                                           : "2024-05-31";
            }
            fprintf(file, "%s%s", c > 0 ? ";" : "", cell);
        }
        lines++;
    } while (rules && rules[lines - 1].fields);
    fprintf(file, "\n");
    fclose(file);
    return lines;
}

static void test_every_row_with_a_file(void **state)
{
    (void)state;
    int32_t count;
    const rm_profile *table = rm_profile_table(&count);
    for (int32_t p = 0; p < count; p++) {
        const rm_profile *profile = &table[p];
        char layer[64], name[80], wanted_names[MOST_NAMES][96];
        const char *wanted[MOST_NAMES];
        names list = {{NULL}, 0};
        int32_t wanted_count = 0;
        layer_of(profile, layer, sizeof layer);
        identifying(profile, &list, false);
        for (const rm_current_rule *r = profile->current; r && r->fields; r++)
            add_one_of(&list, r->fields, false);
        for (const rm_profile_field *f = profile->fields; f && f->name; f++) {
            names more = list;
            if (f->fields[0])
                add_one_of(&more, f->fields, false);
            else
                add_one_of(&more, f->hectares, false);
            if (match_of(layer, &more) != profile)
                free(more.name[list.count]); /* with it, it would be another one */
            else {
                list = more;
                const char *object = strchr(profile->name, '.') + 1;
                snprintf(wanted_names[wanted_count], sizeof *wanted_names, "%s.%s.%s",
                         profile->family, object, f->name);
                wanted[wanted_count] = wanted_names[wanted_count];
                wanted_count++;
            }
        }
        snprintf(name, sizeof name, "%s.csv", layer);
        int32_t lines = write_source(profile, scratch_path(name), &list);
        rm_request request = request_of(scratch_path(name), wanted, wanted_count);
        request.as_of = rm_date_from_civil(2024, 6, 1);
        rm_layer *read = read_with(&request);
        assert_string_equal(read->provenance.profile, profile->name);
        assert_int_equal(read->provenance.total, lines);
        if (read->provenance.ended != lines - 1)
            fail_msg("%s: %d of %d ended", profile->name, (int)read->provenance.ended, lines - 1);
        assert_int_equal(read->rows.table.rows, 1);
        assert_int_equal(read->rows.table.count, wanted_count);
        for (int32_t c = 0; c < wanted_count; c++)
            assert_string_equal(read->rows.table.columns[c].name, wanted[c]);
        rm_layer_free(read);
        clear_names(&list);
    }
}

static void test_the_same_name_reads_both_sources(void **state)
{
    (void)state;
    static const char *const spellings[] = {"bag.pand.bouwjaar", "BAG.Pand.Bouwjaar", "bouwjaar",
                                            "Bouwjaar"};
    write_text(scratch_path("light.csv"), LIGHT);
    for (size_t s = 0; s < sizeof spellings / sizeof *spellings; s++) {
        rm_request request = request_of(scratch_path("light.csv"), &spellings[s], 1);
        rm_layer *layer = read_with(&request);
        assert_cells(layer, 0, "[1985]");
        assert_string_equal(layer->rows.table.columns[0].name, spellings[s]);
        assert_string_equal(layer->provenance.profile, "bag-light.pand");
        rm_layer_free(layer);
    }
    write_text(scratch_path("lvbag.csv"), LVBAG);
    for (size_t s = 0; s < sizeof spellings / sizeof *spellings; s++) {
        rm_request request = request_of(scratch_path("lvbag.csv"), &spellings[s], 1);
        rm_layer *layer = read_with(&request);
        assert_cells(layer, 0, "[1986]");
        assert_int_equal(layer->rows.table.count, 1);
        assert_string_equal(layer->rows.table.columns[0].name, spellings[s]);
        assert_string_equal(layer->provenance.profile, "lvbag.pand");
        rm_layer_free(layer);
    }
    static const char *const own[] = {"lvbag.pand.bouwjaar", "oorspronkelijkBouwjaar",
                                      "oorspronkelijkbouwjaar", "bag.pand.oorspronkelijkBouwjaar",
                                      "bouwjaar"};
    rm_request request = request_of(scratch_path("lvbag.csv"), own, 5);
    rm_layer *layer = read_with(&request);
    assert_cells(layer, 0, "[1986] [1986] [1986] [1986] [1986]");
    rm_layer_free(layer);
}

/* A field that is there under its own name is that field, whatever a profile calls by that name. */
static void test_a_field_of_its_own_comes_first(void **state)
{
    (void)state;
    static const char *const wanted[] = {"naam", "bag.pand.bouwjaar", "ibis.terrein.naam"};
    write_text(scratch_path("ibis.csv"), "RIN_NUMMER;PLAN_NAAM;naam;bag.pand.bouwjaar\n"
                                         "12;Kluis;eigen;1900\n");
    rm_request request = request_of(scratch_path("ibis.csv"), wanted, 3);
    rm_layer *layer = read_with(&request);
    assert_cells(layer, 0, "[eigen] [1900] [Kluis]");
    rm_layer_free(layer);
}

static void test_names_that_are_not_there(void **state)
{
    (void)state;
    const char *wanted = "bag.pand.bouwjarr";
    write_text(scratch_path("light.csv"), LIGHT);
    write_text(scratch_path("plain.csv"), "a,bouwjaar\n1,1985\n");
    rm_request request = request_of(scratch_path("light.csv"), &wanted, 1);
    assert_refused(&request, RM_ENOTFOUND,
                   "was recognised as BAG light: pand (bag-light.pand), in which there is no "
                   "\"bag.pand.bouwjarr\"; it can have \"identificatie\", \"bouwjaar\"");
    wanted = "brk.perceel.sectie";
    assert_refused(&request, RM_ENOTFOUND, "there is no \"brk.perceel.sectie\"");
    wanted = "bag.pand.oppervlakte_min"; /* known, but this file lacks it */
    assert_refused(&request, RM_ENOTFOUND, "there is no \"bag.pand.oppervlakte_min\"");
    wanted = "bouwjar";
    assert_refused(&request, RM_ENOTFOUND, "did you mean \"bouwjaar\"?");
    wanted = "bag.pand.bouwjaar";
    request.source = scratch_path("plain.csv");
    assert_refused(&request, RM_ENOTFOUND,
                   "is not recognised as a source with a field \"bag.pand.bouwjaar\"; write the "
                   "name of the field itself, or name the source with \"profile\"");
}

static void test_a_named_profile(void **state)
{
    (void)state;
    const char *wanted = "bouwjaar";
    write_text(scratch_path("light.csv"), LIGHT);
    write_text(scratch_path("lvbag.csv"), LVBAG);
    rm_request request = request_of(scratch_path("light.csv"), &wanted, 1);
    request.profile = "bag-light.pnd";
    assert_refused(&request, RM_EINVAL,
                   "there is no profile \"bag-light.pnd\"; did you mean \"bag-light.pand\"?");
    request.profile = "zwembadenregister";
    assert_refused(&request, RM_EINVAL, "write \"none\" to take it as it is");
    request.profile = "lvbag.pand";
    assert_refused(&request, RM_ENOTFOUND,
                   "light.csv cannot be read as \"lvbag.pand\": it has no field "
                   "\"oorspronkelijkBouwjaar\", \"voorkomenIdentificatie\", \"beginGeldigheid\", "
                   "\"tijdstipInactiefLV\"");
    request.profile = "BAG-light.Pand";
    rm_layer *layer = read_with(&request);
    assert_string_equal(layer->provenance.profile, "bag-light.pand");
    rm_layer_free(layer);
    /* a forced one does not look at the name of the layer */
    write_text(scratch_path("anders.csv"), "identificatie,status,woonplaats\n1234,x,Woldermark\n");
    const char *town = "bag.woonplaats.naam";
    request = request_of(scratch_path("anders.csv"), &town, 1);
    assert_refused(&request, RM_ENOTFOUND, "is not recognised");
    request.profile = "bag-light.woonplaats";
    layer = read_with(&request);
    assert_cells(layer, 0, "[Woldermark]");
    rm_layer_free(layer);
}

static void test_none_takes_everything_as_it_is(void **state)
{
    (void)state;
    static const char *const wanted[] = {"identificatie", "oorspronkelijkBouwjaar"};
    write_text(scratch_path("lvbag.csv"), LVBAG);
    rm_request request = request_of(scratch_path("lvbag.csv"), wanted, 2);
    request.profile = "none";
    rm_layer *layer = read_with(&request);
    assert_null(layer->provenance.profile);
    assert_int_equal(layer->provenance.ended, 0);
    assert_int_equal(layer->rows.table.rows, 9);
    rm_layer_free(layer);
    const char *canonical = "bouwjaar";
    request.columns = &canonical;
    request.column_count = 1;
    assert_refused(&request, RM_ENOTFOUND, "has no field \"bouwjaar\"");
    write_text(scratch_path("light.csv"), LIGHT);
    request.source = scratch_path("light.csv");
    layer = read_with(&request);
    assert_cells(layer, 1, "[9999]");
    rm_layer_free(layer);
}

static void test_why(void **state)
{
    (void)state;
    static const struct {
        const char *layer, *fields, *dutch, *english;
    } WHYS[] = {
        {"Pand", "oorspronkelijkBouwjaar voorkomenIdentificatie begingeldigheid tijdstipInactiefLV",
         "heeft oorspronkelijkBouwjaar, voorkomenIdentificatie, begingeldigheid en "
         "tijdstipInactiefLV",
         "it has oorspronkelijkBouwjaar, voorkomenIdentificatie, begingeldigheid and "
         "tijdstipInactiefLV"},
        {"woonplaats_1", "identificatie status naam",
         "heeft identificatie, status en naam, en de naam van de laag",
         "it has identificatie, status and naam, and the name of the layer"},
    };
    for (size_t w = 0; w < sizeof WHYS / sizeof *WHYS; w++) {
        rm_table columns = {0};
        char fields[256];
        snprintf(fields, sizeof fields, "%s", WHYS[w].fields);
        for (char *name = strtok(fields, " "); name; name = strtok(NULL, " "))
            rm_table_add_column(&columns, name, RM_TEXT, NULL);
        const rm_profile *profile = rm_profile_match(WHYS[w].layer, &columns);
        assert_non_null(profile);
        for (int english = 0; english < 2; english++) {
            rm_text why = {0};
            rm_profile_why(&why, profile, &columns, english);
            assert_string_equal(why.data, english ? WHYS[w].english : WHYS[w].dutch);
            rm_text_clear(&why);
        }
        rm_table_clear(&columns);
    }
}

static void test_real_names(void **state)
{
    static const struct {
        const char *file, *layer, *profile, *wanted;
        int64_t rows;
    } REAL[] = {
        {"bag/gpkg/bag.gpkg", "verblijfsobjecten", "bag-adressen.nummeraanduiding",
         "bag.nummeraanduiding.straat", 1836},
        {"bag/gpkg/bag.gpkg", "ligplaatsen", "bag-adressen.nummeraanduiding",
         "bag.nummeraanduiding.identificatie", 67},
        {"business-parks/ibis_rijssen_holten_2017.geojson", NULL, "ibis.terrein",
         "ibis.terrein.oppervlakte_netto", 22},
        {"brk/input-v5/files/kadastralekaart_perceel.gml", NULL, "brk.perceel",
         "brk.perceel.oppervlakte", 11},
        {"brk/input-v4/files/dkk_perceel.gml", NULL, "brk.perceel", "brk.perceel.identificatie", 8},
        {"brk/input-v5/files/kadastralekaart_kadastralegrens.gml", NULL, "brk.grens",
         "brk.grens.type", -1},
        {"holiday-parks/vakantieparken_final.zip", NULL, "vakantiepark.park",
         "vakantiepark.park.naam", 3770},
        {"boundaries/top10nl_plaats_overijssel.gml.gz", NULL, "top10nl.plaats",
         "top10nl.plaats.bebouwde_kom", 1587},
        {"boundaries/gemeenten_zonder_water.geojson", NULL, "cbs.gebied", "cbs.gebied.code", 342},
        {"addresses/bag_adressen_doesburg_2018-11.csv.gz", NULL, "adressen.punt",
         "adressen.punt.postcode", 5872},
    };
    (void)state;
    char path[1024];
    for (size_t r = 0; r < sizeof REAL / sizeof *REAL; r++) {
        if (!find_shared(path, sizeof path, REAL[r].file))
            skip();
        rm_request request = request_of(path, &REAL[r].wanted, 1);
        request.layer = REAL[r].layer;
        rm_layer *layer = read_with(&request);
        if (!layer->provenance.profile || strcmp(layer->provenance.profile, REAL[r].profile) != 0)
            fail_msg("%s: %s", REAL[r].file, layer->provenance.profile);
        assert_int_equal(layer->rows.table.rows + layer->provenance.ended, layer->provenance.total);
        if (REAL[r].rows >= 0)
            assert_int_equal(layer->rows.table.rows, REAL[r].rows);
        rm_layer_free(layer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_is_found),
        cmocka_unit_test(test_names_do_not_repeat),
        cmocka_unit_test(test_every_row_with_a_file),
        cmocka_unit_test(test_the_same_name_reads_both_sources),
        cmocka_unit_test(test_a_field_of_its_own_comes_first),
        cmocka_unit_test(test_names_that_are_not_there),
        cmocka_unit_test(test_a_named_profile),
        cmocka_unit_test(test_none_takes_everything_as_it_is),
        cmocka_unit_test(test_why),
        cmocka_unit_test(test_real_names),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
