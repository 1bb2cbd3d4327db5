"""What must not matter: the number of threads, the order of the features, where the country lies, the
user's locale, whether a scaling comes from a fresh fit or from an earlier result."""

import os
import random
import subprocess

import pytest

import flow
import reshape

MODELS = ("bedrijventerreinen", "vakantieparken", "buitengebied")


def path_of(name):
    return flow.EXAMPLES / "models" / f"{name}.json"


@pytest.fixture(scope="module", params=MODELS)
def once(request, tmp_path_factory):
    """(name of the model, its tables with one thread, what was printed)"""
    folder = tmp_path_factory.mktemp("once")
    done = flow.run("riskmap-score", path_of(request.param), folder / "r.gpkg", "--as-of", flow.AS_OF, "--threads", 1)
    assert done.returncode == 0, done.stderr
    return request.param, flow.tables(folder / "r.gpkg"), done.stdout.replace(str(folder), "")


@pytest.mark.parametrize("threads", [2, 4])
def test_threads(once, threads, tmp_path):
    name, expected, _ = once
    found = flow.score(path_of(name), tmp_path / "r.gpkg", "--threads", threads)
    assert flow.comparable(found) == flow.comparable(expected)


def many_rows(folder):
    """Areas that overlap, and evidence enough for many batches."""
    draw = random.Random(3)
    flow.geojson(folder / "gebieden.geojson",
                 [flow.feature(flow.polygon(flow.square(200000 + 90 * k, 475000 + 90 * m, draw.uniform(60, 140))),
                               code=f"{k}-{m}", naam="", jaar=1950 + k)
                  for k in range(20) for m in range(20)])
    with open(folder / "punten.csv", "w") as file:
        file.write("nr;datum;soort;waarde;x;y\n")
        for n in range(150000):
            file.write(f"{n};{draw.randrange(1, 28):02d}-{draw.randrange(1, 13):02d}-{draw.randrange(2020, 2027)};"
                       f"s{n % 3};{draw.uniform(0, 9):.3f};"
                       f"{draw.uniform(199800, 202000):.3f};{draw.uniform(474800, 477000):.3f}\n")
    plain = [{"name": name, **flow.COMMON, "of": "punten", **more} for name, more in {
        "aantal": {"measure": "count"}, "recent": {"measure": "count", "half_life_days": 100},
        "som": {"measure": "sum", "field": "waarde", "half_life_days": 300},
        "gemiddeld": {"measure": "mean", "field": "waarde", "where": "soort = 's1'"},
        "midden": {"measure": "median", "field": "waarde", "within_m": 40},
        "aandeel": {"measure": "share", "where": "soort IN ('s0', 's2')", "within_m": 25},
        "per": {"measure": "rate", "per": "punten", "where": "soort = 's2'"},
        "dicht": {"measure": "density", "within_m": 10}, "nabij": {"measure": "nearest"}}.items()]
    return flow.simple_model(folder, indicators=plain)


def test_threads_over_many_batches(tmp_path):
    model = many_rows(tmp_path)
    first = flow.score(model, tmp_path / "1.gpkg", "--threads", 1)
    flow.check_account(first)
    assert len([row for row in first["issues"] if row["code"] == "future"]) > 1000
    for threads in (2, 3, 4, 16):
        found = flow.score(model, tmp_path / f"{threads}.gpkg", "--threads", threads)
        assert flow.comparable(found) == flow.comparable(first), threads


def by_id(found):
    """Areas and contributions by the ids of the areas, without the feature ids that an order gives."""
    label = {row["fid"]: row["id"] for row in found["areas"]}
    areas = {row["id"]: {k: v for k, v in row.items() if k not in ("fid", "geom")} for row in found["areas"]}
    parts = {(label[row["area"]], row["indicator"]): {k: v for k, v in row.items() if k not in ("fid", "area")}
             for row in found["contributions"]}
    assert len(areas) == len(found["areas"]) and len(parts) == len(found["contributions"])
    accounts = [{k: v for k, v in row.items() if k not in ("source", "fingerprint")} for row in found["layers"]]
    return areas, parts, accounts, found["indicators"], flow.issue_codes(found)


@pytest.fixture(scope="module", params=MODELS)
def rewritten(request, tmp_path_factory):
    flow.program("riskmap-score")
    folder = tmp_path_factory.mktemp("rewritten")
    model = reshape.rewrite(path_of(request.param), folder)
    return request.param, flow.score(model, folder / "r.gpkg")


