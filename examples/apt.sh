# Sourced by the scripts that install what they need: need PACKAGE... installs those that are missing
# with apt-get, through sudo when not root, and says so first.
need() {
    missing=
    for package; do
        dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || { echo "please install these packages, as Debian names them:$missing" >&2; exit 1; }
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "installing with apt-get:$missing"
    $sudo apt-get update -q >/dev/null
    # shellcheck disable=SC2086 # a list of words
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
}

# What building the library and the programs takes.
BUILD_PACKAGES="gcc libc6-dev meson ninja-build pkg-config libgdal-dev libgeos-dev libproj-dev
    libsqlite3-dev zlib1g-dev libjson-c-dev libpopt-dev libcairo2-dev"
