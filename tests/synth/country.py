"""Filling the countryside: strips of land at right angles to the road, farms, and scattered houses.

BAG knows no agrarian use: a barn is a building without an address, or with an address for industry or
"other use". Farms here therefore come in four kinds, and the fourth (many empty barns) is the one of
which some are planted to draw reports.
"""
import numpy as np

from row import split
from sizes import DM
from stock import USE, VACANT

# chance, houses' first and last year, least and most barns, chance that one barn has its own address
FARM = {"working": (.5, 1880, 1995, 2, 4, .45), "hobby": (.25, 1890, 1990, 1, 2, .1),
        "small": (.12, 1860, 1970, 0, 1, 0.), "ceased": (.13, 1875, 1975, 4, 7, .12)}


def fill_field(tile, block):
    """Divide a block of farm land or nature into strips, with yards where there is a road."""
    w, h = block.size
    ends = [bool(block.front(s)) for s in range(4)]
    x, y = ends[1] + ends[3], ends[0] + ends[2]          # roads along x (south, north) and along y
    axis = int(h > w) if x == y or max(w, h) > 2.2 * min(w, h) else int(y > x)
    rows = split(block, axis, (w, h)[1 - axis] > 620)
    if len(rows) == 2:
        uneven(rows, tile.rng)
    for row in rows:
        fill_strips(tile, row)


def uneven(rows, rng):
    """Move the line where two rows meet back to back away from the middle."""
    a, b = rows
    shift = int(rng.uniform(-.16, .16) * a.depth) // DM * DM
    x0, y0, x1, y1 = a.rect
    p0, q0, p1, q1 = b.rect
    if a.axis == 0:
        a.rect, b.rect = (x0, y0, x1, y1 + shift), (p0, q0 + shift, p1, q1)
    else:
        a.rect, b.rect = (x0, y0, x1 + shift, y1), (p0 + shift, q0, p1, q1)
    a.depth += shift
    b.depth -= shift


def fill_strips(tile, row):
    """Cut one row into strips; each is one or more parcels, some begin with a yard at the road."""
    rng, size = tile.rng, tile.size
    near = float(tile.layout.depth(*row.anchor(row.length / 2, row.depth / 2))[0])
    farm = 0 if row.road is None or row.depth < 150 * DM else size.farm
    house = 0 if row.road is None else size.dwelling * (2.2 if near < 2.2 else 1)
    broad = 1.9 if rng.random() < .22 else 1                      # some blocks are fields, not strips
    nature = tile.in_nature(*row.anchor(np.linspace(0, row.length, 33)[1::2], row.depth / 2))
    at, plots = 0, []
    while at < row.length:
        wild = nature[int(at / row.length * 16)]                  # no farms in nature, and larger parcels
        kind = 2 if wild else rng.choice(3, p=(farm, house, 1 - farm - house))
        low, high = ((64, 92), (24, 44), size.strip)[kind]
        width = int(rng.uniform(low, high) * ((3 if wild else broad) if kind == 2 else 1) * DM)
        if row.length - at - width < low * DM:
            width = row.length - at
        yard = 0
        if kind == 0:
            yard = make_farm(tile, row, at, at + width)
        elif kind == 1 and row.depth > 75 * DM:
            yard = make_house(tile, row, at, at + width)
        plots += pieces(rng, at, at + width, yard, row.depth, 1.4 if wild else size.pieces)
        at += width
    s0, s1, t0, t1 = np.array(plots).T
    tile.stock.parcel(row.rects(s0, s1, t0, t1), "rural")


def pieces(rng, s0, s1, t0, t1, mean):
    """Divide what lies behind the yard into parcels, one behind the other."""
    most = (t1 - t0) // (70 * DM)
    count = max(1, min(most, int(rng.poisson(mean - 1)) + 1))
    cuts = np.sort(rng.uniform(.15, .85, count - 1)) if count > 1 else np.empty(0)
    edges = [t0] + [t0 + int((t1 - t0) * c) for c in cuts] + [t1]
    edges = [e for k, e in enumerate(edges) if k in (0, count) or
             (e - edges[k - 1] > 20 * DM and t1 - e > 20 * DM)]
    return [(s0, s1, a, b) for a, b in zip(edges[:-1], edges[1:])]


