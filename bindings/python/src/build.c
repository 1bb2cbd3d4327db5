/* What the extension was built with, and the GDAL that it found. */
#define _GNU_SOURCE
#include "binding.h"

#include <dlfcn.h>
#include <gdal.h>
#include <string.h>

static PyObject *build_info(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    Dl_info library = {0};
    rmpy_begin(&call, module, args, keywords, "build_info", 0);
    const char *path =
        dladdr((void *)GDALVersionInfo, &library) && library.dli_fname ? library.dli_fname : "";
    const char *slash = strrchr(path, '/');
    PyObject *info =
        Py_BuildValue("{sssssssssNsNsN}", "version", rm_version(), "gdal_of_build",
                      GDAL_RELEASE_NAME, "gdal", GDALVersionInfo("RELEASE_NAME"), "libgdal",
                      slash ? slash + 1 : path, "web", PyBool_FromLong(RMPY_WEB), "postgis",
                      PyBool_FromLong(RMPY_POSTGIS), "pictures", PyBool_FromLong(RMPY_PICTURES));
    return rmpy_end(&call, info);
}

PyMethodDef rmpy_build_methods[] = {
    RMPY_METHOD(build_info, "($module, /)", "What this was built with, and the GDAL that runs."),
    RMPY_METHODS_END};
