"""Rasters: values in square cells, north up, with the coordinate system they lie in."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any, Mapping, NamedTuple

import numpy as np

from . import _riskmap
from ._convert import known_crs, floats
from ._convert import path as path_text
from ._progress import callable_of
from ._riskmap import ArgumentError, LimitError
from .layer import Layer

if TYPE_CHECKING:
    import xarray

_CELLS_MOST = 500_000_000


class Grid(NamedTuple):
    """Square cells: `left` and `top` are the outer corner of the northwestern one, `cell` its side, in units of the
    CRS.

    >>> Grid(0, 100, 10, columns=4, rows=3).extent
    (0, 70, 40, 100)
    """

    left: float
    top: float
    cell: float
    columns: int
    rows: int

    @classmethod
    def covering(cls, extent: Any, cell: float) -> Grid:
        """Cells whose corners are multiples of `cell` and that cover (xmin, ymin, xmax, ymax), as heat maps have them.

        LimitError for more than 500 million cells.

        >>> Grid.covering((3, 4, 38, 27), 10)
        Grid(left=0.0, top=30.0, cell=10.0, columns=4, rows=3)
        """
        xmin, ymin, xmax, ymax = floats(extent, "extent", 4)
        if not (xmin <= xmax and ymin <= ymax and math.isfinite(xmax - xmin) and math.isfinite(ymax - ymin)):
            raise ArgumentError("extent: finite (xmin, ymin, xmax, ymax) is needed, the second pair not below")
        if not (cell > 0 and math.isfinite(cell)):
            raise ArgumentError(f"cell: {cell} is not a finite number above 0")
        left, bottom = np.floor([xmin / cell, ymin / cell])
        columns, rows = np.maximum(np.ceil([xmax / cell, ymax / cell]) - [left, bottom], 1)
        if not columns * rows <= _CELLS_MOST:
            raise LimitError(
                f"{columns:.0f} x {rows:.0f} cells of {cell:g} are too many; take a larger cell or state a smaller"
                " extent: one point that lies far away can make a raster this large"
            )
        return cls(float(left * cell), float((bottom + rows) * cell), float(cell), int(columns), int(rows))

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """(xmin, ymin, xmax, ymax)"""
        right, bottom = self.left + self.columns * self.cell, self.top - self.rows * self.cell
        return self.left, bottom, right, self.top

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """The affine transform in the order of rasterio: ``affine.Affine(*grid.transform)``."""
        return self.cell, 0.0, self.left, 0.0, -self.cell, self.top

    @property
    def geotransform(self) -> tuple[float, float, float, float, float, float]:
        """The same in the order of GDAL's SetGeoTransform."""
        return self.left, self.cell, 0.0, self.top, 0.0, -self.cell

    @property
    def x(self) -> np.ndarray:
        """x of the centres of the columns, from the west."""
        return self.left + (np.arange(self.columns) + 0.5) * self.cell

    @property
    def y(self) -> np.ndarray:
        """y of the centres of the rows, from the north."""
        return self.top - (np.arange(self.rows) + 0.5) * self.cell


