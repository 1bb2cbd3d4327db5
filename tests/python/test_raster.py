"""Rasters: what goes into a file comes out of it, and lies where it should."""

import stat

import numpy as np
import pytest

import riskmap
from riskmap import Grid, Raster, _riskmap

from .tif import read_tif

VALUES = np.arange(12.0).reshape(3, 4)


@pytest.fixture
def raster():
    values = VALUES.copy()
    values[1, 2] = np.nan
    return Raster(values, 200000, 500030, 10, 28992, unit="1/km2", description="a hill")


def same(a, b):
    return np.array_equal(a, b, equal_nan=True)


# ---- where it lies ----


def test_corners_and_centres():
    grid = Grid(200000.0, 500030.0, 10.0, 4, 3)
    assert grid.extent == (200000, 500000, 200040, 500030)
    assert grid.x.tolist() == [200005, 200015, 200025, 200035] and grid.y.tolist() == [500025, 500015, 500005]
    assert grid.geotransform == (200000, 10, 0, 500030, 0, -10)
    a, b, c, d, e, f = grid.transform
    column, row = 3.5, 0.5
    assert (a * column + b * row + c, d * column + e * row + f) == (grid.x[3], grid.y[0])


def test_grids_cover_an_extent():
    assert Grid.covering((1, 1, 1, 1), 10) == (0, 10, 10, 1, 1)
    assert Grid.covering((0, 0, 20, 20), 10) == (0, 20, 10, 2, 2)
    assert Grid.covering((-1, -1, 20.5, 20), 10).extent == (-10, -10, 30, 20)


# ---- numpy ----


def test_numpy_sees_it_without_a_copy(raster):
    assert np.shares_memory(np.asarray(raster), raster.values)
    assert np.asarray(raster, np.float32).dtype == np.float32
    assert not np.shares_memory(np.array(raster), raster.values)
    given = np.ones((2, 2), np.float32)
    assert Raster(given, 0, 0, 1).values is given


def test_values_of_other_types():
    for given in ([[1, 2]], np.array([[1, 2]], np.int16), np.array([[1, 2]], ">f8"), np.array([[True, 2]])):
        found = Raster(given, 0, 0, 1).values
        assert found.dtype == np.float64 and found.tolist() == [[1, 2]]
    assert Raster(np.array([[1, 2]], ">f4"), 0, 0, 1).values.dtype == np.float32
    masked = np.ma.MaskedArray([[1, 2]], [[False, True]])
    assert same(Raster(masked, 0, 0, 1).values, [[1, np.nan]])
    turned = VALUES.T
    assert same(Raster(turned, 0, 0, 1).values, turned) and Raster(turned, 0, 0, 1).values.flags.c_contiguous


def test_values_that_are_none():
    for wrong in ([1, 2], np.ones((2, 2, 2)), np.empty((0, 3)), 5):
        with pytest.raises(riskmap.ArgumentError, match="shape"):
            Raster(wrong, 0, 0, 1)
    with pytest.raises(riskmap.ArgumentError, match="numbers"):
        Raster([["a"]], 0, 0, 1)
    for wrong in ((0, 0, 0), (0, 0, -1), (np.nan, 0, 1), (0, np.inf, 1)):
        with pytest.raises(riskmap.ArgumentError, match="left, top and cell"):
            Raster(VALUES, *wrong)
    with pytest.raises(riskmap.CrsError):
        Raster(VALUES, 0, 0, 1, crs=object())


# ---- files ----


def test_what_is_written_is_read(raster, tmp_path):
    raster.write(tmp_path / "a.tif", tags={"RISKMAP_KERNEL": "quartic"})
    values, transform, tags, code = read_tif(tmp_path / "a.tif")
    assert values.dtype == np.float32 and same(values, raster.values.astype(np.float32))
    assert transform == raster.geotransform and code == 28992
    assert tags["RISKMAP_KERNEL"] == "quartic" and tags["description"] == "a hill" and tags["unit"] == "1/km2"


def test_without_a_crs(tmp_path):
    Raster(VALUES, 0, 30, 10).write(tmp_path / "a.tif")
    assert read_tif(tmp_path / "a.tif")[3] is None


