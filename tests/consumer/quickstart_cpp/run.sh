#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cmake -S "$here/../../../examples/quickstart/cpp" -B "$2/build" -G Ninja -DCMAKE_PREFIX_PATH="$1"
cmake --build "$2/build"
"$here/../check_quickstart" "$1" "$2" "$2/build/quickstart"
