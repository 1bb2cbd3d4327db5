"""A model calculated once more, from the definitions alone: OGR and csv to read, SQLite for `where`,
shapely for shapes, plain loops for the rest. Slow and simple on purpose; shares nothing with riskmap
but the libraries below it."""

import copy
import csv
import datetime
import functools
import gzip
import json
import math
import re
import sqlite3
import statistics
import warnings

import numpy
import pyproj
from osgeo import gdal, ogr
from shapely import wkb
from shapely.geometry import Point, box
from shapely.ops import transform, unary_union
from shapely.prepared import prep

ogr.UseExceptions()
gdal.SetConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO")  # nothing is written beside the data

# well inside the area of use of RD New; no test has points between its border and this
RD = box(0, 300000, 290000, 630000)
NO_YEARS = (1005, 9999)  # what the BAG writes where it does not know
NUMBERS = (ogr.OFTInteger, ogr.OFTInteger64, ogr.OFTReal)


def to_rd():
    """The best operation that works on this machine, as riskmap says it takes."""
    with warnings.catch_warnings():  # that a grid is missing is on record in the result
        warnings.simplefilter("ignore")
        return pyproj.transformer.TransformerGroup("EPSG:4258", "EPSG:28992", always_xy=True).transformers[0]


def operation_name():
    """Its name without the change of axes that Python puts before it."""
    return " + ".join(step.name for step in to_rd().operations if "axis order" not in step.name)


def read_number(text):
    try:
        value = float(str(text).strip().replace(",", "."))
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def read_date(text):
    """A day number from yyyy-mm-dd or dd-mm-yyyy; None when it is none."""
    text = str(text or "").strip()
    year_first = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", text)
    day_first = re.fullmatch(r"(\d\d?)-(\d\d?)-(\d{4})", text)
    if not year_first and not day_first:
        return None
    parts = [int(part) for part in (year_first or day_first).groups()]
    try:
        return datetime.date(*(parts if year_first else parts[::-1])).toordinal()
    except ValueError:
        return None


class Rows:
    """One layer in full: feature ids, shapes in RD (None: not usable), and a table in SQLite."""

    def __init__(self, path, spec):
        self.ids, self.shapes = [], []
        self.points = None  # (x, y) arrays, where all are points: shapes of half a million take long
        if re.search(r"\.csv(\.gz)?$", str(path)):
            self.read_text(path, spec)
        else:
            self.read_ogr(path, spec)

    def table(self, fields, rows):
        self.fields = [name for name, _ in fields]
        self.database = sqlite3.connect(":memory:")
        self.database.execute("PRAGMA case_sensitive_like = ON")
        columns = ", ".join(f'"{name}" {kind}' for name, kind in fields)
        self.database.execute(f"CREATE TABLE t (row_ INTEGER PRIMARY KEY, {columns})")
        marks = ", ".join("?" * (len(fields) + 1))
        self.database.executemany(f"INSERT INTO t VALUES ({marks})", ([n, *row] for n, row in enumerate(rows)))

    def read_text(self, path, spec):
        opened = gzip.open if str(path).endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            first = file.readline()
            file.seek(0)
            rows = list(csv.reader(file, delimiter=";" if ";" in first else ","))
        header, rows = rows[0], rows[1:]
        x_name, y_name = spec.get("x", "longitude"), spec.get("y", "latitude")
        x = numpy.array([read_number(row[header.index(x_name)]) for row in rows])
        y = numpy.array([read_number(row[header.index(y_name)]) for row in rows])
        if spec.get("crs", "EPSG:4258") != "EPSG:28992":
            x, y = to_rd().transform(x, y)
        self.ids = list(range(1, len(rows) + 1))
        self.points = (x, y)
        self.table([(name, "TEXT") for name in header], rows)

    def read_ogr(self, path, spec):
        name = str(path.resolve())
        name = "/vsizip/" + name if name.endswith(".zip") else "/vsigzip/" + name if name.endswith(".gz") else name
        source = gdal.OpenEx(name, open_options=["WRITE_GFS=NO"] if ".gml" in name else [])
        layer = source.GetLayerByName(spec["layer"]) if "layer" in spec else source.GetLayer(0)
        definition = layer.GetLayerDefn()
        fields = [definition.GetFieldDefn(k) for k in range(definition.GetFieldCount())]
        code = layer.GetSpatialRef().GetAuthorityCode(None) if layer.GetSpatialRef() else None
        geographic = spec.get("crs", f"EPSG:{code}") in ("EPSG:4326", "EPSG:4258")
        change = to_rd().transform if geographic else None
        rows = []
        for item in layer:
            self.ids.append(item.GetFID())
            geometry = item.GetGeometryRef()
            shape = wkb.loads(bytes(geometry.ExportToWkb())) if geometry and not geometry.IsEmpty() else None
            self.shapes.append(transform(change, shape) if shape and change else shape)
            rows.append([None if fields[k].GetName() == "bouwjaar" and item.GetField(k) in NO_YEARS
                         else item.GetField(k) for k in range(len(fields))])
        self.table([(f.GetName(), "NUMERIC" if f.GetType() in NUMBERS else "TEXT") for f in fields], rows)

    def __len__(self):
        return len(self.ids)

    def passing(self, where):
        """A mask of the rows for which a condition is true."""
        if not where:
            return numpy.ones(len(self), bool)
        mask = numpy.zeros(len(self), bool)
        found = self.database.execute(f"SELECT row_ FROM t WHERE {where}").fetchall()
        mask[[row for row, in found]] = True
        return mask

    def column(self, name):
        return [cell for cell, in self.database.execute(f'SELECT "{name}" FROM t ORDER BY row_')]



