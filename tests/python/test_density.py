"""Densities and bandwidths: by their formulas, by others' software, and what is refused."""

import csv
import logging
import math
import os
import pathlib
import stat
import threading
import time

import numpy as np
import pytest

import riskmap
from riskmap import Grid, _riskmap, density, density_at

from .interrupt import seconds_to_stop

SHARED = pathlib.Path(os.environ.get("RISKMAP_SHARED", pathlib.Path(__file__).parents[3] / "shared"))
GRID = Grid(0, 1000, 20, 50, 50)
SHAPES = {
    "quartic": lambda u: 3 / math.pi * (1 - u) ** 2 * (u < 1),
    "gaussian": lambda u: 1 / (2 * math.pi) * np.exp(-u / 2),
    "epanechnikov": lambda u: 2 / math.pi * (1 - u) * (u < 1),
    "triweight": lambda u: 4 / math.pi * (1 - u) ** 3 * (u < 1),
    "uniform": lambda u: 1 / math.pi * (u < 1),
}


@pytest.fixture
def points():
    x, y = np.random.default_rng(7).uniform(100, 900, (2, 400))
    return x, y


def brute(x, y, points, bandwidth, kernel, weights=1.0):
    """The sum of every point's kernel at every place."""
    bandwidth = np.broadcast_to(bandwidth, len(points[0]))
    u = ((x[:, None] - points[0]) ** 2 + (y[:, None] - points[1]) ** 2) / bandwidth**2
    return (SHAPES[kernel](u) / bandwidth**2 * weights).sum(axis=1)


def centres(grid):
    x, y = np.meshgrid(grid.x, grid.y)
    return x.ravel(), y.ravel()


# ---- values ----


@pytest.mark.parametrize("kernel", SHAPES)
@pytest.mark.parametrize("bandwidth", [35.0, 150.0])
def test_a_grid_by_every_kernel(points, kernel, bandwidth):
    weights = np.arange(400.0) % 3
    found = density(points, bandwidth=bandwidth, grid=GRID, kernel=kernel, weights=weights)
    wanted = brute(*centres(GRID), points, bandwidth, kernel, weights)
    assert found.values.shape == (50, 50) and found.values.dtype == np.float64
    assert np.abs(found.values.ravel() - wanted).max() < 1e-9 * 400 / bandwidth**2


@pytest.mark.parametrize("kernel", SHAPES)
def test_places_with_a_bandwidth_of_each_point(points, kernel):
    bandwidths, places = np.linspace(30, 200, 400), (points[1][:50] + 1, points[0][:50])
    found = density_at(places, points, bandwidths=bandwidths, kernel=kernel)
    assert np.allclose(found, brute(*places, points, bandwidths, kernel), rtol=1e-11, atol=0)


def test_neither_order_nor_threads_nor_layout_matter(points):
    one = density(points, bandwidth=100, grid=GRID, threads=1).values
    turned = (points[0][::-1], points[1][::-1])  # not contiguous either
    assert not turned[0].flags.c_contiguous
    assert (density(turned, bandwidth=100, grid=GRID, threads=3).values == one).all()
    wide = np.column_stack(points)
    wide.flags.writeable = False
    assert (density((wide[:, 0], wide[:, 1]), bandwidth=100, grid=GRID).values == one).all()
    other = [values.astype(">f8") for values in points]
    assert (density(other, bandwidth=100, grid=GRID).values == one).all()
    assert (density((list(points[0]), list(points[1])), bandwidth=100, grid=GRID).values == one).all()


def test_a_layer_is_its_points(points):
    layer = riskmap.Layer.from_points(*points, crs="EPSG:28992")
    found = density(layer, bandwidth=100, grid=GRID)
    assert found.crs == "EPSG:28992"
    assert (found.values == density(points, bandwidth=100, grid=GRID).values).all()


def test_a_geodataframe_is_its_points(points):
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*points), crs=28992)
    found = density(frame, bandwidth=100, grid=GRID)
    assert found.crs == "EPSG:28992"
    assert (found.values == density(points, bandwidth=100, grid=GRID).values).all()


def test_the_grid_covers_what_points_reach():
    found = density(([105.0, 395.0], [12.0, 12.0]), bandwidth=100, cell=10)
    assert found.extent == (0.0, -90.0, 500.0, 120.0)
    assert density(([0.0], [0.0]), bandwidth=100).grid.cell == 5
    assert density(([0.0], [0.0]), bandwidth=187).grid.cell == 5
    assert density(([0.0], [0.0]), bandwidth=250).grid.cell == 10
    assert density(([0.0], [0.0]), bandwidth=10, kernel="gaussian", cell=10).extent == (-30, -30, 30, 30)


