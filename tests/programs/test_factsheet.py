"""riskmap-inspect --factsheet: one page about a source."""
import json
import os
import pathlib
import shutil
import stat
import subprocess
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA, MODELS = ROOT / "examples/data", ROOT / "examples/models"
BUILD = os.environ.get("RISKMAP_BUILD")

if not BUILD or not (pathlib.Path(BUILD) / "examples/programs/riskmap-inspect").exists():
    pytest.skip("RISKMAP_BUILD names no build folder with the programs", allow_module_level=True)

FINE, FAILED, USAGE = 0, 1, 2
SOURCES = sorted(p.name for p in DATA.iterdir() if p.suffix in (".gpkg", ".geojson", ".csv"))


def run(*arguments, code=FINE):
    done = subprocess.run([pathlib.Path(BUILD) / "examples/programs/riskmap-inspect", *map(str, arguments)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def factsheet(source, folder, *options):
    run(source, "--quiet", "--factsheet", folder / "blad.md", *options)
    return (folder / "blad.md").read_text(), json.loads((folder / "blad.json").read_text())


def tables(text):
    """Every table of the page has as many cells in each row: it renders."""
    for block in text.split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        if rows:
            yield [len(row.replace("\\|", "").split("|")) for row in rows]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("options", [[], ["--open", "--lang", "en"]])
def test_every_source_of_the_municipality(tmp_path, source, options):
    text, facts = factsheet(DATA / source, tmp_path, *options)
    assert text.startswith(f"# Factsheet: {source}\n") and facts["source"] == source
    assert all(len(set(cells)) == 1 for cells in tables(text))
    assert ("AFGESCHERMD" in text) == (facts["classification"] == "shielded") == (not options)
    assert ("niet vermeld" in text) == (not options)
    seen = json.loads(run(DATA / source, "--json").stdout)["layers"]
    lines = (DATA / source).read_bytes().splitlines()
    again = len(lines) - len(set(lines))
    assert [layer["name"] for layer in facts["layers"]] == [layer["name"] for layer in seen]
    for fact, layer in zip(facts["layers"], seen):
        assert f"## {layer['name']}\n" in text and fact["features"] == layer["features"]
        assert fact["duplicate_rows"] == (again if source.endswith(".csv") else 0)
        for mine, field in zip(fact["fields"], layer["fields"]):
            assert mine["filled"] == layer["features"] - field["missing"] - field["sentinels"]
            assert ("lowest" in mine or "first_date" in mine) <= bool(options)
    mode = stat.S_IMODE((tmp_path / "blad.md").stat().st_mode)
    assert (mode == 0o600) == (not options)


def test_no_cell_of_a_shielded_source(tmp_path):
    lines = ["naam;geboortedatum;bedrag;datum;x;y"]
    lines += [f"JansenBSN{i};19{70 + i}-03-0{i + 1};{777000 + i};2024-05-1{i};{212345 + i};512345" for i in range(9)]
    (tmp_path / "geheim.csv").write_text("\n".join(lines) + "\n")
    for options in ([], ["--lang", "en"]):
        text, facts = factsheet(tmp_path / "geheim.csv", tmp_path, "--crs", "EPSG:28992", "--overwrite", *options)
        both = text + json.dumps(facts)
        for cell in ("JansenBSN", "1970", "777", "212345", "512345", "2024-05-1"):
            assert cell not in both, cell
        assert facts["layers"][0]["newest_date"] == "2024-05"
    # open, and still nothing of the persons in it
    text, facts = factsheet(tmp_path / "geheim.csv", tmp_path, "--crs", "EPSG:28992", "--overwrite", "--open")
    assert "777000 t/m 777008" in text and "1970" not in text and "JansenBSN" not in text
    assert [f["person"] for f in facts["layers"][0]["fields"]][1]


def test_duplicates(tmp_path):
    rows = [f"{i % 400};{i % 100}" for i in range(1000)]
    (tmp_path / "dubbel.csv").write_text("id;waarde\n" + "\n".join(rows) + "\n")
    for threads in (1, 2, 4):
        _, facts = factsheet(tmp_path / "dubbel.csv", tmp_path, "--overwrite", "--threads", threads)
        layer = facts["layers"][0]
        assert (layer["duplicate_rows"], layer["id_field"], layer["duplicate_ids"]) == (600, "id", 600)


def test_the_model_says_what_it_is_for(tmp_path):
    text, facts = factsheet(DATA / "bag-light.gpkg", tmp_path, "--model", MODELS / "vakantieparken.json")
    used = {layer["name"]: layer for layer in facts["layers"]}
    assert used["verblijfsobject"]["classification"] == "open"  # the model declares it
    assert used["pand"]["classification"] == "shielded" and facts["classification"] == "shielded"
    assert used["verblijfsobject"]["used_by"] == [{"layer": "adressen", "areas": False, "indicators": [
        "aandeel_met_woonfunctie", "gemiddelde_oppervlakte", "meldingen_per_100_adressen"]}]
    assert used["pand"]["used_by"] == [] and "| In het model als `adressen` | " in text
    assert used["verblijfsobject"]["canonical"]["pand"] == "pand_identificatie"
    run(DATA / "brk.gpkg", "--factsheet", tmp_path / "x.md", "--model", tmp_path / "geen.json", code=FAILED)
    assert not (tmp_path / "x.md").exists()


SHARED = pathlib.Path(os.environ.get("RISKMAP_SHARED", ROOT / "../shared")) / "data"


@pytest.mark.skipif(not SHARED.exists(), reason="no real data in ../shared")
@pytest.mark.parametrize("source,layer,profile,current,ended", [
    ("bag/lvbag-doesburg-0221/0221PND15092020.zip", "Pand", "lvbag.pand", 7395, 5703),
    ("bgt/bgt_otterlo_2020-08-05.zip|layername=bgt_pand", "bgt_pand", "bgt.pand", 1711, 562)])
def test_real_sources_tell_what_is_in_force(tmp_path, source, layer, profile, current, ended):
    text, facts = factsheet(SHARED / source, tmp_path, "--open")
    fact = facts["layers"][0]
    assert (fact["name"], fact["profile"], fact["features"], fact["ended"]) == (layer, profile, current, ended)
    assert fact["duplicate_ids"] == 0 and "vervallen, en buiten beschouwing" in text


def test_owner_and_licence(tmp_path):
    ogr = pytest.importorskip("osgeo.ogr")
    shutil.copy(DATA / "havens.geojson", tmp_path / "havens.geojson")
    (tmp_path / "havens.xml").write_text(
        "<MD_Metadata><organisationName><CharacterString>Gemeente Woldermark</CharacterString></organisationName>"
        "<otherConstraints><CharacterString>CC BY 4.0</CharacterString></otherConstraints></MD_Metadata>")
    _, facts = factsheet(tmp_path / "havens.geojson", tmp_path)
    assert (facts["owner"], facts["licence"], facts["stated_in"]) == ("Gemeente Woldermark", "CC BY 4.0", "havens.xml")
    # in the GeoPackage itself
    data = ogr.GetDriverByName("GPKG").CreateDataSource(str(tmp_path / "met.gpkg"))
    data.CreateLayer("punten", options=["DESCRIPTION=Alle punten"])
    data.SetMetadataItem("licentie", "staat hier niet")
    data = None
    import sqlite3
    with sqlite3.connect(tmp_path / "met.gpkg") as gpkg:
        gpkg.execute("insert into gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) values ('dataset', "
                     "'http://example.org', 'text/plain', 'Bronhouder: provincie\nLicentie: CC0\n')")
        number = gpkg.execute("select max(id) from gpkg_metadata").fetchone()[0]
        gpkg.execute("insert into gpkg_metadata_reference (reference_scope, timestamp, md_file_id) values "
                     f"('geopackage', '2026-01-01T00:00:00Z', {number})")
    _, facts = factsheet(tmp_path / "met.gpkg", tmp_path, "--overwrite")
    assert (facts["title"], facts["owner"], facts["licence"], facts["stated_in"]) == (
        "Alle punten", "provincie", "CC0", "GeoPackage")


def test_a_workbook_names_the_company_and_not_the_author(tmp_path):
    ogr = pytest.importorskip("osgeo.ogr")
    data = ogr.GetDriverByName("XLSX").CreateDataSource(str(tmp_path / "kaal.xlsx"))
    layer = data.CreateLayer("blad")
    layer.CreateField(ogr.FieldDefn("waarde", ogr.OFTInteger))
    row = ogr.Feature(layer.GetLayerDefn())
    row["waarde"] = 1
    layer.CreateFeature(row)
    row = layer = data = None
    with zipfile.ZipFile(tmp_path / "kaal.xlsx") as bare, zipfile.ZipFile(tmp_path / "lijst.xlsx", "w") as book:
        for name in bare.namelist():
            if not name.startswith("docProps"):
                book.writestr(name, bare.read(name))
        book.writestr("docProps/core.xml", "<coreProperties><title>Lijst van 2026</title><creator>J. Jansen</creator>"
                                           "<modified>2026-02-01T10:00:00Z</modified></coreProperties>")
        book.writestr("docProps/app.xml", "<Properties><Company>Omgevingsdienst</Company></Properties>")
    text, facts = factsheet(tmp_path / "lijst.xlsx", tmp_path)
    assert (facts["title"], facts["owner"], facts["stated_date"]) == ("Lijst van 2026", "Omgevingsdienst", "2026-02-01")
    assert "Jansen" not in text + json.dumps(facts)


def test_written_whole_or_not_at_all(tmp_path):
    (tmp_path / "blad.json").write_text("van mij")
    done = run(DATA / "havens.geojson", "--quiet", "--factsheet", tmp_path / "blad.md", code=FAILED)
    assert "blad.json exists already" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["blad.json"]
    run(DATA / "havens.geojson", "--quiet", "--factsheet", tmp_path / "blad", "--overwrite")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["blad.json", "blad.md"]
    done = run(DATA / "havens.geojson", "--quiet", "--factsheet", tmp_path / "geen/blad.md", code=FAILED)
    assert "make it first" in done.stderr or "does not exist" in done.stderr
    # a layer that cannot be read: the command fails, and the page tells which
    with zipfile.ZipFile(tmp_path / "samen.zip", "w") as archive:
        archive.write(DATA / "havens.geojson", "havens.geojson")
        archive.writestr("stuk.geojson", "{\"type\": \"FeatureCollection\", \"features\": [")
    done = run(tmp_path / "samen.zip", "--quiet", "--factsheet", tmp_path / "samen.md", code=FAILED)
    layers = {layer["name"]: layer for layer in json.loads((tmp_path / "samen.json").read_text())["layers"]}
    assert layers["havens"]["features"] == 2 and layers["stuk"]["problem"] in done.stderr
    assert "| Niet leesbaar | " in (tmp_path / "samen.md").read_text()
    (tmp_path / "kapot.gpkg").write_text("no database")
    run(tmp_path / "kapot.gpkg", "--quiet", "--factsheet", tmp_path / "kapot.md", code=FAILED)
    assert not (tmp_path / "kapot.md").exists()
    for wrong in (["--open"], ["--model", "m.json"]):
        assert "goes with --factsheet" in run(DATA / "havens.geojson", *wrong, code=USAGE).stderr


def test_names_from_the_file_stay_text(tmp_path):
    (tmp_path / "a|b<i>.csv").write_text("id;ve|ld;<script>;`code`\n1;2;3;4\n")
    text, facts = factsheet(tmp_path / "a|b<i>.csv", tmp_path, "--open")
    assert all(len(set(cells)) == 1 for cells in tables(text))
    assert "# Factsheet: a\\|b\\<i\\>.csv" in text and "`ve\\|ld`" in text and "`<script>`" in text
    assert [f["name"] for f in facts["layers"][0]["fields"]] == ["id", "ve|ld", "<script>", "`code`"]
