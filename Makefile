# One word per task, the same on a laptop and in CI. `make run` and `make test` need nothing but Python 3.11 to 3.13, pip
# and make.
#
#   make run                          the main job, on data/raw/* or, with nothing there, on the synthetic twin
#   make run FILES="a.csv b.csv"      ... on these deliveries; `make run TIKTOK_CSV=a.csv` does the same for one
#   make setup EXTRAS=hyper           one optional extra more (spark | spark-client | hyper); EXTRAS= drops it again

SHELL := /bin/sh
.DEFAULT_GOAL := run
.PHONY: setup run test lint lint-python lint-types lint-sql lint-dbt format docs bench clean lock settings licences audit
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# The installer. A range, since an older one may not know a flag and a newer major one may drop it.
UV := uv>=0.10,<1
PYTHONS := python3.13 python3.12 python3.11
FILES ?=
# One file stays on one worker, so that what a module builds is built once.
PYTEST_ARGS ?= --numprocesses 2 --dist loadfile
BENCH_ARGS ?=
# Macros are linted where models render them.
SQL := $(wildcard dbt_project/models dbt_project/tests dbt_project/analyses)
LOCK_ARGS ?=

# dbt is called from the root, where its profile stands.
export DBT_PROJECT_DIR := dbt_project
export DBT_LOG_PATH := $(CURDIR)/var/dbt/logs
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1

# Where the environment forbids Python to keep its compiled files, each start compiles thousands of modules again: a
# second for dbt alone (2026-11). They stay below .venv and in __pycache__, which `make clean` removes.
unexport PYTHONDONTWRITEBYTECODE

# --- environment ---------------------------------------------------------------------------------------------------
# An extra's lock holds only what it adds to dev.lock, at versions that fit it. The stamp's name remembers which extras
# are installed, so that `make test` after `make setup EXTRAS=hyper` does not take them away.

KNOWN_EXTRAS := spark spark-client hyper
EXTRAS ?= $(subst +, ,$(patsubst .venv/.ready%,%,$(wildcard .venv/.ready*)))
ifneq ($(filter-out $(KNOWN_EXTRAS),$(EXTRAS)),)
$(error EXTRAS knows $(KNOWN_EXTRAS), not "$(filter-out $(KNOWN_EXTRAS),$(EXTRAS))")
endif
ifeq ($(words $(filter spark spark-client,$(EXTRAS))),2)
$(error EXTRAS takes spark or spark-client, not both: each brings its own package "pyspark")
endif
empty :=
STAMP := .venv/.ready$(subst $(empty) $(empty),,$(patsubst %,+%,$(sort $(EXTRAS))))
LOCKS := requirements/dev.lock $(patsubst %,requirements/%.lock,$(sort $(EXTRAS)))

setup: $(STAMP)
	@:

$(STAMP): pyproject.toml $(LOCKS) | $(BIN)/uv
	@echo "Setting up .venv (under a minute the first time)"
	@rm -f .venv/.ready*
	@$(BIN)/uv pip sync --quiet --require-hashes $(LOCKS)
	@$(BIN)/uv pip install --quiet --no-build-isolation --no-deps --editable .
	@$(BIN)/uv pip check --quiet
	@touch $@

# The newest supported Python that answers; PYTHON= names another. A name alone proves nothing: a version manager's
# stand-in exists for versions that are not installed.
$(BIN)/uv:
	@python=; for name in $(or $(PYTHON),$(PYTHONS) python3 python); do \
	    if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    if [ -n "$(PYTHON)" ]; then echo "PYTHON=$(PYTHON) is no Python 3.11, 3.12 or 3.13 that runs: name one that does." >&2; \
	    else echo "No Python 3.11, 3.12 or 3.13 was found: install one, or name it with 'make setup PYTHON=/path/to/python3'." >&2; fi; exit 1; \
	fi; \
	"$$python" -m venv .venv >/dev/null 2>&1 || "$$python" -m venv --without-pip .venv || exit 1; \
	if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then with_base="$$python -m pip --python .venv/bin/python"; fi; \
	$${with_base:-.venv/bin/python -m pip} install -qq --disable-pip-version-check '$(UV)'

# Keeps the pins that still fit; `make lock LOCK_ARGS=--upgrade` takes the newest.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' pyproject.toml

