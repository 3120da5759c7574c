#!/bin/sh
# Install the original L-BFGS-B 3.0, which the tests compare with, where apt-get has it.  Without it
# those tests are skipped, so this never fails.
set -u

packages="liblbfgsb0 liblbfgsb-dev"
if ! command -v apt-get >/dev/null 2>&1; then
    exit 0
fi
# shellcheck disable=SC2086  # a list of words
if dpkg -s $packages >/dev/null 2>&1; then
    exit 0
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "Without the original library (apt-get install $packages) some tests are skipped" >&2
        exit 0
    fi
    sudo=sudo
fi
echo "Installing the original library with apt-get: $packages" >&2
$sudo apt-get update -qq >/dev/null 2>&1
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $packages >/dev/null 2>&1 ||
    echo "It could not be installed; some tests are skipped" >&2
exit 0
