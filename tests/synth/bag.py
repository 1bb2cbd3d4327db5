"""BAG rows: building polygons, address points, house numbers, and the columns that go with them."""
import numpy as np

from names import short
from stock import PAND_STATUS, USES, VACANT, VBO_STATUS


def corners(b, warp):
    """Building outlines: (xy, counts) of closed rings. Six corners where one is cut out, else four."""
    px, py, ex, ey, along, across = warp.frame(b["ax"], b["ay"], b["axis"])
    n = len(px)
    w, d = b["w"] / 2, b["d"] / 2
    cut_w, cut_d = b["w"] * b["notch"], b["d"] * b["notch"] * 1.2
    us = np.stack([-w, w, w, w - cut_w, w - cut_w, -w, -w], 1) + b["u"][:, None]
    vs = np.stack([-d, -d, d - cut_d, d - cut_d, d, d, -d], 1) + b["v"][:, None]
    us[:, :] *= along[:, None]
    vs[:, :] *= across[:, None]
    x = np.round(px[:, None] + us * ex[:, None] - vs * ey[:, None], 3)
    y = np.round(py[:, None] + us * ey[:, None] + vs * ex[:, None], 3)
    shaped = b["notch"] > 0
    keep = np.ones((n, 7), bool)
    keep[~shaped, 2] = keep[~shaped, 3] = False            # then corner 4 stands at the full width
    return np.stack([x[keep], y[keep]], 1), keep.sum(1)


def numbers(b, street):
    """House number of each building's first address: odd and even sides, counted along the street.

    `street` gives each road its street: stretches of one road in one place share their numbers.
    """
    n = len(b["units"])
    found = np.zeros(n, int)
    has = np.flatnonzero((b["units"] > 0) & (b["road"] >= 0))
    order = has[np.lexsort((b["letter"][has], b["along"][has], b["odd"][has], street[b["road"][has]]))]
    main = np.where(b["letter"][order] == 1, 0, b["units"][order])
    key = street[b["road"][order]] * 2 + b["odd"][order]
    before = np.cumsum(main) - main
    first = np.flatnonzero(np.diff(key, prepend=-1))
    base = np.repeat(before[first], np.diff(np.append(first, len(order))))
    rank = before - base - (b["letter"][order] == 1)        # a letter shares the number just before it
    found[order] = 2 * rank + np.where(b["odd"][order] == 1, 1, 2)
    return found


def spread(rng, b, target, adressen):
    """Reach the wanted numbers: leave out sheds, and fill or empty the flats."""
    if adressen:
        flats = np.flatnonzero(b["flat"] == 1)
        rest = adressen - int(b["units"].sum() - b["units"][flats].sum())
        if len(flats) and rest > 0:
            share = b["units"][flats] / b["units"][flats].sum()
            edges = np.round(np.cumsum(share) * rest).astype(int)
            b["units"][flats] = np.maximum(np.diff(edges, prepend=0), 1)
    if target:
        sheds = np.flatnonzero(b["spare"] == 1)
        surplus = len(b["units"]) - target
        drop = rng.choice(sheds, min(max(surplus, 0), len(sheds)), replace=False)
        keep = np.ones(len(b["units"]), bool)
        keep[drop] = False
        b = {name: column[keep] for name, column in b.items()}
    return b


