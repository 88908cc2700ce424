# The only commands anyone needs. The first one sets up .venv; a second run repeats no set-up work.
.DEFAULT_GOAL := help
.PHONY: help run analyse test uncompiled library application on-postgres quick faults check bench bench-web docs lock clean

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
export UV_SYSTEM_CERTS ?= 1
export UV_PYTHON := $(CURDIR)/.venv/bin/python
export UV_LINK_MODE ?= copy
# Compiled once here, else at every start where Python may not write what it compiled.
export UV_COMPILE_BYTECODE ?= 1

LOCK = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --quiet

help:  ## show this list
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.core  ## open the web application with a simulated company; Ctrl-C ends it
	@$(BIN)/tangente demo --data out/demo

analyse: .venv/.core  ## simulate a company, analyse it, print the first five touchpoints and the report
	@$(BIN)/tangente simulate --contacts 50000 --seed 1 --out out/analysis/data
	@$(BIN)/tangente analyse --contacts out/analysis/data/contacts.parquet --ratings out/analysis/data/ratings.parquet \
		--mapping out/analysis/data/mapping.toml --inventory out/analysis/data/inventory.csv --outcome purchase --out out/analysis/report

test: .venv/.dev .venv/.debian check  ## everything CI runs: checks, the loops uncompiled with coverage, all tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target library uncompiled application on-postgres

uncompiled: .venv/.dev
	NUMBA_DISABLE_JIT=1 $(BIN)/pytest -q -p no:cacheprovider tests/contactlog tests/method --ignore-glob='*simulate*' --ignore-glob='*test_engines*' \
		--cov=tangente.contactlog --cov=tangente.method --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

library: .venv/.dev
	$(BIN)/pytest -q --ignore=tests/web --ignore=tests/browser

application: .venv/.dev
	$(BIN)/pytest -q -p no:cacheprovider tests/web tests/browser

on-postgres: .venv/.debian
	@if command -v pg_virtualenv >/dev/null; then \
		pg_virtualenv -t -o fsync=off sh -c 'DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/postgres" \
			$(BIN)/pytest -q -p no:cacheprovider -m database tests/web'; \
	else echo "PostgreSQL is not installed: the tests marked database ran on SQLite only"; fi

quick: .venv/.dev  ## the tests of a minute, for daily work
	$(BIN)/pytest -q -m "not slow and not browser and not shared_data" --hypothesis-profile=quick

faults: .venv/.dev .venv/.debian  ## every fault at every system call of an import; some minutes
	$(BIN)/pytest -q tests/faults -m "exhaustive or not exhaustive"

check: .venv/.dev  ## lint, format, types, import contracts, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

docs: .venv/.dev .venv/.debian  ## renew what is generated: reference pages, screenshots; axe on every page in every look
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/pictures.py
	$(BIN)/pytest -q tests/browser -m exhaustive

bench: .venv/.dev  ## time every job beside its peers on 10 million contacts; an hour or so
	$(BIN)/python bench/run.py

bench-web: .venv/.dev  ## time pages for 20 readers beside a bare view of Django; some minutes
	$(BIN)/python bench/web.py

lock:  ## compile the locked requirements anew
	$(LOCK) pyproject.toml -o requirements/core.txt
	$(LOCK) pyproject.toml --extra web -c requirements/core.txt -o requirements/web.txt
	$(LOCK) pyproject.toml --extra spark -c requirements/core.txt -o requirements/spark.txt
	$(LOCK) pyproject.toml --extra web --group dev -c requirements/web.txt -o requirements/dev.txt

clean:  ## remove the environment and all output
	rm -rf .venv out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit("Tangente needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip --quiet --disable-pip-version-check install uv

.venv/.core: .venv/bin/uv requirements/web.txt pyproject.toml
	$(UV) pip install --quiet -r requirements/web.txt
	$(UV) pip install --quiet --no-deps -e .
	@touch $@

.venv/.dev: .venv/.core requirements/dev.txt requirements/spark.txt
	$(UV) pip install --quiet -r requirements/dev.txt -r requirements/spark.txt
	@touch $@

# Pages are looked at in Debian's Chromium, system calls with strace, Spark runs on Java, pg_virtualenv starts a PostgreSQL
# for as long as a command runs; where they can be neither found nor installed, the tests that need them skip by name.
.venv/.debian: .venv/.dev
	@[ "$$(command -v chromium strace java pg_virtualenv | wc -l)" = 4 ] || { [ "$$(id -u)" = 0 ] \
		&& command -v apt-get >/dev/null && apt-get update -qq \
		&& for package in chromium strace openjdk-17-jre-headless postgresql; do \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$package >/dev/null 2>&1 || echo "no $$package"; done; } \
		|| echo "not all of Chromium, strace, Java 17 and PostgreSQL: the tests that need them will be skipped"
	@touch $@
