"""Layers: features with geometry and fields, from whatever holds them and to whatever wants them."""

from __future__ import annotations

import html
import json
import sys
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _riskmap
from ._convert import check_stated, crs_text, floats, in_blocks, is_path, path, view_of
from ._frame import geometry_columns, is_table, layer_of_frame, layer_of_shape
from ._geojson import layer_of_mapping
from ._held import Held
from ._log import report_layer
from ._progress import callable_of
from ._riskmap import ArgumentError, CrsError

if TYPE_CHECKING:
    import geopandas
    import pandas
    import pyarrow


@dataclass(frozen=True, slots=True)
class LayerIssue:
    """What is wrong with a feature, or was done about it. severity: "note", "warning", "rejected". code: such as
    "no-geometry". feature: its id, or None when it is about no feature."""

    severity: str
    code: str
    feature: int | None
    message: str


class Layer(Held):
    """Features in memory: geometry, fields, and the coordinate reference system (CRS) they are in.

    `data` is a path, a GeoDataFrame or GeoSeries, a shapely geometry, GeoJSON, or anything with ``__arrow_c_stream__``
    (a geometry column of geoarrow.wkb, or the only one of bytes) or ``__geo_interface__``. `crs` is for data that
    states none: "EPSG:28992", 28992, or a CRS of pyproj or rasterio; data that state another are refused, but for a
    file, which may be labelled wrongly.

    Coordinates are x and y; heights are left out. Fields are whole numbers (booleans too, as 0 and 1), float64, texts,
    dates, or times by the clocks of their own zone. Of a GeoDataFrame geometry that is not the active one is left out.

    Feature ids are a whole-number field fid; else the index of a GeoDataFrame or DataFrame, so that results line up
    with it; else the numbers of the rows, as where numbers are missing, below 0 or there twice. Features without usable
    geometry stay, and are among `issues`.

    progress: see `riskmap.run`; of data in Arrow's form nobody knows how many rows will come, so it hears 0 until the
    end.

    A layer is read-only, so any number of threads may use it.

    Raises ArgumentError, CrsError, DataError (a column that holds no one type: its name, and what to do), FormatError.

    >>> layer = Layer("examples/data/vakantieparken.geojson")
    >>> len(layer), layer.crs
    (16, 'EPSG:4326')
    """

    _handle: Any

    def __init__(self, data: Any, crs: Any = None, *, progress: Any = None):
        if isinstance(data, Layer):
            len(data)  # ValueError when it was closed
            self._handle = data._handle
            if crs is not None and data.crs is None:
                raise CrsError(f"the layer was made without a CRS, and stays as it is: make it again with crs={crs!r}")
        else:
            self._handle = _handle_of(data, crs_text(crs), callable_of(progress))
            if not is_path(data):  # of those it was told
                report_layer(self._handle)
        if not is_path(data):
            check_stated(self.crs, crs_text(crs))

    @classmethod
    def _of(cls, handle: Any) -> Layer:
        layer = cls.__new__(cls)
        layer._handle = handle
        return layer

    @classmethod
    def from_points(cls, x: Any, y: Any, crs: Any = None) -> Layer:
        """Points from arrays of coordinates, in units of `crs`. NaN gives a feature without geometry, and an issue.

        >>> len(Layer.from_points([200000.0, 200500.0], [500000.0, 500100.0], crs=28992))
        2
        """
        x = floats(x, "x")
        layer = cls._of(_riskmap.layer_from_points(x, floats(y, "y", len(x)), crs_text(crs)))
        report_layer(layer._handle)
        return layer

    # ---- looking ----

    def __len__(self) -> int:
        return int(_riskmap.layer_feature_count(self._handle))

    @property
    def crs(self) -> str | None:
        """Such as "EPSG:28992"; None when unknown."""
        return _riskmap.layer_crs(self._handle) or None

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """(xmin, ymin, xmax, ymax) in units of the CRS; NaN without geometry."""
        return _riskmap.layer_extent(self._handle)

    @property
    def issue_count(self) -> int:
        """How many features were rejected, repaired or remarked on while the layer was made."""
        return _riskmap.layer_issue_count(self._handle)

    @property
    def issues(self) -> list[LayerIssue]:
        """Those features, and columns that were left out, one by one.

        >>> Layer.from_points([200000.0, float("nan")], [500000.0, 500100.0]).issues[0].code
        'not-finite'
        """
        return [_issue(_riskmap.layer_issue_at(self._handle, index)) for index in range(self.issue_count)]

    @property
    def fields(self) -> list[str]:
        """The names of the fields, geometry not among them."""
        count = _riskmap.layer_field_count(self._handle)
        return [str(_riskmap.layer_field_name(self._handle, field)) for field in range(count)]

    def __iter__(self) -> Iterator[str]:
        """The names of the fields, as of a DataFrame."""
        return iter(self.fields)

    def __contains__(self, field: object) -> bool:
        return field in self.fields

    def __getitem__(self, field: str) -> np.ndarray:
        """A field as numpy has it. Numbers are a read-only view on the layer's own memory, without a copy, which keeps
        the layer alive; a masked array where some are missing. Texts and dates are copied.

        >>> Layer("examples/data/vakantieparken.geojson")["naam"][0] != ""
        True
        """
        return _column(self._handle, self._number_of(field))

    def number(self, feature: int, field: str) -> float:
        """One cell as a number, of the feature in that place; a date as days since 1970; NaN when missing or a text.

        >>> Layer("examples/data/vakantieparken.geojson").number(0, "aantal_eigenaren") >= 0
        True
        """
        return _riskmap.layer_number(self._handle, self._place(feature), self._number_of(field))

    def text(self, feature: int, field: str) -> str | None:
        """One cell of a text field, without making texts of all the others; None when missing or no text.

        >>> Layer("examples/data/vakantieparken.geojson").text(0, "parkcode")
        'VP-000-01'
        """
        return _riskmap.layer_text(self._handle, self._place(feature), self._number_of(field))

    def _number_of(self, field: str) -> int:
        fields = self.fields
        if field not in fields:
            raise _riskmap.NotFound(f"there is no field {field!r}; there are: {', '.join(fields)}")
        return fields.index(field)

    def _place(self, feature: int) -> int:
        if not 0 <= feature < len(self):
            raise IndexError(f"there is no feature {feature}; there are {len(self)}, numbered from 0")
        return feature

    @property
    def fids(self) -> np.ndarray:
        """The feature ids of the source (int64), a view."""
        return view_of(_riskmap.layer_fids(self._handle), np.int64)

    def places(self, *, progress: Any = None) -> tuple[np.ndarray, np.ndarray]:
        """x and y of a point on the surface of each feature; NaN without geometry. Coordinates must be in metres.
        progress: see `riskmap.run`."""
        x, y = np.empty(len(self)), np.empty(len(self))
        _riskmap.layer_places(x, y, self._handle, callable_of(progress))
        return x, y

    # ---- out ----

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """For pyarrow, geopandas, polars, DuckDB: fid, the fields, geometry (geoarrow.wkb with the CRS)."""
        return _riskmap.layer_to_arrow(self._handle)

    def to_arrow(self) -> pyarrow.Table:
        """A pyarrow table; needs pyarrow."""
        import pyarrow

        return pyarrow.table(self)

    def to_pandas(self) -> pandas.DataFrame:
        """The fields, with the feature ids as index (fid, where no field is called so); needs pandas. Dates and times
        are datetime64 (objects where pandas 1 cannot hold them), whole numbers of which some are missing Int64."""
        import pandas

        columns = {name: _for_pandas(_column(self._handle, field)) for field, name in enumerate(self.fields)}
        return pandas.DataFrame(columns, index=pandas.Index(self.fids, name=_free("fid", columns)))

    def to_geopandas(self) -> geopandas.GeoDataFrame:
        """The fields and the geometry, with the feature ids as index; needs geopandas. Where a field is called
        geometry, the geometry is called geometry_.

        >>> Layer("examples/data/vakantieparken.geojson").to_geopandas().crs.to_epsg()
        4326
        """
        import geopandas

        frame = self.to_pandas()
        name = _free("geometry", frame)
        frame[name] = _shapes(self._handle)
        return geopandas.GeoDataFrame(frame, geometry=name, crs=self.crs)

    # ---- ending and showing ----

    def close(self) -> None:
        """Lets go of the memory, as soon as no view, stream or running call needs it any more."""
        self._handle = None

    def __enter__(self) -> Layer:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "<riskmap.Layer, closed>"
        return f"<riskmap.Layer: {len(self)} features, {_crs_name(self.crs)}, fields: {', '.join(self.fields)}>"

    def _repr_html_(self) -> str:
        return html.escape(repr(self))


