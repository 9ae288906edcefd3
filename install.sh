#!/bin/sh
# Makes .venv, an environment with the course in it:  sh install.sh [--test] [--uv] [--bundle DIR | --from DIR]
#   --test        with what the tests need as well
#   --uv          with a Python that uv brings, where MindSpore has no wheels for the one here
#   --bundle DIR  and puts everything that was installed into a folder, for machines without a network
#   --from DIR    from such a folder, without a network
# Where it cannot, it says why in a sentence, and leaves no half of an environment behind.
set -eu
here=$PWD
cd "$(dirname "$0")"

course=.
uv=
bundle=
from=
usage() { echo "usage: sh install.sh [--test] [--uv] [--bundle DIR | --from DIR]" >&2; exit 2; }
while [ $# != 0 ]; do
    case $1 in
        --test) course='.[test]' ;;
        --uv) uv=yes ;;
        --bundle | --from)
            [ -n "${2:-}" ] || usage
            case $2 in /*) folder=$2 ;; *) folder=$here/$2 ;; esac
            if [ "$1" = --from ]; then from=$folder; else bundle=$folder; fi
            shift
            ;;
        *) usage ;;
    esac
    shift
done

say() { printf '%s\n' "$*"; }
stop() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

made=
trap '[ $? = 0 ] || [ -z "$made" ] || rm -rf $made' EXIT
trap 'exit 130' INT TERM

make_environment() { # python, folder
    [ -e "$2" ] && return
    made="$made $2"
    "$1" -m venv "$2" || stop "$1 cannot make an environment; the lines above say why."
}

# Which Python
supported='import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 13))'
command -v python3 >/dev/null || stop "There is no python3 here. On Debian or Ubuntu: apt-get install python3"
python=
for name in python3 python3.12 python3.11 python3.10; do
    if "$name" -c "$supported" 2>/dev/null; then python=$name && break; fi
done
if [ -z "$python$uv" ]; then
    version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    stop "This is Python $version, and there is MindSpore for 3.10, 3.11 and 3.12 only. Write  sh install.sh --uv  instead: uv brings Python 3.12."
fi
if [ -e .venv ] && ! .venv/bin/python -c "$supported" 2>/dev/null; then
    stop "The environment .venv has no Python that there is MindSpore for. Remove it with  rm -r .venv  and try again."
fi
[ -z "$uv" ] || python=python3

# Room: MindSpore is a download of 1 GB, and 3 GB when it is installed
[ -w . ] || stop "Nobody but its owner can write into $PWD. Copy the folder to a place of your own."
room() { # folder, gigabytes
    free=$(df -Pk "$1" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge $(($2 * 1000000)) ] || stop "$1 has $((free / 1000000)) GB free, and this takes $2 GB there. $3"
}
if [ ! -e .venv ]; then
    room . 5 "Make room."
    room "${TMPDIR:-/tmp}" 2 "Make room, or name another folder in TMPDIR."
fi

# What only the system's package manager can bring
if ! "$python" -c 'import ctypes, ensurepip; ctypes.CDLL("libgomp.so.1")' 2>/dev/null; then
    packages="$python-venv libgomp1"
    command -v apt-get >/dev/null ||
        stop "Python's venv or the library libgomp is missing. Install both (Debian calls them $packages) and try again."
    sudo=
    if [ "$(id -u)" != 0 ]; then
        sudo=$(command -v sudo) ||
            stop "$packages are missing, and installing them takes root, which you are not, and sudo, which is not here. Have someone run  apt-get install $packages  and try again."
    fi
    say "Installing $packages with apt-get."
    log=$(mktemp)
    # shellcheck disable=SC2086  # two packages
    if ! { $sudo apt-get -qq update &&
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y $packages; } >"$log" 2>&1; then
        cat "$log" >&2
        rm "$log"
        stop "apt-get could not install $packages; the lines above say why. Is there a network?"
    fi
    rm "$log"
fi

[ -z "$from" ] || ls "$from"/mindspore-*.whl >/dev/null 2>&1 ||
    stop "There are no packages in $from. Where there is a network,  sh install.sh --bundle $from  collects them."

require_index() { # the environment whose pip is asked for a small package
    [ -z "$from" ] || return 0
    folder=$(mktemp -d)
    answer=$("$1/bin/pip" --disable-pip-version-check --retries 0 --timeout 20 download --quiet --no-deps --no-cache-dir --dest "$folder" hatchling 2>&1) ||
        { rm -r "$folder"; stop "pip reaches no package index: $(printf %s "$answer" | tail -n 1) Is there a network? A proxy is named in HTTPS_PROXY, a mirror of PyPI in PIP_INDEX_URL."; }
    rm -r "$folder"
}

if [ -n "$uv" ]; then
    make_environment python3 .uv
    require_index .uv
    .uv/bin/pip --disable-pip-version-check install --quiet uv
    if ! python=$(.uv/bin/uv python find --system '>=3.10,<3.13' 2>/dev/null); then
        say "Fetching Python 3.12 from GitHub."
        .uv/bin/uv python install 3.12 ||
            stop "uv could not fetch Python 3.12; the lines above say why. Where GitHub is out of reach, name a mirror in UV_PYTHON_INSTALL_MIRROR."
        python=$(.uv/bin/uv python find --system 3.12)
    fi
fi

make_environment "$python" .venv
require_index .venv
if .venv/bin/python -c 'import numpy; assert numpy.__version__ >= "2"' 2>/dev/null; then
    say "In .venv is NumPy 2, which MindSpore cannot work with; NumPy 1 takes its place."
fi
source="a download of 1 GB, 2 to 10 minutes"
if [ -n "$from" ]; then
    source="from $from, 2 minutes"
    export PIP_NO_INDEX=1 PIP_FIND_LINKS="$from" # what builds the course comes from there as well
fi
say "Installing the course and MindSpore into .venv: $source." \
    "At the end, at 'Installing collected packages', pip is silent for a minute or two."
.venv/bin/pip --disable-pip-version-check install -e ./notebook-check -e "$course" ||
    stop "pip could not install the course; the lines above say why.${from:+ Was $from made with the same Python, on a machine of the same kind?}"
made=
if [ -n "$bundle" ]; then
    say "Collecting what was installed in $bundle."
    mkdir -p "$bundle"
    list=$(mktemp)
    { .venv/bin/pip --disable-pip-version-check freeze --exclude-editable && echo hatchling && echo editables; } >"$list"
    .venv/bin/pip --disable-pip-version-check wheel --quiet --wheel-dir "$bundle" -r "$list" ||
        { rm "$list"; stop "pip could not collect the packages; the lines above say why."; }
    rm "$list"
    say "Copy the checkout and $bundle to a machine of the same kind with the same Python; there:  sh install.sh --from $bundle"
fi
say "Installed. In every new terminal:  . .venv/bin/activate"
[ "$course" = . ] || say "All tests take about half an hour on two cores;  pytest -m quick  takes a minute."
