# `make run` and `make test` set up everything they need in .venv; neither needs root or a server.
# PYTHON may name another interpreter: make test PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run run-live run-sandbox say-sandbox test lint benchmark clean

# With a TMDB key, in the environment or in .env, against the live API; without one against the bundled sandbox.
run:
	@if [ -n "$$TMDB_ACCESS_TOKEN$$TMDB_API_KEY" ] || grep -Eqs '^(export +)?TMDB_(ACCESS_TOKEN|API_KEY)=.' .env; \
	then $(MAKE) --no-print-directory run-live; else $(MAKE) --no-print-directory run-sandbox; fi

run-live: $(VENV)/run.stamp
	@$(BIN)/scrapy crawl tmdb_trending

run-sandbox: say-sandbox $(VENV)/run.stamp
	@$(BIN)/scrapy sandbox -- $(BIN)/scrapy crawl tmdb_trending

say-sandbox:
	@echo "No TMDB key in the environment or in .env: this runs against the bundled sandbox, not the live site."

test: lint
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

benchmark: $(VENV)/test.stamp
	$(BIN)/python -m pytest -m benchmark -s tests/benchmarks

$(VENV)/run.stamp: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
