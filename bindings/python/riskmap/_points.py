"""Points as arrays: of a layer, or two arrays of one's own."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from ._convert import crs_text, floats, known_crs
from ._frame import is_table
from ._riskmap import ArgumentError, CrsError
from ._table import layer_of_table
from .layer import Layer, as_layer, name_argument


class Points(NamedTuple):
    x: np.ndarray
    y: np.ndarray
    crs: str | None


def is_pair(data: Any) -> bool:
    """Whether these are arrays of x and y."""
    return isinstance(data, (tuple, list)) and len(data) == 2 and all(np.ndim(values) == 1 for values in data)


def points_of(data: Any, name: str = "points", crs: Any = None) -> Points:
    """x, y and CRS of (x, y), which must not be degrees; or of a table with columns x and y, or of anything
    `as_layer` takes, whose coordinates must be in metres."""
    if is_pair(data):
        x, stated = floats(data[0], f"{name}: x"), known_crs(crs)
        _check_not_degrees(stated, name)
        return Points(x, floats(data[1], f"{name}: y", len(x)), stated)
    if isinstance(data, (tuple, list, np.ndarray)):
        raise ArgumentError(f"{name}: a layer, or arrays of one dimension (x, y), are needed")
    layer = layer_of_table(data, name, crs_text(crs)) if is_table(data) else as_layer(data, name, crs)
    try:
        x, y = layer.places()
    except CrsError as problem:
        name_argument(problem, name)
        raise
    return Points(x, y, layer.crs or known_crs(crs))


def in_metres(crs: str | None) -> bool | None:
    """Whether coordinates of that CRS are in metres; None where it is unknown."""
    return None if crs is None else _not_metres(crs) is None


def _not_metres(crs: str) -> CrsError | None:
    """What the library says of a CRS in another unit."""
    try:
        Layer.from_points([], [], crs).places()
    except CrsError as problem:
        return problem
    return None


def _check_not_degrees(crs: str | None, name: str) -> None:
    """CrsError for angles, which are not as long both ways; of feet the outcome is in feet."""
    problem = None if crs is None else _not_metres(crs)
    if problem and re.search(r" are in (degree|grad|radian)", str(problem)):
        name_argument(problem, name)
        raise problem


def same_crs(first: str | None, second: str | None, first_name: str, second_name: str) -> None:
    """CrsError when both are known and differ."""
    if first and second and first != second:
        raise CrsError(f"{first_name} are in {first}, {second_name} in {second}; bring both to one CRS (to_crs)")
