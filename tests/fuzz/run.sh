#!/bin/sh
# Fuzzes every parser of ours: sh tests/fuzz/run.sh [SECONDS each, 60] ["TARGETS"]. New inputs stay in the build folder; what crashes
# is left there as crash-*.
set -eu
cd "$(dirname "$0")/../.."
. examples/apt.sh
need $BUILD_PACKAGES clang
need "$(apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p')"

seconds=${1:-60}
targets=${2:-filter json wkb delimited address date roles person redact geopackage service about}
build=build-fuzz
flags="-std=c11 -g -O1 -ffp-contract=off -DRM_VERSION=\"fuzz\" -Iinclude -Ilibriskmap"
packages="gdal proj geos sqlite3 zlib"
left_out="*/http_none.c */postgis_none.c" # what stands in for a missing library
if pkg-config --exists libcurl libpq; then
    packages="$packages libcurl libpq"
else
    left_out="*/service/http.c */service/http_login.c */io/postgis/postgis.c */io/postgis/connection.c */io/postgis/read.c */io/postgis/rows.c"
fi
rm -rf $build/objects
mkdir -p $build/objects
compiler="clang $flags -fsanitize=fuzzer-no-link,address,undefined $(pkg-config --cflags $packages)"
# the library once, two files at a time
# shellcheck disable=SC2046 # a list of words
find libriskmap -name '*.c' $(printf "! -path %s " $left_out) -print |
    xargs -P 2 -I {} sh -c '$3 -c -o "$2/objects/$(echo "$1" | tr / .).o" "$1"' sh {} $build "$compiler"
rm -f $build/libriskmap.a
ar rcs $build/libriskmap.a $build/objects/*.o
for target in $targets; do
    # shellcheck disable=SC2046,SC2086 # lists of words
    clang $flags -fsanitize=fuzzer,address,undefined -o $build/$target tests/fuzz/fuzz_$target.c \
        $build/libriskmap.a $(pkg-config --libs $packages) -lm -lpthread
    corpus=$target
    [ $target = json ] && corpus=model
    mkdir -p $build/new-$target
    echo "== $target"
    status=0
    TMPDIR=$build $build/$target -max_total_time="$seconds" -artifact_prefix=$build/ -print_final_stats=1 \
        $build/new-$target tests/fuzz/corpus/$corpus >$build/$target.log 2>&1 || status=$?
    tail -8 $build/$target.log
    [ $status = 0 ] || { echo "$target: see $build/$target.log"; exit $status; }
done
