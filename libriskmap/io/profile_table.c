/* The sources that are known: a new one is a row here, and no code. What asks for more stands
 * before what asks for less, because the first row that fits is taken. */
#include "io/profile.h"

/* clang-format off */

#define X_NAMES                                                                                    \
    "x,rd_x,x_rd,rdx,rd-x,x_coord,xcoord,x_coordinaat,xcoordinaat,x-coordinaat,lon,long,lng,"      \
    "longitude,lengtegraad"
#define Y_NAMES                                                                                    \
    "y,rd_y,y_rd,rdy,rd-y,y_coord,ycoord,y_coordinaat,ycoordinaat,y-coordinaat,lat,latitude,"      \
    "breedtegraad"
#define DATE_NAMES                                                                                 \
    "datum,date,tijdstip,meldingsdatum,melddatum,datum_melding,pleegdatum,datum_voorval,"          \
    "incidentdatum,datum_incident,registratiedatum,datum_registratie"
#define END {NULL, NULL, RM_PROFILE_PLAIN, 0, NULL}
#define PLAIN(name, fields) {name, fields, RM_PROFILE_PLAIN, 0, NULL}
#define ID(name, fields, digits) {name, fields, RM_PROFILE_ID, digits, NULL}
#define IDS(name, fields, digits) {name, fields, RM_PROFILE_IDS, digits, NULL}
#define YEAR(name, fields) {name, fields, RM_PROFILE_YEAR, 0, NULL}
#define AREA(name, fields, hectares) {name, fields, RM_PROFILE_AREA, 0, hectares}
#define LIST(name, fields) {name, fields, RM_PROFILE_LIST, 0, NULL}
#define DATE(name, fields) {name, fields, RM_PROFILE_DATE, 0, NULL}

/* Addresses, in all their spellings. */

#define STREET PLAIN("straat", "openbare_ruimte_naam,straatnaam,straat,openbareruimte,openbareruimtenaam,adres_straat")
#define NUMBER PLAIN("huisnummer", "huisnummer,huis_nummer,huisnr,huisnummer_1")
#define LETTER PLAIN("huisletter", "huisletter,huis_letter")
#define ADDITION                                                                                   \
    PLAIN("toevoeging", "toevoeging,huisnummertoevoeging,huisnummer_toevoeging,huisnrtoev,huisnr_toev")
#define POSTCODE PLAIN("postcode", "postcode,pc6,postcode6")
#define PLACE PLAIN("woonplaats", "woonplaats_naam,woonplaats,woonplaatsnaam,plaats,plaatsnaam,vestigingsplaats")

/* BAG. */

#define BAG_ID ID("identificatie", "identificatie", 16)
#define BAG_COMMON                                                                                 \
    PLAIN("status", "status"), PLAIN("geconstateerd", "geconstateerd"),                            \
        DATE("documentdatum", "documentDatum,document_datum"),                                     \
        DATE("begin", "beginGeldigheid,begin_geldigheid")

static const rm_profile_field BAG_PAND[] = {
    BAG_ID, YEAR("bouwjaar", "oorspronkelijkBouwjaar,oorspronkelijk_bouwjaar,bouwjaar"), BAG_COMMON,
    LIST("gebruiksdoel", "gebruiksdoel"),
    AREA("oppervlakte_min", "oppervlakte_min", NULL), AREA("oppervlakte_max", "oppervlakte_max", NULL),
    PLAIN("aantal_verblijfsobjecten", "aantal_verblijfsobjecten"), END};

static const rm_profile_field BAG_VERBLIJFSOBJECT[] = {
    BAG_ID, AREA("oppervlakte", "oppervlakte", NULL), LIST("gebruiksdoel", "gebruiksdoel"), BAG_COMMON,
    IDS("pand", "pand_identificatie,pandRef,pandidentificatie", 16),
    ID("hoofdadres", "nummeraanduiding_hoofdadres_identificatie,hoofdadresNummeraanduidingRef", 16),
    IDS("nevenadressen", "nevenadresNummeraanduidingRef", 16),
    YEAR("bouwjaar", "bouwjaar"), PLAIN("pandstatus", "pandstatus"),
    STREET, NUMBER, LETTER, ADDITION, POSTCODE, PLACE, END};

