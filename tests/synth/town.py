"""Filling a neighbourhood: streets, plots and houses of its time.

A neighbourhood was built in one period and looks it: closed blocks in the old centre, long pre-war
rows, post-war rows with flats, the winding rows of the seventies, wide plots at the edge.
"""
import numpy as np

from row import groups, rows_between, split
from sizes import DM
from stock import USE

# houses in a group, house width, side margin (m), plot depth, set-back, house depth (m), first and last
# year, chance of flats in place of a row, storeys, chance of a shop or other use
KIND = {
    "centre":   ((5, 14), (5, 9), (0, 0), 21, 0, (11, 15), (1640, 1925), .03, 2.5, .38),
    "pre-war":  ((6, 12), (5, 6), (1, 1), 24, 1.5, (8, 9), (1902, 1939), .02, 2, .05),
    "post-war": ((5, 8), (5, 6), (1, 2), 27, 4, (8, 9), (1949, 1969), .1, 2, .02),
    "seventies": ((4, 7), (5, 6), (1, 2), 25, 4, (9, 10), (1971, 1989), .06, 2, .02),
    "recent":   ((2, 5), (5, 7), (2, 3), 27, 4, (10, 11), (1993, 2024), .07, 2.4, .02),
    "detached": ((1, 1), (9, 12), (4, 8), 38, 8, (9, 12), (1925, 2018), 0, 1.8, .02),
    "village":  ((1, 2), (7, 9), (3, 6), 34, 5, (9, 12), (1870, 2015), 0, 1.7, .06)}
SHOPS = [USE[u] for u in ("winkelfunctie", "winkelfunctie,woonfunctie", "bijeenkomstfunctie",
                          "kantoorfunctie", "gezondheidszorgfunctie", "winkelfunctie")]
PUBLIC = [USE[u] for u in ("onderwijsfunctie", "sportfunctie", "gezondheidszorgfunctie",
                           "bijeenkomstfunctie", "kantoorfunctie", "winkelfunctie")]


def kind_of(rng, tile, block):
    """What was built in a neighbourhood: the old centre at the crossing, then ring after ring."""
    depth, place = (float(v) for v in tile.layout.depth(*block.centre))
    if place:
        return "village" if depth < .75 or rng.random() < .6 else "recent"
    if depth < .27:
        return "centre"
    if depth < .5:
        return rng.choice(["pre-war", "pre-war", "post-war"])
    if depth < .7:
        return rng.choice(["post-war", "post-war", "detached", "seventies"])
    return rng.choice(["seventies", "recent", "recent", "detached", "detached"])


def oldest(tile, part):
    """Does the part touch the crossing in the middle of town, on the old side of the through road?"""
    town = tile.layout.places[0]
    x0, y0, x1, y1 = (v / DM for v in part.rect)
    return x0 > town.x and max(x0 - town.x, town.x - x1, y0 - town.y, town.y - y1) < 30


