/* Addresses as people write them, and the index against a search of every row. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "base/text.h"
#include "data/address.h"

static rm_error err;

/* What a line says: "12 A", with alone, opposite, range behind it and the postcode; then the street
 * and the place, which are hashes, in words that must give the same. */
typedef struct line_case {
    const char *line, *expected, *street, *place;
} line_case;

static void render_number(char out[64], const rm_address *address)
{
    char suffix[16], postcode[16];
    if (address->number == 0)
        snprintf(out, 64, "-");
    else {
        rm_suffix_text(address->suffix, suffix);
        snprintf(out, 64, "%d%s%s", address->number, suffix[0] ? " " : "", suffix);
    }
    strcat(out, address->alone ? " alone" : "");
    strcat(out, address->opposite ? " opposite" : "");
    strcat(out, address->range ? " range" : "");
    if (address->postcode) {
        uint32_t letters = address->postcode % 676;
        snprintf(postcode, sizeof postcode, " %u%c%c", address->postcode / 676,
                 (int)('A' + letters / 26), (int)('A' + letters % 26));
        strcat(out, postcode);
    }
}

static const line_case lines[] = {
    {"Dorpsstraat 12", "12", "dorpsstraat", NULL},
    {"Dorpsstraat 12a", "12 A", "dorpsstraat", NULL},
    {"Dorpsstraat 12A", "12 A", "dorpsstraat", NULL},
    {"Dorpsstraat 12-a", "12 A", "dorpsstraat", NULL},
    {"Dorpsstraat 12 a", "12 A", "dorpsstraat", NULL},
    {"Dorpsstraat 12 - a", "12 A", "dorpsstraat", NULL},
    {"Dorpsstraat 12 A-2", "12 A2", "dorpsstraat", NULL},
    {"Dorpsstraat 12-A-2", "12 A2", "dorpsstraat", NULL},
    {"Dorpsstraat 12-2", "12 2", "dorpsstraat", NULL},
    {"Dorpsstraat 12/2", "12 2", "dorpsstraat", NULL},
    {"Dorpsstraat 12 3", "12 3", "dorpsstraat", NULL},
    {"Dorpsstraat 12 bis", "12 BIS", "dorpsstraat", NULL},
    {"Dorpsstraat 12bis", "12 BIS", "dorpsstraat", NULL},
    {"Dorpsstraat 12 bis a", "12 BISA", "dorpsstraat", NULL},
    {"Dorpsstraat 12 hs", "12 HS", "dorpsstraat", NULL},
    {"Dorpsstraat 12-hs", "12 HS", "dorpsstraat", NULL},
    {"Dorpsstraat 12 III", "12 III", "dorpsstraat", NULL},
    {"Dorpsstraat 12 GR23", "12 GR23", "dorpsstraat", NULL},
    {"Dorpsstraat 12 traf", "12 TRAF", "dorpsstraat", NULL},
    {"Dorpsstraat 12 app. 3", "12 3", "dorpsstraat", NULL},
    {"Dorpsstraat 12 kamer 3", "12 3", "dorpsstraat", NULL},
    {"Dorpsstraat 12 3 hoog", "12 3", "dorpsstraat", NULL},
    {"Dorpsstraat nr. 12", "12", "dorpsstraat", NULL},
    {"Dorpsstraat nr 12", "12", "dorpsstraat", NULL},
    {"Dorpsstraat nr.12", "12", "dorpsstraat", NULL},
    {"Dorpsstraat #12", "12", "dorpsstraat", NULL},
    {"Dorpsstraat huisnummer 12", "12", "dorpsstraat", NULL},
    {"Dorpsstraat, 12", "12", "dorpsstraat", NULL},
    {"Dorpsstr.12", "12", "dorpsstraat", NULL},
    {"Dorpsstraat12a", "12 A", "dorpsstraat", NULL},
    {"  Dorpsstraat   12  ", "12", "dorpsstraat", NULL},
    {"Dorpsstraat\t12", "12", "dorpsstraat", NULL},
    {"Dorpsstraat\xC2\xA0"
     "12",
     "12", "dorpsstraat", NULL},
    {"Dorpsstraat 12\xE2\x80\x93"
     "14",
     "12 14 range", "dorpsstraat", NULL},
    {"Dorpsstraat 12-14", "12 14 range", "dorpsstraat", NULL},
    {"Dorpsstraat 12 - 14", "12 14 range", "dorpsstraat", NULL},
    {"Dorpsstraat 12/14", "12 14 range", "dorpsstraat", NULL},
    {"Dorpsstraat 12a-14b", "12 A14B range", "dorpsstraat", NULL},
    {"Dorpsstraat 12 t/m 16", "12 alone", "dorpsstraat", NULL},
    {"Dorpsstraat 12 t/m16", "12 alone", "dorpsstraat", NULL},
    {"Dorpsstraat 12t/m16", "12 alone", "dorpsstraat", NULL},
    {"Dorpsstraat 12 tot 16", "12 alone", "dorpsstraat", NULL},
    {"Dorpsstraat 12 en 14", "12 alone", "dorpsstraat", NULL},
    {"Dorpsstraat 12+14", "12 alone", "dorpsstraat", NULL},
    {"Dorpsstraat 12, 14", "12 alone", "dorpsstraat", NULL},
    {"Dorpsstraat 12a t/m 12d", "12 alone", "dorpsstraat", NULL},
    {"t.o. Dorpsstraat 12", "12 alone opposite", "dorpsstraat", NULL},
    {"Dorpsstraat t.o. 12", "12 alone opposite", "dorpsstraat", NULL},
    {"Dorpsstraat t/o 12", "12 alone opposite", "dorpsstraat", NULL},
    {"Dorpsstraat tegenover 12", "12 alone opposite", "dorpsstraat", NULL},
    {"Dorpsstraat thv 12", "12 alone opposite", "dorpsstraat", NULL},
    {"Dorpsstraat t.h.v. nr 12", "12 alone opposite", "dorpsstraat", NULL},
    {"Dorpsstraat ter hoogte van 12", "12 alone opposite", "dorpsstraat", NULL},
    {"Dorpsstraat naast 12", "12 alone opposite", "dorpsstraat", NULL},
    {"Dorpsstraat 12 (achter)", "12", "dorpsstraat", NULL},
    {"Dorpsstraat 12, 9999 AB Woldermark", "12 9999AB", "dorpsstraat", "woldermark"},
    {"Dorpsstraat 12 9999AB Woldermark", "12 9999AB", "dorpsstraat", "woldermark"},
    {"Dorpsstraat 12, Woldermark", "12", "dorpsstraat", "woldermark"},
    {"Dorpsstraat 12 Woldermark", "12", "dorpsstraat", "woldermark"},
    {"Dorpsstraat 12a Woldermark", "12 A", "dorpsstraat", "woldermark"},
    {"Dorpsstraat 12 de Woldermark", "12", "dorpsstraat", "de woldermark"},
    {"9999 AB 12", "12 9999AB", NULL, NULL},
    {"9999AB12a", "12 A 9999AB", NULL, NULL},
    {"9999AB-12", "12 9999AB", NULL, NULL},
    {"9999 ab, 12 bis", "12 BIS 9999AB", NULL, NULL},
    {"Bakker Jansen, Dorpsstraat 12, Woldermark", "12", "dorpsstraat", "woldermark"},
    {"1e Dwarsstraat 3 hs", "3 HS", "eerste dwarsstraat", NULL},
    {"2de Dwarsstraat 3", "3", "2e dwarsstraat", NULL},
    {"1e Dwarsstraat", "-", "1e dwarsstraat", NULL},
    {"11 April Plein 3", "3", "11 april plein", NULL},
    {"11 April Plein", "-", "11 april plein", NULL},
    {"Plein 1940-1945 7 II", "7 II", "plein 1940-1945", NULL},
    {"Plein 1940-1945", "-", "plein 1940-1945", NULL},
    {"Laan 1813 12 bis", "12 BIS", "laan 1813", NULL},
    {"Laan 1813, 12 bis", "12 BIS", "laan 1813", NULL},
    {"Laan '40-'45 12", "12", "laan 40 45", NULL},
    {"Laan '40-'45", "-", "laan '40-'45", NULL},
    {"Burg. v.d. Berg-laan 3", "3", "burgemeester van den berglaan", NULL},
    {"Rijksweg A1 12", "12", "rijksweg a1", NULL},
    {"Achter de Kerk 4", "4", "achter de kerk", NULL},
    {"'t Sumpel 3", "3", "t sumpel", NULL},
    {"hoek Dorpsstraat/Kerkweg", "-", "hoek dorpsstraat kerkweg", NULL},
    {"Dorpsstraat", "-", "dorpsstraat", NULL},
    {"Dorpsstraat 0", "-", "dorpsstraat 0", NULL},
    {"Dorpsstraat 123456", "-", "dorpsstraat 123456", NULL},
    {"Dorpsstraat 99999", "99999", "dorpsstraat", NULL},
    {"Dorpsstraat 12 BEDR, Woldermark", "12 BEDR", "dorpsstraat", "woldermark"},
    {"Dorpsstraat 12, 2e Woldermark", "12", "dorpsstraat", "2e woldermark"},
    {"Dorpsstraat 12, 1e etage, Woldermark", "12", "dorpsstraat", "woldermark"},
    {"Dorpsstraat 12 (achter), Woldermark", "12", "dorpsstraat", "woldermark"},
    {"Dorpsstraat 12 Goor", "12", "dorpsstraat", "goor"},
    {"Lange Voor 20", "20", "lange voor", NULL},
    {"voor 20", "20 alone opposite", NULL, NULL},
    {"Esweg 1058 15", "1058 15", "esweg", NULL},
    {"Esweg 1200, 2e verdieping", "1200", "esweg", NULL},
    {"12", "12", NULL, NULL},
    {"12a", "12 A", NULL, NULL},
    {"", "-", NULL, NULL},
    {" , ;", "-", NULL, NULL},
    {"-", "-", NULL, NULL},
    {"\xFF\xFE 12", "12", "\xFF\xFE", NULL},
};

