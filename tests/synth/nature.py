"""Nature, airfields and harbours: shapes that do not follow the parcels.

Natura 2000 areas overlap each other, as they really do where a bird area lies over a habitat area.
"""
import numpy as np

from names import NATURE


class Blob:
    """A closed curve around a centre, with lobes."""

    def __init__(self, x, y, radius, rng, flat=.75):
        self.x, self.y, self.radius = x, y, radius
        self.turn, self.flat = rng.uniform(0, np.pi), flat
        self.waves = [(k, rng.uniform(.04, .16) / (k / 2), rng.uniform(0, 2 * np.pi)) for k in (2, 3, 5, 8)]

    def reach(self, a):
        """Distance from the centre to the curve in direction a."""
        return self.radius * (1 + sum(m * np.sin(k * a + p) for k, m, p in self.waves))

    def point(self, a, share=1.):
        """The point on the curve, or at that share of the way to it."""
        r = self.reach(a) * share
        u, v = r * np.cos(a), r * np.sin(a) * self.flat
        c, s = np.cos(self.turn), np.sin(self.turn)
        return self.x + u * c - v * s, self.y + u * s + v * c

    def inside(self, x, y):
        dx, dy = x - self.x, y - self.y
        c, s = np.cos(self.turn), np.sin(self.turn)
        u, v = dx * c + dy * s, (-dx * s + dy * c) / self.flat
        return np.hypot(u, v) < self.reach(np.arctan2(v, u))

    def rim(self, rng):
        """A point a little outside the curve."""
        x, y = self.point(rng.uniform(0, 2 * np.pi), 1.15)
        return float(x), float(y)

    def ring(self, n):
        return self.point(np.linspace(0, 2 * np.pi, n, endpoint=False))


def make_nature(rng, rect, places, lines):
    """Two landscapes in a tile, clear of motorway and canal: each a habitat area and a bird area over it."""
    x0, y0, x1, y1 = rect
    span = min(x1 - x0, y1 - y0)
    found = []
    for k in range(2):
        for _ in range(60):
            # the first lies toward the border, the second anywhere
            x = rng.uniform(x1 - .32 * (x1 - x0), x1 - 500) if k == 0 else rng.uniform(x0 + 700, x1 - 700)
            y = rng.uniform(y0 + .14 * span, y1 - .14 * span)
            radius = rng.uniform(.10, .13) * span
            far = all(np.hypot(x - p.x, y - p.y) > radius + p.radius + 350 for p in places)
            clear = all(abs(y - line) > .95 * radius for line in lines)
            if far and clear and all(np.hypot(x - b.x, y - b.y) > 2.2 * radius for b in found):
                break
        habitat = Blob(x, y, radius, rng)
        bird = Blob(x + rng.uniform(-.4, .4) * radius, y + rng.uniform(-.4, .4) * radius, radius * .85, rng)
        found += [habitat, bird]
    return found


def describe(blobs, tile):
    """Names and kinds of protection, in the order of `make_nature`."""
    out = []
    for k, blob in enumerate(blobs):
        name = NATURE[(k // 2 + 2 * tile) % len(NATURE)]
        out.append((blob, {"naam": name, "bescherming": "HR" if k % 2 == 0 else "VR", "nr": 900 + 10 * tile + k}))
    return out


def make_no_fly(rng, rect, places):
    """A small airfield away from the places: the centre of a circle, and its radius."""
    x0, y0, x1, y1 = rect
    for _ in range(80):
        x, y = rng.uniform(x0 + 900, x1 - 2200), rng.uniform(y0 + 700, y1 - 700)
        radius = float(rng.integers(8, 12) * 100)
        if all(np.hypot(x - p.x, y - p.y) > p.radius + radius for p in places):
            break
    return x, y, radius