static const rm_profile_field BAG_PLAATS[] = {
    BAG_ID, BAG_COMMON,
    ID("hoofdadres", "nummeraanduiding_hoofdadres_identificatie,hoofdadresNummeraanduidingRef", 16),
    IDS("nevenadressen", "nevenadresNummeraanduidingRef", 16),
    STREET, NUMBER, LETTER, ADDITION, POSTCODE, PLACE, END};

static const rm_profile_field BAG_NUMMERAANDUIDING[] = {
    ID("identificatie", "identificatie,nummer_id", 16), BAG_COMMON,
    PLAIN("type", "typeAdresseerbaarObject,type"),
    ID("openbareruimte", "openbareruimteRef", 16), ID("woonplaats_identificatie", "woonplaatsRef", 4),
    STREET, NUMBER, LETTER, ADDITION, POSTCODE, PLACE, END};

static const rm_profile_field BAG_OPENBARERUIMTE[] = {
    BAG_ID, PLAIN("naam", "naam"), PLAIN("verkorte_naam", "verkorteNaam"), PLAIN("type", "type"),
    ID("woonplaats_identificatie", "woonplaatsRef", 4), BAG_COMMON, END};

static const rm_profile_field BAG_WOONPLAATS[] = {
    ID("identificatie", "identificatie", 4), PLAIN("naam", "naam,woonplaats"), BAG_COMMON, END};

/* A building with a permit is in force and stays, as it does in BAG light. */
static const rm_current_rule LVBAG_CURRENT[] = {
    {RM_MUST_BE_EMPTY, "tijdstipInactief", NULL},
    {RM_MUST_BE_EMPTY, "tijdstipInactiefLV", NULL},
    {RM_MUST_BE_EMPTY, "tijdstipNietBagLV", NULL},
    {RM_MUST_NOT_HAVE_ENDED, "eindGeldigheid", NULL},
    {RM_MUST_HAVE_BEGUN, "beginGeldigheid", NULL},
    {RM_MUST_NOT_BE, "status", "niet gerealiseerd*,*gesloopt,*ingetrokken,*ten onrechte opgevoerd"},
    {RM_MUST_BE_EMPTY, NULL, NULL}};

static const rm_current_rule ADDRESS_CURRENT[] = {
    {RM_MUST_NOT_HAVE_ENDED, "datum_eind", NULL},
    {RM_MUST_NOT_BE, "status", "*ingetrokken"},
    {RM_MUST_BE_EMPTY, NULL, NULL}};

#define LVBAG_FIELDS "voorkomenIdentificatie", "beginGeldigheid", "tijdstipInactiefLV"
#define LVBAG_NOTE                                                                                 \
    "alleen het geldende voorkomen telt; wat gesloopt, ingetrokken of nooit gebouwd is niet, een bouwvergunning wel", \
    "only the occurrence in force counts; what is demolished, withdrawn or was never built does not, a building permit does"
#define LIGHT_NOTE                                                                                 \
    "alleen hoofdadressen: op een nevenadres is niets te vinden",                                  \
    "main addresses only: nothing can be found at a secondary address"

/* BRK. */

#define BRK_PATH "kadastraleAanduiding|TypeKadastraleAanduiding|"
#define BRK_SIZE                                                                                   \
    "kadastrale_grootte_waarde,kadastraleGrootte,kadastraleGrootteWaarde,kadastraleGrootte|TypeOppervlak|waarde"
#define BRK_STATUS "status_historie_waarde,statusHistorie,statusHistorieWaarde,waarde"

