"""riskmap-check --data: an analyst's own files beside a model, as people and scripts use it."""
import errno
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import sqlite3
import subprocess
import time
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA, MODELS = ROOT / "examples/data", ROOT / "examples/models"
BUILD = os.environ.get("RISKMAP_BUILD")

if not BUILD or not (pathlib.Path(BUILD) / "examples/programs/riskmap-check").exists():
    pytest.skip("RISKMAP_BUILD names no build folder with the programs", allow_module_level=True)

FINE, FAILED, USAGE, PROBLEMS, UNCLEAR, STOPPED = 0, 1, 2, 3, 4, 130
PROGRAMS = pathlib.Path(BUILD) / "examples/programs"

# as somebody else would have called them
OWN_NAMES = {
    "bag-light.gpkg": "bag/adressenbestand_2026.gpkg", "bebouwde-kom.gpkg": "top10/plaatsen.gpkg",
    "wegen.gpkg": "top10/top10nl_deel.gpkg", "bedrijventerreinen.gpkg": "IBIS 2026 (2).gpkg",
    "brk.gpkg": "kadaster.gpkg", "havens.geojson": "haven_vlakken.geojson", "meldingen.csv": "export 22-11.csv",
    "natura2000.geojson": "n2000.geojson", "no-fly-zones.geojson": "drones.geojson",
    "rijksgrens.geojson": "grenslijn.geojson", "vakantieparken.geojson": "lijst_parken.geojson"}


def run(program, *arguments, code=FINE, **options):
    done = subprocess.run([PROGRAMS / program, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def desk(tmp_path):
    """A folder with the analyst's own files, and the model apart from the data it was made with."""
    folder = tmp_path / "mijn gegevens"
    for name, own in OWN_NAMES.items():
        (folder / own).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DATA / name, folder / own)
    (folder / "leesmij.txt").write_text("Dit zijn de gegevens.\n")
    (folder / "foto.jpg").write_bytes(b"\xff\xd8")
    for model in MODELS.glob("*n*.json"):
        shutil.copy(model, tmp_path / model.name)
    return tmp_path, folder


def scores(path):
    with sqlite3.connect(path) as result:
        return result.execute("select id, score, rank, coverage from areas order by fid").fetchall()


@pytest.mark.parametrize("model", ["vakantieparken", "bedrijventerreinen", "buitengebied"])
def test_own_files_give_the_same_scores(desk, model):
    folder, data = desk
    mine = folder / "elders/mijn.json"
    mine.parent.mkdir()
    done = run("riskmap-check", folder / f"{model}.json", "--data", data, "--write", mine)
    assert f"{mine} is geschreven." in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Oordeel: dit model kan worden berekend")
    run("riskmap-score", mine, folder / "mijn.gpkg", "--quiet")
    run("riskmap-score", MODELS / f"{model}.json", folder / "oud.gpkg", "--quiet")
    assert scores(folder / "mijn.gpkg") == scores(folder / "oud.gpkg")
    # nothing but the sources and the layers in them
    before, after = json.loads((MODELS / f"{model}.json").read_text()), json.loads(mine.read_text())
    for name, layer in after["layers"].items():
        assert layer["source"].startswith("../mijn gegevens/")
        layer["source"] = before["layers"][name]["source"]
    assert before == after
    old, new = (MODELS / f"{model}.json").read_text().splitlines(), mine.read_text().splitlines()
    assert len(old) == len(new)
    assert all(a == b or '"source": ' in a for a, b in zip(old, new))


def test_the_matched_model_moves_with_its_data(desk):
    folder, data = desk
    run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", folder / "mijn.json", "--quiet")
    moved = folder / "verhuisd"
    moved.mkdir()
    shutil.move(data, moved / data.name)
    shutil.move(folder / "mijn.json", moved / "mijn.json")
    run("riskmap-check", moved / "mijn.json", cwd="/")


def test_without_write_nothing_is_written(desk):
    folder, data = desk
    before = sorted(folder.rglob("*"))
    done = run("riskmap-check", folder / "vakantieparken.json", "--data", data)
    assert done.stdout.splitlines()[-1].startswith("Oordeel: dit model kan worden berekend")
    assert sorted(folder.rglob("*")) == before


def test_json(desk):
    folder, data = desk
    (data / "kapot.gpkg").write_text("no database")
    found = json.loads(run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--json").stdout)
    states = {layer["name"]: layer["state"] for layer in found["match"]["layers"]}
    assert set(states.values()) == {"taken"} and found["match"]["unclear"] == 0 and found["problems"] == 0
    assert [pathlib.Path(u["path"]).name for u in found["match"]["unreadable"]] == ["kapot.gpkg"]
    addresses = [layer for layer in found["match"]["layers"] if layer["name"] == "adressen"][0]
    assert addresses["source"].endswith("adressenbestand_2026.gpkg|layername=verblijfsobject")


def test_an_existing_file_stays(desk):
    folder, data = desk
    mine = folder / "mijn.json"
    mine.write_text("van mij")
    done = run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", mine, code=FAILED)
    assert "exists already" in done.stderr and mine.read_text() == "van mij"
    run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", mine, "--overwrite")
    assert json.loads(mine.read_text())["layers"]["natuur"]["source"] == "mijn gegevens/n2000.geojson"
    # never one of the files with data
    own = data / "n2000.geojson"
    before = own.read_bytes()
    done = run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", own, "--overwrite",
               code=FAILED)
    assert "is one of the files that were read" in done.stderr and own.read_bytes() == before
    assert not list(folder.glob("**/riskmap-unfinished*"))
    done = run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", folder / "geen/mijn.json",
               code=FAILED)
    assert "make it first" in done.stderr


