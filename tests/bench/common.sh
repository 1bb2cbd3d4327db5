# Shared by the benchmarks; read with `.`. Sets root, shared, and build(), quiet(), cached programs.
root=$(cd "$(dirname "$0")/../.." && pwd)
bench=$root/tests/bench
shared=${RISKMAP_SHARED:-$root/../shared}
peers=$shared/bench-peers
python=/usr/bin/python3    # Debian's, which has geopandas and GDAL

# The library as it is released, and the programs named after it, in $work.
build() {
    [ -f "$work/build/build.ninja" ] ||
        meson setup "$work/build" "$root" -Dtests=false -Dprograms=false >"$work/build.log" 2>&1 ||
        { cat "$work/build.log" >&2; exit 1; }
    ninja -C "$work/build" >"$work/build.log" 2>&1 || { tail -30 "$work/build.log" >&2; exit 1; }
    for program in "$@"; do
        cc -std=c11 -O2 -I"$root/include" -o "$work/$program" "$bench/$program.c" \
            -L"$work/build/libriskmap" -lriskmap -Wl,-rpath,"$work/build/libriskmap" || exit 1
    done
}

# Waits until nothing else runs, at most BENCH_QUIET seconds, and says so when something still does.
quiet() {
    if [ -f "$peers/quiet.sh" ]; then
        bash "$peers/quiet.sh" "${BENCH_QUIET:-60}"
    fi
}

# What the figures were measured on.
machine() {
    echo "date       $(date +%F)"
    echo "cpu        $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores"
    echo "memory     $(awk '/^MemTotal/ {printf "%.0f GB", $2 / 1048576}' /proc/meminfo)"
    echo "compiler   $(cc --version | head -1)"
    echo "gdal       $(gdal-config --version), geos $(geos-config --version)"
}
