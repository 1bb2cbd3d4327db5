#include "model/subjects.h"

#include "data/quote.h"
#include "data/term.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* Codes of the CBS, of all generations. The same code with a year or a number behind it is meant
 * too. */
static const struct code_list {
    rm_subject subject;
    const char *codes;
} CODES[] = {
    {RM_SUBJECT_ORIGIN,
     "p_west_al p_n_w_al p_marokko p_ant_aru p_surinam p_turkije p_over_nw " /* map 2004-2022 */
     "a_w_all a_nw_all a_marok a_antaru a_suri a_tur a_ov_nw "               /* figures 2013-2022 */
     "p_w_all p_nw_all p_marok p_antaru p_suri p_tur p_ov_nw "
     "a_nl_all a_eur_al a_neu_al a_geb_nl a_geb_eu a_geb_ne a_gbl_eu a_gbl_ne " /* from 2023 */
     "p_nl_all p_eur_al p_neu_al p_geb_nl p_geb_eu p_geb_ne p_gbl_eu p_gbl_ne "
     "p_allocht p_all_tot p_westers p_nwesters"},
    {RM_SUBJECT_HEALTH, "a_jz_tn p_jz_tn a_wmo_t p_wmo_t ao_uit_tot a_soz_ao p_soz_ao"},
    {RM_SUBJECT_BENEFITS, "a_soz_wb a_soz_ww a_soz_ow p_soz_wb p_soz_ww p_soz_ow wwb_uittot "
                          "ww_uit_tot aow_uit_tot a_uitk p_uitk p_n_act"},
    {RM_SUBJECT_INCOME, "a_inkont p_inkont aant_ink aant_ink2 ink_ontv ink_ontv2 ink_inw ink_inw2 "
                        "g_ink_po g_ink_pi p_ink_li p_ink_hi p_ink_ar p_ink_ba p_laag_ink "
                        "p_hoog_ink p_laaginkp p_hooginkp p_laaginkh p_hooginkh p_lik_hh "
                        "p_socminh g_hh_sti p_hh_li p_hh_hi p_hh_lkk p_hh_osm p_hh_110 p_hh_120 "
                        "m_hh_ver"},
};

#define PEOPLE                                                                                     \
    "persoon|personen|inwoner|inwoners|bewoner|bewoners|mensen|bevolking|huishouden|"              \
    "huishoudens|huishoud*|huish|hh|jongeren|kinderen|ouderen|volwassenen|leerlingen|werknemers|"  \
    "clienten|client|ontvangers|gebruikers|people|persons|person|residents|inhabitants|"           \
    "population|household|households"
#define SHARE "aantal|percentage|perc|pct|aandeel|p|a|per|share|number|count|percent|rate|fractie"
#define PLACES                                                                                     \
    "afstand|afst|afstanden|km|distance|dist|nabijheid|bereikbaarheid|*instelling|*instellingen|"  \
    "*locatie|*locaties|*kliniek|*praktijk|*praktijken|*vestiging|*vestigingen|*bedrijf|"          \
    "*bedrijven|*functie|gebouw|gebouwen|*organisatie|*aanbieder|*aanbieders|*kantoor|*centrum|"   \
    "*centra|*bureau|*gebouw|clinic|centre|center|building|provider|facility|school|scholen"

