/* The GML of the Dutch registers, shapefiles and geodatabases: each is taken for what it is,
 * whatever lies beside it, and what is damaged or hostile is refused with a clear word. */
#define _GNU_SOURCE
#include "base/parallel.h"
#include "model/official_area.h"

#include "riskmap/riskmap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <utime.h>

#include <cmocka.h>

#include "formats.h"

static const char *const parcel_columns[] = {"identificatie",          "kadastraleGemeente",
                                             "kadastraleGemeenteCode", "sectie",
                                             "perceelnummer",          "AKRKadastraleGemeenteCode",
                                             "kadastraleGrootte",      "soortGrootte",
                                             "statusHistorie",         "beginGeldigheid"};
#define PARCEL_ROW(fid, id, number, size)                                                          \
    fid " polygon ((155000 463000,155100 463000,155100 463100,155000 463100,155000 463000)) "      \
        "[" id "] [Woldermark] [099] [A] " number " [WDM00] " size " [Vastgesteld] [Geldig] "      \
        "[2020-01-02T03:04:05+01:00]\n"
static const char parcel_rows[] = PARCEL_ROW("990000170000", "00990000170000", "17", "9998")
    PARCEL_ROW("990000180000", "00990000180000", "18", "12000");

static void parcels_are_polygons(void **state)
{
    (void)state;
    /* by what it is, not by its name */
    static const char *const names[] = {"perceel.gml", "levering.xml", "zonder_ending"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        rm_request request = ask(made(names[i], brk5()), NULL, parcel_columns, 10);
        expect_rows(&request, parcel_rows);
        request.layer = "perceel"; /* what people call it */
        expect_rows(&request, parcel_rows);
    }
    rm_request request = ask(keep_path("perceel.gml"), "pand", NULL, 0);
    expect_failure(&request, RM_ENOTFOUND, "has no layer \"pand\"");
}

static void parcels_of_version_4(void **state)
{
    (void)state;
    char *v4 = strdup(brk5()), *at;
    while ((at = strstr(v4, "/v5/")))
        at[2] = '4';
    rm_text text = {0};
    const char *from = v4, *id;
    static const char open[] = "<oz:identificatie domein=\"NL.IMKAD.KadastraalObject\">";
    while ((id = strstr(from, open))) {
        rm_text_add_n(&text, from, id - from);
        rm_text_add(&text, "<oz:identificatie><t>NL.IMKAD</t><oz:lokaalID>");
        from = strchr(id, '>') + 1;
        id = strchr(from, '<');
        rm_text_add_n(&text, from, id - from);
        rm_text_add(&text, "</oz:lokaalID>");
        from = id;
    }
    rm_text_add(&text, from);
    rm_request request = ask(made("v4.gml", text.data), NULL, parcel_columns, 10);
    expect_rows(&request, parcel_rows);
    rm_text_clear(&text);
    free(v4);
}

static void parcels_in_archives(void **state)
{
    (void)state;
    const char *zip = keep_path("brk.zip"), *text = brk5();
    zip_member(zip, "map/kadastralekaart_perceel.gml", text, strlen(text));
    rm_request request = ask(zip, NULL, parcel_columns, 10);
    expect_rows(&request, parcel_rows);
    zip_member(zip, "map/kadastralekaart_pand.gml", "<a/>", 4);
    expect_failure(&request, RM_ENOTFOUND, "kadastralekaart_pand.gml");
    request.layer = "kadastralekaart_perceel";
    expect_rows(&request, parcel_rows);
    request.layer = "perceel"; /* what the file's name ends in */
    expect_rows(&request, parcel_rows);
    char gz[700];
    snprintf(gz, sizeof gz, "/vsigzip/%s", keep_path("perceel.gml.gz"));
    write_text(gz, text);
    request = ask(keep_path("perceel.gml.gz"), NULL, parcel_columns, 10);
    expect_rows(&request, parcel_rows);
}

static void set_new(const char *path)
{
    struct utimbuf later = {time(NULL) + 100, time(NULL) + 100};
    assert_int_equal(utime(path, &later), 0);
}

