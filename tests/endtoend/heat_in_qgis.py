"""Run by test_heat_style.py in a process of its own: writes a float raster beside a style, opens it in QGIS, prints
what QGIS makes of it as JSON, and draws it over a blue background. Arguments: the folder with heat.qml, and the
values of the cells, from the west, "nan" for none."""

import json
import os
import struct
import sys

from osgeo import gdal, osr
from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsRasterLayer
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

folder, values = sys.argv[1], [float(v) for v in sys.argv[2:]]
path = os.path.join(folder, "heat.tif")
gdal.UseExceptions()
raster = gdal.GetDriverByName("GTiff").Create(path, len(values), 1, 1, gdal.GDT_Float32)
raster.SetGeoTransform((200000, 100, 0, 500000, 0, -100))
system = osr.SpatialReference()
system.ImportFromEPSG(28992)
raster.SetProjection(system.ExportToWkt())
band = raster.GetRasterBand(1)
band.SetNoDataValue(float("nan"))
band.WriteRaster(0, 0, len(values), 1, struct.pack(f"={len(values)}f", *values))
band = raster = None

application = QgsApplication([], False)
application.initQgis()
layer = QgsRasterLayer(path, "heat")
renderer = layer.renderer()
classes = []
if renderer.type() == "singlebandpseudocolor":
    function = renderer.shader().rasterShaderFunction()
    classes = [[item.value, item.label, item.color.name(), item.color.alpha()] for item in function.colorRampItemList()]
print(json.dumps({
    "valid": layer.isValid(),
    "renderer": renderer.type(),
    "discrete": bool(classes) and function.colorRampType() == function.Discrete,
    "opacity": renderer.opacity(),
    "classes": [[repr(value), *rest] for value, *rest in classes],
    "legend": [label for label, _ in renderer.legendSymbologyItems()],
}))
sys.stdout.flush()
settings = QgsMapSettings()
settings.setLayers([layer])
settings.setBackgroundColor(QColor(0, 0, 255))
settings.setOutputSize(QSize(20 * len(values), 20))
settings.setDestinationCrs(layer.crs())
settings.setExtent(layer.extent())
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
image.save(os.path.join(folder, "heat.png"))
pixels = [image.pixelColor(20 * k + 10, 10) for k in range(len(values))]
print(json.dumps([[p.red(), p.green(), p.blue()] for p in pixels]))
sys.stdout.flush()
os._exit(0)
