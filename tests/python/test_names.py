"""Names of files and fields whose bytes are not UTF-8, as Linux and old shapefiles have them."""

import os
import shutil
import struct

import pytest

import riskmap
from riskmap import _riskmap as c

CAFE = os.fsdecode(b"caf\xe9")
PARKS, MODEL = "examples/data/vakantieparken.geojson", "examples/models/vakantieparken.json"


@pytest.fixture
def parks(root, tmp_path):
    """A folder that holds one file, with such a name."""
    path = tmp_path / f"{CAFE}.geojson"
    shutil.copy(PARKS, path)
    return path


def test_a_file_is_read_whatever_its_name(parks):
    for path in (parks, os.fspath(parks), os.fsencode(parks)):
        assert len(riskmap.read(path)) == 16
    assert "caf\ufffd" in str(riskmap.inspect(parks)) and riskmap.inspect(parks).layers[0].features == 16
    with pytest.raises(riskmap.NotFound, match="thé?"):
        riskmap.read(os.fsencode(parks).replace(b"caf", "thé".encode()))
    with pytest.raises(ValueError, match="crs: .* UTF-8 has no bytes for"):  # what is no path has to be UTF-8
        riskmap.read(parks, crs="EPSG:\udce9")


def test_sources_among_the_options_are_read_whatever_their_name(parks):
    result = riskmap.run(MODEL, layers={"parken": parks}, as_of="2026-11-01")
    assert len(result) == 16 and repr(result.layers).encode() and repr(result).encode()


def test_files_are_written_whatever_their_name(root, tmp_path):
    result = riskmap.run(MODEL, as_of="2026-11-01")
    result.write(tmp_path / f"{CAFE}.gpkg")
    assert os.listdir(os.fsencode(tmp_path)) == [b"caf\xe9.gpkg"]


def test_progress_is_told_names_that_can_be_shown(parks):
    told = []
    found = riskmap.Model(MODEL).match(parks.parent, progress=lambda fraction, message: told.append(message))
    assert len(found.sources) == 1 and all(message.encode() is not None for message in told)
    assert any("caf\ufffd" in message for message in told)


def test_what_match_finds_opens(parks):
    found = riskmap.match(MODEL, parks.parent)
    assert found.sources[0].path == os.fspath(parks) and len(riskmap.read(found.sources[0].path)) == 16
    assert str(found).encode() and "caf\ufffd" in str(found)


def test_a_model_that_cannot_name_its_source_is_not_written(parks, tmp_path):
    found = riskmap.match(MODEL, parks.parent)
    found.choose(found.layers[0].name, 0)
    with pytest.raises(riskmap.ArgumentError, match="is not UTF-8, so no model can name it; rename it"):
        found.write(tmp_path / "mine.json")
    assert not (tmp_path / "mine.json").exists()


def shapefile(folder, field, prj=b""):
    """One point with one field of ten bytes."""
    box = struct.pack("<4d", 2e5, 5e5, 2e5, 5e5) + bytes(32)
    head = lambda words: struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words) + struct.pack("<2i", 1000, 1) + box
    point = struct.pack("<idd", 1, 2e5, 5e5)
    (folder / "s.shp").write_bytes(head(64) + struct.pack(">2i", 1, 10) + point)
    (folder / "s.shx").write_bytes(head(54) + struct.pack(">2i", 50, 10))
    column = field.ljust(11, b"\0") + b"C" + bytes(4) + bytes([4, 0]) + bytes(14)
    (folder / "s.dbf").write_bytes(struct.pack("<4BiHH20x", 3, 126, 1, 1, 1, 65, 5) + column + b"\r abcd\x1a")
    if prj:
        (folder / "s.prj").write_bytes(prj)
    return folder / "s.shp"


def test_a_shapefile_that_does_not_state_its_encoding(tmp_path):
    source = shapefile(tmp_path, b"caf\xe9")
    assert riskmap.read(source, crs=28992).fields == ["café"]
    assert riskmap.read(source, crs=28992, columns=["café"])["café"].tolist() == ["abcd"]
    assert [field.name for field in riskmap.inspect(source).layers[0].fields] == ["café"]


PRJ = (
    b'PROJCS["Caf\xe9",GEOGCS["Bessel",DATUM["Bessel",SPHEROID["Bessel_1841",6377397.155,299.1528128]],'
    b'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    b'PARAMETER["False_Easting",155001.0],PARAMETER["False_Northing",463000.0],'
    b'PARAMETER["Central_Meridian",5.3876],PARAMETER["Scale_Factor",0.9999],'
    b'PARAMETER["Latitude_Of_Origin",52.1561],UNIT["Meter",1.0]]'
)


def test_names_that_are_no_text_at_all_are_shown_as_far_as_they_can_be(tmp_path):
    source = shapefile(tmp_path, b"caf\xe9", PRJ)
    (tmp_path / "s.cpg").write_text("UTF-8")
    layer = riskmap.read(source)
    assert layer.fields == ["caf\ufffd"] and "Caf\ufffd" in layer.crs
    assert c.layer_field_name(layer._handle, 0) == "caf\ufffd"
