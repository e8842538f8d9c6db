#!/usr/bin/env bash
# usage: get-clients.sh [FOLDER]   (default: .deps/clients in the tree)
#
# Installs the npm packages that tests/clients/package.json names, in the
# versions that its lock file pins by checksum, into FOLDER/node_modules: clients
# of other people, which the tests `clients.*` run against Troupe. No script of a
# package runs; needs no root.
#
# Exit codes: 0 there or installed, 1 npm failed, 2 bad usage, 3 no npm here.
set -euo pipefail

say() { echo "get-clients: $*"; }

if [ $# -gt 1 ] || [[ ${1:-} == -* ]]; then
  say "usage: get-clients.sh [FOLDER]" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wanted=$root/tests/clients
folder=$(realpath -m -- "${1:-$root/.deps/clients}")

# The copy is made after the packages came.
if cmp -s "$wanted/package-lock.json" "$folder/installed-lock.json"; then
  say "already there: $folder"
  exit 0
fi
if ! command -v npm >/dev/null; then
  say "needs npm, which is not installed." \
    "As root: apt-get install --no-install-recommends nodejs npm" >&2
  exit 3
fi
mkdir -p "$folder"
rm -f "$folder/installed-lock.json"
cp "$wanted/package.json" "$wanted/package-lock.json" "$wanted/.npmrc" "$folder/"
say "installing the packages of tests/clients/package.json"
if ! (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund \
  --no-update-notifier --silent); then
  say "npm could not install what tests/clients/package-lock.json pins" >&2
  exit 1
fi
cp "$wanted/package-lock.json" "$folder/installed-lock.json"
say "ready: $folder"
