"""From raw values to one score (include/riskmap/stats.h)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _riskmap
from .._convert import choice, floats
from .._progress import callable_of
from .._riskmap import ArgumentError

_METHODS = ("minmax", "zscore", "rank", "percentile", "fixed")


def scale(
    values: Any,
    method: str = "minmax",
    *,
    direction: int = 1,
    lower: float | None = None,
    upper: float | None = None,
    progress: Any = None,
) -> np.ndarray:
    """Values on one scale: float64 of shape (values,), NaN where missing, and everywhere when all values are the same.

    method: "minmax" (0 to 1), "zscore", "rank" (from 1 up, ties the lowest), "percentile" (0 to 1, ties averaged) or
    "fixed" (0 at `lower`, 1 at `upper`, kept within). direction: 1, or -1 where less is more.
    progress: see `riskmap.run`.

    Raises ArgumentError, with `row` where a value is infinite.

    >>> scale([10, 30, 20]).tolist()
    [0.0, 1.0, 0.5]
    """
    values = floats(values, "values")
    number = choice(method, "method", _METHODS)
    if method == "fixed" and (lower is None or upper is None):
        raise ArgumentError('method "fixed" needs lower and upper')
    scaled = np.empty(len(values))
    done = callable_of(progress)
    _riskmap.scale_values(scaled, values, number, direction, lower or 0.0, upper or 0.0, done)
    return scaled


def combine(
    scaled: Any, weights: Any = None, *, geometric: bool = False, min_coverage: float = 0.6, floor: float = 0.01
) -> np.ndarray:
    """The weighted mean of indicators on one scale: float64 of shape (areas,).

    scaled: a list of arrays, one for each indicator, or a DataFrame with a column for each. weights: one for each
    indicator; all equal unless given. What is missing is left out of the mean; areas of which less than min_coverage of
    the weight is there get NaN. geometric: the geometric mean, of values raised to `floor` at least. The defaults are
    those of models.

    >>> combine([[0.0, 1.0], [0.5, 0.5]], weights=[1, 3]).tolist()
    [0.375, 0.625]
    """
    columns = [scaled[name] for name in scaled.columns] if hasattr(scaled, "columns") else list(scaled)
    arrays = [floats(column, f"scaled[{index}]") for index, column in enumerate(columns)]
    if not arrays:
        raise ArgumentError("scaled: at least one indicator is needed")
    weight = np.ones(len(arrays)) if weights is None else floats(weights, "weights", len(arrays))
    score = np.empty(len(arrays[0]))
    _riskmap.combine(score, arrays, weight, geometric, min_coverage, floor)
    return score


def ranks(score: Any) -> np.ndarray:
    """1 for the highest, ties the lowest number, 0 where missing: int32 of shape (areas,).

    >>> ranks([0.2, 0.9, None, 0.9]).tolist()
    [3, 1, 0, 1]
    """
    score = floats(score, "score")
    rank = np.empty(len(score), np.int32)
    _riskmap.ranks(rank, score)
    return rank
