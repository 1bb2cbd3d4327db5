"""Rates per exposure: shrunk, with exact intervals, against what was to be expected (include/riskmap/rates.h).

`events` happened on `exposure` (inhabitants, addresses, km2). Areas where either is missing, or the exposure is 0, get
NaN and count nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _riskmap
from .._convert import choice, floats
from .._progress import callable_of
from ._columns import Columns
from ._neighbours import weights_of

_METHODS = ("crude", "global", "global_binomial")
_TWO_SIDED = ("doubled", "likelihood")


def rates(events: Any, exposure: Any, *, method: str = "crude", min_exposure: float = 0.0) -> np.ndarray:
    """Events per exposure: float64 of shape (areas,).

    method: "crude"; "global": empirical Bayes, shrunk towards the rate of all areas, the more so the smaller the
    exposure (Marshall 1991); "global_binomial": the same for exposures that each have the event once at most. Areas
    below min_exposure get NaN.

    Raises ArgumentError, with `row`, for what is negative or infinite.

    >>> rates([3, 0, 40], [100, 50, 1000]).tolist()
    [0.03, 0.0, 0.04]
    """
    events = floats(events, "events")
    rate = np.empty(len(events))
    exposure = floats(exposure, "exposure", len(events))
    _riskmap.rates(rate, events, exposure, min_exposure, choice(method, "method", _METHODS))
    return rate


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LocalRates(Columns):
    """What `rates_local` gives; float64 of shape (areas,) each."""

    rate: np.ndarray
    mean: np.ndarray  #: the rate of the neighbourhood
    variance: np.ndarray  #: of the rates in it, beyond chance


def rates_local(events: Any, exposure: Any, weights: Any, *, progress: Any = None) -> LocalRates:
    """Local empirical Bayes: each rate shrunk towards that of its area and the areas' neighbours (Marshall 1991).

    weights: `riskmap.Weights`, a Graph or W of libpysal, or a sparse array of scipy; only who is a neighbour counts.
    progress: see `riskmap.run`.

    >>> from riskmap import Weights
    >>> weights = Weights.from_links(3, [0, 1, 1, 2], [1, 0, 2, 1])
    >>> rates_local([3, 0, 40], [100, 50, 1000], weights).mean.round(4).tolist()
    [0.02, 0.0374, 0.0381]
    """
    events = floats(events, "events")
    rate, mean, variance = (np.empty(len(events)) for _ in range(3))
    exposure = floats(exposure, "exposure", len(events))
    _riskmap.rates_local(rate, mean, variance, events, exposure, weights_of(weights), callable_of(progress))
    return LocalRates(rate, mean, variance)


def rate_deviates(events: Any, exposure: Any) -> np.ndarray:
    """Rates as deviates whose variance does not depend on the exposure (Assuncao and Reis 1999): float64 of shape
    (areas,). Their Moran's I is the EBI: `moran(rate_deviates(events, exposure), weights)`.

    >>> rate_deviates([3, 0, 40], [100, 50, 1000]).round(2).tolist()
    [-0.38, -1.37, 0.43]
    """
    events = floats(events, "events")
    z = np.empty(len(events))
    _riskmap.rate_deviates(z, events, floats(exposure, "exposure", len(events)))
    return z


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProbabilityMap(Columns):
    """What `probability_map` gives; float64 of shape (areas,) each."""

    expected: np.ndarray  #: at the rate of all areas together
    relative_risk: np.ndarray  #: events / expected
    at_most: np.ndarray  #: P(X <= events), X Poisson with mean `expected`
    at_least: np.ndarray  #: P(X >= events)


def probability_map(events: Any, exposure: Any, *, progress: Any = None) -> ProbabilityMap:
    """Which areas stand out from the rate of all of them (Choynowski 1959). Events must be whole numbers.
    progress: see `riskmap.run`.

    >>> probability_map([3, 0, 40], [100, 50, 1000]).expected.round(2).tolist()
    [3.74, 1.87, 37.39]
    """
    events = floats(events, "events")
    expected, relative_risk, at_most, at_least = (np.empty(len(events)) for _ in range(4))
    exposure = floats(exposure, "exposure", len(events))
    done = callable_of(progress)
    _riskmap.probability_map(expected, relative_risk, at_most, at_least, events, exposure, done)
    return ProbabilityMap(expected, relative_risk, at_most, at_least)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RateIntervals(Columns):
    """What `rate_intervals` gives; float64 of shape (areas,) each."""

    rate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def rate_intervals(
    events: Any, exposure: Any, *, confidence: float = 0.95, threads: int = 0, progress: Any = None
) -> RateIntervals:
    """Crude rates with their exact Poisson interval (Garwood 1936). Events must be whole numbers.

    >>> intervals = rate_intervals([3], [100])
    >>> intervals.lower.round(4).tolist(), intervals.upper.round(4).tolist()
    ([0.0062], [0.0877])
    """
    events = floats(events, "events")
    rate, lower, upper = (np.empty(len(events)) for _ in range(3))
    exposure = floats(exposure, "exposure", len(events))
    done = callable_of(progress)
    _riskmap.rate_intervals(
        rate, lower, upper, events, exposure, confidence=confidence, threads=threads, progress=done
    )
    return RateIntervals(rate, lower, upper)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RateChange(Columns):
    """What `rate_change` gives; float64 of shape (areas,) each."""

    expected: np.ndarray  #: events of the second period at the first one's rate
    ratio: np.ndarray  #: of the second rate to the first; inf after none
    lower: np.ndarray  #: of the interval of the ratio
    upper: np.ndarray
    greater: np.ndarray  #: p-value, one-sided: as many events or more
    less: np.ndarray  #: p-value, one-sided: as many or fewer
    two_sided: np.ndarray  #: p-value


def rate_change(
    c1: Any,
    e1: Any,
    c2: Any,
    e2: Any,
    *,
    two_sided: str = "doubled",
    confidence: float = 0.95,
    threads: int = 0,
    progress: Any = None,
) -> RateChange:
    """Change between two periods: c1 events on exposure e1 before, c2 on e2 after (shape (areas,), or one number for
    all areas); exact (Przyborowski and Wilenski 1940). Against a national trend the exposures are the national
    counts.

    two_sided: "doubled" (agrees with the interval) or "likelihood" (R's poisson.test). Many areas are many tests: see
    `false_discovery`. Counts must be whole numbers.

    >>> change = rate_change([67], 13466, [75], 10241)
    >>> change.ratio.round(3).tolist(), change.two_sided.round(4).tolist()
    ([1.472], [0.0265])
    """
    c1 = floats(c1, "c1")
    c2 = floats(c2, "c2", len(c1))
    names = RateChange.__dataclass_fields__
    change = {name: np.empty(len(c1)) for name in names}
    _riskmap.rate_change(
        change,
        c1,
        _spread(e1, "e1", len(c1)),
        c2,
        _spread(e2, "e2", len(c1)),
        two_sided=choice(two_sided, "two_sided", _TWO_SIDED),
        confidence=confidence,
        threads=threads,
        progress=callable_of(progress),
    )
    return RateChange(**change)


def _spread(values: Any, name: str, count: int) -> np.ndarray:
    """One number for all, or one each."""
    return floats([values] * count if np.ndim(values) == 0 else values, name, count)
