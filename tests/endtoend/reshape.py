"""The same data in another order or at another place: every layer of a model written again, in RD."""

import csv
import json
import random

from osgeo import ogr, osr
from shapely import wkb
from shapely.ops import transform

import reference

GRID = 65536  # coordinates are put on steps of 2^-16 m, so that a shift by a power of two is exact


def rewrite(path, folder, seed=None, shift=0):
    """Writes the layers of the model at `path`, and the model, into folder; gives the model's path.
    seed: the features in another order; shift: metres added to every coordinate."""
    model = json.loads(path.read_text(encoding="utf-8"))
    for name, spec in model["layers"].items():
        origin = path.parent / spec["source"]
        if origin.suffix == ".csv":
            spec["source"] = f"{name}.csv"
            rewrite_text(origin, folder / spec["source"], seed, shift)
        else:
            rows = reference.Rows(origin, spec)
            spec["source"], spec["layer"] = f"{name}.gpkg", name
            write_geopackage(rows, folder / spec["source"], name, seed, shift)
    target = folder / "model.json"
    target.write_text(json.dumps(model), encoding="utf-8")
    return target


def order_of(count, seed):
    order = list(range(count))
    if seed is not None:
        random.Random(seed).shuffle(order)
    return order


def rewrite_text(origin, target, seed, shift):
    with open(origin, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    header, rows = rows[0], rows[1:]
    for row in rows:
        for axis in ("x", "y"):
            value = reference.read_number(row[header.index(axis)])
            if value == value:
                row[header.index(axis)] = f"{round(value * 4) / 4 + shift:.2f}".replace(".", ",")
    with open(target, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *(rows[k] for k in order_of(len(rows), seed))])


def write_geopackage(rows, target, name, seed, shift):
    def moved(x, y):
        return [round(v * GRID) / GRID + shift for v in x], [round(v * GRID) / GRID + shift for v in y]

    rd = osr.SpatialReference()
    rd.ImportFromEPSG(28992)
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(target))
    layer = source.CreateLayer(name, rd, ogr.wkbUnknown, ["GEOMETRY_NAME=geom"])
    columns = [rows.column(field) for field in rows.fields]
    for field, cells in zip(rows.fields, columns):
        whole = all(isinstance(cell, int) for cell in cells if cell is not None)
        number = all(isinstance(cell, (int, float)) for cell in cells if cell is not None)
        layer.CreateField(ogr.FieldDefn(field, ogr.OFTInteger64 if whole else ogr.OFTReal if number else ogr.OFTString))
    layer.StartTransaction()
    for k in order_of(len(rows), seed):
        item = ogr.Feature(layer.GetLayerDefn())
        item.SetGeometry(ogr.CreateGeometryFromWkb(wkb.dumps(transform(moved, rows.shapes[k]))))
        for field, cells in zip(rows.fields, columns):
            if cells[k] is not None:
                item.SetField(field, cells[k])
        layer.CreateFeature(item)
    layer.CommitTransaction()
