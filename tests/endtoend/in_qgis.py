"""Run by test_qgis.py in a process of its own, because QGIS likes to crash on its way out: loads the layer
`areas` of a result, prints what QGIS makes of it as JSON, and with a second argument draws it."""

import json
import os
import sys

from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsVectorLayer
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

application = QgsApplication([], False)
application.initQgis()
layer = QgsVectorLayer(f"{sys.argv[1]}|layername=areas", "areas", "ogr")
renderer = layer.renderer()
print(json.dumps({
    "valid": layer.isValid(),
    "features": layer.featureCount(),
    "crs": layer.crs().authid(),
    "renderer": renderer.type(),
    "attribute": renderer.classAttribute() if renderer.type() == "categorizedSymbol" else "",
    "categories": [[str(c.value() if c.value() is not None else ""), c.label(), c.symbol().color().name()]
                   for c in renderer.categories()] if renderer.type() == "categorizedSymbol" else [],
    "aliases": {field.name(): layer.attributeAlias(k) for k, field in enumerate(layer.fields())},
}))
sys.stdout.flush()
if len(sys.argv) > 2:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(900, 900))
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent().buffered(100))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(sys.argv[2])
os._exit(0)
