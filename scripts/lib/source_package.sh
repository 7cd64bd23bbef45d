# shellcheck shell=bash
# Sourced, in the root of the repository, by the scripts that build a library from Debian's source packages. They set
# $sources, one "SHA-256  FILE" a line, as sha256sum prints them.

# build_stamp FILE...: what a build comes from: the sources, the compiler, and those files (the script itself, for one).
build_stamp() {
  (echo "$sources"; "${CC:-cc}" --version; cat "${BASH_SOURCE[0]}" "$@") | sha256sum
}

# is_built TARGET STAMP
is_built() {
  [[ -f $1/stamp && $(<"$1/stamp") == "$2" ]]
}

# begin_build: makes $work, a folder that goes away at the end; a failure shows the last of $work/log first.
begin_build() {
  mkdir -p .deps/sources
  work=$(mktemp -d "$PWD/.deps/build.XXXXXX")
  trap 'if (($?)) && [[ -f $work/log ]]; then tail -n 20 "$work/log" >&2; fi; rm -rf "$work"' EXIT
}

# publish OUTPUT TARGET STAMP: all of it at once, so that a build that was broken off leaves nothing.
publish() {
  echo "$3" >"$1/stamp"
  rm -rf "$2"
  mv "$1" "$2"
}

# A source package is in the pool of the same mirror as the binary packages of this release.
fetch_file() {
  local file=$1 name=${1%%_*} mirror part
  part=$(mktemp ".deps/sources/$file.XXXXXX")
  while read -r mirror; do
    if /usr/lib/apt/apt-helper -qq download-file "${mirror%/}/pool/main/${name:0:1}/$name/$file" "$part" 2>"$part.log"; then
      mv "$part" ".deps/sources/$file"
      rm -f "$part.log"
      return
    fi
  done < <(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' | awk '!seen[$0]++')
  cat "$part.log" >&2
  rm -f "$part" "$part.log"
  echo "bootstrap: no mirror of apt's sources has $file (source package $name); put it into .deps/sources yourself" >&2
  return 1
}

# fetch_sources: afterwards each file of $sources is in .deps/sources, with the content that its checksum says.
fetch_sources() {
  local sum file
  while read -r sum file; do
    if ! sha256sum --check --status <<<"$sum  .deps/sources/$file" 2>/dev/null; then
      fetch_file "$file"
      sha256sum --check --quiet <<<"$sum  .deps/sources/$file"
    fi
  done <<<"$sources"
}

# unpack_source NAME FOLDER [PATCH...]: a package of $sources with Debian's patches, less the named ones.
unpack_source() {
  local name=$1 folder=$2 file patch
  shift 2
  mkdir -p "$folder"
  while read -r _ file; do
    case $file in
      "$name"_*.orig.tar.*) tar --no-same-owner -xf ".deps/sources/$file" -C "$folder" --strip-components=1 ;;
      "$name"_*.debian.tar.*) tar --no-same-owner -xf ".deps/sources/$file" -C "$folder" ;;
    esac
  done <<<"$sources"
  while read -r patch _; do
    if [[ -n $patch && $patch != '#'* && " $* " != *" $patch "* ]]; then
      patch -d "$folder" -p1 --silent <"$folder/debian/patches/$patch"
    fi
  done <"$folder/debian/patches/series"
}