static void test_lines_say_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const line_case *c = &lines[i];
        rm_address address;
        char found[64];
        bool good = rm_address_line(&address, c->line, (int64_t)strlen(c->line));
        render_number(found, &address);
        uint64_t street = c->street ? rm_street(c->street, (int64_t)strlen(c->street)) : 0;
        uint64_t place = c->place ? rm_place(c->place, (int64_t)strlen(c->place)) : 0;
        if (strcmp(found, c->expected) != 0 || address.street != street || address.place != place ||
            good != (address.number > 0))
            fail_msg("\"%s\" gave \"%s\" where \"%s\" is right%s%s", c->line, found, c->expected,
                     address.street != street ? "; another street" : "",
                     address.place != place ? "; another place" : "");
    }
}

/* Postcode, number, letter, addition, line, street, place; NULL: missing. */
typedef struct cells_case {
    const char *cells[7];
    const char *expected, *street, *place;
} cells_case;

static const cells_case cells[] = {
    {{"9999AB", "12"}, "12 9999AB", NULL, NULL},
    {{"9999 ab", "12"}, "12 9999AB", NULL, NULL},
    {{" 9999-ab ", " 12 "}, "12 9999AB", NULL, NULL},
    {{"NL-9999 AB", "012"}, "12 9999AB", NULL, NULL},
    {{"9999AB", "12", "a"}, "12 A 9999AB", NULL, NULL},
    {{"9999AB", "12", "A", "2"}, "12 A2 9999AB", NULL, NULL},
    {{"9999AB", "12", "", "a-2"}, "12 A2 9999AB", NULL, NULL},
    {{"9999AB", "12", "-", "n.v.t."}, "12 9999AB", NULL, NULL},
    {{"9999AB", "12", NULL, "bis"}, "12 BIS 9999AB", NULL, NULL},
    {{"9999AB", "12", NULL, "NULL"}, "12 9999AB", NULL, NULL},
    {{"9999AB", "12a"}, "12 A 9999AB", NULL, NULL},
    {{"9999AB", "12a", "a"}, "12 A 9999AB", NULL, NULL},
    {{"9999AB", "12a", "A", "2"}, "12 A2 9999AB", NULL, NULL},
    {{"9999AB", "12a", NULL, "2"}, "12 A2 9999AB", NULL, NULL},
    {{"9999AB", "12-A2", NULL, "2"}, "12 A2 9999AB", NULL, NULL},
    {{"9999AB", "12 BEDR"}, "12 BEDR 9999AB", NULL, NULL},
    {{"9999AB", "12-14"}, "12 14 range 9999AB", NULL, NULL},
    {{"9999AB", "12 t/m 16", "b"}, "12 alone 9999AB", NULL, NULL},
    {{"9999AB", "t.o. 12"}, "12 alone opposite 9999AB", NULL, NULL},
    {{"9999AB", "nr. 12"}, "12 9999AB", NULL, NULL},
    {{"9999AB", "12.0"}, "12 9999AB", NULL, NULL},
    {{"9999AB", "12,00"}, "12 9999AB", NULL, NULL},
    {{"9999AB", "onbekend"}, "- 9999AB", NULL, NULL},
    {{"9999AB", ""}, "- 9999AB", NULL, NULL},
    {{"9999AB"}, "- 9999AB", NULL, NULL},
    {{"9999AB", "-12"}, "12 9999AB", NULL, NULL},
    {{"9999AB", "0"}, "- 9999AB", NULL, NULL},
    {{"9999AB", "123456"}, "- 9999AB", NULL, NULL},
    {{"999AB", "12"}, "12", NULL, NULL},
    {{"0999AB", "12"}, "12", NULL, NULL},
    {{"9999A", "12"}, "12", NULL, NULL},
    {{"9999 AB Woldermark", "12"}, "12", NULL, NULL},
    {{"9999AB", NULL, NULL, NULL, "Dorpsstraat 12a"}, "12 A 9999AB", "dorpsstraat", NULL},
    {{NULL, NULL, NULL, NULL, "Dorpsstraat 12a, 9999AB"}, "12 A 9999AB", "dorpsstraat", NULL},
    {{"9999AB", "14", NULL, NULL, "Dorpsstraat 12a"}, "14 9999AB", "dorpsstraat", NULL},
    {{"9999AC", "14", NULL, NULL, "Dorpsstraat 12a 9999AB"}, "14 9999AC", "dorpsstraat", NULL},
    {{"9999AB", NULL, "b", NULL, "Dorpsstraat 12"}, "12 B 9999AB", "dorpsstraat", NULL},
    {{NULL, "12", NULL, NULL, NULL, "Dorpsstraat", "Woldermark"},
     "12",
     "dorpsstraat",
     "woldermark"},
    {{NULL, NULL, NULL, NULL, NULL, "Dorpsstraat 12a", "Woldermark"},
     "12 A",
     "dorpsstraat",
     "woldermark"},
    {{NULL, "12", NULL, NULL, NULL, "Dorpsstraat 12", "Woldermark"},
     "12",
     "dorpsstraat",
     "woldermark"},
    {{NULL, "12", NULL, NULL, NULL, "Laan 1813", "Woldermark"}, "12", "laan 1813", "woldermark"},
    {{NULL, "Dorpsstraat 12", NULL, NULL, NULL, NULL, "Woldermark"},
     "12",
     "dorpsstraat",
     "woldermark"},
    {{NULL, NULL, NULL, NULL, NULL, NULL, "Woldermark"}, "-", NULL, "woldermark"},
};