/* What lies beside a file that came from elsewhere came from elsewhere too. */
static void nothing_beside_counts(void **state)
{
    (void)state;
    const char *path = made("b.gml", brk5());
    set_new(made("b.gfs", "<GMLFeatureClassList><GMLFeatureClass><Name>Perceel</Name>"
                          "<ElementPath>Perceel</ElementPath><GeomPropertyDefn><Name>g</Name>"
                          "<ElementPath>plaatscoordinaten</ElementPath><Type>Point</Type>"
                          "</GeomPropertyDefn></GMLFeatureClass></GMLFeatureClassList>"));
    set_new(made("b.resolved.gml", brk5_head));
    made("b.xsd", "<schema/>");
    rm_request request = ask(path, NULL, parcel_columns, 10);
    expect_rows(&request, parcel_rows);

    /* nor for GML of no family that is known */
    static const char plain[] =
        "<c xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><ding fid=\"1\"><naam>een"
        "</naam><plek><gml:Point srsName=\"EPSG:28992\"><gml:coordinates>155000,463000"
        "</gml:coordinates></gml:Point></plek></ding></gml:featureMember></c>";
    static const char *const column[] = {"naam"};
    request = ask(made("p.gml", plain), NULL, column, 1);
    expect_rows(&request, "1 point ((155000 463000)) [een]\n");
    set_new(made("p.gfs", "<GMLFeatureClassList><GMLFeatureClass><Name>ding</Name><ElementPath>ding"
                          "</ElementPath><PropertyDefn><Name>naam</Name><ElementPath>niets"
                          "</ElementPath><Type>Integer</Type></PropertyDefn></GMLFeatureClass>"
                          "</GMLFeatureClassList>"));
    set_new(made("p.resolved.gml", brk5()));
    expect_rows(&request, "1 point ((155000 463000)) [een]\n");
}

static const char imgeo_head[] = "<CityModel xmlns:gml=\"http://www.opengis.net/gml\""
                                 " xmlns:imgeo=\"http://www.geostandaarden.nl/imgeo/2.1\""
                                 " xmlns=\"http://www.opengis.net/citygml/2.0\">";
#define LABEL                                                                                      \
    "<imgeo:nummeraanduidingreeks><imgeo:Nummeraanduidingreeks><imgeo:nummeraanduidingreeks>"      \
    "<imgeo:Label><imgeo:tekst>1</imgeo:tekst><imgeo:positie><imgeo:Labelpositie>"                 \
    "<imgeo:plaatsingspunt><gml:Point><gml:pos>155050 463050</gml:pos></gml:Point>"                \
    "</imgeo:plaatsingspunt><imgeo:hoek>-1.5</imgeo:hoek></imgeo:Labelpositie></imgeo:positie>"    \
    "</imgeo:Label></imgeo:nummeraanduidingreeks></imgeo:Nummeraanduidingreeks>"                   \
    "</imgeo:nummeraanduidingreeks>"
#define BUILDING(id, more, labels)                                                                 \
    "<cityObjectMember><BuildingPart gml:id=\"b" id                                                \
    "\"><creationDate>2016-12-08</creationDate>" more                                              \
    "<imgeo:inOnderzoek>false</imgeo:inOnderzoek><imgeo:identificatie><imgeo:NEN3610ID>"           \
    "<imgeo:lokaalID>G0099." id "</imgeo:lokaalID></imgeo:NEN3610ID></imgeo:identificatie>"        \
    "<imgeo:bgt-status>bestaand</imgeo:bgt-status>"                                                \
    "<imgeo:identificatieBAGPND>0099100000000001</imgeo:identificatieBAGPND>"                      \
    "<imgeo:geometrie2dGrondvlak><gml:MultiSurface><gml:surfaceMember><gml:Polygon>" OUTLINE       \
    "</gml:Polygon></gml:surfaceMember></gml:MultiSurface></imgeo:geometrie2dGrondvlak>" labels    \
    "</BuildingPart></cityObjectMember>"

