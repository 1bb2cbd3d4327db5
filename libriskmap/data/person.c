#include "data/person.h"

#include "data/quote.h"
#include "data/term.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* ---- by name ---- */

/* Figures about a column, which are no persons themselves. */
#define FIGURE                                                                                     \
    "aantal|aantallen|percentage|perc|gemiddelde|gemiddeld|gem|totaal|som|heeft|bekend|onbekend|"  \
    "aanwezig|ontbreekt|geldig|verzonden|verstuurd|count|number_of|share|has|known|missing"
/* How a report came in: "via_telefoon". */
#define CHANNEL "via|per|kanaal|meldwijze|wijze|channel|ontvangen|soort|type"
#define NUMBER  "nr|nummer|nummers|no|number"
#define SOMEONE                                                                                    \
    "persoon|personen|melder|melders|meldersnaam|aangever|verdachte|verdachten|slachtoffer|"       \
    "slachtoffers|betrokkene|betrokkenen|bewoner|bewoners|huurder|huurders|bestuurder|"            \
    "eigenaar|eigenaars|contactpersoon|aanvrager|klager|getuige|medewerker|behandelaar|"           \
    "verbalisant|client|patient|partner|inwoner|burger|person|reporter|suspect|victim|owner|"      \
    "tenant|resident|contact|employee|officer"

/* clang-format off */
static const rm_term_rule NAMES[] = {
    {RM_PERSON_BSN, "bsn*|*burgerservicenummer*|*burgerservicenr|*sofinummer*|*sofinr|sofi|*bsnnummer", FIGURE},
    {RM_PERSON_BSN, "burger service", FIGURE},
    {RM_PERSON_BSN, "ssn", FIGURE},
    {RM_PERSON_BSN, "social security number", FIGURE},
    {RM_PERSON_BSN, "citizen service number", FIGURE},

    {RM_PERSON_NAME, "*voornaam|*voornamen|*achternaam|*achternamen|*familienaam|*geboortenaam|*roepnaam|voorletter|"
                     "*voorletters|initialen|tussenvoegsel|tussenvoegsels|firstname|lastname|surname|forename", FIGURE},
    {RM_PERSON_NAME, "*geslachtsnaam", "boom|plant|soort|wetenschappelijk*|latijn*|" FIGURE},
    {RM_PERSON_NAME, "first|last|given|family|maiden|middle name|names", FIGURE},
    {RM_PERSON_NAME, "naam|namen|name|names " SOMEONE, "bedrijf*|firma|rechtspersoon|" FIGURE},
    {RM_PERSON_NAME, "persoonsnaam|persoonsnamen|meldernaam|naammelder|aangevernaam|bewonersnaam|bewonernaam|"
                     "eigenaarnaam|eigenaarsnaam|huurdernaam|clientnaam|patientnaam|medewerkernaam|contactpersoon",
     FIGURE},

    {RM_PERSON_BIRTH, "*geboortedatum*|*geboortedat|*geboortedag|*geboortejaar|gebdatum|gebdat|gebdd|dob|birthdate|"
                      "birthday|*overlijdensdatum|dateofbirth", FIGURE},
    {RM_PERSON_BIRTH, "geboorte|overlijden|overlijdens datum|dat|dag|jaar", FIGURE},
    {RM_PERSON_BIRTH, "geb datum|dat", "gebouw*|pand*|" FIGURE},
    {RM_PERSON_BIRTH, "birth date|day|year", FIGURE},

    {RM_PERSON_PHONE, "*telefoonnummer|*telefoonnummers|*telefoonnr|*telefoonnrs|*mobielnummer|*mobielnr|telnr|telno|"
                      "telnummer|gsmnummer|gsmnr|phonenumber|phoneno|cellphone|mobilephone", FIGURE},
    {RM_PERSON_PHONE, "telefoon|phone|telephone", "paal|cel|kabel|mast|kast|net|" CHANNEL "|" FIGURE},
    {RM_PERSON_PHONE, "tel|mobiel|mobile|gsm " NUMBER, FIGURE},

    {RM_PERSON_EMAIL, "email|emails|*emailadres|*emailadressen|*mailadres|*mailadressen|emailaddress", CHANNEL "|" FIGURE},
    {RM_PERSON_EMAIL, "e mail", CHANNEL "|" FIGURE},
    {RM_PERSON_EMAIL, "mail adres|address", CHANNEL "|" FIGURE},

    {RM_PERSON_ACCOUNT, "iban|ibans|ibannummer|ibannr|*rekeningnummer|*rekeningnr|bankrekening*|rekeninghouder|"
                        "bankaccount", FIGURE},
    {RM_PERSON_ACCOUNT, "rekening|bank|account|bankrekening " NUMBER, "grootboek*|kosten|" FIGURE},

    {RM_PERSON_DOCUMENT, "paspoort|paspoortnummer|paspoortnr|rijbewijs|rijbewijsnummer|rijbewijsnr|identiteitskaart|"
                         "identiteitskaartnummer|identiteitsbewijs|identiteitsbewijsnummer|legitimatiebewijs|"
                         "legitimatienummer|vreemdelingennummer|passport|passportnumber", FIGURE},
    {RM_PERSON_DOCUMENT, "driving|drivers licence|license", FIGURE},

    {RM_PERSON_PLATE, "kenteken|kentekens|kentekennummer|kentekennr|licenceplate|licenseplate|numberplate",
     "soort|type|land|" FIGURE},
    {RM_PERSON_PLATE, "licence|license|number plate", FIGURE},
};
/* clang-format on */

