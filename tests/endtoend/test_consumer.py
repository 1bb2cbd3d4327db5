"""The library as others get it: installed into a folder of its own, found by pkg-config and by CMake,
with no header and no library of the checkout in sight."""

import os
import pathlib
import shutil
import subprocess

import pytest

import flow

HERE = pathlib.Path(__file__).with_name("consumer")
MESON = "/usr/bin/meson" if os.path.exists("/usr/bin/meson") else "meson"


def do(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=170, **options)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """(prefix, folder of the library): the build of RISKMAP_BUILD, moved to another prefix by --destdir."""
    flow.program("riskmap-score")
    folder = tmp_path_factory.mktemp("installed")
    do(MESON, "install", "-C", os.environ["RISKMAP_BUILD"], "--destdir", folder, "--no-rebuild")
    library = next(folder.rglob("libriskmap.so"))
    return next(folder.rglob("include/riskmap")).parents[1], library.parent


def environment(installed):
    prefix, library = installed
    return {**os.environ, "LD_LIBRARY_PATH": str(library), "PKG_CONFIG_PATH": str(library / "pkgconfig"),
            "PKG_CONFIG_SYSROOT_DIR": "", "CMAKE_PREFIX_PATH": str(prefix), "CMAKE_GENERATOR": "Ninja"}


def test_programs_are_short():
    for name in ("count.c", "score.c"):
        assert len((HERE / name).read_text().splitlines()) <= 20, name


def test_everything_is_there(installed):
    prefix, library = installed
    headers = {path.name for path in (flow.ROOT / "include" / "riskmap").glob("*.h")}
    assert {path.name for path in (prefix / "include" / "riskmap").iterdir()} == headers
    assert (library / "libriskmap.so.0").exists() and (library / "pkgconfig" / "riskmap.pc").exists()
    assert (library / "cmake" / "riskmap" / "riskmapConfig.cmake").exists()
    for name in ("riskmap-inspect", "riskmap-check", "riskmap-score"):
        assert os.access(prefix / "bin" / name, os.X_OK), name


@pytest.mark.parametrize("compiler, standard", [("gcc", "c11"), ("clang", "c11"), ("g++", "c++11")])
def test_pkg_config(installed, compiler, standard, tmp_path):
    for tool in ("pkg-config", compiler):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    # the prefix was moved by --destdir, so it is given to pkg-config again
    flags = do("pkg-config", f"--define-variable=prefix={installed[0]}", "--cflags", "--libs", "riskmap",
               env=environment(installed)).split()
    language = ["-x", "c++"] if compiler == "g++" else []
    do(compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *language, HERE / "count.c",
       "-o", tmp_path / "count", *flags)
    model = flow.simple_model(tmp_path)
    said = do(tmp_path / "count", model.parent / "gebieden.geojson", env=environment(installed))
    assert said.startswith("riskmap ") and said.endswith(": 4 features\n")
    wrong = subprocess.run([tmp_path / "count", tmp_path / "nee.gpkg"], capture_output=True, text=True,
                           env=environment(installed))
    assert wrong.returncode == 1 and "does not exist" in wrong.stderr


def test_cmake(installed, tmp_path):
    if not shutil.which("cmake"):
        pytest.skip("cmake is not installed")
    model = flow.simple_model(tmp_path)
    build = tmp_path / "build"
    do("cmake", "-S", HERE, "-B", build, "-DCMAKE_BUILD_TYPE=Release", env=environment(installed))
    do("cmake", "--build", build, env=environment(installed))
    said = do(build / "score", model, tmp_path / "result.gpkg", env=environment(installed))
    assert said == "4 areas\n"
    assert len(flow.tables(tmp_path / "result.gpkg")["areas"]) == 4


def test_installed_program_runs(installed, tmp_path):
    prefix, library = installed
    model = flow.simple_model(tmp_path)
    done = subprocess.run([prefix / "bin" / "riskmap-score", model, tmp_path / "r.gpkg", "--quiet"],
                          capture_output=True, text=True, env=environment(installed))
    assert (done.returncode, done.stderr) == (0, "")