static void buildings_are_polygons(void **state)
{
    (void)state;
    static const char *const columns[] = {
        "lokaalID", "eindRegistratie", "identificatieBAGPND", "tekst", "hoek", "inOnderzoek"};
    rm_text text = {0};
    rm_text_add(&text, imgeo_head);
    rm_text_add(&text, BUILDING("1", "", LABEL LABEL));
    rm_text_add(&text, BUILDING("2",
                                "<imgeo:eindRegistratie>2019-01-01T00:00:00"
                                "</imgeo:eindRegistratie>",
                                ""));
    rm_text_add(&text, "</CityModel>");
    const char *path = made("bgt_pand.gml", text.data);
    static const char both[] = "1" OUTLINE_ROW "[G0099.1] - [0099100000000001] [1,1] [-1.5,-1.5] "
                               "[false]\n"
                               "2" OUTLINE_ROW "[G0099.2] [2019-01-01T00:00:00] "
                               "[0099100000000001] - - [false]\n";
    rm_request request = ask(path, "pand", columns, 6);
    expect_rows(&request, both);
    request.layer = "bgt_pand";
    expect_rows(&request, both);
    request.layer = "BuildingPart";
    expect_rows(&request, both);
    request.profile = NULL;
    rm_layer *got = must_read(&request);
    assert_int_equal(got->rows.table.rows, 1);
    assert_int_equal(got->provenance.ended, 1);
    rm_layer_free(got);

    rm_listing listing = {0};
    assert_int_equal(rm_list(&listing, path, &err), RM_OK);
    assert_int_equal(listing.count, 1);
    assert_int_equal(listing.layers[0].features, 2);
    assert_string_equal(listing.layers[0].crs, "EPSG:28992");
    assert_true(rm_table_find(&listing.layers[0].columns, "eindRegistratie") >= 0);
    rm_listing_clear(&listing);
    expect_no_rooms();
    rm_text_clear(&text);
}

/* Objects of a kind that our schema does not have are read without it. */
static void unknown_objects_of_a_family(void **state)
{
    (void)state;
    static const char *const columns[] = {"tekst"};
    rm_text text = {0};
    rm_text_add(&text, imgeo_head);
    rm_text_add(&text, "<cityObjectMember><imgeo:Nieuwigheid gml:id=\"x1\"><imgeo:tekst>a</imgeo:"
                       "tekst><imgeo:plek><gml:Point srsName=\"EPSG:28992\"><gml:pos>155000 463000"
                       "</gml:pos></gml:Point></imgeo:plek></imgeo:Nieuwigheid></cityObjectMember>"
                       "</CityModel>");
    rm_request request = ask(made("nieuw.gml", text.data), NULL, columns, 1);
    expect_rows(&request, "1 point ((155000 463000)) [a]\n");
    text.length = 0;
    rm_text_addf(&text, "%s</CityModel>", imgeo_head);
    request = ask(made("leeg.gml", text.data), NULL, NULL, 0);
    expect_rows(&request, "");
    static const char *const fields[] = {"lokaalID", "relatieveHoogteligging", "function"};
    request = ask(made("bgt_wegdeel.gml", text.data), NULL, fields, 3);
    expect_rows(&request, "");
    rm_layer *got = must_read(&request);
    assert_string_equal(got->provenance.driver, "GML");
    assert_string_equal(got->provenance.crs, "EPSG:28992");
    rm_layer_free(got);
    request = ask(made("half.gml", imgeo_head), NULL, NULL, 0);
    expect_failure(&request, RM_EFORMAT, "is damaged");
    request =
        ask(made("vreemd.gml", "<a xmlns:gml=\"http://www.opengis.net/gml\"></a>"), NULL, NULL, 0);
    expect_failure(&request, RM_EFORMAT, "GML that holds no objects");
    rm_text_clear(&text);
}

#define TOP(id, more)                                                                              \
    "<top10nl:FeatureMember><top10nl:Wegdeel gml:id=\"NL.TOP10NL." id "\"><top10nl:identificatie>" \
    "<brt:NEN3610ID><brt:namespace>NL.TOP10NL</brt:namespace><brt:lokaalID>" id "</brt:lokaalID>"  \
    "</brt:NEN3610ID></top10nl:identificatie><top10nl:typeWeg>straat</top10nl:typeWeg>"            \
    "<top10nl:typeWeg>overig</top10nl:typeWeg>" more "</top10nl:Wegdeel></top10nl:FeatureMember>"
#define MAIN(kind, inside)                                                                         \
    "<top10nl:hoofdGeometrie><brt:BRTVlakLijnOfPunt><brt:" kind "Geometrie>" inside "</brt:" kind  \
    "Geometrie></brt:BRTVlakLijnOfPunt></top10nl:hoofdGeometrie>"
