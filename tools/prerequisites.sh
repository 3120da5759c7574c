#!/bin/sh
# Find or install what pip cannot: Python 3.11 or newer with venv and headers, a C compiler and a
# Fortran compiler.  Says on stderr what it installs; the last thing it prints, alone on stdout, is
# the path of the Python to use.  PYTHON, CC and FC, if set, are taken instead of a search.
set -eu

say() { echo "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# install PACKAGE...: with apt-get or Homebrew, whichever is here
install() {
    if ! have apt-get; then
        say "Installing with Homebrew: $*"
        brew install --quiet "$@" >&2
        return
    fi
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        have sudo || stop "Please install as root, and try again: apt-get install $*"
        sudo=sudo
    fi
    say "Installing with apt-get: $*"
    # A list of packages that cannot be refreshed may still have those wanted here.
    $sudo apt-get update -qq >/dev/null || true
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 \
        --no-install-recommends "$@" >/dev/null
}

stop() {
    say "$*"
    exit 1
}

# print the path of the first Python that is new enough
find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        "$name" -c 'import sys
if sys.version_info < (3, 11): sys.exit(1)
print(sys.executable)' 2>/dev/null && return
    done
    return 1
}

# The names of packages: Debian's, and Homebrew's where there is no apt-get.
if have apt-get; then
    c_compiler="gcc libc6-dev" fortran_compiler="gfortran libc6-dev"
elif have brew; then
    c_compiler=gcc fortran_compiler=gcc
else
    c_compiler='' fortran_compiler=''
fi

if ! python=$(find_python); then
    if [ -n "${PYTHON:-}" ]; then
        stop "PYTHON=$PYTHON is not a Python 3.11 or newer."
    elif have apt-get; then
        # Older releases have their newer Pythons under names of their own.
        for version in '' .14 .13 .12 .11; do
            install "python3$version" "python3$version-venv" "python3$version-dev" || continue
            ! find_python >/dev/null || break
        done
    elif have brew; then
        install python@3.13
    fi
    python=$(find_python) || stop "No Python 3.11 or newer was found: please install one, or" \
        "name it, as in make demo PYTHON=/path/to/python3.12"
fi

# Debian keeps venv and the headers apart from the interpreter.
version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
missing='' packages=''
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    missing="$missing, Python's venv" packages="$packages $version-venv"
"$python" -c 'import os, sysconfig
os.stat(os.path.join(sysconfig.get_path("include"), "Python.h"))' 2>/dev/null ||
    missing="$missing, Python's C headers" packages="$packages $version-dev"
have "${CC:-cc}" ||
    missing="$missing, a C compiler" packages="$packages $c_compiler"
have "${FC:-gfortran}" || have flang || have flang-new ||
    missing="$missing, a Fortran compiler (gfortran or flang)" packages="$packages $fortran_compiler"

if [ -n "$missing" ]; then
    missing=${missing#, }
    have apt-get || have brew || stop "Please install $missing, and try again: neither apt-get" \
        "nor brew is here to do it."
    say "Missing: $missing"
    # shellcheck disable=SC2086  # a list of words
    install $packages
fi

echo "$python"
