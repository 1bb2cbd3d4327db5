"""One process of test_leaks: calls functions of the extension again and again, with good and with bad arguments, and
prints as JSON what each does not let go of. Arguments: how many calls (0: one of each kind, without measuring; -N: of
the bad ones each Nth alone), then functions (all of them unless named)."""

import ctypes
import gc
import inspect
import itertools
import json
import os
import struct
import sys
import tempfile

import numpy as np
from header import defaults_of
from riskmap import _riskmap as c

# bytes, blocks and references per call; of what stays with each there is at least one
LIMITS = np.array([64, 0.75, 0.75])
# GDAL remembers what is in each archive that it has looked into, and every workbook is checked before it has its name
KEPT_BY_GDAL = {"result_write_table": np.array([1500, 0.75, 0.75])}
N, GRID = 40, (206000.0, 477000.0, 500.0, 8, 8)
AS_OF = 20758
EXAMPLES = os.path.abspath("examples")
PARKS, REPORTS = f"{EXAMPLES}/data/vakantieparken.geojson", f"{EXAMPLES}/data/meldingen.csv"
PATH = f"{EXAMPLES}/models/vakantieparken.json"


class Allocated(ctypes.Structure):
    """struct mallinfo2 of malloc.h."""

    _fields_ = [(name, ctypes.c_size_t) for name in "arena ord smblks hblks hblkhd usm fsm uordblks ford keep".split()]


LIBC = ctypes.CDLL(None)
LIBC.mallinfo2.restype = Allocated
SEEN = np.zeros((2, 3), np.int64)  # looking must not itself take memory that stays


def look(turn, objects):
    """Bytes that malloc has given out, blocks that Python has, references to those objects."""
    gc.collect()
    found = LIBC.mallinfo2()
    SEEN[turn] = found.uordblks + found.hblkhd, sys.getallocatedblocks(), sum(map(sys.getrefcount, objects))


def floats(count=N):
    return np.zeros(count)


def whole(dtype, count=N):
    return np.zeros(count, dtype)


RANDOM = np.random.default_rng(1)
X, Y = 207000 + RANDOM.uniform(0, 2000, N), 474000 + RANDOM.uniform(0, 2000, N)
V, E = RANDOM.uniform(0, 1, N), RANDOM.uniform(50, 100, N)
C = np.floor(RANDOM.uniform(0, 9, N))
CASES, DAYS = C.astype(np.int32), np.arange(N, dtype=np.int32)
RINGS = np.array([2.05, 2.1, 2.1, 2.05, 2.05]) * 1e5, np.array([4.7, 4.7, 4.8, 4.8, 4.7]) * 1e5, np.array([0, 5])
SPACE, TIME, R = np.array([0.0, 300, 600]), np.array([0.0, 7, 14]), np.array([0.0, 100, 200])
CELLS = np.ones(64, np.float32)
LINKS = np.array([0, 1], np.int32), np.array([1, 0], np.int32), np.ones(2)
WKB = np.frombuffer(2 * struct.pack("<BIdd", 1, 1, 207000.0, 474000.0), np.uint8)
FEW = {"permutations": 9}

AREAS = c.layer_read(PARKS, target_crs="EPSG:28992")
POINTS = c.layer_from_points(X, Y, "EPSG:28992")
COUNT = c.layer_feature_count(AREAS)
W = c.weights_nearest(X, Y, 4)
MODEL = c.model_read(PATH)
RESULT = c.run(MODEL, as_of=AS_OF)
HEATMAP = c.heatmap_make(REPORTS, crs="EPSG:28992", bandwidth=500, cell=200, as_of=AS_OF)
HEAT = c.heatmap_facts_of(HEATMAP)
HOTSPOTS = c.hotspots_make(PARKS, field="aantal_eigenaren", neighbours=3, nearest=3, p_by=2)
INSPECTION = c.inspect(PARKS)
NAMES = [c.model_layer_name(MODEL, layer) for layer in range(c.model_layer_count(MODEL))]
CHECKLIST = c.check(MODEL, as_of=AS_OF, override_names=NAMES[-1:], override_sources=["absent.csv"])
c.checklist_measure(CHECKLIST, MODEL, 0.9)
MATCH = c.match_folder(MODEL, f"{EXAMPLES}/data", None)
# those that calls change
MEASURED, CHANGED = c.check(MODEL, as_of=AS_OF), c.match_folder(MODEL, f"{EXAMPLES}/data", None)
SCAN = c.scan_space(X, Y, E, CASES, replicates=9)
with open(PARKS) as file:
    GEOJSON = file.read()

