#include "data/person.h"
#include "data/term.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- words ---- */

static void words_of_identifiers(void **state)
{
    (void)state;
    static const struct {
        const char *identifier, *whole;
        int count;
    } cases[] = {
        {"geboortedatum", "geboortedatum", 1},
        {"geboorteDatum", "geboorte_datum", 2},
        {"GEBOORTE-DATUM ", "geboorte_datum", 2},
        {"  P_WEST_AL", "p_west_al", 3},
        {"cbs.buurt.P_N_W_AL", "cbs_buurt_p_n_w_al", 6},
        {"aantal_Wmo_cli\xC3\xABnten", "aantal_wmo_clienten", 3},
        {"\xC3\x89\xC3\xA9n", "een", 1},
        {"a\xC3\x97"
         "b",
         "a_b", 2}, /* the sign of multiplication is no letter */
        {"", "", 0},
        {"---", "", 0},
        {"\xC3", "", 0},
        {"personenautoSTotaal2", "personenauto_stotaal2", 2},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        rm_terms terms;
        rm_terms_split(&terms, cases[k].identifier);
        assert_string_equal(terms.whole, cases[k].whole);
        assert_int_equal(terms.count, cases[k].count);
    }
}

static void long_identifiers_are_cut(void **state)
{
    (void)state;
    char name[2000];
    rm_terms terms;
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    rm_terms_split(&terms, name);
    assert_int_equal(terms.count, 1);
    assert_true(strlen(terms.whole) < RM_TERM_ROOM);
    for (size_t i = 1; i < sizeof name - 1; i += 2)
        name[i] = '_';
    rm_terms_split(&terms, name);
    assert_int_equal(terms.count, RM_TERM_WORDS);
    for (size_t i = 0; i < sizeof name - 2; i += 2)
        memcpy(name + i, "\xC3\xAB", 2);
    rm_terms_split(&terms, name);
    assert_true(strlen(terms.whole) < RM_TERM_ROOM);
}

static void rules(void **state)
{
    (void)state;
    static const struct {
        const char *identifier, *needs, *unless;
        bool fits;
    } cases[] = {
        {"a_b", "a b", NULL, true},     {"b_a", "a b", NULL, true}, {"a", "a b", NULL, false},
        {"a_c", "a b|c", NULL, true},   {"abc", "a*", NULL, true},  {"abc", "*c", NULL, true},
        {"abc", "*b*", NULL, true},     {"abc", "ab", NULL, false}, {"abc", "*abc*", NULL, true},
        {"abc", "*abcd*", NULL, false}, {"a_b", "a", "b", false},   {"a_b", "a", "c b*", false},
        {"a_b", "a", "c|d", true},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        rm_terms terms;
        rm_term_rule rule = {0, cases[k].needs, cases[k].unless};
        rm_terms_split(&terms, cases[k].identifier);
        assert_int_equal(rm_term_fits(&terms, &rule), cases[k].fits);
    }
    rm_terms terms;
    static const char codes[] = "p_west_al ink_inw p_hh_110";
    static const char *const in[] = {"P_WEST_AL",  "p_west_al_17", "P_WEST_AL2019",    "INK_INW2",
                                     "bu_INK_INW", "p_hh_110",     "cbs.buurt.ink_inw"};
    static const char *const out[] = {"P_WEST",      "west_al", "p_hh", "p_hh_11",
                                      "ink_inwoner", "",        "110"};
    for (size_t k = 0; k < sizeof in / sizeof *in; k++) {
        rm_terms_split(&terms, in[k]);
        assert_true(rm_term_in_list(&terms, codes));
    }
    for (size_t k = 0; k < sizeof out / sizeof *out; k++) {
        rm_terms_split(&terms, out[k]);
        assert_false(rm_term_in_list(&terms, codes));
    }
}

/* ---- names ---- */

static void expect_name(const char *name, rm_person kind)
{
    rm_person found = rm_person_by_name(name);
    if (found != kind)
        print_message("\"%s\" was taken for \"%s\"\n", name, rm_person_words(found));
    assert_int_equal(found, kind);
}

