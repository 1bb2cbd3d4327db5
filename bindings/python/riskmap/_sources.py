"""What a map is made of: paths go to C as they are, data as layers in memory."""

from __future__ import annotations

from typing import Any

from ._convert import crs_text, is_path
from ._convert import path as path_text
from ._frame import is_table
from ._points import is_pair
from ._riskmap import CrsError
from ._table import layer_of_table
from .layer import Layer, as_layer, name_argument, read


def source_options(data: Any, name: str) -> dict[str, Any]:
    """A path under its name, data as memory_<name>, nothing for None."""
    if data is None:
        return {}
    if is_path(data):
        return {name: path_text(data, name)}
    return {f"memory_{name}": as_layer(data, name)._handle}


def point_options(data: Any, name: str, crs: Any, layer: str | None) -> dict[str, Any]:
    """The same of points, which arrays (x, y) and tables with columns x and y are too, in a CRS of their own; a path of
    which that is stated is read first. layer: its name in a path."""
    if data is None or is_path(data) and crs is None:
        return source_options(data, name) | {f"{name}_layer": layer}
    if is_path(data):
        return {f"memory_{name}": read(data, layer, crs=crs)._handle}
    arrays, table = is_pair(data), is_table(data)
    if crs is None and (arrays or table):
        what = "arrays state" if arrays else f"a {type(data).__name__} states"
        problem = CrsError(f"{what} no coordinate reference system; give it, such as {name}_crs=28992")
        name_argument(problem, name)
        raise problem
    if arrays:
        made = Layer.from_points(data[0], data[1], crs)
    else:
        made = layer_of_table(data, name, crs_text(crs)) if table else as_layer(data, name, crs)
    return {f"memory_{name}": made._handle, f"{name}_layer": layer}