def test_bad_folders(desk):
    folder, data = desk
    model = folder / "vakantieparken.json"
    done = run("riskmap-check", model, "--data", folder / "nergens", code=FAILED)
    assert done.stderr == f"{folder}/nergens does not exist\n" and done.stdout == ""
    assert "is no folder" in run("riskmap-check", model, "--data", model, code=FAILED).stderr
    (folder / "leeg").mkdir()
    done = run("riskmap-check", model, "--data", folder / "leeg", "--write", folder / "mijn.json", code=PROBLEMS)
    assert done.stdout.count("ONTBREEKT") == 14  # in the match and in the check of what was written
    assert run("riskmap-check", model, "--write", "x.json", code=USAGE).stderr.startswith("--write: goes with")


def test_loops_and_odd_files_do_no_harm(desk):
    folder, data = desk
    (data / "kring").symlink_to(data)
    (data / "top10/omhoog").symlink_to("..")
    (data / "zelf").symlink_to("zelf")
    os.mkfifo(data / "pijp.csv")
    (data / "leeg.gpkg").write_bytes(b"")
    (data / "kapot.zip").write_bytes(b"PK\x03\x04")
    (data / ".verborgen.csv").write_text("datum;categorie;x;y\n")
    (data / "geen.json").write_text("{}")
    done = run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", folder / "mijn.json")
    unreadable = done.stdout.split("Niet leesbaar")[1].split("is geschreven")[0]
    assert "leeg.gpkg" in unreadable and "kapot.zip" in unreadable
    assert "geen.json" not in unreadable and "leesmij" not in unreadable and "verborgen" not in done.stdout


def test_two_files_that_fit_equally_well(desk):
    folder, data = desk
    (data / "nog eens").mkdir()
    shutil.copy(data / "n2000.geojson", data / "nog eens/n2000.geojson")
    done = run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", folder / "mijn.json",
               code=UNCLEAR)
    assert not (folder / "mijn.json").exists()
    lines = done.stderr.splitlines()
    assert lines[0] == 'laag "natuur" is onduidelijk; kies er een met' and len(lines) > 2
    assert "Oordeel" not in done.stdout
    found = json.loads(run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--json",
                           code=UNCLEAR).stdout)
    nature = [layer for layer in found["match"]["layers"] if layer["name"] == "natuur"][0]
    assert nature["state"] == "unclear" and len(nature["fits"]) >= 2 and found["match"]["unclear"] == 1
    # the answer that was suggested, on the command line
    answer = lines[1].split("--layer '")[1].split("'")[0]
    run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", folder / "mijn.json",
        "--layer", answer)
    layer = json.loads((folder / "mijn.json").read_text())["layers"]["natuur"]
    assert layer["source"] == "mijn gegevens/n2000.geojson" and layer["layer"] == "natura2000"
    done = run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--layer", "natur=x", code=FAILED)
    assert '"natur"' in done.stderr


def test_a_zip_and_a_geodatabase_count_as_one_file(desk):
    folder, data = desk
    with zipfile.ZipFile(data / "natuur.zip", "w") as archive:
        archive.write(data / "n2000.geojson", "natura2000.geojson")
    (data / "n2000.geojson").unlink()
    gdb = data / "leeg.gdb"
    gdb.mkdir()
    (gdb / "a00000001.gdbtable").write_bytes(b"\0" * 40)
    (gdb / "binnenin.csv").write_text("datum;categorie;x;y\n01-01-2024;drugs;1;2\n")
    done = run("riskmap-check", folder / "vakantieparken.json", "--data", data, "--write", folder / "mijn.json")
    assert "binnenin" not in done.stdout and "leeg.gdb" in done.stdout.split("Niet leesbaar")[1]
    assert json.loads((folder / "mijn.json").read_text())["layers"]["natuur"]["source"] == "mijn gegevens/natuur.zip"
    run("riskmap-score", folder / "mijn.json", folder / "uit.gpkg", "--quiet")


def test_a_model_keeps_what_it_has(tmp_path):
    """Where the folder holds one layer alone, the others stay with the model's own sources."""
    (tmp_path / "nieuw").mkdir()
    shutil.copy(DATA / "meldingen.csv", tmp_path / "nieuw/2027.csv")
    model = MODELS / "vakantieparken.json"
    found = json.loads(run("riskmap-check", model, "--data", tmp_path / "nieuw", "--json", "--write",
                           tmp_path / "mijn.json").stdout)
    states = {layer["name"]: layer["state"] for layer in found["match"]["layers"]}
    assert states.pop("meldingen") == "taken" and set(states.values()) == {"kept"}
    run("riskmap-check", tmp_path / "mijn.json", cwd="/")