rm_person rm_person_by_name(const char *name)
{
    rm_terms terms;
    rm_terms_split(&terms, name);
    int kind = rm_term_meaning(&terms, NAMES, COUNT(NAMES));
    return kind < 0 ? RM_PERSON_KINDS : (rm_person)kind;
}

/* ---- by content ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The 11-test of a BSN: 9, 8, ... 2 times the digits, less the last one. */
static bool passes_eleven(uint64_t number)
{
    if (number < 10000000 || number > 999999999)
        return false;
    int sum = -(int)(number % 10);
    for (int weight = 2; weight <= 9; weight++) {
        number /= 10;
        sum += weight * (int)(number % 10);
    }
    return sum % 11 == 0;
}

/* "123456782", "1234.56.782", "1234 56 782"; *key is the number, which tells cells apart. */
static bool is_bsn(const char *text, int64_t length, uint64_t *key)
{
    int digits = 0;
    *key = 0;
    if (length > 13)
        return false;
    for (int64_t i = 0; i < length; i++) {
        if (is_digit(text[i])) {
            *key = *key * 10 + (uint64_t)(text[i] - '0');
            digits++;
        } else if (text[i] != '.' && text[i] != ' ' && text[i] != '-') {
            return false;
        }
    }
    return (digits == 8 || digits == 9) && passes_eleven(*key);
}