/* clang-format off */
static const rm_term_rule SUBJECTS[] = {
    {RM_SUBJECT_ORIGIN, "*migratieachtergrond*|*migrantenachtergrond*|allochto*|autochto*|*nationaliteit*|etnisch*|"
                        "etniciteit*|*herkomstland*|*herkomstlnd|*herkomstgroep*|geboorteland*|afkomst|huidskleur|"
                        "*migrant|*migranten|*asielzoeker|*asielzoekers|statushouder|statushouders|*vluchteling|"
                        "*vluchtelingen|vreemdeling|vreemdelingen|nietwesters*|westers|westerse|westersen|"
                        "westerstotaal|marokko|marokkaan*|turkije|turken|turks|turkse|surinam*|antillen|antill*|aruba|"
                        "somali*|syrie|syrier|syriers|syrisch|syrische|roemen|roemeen*|bulgaar*|poolse|"
                        "oosteuropees|oosteuropese|"
                        "nationality|nationalities|ethnic|ethnicity|immigrant*|refugee|refugees|asylum|foreigners", NULL},
    {RM_SUBJECT_ORIGIN, "migratie|migranten|migration|migrant achtergrond|background", NULL},
    {RM_SUBJECT_ORIGIN, "land|country herkomst|geboorte|origin|birth|nationality", "producten|goederen|afval|goods"},
    {RM_SUBJECT_ORIGIN, "herkomst|origin " PEOPLE "|europa|buitenland|etnisch*", "melding*|reports"},
    {RM_SUBJECT_ORIGIN, "herkomst percentage|perc|p|aandeel", "melding*|afval|grond|gegevens|data|verkeer"},
    {RM_SUBJECT_ORIGIN, "geb|gbl|geboren|born nl|nederland|europa|buitenland|eu|abroad|foreign|netherlands", NULL},
    {RM_SUBJECT_ORIGIN, "foreign born|nationals", NULL},
    {RM_SUBJECT_ORIGIN, "oost europees|europese|europeanen " SHARE "|" PEOPLE, NULL},
    {RM_SUBJECT_ORIGIN, "uit polen|roemenie|bulgarije|syrie|somalie|eritrea|afghanistan|irak|iran", NULL},
    {RM_SUBJECT_ORIGIN, "buitenlanders|buitenlander|vreemdelingen", NULL},

    {RM_SUBJECT_RELIGION, "*religie|religieus|religieuze|godsdienst*|*geloofsovertuiging|*levensovertuiging|"
                          "levensbeschouwing|kerkgenootschap*|moslim|moslims|islam|islamitisch*|katholiek|katholieken|"
                          "protestant|protestanten|hindoe*|boeddhis*|joods|joodse|joden|christen|christenen|*moskee|"
                          "*moskeeen|synagoge*|gebedshuis|gebedshuizen|kerkgang|"
                          "religion|religious|muslim|muslims|mosque|mosques|jewish|christian|christians",
     "erfgoed|monument|monumenten|heritage"},
    {RM_SUBJECT_RELIGION, "geloof|gelovig|gelovigen|kerkelijk|kerkelijke gezindte|lid|leden|" SHARE "|" PEOPLE, NULL},

    {RM_SUBJECT_HEALTH, "*jeugdzorg|jeugdhulp|thuiszorg|mantelzorg|mantelzorger*|wmo|wlz|ggz|pgb|zorgkosten|"
                        "zorggebruik|zorgvraag|zorgbehoefte|zorgindicatie*|zorgconsumptie|zorgclient*|zorgmijder*|"
                        "zorgzwaarte|zorgontvanger*|zorgprofiel*", PLACES},
    {RM_SUBJECT_HEALTH, "zorg|care " PEOPLE, PLACES},
    {RM_SUBJECT_HEALTH, "jeugd zorg|hulp", PLACES},
    {RM_SUBJECT_HEALTH, "*gezondheid|gezondheidstoestand|gezondheidsklachten|gezondheidsbeleving|gezondheidsproblemen|"
                        "gezondheidsmonitor|gezondheidsscore|*health", PLACES "|plant*|boom|bodem"},
    {RM_SUBJECT_HEALTH, "medicatie|medicijngebruik|medicijnengebruik|geneesmiddelengebruik|*medication|"
                        "medisch|medische|patient|patienten|arbeidsongeschikt*|arbeidsbeperk*|invaliditeit|wao|wia|wajong|"
                        "psychisch|psychische|psychiatrie|psychiatrisch*|eenzaam|eenzaamheid|depressief|obesitas|dementie|"
                        "verslaafd|verslaafden|verslaving|covid*|vaccinatiegraad|gevaccineerd*|"
                        "ziekteverzuim|ziektekosten|ziektebeeld|disability|disabilities|mental", PLACES "|afval|*dump*"},
    {RM_SUBJECT_HEALTH, "chronisch|chronische|langdurig|langdurige ziek|zieken|ziekte|aandoening", NULL},
    {RM_SUBJECT_HEALTH, "medicijn|medicijnen|geneesmiddelen gebruik|gebruikers|" PEOPLE,
     PLACES "|*dump*|vondst*|lab|*lab|handel"},
    {RM_SUBJECT_HEALTH, "ziekte|aandoening|beperking|handicap|overgewicht|diagnose|diagnosis lichamelijk*|verstandelijk*|"
                        "zintuiglijk*|" PEOPLE, "melding*|milieu*|dier*|plant*|boom*|weg*|voertuig*|*recht*"},
    {RM_SUBJECT_HEALTH, "gehandicapt|gehandicapten|gehandicapte|invaliden " PEOPLE "|" SHARE,
     "*parkeer*|*toilet*"},
    {RM_SUBJECT_HEALTH, "verstandelijk|verstandelijke|lichamelijke|zintuiglijke beperk*|handicap", PLACES},
    {RM_SUBJECT_HEALTH, "ao uitkering*", NULL},

    {RM_SUBJECT_BENEFITS, "uitkering*|*uitkering|*uitkeringen|*uitkeringsgerechtigd*", "schade*|verzeker*|dividend*|subsidie*"},
    {RM_SUBJECT_BENEFITS, "bijstand|bijstands", "brandweer|politie|ambulance|*verlening|verleen*|technisch*|militair*|"
                          "incident*|melding*|inzet"},
    {RM_SUBJECT_BENEFITS, "bijstandsuitk*|bijstandsgerechtigd*|bijstandsontvanger*|bijstandsclient*|bijstandsdichtheid|"
                          "bijstandsfraude|wwb|ioaw|ioaz|aow|aow*|participatiewet|*schuldhulp*|schuldsanering*|wsnp|"
                          "huurtoeslag*|zorgtoeslag*|kinderopvangtoeslag*|toeslagen|minimahuishoudens", NULL},
    {RM_SUBJECT_BENEFITS, "schulden|schuld problematisch*|" PEOPLE, NULL},
    {RM_SUBJECT_BENEFITS, "sociale zekerheid", NULL},
    {RM_SUBJECT_BENEFITS, "welfare|unemployment|social|housing benefit|benefits|assistance|recipients", NULL},
    {RM_SUBJECT_BENEFITS, "debt relief|problematic|" PEOPLE, NULL},

    {RM_SUBJECT_INCOME, "inkomen|*inkomen|inkomens|inkomens*|laaginkomen*|besteedbaar|koopkracht*|armoede*|"
                        "huishoudinkomen*|seswoa|income|incomes|poverty|wealth", NULL},
    {RM_SUBJECT_INCOME, "ses woa|score", NULL},
    {RM_SUBJECT_INCOME, "vermogen|vermogens mediaan|particulier*|welvaart|" PEOPLE,
     "kw|mw|kwh|mwh|watt|opgesteld*|thermisch*|elektrisch*|zon*|wind*|motor*|turbine*"},
    {RM_SUBJECT_INCOME, "sociaal minimum", NULL},
    {RM_SUBJECT_INCOME, "loon|salaris|inkomsten|earnings|salary " PEOPLE, NULL},

    {RM_SUBJECT_ORIENTATION, "geaardheid|homo|homos|homoseks*|lhbt*|lgbt*|lesbisch*|lesbienne*|biseks*|gay|gays|"
                             "transgender*|homosexual*", NULL},
    {RM_SUBJECT_ORIENTATION, "seksuele|seksueel|sexual gerichtheid|orientatie|voorkeur|geaardheid|orientation|preference", NULL},

    {RM_SUBJECT_POLITICS, "partijvoorkeur|stemgedrag|verkiezingsuitslag*|partijlid*|stemmenaandeel", NULL},
    {RM_SUBJECT_POLITICS, "politiek|politieke|political voorkeur|opvatting|opvattingen|overtuiging|gezindheid|kleur|partij|"
                          "opinion|opinions|preference|views|affiliation|party", NULL},
    {RM_SUBJECT_POLITICS, "stemmen|kiezers|votes|voters pvv|vvd|cda|pvda|groenlinks|glpvda|sp|denk|fvd|ja21|bbb|d66|sgp|"
                          "cu|nsc|volt|party|partij", NULL},

    {RM_SUBJECT_UNION, "vakbond*|*vakbondslid|vakvereniging*|vakbondsleden", NULL},
    {RM_SUBJECT_UNION, "trade|labour|labor union|unions", NULL},
    {RM_SUBJECT_UNION, "union member|members|membership", NULL},
};
/* clang-format on */

