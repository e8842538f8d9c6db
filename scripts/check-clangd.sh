#!/usr/bin/env bash
# usage: check-clangd.sh [FILE...]
#
# Opens one file of each layer and of the tests, or FILE..., as an editor with
# clangd does: by .clangd and the database of the preset `dev`. Refuses errors
# and includes that are not found. Configures build/dev, but builds nothing.
# JOBS sets how many files are looked at at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${JOBS:-$(nproc)}

tool=
for name in clangd-14 clangd; do
  if command -v "$name" >/dev/null \
    && "$name" --version | grep -qE 'version 14\.'; then
    tool=$name
    break
  fi
done
if [ -z "$tool" ]; then
  echo "check-clangd: needs clangd 14 (scripts/install-deps.sh check)" >&2
  exit 3
fi

files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  files=(specs/values/reply.cpp models/registry.cpp actors/pool/pool.cpp
    http/server.cpp cli/config/config.cpp tests/specs/values/reply_test.cpp
    tests/actors/pool/pool_test.cpp)
fi
for file in "${files[@]}"; do
  if [ ! -f "$file" ]; then
    echo "check-clangd: there is no $file" >&2
    exit 2
  fi
done

mkdir -p build
log=build/dev-configure.log
if ! cmake --preset dev >"$log" 2>&1 </dev/null; then
  cat "$log" >&2
  echo "check-clangd: the configuration failed" >&2
  exit 1
fi

# A link that leads back up would make every tool that follows links go round.
if ! find -L specs models actors http cli tests bench examples \
  build/dev/include -maxdepth 12 -name '*.hpp' >/dev/null 2>build/dev-loops.log \
  || grep -q 'loop detected' build/dev-loops.log; then
  cat build/dev-loops.log >&2
  echo "check-clangd: links make a cycle" >&2
  exit 1
fi

# The index of an editor is not touched: its cache goes where we say.
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT

check_one() {
  local out
  if ! out=$(XDG_CACHE_HOME="$cache" "$tool" --check="$1" --log=error \
    --background-index=false --check-lines=1-1 2>&1); then
    printf '%s\n' "$out"
    echo "check-clangd: FAILED $1"
    return 1
  fi
}
export -f check_one
export tool cache

if ! printf '%s\0' "${files[@]}" \
  | xargs -0 -r -n 1 -P "$jobs" bash -c 'check_one "$1" || exit 1' _; then
  echo "check-clangd: see above" >&2
  exit 1
fi
echo "check-clangd: ${#files[@]} files"
