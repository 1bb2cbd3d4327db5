"""Kernel densities of points, and the bandwidths they are made with. density.h says exactly what each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _riskmap
from ._convert import choice, floats
from ._log import logger
from ._points import Points, in_metres, points_of, same_crs
from ._progress import callable_of
from ._riskmap import ArgumentError, CrsError
from ._rings import rings_of
from ._words import plain
from .raster import Grid, Raster

KERNELS = ("quartic", "gaussian", "epanechnikov", "triweight", "uniform")
EDGES = ("none", "uniform", "diggle")
_RULES = ("reference", "robust", "distance")
_CRITERIA = ("squares", "likelihood")
_LEAVE = ("place", "point")


def density(
    points: Any,
    *,
    bandwidth: float | None = None,
    bandwidths: Any = None,
    grid: Grid | Raster | None = None,
    cell: float | None = None,
    extent: Any = None,
    kernel: str = "quartic",
    edge: str = "none",
    area: Any = None,
    leave_out_outside: bool = False,
    weights: Any = None,
    crs: Any = None,
    per_km2: bool = False,
    open: bool = False,
    threads: int = 0,
    progress: Any = None,
) -> Raster:
    """The density of points at the centres of the cells of a raster, float64, in points per square unit of the CRS: its
    `unit` is "1/m2", "1/km2" with per_km2, or "per square unit" where the CRS is unknown or not in metres.

    points: anything `as_layer` takes, arrays (x, y), in metres or another unit that is as long both ways, or a table
    with columns x and y. crs: of points that state none. bandwidth: the radius of the kernel (sigma of "gaussian"), in
    the same unit; or bandwidths: one a point, of shape (points,). kernel: "quartic", "gaussian", "epanechnikov",
    "triweight" or "uniform". weights: shape (points,), >= 0.

    grid: the cells, or a Raster that has them; else cells with side `cell` (a twentieth of the bandwidth, rounded) over
    `extent` (xmin, ymin, xmax, ymax), which is that of `area`, or of the points and what they reach.

    edge: "uniform" or "diggle" corrects for what falls outside the study area `area` (polygons, see
    `riskmap.stats.ripley_k`); cells outside it are NaN. Points outside it are refused unless leave_out_outside, which
    logs how many there were. per_km2: times 1e6, for coordinates in metres. open: the points are public already; else
    the raster is shielded, as they are: it is written for the user alone, and says AFGESCHERMD.

    Raises ArgumentError, with `row` the point at fault; CrsError for degrees, several CRSs, layers that are not in
    metres, or per_km2 of another unit than metres.

    >>> raster = density(([0.0, 30.0], [0.0, 0.0]), bandwidth=100, cell=50, crs=28992)
    >>> raster.shape, raster.unit, round(float(raster.values.sum()) * 50**2, 1)
    ((4, 5), '1/m2', 2.0)
    """
    found = points_of(points, "points", crs)
    unit = _unit_of(found.crs, per_km2)
    options = _options(found, bandwidth, bandwidths, kernel, edge, area, weights, threads, progress)
    if grid is None:
        grid = _grid_of(found, options, cell, extent)
    elif cell is not None or extent is not None:
        raise ArgumentError("grid: states the cells already; leave out cell and extent")
    elif isinstance(grid, Raster):
        same_crs(found.crs, grid.crs, "points", "the cells of grid")
        grid = grid.grid
    grid = Grid(*grid)
    values = np.empty((grid.rows, grid.columns))
    outside = _outside_of(options, leave_out_outside)
    _riskmap.density_grid(values.reshape(-1), grid, found.x, found.y, **options)
    _tell_outside(outside)
    if per_km2:
        values *= 1e6
    return Raster(values, grid.left, grid.top, grid.cell, found.crs, unit=unit, shielded=not open)


def density_at(
    places: Any,
    points: Any,
    *,
    bandwidth: float | None = None,
    bandwidths: Any = None,
    kernel: str = "quartic",
    edge: str = "none",
    area: Any = None,
    leave_out_outside: bool = False,
    weights: Any = None,
    crs: Any = None,
    threads: int = 0,
    progress: Any = None,
) -> np.ndarray:
    """The same density at places of one's own choice: float64 of shape (places,), in points per square unit.

    places and points: anything `as_layer` takes, or arrays (x, y); the rest as for `density`.

    >>> density_at(([0.0, 200.0], [0.0, 0.0]), ([0.0], [0.0]), bandwidth=100, kernel="uniform").tolist()
    [3.183098861837907e-05, 0.0]
    """
    found, at = points_of(points, "points", crs), points_of(places, "places", crs)
    same_crs(at.crs, found.crs, "places", "points")
    options = _options(found, bandwidth, bandwidths, kernel, edge, area, weights, threads, progress)
    outside = _outside_of(options, leave_out_outside)
    out = np.empty(len(at.x))
    _riskmap.density_places(out, at.x, at.y, found.x, found.y, **options)
    _tell_outside(outside)
    return out


def density_ratio(numerator: Raster, denominator: Raster, *, per: float = 1.0, floor: float = 0.0) -> Raster:
    """numerator / denominator * per, such as reports per 1,000 addresses; both on the same cells, and made with the
    same bandwidth and per_km2. NaN where the denominator is 0 or below `floor` (in its unit).

    >>> reports, homes = (Raster([[2.0, 3.0]], 0, 1, 1), Raster([[4.0, 0.0]], 0, 1, 1))
    >>> density_ratio(reports, homes, per=1000).values
    array([[500.,  nan]])
    """
    if numerator.grid != denominator.grid:
        raise ArgumentError("denominator: lies on other cells than the numerator; make it with grid=numerator")
    same_crs(numerator.crs, denominator.crs, "cells of numerator", "those of denominator")
    if {numerator.unit, denominator.unit} == {"1/m2", "1/km2"}:
        raise ArgumentError("denominator: is per square metre and numerator per square kilometre, or the other way round")
    above, below = (np.ascontiguousarray(raster.values, np.float64) for raster in (numerator, denominator))
    values = np.empty(above.shape)
    _riskmap.density_ratio(values.reshape(-1), above.reshape(-1), below.reshape(-1), per, floor)
    grid = numerator.grid
    shielded, unit = numerator.shielded or denominator.shielded, None if per == 1 else f"per {plain(per, 'en')}"
    crs = numerator.crs or denominator.crs
    return Raster(values, grid.left, grid.top, grid.cell, crs, unit=unit, shielded=shielded)


def bandwidth_rule(
    points: Any, *, kernel: str = "quartic", rule: str = "distance", weights: Any = None, crs: Any = None
) -> float:
    """A bandwidth by rule, in units of the CRS, for a first look: rules presume one cluster.

    rule: "distance" (ArcGIS's default, for the quartic kernel), "reference" (normal reference: Scott and Silverman) or
    "robust". points, weights and kernel as for `density`. DataError without points, or with all at one place.

    >>> round(bandwidth_rule(([0.0, 100.0, 0.0, 100.0], [0.0, 0.0, 100.0, 100.0])), 1)
    48.2
    """
    found = points_of(points, "points", crs)
    return _riskmap.bandwidth_rule(
        found.x, found.y, _weights(weights, found), choice(kernel, "kernel", KERNELS), choice(rule, "rule", _RULES)
    )


@dataclass(frozen=True, slots=True)
class BandwidthFit:
    """What cross-validation came to.

    bandwidth: of the kernel that was asked for. score: the criterion there. places: distinct coordinates. coincident:
    points that share theirs. at_end: -1 or 1 when the narrowest or widest candidate was the best, else 0.

    >>> BandwidthFit(bandwidth=150.0, score=2.5, places=4, coincident=0, at_end=0).bandwidth
    150.0
    """

    bandwidth: float
    score: float
    places: int
    coincident: int
    at_end: int


def bandwidth_cross_validate(
    points: Any,
    *,
    kernel: str = "quartic",
    criterion: str = "squares",
    leave: str = "place",
    lowest: float = 0.0,
    highest: float = 0.0,
    weights: Any = None,
    crs: Any = None,
    threads: int = 0,
    progress: Any = None,
) -> BandwidthFit:
    """A bandwidth by leave-one-out cross-validation.

    criterion: "squares" (least squares) or "likelihood" (what heat maps use). leave: "place" leaves out all points at
    the same coordinates, "point" one. lowest, highest: bandwidths to try between; 0: a 128th of the reference rule and
    twice that. points, weights and kernel as for `density`.

    >>> x, y = np.random.default_rng(1).normal(0, 500, (2, 200))
    >>> 200 < bandwidth_cross_validate((x, y), criterion="likelihood").bandwidth < 2000
    True
    """
    found = points_of(points, "points", crs)
    return BandwidthFit(
        **_riskmap.bandwidth_cross_validate(
            found.x,
            found.y,
            choice(kernel, "kernel", KERNELS),
            criterion=choice(criterion, "criterion", _CRITERIA),
            leave=choice(leave, "leave", _LEAVE),
            lowest=lowest,
            highest=highest,
            weights=_weights(weights, found),
            threads=threads,
            progress=callable_of(progress),
        )
    )


def bandwidth_adaptive(
    points: Any,
    bandwidth: float,
    *,
    pilot: float,
    trim: float = 0.0,
    weights: Any = None,
    crs: Any = None,
    threads: int = 0,
    progress: Any = None,
) -> np.ndarray:
    """Abramson's bandwidths, one a point and wider where points are few: float64 of shape (points,), for `bandwidths`.

    bandwidth: their middle, of the kernel that will be used. pilot: sigma of the gaussian that tells where points are
    few. trim: at most this many times their median; 0: no limit. points and weights as for `density`.

    >>> bandwidth_adaptive(([0.0, 10.0, 500.0], [0.0, 0.0, 0.0]), 100, pilot=50).round().tolist()
    [89.0, 89.0, 126.0]
    """
    found = points_of(points, "points", crs)
    out = np.empty(len(found.x))
    _riskmap.bandwidth_adaptive(
        out,
        found.x,
        found.y,
        bandwidth,
        pilot=pilot,
        trim=trim,
        weights=_weights(weights, found),
        threads=threads,
        progress=callable_of(progress),
    )
    return out


def half_life_weights(age_days: Any, half_life: float) -> np.ndarray:
    """2 ** (-age / half_life) for ages in days, of shape (points,), >= 0: what is half_life days old counts half.

    >>> half_life_weights([0, 365, 730], 365).tolist()
    [1.0, 0.5, 0.25]
    """
    ages = floats(age_days, "age_days")
    out = np.empty(len(ages))
    _riskmap.half_life_weights(out, ages, half_life)
    return out


# ---- what both densities take ----


def _options(
    found: Points,
    bandwidth: float | None,
    bandwidths: Any,
    kernel: str,
    edge: str,
    area: Any,
    weights: Any,
    threads: int,
    progress: Any,
) -> dict[str, Any]:
    if (bandwidth is None) == (bandwidths is None):
        raise ArgumentError(
            "bandwidth: how far a point reaches, or bandwidths: one a point, is needed; bandwidth_rule and"
            " bandwidth_cross_validate find one"
        )
    options: dict[str, Any] = {
        "kernel": choice(kernel, "kernel", KERNELS),
        "edge": choice(edge, "edge", EDGES),
        "bandwidth": bandwidth,
        "bandwidths": None if bandwidths is None else floats(bandwidths, "bandwidths", len(found.x)),
        "weights": _weights(weights, found),
        "threads": threads,
        "progress": callable_of(progress),
    }
    if (area is None) != (edge == "none"):
        raise ArgumentError('area and edge go together: edge="uniform" or "diggle" corrects at the edge of the area')
    if area is not None:
        options["ring_x"], options["ring_y"], options["ring_starts"] = rings_of(area, "area", found.crs)
    return options


def _unit_of(crs: str | None, per_km2: bool) -> str:
    metres = in_metres(crs)
    if per_km2 and metres is False:
        raise CrsError(f"per_km2: coordinates of {crs} are not in metres; leave it out, or bring them to EPSG:28992")
    return "1/km2" if per_km2 else "1/m2" if metres else "per square unit"


def _weights(weights: Any, found: Points) -> np.ndarray | None:
    return None if weights is None else floats(weights, "weights", len(found.x))


def _grid_of(found: Points, options: dict[str, Any], cell: float | None, extent: Any) -> Grid:
    bandwidth, bandwidths = options["bandwidth"], options["bandwidths"]
    if cell is None:
        if bandwidth is None:
            raise ArgumentError("cell: the side of a cell is needed beside bandwidths")
        cell = _rounded_cell(bandwidth)
    if extent is not None:
        return Grid.covering(extent, cell)
    x, y, reach = found.x, found.y, 0.0
    if "ring_x" in options:
        x, y = options["ring_x"], options["ring_y"]
    elif len(x):
        widest = bandwidth if bandwidth is not None else bandwidths.max()
        reach = widest * (3 if options["kernel"] == 1 else 1)  # a gaussian has no end: three sigma hold 99%
    if not len(x):
        raise ArgumentError("extent: there are no points to take it from; state it, or grid")
    wrong = ~(np.isfinite(x) & np.isfinite(y))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        problem = ArgumentError(f"point {row} has no place, or an infinite one; leave such points out")
        problem.row = row
        raise problem
    return Grid.covering((x.min() - reach, y.min() - reach, x.max() + reach, y.max() + reach), cell)


def _rounded_cell(bandwidth: float) -> float:
    """A twentieth, rounded down to 1, 2, 2.5 or 5 times a power of ten: as heat maps have it."""
    if not (bandwidth > 0 and np.isfinite(bandwidth)):
        raise ArgumentError(f"bandwidth: {bandwidth} is not a finite number above 0")
    wanted = bandwidth / 20
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(next((step * power for step in (5, 2.5, 2, 1) if step * power <= wanted * (1 + 1e-12)), power))


def _outside_of(options: dict[str, Any], leave_out: bool) -> np.ndarray | None:
    if not leave_out:
        return None
    outside = options["outside"] = np.zeros(1, np.int64)
    return outside


def _tell_outside(outside: np.ndarray | None) -> None:
    if outside is not None and outside[0]:
        logger.warning("%d points outside the study area were left out", outside[0])