static const rm_profile_field BRK_PERCEEL[] = {
    ID("identificatie", "identificatie_lokaal_id,lokaalID,identificatie", 0),
    AREA("oppervlakte", BRK_SIZE, NULL), AREA("grootte", BRK_SIZE, NULL),
    PLAIN("soort_grootte",
          "soort_grootte_waarde,soortGrootte,soortGrootteWaarde,"
          "kadastraleGrootte|TypeOppervlak|soortGrootte|SoortGrootte|waarde"),
    PLAIN("gemeente",
          "kadastrale_gemeente_waarde,kadastraleGemeente,kadastraleGemeenteWaarde,"
          BRK_PATH "kadastraleGemeente|KadastraleGemeente|waarde"),
    ID("gemeentecode",
       "kadastrale_gemeente_code,kadastraleGemeenteCode,"
       BRK_PATH "kadastraleGemeente|KadastraleGemeente|code", 0),
    PLAIN("akr_gemeentecode",
          "akr_kadastrale_gemeente_code_waarde,AKRKadastraleGemeenteCode,AKRKadastraleGemeenteCodeWaarde,"
          BRK_PATH "aKRKadastraleGemeenteCode|AKRKadastraleGemeenteCode|waarde"),
    PLAIN("sectie", "sectie"), PLAIN("perceelnummer", "perceelnummer"),
    DATE("begin", "begin_geldigheid,beginGeldigheid"), PLAIN("status", BRK_STATUS), END};

static const rm_profile_field BRK_GRENS[] = {
    ID("identificatie", "identificatie_lokaal_id,lokaalID,identificatie", 0),
    PLAIN("type", "type_grens_waarde,typeGrens,typeGrensWaarde,typeGrens|TypeGrens|waarde"),
    ID("perceel_links", "perceel_links_lokaal_id,perceel_links_identificatie_lokaal_id,perceelLinks,perceelLinks|lokaalID", 0),
    ID("perceel_rechts", "perceel_rechts_lokaal_id,perceel_rechts_identificatie_lokaal_id,perceelRechts,perceelRechts|lokaalID", 0),
    DATE("begin", "begin_geldigheid,beginGeldigheid"), PLAIN("status", BRK_STATUS), END};

static const rm_current_rule BRK_CURRENT[] = {
    {RM_MUST_BE, BRK_STATUS, "geldig"},
    {RM_MUST_NOT_HAVE_ENDED, "eind_geldigheid,eindGeldigheid", NULL},
    {RM_MUST_BE_EMPTY, NULL, NULL}};

/* BGT, and what of it is on the cadastral map. */

static const rm_profile_field BGT[] = {
    ID("identificatie", "lokaalID,lokaal_id,identificatie_lokaal_id", 0),
    PLAIN("status", "bgt-status,bgt_status"),
    PLAIN("functie", "function,bgt-functie,bgt_functie"),
    PLAIN("plus_functie",
          "plus-functieWegdeel,plus_functie_wegdeel,plus-functieOndersteunendWegdeel,"
          "plus_functie_ondersteunend_wegdeel,plus-functie,plus_functie"),
    PLAIN("type", "bgt-type,bgt_type,class"),
    PLAIN("plus_type", "plus-type,plus_type,plus-typeGebouwInstallatie,plus_type_gebouw_installatie"),
    PLAIN("fysiek_voorkomen", "bgt-fysiekVoorkomen,bgt_fysiek_voorkomen,surfaceMaterial,surface_material,class"),
    PLAIN("plus_fysiek_voorkomen",
          "plus-fysiekVoorkomen,plus_fysiek_voorkomen,plus-fysiekVoorkomenWegdeel,"
          "plus_fysiek_voorkomen_wegdeel,plus-fysiekVoorkomenOndersteunendWegdeel,"
          "plus_fysiek_voorkomen_ondersteunend_wegdeel"),
    ID("bag_pand", "identificatieBAGPND,identificatie_bag_pnd", 16),
    ID("bag_openbareruimte", "identificatieBAGOPR,identificatie_bag_opr", 16),
    PLAIN("tekst", "tekst"), PLAIN("openbareruimtetype", "openbareRuimteType,openbare_ruimte_type"),
    PLAIN("bronhouder", "bronhouder"),
    PLAIN("hoogteligging", "relatieveHoogteligging,relatieve_hoogteligging"),
    DATE("begin", "creationDate,creation_date,objectBeginTijd,object_begin_tijd"), END};

static const rm_current_rule BGT_CURRENT[] = {
    {RM_MUST_BE_EMPTY, "eindRegistratie,eind_registratie", NULL},
    {RM_MUST_BE_EMPTY, NULL, NULL}};

