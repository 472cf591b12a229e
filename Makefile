# `make quickstart` and `make test` work from a fresh clone: they make .venv, install and run.
# On Windows, or without make: see CONTRIBUTING.md.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

# An index of CPU-only builds of PyTorch, where the default index would bring the CUDA ones:
#   make quickstart TORCH_INDEX=URL
TORCH_INDEX ?=
INSTALL := -m pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
PIP := PIP_CONSTRAINT=constraints.txt $(BIN)/python $(INSTALL)
PIP_MIN := PIP_CONSTRAINT=constraints-min.txt $(VENV)-min/bin/python $(INSTALL)

.PHONY: quickstart test test-all test-minimum check docs messages reference clean

quickstart: $(VENV)/.use
	$(BIN)/bert4text quickstart --overwrite $(ARGS)

test: $(VENV)/.dev
	BIN=$(BIN) scripts/test -m "not slow and not gpu" $(ARGS)

test-all: $(VENV)/.dev
	BIN=$(BIN) scripts/test -m "not gpu" $(ARGS)

# The lowest versions that pyproject.toml allows, in an environment of their own. Warnings of deprecation are
# those of old libraries there, not ours.
test-minimum: $(VENV)-min/.dev
	$(VENV)-min/bin/python -m pytest -q -W ignore::DeprecationWarning -m "not slow and not gpu" tests/unit $(ARGS)

check: $(VENV)/.dev
	BIN=$(BIN) scripts/check

docs: $(VENV)/.dev
	BIN=$(BIN) scripts/docs

messages: $(VENV)/.dev
	$(BIN)/python scripts/messages.py update

reference: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python scripts/reference.py

clean:
	rm -rf $(VENV) $(VENV)-min build dist docs/_build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache htmlcov

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

$(VENV)-min/.dev: pyproject.toml constraints-min.txt
	$(PYTHON) -m venv $(VENV)-min
	$(PIP_MIN) torch==2.13.0
	$(PIP_MIN) -e '.[all]' pytest pytest-timeout hypothesis
	touch $@
