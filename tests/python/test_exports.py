"""Every function that the C library exports can be reached from Python."""

import pathlib
import re

import riskmap
from riskmap import _riskmap

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPORTS = re.findall(r"^\s+rm_(\w+);", (ROOT / "libriskmap/riskmap.map").read_text(), re.M)


def test_every_export_stands_in_the_extension():
    assert len(EXPORTS) > 150
    missing = [name for name in EXPORTS if not name.endswith("_free") and not callable(getattr(_riskmap, name, None))]
    assert missing == []


def test_every_handle_is_freed_with_its_last_reference():
    freed = re.findall(r"^FREE_AS\((\w+)\)", (ROOT / "bindings/python/src/handle.c").read_text(), re.M)
    assert sorted(f"{name}_free" for name in freed) == sorted(name for name in EXPORTS if name.endswith("_free"))


def test_every_export_is_used_by_the_package():
    """From one of its modules, so that nobody has to call the extension itself."""
    package = pathlib.Path(riskmap.__file__).parent
    text = "".join(path.read_text() for path in package.rglob("*.py"))
    # defaults stand in the signatures, which test_stubs compares with them
    wanted = {name for name in EXPORTS if not name.endswith(("_free", "_init"))}
    wanted.remove("status_name")  # an exception says it by its class
    assert sorted(wanted - set(re.findall(r"\b_riskmap\.(\w+)", text))) == []


def test_every_file_of_the_package_is_installed():
    source = ROOT / "bindings/python/riskmap"
    installed = pathlib.Path(riskmap.__file__).parent
    files = [path.relative_to(source) for path in source.rglob("*.py*") if path.suffix in (".py", ".pyi")]
    assert not [str(path) for path in files if not (installed / path).exists()]