def sentinels(rng, b):
    """The BAG's ways of saying 'unknown year'."""
    n = len(b["year"])
    count = max(3, n // 5000)
    odd = rng.choice(n, 2 * count, replace=False)
    b["year"][odd[:count]], b["year"][odd[count:]] = 9999, 1005


def addresses(rng, b, warp, street):
    """One row per address: its building, its rank in it, number, use, area and place."""
    of = np.repeat(np.arange(len(b["units"])), b["units"])
    first = np.cumsum(b["units"]) - b["units"]
    rank = np.arange(len(of)) - first[of]
    px, py, ex, ey, along, across = warp.frame(b["ax"], b["ay"], b["axis"])
    u = (b["u"][of] + b["w"][of] * np.where(b["units"][of] > 1, (rank + .5) / b["units"][of] - .5, 0) * .8) * along[of]
    v = (b["v"][of] + b["d"][of] * rng.uniform(-.35, -.13, len(of))) * across[of]
    return {"of": of, "rank": rank, "number": numbers(b, street)[of] + 2 * rank, "letter": b["letter"][of],
            "use": np.where(rank == 0, b["use"][of], b["use_more"][of]),
            "area": np.maximum(12, (b["unit_area"][of] * rng.uniform(.93, 1.07, len(of))).astype(int)),
            "x": np.round(px[of] + u * ex[of] - v * ey[of], 3),
            "y": np.round(py[of] + u * ey[of] + v * ex[of], 3)}


def pand_uses():
    """Text of the uses of a building whose first address has use i and whose others have use j."""
    join = lambda i, j: ",".join(sorted(set(USES[i].split(",")) | set(USES[j].split(","))))
    return [[join(i, j) for j in range(len(USES))] for i in range(len(USES))]


def pand_columns(b, a, gem, first):
    """The fields of `pand`, in the order of the BAG."""
    n = len(b["units"])
    low, high = np.full(n, 10**9), np.zeros(n, int)
    np.minimum.at(low, a["of"], a["area"])
    np.maximum.at(high, a["of"], a["area"])
    units = b["units"].copy()
    joined = np.flatnonzero((b["joined"] == 1) & (b["units"] > 0))
    units[joined + 1] += 1
    text = pand_uses()
    more = np.where(b["units"] > 1, b["use_more"], b["use"])
    uses = [text[i][j] if k else None for i, j, k in zip(b["use"].tolist(), more.tolist(), b["units"].tolist())]
    for k in joined.tolist():
        own = uses[k + 1].split(",") if uses[k + 1] else []
        uses[k + 1] = ",".join(sorted(set(own + uses[k].split(","))))
        low[k + 1], high[k + 1] = min(low[k + 1], low[k]), max(high[k + 1], high[k])
    known = units > 0
    ids = [f"{gem}10{i:010d}" for i in range(first, first + n)]
    area = lambda values: [v if k else None for v, k in zip(values.tolist(), known.tolist())]
    return [ids, b["year"].tolist(), [PAND_STATUS[s] for s in b["pand_status"].tolist()], uses,
            area(low), area(high), units.tolist()]


def vbo_columns(b, a, gem, first, pand, roads, places, postcode):
    """The fields of `verblijfsobject`. A house that lies in two buildings lists both."""
    of, road = a["of"].tolist(), b["road"][a["of"]].tolist()
    n = len(of)
    ids, status, year = pand[0], pand[2], pand[1]
    state = [VBO_STATUS[s] for s in b["vbo_status"][a["of"]].tolist()]
    joined = (b["joined"][a["of"]] == 1).tolist()
    names = [roads[r].name for r in road]
    codes = postcode[b["road"][a["of"]], a["number"] % 2].tolist()
    letter = ["A" if k else None for k in a["letter"].tolist()]
    return [[f"{gem}01{i:010d}" for i in range(first, first + n)], a["area"].tolist(), state,
            [USES[u] for u in a["use"].tolist()], names, [short(name) for name in names], a["number"].tolist(),
            letter, [None] * n, codes, [places[roads[r].place] for r in road], [year[k] for k in of],
            [ids[k] + "," + ids[k + 1] if j else ids[k] for k, j in zip(of, joined)], [status[k] for k in of],
            [f"{gem}20{i:010d}" for i in range(first, first + n)]]


def postcodes(roads, base):
    """A made-up postcode for each side of each road: four figures by place, two letters by road."""
    count, found = {}, np.empty((len(roads), 2), "U6")
    letters = "ABCDEGHJKLMNPRSTVWXZ"
    for i, road in enumerate(roads):
        for side in (0, 1):
            k = count.get(road.place, 0)
            count[road.place] = k + 1
            figures = base + 5 * (k // 400) + road.place
            found[i, side] = f"{figures}{letters[k // 20 % 20]}{letters[k % 20]}"
    return found


def vacancy(b, site):
    """Share of the addresses of a site that are out of use."""
    mine = b["site"] == site
    total = b["units"][mine].sum()
    return float((b["units"][mine] * (b["vbo_status"][mine] == VACANT)).sum() / total) if total else 0.
