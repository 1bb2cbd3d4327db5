"""Patterns of points: Knox and near repeats, the nearest-neighbour index, Ripley's K and L (include/riskmap/pattern.h).

x and y are in metres, in one plane; dates are dates, datetime64, texts such as "2026-11-01", or whole numbers of days.
Missing coordinates and dates are refused with their row. Points at the same place count as points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _riskmap
from .._convert import choice, days, floats
from .._progress import callable_of, part_of
from .._rings import rings_of
from ._columns import Columns

if TYPE_CHECKING:
    import pandas

_METRICS = ("euclidean", "manhattan")
_CORRECTIONS = ("none", "border", "translate", "isotropic")


# ---- space and time ----


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Knox:
    """A Knox table: arrays of shape (bands of space, bands of time)."""

    space: np.ndarray  #: edges of the bands, metres; band k holds space[k] <= d < space[k + 1]
    time: np.ndarray  #: the same in days
    observed: np.ndarray  #: pairs, int64
    expected: np.ndarray  #: row total * column total / all pairs
    ratio: np.ndarray  #: observed / expected
    mean: np.ndarray  #: over the permutations
    p: np.ndarray  #: one-sided; NaN without permutations

    @property
    def space_labels(self) -> list[str]:
        """The bands in words, such as "[0,200)"."""
        return _labels(self.space)

    @property
    def time_labels(self) -> list[str]:
        """The same of time."""
        return _labels(self.time)

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each cell, indexed by the labels of its bands, such as "[0,200)"; needs pandas."""
        import pandas

        index = pandas.MultiIndex.from_product([self.space_labels, self.time_labels], names=["space", "time"])
        names = ("observed", "expected", "ratio", "mean", "p")
        return pandas.DataFrame({name: getattr(self, name).ravel() for name in names}, index=index)

    def __repr__(self) -> str:
        return (
            f"<riskmap.stats.Knox: {int(self.observed.sum())} pairs; {', '.join(self.space_labels)} m by"
            f" {', '.join(self.time_labels)} days>"
        )


def knox(
    x: Any,
    y: Any,
    dates: Any,
    space: Any,
    time: Any,
    *,
    metric: str = "euclidean",
    permutations: int = 999,
    seed: int = 1,
    threads: int = 0,
    progress: Any = None,
) -> Knox:
    """The Knox table: pairs of points by distance and days between, against chance (permutations of the dates).

    x, y, dates: of shape (points,). space: edges of the bands in metres, time: in days, ascending; the last may be inf.
    metric: "euclidean" or "manhattan". permutations: 0 for none.

    Raises ArgumentError, with `row` for a point; DataError for fewer than 2 points; LimitError for more pairs than
    can be listed; Cancelled when progress returns true.

    >>> table = knox([0, 10, 900], [0, 0, 0], ["2026-11-01", "2026-11-03", "2026-11-01"], [0, 100, 1000], [0, 1, 7])
    >>> table.observed.tolist(), table.space_labels
    ([[0, 1], [1, 1]], ['[0,100)', '[100,1000)'])
    """
    x, y, day = _events(x, y, dates)
    space, time = floats(space, "space"), floats(time, "time")
    shape = (max(len(space) - 1, 0), max(len(time) - 1, 0))
    observed = np.empty(shape, np.int64)
    expected, ratio, mean, p = (np.empty(shape) for _ in range(4))
    _riskmap.knox(
        observed.reshape(-1),
        expected.reshape(-1),
        ratio.reshape(-1),
        mean.reshape(-1),
        p.reshape(-1),
        x,
        y,
        day,
        space,
        time,
        metric=choice(metric, "metric", _METRICS),
        permutations=permutations,
        seed=seed,
        threads=threads,
        progress=callable_of(progress),
    )
    return Knox(space, time, observed, expected, ratio, mean, p)


