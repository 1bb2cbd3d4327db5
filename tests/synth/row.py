"""A row of plots along one road.

Everything that is built stands on such a row: houses along a street, farms along a country road, halls
along a works road, cottages along a lane. A row has its own coordinates: s along the road and t from the
road inward, both in decimetres, so that filling it is the same in every direction.
"""
import numpy as np

from layout import WIDTH
from sizes import DM


class Row:
    def __init__(self, rect, axis, low, road):
        """`axis` 0: along x. `low`: the road is at the low side of the rectangle."""
        self.rect, self.axis, self.low, self.road = rect, axis, low, road
        x0, y0, x1, y1 = rect
        self.length, self.depth = ((x1 - x0), (y1 - y0))[::1 if axis == 0 else -1]

    def rects(self, s0, s1, t0, t1):
        """Plan rectangles of plots given in row coordinates (arrays of whole decimetres)."""
        s0, s1, t0, t1 = np.broadcast_arrays(s0, s1, t0, t1)
        x0, y0, x1, y1 = self.rect
        if self.axis == 0:
            low, high = (y0 + t0, y0 + t1) if self.low else (y1 - t1, y1 - t0)
            return np.stack([x0 + s0, low, x0 + s1, high], 1)
        low, high = (x0 + t0, x0 + t1) if self.low else (x1 - t1, x1 - t0)
        return np.stack([low, y0 + s0, high, y0 + s1], 1)

    def anchor(self, s, t):
        """Plan position in metres of row coordinates in decimetres."""
        s, t = np.broadcast_arrays(np.asarray(s, float), np.asarray(t, float))
        x0, y0, x1, y1 = self.rect
        if self.axis == 0:
            return (x0 + s) / DM, (y0 + t if self.low else y1 - t) / DM
        return (x0 + t if self.low else x1 - t) / DM, (y0 + s) / DM

    @property
    def inward(self):
        """Sign of t in a building frame, whose second axis is the first one turned left."""
        return 1 if (self.axis == 0) == self.low else -1

    def start(self):
        """Where s = 0 lies along the road, for house numbers."""
        return self.rect[0] if self.axis == 0 else self.rect[1]


def rows_between(layout, block, axis, cuts, kind, double, land=True):
    """Cut a block by parallel streets and return its rows of plots.

    `cuts` streets run along `axis`. With `double` every part has two rows, back to back, each on its own
    street; otherwise the outer parts are one row deep and all rows lie on the new streets.
    """
    low, high = (block.rect[1], block.rect[3]) if axis == 0 else (block.rect[0], block.rect[2])
    parts, rest = [], block
    shares = 2 * (cuts + 1) if double else 2 * cuts
    width = WIDTH[kind] * DM
    depth = (high - low - cuts * width) / shares
    at = low
    for i in range(cuts):
        at += (2 if double or i else 1) * depth + width / 2
        part, rest = layout.cut(rest, 1 - axis, int(round(at / 2)) * 2, kind, land=land)
        parts.append(part)
        at += width / 2
    parts.append(rest)
    rows = []
    for part in parts:
        rows += split(part, axis, double)
    return rows


def split(part, axis, double):
    """The one or two rows of a block along `axis`, each on the road at its front, if there is one."""
    near, far = (1, 3) if axis == 0 else (0, 2)
    fronts = part.front(near), part.front(far)
    x0, y0, x1, y1 = part.rect
    if double or all(fronts):
        if not any(fronts):
            return [Row(part.rect, axis, True, None)]
        middle = ((y0 + y1) if axis == 0 else (x0 + x1)) // 2
        first = (x0, y0, x1, middle) if axis == 0 else (x0, y0, middle, y1)
        second = (x0, middle, x1, y1) if axis == 0 else (middle, y0, x1, y1)
        return [Row(first, axis, True, fronts[0]), Row(second, axis, False, fronts[1])]
    return [Row(part.rect, axis, fronts[0] is not None, fronts[0] or fronts[1])]


def groups(rng, length, houses, width, margin):
    """Divide a row into groups of joined houses.

    Returns start, number of houses, house width and side margin of each group, in decimetres; the last
    group takes what is left over as its garden. `houses`, `width` and `margin` are (least, most).
    """
    start, count, wide, side = [], [], [], []
    at = 0
    while True:
        w = int(rng.integers(width[0] * DM, width[1] * DM + 1))
        m = int(rng.integers(margin[0] * DM, margin[1] * DM + 1))
        n = int(min(rng.integers(houses[0], houses[1] + 1), (length - at - 2 * m) // w))
        if n < 1:
            break
        start.append(at)
        count.append(n)
        wide.append(w)
        side.append(m)
        at += 2 * m + n * w
    return np.array(start, int), np.array(count, int), np.array(wide, int), np.array(side, int)