def fill_quarter(tile, block):
    """Streets, rows and houses of one neighbourhood."""
    rng, layout = tile.rng, tile.layout
    general = kind_of(rng, tile, block)
    if general == "seventies" and min(block.size) > 150:
        tile.winding.append((*block.centre, rng.choice([-1, 1]) * .3, 0., .75 * max(block.size)))
    w, h = block.size
    axis = int(h > w) if abs(w - h) > 40 else int(rng.integers(2))       # streets run along the long side
    long, across = (w, h) if axis == 0 else (h, w)
    blocks = [block]
    if long > 190:
        low, high = (block.rect[0], block.rect[2]) if axis == 0 else (block.rect[1], block.rect[3])
        blocks = layout.cut(block, axis, int(low + (high - low) * rng.uniform(.42, .58)) // DM * DM, "straat")
    for part in blocks:
        kind = "centre" if oldest(tile, part) else general
        plot = KIND[kind][3]
        if rng.random() < .07 and kind != "centre":
            fill_public(tile, part)
            continue
        count = max(1, round((across + 10) / (2 * plot + 10)))
        deep = (across - (count - 1) * 10) / count / 2
        if deep < 14:
            tile.stock.parcel(part.rect, "town")
            continue
        rows = rows_between(layout, part, axis, count - 1, "straat", True)
        fill_rows(tile, rows, kind, deep)


def fill_rows(tile, rows, kind, deep):
    """Houses on rows that lie back to back; both sides of a block get the same plot widths."""
    houses, width, margin = KIND[kind][:3]
    shared = None
    for row in rows:
        if row.road is None or deep < 14:
            tile.stock.parcel(row.rect, "town")
            continue
        if kind in ("centre", "village") and fill_church(tile, row):
            continue
        if shared is None or shared[0] != row.length or tile.rng.random() < .35:
            shared = (row.length, groups(tile.rng, row.length, houses, width, margin))
        fill_row(tile, row, kind, shared[1])


def fill_row(tile, row, kind, divided):
    """Plots and houses of one row. What is let together is one parcel; a sold house has its own."""
    rng = tile.rng
    _, _, _, _, setback, depths, years, flats, storeys, other = KIND[kind]
    start, count, wide, side = divided
    if not len(start):
        tile.stock.parcel(row.rect, "town")
        return
    end = np.append(start[1:], row.length)
    for g in np.flatnonzero((rng.random(len(start)) < flats * tile.size.flats) & (end - start > 26 * DM)):
        count[g], side[g] = 1, 4 * DM                                 # a block of flats in its place
        wide[g] = min(end[g] - start[g] - 2 * side[g], 60 * DM)
    tall = (count == 1) & (wide > 24 * DM)
    year = rng.integers(years[0], years[1] + 1, len(start))
    if kind not in ("centre", "village", "detached"):                 # built in one go
        year = np.clip(year.mean() + rng.integers(-2, 3, len(start)), *years).astype(int)
    depth = np.where(tall, 11., rng.uniform(*depths, len(start)).round(1))
    sold = (rng.random(len(start)) < tile.size.own_lots) | (count == 1) | (kind == "detached")
    if rng.random() < tile.size.estates:
        tile.stock.parcel(row.rect, "town")
    else:
        lots(tile, row, start, end, count, wide, side, sold)

    g = np.repeat(np.arange(len(start)), count)                       # group of each house
    i = np.arange(len(g)) - np.repeat(np.cumsum(count) - count, count)
    u = (i - (count[g] - 1) / 2) * wide[g] / DM
    middle = start + side + count * wide / 2
    t = (setback + depth / 2) * DM
    ax, ay = row.anchor(middle[g], t[g])
    own_year = np.clip(year[g] + rng.integers(-25, 26, len(g)), *years) if kind == "centre" else year[g]
    deeper = depth[g] + (rng.integers(0, 5, len(g)) if kind == "centre" else 0)
    shop = (rng.random(len(g)) < other) & ~tall[g]
    use = np.where(shop, rng.choice(SHOPS, len(g)), USE["woonfunctie"])
    above = (kind == "centre") & (rng.random(len(g)) < .35)
    units = np.where(tall[g], (wide[g] / DM / 7).astype(int) * rng.integers(3, 6, len(g)), 1 + above)
    area = np.where(tall[g], 74, wide[g] / DM * depth[g] * storeys * .85 / (1 + above))
    tile.stock.build(
        ax=ax, ay=ay, axis=row.axis, u=u, v=row.inward * (deeper - depth[g]) / 2, w=wide[g] / DM, d=deeper,
        notch=np.where((count[g] == 1) & ~tall[g] & (rng.random(len(g)) < .4), rng.uniform(.25, .45, len(g)), 0),
        year=own_year, units=units, use=use, use_more=USE["woonfunctie"], unit_area=area.astype(int),
        road=row.road.index, along=row.start() + (middle[g] + u * DM).astype(int),
        odd=int(row.low), flat=tall[g], pand_status=tile.some_status(len(g)))
    sheds(tile, row, g, middle, u, deeper, setback, own_year, tall)


def lots(tile, row, start, end, count, wide, side, sold):
    """The parcels under a row: one to each house where it was sold, else one to the group."""
    s0, s1 = [], []
    for k in range(len(start)):
        if sold[k] and count[k] > 1:
            inner = start[k] + side[k] + wide[k] * np.arange(1, count[k])
            edges = np.concatenate([[start[k]], inner, [end[k]]])
        else:
            edges = np.array([start[k], end[k]])
        s0.append(edges[:-1])
        s1.append(edges[1:])
    tile.stock.parcel(row.rects(np.concatenate(s0), np.concatenate(s1), 0, row.depth), "town")


def sheds(tile, row, g, middle, u, deeper, setback, year, tall):
    """A shed at the end of the garden: a building without an address."""
    rng = tile.rng
    back = row.depth - 22                                             # leaves room for the fence
    wanted = ~tall[g] & (back > (setback + deeper) * DM + 30)
    if not tile.size.panden:
        wanted &= rng.random(len(g)) < tile.size.shed
    k = np.flatnonzero(wanted)
    if len(k):
        ax, ay = row.anchor(middle[g[k]] + (u[k] - .8) * DM, back)
        tile.stock.build(ax=ax, ay=ay, axis=row.axis,
                         w=rng.uniform(2.2, 3.4, len(k)), d=rng.uniform(2.4, 3.2, len(k)),
                         year=np.maximum(year[k], 1950), spare=1)


def fill_public(tile, block):
    """A school, a sports hall or a care home in its own green: one parcel, a few large buildings."""
    rng = tile.rng
    w, h = block.size
    tile.stock.parcel(block.rect, "town")
    side = next((s for s in range(4) if block.front(s)), None)
    if side is None or min(w, h) < 45 or rng.random() < .3:
        return                                                        # a park
    row = split(block, 0 if side in (1, 3) else 1, False)[0]
    use, year = int(rng.choice(PUBLIC)), int(rng.integers(1955, 2020))
    for k in range(int(rng.integers(1, 3))):
        s = row.length * (k + .5) / 2 if row.length > 90 * DM else row.length / 2
        ax, ay = row.anchor(s, min(row.depth / 2, 26 * DM))
        tile.stock.build(ax=[ax], ay=[ay], axis=row.axis, w=min(38, row.length / DM / 2.6),
                         d=min(22, row.depth / DM / 2), notch=rng.uniform(.2, .5), year=year + 6 * k,
                         units=1, use=use, unit_area=int(rng.integers(400, 2400)),
                         road=row.road.index, along=row.start() + int(s), odd=int(row.low))
        if row.length <= 90 * DM:
            break


def fill_church(tile, row):
    """The old church in its churchyard, once in every place and near its middle."""
    x, y = row.anchor(row.length / 2, row.depth / 2)
    depth, place = (float(v) for v in tile.layout.depth(x, y))
    if place in tile.churches or depth > .5 or row.depth < 18 * DM:
        return False
    tile.churches.add(place)
    tile.stock.parcel(row.rect, "town")
    tile.stock.build(ax=[float(x)], ay=[float(y)], axis=row.axis, w=30, d=12, year=int(tile.rng.integers(1380, 1520)),
                     units=1, use=USE["bijeenkomstfunctie"], unit_area=420, road=row.road.index,
                     along=row.start() + row.length // 2, odd=int(row.low))
    return True
