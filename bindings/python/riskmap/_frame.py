"""A GeoDataFrame as columns in Arrow's layout, column by column; what holds no one type is refused by name."""

from __future__ import annotations

import datetime
import decimal
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _riskmap
from ._convert import crs_text, in_blocks
from ._log import logger
from ._riskmap import ArgumentError, DataError

if TYPE_CHECKING:
    import geopandas
    import pandas

# name, Arrow's format, bits of what is there (or None), offsets (or None), values
Column = tuple[str, str, Any, Any, Any]

_FORMATS = {"i1": "c", "u1": "C", "i2": "s", "u2": "S", "i4": "i", "u4": "I", "i8": "l", "u8": "L"}
_FORMATS |= {"f2": "e", "f4": "f", "f8": "g"}


def geometry_columns(data: Any) -> list[Any]:
    """The columns of a DataFrame of pandas that hold geometry, as geopandas or shapely have it."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(data, pandas.DataFrame):
        return []
    found = []
    for place, (name, dtype) in enumerate(data.dtypes.items()):
        shapes = data.iloc[:, place].dropna()[:1] if dtype == object and name in ("geometry", "geom") else []
        if str(dtype) == "geometry" or any(hasattr(shape, "geom_type") for shape in shapes):
            found.append(name)
    return found


def is_table(data: Any) -> bool:
    """Whether it is a table without geometry: a DataFrame of pandas, or an Arrow table of pyarrow or polars."""
    package = type(data).__module__.partition(".")[0]
    if package in ("pyarrow", "polars") and hasattr(data, "to_pandas") and hasattr(data, "schema"):
        return not any(map(_may_be_geometry, _arrow_types(data.schema)))
    pandas, geopandas = sys.modules.get("pandas"), sys.modules.get("geopandas")
    if pandas is None or not isinstance(data, pandas.DataFrame) or {"geometry", "geom"} & set(data.columns):
        return False
    return not (geopandas and isinstance(data, geopandas.GeoDataFrame)) and not geometry_columns(data)


def _arrow_types(schema: Any) -> list[str]:
    """The types of a table's columns in words, with the name of their extension."""
    if hasattr(schema, "dtypes"):  # of polars
        return list(map(str, schema.dtypes()))
    return [f"{field.type} {(field.metadata or {}).get(b'ARROW:extension:name', b'').decode()}" for field in schema]


def _may_be_geometry(kind: str) -> bool:
    return any(word in kind.lower() for word in ("binary", "extension", "geoarrow", "ogc.wkb"))


def layer_of_frame(frame: geopandas.GeoDataFrame, crs: str | None, progress: Any = None) -> Any:
    """A handle: the active geometry, and the other columns as fields, other geometry left out. The index gives the
    feature ids where it can."""
    try:
        active = frame.geometry.name
    except AttributeError:
        raise ArgumentError("the GeoDataFrame has no active geometry column; choose one with set_geometry()") from None
    fields = _fields(frame, active)
    columns = columns_of(frame, fields)
    columns.append(_geometry(frame.geometry))
    return _riskmap.layer_from_columns(len(frame), tuple(columns), crs_text(frame.crs) or crs, progress)


def layer_of_shape(shape: Any, crs: str | None) -> Any:
    """A handle of one shapely geometry."""
    offsets, values = _joined([shape.wkb])
    return _riskmap.layer_from_columns(1, (("geometry", "Z", None, offsets, values),), crs, None)


def _fields(frame: geopandas.GeoDataFrame, active: str) -> list[tuple[str, Any]]:
    chosen = [place for place, name in enumerate(frame.columns) if name != active]
    columns = [(str(frame.columns[place]), frame.iloc[:, place]) for place in chosen]
    return [(name, series) for name, series in columns if str(series.dtype) != "geometry"]


def columns_of(frame: pandas.DataFrame, fields: list[tuple[str, Any]]) -> list[Column]:
    """The fields, and the feature ids that the index gives."""
    names = [name for name, _ in fields]
    _check_names(names)
    columns = [_column(name, series) for name, series in fields]
    rows = np.arange(len(frame))
    if "fid" in names:
        index, fids = _whole_of(frame.index, None), _whole_of(fields[names.index("fid")][1], rows)
        if index is not None and not np.array_equal(index, fids):
            logger.warning(
                "features go by the column fid, not by the index: drop or rename it where results must line up with"
                " the index"
            )
        return columns
    ids = _ids_of(frame.index)
    return columns if ids is None or np.array_equal(ids, rows) else [*columns, _numbers("fid", ids)]


