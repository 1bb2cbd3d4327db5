"""The layer order of the library: no #include may point up or sideways."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "libriskmap"

# what each layer may include, itself and the public headers apart
BELOW = {
    "base": set(),
    "data": {"base"},
    "geo": {"base", "data"},
    "stats": {"base"},
    "io": {"base", "data"},
    "model": {"base", "data", "geo", "stats"},
    "output": {"base", "data", "geo", "stats", "io", "model"},
    "api": {"base", "data", "geo", "stats", "io", "model", "output"},
}
# libraries that only these layers may know
ONLY_IN = {"gdal": {"io"}, "ogr_": {"io"}, "cpl_": {"io"}, "proj.h": {"io"}, "sqlite3": {"io"},
           "zlib": {"io"}, "curl/": {"io"}, "libpq": {"io"}, "geos_c": {"geo"}, "cairo": {"output"}, "pthread": {"base"}, "unistd": {"base"}, "fcntl": {"base"},
           "sys/": {"base"}}


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def violations(layer, path, found):
    """Lines of `found` (number, quoted, name) that a file of `layer` may not have."""
    for number, quoted, name in found:
        first = name.split("/")[0]
        if quoted and first in BELOW and first != layer and first not in BELOW[layer]:
            yield f"{path}:{number}: {layer} includes {name}"
        if quoted and "/" not in name:
            yield f"{path}:{number}: {name} should name its layer"
        if not quoted:
            for start, layers in ONLY_IN.items():
                if name.startswith(start) and layer not in layers:
                    yield f"{path}:{number}: {name} belongs in {', '.join(sorted(layers))}"


def test_no_include_points_up_or_sideways():
    found = []
    for layer in BELOW:
        files = sorted((LIBRARY / layer).rglob("*.[ch]"))
        assert files, f"{layer} is empty"
        for path in files:
            found += violations(layer, path.relative_to(ROOT), includes(path))
    assert not found, "\n".join(found)


def test_every_folder_of_the_library_has_its_place_in_the_order():
    assert {p.name for p in LIBRARY.iterdir() if p.is_dir()} == set(BELOW)


def test_the_check_sees_an_arrow_that_points_the_wrong_way():
    assert list(violations("stats", "x.c", [(1, True, "geo/join.h")]))
    assert list(violations("geo", "x.c", [(1, True, "io/open.h")]))
    assert list(violations("model", "x.c", [(1, False, "gdal.h")]))
    assert not list(violations("model", "x.c", [(1, True, "geo/join.h"), (2, False, "math.h")]))
