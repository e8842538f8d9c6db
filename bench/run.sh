#!/usr/bin/env bash
# Runs every benchmark of the folder and writes build/bench/results.json and
# report.html; `make bench` builds them first. About ten minutes.
# usage: bench/run.sh [BUILD_DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/release}/bench
out=build/bench
mkdir -p "$out"
rm -f "$out"/*.json
TROUPE_BENCH_COMMIT=$(git describe --always --dirty 2>/dev/null || echo unknown)
export TROUPE_BENCH_COMMIT

title() { printf '\n== %s\n' "$1"; }

title "machine"
printf '%s cores, ' "$(nproc)"
uname -sr
"${CXX:-c++}" --version | head -n 1
echo "$TROUPE_BENCH_COMMIT"

title "what a request costs beyond Beast and the model (overhead)"
"$bin/bench_overhead" 5 2 --json "$out/overhead.json"

title "what models are really asked (workloads)"
"$bin/bench_workloads" 5 1 --json "$out/workloads.json"

title "what batching and workers bring (batching)"
"$bin/bench_batching" 5 1 30 --json "$out/batching.json"

if [ -x "$bin/bench_continuous" ]; then
  title "what continuous batching brings on a language model (continuous)"
  "$bin/bench_continuous" 5 1 --json "$out/continuous.json"
fi

title "what a second I/O thread and observers cost (threads)"
"$bin/bench_threads" 5 1 --json "$out/threads.json"

title "what slow readers of endless streams cost (slow_readers)"
"$bin/bench_slow_readers" 5 2 --json "$out/slow_readers.json"

title "whether troupe bench tells the truth about a stall (stall)"
"$bin/bench_stall" 10 --json "$out/stall.json"

title "where actors should run (scheduler)"
"$bin/bench_scheduler" 100000

title "starting and stopping an embedded server (start_stop)"
"$bin/bench_start_stop" 1000

title "look-up in the endpoint table (endpoint_table)"
"$bin/bench_endpoint_table" --benchmark_min_time=0.2 \
  --benchmark_out="$out/endpoint_table.json" --benchmark_out_format=json

title "what each hot class costs by itself (hot_classes)"
"$bin/bench_hot_classes" --benchmark_min_time=0.1 \
  --benchmark_out="$out/hot_classes.json" --benchmark_out_format=json

title "what a hop from one actor or thread to another costs (hops)"
"$bin/bench_hops" --benchmark_min_time=0.2 \
  --benchmark_out="$out/hops.json" --benchmark_out_format=json

title "all figures"
/usr/bin/python3 bench/report.py "$out"
