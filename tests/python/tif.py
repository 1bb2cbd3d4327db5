"""GeoTIFFs as another reader has them: GDAL's own Python where it is, or rasterio."""

import numpy as np
import pytest


def read_tif(path):
    """values, the transform in GDAL's order, tags of the file and of the band, EPSG code."""
    try:
        from osgeo import gdal, osr
    except ImportError:
        return _by_rasterio(path)
    gdal.UseExceptions()
    data = gdal.Open(str(path))
    band = data.GetRasterBand(1)
    assert np.isnan(band.GetNoDataValue())
    code = osr.SpatialReference(data.GetProjection()).GetAuthorityCode(None) if data.GetProjection() else None
    tags = data.GetMetadata() | band.GetMetadata() | {"description": band.GetDescription(), "unit": band.GetUnitType()}
    return band.ReadAsArray(), data.GetGeoTransform(), tags, code and int(code)


def _by_rasterio(path):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(path) as data:
        assert np.isnan(data.nodata)
        tags = data.tags() | data.tags(1) | {"description": data.descriptions[0] or "", "unit": data.units[0] or ""}
        return data.read(1), data.transform.to_gdal(), tags, data.crs and data.crs.to_epsg()