static rm_address_cell cell(const char *text)
{
    return (rm_address_cell){text, text ? (int64_t)strlen(text) : 0};
}

static void test_cells_say_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const cells_case *c = &cells[i];
        rm_address_cells row = {cell(c->cells[0]), cell(c->cells[1]), cell(c->cells[2]),
                                cell(c->cells[3]), cell(c->cells[4]), cell(c->cells[5]),
                                cell(c->cells[6])};
        rm_address address;
        char found[64];
        rm_address_read(&address, &row);
        render_number(found, &address);
        rm_address_cell street = cell(c->street), place = cell(c->place);
        if (strcmp(found, c->expected) != 0 ||
            address.street != rm_street(street.text, street.length) ||
            address.place != rm_place(place.text, place.length))
            fail_msg("row %d (%s, %s) gave \"%s\" where \"%s\" is right", (int)i,
                     c->cells[0] ? c->cells[0] : "-", c->cells[1] ? c->cells[1] : "-", found,
                     c->expected);
    }
}

/* Each pair is one street or place, and no two of different pairs are. */
static const char *const same_streets[][3] = {
    {"Burg. v.d. Berg-laan", "BURGEMEESTER VAN DEN BERGLAAN", "Burg v d Bergln"},
    {"Kerkstraat", "Kerkstr.", "KERK STRAAT"},
    {"Kerkweg", "Kerkwg", "kerkweg"},
    {"Dr. Ari\xC3\xABnsstraat", "Dokter Ariensstr", "dr Arie\xCC\x88nsstraat"},
    {"1e Esweg", "Eerste Esweg", "1ste Esweg"},
    {"'t Sumpel", "\xE2\x80\x99t Sumpel", "Het Sumpel"},
    {"B.H.Spijkersweg", "B.H. Spijkersweg", "B H Spijkersweg"},
    {"Utrechtsestraatweg", "Utrechtse straatweg", "Utrechtsestrwg"},
    {"St. Jansplein", "Sint Janspln", "SINT-JANSPLEIN"},
    {"Prinsengracht", "Prinsengr.", "PRINSENGRACHT"},
    {"IJsselkade", "\xC4\xB2sselkade", "ijsselkd"},
    {"Laan '40-'45", "Laan 40-45", "Ln. '40-'45"},
};

