#!/bin/sh
# Find or install what pip cannot: Python 3.11 or newer with venv and headers, a C compiler and a
# Fortran compiler.  Says on stderr what it installs; the last thing it prints, alone on stdout, is
# the path of the Python to use.  PYTHON and FC, if set, are taken instead of a search.
set -eu

say() { echo "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

if have apt-get; then
    manager=apt
elif have brew; then
    manager=brew
else
    manager=none
fi
apt_is_fresh=no

# install WHAT APT_PACKAGES BREW_PACKAGES
install() {
    case $manager in
    apt)
        say "Installing $1 with apt-get: $2"
        sudo=
        if [ "$(id -u)" -ne 0 ]; then
            if ! have sudo; then
                say "Please install as root, and try again: apt-get install $2"
                exit 1
            fi
            sudo=sudo
        fi
        if [ $apt_is_fresh = no ]; then
            # A list that cannot be refreshed may still name the packages wanted here.
            $sudo apt-get update -qq >/dev/null || true
            apt_is_fresh=yes
        fi
        # shellcheck disable=SC2086  # a list of words
        $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $2 >/dev/null
        ;;
    brew)
        say "Installing $1 with Homebrew: $3"
        # shellcheck disable=SC2086
        brew install --quiet $3 >&2
        ;;
    none)
        say "Please install Python 3.11 or newer with venv and its C headers, a C compiler and" \
            "gfortran (or flang), and try again: $1 is missing, and neither apt-get nor brew is here."
        exit 1
        ;;
    esac
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

# python_has STATEMENT
python_has() { "$python" -c "$1" >/dev/null 2>&1; }

python=$(find_python) || python=
if [ -z "$python" ] && [ -n "${PYTHON:-}" ]; then
    say "PYTHON=$PYTHON is not a Python 3.11 or newer."
    exit 1
elif [ -z "$python" ]; then
    install "Python" python3 python@3.13
    python=$(find_python) || python=
fi
if [ -z "$python" ] && [ $manager = apt ]; then
    # An older release has its newer Pythons under their own names.
    for version in 3.14 3.13 3.12 3.11; do
        if apt-cache show "python$version-venv" >/dev/null 2>&1; then
            install "a newer Python" "python$version python$version-venv python$version-dev" ""
            break
        fi
    done
    python=$(find_python) || python=
fi
if [ -z "$python" ]; then
    say "No Python 3.11 or newer was found: please install one, or name it, as in" \
        "make demo PYTHON=/path/to/python3.12"
    exit 1
fi

version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
if [ $manager = apt ]; then
    # Debian keeps these apart from the interpreter.
    python_has 'import ensurepip, venv' || install "Python's venv" "$version-venv" ""
    python_has 'import os, sysconfig
assert os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))' ||
        install "Python's C headers" "$version-dev" ""
fi
have "${CC:-cc}" || install "a C compiler" "gcc libc6-dev" gcc
have "${FC:-gfortran}" || have flang || have flang-new ||
    install "a Fortran compiler" "gfortran libc6-dev" gcc

echo "$python"
