"""The real parks from end to end in under 30 lines of Python, and equal to the program to the last bit. Nothing of them is
printed. Skips where the real data are absent."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import pytest

from . import programs

SCRIPT = pathlib.Path(__file__).with_name("real_parks.py")
DATA = pathlib.Path(os.environ.get("RISKMAP_SHARED") or programs.ROOT.parent / "shared") / "data"


@pytest.fixture
def made(tmp_path):
    if not (DATA / "holiday-parks").is_dir():
        pytest.skip("the real data are absent")
    pytest.importorskip("geopandas")
    done = subprocess.run([sys.executable, SCRIPT, DATA, tmp_path], capture_output=True, encoding="utf-8", timeout=170)
    assert done.returncode == 0, done.stderr
    yield tmp_path, done.stdout.split()
    shutil.rmtree(tmp_path)  # scores of real places are not left lying about


def rows(path, table):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return connection.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()


def test_it_takes_under_thirty_lines():
    assert sum(bool(line.strip()) for line in SCRIPT.read_text(encoding="utf-8").splitlines()) < 30


def test_equal_to_the_program_to_the_last_bit(made):
    folder, said = made
    assert said == ["True", "342", "342", "28992", "581789"]
    programs.run("riskmap-score", folder / "model.json", folder / "program.gpkg", "--as-of", "2026-11-01")
    for table in ("areas", "contributions", "indicators", "issues"):
        same = rows(folder / "parks.gpkg", table) == rows(folder / "program.gpkg", table)
        assert same, f"{table} differs"  # and is not shown