#define HEART                                                                                      \
    "<top10nl:hartGeometrie><brt:BRTLijnOfPunt><brt:lijnGeometrie><gml:LineString><gml:posList>"   \
    "0 0 1 1</gml:posList></gml:LineString></brt:lijnGeometrie></brt:BRTLijnOfPunt>"               \
    "</top10nl:hartGeometrie>"

static void roads_have_their_own_geometry(void **state)
{
    (void)state;
    static const char *const columns[] = {"lokaalID", "typeWeg"};
    const char *path = made(
        "wegdeel.gml",
        "<top10nl:FeatureCollectionT10NL xmlns:gml=\"http://www.opengis.net/gml/3.2\""
        " xmlns:top10nl=\"http://register.geostandaarden.nl/gmlapplicatieschema/top10nl/1.2.0\""
        " xmlns:brt=\"http://register.geostandaarden.nl/gmlapplicatieschema/brt-algemeen/1.2.0\""
        " gml:id=\"NL.TOP10NL\">" TOP("001",
                                      MAIN("vlak", "<gml:Polygon>" OUTLINE "</gml:Polygon>") HEART)
            TOP("002", HEART MAIN("lijn", "<gml:LineString><gml:posList>155000 463000 155001 463001"
                                          "</gml:posList></gml:LineString>"))
                TOP("003", MAIN("punt", "<gml:Point><gml:pos>155000 463000</gml:pos></gml:Point>"))
                    TOP("004", HEART) "</top10nl:FeatureCollectionT10NL>");
    rm_request request = ask(path, "wegdeel", columns, 2);
    expect_rows(&request, "1" OUTLINE_ROW "[001] [straat,overig]\n"
                          "2 line ((155000 463000,155001 463001)) [002] [straat,overig]\n"
                          "3 point ((155000 463000)) [003] [straat,overig]\n"
                          "4 none [004] [straat,overig]\n!4 no-geometry\n");
    request.geometry = false;
    request.target_crs = NULL;
    expect_rows(&request, "1 [001] [straat,overig]\n2 [002] [straat,overig]\n"
                          "3 [003] [straat,overig]\n4 [004] [straat,overig]\n");
}

typedef struct crowd {
    const char *path[2];
} crowd;

static rm_status read_often(void *context, int worker, rm_error *error)
{
    const crowd *c = context;
    for (int i = 0; i < 12; i++) {
        rm_layer *got = NULL;
        rm_request request = ask(c->path[(worker + i) % 2], NULL, NULL, 0);
        RM_TRY(read_layer(&got, open_any, &request, error));
        bool sound = got->rows.table.rows == 2 && got->rows.geometry.kind[1] == RM_KIND_POLYGON;
        rm_layer_free(got);
        if (!sound)
            return rm_fail(error, RM_EDATA, "worker %d read something else", worker);
    }
    return RM_OK;
}

static void threads_have_rooms_of_their_own(void **state)
{
    (void)state;
    rm_text text = {0};
    rm_text_addf(&text, "%s%s%s</CityModel>", imgeo_head, BUILDING("1", "", ""),
                 BUILDING("2", "", LABEL));
    crowd c = {{made("d1.gml", brk5()), made("d2.gml", text.data)}};
    if (rm_workers(4, read_often, &c, &err) != RM_OK)
        fail_msg("%s", err.message);
    expect_no_rooms();
    rm_text_clear(&text);
}

/* --- damaged and hostile ------------------------------------------------------------------- */

static const char *const pand_columns[] = {"identificatie", "oorspronkelijkBouwjaar"};

