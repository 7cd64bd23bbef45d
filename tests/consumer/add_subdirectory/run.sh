#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR (the prefix stays unused: nothing is installed here)
set -euo pipefail
# Warnings as errors, as in the presets: so ccache knows the objects.
cmake -S "$(dirname "$0")" -B "$2" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTESSERA_WERROR=ON \
  -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
cmake --build "$2"
"$2/app"
