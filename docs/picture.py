"""Draws the layer `areas` of a result as QGIS shows it, with a legend: the pictures in this folder.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 docs/picture.py RESULT.gpkg OUT.png TITLE [CONTEXT...]

CONTEXT is drawn underneath, such as "wegen.gpkg|layername=wegdeel". Needs Debian's python3-qgis. For
results of the made-up municipality: no real place is ever pictured.
"""
import sys

from qgis.core import (QgsApplication, QgsFillSymbol, QgsLineSymbol, QgsMapRendererParallelJob,
                       QgsMapSettings, QgsSymbolLayerUtils, QgsVectorLayer, QgsWkbTypes)
from qgis.PyQt.QtCore import QPoint, QRect, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QImage, QPainter

WIDTH, HEIGHT, SIDE, TOP = 1100, 720, 290, 44


def open_layer(source, name):
    layer = QgsVectorLayer(source, name, "ogr")
    if not layer.isValid():
        sys.exit(f"{source}: QGIS cannot open it")
    return layer


def draw_quietly(layer):
    """Context: thin grey lines and pale surfaces, so that the colours stay with the areas."""
    if layer.geometryType() == QgsWkbTypes.LineGeometry:
        symbol = QgsLineSymbol.createSimple({"color": "150,150,150", "width": "0.25"})
    else:
        symbol = QgsFillSymbol.createSimple({"color": "240,238,232", "outline_color": "205,203,198",
                                             "outline_width": "0.05"})
    layer.renderer().setSymbol(symbol)


def draw_map(areas, context):
    settings = QgsMapSettings()
    settings.setLayers([areas] + context)
    settings.setDestinationCrs(areas.crs())
    extent = areas.extent()
    settings.setExtent(extent.buffered(0.03 * max(extent.width(), extent.height())))
    settings.setOutputSize(QSize(WIDTH - SIDE, HEIGHT - TOP))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def draw_legend(painter, areas):
    left, y = WIDTH - SIDE + 16, TOP + 16
    for category in areas.renderer().categories():
        swatch = QgsSymbolLayerUtils.symbolPreviewPixmap(category.symbol(), QSize(30, 18))
        painter.drawPixmap(QPoint(left, y), swatch)
        painter.drawText(QRect(left + 38, y, SIDE - 58, 18), Qt.AlignVCenter, category.label())
        y += 26
    return left, y


def main():
    result, out, title = sys.argv[1:4]
    application = QgsApplication([], False)
    application.initQgis()
    areas = open_layer(f"{result}|layername=areas", "Score")
    context = [open_layer(source, f"context {n}") for n, source in enumerate(sys.argv[4:])]
    for layer in context:
        draw_quietly(layer)
    image = QImage(WIDTH, HEIGHT, QImage.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.drawImage(0, TOP, draw_map(areas, context))
    painter.setFont(QFont("DejaVu Sans", 15))
    painter.drawText(QRect(16, 8, WIDTH - 32, TOP - 8), Qt.AlignVCenter, title)
    painter.setFont(QFont("DejaVu Sans", 10))
    left, y = draw_legend(painter, areas)
    painter.setFont(QFont("DejaVu Sans", 9))
    painter.drawText(QRect(left, y + 24, SIDE - 32, 200), Qt.TextWordWrap, areas.abstract() or
                     areas.dataProvider().layerMetadata().abstract())
    painter.end()
    if not image.save(out):
        sys.exit(f"{out}: could not be written")


main()
