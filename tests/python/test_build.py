"""The package as it is installed: what it was built with, what it says where it does not load, what the wheel holds."""

import importlib.metadata
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import riskmap

PACKAGE = pathlib.Path(riskmap.__file__).parent


def test_it_says_what_it_was_built_with():
    info = riskmap.build_info()
    assert info["version"] == riskmap.__version__
    assert info["gdal"].split(".")[:2] == info["gdal_of_build"].split(".")[:2]
    assert re.fullmatch(r"libgdal\.so\.\d+", info["libgdal"])
    # which features it names is what the extension is linked with
    libraries = subprocess.run(["readelf", "-d", PACKAGE / "_riskmap.abi3.so"], capture_output=True, text=True).stdout
    if not libraries:
        pytest.skip("readelf (binutils) is not installed")
    assert info["libgdal"] in libraries
    assert info["web"] == ("libcurl" in libraries)
    assert info["postgis"] == ("libpq" in libraries)
    assert info["pictures"] == ("libcairo" in libraries)


def imported_from(folder):
    """What Python says when riskmap lies in that folder."""
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import riskmap"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    return run.stderr.splitlines()[-1]


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "riskmap", ignore=shutil.ignore_patterns("*.p", "__pycache__"))
    return tmp_path


def test_without_its_gdal_it_names_the_package(copied):
    extension = copied / "riskmap/_riskmap.abi3.so"
    name = riskmap.build_info()["libgdal"].encode()
    absent = name[:-2] + b"99"
    extension.write_bytes(extension.read_bytes().replace(name + b"\0", absent + b"\0"))
    message = imported_from(copied)
    assert message.startswith(f"ImportError: this riskmap was built on a system with {absent.decode()}")
    assert "sudo apt-get install libgdal99`" in message
    assert "sh bindings/python/install.sh" in message


def test_without_its_extension_it_says_how_to_build(copied):
    (copied / "riskmap/_riskmap.abi3.so").unlink()
    message = imported_from(copied)
    assert message.startswith("ImportError: the compiled part of riskmap is not here")
    assert "sh bindings/python/install.sh" in message


@pytest.mark.skipif("RISKMAP_INSTALLED" not in os.environ, reason="riskmap is not installed from a wheel here")
def test_the_wheel_has_the_package_alone():
    wheel = importlib.metadata.distribution("riskmap")
    about = wheel.read_text("WHEEL")
    gdal = ".".join(riskmap.build_info()["gdal_of_build"].split(".")[:2])
    assert f"Build: 1gdal{gdal}\n" in about
    assert re.findall(r"^Tag: (.*)", about, re.M) == ["cp311-abi3-linux_x86_64"]
    folders = {path.parts[0] for path in wheel.files}
    assert folders == {"riskmap", f"riskmap-{riskmap.__version__}.dist-info"}
    assert [path.name for path in wheel.files if ".so" in path.name] == ["_riskmap.abi3.so"]
    assert wheel.requires == ["numpy>=1.24"]
