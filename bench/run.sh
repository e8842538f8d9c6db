#!/usr/bin/env bash
# Runs every benchmark of the folder and writes build/bench/results.json and
# report.html; `make bench` builds them first. About twelve minutes. A benchmark
# that fails is named at the end, and the exit code is 1.
# usage: bench/run.sh [BUILD_DIR] [--strict]
#   --strict  exit code 1 also when a target is missed
set -euo pipefail
cd "$(dirname "$0")/.."
bin=build/release/bench
strict=()
for argument in "$@"; do
  case $argument in
    --strict) strict=(--strict) ;;
    *) bin=$argument/bench ;;
  esac
done
out=build/bench
mkdir -p "$out"
rm -f "$out"/*.json
TROUPE_BENCH_COMMIT=$(git describe --always --dirty 2>/dev/null || echo unknown)
export TROUPE_BENCH_COMMIT
failed=()

# run NAME QUESTION [ARGUMENT...]: runs bench_NAME, goes on when it fails.
run() {
  local name=$1
  printf '\n== %s (%s)\n' "$2" "$name"
  "$bin/bench_$name" "${@:3}" || failed+=("$name")
}

# The same with the options of Google Benchmark.
run_single() {
  run "$@" --benchmark_out="$out/$1.json" --benchmark_out_format=json
}

printf '\n== machine\n%s cores, ' "$(nproc)"
uname -sr
"${CXX:-c++}" --version | head -n 1
echo "$TROUPE_BENCH_COMMIT"
case $TROUPE_BENCH_COMMIT in
  *-dirty | unknown)
    echo "warning: no commit has this code; the results can't be kept" >&2 ;;
esac

run overhead "what a request costs beyond Beast and the model" \
  5 1.5 --json "$out/overhead.json"
printf '\n== what square costs beside a minimal Beast server, drogon, nginx (baselines.py)\n'
/usr/bin/python3 -B bench/baselines.py "${bin%/bench}" \
  --json "$out/baselines.json" || failed+=(baselines)
printf '\n== what a request takes: allocations, system calls (costs.py)\n'
/usr/bin/python3 -B bench/costs.py "${bin%/bench}" || failed+=(costs)
run worker_kinds "what a worker costs as a thread, as a process, in Python" \
  5 1 --json "$out/worker_kinds.json"
run workloads "what models are really asked" \
  5 1 --json "$out/workloads.json"
run batching "what batching and workers bring" \
  5 1 3 --json "$out/batching.json"
if [ -x "$bin/bench_continuous" ]; then
  run continuous "what continuous batching brings on a language model" \
    5 1 --json "$out/continuous.json"
fi
printf '\n== what overload and a noisy tenant do (overload.py)\n'
/usr/bin/python3 bench/overload.py "${bin%/bench}/troupe" 5 || failed+=(overload)
run threads "what a second I/O thread and observers cost" \
  5 1 --json "$out/threads.json"
run flooders "what clients that never stop do to one that asks now and then" \
  5 1 --json "$out/flooders.json"
run slow_readers "what slow readers of endless streams cost" \
  3 2 --json "$out/slow_readers.json"
run stall "whether troupe bench tells the truth about a stall" \
  3 5 --json "$out/stall.json"
run cluster_simulation "how 1 to 1,000 nodes queue, place and fail" \
  400000 --json "$out/cluster_simulation.json"
run scheduler "where actors should run" 50000 3 --json "$out/scheduler.json"
run start_stop "starting and stopping an embedded server" \
  1000 --json "$out/start_stop.json"
run_single endpoint_table "look-up in the endpoint table" \
  --benchmark_min_time=0.05 --benchmark_repetitions=5
run_single hot_classes "what each hot class costs by itself" \
  --benchmark_min_time=0.05 --benchmark_repetitions=3
run_single hops "what a hop from one actor or thread to another costs" \
  --benchmark_min_time=0.1 --benchmark_repetitions=3

printf '\n== all figures\n'
/usr/bin/python3 bench/report.py "${strict[@]}" "$out" || failed+=(report.py)
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
