"""Clusters by Kulldorff's scan statistic: in space, and in space and time (include/riskmap/scan.h)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _riskmap
from .._convert import choice, floats, whole
from .._held import Held
from .._progress import callable_of
from .._riskmap import ArgumentError

if TYPE_CHECKING:
    import pandas

_RATES = ("high", "low", "both")  # 1 to 3 in C
_SECONDARY = ("periods", "one_each", "apart")


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """A cluster, or the best zone of a centre."""

    centre: int  #: the area in whose centre the circle stands
    areas: np.ndarray  #: int32, those inside, nearest first; a view that keeps the scan
    t_start: int  #: first and last step, from 0; 0 and 0 for a scan in space
    t_end: int
    low: bool  #: fewer cases than expected
    zones: int  #: circles that were looked at round this centre
    cases: int
    radius: float  #: metres from the centre to the farthest area
    population: float  #: of the circle; summed over the steps when it was given by step
    expected: float
    observed_expected: float  #: cases / expected
    relative_risk: float  #: inside against outside; inf when all cases lie inside
    llr: float
    p: float  #: NaN without replicates


class Scan(Held):
    """What a scan found: `clusters` without overlap, the most likely first. Nothing can change it: any number of
    threads may use it. `scan_space` and `scan_space_time` make it.

    `cases`, `population`, `zones` (circles), `areas`, `steps`, `longest` (steps of the longest cylinder), `replicates`
    (that were done), `replicates_asked` and `stopped` (early) tell about the scan as a whole.

    >>> scan = scan_space([0, 1, 9, 10], [0, 0, 0, 0], [50, 50, 50, 50], [9, 8, 1, 2], replicates=99)
    >>> scan.clusters[0].areas.tolist(), scan.clusters[0].relative_risk, scan.cases
    ([0, 1], 5.666666666666667, 20)
    """

    cases: int
    population: float
    zones: int
    areas: int
    steps: int
    longest: int
    replicates: int
    replicates_asked: int
    stopped: bool
    clusters: tuple[Cluster, ...]

    def __init__(self, handle: Any):
        self._handle = handle
        about = _riskmap.scan_about(handle)
        del about["clusters"]  # their number
        self.__dict__.update(about)
        self.clusters = tuple(
            _cluster(_riskmap.scan_cluster_at(handle, index), _riskmap.scan_cluster_members(handle, index))
            for index in range(_riskmap.scan_cluster_count(handle))
        )

    def centre(self, area: int) -> Cluster:
        """The best zone round the centre of an area, also where it is part of no cluster; llr is 0 where there is none.

        >>> scan = scan_space([0, 1, 9, 10], [0, 0, 0, 0], [50, 50, 50, 50], [9, 8, 1, 2], replicates=0)
        >>> scan.centre(1).areas.tolist()
        [1, 0]
        """
        return _cluster(_riskmap.scan_centre_at(self._handle, area), _riskmap.scan_centre_members(self._handle, area))

    @property
    def maxima(self) -> np.ndarray:
        """The largest LLR of each replicate: float64 of shape (replicates,), a view.

        >>> len(scan_space([0, 1, 9], [0, 0, 0], [50, 50, 50], [9, 1, 2], replicates=99).maxima)
        99
        """
        maxima: np.ndarray = np.frombuffer(_riskmap.scan_maxima(self._handle), np.float64)
        return maxima

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each cluster, its areas as a list in one column; needs pandas.

        >>> scan = scan_space([0, 1, 9, 10], [0, 0, 0, 0], [50, 50, 50, 50], [9, 8, 1, 2], replicates=0)
        >>> scan.to_pandas()[["centre", "cases", "expected"]].values.tolist()
        [[0.0, 17.0, 10.0]]
        """
        import pandas

        names = [field.name for field in fields(Cluster)]
        rows = [[getattr(cluster, name) for name in names] for cluster in self.clusters]
        frame = pandas.DataFrame(rows, columns=names)
        frame["areas"] = [cluster.areas.tolist() for cluster in self.clusters]
        return frame

    def __repr__(self) -> str:
        steps = f" in {self.steps} steps" if self.steps > 1 else ""
        lines = [
            f"<riskmap.stats.Scan: {self.cases} cases in {self.areas} areas{steps}; {len(self.clusters)} clusters,"
            f" {self.replicates} replicates>"
        ]
        for cluster in self.clusters[:5]:
            when = f", steps {cluster.t_start} to {cluster.t_end}" if self.steps > 1 else ""
            areas = f"{len(cluster.areas)} area{'' if len(cluster.areas) == 1 else 's'}"
            lines.append(
                f"  {areas} round {cluster.centre}{when}: {cluster.cases} cases,"
                f" {cluster.expected:.4g} expected, p = {cluster.p:.4g}"
            )
        return "\n".join(lines)


