"""Holiday parks: bungalow parks, camp sites and caravan parks; run by a chain, or by nobody.

In an unmanaged park the cottages were sold one by one: many owners, some cottages lived in. BAG shows that
as parcels of their own and as homes among the lodgings.
"""
import numpy as np

from names import HOLIDAY
from row import rows_between
from sites import take
from sizes import DM
from stock import USE

NEAR_BORDER = 1600                            # metres
TYPES = ("bungalowpark", "camping, kampeerterrein", "caravanpark")


def wishes(tile):
    """Where and how: (x, y, cottages, type, managed).

    A fixed mix, so that every combination of managed and unmanaged, near the border and far from it is
    there: unmanaged near the border is what draws reports.
    """
    rng, size = tile.rng, tile.size
    x0, y0, x1, y1 = (v / DM for v in tile.rect)
    east = (x1 - 900, x1 - 300)
    inland = (x0 + 300, x1 - 2600)
    mix = [(east, 0, 34, 0), (east, 0, 28, 0), (east, 2, 18, 0), (east, 0, 40, 1), (east, 1, 4, 1), (east, 0, 22, 1),
           (inland, 0, 32, 0), (inland, 2, 20, 0), (inland, 0, 26, 0), (inland, 0, 46, 1), (inland, 1, 3, 1),
           (inland, 1, 6, 1), (inland, 0, 30, 1), (inland, 1, 2, 0), (inland, 1, 5, 1), (inland, 2, 14, 1)]
    found = []
    for (low, high), kind, houses, managed in mix[:size.holiday]:
        houses = max(2, int(houses * rng.uniform(.8, 1.2) * (1.5 if size.panden else 1)))
        x, y = rng.uniform(low, high), rng.uniform(y0 + 300, y1 - 300)
        if tile.nature and rng.random() < .5 and (low, high) == inland:
            x, y = tile.nature[rng.integers(len(tile.nature))].rim(rng)  # at the edge of the heath
            if not low < x < high:
                x, y = rng.uniform(low, high), rng.uniform(y0 + 300, y1 - 300)
        found.append((x, y, houses, kind, bool(managed)))
    return found


def place_holiday(tile):
    """Take the sites before the fields are filled."""
    found = []
    away = lambda b: float(tile.layout.depth(*b.centre)[0]) > 1.4 and tile.nature_share(b) < .8
    for x, y, houses, kind, managed in wishes(tile):
        per = 470 if kind == 0 else 330 if kind == 2 else 2600            # square metres for each
        area = max(houses * per * 1.18, 9000)
        w = float(np.sqrt(area) * tile.rng.uniform(.8, 1.3))
        block = take(tile.layout, x, y, w, area / w, away) or take(tile.layout, x, y, w * .8, area / w * .8)
        if block is not None:
            found.append((block, houses, kind, managed))
    return found


def label(tile, number, managed):
    """A name; some parks have none, and then the name repeats."""
    if number % 8 == 6 or (not managed and number % 8 == 2):
        return "Onbekend"
    return HOLIDAY[(number + 5 * tile.number) % len(HOLIDAY)]


def fill_holiday(tile, number, block, houses, kind, managed):
    """Lanes and cottages of one park; registers it as a site."""
    rng, layout = tile.rng, tile.layout
    w, h = block.size
    axis = 0 if block.front(0) or block.front(2) else 1
    across = h if axis == 0 else w
    lanes = max(1, round(across / 58)) if kind != 1 else 1
    year = int(rng.integers(1962, 1984) if not managed else rng.integers(1968, 2014))
    name = label(tile, number, managed)
    first = len(layout.roads)
    own = not managed and kind == 0                                      # cottages sold one by one
    rows = rows_between(layout, block, axis, lanes, "laantje", False, land=own)
    lane = name.split(" ")[-1] + "park" if name != "Onbekend" else tile.streets.take(0, "country")
    for road in layout.roads[first:]:
        road.name = lane
        if own:
            tile.stock.parcel(road.rect, "rural")
            road.rect = None
    owners = ("keten" if houses > 24 else "particulier bedrijf") if managed else ("versnipperd" if own else "onbekend")
    site = tile.stock.site(
        kind="holiday", id=f"VP-{tile.number:03d}-{number + 1:02d}", name=name, type=TYPES[kind], managed=managed,
        owner=owners, owners=1 if not own else houses - int(rng.integers(0, houses // 4 + 1)), rect=block.rect,
        border=tile.border_distance(*block.centre))
    if not own:
        tile.stock.parcel(block.rect, "rural")
    left = houses
    for k, row in enumerate(rows):
        share = round(left / (len(rows) - k))
        left -= fill_lane(tile, row, share, site, kind, year, managed, own)
    if managed:
        reception(tile, rows[0], site, year)
    return site


def fill_lane(tile, row, count, site, kind, year, managed, own):
    """Cottages or pitches along one lane; returns how many cottages fitted."""
    rng = tile.rng
    count = max(0, min(count, int(row.length / DM // (13 if kind != 2 else 10.5))))
    if count == 0:
        if own:
            tile.stock.parcel(row.rect, "rural")
        return 0
    edges = np.linspace(0, row.length, count + 1).astype(int)
    if own:
        tile.stock.parcel(row.rects(edges[:-1], edges[1:], 0, row.depth), "rural")
    middle = (edges[:-1] + edges[1:]) / 2 + (0 if own else rng.uniform(-12, 12, count))
    t = np.minimum(rng.uniform(8, 13, count), row.depth / DM - 7) * DM
    ax, ay = row.anchor(middle, t)
    if kind == 1 and count > 0:                                          # pitches, not cottages
        tile.stock.pitches += [(ax[i], ay[i], row.axis, row.road.index, site) for i in range(count)]
        return count
    home = rng.random(count) < (.22 if not managed else .02)
    both = rng.random(count) < (.08 if not managed else 0)
    use = np.where(both, USE["logiesfunctie,woonfunctie"], np.where(home, USE["woonfunctie"], USE["logiesfunctie"]))
    small = kind == 2
    tile.stock.build(
        ax=ax, ay=ay, axis=row.axis, w=rng.uniform(6, 8, count) if not small else 4.2,
        d=rng.uniform(6.5, 8.5, count) if not small else 9.,
        notch=np.where(rng.random(count) < .3, .3, 0) * (not small),
        year=year + rng.integers(0, 9, count), units=1, use=use, unit_area=rng.integers(38, 75, count), site=site,
        road=row.road.index, along=row.start() + middle.astype(int), odd=int(row.low))
    return count


def reception(tile, row, site, year):
    """The building at the entrance of a park that is run: reception, shop, washrooms."""
    t = min(row.depth / DM - 6, 24)
    if t < 17:
        return
    s = min(14 * DM, row.length / 4)
    ax, ay = row.anchor([s], [t * DM])
    tile.stock.build(ax=ax, ay=ay, axis=row.axis, w=16, d=9, notch=.3, year=year + 2, units=1,
                     use=USE["bijeenkomstfunctie"], unit_area=180, site=site,
                     road=row.road.index, along=row.start() + int(s), odd=int(row.low))
