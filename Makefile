# The same commands for people and for the machine that checks every change.
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONDONTWRITEBYTECODE
DATA ?= ../shared/data
ROOMS := launch extraction annotator worker tests bench supply clients manage.py

.DEFAULT_GOAL := help
.PHONY: help setup fix check check-python check-front check-contract client test test-slow test-gpu \
	check-compose check-rules check-supply sbom lock e2e contract bench loop demo screenshots nightly release

help: ## say what there is
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ \t/' | expand -t 16

setup: ## environment and front end, nothing started
	@. launch/find-python.sh && "$$PYTHON" -m launch setup

fix: ## format, and mend what a tool can mend
	ruff check --fix $(ROOMS)
	ruff format $(ROOMS)
	cd frontend && npm run --silent fix

check: check-python check-front check-contract check-compose check-rules check-supply ## style, types, architecture, migrations, contract

check-python: client
	ruff check $(ROOMS)
	ruff format --check $(ROOMS)
	mypy $(ROOMS)
	lint-imports
	python manage.py makemigrations --check --dry-run

check-front:
	cd frontend && npm run --silent check

check-contract:
	python manage.py spectacular --validate --fail-on-warn --format openapi-json --file $(CURDIR)/frontend/openapi.new.json
	@cmp frontend/openapi.json frontend/openapi.new.json && rm frontend/openapi.new.json || \
	  { rm -f frontend/openapi.new.json; echo "The API has changed: make contract"; exit 1; }

check-compose:
	@if docker compose version >/dev/null 2>&1; then \
	  RELATA_SECRET_KEY=x RELATA_DB_PASSWORD=x RELATA_REDIS_PASSWORD=x RELATA_ALLOWED_HOSTS=x docker compose config -q; \
	fi

check-rules:
	@if command -v promtool >/dev/null 2>&1; then promtool test rules docker/prometheus/alerts_test.yml; fi

check-supply: ## locks, Bandit, semgrep, known vulnerabilities, bills of materials (build/sbom/)
	python -m supply.check

sbom: ## bills of materials alone (build/sbom/)
	python -m supply.bills

# torch is outside of the locks (supply/locks.py); what it needs is not.
NEEDED_BY_TORCH = filelock typing-extensions setuptools sympy networkx jinja2 fsspec
COMPILE = uv pip compile - --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: ## requirements*.lock anew: newest versions that the pins allow, with their hashes
	@{ grep -hv '^-r\|^torch==' requirements.txt requirements-embedded.txt requirements-node.txt; \
	  printf '%s\n' $(NEEDED_BY_TORCH); } | $(COMPILE) --output-file requirements.lock
	@{ grep -hv '^-r\|^torch==' requirements.txt requirements-embedded.txt requirements-node.txt requirements-dev.txt; \
	  printf '%s\n' $(NEEDED_BY_TORCH); } | $(COMPILE) --constraint requirements.lock --output-file requirements-dev.lock
	@$(COMPILE) --output-file supply/requirements.lock < supply/requirements.txt
	@$(COMPILE) --output-file requirements-installer.lock < requirements-installer.txt
	@$(COMPILE) --output-file clients/python/generator.lock < clients/python/generator.in

test: ## everything, the browser included (./test with arguments runs a part)
	./test

test-slow: ## tests that train a tiny model
	./test -m slow

test-gpu: ## tests that need an accelerator
	./test -m gpu

e2e: ## tests in a real browser
	./test -m e2e

nightly: ## the safety tests as large as two processors do in about an hour (as root: it mounts a disk)
	RELATA_TIER=nightly python -m pytest -n 2 tests/safety tests/e2e/test_safety.py tests/e2e/test_offline.py

release: ## the same at the sizes of the goals: hours
	RELATA_TIER=release python -m pytest -n 2 tests/safety tests/e2e/test_safety.py tests/e2e/test_offline.py

contract: ## the API's schema, and from it the browser's types
	python manage.py spectacular --validate --fail-on-warn --format openapi-json --file $(CURDIR)/frontend/openapi.json
	cd frontend && npm run --silent contract

client: ## the typed half of clients/python, if the API has changed since
	@python clients/python/generate.py

bench: ## measure; writes bench/results/
	@for part in $(filter-out loop,$(basename $(notdir $(wildcard bench/*.py)))); do \
	  echo "bench.$$part"; python -m "bench.$$part" || exit 1; done

loop: ## the whole loop through the API on real data: make loop DATA=folder
	python bench/loop.py $(DATA)

demo: ## start with the demo projects
	./run

screenshots: ## pictures of every page, for the documentation
	python -m tests.e2e.pictures
