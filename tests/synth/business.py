"""Business parks of different ages: halls on plots along a works road, some of them vacant."""
import numpy as np

from layout import WIDTH
from names import BUSINESS
from row import rows_between
from sites import distance, take
from sizes import DM
from stock import USE, VACANT

NEAR_MOTORWAY, OLD, EMPTY = 900, 1980, .3     # metres, start year, share of addresses out of use


def wishes(tile):
    """Where the parks would like to be: (x, y, width, height, start year, vacancy).

    Old and new, near the motorway and far from it, vacant and in full use occur in every combination;
    only the three together draw reports. The mix is fixed, its order and sizes are drawn.
    """
    rng, town = tile.rng, tile.layout.places[0]
    highway = tile.motorway_y if tile.motorway_y is not None else town.y + .3 * tile.size.height
    canal = tile.canal_y if tile.canal_y is not None else town.y - .3 * tile.size.height
    r = town.radius
    villages = tile.layout.places[1:]
    v = [villages[k % len(villages)] for k in range(3)]
    found = [
        (tile.cx - 160, highway - 120, 420, 300, 1966, .5),            # old, vacant, at the junction
        (tile.cx + 160, highway - 120, 400, 290, 2006, .07),            # new, at the same junction
        (tile.cx + 160, highway + 120, 360, 240, 1999, .42),            # newer and vacant, same junction
        (tile.cx - .9 * r, canal + 90, 360, 260, 1961, .46),            # old and vacant, at the harbour
        (tile.cx + .8 * r, canal - 90, 330, 270, 1974, .06),            # old, in use, at the harbour
        (tile.cx - 2.6 * r, highway + 120, 330, 250, 1971, .46),        # old, vacant, at the motorway
        (v[0].x + 200, v[0].y, 210, 150, 1984, .08), (v[1].x, v[1].y + 200, 190, 140, 1978, .42),
        (town.x + 1.1 * r, town.y + .2 * r, 330, 250, 1989, .12), (v[2].x, v[2].y, 220, 150, 2011, .03)]
    scale = 1.25 if tile.size.panden else 1
    return [(x, y, w * scale * rng.uniform(.9, 1.1), h * scale * rng.uniform(.92, 1.08),
             year + int(rng.integers(-3, 4)), vacancy) for x, y, w, h, year, vacancy in found[:tile.size.business]]


def place_business(tile):
    """Take the sites before the fields are filled."""
    found = []
    town = tile.layout.places[0]
    quiet = lambda b: tile.nature_share(b) < .3 and float(tile.layout.depth(*b.centre)[0]) > .9
    for x, y, w, h, year, vacancy in wishes(tile):
        block = take(tile.layout, x, y, w, h, quiet) or take(tile.layout, town.x, town.y, w * .7, h * .7)
        if block is not None:
            found.append((block, year, vacancy))
    return found


def fill_business(tile, number, block, year, vacancy):
    """Works roads, plots and halls of one park; registers it as a site."""
    rng, layout = tile.rng, tile.layout
    w, h = block.size
    highway = tile.motorway_y
    from_highway = distance(block, block.centre[0], highway) if highway is not None else np.inf
    axis = 0 if block.front(0) or block.front(2) else 1                  # the works road meets a road
    lanes = 1 if (h if axis == 0 else w) < 330 else 2
    first = len(layout.roads)
    rows = rows_between(layout, block, axis, lanes, "straat", False)
    for road in layout.roads[first:]:
        road.name = tile.streets.take(0, "work")
        tile.stock.parcel(road.rect, "town")                             # a way, but part of the park
        road.rect = None
    ident = f"{tile.number:03d}{number + 1:03d}"
    site = tile.stock.site(
        kind="business", id=ident, name=BUSINESS[number % len(BUSINESS)], rect=block.rect, start=year,
        vacancy=vacancy, motorway=float(from_highway), gross=w * h / 1e4,
        net=round((w * h - lanes * WIDTH["straat"] * (w if axis == 0 else h)) / 1e4, 2))
    for row in rows:
        fill_plots(tile, row, site, year, vacancy)
    return site


def fill_plots(tile, row, site, year, vacancy):
    """Plots of 30 to 75 metres with one hall each; one in twelve was never built on."""
    rng = tile.rng
    edges = [0]
    while row.length - edges[-1] > 105 * DM:
        edges.append(edges[-1] + int(rng.integers(30, 76)) * DM)
    edges = np.array(edges + [row.length])
    tile.stock.parcel(row.rects(edges[:-1], edges[1:], 0, row.depth), "town")
    n = len(edges) - 1
    width, deep = np.diff(edges) / DM, row.depth / DM
    built = rng.random(n) > (.08 if year < 2005 else .18)
    empty = rng.permutation(n) < int(n * vacancy + rng.random())         # hardly by chance: the mix is wanted
    d = deep * rng.uniform(.42, .68, n)
    units = np.where(rng.random(n) < .2, rng.integers(2, 5, n), 1)
    use = rng.choice([USE["industriefunctie"]] * 7 + [USE["industriefunctie,kantoorfunctie"], USE["winkelfunctie"],
                     USE["kantoorfunctie"], USE["industriefunctie,woonfunctie"], USE["sportfunctie"]], n)
    ax, ay = row.anchor((edges[:-1] + edges[1:]) / 2, (8 + d / 2) * DM)
    columns = dict(
        ax=ax, ay=ay, w=width * rng.uniform(.55, .86, n), d=d,
        notch=np.where(rng.random(n) < .35, rng.uniform(.2, .5, n), 0),
        year=np.minimum(year + rng.integers(0, 16, n), 2024),
        units=units, use=use, unit_area=(width * d * .7 / units).astype(int),
        vbo_status=np.where(empty, VACANT, 0), pand_status=np.where(empty & (rng.random(n) < .3), 3, 0),
        along=row.start() + (edges[:-1] + edges[1:]) // 2)
    tile.stock.build(**{k: v[built] for k, v in columns.items()}, axis=row.axis, site=site,
                     use_more=USE["industriefunctie"], road=row.road.index, odd=int(row.low))
