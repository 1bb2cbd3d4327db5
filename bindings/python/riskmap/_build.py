"""The compiled part: loading it, what to do where it does not load, and what it was built with."""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import sys
from typing import TypedDict

# a name of each library that wheels of others bring too
SHARED = ("GDALVersionInfo", "proj_create", "GEOSversion", "sqlite3_libversion")


def load() -> None:
    """Imports the extension for itself alone. Where others made their GDAL one for all (RTLD_GLOBAL), ours would get
    calls meant for theirs and the other way about, so then it is bound to its own first; not always, because that
    goes past an allocator that is preloaded."""
    flags = sys.getdlopenflags()
    everyone = ctypes.CDLL(None)
    theirs = any(hasattr(everyone, name) for name in SHARED)
    sys.setdlopenflags(os.RTLD_NOW | os.RTLD_LOCAL | (os.RTLD_DEEPBIND if theirs else 0))
    try:
        importlib.import_module("riskmap._riskmap")
    except ImportError as problem:
        raise explained(problem) from None
    finally:
        sys.setdlopenflags(flags)


class BuildInfo(TypedDict):
    """What `riskmap.build_info` gives."""

    version: str
    gdal_of_build: str
    gdal: str
    libgdal: str
    web: bool
    postgis: bool
    pictures: bool


def build_info() -> BuildInfo:
    """What this riskmap was built with: its version, the GDAL it was compiled for (`gdal_of_build`), the GDAL that it
    runs on (`gdal`) and the library that has it (`libgdal`), and whether it reads web services (`web`), knows
    PostGIS (`postgis`) and draws (`pictures`). For a report of what went wrong.

    >>> build_info()["libgdal"].startswith("libgdal.so.")
    True
    """
    from . import _riskmap

    return _riskmap.build_info()


def explained(problem: ImportError) -> ImportError:
    """The error of an extension that does not load, with what to do about it."""
    if "subinterpreter" in str(problem):
        return problem
    again = "build riskmap for this system from its source: sh bindings/python/install.sh FOLDER"
    library = re.match(r"lib(\w+)\.so\.(\d+): cannot open", str(problem))
    if library:
        package = f"lib{library[1]}{library[2]}"
        advice = (
            f"this riskmap was built on a system with {library[0].partition(':')[0]}, which is not here. Debian's package is"
            f" {package}: where apt-get knows it, `sudo apt-get install {package}`; elsewhere {again}"
        )
    elif "undefined symbol" in str(problem):
        advice = f"this riskmap was built for a newer GDAL than is here; {again}"
    else:
        advice = f"the compiled part of riskmap is not here, or not for this Python; {again}"
    return ImportError(f"{advice} ({problem})", name=problem.name, path=problem.path)
