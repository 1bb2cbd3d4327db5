"""From the flat plan to the map.

The plan is drawn with straight, axis-parallel lines on whole decimetres, which makes a gapless
parcel map easy to prove. This module then bends it: every town and village is turned about its
own centre (rigid inside, fading out around it), and long waves bend the whole country. Turning by
an angle that depends on the distance alone is one to one and keeps areas, so nothing can fold.
"""
import numpy as np

# amplitude (m), wavelength (m), direction (radians), phase, and the axis that is displaced
WAVES = ((230, 9300, .35, .4, 0), (150, 6100, 1.9, 2.1, 0),
         (250, 8700, 1.25, 1.3, 1), (130, 5600, 2.7, .2, 1))


def waves(x, y):
    """Bend the whole plane a little; the same for every tile, so that tiles keep fitting."""
    dx, dy = np.zeros_like(x), np.zeros_like(y)
    for amplitude, length, direction, phase, axis in WAVES:
        k = 2 * np.pi / length
        wave = amplitude * np.sin(k * (x * np.cos(direction) + y * np.sin(direction)) + phase)
        if axis == 0:
            dx += wave
        else:
            dy += wave
    return x + dx, y + dy


class Warp:
    """The bending of one tile. Swirls end inside the tile, so that its edge is bent by waves alone."""

    def __init__(self, swirls):
        self.swirls = swirls                        # (x, y, angle, rigid radius, outer radius)

    def __call__(self, x, y):
        """Map coordinates of plan coordinates, both in metres."""
        x, y = np.array(x, float), np.array(y, float)
        for cx, cy, angle, inner, outer in self.swirls:
            dx, dy = x - cx, y - cy
            r = np.hypot(dx, dy)
            t = np.clip((r - inner) / (outer - inner), 0, 1)
            a = angle * (1 - t * t * (3 - 2 * t))
            inside = r < outer                      # outside stays the same to the last bit
            x = np.where(inside, cx + dx * np.cos(a) - dy * np.sin(a), x)
            y = np.where(inside, cy + dx * np.sin(a) + dy * np.cos(a), y)
        return waves(x, y)

    def frame(self, x, y, axis):
        """A right-angled frame at each anchor: position, unit vector along `axis`, both scales.

        Buildings are drawn in this frame, because a bent rectangle would not look built. The scales
        let a row of houses keep step with its plots.
        """
        px, py = self(x, y)
        ex, ey = (self(x + .5, y), self(x, y + .5))
        bx, by = (self(x - .5, y), self(x, y - .5))
        jx = np.stack([ex[0] - bx[0], ex[1] - bx[1]])          # derivative along plan x
        jy = np.stack([ey[0] - by[0], ey[1] - by[1]])
        main = np.where(axis == 0, jx, jy)
        along = np.hypot(main[0], main[1])
        area = np.abs(jx[0] * jy[1] - jx[1] * jy[0])
        return px, py, main[0] / along, main[1] / along, along, area / along