# by the names of parameters, for functions that take a handle and where to look
LOOKING = {
    "progress": None,
    **{"layer": AREAS, "model": MODEL, "result": RESULT, "heatmap": HEATMAP, "hotspots": HOTSPOTS, "inspection": INSPECTION},
    **{"checklist": CHECKLIST, "match": MATCH, "weights": W, "scan": SCAN, "language": "nl"},
    **{name: 0 for name in "index field feature area pillar indicator period item position class_".split()},
}
# the arguments of the others, options last; where a layer is a number, and where a call uses its arguments up, a callable
CALLS = {
    "status_name": (2,),
    "backtest_curve": (bytearray(104 * N), None, V, C, C, E),
    "backtest_shares": (bytearray(88), None, np.array([0.2]), V, C, C, E),
    "backtest_score": (V, C, C, E),
    "brier_score": (V, V.round()),
    "bandwidth_adaptive": (floats(), X, Y, 300.0, {"pilot": 300.0}),
    "bandwidth_cross_validate": (X, Y, 0),
    "bandwidth_rule": (X, Y, E, 0, 0),
    "check": (MODEL, {"as_of": AS_OF}),
    "checklist_measure": (MEASURED, MODEL, 0.9),
    "combine": (floats(), [V, V], np.ones(2), 0, 0.5, 0.0),
    "contours": (CELLS, GRID, "EPSG:28992", np.array([0.5]), None),
    "count_in_areas": (whole(np.int64, COUNT), AREAS, POINTS),
    "cover_of_areas": (floats(COUNT), AREAS, AREAS, 0),
    "nearest_to_areas": (floats(COUNT), AREAS, POINTS),
    "density_grid": (floats(64), GRID, X, Y, {"bandwidth": 500.0, "weights": E}),
    "density_places": (floats(), X, Y, X, Y, {"bandwidth": 500.0}),
    "density_ratio": (floats(), V, E, 1.0, 0.0),
    "false_discovery": (floats(), V),
    "geary": (W, V, FEW),
    "general_g": (W, V, FEW),
    "moran": (W, V, FEW),
    "local_g": ({"statistic": floats(), "p_two_sided": floats()}, W, V, 1, FEW),
    "local_moran": ({"statistic": floats(), "quadrant": whole(np.uint8)}, W, V, FEW),
    "half_life_weights": (floats(), E, 30.0),
    "heatmap_contours": (HEATMAP, 0, None),
    "heatmap_make": (REPORTS, {"crs": "EPSG:28992", "bandwidth": 500, "cell": 200, "as_of": AS_OF}),
    "heatmap_values": (np.zeros(HEAT["grid"][3] * HEAT["grid"][4], np.float32), HEATMAP, 0),
    "heatmap_write_classes": (HEATMAP, 0, "classes.tif", {"overwrite": 1}),
    "heatmap_write_contours": (HEATMAP, 0, "contours.gpkg", {"overwrite": 1}),
    "heatmap_write_picture": (HEATMAP, 0, "picture.png", {"overwrite": 1}),
    "heatmap_write_raster": (HEATMAP, 0, "raster.tif", {"overwrite": 1}),
    "hotspot_bins": (whole(np.int8), V, V),
    "hotspots_make": (PARKS, {"field": "aantal_eigenaren", "neighbours": 3, "nearest": 3, "p_by": 2}),
    "hotspots_write": (HOTSPOTS, "hotspots.gpkg", 1, "nl"),
    "inspect": (PARKS,),
    "inspection_field": (INSPECTION, 0, 0),
    "inspection_role": (c.inspect(REPORTS), 0, 0),
    "inspection_write_factsheet": (INSPECTION, PARKS, "factsheet", {"overwrite": 1}),
    "knox": (whole(np.int64, 4), floats(4), None, None, floats(4), X, Y, DAYS, SPACE, TIME, FEW),
    "knox_label": (0.0, 100.0),
    "knox_test": (X, Y, DAYS, 300.0, 7.0, FEW),
    "near_repeats": (whole(np.int64, 400), whole(np.int64, 400), None, X, Y, DAYS, SPACE[:2], TIME[:2], {"threads": 1}),
    "nearest_index": (X, Y, 4e6, 8e3, {"threads": 1}),
    "nearest_index_within": (X, Y, *RINGS, {"threads": 1, "cdf_steps": 9}),
    "nearest_neighbours": (whole(np.int64), floats(), None, X, Y, {"threads": 1}),
    "layer_from_arrow": lambda: (c.layer_to_arrow(AREAS), None, None),
    "layer_from_columns": (
        2,
        (("a", "g", None, None, V[:2]), ("geometry", "Z", None, np.array([0, 21, 42]), WKB)),
        None,
        None,
    ),
    "layer_from_geojson": (GEOJSON, "EPSG:4326", None),
    "layer_from_points": (X, Y, "EPSG:28992"),
    "layer_issue_at": (c.layer_from_points(np.array([np.nan]), np.array([0.0]), None), 0),
    "layer_places": (floats(COUNT), floats(COUNT), AREAS, None),
    "layer_read": (PARKS, {"target_crs": "EPSG:28992", "columns": ["naam", "area"]}),
    "lisa_classes": (whole(np.uint8), np.ones(N, np.uint8), V, 0.05),
    "match_choose": (CHANGED, 0, 0),
    "match_fit": (MATCH, 0, 0),
    "match_folder": (MODEL, f"{EXAMPLES}/data", None),
    "match_give": (CHANGED, NAMES[0], PARKS),
    "match_write": (MATCH, "matched.json", 1),
    "model_parse": (c.model_text(MODEL), PATH),
    "model_read": (PATH,),
    "probability_map": (floats(), floats(), floats(), None, C, E, None),
    "ranks": (whole(np.int32), V),
    "raster_write": ("values.tif", CELLS, GRID, "EPSG:28992", {"overwrite": 1}),
    "rate_change": ({"ratio": floats(), "two_sided": floats()}, C, E, C, E),
    "rate_deviates": (floats(), C, E),
    "rate_intervals": (floats(), floats(), floats(), C, E),
    "rates": (floats(), C, E, 0.0, 0),
    "rates_local": (floats(), floats(), None, C, E, W, None),
    "result_reasons": (RESULT, 0, whole(np.int32, 3)),
    "result_table": (RESULT, "areas", "nl"),
    "result_write": (RESULT, "result.gpkg", {"overwrite": 1}),
    "result_write_check": ("other.gpkg",),
    "result_write_table": (RESULT, "table.xlsx", {"overwrite": 1}),
    "ripley_envelope": (floats(3), floats(3), floats(3), R, X, Y, *RINGS, {"simulations": 9}),
    "ripley_k": (floats(3), None, R, X, Y, *RINGS),
    "run": (MODEL, {"as_of": AS_OF, "threads": 1}),
    "scale_values": (floats(), V, 1, 1, 0.0, 1.0, None),
    "scan_space": (X, Y, E, CASES, {"replicates": 9}),
    "scan_space_time": (X, Y, E, 0, np.tile(CASES, 4), 4, {"replicates": 9}),
    "scan_space_time_rows": (X, Y, E, 0, DAYS[:9], DAYS[:9] % 4, None, 4, {"replicates": 9}),
    "weights_band": (X, Y, 500.0),
    "weights_components": (whole(np.int32), W),
    "weights_contiguity": (AREAS,),
    "weights_from_links": (2, *LINKS, None),
    "weights_islands": (W, None),
    "weights_nearest": (X, Y, 4),
    "weights_rows": (whole(np.int64, N + 1), whole(np.int32, 4 * N), floats(4 * N), W),
}
WRONG = (None, object(), -1, 2**40, float("nan"), "nothing", b"", [], np.zeros(0), np.zeros((2, 2)), np.zeros(3, ">f4"))
READ_ONLY = np.zeros(N)
READ_ONLY.flags.writeable = False


