#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR (the prefix stays unused: nothing is installed here)
set -euo pipefail
cmake -S "$(dirname "$0")" -B "$2" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
cmake --build "$2"
"$2/app"
