"""Reports, and the truth behind them.

Every place draws a few reports. Planted places draw many more, for reasons that open data can show; the
rates are below and the places are written to truth.json. What is left of the wanted number falls in the
towns, where people live, so that a plain count ranks the wrong places.
"""
import numpy as np

import bag
from business import EMPTY, NEAR_MOTORWAY, OLD
from holiday import NEAR_BORDER
from sizes import DM, FIRST_DAY, LAST_DAY, YEARS

FARM_BORDER, FARM_BARNS = 2500, 4              # metres; barns without an address

# reports a year: for each building of the park or for each farm
BASE = {"business": .15, "holiday": .05, "farm": .06}
PLANTED = {"business": 1.6, "holiday": .6, "farm": 1.5}
RECENT = 3.0                                   # the park where it began only on the day below
RECENT_FROM = "2025-07-01"
RURAL_SHARE, DESK_SHARE = .09, .012            # of all reports: anywhere in the country; at the police desk

CATEGORIES = ("drugs", "overlast", "ondermijning", "energiefraude", "milieu", "diefstal")
MIX = {"town": (.14, .5, .03, .05, .06, .22), "rural": (.3, .12, .06, .06, .4, .06),
       "business": (.2, .16, .16, .12, .14, .22), "holiday": (.16, .38, .14, .1, .06, .16),
       "farm": (.34, .06, .2, .2, .16, .04), "desk": (.1, .5, .1, .05, .05, .2)}


def why(site):
    """The reasons that make a site draw reports; all of a kind together plant it."""
    if site["kind"] == "business":
        return {"near_motorway": site["motorway"] <= NEAR_MOTORWAY, "old": site["start"] < OLD,
                "vacant": site["vacant"] >= EMPTY}
    if site["kind"] == "holiday":
        return {"unmanaged": not site["managed"], "near_border": site["border"] <= NEAR_BORDER,
                "cottages": site["objects"] >= 8}
    return {"near_border": site["border"] <= FARM_BORDER, "unaddressed_barns": site["unaddressed"] >= FARM_BARNS}


def judge(tile):
    """Settle for every site of a tile whether it is planted, and its yearly number of reports."""
    b = tile.buildings
    for number, site in enumerate(tile.stock.sites):
        mine = b["site"] == number
        pitches = sum(p[4] == number for p in tile.stock.pitches)
        site["objects"] = int((b["units"][mine] > 0).sum()) + pitches
        if site["kind"] == "business":
            site["vacant"] = bag.vacancy(b, number)
        site["why"] = why(site)
        site["planted"] = all(site["why"].values())
        size = 1 if site["kind"] == "farm" else site["objects"]
        site["rate"] = (PLANTED if site["planted"] else BASE)[site["kind"]] * size
        site["recent"] = False
    emerging = [s for s in tile.stock.sites if s["kind"] == "business" and not s["planted"] and s["start"] > 1985]
    if emerging:                                # one park where it has only just begun
        site = emerging[0]
        site["recent"], site["rate_recent"] = True, RECENT * site["objects"]


def days():
    """First day, last day and the day on which the recent park begins, as day numbers."""
    return [int(np.datetime64(d).astype(int)) for d in (FIRST_DAY, LAST_DAY, RECENT_FROM)]


def inside(rng, rect, n, margin=.08):
    """Points well inside a plan rectangle, in metres."""
    x0, y0, x1, y1 = (v / DM for v in rect)
    u, v = rng.uniform(margin, 1 - margin, (2, n))
    return x0 + u * (x1 - x0), y0 + v * (y1 - y0)


def at_sites(tile, parts):
    """The reports at business parks, holiday parks and farms."""
    rng = tile.rng
    first, last, recent = days()
    for site in tile.stock.sites:
        n = int(rng.poisson(site["rate"] * YEARS))
        day = rng.integers(first, last + 1, n)
        if site["recent"]:
            more = int(rng.poisson(site["rate_recent"] * (last - recent) / 365.25))
            day = np.concatenate([day, rng.integers(recent, last + 1, more)])
        site["reports"] = len(day)
        x, y = inside(rng, site["rect"], len(day))
        parts.append((x, y, day, np.full(len(day), site["kind"])))


