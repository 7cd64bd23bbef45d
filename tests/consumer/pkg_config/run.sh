#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR
set -euo pipefail
pc_file=$(find "$1" -name tessera.pc)
export PKG_CONFIG_PATH=${pc_file%/*}
make -C "$(dirname "$0")" OUT="$2"
[[ $(LD_LIBRARY_PATH=$(pkg-config --variable=libdir tessera) "$2/app") == "$(pkg-config --modversion tessera)" ]]
