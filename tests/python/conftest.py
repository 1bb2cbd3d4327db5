"""Which riskmap these tests import: the one in the build folder RISKMAP_BUILD, or the one that this Python has
installed where RISKMAP_INSTALLED is set (newest.sh does), or one on PYTHONPATH. None: that is a failure, not a skip."""

import os
import pathlib
import signal
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTALLED = bool(os.environ.get("RISKMAP_INSTALLED"))

if not INSTALLED and os.environ.get("RISKMAP_BUILD"):
    folder = str(pathlib.Path(os.environ["RISKMAP_BUILD"]).resolve() / "bindings/python")
    sys.path.insert(0, folder)
    # programs that tests start import the same
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))

try:
    import riskmap
except ImportError as problem:
    pytest.exit(
        "the Python package was not built, or does not load; build it with python3-dev installed and name the build"
        f" folder in RISKMAP_BUILD: {problem}",
        returncode=1,
    )
if INSTALLED and not pathlib.Path(riskmap.__file__).is_relative_to(sys.prefix):
    pytest.exit(f"{riskmap.__file__} is not the wheel that was installed in {sys.prefix}", returncode=1)


def pytest_collection_modifyitems(items):
    reason = os.environ.get("RISKMAP_SKIP")
    for item in items if reason else []:
        item.add_marker(pytest.mark.skip(reason=reason))


# a shell that starts tests in the background lets them ignore it, and Ctrl-C would never come
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def root(monkeypatch):
    """The root of the checkout, which is the working directory too."""
    monkeypatch.chdir(ROOT)
    return ROOT
