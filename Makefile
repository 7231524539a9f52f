# `make` runs the pipeline to results/report.html; `make test` runs all tests. Both make .venv first.
PYTHON ?= python3
PIP_OPTIONS ?=
BIN := .venv/bin

.PHONY: run plan seeds verify manifest publish audit lock test check bench always

run: .venv/ready
	$(BIN)/python workflow/run.py

plan: .venv/ready
	$(BIN)/python workflow/run.py --dry-run

# All claims again with two base seeds that no setting was chosen by: results/seeds.html.
seeds: run
	$(BIN)/python workflow/run.py --config seed=7 variation=seed_7
	$(BIN)/python workflow/run.py --config seed=8 variation=seed_8
	$(BIN)/python workflow/scripts/seeds.py --claims results/claims.parquet \
	  results/variations/seed_7/claims.parquet results/variations/seed_8/claims.parquet \
	  --table results/seeds.parquet --page results/seeds.html

# Whether results/ is, to the byte, what results.digests says; `manifest` writes that file anew.
verify: .venv/ready
	$(BIN)/python -m superpos verify

manifest: run
	$(BIN)/python -m superpos verify --write

test: .venv/ready
	$(BIN)/pytest -n auto

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m "not slow and not trial"

bench: .venv/ready
	$(BIN)/python benchmarks/bench.py

# Known vulnerabilities of the pinned packages; one that cannot be looked up fails it too.
audit: .venv/tools/ready
	.venv/tools/bin/pip-audit --strict --disable-pip -r requirements.lock
	.venv/tools/bin/pip-audit --strict --disable-pip --no-deps -r requirements-torch.lock

# The packages of .venv, pinned with the digests of their files for every platform.
lock: .venv/ready .venv/tools/ready
	$(BIN)/python -m pip freeze --exclude superpos --exclude torch | grep -v '^#\|^-e\|^nvidia-\|^triton' > .venv/frozen.txt
	{ sed -n 1p requirements.lock; .venv/tools/bin/uv pip compile -q --no-config --no-deps --universal \
	  --generate-hashes --no-header --no-annotate .venv/frozen.txt; } > .venv/requirements.lock
	mv .venv/requirements.lock requirements.lock

.venv/tools/ready: Makefile | .venv/ready
	$(PYTHON) -m venv .venv/tools
	.venv/tools/bin/python -m pip install -q pip-audit==2.10.1 uv==0.13.9
	@touch $@

# Pictures, verdicts and pages of results/ to docs/, and the README's part.
publish: seeds
	$(BIN)/python workflow/scripts/publish.py --results results --docs docs --readme README.md

# One file and what it needs: make results/figures/F1.png
results/%: .venv/ready always
	$(BIN)/python workflow/run.py $@

.venv/ready: requirements.lock requirements-torch.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "superpos needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q $(PIP_OPTIONS) --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q $(PIP_OPTIONS) -r requirements-torch.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@
