#include "io/gdal/gml_table.h"

#include <stddef.h>

/* BRK, kadastrale kaart. Version 4 has its ids one element deeper than version 5. A parcel carries
 * plaatscoordinaten, the place of its number on the map, beside its outline. */
#define BRK_HISTORY                                                                                \
    "beginGeldigheid=historie|beginGeldigheid eindGeldigheid=historie|eindGeldigheid "             \
    "tijdstipRegistratie=historie|tijdstipRegistratie eindRegistratie=historie|eindRegistratie "   \
    "volgnummer=historie|volgnummer:int "                                                          \
    "statusHistorie=historie|statusHistorie|StatusHistorie|waarde"
#define BRK_PARCEL                                                                                 \
    "kadastraleGemeenteCode=kadastraleAanduiding|TypeKadastraleAanduiding|kadastraleGemeente|"     \
    "KadastraleGemeente|code "                                                                     \
    "kadastraleGemeente=kadastraleAanduiding|TypeKadastraleAanduiding|kadastraleGemeente|"         \
    "KadastraleGemeente|waarde "                                                                   \
    "sectie=kadastraleAanduiding|TypeKadastraleAanduiding|sectie "                                 \
    "perceelnummer=kadastraleAanduiding|TypeKadastraleAanduiding|perceelnummer:int "               \
    "AKRKadastraleGemeenteCode=kadastraleAanduiding|TypeKadastraleAanduiding|"                     \
    "aKRKadastraleGemeenteCode|AKRKadastraleGemeenteCode|waarde "                                  \
    "kadastraleGrootte=kadastraleGrootte|TypeOppervlak|waarde:real "                               \
    "soortGrootte=kadastraleGrootte|TypeOppervlak|soortGrootte|SoortGrootte|waarde "               \
    "perceelnummerRotatie:real "                                                                   \
    "deltaX=perceelnummerVerschuiving|TypePerceelnummerVerschuiving|deltaX:real "                  \
    "deltaY=perceelnummerVerschuiving|TypePerceelnummerVerschuiving|deltaY:real"

static const rm_gml_object brk5[] = {
    {"Perceel", "perceel", "begrenzingPerceel", "identificatie " BRK_PARCEL},
    {"KadastraleGrens", "kadastralegrens", "grenslijn",
     "identificatie typeGrens=typeGrens|TypeGrens|waarde perceelLinks perceelRechts"},
    {"Kwaliteit", "kwaliteit", "",
     "identificatie element=classificatie|ElementEnKwaliteit|element|ElementAanduiding|waarde "
     "kwaliteit=classificatie|ElementEnKwaliteit|kwaliteit|Kwaliteitsklasse|waarde "
     "vanKadastraleGrens:list"},
    {NULL, NULL, NULL, NULL},
};
static const rm_gml_object brk4[] = {
    {"Perceel", "perceel", "begrenzingPerceel", "identificatie=identificatie|lokaalID " BRK_PARCEL},
    {"KadastraleGrens", "kadastralegrens", "grenslijn",
     "identificatie=identificatie|lokaalID typeGrens=typeGrens|TypeGrens|waarde "
     "perceelLinks=perceelLinks|lokaalID perceelRechts=perceelRechts|lokaalID"},
    {NULL, NULL, NULL, NULL},
};

/* BGT and IMGeo; "open map" buildings and street names of the BRK come in it too. A building
 * carries the places of its house number labels beside its outline, a road its ridge line. */