static const char *const same_places[][2] = {{"'s-Gravenhage", "Den Haag"},
                                             {"'s-Hertogenbosch", "DEN BOSCH"},
                                             {"Woldermark", "WOLDERMARK (Ov)"},
                                             {"Sint Woldermark", "St. Woldermark"},
                                             {"Nieuw Woldermark", "nieuw-woldermark"}};

static void test_streets_and_places_have_one_form(void **state)
{
    (void)state;
    enum {
        STREETS = sizeof same_streets / sizeof *same_streets,
        PLACES = sizeof same_places / sizeof *same_places
    };
    for (int i = 0; i < STREETS; i++) {
        rm_address_cell a = cell(same_streets[i][0]);
        for (int k = 1; k < 3; k++) {
            rm_address_cell b = cell(same_streets[i][k]);
            if (rm_street(a.text, a.length) != rm_street(b.text, b.length))
                fail_msg("\"%s\" and \"%s\" are two streets", a.text, b.text);
        }
        for (int j = 0; j < i; j++) {
            rm_address_cell b = cell(same_streets[j][0]);
            assert_true(rm_street(a.text, a.length) != rm_street(b.text, b.length));
        }
    }
    for (int i = 0; i < PLACES; i++) {
        rm_address_cell a = cell(same_places[i][0]), b = cell(same_places[i][1]);
        if (rm_place(a.text, a.length) != rm_place(b.text, b.length))
            fail_msg("\"%s\" and \"%s\" are two places", a.text, b.text);
    }
}

static uint64_t suffix(const char *text)
{
    return rm_suffix(text, (int64_t)strlen(text));
}

