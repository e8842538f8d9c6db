#!/usr/bin/env bash
# Runs every benchmark of the folder; `make bench` builds them first.
# usage: bench/run.sh [BUILD_DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/release}/bench

title() { printf '\n== %s\n' "$1"; }

title "machine"
printf '%s cores, ' "$(nproc)"
uname -sr
"${CXX:-c++}" --version | head -n 1
git describe --always --dirty 2>/dev/null || true

title "what a request costs beyond Beast and the model (overhead)"
"$bin/bench_overhead" 5 2

title "what batching and workers bring (batching)"
"$bin/bench_batching" 5 2 10

title "where actors should run (scheduler)"
"$bin/bench_scheduler" 100000

title "starting and stopping an embedded server (start_stop)"
"$bin/bench_start_stop" 1000

title "look-up in the endpoint table (endpoint_table)"
"$bin/bench_endpoint_table" --benchmark_min_time=0.2