#define BGT_FIELDS "lokaalID,lokaal_id", "bgt-status,bgt_status"
#define BGT_REST BGT, BGT_CURRENT, 0, NULL, NULL
#define BGT_OBJECT(object, layers) \
    {"bgt." object, "bgt", "BGT: " object, NULL, layers, {BGT_FIELDS}, BGT_REST}

/* TOP10NL. */

static const rm_profile_field TOP10NL[] = {
    ID("identificatie", "lokaalID,lokaal_id", 0),
    PLAIN("type", "typeWeg,type_weg,typeGebouw,type_gebouw,typeFunctioneelGebied,type_functioneel_gebied,typeGebied,type_gebied"),
    PLAIN("naam", "naamNL,naam_nl,naam"), PLAIN("naam_officieel", "naamOfficieel,naam_officieel"),
    PLAIN("bebouwde_kom", "bebouwdeKom,bebouwde_kom"),
    PLAIN("inwoners", "aantalinwoners,aantal_inwoners"),
    PLAIN("hoofdverkeersgebruik", "hoofdverkeersgebruik"), PLAIN("wegnummer", "aWegnummer,a_wegnummer,nWegnummer,n_wegnummer"),
    PLAIN("status", "status"), DATE("begin", "objectBeginTijd,object_begin_tijd"), END};

static const rm_current_rule TOP10NL_CURRENT[] = {
    {RM_MUST_BE_EMPTY, "eindRegistratie,eind_registratie", NULL},
    {RM_MUST_NOT_HAVE_ENDED, "objectEindTijd,object_eind_tijd", NULL},
    {RM_MUST_BE_EMPTY, NULL, NULL}};

#define TOP10NL_REST TOP10NL, TOP10NL_CURRENT, 0, NULL, NULL

/* CBS: never origin, religion, health, benefits or income, which are no indicators. */

#define CBS_COMMON                                                                                 \
    PLAIN("water", "water"), PLAIN("inwoners", "aantal_inwoners,aant_inw,aantalInwoners"),         \
        PLAIN("huishoudens", "aantal_huishoudens,aantal_hh"),                                      \
        PLAIN("dichtheid", "bevolkingsdichtheid_inwoners_per_km2,bev_dichth"),                     \
        PLAIN("adressendichtheid", "omgevingsadressendichtheid,oad"),                              \
        PLAIN("stedelijkheid", "stedelijkheid_adressen_per_km2,sted"),                             \
        AREA("oppervlakte", "", "oppervlakte_totaal_in_ha,opp_tot"),                               \
        AREA("oppervlakte_land", "", "oppervlakte_land_in_ha,opp_land"),                           \
        AREA("oppervlakte_water", "", "oppervlakte_water_in_ha,opp_water"),                        \
        YEAR("jaar", "jaar,jrstatcode"), ID("gemeentecode", "gemeentecode,gm_code", 0),            \
        PLAIN("gemeentenaam", "gemeentenaam,gm_naam")

static const rm_profile_field CBS_BUURT[] = {
    ID("code", "buurtcode,bu_code", 0), PLAIN("naam", "buurtnaam,bu_naam"),
    ID("wijkcode", "wijkcode,wk_code", 0), CBS_COMMON, END};
static const rm_profile_field CBS_WIJK[] = {
    ID("code", "wijkcode,wk_code", 0), PLAIN("naam", "wijknaam,wk_naam"), CBS_COMMON, END};
static const rm_profile_field CBS_GEMEENTE[] = {
    ID("code", "gemeentecode,gm_code", 0), PLAIN("naam", "gemeentenaam,gm_naam"), CBS_COMMON, END};
static const rm_profile_field CBS_GEBIED[] = {
    ID("code", "statcode", 0), PLAIN("naam", "statnaam"), PLAIN("rubriek", "rubriek"), END};

#define CBS_SENTINELS RM_SENTINEL_STATISTICS | RM_SENTINEL_MUNICIPALITY

/* Lists. */

static const rm_profile_field IBIS_TERREIN[] = {
    ID("rin", "RIN_NUMMER,RINNUMMER", 0), PLAIN("naam", "PLAN_NAAM,BEDRIJVENT"),
    LIST("gemeentecodes", "GEM_CODES,GEM_CODE"), PLAIN("kern", "KERN_NAAM,KERN"),
    AREA("oppervlakte_bruto", "OPPBRUTO", "HA_BRUTO"), AREA("oppervlakte_netto", "OPPNETTO", "HA_NETTO"),
    AREA("oppervlakte_uitgeefbaar", "", "HA_TOTTUIT"),
    PLAIN("type", "WLOC_TYPE"), PLAIN("jaar", "JAAR"), END};