static void test_suffixes_are_packed_in_their_order(void **state)
{
    (void)state;
    static const char *const rising[] = {"",    "0",   "1",   "9",           "A",  "Z",
                                         "00",  "11",  "A1",  "A2",          "BA", "ZZ",
                                         "101", "BIS", "ZZZ", "ABCDEFGHIJKL"};
    for (size_t i = 0; i < sizeof rising / sizeof *rising; i++) {
        char text[16];
        rm_suffix_text(suffix(rising[i]), text);
        assert_string_equal(text, rising[i]);
        assert_true(i == 0 || suffix(rising[i - 1]) < suffix(rising[i]));
    }
    assert_int_equal(suffix(" - a.2 "), suffix("A2"));
    assert_int_equal(suffix("\xC3\xA9"), suffix("e"));
    char text[16];
    uint64_t longer = suffix("ABCDEFGHIJKLM");
    rm_suffix_text(longer, text);
    assert_string_equal(text, "?");
    assert_true(longer != suffix("ABCDEFGHIJKLN") && longer == suffix("abcdefghijkl-m"));
    static const char *const none[] = {"-", ".", " ", "nvt", "N.V.T.", "geen", "null", "nan"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(suffix(none[i]), 0);
}

static void test_postcodes(void **state)
{
    (void)state;
    static const char *const good[] = {"9999AB",
                                       "9999 ab",
                                       " 9999AB ",
                                       "9999-AB",
                                       "NL-9999AB",
                                       ("9999\xC2\xA0"
                                        "AB")};
    static const char *const bad[] = {"",        "9999",   "9999A",  "999AB",  "0999AB",
                                      "9999ABC", "9999A1", "AB9999", "99 99AB"};
    uint32_t first = rm_postcode(good[0], 6);
    assert_int_equal(first, 9999 * 676 + 1);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(rm_postcode(good[i], (int64_t)strlen(good[i])), first);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(rm_postcode(bad[i], (int64_t)strlen(bad[i])), 0);
    assert_true(rm_postcode("1000AA", 6) > 0 && rm_postcode("9999ZZ", 6) > first);
}

/* --- the index ------------------------------------------------------------------------------- */

enum { MOST = 4000 };

typedef struct known {
    rm_address address;
    double x, y;
} known;

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (uint32_t)(random_state >> 33) % below;
}

static rm_address draw_address(bool street)
{
    static const char *const suffixes[] = {"", "", "", "A", "B", "2", "A2", "10"};
    static const char *const streets[] = {"Dorpsstraat", "Kerkweg", "Esweg"};
    static const char *const places[] = {"Woldermark", "Nieuw Woldermark", "Oud Woldermark"};
    rm_address a = {.number = (int32_t)draw(12) + 1};
    a.suffix = suffix(suffixes[draw(8)]);
    if (!street || draw(2))
        a.postcode = rm_postcode("9999AA", 6) + draw(6);
    const char *s = streets[draw(3)], *p = places[draw(3)];
    if (street) {
        a.street = rm_street(s, (int64_t)strlen(s));
        a.place = rm_place(p, (int64_t)strlen(p));
    }
    return a;
}

/* Near its postcode and number, at distances on both sides of 1 m and 50 m. */
static known draw_known(void)
{
    static const double spread[] = {0, 0.3, 4, 20, 60};
    known k = {.address = draw_address(draw(4) != 0)};
    double s = spread[draw(5)];
    k.x = 200000 + 500.0 * k.address.number + s * (double)draw(100) / 100;
    k.y = 500000 + s * (double)draw(100) / 100;
    return k;
}

static double distance(const known *a, const known *b)
{
    double dx = a->x - b->x, dy = a->y - b->y;
    return sqrt(dx * dx + dy * dy);
}

static bool less(const known *a, const known *b)
{
    if (a->address.suffix != b->address.suffix)
        return a->address.suffix < b->address.suffix;
    return a->x != b->x ? a->x < b->x : a->y < b->y;
}

/* Looks at every address: those of the key, of one suffix or of any. */
static int64_t gather(const known *all, int count, const rm_address *wanted, bool any_suffix,
                      uint64_t of, const known **first, double *apart)
{
    const known *found[MOST];
    int n = 0;
    *first = NULL;
    *apart = 0;
    for (int i = 0; i < count; i++) {
        const rm_address *a = &all[i].address;
        bool key = wanted->postcode ? a->postcode == wanted->postcode
                                    : a->street == wanted->street && a->place == wanted->place;
        if (!key || a->number != wanted->number || (!any_suffix && a->suffix != of))
            continue;
        for (int k = 0; k < n; k++)
            *apart = fmax(*apart, distance(found[k], &all[i]));
        found[n++] = &all[i];
        if (!*first || less(&all[i], *first))
            *first = &all[i];
    }
    return n;
}

static rm_address_match search(const known *all, int count, const rm_address *wanted)
{
    const known *first;
    double apart;
    rm_address_match m = {RM_ADDRESS_NONE, 0, 0, NAN, NAN};
    if (!wanted->number || (!wanted->postcode && !wanted->street))
        return m;
    m.verdict = RM_ADDRESS_UNKNOWN;
    int64_t n = gather(all, count, wanted, true, 0, &first, &apart);
    if (n == 0)
        return m;
    const known *group_first = first;
    double group_apart = apart;
    int64_t group = n, exact = 0;
    if (!wanted->alone)
        exact = gather(all, count, wanted, false, wanted->suffix, &first, &apart);
    bool plain = exact == 0 && (wanted->alone || wanted->range);
    if (plain)
        exact = gather(all, count, wanted, false, 0, &first, &apart);
    m.candidates = exact > 0 ? exact : group;
    m.apart_m = exact > 0 ? apart : group_apart;
    if (exact > 0)
        m.verdict =
            apart <= 1 ? (plain ? RM_ADDRESS_NUMBER : RM_ADDRESS_EXACT) : RM_ADDRESS_AMBIGUOUS;
    else
        m.verdict = group_apart <= 50 ? RM_ADDRESS_NUMBER : RM_ADDRESS_AMBIGUOUS;
    if (m.verdict != RM_ADDRESS_AMBIGUOUS) {
        m.x = (exact > 0 ? first : group_first)->x;
        m.y = (exact > 0 ? first : group_first)->y;
    }
    return m;
}