def test_canonical_names_find_their_source(tmp_path):
    """bag.verblijfsobject.oppervlakte is in any BAG source, and in nothing else."""
    model = json.loads((MODELS / "vakantieparken.json").read_text())
    layers = {name: model["layers"][name] for name in ("parken", "adressen")}
    layers["adressen"] = {"source": "nergens.gpkg", "classification": "open"}
    model["layers"] = layers
    model["indicators"] = [i for i in model["indicators"] if i["name"] == "gemiddelde_oppervlakte"]
    model["indicators"][0]["field"] = "bag.verblijfsobject.oppervlakte"
    (tmp_path / "model.json").write_text(json.dumps(model))
    (tmp_path / "data").mkdir()
    shutil.copy(DATA / "bag-light.gpkg", tmp_path / "data/a.gpkg")
    shutil.copy(DATA / "vakantieparken.geojson", tmp_path / "data/b.geojson")
    run("riskmap-check", tmp_path / "model.json", "--data", tmp_path / "data", "--write", tmp_path / "mijn.json")
    mine = json.loads((tmp_path / "mijn.json").read_text())["layers"]["adressen"]
    assert (mine["source"], mine["layer"]) == ("data/a.gpkg", "verblijfsobject")


# ---- on a terminal ----

class Terminal:
    def __init__(self, *arguments):
        try:
            self.process, self.end = pty.fork()
        except OSError as error:
            pytest.skip(f"this system gives no terminal: {error}")
        if self.process == 0:
            os.environ["TERM"] = "dumb"
            os.execv(PROGRAMS / "riskmap-check", ["riskmap-check", *map(str, arguments)])
        self.text = ""

    def until(self, words, seconds=60):
        stop = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < stop, f"{words!r} did not come: {self.text}"
            if not self.read_more():
                assert words in self.text, self.text
        seen, _, self.text = self.text.partition(words)
        return seen

    def read_more(self):
        if not select.select([self.end], [], [], 1)[0]:
            return True
        try:
            piece = os.read(self.end, 65536)
        except OSError as error:  # Linux says EIO where the other end is closed
            assert error.errno == errno.EIO
            piece = b""
        self.text += piece.decode()
        return bool(piece)

    def type(self, keys):
        os.write(self.end, keys.encode())

    def close(self, seconds=60):
        stop = time.monotonic() + seconds
        while self.read_more():
            if time.monotonic() > stop:
                os.kill(self.process, signal.SIGKILL)
                pytest.fail(f"it does not end: {self.text}")
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        os.close(self.end)
        return code


@pytest.fixture
def question(desk):
    folder, data = desk
    (data / "nog eens").mkdir()
    shutil.copy(data / "n2000.geojson", data / "nog eens/n2000.geojson")
    return folder, data


def test_a_question_and_its_answer(question):
    folder, data = question
    terminal = Terminal(folder / "vakantieparken.json", "--data", data, "--write", folder / "mijn.json")
    terminal.until('Welke bron heeft laag "natuur"?')
    choices = terminal.until("nummer, of enter om over te slaan: ")
    assert "1  " in choices and "2  " in choices
    for wrong in ("0\n", "99\n", "twee\n", "1x\n", "x" * 500 + "\n"):
        terminal.type(wrong)
        terminal.until("een nummer van 1 t/m ")
        terminal.until("nummer, of enter om over te slaan: ")
    terminal.type("2\n")
    terminal.until("is geschreven")
    assert terminal.close() == FINE
    source = json.loads((folder / "mijn.json").read_text())["layers"]["natuur"]["source"]
    assert source in ("mijn gegevens/nog eens/n2000.geojson", "mijn gegevens/n2000.geojson")
    shown = " ".join(choices.split()).split(" 2 ")[1].split(" 3 ")[0]  # it may run on to the next line
    assert ("nog eens" in shown) == ("nog eens" in source)


@pytest.mark.parametrize("keys", ["\n", "  \n", "\x04"])
def test_enter_skips(question, keys):
    folder, data = question
    terminal = Terminal(folder / "vakantieparken.json", "--data", data, "--write", folder / "mijn.json", "--lang", "en")
    terminal.until("number, or enter to skip: ")
    terminal.type(keys)
    terminal.until("was written")
    assert terminal.close() == PROBLEMS
    assert json.loads((folder / "mijn.json").read_text())["layers"]["natuur"]["source"] == "../data/natura2000.geojson"


def test_interrupt_at_a_question_writes_nothing(question):
    folder, data = question
    terminal = Terminal(folder / "vakantieparken.json", "--data", data, "--write", folder / "mijn.json")
    terminal.until("om over te slaan: ")
    terminal.type("\x03")
    assert terminal.close() == STOPPED
    assert not (folder / "mijn.json").exists()


def test_quiet_never_asks(question):
    folder, data = question
    terminal = Terminal(folder / "vakantieparken.json", "--data", data, "--quiet")
    assert terminal.close() == UNCLEAR
    assert "om over te slaan" not in terminal.text and 'laag "natuur" is onduidelijk' in terminal.text