lock: | $(BIN)/uv
	@$(COMPILE) $(LOCK_ARGS) --group dev --output-file requirements/dev.lock
	@in_dev=$$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements/dev.lock); \
	for extra in $(KNOWN_EXTRAS); do \
	    lock=requirements/$$extra.lock; \
	    $(COMPILE) $(LOCK_ARGS) --extra $$extra --constraint requirements/dev.lock $$in_dev --output-file $$lock || exit 1; \
	    awk '/^# The following packages were excluded/ {exit} NF' $$lock > $$lock.new && mv $$lock.new $$lock; \
	done
	@if grep -n '://' requirements/*.lock; then echo "A lock names a host (above): unset the index settings and run make lock again." >&2; exit 1; fi

settings: setup
	@$(BIN)/python scripts/list_settings.py

licences: setup
	@$(BIN)/python scripts/list_licences.py

# --- the product ---------------------------------------------------------------------------------------------------

run: setup
	@$(BIN)/claims run $(FILES)

docs: export DBT_TARGET_PATH := $(CURDIR)/var/dbt/target
docs: setup
	@ls $${CLAIMS_HOME:-var}/landing/*/*.parquet >/dev/null 2>&1 || $(BIN)/claims ingest
	@$(BIN)/dbt --quiet docs generate --static
	@echo "Data documentation: var/dbt/target/static_index.html"
	@if [ -e $${CLAIMS_HOME:-var}/current ]; then \
	    $(BIN)/python scripts/render_notebooks.py build/notebooks \
	        && echo "Notebooks on the current release: build/notebooks/"; \
	else echo "Notebooks: run 'make run' first, they read a release."; fi

# Pages of the current release as pictures; needs Chromium and what scripts/ci-browser installs.
pictures: setup
	@pages=$$(mktemp -d) && $(BIN)/claims report --output $$pages/report >/dev/null \
	    && node scripts/take_pictures.mjs $$pages/report docs/images; code=$$?; rm -rf $$pages; exit $$code

bench: setup
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

# --- checks --------------------------------------------------------------------------------------------------------

test: setup
	@$(BIN)/pytest $(PYTEST_ARGS)

# Needs no landed data and opens no warehouse, so it can run beside a build; hence a target folder of its own too.
# Every linter speaks before the target fails.
# Its four parts share the cores, and each is heard even where another has failed.
LINTS := lint-python lint-types lint-sql lint-dbt
lint: setup
	@$(MAKE) --jobs=2 --keep-going $(LINTS) && echo "lint: clean"

var/dbt/lint:
	@mkdir -p $@

lint-python: setup | var/dbt/lint
	@failed=; \
	$(BIN)/ruff check --quiet . || failed=1; \
	$(BIN)/ruff format --quiet --check . || failed=1; \
	$(BIN)/lint-imports --no-cache --no-logo > var/dbt/lint/imports.log 2>&1 || { cat var/dbt/lint/imports.log; failed=1; }; \
	$(BIN)/python scripts/check_dbt_yaml.py || failed=1; \
	test -z "$$failed"

lint-types: setup
	@$(BIN)/mypy

lint-sql: setup | var/dbt/lint
	@$(BIN)/sqlfluff lint --nocolor --disable-progress-bar $(SQL) > var/dbt/lint/sqlfluff.log 2>&1 || { cat var/dbt/lint/sqlfluff.log; exit 1; }

lint-dbt: export DBT_TARGET_PATH := $(CURDIR)/var/dbt/lint
lint-dbt: BOUNCER = var/dbt/lint/bouncer
lint-dbt: setup | var/dbt/lint
	@failed=; \
	$(BIN)/dbt --quiet --no-partial-parse --show-all-deprecations \
	    --warn-error-options '{"error": ["Deprecations"]}' parse || failed=1; \
	rm -f $(BOUNCER).tap; \
	$(BIN)/dbt-bouncer run --config-file conf/dbt-bouncer.yml --output-only-failures --output-format tap \
	    --output-file $(BOUNCER).tap > $(BOUNCER).log 2>&1 \
	    || { cat $(BOUNCER).tap 2>/dev/null && echo || cat $(BOUNCER).log; failed=1; }; \
	test -z "$$failed"

format: setup
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/sqlfluff fix --quiet --disable-progress-bar $(SQL)

audit: setup
	@failed=; \
	$(BIN)/ruff check --quiet --select S --ignore S603 . || failed=1; \
	scripts/audit-dependencies requirements/*.lock || failed=1; \
	if [ -n "$$failed" ]; then exit 1; fi

# Leaves data/raw and .venv alone, and only ever the var/ of this folder (not CLAIMS_HOME) and what plain dbt has left.
clean:
	@if [ -d var ]; then chmod -R u+w var; fi  # published releases are read-only
	@rm -rf var build dist dbt_project/target dbt_project/logs .mypy_cache .pytest_cache .ruff_cache .hypothesis ./*.egg-info
	@find . \( -path ./.venv -o -path ./.git \) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