def _cluster(found: dict[str, Any], members: Any) -> Cluster:
    del found["area_count"]
    return Cluster(areas=np.frombuffer(members, np.int32), **found)


def scan_space(
    x: Any,
    y: Any,
    population: Any,
    cases: Any,
    *,
    rates: str = "high",
    max_population_share: float = 0.5,
    max_radius: float = 0.0,
    min_cases: int = 2,
    ties_together: bool = False,
    replicates: int = 999,
    stop_after: int = 0,
    seed: int = 1,
    threads: int = 0,
    progress: Any = None,
) -> Scan:
    """Where lie more cases than the population explains? Kulldorff's spatial scan, Poisson model, as SaTScan.

    x, y: the areas' centres in metres; population: people at risk, or expected cases on any scale; cases: whole
    numbers; each of shape (areas,). Circles hold at most max_population_share of the population and reach max_radius
    (0: no such bound). rates: "high", "low" or "both". replicates: 0 for no p-values; stop_after: leave the rest out
    when so many have reached the most likely cluster (0: never). ties_together: areas at one distance enter a circle
    together.

    Raises ArgumentError, with `row`, for what cannot be scanned; Cancelled when progress returns true.

    >>> scan = scan_space([0, 1, 9, 10], [0, 0, 0, 0], [50, 50, 50, 50], [9, 8, 1, 2])
    >>> round(scan.clusters[0].llr, 3), scan.clusters[0].p < 0.05
    (5.409, True)
    """
    x = floats(x, "x")
    return Scan(
        _riskmap.scan_space(
            x,
            floats(y, "y", len(x)),
            floats(population, "population", len(x)),
            whole(cases, "cases", np.int32, len(x)),
            rates=1 + choice(rates, "rates", _RATES),
            max_population_share=max_population_share,
            max_radius=max_radius,
            min_cases=min_cases,
            ties_together=ties_together,
            replicates=replicates,
            stop_after=stop_after,
            seed=seed,
            threads=threads,
            progress=callable_of(progress),
        )
    )


