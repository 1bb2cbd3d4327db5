"""examples/python: the scripts run, and the notebooks, run again, say what stands in them."""

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "python"


def run(script, folder):
    done = subprocess.run(
        [sys.executable, EXAMPLES / script, folder], capture_output=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_holiday_parks(tmp_path):
    said = run("holiday_parks.py", tmp_path)
    assert "   1. 0.80  De Heidehoeve (VP-000-01)" in said
    assert "16 areas, 15 ranked" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vakantieparken.gpkg", "vakantieparken.xlsx"]


def test_reports(tmp_path):
    said = run("reports.py", tmp_path)
    assert "Of 350 points 331 were used" in said
    assert "2,376 areas: 46 in a hot spot" in said
    assert {path.name for path in tmp_path.iterdir()} == {"heat.tif", "heat.qml", "heat.png", "hotspots.gpkg"}


def test_own_indicators(tmp_path):
    pytest.importorskip("geopandas")
    said = run("own_indicators.py", tmp_path)
    assert "8 areas, 8 ranked." in said
    assert "AFGESCHERMD" in said  # a layer that nobody declared open


def test_the_readme(tmp_path, monkeypatch):
    pytest.importorskip("geopandas", minversion="1.0")
    pytest.importorskip("xarray")
    code = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    for block in code:
        exec(compile(block, "README.md", "exec"), {})
    assert code and {path.name for path in tmp_path.iterdir()} == {"examples", "mine.json", "vakantieparken.gpkg"}


# ---- notebooks ----


def texts(book):
    """What the cells of a notebook say in words, without what differs from day to day and machine to machine."""
    said = []
    for cell in book.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            said += [line.rstrip() for line in text.splitlines() if not re.search(r"\((file|bestand)\)|<Figure", line)]
    return said


def pictures(book):
    return sum("image/png" in output.get("data", {}) for cell in book.cells for output in cell.get("outputs", []))


@pytest.mark.parametrize("name", ["holiday_parks", "reports", "own_indicators"])
def test_notebook(name):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("matplotlib")
    pytest.importorskip("geopandas", minversion="1.0")
    stored = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    fresh = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    nbclient.NotebookClient(fresh, timeout=120, resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    assert texts(fresh) == texts(stored)
    assert pictures(fresh) == pictures(stored) > 0
