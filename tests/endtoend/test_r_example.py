"""examples/r: a result read with sf, listed and mapped."""
import shutil
import subprocess

import pytest

import flow


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    path = tmp_path_factory.mktemp("r") / "vakantieparken.gpkg"
    flow.score(flow.ROOT / "examples/models/vakantieparken.json", path)
    return path


def test_lists_and_maps_a_result(result, tmp_path):
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(sf)"], capture_output=True).returncode:
        pytest.skip("R with sf is not here (r-cran-sf)")
    picture = tmp_path / "map.png"
    ran = subprocess.run(["Rscript", flow.ROOT / "examples/r/map_result.R", result, picture],
                         capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == " 1. 0.80  De Heidehoeve (VP-000-01)"
    assert lines[-1] == "16 areas, 1 without a score: too little data."
    assert sum(line.startswith("      - ") for line in lines) == 15
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and picture.stat().st_size > 10_000