def test_per_km2(points):
    plain = density(points, bandwidth=100, grid=GRID)
    scaled = density(points, bandwidth=100, grid=plain, per_km2=True)
    assert (scaled.values == plain.values * 1e6).all() and scaled.unit == "1/km2"
    with pytest.raises(riskmap.CrsError, match="per_km2: coordinates of EPSG:2263 are not in metres"):
        density(points, bandwidth=100, grid=GRID, per_km2=True, crs=2263)


@pytest.mark.parametrize("crs, unit", [(28992, "1/m2"), (2263, "per square unit"), (None, "per square unit")])
def test_the_unit_is_shown(points, crs, unit):
    found = density(points, bandwidth=100, grid=GRID, crs=crs, open=True)
    assert found.unit == unit and repr(found).endswith(f" {unit}>")
    if crs != 2263:
        layer = riskmap.Layer.from_points(*points, crs)
        assert density(layer, bandwidth=100, grid=GRID).unit == unit
        assert density(layer, bandwidth=100, grid=GRID, crs=28992).unit == "1/m2"


def test_a_density_is_shielded_as_its_points_are(points, tmp_path):
    shielded = density(points, bandwidth=100, grid=GRID, crs=28992)
    public = density(points, bandwidth=100, grid=GRID, crs=28992, open=True)
    assert shielded.shielded and not public.shielded
    for raster, mode in ((shielded, 0o600), (public, 0o644)):
        path = tmp_path / f"{mode:o}.tif"
        before = os.umask(0o022)
        try:
            raster.write(path)
        finally:
            os.umask(before)
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert riskmap.density_ratio(public, shielded).shielded and not riskmap.density_ratio(public, public).shielded


def test_no_points_are_zeros():
    none = np.empty(0)
    assert (density((none, none), bandwidth=100, grid=GRID).values == 0).all()
    assert (density_at((none, none), (none, none), bandwidth=100)).size == 0
    with pytest.raises(riskmap.ArgumentError, match="no points"):
        density((none, none), bandwidth=100)


# ---- edges ----


def test_the_edge_of_a_rectangle_is_a_product_of_normals(points):
    def mass(values):
        return np.array([0.5 * (math.erf((900 - v) / 80 / 2**0.5) - math.erf((100 - v) / 80 / 2**0.5)) for v in values])

    places = (points[1][:80], points[0][:80])
    plain = density_at(places, points, bandwidth=80, kernel="gaussian")
    found = density_at(places, points, bandwidth=80, kernel="gaussian", edge="uniform", area=(100, 100, 900, 900))
    assert np.allclose(found, plain / mass(places[0]) / mass(places[1]), rtol=1e-9, atol=0)
    found = density_at(places, points, bandwidth=80, kernel="gaussian", edge="diggle", area=(100, 100, 900, 900))
    weights = 1 / mass(points[0]) / mass(points[1])
    assert np.allclose(found, brute(*places, points, 80, "gaussian", weights), rtol=1e-9, atol=0)


def test_a_map_by_diggle_adds_up_to_the_points(points):
    found = density(points, bandwidth=80, cell=5, edge="diggle", area=(100, 100, 900, 900))
    assert found.extent == (100, 100, 900, 900)
    assert abs(found.values.sum() * 25 - 400) < 0.1


def test_cells_outside_the_area_are_blank(points):
    found = density(points, bandwidth=80, grid=GRID, edge="uniform", area=(100, 100, 900, 900))
    x, y = centres(GRID)
    inside = (x > 100) & (x < 900) & (y > 100) & (y < 900)
    assert (np.isnan(found.values.ravel()) == ~inside).all()


def test_points_outside_the_area_are_refused_or_counted(points, caplog):
    options = {"bandwidth": 80, "grid": GRID, "edge": "uniform", "area": (200, 200, 800, 800)}
    inside = (np.abs(points[0] - 500) < 300) & (np.abs(points[1] - 500) < 300)
    with pytest.raises(riskmap.DataError, match="outside the study area") as problem:
        density(points, **options)
    assert problem.value.row == int(np.flatnonzero(~inside)[0])
    with caplog.at_level(logging.WARNING, "riskmap"):
        found = density(points, leave_out_outside=True, **options)
    assert f"{(~inside).sum()} points" in caplog.text
    wanted = density((points[0][inside], points[1][inside]), **options).values
    assert np.array_equal(found.values, wanted, equal_nan=True)