def test_an_existing_file_stays(raster, tmp_path):
    path = tmp_path / "a.tif"
    raster.write(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        Raster(VALUES + 1, 0, 30, 10).write(path)
    assert path.read_bytes() == before
    Raster(VALUES + 1, 0, 30, 10).write(path, overwrite=True)
    assert same(read_tif(path)[0], VALUES + 1)


def test_a_shielded_one_is_for_the_user_alone(tmp_path):
    Raster(VALUES, 0, 30, 10, shielded=True).write(tmp_path / "a.tif")
    assert stat.S_IMODE((tmp_path / "a.tif").stat().st_mode) == 0o600
    assert "AFGESCHERMD" in "".join(map(str, read_tif(tmp_path / "a.tif")[2].values()))
    assert "AFGESCHERMD" in repr(Raster(VALUES, 0, 30, 10, shielded=True))


def test_what_cannot_be_written(raster, tmp_path):
    with pytest.raises(FileNotFoundError):
        raster.write(tmp_path / "nowhere" / "a.tif")
    with pytest.raises(riskmap.ArgumentError) as problem:
        Raster([[1.0, 2.0], [3.0, 1e300]], 0, 0, 1).write(tmp_path / "a.tif")  # beyond float32
    assert problem.value.row is not None
    with pytest.raises(riskmap.ArgumentError):
        raster.write(tmp_path / "a.tif", tags={"no good": "x"})
    with pytest.raises(TypeError):
        raster.write(tmp_path / "a.tif", tags={"N": 5})
    with pytest.raises(riskmap.CrsError):
        Raster(VALUES, 0, 0, 1, "EPSG:999999").write(tmp_path / "a.tif")
    with pytest.raises(riskmap.Cancelled):
        raster.write(tmp_path / "a.tif", progress=lambda fraction, message: True)
    assert list(tmp_path.iterdir()) == []


def test_what_the_functions_of_c_refuse(tmp_path):
    single, grid = np.ones(6, np.float32), (0.0, 0.0, 1.0, 3, 2)
    path = str(tmp_path / "a.tif")
    with pytest.raises(ValueError, match="values has 6 entries where 9"):
        _riskmap.raster_write(path, single, (0.0, 0.0, 1.0, 3, 3), None)
    with pytest.raises(TypeError, match="float32"):
        _riskmap.raster_write(path, single.astype(float), grid, None)
    with pytest.raises(ValueError, match="as many names"):
        _riskmap.raster_write(path, single, grid, None, tag_names=["A", "B"], tag_values=["x"])
    with pytest.raises(ValueError, match="values has 6"):
        _riskmap.contours(single, (0.0, 0.0, 1.0, 3, 3), None, np.ones(1), None)
    assert list(tmp_path.iterdir()) == []


# ---- contours ----


def test_contours_hold_the_cells_above():
    values = np.zeros((20, 30))
    values[5:15, 10:20] = 8
    layer = Raster(values, 0, 200, 10, 28992).contours([4, 100])
    assert layer.crs == "EPSG:28992" and layer["level"].tolist() == [4, 100]
    # the edge runs halfway between the centres of 0 and 8: around 10 x 10 cells, but for the corners
    assert 100 * 100 - 4 * 50 <= layer["area_m2"][0] <= 100 * 100 and layer["area_m2"][1] == 0
    assert layer.extent == (100, 50, 200, 150)
    assert len(Raster(values, 0, 200, 10).contours(4)) == 1
    with pytest.raises(riskmap.ArgumentError):
        Raster(values, 0, 200, 10).contours([np.nan])
    with pytest.raises(riskmap.ArgumentError):
        Raster(values, 0, 200, 10).contours([[1, 2]])


# ---- xarray ----


def test_to_xarray_and_back(raster):
    pytest.importorskip("xarray")
    array = raster.to_xarray()
    assert array.dims == ("y", "x") and array.attrs["units"] == "1/km2"
    assert np.shares_memory(array.values, raster.values)
    assert array.x.values.tolist() == raster.grid.x.tolist() and array.y.values.tolist() == raster.grid.y.tolist()
    back = Raster.from_xarray(array)
    assert back.grid == raster.grid and same(back.values, raster.values)
    for turned in (array[::-1], array.transpose("x", "y")):  # south up; columns first
        other = Raster.from_xarray(turned)
        assert other.grid == raster.grid and same(other.values, raster.values)


def test_what_is_shielded_stays_so_through_xarray(raster):
    xarray = pytest.importorskip("xarray")
    assert not raster.shielded and "classification" not in raster.to_xarray().attrs
    shielded = Raster(raster.values, 0, 30, 10, 28992, shielded=True).to_xarray()
    assert Raster.from_xarray(shielded).shielded
    with xarray.set_options(keep_attrs=True):
        assert Raster.from_xarray(2 * shielded).shielded


def test_rioxarray_knows_where_it_is(raster):
    pytest.importorskip("rioxarray")
    array = raster.to_xarray()
    assert array.rio.crs.to_epsg() == 28992
    assert tuple(array.rio.transform())[:6] == raster.transform
    assert array.rio.bounds() == raster.extent
    assert Raster.from_xarray(array).crs == "EPSG:28992"


def test_an_xarray_of_another_shape_is_refused():
    xarray = pytest.importorskip("xarray")
    coordinates = {"y": [5.0, 4.0], "x": [0.0, 2.0]}  # cells that are not square
    with pytest.raises(riskmap.ArgumentError, match="square"):
        Raster.from_xarray(xarray.DataArray(np.ones((2, 2)), coordinates, ("y", "x")))
    with pytest.raises(riskmap.ArgumentError, match="two dimensions"):
        Raster.from_xarray(xarray.DataArray(np.ones((1, 2, 2)), dims=("band", "y", "x")))


@pytest.mark.parametrize("dtype, nodata", [("u1", 255), ("i2", -9999), ("f4", -3.4e38), ("f8", -9999.9), ("i8", 2**53)])
@pytest.mark.parametrize("attribute", ["_FillValue", "missing_value"])
def test_nodata_of_an_xarray_is_no_value(dtype, nodata, attribute):
    xarray = pytest.importorskip("xarray")
    values = np.array([[1, 2], [nodata, 4]], dtype)
    array = xarray.DataArray(values, {"y": [5.0, 4.0], "x": [0.0, 1.0]}, ("y", "x"), attrs={attribute: nodata})
    assert same(Raster.from_xarray(array).values, [[1, 2], [np.nan, 4]])
    assert same(Raster.from_xarray(array[::-1]).values, [[1, 2], [np.nan, 4]])
    for other in ({}, {attribute: "none"}, {attribute: np.nan}, {attribute: -1}):
        array.attrs = other
        assert same(Raster.from_xarray(array).values, values)


def test_nodata_of_a_file_is_no_value(tmp_path):
    rioxarray, rasterio = pytest.importorskip("rioxarray"), pytest.importorskip("rasterio")
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", width=2, height=1, count=1, dtype="uint8", nodata=255,
        crs="EPSG:28992", transform=rasterio.Affine(10, 0, 0, 0, -10, 30),
    ) as file:  # fmt: skip
        file.write(np.array([[[7, 255]]], "u1"))
    for masked in (True, False):
        array = rioxarray.open_rasterio(tmp_path / "a.tif", masked=masked).squeeze("band")
        raster = Raster.from_xarray(array)
        assert same(raster.values, [[7, np.nan]]) and raster.crs == "EPSG:28992"
    array.attrs = {}
    assert same(Raster.from_xarray(array.rio.write_nodata(7)).values, [[np.nan, 255]])


