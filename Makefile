# SPDX-License-Identifier: Apache-2.0
# The front door. CMake does the building (CMakePresets.json); `make help` lists the targets.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 30
# More settings for CMake, as in: make test CMAKE_FLAGS=-DELEA_WERROR=ON
CMAKE_FLAGS ?=
export JOBS FUZZ_SECONDS DESTDIR

PARTS = -DELEA_BUILD_TESTS=$(1) -DELEA_BUILD_FUZZ=$(1) -DELEA_BUILD_BENCH=$(1) $(CMAKE_FLAGS)
CTEST = ctest --output-on-failure --no-label-summary --no-tests=error --parallel $(JOBS)
# ThreadSanitizer of gcc 12 cannot live with much randomness of addresses, where a kernel has it.
PLAIN_ADDRESSES = $(shell setarch -R true 2>/dev/null && echo setarch -R)

.PHONY: all help demo test lint format bench fuzz asan tsan clang minimal install wheel clean

all: ## build everything (release); the program is build/elea
	@tools/deps build test
	@tools/build release $(call PARTS,ON)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' Makefile

demo: ## build, get the embedding model, remember a corpus, recall from it
	@tools/deps build demo
	@tools/build release $(call PARTS,OFF)
	@tools/demo

test: ## build and run every test
	@tools/deps build test demo
	@tools/venv
	@tools/get-model
	@tools/build release $(call PARTS,ON) -DELEA_BUILD_PYTHON=ON
	@$(CTEST) --test-dir build/release

lint: ## format, layers, house rules, cppcheck, clang-tidy
	@tools/deps build test lint
	@tools/lint

format: ## let clang-format rewrite the C files
	@tools/deps lint
	@git ls-files --cached --others --exclude-standard '*.c' '*.h' | xargs clang-format-14 -i

bench: ## run the benchmarks
	@tools/deps build demo
	@tools/build release -DELEA_BUILD_BENCH=ON $(CMAKE_FLAGS)
	@tools/bench

fuzz: ## run each fuzzer for FUZZ_SECONDS (30)
	@tools/deps build fuzz
	@tools/build fuzz $(CMAKE_FLAGS)
	@tools/fuzz

asan: ## the tests of C and of the package under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/deps build test demo
	@tools/venv
	@tools/get-model
	@tools/build asan -DELEA_BUILD_PYTHON=ON $(CMAKE_FLAGS)
	@$(CTEST) --test-dir build/asan

tsan: ## the C tests of threads under ThreadSanitizer
	@tools/deps build test demo
	@tools/get-model
	@tools/build tsan $(CMAKE_FLAGS)
	@$(PLAIN_ADDRESSES) $(CTEST) --test-dir build/tsan -L threads

clang: ## build everything with clang
	@tools/deps build test fuzz
	@tools/build clang $(CMAKE_FLAGS)

minimal: ## libelea with a C compiler and nothing else, and its tests
	@tools/deps build test
	@tools/build minimal -DELEA_BUILD_TESTS=ON $(CMAKE_FLAGS)
	@$(CTEST) --test-dir build/minimal

install: ## install under PREFIX (/usr/local), staged in DESTDIR
	@tools/deps build
	@tools/build release $(call PARTS,OFF)
	@cmake --install build/release --prefix $(PREFIX)

wheel: ## the Python package as a wheel, in build/wheel, and its test
	@tools/deps build test
	@tools/venv
	@tools/wheel

clean: ## remove build/
	rm -rf build
