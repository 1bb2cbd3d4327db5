"""Spatial weights: which areas or points are neighbours. The full account: riskmap/weights.h."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _riskmap
from ._convert import choice, floats, view_of, whole
from ._held import Held
from ._points import points_of
from ._progress import callable_of
from ._riskmap import ArgumentError
from .layer import as_layer

if TYPE_CHECKING:
    import libpysal
    import pandas

LINK_WEIGHTS = ("one", "inverse_distance")


class Weights(Held):
    """Who is whose neighbour, and how much each link weighs. Items are numbered from 0, in the order of the features.

    No item is its own neighbour, and nothing is row-standardised: the methods that want that do so themselves. Made by
    `queen`, `rook`, `band`, `nearest`, `from_links`, `from_rows` or `from_libpysal`. Read-only, so any number of
    threads may use them.

    >>> weights = Weights.from_links(3, [0, 1], [1, 0])
    >>> len(weights), weights.links, weights.islands.tolist()
    (3, 2, [2])
    """

    _handle: Any

    def __init__(self) -> None:
        raise ArgumentError(
            "weights are made by Weights.queen, rook, band, nearest, from_links, from_rows or from_libpysal"
        )

    @classmethod
    def _of(cls, handle: Any) -> Weights:
        weights = cls.__new__(cls)
        weights._handle = handle
        return weights

    # ---- made ----

    @classmethod
    def queen(cls, areas: Any, *, tolerance_m: float = 0.001, threads: int = 0, progress: Any = None) -> Weights:
        """Areas (anything `riskmap.as_layer` takes) that touch or overlap, be it in one point, within the tolerance.

        >>> import riskmap
        >>> Weights.queen(riskmap.read("examples/data/vakantieparken.geojson", target_crs=28992)).is_symmetric
        True
        """
        return cls._contiguity(areas, 0, tolerance_m, threads, progress)

    @classmethod
    def rook(cls, areas: Any, *, tolerance_m: float = 0.001, threads: int = 0, progress: Any = None) -> Weights:
        """Areas whose boundaries run along each other.

        >>> import riskmap
        >>> len(Weights.rook(riskmap.read("examples/data/vakantieparken.geojson", target_crs=28992)))
        16
        """
        return cls._contiguity(areas, 1, tolerance_m, threads, progress)

    @classmethod
    def _contiguity(cls, areas: Any, kind: int, tolerance_m: float, threads: int, progress: Any) -> Weights:
        layer = as_layer(areas, "areas")
        done = callable_of(progress)
        return cls._of(
            _riskmap.weights_contiguity(
                layer._handle, kind=kind, tolerance_m=tolerance_m, threads=threads, progress=done
            )
        )

    @classmethod
    def band(
        cls,
        points: Any,
        metres: float,
        *,
        crs: Any = None,
        weight: str = "one",
        least_m: float = 0.0,
        most_links: int = 0,
        threads: int = 0,
        progress: Any = None,
    ) -> Weights:
        """Points at most `metres` apart. points: (x, y) as arrays, a table with columns x and y, or a layer, whose
        features count by a point on their surface. crs: of points that state none. weight: "one" or "inverse_distance"
        (1 / metres; shorter ones count as `least_m`).

        Raises LimitError when there are more than `most_links` links (0: as fit in half of the memory).

        >>> Weights.band(([0, 3, 10], [0, 4, 0]), 5).of(0)[0].tolist()
        [1]
        """
        x, y, _ = points_of(points, "points", crs)
        options = _neighbour_options(weight, least_m, most_links, threads, progress)
        return cls._of(_riskmap.weights_band(x, y, float(metres), **options))

    @classmethod
    def nearest(
        cls,
        points: Any,
        k: int,
        *,
        crs: Any = None,
        weight: str = "one",
        least_m: float = 0.0,
        most_links: int = 0,
        threads: int = 0,
        progress: Any = None,
    ) -> Weights:
        """The k nearest of each point; of equal distances the lowest numbers. Not symmetric. Options as of `band`.

        >>> Weights.nearest(([0, 3, 10], [0, 4, 0]), 1).of(2)[0].tolist()
        [1]
        """
        x, y, _ = points_of(points, "points", crs)
        options = _neighbour_options(weight, least_m, most_links, threads, progress)
        return cls._of(_riskmap.weights_nearest(x, y, k, **options))

    @classmethod
    def from_links(cls, count: int, from_: Any, to: Any, weight: Any = None, *, progress: Any = None) -> Weights:
        """Weights from elsewhere: item from_[l] of `count` has to[l] as a neighbour that weighs weight[l] (None: 1).
        progress: see `riskmap.run`.

        Raises ArgumentError with the row of a link that cannot be.

        >>> Weights.from_links(2, [0], [1], [0.5]).of(0)[1].tolist()
        [0.5]
        """
        from_ = whole(from_, "from_", np.int32)
        to = whole(to, "to", np.int32, len(from_))
        weight = None if weight is None else floats(weight, "weight", len(from_))
        return cls._of(_riskmap.weights_from_links(count, from_, to, weight, callable_of(progress)))

    @classmethod
    def from_rows(cls, starts: Any, to: Any, weight: Any = None, *, progress: Any = None) -> Weights:
        """Weights from compressed sparse rows, such as indptr, indices and data of a scipy.sparse.csr_array: the
        neighbours of item i are to[starts[i]:starts[i + 1]].

        >>> Weights.from_rows([0, 1, 2], [1, 0]).links
        2
        """
        starts = whole(starts, "starts")
        to = whole(to, "to", np.int32)
        if len(starts) == 0 or starts[0] != 0 or starts[-1] != len(to) or (np.diff(starts) < 0).any():
            raise ArgumentError("starts: must begin with 0, ascend, and end with the number of links")
        from_ = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
        return cls.from_links(len(starts) - 1, from_, to, weight, progress=progress)

    @classmethod
    def from_libpysal(cls, w: Any) -> Weights:
        """Of a libpysal graph.Graph (its `adjacency`) or weights.W, in the order of its ids; links of an item to itself
        are left out.

        >>> class Graph:  # what riskmap looks at of one
        ...     unique_ids, adjacency = [0, 1], Weights.from_links(2, [0], [1]).to_adjacency()
        >>> Weights.from_libpysal(Graph()).links
        1
        """
        if hasattr(w, "unique_ids") and hasattr(w, "adjacency"):
            ids = list(w.unique_ids)
            focal, neighbour = (w.adjacency.index.get_level_values(level) for level in (0, 1))
            weight = w.adjacency.to_numpy(np.float64)
        elif hasattr(w, "id_order") and hasattr(w, "neighbors"):
            ids = list(w.id_order)
            focal = [item for item in ids for _ in w.neighbors[item]]
            neighbour = [other for item in ids for other in w.neighbors[item]]
            weight = np.array([value for item in ids for value in w.weights[item]], np.float64)
        else:
            raise ArgumentError(f"a Graph or W of libpysal is needed, not {type(w).__name__}")
        number = {item: place for place, item in enumerate(ids)}
        from_ = np.fromiter((number[item] for item in focal), np.int32, len(weight))
        to = np.fromiter((number[item] for item in neighbour), np.int32, len(weight))
        others = from_ != to
        return cls.from_links(len(ids), from_[others], to[others], weight[others])

    # ---- looking ----

    def __len__(self) -> int:
        """How many items."""
        return int(_riskmap.weights_count(self._handle))

    @property
    def links(self) -> int:
        """Links, each direction for itself: a pair of neighbours is two.

        >>> Weights.from_links(2, [0, 1], [1, 0]).links
        2
        """
        return int(_riskmap.weights_links(self._handle))

    def of(self, item: int) -> tuple[np.ndarray, np.ndarray]:
        """The neighbours of an item (int32, ascending) and their weights (float64): views, which keep what they show.

        Raises IndexError.

        >>> Weights.from_links(3, [0, 0], [2, 1]).of(0)[0].tolist()
        [1, 2]
        """
        if not 0 <= item < len(self):
            raise IndexError(f"there is no item {item}; there are {len(self)}, numbered from 0")
        neighbours, weight = _riskmap.weights_of(self._handle, item)
        to = view_of(neighbours, np.int32)
        return to, np.ones(len(to)) if weight is None else view_of(weight, np.float64)

    @property
    def islands(self) -> np.ndarray:
        """The items without neighbours, ascending: int32.

        >>> Weights.from_links(3, [0], [1]).islands.tolist()
        [1, 2]
        """
        items = np.empty(_riskmap.weights_islands(self._handle, None), np.int32)
        _riskmap.weights_islands(self._handle, items)
        return items

    @property
    def is_symmetric(self) -> bool:
        """Whether every link has one back that weighs as much.

        >>> Weights.from_links(2, [0], [1]).is_symmetric
        False
        """
        return bool(_riskmap.weights_is_symmetric(self._handle, None))

    @property
    def components(self) -> np.ndarray:
        """The connected component of each item, links taken either way, numbered by their lowest items: int32.

        >>> Weights.from_links(3, [0], [2]).components.tolist()
        [0, 1, 0]
        """
        component = np.empty(len(self), np.int32)
        _riskmap.weights_components(component, self._handle)
        return component

    # ---- out ----

    def to_rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Compressed sparse rows: starts (int64 [items + 1]), neighbours (int32) and weights (float64). As a matrix:
        ``scipy.sparse.csr_array((weight, to, starts), shape=(n, n))``.

        >>> [part.tolist() for part in Weights.from_links(2, [0, 1], [1, 0]).to_rows()]
        [[0, 1, 2], [1, 0], [1.0, 1.0]]
        """
        starts, to, weight = np.empty(len(self) + 1, np.int64), np.empty(self.links, np.int32), np.empty(self.links)
        _riskmap.weights_rows(starts, to, weight, self._handle)
        return starts, to, weight

    def to_libpysal(self, ids: Any = None) -> libpysal.graph.Graph:
        """A Graph of libpysal, for esda, spreg and the like; its ``to_W()`` makes the older W. Weights stay as is:
        ``transform("r")`` row-standardises. ids: names of the items, as `to_adjacency`. Needs libpysal 4.9 or newer.

        >>> Weights.queen(areas).to_libpysal(frame["buurtcode"])  # doctest: +SKIP
        """
        try:
            from libpysal.graph import Graph
        except ImportError as problem:
            raise ImportError("to_libpysal() needs libpysal 4.9 or newer: pip install libpysal") from problem
        return Graph(self.to_adjacency(ids))

    def to_adjacency(self, ids: Any = None) -> pandas.Series:
        """As libpysal's graph.Graph has it: weights by focal and neighbor, islands with themselves and 0; needs pandas.
        ids: names of the items, one each and all different; None: their numbers.

        >>> Weights.from_links(2, [0], [1]).to_adjacency(["a", "b"]).to_dict()
        {('a', 'b'): 1.0, ('b', 'b'): 0.0}
        """
        import pandas

        names = None if ids is None else pandas.Index(ids)
        if names is not None and (len(names) != len(self) or not names.is_unique or names.hasnans):
            raise ArgumentError(f"ids: {len(self)} are needed, one for each item, all different and none missing")

        starts, to, weight = self.to_rows()
        islands = self.islands
        focal = np.repeat(np.arange(len(self)), np.diff(starts))
        place = np.searchsorted(focal, islands)
        index = [np.insert(focal, place, islands), np.insert(to.astype(np.int64), place, islands)]
        if names is not None:
            index = [names[side] for side in index]
        return pandas.Series(
            np.insert(weight, place, 0.0),
            index=pandas.MultiIndex.from_arrays(index, names=["focal", "neighbor"]),
            name="weight",
        )

    # ---- ending and showing ----

    def close(self) -> None:
        """Lets go of the memory, as soon as no view or running call needs it any more."""
        self._handle = None

    def __enter__(self) -> Weights:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "<riskmap.Weights, closed>"
        return f"<riskmap.Weights: {len(self)} items, {self.links} links, {len(self.islands)} islands>"


def _neighbour_options(weight: str, least_m: float, most_links: int, threads: int, progress: Any) -> dict[str, Any]:
    return {
        "weight": choice(weight, "weight", LINK_WEIGHTS),
        "least_m": float(least_m),
        "most_links": most_links,
        "threads": threads,
        "progress": callable_of(progress),
    }