static void assert_same(const rm_address_match *found, const rm_address_match *right)
{
    assert_int_equal(found->verdict, right->verdict);
    assert_int_equal(found->candidates, right->candidates);
    assert_true(found->apart_m >= right->apart_m * (1 - 1e-12) &&
                found->apart_m <= right->apart_m * (1 + 1e-6));
    assert_true((isnan(found->x) && isnan(right->x)) ||
                (found->x == right->x && found->y == right->y));
}

static rm_address_index *make_index(const known *all, int count, int sets, int threads)
{
    rm_address_rows rows[4] = {{0}};
    rm_address_index *index = NULL;
    for (int i = 0; i < count; i++) {
        bool used = false;
        assert_int_equal(
            rm_address_rows_add(&rows[i % sets], &all[i].address, all[i].x, all[i].y, &used, &err),
            RM_OK);
        assert_true(used);
    }
    assert_int_equal(rm_address_index_make(&index, rows, sets, true, threads, &err), RM_OK);
    for (int s = 0; s < sets; s++)
        assert_null(rows[s].items);
    return index;
}

static rm_address draw_wanted(void)
{
    rm_address a = draw_address(true);
    if (draw(20) == 0)
        a.number += 10;
    if (draw(20) == 0)
        a.number = 0;
    if (draw(20) == 0)
        a.street = 0;
    if (draw(10) == 0) {
        a.alone = true;
        a.suffix = 0;
    } else if (draw(10) == 0)
        a.range = true;
    return a;
}

static void test_index_finds_what_a_search_finds(void **state)
{
    (void)state;
    static known all[MOST];
    static const int sizes[] = {1, 2, 10, 100, 700, MOST};
    int64_t seen[RM_ADDRESS_NONE + 1] = {0};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        random_state = seed;
        int count = sizes[seed % 6];
        for (int i = 0; i < count; i++)
            all[i] = draw_known();
        rm_address_index *index = make_index(all, count, 1 + (int)(seed % 4), 1 + (int)(seed % 2));
        for (int q = 0; q < 300; q++) {
            rm_address wanted = draw_wanted();
            rm_address_match found, right = search(all, count, &wanted);
            rm_address_find_all(&found, index, &wanted, 1);
            assert_same(&found, &right);
            seen[found.verdict]++;
        }
        rm_address_index_free(index);
    }
    for (int v = 0; v <= RM_ADDRESS_NONE; v++)
        assert_true(seen[v] > 20);
}

static void test_order_and_threads_do_not_matter(void **state)
{
    (void)state;
    static known all[MOST];
    enum { WANTED = 500 };
    static rm_address wanted[WANTED];
    static rm_address_match first[WANTED], again[WANTED];
    random_state = 77;
    for (int i = 0; i < MOST; i++)
        all[i] = draw_known();
    for (int q = 0; q < WANTED; q++)
        wanted[q] = draw_wanted();
    for (int threads = 1; threads <= 4; threads *= 2) {
        rm_address_index *index = make_index(all, MOST, threads, threads);
        rm_address_find_all(threads == 1 ? first : again, index, wanted, WANTED);
        for (int q = 0; q < WANTED; q++) {
            rm_address_match one;
            rm_address_find_all(&one, index, &wanted[q], 1);
            assert_same(&one, &first[q]);
            if (threads > 1)
                assert_same(&again[q], &first[q]);
        }
        rm_address_index_free(index);
        for (int i = MOST - 1; i > 0; i--) {
            int j = (int)draw((uint32_t)i + 1);
            known k = all[i];
            all[i] = all[j];
            all[j] = k;
        }
    }
}

static known at(const char *postcode, int number, const char *suffix_text, double x, double y)
{
    known k = {.x = x, .y = y};
    k.address.postcode = rm_postcode(postcode, (int64_t)strlen(postcode));
    k.address.number = number;
    k.address.suffix = suffix(suffix_text);
    return k;
}

static rm_address_match find(const rm_address_index *index, const char *line)
{
    rm_address address;
    rm_address_match match;
    rm_address_line(&address, line, (int64_t)strlen(line));
    rm_address_find_all(&match, index, &address, 1);
    return match;
}

static void assert_found(const rm_address_index *index, const char *line,
                         rm_address_verdict verdict, double x, int64_t candidates)
{
    rm_address_match m = find(index, line);
    if (m.verdict != verdict || m.candidates != candidates ||
        (verdict <= RM_ADDRESS_NUMBER ? m.x != x : !isnan(m.x)))
        fail_msg("\"%s\": verdict %d, %d candidates, x %g", line, (int)m.verdict, (int)m.candidates,
                 m.x);
}