def make(tile):
    """All reports of a tile: map coordinates, day number and category, sorted by day."""
    rng, size = tile.rng, tile.size
    wanted = tile.share(size.reports)
    judge(tile)
    first, last, _ = days()
    parts = []
    at_sites(tile, parts)
    wild = np.flatnonzero(tile.kinds == "rural")
    n = int(wanted * RURAL_SHARE)
    pick = tile.rects[rng.choice(wild, n)] / DM
    u, v = rng.uniform(.05, .95, (2, n))
    parts.append((pick[:, 0] + u * (pick[:, 2] - pick[:, 0]), pick[:, 1] + v * (pick[:, 3] - pick[:, 1]),
                  rng.integers(first, last + 1, n), np.full(n, "rural")))
    desk = int(wanted * DESK_SHARE)
    town = tile.layout.places[0]
    parts.append((np.full(desk, town.x + 35.), np.full(desk, town.y + 28.), rng.integers(first, last + 1, desk),
                  np.full(desk, "desk")))
    left = wanted - sum(len(p[0]) for p in parts)
    if left < 0:
        raise ValueError("the planted reports are more than all reports: raise `reports` or lower the rates")
    home = tile.buildings
    lived = np.flatnonzero((home["units"] > 0) & (home["site"] < 0))
    weight = home["units"][lived].astype(float)
    pick = rng.choice(lived, left, p=weight / weight.sum())
    parts.append((home["ax"][pick] + home["u"][pick] * (home["axis"][pick] == 0) + rng.normal(0, 9, left),
                  home["ay"][pick] + home["u"][pick] * (home["axis"][pick] == 1) + rng.normal(0, 9, left),
                  rng.integers(first, last + 1, left), np.full(left, "town")))
    x, y, day, kind = (np.concatenate(column) for column in zip(*parts))
    category = np.empty(len(kind), int)
    for name, chances in MIX.items():
        which = np.flatnonzero(kind == name)
        category[which] = rng.choice(len(CATEGORIES), len(which), p=chances)
    order = np.argsort(day, kind="stable")
    px, py = tile.warp(x, y)
    return px[order], py[order], day[order], category[order]


def lines(first, x, y, day, category):
    """Text lines: number;date;category;x;y with a decimal comma."""
    dates = day.astype("datetime64[D]")
    text = {d: "-".join(reversed(str(d).split("-"))) for d in np.unique(dates)}
    return [f"{first + i:08d};{text[d]};{CATEGORIES[c]};{px:.2f};{py:.2f}".replace(".", ",")
            for i, (px, py, d, c) in enumerate(zip(x.tolist(), y.tolist(), dates, category.tolist()))]


def by_address(tile, vbo, seed):
    """Reports that name an address and no coordinates, as text lines without a number, sorted by day: at the
    parks and anywhere; a town hall that many are booked on; a neighbour who reports every other day. Draws of
    their own, so that the other files do not change."""
    rng = np.random.default_rng([seed, tile.number, 20])
    first, last, _ = days()
    n = tile.share(tile.size.reports) // 10
    inuse = np.array([state == "Verblijfsobject in gebruik" for state in vbo[2]])
    on_site = np.flatnonzero(inuse & (tile.buildings["site"][tile.addresses["of"]] >= 0))
    anywhere = np.flatnonzero(inuse)
    hall, neighbour = rng.choice(anywhere), rng.choice(on_site)
    picked = np.concatenate([rng.choice(on_site, n // 2), rng.choice(anywhere, n - n // 2),
                             np.full(n // 12, hall), np.full(18, neighbour)])
    day = np.concatenate([rng.integers(first, last + 1, n + n // 12), last - 200 + 2 * np.arange(18)])
    category = rng.integers(0, len(CATEGORIES), len(picked))
    category[-18:] = CATEGORIES.index("overlast")
    spelling = rng.integers(0, 4, len(picked))
    rows = []
    for i in np.argsort(day, kind="stable").tolist():
        k = picked[i]
        code, number, letter = vbo[9][k], str(vbo[6][k]), vbo[7][k] or ""
        if spelling[i] == 1:                    # 7563 dg, and the letter behind the number
            code, number, letter = f"{code[:4]} {code[4:].lower()}", number + letter.lower(), ""
        date = "-".join(reversed(str(day[i].astype("datetime64[D]")).split("-")))
        rows.append(f"{date};{CATEGORIES[category[i]]};{code};{number};{letter};{vbo[4][k]};{vbo[10][k]}")
    return rows


def address_dirt(last):
    """Rows without an address that can be found or with a wrong date, and `last` once more."""
    kind, place = last.split(";", 2)[1:]
    return [f"14-02-2024;{kind};;;;;", f"15-02-2024;{kind};7563ZZ;999;;Nergensweg;Woldermark",
            f"16-02-2024;{kind};756;12;;;", f"19-05-2031;{kind};{place}", f"12-06-1026;{kind};{place}",
            f"30-02-2024;{kind};{place}", last]


def dirt(last):
    """Rows as they come in practice and must not pass unseen; `last` is a good line, to be repeated."""
    def row(k, date, x, y):
        return f"{90000000 + k:08d};{date};overlast;{x};{y}"
    return [row(1, "14-02-2024", "", ""), row(2, "03-07-2025", "", "474912,40"),
            row(3, "19-05-2031", "208812,40", "475020,10"), row(4, "12-06-1026", "208633,00", "475118,75"),
            row(5, "30-02-2024", "208790,25", "475402,50"), row(6, "11-11-2025", "6,1583", "52,2612"),
            row(7, "08-09-2024", "475020,10", "208812,40"), last, last]