@functools.lru_cache(maxsize=8)
def read_once(path, how):
    return Rows(path, json.loads(how))


class Reference:
    """What riskmap-score must find for a model on a day. sources: other paths for layers by name."""

    def __init__(self, path, as_of, sources=None):
        self.model = json.loads(path.read_text(encoding="utf-8"))
        self.folder = path.parent
        self.sources = sources or {}
        self.as_of = datetime.date.fromisoformat(as_of)
        self.loaded, self.accounts, self.prior = {}, {}, {}
        self.read_areas()
        for name in self.model["layers"]:
            if name != self.model["areas"]["layer"]:
                self.use_evidence(name)
        self.outcomes = {k["name"]: self.measure(k) for k in self.model["indicators"]}
        self.scaled = {k["name"]: scale(k, self.outcomes[k["name"]][0]) for k in self.model["indicators"]}
        self.aggregate_all()

    def load(self, name):
        spec = self.model["layers"][name]
        how = {key: spec[key] for key in ("layer", "x", "y", "crs") if key in spec}
        rows = copy.copy(read_once(self.folder / self.sources.get(name, spec["source"]), json.dumps(how)))
        rows.met = {}
        return rows

    def read_areas(self):
        name, spec = self.model["areas"]["layer"], self.model["areas"]
        rows = self.load(name)
        chosen = numpy.flatnonzero(rows.passing(self.model["layers"][name].get("where")))
        self.ids = [rows.ids[k] for k in chosen]
        self.areas = [rows.shapes[k] for k in chosen]
        self.area_cells = {field: [column[k] for k in chosen]
                           for field in rows.fields for column in [rows.column(field)]}
        self.labels = [str(cell) for cell in (self.area_cells[spec["id"]] if "id" in spec else self.ids)]
        self.prepared = [prep(area) for area in self.areas]
        self.bounds = numpy.array([area.bounds for area in self.areas])
        self.accounts[name] = {"total": len(rows), "outside": 0, "filtered": len(rows) - len(chosen),
                               "read": len(chosen), "used": len(chosen), "rejected": 0}

    def indicators_of(self, name):
        return [k for k in self.model["indicators"] if name in (k.get("of"), k.get("per"))]

    def use_evidence(self, name):
        """Which rows of a layer are used, and the four-part account of all of them."""
        wanted = self.indicators_of(name)
        if not wanted:
            return
        rows = self.load(name)
        count = len(rows)
        self.place(rows)
        x, y = rows.places
        sound = numpy.isfinite(x) & (x > RD.bounds[0]) & (x < RD.bounds[2]) & (y > RD.bounds[1]) & (y < RD.bounds[3])
        outside = numpy.zeros(count, bool)
        if not any(k["measure"] == "nearest" for k in wanted):
            reach = max(k.get("within_m", 0) for k in wanted)
            low, high = self.bounds[:, :2].min(0) - reach, self.bounds[:, 2:].max(0) + reach
            b = rows.boxes
            outside = sound & ((b[0] > high[0]) | (b[1] > high[1]) | (b[2] < low[0]) | (b[3] < low[1]))
        passing = rows.passing(self.model["layers"][name].get("where")) & ~outside
        usable = passing & sound
        rows.dates = None
        time = self.model["layers"][name].get("time")
        if time:
            dates = [read_date(cell) for cell in rows.column(time)]
            needed = any(key in k for k in wanted for key in ("from", "until", "half_life_days"))
            today = self.as_of.toordinal()
            usable &= numpy.array([not needed if day is None else day <= today for day in dates])
            rows.dates = dates
        rows.usable = usable
        read, used = int(passing.sum()), int(usable.sum())
        self.accounts[name] = {"total": count, "outside": int(outside.sum()),
                               "filtered": count - int(outside.sum()) - read, "read": read, "used": used,
                               "rejected": read - used}
        self.loaded[name] = rows

    def place(self, rows):
        """Where each feature counts, and its box: points themselves, others by point on surface."""
        if rows.points:
            x, y = rows.points
            rows.places, rows.boxes = (x, y), (x, y, x, y)
            return
        nowhere = Point()
        spots = [shape.representative_point() if shape else nowhere for shape in rows.shapes]
        rows.places = tuple(numpy.array([getattr(spot, axis) if not spot.is_empty else math.nan for spot in spots])
                            for axis in "xy")
        boxes = [shape.bounds if shape else (math.nan,) * 4 for shape in rows.shapes]
        rows.boxes = tuple(numpy.array(side) for side in zip(*boxes))

    # ---- what counts where ----

    def hits(self, rows, mask, indicator):
        """For every area the numbers of the rows in the mask that it meets."""
        way = (indicator.get("within_m", 0), indicator.get("by") == "intersects" and not rows.points)
        if way not in rows.met:
            rows.met[way] = list(self.meet(rows, *way))
        return [[k for k in found if mask[k]] for found in rows.met[way]]

    def meet(self, rows, within, whole):
        """For every area the numbers of all rows that it meets, one feature after the other: by the
        place of each, or by the whole of its shape."""
        x, y = rows.places
        left, low, right, high = rows.boxes if whole else (x, y, x, y)
        for area, prepared, (x0, y0, x1, y1) in zip(self.areas, self.prepared, self.bounds):
            near = (right >= x0 - within) & (left <= x1 + within) & (high >= y0 - within) & (low <= y1 + within)
            spots = [(k, rows.shapes[k] if whole else Point(x[k], y[k])) for k in numpy.flatnonzero(near)]
            if within:
                yield [k for k, spot in spots if area.distance(spot) <= within]
            else:
                yield [k for k, spot in spots if prepared.intersects(spot)]

    def rows_of(self, indicator, where=True, dates=True):
        rows = self.loaded[indicator["of"]]
        mask = rows.usable & rows.passing(indicator.get("where") if where else None)
        for key, keeps in (("from", lambda day, edge: day >= edge), ("until", lambda day, edge: day <= edge)):
            if dates and key in indicator:
                edge = read_date(indicator[key])
                mask &= numpy.array([day is not None and keeps(day, edge) for day in rows.dates])
        return rows, mask

    def weights(self, rows, indicator):
        half_life = indicator.get("half_life_days")
        if not half_life:
            return None
        today = self.as_of.toordinal()
        return [2.0 ** (-(today - day) / half_life) if day is not None else math.nan for day in rows.dates]

    def counted(self, indicator):
        """(sum of weights or number, number) for every area."""
        rows, mask = self.rows_of(indicator)
        weight = self.weights(rows, indicator)
        for found in self.hits(rows, mask, indicator):
            yield (math.fsum(weight[k] for k in found) if weight else len(found)), len(found)

    # ---- measures: (values, features, missing) ----

    def measure(self, indicator):
        return getattr(self, "measure_" + indicator["measure"])(indicator)

    def measure_count(self, indicator):
        pairs = list(self.counted(indicator))
        return [value for value, _ in pairs], [n for _, n in pairs], [0] * len(pairs)

    def measure_density(self, indicator):
        values, features, missing = self.measure_count(indicator)
        return [v / (area.area / 1e6) for v, area in zip(values, self.widened(indicator))], features, missing

    def widened(self, indicator):
        """The areas, with within_m around them: 64 segments a quadrant, as documented."""
        within = indicator.get("within_m", 0)
        return [area.buffer(within, 64) for area in self.areas] if within else self.areas

    def measure_share(self, indicator):
        some = list(self.counted(indicator))
        everything = list(self.counted({**indicator, "where": None}))
        values = [a / b if b else math.nan for (a, _), (b, _) in zip(some, everything)]
        return values, [n for _, n in some], [0] * len(some)

    def measure_rate(self, indicator):
        events = list(self.counted(indicator))
        exposure = {"of": indicator["per"], "within_m": indicator.get("within_m", 0)}
        exposures = [n for _, n in self.counted(exposure)]
        with_some = [(n, x) for (n, _), x in zip(events, exposures) if x > 0]
        total = math.fsum(x for _, x in with_some)
        mean = math.fsum(n for n, _ in with_some) / total
        spread = math.fsum(x * (n / x - mean) ** 2 for n, x in with_some) / total
        variance = max(0.0, spread - mean / (total / len(with_some)))
        values = []
        for (n, _), x in zip(events, exposures):
            if x == 0 or x < indicator.get("min_per", 0):
                values.append(math.nan)
                continue
            rate = n / x
            if indicator.get("shrink", "eb") == "eb":
                rate = mean + variance * (rate - mean) / (variance + mean / x) if variance else mean
                self.prior[indicator["name"]] = (mean, variance)
            values.append(rate * indicator.get("per_units", 1))
        return values, [n for _, n in events], [0] * len(values)

    def values_in(self, indicator, fold):
        rows, mask = self.rows_of(indicator)
        cells = rows.column(indicator["field"])
        weight = self.weights(rows, indicator)
        read = self.age_of if indicator["measure"] == "age" else read_number
        values, features, missing = [], [], []
        for found in self.hits(rows, mask, indicator):
            numbers = [(read(cells[k]), weight[k] if weight else 1.0) for k in found]
            present = [n * w for n, w in numbers if not math.isnan(n)]
            values.append(fold(present))
            features.append(len(present))
            missing.append(len(found) - len(present))
        return values, features, missing

    def measure_sum(self, indicator):
        return self.values_in(indicator, math.fsum)

    def measure_mean(self, indicator):
        return self.values_in(indicator, lambda v: math.fsum(v) / len(v) if v else math.nan)

    def measure_median(self, indicator):
        return self.values_in(indicator, lambda v: statistics.median(v) if v else math.nan)

    def age_of(self, cell):
        """Whole years since a building year; 1005 and what lies ahead are no years."""
        year = read_number(cell)
        return self.as_of.year - year if 1005 < year <= self.as_of.year else math.nan

    def own(self, values):
        return values, [int(not math.isnan(v)) for v in values], [int(math.isnan(v)) for v in values]

    def measure_age(self, indicator):
        if "of" in indicator:
            return self.measure_mean(indicator)
        return self.own([self.age_of(cell) for cell in self.area_cells[indicator["field"]]])

    def measure_attribute(self, indicator):
        return self.own([read_number(cell) for cell in self.area_cells[indicator["field"]]])

    def shapes_of(self, indicator):
        rows, mask = self.rows_of(indicator)
        if rows.points:
            return [Point(rows.points[0][k], rows.points[1][k]) for k in numpy.flatnonzero(mask)]
        return [rows.shapes[k] for k in numpy.flatnonzero(mask)]

    def measure_cover(self, indicator):
        shapes = self.shapes_of(indicator)
        union = unary_union(shapes)
        areas = self.widened(indicator)
        values = [area.intersection(union).area / area.area for area in areas]
        # a sliver of rounding is no overlap
        features = [sum(area.intersection(shape).area > 1e-6 for shape in shapes if area.intersects(shape))
                    for area in areas]
        return values, features, [0] * len(values)

    def measure_nearest(self, indicator):
        shapes = self.shapes_of(indicator)
        values = [nearest(area, shapes) for area in self.areas]
        features = [int(bool(shapes))] * len(values)
        decay = indicator.get("decay_m")
        return [math.exp(-v / decay) if decay else v for v in values], features, [0] * len(values)

    # ---- scores ----

    def aggregate_all(self):
        rule = self.model.get("score", {})
        indicators = self.model["indicators"]
        everything = [aggregate(indicators, self.scaled, area, rule) for area in range(len(self.areas))]
        self.score = [total for total, _, _ in everything]
        self.coverage = [coverage for _, coverage, _ in everything]
        self.contribution = [parts for _, _, parts in everything]
        self.rank = ranks(self.score)
        self.pillars = {}
        for pillar in dict.fromkeys(k["pillar"] for k in indicators):
            chosen = [k for k in indicators if k["pillar"] == pillar]
            part = [aggregate(chosen, self.scaled, area, rule)[0] for area in range(len(self.areas))]
            part = [math.nan if math.isnan(whole) else p for p, whole in zip(part, self.score)]
            self.pillars[pillar] = (part, ranks(part))
        breaks = rule.get("classes", [0.2, 0.4, 0.6, 0.8])
        if any(k["scale"] in ("rank", "zscore") for k in indicators):
            breaks = numpy.quantile([s for s in self.score if not math.isnan(s)], breaks)
        self.breaks = list(breaks)


