#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pc_file=$(find "$1" -name tessera.pc)
export PKG_CONFIG_PATH=${pc_file%/*}
read -ra flags <<<"$(pkg-config --cflags tessera) -std=c11 -Wall -Wextra -Werror"
read -ra tessera <<<"$(pkg-config --libs tessera)"
read -ra sqlite <<<"$(pkg-config --libs sqlite3)"
LD_LIBRARY_PATH=$(pkg-config --variable=libdir tessera)
export LD_LIBRARY_PATH

mkdir "$2"/{sqlite_first,tessera_first,preloaded}
cc "${flags[@]}" "$here/main.c" -o "$2/host_sqlite_first" -Wl,--no-as-needed "${sqlite[@]}" "${tessera[@]}"
"$2/host_sqlite_first" "$2/sqlite_first"
cc "${flags[@]}" "$here/main.c" -o "$2/host_tessera_first" -Wl,--no-as-needed "${tessera[@]}" "${sqlite[@]}"
"$2/host_tessera_first" "$2/tessera_first"
# What a desktop does to a program: the other SQLite is there before anything else.
LD_PRELOAD=libsqlite3.so.0 "$2/host_tessera_first" "$2/preloaded"
