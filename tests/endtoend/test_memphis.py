"""docs/memphis.md says what the library finds: examples/c/memphis prints its figures, line by line."""

import os
import pathlib
import subprocess

import pytest

import flow

PAGE = flow.ROOT / "docs" / "memphis.md"


@pytest.fixture(scope="module")
def printed():
    build = os.environ.get("RISKMAP_BUILD")
    if not build:
        pytest.skip("RISKMAP_BUILD names no build folder")
    program = pathlib.Path(build).resolve() / "examples" / "c" / "memphis"
    if not program.exists():
        pytest.skip(f"examples/c/memphis was not built in {build}")
    data = flow.shared("crime-points")
    done = subprocess.run([program, data], capture_output=True, encoding="utf-8", timeout=170)
    assert (done.returncode, done.stderr) == (0, "")
    return [line for line in done.stdout.splitlines() if line]


def test_every_figure_is_in_the_page(printed):
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in printed if line not in lines] == []
    assert len(printed) > 40


def test_the_page_has_no_other_table(printed):
    tables = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert sorted(tables) == sorted(line for line in printed if line.startswith("|"))


def test_it_says_what_is_missing(tmp_path, printed):
    program = pathlib.Path(os.environ["RISKMAP_BUILD"]).resolve() / "examples" / "c" / "memphis"
    done = subprocess.run([program, tmp_path], capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 1 and "memphis_precincts.geojson does not exist" in done.stderr