static uint64_t key_of(const char *text, int64_t length)
{
    uint64_t key = UINT64_C(14695981039346656037); /* FNV-1a */
    for (int64_t i = 0; i < length; i++)
        key = (key ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return key;
}

static bool is_email(const char *text, int64_t length, uint64_t *key)
{
    int64_t at = -1, dot = -1;
    if (length < 6 || length > 254)
        return false;
    for (int64_t i = 0; i < length; i++) {
        char c = text[i];
        bool plain = is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
        if (c == '@' && at < 0 && i > 0)
            at = i;
        else if (c == '.' && at >= 0)
            dot = i;
        else if (!plain && (at >= 0 || !strchr("+'&*/=?^{}|~!#$%", c)))
            return false;
    }
    *key = key_of(text, length);
    return at > 0 && dot > at + 1 && length - dot > 2;
}

/* The digits behind the 0 of a Dutch number, as a number of nine digits. A local number begins with
 * neither 0 nor 1. */
static bool is_subscriber(uint64_t nine)
{
    static const unsigned char two[] = {10, 13, 15, 20, 23, 24, 26, 30, 33, 35, 36, 38,
                                        40, 43, 45, 46, 50, 53, 55, 58, 70, 71, 72, 73,
                                        74, 75, 76, 77, 78, 79, 84, 85, 87, 88};
    uint64_t first = nine / 10000000, local = nine % 10000000;
    if (first >= 60 && first < 70)
        return first % 10 >= 1 && first != 66 && first != 67 && first != 69;
    for (int i = 0; i < COUNT(two); i++)
        if (first == two[i])
            return local >= 2000000;
    return first >= 11 && first < 60 && nine % 1000000 >= 200000;
}

static bool is_phone(const char *text, int64_t length, uint64_t *key)
{
    uint64_t number = 0;
    int digits = 0, first_digits = 0;
    bool plus = length > 0 && text[0] == '+';
    if (length < 9 || length > 20)
        return false;
    for (int64_t i = plus; i < length; i++) {
        if (is_digit(text[i])) {
            if (digits == 0 && !plus && text[i] != '0')
                return false;
            number = number * 10 + (uint64_t)(text[i] - '0');
            digits++;
        } else if (!strchr(" -.()/", text[i])) {
            return false;
        } else if (first_digits == 0) {
            first_digits = digits;
        }
    }
    if (digits > 15)
        return false;
    if (digits > 10) { /* 31 6 12345678, also with 00 before it and with (0) behind 31 */
        uint64_t power = digits == (plus ? 12 : 14) ? UINT64_C(10000000000) : 1000000000;
        bool country = number / power == 31;
        number = country ? number % power : 0;
        digits = country && number < 1000000000 ? 10 : 0;
    }
    *key = number;
    return digits == 10 && is_subscriber(number);
}

static bool is_iban(const char *text, int64_t length, uint64_t *key)
{
    char plain[40];
    int size = 0;
    for (int64_t i = 0; i < length && size < 36; i++)
        if (text[i] != ' ')
            plain[size++] = text[i];
    if (length > 48 || size < 15 || size > 34 || !is_letter(plain[0]) || !is_letter(plain[1]) ||
        !is_digit(plain[2]) || !is_digit(plain[3]))
        return false;
    unsigned rest = 0;
    for (int i = 0; i < size; i++) {
        char c = plain[(i + 4) % size];
        if (is_digit(c))
            rest = (rest * 10 + (unsigned)(c - '0')) % 97;
        else if (is_letter(c))
            rest = (rest * 100 + (unsigned)((c | 0x20) - 'a' + 10)) % 97;
        else
            return false;
    }
    *key = key_of(plain, size);
    return rest == 1;
}

typedef bool (*content_test)(const char *text, int64_t length, uint64_t *key);

static const struct content {
    rm_person kind;
    content_test test;
} CONTENTS[] = {
    {RM_PERSON_BSN, is_bsn},
    {RM_PERSON_EMAIL, is_email},
    {RM_PERSON_PHONE, is_phone},
    {RM_PERSON_ACCOUNT, is_iban},
};

/* The cell as text; an integer is written into room. */
static const char *cell_text(const rm_column *column, int64_t row, char room[24], int64_t *length)
{
    if (column->type == RM_TEXT) {
        const char *text = rm_column_text(column, row, length);
        while (*length > 0 && text[*length - 1] == ' ')
            (*length)--;
        while (*length > 0 && *text == ' ') {
            text++;
            (*length)--;
        }
        return text;
    }
    int64_t value = column->data.i64[row];
    char *at = room + 24;
    if (value < 0 || value > 999999999)
        value = 0; /* no BSN; it counts as a cell that is something else */
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    *length = room + 24 - at;
    return at;
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* How many of the sorted keys differ when their last digits are left aside. */
static int count_distinct(const uint64_t *keys, int count, uint64_t divisor)
{
    int distinct = count > 0;
    for (int i = 1; i < count; i++)
        distinct += keys[i] / divisor != keys[i - 1] / divisor;
    return distinct;
}

static bool holds(const struct content *content, const rm_column *column, int64_t rows)
{
    uint64_t keys[RM_PERSON_ROWS];
    int passed = 0, failed = 0;
    for (int64_t row = 0; row < rows; row++) {
        char room[24];
        int64_t length;
        if (rm_column_missing(column, row))
            continue;
        const char *text = cell_text(column, row, room, &length);
        if (length == 0)
            continue;
        if (content->test(text, length, &keys[passed]))
            passed++;
        else if (++failed * 10 > rows)
            return false;
    }
    if (passed < RM_PERSON_DISTINCT || failed * 9 > passed)
        return false;
    qsort(keys, (size_t)passed, sizeof *keys, compare_keys);
    if (count_distinct(keys, passed, 1) < RM_PERSON_DISTINCT)
        return false;
    /* numbers that a municipality gives out one after the other may look like those of one exchange
     */
    return content->kind != RM_PERSON_PHONE || count_distinct(keys, passed, 100000) >= 3;
}

rm_person rm_person_by_content(const rm_column *column, int64_t rows)
{
    if (column->type != RM_TEXT && column->type != RM_INT64)
        return RM_PERSON_KINDS;
    if (rows > RM_PERSON_ROWS)
        rows = RM_PERSON_ROWS;
    for (int c = 0; c < COUNT(CONTENTS); c++)
        if ((column->type == RM_TEXT || CONTENTS[c].kind == RM_PERSON_BSN) &&
            holds(&CONTENTS[c], column, rows))
            return CONTENTS[c].kind;
    return RM_PERSON_KINDS;
}

/* ---- what a model gets to hear ---- */

/* clang-format off */
static const struct words {
    const char *what, *why; /* why: by content */
} WORDS[RM_PERSON_KINDS + 1] = {
    [RM_PERSON_BSN] = {"citizen service numbers (BSN)", "at least nine in ten of its first cells pass their 11-test"},
    [RM_PERSON_NAME] = {"names of persons", ""},
    [RM_PERSON_BIRTH] = {"dates of birth or death", ""},
    [RM_PERSON_PHONE] = {"telephone numbers", "at least nine in ten of its first cells are Dutch telephone numbers"},
    [RM_PERSON_EMAIL] = {"e-mail addresses", "at least nine in ten of its first cells are e-mail addresses"},
    [RM_PERSON_ACCOUNT] = {"bank account numbers", "at least nine in ten of its first cells pass the check of an IBAN"},
    [RM_PERSON_DOCUMENT] = {"numbers of identity documents", ""},
    [RM_PERSON_PLATE] = {"number plates of vehicles", ""},
    [RM_PERSON_KINDS] = {"", ""},
};
/* clang-format on */

const char *rm_person_words(rm_person kind)
{
    return WORDS[kind].what;
}

static rm_status refuse(rm_person kind, const char *name, const char *why, const char *shown,
                        rm_error *err)
{
    return rm_fail(err, RM_EDATA,
                   "%s: column %s holds %s (%s); riskmap scores places and reads no column of "
                   "persons: take it out of the model",
                   shown, rm_quoted_text(name).text, WORDS[kind].what, why);
}

rm_status rm_person_check_name(const char *name, const char *shown, rm_error *err)
{
    rm_person kind = rm_person_by_name(name);
    return kind == RM_PERSON_KINDS ? RM_OK : refuse(kind, name, "by its name", shown, err);
}

rm_status rm_person_check_rows(const rm_table *table, const char *shown, rm_error *err)
{
    for (int32_t c = 0; c < table->count; c++) {
        rm_person kind = rm_person_by_content(&table->columns[c], table->rows);
        if (kind != RM_PERSON_KINDS)
            return refuse(kind, table->columns[c].name, WORDS[kind].why, shown, err);
    }
    return RM_OK;
}