def make_house(tile, row, s0, s1):
    """A house along a country road, sometimes with a shed. Returns the depth of its plot."""
    rng = tile.rng
    depth = int(rng.integers(42, 62)) * DM
    middle = (s0 + s1) // 2
    tile.stock.parcel(row.rects(np.array([s0]), np.array([s1]), 0, depth), "rural")
    year = int(rng.integers(1890, 2019))
    ax, ay = row.anchor([middle], [16 * DM])
    tile.stock.build(ax=ax, ay=ay, axis=row.axis, w=rng.uniform(8, 12), d=rng.uniform(9, 13),
                     notch=rng.choice([0, .3, .4]), year=year, units=1, unit_area=int(rng.integers(95, 240)),
                     road=row.road.index, along=row.start() + middle, odd=int(row.low))
    if rng.random() < .5:
        ax, ay = row.anchor([middle + 4 * DM], [33 * DM])
        tile.stock.build(ax=ax, ay=ay, axis=row.axis, w=rng.uniform(4, 8), d=rng.uniform(5, 8),
                         year=max(year, 1950), spare=1)
    return depth


def make_farm(tile, row, s0, s1):
    """A farm: house in front, barns behind. Returns the depth of the yard."""
    rng = tile.rng
    kind = rng.choice(list(FARM), p=[FARM[k][0] for k in FARM])
    _, first, last, least, most, let = FARM[kind]
    barns = int(rng.integers(least, most + 1))
    width = (s1 - s0) / DM
    across = max(1, int((width - 8) // 22))                       # barns side by side
    depth = min(int(52 + 50 * -(-barns // across)) * DM, row.depth - 30 * DM)
    barns = min(barns, across * int((depth / DM - 52) // 50))
    parcel = tile.stock.parcel(row.rects(np.array([s0]), np.array([s1]), 0, depth), "rural")
    addressed = int(rng.random() < let and barns > 0)
    border = tile.border_distance(*row.anchor((s0 + s1) / 2, depth / 2))
    site = tile.stock.site(kind="farm", parcel=parcel, farm=str(kind), barns=barns, unaddressed=barns - addressed,
                           border=border, rect=tuple(row.rects(np.array([s0]), np.array([s1]), 0, depth)[0]))
    year = int(rng.integers(first, last + 1))
    middle = (s0 + s1) // 2
    road = dict(road=row.road.index, along=row.start() + middle, odd=int(row.low))
    side = rng.choice([-1, 1]) * width * .2
    ax, ay = row.anchor([middle + side * DM], [rng.uniform(18, 24) * DM])
    tile.stock.build(ax=ax, ay=ay, axis=row.axis, site=site, **road, w=rng.uniform(9, 14), d=rng.uniform(12, 19),
                     notch=rng.choice([0, .3, .35]), year=year, units=1, unit_area=int(rng.integers(130, 320)),
                     joined=int(barns > 0 and rng.random() < .08))
    step = (width - 8) / across
    for k in range(barns):
        letter = int(addressed and k == 0)
        use = USE["industriefunctie"] if rng.random() < .5 else USE["overige gebruiksfunctie"]
        ax, ay = row.anchor([middle + (k % across - (across - 1) / 2) * step * DM],
                            [(66 + 50 * (k // across) + rng.uniform(-3, 3)) * DM])
        tile.stock.build(
            ax=ax, ay=ay, axis=row.axis, site=site, **(road if letter else {}),
            w=min(rng.uniform(12, 22), step - 3), d=rng.uniform(24, 42),
            year=min(2022, max(year, 1955) + int(rng.integers(0, 45))), units=letter, use=use,
            unit_area=int(rng.integers(200, 900)), letter=letter,
            vbo_status=VACANT * int(kind == "ceased" and rng.random() < .5))
    return depth
