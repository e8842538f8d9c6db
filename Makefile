# Entry points of Troupe; `make help` lists them. Each one installs what it
# lacks (scripts/install-deps.sh), so that a bare Debian 12 needs only make, git
# and a shell.
#
# JOBS        compilers at once                    (default: all cores)
# TEST_JOBS   tests at once                        (default: JOBS)
# CONFIG      what `make run` serves
# CMAKE_ARGS  more arguments for the configuration
# CTEST_ARGS  more arguments for ctest, as -R NAME
# ONNXRUNTIME system: use the one that CMake finds, fetch none
# LLAMA       system: the same for llama.cpp
SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check sanitize sanitize-thread soak bench build clients onnxruntime llama clean

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
TEST_JOBS ?= $(JOBS)
CONFIG ?= examples/digits/config.json
CMAKE_ARGS ?=
CTEST_ARGS ?=
ONNXRUNTIME ?= fetch
LLAMA ?= fetch
# ccache passes precompiled headers through only when told that it may.
CCACHE_SLOPPINESS ?= pch_defines,time_macros,include_file_mtime,include_file_ctime
export JOBS CCACHE_SLOPPINESS

deps = scripts/install-deps.sh
# One build folder serves all targets: `make run` in a new one leaves out what
# it does not need, the others switch it on.
everything = -DTROUPE_BUILD_TESTS=ON -DTROUPE_BUILD_EXAMPLES=ON
program_only = -DTROUPE_BUILD_TESTS=OFF -DTROUPE_BUILD_EXAMPLES=OFF -DTROUPE_BUILD_BENCH=OFF
fetch_onnxruntime = { [ "$(ONNXRUNTIME)" = system ] \
  || { $(deps) onnxruntime && scripts/get-onnxruntime.sh; }; }
fetch_clients = { $(deps) clients && scripts/get-clients.sh; }
# The tests clients.* fail without them, and say why.
warn_clients = echo "make: going on without the clients that tests need" >&2
warn_onnxruntime = echo "make: no ONNX Runtime; going on without ONNX models" >&2
fetch_llama = { [ "$(LLAMA)" = system ] || { $(deps) llama && scripts/get-llama.sh; }; }
warn_llama = echo "make: no llama.cpp; going on without GGUF models" >&2
build_release = cmake --build --preset release --parallel $(JOBS)
run_ctest = ctest --no-tests=error --parallel $(TEST_JOBS)

help:
	@echo "make run          build, then serve the digits example"
	@echo "make test         build everything, run the tests"
	@echo "make check        format, layers, clang-tidy"
	@echo "make sanitize     the tests under address and undefined sanitizers"
	@echo "make sanitize-thread  the tests under the thread sanitizer; builds a CAF first"
	@echo "make soak         faults, reloads and stops under load for half an hour"
	@echo "make bench        build and run the benchmarks"
	@echo "make build        build everything into build/release"
	@echo "make clients      install the clients that tests run into .deps/clients"
	@echo "make onnxruntime  fetch ONNX Runtime into .deps/onnxruntime"
	@echo "make llama        fetch llama.cpp into .deps/llama"
	@echo "make clean        remove build/"
	@echo "Variables: JOBS TEST_JOBS CONFIG CMAKE_ARGS CTEST_ARGS ONNXRUNTIME LLAMA"

run:
	@$(deps) build
	@$(fetch_onnxruntime) || { \
	  echo "make run: the digits example needs ONNX Runtime, which could not" >&2; \
	  echo "be fetched (see above). Either mend that, or have CMake find one:" >&2; \
	  echo "  make run ONNXRUNTIME=system CMAKE_ARGS=-DOnnxRuntime_ROOT=DIR" >&2; \
	  exit 1; }
	@if [ -f build/release/CMakeCache.txt ]; \
	  then cmake --preset release $(CMAKE_ARGS); \
	  else cmake --preset release $(program_only) $(CMAKE_ARGS); fi
	@$(build_release) --target troupe_program
	@echo
	@echo "Try in another terminal:"
	@sed -n -e '/^ *curl /{' -e ':a' -e p -e '/\\$$/!q' -e n -e ba -e '}' \
	  $(dir $(CONFIG))README.md 2>/dev/null || true
	@echo
	@exec build/release/troupe serve $(CONFIG)

build:
	@$(deps) build test bench
	@$(fetch_onnxruntime) || $(warn_onnxruntime)
	@$(fetch_llama) || $(warn_llama)
	@cmake --preset release $(everything) -DTROUPE_BUILD_BENCH=ON $(CMAKE_ARGS)
	@$(build_release)

test: build
	@$(fetch_clients) || $(warn_clients)
	@$(run_ctest) --preset release $(CTEST_ARGS)

check:
	@$(deps) build check
	@scripts/check-layers.py
	@scripts/check-sizes.py
	@scripts/check-format.sh
	@scripts/check-clangd.sh
	@scripts/check-tidy.sh

sanitize:
	@$(deps) build test
	@$(fetch_onnxruntime) || $(warn_onnxruntime)
	@$(fetch_llama) || $(warn_llama)
	@cmake --preset asan $(everything) $(CMAKE_ARGS)
	@LSAN_OPTIONS="suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0" \
	  cmake --build --preset asan --parallel $(JOBS)
	@$(fetch_clients) || $(warn_clients)
	@$(run_ctest) --preset asan $(CTEST_ARGS)

sanitize-thread:
	@$(deps) build test
	@scripts/get-caf-tsan.sh
	@$(fetch_onnxruntime) || $(warn_onnxruntime)
	@$(fetch_llama) || $(warn_llama)
	@cmake --preset tsan $(everything) $(CMAKE_ARGS)
	@cmake --build --preset tsan --parallel $(JOBS)
	@$(fetch_clients) || $(warn_clients)
	@$(run_ctest) --preset tsan $(CTEST_ARGS)

bench: build
	@bench/run.sh

soak: build
	@/usr/bin/python3 tests/chaos/chaos.py build/release/troupe --seconds 1800
	@/usr/bin/python3 tests/chaos/stops.py build/release/troupe --times 200

clients:
	@$(fetch_clients)

onnxruntime:
	@$(fetch_onnxruntime)

llama:
	@$(fetch_llama)

clean:
	rm -rf build