def read(
    source: Any,
    layer: str | None = None,
    *,
    crs: Any = None,
    target_crs: Any = None,
    x: str | None = None,
    y: str | None = None,
    where: str | None = None,
    columns: list[str] | None = None,
    only_best: bool = False,
    shielded: bool = True,
    repair: bool = True,
    threads: int = 0,
    progress: Any = None,
) -> Layer:
    """Reads one layer of a file or service: what GDAL opens, GeoPackage and delimited text by riskmap's own readers.

    layer: its name in the source, where there are several. crs: of a source that states none, or a wrong
    one. target_crs: bring coordinates to it. x, y: the columns with coordinates, of delimited text. where: rows wanted,
    "jaar >= 2020". columns: the fields wanted (all unless stated). only_best: fail where the best coordinate operation
    lacks its grid. shielded: no message quotes what stands in the data; say False of what is public. repair: close
    rings and repair polygons that are not valid. threads: 0 is one for each core. progress: see `riskmap.run`.

    Raises NotFound, FormatError, CrsError, FileError. Rows whose geometry cannot be used stay, and count in
    `Layer.issue_count`.

    >>> read("examples/data/meldingen.csv", crs=28992, columns=["datum"]).fields
    ['datum']
    """
    return Layer._of(
        _read(
            path(source, "source"),
            layer=layer,
            crs=crs_text(crs),
            target_crs=crs_text(target_crs),
            x=x,
            y=y,
            where=where,
            columns=columns,
            only_best=only_best,
            shielded=shielded,
            repair=repair,
            threads=threads,
            progress=callable_of(progress),
        )
    )


