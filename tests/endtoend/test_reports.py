"""Reports as they come: rules for what is repeated, misdated or booked on one spot, places by address;
against a calculation that shares nothing with riskmap, and the same from every kind of file."""

import collections
import csv
import datetime
import json
import re
import sqlite3

import pytest
from osgeo import ogr
from shapely import wkb
from shapely.geometry import Point
from shapely.prepared import prep

import flow
import reference

DATA = flow.EXAMPLES / "data"
TODAY = datetime.date.fromisoformat(flow.AS_OF).toordinal()
LEAVE = {"duplicates": "leave-out", "before_1900": "leave-out", "outside": "leave-out", "spots": "leave-out"}
KIND = "categorie <> 'milieu'"

RULES = {
    "none stated": {},
    "duplicates": {"duplicates": "leave-out"},
    "spots": {"spots": "leave-out"},
    "few spots": {"spots": "leave-out", "spot_share": 0.05},
    "one a week": {"distinct_by": "place-week"},
    "one a day": {"distinct_by": "place-day"},
    "all": {**LEAVE, "distinct_by": "place-week"},
    "all, ahead too": {**LEAVE, "future": "keep", "distinct_by": "place-day"},
}


def layer(**spec):
    return {"source": str(DATA / "meldingen.csv"), "x": "x", "y": "y", "crs": "EPSG:28992", "time": "datum",
            "classification": "open", "origin": "reported", **spec}


def addressed(**spec):
    return {"source": str(DATA / "meldingen-adres.csv"), "time": "datum", "locate": "adressen",
            "classification": "open", "origin": "reported",
            "address": {"postcode": "postcode", "number": "huisnummer", "letter": "huisletter"}, **spec}


def write_model(folder, reports, name="model.json"):
    """The business parks and how many reports each has, of all kinds but one."""
    model = {
        "riskmap": 1, "name": "meldingen", "purpose": "toets", "crs": "EPSG:28992",
        "layers": {
            "terreinen": {"source": str(DATA / "bedrijventerreinen.gpkg"), "classification": "open"},
            "adressen": {"source": str(DATA / "bag-light.gpkg"), "layer": "verblijfsobject",
                         "where": "status = 'Verblijfsobject in gebruik'", "classification": "open"},
            "meldingen": reports,
        },
        "areas": {"layer": "terreinen", "id": "RIN_NUMMER", "name": "PLAN_NAAM"},
        "indicators": [{"name": "aantal", "measure": "count", "of": "meldingen", "where": KIND, **flow.COMMON}],
    }
    path = folder / name
    path.write_text(json.dumps(model), encoding="utf-8")
    return path


def areas():
    """{id: shape}"""
    source = ogr.Open(str(DATA / "bedrijventerreinen.gpkg"))
    return {row["RIN_NUMMER"]: wkb.loads(bytes(row.GetGeometryRef().ExportToWkb())) for row in source.GetLayer(0)}