static void cut_off(void **state)
{
    (void)state;
    const char *text = brk5();
    for (size_t left = strlen(text) - 4; left > 900; left -= 700) {
        const char *path = keep_path("cut.gml");
        write_bytes(path, text, left);
        rm_request request = ask(path, NULL, parcel_columns, 10);
        expect_failure(&request, RM_EFORMAT, "damaged");
    }
    write_bytes(keep_path("cut.xml"), pand_xml, sizeof pand_xml - 30);
    rm_request request = ask(keep_path("cut.xml"), NULL, pand_columns, 2);
    expect_failure(&request, RM_EIO, "reading stopped after");
    /* a compressed file that ends early */
    char gz[700];
    snprintf(gz, sizeof gz, "/vsigzip/%s", keep_path("cut.gml.gz"));
    write_text(gz, text);
    size_t size;
    char *bytes = slurp(keep_path("cut.gml.gz"), &size);
    write_bytes(keep_path("cut.gml.gz"), bytes, size - size / 3);
    free(bytes);
    request = ask(keep_path("cut.gml.gz"), NULL, parcel_columns, 10);
    expect_failure(&request, RM_EFORMAT, "");
}

static void broken_archives(void **state)
{
    (void)state;
    static const char empty[] = "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const char *path = keep_path("leeg.zip");
    write_bytes(path, empty, 22);
    rm_request request = ask(path, NULL, NULL, 0);
    expect_failure(&request, RM_EFORMAT, "holds no file that can be read as a layer");
    write_bytes(path, "PK\3\4rommel", 10);
    expect_failure(&request, RM_EFORMAT, "holds no file that can be read as a layer");
    const char *outer = keep_path("buiten.zip");
    zip_member(outer, "0099PND01012024.zip", "PK\3\4rommel", 10);
    request = ask(outer, "pand", pand_columns, 2);
    expect_failure(&request, RM_EFORMAT, "0099PND01012024.zip");
    expect_failure(&request, RM_EFORMAT, "damaged");
}

static const char laughs[] =
    "<!DOCTYPE c [<!ENTITY a \"haha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">"
    "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">"
    "<!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\"><!ENTITY h \"&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;\">"
    "<!ENTITY i \"&h;&h;&h;&h;&h;&h;&h;&h;&h;&h;\">]>\n";

static void entities_are_refused(void **state)
{
    (void)state;
    static const char *const roots[] = {
        "<c xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><d><n>&i;</n></d>"
        "</gml:featureMember></c>",
        pand_xml,
        "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><name>&i;</name>"
        "</Document></kml>"};
    static const char *const names[] = {"lach.gml", "lach.xml", "lach.kml"};
    rm_text text = {0};
    for (size_t i = 0; i < 3; i++) {
        const char *root = strncmp(roots[i], "<?xml", 5) == 0 ? strstr(roots[i], "<sl") : roots[i];
        text.length = 0;
        rm_text_addf(&text, "\xEF\xBB\xBF<?xml version=\"1.0\"?><!-- hi --> %s%s", laughs, root);
        rm_request request = ask(made(names[i], text.data), NULL, NULL, 0);
        clock_t begin = clock();
        expect_failure(&request, RM_EFORMAT, "it declares XML entities");
        assert_true(clock() - begin < CLOCKS_PER_SEC);
    }
    /* a document that hides its start behind 64 KB of comment */
    text.length = 0;
    rm_text_add(&text, "<!--");
    for (int i = 0; i < 70000; i++)
        rm_text_add(&text, " ");
    rm_text_addf(&text, "-->%s%s", laughs, roots[0]);
    rm_request request = ask(made("lang.gml", text.data), NULL, NULL, 0);
    expect_failure(&request, RM_EFORMAT, "does not begin within its first 64 KB");
    rm_text_clear(&text);
}

/* --- plain formats ------------------------------------------------------------------------- */

static void lists_become_text(void **state)
{
    (void)state;
    static const char *const columns[] = {"t", "i", "g", "r"};
    const char *path =
        made("lijst.geojson",
             "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":7,"
             "\"properties\":{\"t\":[\"a\",\"b c\"],\"i\":[1,-2],\"g\":[1,20000000000],"
             "\"r\":[1.5,2]},\"geometry\":{\"type\":\"Point\",\"coordinates\":[5.4,52.1]}},"
             "{\"type\":\"Feature\",\"id\":8,\"properties\":{\"t\":[],\"i\":null,\"g\":[3],"
             "\"r\":[0.25]},\"geometry\":null}]}");
    rm_request request = ask(path, NULL, columns, 4);
    request.geometry = false;
    request.target_crs = NULL;
    expect_rows(&request, "7 [a,b c] [1,-2] [1,20000000000] [1.5,2]\n8 - - [3] [0.25]\n");
}

