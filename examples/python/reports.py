"""Reports as they come, by address and with repeats, to a heat map and hot spots.

    python examples/python/reports.py [FOLDER]

FOLDER (results) gets a GeoTIFF with its style for QGIS, a picture, and a GeoPackage of the hot spots. The reports are
made up, as is the municipality.
"""

import pathlib
import sys

import riskmap

data = pathlib.Path(__file__).resolve().parents[1] / "data"
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "results")
folder.mkdir(parents=True, exist_ok=True)

# what stands in the file, and what its columns are taken for
print(riskmap.inspect(data / "meldingen-adres.csv", language="en"), "\n")

heat = riskmap.heatmap(
    data / "meldingen-adres.csv",
    locate=data / "bag-light.gpkg",  # the reports have an address and no coordinates
    locate_layer="verblijfsobject",
    bandwidth=300,
    leave_out_duplicates=True,
    distinct="week",  # a place that is reported often in a week counts once
    as_of="2026-11-01",
    language="en",
)
print(heat, "\n")
heat.write_raster(folder / "heat.tif", overwrite=True)
heat.write_picture(folder / "heat.png", overwrite=True, title="Reports", context=[data / "wegen.gpkg"])

# Which plots stand out more than chance would have it? Tested among the eight nearest, corrected for testing them all.
hot = riskmap.hotspots(data / "brk.gpkg", count=data / "meldingen.csv", neighbours="nearest", language="en")
print(hot)
hot.write(folder / "hotspots.gpkg", overwrite=True)
