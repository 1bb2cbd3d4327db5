"""GeoJSON, which __geo_interface__ gives, as a layer."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _riskmap
from ._riskmap import ArgumentError, CrsError


def layer_of_mapping(mapping: Any, crs: str | None, progress: Any = None) -> Any:
    """A handle of a FeatureCollection, a Feature or a geometry."""
    if not isinstance(mapping, Mapping) or "type" not in mapping:
        raise ArgumentError('__geo_interface__ is no GeoJSON: a mapping with a "type" is needed')
    stated = mapping.get("crs")  # from before RFC 7946
    named = isinstance(stated, Mapping) and stated.get("type") == "name"
    handle = _riskmap.layer_from_geojson(_text_of(mapping), None if named else crs, progress)
    if crs is None and "crs" not in mapping:
        _check_lon_lat(handle)
    return handle


def _check_lon_lat(handle: Any) -> None:
    """GeoJSON that names no CRS is in degrees; metres that are taken for them would be in the ocean."""
    extent = _riskmap.layer_extent(handle)
    if max(abs(extent[0]), abs(extent[2])) > 360 or max(abs(extent[1]), abs(extent[3])) > 90:
        raise CrsError("the coordinates are no lon/lat, and nothing says what they are: state it, such as crs=28992")


def _text_of(mapping: Mapping[str, Any]) -> str:
    try:
        return json.dumps(mapping, default=_plain, allow_nan=False)
    except ValueError:  # JSON has no NaN and no infinity
        return json.dumps(_without_nan(json.loads(json.dumps(mapping, default=_plain))))


def _plain(value: Any) -> Any:
    if isinstance(value, (np.generic, np.ndarray)) and value.dtype.kind in "biuf":
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if value != value:  # NaT
        return None
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else str(value)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
