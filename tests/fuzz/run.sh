#!/bin/sh
# Fuzzes every parser of ours: sh tests/fuzz/run.sh [SECONDS each, 60]. New inputs stay in the build folder; what crashes
# is left there as crash-*.
set -eu
cd "$(dirname "$0")/../.."
. examples/apt.sh
need $BUILD_PACKAGES clang
need "$(apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p')"

seconds=${1:-60}
build=build-fuzz
mkdir -p $build
sources=$(ls libriskmap/*/*.c)
flags="-std=c11 -g -O1 -ffp-contract=off -DRM_VERSION=\"fuzz\" -Iinclude -Ilibriskmap -fsanitize=fuzzer,address,undefined"
packages="gdal proj geos sqlite3 zlib"
for target in filter json wkb delimited; do
    # shellcheck disable=SC2046,SC2086 # lists of words
    clang $flags $(pkg-config --cflags $packages) -o $build/$target tests/fuzz/fuzz_$target.c $sources \
        $(pkg-config --libs $packages) -lm -lpthread
    corpus=$target
    [ $target = json ] && corpus=model
    mkdir -p $build/new-$target
    echo "== $target"
    $build/$target -max_total_time="$seconds" -artifact_prefix=$build/ -print_final_stats=1 \
        $build/new-$target tests/fuzz/corpus/$corpus 2>&1 | tail -8
done
