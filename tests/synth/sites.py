"""Finding room for business parks and holiday parks in the country.

Each has a place it would like to be near (the junction, the canal, the edge of town, the border, nature).
The nearest field block with room gives up a corner at its road.
"""
from layout import EAST, NORTH, SOUTH, WEST, Block
from sizes import DM


def distance(block, x, y):
    """Metres from a point to a block, 0 inside."""
    x0, y0, x1, y1 = (v / DM for v in block.rect)
    return max(x0 - x, 0, x - x1) + max(y0 - y, 0, y - y1)


def take(layout, x, y, w, h, allowed=None):
    """Take a site of about w x h metres from the field block nearest to (x, y); None if there is no room.

    What is left of the block stays a field block. `allowed(block)` may refuse a block.
    """
    best = None
    for block in layout.fields:
        bw, bh = block.size
        if bw < w + 30 or bh < h + 30 or not any(block.front(s) for s in range(4)):
            continue
        d = distance(block, x, y)
        if (best is None or d < best[0]) and (allowed is None or allowed(block)):
            best = d, block
    if best is None:
        return None
    layout.fields.remove(best[1])
    site, rest = carve(best[1], x, y, round(w) * DM, round(h) * DM)
    layout.fields += rest
    return site


def carve(block, x, y, w, h):
    """Cut the corner of a block that is nearest to (x, y) among those at a road."""
    x0, y0, x1, y1 = block.rect
    corners = []
    for east in (0, 1):
        for north in (0, 1):
            if block.front(EAST if east else WEST) or block.front(NORTH if north else SOUTH):
                cx, cy = (x1 if east else x0) / DM, (y1 if north else y0) / DM
                corners.append((abs(cx - x) + abs(cy - y), east, north))
    _, east, north = min(corners)
    west_side, south_side, east_side, north_side = block.sides
    if x1 - x0 - w < 60 * DM:                                    # no slivers
        w = x1 - x0
    if y1 - y0 - h < 60 * DM:
        h = y1 - y0
    ax0, ax1 = (x1 - w, x1) if east else (x0, x0 + w)
    ay0, ay1 = (y1 - h, y1) if north else (y0, y0 + h)
    inner = lambda edge, outer, side: side if edge == outer else None
    site = Block(ax0, ay0, ax1, ay1, [inner(ax0, x0, west_side), inner(ay0, y0, south_side),
                                      inner(ax1, x1, east_side), inner(ay1, y1, north_side)])
    rest = []
    if w < x1 - x0:                                              # the whole height beside the site
        bx0, bx1 = (x0, ax0) if east else (ax1, x1)
        rest.append(Block(bx0, y0, bx1, y1, [inner(bx0, x0, west_side), south_side,
                                             inner(bx1, x1, east_side), north_side]))
    if h < y1 - y0:                                              # what is above or below it
        by0, by1 = (y0, ay0) if north else (ay1, y1)
        rest.append(Block(ax0, by0, ax1, by1, [inner(ax0, x0, west_side), inner(by0, y0, south_side),
                                               inner(ax1, x1, east_side), inner(by1, y1, north_side)]))
    return site, rest
