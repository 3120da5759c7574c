#!/bin/sh
# Put the authors' release of L-BFGS-B 3.0 (lbfgsb.f and timer.f) into a directory, where apt-get has
# it: Debian and Ubuntu have the release, unchanged, as the source package of liblbfgsb.  The list of
# sources is made from the system's and kept apart, so that its configuration stays as it is.
#
#     sh tools/original_sources.sh DIRECTORY
#
# Without the sources some tests are skipped, so this never fails.
set -u

target=$1
if [ -f "$target/lbfgsb.f" ] || ! command -v apt-get >/dev/null 2>&1; then
    exit 0
fi
echo "Getting the authors' sources of L-BFGS-B: apt-get source lbfgsb" >&2

work=$(mktemp -d) || exit 0
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/sources.list.d" "$work/lists/partial" "$work/source"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$list" ] && sed -n 's/^deb[[:space:]]/deb-src /p' "$list"
done >"$work/sources.list.d/deb.list"
for list in /etc/apt/sources.list.d/*.sources; do
    [ -f "$list" ] && sed 's/^Types:.*/Types: deb-src/' "$list" \
        >"$work/sources.list.d/$(basename "$list")"
done

# One way of calling apt-get that knows this list alone.
apt() {
    apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources.list.d" \
        -o Dir::State::Lists="$work/lists" -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache= \
        -o APT::Sandbox::User= "$@" >/dev/null 2>&1
}
# A repository without sources is no matter, as long as one has these.
apt update
if (cd "$work/source" && apt source --download-only lbfgsb) &&
    tar -xf "$work"/source/lbfgsb_*.orig.tar.* -C "$work/source" --strip-components=1 &&
    [ -f "$work/source/lbfgsb.f" ] && [ -f "$work/source/timer.f" ]; then
    mkdir -p "$target"
    for file in lbfgsb.f timer.f linpack.f blas.f; do
        [ -f "$work/source/$file" ] && cp "$work/source/$file" "$target"
    done
else
    echo "They could not be had; without them some tests are skipped." \
        "make original SOURCES=DIRECTORY takes them from a directory" >&2
fi
exit 0
