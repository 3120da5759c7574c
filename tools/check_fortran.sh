#!/bin/sh
# Compile the kernel with all warnings as errors, and check every call against its routine: the
# compiler those of modules, the linker, which sees all of the program at once, the others.
set -eu
cd "$(dirname "$0")/.."

build=${1:-build/lint}
command -v meson >/dev/null || { echo "meson is not on the path: run make lint" >&2; exit 1; }
[ -e "$build/build.ninja" ] || meson setup "$build" -Doptimization=1 -Dwerror=true -Db_lto=true \
    -Dsystem=disabled -Dc_link_args=-Werror=lto-type-mismatch \
    -Dfortran_link_args=-Werror=lto-type-mismatch >/dev/null
meson compile -C "$build" checked_calls >"$build/check.log" 2>&1 || { cat "$build/check.log"; exit 1; }