def good(name):
    """Positional arguments and options with which it works."""
    call = CALLS.get(name)
    if call is None:
        parameters = inspect.signature(getattr(c, name)).parameters
        return [LOOKING[parameter] for parameter in parameters], {}
    values = list(call() if callable(call) else call)
    options = values.pop() if name not in ("local_g", "local_moran") or len(values) > 3 else {}
    return (values, options) if isinstance(options, dict) else ([*values, options], {})


def bad(name):
    """Every way to be wrong in one argument, in the number of them, or in one option."""
    arguments, options = good(name)
    for place in range(len(arguments)):
        for wrong in (*WRONG, READ_ONLY):
            yield [*arguments[:place], wrong, *arguments[place + 1 :]], options
    yield [*arguments, None], options
    yield arguments[:-1], options
    yield arguments, {**options, "no_such_option": 1}
    for option in defaults_of(name) or ():
        for wrong in (object(), "nothing", -1, [None], np.zeros(3, ">f4")):
            yield arguments, {**options, option: wrong}
        if option == "progress":
            yield arguments, {**options, option: fails}


def fails(fraction, message):
    raise LookupError("of progress")


def call_well(name):
    arguments, options = good(name)
    getattr(c, name)(*arguments, **options)


def call_badly(name, step=1):
    for arguments, options in itertools.islice(bad(name), 0, None, step):
        try:
            getattr(c, name)(*arguments, **options)
        except (TypeError, ValueError, LookupError, c.Error):  # never SystemError
            pass


