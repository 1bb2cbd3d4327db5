#include "output/recognise.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

enum { MOST_FIELDS = 8 };

/* Every entry of `fields` must be there; an entry names alternatives, separated by commas. Case
 * does not matter and a * at either end stands for anything. The first row that fits is taken, so
 * what asks for more stands first. */
typedef struct known_source {
    const char *name;    /* as the data are called, which is in Dutch */
    const char *english; /* NULL: the same */
    const char *layer;   /* NULL: whatever its name */
    const char *fields[MOST_FIELDS];
} known_source;

#define X_NAMES                                                                                    \
    "x,rd_x,x_rd,rdx,rd-x,x_coord,xcoord,x_coordinaat,xcoordinaat,x-coordinaat,lon,long,lng,"      \
    "longitude,lengtegraad"
#define Y_NAMES                                                                                    \
    "y,rd_y,y_rd,rdy,rd-y,y_coord,ycoord,y_coordinaat,ycoordinaat,y-coordinaat,lat,latitude,"      \
    "breedtegraad"
#define DATE_NAMES                                                                                 \
    "datum,date,tijdstip,meldingsdatum,melddatum,datum_melding,pleegdatum,datum_voorval,"          \
    "incidentdatum,datum_incident,registratiedatum,datum_registratie"
#define LVBAG "voorkomenIdentificatie", "beginGeldigheid", "tijdstipInactiefLV"

/* clang-format off */
static const known_source KNOWN[] = {
    {"riskmap: resultaat", "riskmap: result", NULL, {"id", "score", "rank", "class", "coverage"}},

    {"LVBAG: Pand", NULL, NULL, {"oorspronkelijkBouwjaar", LVBAG}},
    {"LVBAG: Verblijfsobject", NULL, NULL, {"oppervlakte", "pandRef", LVBAG}},
    {"LVBAG: Nummeraanduiding", NULL, NULL, {"huisnummer", "postcode", "typeAdresseerbaarObject", LVBAG}},
    {"LVBAG: Openbareruimte", NULL, NULL, {"naam", "woonplaatsRef", LVBAG}},
    {"LVBAG: Standplaats", NULL, "standplaats", {"hoofdadresNummeraanduidingRef", LVBAG}},
    {"LVBAG: Ligplaats", NULL, "ligplaats", {"hoofdadresNummeraanduidingRef", LVBAG}},
    {"LVBAG: Woonplaats", NULL, "woonplaats", {"naam", LVBAG}},

    {"BAG light: verblijfsobject", NULL, NULL,
     {"identificatie", "oppervlakte", "status", "gebruiksdoel", "huisnummer", "postcode", "pand_identificatie"}},
    {"BAG light: pand", NULL, NULL,
     {"identificatie", "bouwjaar", "status", "gebruiksdoel", "aantal_verblijfsobjecten"}},
    {"BAG light: standplaats", NULL, "standplaats*",
     {"identificatie", "status", "openbare_ruimte_naam", "huisnummer"}},
    {"BAG light: ligplaats", NULL, "ligplaats*",
     {"identificatie", "status", "openbare_ruimte_naam", "huisnummer"}},
    {"BAG light: woonplaats", NULL, "woonplaats*", {"identificatie", "status", "woonplaats,naam"}},

    {"BRK: perceel", NULL, NULL,
     {"identificatie_lokaal_id", "kadastrale_gemeente_code", "sectie", "perceelnummer", "kadastrale_grootte_waarde"}},
    {"BRK: perceel", NULL, NULL,
     {"identificatie,lokaalID", "sectie", "perceelnummer", "kadastraleGrootte*", "*AKRKadastraleGemeenteCode*"}},

    {"BGT: pand", NULL, NULL, {"lokaalID,lokaal_id", "identificatieBAGPND,identificatie_bag_pnd"}},
    {"BGT: ondersteunend wegdeel", NULL, NULL,
     {"lokaalID,lokaal_id", "bgt-status,bgt_status",
      "plus-functieOndersteunendWegdeel,plus_functie_ondersteunend_wegdeel,geometrie2dOndersteunendWegdeel"}},
    {"BGT: wegdeel", NULL, NULL,
     {"lokaalID,lokaal_id", "bgt-status,bgt_status", "function,bgt_functie",
      "plus-functieWegdeel,plus_functie_wegdeel,plus-fysiekVoorkomenWegdeel,plus_fysiek_voorkomen_wegdeel"}},
    {"BGT: ondersteunend waterdeel", NULL, "*ondersteunendwaterdeel*",
     {"lokaalID,lokaal_id", "bgt-status,bgt_status", "class,bgt_type", "plus-type,plus_type"}},
    {"BGT: waterdeel", NULL, "*waterdeel*",
     {"lokaalID,lokaal_id", "bgt-status,bgt_status", "class,bgt_type", "plus-type,plus_type"}},

    {"TOP10NL: plaats", NULL, NULL, {"lokaalID,lokaal_id", "bebouwdeKom,bebouwde_kom"}},
    {"TOP10NL: wegdeel", NULL, NULL, {"lokaalID,lokaal_id", "typeWeg,type_weg"}},
    {"TOP10NL: functioneel gebied", NULL, NULL,
     {"lokaalID,lokaal_id", "typeFunctioneelGebied,type_functioneel_gebied"}},

    {"CBS: buurten", NULL, NULL, {"buurtcode,bu_code", "buurtnaam,bu_naam", "gemeentecode,gm_code"}},
    {"CBS: wijken", NULL, NULL, {"wijkcode,wk_code", "wijknaam,wk_naam", "gemeentecode,gm_code"}},
    {"CBS: gemeenten", NULL, NULL, {"gemeentecode,gm_code", "gemeentenaam,gm_naam", "aantal_inwoners,aant_inw"}},
    {"CBS: gebiedsindeling", "CBS: area division", NULL, {"statcode", "statnaam"}},

    {"IBIS: bedrijventerreinen", "IBIS: business parks", NULL, {"RIN_NUMMER,RINNUMMER", "PLAN_NAAM,BEDRIJVENT"}},
    {"vakantieparken (onderzoekslijst)", "holiday parks (research list)", NULL, {"naam", "functie", "eigenaar*", "bouwjaar_m"}},

    {"meldingen: datum en coördinaten", "reports: date and coordinates", NULL, {DATE_NAMES, X_NAMES, Y_NAMES}},
    {"meldingen: datum en adres", "reports: date and address", NULL, {DATE_NAMES, "postcode", "huisnummer"}},
    {"adressen met coördinaten", "addresses with coordinates", NULL, {"postcode", "huisnummer", X_NAMES, Y_NAMES}},
};

