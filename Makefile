# The project's tasks. Everything lives in .venv; nothing else on the machine is touched.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# pip asks its index nothing that the lock does not pin.
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check --quiet install
PROJECT_INSTALL := $(PIP_INSTALL) --no-deps --no-build-isolation --editable .

.PHONY: help install run test test-all test-lowest audit fuzz lint format bench bench-lookups bench-clusters search-quality corpus-feeds compare-sites lock image docs screenshots message-pictures crash operator-test restore-test chaos fuzz-discord faults endurance flips size year replay clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

install: $(VENV)/.run ## Install the bot alone, without what tests and linters need.
	@echo "Installed $(BIN)/storywire; next: $(BIN)/storywire init"

run: $(VENV)/.run ## Start the bot on the built-in sandbox and print the page's address.
	@$(BIN)/storywire sandbox $(ARGS)

test: $(VENV)/.dev ## Run the test-suite; with coverage: make test ARGS=--cov
	@$(BIN)/python -m pytest --numprocesses 3 $(ARGS)

test-all: $(VENV)/.dev ## Run the tests on every supported Python version that is installed.
	@$(BIN)/nox --session tests -- $(ARGS)

test-lowest: $(VENV)/.dev ## Run the tests with the lowest versions that pyproject.toml allows.
	@$(BIN)/nox --error-on-missing-interpreters --session lowest -- $(ARGS)

audit: $(VENV)/.dev ## Compare the pinned packages with the published security advisories.
	@$(BIN)/nox --session audit

lint: $(VENV)/.dev ## Check style, spelling, types and the direction of imports.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell --dictionary - --dictionary .codespell-vocabulary
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code and apply the fixes of ruff.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fuzz: $(VENV)/.dev ## Run the property tests with 5,000 random examples each.
	@$(BIN)/python -m pytest --numprocesses 2 --timeout 1800 -m hypothesis --hypothesis-profile fuzz $(ARGS)

bench: $(VENV)/.dev ## Measure speed; prints the figures of docs/benchmarks.md.
	@$(BIN)/python -m tests.bench $(ARGS)

search-quality: $(VENV)/.dev ## Ask the table of queries, and print the mean reciprocal rank and every miss.
	@$(BIN)/python -m tests.search_quality $(ARGS)

bench-lookups: $(VENV)/.dev ## Measure lookups among 1,000,000 generated articles, against their goals.
	@$(BIN)/python -m tests.bench.lookups $(ARGS)

bench-clusters: $(VENV)/.dev ## Measure which stories are recognised as the same event, with all errors.
	@$(BIN)/python -m tests.clusters $(ARGS)

corpus-feeds: $(VENV)/.dev ## Read the feeds with which feedparser tests itself, and list the differences.
	@$(BIN)/python -m tests.corpus $(ARGS)

compare-sites: $(VENV)/.dev ## Build sites with the real generators, and compare what Storywire reads of them.
	@$(BIN)/python -m tests.compare_sites $(ARGS)

image: $(VENV)/.dev ## Build the image with buildah, and run the bot in it (needs Debian and root).
	@$(BIN)/python -m tests.image

docs: $(VENV)/.dev ## Build the documentation as a site that needs no network.
	@$(BIN)/python -m tests.site

screenshots: $(VENV)/.dev ## Take the pictures of README and docs (needs Chromium).
	@$(BIN)/python -m tests.browser.screenshots

message-pictures: $(VENV)/.dev ## Draw each kind of message into a folder (ARGS=FOLDER; needs Chromium).
	@$(BIN)/python -m tests.browser.message_pictures $(ARGS)

crash: $(VENV)/.dev ## Kill the bot 300 times over 500 channels of every kind and count lost and repeated stories.
	@$(BIN)/python -m tests.crash $(ARGS)

operator-test: $(VENV)/.dev ## Try the documentation as a new operator would, by its commands alone.
	@$(BIN)/python -m tests.operator

restore-test: $(VENV)/.dev ## Restore a backup after 50 more stories were posted, and count the same.
	@$(BIN)/python -m tests.restore $(ARGS)

chaos: $(VENV)/.dev ## Make the sandbox fail in every way for 10 minutes and count the same.
	@$(BIN)/python -m tests.chaos $(ARGS)

fuzz-discord: $(VENV)/.dev ## Spoil each field that Discord sends for 10 minutes; the bot lives on.
	@$(BIN)/python -m tests.fuzz_discord $(ARGS)

replay: $(VENV)/.dev ## Replay a git repository of 1,000 commits and count the announcements.
	@$(BIN)/python -m tests.replay $(ARGS)

year: $(VENV)/.dev ## Simulate a year of news for 200 subscriptions in 12 time zones and check every promise.
	@$(BIN)/python -m tests.year $(ARGS)

faults: $(VENV)/.dev ## Break everything that an operator can break; writes docs/troubleshooting.md.
	@$(BIN)/python -m tests.faults

size: $(VENV)/.dev ## Simulate a year of articles that are removed when they are old, and print the size of the database.
	@$(BIN)/python -m tests.size $(ARGS)

endurance: $(VENV)/.dev ## Let a month pass for a bot, and reconnect it 200 times; nothing is leaked.
	@$(BIN)/python -m tests.endurance $(ARGS)

flips: $(VENV)/.dev ## Flip 2,000 bits of a database, one at a time, and count what storywire check --deep finds.
	@$(BIN)/python -m tests.flips $(ARGS)

lock: $(VENV)/.dev ## Pin what pyproject.toml allows, with hashes, for every platform.
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		pyproject.toml --group build --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		pyproject.toml --group build --group dev --constraints requirements.lock --output-file requirements-dev.lock

clean: ## Remove the environment and every cache; var/ (your data) stays.
	rm -rf $(VENV) .nox .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov dist
	find . -name __pycache__ -not -path './$(VENV)/*' -type d -prune -exec rm -rf {} +

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Storywire needs Python 3.11 or newer as $(PYTHON); use another one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing; install it first (Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "Making the environment in $(VENV) (once; about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements.lock pyproject.toml
	@$(PIP_INSTALL) --require-hashes --requirement requirements.lock
	@$(PROJECT_INSTALL)
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements-dev.lock pyproject.toml
	@$(PIP_INSTALL) --require-hashes --requirement requirements-dev.lock
	@$(PROJECT_INSTALL)
	@touch $@ $(VENV)/.run