def nearest(area, shapes):
    """The least distance, shape by shape in the order of their boxes, until no box is near enough."""
    x0, y0, x1, y1 = area.bounds
    boxes = numpy.array([shape.bounds for shape in shapes]).reshape(-1, 4)
    dx = numpy.maximum(0, numpy.maximum(boxes[:, 0] - x1, x0 - boxes[:, 2]))
    dy = numpy.maximum(0, numpy.maximum(boxes[:, 1] - y1, y0 - boxes[:, 3]))
    apart = numpy.hypot(dx, dy)
    least = math.inf
    for k in numpy.argsort(apart):
        if apart[k] > least:
            break
        least = min(least, area.distance(shapes[k]))
    return least if shapes else math.nan


def scale(indicator, values):
    """The scaled values, direction applied before anything else."""
    sign = 1 if indicator["direction"] == "+" else -1
    present = sorted(sign * v for v in values if not math.isnan(v))
    kind = indicator["scale"]
    if kind == "fixed":
        low, high = sorted(sign * bound for bound in indicator["bounds"])
    elif not present or present[0] == present[-1]:
        return [math.nan] * len(values)
    else:
        low, high = present[0], present[-1]
    mean, spread = (statistics.fmean(present), statistics.stdev(present)) if kind == "zscore" else (0, 1)

    def one(value):
        if math.isnan(value):
            return math.nan
        value *= sign
        if kind in ("minmax", "fixed"):
            return min(1.0, max(0.0, (value - low) / (high - low)))
        if kind == "zscore":
            return (value - mean) / spread
        below = sum(other < value for other in present)
        if kind == "rank":
            return below + 1
        equal = sum(other == value for other in present)
        return (below + (equal - 1) / 2) / (len(present) - 1)

    return [one(value) for value in values]


