#!/bin/sh
# Make .venv with this project in it: tools/environment.sh [extra]. Needs Python 3.11 or newer and nothing else.
# Runs again without harm; does nothing that is done already.
set -eu
cd "$(dirname "$0")/.."
extra=${1:-}
wanted='import sys; sys.exit(sys.version_info < (3, 11))'

say() { printf '%s\n' "$*" >&2; }

# Debian's own Python goes before another on the PATH where nothing needs to be installed for it: it is built with
# profiles and link-time optimisation, and audits a report in four fifths of the CPU time that a Python built without them takes.
find_python() {
    if [ -z "${PYTHON:-}" ] && /usr/bin/python3 -c "import ensurepip, venv; $wanted" 2>/dev/null; then
        echo /usr/bin/python3
        return
    fi
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$wanted"; then
            echo "$candidate"
            return
        fi
    done
    say "No Python 3.11 or newer found. On Debian 12: apt-get install python3 python3-venv. Or set PYTHON=/path/to/python."
    return 1
}

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    # Debian ships venv without pip until python3-venv is installed
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        tools/system-packages.sh "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    fi
    say "Creating .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
fi
say "Installing hecha${extra:+ with what its $extra needs} into .venv (a minute at first)"
.venv/bin/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable ".${extra:+[$extra]}"
