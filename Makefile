# Hearth. `make demo` plays the whole journey on this machine; `make help` lists the rest.
PYTHON ?= python3
PORT_BASE ?= 8100
ONCE ?=
OPTIONS ?=
DATA ?= .hearth
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo up check test bench faults simulate-faults pins css screenshots attack sbom audit

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'
	@echo
	@echo "  PYTHON=python3.12  another Python (3.11 or newer)    PORT_BASE=8200  other ports    ONCE=1  stop when the story is told"

setup: ## Install what demo and up need into .venv (once; later runs find it done)
	@$(PYTHON) deploy/install.py launcher

setup-dev: ## Install what check and test need besides
	@$(PYTHON) deploy/install.py dev

demo: setup ## Start everything, load deploy/example, play the main journey; ONCE=1 stops at the end
	@$(BIN)/hearth demo --port-base $(PORT_BASE) $(if $(filter-out 0,$(ONCE)),--once)

up: setup ## Start everything and keep its data in .hearth (DATA=folder for another)
	@$(BIN)/hearth up --port-base $(PORT_BASE) --data $(DATA)

check: setup-dev ## Style, types and layers: the static checks
	$(BIN)/ruff check .
	$(BIN)/mypy shared/shared services/referrals/referrals services/providers/providers services/matching/matching services/monitoring/monitoring deploy/hearth
	$(BIN)/lint-imports

test: setup-dev ## Every test, on real PostgreSQL and RabbitMQ, which are found or started (three at a time, a file each)
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

simulate-faults: setup-dev ## Thousands of seeded runs in which anything may fail between two steps (SEEDS=2000); docs/simulation.md
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),2000)

faults: setup-dev ## Break everything while people work, and look what holds (OPTIONS="--only F3,F7 --seed 7")
	$(BIN)/python -m tests.faults $(OPTIONS)

bench: setup-dev ## Measure against pgbench and bare pika; writes docs/benchmarks.md
	$(BIN)/python -m tests.bench

attack: setup-dev ## An outside judge asks every endpoint for what it promises (SEED=1 EXAMPLES=10); docs/attack.md
	$(BIN)/python -m tests.attack --seed $(or $(SEED),1) --examples $(or $(EXAMPLES),10)

sbom: setup-dev ## Write each image's bill of materials anew, from its pins
	$(BIN)/python -m tests.judges.dependencies sbom

audit: setup-dev ## Ask whether any dependency has a known fault (ends with 3 when nobody could be asked)
	$(BIN)/python -m tests.judges.dependencies audit

screenshots: setup-dev ## Pictures of the pages into docs/screenshots, from a seeded Hearth (ADDRESS=http://127.0.0.1:8104: from one that is up)
	$(BIN)/python -m tests.browser.screenshots $(ADDRESS)

css: ## Compile the pages' style sheet anew (needs node and npm; only after a change of services/monitoring/styles)
	services/monitoring/styles/compile.sh

pins: setup-dev ## Pin every dependency anew, with hashes
	UV=$(BIN)/uv requirements/compile.sh
