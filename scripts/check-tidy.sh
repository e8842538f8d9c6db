#!/usr/bin/env bash
# usage: check-tidy.sh [FILE...]
#
# clang-tidy with the checks of .clang-tidy over the sources of the libraries
# and the program, or over FILE... of them. Configures build/tidy, but builds
# nothing: GCC's precompiled headers would only confuse clang. All sources are
# looked at several as one, since most of the time goes into what they include.
# JOBS sets how many files are looked at at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${JOBS:-$(nproc)}

tool=
for name in clang-tidy-14 clang-tidy; do
  if command -v "$name" >/dev/null \
    && "$name" --version | grep -qE 'version 14\.'; then
    tool=$name
    break
  fi
done
if [ -z "$tool" ]; then
  echo "check-tidy: needs clang-tidy 14 (scripts/install-deps.sh check)" >&2
  exit 3
fi

mkdir -p build
log=build/tidy-configure.log
if ! cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
  -DTROUPE_CCACHE=OFF -DTROUPE_MOLD=OFF -DTROUPE_BUILD_TESTS=OFF \
  -DTROUPE_BUILD_BENCH=OFF -DTROUPE_BUILD_EXAMPLES=OFF \
  -DCMAKE_UNITY_BUILD="$([ $# -eq 0 ] && echo ON || echo OFF)" \
  >"$log" 2>&1 </dev/null; then
  cat "$log" >&2
  echo "check-tidy: the configuration failed" >&2
  exit 1
fi

# asio_src.cpp and url_src.cpp only compile Asio, Beast and Boost.URL themselves;
# the archive is made by the build.
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  while IFS= read -r file; do
    files+=("$file")
  done < <(sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' \
    build/tidy/compile_commands.json | grep -vE '/(asio|url)_src\.cpp$|/(python_worker_archive|embedded/[a-z_]*)\.cpp$' | sort -u)
fi

# clang does not know some of GCC's warnings; its own are chosen in .clang-tidy.
check_one() {
  local out
  if ! out=$("$tool" -p build/tidy --quiet --extra-arg=-Wno-error \
    --extra-arg=-Wno-unknown-warning-option "$1" 2>&1); then
    printf '%s\n' "$out" | grep -vE '^[0-9]+ (warnings?|errors?)\b.* generated'
    echo "check-tidy: FAILED $1"
    return 1
  fi
}
export -f check_one
export tool

if ! printf '%s\0' "${files[@]}" \
  | xargs -0 -r -n 1 -P "$jobs" bash -c 'check_one "$1" || exit 1' _; then
  echo "check-tidy: see above" >&2
  exit 1
fi
echo "check-tidy: ${#files[@]} compilations"