def test_order_of_the_features(rewritten, tmp_path):
    """Bit for bit: no sum depends on the order in which evidence or areas came."""
    name, expected = rewritten
    model = reshape.rewrite(path_of(name), tmp_path, seed=7)
    assert by_id(flow.score(model, tmp_path / "r.gpkg")) == by_id(expected)


def test_shift_by_a_power_of_two(rewritten, tmp_path):
    name, expected = rewritten
    model = reshape.rewrite(path_of(name), tmp_path, shift=1024)
    areas, parts, *rest = by_id(flow.score(model, tmp_path / "r.gpkg"))
    areas_before, parts_before, *rest_before = by_id(expected)
    assert rest[0] == rest_before[0] and rest[2] == rest_before[2]
    for before, after in ((areas_before, areas), (parts_before, parts)):
        assert before.keys() == after.keys()
        for key, row in before.items():
            for column, value in row.items():
                if isinstance(value, float):
                    assert after[key][column] == pytest.approx(value, abs=1e-9, rel=1e-9), (key, column)
                else:
                    assert after[key][column] == value, (key, column)


def test_dutch_locale(once, tmp_path):
    """A decimal comma in the user's locale: the same tables, the same words on screen, the same list."""
    name, expected, printed = once
    made = subprocess.run(["localedef", "-i", "nl_NL", "-f", "UTF-8", tmp_path / "nl_NL.UTF-8"], capture_output=True)
    dutch = {"LOCPATH": str(tmp_path), "LC_ALL": "nl_NL.UTF-8", "LANG": "nl_NL.UTF-8"}
    comma = subprocess.run(["locale", "decimal_point"], capture_output=True, text=True, env={**os.environ, **dutch})
    if made.returncode > 1 or comma.stdout.strip() != ",":
        pytest.skip("no Dutch locale can be made here (Debian's package locales)")
    done = flow.run("riskmap-score", path_of(name), tmp_path / "r.gpkg", "--as-of", flow.AS_OF, "--threads", 1,
                    "--table", tmp_path / "r.csv", environment=dutch)
    assert done.returncode == 0, done.stderr
    assert flow.comparable(flow.tables(tmp_path / "r.gpkg")) == flow.comparable(expected)
    assert done.stdout.replace(str(tmp_path), "") == printed
    flow.score(path_of(name), tmp_path / "plain.gpkg", "--table", tmp_path / "plain.csv", environment={"LC_ALL": "C"})
    assert (tmp_path / "r.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()


def test_reference_gives_the_same_scores_for_the_same_data(once, tmp_path):
    name, expected, _ = once
    flow.score(path_of(name), tmp_path / "old.gpkg")
    found = flow.score(path_of(name), tmp_path / "new.gpkg", "--reference", tmp_path / "old.gpkg")
    assert any(row["key"] == "reference" for row in found["run"])
    for table in ("areas", "contributions", "indicators", "issues", "layers"):
        assert found[table] == expected[table], table


def test_reference_scales_other_data_as_then(tmp_path):
    """More evidence in one area: with --reference nothing changes in the others."""
    model = flow.simple_model(tmp_path)
    before = flow.score(model, tmp_path / "old.gpkg")
    text = (tmp_path / "punten.csv").read_text()
    (tmp_path / "meer.csv").write_text(text + "".join(f"{99 + n};01-05-2025;s0;1,0;{200610 + n},00;475050,00\n"
                                                      for n in range(20)))
    more = ("--layer", f"punten={tmp_path / 'meer.csv'}")
    fresh = flow.score(model, tmp_path / "fresh.gpkg", *more)
    compared = flow.score(model, tmp_path / "new.gpkg", *more, "--reference", tmp_path / "old.gpkg")

    def scores(found):
        return [row["score"] for row in found["areas"]]

    def scaling(found):
        return [(row["name"], row["scale_a"], row["scale_b"]) for row in found["indicators"]]

    assert scaling(compared) == scaling(before) != scaling(fresh)
    assert scores(compared)[:3] == scores(before)[:3] != scores(fresh)[:3]
    # beyond what was seen then: kept within the scale
    assert flow.contributions(compared)[compared["areas"][3]["fid"], "aantal"]["scaled"] == 1.0
