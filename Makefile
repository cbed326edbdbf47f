# `make run` and `make test` set up everything they need in .venv; neither needs root or a server.
# PYTHON may name another interpreter: make test PYTHON=python3.12
# Both install the versions of constraints.txt: CONTRIBUTING.md
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VERSIONS := -c constraints.txt
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(VERSIONS)
# More than cores: many tests wait for something.
PYTEST = $(BIN)/python -m pytest -n $(shell $(PYTHON) -c "import os; print(min(4, 1 + (os.cpu_count() or 1)))") --dist loadfile
UV := uv==0.13.9

.PHONY: run run-live run-sandbox say-sandbox test test-fast test-latest lint docs benchmark lock clean

# With a TMDB key, in the environment or in .env, against the live API; without one against the bundled sandbox.
run:
	@if [ -n "$$TMDB_ACCESS_TOKEN$$TMDB_API_KEY" ] || grep -Eqs '^ *(export +)?TMDB_(ACCESS_TOKEN|API_KEY) *= *[^ #]' .env; \
	then $(MAKE) --no-print-directory run-live; else $(MAKE) --no-print-directory run-sandbox; fi

run-live: $(VENV)/run.stamp
	@$(BIN)/scrapy crawl tmdb_trending

run-sandbox: say-sandbox $(VENV)/run.stamp
	@$(BIN)/scrapy sandbox -- $(BIN)/scrapy crawl tmdb_trending

say-sandbox:
	@echo "No TMDB key in the environment or in .env: this runs against the bundled sandbox, not the live site."

test: lint
	$(PYTEST)

# Under a minute on two cores, for between two edits; `make test` decides.
FAST := policy sources spiders spidermiddlewares downloadermiddlewares pipelines rendering/test_text_runs.py rendering/test_typesetting.py \
	rendering/test_decode.py sandbox/test_details.py sandbox/test_listings.py stores/test_documents.py \
	ingest/test_upsert.py crawls/test_titles.py test_architecture.py test_docs.py test_docs_settings.py test_locked.py

test-fast: $(VENV)/test.stamp
	$(PYTEST) $(addprefix tests/,$(FAST))

# The newest versions that the requirements allow, in an environment of its own.
test-latest:
	rm -f .venv-latest/*.stamp
	$(MAKE) test VENV=.venv-latest VERSIONS="--upgrade --upgrade-strategy eager"

lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/python -m tests.left_behind

# The tables of docs/settings.md, from moviecrawler/config.
docs: $(VENV)/run.stamp
	$(BIN)/python -m moviecrawler.config.page docs/settings.md

benchmark: $(VENV)/test.stamp
	$(BIN)/python -m pytest -m benchmark -s tests/benchmarks

$(VENV)/run.stamp: requirements.txt constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-dev.txt constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

# What is locked stays unless it must change: make lock UPGRADE=--upgrade, or UPGRADE="--upgrade-package pillow".
lock: .venv-lock/$(UV)
	.venv-lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --no-annotate \
		--custom-compile-command "make lock" $(UPGRADE) requirements-dev.txt --output-file constraints.txt

.venv-lock/$(UV):
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	@touch $@

clean:
	rm -rf $(VENV) .venv-latest .venv-lock build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
