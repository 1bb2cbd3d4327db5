"""What a tile collects while it is filled: parcels and buildings, as columns.

Fillers add many rows at once and the columns are joined at the end, so that a province takes minutes
and not hours.
"""
import numpy as np

# the 11 uses of the BAG and the combinations that occur here; a number is an index into this list
USES = ("woonfunctie", "winkelfunctie", "kantoorfunctie", "industriefunctie", "bijeenkomstfunctie",
        "onderwijsfunctie", "gezondheidszorgfunctie", "sportfunctie", "logiesfunctie",
        "overige gebruiksfunctie", "celfunctie",
        "winkelfunctie,woonfunctie", "logiesfunctie,woonfunctie", "industriefunctie,kantoorfunctie",
        "bijeenkomstfunctie,woonfunctie", "industriefunctie,woonfunctie", "kantoorfunctie,woonfunctie")
USE = {name: i for i, name in enumerate(USES)}
PAND_STATUS = ("Pand in gebruik", "Pand in gebruik (niet ingemeten)", "Bouw gestart", "Pand buiten gebruik",
               "Bouwvergunning verleend", "Sloopvergunning verleend", "Verbouwing pand")
VBO_STATUS = ("Verblijfsobject in gebruik", "Verblijfsobject in gebruik (niet ingemeten)",
              "Verblijfsobject gevormd", "Verblijfsobject buiten gebruik", "Verbouwing verblijfsobject")
VACANT = 3

# column: its value where a filler does not say
BUILDING = {
    "ax": 0., "ay": 0., "axis": 0,     # anchor on the plan (m) and the plan axis the frame follows
    "u": 0., "v": 0.,                  # centre of the building in that frame (m)
    "w": 6., "d": 9.,                  # its size along and across (m)
    "notch": 0.,                       # share of one corner that is cut out: L-shaped
    "year": 1970, "pand_status": 0,
    "units": 0, "use": 0, "use_more": 0, "unit_area": 100,    # addresses: how many, first and other uses
    "vbo_status": 0,
    "road": -1, "along": 0, "odd": 0,  # for house numbers
    "letter": 0,                       # 1: takes the number of the main building before it, with a letter
    "joined": 0,                       # 1: its address also lies in the next building of the list
    "spare": 0,                        # 1: a garden shed that may be left out
    "flat": 0,                         # 1: its number of units may be changed
    "site": -1}                        # business park, holiday park or farm it belongs to
FLOATS = ("ax", "ay", "u", "v", "w", "d", "notch")


class Stock:
    def __init__(self):
        self.parcels, self.parcel_count = [], 0          # (rects, kind)
        self.chunks, self.building_count = [], 0         # (first, end, columns)
        self.sites = []                                  # dicts, the index is the site number
        self.pitches = []                                # camping pitches: (ax, ay, axis, road, site)

    def parcel(self, rects, kind):
        """Add parcels: kind 'town', 'rural' or 'way' (roads and water). Returns the first index."""
        rects = np.asarray(rects, np.int64).reshape(-1, 4)
        self.parcels.append((rects, kind))
        self.parcel_count += len(rects)
        return self.parcel_count - len(rects)

    def build(self, **columns):
        """Add buildings; single values are repeated, columns left out take their default."""
        first = self.building_count
        shape = np.broadcast_shapes(*(np.shape(value) for value in columns.values()))
        self.building_count += shape[0] if shape else 1
        self.chunks.append((first, self.building_count, columns))

    def site(self, **about):
        """Register an area that may draw reports; returns its number."""
        self.sites.append(about)
        return len(self.sites) - 1

    def buildings(self):
        """All building columns, joined."""
        found = {name: np.full(self.building_count, default, float if name in FLOATS else np.int64)
                 for name, default in BUILDING.items()}
        for first, end, columns in self.chunks:
            for name, value in columns.items():
                found[name][first:end] = value
        return found

    def land(self):
        """All parcel rectangles and their kinds."""
        rects = np.concatenate([r for r, _ in self.parcels])
        kinds = np.concatenate([np.full(len(r), kind, "U5") for r, kind in self.parcels])
        return rects, kinds
