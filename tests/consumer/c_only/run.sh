#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR
set -euo pipefail
cmake -S "$(dirname "$0")" -B "$2" -G Ninja -DCMAKE_PREFIX_PATH="$1"
cmake --build "$2"
"$2/app"
