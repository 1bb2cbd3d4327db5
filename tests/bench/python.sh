#!/bin/sh
# `import riskmap` beside geopandas, SedonaDB and DuckDB from PyPI on the bench-peers data: points in polygons, area
# overlay, nearest; from files, from GeoDataFrames, and from what each keeps itself. Then what the package adds to the
# C programs of kernels.sh and province.sh, and 600,000 buildings in and out. All answers are compared before any time
# is printed.
#
# usage: sh tests/bench/python.sh [DATA] [PROVINCE] [WORK]
#   BENCH_PEERS="geopandas sedonadb duckdb"  which peers run (default: all)
#   BENCH_REPEAT=5                           runs of everything; the best counts
#   BENCH_QUIET=60                           seconds to wait for an idle machine before each part
# DATA and PROVINCE are made when they are not there. The peers are installed in WORK/venv, with what the parts
# on GeoDataFrames need; a venv that is there already is used as it is, and what it lacks is skipped.
set -u
. "$(dirname "$0")/common.sh"
data=${1:-${TMPDIR:-/tmp}/riskmap-bench/kernels-data}
province=${2:-${TMPDIR:-/tmp}/riskmap-bench/province-data}
work=${3:-${TMPDIR:-/tmp}/riskmap-bench/python}
wanted=${BENCH_PEERS-geopandas sedonadb duckdb}
repeat=${BENCH_REPEAT:-5}
model=$root/examples/models/buitengebied.json
mkdir -p "$data" "$province" "$work"
data=$(cd "$data" && pwd)
province=$(cd "$province" && pwd)
work=$(cd "$work" && pwd)
if [ ! -f "$data/points.gpkg" ]; then
    [ -d "$peers" ] || { echo "bench-peers is not in $shared; set RISKMAP_SHARED" >&2; exit 1; }
    "$python" "$peers/gen.py" "$data" || exit 1
fi
[ -f "$province/meldingen.csv" ] || "$python" "$root/tests/synth/make.py" province "$province" || exit 1
build kernels province
export PYTHONPATH="$work/build/bindings/python"
[ -d "$PYTHONPATH/riskmap" ] || { echo "the Python package was not built: Python's headers are not here" >&2; exit 1; }

venv=$work/venv/bin/python
if [ ! -x "$venv" ]; then
    "$python" -m venv "$work/venv" || exit 1
    # one by one: what cannot be had is skipped
    for package in numpy "geopandas>=1 shapely>=2 pyogrio pyarrow" "sedonadb[geopandas]==0.5.0" \
        "duckdb-extension-spatial==1.5.5"; do
        # shellcheck disable=SC2086 # several packages in one line
        "$venv" -m pip install --quiet --disable-pip-version-check $package >>"$work/pip.log" 2>&1 ||
            echo "not installed: $package (see $work/pip.log)" >&2
    done
fi
rm -f "$work"/*.npy "$work/peers.log" "$work/c.log" "$work/c-province.log" "$work/package.log"
machine >"$work/machine.log"

wants() { # PEER, the modules it needs
    case " $wanted " in *" $1 "*) ;; *) echo "skipped: $1 (not in BENCH_PEERS)" >&2; return 1 ;; esac
    "$venv" -c "import $2" 2>/dev/null || { echo "skipped: $1 ($2: not in $work/venv)" >&2; return 1; }
}

kernel() { # PEER KERNEL WAY, the i-th time
    "$venv" "$bench/python_peers.py" "$1" "$2" "$3" "$data" "$work/$1-$2-$3-$i.npy" >>"$work/peers.log" || exit 1
}

# What the package adds: it and the C program by turns, so that what else runs is the same for both.
quiet
for job in count overlay nearest; do
    i=0
    while [ $i -lt "$repeat" ]; do
        "$work/kernels" $job "$data" 2 >>"$work/c.log" || exit 1
        kernel riskmap $job file
        i=$((i + 1))
    done
done
quiet
i=0
while [ $i -lt "$repeat" ]; do
    "$work/province" "$model" "$province" 2 >>"$work/c-province.log" || exit 1
    "$venv" "$bench/python_riskmap.py" province "$model" "$province" >>"$work/package.log" || exit 1
    i=$((i + 1))
done

frames=yes
"$venv" -c "import geopandas, shapely, pyogrio, pyarrow" 2>/dev/null || {
    echo "skipped: all that begins with a GeoDataFrame (geopandas, pyogrio, pyarrow: not in $work/venv)" >&2; frames=; }
if [ $frames ]; then
    quiet
    for job in frame arrow; do
        i=0
        while [ $i -lt "$repeat" ]; do
            "$venv" "$bench/python_riskmap.py" $job "$province" >>"$work/package.log" || exit 1
            i=$((i + 1))
        done
    done
fi

each() { # PEER WAY...
    peer=$1
    shift
    quiet
    for job in count overlay nearest; do
        for way in "$@"; do
            i=0
            while [ $i -lt "$repeat" ]; do
                kernel "$peer" $job "$way"
                i=$((i + 1))
            done
        done
    done
}

each riskmap ${frames:+frame} own
wants geopandas "geopandas, pyogrio, pyarrow" && each geopandas file frame
wants sedonadb "sedonadb, geoarrow.pyarrow, pyogrio" && each sedonadb file ${frames:+frame} own
wants duckdb "duckdb, duckdb_extension_spatial" && each duckdb file ${frames:+frame} own
exec "$venv" "$bench/python_table.py" "$work"