#define IMGEO_LABEL "nummeraanduidingreeks|Nummeraanduidingreeks|"
static const rm_gml_object imgeo[] = {
    {"BuildingPart", "pand", "geometrie2dGrondvlak",
     "identificatieBAGPND tekst=" IMGEO_LABEL "nummeraanduidingreeks|Label|tekst:list "
     "hoek=" IMGEO_LABEL "nummeraanduidingreeks|Label|positie|Labelpositie|hoek:list "
     "identificatieBAGVBOLaagsteHuisnummer=" IMGEO_LABEL
     "identificatieBAGVBOLaagsteHuisnummer:list "
     "identificatieBAGVBOHoogsteHuisnummer=" IMGEO_LABEL
     "identificatieBAGVBOHoogsteHuisnummer:list"},
    {"TrafficArea", "wegdeel", "geometrie2dWegdeel",
     "function surfaceMaterial plus-functieWegdeel plus-fysiekVoorkomenWegdeel wegdeelOpTalud"},
    {"AuxiliaryTrafficArea", "ondersteunendwegdeel", "geometrie2dOndersteunendWegdeel",
     "function surfaceMaterial plus-functieOndersteunendWegdeel "
     "plus-fysiekVoorkomenOndersteunendWegdeel ondersteunendWegdeelOpTalud"},
    {"Railway", "spoor", "geometrie2dSpoor", "function plus-functieSpoor"},
    {"OnbegroeidTerreindeel", "onbegroeidterreindeel", "geometrie2dOnbegroeidTerreindeel",
     "bgt-fysiekVoorkomen plus-fysiekVoorkomen onbegroeidTerreindeelOpTalud"},
    {"PlantCover", "begroeidterreindeel", "geometrie2dBegroeidTerreindeel",
     "class plus-fysiekVoorkomen begroeidTerreindeelOpTalud"},
    {"Waterdeel", "waterdeel", "geometrie2dWaterdeel", "class plus-type"},
    {"OndersteunendWaterdeel", "ondersteunendwaterdeel", "geometrie2dOndersteunendWaterdeel",
     "class plus-type"},
    {"OverigBouwwerk", "overigbouwwerk", "geometrie2dOverigeConstructie", "bgt-type plus-type"},
    {"BridgeConstructionElement", "overbruggingsdeel", "geometrie2dOverbruggingsdeel",
     "class hoortBijTypeOverbrugging overbruggingIsBeweegbaar identificatieBAGOPR"},
    {"TunnelPart", "tunneldeel", "geometrie2dTunneldeel", ""},
    {"Kunstwerkdeel", "kunstwerkdeel", "geometrie2dOverigeConstructie", "bgt-type plus-type"},
    {"Scheiding", "scheiding", "geometrie2dOverigeConstructie", "bgt-type plus-type"},
    {"OverigeScheiding", "overigescheiding", "geometrie2dOverigeConstructie", "plus-type"},
    {"FunctioneelGebied", "functioneelgebied", "geometrie2dFunctioneelGebied",
     "bgt-type plus-type naam"},
    {"BuildingInstallation", "gebouwinstallatie", "geometrie2dGebouwInstallatie",
     "function plus-typeGebouwInstallatie"},
    {"SolitaryVegetationObject", "vegetatieobject", "geometrie2dVegetatieObject",
     "class plus-type"},
    {"OpenbareRuimteLabel", "openbareruimtelabel",
     "openbareRuimteNaam|Label|positie|Labelpositie|plaatsingspunt",
     "identificatieBAGOPR openbareRuimteType tekst=openbareRuimteNaam|Label|tekst "
     "hoek=openbareRuimteNaam|Label|positie|Labelpositie|hoek:list"},
    {"Bak", "bak", "geometrie2dBak", "function plus-type"},
    {"Bord", "bord", "geometrie2dBord", "function plus-type"},
    {"Installatie", "installatie", "geometrie2dInstallatie", "function plus-type"},
    {"Kast", "kast", "geometrie2dKast", "function plus-type"},
    {"Mast", "mast", "geometrie2dMast", "function plus-type"},
    {"Paal", "paal", "geometrie2dPaal", "function plus-type hectometeraanduiding"},
    {"Put", "put", "geometrie2dPut", "function plus-type"},
    {"Sensor", "sensor", "geometrie2dSensor", "function plus-type"},
    {"Straatmeubilair", "straatmeubilair", "geometrie2dStraatmeubilair", "function plus-type"},
    {"Waterinrichtingselement", "waterinrichtingselement", "geometrie2dWaterinrichtingselement",
     "function plus-type"},
    {"Weginrichtingselement", "weginrichtingselement", "geometrie2dWeginrichtingselement",
     "function plus-type"},
    {"OngeclassificeerdObject", "ongeclassificeerdobject", "geometrie2d", ""},
    {"OpenbareRuimte", "openbareruimte", "geometrie2d", "naam openbareRuimteType"},
    {"Buurt", "buurt", "geometrie2d", "naam buurtcode wijk"},
    {"Wijk", "wijk", "geometrie2d", "naam wijkcode stadsdeel"},
    {"Stadsdeel", "stadsdeel", "geometrie2d", "naam function"},
    {"Waterschap", "waterschap", "geometrie2d", "naam"},
    {NULL, NULL, NULL, NULL},
};

/* TOP10NL. An object has one of several kinds of geometry; a road has the line along its middle
 * beside its own. */
#define BRT_AREA_OR_POINT(at)                                                                      \
    at "|BRTVlakMultivlakOfPunt|vlakGeometrie " at                                                 \
       "|BRTVlakMultivlakOfPunt|multivlakGeometrie " at "|BRTVlakMultivlakOfPunt|puntGeometrie"
#define BRT_ANY(at)                                                                                \
    at "|BRTVlakLijnOfPunt|vlakGeometrie " at "|BRTVlakLijnOfPunt|lijnGeometrie " at               \
       "|BRTVlakLijnOfPunt|puntGeometrie"
