#!/bin/sh
# The buildings of a BAG extract read whole, beside a plain loop over GDAL's features (aim: at most 1.3 times).
#
# usage: sh tests/bench/lvbag.sh [EXTRACT.zip] [WORK]
#   BENCH_REPEAT=5     runs of each, in turn; the best counts
#   BENCH_QUIET=60     seconds to wait for an idle machine before the runs
set -u
. "$(dirname "$0")/common.sh"
extract=${1:-$shared/data/bag/lvbag-doesburg-0221/0221PND15092020.zip}
work=${2:-${TMPDIR:-/tmp}/riskmap-bench/lvbag}
repeat=${BENCH_REPEAT:-5}
mkdir -p "$work"
work=$(cd "$work" && pwd)
[ -f "$extract" ] || { echo "$extract is not here; set RISKMAP_SHARED" >&2; exit 1; }
build
# shellcheck disable=SC2046 # lists of words
cc -std=c11 -O2 -I"$root/include" -o "$work/lvbag" "$bench/lvbag.c" -L"$work/build/libriskmap" -lriskmap \
    -Wl,-rpath,"$work/build/libriskmap" $(gdal-config --cflags) $(gdal-config --libs) || exit 1
rm -f "$work/lvbag.log"
quiet
i=0
while [ $i -lt "$repeat" ]; do
    for how in gdal riskmap; do
        "$work/lvbag" $how "$extract" >>"$work/lvbag.log" || exit 1
    done
    i=$((i + 1))
done
machine
"$python" - "$work/lvbag.log" <<'END'
import sys

runs = [dict(pair.split("=") for pair in line.split()) for line in open(sys.argv[1])]
if len({(run["features"], run["years"]) for run in runs}) != 1:
    sys.exit("what was read is not the same")
best = {how: min(float(run["wall"]) for run in runs if run["how"] == how) for how in ("gdal", "riskmap")}
print(f"{runs[0]['features']} buildings in force, the same both ways")
print(f"GDAL    {best['gdal']:.3f} s")
print(f"riskmap {best['riskmap']:.3f} s, {best['riskmap'] / best['gdal']:.2f} times")
END
