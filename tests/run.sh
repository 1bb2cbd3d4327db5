#!/bin/sh
# Installs what the tests need, builds, runs everything, and ends with one line:
#   N passed, N failed, N skipped
# BUILD=folder builds elsewhere than in build-tests. Real data in ../shared are used where present;
# the tests that need them say that they skip where not.
set -eu
cd "$(dirname "$0")/.."
. examples/apt.sh
need $BUILD_PACKAGES g++ clang cmake libcmocka-dev binutils python3 python3-dev python3-venv python3-pytest \
    python3-fastjsonschema python3-gdal python3-numpy python3-geopandas locales cgi-mapserver postgresql-postgis r-cran-sf

build=${BUILD:-build-tests}
[ -f "$build/build.ninja" ] || /usr/bin/meson setup "$build"
/usr/bin/meson compile -C "$build" >"$build/compile.log" 2>&1 || { tail -50 "$build/compile.log"; exit 1; }

# a Dutch locale of our own, so that a decimal comma anywhere would show
build=$(cd "$build" && pwd)
if [ ! -d "$build/locale/nl_NL.UTF-8" ]; then
    mkdir -p "$build/locale"
    localedef -i nl_NL -f UTF-8 "$build/locale/nl_NL.UTF-8" || true
fi
RISKMAP_SHARED=${RISKMAP_SHARED:-$(pwd)/../shared}
RISKMAP_BUILD=$build
LOCPATH=$build/locale
export RISKMAP_SHARED RISKMAP_BUILD LOCPATH

status=0
rm -f "$build/pytest.xml" "$build/newest.xml"
/usr/bin/meson test -C "$build" --no-rebuild --print-errorlogs --logbase unit || status=1
LC_ALL=nl_NL.UTF-8 /usr/bin/meson test -C "$build" --no-rebuild --quiet --print-errorlogs --logbase dutch || status=1
/usr/bin/python3 -m pytest -q -rs -p no:cacheprovider --junitxml="$build/pytest.xml" tests || status=1
sh tests/python/newest.sh "$build" || status=1
/usr/bin/python3 tests/summary.py "$build" || status=1
exit $status
