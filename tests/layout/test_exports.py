"""What the shared library exports: the map file, the public headers and the library agree."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def declared():
    text = "".join(p.read_text() for p in sorted((ROOT / "include/riskmap").glob("*.h")))
    return set(re.findall(r"RM_API[^;(]*?\b(rm_\w+)\s*\(", text))


def listed():
    return set(re.findall(r"^\s+(rm_\w+);", (ROOT / "libriskmap/riskmap.map").read_text(), re.M))


def exported():
    library = pathlib.Path(os.environ["RISKMAP_BUILD"]) / "libriskmap/libriskmap.so.0"
    out = subprocess.run(["nm", "-D", "--defined-only", str(library)], check=True, text=True,
                         capture_output=True).stdout
    names = {line.split()[2].split("@")[0] for line in out.splitlines() if len(line.split()) == 3}
    return names - {"RISKMAP_0"}


def test_the_map_lists_what_the_headers_declare():
    assert listed() == declared()


@pytest.mark.skipif("RISKMAP_BUILD" not in os.environ, reason="RISKMAP_BUILD names no build folder")
def test_the_library_exports_what_the_map_lists():
    assert exported() == listed()