def as_layer(data: Any, name: str = "data", crs: Any = None) -> Layer:
    """What a function takes for a layer: a Layer as it is, anything else made one. `name` is for messages.

    >>> len(as_layer("examples/data/vakantieparken.geojson", "areas"))
    16
    """
    try:
        if isinstance(data, Layer):
            check_stated(data.crs, crs_text(crs))
            return data
        return Layer(data, crs)
    except _riskmap.Error as problem:
        name_argument(problem, name)
        raise


def name_argument(problem: _riskmap.Error, name: str) -> None:
    """Lets an error say what argument it is about."""
    if problem.layer is None and name != "data":
        problem.layer = name
        problem.args = (f"{name}: {problem}",)


def _issue(fields: dict[str, Any]) -> LayerIssue:
    return LayerIssue(**(fields | {"feature": None if fields["feature"] < 0 else fields["feature"]}))


def _crs_name(crs: str | None) -> str:
    """A code as it is, a whole definition by its name."""
    if crs is None:
        return "CRS unknown"
    if crs.startswith("{"):
        return str(json.loads(crs).get("name", "CRS without a name"))
    return crs.split('"')[1] if crs.count('"') > 1 else crs


# ---- in ----


def _handle_of(data: Any, crs: str | None, progress: Any = None) -> Any:
    if is_path(data):
        return _read(path(data), crs=crs, progress=progress)
    frame = _geodataframe(data)
    if frame is not None:
        return layer_of_frame(frame, crs, progress)
    if is_table(data):
        raise ArgumentError(
            f"a {type(data).__name__} has no geometry; make points of its coordinates,"
            ' Layer.from_points(table["x"], table["y"], crs=28992), or with its other columns a GeoDataFrame:'
            " geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(frame.x, frame.y), crs=28992)"
        )
    if hasattr(data, "__arrow_c_stream__"):
        return _riskmap.layer_from_arrow(_stream_of(data), crs, progress)
    if hasattr(data, "geom_type") and hasattr(data, "wkb"):
        return layer_of_shape(data, crs)
    if hasattr(data, "__geo_interface__"):
        return layer_of_mapping(data.__geo_interface__, crs, progress)
    if isinstance(data, Mapping) and "type" in data:
        return layer_of_mapping(data, crs, progress)
    raise ArgumentError(
        "a layer is made of a path, a GeoDataFrame, a shapely geometry, GeoJSON, or something with __arrow_c_stream__"
        f" or __geo_interface__, not of {type(data).__name__}; of arrays by Layer.from_points(x, y, crs)"
    )