def _ids_of(index: pandas.Index) -> np.ndarray | None:
    """Its numbers where they tell the rows apart."""
    ids: np.ndarray | None = _whole_of(index, None)
    if ids is None or len(ids) == 0:
        return None
    if index.is_unique and ids.min() >= 0 and ids.max() <= np.iinfo(np.int64).max:
        return ids
    logger.warning(
        "features go by the number of their row, as the index holds a number twice or below 0: results line up after"
        " reset_index(drop=True)"
    )
    return None


def _whole_of(values: pandas.Index | pandas.Series, other: Any) -> Any:
    """Its whole numbers where all of it are; else the other."""
    import pandas

    if not pandas.api.types.is_integer_dtype(values.dtype) or values.hasnans:
        return other
    return values.to_numpy(np.uint64 if str(values.dtype).lower() == "uint64" else np.int64)


def _check_names(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"two columns of the GeoDataFrame are called {name!r}; rename or drop one")
        if "\0" in name:
            raise DataError(f"the name of column {name!r} holds a NUL character; rename it")
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise DataError(f"the name of column {name!r} holds half a character; rename it")
        seen.add(name)


def _geometry(series: geopandas.GeoSeries) -> Column:
    import pandas
    import shapely

    if shapely.__version__ < "2":
        wkb = _wkb_of(series)
    else:
        shapes = np.asarray(series.array)
        if (shapely.get_type_id(shapes) == 0).all() and not shapely.is_empty(shapes).any():
            return _points(shapely.get_coordinates(shapes))
        wkb = in_blocks(lambda block: shapely.to_wkb(block, output_dimension=2), shapes)
    missing = pandas.isna(wkb)
    if missing.any():
        wkb = np.where(missing, b"", wkb)
    offsets, values = _joined(wkb.tolist())
    return "geometry", "Z", _bits(missing), offsets, values


def _wkb_of(series: geopandas.GeoSeries) -> np.ndarray:
    """As to_wkb() of GeoPandas gives it, which makes a writer for each geometry and so takes twice as long, unless
    pygeos does the work."""
    import geopandas

    if geopandas.options.use_pygeos:
        return np.asarray(series.to_wkb(), object)
    from shapely.geos import WKBWriter, lgeos

    writer = WKBWriter(lgeos, output_dimension=2)
    return np.array([None if shape is None else writer.write(shape) for shape in np.asarray(series.array)], object)


