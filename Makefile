# `make` runs the pipeline to results/report.html; `make test` runs all tests. Both make .venv first.
PYTHON ?= python3
PIP_OPTIONS ?=
PY := .venv/bin/python

.PHONY: run help plan clean-stale seeds verify manifest publish audit lock test trials check bench always

run: .venv/ready ## the pipeline, to results/report.html; `make` alone does the same
	$(PY) workflow/run.py

help: ## lists the commands and the figures
	@$(PYTHON) workflow/targets.py

plan: .venv/ready ## says what `make` would do, why, and how long it would take
	$(PY) workflow/run.py --dry-run

clean-stale: .venv/ready ## removes what jobs of other plans left in results/, and lists it
	$(PY) -m superpos clean

# All claims again with two base seeds that no setting was chosen by: results/seeds.html.
seeds: run ## everything with two more base seeds; how many of three each claim holds with
	$(PY) workflow/run.py --config seed=7 variation=seed_7
	$(PY) workflow/run.py --config seed=8 variation=seed_8
	$(PY) workflow/scripts/seeds.py --claims results/claims.parquet \
	  results/variations/seed_7/claims.parquet results/variations/seed_8/claims.parquet \
	  --table results/seeds.parquet --page results/seeds.html

# Whether results/ is, to the byte, what results.digests says; `manifest` writes that file anew.
verify: .venv/ready ## compares all results with results.digests, to the byte; says how to repair
	$(PY) -m superpos verify

manifest: run ## writes results.digests anew
	$(PY) -m superpos verify --write

test: .venv/ready ## all tests
	$(PY) -m pytest -n auto

# Variations of every experiment, killed jobs and bad configs, by the hundred: at most 20 minutes.
trials: .venv/ready ## many more cases of what the tests try a few of
	$(PY) -m pytest -n auto -m trial

check: .venv/ready ## linters, type checker, fast tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m snakefmt --check Snakefile workflow
	$(PY) -m mypy
	$(PY) -m pytest -n auto -m "not slow and not trial"

bench: .venv/ready ## measures the engines
	$(PY) benchmarks/bench.py

# Known vulnerabilities of the pinned packages; one that cannot be looked up fails it too.
audit: .venv/tools/ready ## asks for known vulnerabilities of the pinned packages
	.venv/tools/bin/python -m pip_audit --strict --disable-pip -r requirements.lock
	.venv/tools/bin/python -m pip_audit --strict --disable-pip --no-deps -r requirements-torch.lock

# The packages of .venv, pinned with the digests of their files for every platform.
lock: .venv/ready .venv/tools/ready ## pins the packages of .venv
	$(PY) -m pip freeze --exclude superpos --exclude torch | grep -v '^#\|^-e\|^nvidia-\|^triton' > .venv/frozen.txt
	{ sed -n 1p requirements.lock; .venv/tools/bin/python -m uv pip compile -q --no-config --no-deps --universal \
	  --generate-hashes --no-header --no-annotate .venv/frozen.txt; } > .venv/requirements.lock
	mv .venv/requirements.lock requirements.lock

.venv/tools/ready: Makefile | .venv/ready
	$(PYTHON) -m venv .venv/tools
	.venv/tools/bin/python -m pip install -q pip-audit==2.10.1 uv==0.13.9
	@touch $@

# Pictures, verdicts and pages of results/ to docs/, and the README's part.
publish: seeds ## `make seeds`, then pictures, verdicts and pages to docs/
	$(PY) workflow/scripts/publish.py --results results --docs docs --readme README.md

# One file and what it needs: make results/figures/F1.png
results/%: .venv/ready always
	$(PY) workflow/run.py $@

.venv/ready: requirements.lock requirements-torch.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "superpos needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PY) -m pip install -q $(PIP_OPTIONS) --require-hashes -r requirements.lock
	$(PY) -m pip install -q $(PIP_OPTIONS) -r requirements-torch.lock
	$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# What nothing makes: the nearest command or figure is named.
.DEFAULT:
	@$(PYTHON) workflow/targets.py $@
