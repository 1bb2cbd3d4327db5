"""The two commands: what quickstart.sh does after installing and building, and the line that run.sh ends
with. That they work on a bare Debian is tried by hand; here nothing is installed."""

import os
import shutil
import stat
import struct
import subprocess
import sys

import pytest

import flow

MODELS = ("bedrijventerreinen", "vakantieparken", "buitengebied")


@pytest.fixture
def copy_of_the_checkout(tmp_path):
    """The examples and a build that is ready; meson and dpkg say that all is well."""
    programs = flow.program("riskmap-score").parent
    shutil.copytree(flow.EXAMPLES, tmp_path / "riskmap" / "examples")
    build = tmp_path / "riskmap" / "build"
    (build / "examples").mkdir(parents=True)
    (build / "build.ninja").write_text("")
    (build / "examples" / "programs").symlink_to(programs)
    (tmp_path / "bin").mkdir()
    for name in ("meson", "dpkg", "apt-get", "sudo"):
        said = "exit 0" if name in ("meson", "dpkg") else "echo $0 was called >&2; exit 1"
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{said}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path / "riskmap", {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}


@pytest.fixture
def bare(tmp_path):
    """What a server has: no display, and no more fonts than cairo has of its own."""
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(f"<fontconfig><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>")
    return {"FONTCONFIG_FILE": str(fonts), "DISPLAY": "", "WAYLAND_DISPLAY": ""}


def test_quickstart(copy_of_the_checkout, bare):
    checkout, environment = copy_of_the_checkout
    rasters = []
    for more in ({}, bare):  # and again, over its own results
        done = subprocess.run(["sh", "examples/quickstart.sh"], cwd=checkout, env={**environment, **more},
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and done.stderr == ""
        rasters.append((checkout / "build" / "results" / "heat.tif").read_bytes())
    for model in MODELS:
        assert len(flow.tables(checkout / "build" / "results" / f"{model}.gpkg")["areas"]) > 5
        assert (checkout / "build" / "results" / f"{model}.xlsx").stat().st_size > 2000
    assert done.stdout.count("geen verdenking en op zichzelf geen grond voor een controle") == len(MODELS) + 1
    check_heat_map(checkout / "build" / "results", done.stdout)
    assert rasters[0] == rasters[1]
    # nothing but the build folder has changed
    assert sorted(os.listdir(checkout)) == ["build", "examples"]
    assert sorted(os.listdir(checkout / "examples" / "data")) == sorted(os.listdir(flow.EXAMPLES / "data"))


def check_heat_map(results, said):
    assert "2024-01-01 t/m 2025-12-31: 1525 punten" in said and "build/results/heat.png" in said
    names = {path.name for path in results.glob("heat*")}
    assert names == {"heat.tif", "heat.qml", "heat.png", "heat-contours.gpkg"}
    for name in names:  # reports are shielded unless they are declared open
        assert stat.S_IMODE((results / name).stat().st_mode) == 0o600, name
    picture = (results / "heat.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", picture[16:24]) == (1600, 1200)
    assert len(picture) > 50_000  # roads and heat, not an empty sheet


def summary(folder, log, junit):
    (folder / "meson-logs").mkdir(exist_ok=True)
    for name in ("unit.txt", "dutch.txt"):
        (folder / "meson-logs" / name).write_text(log)
    for name in ("pytest.xml", "newest.xml"):
        (folder / name).write_text(junit)
    return subprocess.run([sys.executable, flow.ROOT / "tests" / "summary.py", folder], capture_output=True, text=True)


SUITE = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'
GOOD = "[  PASSED  ] 7 test(s).\n[  SKIPPED ] 1 test(s), listed below:\nFail:              0\nTimeout:           0\n"


def test_summary_is_one_line_that_adds_up(tmp_path):
    done = summary(tmp_path, GOOD, SUITE.format(10, 0, 0, 3))
    assert (done.stdout, done.returncode) == ("28 passed, 0 failed, 8 skipped\n", 0)
    (tmp_path / "newest.xml").unlink()  # it ended before it could count
    done = subprocess.run([sys.executable, flow.ROOT / "tests" / "summary.py", tmp_path], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("21 passed, 1 failed, 5 skipped\n", 1)


@pytest.mark.parametrize("log, junit", [
    (GOOD.replace("Timeout:           0", "Timeout:           1"), SUITE.format(1, 0, 0, 0)),
    ("[  FAILED  ] 1 test(s), listed below:\n", SUITE.format(1, 0, 0, 0)),
    (GOOD, SUITE.format(2, 1, 0, 0)), (GOOD, SUITE.format(2, 0, 1, 0)), ("", SUITE.format(0, 0, 0, 0))])
def test_summary_fails_when_anything_did(log, junit, tmp_path):
    assert summary(tmp_path, log, junit).returncode == 1