def scan_space_time(
    x: Any,
    y: Any,
    population: Any,
    cases: Any,
    *,
    rates: str = "high",
    max_population_share: float = 0.5,
    max_radius: float = 0.0,
    max_time_share: float = 0.5,
    min_cases: int = 2,
    prospective: bool = False,
    purely_spatial: bool = False,
    ties_together: bool = False,
    secondary: str = "periods",
    replicates: int = 999,
    stop_after: int = 0,
    seed: int = 1,
    threads: int = 0,
    progress: Any = None,
) -> Scan:
    """Where and when lie more cases than the population explains? Cylinders on the circles of `scan_space`, of one
    step to max_time_share of them.

    cases: of shape (areas, steps). population: of shape (areas,), the same in every step, or (areas, steps).
    prospective: only clusters that reach the last step. purely_spatial: also those over the whole period. secondary:
    which cylinders follow the most likely one, "periods" (SaTScan 10), "one_each" or "apart". Others, and errors, as
    `scan_space`; rows of errors count area * steps + step.

    >>> cases = [[1, 0, 9, 8], [0, 1, 1, 0], [1, 0, 0, 1]]
    >>> cluster = scan_space_time([0, 5, 9], [0, 0, 0], [50, 50, 50], cases, replicates=99).clusters[0]
    >>> cluster.areas.tolist(), cluster.t_start, cluster.t_end
    ([0], 2, 3)
    """
    x = floats(x, "x")
    table = _table(cases, "cases", len(x))
    at_risk, by_step = _at_risk(population, table.shape)
    return Scan(
        _riskmap.scan_space_time(
            x,
            floats(y, "y", len(x)),
            at_risk,
            by_step,
            whole(table.ravel(), "cases", np.int32),
            table.shape[1],
            rates=1 + choice(rates, "rates", _RATES),
            max_population_share=max_population_share,
            max_radius=max_radius,
            max_time_share=max_time_share,
            min_cases=min_cases,
            prospective=prospective,
            purely_spatial=purely_spatial,
            ties_together=ties_together,
            secondary=choice(secondary, "secondary", _SECONDARY),
            replicates=replicates,
            stop_after=stop_after,
            seed=seed,
            threads=threads,
            progress=callable_of(progress),
        )
    )


def scan_space_time_rows(
    x: Any,
    y: Any,
    population: Any,
    area: Any,
    step: Any,
    count: Any = None,
    *,
    steps: int,
    rates: str = "high",
    max_population_share: float = 0.5,
    max_radius: float = 0.0,
    max_time_share: float = 0.5,
    min_cases: int = 2,
    prospective: bool = False,
    purely_spatial: bool = False,
    ties_together: bool = False,
    secondary: str = "periods",
    replicates: int = 999,
    stop_after: int = 0,
    seed: int = 1,
    threads: int = 0,
    progress: Any = None,
) -> Scan:
    """`scan_space_time` from rows: `area` (0 to areas - 1), `step` (0 to steps - 1) and `count` of cases, each of shape
    (rows,); without `count` each row is one case. Rows for one area and step add up.

    >>> places = [0, 5, 9], [0, 0, 0], [50, 50, 50]
    >>> scan = scan_space_time_rows(*places, area=[0, 0, 1, 0], step=[2, 2, 0, 3], steps=4, replicates=0)
    >>> scan.cases, scan.clusters[0].cases
    (4, 3)
    """
    x = floats(x, "x")
    at_risk, by_step = _at_risk(population, (len(x), steps))
    area = whole(area, "area", np.int32)
    return Scan(
        _riskmap.scan_space_time_rows(
            x,
            floats(y, "y", len(x)),
            at_risk,
            by_step,
            area,
            whole(step, "step", np.int32, len(area)),
            None if count is None else whole(count, "count", np.int32, len(area)),
            steps,
            rates=1 + choice(rates, "rates", _RATES),
            max_population_share=max_population_share,
            max_radius=max_radius,
            max_time_share=max_time_share,
            min_cases=min_cases,
            prospective=prospective,
            purely_spatial=purely_spatial,
            ties_together=ties_together,
            secondary=choice(secondary, "secondary", _SECONDARY),
            replicates=replicates,
            stop_after=stop_after,
            seed=seed,
            threads=threads,
            progress=callable_of(progress),
        )
    )


def _table(values: Any, name: str, areas: int) -> np.ndarray:
    table = np.asarray(values)
    if table.ndim != 2 or table.shape[0] != areas:
        raise ArgumentError(f"{name}: the shape (areas, steps) with {areas} areas is needed, not {table.shape}")
    return table


def _at_risk(population: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, bool]:
    """The population as C has it, and whether it is given by step."""
    if np.ndim(population) != 2:
        return floats(population, "population", shape[0]), False
    table = _table(population, "population", shape[0])
    return floats(table.ravel(), "population", shape[0] * shape[1]), True
