#!/bin/sh
# Builds the wheel of the Python package: sh bindings/python/wheel.sh OUT leaves it in the folder OUT.
# BUILD=folder builds elsewhere than in build-wheel. The wheel needs the GDAL it was built with, and is named by it.
set -eu
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
. examples/apt.sh
need $BUILD_PACKAGES python3-dev python3-venv

mkdir -p "${BUILD:=build-wheel}"
build=$(cd "$BUILD" && pwd)
if [ ! -x "$build/venv/bin/meson" ]; then
    /usr/bin/python3 -m venv "$build/venv"
    "$build/venv/bin/pip" install -q --disable-pip-version-check "meson-python >= 0.18" wheel
fi
PATH=$build/venv/bin:$PATH
rm -f "$out"/riskmap-*.whl
pip wheel -q --no-deps --no-build-isolation --config-settings=build-dir="$build/meson" --wheel-dir "$out" . \
    >"$build/wheel.log" 2>&1 || { cat "$build/wheel.log"; exit 1; }
# the limited API of Python 3.11 serves every later one, whichever built it
gdal=$(pkg-config --modversion gdal | cut -d. -f1-2)
python -m wheel tags --remove --python-tag cp311 --abi-tag abi3 --build "1gdal$gdal" "$out"/riskmap-*.whl