def stays(name, times):
    """What does not go away again, as a text for each kind of call."""
    arguments, options = good(name)
    objects = [None, True, False, (), "", *range(-1, 20), c, c.View, c.Error, c.ArgumentError, *arguments, *options.values()]
    limits = KEPT_BY_GDAL.get(name, LIMITS)
    kinds = (
        ("good", call_well, times, limits),
        ("bad", call_badly, (times + 2) // 3, limits * (len(list(bad(name))), 1, 1)),
    )
    grown = [(kind, growth(lambda: call(name), count, objects, most), most) for kind, call, count, most in kinds]
    return [
        f"{kind} arguments: {found[0]:.0f} bytes, {found[1]:.1f} blocks, {found[2]:.1f} references a time"
        for kind, found, most in grown
        if (np.abs(found) >= most).any()
    ]


def growth(call, count, objects, limits):
    """A time, the least of several looks: what is made once and kept is no leak (numpy takes its time)."""
    least = np.full(3, np.inf)
    for _ in range(40):
        look(0, objects)
        for _ in range(count):
            call()
        look(1, objects)
        found = (SEEN[1] - SEEN[0]) / count
        least = np.where(np.abs(found) < np.abs(least), found, least)
        if (np.abs(least) < limits).all():
            break
    return least


def main(times, names):
    names = names or [name for name in dir(c) if inspect.isbuiltin(getattr(c, name))]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in names:
            call_well(name)
            call_badly(name, max(1, -times))
        print(json.dumps({name: stays(name, times) for name in names} if times > 0 else {}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
