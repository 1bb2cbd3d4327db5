"""Study areas: polygons as the flat rings that C takes."""

from __future__ import annotations

import struct
from typing import Any, Iterable, Iterator, Mapping

import numpy as np

from . import _riskmap
from ._convert import floats, known_crs, whole
from ._riskmap import ArgumentError, CrsError, DataError
from .layer import Layer, as_layer

Rings = tuple[np.ndarray, np.ndarray, np.ndarray]


def rings_of(area: Any, name: str = "area", crs: Any = None) -> Rings:
    """(x, y, starts) of a study area: ring k has the vertices starts[k] .. starts[k + 1] - 1, not closed; what lies
    within an odd number of rings is inside.

    `area` is a shapely Polygon or MultiPolygon or its mapping (coordinates as they are: in metres), anything
    `as_layer` takes (its CRS must be in metres; several features are taken together, which needs shapely), an array of
    shape (vertices, 2), a tuple of arrays (x, y) or (x, y, starts), or a box (xmin, ymin, xmax, ymax), such as the
    total_bounds of a GeoDataFrame. `crs`: of what lies in the area; CrsError when the area states another.

    >>> rings_of((0, 0, 100, 50))
    (array([  0., 100., 100.,   0.]), array([ 0.,  0., 50., 50.]), array([0, 4]))
    """
    if isinstance(area, tuple) or _is_box(area):
        return _of_tuple(tuple(area), name)
    shape = area if isinstance(area, Mapping) else getattr(area, "__geo_interface__", None)
    if shape is not None and shape.get("type") in ("Polygon", "MultiPolygon"):
        return _of_polygons([shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"], name)
    if shape is not None and "geometries" not in shape and "coordinates" in shape:
        raise ArgumentError(f"{name}: a polygon is needed, not a {shape['type']}")
    if isinstance(area, (list, np.ndarray)):
        return _of_rings([area], name)
    return _of_layer(as_layer(area, name), name, known_crs(crs))


def _is_box(area: Any) -> bool:
    row = isinstance(area, list) or (isinstance(area, np.ndarray) and area.ndim == 1)
    return row and len(area) == 4 and all(np.ndim(value) == 0 for value in area)


def _of_tuple(area: tuple[Any, ...], name: str) -> Rings:
    if len(area) == 4 and all(np.ndim(value) == 0 for value in area):
        xmin, ymin, xmax, ymax = floats(area, name)
        if not (xmin < xmax and ymin < ymax):
            raise ArgumentError(f"{name}: a box is (xmin, ymin, xmax, ymax), the second pair larger than the first")
        return np.array([xmin, xmax, xmax, xmin]), np.array([ymin, ymin, ymax, ymax]), np.array([0, 4], np.int64)
    if len(area) not in (2, 3) or any(np.ndim(values) != 1 for values in area):
        raise ArgumentError(f"{name}: a tuple holds arrays (x, y) or (x, y, starts), or a box (xmin, ymin, xmax, ymax)")
    x = floats(area[0], f"{name}: x")
    y = floats(area[1], f"{name}: y", len(x))
    return x, y, whole(area[2] if len(area) == 3 else [0, len(x)], f"{name}: starts")


def _of_rings(rings: Iterable[Any], name: str) -> Rings:
    parts = [_open(ring, name) for ring in rings]
    if not parts:
        raise DataError(f"{name}: the polygon is empty")
    starts = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    vertices = np.concatenate(parts)
    return np.ascontiguousarray(vertices[:, 0]), np.ascontiguousarray(vertices[:, 1]), starts


def _of_polygons(polygons: Iterable[Iterable[Any]], name: str) -> Rings:
    return _of_rings([ring for polygon in polygons for ring in polygon if len(ring)], name)


def _open(ring: Any, name: str) -> np.ndarray:
    """Vertices of shape (n, 2) without the first one repeated at the end; a third coordinate is left out."""
    try:
        vertices = np.asarray(ring, np.float64)
    except (TypeError, ValueError):
        vertices = np.empty(0)
    if vertices.ndim != 2 or vertices.shape[1] not in (2, 3):
        raise ArgumentError(f"{name}: a ring is an array of numbers of shape (vertices, 2)")
    vertices = vertices[:, :2]
    return vertices[:-1] if len(vertices) > 1 and (vertices[0] == vertices[-1]).all() else vertices


def _of_layer(layer: Layer, name: str, crs: str | None) -> Rings:
    if crs and layer.crs and crs != layer.crs:
        raise CrsError(f"{name}: is in {layer.crs}, and what lies in it in {crs}; bring both to one CRS (to_crs)")
    try:
        layer.places()  # refuses coordinates that are not in metres
    except _riskmap.Error as problem:
        problem.layer = name
        raise
    shapes = [wkb for wkb in _riskmap.layer_wkb(layer._handle) if wkb is not None]
    if not shapes:
        raise DataError(f"{name}: has no polygon")
    if len(shapes) > 1:
        shapes = [_together(shapes, name)]
    return _of_polygons(_polygons(shapes[0], name), name)


def _together(shapes: list[bytes], name: str) -> bytes:
    try:
        import shapely.ops
        import shapely.wkb
    except ImportError:
        what = f"{len(shapes)} features; install shapely to take them together, or give one"
        raise ArgumentError(f"{name}: has {what}") from None
    return bytes(shapely.wkb.dumps(shapely.ops.unary_union([shapely.wkb.loads(shape) for shape in shapes]), srid=None))


def _polygons(wkb: bytes, name: str) -> list[list[np.ndarray]]:
    """The rings of each polygon of a geometry in two dimensions, as C and shapely write it here."""
    order = "<" if wkb[0] == 1 else ">"
    kind, count = struct.unpack_from(order + "II", wkb, 1)
    if kind not in (3, 6):
        raise ArgumentError(f"{name}: a polygon is needed, not points or lines")
    if kind == 3:
        return [list(_rings(wkb, 0, order))]
    polygons, at = [], 9
    for _ in range(count):
        polygons.append(list(_rings(wkb, at, order)))
        at += 9 + sum(4 + 16 * len(ring) for ring in polygons[-1])
    return polygons


def _rings(wkb: bytes, at: int, order: str) -> Iterator[np.ndarray]:
    (count,) = struct.unpack_from(order + "I", wkb, at + 5)
    at += 9
    for _ in range(count):
        (vertices,) = struct.unpack_from(order + "I", wkb, at)
        yield np.frombuffer(wkb, order + "f8", 2 * vertices, at + 4).reshape(-1, 2)
        at += 4 + 16 * vertices