def test_area_and_edge_go_together(points):
    with pytest.raises(riskmap.ArgumentError, match="go together"):
        density(points, bandwidth=80, area=(0, 0, 1000, 1000))
    with pytest.raises(riskmap.ArgumentError, match="go together"):
        density(points, bandwidth=80, edge="diggle")


# ---- others' software ----


def columns(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_chorley():
    folder = SHARED / "golden/chorley-kde"
    if not folder.is_dir():
        pytest.skip("the golden tables are not here")
    data, wanted = columns(folder / "input.csv"), columns(folder / "expected.csv")
    found = [np.array(data[name], float) for name in "xy"]
    places = [np.array(wanted[name], float) for name in ("gx", "gy")]
    for column, kernel, bandwidth in (("gaussian_sigma", "gaussian", 1.0), ("triweight_R", "triweight", 2.05)):
        ours = density_at(places, found, bandwidth=bandwidth, kernel=kernel)
        theirs = np.array(wanted[column], float)
        assert np.abs(ours - theirs).max() < 1e-9 * theirs.max()
    table = columns(folder / "expected_adaptive_bandwidths.csv")
    ours = riskmap.bandwidth_adaptive(found, 1.0, pilot=1.0)
    assert np.allclose(ours, np.array(table["h_exact"], float), rtol=1e-9, atol=0)


# ---- bandwidths ----


def test_the_rule_of_distance_by_hand(points):
    x, y = points
    spread = math.sqrt(((x - x.mean()) ** 2 + (y - y.mean()) ** 2).mean())
    median = np.median(np.hypot(x - x.mean(), y - y.mean()))
    wanted = 0.9 * min(spread, median / math.sqrt(math.log(2))) * 400**-0.2
    assert math.isclose(riskmap.bandwidth_rule(points), wanted, rel_tol=1e-9)


def test_the_reference_rule_gives_kernels_of_equal_spread(points):
    sigma = riskmap.bandwidth_rule(points, kernel="gaussian", rule="reference")
    variance = (points[0].var(ddof=1) + points[1].var(ddof=1)) / 2
    assert math.isclose(sigma, math.sqrt(variance) * 400 ** (-1 / 6), rel_tol=1e-3)
    for kernel, factor in {"quartic": 8, "epanechnikov": 6, "triweight": 10, "uniform": 4}.items():
        found = riskmap.bandwidth_rule(points, kernel=kernel, rule="reference")
        assert math.isclose(found, sigma * math.sqrt(factor), rel_tol=1e-12)


def test_cross_validation_by_brute_force(points):
    x, y = np.concatenate([points[0], points[0][:20]]), np.concatenate([points[1], points[1][:20]])
    fit = riskmap.bandwidth_cross_validate((x, y), kernel="gaussian", criterion="likelihood")

    def score(sigma):
        far = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
        kernel = np.exp(-far / 2 / sigma**2) / (2 * math.pi * sigma**2)
        kernel[far == 0] = 0  # all points at the same place are left out
        others = (far > 0).sum(axis=1)
        return -np.log(kernel.sum(axis=1) / others).mean()

    assert math.isclose(fit.score, score(fit.bandwidth), rel_tol=1e-6)
    assert fit.score <= min(score(fit.bandwidth * 0.9), score(fit.bandwidth * 1.1))
    assert (fit.places, fit.coincident, fit.at_end) == (400, 40, 0)


def test_leaving_out_points_is_refused_where_many_coincide():
    with pytest.raises(riskmap.DataError):
        riskmap.bandwidth_cross_validate(([0.0, 0.0, 5.0, 5.0], [0.0, 0.0, 5.0, 5.0]), leave="point")


def test_ratio(points):
    above, below = (density(points, bandwidth=b, grid=GRID) for b in (60, 90))
    found = riskmap.density_ratio(above, below, per=1000, floor=1e-4)
    wanted = np.where(below.values >= 1e-4, above.values / np.where(below.values == 0, 1, below.values) * 1000, np.nan)
    assert np.allclose(found.values, wanted, rtol=1e-14, equal_nan=True) and np.isnan(found.values).any()
    with pytest.raises(riskmap.ArgumentError, match="other cells"):
        riskmap.density_ratio(above, density(points, bandwidth=60, cell=50))
    assert (found.unit, riskmap.density_ratio(above, below).unit) == ("per 1000", None)


def test_a_ratio_is_of_one_unit(points):
    metres = density(points, bandwidth=60, grid=GRID, crs=28992)
    kilometres = density(points, bandwidth=60, grid=GRID, crs=28992, per_km2=True)
    for above, below in ((metres, kilometres), (kilometres, metres)):
        with pytest.raises(riskmap.ArgumentError, match="per square metre"):
            riskmap.density_ratio(above, below)


def test_half_lives():
    assert riskmap.half_life_weights([0, 10, 20.0], 10).tolist() == [1, 0.5, 0.25]
    with pytest.raises(riskmap.ArgumentError) as problem:
        riskmap.half_life_weights([0, -1], 10)
    assert problem.value.row == 1
    with pytest.raises(riskmap.ArgumentError):
        riskmap.half_life_weights([0], 0)


# ---- what is refused ----


def test_points_that_are_none(points):
    with pytest.raises(riskmap.ArgumentError, match="y has 399 entries where 400"):
        density((points[0], points[1][1:]), bandwidth=100)
    with pytest.raises(riskmap.ArgumentError, match="arrays of one dimension"):
        density(np.column_stack(points), bandwidth=100)
    with pytest.raises(riskmap.ArgumentError, match="numbers are needed"):
        density((points[0].astype(str), points[1]), bandwidth=100)
    for at in (0, 1):
        broken = [values.copy() for values in points]
        broken[at][17] = np.nan
        for options in ({}, {"grid": GRID}):
            with pytest.raises(riskmap.ArgumentError) as problem:
                density(broken, bandwidth=100, **options)
            assert problem.value.row == 17


def test_words_that_are_none(points):
    with pytest.raises(riskmap.ArgumentError, match="'cosine' is not among quartic, gaussian"):
        density(points, bandwidth=100, kernel="cosine")
    with pytest.raises(riskmap.ArgumentError, match="none, uniform, diggle"):
        density(points, bandwidth=100, edge="toroidal")
    with pytest.raises(riskmap.ArgumentError, match="reference, robust, distance"):
        riskmap.bandwidth_rule(points, rule="scott")


def test_bandwidths_that_are_none(points):
    for wrong in (0, -1, math.nan, math.inf):
        with pytest.raises(riskmap.ArgumentError, match="bandwidth"):
            density(points, bandwidth=wrong)
        with pytest.raises(riskmap.ArgumentError, match="bandwidth"):
            density(points, bandwidth=wrong, grid=GRID)
    with pytest.raises(riskmap.ArgumentError, match="is needed"):
        density(points)
    with pytest.raises(riskmap.ArgumentError, match="bandwidths has 3 entries where 400"):
        density(points, bandwidths=[1, 2, 3], cell=10)
    with pytest.raises(riskmap.ArgumentError) as problem:
        density(points, bandwidths=np.where(np.arange(400) == 9, 0.0, 50.0), grid=GRID)
    assert problem.value.row == 9
    with pytest.raises(TypeError):
        density(points, bandwidth="wide")


def test_weights_that_are_none(points):
    with pytest.raises(riskmap.ArgumentError, match="weights has 3 entries where 400"):
        density(points, bandwidth=100, weights=[1, 2, 3])
    with pytest.raises(riskmap.ArgumentError) as problem:
        density(points, bandwidth=100, weights=np.where(np.arange(400) == 5, -1.0, 1.0))
    assert problem.value.row == 5


def test_rasters_that_are_too_large(points):
    with pytest.raises(riskmap.LimitError, match="one point that lies far away"):
        density(([0.0, 1e9], [0.0, 0.0]), bandwidth=100, cell=1)
    with pytest.raises(riskmap.ArgumentError, match="cell"):
        density(points, bandwidth=100, cell=0)
    with pytest.raises(riskmap.ArgumentError, match="extent"):
        density(points, bandwidth=100, extent=(0, 0, -1, 10))
    with pytest.raises(riskmap.ArgumentError, match="leave out cell"):
        density(points, bandwidth=100, grid=GRID, cell=10)


def test_degrees_and_other_systems():
    degrees = riskmap.Layer.from_points([5.0], [52.0], crs=4326)
    with pytest.raises(riskmap.CrsError) as problem:
        density(degrees, bandwidth=100)
    assert problem.value.layer == "points"
    for crs in (4326, "OGC:CRS84", "EPSG:4807"):  # the last in grads
        pair = [5.0, 5.1], [52.0, 52.1]
        for call in (
            lambda: density(pair, bandwidth=0.02, crs=crs),
            lambda: density_at(([155000.0], [463000.0]), pair, bandwidth=0.02, crs=crs),
            lambda: riskmap.bandwidth_rule(pair, crs=crs),
            lambda: riskmap.bandwidth_cross_validate(pair, crs=crs),
            lambda: riskmap.bandwidth_adaptive(pair, 0.02, pilot=0.01, crs=crs),
        ):
            with pytest.raises(riskmap.CrsError, match="^p(oints|laces): .* are in (degree|grad)s"):
                call()
    rd, utm = (riskmap.Layer.from_points([2e5], [5e5], crs=crs) for crs in (28992, 32631))
    with pytest.raises(riskmap.CrsError, match="EPSG:32631.*EPSG:28992"):
        density_at(utm, rd, bandwidth=100)
    with pytest.raises(riskmap.CrsError):
        density(rd, bandwidth=100, grid=density(utm, bandwidth=100))


def test_what_the_functions_of_c_refuse(points):
    x, y = points
    out = np.empty(2500)
    with pytest.raises(ValueError, match="out has 2499 entries where 2500"):
        _riskmap.density_grid(out[1:], GRID, x, y, bandwidth=100.0)
    with pytest.raises(ValueError, match="cannot be"):
        _riskmap.density_grid(out, (0.0, 0.0, 1.0, -1, 5), x, y, bandwidth=100.0)
    with pytest.raises(ValueError, match="cannot be"):
        _riskmap.density_grid(out, (0.0, 0.0, 1.0, 2**40, 2**40), x, y, bandwidth=100.0)
    with pytest.raises(TypeError, match="left, top, cell"):
        _riskmap.density_grid(out, None, x, y, bandwidth=100.0)
    with pytest.raises(TypeError, match="written to"):
        out.flags.writeable = False
        _riskmap.density_grid(out, GRID, x, y, bandwidth=100.0)
    out = np.empty(2500)
    with pytest.raises(ValueError, match="weights has 1 entries"):
        _riskmap.density_grid(out, GRID, x, y, bandwidth=100.0, weights=np.ones(1))
    ring = np.array([0.0, 1000, 1000, 0]), np.array([0.0, 0, 1000, 1000])
    for starts in ([0, 5], [1, 4], [0, 3, 2, 4], []):
        with pytest.raises(ValueError, match="ring_starts"):
            rings = {"ring_x": ring[0], "ring_y": ring[1], "ring_starts": np.array(starts, np.int64)}
            _riskmap.density_grid(out, GRID, x, y, bandwidth=100.0, edge=1, **rings)
    with pytest.raises(ValueError, match="ring_y has 3"):
        rings = {"ring_x": ring[0], "ring_y": ring[1][1:], "ring_starts": np.array([0, 4])}
        _riskmap.density_grid(out, GRID, x, y, bandwidth=100.0, edge=1, **rings)
    with pytest.raises(TypeError, match="go together"):
        _riskmap.density_grid(out, GRID, x, y, bandwidth=100.0, edge=1, ring_x=ring[0])
    with pytest.raises(TypeError, match="no option 'width'"):
        _riskmap.density_grid(out, GRID, x, y, width=100.0)
    with pytest.raises(ValueError, match="outside has 2"):
        _riskmap.density_grid(out, GRID, x, y, bandwidth=100.0, outside=np.zeros(2, np.int64))


# ---- long ones ----


@pytest.fixture
def long():
    """A density that takes seconds: bandwidths of their own allow no short cut."""
    x, y = np.random.default_rng(1).uniform(0, 20000, (2, 30000))
    return {"points": (x, y), "bandwidths": np.full(30000, 4000.0) + np.arange(30000), "cell": 20.0}


def test_it_is_interrupted_within_a_fifth_of_a_second(long):
    places = {"places": long["points"], "points": long["points"], "bandwidths": long["bandwidths"]}
    assert seconds_to_stop(lambda: density(**long), after=0.3) < 0.2
    assert seconds_to_stop(lambda: density_at(**places), after=0.1) < 0.2
    assert seconds_to_stop(lambda: riskmap.bandwidth_cross_validate(long["points"], highest=9000.0), after=0.1) < 0.2


def test_progress_is_told_and_stops_it(long):
    told = []

    def progress(fraction, message):
        told.append(fraction)
        return len(told) > 3

    with pytest.raises(riskmap.Cancelled):
        density(**long, progress=progress)
    assert len(told) == 4 and all(0 <= fraction <= 1 for fraction in told)

    def broken(fraction, message):
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        density(**long, progress=broken)


def test_other_threads_run_meanwhile(long):
    counted, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    ends = time.perf_counter() + 0.3
    with pytest.raises(riskmap.Cancelled):
        density(**long, progress=lambda fraction, message: time.perf_counter() > ends)
    done.set()
    thread.join()
    assert counted[0] > 20