/* The Netherlands with some sea. */
static const struct reading {
    const char *name;
    double xmin, ymin, xmax, ymax;
} READINGS[RM_READINGS] = {
    {"EPSG:28992", -10000, 300000, 300000, 640000},
    {"EPSG:4258", 3, 50, 8, 54},
    {"EPSG:3857", 330000, 6500000, 900000, 7200000},
    {"EPSG:28992 with x and y swapped", 300000, -10000, 640000, 300000},
    {"EPSG:4258 with x and y swapped", 50, 3, 54, 8},
};

/* A number from low to high, or this text, stands for "missing" in fields of this name. */
static const struct sentinel {
    const char *field;
    double low, high;
    const char *text;
} SENTINELS[] = {
    {"*", -HUGE_VAL, -99997, NULL},
    {"*", NAN, NAN, "GM0000"},
    {"*bouwjaar*", 1005, 1005, NULL},
    {"*bouwjaar*", 9999, 9999, NULL},
};
/* clang-format on */
enum { SENTINEL_COUNT = sizeof SENTINELS / sizeof *SENTINELS };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool equal_n(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

/* A pattern of `length` bytes: a name, with a * before or behind it or both. */
static bool fits(const char *name, const char *pattern, size_t length)
{
    bool before = length > 0 && pattern[0] == '*',
         behind = length > 1 && pattern[length - 1] == '*';
    size_t size = strlen(name), fixed = length - before - behind;
    pattern += before;
    if (size < fixed || (!before && !behind && size != fixed))
        return false;
    size_t first = before && !behind ? size - fixed : 0;
    size_t last = before ? size - fixed : 0;
    for (size_t at = first; at <= last; at++)
        if (equal_n(name + at, pattern, fixed))
            return true;
    return false;
}

static bool has_field(const rm_table *columns, const char *alternatives)
{
    for (const char *at = alternatives; *at;) {
        size_t length = strcspn(at, ",");
        for (int32_t c = 0; c < columns->count; c++)
            if (fits(columns->columns[c].name, at, length))
                return true;
        at += length;
        at += *at == ',';
    }
    return false;
}

static bool is_source(const known_source *known, const char *layer, const rm_table *columns)
{
    if (known->layer && !fits(layer, known->layer, strlen(known->layer)))
        return false;
    for (int f = 0; f < MOST_FIELDS && known->fields[f]; f++)
        if (!has_field(columns, known->fields[f]))
            return false;
    return true;
}

const char *rm_recognise(const char *layer, const rm_table *columns, bool english)
{
    for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++)
        if (is_source(&KNOWN[k], layer ? layer : "", columns))
            return english && KNOWN[k].english ? KNOWN[k].english : KNOWN[k].name;
    return "";
}

int rm_reading_of(double x, double y)
{
    for (int r = 0; r < RM_READINGS; r++)
        if (x >= READINGS[r].xmin && x <= READINGS[r].xmax && y >= READINGS[r].ymin &&
            y <= READINGS[r].ymax)
            return r;
    return -1;
}

const char *rm_reading_name(int reading)
{
    return READINGS[reading].name;
}

unsigned rm_sentinels_of(const char *field)
{
    unsigned rules = 0;
    for (int s = 0; s < SENTINEL_COUNT; s++)
        if (fits(field, SENTINELS[s].field, strlen(SENTINELS[s].field)))
            rules |= 1u << s;
    return rules;
}

bool rm_is_sentinel(unsigned rules, double number)
{
    for (int s = 0; s < SENTINEL_COUNT; s++)
        if ((rules >> s & 1u) && number >= SENTINELS[s].low && number <= SENTINELS[s].high)
            return true;
    return false;
}

bool rm_is_sentinel_text(unsigned rules, const char *text, int64_t length)
{
    for (int s = 0; s < SENTINEL_COUNT; s++)
        if ((rules >> s & 1u) && SENTINELS[s].text && (size_t)length == strlen(SENTINELS[s].text) &&
            equal_n(text, SENTINELS[s].text, (size_t)length))
            return true;
    return false;
}