static const rm_profile_field VAKANTIEPARK[] = {
    PLAIN("naam", "naam"), PLAIN("functie", "functie"), ID("code", "code", 0),
    PLAIN("gemeente", "gemeentena,gemeentenaam"), PLAIN("provincie", "provincien,provincie,provincienaam"),
    AREA("oppervlakte", "area", NULL), PLAIN("huizen", "bouwjaar_c"), PLAIN("bouwjaar", "bouwjaar_m"), END};

#define KVK_NUMBER "kvknummer,kvk_nummer,kvk-nummer,kvknr,kvk_nr,dossiernummer,dossiernr"
#define KVK_BRANCH "vestigingsnummer,vestigings_nummer,vestigingsnr,vestiging_nr,vestnr"
#define LISA_NUMBER "lisanummer,lisa_nummer,lisanr,lisa_nr,lisaid,lisa_id"
#define ACTIVITY "sbi,sbi_code,sbicode,sbi2008,sbi_2008,hoofd_sbi,hoofdactiviteit,hoofd_activiteit,activiteit,activiteitcode"
#define JOBS                                                                                       \
    "werkzame_personen,werkzamepersonen,aantal_werkzame_personen,totaal_werkzame_personen,"        \
    "totaalwerkzamepersonen,banen,banen_totaal,totaal_banen,baantot,wp_totaal,wp"
#define BUSINESS                                                                                   \
    ID("kvknummer", KVK_NUMBER, 8), ID("vestigingsnummer", KVK_BRANCH, 12),                        \
        ID("bag_verblijfsobject", "bag_vbo,vbo_id,bag_id,bag_verblijfsobject,verblijfsobject_identificatie", 16), \
        PLAIN("naam", "handelsnaam,eerstehandelsnaam,eerste_handelsnaam,handelsnaam_1,bedrijfsnaam,naam"), \
        ID("sbi", ACTIVITY, 0), PLAIN("werkzame_personen", JOBS),                                  \
        DATE("begin", "datum_vestiging,datum_aanvang,datumaanvang,startdatum"),                    \
        DATE("eind", "datum_opheffing,datumopheffing,datum_einde,datumeinde,einddatum,datum_uitschrijving"), \
        STREET, NUMBER, LETTER, ADDITION, POSTCODE, PLACE

static const rm_profile_field KVK_VESTIGING[] = {BUSINESS, END};
static const rm_profile_field LISA_VESTIGING[] = {ID("lisanummer", LISA_NUMBER, 0), BUSINESS, END};

static const rm_current_rule BUSINESS_CURRENT[] = {
    {RM_MUST_NOT_HAVE_ENDED,
     "datum_opheffing,datumopheffing,datum_einde,datumeinde,einddatum,datum_uitschrijving", NULL},
    {RM_MUST_BE_EMPTY, NULL, NULL}};

static const rm_profile_field MELDINGEN[] = {
    DATE("datum", DATE_NAMES), PLAIN("x", X_NAMES), PLAIN("y", Y_NAMES),
    STREET, NUMBER, LETTER, ADDITION, POSTCODE, PLACE, END};
static const rm_profile_field ADRESSEN[] = {
    PLAIN("x", X_NAMES), PLAIN("y", Y_NAMES), STREET, NUMBER, LETTER, ADDITION, POSTCODE, PLACE, END};

/* The table. */

