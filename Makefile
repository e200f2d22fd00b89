# callvault: `make` prints this menu.
#   make demo       make the environment, serve a handful of recordings, print a line for each vendor
#   make test       make the environment, run every test that is quick (minutes)
#   make test-all   the slow ones too
#   make lint       formatting, style, types
#   make bench      the benchmarks, a few minutes each
#   make clean      remove the environment and what the demo kept

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test test-slow test-all lint bench clean services
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

$(VENV)/pyvenv.cfg:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "callvault needs Python 3.11 or later; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@

demo: $(VENV)/.run
	$(BIN)/callvault demo --data callvault-demo

services: $(VENV)/.test
	$(BIN)/python -m tests.services.install

test: services
	$(BIN)/python -m tests.system.environments quick
	$(BIN)/pytest -m "not slow"

test-slow: services
	$(BIN)/python -m tests.system.environments
	$(BIN)/pytest -m slow

test-all: test test-slow

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.test
	$(BIN)/python -m tests.services.install bench
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) .cache callvault-demo
