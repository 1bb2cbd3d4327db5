"""The text files: GeoJSON in degrees and the reports as semicolon text."""
import json

import numpy as np
from osgeo import osr

# RD to ETRS89 by the published seven parameters, written out so that a PROJ grid on one machine does not
# give other degrees than on the next. Accurate to 0.25 m.
RD_TO_ETRS89 = (
    "+proj=pipeline +step +inv +proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 "
    "+x_0=155000 +y_0=463000 +ellps=bessel +step +proj=push +v_3 +step +proj=cart +ellps=bessel "
    "+step +proj=helmert +x=565.7381 +y=50.4018 +z=465.2904 +rx=0.395025981036064 +ry=-0.330772431242031 "
    "+rz=1.87607329462821 +s=4.07244 +convention=coordinate_frame +step +inv +proj=cart +ellps=GRS80 "
    "+step +proj=pop +v_3 +step +proj=unitconvert +xy_in=rad +xy_out=deg +step +proj=axisswap +order=2,1")


class Degrees:
    """Longitude and latitude (ETRS89, 7 decimals) of RD coordinates."""

    def __init__(self):
        rd, etrs = osr.SpatialReference(), osr.SpatialReference()
        rd.ImportFromEPSG(28992)
        etrs.ImportFromEPSG(4258)
        for s in (rd, etrs):
            s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        options = osr.CoordinateTransformationOptions()
        options.SetOperation(RD_TO_ETRS89)
        self.transform = osr.CoordinateTransformation(rd, etrs, options)

    def __call__(self, x, y):
        found = self.transform.TransformPoints(np.stack([x, y], 1).tolist())
        return [[round(p[0], 7), round(p[1], 7)] for p in found]


class GeoJson:
    """A feature collection that is written feature by feature, each on its own line."""

    def __init__(self, path, name, degrees):
        self.file = open(path, "w", encoding="utf-8", newline="\n")
        self.file.write('{"type": "FeatureCollection", "name": ' + json.dumps(name) + ', "features": [')
        self.first, self.degrees = True, degrees

    def add(self, kind, rings, properties):
        """Add a Polygon (closed rings), LineString (one line) or Point, in RD metres."""
        lists = [self.degrees(np.asarray(x, float), np.asarray(y, float)) for x, y in rings]
        coordinates = {"Polygon": lists, "LineString": lists[0], "Point": lists[0][0]}[kind]
        feature = {"type": "Feature", "properties": properties,
                   "geometry": {"type": kind, "coordinates": coordinates}}
        text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        self.file.write(("\n" if self.first else ",\n") + text)
        self.first = False

    def close(self):
        self.file.write("\n]}\n")
        self.file.close()


class Reports:
    """meldingen.csv: semicolons, decimal commas, dd-mm-jjjj, as municipal systems export them."""

    def __init__(self, path, columns="meldingnummer;datum;categorie;x;y"):
        self.file = open(path, "w", encoding="utf-8", newline="\n")
        self.file.write(columns + "\n")

    def add(self, lines):
        self.file.write("\n".join(lines) + "\n")

    def close(self):
        self.file.close()