static void names_of_persons(void **state)
{
    (void)state;
    static const struct {
        rm_person kind;
        const char *names;
    } cases[] = {
        {RM_PERSON_BSN,
         "bsn BSN Bsn_nummer bsnnr BSNNummer burgerservicenummer BurgerServiceNummer "
         "burger_service_nummer sofinummer sofi-nummer SOFINR sofi ssn "
         "social_security_number melder_bsn bsnMelder"},
        {RM_PERSON_NAME,
         "voornaam Voornamen achternaam ACHTERNAAM familienaam geboortenaam "
         "geslachtsnaam roepnaam voorletters initialen tussenvoegsel naam_melder "
         "melder_naam MelderNaam meldernaam naamMelder naam-aangever naam_verdachte "
         "naam_slachtoffer eigenaar_naam naam_huurder contactpersoon firstname "
         "first_name LastName surname family_name owner_name name_of_person "
         "melder_voornaam meldervoornaam"},
        {RM_PERSON_BIRTH, "geboortedatum GeboorteDatum geb_datum geb.dat gebdatum geboortejaar "
                          "datum_geboorte geboortedag overlijdensdatum dob birth_date BirthDate "
                          "date_of_birth year_of_birth melder_geboortedatum"},
        {RM_PERSON_PHONE, "telefoon Telefoonnummer TELEFOONNR tel_nr tel.nr. telnr mobiel_nummer "
                          "mobielnummer telefoon_mobiel gsm_nummer phone PhoneNumber phone_no "
                          "mobile_number telefoon_melder"},
        {RM_PERSON_EMAIL, "email e-mail E_mail e.mail emailadres mailadres mail_adres EmailAddress "
                          "e-mailadres melder_email contact_email"},
        {RM_PERSON_ACCOUNT, "iban IBAN rekeningnummer Bankrekening bankrekeningnummer rekening_nr "
                            "bank_account_number"},
        {RM_PERSON_DOCUMENT, "paspoort paspoortnummer rijbewijsnummer identiteitskaart "
                             "vreemdelingennummer passport driving_licence drivers_license"},
        {RM_PERSON_PLATE, "kenteken KENTEKEN kentekennummer licence_plate number_plate"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char names[600];
        snprintf(names, sizeof names, "%s", cases[k].names);
        for (char *name = strtok(names, " "); name; name = strtok(NULL, " "))
            expect_name(name, cases[k].kind);
    }
    expect_name("Datum geboorte (dd-mm-jjjj)", RM_PERSON_BIRTH);
    expect_name("Naam van de melder", RM_PERSON_NAME);
}

/* What stands in the sources of the field guide, and what sounds like a person and is none. */
static void names_of_no_persons(void **state)
{
    (void)state;
    static const char *const names[] = {
        "naam",
        "NAAM",
        "name",
        "Name",
        "names",
        "bedrijfsnaam",
        "handelsnaam",
        "statutaire_naam",
        "naam_bedrijf",
        "openbare_ruimte_naam",
        "openbare_ruimte_naam_kort",
        "woonplaats_naam",
        "woonplaatsnaam",
        "straatnaam",
        "naam_straat",
        "parknaam",
        "naam_park",
        "PLAN_NAAM",
        "buurtnaam",
        "gemeentenaam",
        "GM_NAAM",
        "statnaam",
        "veldnaam",
        "laagnaam",
        "naamgeving",
        "voornaamste_functie",
        "voornaamste",
        "benaming",
        "soortnaam",
        "naam_soort",
        "bijnaam",
        "boom_geslachtsnaam",
        "wetenschappelijke_geslachtsnaam",
        "naam_bestuurlijk_gebied",
        "eigenaar",
        "EIGENAAR",
        "eigenaar_type",
        "eigendom",
        "wegbeheerder_naam",
        "naam_beheerder",
        "identificatie",
        "identificatie_lokaal_id",
        "documentNummer",
        "documentDatum",
        "documentnummer",
        "nummeraanduiding_hoofdadres_identificatie",
        "pandRef",
        "huisnummer",
        "huisletter",
        "toevoeging",
        "huisnummertoevoeging",
        "postcode",
        "kvknummer",
        "kvk_nummer",
        "vestigingsnummer",
        "rsin",
        "perceelnummer",
        "sectie",
        "kadastraleGrootte",
        "RIN_NUMMER",
        "RINNUMMER",
        "bouwjaar",
        "oorspronkelijkBouwjaar",
        "bouwjaar_m",
        "geb_jaar",
        "geb_hoogte",
        "gebouw_datum",
        "geboorte_totaal",
        "geboortes_per_1000_inwoners",
        "geb_nl",
        "datum",
        "meldingsdatum",
        "datum_melding",
        "date",
        "einddatum",
        "begindatum",
        "jaar",
        "meldingnummer",
        "zaaknummer",
        "incidentnummer",
        "melder",
        "melder_type",
        "soort_melder",
        "herkomst",
        "bron",
        "telefoonpaal",
        "telefooncel",
        "telefoonkabel",
        "telling",
        "tel",
        "mobiel",
        "mobiele_mast",
        "mobiliteit",
        "automobiel",
        "immobiel",
        "email_bekend",
        "via_email",
        "via_e_mail",
        "via_telefoon",
        "aantal_telefoons",
        "heeft_telefoon",
        "mailing",
        "maillot",
        "rekenkamer",
        "rekening",
        "berekening",
        "grootboekrekening_nummer",
        "aantal_kentekens",
        "kenteken_soort",
        "ibanez",
        "nibanden",
        "aantal_bsn",
        "percentage_bsn",
        "urban",
        "initiatief",
        "initiaal_plan",
        "persoon",
        "aantal_personen",
        "personenautos_totaal",
        "burgemeester",
        "burger",
        "inwoners",
        "aantal_inwoners",
        "slachtoffers",
        "aantal_slachtoffers",
        "verdachten",
        "phonetic_name",
        "firm_name",
        "street_name",
        "owner",
        "lastgever",
        "family_house",
        "first_floor",
        "last_date",
        "score",
        "rank",
        "x",
        "y",
        "lon",
        "lat",
        "rd_x",
        "",
        "\xC3\xA9",
        "paspoorten_aantal",
        "rijbewijs_aantal",
        "lokaalID",
        "plus-functieWegdeel",
        "sofia",
        "obsnet",
    };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        expect_name(names[k], RM_PERSON_KINDS);
}

/* ---- content ---- */

typedef void (*write_cell)(char *out, size_t size, int row);

static rm_person content_of(write_cell write, int rows)
{
    rm_table table = {0};
    char cell[100];
    assert_int_equal(rm_table_add_column(&table, "c", RM_TEXT, NULL), RM_OK);
    for (int row = 0; row < rows; row++, table.rows++) {
        write(cell, sizeof cell, row);
        if (cell[0])
            assert_int_equal(
                rm_column_add_text(&table.columns[0], row, cell, (int64_t)strlen(cell), NULL),
                RM_OK);
        else
            assert_int_equal(rm_column_add_missing(&table.columns[0], row, NULL), RM_OK);
    }
    rm_person kind = rm_person_by_content(&table.columns[0], table.rows);
    rm_error err;
    rm_status status = rm_person_check_rows(&table, "a.csv", &err);
    assert_int_equal(status, kind == RM_PERSON_KINDS ? RM_OK : RM_EDATA);
    for (int row = 0; status != RM_OK && row < rows; row++) {
        write(cell, sizeof cell, row);
        if (strlen(cell) > 3)
            assert_null(strstr(err.message, cell));
    }
    rm_table_clear(&table);
    return kind;
}

/* The row-th number from 100000000 on that passes the 11-test; made-up, and not given out. */
static int bsn(int row)
{
    for (int number = 100000000 + row * 121;; number++) {
        int sum = -(number % 10), rest = number;
        for (int weight = 2; weight <= 9; weight++)
            sum += weight * ((rest /= 10) % 10);
        if (sum % 11 == 0)
            return number;
    }
}

static void write_bsn(char *out, size_t size, int row)
{
    snprintf(out, size, "%d", bsn(row));
}

static void write_bsn_dotted(char *out, size_t size, int row)
{
    int n = bsn(row);
    snprintf(out, size, " %04d.%02d.%03d", n / 100000, n / 1000 % 100, n % 1000);
}

static void write_bsn_some(char *out, size_t size, int row)
{
    out[0] = '\0';
    if (row % 10 == 3 || row % 3 != 1)
        snprintf(out, size, row % 10 == 3 ? "onbekend" : "%d", bsn(row));
}

static void write_bsn_two_thirds(char *out, size_t size, int row)
{
    snprintf(out, size, "%d", bsn(row) + (row % 3 == 1));
}

static void write_bsn_one(char *out, size_t size, int row)
{
    (void)row;
    snprintf(out, size, "%d", bsn(7));
}

static void write_email(char *out, size_t size, int row)
{
    snprintf(out, size, "iemand.%d+x@post%d.example.nl", row, row % 3);
}

static void write_phone(char *out, size_t size, int row)
{
    static const char *const formats[] = {"06-%08d",    "06 %08d",     "0031 6 %08d",
                                          "+31 6 %08d", "+31(0)6%08d", "06%08d"};
    snprintf(out, size, formats[row % 6], 10000000 + row * 1234567 % 40000000);
}

static void write_landline(char *out, size_t size, int row)
{
    static const char *const areas[] = {"0570", "(0572)", "038-", "020 "};
    snprintf(out, size, row % 4 < 2 ? "%s %06d" : "%s%07d", areas[row % 4],
             (row % 4 < 2 ? 612345 : 4612345) + row);
}

static void write_iban(char *out, size_t size, int row)
{
    int64_t number = 417164300 + row;
    /* NL and the check digits of ABNA0 + number: 98 - (... mod 97) */
    char digits[64];
    snprintf(digits, sizeof digits, "10112310%010lld232100", (long long)number);
    int rest = 0;
    for (const char *at = digits; *at; at++)
        rest = (rest * 10 + (*at - '0')) % 97;
    snprintf(out, size, row % 2 ? "NL%02dABNA%010lld" : "NL%02d ABNA %010lld", 98 - rest,
             (long long)number);
}

static void content_of_persons(void **state)
{
    (void)state;
    assert_int_equal(content_of(write_bsn, 1000), RM_PERSON_BSN);
    assert_int_equal(content_of(write_bsn, 5000), RM_PERSON_BSN);
    assert_int_equal(content_of(write_bsn, 10), RM_PERSON_BSN);
    assert_int_equal(content_of(write_bsn_dotted, 100), RM_PERSON_BSN);
    assert_int_equal(content_of(write_email, 50), RM_PERSON_EMAIL);
    assert_int_equal(content_of(write_phone, 60), RM_PERSON_PHONE);
    assert_int_equal(content_of(write_landline, 60), RM_PERSON_PHONE);
    assert_int_equal(content_of(write_iban, 60), RM_PERSON_ACCOUNT);
}

static void content_is_nine_in_ten_of_enough(void **state)
{
    (void)state;
    assert_int_equal(content_of(write_bsn, 9), RM_PERSON_KINDS);
    assert_int_equal(content_of(write_bsn, 0), RM_PERSON_KINDS);
    assert_int_equal(content_of(write_bsn_two_thirds, 600), RM_PERSON_KINDS);
    assert_int_equal(content_of(write_bsn_one, 600), RM_PERSON_KINDS);
    /* of 300 rows 90 are empty, 30 say "onbekend" and 180 hold a number: under nine in ten */
    assert_int_equal(content_of(write_bsn_some, 300), RM_PERSON_KINDS);
}

static void write_kvk(char *out, size_t size, int row)
{
    snprintf(out, size, "%08d", 8012345 + row * 7919);
}

static void write_kvk_in_turn(char *out, size_t size, int row)
{
    snprintf(out, size, "%08d", 68012345 + row);
}

static void write_bag(char *out, size_t size, int row)
{
    snprintf(out, size, "015001000000%04d", row);
}

static void write_vestiging(char *out, size_t size, int row)
{
    snprintf(out, size, "0000%08d", 12345678 + row * 13);
}

static void write_day(char *out, size_t size, int row)
{
    snprintf(out, size, "2026%02d%02d", 1 + row / 28 % 12, 1 + row % 28);
}

static void write_dutch_day(char *out, size_t size, int row)
{
    snprintf(out, size, "%02d-%02d-2026", 1 + row % 28, 1 + row / 28 % 12);
}

static void write_year(char *out, size_t size, int row)
{
    snprintf(out, size, "%d", 1900 + row % 120);
}

static void write_rd(char *out, size_t size, int row)
{
    snprintf(out, size, "%d,%03d", 200000 + row * 37, row);
}

static void write_rd_pair(char *out, size_t size, int row)
{
    snprintf(out, size, "%d %d", 200000 + row * 37, 475000 + row * 11);
}

static void write_postcode(char *out, size_t size, int row)
{
    snprintf(out, size, "%04d %c%c", 7400 + row % 60, 'A' + row % 26, 'B' + row % 20);
}

static void write_buurt(char *out, size_t size, int row)
{
    snprintf(out, size, "%08d", 1500000 + row % 40 + row / 40 * 100);
}

static void write_municipal(char *out, size_t size, int row)
{
    snprintf(out, size, "0614%06d", row + 200000); /* in turn, of one municipality */
}

static void write_municipalities(char *out, size_t size, int row)
{
    static const int codes[] = {141, 147, 148, 150, 153, 158, 160, 163, 164, 166};
    snprintf(out, size, "%04d%06d", codes[row % 10], row);
}

static void write_parcel(char *out, size_t size, int row)
{
    snprintf(out, size, "OTT00B%05d", row);
}

static void write_case(char *out, size_t size, int row)
{
    snprintf(out, size, "2026-%09d", 123456 + row);
}

static void write_counter(char *out, size_t size, int row)
{
    snprintf(out, size, "%09d", 100000000 + row);
}

static void write_elevens(char *out, size_t size, int row)
{
    snprintf(out, size, "%09d", 100000000 + row * 11);
}

static void write_handle(char *out, size_t size, int row)
{
    snprintf(out, size, "@naam%d zegt a@b", row);
}

static void write_site(char *out, size_t size, int row)
{
    snprintf(out, size, "https://www.park%d.example.nl/", row);
}

static void write_iban_like(char *out, size_t size, int row)
{
    snprintf(out, size, "NL00ABNA%010d", 417164300 + row * 97 + 1);
}

static void write_time(char *out, size_t size, int row)
{
    snprintf(out, size, "%02d:%02d:%02d.%03d", row % 24, row % 60, row % 59, row % 1000);
}

static void content_of_no_persons(void **state)
{
    (void)state;
    static const write_cell writers[] = {write_kvk,
                                         write_kvk_in_turn,
                                         write_bag,
                                         write_vestiging,
                                         write_day,
                                         write_dutch_day,
                                         write_year,
                                         write_rd,
                                         write_rd_pair,
                                         write_postcode,
                                         write_buurt,
                                         write_municipal,
                                         write_municipalities,
                                         write_parcel,
                                         write_case,
                                         write_counter,
                                         write_elevens,
                                         write_handle,
                                         write_site,
                                         write_iban_like,
                                         write_time};
    static const int rows[] = {10, 60, 1000};
    for (size_t k = 0; k < sizeof writers / sizeof *writers; k++)
        for (size_t r = 0; r < 3; r++)
            assert_int_equal(content_of(writers[k], rows[r]), RM_PERSON_KINDS);
}

/* By brute force: of the numbers in a row no ten pass in turn, and one in eleven passes. */
static void eleven_test(void **state)
{
    (void)state;
    rm_table table = {0};
    assert_int_equal(rm_table_add_column(&table, "n", RM_INT64, NULL), RM_OK);
    for (int row = 0; row < 200; row++, table.rows++)
        assert_int_equal(rm_column_add_int64(&table.columns[0], row, bsn(row), NULL), RM_OK);
    assert_int_equal(rm_person_by_content(&table.columns[0], table.rows), RM_PERSON_BSN);
    table.columns[0].data.i64[0] = INT64_MIN;
    table.columns[0].data.i64[1] = INT64_MAX;
    assert_int_equal(rm_person_by_content(&table.columns[0], table.rows), RM_PERSON_BSN);
    for (int row = 0; row < 200; row++)
        table.columns[0].data.i64[row] = bsn(row) + 1;
    assert_int_equal(rm_person_by_content(&table.columns[0], table.rows), RM_PERSON_KINDS);
    for (int64_t start = 10000000; start < 999000000; start += 12345678) {
        for (int row = 0; row < 200; row++)
            table.columns[0].data.i64[row] = start + row;
        assert_int_equal(rm_person_by_content(&table.columns[0], table.rows), RM_PERSON_KINDS);
    }
    rm_table_clear(&table);
    assert_int_equal(rm_table_add_column(&table, "r", RM_FLOAT64, NULL), RM_OK);
    for (int row = 0; row < 20; row++, table.rows++)
        assert_int_equal(rm_column_add_double(&table.columns[0], row, bsn(row), NULL), RM_OK);
    assert_int_equal(rm_person_by_content(&table.columns[0], table.rows), RM_PERSON_KINDS);
    rm_table_clear(&table);
}

static void messages(void **state)
{
    (void)state;
    rm_error err;
    assert_int_equal(rm_person_check_name("naam", "a.csv", &err), RM_OK);
    assert_int_equal(rm_person_check_name("Geboortedatum", "a.csv", &err), RM_EDATA);
    assert_string_equal(err.message,
                        "a.csv: column \"Geboortedatum\" holds dates of birth or death (by its "
                        "name); riskmap scores places and reads no column of persons: take it out "
                        "of the model");
    assert_int_equal(rm_person_check_name("bsn\n\"; DROP", "a.csv", &err), RM_EDATA);
    assert_null(strchr(err.message, '\n'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_identifiers),
        cmocka_unit_test(long_identifiers_are_cut),
        cmocka_unit_test(rules),
        cmocka_unit_test(names_of_persons),
        cmocka_unit_test(names_of_no_persons),
        cmocka_unit_test(content_of_persons),
        cmocka_unit_test(content_is_nine_in_ten_of_enough),
        cmocka_unit_test(content_of_no_persons),
        cmocka_unit_test(eleven_test),
        cmocka_unit_test(messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
