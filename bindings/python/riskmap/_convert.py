"""From what analysts have to what C takes: numbers, dates, paths and coordinate systems."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _riskmap
from ._riskmap import ArgumentError, CrsError

EPOCH = datetime.date(1970, 1, 1)


def floats(values: Any, name: str, count: int | None = None) -> np.ndarray:
    """One dimension of float64, NaN where something is missing; copied only where it must be."""
    array = _numbers(values, name)
    if array.dtype.kind not in "fiub":
        raise ArgumentError(f"{name}: numbers are needed, not {array.dtype}")
    return _shaped(array.astype(np.float64, copy=False), name, count)


def whole(values: Any, name: str, dtype: Any = np.int64, count: int | None = None) -> np.ndarray:
    """One dimension of whole numbers of that type; floats that are whole are taken."""
    array = _numbers(values, name)
    if array.dtype.kind not in "fiub":
        raise ArgumentError(f"{name}: whole numbers are needed, not {array.dtype}")
    limits = np.iinfo(dtype)
    wrong = ~np.isfinite(array.astype(np.float64, copy=False))
    above = array >= float(limits.max) + 1 if array.dtype.kind == "f" else array > limits.max  # 2**63 - 1 is no float64
    wrong |= (array != np.trunc(array)) | (array < limits.min) | above
    if wrong.any():
        row, bounds = int(np.flatnonzero(wrong)[0]), f"{limits.min} to {limits.max}"
        raise ArgumentError(f"{name}: row {row} is missing or not a whole number from {bounds}")
    return _shaped(array.astype(dtype, copy=False), name, count)


def days(values: Any, name: str, count: int | None = None) -> np.ndarray:
    """Day numbers (int32, days since 1970-01-01) from dates, datetimes, texts like 2026-11-01 or day numbers."""
    array = np.asarray(values)
    if array.dtype.kind in "OUS":
        numbers = [_day_of_row(value, f"{name}: row {row}") for row, value in enumerate(array.ravel())]
        array = np.array(numbers, np.int64).reshape(array.shape)
    if array.dtype.kind != "M":
        return whole(array, name, np.int32, count)
    array = array.astype("datetime64[D]")
    missing = np.isnat(array)
    if missing.any():
        raise ArgumentError(f"{name}: row {int(np.flatnonzero(missing)[0])} has no date (NaT); leave such rows out")
    return whole(array.astype(np.int64), name, np.int32, count)


def _day_of_row(value: Any, name: str) -> int:
    if isinstance(value, str) and _iso(value) is None:  # a cell, which no message quotes
        raise ArgumentError(f"{name} is no date like 2026-11-01; pandas.to_datetime(..., dayfirst=True) reads others")
    return day(value, name)


def _iso(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def day(value: Any, name: str) -> int:
    """The day number of one date: date, datetime, Timestamp, datetime64, "2026-11-01" or a number."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        text, value = value, _iso(value)
        if value is None:
            raise ArgumentError(f'{name}: {text!r} is no date; write it as "2026-11-01"')
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[D]").item()
    if _missing(value):
        raise ArgumentError(f"{name}: a date is missing (None, NaT or NA)")
    if isinstance(value, datetime.datetime):
        value = value.date()
    if not isinstance(value, datetime.date):
        raise ArgumentError(f'{name}: a date is needed, such as "2026-11-01", not {type(value).__name__}')
    return (value - EPOCH).days


def optional_day(value: Any, name: str) -> int | None:
    """The day number of a date that was written down; a number would be a year as likely as a day."""
    if isinstance(value, (int, float, np.number)):
        raise ArgumentError(f'{name}: a date is needed, such as "2026-11-01", not the number {value}')
    return None if value is None else day(value, name)


def date_of(number: int | None) -> datetime.date | None:
    """The date of a day number; None where Python has none for it (before the year 1)."""
    try:
        return None if number is None else EPOCH + datetime.timedelta(days=number)
    except OverflowError:
        return None


def path(value: Any, name: str = "path") -> str:
    try:
        return os.fsdecode(os.fspath(value))
    except TypeError:
        raise ArgumentError(f"{name}: a path is needed, not {type(value).__name__}") from None


def is_path(value: Any) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


