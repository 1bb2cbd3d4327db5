"""Made-up names. The municipality's own were compared with the public lists of places."""

MUNICIPALITY = ("Woldermark", ("Woldermark", "Zandesch", "Munnikeveld", "Kolkhuizen"))

FIRST = ("Wolder Zander Munnike Kolker Raver Elder Hager Stroe Venner Reewol Linder Korte Grenser Oolder "
         "Zwarter Bever Otter Dasser Iepe Elzer Moller Kerker Boven Neder Wester Ooster Noorder Zuider "
         "Hooger Lager Breder Smaller Roder Witter Grauer Heider").split()
SECOND = ("mark wolde esch veld huizen broek hage loo drecht meer veen horst kamp dal berg brug "
          "hoeve wijk dorp stede").split()

STREET = ("Eiken Beuken Linden Iepen Wilgen Kastanje Berken Elzen Molen Kerk School Dorps Nieuwe Korte "
          "Lange Oude Markt Water Haven Kanaal Meidoorn Vlier Lijster Merel Koolmees Kievit Zwaluw "
          "Leeuwerik Roodborst Specht Tulpen Rozen Narcis Anjer Dahlia Koren Klaver Rogge Gerst Haver "
          "Weide Brink Es Hof Tuin Boomgaard Bongerd Smids Bakkers Weverij Spinner Klompen Leerlooiers "
          "Zilver Koper Tin Saffier Robijn Opaal Saturnus Venus Jupiter Planeten Sterren Noorder Zuider "
          "Ooster Wester Parallel Ring Singel Wal Poort Bleek Ambachts").split()
STREET_END = "straat laan weg hof plein pad dreef kade singel steeg erf plantsoen".split()
COUNTRY = ("Broek Veen Zand Heide Klei Polder Wold Esch Kolk Meent Maten Hooi Turf Schapen Ganzen "
           "Hazen Reiger Vossen Dassen Elzen Wilgen Grens Achter Voor Kromme Rechte Lange Hoge Lage "
           "Oude Nieuwe Molen Slag Winter Zomer Boeren Horst Kamp Beek Venne Bos").split()
COUNTRY_END = "weg dijk sloot allee pad kade laan wijk enk es".split()
WORK = "Nijverheids Industrie Handels Ambachts Techniek Ampère Edison Newton Galvani Faraday".split()
SHORT = {"straat": "str", "plantsoen": "plnts", "laan": "ln", "plein": "pln"}

BUSINESS = ("De Vaart", "Zuiderhaven", "De Slagen", "Oostpoort", "Het Broek", "De Knoop", "Wester Es",
            "De Marke", "Noordeinde", "Kanaalzone", "De Kolk", "Hoge Kamp", "De Weijert")
HOLIDAY = ("De Heidehoeve", "Het Wolderbos", "De Eekhoorn", "De Boshoek", "De Grenspaal", "Zonneheuvel",
           "De Hertenkamp", "Het Ganzenmeer", "De Jutberg", "De Korenbloem", "Berkenrode", "De Vossenkuil",
           "Het Stille Veld", "De Kievitsborg", "De Wielewaal", "Rustoord", "De Dennen", "Het Achterveld",
           "De Bongerd", "De Uilenvlucht", "Het Nachtegaaltje", "De Zandkuil", "De Bremhof", "De Libel")
NATURE = ("Woldervenen", "Zandeschheide", "Munnikebroek", "Grenslandschap", "Kolkerbos", "Roderzand",
          "Elderveen", "Hagermaten")


class Streets:
    """Street names that do not repeat within one place."""

    def __init__(self, rng):
        self.rng = rng
        self.used = set()

    def take(self, place, kind):
        """A free name of the kind 'country', 'work' or 'town' in place number `place`."""
        first, end = {"country": (COUNTRY, COUNTRY_END), "work": (WORK + STREET, ("weg", "straat", "kade")),
                      "town": (STREET, STREET_END)}[kind]
        for attempt in range(1000):
            name = first[self.rng.integers(len(first))] + end[self.rng.integers(len(end))]
            if attempt > 60:                         # a large town has used most of them up
                name = ("Grote ", "Kleine ", "Eerste ", "Tweede ", "Derde ")[attempt % 5] + name
            if (place, name) not in self.used:
                self.used.add((place, name))
                return name
        return f"{name} {len(self.used)}"


def short(name):
    """The shortened street name of at most 24 characters that the BAG keeps beside the full one."""
    if len(name) <= 24:
        return name
    for end, abbreviation in SHORT.items():
        if name.endswith(end):
            return (name[:-len(end)] + abbreviation)[:24]
    return name[:24]


def places(rng, tile, count):
    """The municipality's name and the names of its `count` places, the main town first."""
    if tile == 0:
        return MUNICIPALITY[0], list(MUNICIPALITY[1])[:count]
    picks = rng.choice(len(FIRST) * len(SECOND), count, replace=False)
    found = [FIRST[p // len(SECOND)] + SECOND[p % len(SECOND)] for p in picks]
    return found[0], found