def _events(x: Any, y: Any, dates: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = floats(x, "x")
    return x, floats(y, "y", len(x)), days(dates, "dates", len(x))


def _labels(edges: np.ndarray) -> list[str]:
    return [_riskmap.knox_label(low, high) for low, high in zip(edges[:-1], edges[1:])]


@dataclass(frozen=True, slots=True)
class KnoxTest:
    """What `knox_test` found."""

    pairs: int  #: all
    close_space: int  #: at most `metres` apart
    close_time: int  #: at most `days` between
    close: int  #: both
    expected: float
    ratio: float  #: close / expected
    mean: float  #: of `close` over the permutations
    p: float  #: one-sided, by the permutations; NaN without
    p_poisson: float  #: P(X >= close), X Poisson with mean `expected`
    p_above: float  #: P(X > close), as surveillance in R has it


def knox_test(
    x: Any,
    y: Any,
    dates: Any,
    metres: float,
    days: float,
    *,
    metric: str = "euclidean",
    permutations: int = 999,
    seed: int = 1,
    threads: int = 0,
    progress: Any = None,
) -> KnoxTest:
    """Knox's test of one distance and one time: are there more pairs at most `metres` apart with at most `days` between
    than chance gives? Other arguments and errors as `knox`.

    >>> test = knox_test([0, 10, 900], [0, 0, 0], ["2026-11-01", "2026-11-03", "2026-11-01"], 100, 7)
    >>> test.close, test.expected
    (1, 1.0)
    """
    return KnoxTest(
        **_riskmap.knox_test(
            *_events(x, y, dates),
            metres,
            days,
            metric=choice(metric, "metric", _METRICS),
            permutations=permutations,
            seed=seed,
            threads=threads,
            progress=callable_of(progress),
        )
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NearRepeats(Columns):
    """Pairs of points, of shape (pairs,), sorted by `earlier`, then `later`."""

    earlier: np.ndarray  #: row of the first event (of one day: the lower row), int64
    later: np.ndarray  #: row of the other
    distance: np.ndarray  #: metres


def near_repeats(
    x: Any,
    y: Any,
    dates: Any,
    space: Any,
    time: Any,
    *,
    metric: str = "euclidean",
    threads: int = 0,
    progress: Any = None,
) -> NearRepeats:
    """The near repeats themselves: the pairs with a distance in [space[0], space[1]) metres and days between in
    [time[0], time[1]). Other arguments and errors as `knox`; fewer than 2 points have no pairs.

    >>> pairs = near_repeats([0, 10, 900], [0, 0, 0], ["2026-11-03", "2026-11-01", "2026-11-01"], (0, 100), (0, 7))
    >>> pairs.earlier.tolist(), pairs.later.tolist(), pairs.distance.tolist()
    ([1], [0], [10.0])
    """
    given = (*_events(x, y, dates), floats(space, "space", 2), floats(time, "time", 2))
    metric_code, told = choice(metric, "metric", _METRICS), callable_of(progress)

    def find(earlier: np.ndarray, later: np.ndarray, distance: np.ndarray | None, begin: float, end: float) -> int:
        return _riskmap.near_repeats(
            earlier,
            later,
            distance,
            *given,
            metric=metric_code,
            threads=threads,
            progress=part_of(told, begin, end),
        )

    none = np.empty(0, np.int64)
    count = find(none, none, None, 0.0, 0.4)
    earlier, later, distance = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
    find(earlier, later, distance, 0.4, 1.0)
    return NearRepeats(earlier, later, distance)


# ---- nearest neighbours ----


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NearestNeighbours(Columns):
    """The nearest other point of every point, of shape (points,)."""

    nearest: np.ndarray  #: its row, int64; of those equally near the lowest
    distance: np.ndarray  #: metres
    second: np.ndarray  #: metres to the second nearest; NaN with 2 points


def nearest_neighbours(x: Any, y: Any, *, threads: int = 0, progress: Any = None) -> NearestNeighbours:
    """The nearest other point of every point.

    Raises ArgumentError, with `row`; DataError for fewer than 2 points; Cancelled when progress returns true.

    >>> nearest_neighbours([0, 1, 5], [0, 0, 0]).nearest.tolist()
    [1, 0, 1]
    """
    x = floats(x, "x")
    nearest, distance, second = np.empty(len(x), np.int64), np.empty(len(x)), np.empty(len(x))
    _riskmap.nearest_neighbours(
        nearest, distance, second, x, floats(y, "y", len(x)), threads=threads, progress=callable_of(progress)
    )
    return NearestNeighbours(nearest, distance, second)


@dataclass(frozen=True, slots=True)
class NearestIndex:
    """What `nearest_index` and `nearest_index_within` found."""

    count: int
    mean: float  #: of the distances to the nearest point, metres
    expected: float  #: under complete spatial randomness
    ratio: float  #: mean / expected; below 1 clustered, above 1 regular
    error: float  #: standard error of the mean
    z: float
    p: float  #: two-sided, normal
    donnelly_expected: float  #: with Donnelly's correction for the edge; NaN without a perimeter
    donnelly_ratio: float
    donnelly_error: float
    donnelly_z: float
    donnelly_p: float
    cdf_mean: float  #: corrected for the edge by Kaplan and Meier; NaN but from nearest_index_within
    cdf_ratio: float


def nearest_index(
    x: Any, y: Any, area: float, perimeter: float = 0.0, *, threads: int = 0, progress: Any = None
) -> NearestIndex:
    """The nearest-neighbour index of Clark and Evans (1954), ArcGIS's Average Nearest Neighbor.

    area: of the study area, in square metres; the index says little without the right one. perimeter: of it, in metres,
    for Donnelly's correction, made for rectangles; 0 leaves that out.

    Raises ArgumentError, with `row` for a point; DataError for fewer than 2 points; Cancelled when progress returns
    true.

    >>> nearest_index([0, 0, 100, 100], [0, 100, 0, 100], area=100 * 100).ratio
    4.0
    """
    x = floats(x, "x")
    return NearestIndex(
        **_riskmap.nearest_index(
            x, floats(y, "y", len(x)), area, perimeter, threads=threads, progress=callable_of(progress)
        )
    )


def nearest_index_within(
    x: Any, y: Any, area: Any, *, cdf_steps: int = 0, threads: int = 0, progress: Any = None
) -> NearestIndex:
    """The same for points in a study area whose shape is known, with a mean (`cdf_mean`) that is corrected for the
    edge.

    area: as `ripley_k` takes it. cdf_steps: 512 gives spatstat's figure, 0 the exact one. A point outside is refused.

    >>> index = nearest_index_within([10, 50, 90], [50, 40, 50], (0, 0, 100, 100))
    >>> round(index.mean, 3), round(index.ratio, 3)
    (41.231, 1.428)
    """
    x = floats(x, "x")
    return NearestIndex(
        **_riskmap.nearest_index_within(
            x,
            floats(y, "y", len(x)),
            *rings_of(area),
            cdf_steps=cdf_steps,
            threads=threads,
            progress=callable_of(progress),
        )
    )


# ---- Ripley ----


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ripley(Columns):
    """Ripley's K and L at the distances r; float64 of shape (distances,)."""

    r: np.ndarray  #: metres
    k: np.ndarray  #: square metres; pi r^2 under complete randomness
    l: np.ndarray  #: metres; r under complete randomness


def ripley_k(
    x: Any,
    y: Any,
    r: Any,
    area: Any,
    *,
    correction: str = "isotropic",
    max_weight: float = 100.0,
    threads: int = 0,
    progress: Any = None,
) -> Ripley:
    """Ripley's K and L: how many points lie within r of a point, above randomness where they cluster.

    x, y: of shape (points,); r: ascending distances in metres. area: the study area as a shapely Polygon or
    MultiPolygon, a GeoDataFrame, a layer or path of polygons, a box (xmin, ymin, xmax, ymax), an array of vertices of
    shape (n, 2), or rings as arrays (x, y, starts); in metres. correction: for the edge, "isotropic", "translate",
    "border" or "none". max_weight: no point weighs more.

    Raises ArgumentError, with `row` for a point outside the area; DataError for fewer than 2 points; Cancelled.

    >>> found = ripley_k([10, 20, 80], [50, 50, 50], [5, 15], (0, 0, 100, 100), correction="none")
    >>> found.k.round(1).tolist()
    [0.0, 3333.3]
    """
    x, r = floats(x, "x"), floats(r, "r")
    k, l = np.empty(len(r)), np.empty(len(r))
    _riskmap.ripley_k(
        k,
        l,
        r,
        x,
        floats(y, "y", len(x)),
        *rings_of(area),
        correction=choice(correction, "correction", _CORRECTIONS),
        max_weight=max_weight,
        threads=threads,
        progress=callable_of(progress),
    )
    return Ripley(r, k, l)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Envelope(Columns):
    """L of the points beside what complete randomness gives: arrays of shape (distances,), and a test of the whole
    curve."""

    r: np.ndarray  #: metres
    l: np.ndarray  #: of the points
    low: np.ndarray  #: pointwise envelope
    high: np.ndarray
    area: float  #: of the study area, square metres
    deviation: float  #: the largest |L(r) - r| of the points
    critical: float  #: the global band is r +- this
    p: float  #: of the whole curve


def ripley_envelope(
    x: Any,
    y: Any,
    r: Any,
    area: Any,
    *,
    correction: str = "isotropic",
    max_weight: float = 100.0,
    simulations: int = 99,
    rank: int = 1,
    seed: int = 1,
    threads: int = 0,
    progress: Any = None,
) -> Envelope:
    """Is the pattern more clustered or more regular than chance? L beside that of `simulations` of complete
    randomness in the same area; `low` and `high` are their rank-th lowest and highest at each r by itself, and `p`
    judges the whole curve. Other arguments and errors as `ripley_k`.

    >>> found = ripley_envelope([10, 11, 80, 81], [50, 51, 50, 49], [2, 5], (0, 0, 100, 100), simulations=19)
    >>> bool((found.l > found.high).all()), found.p
    (True, 0.05)
    """
    x, r = floats(x, "x"), floats(r, "r")
    l, low, high = (np.empty(len(r)) for _ in range(3))
    found = _riskmap.ripley_envelope(
        l,
        low,
        high,
        r,
        x,
        floats(y, "y", len(x)),
        *rings_of(area),
        correction=choice(correction, "correction", _CORRECTIONS),
        max_weight=max_weight,
        simulations=simulations,
        rank=rank,
        seed=seed,
        threads=threads,
        progress=callable_of(progress),
    )
    return Envelope(r, l, low, high, **found)