class Report:
    def __init__(self, number, row, place):
        self.id, self.kind, self.place = number, row["categorie"], place
        self.date = reference.read_date(row["datum"])
        self.spot = place and tuple(int((v * 10 + 0.5) // 1) for v in place)

    def period(self, by):
        return self.date if by == "place-day" else (self.date - 1) // 7  # day 1 of the calendar is a Monday


def read_reports(path, place_of):
    with open(path, newline="", encoding="utf-8") as file:
        return [Report(k, row, place_of(row)) for k, row in enumerate(csv.DictReader(file, delimiter=";"), 1)]


def coordinates(row):
    x, y = (reference.read_number(row[name]) for name in "xy")
    return (x, y) if reference.RD.contains(Point(x, y)) else None


def keep_first(reports, key):
    """The first of each key stays; those without a key all do."""
    seen, left = set(), []
    for report in reports:
        k = key(report)
        if k is None or k not in seen:
            left.append(report)
        seen.add(k)
    return left


def follow(rules, reports, box):
    """The reports that are left, and the spots: {first id: how many}."""
    ahead = rules.get("future") == "keep"
    left = [r for r in reports if r.place and (ahead or r.date is None or r.date <= TODAY)]
    if rules.get("before_1900") == "leave-out":
        left = [r for r in left if r.date is None or r.date >= datetime.date(1900, 1, 1).toordinal()]
    if rules.get("outside") == "leave-out":
        left = [r for r in left if box[0] <= r.place[0] <= box[2] and box[1] <= r.place[1] <= box[3]]
    if rules.get("duplicates") == "leave-out":
        left = keep_first(left, lambda r: (r.place, r.date, r.kind))
    held = collections.Counter(r.spot for r in left)
    enough = max(10, rules.get("spot_share", 0.01) * len(left))
    spots = {min(r.id for r in left if r.spot == spot): n for spot, n in held.items() if n >= enough}
    if rules.get("spots") == "leave-out":
        left = [r for r in left if held[r.spot] < enough]
    by = rules.get("distinct_by", "none")
    if by != "none":
        left = keep_first(left, lambda r: None if r.date is None else (r.spot, r.period(by)))
    return left, spots


def expected_counts(left):
    shapes = {key: prep(shape) for key, shape in areas().items()}
    return {key: sum(r.kind != "milieu" and shape.intersects(Point(r.place)) for r in left)
            for key, shape in shapes.items()}


def counts(found):
    return {row["id"]: row["aantal"] for row in found["areas"]}


def account(found, name="meldingen"):
    return next(row for row in found["layers"] if row["name"] == name)


def check_rules(found, reports, rules):
    shapes = areas().values()
    box = [f(s.bounds[k] for s in shapes) for k, f in enumerate((min, min, max, max))]
    left, spots = follow(rules, reports, box)
    flow.check_account(found)
    assert counts(found) == expected_counts(left)
    assert sum(counts(found).values()) > 0
    told = {row["feature"]: int(re.search(r"holds (\d+) reports", row["message"]).group(1))
            for row in found["issues"] if row["code"] == "spot"}
    assert told == spots
    row = account(found)
    assert row["total"] == len(reports)
    # what was read is what the rules left and what is rejected for its date or place
    unusable = [r for r in reports if not r.place or
                (rules.get("future") != "keep" and r.date is not None and r.date > TODAY)]
    assert (row["read"], row["used"], row["rejected"]) == (len(left) + len(unusable), len(left), len(unusable))
    return row


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
def test_rules(rules, tmp_path):
    found = flow.score(write_model(tmp_path, layer(reports=rules)), tmp_path / "r.gpkg")
    check_rules(found, read_reports(DATA / "meldingen.csv", coordinates), rules)


def test_what_lies_ahead_counts_where_no_date_is_needed(tmp_path):
    """One report is of 2031: kept by the rule, but not where a half-life asks how old it is."""
    path = write_model(tmp_path, layer(reports={"future": "keep"}))
    found = flow.score(path, tmp_path / "plain.gpkg")
    assert flow.issue_codes(found).count("future-kept") == 1 and "future" not in flow.issue_codes(found)
    model = json.loads(path.read_text())
    model["indicators"][0]["half_life_days"] = 365
    path.write_text(json.dumps(model))
    dated = flow.score(path, tmp_path / "dated.gpkg")
    assert flow.issue_codes(dated).count("future") == 1 and "future-kept" not in flow.issue_codes(dated)
    assert account(dated)["rejected"] > account(found)["rejected"]


def test_rules_with_any_number_of_threads(tmp_path):
    model = write_model(tmp_path, layer(reports=RULES["all"]))
    first = flow.score(model, tmp_path / "1.gpkg", "--threads", 1)
    for threads in (2, 4):
        found = flow.score(model, tmp_path / f"{threads}.gpkg", "--threads", threads)
        assert flow.comparable(found) == flow.comparable(first)


def test_lost_coordinates_are_told_of_without_rules(tmp_path):
    text = (DATA / "meldingen.csv").read_text(encoding="utf-8")
    lost = "".join(f"8000000{k};0{k}-02-2024;overlast;155000,{k}0;463000,00\n" for k in range(1, 4))
    (tmp_path / "m.csv").write_text(text + lost, encoding="utf-8")
    wide = [flow.feature(flow.polygon(flow.square(154000, 462000, 60000)), RIN_NUMMER="1", PLAN_NAAM="Alles")]
    model = write_model(tmp_path, layer(source="m.csv"))
    found = flow.score(model, tmp_path / "r.gpkg", "--layer",
                       f"terreinen={flow.geojson(tmp_path / 'wide.geojson', wide)}")
    spots = [row for row in found["issues"] if row["code"] == "spot"]
    assert [(row["feature"], row["severity"]) for row in spots] == [(3010, "warning")]
    assert "holds 3 reports" in spots[0]["message"] and "origin of RD" in spots[0]["message"]


def test_every_example_adds_up(tmp_path):
    for path in sorted((flow.EXAMPLES / "models").glob("*.json")):
        if not path.name.endswith("schema.json"):
            flow.check_account(flow.score(path, tmp_path / f"{path.stem}.gpkg"))


# ---- by address ----


def address_places():
    """{(postcode, number, letter): place} of the addresses that the model takes."""
    rows = sqlite3.connect(DATA / "bag-light.gpkg").execute(
        "SELECT postcode, huisnummer, huisletter, geom FROM verblijfsobject WHERE status = 'Verblijfsobject in gebruik'")
    return {(code, number, letter or ""): wkb.loads(blob[8:]).coords[0] for code, number, letter, blob in rows}


def by_address():
    known = address_places()

    def place(row):
        code = row["postcode"].replace(" ", "").upper()
        split = re.fullmatch(r"(\d+)([a-z]?)", row["huisnummer"])
        return split and known.get((code, int(split[1]), (split[2] or row["huisletter"]).upper()))

    return place


def written_as(kind, folder):
    """The reports by address as a file of this kind: every cell a text, as in the CSV."""
    path = folder / f"meldingen.{kind.lower()}"
    with open(DATA / "meldingen-adres.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter=";"))
    source = ogr.GetDriverByName(kind).CreateDataSource(str(path))
    table = source.CreateLayer("meldingen", None, ogr.wkbNone)
    for name in rows[0]:
        table.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    for row in rows[1:]:
        feature = ogr.Feature(table.GetLayerDefn())
        for k, cell in enumerate(row):
            if cell:
                feature.SetField(k, cell)
        table.CreateFeature(feature)
    source = table = None
    return path


@pytest.mark.parametrize("rules", [{}, RULES["all"], {"distinct_by": "place-week"}], ids=("keep", "all", "week"))
def test_addresses(rules, tmp_path):
    found = flow.score(write_model(tmp_path, addressed(reports=rules)), tmp_path / "r.gpkg")
    reports = read_reports(DATA / "meldingen-adres.csv", by_address())
    row = check_rules(found, reports, rules)
    assert (row["address_exact"], row["address_number"], row["address_ambiguous"], row["address_unknown"]) == \
        (sum(r.place is not None for r in reports), 0, 0, sum(r.place is None for r in reports))
    assert row["address_exact"] == len(reports) - 3
    other = account(found, "adressen")
    assert other["read"] > 2000 and other["filtered"] > 0 and other["address_exact"] is None


def test_one_angry_neighbour_counts_once_a_week(tmp_path):
    """Eighteen reports in 36 days from one address are six, or seven where the weeks fall so."""
    reports = read_reports(DATA / "meldingen-adres.csv", by_address())
    place, most = collections.Counter(r.spot for r in reports if r.place and r.kind == "overlast").most_common(1)[0]
    assert most >= 18
    left, _ = follow({"distinct_by": "place-week"}, reports, None)
    assert sum(r.spot == place for r in left) < most - 10


@pytest.mark.parametrize("kind", ["XLSX", "ODS", "GPKG"])
def test_the_same_from_every_file(kind, tmp_path):
    before = flow.score(write_model(tmp_path, addressed(reports=RULES["all"])), tmp_path / "csv.gpkg")
    model = write_model(tmp_path, addressed(reports=RULES["all"], source=str(written_as(kind, tmp_path))))
    after = flow.score(model, tmp_path / "other.gpkg")
    for table in ("areas", "contributions", "indicators"):
        assert after[table] == before[table], table
    first = {"GPKG": 1}.get(kind, 2)  # in a sheet the first report stands in row 2

    def told(found, shift):
        return [(row["code"], row["feature"] and row["feature"] - shift) for row in found["issues"]]

    assert told(after, first) == told(before, 1)
    aside = ("source", "driver", "fingerprint", "crs", "profile")
    plain = [[{k: v for k, v in row.items() if k not in aside} for row in found["layers"]]
             for found in (before, after)]
    assert plain[0] == plain[1]


def test_addresses_that_are_shielded_shield_the_result(tmp_path):
    path = write_model(tmp_path, addressed())
    model = json.loads(path.read_text())
    model["layers"]["adressen"]["classification"] = "shielded"
    path.write_text(json.dumps(model))
    found = flow.score(path, tmp_path / "r.gpkg")
    assert next(row["value"] for row in found["run"] if row["key"] == "classification").startswith("AFGESCHERMD")


def test_an_address_layer_is_in_use(tmp_path):
    """riskmap-check looks at it, and a fault in it is one of the model."""
    path = write_model(tmp_path, addressed())
    done = flow.run("riskmap-check", path, "--json")
    assert done.returncode == 0, done.stdout
    found = {row["name"]: row for row in json.loads(done.stdout)["layers"]}
    assert found["adressen"]["used"]
    model = json.loads(path.read_text())
    model["layers"]["adressen"]["where"] = "toestand = 1"
    path.write_text(json.dumps(model))
    done = flow.run("riskmap-check", path)
    assert done.returncode == 3 and "toestand" in done.stdout


# ---- on screen ----


@pytest.mark.parametrize("language", ["nl", "en"])
def test_screen(language, tmp_path):
    model = write_model(tmp_path, addressed(reports={**LEAVE, "outside": "keep", "spot_share": 0.07}))
    done = flow.run("riskmap-score", model, tmp_path / "r.gpkg", "--as-of", flow.AS_OF, "--lang", language)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    for words in {
        "nl": ("op adres geplaatst: 347 van 350 (99,1%): 347 precies, 0 alleen op huisnummer; 0 niet eenduidig, "
               "3 onbekend of zonder adres", "vooraf weggelaten volgens de regels", "1 in de toekomst gedateerd",
               "1 van voor 1900", "alles op 1 plek(ken) met een onwaarschijnlijk deel van de meldingen"),
        "en": ("placed by address: 347 of 350 (99.1%): 347 exactly, 0 by house number alone; 0 ambiguous, 3 unknown "
               "or without address", "left out beforehand by the rules", "1 dated in the future",
               "1 from before 1900", "all on 1 spot(s) with an implausible share of the reports"),
    }[language]:
        assert words in text, done.stdout
