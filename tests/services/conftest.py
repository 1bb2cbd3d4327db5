import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import servers  # noqa: E402


@pytest.fixture(scope="session")
def postgres():
    server = servers.Postgres()
    try:
        yield server.start()
    finally:
        server.stop()