def aggregate(indicators, scaled, area, rule):
    """(score, coverage, {indicator: contribution}) of one area."""
    total = math.fsum(k["weight"] for k in indicators)
    present = [k for k in indicators if not math.isnan(scaled[k["name"]][area])]
    weight = math.fsum(k["weight"] for k in present)
    coverage = weight / total
    enough = coverage >= rule.get("min_coverage", 0.6) - 1e-12 and weight > 0
    if rule.get("missing", "reweight") == "leave":
        enough &= all(k in present for k in indicators if k["weight"] > 0)
    if not enough:
        return math.nan, coverage, {}
    geometric = rule.get("aggregate", "linear") == "geometric"
    floor = rule.get("floor", 0.01)
    parts = {}
    for k in present:
        value = scaled[k["name"]][area]
        if geometric:
            value = math.log(max(value, floor))
        parts[k["name"]] = k["weight"] / weight * value if k["weight"] else 0.0
    whole = math.fsum(parts.values())
    return (math.exp(whole) if geometric else whole), coverage, parts


def ranks(scores):
    """Rank 1 is the highest, ties take the lowest number, 0 for none."""
    present = [s for s in scores if not math.isnan(s)]
    return [0 if math.isnan(s) else 1 + sum(other > s + 1e-12 for other in present) for s in scores]
