"""A full disk and a stop by the user: a clear message, and no file that was not there before."""

import os
import resource
import shutil
import signal
import subprocess
import time

import pytest

import flow
import rawgpkg as raw


def listing(folder):
    return sorted(os.path.join(path, name) for path, _, names in os.walk(folder) for name in names)


def check_left(done, before, folder, code, words):
    print(done.stderr, end="")
    assert done.returncode == code
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr
    assert listing(folder) == before


@pytest.fixture
def small_disk(tmp_path):
    """A disk with 300 kB on it; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"no small disk can be made here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("filled", [298, 260, 220])
def test_full_disk(small_disk, tmp_path, filled):
    """Full at once, and further on the way."""
    model = flow.simple_model(tmp_path)
    (small_disk / "other").write_bytes(bytes(filled * 1024))
    before = listing(small_disk)
    done = flow.run("riskmap-score", model, small_disk / "r.gpkg")
    check_left(done, before, small_disk, 1, ["r.gpkg", "the disk is full"])


@pytest.mark.parametrize("name", ["top.csv", "top.xlsx"])
def test_full_disk_for_the_list(small_disk, tmp_path, name):
    model = flow.simple_model(tmp_path)
    (small_disk / "other").write_bytes(bytes(300 * 1024))
    before = listing(small_disk)
    done = flow.run("riskmap-score", model, tmp_path / "r.gpkg", "--table", small_disk / name)
    check_left(done, before, small_disk, 1, [name, "disk", "full"])


def test_full_disk_keeps_the_old_result(small_disk, tmp_path):
    model = flow.simple_model(tmp_path)
    (small_disk / "r.gpkg").write_bytes(b"eerder werk" * 20000)
    before = listing(small_disk)
    done = flow.run("riskmap-score", model, small_disk / "r.gpkg", "--overwrite")
    check_left(done, before, small_disk, 1, ["r.gpkg"])
    assert (small_disk / "r.gpkg").read_bytes() == b"eerder werk" * 20000


@pytest.mark.parametrize("kilobytes", [1, 40, 100])
def test_limit_on_the_size_of_files(kilobytes, tmp_path):
    """A quota, by way of the limit on the size of a file; for this nobody need be root."""
    model = flow.simple_model(tmp_path)
    before = listing(tmp_path)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    program = flow.program("riskmap-score")
    done = subprocess.run([program, model, tmp_path / "r.gpkg"], capture_output=True, text=True, preexec_fn=limit)
    check_left(done, before, tmp_path, 1, ["r.gpkg"])


def heavy_model(folder):
    """Reading that takes seconds on one thread: half a million points, met in twenty ways."""
    row = "".join(f"{n};01-03-2025;s{n % 3};1,5;{200000 + n % 800},25;475050,00\n" for n in range(2000))
    (folder / "punten.csv").write_text("nr;datum;soort;waarde;x;y\n" + row * 400)
    return flow.simple_model(folder, indicators=[
        {"name": f"midden_{k}", "measure": "median", "of": "punten", "field": "waarde", "within_m": 50 + k, **flow.COMMON}
        for k in range(20)])


def stopped(model, folder, how, when):
    """Starts a run, sends a signal when `when` says so, gives the finished process."""
    process = subprocess.Popen(
        [flow.program("riskmap-score"), model, folder / "r.gpkg", "--threads", "1", "--table", folder / "top.csv"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not when() and process.poll() is None:
        time.sleep(0.002)
    assert process.poll() is None, "it was done before it could be stopped"
    process.send_signal(how)
    output, errors = process.communicate(timeout=20)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stop_while_reading(how, tmp_path):
    model = heavy_model(tmp_path)
    before = listing(tmp_path)
    begin = time.monotonic()
    done = stopped(model, tmp_path, how, lambda: time.monotonic() > begin + 0.4)
    check_left(done, before, tmp_path, 130, [])
    assert done.stdout == ""
    assert time.monotonic() - begin < 10
    shutil.rmtree(tmp_path)  # tens of megabytes


def test_stop_while_writing(tmp_path):
    """As soon as a file appears beside the others."""
    raw.write(tmp_path / "veel.gpkg", "veel",
              [(raw.polygon([(x, y), (x + 9, y), (x + 9, y + 9), (x, y + 9), (x, y)]), f"{x}-{y}")
               for x in range(200000, 203000, 10) for y in range(475000, 477000, 10)], kind="POLYGON")
    model = flow.simple_model(
        tmp_path, areas={"layer": "veel", "id": "code"},
        layers={"veel": {"source": "veel.gpkg", "classification": "open"},
                "punten": {"source": "punten.csv", "x": "x", "y": "y", "crs": "EPSG:28992", "classification": "open"}},
        indicators=[{"name": f"aantal_{k}", "measure": "count", "of": "punten", **flow.COMMON} for k in range(5)])
    before = listing(tmp_path)
    done = stopped(model, tmp_path, signal.SIGINT, lambda: listing(tmp_path) != before)
    check_left(done, before, tmp_path, 130, [])
    shutil.rmtree(tmp_path)  # tens of megabytes
