#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR (the prefix stays unused: this build leaves the store out, and has no SQLCipher)
set -euo pipefail
cmake -S "$(dirname "$0")" -B "$2" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTESSERA_WITH_STORE=OFF \
  -DTESSERA_SQLCIPHER_ROOT=/nonexistent -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
cmake --build "$2"
"$2/app" "$2/data"
