"""The plan of one municipality: places, roads, and the blocks of land between the roads.

The land is cut in two again and again. Each cut is a road, so that every block knows the road on each
of its four sides. Cuts go on until a block is a field block in the country or a neighbourhood in a town.
All coordinates of the plan are whole decimetres.
"""
import numpy as np

from sizes import DM

WEST, SOUTH, EAST, NORTH = range(4)
WIDTH = {"autosnelweg": 64, "regionale weg": 24, "lokale weg": 14, "straat": 10, "laantje": 5, "water": 50}


class Place:
    """A town or village: a centre and an outline with lobes."""

    def __init__(self, x, y, radius, rng, name):
        self.x, self.y, self.radius, self.name = x, y, radius, name
        self.phase = rng.uniform(0, 2 * np.pi, 2)

    def depth(self, x, y):
        """0 at the centre, 1 at the edge, more outside."""
        dx, dy = x - self.x, y - self.y
        a = np.arctan2(dy, dx)
        lobes = 1 + .16 * np.sin(2 * a + self.phase[0]) + .13 * np.sin(3 * a + self.phase[1])
        return np.hypot(dx, dy) / (self.radius * lobes)


class Road:
    """One stretch between two crossings: its strip of land and its centre line."""

    def __init__(self, kind, rect, line, name, index):
        self.kind, self.rect, self.line, self.name, self.index = kind, rect, line, name, index
        self.place, self.kom = 0, False

    @property
    def half(self):
        return WIDTH[self.kind] * DM // 2

    @property
    def usable(self):
        """Can a house stand along it?"""
        return self.kind not in ("autosnelweg", "water")


class Block:
    """A rectangle of land and the roads on its west, south, east and north side (None: no road)."""

    def __init__(self, x0, y0, x1, y1, sides):
        self.rect, self.sides = (x0, y0, x1, y1), list(sides)

    @property
    def size(self):
        """Width and height in metres."""
        x0, y0, x1, y1 = self.rect
        return (x1 - x0) / DM, (y1 - y0) / DM

    @property
    def centre(self):
        x0, y0, x1, y1 = self.rect
        return (x0 + x1) / 2 / DM, (y0 + y1) / 2 / DM

    def front(self, side):
        """The road on that side, if a house may stand along it."""
        road = self.sides[side]
        return road if road is not None and road.usable else None


class Layout:
    def __init__(self, rng, places):
        self.rng, self.places = rng, places
        self.roads, self.fields, self.quarters, self.edges = [], [], [], []

    def depth(self, x, y):
        """The least depth over all places, and the place that has it."""
        all_depths = np.stack([p.depth(np.asarray(x, float), np.asarray(y, float)) for p in self.places])
        return all_depths.min(0), all_depths.argmin(0)

    def cut(self, block, axis, at, kind, name=None, land=True):
        """Cut a block at plan coordinate `at` on `axis` by a road of that kind (None: no road).

        `land` says whether the road gets a parcel of its own; lanes inside a park do not.
        Returns the lower and the upper part.
        """
        x0, y0, x1, y1 = block.rect
        low, high = list(block.sides), list(block.sides)
        road, half = None, 0
        if kind:
            half = WIDTH[kind] * DM // 2
            reach = [s.half if s is not None else 0 for s in block.sides]
            if axis == 0:
                rect, line = (at - half, y0, at + half, y1), (at, y0 - reach[SOUTH], at, y1 + reach[NORTH])
            else:
                rect, line = (x0, at - half, x1, at + half), (x0 - reach[WEST], at, x1 + reach[EAST], at)
            road = Road(kind, rect if land else None, line, name, len(self.roads))
            self.roads.append(road)
        first, second = (EAST, WEST) if axis == 0 else (NORTH, SOUTH)
        low[first], high[second] = road, road
        if axis == 0:
            return Block(x0, y0, at - half, y1, low), Block(at + half, y0, x1, y1, high)
        return Block(x0, y0, x1, at - half, low), Block(x0, at + half, x1, y1, high)

    def ring(self, block, width):
        """A boundary ditch around the tile, so that its outer corners are the same for its neighbour."""
        x0, y0, x1, y1 = block.rect
        self.edges += [(x0, y0, x0 + width, y1), (x1 - width, y0, x1, y1),
                       (x0 + width, y0, x1 - width, y0 + width), (x0 + width, y1 - width, x1 - width, y1)]
        return Block(x0 + width, y0 + width, x1 - width, y1 - width, [None] * 4)

    def grow(self, block, most):
        """Cut a block down to field blocks of at most `most` = (long, short) metres and neighbourhoods."""
        todo = [block]
        while todo:
            here = todo.pop()
            w, h = here.size
            x0, y0, x1, y1 = here.rect
            gx, gy = np.meshgrid(np.linspace(x0, x1, 6) / DM, np.linspace(y0, y1, 6) / DM)
            depth, _ = self.depth(gx, gy)
            inside = [p for p in self.places if 90 < p.x - x0 / DM < w - 90 and 90 < p.y - y0 / DM < h - 90]
            if depth.min() >= 1 and not inside:
                if max(w, h) <= most[0] and min(w, h) <= most[1]:
                    self.fields.append(here)
                else:
                    todo += self.halve(here, most, "lokale weg", None)
            elif max(w, h) <= 270:
                (self.quarters if depth.mean() < 1.02 else self.fields).append(here)
            else:
                kind = "lokale weg" if max(w, h) > 620 else "straat"
                todo += self.halve(here, (270, 270), kind, inside[0] if inside else None)

    def halve(self, block, most, kind, place):
        """Cut across the dimension that is too long by most, through the place's centre if there is one."""
        w, h = block.size
        x0, y0, x1, y1 = block.rect
        longest = 0 if w >= h else 1
        axis = longest if max(w, h) > most[0] else 1 - longest      # blocks become oblong
        low, high = (x0, x1) if axis == 0 else (y0, y1)
        if place is not None and max(w, h) > 2 * 200:
            at = round((place.x, place.y)[axis]) * DM
        else:
            at = round((low + (high - low) * self.rng.uniform(.4, .6)) / DM) * DM
        if kind == "straat" and self.outside(block, axis, at):
            kind = None                                        # no streets through the fields beyond the town
        return self.cut(block, axis, at, kind)

    def outside(self, block, axis, at):
        """Does a cut run beyond the houses for most of its length?"""
        x0, y0, x1, y1 = block.rect
        along = np.linspace(0, 1, 7)
        x = np.full(7, at) if axis == 0 else x0 + along * (x1 - x0)
        y = np.full(7, at) if axis == 1 else y0 + along * (y1 - y0)
        return float(self.depth(x / DM, y / DM)[0].mean()) > 1.12
