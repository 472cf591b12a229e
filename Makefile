# `make quickstart` and `make test` work from a fresh clone: they make .venv, install and run.
# On Windows, or without make: see CONTRIBUTING.md.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

# An index of CPU-only builds of PyTorch, where the default index would bring the CUDA ones:
#   make quickstart TORCH_INDEX=URL
TORCH_INDEX ?=
PIP := PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet \
	$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: quickstart test test-all check docs messages reference clean

quickstart: $(VENV)/.use
	$(BIN)/bert4text quickstart --overwrite $(ARGS)

test: $(VENV)/.dev
	BIN=$(BIN) scripts/test -m "not slow and not gpu" $(ARGS)

test-all: $(VENV)/.dev
	BIN=$(BIN) scripts/test -m "not gpu" $(ARGS)

check: $(VENV)/.dev
	BIN=$(BIN) scripts/check

docs: $(VENV)/.dev
	BIN=$(BIN) scripts/docs

messages: $(VENV)/.dev
	$(BIN)/python scripts/messages.py update

reference: $(VENV)/.dev
	$(BIN)/python scripts/reference.py

clean:
	rm -rf $(VENV) build dist docs/_build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache htmlcov

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || (echo "Python cannot make a virtual environment: on Debian, install python3-venv" && false)

$(VENV)/.use: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) torch==2.13.0
	$(PIP) -e '.[all]'
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) torch==2.13.0
	$(PIP) -e '.[dev]'
	touch $@ $(VENV)/.use
