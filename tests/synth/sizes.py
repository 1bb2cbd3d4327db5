"""How large each made-up world is, and what fills it.

A world is a grid of tiles and a tile is one municipality. Only the numbers here differ between the
sizes, so that a model file written for the small one also runs on the large ones.
"""
from dataclasses import dataclass

DM = 10                        # flat coordinates are whole decimetres, so shared corners are equal
NODE_STEP = 160 * DM           # long edges get a vertex at every multiple of this,
FINE_STEP = 40 * DM            # and the edges of what is no wider than NARROW at every multiple of this
NARROW = 12 * DM
FIRST_DAY, LAST_DAY = "2023-01-01", "2026-10-31"
YEARS = 1399 / 365.25          # the length of that period (both days included)


@dataclass(frozen=True)
class Size:
    name: str
    cols: int
    rows: int
    width: int                 # of a tile, metres
    height: int
    origin: tuple              # south-west corner, RD metres
    town: float                # radius of the main town, metres
    villages: tuple            # least and most villages
    village: tuple             # least and greatest radius of a village
    strip: tuple               # widths of rural parcels along the road, metres
    pieces: float              # mean number of parcels along one strip
    farm: float                # chance that a strip with a road carries a farm
    dwelling: float            # chance that it carries a house
    business: int              # business parks a tile
    holiday: int               # holiday parks a tile
    own_lots: float            # chance that a row of houses is sold house by house
    estates: float             # chance that a whole row is one parcel of one landlord
    flats: float               # more or fewer blocks of flats than usual
    shed: float                # chance of a shed in a garden, where no number is aimed at
    panden: float              # buildings a tile, reached by leaving out sheds; 0 means as they come
    adressen: float            # addresses a tile, reached by filling flats; 0 means as they come
    reports: float             # reports a tile
    page: int                  # page size of the GeoPackages: small pages for small files


MUNICIPALITY = Size(
    "municipality", 1, 1, 7200, 6000, (206000, 472400), 375, (3, 3), (135, 175),
    (92, 195), 1.2, .17, .13, 8, 16, .15, .1, .5, .09, 0, 0, 3000, 1024)

# 36 municipalities of 100 km2: about 300,000 rural parcels, 600,000 buildings, 600,000 addresses
PROVINCE = Size(
    "province", 6, 6, 10000, 10000, (192000, 440000), 970, (3, 5), (170, 340),
    (46, 96), 2.1, .105, .085, 10, 16, .03, .72, 3, .3, 600000 / 36, 600000 / 36, 1000000 / 36, 4096)


def grow(size, factor):
    """The province again and again: `factor` provinces side by side, in rows of four."""
    across = min(factor, 4)
    down = -(-factor // across)
    return Size(**{**size.__dict__, "name": "country", "cols": size.cols * across,
                   "rows": size.rows * down, "origin": (22000, 330000)})


def by_name(name, scale=0):
    """The size called `name`; a country is 12 provinces unless `scale` says otherwise."""
    if name == "municipality":
        return MUNICIPALITY
    if name == "province":
        return PROVINCE
    return grow(PROVINCE, scale or 12)
