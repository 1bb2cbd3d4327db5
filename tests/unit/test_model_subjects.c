#include "model/model.h"
#include "model/subjects.h"

#include "riskmap/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *identifier, rm_subject subject)
{
    rm_subject found = rm_subject_of(identifier);
    if (found != subject)
        print_message("\"%s\": subject %d and not %d\n", identifier, (int)found, (int)subject);
    assert_int_equal(found, subject);
}

/* The fields of the CBS, every generation of names, and what municipalities make of them. */
static void refused(void **state)
{
    (void)state;
    static const struct {
        rm_subject subject;
        const char *names;
    } cases[] = {
        {RM_SUBJECT_ORIGIN,
         "percentage_westerse_migratieachtergrond percentage_niet_westerse_migratieachtergrond "
         "percentage_uit_marokko percentage_uit_nederlandse_antillen_en_aruba "
         "percentage_uit_suriname percentage_uit_turkije "
         "percentage_overige_nietwestersemigratieachtergrond "
         "percentage_met_herkomstland_nederland percentage_met_herkomstland_uit_europa_excl_nl "
         "percentage_met_herkomstland_buiten_europa "
         "percentage_geb_in_nl_met_herkomstland_nederland "
         "perc_geb_in_nl_met_herkomstland_in_europa_ex_nl "
         "perc_geb_buiten_nl_met_herkomstlnd_in_europa_ex_nl "
         "percentage_geb_nederland_herkomst_nederland percentage_geb_nederland "
         "percentage_geboren_buiten_nederland"},
        {RM_SUBJECT_ORIGIN,
         "P_WEST_AL P_N_W_AL P_MAROKKO P_ANT_ARU P_SURINAM P_TURKIJE P_OVER_NW p_west_al_2019 "
         "a_w_all a_nw_all a_marok a_antaru a_suri a_tur a_ov_nw p_nw_all a_nl_all a_eur_al "
         "a_neu_al a_geb_nl a_geb_eu a_geb_ne a_gbl_eu a_gbl_ne WestersTotaal_17 "
         "NietWestersTotaal_18 Marokko_19 NederlandseAntillenEnAruba_20 Suriname_21 Turkije_22 "
         "cbs.buurt.P_WEST_AL buurt_p_n_w_al"},
        {RM_SUBJECT_ORIGIN,
         "nationaliteit NATIONALITEIT nationaliteit_1 land_van_herkomst geboorteland afkomst "
         "etniciteit etnische_groep aantal_arbeidsmigranten arbeidsmigranten allochtonen_pct "
         "percentage_allochtonen vreemdelingen asielzoekers statushouders herkomst_bewoners "
         "percentage_herkomst migratie_achtergrond nationality country_of_birth country_of_origin "
         "ethnicity foreign_born immigrants refugees migration_background uit_polen "
         "poolse_bewoners "
         "oost_europese_inwoners"},
        {RM_SUBJECT_RELIGION,
         "religie godsdienst kerkelijke_gezindte moslims percentage_moslims islamitisch "
         "aantal_katholieken afstand_tot_moskee moskeeen synagoge gebedshuis levensovertuiging "
         "religion religious_affiliation muslims"},
        {RM_SUBJECT_HEALTH,
         "a_wmo_t P_WMO_T aantal_wmo_clienten aantal_wmo_clienten_per_1000_inwoners "
         "aantal_Wmo_cli\xC3\xABnten wmo p_jz_tn aantal_jongeren_met_jeugdzorg_in_natura "
         "percentage_jongeren_met_jeugdzorg_in_natura jeugdzorg ggz zorgkosten zorggebruik "
         "personen_met_zorg ervaren_gezondheid percentage_goede_gezondheid gezondheid "
         "medicatie medicijngebruik arbeidsongeschikten AO_UIT_TOT a_soz_ao "
         "aantal_personen_met_een_ao_uitkering_totaal verstandelijke_beperking "
         "personen_met_beperking aantal_gehandicapten dementie obesitas eenzaamheid verslaafden "
         "psychische_klachten public_health mental_health disability medication"},
        {RM_SUBJECT_BENEFITS,
         "aantal_personen_met_een_ww_uitkering_totaal aantal_personen_met_een_aow_uitkering_totaal "
         "aantal_personen_met_een_alg_bijstandsuitkering_tot "
         "aantal_personen_met_een_algemene_bijstandsuitkering_totaal "
         "aantal_personen_met_een_wwb_uitkering WWB_UITTOT WW_UIT_TOT a_soz_wb A_SOZ_WW a_soz_ow "
         "PersonenPerSoortUitkeringBijstand_87 uitkeringen bijstand bijstandsgerechtigden wwb aow "
         "participatiewet schuldhulpverlening schuldsanering huishoudens_met_schulden wsnp "
         "huurtoeslag toeslagen uitkeringsfraude social_assistance unemployment_benefits "
         "welfare_recipients debt_relief p_n_act"},
        {RM_SUBJECT_INCOME,
         "gemiddeld_inkomen_per_inwoner gemiddeld_inkomen_per_inkomensontvanger "
         "aantal_inkomensontvangers percentage_personen_met_laag_inkomen "
         "percentage_personen_met_hoog_inkomen percentage_huishoudens_met_laag_inkomen "
         "percentage_huishoudens_met_hoog_inkomen percentage_huishoudens_met_laagste_inkomen "
         "percentage_huishoudens_onder_of_rond_sociaal_minimum "
         "percentage_huishoudens_met_lage_koopkracht "
         "huishoudens_tot_110_percent_van_sociaal_minimum "
         "gemiddeld_gestandaardiseerd_inkomen_van_huishoudens "
         "mediaan_vermogen_van_particuliere_huish "
         "percentage_personen_in_armoede"},
        {RM_SUBJECT_INCOME,
         "G_INK_PI g_ink_po P_LAAGINKP P_HOOGINKP P_LAAGINKH P_HOOGINKH p_ink_li p_ink_hi p_hh_li "
         "p_hh_hi p_hh_lkk p_hh_osm p_hh_110 p_hh_120 g_hh_sti m_hh_ver INK_INW2 INK_ONTV2 "
         "AANT_INK2 "
         "P_LIK_HH P_SOCMINH a_inkont p_ink_ar GemiddeldInkomenPerInwoner_72 "
         "MediaanVermogenVanParticuliereHuish_78 ses_woa SES_WOA_score inkomensklasse "
         "household_income wealth poverty gezinsinkomen"},
        {RM_SUBJECT_ORIENTATION, "seksuele_geaardheid seksuele_gerichtheid geaardheid lhbti "
                                 "homoseksueel sexual_orientation"},
        {RM_SUBJECT_POLITICS,
         "politieke_voorkeur partijvoorkeur stemgedrag stemmen_pvv verkiezingsuitslag_2023 "
         "political_opinion political_preference votes_party"},
        {RM_SUBJECT_UNION, "vakbondslid vakbond vakvereniging trade_union union_membership"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char names[1200];
        assert_true(snprintf(names, sizeof names, "%s", cases[k].names) < (int)sizeof names);
        for (char *name = strtok(names, " "); name; name = strtok(NULL, " "))
            expect(name, cases[k].subject);
    }
    expect("% niet-westers", RM_SUBJECT_ORIGIN);
    expect("Gemiddeld inkomen per inwoner", RM_SUBJECT_INCOME);
}

/* The rest of the CBS's fields, and what sounds alike and is about something else. */
static void accepted(void **state)
{
    (void)state;
    static const char *const names[] = {
        "aantal_inwoners",
        "mannen",
        "vrouwen",
        "percentage_personen_0_tot_15_jaar",
        "percentage_personen_65_jaar_en_ouder",
        "percentage_ongehuwd",
        "percentage_gescheid",
        "aantal_huishoudens",
        "percentage_eenpersoonshuishoudens",
        "gemiddelde_huishoudsgrootte",
        "percentage_huishoudens_met_kinderen",
        "geboorte_totaal",
        "geboortes_per_1000_inwoners",
        "sterfte_totaal",
        "bevolkingsdichtheid_inwoners_per_km2",
        "omgevingsadressendichtheid",
        "stedelijkheid_adressen_per_km2",
        "gemiddelde_woningwaarde",
        "percentage_koopwoningen",
        "percentage_huurwoningen",
        "percentage_leegstand_woningen",
        "percentage_bouwjaarklasse_tot_2000",
        "aantal_bedrijfsvestigingen",
        "aantal_bedrijven_overheid_onderwijs_en_zorg",
        "aantal_bedrijven_zakelijke_dienstverlening",
        "gemiddeld_gasverbruik_totaal",
        "gemiddeld_elektriciteitsverbruik_totaal",
        "personenautos_per_huishouden",
        "oppervlakte_land_in_ha",
        "oppervlakte_water_in_ha",
        "huisartsenpraktijk_gemiddelde_afstand_in_km",
        "huisartsenpraktijk_gemiddeld_aantal_binnen_1_km",
        "ziekenhuis_incl_buitenpolikliniek_gem_afst_in_km",
        "apotheek_gemiddelde_afstand_in_km",
        "afstand_tot_huisarts",
        "gewelds_en_seksuele_misdrijven",
        "vernieling_en_misdrijven_tegen_openbare_orde",
        "opleidingsniveau_laag",
        "netto_arbeidsparticipatie",
        "a_inw",
        "a_hh",
        "a_hh_m_k",
        "p_geb",
        "a_geb",
        "p_ste",
        "p_gehuwd",
        "g_woz",
        "g_wozbag",
        "p_koopw",
        "p_leegsw",
        "g_ele",
        "g_gas",
        "a_bed_oq",
        "a_pau",
        "g_pau_hh",
        "g_afs_hp",
        "g_3km_sc",
        "ste_oad",
        "P_00_14_JR",
        "P_HH_M_K",
        "P_HH_Z_K",
        "AF_ARTSPR",
        "AV1_ARTSPR",
        "AF_APOTH",
        "AF_ZIEK_I",
        "AUTO_HH",
        "OPP_LAND",
        "WONINGEN",
        "DEK_PERC",
        "BEV_DICHTH",
        "JRSTATCODE",
        "IND_WBI",
        /* origin of things */
        "herkomst",
        "origin",
        "herkomst_melding",
        "herkomst_gegevens",
        "herkomst_afval",
        "herkomst_grond",
        "herkomstdata",
        "land",
        "landgebruik",
        "oppervlakte_land",
        "nederlands_kenteken",
        "taal",
        "rijksgrens",
        "migratieroute_vogels",
        "vogelmigratie",
        "westerschelde",
        "westerstraat",
        "wester_koggenland",
        "oost",
        "oosteuropa_laan",
        "data_migration",
        "geb_hoogte",
        "geb_jaar",
        "gebouwtype",
        "gebruiksdoel",
        "raster",
        "ras",
        "hondenras",
        "polen",
        "magnetische_polen",
        /* buildings and monuments */
        "kerktoren",
        "kerkpad",
        "kerkhof",
        "religieus_erfgoed",
        "geloofwaardigheid",
        "kerk",
        "kasteel",
        /* care as a use, a place or a trade */
        "gezondheidszorgfunctie",
        "aantal_gezondheidszorgfunctie",
        "gezondheidszorg",
        "zorginstelling",
        "aantal_zorginstellingen",
        "afstand_tot_ggz_instelling",
        "ggz_kliniek",
        "wlz_instelling",
        "zorg",
        "zorgboerderij",
        "verzorgingsgebied",
        "bezorging",
        "verzorging",
        "ziekenhuis",
        "huisarts",
        "apotheek",
        "thuiszorg_organisatie",
        "medisch_centrum",
        "medisch_afval",
        "gezondheidscentrum",
        "publiekrechtelijke_beperking",
        "milieubeperking",
        "beperking",
        "beperkingengebied",
        "handicap",
        "gehandicaptenparkeerplaats",
        "gehandicapten_parkeerplaatsen",
        "invalide_geometrie",
        "invalid",
        "iepziekte",
        "boom_ziekte",
        "ziekte",
        "plantgezondheid",
        "overgewicht_voertuig",
        "diagnose",
        "geneesmiddelen",
        "vondst_geneesmiddelen",
        "medicijnen_dump",
        "drugsdumping",
        "drugs",
        "care",
        /* money that is no income of households */
        "inkomend_verkeer",
        "inkomende_meldingen",
        "vermogen",
        "vermogen_kw",
        "opgesteld_vermogen",
        "vermogen_zonnepanelen",
        "gemiddeld_vermogen_zon",
        "motorvermogen",
        "waarde",
        "woz_waarde",
        "omzet",
        "koopsom",
        "transactieprijs",
        "huurprijs",
        "leegstand",
        "loon_op_zand",
        "belasting",
        "minima",
        "minimum",
        "maximum",
        "schuld",
        "schuldig",
        "schadeuitkering_bedrag_schade",
        "schade_uitkering",
        "bijstand_brandweer",
        "technische_bijstand",
        "bijstand_politie",
        "bijstandsverlening",
        "toeslag",
        "sociale_huur",
        "sociale_veiligheid",
        "social_housing",
        "benefit_ratio",
        "animal_welfare",
        /* and the rest */
        "homogeniteit",
        "homogeen",
        "geaard",
        "stopcontact_geaard",
        "politie",
        "politiebureau",
        "politie_eenheid",
        "stemlokaal",
        "afstemming",
        "partij",
        "partijgrootte",
        "kleur",
        "unie",
        "union",
        "bond",
        "vakwerk",
        "vakantiepark",
        "reunion",
        "health_centre_distance",
        "status",
        "categorie",
        "soort",
        "datum",
        "postcode",
        "aantal_meldingen",
        "meldingen_per_100_adressen",
        "afstand_tot_snelweg",
        "score",
        "",
        "x",
    };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        expect(names[k], RM_SUBJECTS);
}

/* ---- in a model ---- */

static rm_status read_model(const char *name, const char *field, const char *where,
                            const char *layer_where, const char *label, rm_error *err)
{
    rm_model *model = NULL;
    char text[1600];
    int length = snprintf(
        text, sizeof text,
        "{\"riskmap\": 1, \"name\": \"m\", \"purpose\": \"p\",\n"
        " \"layers\": {\"a\": {\"source\": \"a.gpkg\"},\n"
        "  \"b\": {\"source\": \"b.gpkg\", \"where\": \"%s\", \"origin\": \"reported\"}},\n"
        " \"areas\": {\"layer\": \"a\"},\n"
        " \"indicators\": [\n"
        "  {\"name\": \"%s\", \"measure\": \"mean\", \"of\": \"b\", \"field\": \"%s\",\n"
        "   \"where\": \"%s\", \"pillar\": \"p\", \"scale\": \"minmax\", \"weight\": 1,\n"
        "   \"direction\": \"+\", \"label\": \"%s\", \"why\": \"inkomen en herkomst tellen niet "
        "mee\"}]}",
        layer_where, name, field, where, label);
    rm_status status = rm_model_from_text(&model, text, length, "m.json", err);
    rm_model_free(model);
    return status;
}

static void models(void **state)
{
    (void)state;
    rm_error err;
    static const char fine[] = "soort = 's'";
    assert_int_equal(read_model("n", "f", fine, fine, "L", &err), RM_OK);
    assert_int_equal(read_model("n", "P_WEST_AL", fine, fine, "L", &err), RM_EMODEL);
    assert_string_equal(
        err.message,
        "m.json, line 6, indicators[0].field: \"P_WEST_AL\" is about origin, nationality or "
        "migration background, and riskmap takes no indicator of that, of an area either; no "
        "setting allows it: nobody may be treated otherwise for it (Grondwet, article 1), and the "
        "Dutch data protection authority found choosing whom to check by nationality unlawful "
        "(2020). Take what happens at the place instead");
    assert_int_equal(read_model("n", "f", "a = 1 AND g_ink_pi < 20", fine, "L", &err), RM_EMODEL);
    assert_non_null(strstr(err.message,
                           "m.json, line 7, indicators[0].where: \"g_ink_pi\" is about "
                           "the income or wealth of households"));
    assert_int_equal(read_model("n", "f", fine, "NOT (\\\"A_SOZ_WW\\\" IS NULL)", "L", &err),
                     RM_EMODEL);
    assert_non_null(strstr(err.message, "m.json, line 3, layers.b.where: \"A_SOZ_WW\" is about "
                                        "benefits or debt relief"));
    assert_int_equal(read_model("bijstand_per_100", "f", fine, fine, "L", &err), RM_EMODEL);
    assert_non_null(strstr(err.message, "indicators[0].name"));
    assert_non_null(strstr(err.message, "SyRI"));
}

/* Prose and values are not judged: of a value nobody knows what it stands for. */
static void prose_and_values(void **state)
{
    (void)state;
    rm_error err;
    assert_int_equal(read_model("n", "f", "gebruiksdoel = 'gezondheidszorgfunctie'",
                                "soort = 'bijstand'",
                                "Zonder gegevens over inkomen of nationaliteit", &err),
                     RM_OK);
    assert_int_equal(read_model("n", "oppervlakte", "gebruiksdoel LIKE '%gezondheidszorg%'",
                                "herkomst = 'politie'", "Zorg", &err),
                     RM_OK);
}

/* Every message fits, so that no reason is cut off. */
static void messages_fit(void **state)
{
    (void)state;
    static const char *const each[] = {"nationaliteit", "religie",    "wmo",        "uitkering",
                                       "inkomen",       "geaardheid", "stemgedrag", "vakbond"};
    for (size_t k = 0; k < sizeof each / sizeof *each; k++) {
        rm_error err;
        assert_int_equal(read_model("n", each[k], "a = 1", "a = 1", "L", &err), RM_EMODEL);
        assert_non_null(strstr(err.message, "Take what happens at the place instead"));
        assert_null(strchr(err.message, '\n'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),      cmocka_unit_test(accepted),
        cmocka_unit_test(models),       cmocka_unit_test(prose_and_values),
        cmocka_unit_test(messages_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