def _points(coordinates: np.ndarray) -> Column:
    """Points alone: their WKB is as long for each, so numpy writes it, in a tenth of the time."""
    records = np.empty(len(coordinates), np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")]))
    records["order"], records["type"] = 1, 1
    records["x"], records["y"] = coordinates[:, 0], coordinates[:, 1]
    offsets = np.arange(len(records) + 1, dtype=np.int64) * records.itemsize
    return "geometry", "Z", None, offsets, records.view(np.uint8)


# ---- a column by its type ----


def _column(name: str, series: Any) -> Column:
    import pandas

    dtype = series.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        return _category(name, series)
    if isinstance(dtype, pandas.DatetimeTZDtype):
        series = series.dt.tz_localize(None)  # what the clocks there said
    inner = getattr(dtype, "numpy_dtype", None)  # of Int64, boolean, int64[pyarrow]
    if isinstance(inner, np.dtype) and inner.kind in "biuf":
        missing = series.isna().to_numpy(bool)
        return _numbers(name, series.to_numpy(inner, na_value=inner.type(0)), missing)
    if isinstance(dtype, pandas.StringDtype):
        if dtype.storage == "pyarrow" and len(series) > 0:
            return _arrow_texts(name, series)
        return _texts(name, series.to_numpy(object), series.isna().to_numpy(bool))
    return _array(name, np.asarray(series))


def _category(name: str, series: Any) -> Column:
    """Each row's category; missing where it has none. Texts are encoded once for each category."""
    categories, codes = series.cat.categories, series.cat.codes.to_numpy()
    missing = codes < 0
    if missing.all():
        return _texts(name, np.full(len(codes), "", object), missing)
    if missing.any():
        codes = np.where(missing, 0, codes)
    if all(isinstance(one, str) for one in categories):
        parts = np.array([*_encoded(categories.to_numpy(object)), None], object)[:-1]
        offsets, values = _joined(parts[codes].tolist())
        return name, "U", _bits(missing), offsets, values
    _, form, _, offsets, values = _column(name, categories.to_series().iloc[codes])
    return name, form, _bits(missing), offsets, values


def _array(name: str, array: np.ndarray) -> Column:
    if array.dtype.kind in "biuf":
        return _numbers(name, array)
    if array.dtype.kind == "M":
        return _times(name, array)
    if array.dtype.kind == "O":
        return _objects(name, array)
    raise _refused(name, str(array.dtype))


def _numbers(name: str, array: np.ndarray, missing: np.ndarray | None = None) -> Column:
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if array.dtype.itemsize > 8:  # long double
        array = array.astype(np.float64)
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
    return name, _FORMATS[array.dtype.str[1:]], _bits(missing), None, array


def _times(name: str, array: np.ndarray) -> Column:
    unit = np.datetime_data(array.dtype)[0]
    if unit not in ("s", "ms", "us", "ns"):
        unit = "ms"
    missing = np.isnat(array)
    return name, f"ts{unit[0]}:", _bits(missing), None, np.ascontiguousarray(array, f"=M8[{unit}]").view(np.int64)


def _texts(name: str, values: np.ndarray, missing: np.ndarray) -> Column:
    offsets, joined = _joined(_encoded(np.where(missing, "", values) if missing.any() else values))
    return name, "U", _bits(missing), offsets, joined


def _arrow_texts(name: str, series: Any) -> Column:
    """Texts that pandas keeps in Arrow's layout already, where they are."""
    array = series.array.__arrow_array__()
    if hasattr(array, "combine_chunks"):
        array = array.combine_chunks()
    array = array.cast("large_string")
    if array.offset > 0:  # a slice: its bits begin within a byte
        return _texts(name, series.to_numpy(object), series.isna().to_numpy(bool))
    there, offsets, values = array.buffers()
    return name, "U", there, offsets, values or b""


def _objects(name: str, values: np.ndarray) -> Column:
    """By what the cells are: all of them texts, booleans, numbers, dates or moments."""
    import pandas

    missing = pandas.isna(values)
    present = values[~missing] if missing.any() else values
    types = set(map(type, present.tolist()))
    if all(issubclass(one, str) for one in types):
        return _texts(name, values, missing)
    if all(issubclass(one, (bool, np.bool_)) for one in types):
        return _filled(name, values, missing, np.uint8)
    if all(issubclass(one, (int, np.integer)) and one is not bool for one in types):
        return _whole(name, values, missing)
    if all(
        issubclass(one, (int, float, np.integer, np.floating, decimal.Decimal)) and one is not bool for one in types
    ):
        try:
            return _filled(name, values, missing, np.float64)
        except (ArithmeticError, ValueError):  # 10**400, Decimal("sNaN")
            raise _refused(name, "a number that float64 does not have") from None
    if types == {datetime.date}:
        return _filled(name, values, missing, "M8[D]", "tdD")
    if all(issubclass(one, (datetime.date, np.datetime64)) for one in types):
        return _moments(name, values, missing)
    raise _refused(name, " and ".join(sorted(one.__name__ for one in types)))


def _filled(name: str, values: np.ndarray, missing: np.ndarray, dtype: Any, form: str = "") -> Column:
    array = np.zeros(len(values), dtype)
    array[~missing] = values[~missing].astype(dtype)
    if form == "tdD":
        return name, form, _bits(missing), None, array.view(np.int64).astype(np.int32)
    return _numbers(name, array, missing)


def _whole(name: str, values: np.ndarray, missing: np.ndarray) -> Column:
    try:
        return _filled(name, values, missing, np.int64)
    except OverflowError:
        raise DataError(f"column {name!r} holds whole numbers beyond 64 bits; make it text with astype(str)") from None


def _moments(name: str, values: np.ndarray, missing: np.ndarray) -> Column:
    """Datetimes, each by the clocks of its own zone; dates among them are midnight."""
    array = np.full(len(values), "NaT", "M8[us]")
    for row in np.flatnonzero(~missing):
        value = values[row]
        array[row] = value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value
    return _times(name, array)


def _refused(name: str, what: str) -> DataError:
    return DataError(
        f"column {name!r} of the GeoDataFrame holds {what}; a column holds texts, numbers, booleans, dates or times:"
        " drop it, or make it text with astype(str)"
    )


# ---- buffers ----


def _bits(missing: np.ndarray | None) -> np.ndarray | None:
    if missing is None or not missing.any():
        return None
    return np.packbits(~missing, bitorder="little")


def _encoded(values: np.ndarray) -> list[bytes]:
    try:
        return list(map(str.encode, values.tolist()))
    except UnicodeEncodeError:  # halves of a surrogate pair: the library says in which row
        return [value.encode("utf-8", "surrogatepass") for value in values.tolist()]


def _joined(parts: list[bytes]) -> tuple[np.ndarray, bytes]:
    offsets = np.zeros(len(parts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=offsets[1:])
    return offsets, b"".join(parts)
