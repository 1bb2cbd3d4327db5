"""Beside packages that bring their own GDAL, PROJ, GEOS and HDF5: imported in any order, nothing changes, on either side."""

import functools
import importlib.util
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OTHERS = [
    name
    for name in ("osgeo", "pyogrio", "rasterio", "pyproj", "shapely", "geopandas", "pyarrow", "netCDF4", "h5py")
    if importlib.util.find_spec(name)
]


def process(how, *modules, **environment):
    """What beside.py prints; it ends well too, which is when libraries are let go of."""
    script = pathlib.Path(__file__).with_name("beside.py")
    run = subprocess.run(
        [sys.executable, script, how, *modules], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


@functools.cache
def alone(module):
    return process("plain", module)[module]


def check(found):
    for module, results in found.items():
        assert results == alone(module), module


@pytest.mark.parametrize("other", OTHERS)
def test_imported_after_one_other(other):
    check(process("plain", other, "riskmap"))


@pytest.mark.parametrize("how", ["plain", "threads", "fork"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_imported_among_all(how, first):
    check(process(how, *(["riskmap", *OTHERS] if first else [*OTHERS, "riskmap"])))


@pytest.mark.parametrize("other", [name for name in OTHERS if name not in ("netCDF4", "h5py")])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_libraries_that_serve_everyone(other, first):
    """One at a time: without riskmap too, rasterio and netCDF4 break each other so."""
    check(process("shared", *(["riskmap", other] if first else [other, "riskmap"])))


@pytest.mark.parametrize("other", ["pyogrio", "osgeo"])
def test_reads_what_another_reads(other):
    if other not in OTHERS:
        pytest.skip(f"{other} is not installed")
    assert alone("riskmap")["read"] == alone(other)["read"]


def test_projects_to_where_another_does():
    if "geopandas" not in OTHERS:
        pytest.skip("geopandas is not installed")
    # another version of PROJ: not to the bit
    assert alone("riskmap")["extent"] == pytest.approx(alone("geopandas")["bounds"], abs=0.01)


def folder_of(package, name):
    spec = importlib.util.find_spec(package)
    found = sorted(pathlib.Path(spec.origin).parent.rglob(name)) if spec else []
    return str(found[0].parent) if found else pytest.skip(f"{package} brings no {name}")


@pytest.mark.parametrize(
    "variable,package,name",
    [
        ("PROJ_LIB", "pyproj", "proj.db"),
        ("PROJ_DATA", "pyproj", "proj.db"),
        ("PROJ_DATA", "rasterio", "proj.db"),
        ("GDAL_DATA", "rasterio", "gdalvrt.xsd"),
    ],
)
def test_data_of_another_that_the_environment_names(variable, package, name):
    check(process("plain", "riskmap", **{variable: folder_of(package, name)}))


@pytest.mark.parametrize("variable", ["PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH", "OGR_DRIVER_PATH"])
def test_a_folder_without_anything_that_the_environment_names(variable, tmp_path):
    check(process("plain", "riskmap", **{variable: str(tmp_path)}))


def test_a_database_of_an_older_proj_that_the_environment_names(tmp_path):
    theirs = tmp_path / "proj.db"
    shutil.copy("/usr/share/proj/proj.db", theirs)
    with sqlite3.connect(theirs) as database:
        database.execute("UPDATE metadata SET value = '0' WHERE key = 'DATABASE.LAYOUT.VERSION.MINOR'")
    check(process("plain", "riskmap", PROJ_DATA=str(tmp_path)))


def test_the_extension_shows_one_symbol():
    if not shutil.which("nm"):
        pytest.skip("nm (binutils) is not installed")
    from riskmap import _riskmap

    symbols = subprocess.run(["nm", "-D", "--defined-only", _riskmap.__file__], check=True, capture_output=True, text=True)
    assert [line.split()[-1] for line in symbols.stdout.splitlines()] == ["PyInit__riskmap"]