@pytest.mark.parametrize("y, x", [("y", "x"), ("lat", "lon"), ("latitude", "longitude")])
def test_an_xarray_lies_as_its_dimensions_say(y, x):
    xarray = pytest.importorskip("xarray")
    array = xarray.DataArray([[1.0, 2.0], [3.0, 4.0]], {y: [52.5, 51.5], x: [5.5, 6.5]}, (y, x))
    for turned in (array, array.transpose(x, y), array[::-1], array.transpose(x, y)[:, ::-1]):
        raster = Raster.from_xarray(turned)
        assert raster.extent == (5, 51, 7, 53) and raster.values.tolist() == [[1, 2], [3, 4]]


def test_an_xarray_that_does_not_say_where_it_lies_is_refused():
    xarray = pytest.importorskip("xarray")
    bare = xarray.DataArray(np.ones((2, 2)), dims=("y", "x"))
    cases = {
        "no coordinates y and x": bare,
        "no coordinates y,": bare.assign_coords(x=[0.0, 1.0]),
        "rename": bare.rename(y="row", x="column"),
        "not Dataset: choose a variable": xarray.Dataset({"height": bare}),
        r"not ndarray: Raster\(": np.ones((2, 2)),
        "not list": [[1.0]],
    }
    for message, array in cases.items():
        with pytest.raises(riskmap.ArgumentError, match=message):
            Raster.from_xarray(array)


# ---- showing ----


def test_it_says_what_it_is(raster):
    assert repr(raster) == (
        "<riskmap.Raster: 3 rows x 4 columns of 10, EPSG:28992, float64, 0 to 11 1/km2>"
    )
    assert "no values" in repr(Raster([[np.nan]], 0, 0, 1))
    assert raster._repr_html_().startswith("&lt;riskmap.Raster")


def test_plotting(raster):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = raster.plot()
    assert tuple(axes.images[0].get_extent()) == (200000, 200040, 500000, 500030)
    assert axes.images[0].get_array().shape == (3, 4)
