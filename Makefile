# `make` runs the pipeline to results/report.html; `make test` runs all tests. Both make .venv first.
PYTHON ?= python3
PIP_OPTIONS ?=
BIN := .venv/bin

.PHONY: run plan seeds test check bench publish always

run: .venv/ready
	$(BIN)/python workflow/run.py

plan: .venv/ready
	$(BIN)/python workflow/run.py --dry-run

# All claims again with two base seeds that no setting was chosen by: results/seeds.html.
seeds: run
	$(BIN)/python workflow/run.py --config seed=1 variation=seed_1
	$(BIN)/python workflow/run.py --config seed=2 variation=seed_2
	$(BIN)/python workflow/scripts/seeds.py --claims results/claims.parquet \
	  results/variations/seed_1/claims.parquet results/variations/seed_2/claims.parquet \
	  --table results/seeds.parquet --page results/seeds.html

test: .venv/ready
	$(BIN)/pytest -n auto

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m "not slow"

bench: .venv/ready
	$(BIN)/python benchmarks/bench.py

# Pictures, verdicts and report of results/ to docs/, and the README's part.
publish: run
	$(BIN)/python workflow/scripts/publish.py --results results --docs docs --readme README.md

# One file and what it needs: make results/figures/F1.png
results/%: .venv/ready always
	$(BIN)/python workflow/run.py $@

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "superpos needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q $(PIP_OPTIONS) -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@
