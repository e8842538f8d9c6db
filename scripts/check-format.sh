#!/usr/bin/env bash
# usage: check-format.sh [--fix]
#
# Compares every C++ file that git knows, or would add, with .clang-format;
# `--fix` rewrites instead. Pinned to clang-format 14: versions differ.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run -Werror)
case ${1-} in
  '') ;;
  --fix) mode=(-i) ;;
  *)
    echo "usage: check-format.sh [--fix]" >&2
    exit 2
    ;;
esac

tool=
for name in clang-format-14 clang-format; do
  if command -v "$name" >/dev/null \
    && "$name" --version | grep -qE 'version 14\.'; then
    tool=$name
    break
  fi
done
if [ -z "$tool" ]; then
  echo "check-format: needs clang-format 14 (scripts/install-deps.sh check)" >&2
  exit 3
fi

files=()
while IFS= read -r -d '' file; do
  # Deleted, but still in the index.
  [ -f "$file" ] && files+=("$file")
done < <(git ls-files -z --cached --others --exclude-standard -- '*.hpp' '*.cpp' | sort -zu)
[ ${#files[@]} -gt 0 ] || exit 0

if ! printf '%s\0' "${files[@]}" | xargs -0 "$tool" --style=file "${mode[@]}"; then
  echo "check-format: run scripts/check-format.sh --fix" >&2
  exit 1
fi
echo "check-format: ${#files[@]} files"
