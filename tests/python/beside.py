"""One process of test_beside: imports what the arguments name, in that order, works with riskmap and with the others, and
prints what came out. Arguments: how (plain, threads, fork, shared), then modules."""

import concurrent.futures
import hashlib
import importlib
import json
import os
import sys
import tempfile
import threading

PARKS = "examples/data/vakantieparken.geojson"
RD = "EPSG:28992"


def of(*values):
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def ours(_=None):
    """Files by GDAL and by SQLite, PROJ to and from RD, GEOS and the whole of a model."""
    import riskmap
    from riskmap import _riskmap as c

    parks = riskmap.read(PARKS)
    plots = riskmap.read("examples/data/bag-light.gpkg", layer="pand", target_crs=4326)
    result = c.run(c.model_read("examples/models/vakantieparken.json"), as_of=20758)
    return {
        "read": of(c.layer_wkb(parks._handle)),
        "projected": of(c.layer_wkb(riskmap.read(PARKS, target_crs=RD)._handle), c.layer_wkb(plots._handle)),
        "scores": of([c.result_area(result, area) for area in range(c.result_area_count(result))]),
        "gdal": c.build_info()["gdal"],
        "extent": list(riskmap.read(PARKS, target_crs=RD).extent),
    }


def of_pyogrio():
    import pyogrio.raw

    _, _, geometry, fields = pyogrio.raw.read(PARKS)
    return {"read": of(list(geometry)), "fields": of([list(field) for field in fields])}


def of_rasterio():
    import numpy
    import rasterio.io
    import rasterio.warp

    with rasterio.io.MemoryFile() as memory:
        grid = rasterio.transform.from_origin(200000, 500000, 10, 10)
        with memory.open(driver="GTiff", width=8, height=8, count=1, dtype="float64", crs=RD, transform=grid) as raster:
            raster.write(numpy.arange(64.0).reshape(1, 8, 8))
        with memory.open() as raster:
            return {"raster": of(raster.read().tolist(), rasterio.warp.transform_bounds(RD, "EPSG:4326", *raster.bounds))}


def of_pyproj():
    import pyproj

    return {"point": of(pyproj.Transformer.from_crs(4326, 28992, always_xy=True).transform(6.1, 52.3))}


def of_shapely():
    import shapely.geometry

    shape = shapely.geometry.Point(0, 0).buffer(3).intersection(shapely.geometry.box(0, 0, 5, 5))
    return {"area": shape.area}


def of_geopandas():
    import geopandas

    frame = geopandas.read_file(PARKS).to_crs(28992)
    return {"bounds": frame.total_bounds.tolist()}


def of_osgeo():
    from osgeo import ogr

    source = ogr.Open(PARKS)
    return {"read": of([bytes(feature.GetGeometryRef().ExportToWkb()) for feature in source.GetLayer()])}


def of_pyarrow():
    import pyarrow.compute

    return {"sum": pyarrow.compute.sum(pyarrow.array([1, 2, 3])).as_py()}


ONE = threading.Lock()


def of_netcdf(module):
    """One at a time: two threads in netCDF4 crash, also where nothing else is imported."""
    with ONE, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.nc")
        if module == "netCDF4":
            import netCDF4

            with netCDF4.Dataset(path, "w") as data:
                data.createDimension("x", 3)
                data.createVariable("v", "f8", ("x",))[:] = [1, 2, 3]
            with netCDF4.Dataset(path) as data:
                return {"values": data["v"][:].tolist()}
        import h5py

        with h5py.File(path, "w") as data:
            data["v"] = [1.0, 2.0, 3.0]
        with h5py.File(path) as data:
            return {"values": data["v"][:].tolist()}


USES = {
    "pyogrio": of_pyogrio,
    "rasterio": of_rasterio,
    "pyproj": of_pyproj,
    "shapely": of_shapely,
    "geopandas": of_geopandas,
    "osgeo": of_osgeo,
    "pyarrow": of_pyarrow,
    "netCDF4": lambda: of_netcdf("netCDF4"),
    "h5py": lambda: of_netcdf("h5py"),
}


def in_fork():
    """What a child of this process finds."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, json.dumps(ours()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        found = json.loads(answer.read())
    assert os.waitpid(child, 0)[1] == 0
    return found


def main(how, modules):
    if how == "shared":  # as some import theirs: their libraries serve everyone
        sys.setdlopenflags(os.RTLD_NOW | os.RTLD_GLOBAL)
    for module in modules:
        importlib.import_module(module)
    others = [module for module in modules if module in USES]
    found = {module: USES[module]() for module in others}
    if "riskmap" in modules:
        found["riskmap"] = ours()
    if how == "fork":
        found["riskmap"] = in_fork()
        assert ours() == found["riskmap"]
    if how == "threads":
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            mine = [pool.submit(ours) for _ in range(4)]
            theirs = [(module, pool.submit(USES[module])) for module in others for _ in range(3)]
            assert all(one.result() == found["riskmap"] for one in mine)
            assert all(one.result() == found[module] for module, one in theirs)
    print(json.dumps(found))


main(sys.argv[1], sys.argv[2:])
