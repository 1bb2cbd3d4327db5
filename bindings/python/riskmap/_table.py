"""Tables without geometry, of pandas, pyarrow or polars: two columns are x and y, or the rows have addresses."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _frame, _riskmap
from ._convert import floats
from ._log import report_layer
from ._riskmap import ArgumentError, CrsError, NotFound
from .layer import Layer, name_argument


def layer_of_table(
    table: Any, name: str, crs: str | None, x: str | None = None, y: str | None = None, by_address: bool = False
) -> Layer:
    """A layer with the columns as fields. x, y: the columns with coordinates; those called so, unless stated. With
    by_address none are needed: the rows get their place from their address later."""
    stated = x is not None or y is not None
    frame = table if hasattr(table, "iloc") else table.to_pandas(integer_object_nulls=True)  # which keeps them whole
    if by_address and not stated:
        return _layer(frame, name, np.full((len(frame), 2), np.nan), crs or "EPSG:28992")
    columns = [_number_of(frame, name, x or "x", stated), _number_of(frame, name, y or "y", stated)]
    if crs is None:
        kind = type(table).__name__
        problem = CrsError(f"a {kind} states no coordinate reference system; give it, such as crs=28992")
        name_argument(problem, name)
        raise problem
    values = [_coordinates(frame.iloc[:, column], f"{name}: column {frame.columns[column]!r}") for column in columns]
    return _layer(frame, name, np.column_stack(values), crs)


def _number_of(frame: Any, name: str, column: str, stated: bool) -> int:
    names = [str(one) for one in frame.columns]
    found = [place for place, one in enumerate(names) if one == column]
    if not found and not stated:
        found = [place for place, one in enumerate(names) if one.lower() == column]
    if len(found) == 1:
        return found[0]
    if stated:
        raise NotFound(f"{name}: the table has no column {column!r}; it has {', '.join(names)}")
    raise ArgumentError(
        f'{name}: the table has no geometry and no columns "x" and "y": name those with coordinates by x= and y=,'
        " or make it a GeoDataFrame (geopandas.points_from_xy); rows with addresses are placed by locate="
    )


def _coordinates(series: Any, name: str) -> np.ndarray:
    import pandas

    kind = pandas.api.types.infer_dtype(series) if series.dtype == object else ""
    if not pandas.api.types.is_numeric_dtype(series.dtype) and kind not in ("integer", "floating"):
        raise ArgumentError(
            f"{name} holds {series.dtype} where numbers are needed: read it with decimal=',' where commas are in them,"
            " or make it so with pandas.to_numeric(..., errors='coerce')"
        )
    return floats(series, name)


def _layer(frame: Any, name: str, coordinates: np.ndarray, crs: str) -> Layer:
    fields = [(str(column), frame.iloc[:, place]) for place, column in enumerate(frame.columns)]
    try:
        columns = _frame.columns_of(frame, fields)
        columns.append(_frame._points(coordinates))
        layer = Layer._of(_riskmap.layer_from_columns(len(frame), tuple(columns), crs, None))
    except _riskmap.Error as problem:
        name_argument(problem, name)
        raise
    report_layer(layer._handle)
    return layer
