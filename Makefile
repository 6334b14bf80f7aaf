# Every command of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test test-lake bench rehearse lock clean
.DELETE_ON_ERROR:

# The first Python on the path that is new enough; `make PYTHON=… run` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
UV_LOCK := $(BIN)/uv --quiet pip compile --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --custom-compile-command "make lock" --upgrade

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## open the dashboard on http://localhost:8501, with illustrative data if there is no store
	@case "$$SQS_STORE" in ducklake:*) ;; *) test -e "$${SQS_STORE:-store}/CURRENT" || $(BIN)/sqs demo ;; esac
	$(BIN)/python -m streamlit run dashboard.py

test: $(VENV)/.installed-dev ## check style and types and run every test
	$(BIN)/python -m bench.chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

test-lake: .venv-lake/.installed ## run the tests of the store, the commands and the pages on DuckLake and a PostgreSQL of their own
	.venv-lake/bin/python -m bench.postgres
	.venv-lake/bin/python -m pytest --store=lake tests/store tests/lake

bench: $(VENV)/.installed-dev ## measure speed and size; takes about twenty minutes
	$(BIN)/python -m bench.chromium
	$(BIN)/python -m bench

rehearse: $(VENV)/.installed-dev ## go through what a host does, from installing to restoring; takes a minute
	$(BIN)/python -W ignore deploy/rehearsal.py

lock: $(VENV)/.installed-dev ## bring the locked requirements up to date with pyproject.toml and the package index
	$(UV_LOCK) pyproject.toml --group install --output-file requirements.txt
	$(UV_LOCK) pyproject.toml --group install --group dev --constraints requirements.txt --output-file requirements-dev.txt
	$(UV_LOCK) --group lake --output-file requirements-lake.txt

clean: ## remove what was built and installed; the store stays
	rm -rf $(VENV) .venv-lake build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found (make PYTHON=/path/to/python run)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A file that says "installed": made again when the lock or the package's own data changes.
$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# An environment of its own: DuckDB's extensions for a lake are there for another version than the locked one.
.venv-lake/.installed: requirements-dev.txt requirements-lake.txt pyproject.toml
	test -e .venv-lake/bin/python || $(PYTHON) -m venv .venv-lake
	.venv-lake/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-dev.txt
	.venv-lake/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r requirements-lake.txt
	.venv-lake/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation -e .
	@touch $@
