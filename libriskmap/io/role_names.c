#include "io/role_names.h"

#include <string.h>

typedef struct axis_names {
    const char *x, *y, *crs;
} axis_names;

/* As rm_plain leaves them: lower case, without blanks and marks. */
static const axis_names axes[] = {
    {"rdx", "rdy", "EPSG:28992"},
    {"xrd", "yrd", "EPSG:28992"},
    {"rdxcoordinaat", "rdycoordinaat", "EPSG:28992"},
    {"xcoordinaatrd", "ycoordinaatrd", "EPSG:28992"},
    {"rijksdriehoekx", "rijksdriehoeky", "EPSG:28992"},
    {"lon", "lat", "EPSG:4258"},
    {"longitude", "latitude", "EPSG:4258"},
    {"long", "lat", "EPSG:4258"},
    {"lng", "lat", "EPSG:4258"},
    {"lengtegraad", "breedtegraad", "EPSG:4258"},
    {"oosterlengte", "noorderbreedte", "EPSG:4258"},
    {"gpslon", "gpslat", "EPSG:4258"},
    {"gpslongitude", "gpslatitude", "EPSG:4258"},
    {"x", "y", NULL},
    {"xcoord", "ycoord", NULL},
    {"xcoordinaat", "ycoordinaat", NULL},
    {"xco", "yco", NULL},
    {"coordx", "coordy", NULL},
    {"coordinaatx", "coordinaaty", NULL},
    {"xcoordinate", "ycoordinate", NULL},
    {"locatiex", "locatiey", NULL},
    {"easting", "northing", NULL},
};
enum { AXES = sizeof axes / sizeof axes[0], MOST_NAMES = 18 };

/* The better names first. */
static const char *const names[RM_ROLES][MOST_NAMES] = {
    [RM_ROLE_DATE] = {"datum", "date", "meldingsdatum", "meldingdatum", "datummelding",
                      "incidentdatum", "datumincident", "pleegdatum", "datumtijd", "datetime",
                      "begindatum", "startdatum", "datumbegin", "kennisnamedatum", "tijdstip",
                      "timestamp", "aangemaaktop"},
    [RM_ROLE_TIME] = {"tijd", "time", "meldingstijd", "meldingtijd", "tijdmelding", "incidenttijd",
                      "begintijd", "pleegtijd", "uur"},
    [RM_ROLE_POSTCODE] = {"postcode", "postcode6", "pc6", "pc", "postalcode", "postkode", "zipcode",
                          "zip"},
    [RM_ROLE_NUMBER] = {"huisnummer", "huisnr", "hnr", "housenumber", "huisnum", "streetnumber",
                        "nummer", "nr"},
    [RM_ROLE_LETTER] = {"huisletter", "huisnummerletter", "hletter", "letter"},
    [RM_ROLE_ADDITION] = {"toevoeging", "huisnummertoevoeging", "huisnrtoevoeging",
                          "huisnummertoev", "huisnrtoev", "hnrtoev", "toev", "addition",
                          "toevoegsel", "suffix"},
    [RM_ROLE_LINE] = {"adres", "adresregel", "adresregel1", "address", "straatenhuisnummer",
                      "straathuisnummer", "straatennummer", "volledigadres", "addressline",
                      "locatieadres", "locatie"},
    [RM_ROLE_STREET] = {"straat", "straatnaam", "openbareruimtenaam", "openbareruimte",
                        "naamopenbareruimte", "street", "streetname", "wegnaam", "weg"},
    [RM_ROLE_PLACE] = {"woonplaats", "woonplaatsnaam", "plaats", "plaatsnaam", "city", "town",
                       "place", "stad", "dorp"},
    [RM_ROLE_WEIGHT] = {"gewicht", "weight", "weging", "wegingsfactor", "aantal", "count"},
    [RM_ROLE_ID] = {"id", "meldingid", "meldingsid", "incidentid", "meldingnummer",
                    "meldingsnummer", "incidentnummer", "incidentnr", "zaaknummer", "zaaknr",
                    "registratienummer", "registratienr", "identificatie", "kenmerk", "referentie",
                    "volgnummer", "objectid", "fid"},
};