static const rm_profile PROFILES[] = {
    {"riskmap.gebieden", "riskmap", "riskmap: resultaat", "riskmap: result", NULL,
     {"id", "score", "rank", "class", "coverage"}, NULL, NULL, 0, NULL, NULL},

    {"lvbag.pand", "bag", "LVBAG: Pand", NULL, NULL, {"oorspronkelijkBouwjaar", LVBAG_FIELDS},
     BAG_PAND, LVBAG_CURRENT, RM_SENTINEL_YEARS, LVBAG_NOTE},
    {"lvbag.verblijfsobject", "bag", "LVBAG: Verblijfsobject", NULL, NULL, {"oppervlakte", "pandRef", LVBAG_FIELDS},
     BAG_VERBLIJFSOBJECT, LVBAG_CURRENT, 0, LVBAG_NOTE},
    {"lvbag.nummeraanduiding", "bag", "LVBAG: Nummeraanduiding", NULL, NULL,
     {"huisnummer", "postcode", "typeAdresseerbaarObject", LVBAG_FIELDS},
     BAG_NUMMERAANDUIDING, LVBAG_CURRENT, 0, LVBAG_NOTE},
    {"lvbag.openbareruimte", "bag", "LVBAG: Openbareruimte", NULL, NULL, {"naam", "woonplaatsRef", LVBAG_FIELDS},
     BAG_OPENBARERUIMTE, LVBAG_CURRENT, 0, LVBAG_NOTE},
    {"lvbag.standplaats", "bag", "LVBAG: Standplaats", NULL, "standplaats",
     {"hoofdadresNummeraanduidingRef", LVBAG_FIELDS}, BAG_PLAATS, LVBAG_CURRENT, 0, LVBAG_NOTE},
    {"lvbag.ligplaats", "bag", "LVBAG: Ligplaats", NULL, "ligplaats",
     {"hoofdadresNummeraanduidingRef", LVBAG_FIELDS}, BAG_PLAATS, LVBAG_CURRENT, 0, LVBAG_NOTE},
    {"lvbag.woonplaats", "bag", "LVBAG: Woonplaats", NULL, "woonplaats", {"naam", LVBAG_FIELDS},
     BAG_WOONPLAATS, LVBAG_CURRENT, 0, LVBAG_NOTE},

    {"bag-light.verblijfsobject", "bag", "BAG light: verblijfsobject", NULL, NULL,
     {"identificatie", "oppervlakte", "status", "gebruiksdoel", "huisnummer", "postcode", "pand_identificatie"},
     BAG_VERBLIJFSOBJECT, NULL, RM_SENTINEL_YEARS, LIGHT_NOTE},
    {"bag-light.pand", "bag", "BAG light: pand", NULL, NULL,
     {"identificatie", "bouwjaar", "status", "gebruiksdoel", "aantal_verblijfsobjecten"},
     BAG_PAND, NULL, RM_SENTINEL_YEARS, NULL, NULL},
    {"bag-light.standplaats", "bag", "BAG light: standplaats", NULL, "standplaats*",
     {"identificatie", "status", "openbare_ruimte_naam", "huisnummer"}, BAG_PLAATS, NULL, 0, LIGHT_NOTE},
    {"bag-light.ligplaats", "bag", "BAG light: ligplaats", NULL, "ligplaats*",
     {"identificatie", "status", "openbare_ruimte_naam", "huisnummer"}, BAG_PLAATS, NULL, 0, LIGHT_NOTE},
    {"bag-light.woonplaats", "bag", "BAG light: woonplaats", NULL, "woonplaats*",
     {"identificatie", "status", "woonplaats,naam"}, BAG_WOONPLAATS, NULL, 0, NULL, NULL},
    {"bag-adressen.nummeraanduiding", "bag", "BAG: adressen", "BAG: addresses", NULL,
     {"nummer_id", "straatnaam", "huisnummer", "postcode", "status", "datum_eind"},
     BAG_NUMMERAANDUIDING, ADDRESS_CURRENT, 0, NULL, NULL},

    {"brk.perceel", "brk", "BRK: perceel", NULL, NULL,
     {"identificatie_lokaal_id,identificatie,lokaalID", "sectie", "perceelnummer",
      "kadastrale_grootte_waarde,kadastraleGrootte*", "kadastrale_gemeente_code,*AKRKadastraleGemeenteCode*"},
     BRK_PERCEEL, BRK_CURRENT, 0, "zonder eigenaren, die de open kaart niet heeft",
     "without owners, which the open map does not have"},
    {"brk.grens", "brk", "BRK: kadastrale grens", "BRK: cadastral border", NULL,
     {"identificatie_lokaal_id,identificatie,lokaalID", "perceel_links*,perceelLinks*", "perceel_rechts*,perceelRechts*"},
     BRK_GRENS, BRK_CURRENT, 0, NULL, NULL},
    {"brk.pand", "brk", "BRK: pand", NULL, NULL,
     {"identificatie_lokaal_id", "bgt_status", "identificatie_bag_pnd"}, BGT_REST},
    {"brk.openbareruimtelabel", "brk", "BRK: openbareruimtelabel", NULL, NULL,
     {"identificatie_lokaal_id", "bgt_status", "identificatie_bag_opr", "tekst"}, BGT_REST},

    {"bgt.pand", "bgt", "BGT: pand", NULL, NULL,
     {"lokaalID,lokaal_id", "identificatieBAGPND,identificatie_bag_pnd"}, BGT, BGT_CURRENT, 0,
     "ook de panden van de kadastrale kaart in GML zijn van de BGT",
     "the buildings on the cadastral map in GML are those of the BGT too"},
    {"bgt.ondersteunendwegdeel", "bgt", "BGT: ondersteunend wegdeel", NULL, NULL,
     {BGT_FIELDS, "plus-functieOndersteunendWegdeel,plus_functie_ondersteunend_wegdeel,geometrie2dOndersteunendWegdeel"},
     BGT_REST},
    {"bgt.wegdeel", "bgt", "BGT: wegdeel", NULL, NULL,
     {BGT_FIELDS, "function,bgt_functie",
      "plus-functieWegdeel,plus_functie_wegdeel,plus-fysiekVoorkomenWegdeel,plus_fysiek_voorkomen_wegdeel"},
     BGT_REST},
    {"bgt.openbareruimtelabel", "bgt", "BGT: openbareruimtelabel", NULL, NULL,
     {BGT_FIELDS, "identificatieBAGOPR,identificatie_bag_opr", "tekst"}, BGT_REST},
    {"bgt.ondersteunendwaterdeel", "bgt", "BGT: ondersteunend waterdeel", NULL, "*ondersteunendwaterdeel*",
     {BGT_FIELDS, "class,bgt_type", "plus-type,plus_type"}, BGT_REST},
    {"bgt.waterdeel", "bgt", "BGT: waterdeel", NULL, "*waterdeel*",
     {BGT_FIELDS, "class,bgt_type", "plus-type,plus_type"}, BGT_REST},
    {"bgt.onbegroeidterreindeel", "bgt", "BGT: onbegroeid terreindeel", NULL, "*onbegroeidterreindeel*",
     {BGT_FIELDS}, BGT_REST},
    {"bgt.begroeidterreindeel", "bgt", "BGT: begroeid terreindeel", NULL, "*begroeidterreindeel*,plantcover",
     {BGT_FIELDS}, BGT_REST},
    {"bgt.overigbouwwerk", "bgt", "BGT: overig bouwwerk", NULL, "*overigbouwwerk*", {BGT_FIELDS}, BGT_REST},
    {"bgt.gebouwinstallatie", "bgt", "BGT: gebouwinstallatie", NULL, "*gebouwinstallatie*,buildinginstallation",
     {BGT_FIELDS}, BGT_REST},
    BGT_OBJECT("kunstwerkdeel", "*kunstwerkdeel*"),
    BGT_OBJECT("overbruggingsdeel", "*overbruggingsdeel*,bridgeconstructionelement"),
    BGT_OBJECT("tunneldeel", "*tunneldeel*,tunnelpart"),
    BGT_OBJECT("spoor", "*spoor*,railway"),
    BGT_OBJECT("scheiding", "*scheiding*"),
    BGT_OBJECT("vegetatieobject", "*vegetatieobject*,solitaryvegetationobject"),
    BGT_OBJECT("functioneelgebied", "*functioneelgebied*"),
    {"bgt.object", "bgt", "BGT: overig object", "BGT: other object", NULL,
     {BGT_FIELDS, "LV-publicatiedatum,lv_publicatiedatum"}, BGT_REST},

    {"top10nl.plaats", "top10nl", "TOP10NL: plaats", NULL, NULL,
     {"lokaalID,lokaal_id", "bebouwdeKom,bebouwde_kom"}, TOP10NL_REST},
    {"top10nl.wegdeel", "top10nl", "TOP10NL: wegdeel", NULL, NULL,
     {"lokaalID,lokaal_id", "typeWeg,type_weg"}, TOP10NL_REST},
    {"top10nl.functioneelgebied", "top10nl", "TOP10NL: functioneel gebied", NULL, NULL,
     {"lokaalID,lokaal_id", "typeFunctioneelGebied,type_functioneel_gebied"}, TOP10NL_REST},
    {"top10nl.gebouw", "top10nl", "TOP10NL: gebouw", NULL, NULL,
     {"lokaalID,lokaal_id", "typeGebouw,type_gebouw"}, TOP10NL_REST},

    {"cbs.buurt", "cbs", "CBS: buurten", NULL, NULL,
     {"buurtcode,bu_code", "buurtnaam,bu_naam", "gemeentecode,gm_code"}, CBS_BUURT, NULL, CBS_SENTINELS, NULL, NULL},
    {"cbs.wijk", "cbs", "CBS: wijken", NULL, NULL,
     {"wijkcode,wk_code", "wijknaam,wk_naam", "gemeentecode,gm_code"}, CBS_WIJK, NULL, CBS_SENTINELS, NULL, NULL},
    {"cbs.gemeente", "cbs", "CBS: gemeenten", NULL, NULL,
     {"gemeentecode,gm_code", "gemeentenaam,gm_naam", "aantal_inwoners,aant_inw"}, CBS_GEMEENTE, NULL,
     CBS_SENTINELS, NULL, NULL},
    {"cbs.gebied", "cbs", "CBS: gebiedsindeling", "CBS: area division", NULL, {"statcode", "statnaam"},
     CBS_GEBIED, NULL, RM_SENTINEL_MUNICIPALITY, NULL, NULL},

    {"ibis.terrein", "ibis", "IBIS: bedrijventerreinen", "IBIS: business parks", NULL,
     {"RIN_NUMMER,RINNUMMER", "PLAN_NAAM,BEDRIJVENT"}, IBIS_TERREIN, NULL, RM_SENTINEL_MUNICIPALITY,
     "het peiljaar verschilt per terrein (JAAR is het peiljaar, in oudere leveringen het startjaar) en niets is "
     "weggelaten; een terrein kan uit meer vlakken bestaan",
     "the survey year differs from park to park (JAAR is that year, in older deliveries the year it was begun) and "
     "nothing is left out; a park can be several polygons"},
    {"vakantiepark.park", "vakantiepark", "vakantieparken (onderzoekslijst)", "holiday parks (research list)", NULL,
     {"naam", "functie", "eigenaar*", "bouwjaar_m"}, VAKANTIEPARK, NULL, 0, NULL, NULL},

    {"lisa.vestiging", "lisa", "LISA: vestigingen", "LISA: business locations", NULL, {LISA_NUMBER, ACTIVITY "," JOBS},
     LISA_VESTIGING, BUSINESS_CURRENT, 0, NULL, NULL},
    {"kvk.vestiging", "kvk", "KvK: vestigingen", "KvK: business locations", NULL, {KVK_NUMBER, KVK_BRANCH},
     KVK_VESTIGING, BUSINESS_CURRENT, 0, NULL, NULL},

    {"meldingen.punt", "meldingen", "meldingen: datum en coördinaten", "reports: date and coordinates", NULL,
     {DATE_NAMES, X_NAMES, Y_NAMES}, MELDINGEN, NULL, 0, NULL, NULL},
    {"meldingen.adres", "meldingen", "meldingen: datum en adres", "reports: date and address", NULL,
     {DATE_NAMES, "postcode", "huisnummer"}, MELDINGEN, NULL, 0, NULL, NULL},
    {"adressen.punt", "adressen", "adressen met coördinaten", "addresses with coordinates", NULL,
     {"postcode", "huisnummer", X_NAMES, Y_NAMES}, ADRESSEN, NULL, 0, NULL, NULL},
};

/* clang-format on */

const rm_profile *rm_profile_table(int32_t *count)
{
    *count = (int32_t)(sizeof PROFILES / sizeof *PROFILES);
    return PROFILES;
}