class Raster:
    """Values of shape (rows, columns), float32 or float64, rows from the north, NaN for none.

    `left` and `top` are the outer corner of the northwestern cell and `cell` the side of a cell, in units of `crs`.
    numpy takes it as an array, without a copy. unit and description go into the file; shielded: it is written for the
    user alone, and says AFGESCHERMD.

    >>> raster = Raster([[1.0, 2.0], [3.0, float("nan")]], left=0, top=20, cell=10, crs=28992)
    >>> raster.shape, raster.extent, raster.crs
    ((2, 2), (0.0, 0.0, 20.0, 20.0), 'EPSG:28992')
    """

    values: np.ndarray
    grid: Grid
    crs: str | None
    unit: str | None
    description: str | None
    shielded: bool

    def __init__(
        self,
        values: Any,
        left: float,
        top: float,
        cell: float,
        crs: Any = None,
        *,
        unit: str | None = None,
        description: str | None = None,
        shielded: bool = False,
    ):
        self.values = _cells(values)
        rows, columns = self.values.shape
        self.grid = Grid(float(left), float(top), float(cell), columns, rows)
        if not (self.grid.cell > 0 and all(map(math.isfinite, self.grid))):
            raise ArgumentError(f"left, top and cell: {left}, {top} and {cell} are not finite, or the cell is not > 0")
        self.crs = known_crs(crs)
        self.unit = unit
        self.description = description
        self.shielded = bool(shielded)

    @classmethod
    def from_xarray(cls, array: xarray.DataArray) -> Raster:
        """From a DataArray of two dimensions, y and x, lat and lon, or latitude and longitude, in either order, with
        the centres of square cells as coordinates, north up or down. What equals the nodata that its attributes state
        (_FillValue or missing_value, as rioxarray has it without masked=True) becomes NaN; the CRS is taken from
        rioxarray where it is installed. Shielded where its attribute `classification` says so, as that of `to_xarray`
        does: xarray keeps attributes in arithmetic only with ``keep_attrs=True``.

        >>> Raster.from_xarray(rioxarray.open_rasterio("height.tif").squeeze())  # doctest: +SKIP
        """
        array = _rows_and_columns(array)
        y, x = (floats(array[name].values, str(name)) for name in array.dims)
        values = _without_nodata(array)
        if len(y) > 1 and y[0] < y[-1]:
            values, y = values[::-1], y[::-1]
        steps = np.concatenate([np.diff(x), -np.diff(y)])
        if not (len(steps) and steps[0] > 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0)):
            raise ArgumentError("array: x and y are not the centres of square cells (evenly spaced, equal both ways)")
        cell = float(np.mean(np.diff(x) if len(x) > 1 else -np.diff(y)))
        crs = getattr(getattr(array, "rio", None), "crs", None)
        left, top, shielded = float(x[0]) - cell / 2, float(y[0]) + cell / 2, array.attrs.get("classification")
        return cls(values, left, top, cell, crs, unit=array.attrs.get("units"), shielded=shielded == "shielded")

    # ---- looking ----

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)"""
        return self.grid.rows, self.grid.columns

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """(xmin, ymin, xmax, ymax) in units of the CRS."""
        return self.grid.extent

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """The affine transform in the order of rasterio: ``affine.Affine(*raster.transform)``."""
        return self.grid.transform

    @property
    def geotransform(self) -> tuple[float, float, float, float, float, float]:
        """The same in the order of GDAL's SetGeoTransform."""
        return self.grid.geotransform

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = np.asarray(self.values, dtype)
        if copy is False and array is not self.values:
            raise ValueError(f"the values are {self.values.dtype}; as {np.dtype(dtype)} they need a copy")
        return array.copy() if copy else array

    # ---- out ----

    def write(
        self,
        path: Any,
        overwrite: bool = False,
        *,
        tags: Mapping[str, str] | None = None,
        threads: int = 0,
        progress: Any = None,
    ) -> None:
        """Writes a Cloud-Optimized GeoTIFF (.tif or .tiff) of float32, with overviews, NaN as nodata, description and
        unit: whole or not at all. tags: {"NAME": "text"} in the file. ExistsError without overwrite; see raster.h for
        the rest.

        >>> import tempfile, os.path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Raster([[1.0, 2.0]], 0, 10, 10, "EPSG:28992").write(os.path.join(folder, "small.tif"))
        """
        tags = dict(tags or {})
        _riskmap.raster_write(
            path_text(path),
            self._singles(),
            self.grid,
            self.crs,
            overwrite=overwrite,
            shielded=self.shielded,
            threads=threads,
            description=self.description,
            unit=self.unit,
            tag_names=list(tags),
            tag_values=list(tags.values()),
            progress=callable_of(progress),
        )

    def contours(self, levels: Any, *, progress: Any = None) -> Layer:
        """The polygons where the raster is above each level, in the order of `levels`: fields `level` and `area_m2`.

        Values count as float32. Without geometry where nothing is above. progress: see `riskmap.run`.

        >>> Raster([[0.0, 0.0], [0.0, 5.0]], 0, 20, 10, 28992).contours([1, 9])["level"]
        array([1., 9.])
        """
        levels = floats([levels] if np.ndim(levels) == 0 else levels, "levels")
        done = callable_of(progress)
        return Layer._of(_riskmap.contours(self._singles(), self.grid, self.crs, levels, done))

    def to_xarray(self) -> xarray.DataArray:
        """A DataArray with the centres of the cells as coordinates; with its CRS and transform when rioxarray is
        installed. Needs xarray. The values are not copied. Of a shielded raster the attribute classification says so.

        >>> raster.to_xarray().sel(x=slice(0, 20)).plot()  # doctest: +SKIP
        """
        import xarray

        attributes = {"units": self.unit, "long_name": self.description}
        attributes["classification"] = "shielded" if self.shielded else None
        array = xarray.DataArray(
            self.values,
            {"y": self.grid.y, "x": self.grid.x},
            ("y", "x"),
            attrs={name: text for name, text in attributes.items() if text},
        )
        try:
            import rioxarray  # noqa: F401  (gives arrays their .rio)
            from affine import Affine
        except ImportError:
            return array
        array.rio.write_transform(Affine(*self.transform), inplace=True)
        return array.rio.write_crs(self.crs, inplace=True) if self.crs else array

    def plot(self, ax: Any = None, **keywords: Any) -> Any:
        """Draws it with matplotlib's imshow on `ax`, or on a new figure, and gives the axes; needs matplotlib."""
        import matplotlib.pyplot

        ax = matplotlib.pyplot.gca() if ax is None else ax
        xmin, ymin, xmax, ymax = self.extent
        image = ax.imshow(self.values, extent=(xmin, xmax, ymin, ymax), origin="upper", **keywords)
        ax.figure.colorbar(image, ax=ax, label=self.unit or "")
        return ax

    def _singles(self) -> np.ndarray:
        with np.errstate(over="ignore"):  # beyond float32 it is infinite, which C refuses with its row
            return np.ascontiguousarray(self.values, np.float32).ravel()

    def __repr__(self) -> str:
        least, most = np.fmin.reduce(self.values, axis=None), np.fmax.reduce(self.values, axis=None)  # NaN left out
        unit = f" {self.unit}" if self.unit else ""
        span = "no values" if np.isnan(least) else f"{least:.6g} to {most:.6g}{unit}"
        shielded = ", AFGESCHERMD" if self.shielded else ""
        return (
            f"<riskmap.Raster: {self.grid.rows} rows x {self.grid.columns} columns of {self.grid.cell:g},"
            f" {self.crs or 'CRS unknown'}, {self.values.dtype}, {span}{shielded}>"
        )

    def _repr_html_(self) -> str:
        return html.escape(repr(self))


