"""How good is a map: what it said before, against what happened after (include/riskmap/backtest.h).

Arrays have one entry for each cell: `predictions`, the `events` that then happened, those that had happened `before`
(for the plain count, the rival that a map must beat), and how large the cells are (`area`, in any unit; all equal
unless given). A missing prediction comes after all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from .. import _riskmap
from .._convert import choice, floats
from .._progress import callable_of

if TYPE_CHECKING:
    import pandas

_PREDICTIONS = ("amount", "score")
_TIES = ("averaged", "worst")


def _record(whole: str, names: str) -> np.dtype[Any]:
    return np.dtype([(name, np.int64 if name == whole else np.float64) for name in names.split()])


#: of `backtest_curve`, the same as rm_backtest_step
STEP = _record(
    "cell",
    "cell events cum_events hit_rate prediction cum_prediction area cum_area area_share"
    " pai pei rri_predicted rri_before",
)
#: of `backtest_shares`, the same as rm_backtest_share
SHARE = _record(
    "cells", "share cells area_share hit_rate pai pei rri_predicted rri_before hit_rate_at pai_at pei_at"
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Backtest:
    """A map beside the plain count of what happened before; structured arrays of one dtype (`STEP` or `SHARE`)."""

    map: np.ndarray
    plain: np.ndarray | None  #: None where `before` was not given

    def to_pandas(self) -> pandas.DataFrame:
        """A column for each figure of the map, and for those of the plain count with "plain_" before their names; needs
        pandas."""
        import pandas

        columns = {name: self.map[name] for name in self.map.dtype.names or ()}
        if self.plain is not None:
            columns |= {f"plain_{name}": self.plain[name] for name in self.plain.dtype.names or ()}
        return pandas.DataFrame(columns)

    def __repr__(self) -> str:
        beside = "" if self.plain is None else ", beside the plain count"
        return f"<riskmap.stats.Backtest: {len(self.map)} rows of {', '.join(self.map.dtype.names or ())}{beside}>"


def backtest_curve(
    predictions: Any,
    events: Any,
    before: Any = None,
    area: Any = None,
    *,
    prediction: str = "amount",
    ties: str = "averaged",
    progress: Any = None,
) -> Backtest:
    """What the first cells hold, taken one by one from the highest prediction down: hit rate, PAI, PEI and the
    recapture rate index, with dtype `STEP` and of shape (cells,).

    prediction: "amount" (events to be expected in the cell; cells are taken by prediction / area) or "score" (a density
    or probability; in its own order). ties: cells of equal prediction "averaged", or the "worst" first. progress: see
    `riskmap.run`.

    Raises DataError without any events; ArgumentError, with `row`, for what is missing, negative or infinite.

    >>> curve = backtest_curve([0.9, 0.1, 0.5, 0.2], [6, 0, 3, 1])
    >>> curve.map["hit_rate"].tolist(), curve.map["pai"].round(2).tolist()
    ([0.6, 0.9, 1.0, 1.0], [2.4, 1.8, 1.33, 1.0])
    """
    cells = _cells(predictions, events, before, area)
    out = _rows(len(cells.events), STEP, cells)
    _riskmap.backtest_curve(
        _bytes(out.map),
        _bytes(out.plain),
        cells.predictions,
        cells.events,
        cells.before,
        cells.area,
        prediction=choice(prediction, "prediction", _PREDICTIONS),
        ties=choice(ties, "ties", _TIES),
        progress=callable_of(progress),
    )
    return out


def backtest_shares(
    share: Any,
    predictions: Any,
    events: Any,
    before: Any = None,
    area: Any = None,
    *,
    prediction: str = "amount",
    ties: str = "averaged",
    progress: Any = None,
) -> Backtest:
    """What each share of the area (shape (shares,), above 0 to 1) holds, with dtype `SHARE`. Other arguments and
    errors as `backtest_curve`.

    >>> found = backtest_shares([0.25, 0.5], [0.9, 0.1, 0.5, 0.2], [6, 0, 3, 1], before=[4, 1, 3, 1])
    >>> found.map["hit_rate"].tolist(), found.plain["pei"].tolist()
    ([0.6, 0.9], [1.0, 1.0])
    """
    share = floats(share, "share")
    cells = _cells(predictions, events, before, area)
    out = _rows(len(share), SHARE, cells)
    _riskmap.backtest_shares(
        _bytes(out.map),
        _bytes(out.plain),
        share,
        cells.predictions,
        cells.events,
        cells.before,
        cells.area,
        prediction=choice(prediction, "prediction", _PREDICTIONS),
        ties=choice(ties, "ties", _TIES),
        progress=callable_of(progress),
    )
    return out


@dataclass(frozen=True, slots=True)
class Scores:
    """A map in one number, whatever the share of the area. `plain`: those of the plain count of what happened before,
    where that was given."""

    auc_cells: float  #: a cell with events ahead of one without
    average_precision: float
    auc_events: float  #: the place of an event ahead of a random place
    auc_events_best: float  #: the most it can be
    brier: float  #: 0 is perfect
    plain: Scores | None = None


def backtest_score(
    predictions: Any,
    events: Any,
    before: Any = None,
    area: Any = None,
    *,
    prediction: str = "amount",
    threshold: float = 0.0,
    expected: float = 0.0,
    progress: Any = None,
) -> Scores:
    """A map in one number. threshold: a cell with more events than this is one to find. expected: how many events
    were to be expected in all, for `brier`; the sum of `before` unless given. Other arguments and errors as
    `backtest_curve`.

    >>> scores = backtest_score([0.9, 0.1, 0.5, 0.2], [6, 0, 3, 1])
    >>> scores.auc_cells, scores.auc_events, scores.auc_events_best
    (1.0, 0.75, 0.75)
    """
    cells = _cells(predictions, events, before, area)
    found, plain = _riskmap.backtest_score(
        cells.predictions,
        cells.events,
        cells.before,
        cells.area,
        prediction=choice(prediction, "prediction", _PREDICTIONS),
        threshold=threshold,
        expected=expected,
        progress=callable_of(progress),
    )
    return Scores(**found, plain=Scores(**plain, plain=None) if plain else None)


def brier_score(probability: Any, events: Any) -> float:
    """The Brier score of probabilities (0 to 1) that a cell has any event: the mean of (probability - any)^2; 0 is
    perfect. Cells where either is missing are left out; NaN when none is left.

    >>> brier_score([1.0, 0.5], [3, 0])
    0.125
    """
    probability = floats(probability, "probability")
    return _riskmap.brier_score(probability, floats(events, "events", len(probability)))


class _Cells(NamedTuple):
    predictions: np.ndarray
    events: np.ndarray
    before: np.ndarray | None
    area: np.ndarray | None


def _cells(predictions: Any, events: Any, before: Any, area: Any) -> _Cells:
    predictions = floats(predictions, "predictions")
    count = len(predictions)
    return _Cells(
        predictions,
        floats(events, "events", count),
        None if before is None else floats(before, "before", count),
        None if area is None else floats(area, "area", count),
    )


def _rows(count: int, dtype: np.dtype[Any], cells: _Cells) -> Backtest:
    return Backtest(np.empty(count, dtype), None if cells.before is None else np.empty(count, dtype))


@overload
def _bytes(rows: np.ndarray) -> np.ndarray: ...
@overload
def _bytes(rows: None) -> None: ...
def _bytes(rows: np.ndarray | None) -> np.ndarray | None:
    """Structs of C as it takes them."""
    return None if rows is None else rows.view(np.uint8)