/* What may stand in a longer name, such as "locatie_postcode". */
static const char *const parts[RM_ROLES][3] = {
    [RM_ROLE_DATE] = {"datum", "date"},
    [RM_ROLE_POSTCODE] = {"postcode"},
    [RM_ROLE_NUMBER] = {"huisnummer", "huisnr"},
    [RM_ROLE_LETTER] = {"huisletter"},
    [RM_ROLE_ADDITION] = {"toevoeging"},
    [RM_ROLE_STREET] = {"straatnaam"},
    [RM_ROLE_PLACE] = {"woonplaats"},
};

/* A name in lower case with letters and digits alone; of letters with a sign on them, the letter.
 * What does not fit is no name of ours. */
static void plain(char out[40], const char *name)
{
    size_t n = 0;
    out[0] = '\0';
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        unsigned char low = *c >= 'A' && *c <= 'Z' ? (unsigned char)(*c | 0x20) : *c;
        if (c[0] == 0xc3 && c[1] != '\0') { /* of all those, names have an o and an e */
            c++;
            low = (c[0] & 0x1f) >= 0x12 && (c[0] & 0x1f) <= 0x16 ? 'o' : 'e';
        }
        if (!((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9')))
            continue;
        if (n == 39) {
            out[0] = '\0';
            return;
        }
        out[n++] = (char)low;
        out[n] = '\0';
    }
}

int rm_role_name_rank(const char *name, rm_role role, bool whole)
{
    char simple[40];
    plain(simple, name);
    for (int i = 0; whole && i < MOST_NAMES && names[role][i]; i++)
        if (strcmp(simple, names[role][i]) == 0)
            return i;
    /* a birth date is nobody's report, and an update is not its date */
    if (whole || strstr(simple, "geboorte") || strstr(simple, "birth") || strstr(simple, "update"))
        return -1;
    for (int i = 0; i < 3 && parts[role][i]; i++)
        if (strstr(simple, parts[role][i]))
            return i;
    return -1;
}

bool rm_role_name_is_weak(const char *name)
{
    char simple[40];
    plain(simple, name);
    return strcmp(simple, "nr") == 0 || strcmp(simple, "nummer") == 0;
}

static int find_plain(const char *const *found, int32_t count, const char *wanted)
{
    for (int32_t i = 0; i < count; i++) {
        char simple[40];
        plain(simple, found[i]);
        if (strcmp(simple, wanted) == 0)
            return i;
    }
    return -1;
}

void rm_roles_named_xy(const char *const *found, int32_t count, bool plain_first, int *x, int *y,
                       const char **crs)
{
    *x = *y = -1;
    *crs = NULL;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < AXES; i++) {
            bool says_nothing = axes[i].crs == NULL;
            if (says_nothing != ((pass == 0) == plain_first))
                continue;
            int at_x = find_plain(found, count, axes[i].x);
            int at_y = find_plain(found, count, axes[i].y);
            if (at_x < 0 || at_y < 0)
                continue;
            *x = at_x;
            *y = at_y;
            *crs = axes[i].crs;
            return;
        }
    }
}

const char *rm_roles_axes_crs(const char *x, const char *y)
{
    char simple_x[40], simple_y[40];
    plain(simple_x, x);
    plain(simple_y, y);
    for (int i = 0; i < AXES; i++)
        if (strcmp(axes[i].x, simple_x) == 0 && strcmp(axes[i].y, simple_y) == 0)
            return axes[i].crs;
    return NULL;
}

const char *rm_role_name(rm_role role)
{
    static const char *const shown[RM_ROLES] = {
        [RM_ROLE_X] = "x",
        [RM_ROLE_Y] = "y",
        [RM_ROLE_DATE] = "date",
        [RM_ROLE_TIME] = "time",
        [RM_ROLE_POSTCODE] = "postcode",
        [RM_ROLE_NUMBER] = "house number",
        [RM_ROLE_LETTER] = "house letter",
        [RM_ROLE_ADDITION] = "addition",
        [RM_ROLE_LINE] = "address line",
        [RM_ROLE_STREET] = "street",
        [RM_ROLE_PLACE] = "place",
        [RM_ROLE_WEIGHT] = "weight",
        [RM_ROLE_ID] = "id",
    };
    return shown[role];
}

const char *rm_sure_name(rm_sure sure)
{
    static const char *const shown[] = {"", "content", "name", "name and content"};
    return shown[sure];
}