rm_subject rm_subject_of(const char *identifier)
{
    rm_terms terms;
    rm_terms_split(&terms, identifier);
    for (int c = 0; c < COUNT(CODES); c++)
        if (rm_term_in_list(&terms, CODES[c].codes))
            return CODES[c].subject;
    int subject = rm_term_meaning(&terms, SUBJECTS, COUNT(SUBJECTS));
    return subject < 0 ? RM_SUBJECTS : (rm_subject)subject;
}

/* ---- what a model gets to hear ---- */

#define ORIGIN                                                                                     \
    "nobody may be treated otherwise for it (Grondwet, article 1), and the Dutch data protection " \
    "authority found choosing whom to check by nationality unlawful (2020)"
#define BELIEF                                                                                     \
    "nobody may be treated otherwise for it (Grondwet, article 1), and it is a special kind of "   \
    "personal data (GDPR, article 9)"
#define SPECIAL                                                                                    \
    "it is a special kind of personal data (GDPR, article 9), and says what people are and not "   \
    "what happens at a place"
#define POVERTY                                                                                    \
    "a court ended a risk model that was turned on poor neighbourhoods (SyRI, "                    \
    "ECLI:NL:RBDHA:2020:865): where one looks more one finds more, and poverty is no suspicion"

static const struct reason {
    const char *what, *why;
} REASONS[RM_SUBJECTS + 1] = {
    [RM_SUBJECT_ORIGIN] = {"origin, nationality or migration background", ORIGIN},
    [RM_SUBJECT_RELIGION] = {"religion", BELIEF},
    [RM_SUBJECT_HEALTH] = {"health, care or disability", SPECIAL},
    [RM_SUBJECT_BENEFITS] = {"benefits or debt relief", POVERTY},
    [RM_SUBJECT_INCOME] = {"the income or wealth of households", POVERTY},
    [RM_SUBJECT_ORIENTATION] = {"sexual orientation", SPECIAL},
    [RM_SUBJECT_POLITICS] = {"political opinion", BELIEF},
    [RM_SUBJECT_UNION] = {"trade union membership", SPECIAL},
    [RM_SUBJECTS] = {"", ""},
};

rm_status rm_subject_check(const rm_model_file *file, const rm_json *node, const char *identifier)
{
    rm_subject subject = rm_subject_of(identifier);
    if (subject == RM_SUBJECTS)
        return RM_OK;
    return rm_model_fail(file, node,
                         "%s is about %s, and riskmap takes no indicator of that, of an area "
                         "either; no setting allows it: %s. Take what happens at the place instead",
                         rm_quoted_text(identifier).text, REASONS[subject].what,
                         REASONS[subject].why);
}

rm_status rm_subject_check_filter(const rm_model_file *file, const rm_json *node,
                                  const rm_filter *filter)
{
    for (int32_t f = 0; f < rm_filter_field_count(filter); f++)
        RM_TRY(rm_subject_check(file, node, rm_filter_field(filter, f)));
    return RM_OK;
}