static void test_verdicts_one_by_one(void **state)
{
    (void)state;
    const known all[] = {
        at("9999AA", 1, "", 100, 0),   at("9999AA", 1, "A", 110, 0),
        at("9999AA", 2, "B", 200, 0),  at("9999AA", 2, "10", 210, 0),
        at("9999AA", 3, "", 300, 0),   at("9999AA", 3, "A", 350, 0),
        at("9999AA", 4, "", 400, 0),   at("9999AA", 4, "A", 450.001, 0),
        at("9999AA", 5, "", 500, 0),   at("9999AA", 5, "", 501, 0),
        at("9999AA", 6, "", 600, 0),   at("9999AA", 6, "", 601.001, 0),
        at("9999AA", 7, "14", 700, 0), at("9999AA", 7, "", 720, 0),
        at("9999AA", 8, "", 800, 0),   at("9999AA", 8, "X", 900, 0),
    };
    rm_address_index *index = make_index(all, sizeof all / sizeof *all, 1, 1);
    assert_found(index, "9999AA 1", RM_ADDRESS_EXACT, 100, 1);
    assert_found(index, "9999AA 1a", RM_ADDRESS_EXACT, 110, 1);
    assert_found(index, "9999AA 1c", RM_ADDRESS_NUMBER, 100, 2);
    /* the shortest suffix before the smallest */
    assert_found(index, "9999AA 2", RM_ADDRESS_NUMBER, 200, 2);
    /* 50 m and no more */
    assert_found(index, "9999AA 3b", RM_ADDRESS_NUMBER, 300, 2);
    assert_found(index, "9999AA 4b", RM_ADDRESS_AMBIGUOUS, 0, 2);
    assert_found(index, "9999AA 4", RM_ADDRESS_EXACT, 400, 1);
    /* twice the same: 1 m and no more */
    assert_found(index, "9999AA 5", RM_ADDRESS_EXACT, 500, 2);
    assert_found(index, "9999AA 6", RM_ADDRESS_AMBIGUOUS, 0, 2);
    /* a range where there is such an addition, and where there is none */
    assert_found(index, "9999AA 7-14", RM_ADDRESS_EXACT, 700, 1);
    assert_found(index, "9999AA 7-15", RM_ADDRESS_NUMBER, 720, 1);
    /* the number alone means the plain one where it is there, and is marked */
    assert_found(index, "9999AA 8 t/m 12", RM_ADDRESS_NUMBER, 800, 1);
    assert_found(index, "9999AA t.o. 1", RM_ADDRESS_NUMBER, 100, 1);
    assert_found(index, "9999AA 2 t/m 8", RM_ADDRESS_NUMBER, 200, 2);
    assert_found(index, "9999AA 6 t/m 8", RM_ADDRESS_AMBIGUOUS, 0, 2);
    assert_found(index, "9999AA 9", RM_ADDRESS_UNKNOWN, 0, 0);
    assert_found(index, "9999AB 1", RM_ADDRESS_UNKNOWN, 0, 0);
    assert_found(index, "9999AA", RM_ADDRESS_NONE, 0, 0);
    assert_found(index, "", RM_ADDRESS_NONE, 0, 0);
    rm_address_index_free(index);
}

static known in_street(const char *street, const char *place, int number, double x)
{
    known k = {.x = x};
    k.address.street = rm_street(street, (int64_t)strlen(street));
    k.address.place = rm_place(place, (int64_t)strlen(place));
    k.address.number = number;
    return k;
}

static void test_the_road_by_street(void **state)
{
    (void)state;
    const known all[] = {in_street("Dorpsstraat", "Woldermark", 1, 100),
                         in_street("Dorpsstraat", "Nieuw Woldermark", 1, 9000),
                         in_street("Dorpsstraat", "Nieuw Woldermark", 2, 9100),
                         in_street("Esweg", "Woldermark", 1, 300),
                         in_street("Kerkhof", "Woldermark", 1, 400),
                         in_street("Kerk Hof", "Woldermark", 1, 600)};
    rm_address_index *index = make_index(all, sizeof all / sizeof *all, 1, 1);
    assert_found(index, "Dorpsstr. 1, WOLDERMARK", RM_ADDRESS_EXACT, 100, 1);
    assert_found(index, "Dorpsstraat 1a, Nieuw Woldermark", RM_ADDRESS_NUMBER, 9000, 1);
    assert_found(index, "Dorpsstraat 2, Woldermark", RM_ADDRESS_UNKNOWN, 0, 0);
    assert_found(index, "Dorpsstraat 1, Elders", RM_ADDRESS_UNKNOWN, 0, 0);
    /* without a place: the only street of its name, or one of several */
    assert_found(index, "Esweg 1", RM_ADDRESS_EXACT, 300, 1);
    assert_found(index, "Dorpsstraat 1", RM_ADDRESS_AMBIGUOUS, 0, 2);
    assert_found(index, "Dorpsstraat 2", RM_ADDRESS_AMBIGUOUS, 0, 2);
    assert_found(index, "Dorpsstraat 3", RM_ADDRESS_UNKNOWN, 0, 0);
    assert_true(find(index, "Dorpsstraat 1").apart_m == 8900);
    /* two streets that are written alike once their blanks are gone */
    assert_found(index, "Kerkhof 1, Woldermark", RM_ADDRESS_AMBIGUOUS, 0, 2);
    /* a postcode decides, right or wrong */
    assert_found(index, "Esweg 1, 9999AA Woldermark", RM_ADDRESS_UNKNOWN, 0, 0);
    assert_found(index, "Esweg 1, 9999AA", RM_ADDRESS_UNKNOWN, 0, 0);
    rm_address_index_free(index);
}

