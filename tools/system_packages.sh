#!/bin/sh
# Install packages of the system where apt-get has them:
#     sh tools/system_packages.sh "what they are" PACKAGE[=COMMAND]...
# A package whose command is there already, wherever it comes from, is left out.  Without the others
# some tests are skipped, so this never fails.
set -u

what=$1
shift
missing=
for word in "$@"; do
    package=${word%%=*}
    if [ "$package" != "$word" ] && command -v "${word#*=}" >/dev/null 2>&1; then
        continue
    fi
    # Not dpkg -s: it knows packages that were removed, too.
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" ||
        missing="$missing $package"
done
if [ -z "$missing" ] || ! command -v apt-get >/dev/null 2>&1; then
    exit 0
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "Without $what (apt-get install$missing) some tests are skipped" >&2
        exit 0
    fi
    sudo=sudo
fi
echo "Installing $what with apt-get:$missing" >&2
$sudo apt-get update -qq >/dev/null 2>&1
# shellcheck disable=SC2086  # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $missing >/dev/null 2>&1 ||
    echo "They could not all be installed; some tests are skipped" >&2
exit 0
