"""A gapless parcel map from the rectangles of the plan.

Every corner that lies on a neighbour's side becomes a vertex of that neighbour too, so each stretch of
boundary is shared by exactly two parcels and carries the same two points in both, bit for bit. Only then is
the plan bent. Rings can be found again from shared edges alone: that gives the outlines of towns.
"""
import numpy as np

from sizes import DM, FINE_STEP, NARROW, NODE_STEP

BIT = 24                                     # plan coordinates in decimetres fit in 24 bits


def multiples(a, b, step):
    """Every multiple of step strictly between a[i] and b[i]: (i, value)."""
    first, last = a // step + 1, (b - 1) // step
    count = np.maximum(last - first + 1, 0)
    i = np.repeat(np.arange(len(a)), count)
    k = np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)
    return i, (first[i] + k) * step


def vertices(rects):
    """All vertices of the map as sorted keys y * 2^24 + x: corners, and points along long sides.

    Narrow parcels get them closer together: their two sides must not cross when they are bent.
    """
    x0, y0, x1, y1 = rects.T
    keys = [(y << BIT) + x for x in (x0, x1) for y in (y0, y1)]
    narrow = np.minimum(x1 - x0, y1 - y0) <= NARROW
    for which, step in ((slice(None), NODE_STEP), (narrow, FINE_STEP)):
        x0, y0, x1, y1 = rects[which].T
        i, x = multiples(x0, x1, step)
        keys += [(y0[i] << BIT) + x, (y1[i] << BIT) + x]
        i, y = multiples(y0, y1, step)
        keys += [(y << BIT) + x0[i], (y << BIT) + x1[i]]
    return np.unique(np.concatenate(keys))


class Net:
    """The parcel map of one tile: vertices, and for each parcel its ring of vertex numbers."""

    def __init__(self, rects):
        keys = vertices(rects)
        self.x, self.y = keys & ((1 << BIT) - 1), keys >> BIT
        turned = (self.x << BIT) + self.y
        order = np.argsort(turned)
        turned = turned[order]
        x0, y0, x1, y1 = rects.T
        row = lambda x, y: np.searchsorted(keys, (y << BIT) + x)           # position in reading order
        col = lambda x, y: np.searchsorted(turned, (x << BIT) + y)
        # counter-clockwise, each side without its last vertex: start, number, step and the list it is in
        sides = [(row(x0, y0), row(x1, y0), 1, None), (col(x1, y0), col(x1, y1), 1, order),
                 (row(x1, y1), row(x0, y1), -1, None), (col(x0, y1), col(x0, y0), -1, order)]
        self.counts = sum(np.abs(b - a) for a, b, _, _ in sides)
        self.starts = np.cumsum(self.counts) - self.counts
        self.ring = np.empty(self.counts.sum(), np.int64)
        at = self.starts.copy()
        for a, b, step, listed in sides:
            n = np.abs(b - a)
            i = np.repeat(np.arange(len(n)), n)
            k = np.arange(len(i)) - np.repeat(np.cumsum(n) - n, n)
            found = a[i] + step * k
            self.ring[at[i] + k] = found if listed is None else listed[found]
            at += n

    def bend(self, warp):
        """Map coordinates of all vertices, rounded to millimetres."""
        px, py = warp(self.x / DM, self.y / DM)
        self.px, self.py = np.round(px, 3), np.round(py, 3)

    def coordinates(self):
        """(xy, counts): closed rings of all parcels behind each other."""
        closed = np.insert(self.ring, self.starts + self.counts, self.ring[self.starts])
        return np.stack([self.px[closed], self.py[closed]], 1), self.counts + 1

    def edges(self, which):
        """Directed edges (from, to) of the parcels in the mask `which`."""
        owner = np.repeat(np.arange(len(self.counts)), self.counts)
        following = np.arange(len(self.ring)) + 1
        last = self.starts + self.counts - 1
        following[last] = self.starts
        keep = which[owner]
        return self.ring[keep], self.ring[following[keep]]

    def outline(self, which):
        """Outline of a set of parcels as polygons: lists of rings of vertex numbers, outer ring first."""
        a, b = self.edges(which)
        n = len(self.x)
        outer = ~np.isin(a * n + b, b * n + a)                             # no twin in the set
        out = {}
        for p, q in zip(a[outer].tolist(), b[outer].tolist()):
            out.setdefault(p, []).append(q)
        rings = []
        while out:
            start = next(iter(out))
            ring, here, come = [start], start, None
            while True:
                here, come = self.leave(out, here, come), here
                if here == start:
                    break
                ring.append(here)
            rings.append(ring)
        return nest(rings, self.x, self.y)

    def leave(self, out, here, come):
        """Take the edge to follow; where the outline touches itself, the leftmost turn."""
        options = out[here]
        pick = 0
        if come is not None and len(options) > 1:
            heading = (int(np.sign(self.x[here] - self.x[come])), int(np.sign(self.y[here] - self.y[come])))
            left = (-heading[1], heading[0])
            for k, option in enumerate(options):
                go = (int(np.sign(self.x[option] - self.x[here])), int(np.sign(self.y[option] - self.y[here])))
                if go == left:
                    pick = k
        found = options.pop(pick)
        if not options:
            del out[here]
        return found


def area_of(xs, ys):
    """Signed area of a ring (positive when counter-clockwise)."""
    return float((xs * np.roll(ys, -1) - np.roll(xs, -1) * ys).sum()) / 2


def within(px, py, xs, ys):
    """Is a point inside a ring?"""
    x2, y2 = np.roll(xs, -1), np.roll(ys, -1)
    cross = (ys > py) != (y2 > py)
    if not cross.any():
        return False
    at = xs[cross] + (py - ys[cross]) / (y2[cross] - ys[cross]) * (x2[cross] - xs[cross])
    return bool((at > px).sum() % 2)


def nest(rings, x, y):
    """Put holes with the outer ring that surrounds them."""
    shapes, holes = [], []
    for ring in rings:
        (shapes if area_of(x[ring].astype(float), y[ring].astype(float)) > 0 else holes).append(ring)
    polygons = [[ring] for ring in shapes]
    for hole in holes:
        # a point just inside the hole's first edge, whatever else touches its corners
        px, py = (x[hole[0]] + x[hole[1]]) / 2, (y[hole[0]] + y[hole[1]]) / 2
        px += .25 * np.sign(y[hole[1]] - y[hole[0]])
        py -= .25 * np.sign(x[hole[1]] - x[hole[0]])
        around = [p for p in polygons if within(px, py, x[p[0]].astype(float), y[p[0]].astype(float))]
        if around:
            min(around, key=lambda p: area_of(x[p[0]].astype(float), y[p[0]].astype(float))).append(hole)
    return polygons


def areas(xy, counts):
    """Area of each closed ring (square metres), relative to its first point for accuracy."""
    start = np.cumsum(counts) - counts
    p = xy - np.repeat(xy[start], counts, 0)
    cross = np.zeros(len(p))
    cross[:-1] = p[:-1, 0] * p[1:, 1] - p[1:, 0] * p[:-1, 1]
    cross[start + counts - 1] = 0
    return np.add.reduceat(cross, start) / 2
