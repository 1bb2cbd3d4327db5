"""Spatial autocorrelation and hot spots: Moran, Geary, Getis-Ord (include/riskmap/autocorrelation.h).

`weights` says who is a neighbour of whom: `riskmap.Weights`, a Graph or W of libpysal, or a sparse array of scipy.
Items without a value (NaN) are left out as if they were not there. The answers do not depend on `threads`."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np

from .. import _riskmap
from .._convert import choice, floats, whole
from .._progress import callable_of
from ._columns import Columns
from ._neighbours import weights_of

NO_BIN = -128  #: of `hotspot_bins`, where z or p is missing

_STYLES = ("row", "given")
_ASSUMPTIONS = ("randomisation", "normality")
_SCALES = ("n", "n_minus_1")
_VARIANCES = ("conditional", "total")
_DRAWS = ("own", "shared")


class Lisa(enum.IntEnum):
    """Local Moran's quadrants and the classes of a LISA map, with GeoDa's numbers.

    >>> Lisa(1)
    <Lisa.HIGH_HIGH: 1>
    """

    NOT_SIGNIFICANT = 0
    HIGH_HIGH = 1
    LOW_LOW = 2
    LOW_HIGH = 3  #: a low item among high ones
    HIGH_LOW = 4
    UNDEFINED = 5  #: no value
    NO_NEIGHBOURS = 6


@dataclass(frozen=True, slots=True)
class Global:
    """A statistic of the whole map."""

    statistic: float
    expected: float
    variance: float
    z: float  #: away from expected, in standard deviations
    p: float  #: two-sided, by the normal distribution
    s0: float  #: of the weights (Cliff and Ord 1981)
    s1: float
    s2: float
    items: int  #: with a value
    islands: int  #: of those without neighbours


def moran(
    values: Any,
    weights: Any,
    *,
    style: str = "row",
    assumption: str = "randomisation",
    threads: int = 0,
    progress: Any = None,
) -> Global:
    """Global Moran's I: above `expected` where neighbours are alike.

    style: "row" (the weights of one item are divided by their sum) or "given". assumption: of the variance,
    "randomisation" or "normality".

    Raises ArgumentError: weights of another size, infinite values (with `row`), values that are all the same.

    >>> from riskmap import Weights
    >>> line = Weights.from_links(4, [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])
    >>> round(moran([1, 2, 3, 4], line).statistic, 12)
    0.4
    """
    return _global(_riskmap.moran, values, weights, style, assumption, threads, progress)


def geary(
    values: Any,
    weights: Any,
    *,
    style: str = "row",
    assumption: str = "randomisation",
    threads: int = 0,
    progress: Any = None,
) -> Global:
    """Geary's C: below 1 where neighbours are alike, and z is then positive. Arguments and errors as `moran`.

    >>> from riskmap import Weights
    >>> line = Weights.from_links(4, [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])
    >>> round(geary([1, 2, 3, 4], line).statistic, 12)
    0.3
    """
    return _global(_riskmap.geary, values, weights, style, assumption, threads, progress)


def general_g(values: Any, weights: Any, *, style: str = "row", threads: int = 0, progress: Any = None) -> Global:
    """Getis and Ord's general G: above `expected` where high values are together. Mostly with style="given". Values
    must not be negative. Arguments and errors as `moran`.

    >>> from riskmap import Weights
    >>> line = Weights.from_links(4, [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])
    >>> round(general_g([1, 2, 3, 4], line, style="given").statistic, 4)
    0.5714
    """
    return _global(_riskmap.general_g, values, weights, style, "randomisation", threads, progress)


def _global(
    function: Callable[..., Any],
    values: Any,
    weights: Any,
    style: str,
    assumption: str,
    threads: int,
    progress: Any,
) -> Global:
    return Global(
        **function(
            weights_of(weights),
            floats(values, "values"),
            style=choice(style, "style", _STYLES),
            assumption=choice(assumption, "assumption", _ASSUMPTIONS),
            threads=threads,
            progress=callable_of(progress),
        )
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Local(Columns):
    """A statistic of each item: float64 of shape (items,), NaN for items without a value. What comes of permutations is
    None unless they were asked for."""

    statistic: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    z: np.ndarray  #: NaN where the variance is 0
    p: np.ndarray  #: two-sided, by the normal distribution
    quadrant: np.ndarray  #: uint8, see `Lisa`
    islands: int  #: items with a value but no neighbours
    missing: int  #: items without a value
    p_ge: np.ndarray | None = None  #: one-sided: as high or higher
    p_le: np.ndarray | None = None
    p_folded: np.ndarray | None = None  #: the pseudo p of GeoDa and esda
    p_two_sided: np.ndarray | None = None
    permuted_mean: np.ndarray | None = None
    permuted_sd: np.ndarray | None = None


_ALWAYS = ("statistic", "expected", "variance", "z", "p")
_PERMUTED = ("p_ge", "p_le", "p_folded", "p_two_sided", "permuted_mean", "permuted_sd")


def local_moran(
    values: Any,
    weights: Any,
    *,
    permutations: int = 0,
    style: str = "row",
    scale: str = "n",
    variance: str = "conditional",
    draws: str = "own",
    seed: int = 1,
    threads: int = 0,
    progress: Any = None,
) -> Local:
    """Local Moran's I of each item, and the quadrant it is in.

    permutations: none unless asked for; 999 with own draws is usual, and 99,999 the fewest with draws="shared", a table
    that all items share. style: as `moran`. scale: the divisor "n" (spdep) or "n_minus_1" (esda, GeoDa); z and p do not
    depend on it. variance: "conditional" (the item stays) or "total".

    Raises ArgumentError as `moran`; Cancelled when progress returns true.

    >>> from riskmap import Weights
    >>> line = Weights.from_links(4, [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])
    >>> local_moran([1, 2, 3, 4], line).statistic.round(12).tolist()
    [0.6, 0.2, 0.2, 0.6]
    """
    return _local(
        _riskmap.local_moran,
        (),
        values,
        weights,
        permutations,
        style=choice(style, "style", _STYLES),
        scale=choice(scale, "scale", _SCALES),
        variance=choice(variance, "variance", _VARIANCES),
        draws=choice(draws, "draws", _DRAWS),
        seed=seed,
        threads=threads,
        progress=callable_of(progress),
    )


def local_g(
    values: Any,
    weights: Any,
    *,
    star: bool = False,
    permutations: int = 0,
    style: str = "row",
    draws: str = "own",
    seed: int = 1,
    threads: int = 0,
    progress: Any = None,
) -> Local:
    """Getis and Ord's local G: G_i of each item's neighbours, or with star=True G*_i, the item among them, which are
    the hot spots of ArcGIS. z is positive where high values are together. Other arguments and errors as
    `local_moran`.

    >>> from riskmap import Weights
    >>> line = Weights.from_links(4, [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])
    >>> local_g([1, 2, 3, 4], line, star=True).z.round(4).tolist()
    [-1.5492, -1.3416, 1.3416, 1.5492]
    """
    return _local(
        _riskmap.local_g,
        (star,),
        values,
        weights,
        permutations,
        style=choice(style, "style", _STYLES),
        draws=choice(draws, "draws", _DRAWS),
        seed=seed,
        threads=threads,
        progress=callable_of(progress),
    )


def _local(
    function: Callable[..., None],
    more: tuple[Any, ...],
    values: Any,
    weights: Any,
    permutations: int,
    **options: Any,
) -> Local:
    """C makes permutations when an array for them is given: they are given when some are asked for."""
    values = floats(values, "values")
    out = {name: np.empty(len(values)) for name in (_ALWAYS + _PERMUTED if permutations else _ALWAYS)}
    out["quadrant"] = np.empty(len(values), np.uint8)
    counts = {"islands": np.zeros(1, np.int64), "missing": np.zeros(1, np.int64)}
    function({**out, **counts}, weights_of(weights), values, *more, permutations=permutations, **options)
    return Local(**out, **{name: int(count[0]) for name, count in counts.items()})  # type: ignore[arg-type]


def false_discovery(p: Any) -> np.ndarray:
    """p-values corrected for being many (Benjamini and Hochberg 1995): float64 of shape (tests,); NaN counts as no
    test.

    >>> false_discovery([0.01, 0.04, 0.5]).tolist()
    [0.03, 0.06, 0.5]
    """
    p = floats(p, "p")
    adjusted = np.empty(len(p))
    _riskmap.false_discovery(adjusted, p)
    return adjusted


def hotspot_bins(z: Any, p: Any) -> np.ndarray:
    """ArcGIS' Gi_Bin: int8 of shape (items,), from -3 (cold, p < 0.01) to 3 (hot); NO_BIN where z or p is missing.

    >>> hotspot_bins([3.1, -2.0, 0.5], [0.002, 0.045, 0.6]).tolist()
    [3, -2, 0]
    """
    z = floats(z, "z")
    bins = np.empty(len(z), np.int8)
    _riskmap.hotspot_bins(bins, z, floats(p, "p", len(z)))
    return bins


def lisa_classes(quadrant: Any, p: Any, level: float = 0.05) -> np.ndarray:
    """The classes of a LISA map: the quadrant where p <= level, else Lisa.NOT_SIGNIFICANT; uint8 of shape (items,).

    >>> lisa_classes([1, 2, 6], [0.01, 0.3, float("nan")]).tolist()
    [1, 0, 6]
    """
    quadrant = whole(quadrant, "quadrant", np.uint8)
    classes = np.empty(len(quadrant), np.uint8)
    _riskmap.lisa_classes(classes, quadrant, floats(p, "p", len(quadrant)), level)
    return classes
