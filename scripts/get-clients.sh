#!/usr/bin/env bash
# usage: get-clients.sh [PREFIX]   (default: .deps/clients in the tree)
#
# Installs the npm packages that tests/clients/package.json names, in the
# versions that its lock file pins by checksum, into PREFIX/node_modules: clients
# of other people, which the tests `clients.*` run against Troupe. No script of a
# package runs; needs no root.
#
# Exit codes: 0 there or installed, 1 npm failed, 2 bad usage, 3 no npm here.
set -euo pipefail

# shellcheck source=scripts/get-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/get-common.sh"
wanted=$root/tests/clients

# The copy is made after the packages came.
if cmp -s "$wanted/package-lock.json" "$prefix/installed-lock.json"; then
  say "already there: $prefix"
  exit 0
fi
if ! command -v npm >/dev/null; then
  die 3 "needs npm, which is not installed." \
    "As root: apt-get install --no-install-recommends nodejs npm"
fi
mkdir -p "$prefix"
rm -f "$prefix/installed-lock.json"
cp "$wanted/package.json" "$wanted/package-lock.json" "$wanted/.npmrc" "$prefix/"
say "installing the packages of tests/clients/package.json"
if ! (cd "$prefix" && npm ci --ignore-scripts --no-audit --no-fund \
  --no-update-notifier --silent); then
  die 1 "npm could not install what tests/clients/package-lock.json pins"
fi
cp "$wanted/package-lock.json" "$prefix/installed-lock.json"
say "ready: $prefix"