static void write_shapes(const char *name, const char *encoding, const char *bytes, bool keep_cpg)
{
    char *create[] = {(char *)(uintptr_t)encoding, NULL};
    GDALDatasetH data = GDALCreate(GDALGetDriverByName("ESRI Shapefile"), keep_path(name), 0, 0, 0,
                                   GDT_Unknown, NULL);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(srs, 28992);
    OGRLayerH layer = GDALDatasetCreateLayer(data, "s", srs, wkbPoint, encoding ? create : NULL);
    OSRDestroySpatialReference(srs);
    add_field(layer, "naam", "text");
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    OGR_F_SetFieldString(feature, 0, bytes);
    OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(point, 0, 155000, 463000);
    OGR_F_SetGeometryDirectly(feature, point);
    assert_int_equal(OGR_L_CreateFeature(layer, feature), OGRERR_NONE);
    OGR_F_Destroy(feature);
    GDALClose(data);
    if (!keep_cpg)
        unlink(keep_path("s.cpg"));
}

static void shapefiles_in_every_encoding(void **state)
{
    (void)state;
    static const char *const columns[] = {"naam"};
    static const char wanted[] = "0 point ((155000 463000)) [Caf\xC3\xA9 \xE2\x82\xAC]\n";
    rm_gdal_ears ears;
    rm_request request = ask(keep_path("s.shp"), NULL, columns, 1);
    rm_gdal_enter(&ears);
    write_shapes("s.shp", "ENCODING=CP1252", "Caf\xC3\xA9 \xE2\x82\xAC", true);
    expect_rows(&request, wanted);
    unlink(keep_path("s.cpg")); /* the bytes of Windows-1252, and nothing says so */
    expect_rows(&request, wanted);
    write_shapes("s.shp", "ENCODING=UTF-8", "Caf\xC3\xA9 \xE2\x82\xAC", false);
    expect_rows(&request, wanted);
    /* "the machine's own code page", with the bytes as they are */
    write_shapes("s.shp", "ENCODING=", "Caf\xE9 \x80", false);
    size_t size;
    char *table = slurp(keep_path("s.dbf"), &size);
    table[29] = 0x57;
    write_bytes(keep_path("s.dbf"), table, size);
    free(table);
    expect_rows(&request, wanted);
    rm_gdal_leave(&ears);
}

static void geodatabases(void **state)
{
    (void)state;
    static const char *const columns[] = {"naam", "aantal"};
    static const made_feature features[] = {
        {"MULTIPOLYGON (((155000 463000,155100 463000,155100 463100,155000 463000)))",
         {"caf\xC3\xA9", "5"}}};
    made_layer layer = {"vlakken", 28992, wkbMultiPolygon, {{"naam", "text"}, {"aantal", "int"}},
                        features,  1};
    char path[600];
    snprintf(path, sizeof path, "%s", keep_path("a.gdb"));
    if (!make_file(path, "OpenFileGDB", &layer, 1, NULL)) {
        printf("file geodatabases are not written by this GDAL\n");
        skip();
    }
    static const char *const sources[] = {"%s", "%s.zip"};
    char **names = VSIReadDir(path), zip[700];
    snprintf(zip, sizeof zip, "%s.zip", path);
    for (int i = 0; names && names[i]; i++) {
        char member[300], from[1200];
        snprintf(member, sizeof member, "a.gdb/%s", names[i]);
        snprintf(from, sizeof from, "%s/%s", path, names[i]);
        if (names[i][0] != '.')
            zip_file(zip, member, from);
    }
    CSLDestroy(names);
    for (int i = 0; i < 2; i++) {
        char source[700];
        snprintf(source, sizeof source, sources[i], path);
        rm_request request = ask(source, "vlakken", columns, 2);
        expect_rows(&request, "1 polygon ((155000 463000,155100 463100,155100 463000,155000 463000"
                              ")) [caf\xC3\xA9] 5\n");
    }
    VSIRmdirRecursive(path);
}

/* --- the official area --------------------------------------------------------------------- */

