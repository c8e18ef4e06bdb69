# The two commands: `make demo` shows Vedder on real data, `make test` installs and runs the whole suite.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
export DAGSTER_HOME := $(CURDIR)/build/dagster
export DAGSTER_DISABLE_TELEMETRY := 1

.PHONY: help demo test check bench backtest lock clean

help:  ## What can be made.
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*##/\t/'

demo: $(INSTALLED) $(DAGSTER_HOME)/dagster.yaml  ## Install, load real data, materialise everything, start the Dagster UI and the API.
	@$(BIN)/vedder models fetch
	@$(BIN)/python -m demo.load_nycflights
	@$(BIN)/vedder-pipelines run
	@$(BIN)/python -m demo.up

test: $(INSTALLED)  ## Install and run the whole test suite.
	$(BIN)/pytest -n 2 --dist worksteal

check: $(INSTALLED)  ## Lint, types, import rules, and the demo's cluster files.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/vedder check clusters --no-warehouse

bench: $(INSTALLED)  ## Measure speed and quality as ratios; fails on missed targets.
	$(BIN)/python -m bench.profile
	$(BIN)/python -m bench.rows
	$(BIN)/python -m bench.retrieval
	$(BIN)/python -m bench.guard
	$(BIN)/python -m bench.guard_postgres
	$(BIN)/python -m bench.bombs
	$(BIN)/python -m bench.drift
	$(BIN)/python -m bench.drift --engine postgres --databases 8
	$(BIN)/python -m bench.ask
	$(BIN)/python -m bench.durability
	$(BIN)/python -m bench.scale
	$(BIN)/python -m bench.health
	$(BIN)/python -m bench.routing
	$(BIN)/python -m bench.answering
	$(BIN)/python -m bench.not_covered
	$(BIN)/python -m bench.schema_diff
	$(BIN)/python -m bench.incremental
	$(BIN)/python -m bench.breakage
	$(BIN)/python -m bench.breakage --engine postgres

backtest: $(INSTALLED)  ## Measure whether the health score predicts; takes a dozen minutes or more.
	$(BIN)/python -m bench.backtest

lock: $(INSTALLED)  ## Lock every dependency with hashes, after a change of pyproject.toml.
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --group dev \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock

clean:  ## Remove what was built: the environment, the demo's data, the context.
	rm -rf .venv build

# uv installs the lock in seconds; pip brings uv, by the same lock and its hashes.
$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/^    # via/p' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .venv/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(DAGSTER_HOME)/dagster.yaml: dagster.yaml
	@mkdir -p $(DAGSTER_HOME)
	@cp $< $@
