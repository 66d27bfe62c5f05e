# Two commands are all a newcomer needs: `make up` (or `make demo`) and `make test`. Each does its own set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# Up to 3.12, Python reads the paths of its environment in the locale's encoding, and does not start under LC_ALL=C in a
# folder whose name is not ASCII.
ifneq ($(shell locale charmap 2>/dev/null),UTF-8)
export LC_ALL := C.UTF-8
endif

.DEFAULT_GOAL := help
.PHONY: help install up demo test lint check format bench peers growth chaos soak clean

help:  ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  \1\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "rarewire needs Python 3.11 or newer; set PYTHON=python3.11 or the like" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group dev --editable .
	@touch $(STAMP)

install: $(STAMP)  ## Make .venv with the `rarewire` command in it

up: install  ## Run everything and watch the default feeds until Ctrl-C
	@$(BIN)/rarewire up

demo: install  ## The same against a fake press on loopback; no internet needed
	@$(BIN)/rarewire demo

test: install  ## All tests, a process a core (four at most); they wait more than they compute
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

format: install  ## Let ruff rewrite what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: install  ## Format, lint, types and import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test  ## What CI runs: lint and all tests

bench: install  ## Ratios measured on this machine, some minutes (docs/performance.md)
	@$(BIN)/python -m benchmarks.pipeline
	@$(BIN)/python -m benchmarks.orchestration
	@$(BIN)/python -m benchmarks.end_to_end
	@$(BIN)/python -m benchmarks.fetching
	@$(BIN)/python -m benchmarks.feeds
	@$(BIN)/python -m benchmarks.polls
	@$(BIN)/python -m benchmarks.scheduling
	@$(BIN)/python -m benchmarks.publishing

peers: install  ## Other news readers on the same press, each in an environment of its own under /tmp; needs PyPI
	@$(BIN)/python -m benchmarks.peers

growth: install  ## 1,000 to 100,000 feeds, to a million articles, 1 to 4 workers; about 10 GB of memory
	@$(BIN)/python -m benchmarks.growth --svg docs/growth.svg

chaos: install  ## Kill everything at random and count what was lost; the same for plain Celery
	@$(BIN)/python -m benchmarks.chaos
	@$(BIN)/python -m benchmarks.chaos.plain

soak: install  ## An hour at a steady load: memory of every process, keys that never expire
	@$(BIN)/python -m benchmarks.soak

clean:  ## Remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
