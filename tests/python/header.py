"""What the public headers declare, for tests that hold the binding against them."""

import functools
import pathlib
import re

from riskmap import _riskmap

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "include/riskmap"


@functools.cache
def declarations():
    """The parameters of each public function of C, by its name without rm_."""
    text = "".join(path.read_text() for path in sorted(INCLUDE.glob("*.h")))
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return dict(re.findall(r"RM_API[^;(]*?\brm_(\w+)\s*\(([^;]*)\)\s*;", text))


def defaults_of(name):
    """What the _init of a function's options gives; None for a function that takes none."""
    struct = re.search(r"const (rm_\w+) \*options", declarations().get(name, ""))
    if not struct:
        return None
    (init,) = [other for other, taken in declarations().items() if other.endswith("_init") and f"{struct[1]} *" in taken]
    return getattr(_riskmap, init)()