_DIMENSIONS = (("y", "x"), ("lat", "lon"), ("latitude", "longitude"))


def _rows_and_columns(array: Any) -> xarray.DataArray:
    """The DataArray with y first; ArgumentError for what has no y and x."""
    if not all(hasattr(array, name) for name in ("ndim", "dims", "coords")):
        what = "choose a variable of the Dataset" if hasattr(array, "data_vars") else "Raster(values, left, top, cell)"
        kind = type(array).__name__
        raise ArgumentError(f"array: a DataArray of xarray is needed, not {kind}: {what} makes a Raster of it")
    if array.ndim != 2:
        raise ArgumentError(f"array: two dimensions (y, x) are needed, not {array.dims}; choose one band or time")
    pair = next((pair for pair in _DIMENSIONS if set(array.dims) == set(pair)), None)
    if pair is None:
        names = ", ".join(" and ".join(pair) for pair in _DIMENSIONS)
        raise ArgumentError(f"array: dimensions {names} are known, not {array.dims}; rename them with rename()")
    without = [name for name in pair if name not in array.coords]
    if without:
        what = f"has no coordinates {' and '.join(without)}, which say where it lies"
        raise ArgumentError(f"array: {what}; assign_coords(x=..., y=...) gives it the centres of its cells")
    turned: xarray.DataArray = array.transpose(*pair)
    return turned


def _without_nodata(array: xarray.DataArray) -> np.ndarray:
    """Its values, masked where they equal the nodata of its attributes: it stands there unless it was masked."""
    values = array.values
    stated = [array.attrs[name] for name in ("_FillValue", "missing_value") if name in array.attrs]
    missing = np.zeros(values.shape, bool)
    for nodata in map(np.ravel, stated):
        if nodata.dtype.kind in "fiu" and values.dtype.kind in "fiu":
            as_there = nodata.astype(values.dtype) if values.dtype.kind == "f" else nodata
            for one in as_there:
                missing |= values == one
    return np.ma.MaskedArray(values, missing) if missing.any() else values


def _cells(values: Any) -> np.ndarray:
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.promote_types(values.dtype, np.float32)), np.nan)
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise ArgumentError(f"values: numbers are needed, not {array.dtype}")
    if array.ndim != 2 or 0 in array.shape:
        raise ArgumentError(f"values: the shape (rows, columns) is needed, not {array.shape}")
    single = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    return np.ascontiguousarray(array, np.float32 if single else np.float64)
