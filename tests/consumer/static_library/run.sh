#!/usr/bin/env bash
# usage: run.sh PREFIX WORK_DIR (the prefix stays unused: it holds the shared library)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cmake -S "$here/../../.." -B "$2" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
  -DTESSERA_BUILD_TOOLS=OFF -DCMAKE_INSTALL_PREFIX="$2/prefix" \
  -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
cmake --build "$2"
cmake --install "$2"

# A host's own SQLite must not meet the one inside.
archive=$(find "$2/prefix" -name libtessera.a)
if nm --extern-only --defined-only --format=posix "$archive" | grep -E '^(sqlite3|sqlcipher)'; then
  echo "libtessera.a defines names of SQLite" >&2
  exit 1
fi

cmake -S "$here" -B "$2/by_cmake" -G Ninja -DCMAKE_PREFIX_PATH="$2/prefix"
cmake --build "$2/by_cmake"
"$2/by_cmake/app"

pc_file=$(find "$2/prefix" -name tessera.pc)
export PKG_CONFIG_PATH=${pc_file%/*}
# shellcheck disable=SC2046 # the flags are words
g++ -std=c++20 "$here/main.cpp" -o "$2/app" $(pkg-config --static --cflags --libs tessera)
"$2/app"

# A host's own SQLite before and after the archive.
read -ra flags <<<"$(pkg-config --static --cflags tessera)"
read -ra tessera <<<"$(pkg-config --static --libs tessera)"
read -ra sqlite <<<"$(pkg-config --libs sqlite3)"
mkdir "$2/sqlite_first" "$2/tessera_first"
gcc -std=c11 "${flags[@]}" "$here/../host_sqlite/main.c" -o "$2/host_sqlite_first" "${sqlite[@]}" "${tessera[@]}"
"$2/host_sqlite_first" "$2/sqlite_first"
gcc -std=c11 "${flags[@]}" "$here/../host_sqlite/main.c" -o "$2/host_tessera_first" "${tessera[@]}" "${sqlite[@]}"
"$2/host_tessera_first" "$2/tessera_first"
