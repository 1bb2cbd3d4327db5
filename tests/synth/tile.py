"""One municipality from beginning to end: plan, filling, map, addresses."""
import numpy as np

import bag
import names
import nature
import parcels
from business import fill_business, place_business
from country import fill_field
from holiday import fill_holiday, place_holiday
from layout import Block, Layout, Place
from sizes import DM
from stock import Stock
from town import fill_quarter
from warp import Warp

RURAL = "KLMNPRST"                                         # sections of the countryside
WAY = "W"                                                  # roads and water outside the towns


class Tile:
    def __init__(self, size, seed, col, row):
        self.size, self.col, self.row = size, col, row
        self.number = row * size.cols + col
        self.rng = np.random.Generator(np.random.PCG64([seed, self.number]))
        x0, y0 = size.origin[0] + col * size.width, size.origin[1] + row * size.height
        self.rect = tuple(v * DM for v in (x0, y0, x0 + size.width, y0 + size.height))
        self.at_border = col == size.cols - 1
        self.gem = "0999" if self.number == 0 else f"{9000 + self.number}"
        self.main_lines(seed, x0, y0)
        self.name, place_names = names.places(self.rng, self.number, 1 + int(self.rng.integers(
            size.villages[0], size.villages[1] + 1)))
        self.place_towns(place_names)
        self.nature = nature.make_nature(
            self.rng, tuple(v / DM for v in self.rect), self.layout.places,
            [y for y in (self.motorway_y, self.canal_y) if y is not None])
        self.streets, self.stock = names.Streets(self.rng), Stock()

    def main_lines(self, seed, x0, y0):
        """Where the main roads run: the same for a whole column or row of tiles, so that they go on."""
        across = np.random.Generator(np.random.PCG64([seed, 1 << 20, self.col])).uniform(.36, .48)
        along = np.random.Generator(np.random.PCG64([seed, 1 << 21, self.row])).uniform(.42, .5)
        self.cx = x0 + round(self.size.width * across)
        self.cy = y0 + round(self.size.height * along)
        r, single = self.size.town, self.size.rows == 1
        self.motorway_y = self.cy + round(1.4 * r + 420) if single or self.row % 3 == 1 else None
        self.canal_y = self.cy - round(1.25 * r + 60) if single or self.row % 2 == 0 else None

    def place_towns(self, place_names):
        """The main town at the crossing; villages well apart from it and from each other."""
        rng, size = self.rng, self.size
        x0, y0 = self.rect[0] / DM, self.rect[1] / DM
        towns = [Place(self.cx, self.cy, size.town, rng, place_names[0])]
        lines = [y for y in (self.motorway_y, self.canal_y) if y is not None]
        for name in place_names[1:]:
            for attempt in range(400):
                radius = rng.uniform(*size.village)
                x = x0 + rng.uniform(700, size.width - 700)
                y = y0 + rng.uniform(700, size.height - 700)
                apart = min(np.hypot(x - t.x, y - t.y) - t.radius for t in towns)
                if apart > radius + 1000 - 2 * attempt and all(abs(y - v) > radius + 260 for v in lines):
                    break
            towns.append(Place(round(x), round(y), radius, rng, name))
        self.layout = Layout(rng, towns)

    # what the fillers ask

    def some_status(self, n):
        """Mostly in use, now and then something else."""
        return self.rng.choice(7, n, p=(.975, .008, .003, .004, .002, .002, .006))

    def nature_share(self, block):
        """Share of a block that lies in nature, from 16 points."""
        x0, y0, x1, y1 = (v / DM for v in block.rect)
        x, y = np.meshgrid(np.linspace(x0, x1, 6)[1:-1], np.linspace(y0, y1, 6)[1:-1])
        return float(self.in_nature(x, y).mean())

    def in_nature(self, x, y):
        """Which points lie in a nature area?"""
        return np.any([b.inside(x, y) for b in self.nature], axis=0)

    def border_distance(self, x, y):
        """Plan metres to the national border, the whole east side; infinite where that is another municipality."""
        return float(self.rect[2] / DM - x) if self.at_border else float("inf")

    def share(self, mean):
        """This tile's part of a number that is `mean` a tile; the parts of all tiles add up exactly."""
        return round((self.number + 1) * mean) - round(self.number * mean)

    # building it

    def build(self):
        """Make everything; afterwards the attributes below hold the finished municipality."""
        self.plan()
        self.fill()
        self.swirl()
        self.chart()
        self.people()
        return self

    def plan(self):
        """Motorway and canal across the tile, provincial roads through the town, then all the rest."""
        layout = self.layout
        rest = [layout.ring(Block(*self.rect, [None] * 4), 6 * DM)]
        for y, kind, name in ((self.motorway_y, "autosnelweg", "A98"), (self.canal_y, "water", None)):
            if y is not None:
                i = next(k for k, b in enumerate(rest) if b.rect[1] < y * DM < b.rect[3])
                rest[i:i + 1] = layout.cut(rest[i], 1, y * DM, kind, name)
        north = self.streets.take(0, "country")
        halves = [half for block in rest for half in layout.cut(block, 0, self.cx * DM, "regionale weg", north)]
        east = self.streets.take(0, "country")
        for block in halves:
            if block.rect[1] < self.cy * DM < block.rect[3]:
                parts = layout.cut(block, 1, self.cy * DM, "regionale weg", east)
            else:
                parts = [block]
            for part in parts:
                layout.grow(part, (1350, 800))

    def fill(self):
        """Sites first, then neighbourhoods and fields; at last the land under the roads."""
        works, parks = place_business(self), place_holiday(self)
        self.winding, self.churches = [], set()
        for block in self.layout.quarters:
            fill_quarter(self, block)
        for number, (block, year, empty) in enumerate(works):
            fill_business(self, number, block, year, empty)
        for number, (block, houses, kind, managed) in enumerate(parks):
            fill_holiday(self, number, block, houses, kind, managed)
        for block in self.layout.fields:
            fill_field(self, block)
        for road in self.layout.roads:
            self.settle(road)
        self.stock.parcel([r.rect for r in self.layout.roads if r.rect is not None], "way")
        self.stock.parcel(self.layout.edges, "way")

    def settle(self, road):
        """Give a road its place, whether it lies in the built-up area, and a name."""
        x0, y0, x1, y1 = (v / DM for v in road.line)
        depth, place = self.layout.depth(np.linspace(x0, x1, 5), np.linspace(y0, y1, 5))
        road.place, road.kom = int(place[2]), bool(depth.mean() < 1.05) and road.usable
        if road.name is None and road.usable:
            road.name = self.streets.take(road.place, "town" if road.kom else "country")

    def swirl(self):
        """Turn every town and village about its centre, and wind the streets of the seventies."""
        rng = self.rng
        edge = [v / DM for v in self.rect]
        swirls = list(self.winding)
        for p in reversed(self.layout.places):
            room = min(p.x - edge[0], edge[2] - p.x, p.y - edge[1], edge[3] - p.y) - 20
            inner = p.radius * 1.15 + 40
            outer = min(room, inner + max(800, 1.1 * p.radius))
            angle = rng.choice([-1, 1]) * rng.uniform(.16, .27) * min(1, (outer - inner) / 700)
            if outer > inner + 100:
                swirls.append((p.x, p.y, angle, inner, outer))
        self.warp = Warp(swirls)

    def chart(self):
        """The parcel map, bent, with sections, numbers and places."""
        self.rects, self.kinds = self.stock.land()
        self.net = parcels.Net(self.rects)
        self.net.bend(self.warp)
        self.xy, self.counts = self.net.coordinates()
        self.area = parcels.areas(self.xy, self.counts)
        cx, cy = (self.rects[:, 0] + self.rects[:, 2]) / 2 / DM, (self.rects[:, 1] + self.rects[:, 3]) / 2 / DM
        depth, self.parcel_place = self.layout.depth(cx, cy)
        road_kom = np.zeros(len(self.rects), bool)
        first = len(self.rects) - len(self.layout.edges)
        landed = [r.kom for r in self.layout.roads if r.rect is not None]
        road_kom[first - len(landed):first] = landed
        in_site = np.zeros(len(self.rects), bool)
        for site in self.stock.sites:
            x0, y0, x1, y1 = site["rect"]
            if site["kind"] == "business":
                in_site |= (self.rects[:, 0] >= x0) & (self.rects[:, 2] <= x1) & \
                           (self.rects[:, 1] >= y0) & (self.rects[:, 3] <= y1)
        self.kom = ((self.kinds == "town") & ~in_site) | road_kom
        self.in_site = in_site
        quarter = ((cx > (self.rect[0] + self.rect[2]) / 2 / DM) + 2 * (cy > (self.rect[1] + self.rect[3]) / 2 / DM))
        letters = np.array(list(RURAL))[quarter + 4 * (self.number % 2)]
        town = np.array(list("ABCDEFGH"))[self.parcel_place]
        self.section = np.where((self.kinds == "town") | road_kom, town, np.where(self.kinds == "way", WAY, letters))
        self.parcel_number = np.zeros(len(self.rects), int)
        for letter in np.unique(self.section):
            which = np.flatnonzero(self.section == letter)
            self.parcel_number[which] = 101 + np.arange(len(which))

    def people(self):
        """Buildings and addresses, brought to the wanted numbers."""
        b = bag.spread(self.rng, self.stock.buildings(), self.share(self.size.panden), self.share(self.size.adressen))
        bag.sentinels(self.rng, b)
        self.buildings = b
        streets = {}
        street = [streets.setdefault((r.place, r.name), len(streets)) for r in self.layout.roads]
        self.addresses = bag.addresses(self.rng, b, self.warp, np.array(street))