static void official_areas(void **state)
{
    (void)state;
    static const struct {
        double is, says;
        bool issue;
    } cases[] = {
        {10000, 10000, false}, {10100, 10000, false}, {10101, 10000, true}, {9899, 10000, true},
        {95, 100, false},      {94.9, 100, true},     {NAN, 100, false},    {100, NAN, false},
        {100, 0, false},       {495, 500, false},     {494.9, 500, true},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    rm_rows rows = {0};
    double area[CASES];
    assert_int_equal(rm_table_add_column(&rows.table, "g", RM_FLOAT64, &err), RM_OK);
    for (int i = 0; i < CASES; i++) {
        area[i] = cases[i].is;
        assert_int_equal(rm_rows_add_id(&rows, i, i + 1, &err), RM_OK);
        assert_int_equal(rm_column_add_double(&rows.table.columns[0], i, cases[i].says, &err),
                         RM_OK);
        rows.table.rows++;
    }
    assert_int_equal(rm_official_area_check(&rows, 0, area, &err), RM_OK);
    int64_t at = 0;
    for (int i = 0; i < CASES; i++) {
        if (!cases[i].issue)
            continue;
        assert_true(at < rows.issues.count);
        assert_int_equal(rows.issues.items[at].code, RM_ISSUE_OFFICIAL_AREA);
        assert_int_equal(rows.issues.items[at].severity, RM_WARNING);
        assert_int_equal(rows.issues.items[at++].feature, i + 1);
    }
    assert_int_equal(at, rows.issues.count);
    rm_rows_clear(&rows);
    rm_provenance parcels = {.profile = (char *)(uintptr_t) "brk.perceel"}, other = {0};
    assert_string_equal(rm_official_area_field(&parcels), "brk.perceel.grootte");
    assert_null(rm_official_area_field(&other));
}

/* What a model that scores parcels says of them, all the way through. */
static void official_areas_of_a_model(void **state)
{
    (void)state;
    rm_model *model = NULL;
    rm_result *result = NULL;
    made("percelen.gml", brk5());
    const char *text =
        "{\"riskmap\": 1, \"name\": \"proef\", \"purpose\": \"proef\", \"legal_basis\": \"geen\", "
        "\"retain_until\": \"2027-12-31\", \"crs\": \"EPSG:28992\", \"version\": \"1.0\", "
        "\"decided_by\": \"niemand\", \"decided_on\": \"2026-11-01\", \"layers\": {\"percelen\": "
        "{\"source\": \"percelen.gml\", \"classification\": \"open\"}}, \"areas\": {\"layer\": "
        "\"percelen\", \"id\": \"brk.perceel.identificatie\"}, \"indicators\": [{\"name\": "
        "\"nummer\", \"pillar\": \"signals\", \"measure\": \"attribute\", \"field\": "
        "\"perceelnummer\", \"scale\": \"minmax\", \"weight\": 1, \"direction\": \"+\", "
        "\"label\": \"nummer\", \"why\": \"proef\"}]}";
    if (rm_model_parse(&model, text, keep_path("model.json"), &err) != RM_OK ||
        rm_run(&result, model, NULL, &err) != RM_OK)
        fail_msg("%s", err.message);
    int found = 0;
    for (int64_t i = 0; i < rm_result_issue_count(result); i++) {
        rm_result_issue issue;
        assert_int_equal(rm_result_issue_at(result, i, &issue, &err), RM_OK);
        if (strcmp(issue.code, "official-area") != 0)
            continue;
        found++;
        assert_true(issue.feature == 990000180000);
        assert_string_equal(issue.message,
                            "its outline is 10000.0 m2 large, its official area is 12000.0 m2; it "
                            "is kept, and the outline counts");
    }
    assert_int_equal(found, 1);
    assert_int_equal(rm_result_ranked_count(result), 2);
    rm_result_free(result);
    rm_model_free(model);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parcels_are_polygons),
        TEST(parcels_of_version_4),
        TEST(parcels_in_archives),
        TEST(nothing_beside_counts),
        TEST(buildings_are_polygons),
        TEST(unknown_objects_of_a_family),
        TEST(roads_have_their_own_geometry),
        TEST(threads_have_rooms_of_their_own),
        TEST(cut_off),
        TEST(broken_archives),
        TEST(entities_are_refused),
        TEST(lists_become_text),
        TEST(shapefiles_in_every_encoding),
        TEST(geodatabases),
        TEST(official_areas),
        TEST(official_areas_of_a_model),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
