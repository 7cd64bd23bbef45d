#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pc_file=$(find "$1" -name tessera.pc)
export PKG_CONFIG_PATH=${pc_file%/*}
RUSTFLAGS="-D warnings $(pkg-config --libs-only-L tessera)" CARGO_TARGET_DIR=$2/target \
  cargo build --offline --locked --manifest-path "$here/../../../examples/quickstart/rust/Cargo.toml"
LD_LIBRARY_PATH=$(pkg-config --variable=libdir tessera) "$here/../check_quickstart" "$1" "$2" "$2/target/debug/quickstart"