#define BRT_LINE_OR_POINT(at) at "|BRTLijnOfPunt|lijnGeometrie " at "|BRTLijnOfPunt|puntGeometrie"
static const rm_gml_object top10nl[] = {
    {"FunctioneelGebied", "functioneelgebied", BRT_AREA_OR_POINT("geometrie"),
     "typeFunctioneelGebied soortnaam naamNL:list naamFries:list"},
    {"Gebouw", "gebouw",
     "geometrie|BRTVlakOfPunt|vlakGeometrie geometrie|BRTVlakOfPunt|puntGeometrie",
     "typeGebouw:list status fysiekVoorkomen hoogteklasse hoogteniveau:int hoogte:real soortnaam "
     "naam:list naamFries:list gebruiksdoel:list"},
    {"GeografischGebied", "geografischgebied", BRT_AREA_OR_POINT("geometrie"),
     "typeGeografischGebied naamNL:list naamFries:list"},
    {"Hoogte", "hoogte", BRT_LINE_OR_POINT("geometrie"), "typeHoogte hoogte:real referentievlak"},
    {"Inrichtingselement", "inrichtingselement", BRT_LINE_OR_POINT("geometrie"),
     "typeInrichtingselement soortnaam status hoogteniveau:int"},
    {"Plaats", "plaats", BRT_AREA_OR_POINT("geometrie"),
     "typeGebied bebouwdeKom isBAGwoonplaats aantalinwoners:int naamOfficieel naamNL:list "
     "naamFries:list"},
    {"PlanTopografie", "plantopografie", BRT_ANY("geometrie"),
     "typePlanTopografie soort naam:list"},
    {"RegistratiefGebied", "registratiefgebied",
     "geometrie|BRTVlakOfMultivlak|vlakGeometrie geometrie|BRTVlakOfMultivlak|multivlakGeometrie",
     "typeRegistratiefGebied naamOfficieel naamNL:list naamFries:list nummer"},
    {"Relief", "relief",
     "lijnGeometrie taludGeometrie|BRTHogeEnLageZijde|hogeZijde "
     "taludGeometrie|BRTHogeEnLageZijde|lageZijde",
     "typeRelief hoogteklasse hoogteniveau:int functie"},
    {"Spoorbaandeel", "spoorbaandeel", BRT_LINE_OR_POINT("geometrie"),
     "typeInfrastructuur typeSpoorbaan fysiekVoorkomen:list spoorbreedte aantalSporen "
     "vervoerfunctie:list elektrificatie status brugnaam tunnelnaam baanvaknaam:list "
     "hoogteniveau:int"},
    {"Terrein", "terrein", "geometrieVlak",
     "typeLandgebruik fysiekVoorkomen:list voorkomen hoogteniveau:int naam:list"},
    {"Waterdeel", "waterdeel", BRT_ANY("geometrie"),
     "typeWater breedteklasse hoofdAfwatering fysiekVoorkomen:list voorkomen functie "
     "getijdeInvloed vaarwegklasse naamOfficieel naamNL:list naamFries:list isBAGnaam sluisnaam "
     "brugnaam hoogteniveau:int"},
    {"Wegdeel", "wegdeel", BRT_ANY("hoofdGeometrie"),
     "typeInfrastructuur typeWeg:list hoofdverkeersgebruik:list fysiekVoorkomen:list "
     "verhardingsbreedteklasse gescheidenRijbaan verhardingstype aantalRijstroken:int "
     "hoogteniveau:int status naam:list isBAGnaam aWegnummer:list nWegnummer:list eWegnummer:list "
     "sWegnummer:list afritnummer afritnaam knooppuntnaam brugnaam tunnelnaam"},
    {NULL, NULL, NULL, NULL},
};

const rm_gml_family *rm_gml_families(void)
{
    static const char imgeo_fields[] =
        "creationDate terminationDate LV-publicatiedatum relatieveHoogteligging:int inOnderzoek "
        "tijdstipRegistratie eindRegistratie namespace=identificatie|NEN3610ID|namespace "
        "lokaalID=identificatie|NEN3610ID|lokaalID bronhouder bgt-status plus-status";
    static const char top10nl_fields[] =
        "namespace=identificatie|NEN3610ID|namespace lokaalID=identificatie|NEN3610ID|lokaalID "
        "brontype bronactualiteit bronbeschrijving bronnauwkeurigheid:real objectBeginTijd "
        "objectEindTijd tijdstipRegistratie eindRegistratie tdnCode:int visualisatieCode:int "
        "mutatieType";
    static const rm_gml_family families[] = {
        {"schemas/brkkadastralekaart/v4/", BRK_HISTORY, brk4},
        {"schemas/brkkadastralekaart/", BRK_HISTORY, brk5},
        {"geostandaarden.nl/imgeo/", imgeo_fields, imgeo},
        {"gmlapplicatieschema/top10nl/", top10nl_fields, top10nl},
        {NULL, NULL, NULL},
    };
    return families;
}