def _geodataframe(data: Any) -> Any:
    """data as a GeoDataFrame when it is one, a GeoSeries, or a DataFrame with geometry. Who has one has imported
    geopandas."""
    module = sys.modules.get("geopandas")
    if module and isinstance(data, module.GeoSeries):
        return module.GeoDataFrame(geometry=data)
    if module is None or isinstance(data, module.GeoDataFrame):
        return None if module is None else data
    names = geometry_columns(data)
    name = "geometry" if names.count("geometry") == 1 else names[0] if len(names) == 1 else None
    if name is None and names:
        raise ArgumentError(
            f"the DataFrame has geometry in the columns {', '.join(map(repr, names))}: choose one with"
            " geopandas.GeoDataFrame(frame, geometry=...)"
        )
    return module.GeoDataFrame(data, geometry=name) if names else None


_readers: weakref.WeakSet[Any] = weakref.WeakSet()


def _stream_of(data: Any) -> Any:
    """Its stream. A reader of pyarrow can be read once, and is one without rows from then on."""
    if type(data).__name__ == "RecordBatchReader":
        if data in _readers:
            raise ArgumentError("this RecordBatchReader was read already: it can be read once; make it again")
        _readers.add(data)
    return data.__arrow_c_stream__()


def _read(source: str, **options: Any) -> Any:
    handle = _riskmap.layer_read(source, **options)
    report_layer(handle)
    return handle


# ---- out ----


def _free(name: str, taken: Any) -> str:
    """A name beside those of the fields, which keep theirs."""
    while name in taken:
        name += "_"
    return name


_TYPES = {"int64": np.int64, "float64": np.float64, "date": np.int32, "datetime": np.int64}
_DATES = {"date": "datetime64[D]", "datetime": "datetime64[ms]"}


def _column(handle: Any, field: int) -> np.ndarray:
    column = _riskmap.layer_column(handle, field)
    kind = column["type"]
    if kind == "text":
        return np.array(_riskmap.layer_texts(handle, field), object)
    values = view_of(column["values"], _TYPES[kind])
    if kind == "float64":  # NaN where missing
        return values
    if kind in _DATES:
        dates = values.astype(_DATES[kind])
        dates[_missing(column)] = np.datetime64("NaT")
        return dates
    return np.ma.MaskedArray(values, _missing(column)) if column["missing"] else values


def _missing(column: Any) -> np.ndarray:
    if column["validity"] is None:
        return np.zeros(column["count"], bool)
    bits = np.unpackbits(view_of(column["validity"], np.uint8), count=column["count"], bitorder="little")
    return bits.view(bool) ^ True


def _for_pandas(array: np.ndarray) -> Any:
    """Masked integers as pandas' own nullable ones, and dates that are too far for it as objects."""
    import pandas

    if isinstance(array, np.ma.MaskedArray):
        return pandas.arrays.IntegerArray(array.data, np.ma.getmaskarray(array), copy=True)
    if array.dtype.kind == "M":
        try:
            return pandas.Series(array).array
        except pandas.errors.OutOfBoundsDatetime:  # pandas 1 counts in nanoseconds alone: 1677 to 2262
            return array.astype(object)
    return array


def _shapes(handle: Any) -> Any:
    """The geometry as geopandas has it; straight from shapely where it takes arrays."""
    import geopandas
    import shapely

    wkb = np.array([*_riskmap.layer_wkb(handle), None], object)[:-1]
    if shapely.__version__ < "2":
        return geopandas.GeoSeries.from_wkb(wkb).array
    return geopandas.GeoSeries(in_blocks(shapely.from_wkb, wkb)).array
