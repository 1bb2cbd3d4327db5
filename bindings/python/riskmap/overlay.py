"""Laying evidence over areas: counting, covering, measuring distances. The full account: riskmap/overlay.h."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _riskmap
from ._progress import callable_of
from ._riskmap import CrsError
from .layer import Layer, as_layer


def count_in_areas(areas: Any, evidence: Any, *, threads: int = 0, progress: Any = None) -> np.ndarray:
    """How many features of `evidence` lie in each area: int64 [areas].

    Lines and polygons count by a point on their surface, points on a shared border in both areas; areas that are no
    polygons get 0. `areas` and `evidence` are anything `riskmap.as_layer` takes, in the same CRS.

    Raises CrsError (they differ, or only one says), Cancelled.

    >>> import riskmap
    >>> parks = riskmap.read("examples/data/vakantieparken.geojson", target_crs=28992)
    >>> int(count_in_areas(parks, riskmap.read("examples/data/meldingen.csv", crs=28992)).sum())
    262
    """
    first, second = _pair(areas, evidence)
    counts = np.zeros(len(first), np.int64)
    _riskmap.count_in_areas(counts, first._handle, second._handle, threads=threads, progress=callable_of(progress))
    return counts


def cover_of_areas(
    areas: Any, evidence: Any, *, sum_overlaps: bool = False, threads: int = 0, progress: Any = None
) -> np.ndarray:
    """What polygons of `evidence` cover of each area, in square units of the CRS (m²): float64 [areas].

    Where they overlap themselves the ground counts once; with `sum_overlaps` as often as it is covered. The rest as
    `count_in_areas`; CrsError too where coordinates are not in metres. Those of EPSG:3857 pass for metres and are not:
    in the Netherlands a metre has 1.6 of them.

    >>> import riskmap
    >>> parks = riskmap.read("examples/data/vakantieparken.geojson", target_crs=28992)
    >>> bool((cover_of_areas(parks, parks) > 0).all())
    True
    """
    first, second = _measured(areas, evidence)
    m2 = np.zeros(len(first))
    _riskmap.cover_of_areas(
        m2, first._handle, second._handle, int(sum_overlaps), threads=threads, progress=callable_of(progress)
    )
    return m2


def nearest_to_areas(areas: Any, evidence: Any, *, threads: int = 0, progress: Any = None) -> np.ndarray:
    """Distance from each area (or line, or point) to the nearest feature of `evidence`, in metres: float64 [areas].

    0 when they touch or one holds the other, NaN without geometry or without evidence. The rest as `cover_of_areas`.

    >>> import riskmap
    >>> parks = riskmap.read("examples/data/vakantieparken.geojson", target_crs=28992)
    >>> float(nearest_to_areas(parks, parks).max())
    0.0
    """
    first, second = _measured(areas, evidence)
    metres = np.full(len(first), np.nan)
    _riskmap.nearest_to_areas(metres, first._handle, second._handle, threads=threads, progress=callable_of(progress))
    return metres


def _pair(areas: Any, evidence: Any) -> tuple[Layer, Layer]:
    first, second = as_layer(areas, "areas"), as_layer(evidence, "evidence")
    if (first.crs is None) != (second.crs is None):
        which, other = ("areas", second) if first.crs is None else ("evidence", first)
        raise CrsError(
            f"{which}: its CRS is not known, that of the other layer is {other.crs}; state it: riskmap.read(path,"
            " crs=28992), or set_crs of a GeoDataFrame"
        )
    return first, second


def _measured(areas: Any, evidence: Any) -> tuple[Layer, Layer]:
    """Of layers that state a CRS, C refuses degrees."""
    first, second = _pair(areas, evidence)
    if first.crs is None and _like_degrees(first) and _like_degrees(second):
        raise CrsError(
            "areas, evidence: state no CRS, and look like degrees of longitude and latitude; state it and bring them to"
            " metres: riskmap.read(path, crs=4258, target_crs=28992), or set_crs and to_crs of a GeoDataFrame"
        )
    return first, second


def _like_degrees(layer: Layer) -> bool:
    """Whether it lies within 3 to 8 by 50 to 54: the Netherlands in degrees, and a few metres in nothing else."""
    xmin, ymin, xmax, ymax = layer.extent
    return 3 <= xmin <= xmax <= 8 and 50 <= ymin <= ymax <= 54
