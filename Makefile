# make demo      virtual environment, install, and a small news world crawled live; with ENGINE=opensearch (opensearch-2,
#                elasticsearch), or on the engine at MONITOR_TEST_ENGINE_URL, on a search engine: see tests/engines
# make test      the same for the tests (at most 10 minutes)
# make test-all  what is slow: kills, faults, search engines where they can be had (at most 30 minutes; see tests/engines)
# make test-engines   of it what needs a search engine
# make check     ruff, mypy, import-linter
# make kibana-check URL=... DIR=...   the dashboards in a real Kibana, as monitor.toml in that folder (this one) says:
#                installed, over those that are there, and read back
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
JOBS   ?= 2
SLOW   ?= slow
DIR    ?= .

.PHONY: demo installed test test-all test-engines check kibana-check bench clean

ifneq ($(ENGINE)$(MONITOR_TEST_ENGINE_URL),)
demo: $(VENV)/installed-dev
	$(BIN)/python -m tests.engines.demo $(ENGINE)
else
demo: $(VENV)/installed
	cd "$$(mktemp -d)" && "$(abspath $(BIN))/monitor" demo
endif

installed: $(VENV)/installed-dev

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -rs -q -n $(JOBS) --dist worksteal -m "not slow" tests

test-all: $(VENV)/installed-dev
	$(BIN)/python -m pytest -rs -q -n $(JOBS) --dist loadgroup -m "$(SLOW)" tests

test-engines: $(VENV)/installed-dev
	$(BIN)/python -m pytest -rs -q -n $(JOBS) --dist loadgroup -m engines tests

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# User and password or an API key come from MONITOR_KIBANA__USER, MONITOR_KIBANA__PASSWORD, MONITOR_KIBANA__API_KEY.
kibana-check: $(VENV)/installed
	@test -n "$(URL)" || { echo "name a Kibana: make kibana-check URL=http://localhost:5601"; exit 2; }
	cd "$(DIR)" && "$(abspath $(BIN))/monitor" kibana install --url "$(URL)" --overwrite --check

bench: $(VENV)/installed-dev
	$(BIN)/python tests/bench/pipeline.py
	$(BIN)/python tests/bench/store.py
	$(BIN)/python tests/bench/duplicates.py
	$(BIN)/python tests/bench/elastic.py
	$(BIN)/python tests/bench/alerts.py

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/installed-dev: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