def crs_text(crs: Any) -> str | None:
    """ "EPSG:28992", 28992, a pyproj or rasterio CRS; None stays None."""
    if crs is None or isinstance(crs, str):
        return crs or None
    if isinstance(crs, (int, np.integer)) and not isinstance(crs, bool):
        return f"EPSG:{int(crs)}"
    authority = getattr(crs, "to_authority", lambda: None)()
    if authority:
        return ":".join(authority)
    if hasattr(crs, "to_wkt"):
        return str(crs.to_wkt())
    raise CrsError(f'crs: something like "EPSG:28992" is needed, not {type(crs).__name__}')


def known_crs(crs: Any) -> str | None:
    """The same by its code where it has one, as layers have it; CrsError where PROJ does not know it."""
    text, none = crs_text(crs), np.empty(0)
    return text and _riskmap.layer_crs(_riskmap.layer_from_points(none, none, text))


_LON_LAT = {"EPSG:4326", "OGC:CRS84"}


def check_stated(own: str | None, crs: str | None) -> None:
    """CrsError where data that state a CRS of their own are said to be in another."""
    stated = known_crs(crs)
    if stated and own and stated != own and not {stated, own} <= _LON_LAT:
        raise CrsError(f"the data state {own} themselves, not {stated}: leave crs out, or bring them to it (to_crs)")


def choice(value: Any, name: str, names: tuple[str, ...]) -> int:
    """The number of a word, as an enumeration of C has them in order."""
    if isinstance(value, str) and value in names:
        return names.index(value)
    raise ArgumentError(f"{name}: {value!r} is not among {', '.join(names)}")


def view_of(view: _riskmap.View, dtype: Any) -> np.ndarray:
    """Memory of a handle as an array to read, without a copy; it keeps the handle."""
    return np.frombuffer(memoryview(view), dtype)


def in_blocks(convert: Callable[[np.ndarray], np.ndarray], items: np.ndarray) -> np.ndarray:
    """convert(items) some at a time, since Python hears Ctrl-C in between only."""
    size = 1 << 16
    return np.concatenate([convert(items[begin : begin + size]) for begin in range(0, max(len(items), 1), size)])


def _numbers(values: Any, name: str) -> np.ndarray:
    """As numpy has it; of what is masked or of pandas' nullable types with NaN where one is missing; of objects when
    all are numbers."""
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan) if np.ma.is_masked(values) else values.data
    if type(values).__module__.startswith("pandas") and str(getattr(values, "dtype", ""))[:1].isupper():  # Int64
        whole = not values.isna().any()
        values = values.to_numpy(values.dtype.numpy_dtype) if whole else values.to_numpy(np.float64, na_value=np.nan)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):  # lists of different lengths
        raise ArgumentError(f"{name}: numbers are needed, an array or a list of them") from None
    if array.dtype.kind == "O" and array.ndim:
        array = _of_objects(array.ravel(), name).reshape(array.shape)
    if array.ndim == 0:  # None, one number, a set, a generator
        raise ArgumentError(f"{name}: numbers are needed, an array or a list of them, not {type(values).__name__}")
    return array


def _of_objects(objects: np.ndarray, name: str) -> np.ndarray:
    """Numbers of objects; whole ones that fit stay whole, since beyond 2**53 float64 skips some."""
    if len(objects) and all(isinstance(one, (int, np.integer)) for one in objects):
        array = np.array(objects.tolist())
        if array.dtype.kind in "iu":
            return array
    return np.array([_number(value, name, row) for row, value in enumerate(objects)], np.float64)


def _number(value: Any, name: str, row: int) -> float:
    """One number among objects. A text is none, whatever it says: who has texts says how to read them."""
    try:
        if _missing(value):
            return np.nan
        if not isinstance(value, (str, bytes)):
            return float(value)
    except ArithmeticError:  # 10**400, Decimal("sNaN")
        raise ArgumentError(f"{name}: row {row} is a number that float64 does not have") from None
    except (TypeError, ValueError):
        pass
    what = f"row {row} is {type(value).__name__}; pandas.to_numeric makes numbers of texts"
    raise ArgumentError(f"{name}: numbers are needed, and {what}")


def _missing(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType" or bool(value != value)  # NaN and NaT are not themselves


def _shaped(array: np.ndarray, name: str, count: int | None) -> np.ndarray:
    if array.ndim != 1:
        raise ArgumentError(f"{name}: one dimension is needed, not the shape {array.shape}")
    if count is not None and len(array) != count:
        raise ArgumentError(f"{name} has {len(array)} entries where {count} are needed")
    return np.require(array, requirements=["C", "ALIGNED"])