static void test_without_streets_there_is_no_second_road(void **state)
{
    (void)state;
    rm_address_rows rows = {0};
    rm_address_index *index = NULL;
    known k = in_street("Esweg", "Woldermark", 1, 300);
    assert_int_equal(rm_address_rows_add(&rows, &k.address, k.x, k.y, NULL, &err), RM_OK);
    assert_int_equal(rm_address_index_make(&index, &rows, 1, false, 1, &err), RM_OK);
    assert_found(index, "Esweg 1, Woldermark", RM_ADDRESS_UNKNOWN, 0, 0);
    rm_address_index_free(index);
}

static void test_rows_that_nothing_can_be_found_at(void **state)
{
    (void)state;
    rm_address_rows rows = {0};
    rm_address_index *index = NULL;
    known good = at("9999AA", 1, "", 0, 0);
    rm_address no_number = good.address, no_key = good.address, no_place = good.address;
    no_number.number = 0;
    no_key.postcode = 0;
    no_place.postcode = 0;
    no_place.street = 1;
    const struct {
        rm_address address;
        double x;
    } bad[] = {
        {no_number, 0}, {no_key, 0}, {no_place, 0}, {good.address, NAN}, {good.address, INFINITY}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bool used = true;
        assert_int_equal(rm_address_rows_add(&rows, &bad[i].address, bad[i].x, 0, &used, &err),
                         RM_OK);
        assert_false(used);
    }
    assert_int_equal(rm_address_index_make(&index, &rows, 1, true, 2, &err), RM_OK);
    assert_found(index, "9999AA 1", RM_ADDRESS_UNKNOWN, 0, 0);
    assert_found(index, "Esweg 1", RM_ADDRESS_UNKNOWN, 0, 0);
    rm_address_index_free(index);
    rm_address_index_free(NULL);
}

/* A tower of 600 homes at one number: beyond 512 the diagonal of the extent stands for the
 * furthest two, which is no less. */
static void test_a_number_of_many_homes(void **state)
{
    (void)state;
    static known all[600];
    for (int count = 500; count <= 600; count += 100) {
        for (int i = 0; i < count; i++) {
            char text[8];
            snprintf(text, sizeof text, "%d", i + 1);
            all[i] = at("9999AA", 1, text, 40 * cos(i), 40 * sin(i));
        }
        rm_address_index *index = make_index(all, count, 1, 1);
        rm_address_match m = find(index, "9999AA 1");
        assert_int_equal(m.verdict, RM_ADDRESS_AMBIGUOUS);
        assert_int_equal(m.candidates, count);
        assert_true(m.apart_m > 79.9 && m.apart_m < (count > 512 ? 113.2 : 80.1));
        assert_found(index, "9999AA 1-77", RM_ADDRESS_EXACT, all[76].x, 1);
        rm_address_index_free(index);
    }
}

/* The same address 70 times: their distances are not worked out anew at each lookup. */
static void test_an_address_that_is_there_many_times(void **state)
{
    (void)state;
    known all[70];
    for (int i = 0; i < 70; i++)
        all[i] = at("9999AA", 1, "A", 0.01 * i, 0);
    rm_address_index *index = make_index(all, 70, 1, 1);
    assert_found(index, "9999AA 1a", RM_ADDRESS_EXACT, 0, 70);
    rm_address_index_free(index);
}

static rm_status make_and_drop(rm_error *why)
{
    rm_address_rows rows[2] = {{0}};
    rm_address_index *index = NULL;
    rm_status status = RM_OK;
    for (int i = 0; i < 40 && status == RM_OK; i++) {
        known k = i % 2 ? at("9999AA", i, "", i, i) : in_street("Esweg", "Woldermark", i + 1, i);
        status = rm_address_rows_add(&rows[i % 2], &k.address, k.x, k.y, NULL, why);
    }
    if (status == RM_OK)
        status = rm_address_index_make(&index, rows, 2, true, 1, why);
    rm_address_rows_clear(&rows[0]);
    rm_address_rows_clear(&rows[1]);
    if (status != RM_OK)
        assert_null(index);
    rm_address_index_free(index);
    return status;
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    torture(make_and_drop, 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_say_what_they_say),
        cmocka_unit_test(test_cells_say_what_they_say),
        cmocka_unit_test(test_streets_and_places_have_one_form),
        cmocka_unit_test(test_suffixes_are_packed_in_their_order),
        cmocka_unit_test(test_postcodes),
        cmocka_unit_test(test_index_finds_what_a_search_finds),
        cmocka_unit_test(test_order_and_threads_do_not_matter),
        cmocka_unit_test(test_verdicts_one_by_one),
        cmocka_unit_test(test_the_road_by_street),
        cmocka_unit_test(test_without_streets_there_is_no_second_road),
        cmocka_unit_test(test_rows_that_nothing_can_be_found_at),
        cmocka_unit_test(test_a_number_of_many_homes),
        cmocka_unit_test(test_an_address_that_is_there_many_times),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
