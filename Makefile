# `make` runs the pipeline up to results/report.html; `make test` runs all tests. Both first create .venv, and
# `make test` adds what only developers need.
PYTHON ?= python3
PIP_OPTIONS ?=
SEEDS ?= 10
# Another paper than the first: a folder of superpos/papers, such as double_descent.
PAPER ?=
OF_PAPER = $(if $(PAPER),--config paper=$(PAPER))
PY := .venv/bin/python
# This checkout's code comes before what is installed: the folder may have been moved or copied.
export PYTHONPATH := $(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))
# Neighbours share what they have set up, so a worker takes a run of tests, then some of the other's.
PYTEST := $(PY) -m pytest -n auto --dist worksteal

.PHONY: notebooks run double_descent double_descent_full help plan clean-stale seeds rest verify manifest publish docs audit lock dist test trials check bench always

run: .venv/ready ## runs the pipeline up to results/report.html; plain `make` does the same
	$(PY) workflow/run.py $(OF_PAPER)

double_descent: .venv/ready ## the second paper, up to results/double_descent/report.html
	$(PY) workflow/run.py --config paper=double_descent

# One of its experiments has a ReLU on the hidden layer, which the reference engine trains in torch.
double_descent_full: .venv/triton ## its experiments of full size too, in results/double_descent/variations/full/
	$(PY) workflow/run.py --configfile double_descent_full.yaml

help: ## lists the commands and the figures
	@$(PYTHON) workflow/targets.py

plan: .venv/ready ## shows what `make` would do, why, and how long it would take; PAPER=double_descent: the second paper
	$(PY) workflow/run.py --dry-run $(OF_PAPER)

clean-stale: .venv/ready ## removes files in results/ that no planned job of any paper makes, and lists them
	$(PY) -m superpos clean

# `make seeds SEEDS=20` trains and judges everything again with 20 other base seeds, 1001, 1002, ..., one after the
# other. No setting was chosen by any of them. A seed takes 10 to 17 minutes on two cores and up to 1.5 GB
# of disk, which is freed when the seed is finished. Its verdicts stay in docs/seeds/, to be committed. A seed that
# was interrupted continues from its finished files, and only verdicts that are missing or out of date are made.
seeds: run ## judges the first paper with SEEDS more base seeds (10 unless given; each takes 10 to 17 minutes)
	$(PY) workflow/scripts/seeds.py --count $(SEEDS) --results results --tables docs/seeds \
	  --table results/seeds.parquet --page results/seeds.html

# Train everything four times as long, about 40 minutes on two cores, to see by how much the losses fall:
# results/rest.csv. The report reads the summary, rest.csv in the paper's folder, which is to be committed.
rest: run ## trains the first paper four times as long and notes which models are at rest
	$(PY) -m superpos longer --times 4 > results/longer.yaml
	$(PY) workflow/run.py --configfile results/longer.yaml
	$(PY) workflow/scripts/rest.py --results results --longer results/variations/longer \
	  --table results/rest.csv --summary superpos/papers/toy_models/rest.csv

# `verify` compares the contents of results/ with results.digests, and those of each other paper that was made
# with its own manifest, such as double_descent.digests. `manifest` rewrites one of these files.
verify: .venv/ready ## compares all results with their manifests and says how to repair what differs
	$(PY) -m superpos verify $(addprefix --paper ,$(PAPER))

manifest: run ## rewrites results.digests; PAPER=double_descent: double_descent.digests
	$(PY) -m superpos verify --write $(addprefix --paper ,$(PAPER))

test: .venv/dev ## runs all tests
	$(PYTEST)

# Hundreds of variations of experiments, killed jobs and bad configs, and the notebooks in full: 15 minutes on two
# recent cores, 20 on slow ones. TRIALS: more options of pytest.
trials: .venv/dev ## runs many more cases than the tests, of variations, killed jobs and bad configs
	$(PYTEST) -m trial $(TRIALS) $$(grep -l mark.trial tests/test_*.py)

check: .venv/dev ## runs linters, type checker and fast tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m snakefmt --check Snakefile workflow
	$(PY) -m mypy
	$(PYTEST) -m "not slow and not trial"

bench: .venv/dev ## measures the engines
	$(PY) benchmarks/bench.py

# A package that cannot be looked up also makes this fail.
audit: .venv/tools/ready ## looks up known vulnerabilities of the pinned packages
	for name in requirements requirements-triton requirements-dev requirements-docs; do \
	  .venv/tools/bin/python -m pip_audit --strict --disable-pip -r $$name.lock || exit 1; done
	.venv/tools/bin/python -m pip_audit --strict --disable-pip --no-deps -r requirements-torch.lock

lock: .venv/dev .venv/tools/ready ## pins the packages of .venv, with the digests of their files for every platform
	$(PY) workflow/lock.py

dist: .venv/dev ## builds the wheel and the source archive in dist/; two builds give the same bytes
	$(PY) -m hatchling build

.venv/tools/ready: Makefile | .venv/ready
	$(PYTHON) -m venv .venv/tools
	.venv/tools/bin/python -m pip install -q pip-audit==2.10.1 uv==0.13.9
	@touch $@

# The other base seeds are those of the first paper.
publish: $(if $(filter-out toy_models,$(PAPER)),run,seeds) ## runs `make seeds`, then puts verdicts and pictures into docs/ and the README; PAPER=double_descent: the second paper's
	$(PY) workflow/scripts/publish.py --paper $(or $(PAPER),toy_models) --checkout .

notebooks: .venv/dev ## runs the notebooks of examples/ and stores their outputs in them
	$(PY) examples/store.py

docs: .venv/docs ## builds the documentation as a site in build/docs/
	$(PY) -m sphinx -W --keep-going -q -b html docs build/docs
	@echo "build/docs/index.html"

# These are about the first paper.
ifneq ($(filter seeds rest,$(MAKECMDGOALS)),)
ifneq ($(filter-out toy_models,$(PAPER)),)
$(error PAPER=$(PAPER): `make seeds` and `make rest` are about the first paper; leave PAPER out)
endif
endif
seeds rest: override PAPER =

# One file of either paper and whatever it needs, for example: make results/figures/F1.png
results/%: .venv/ready always
	$(PY) workflow/run.py $@

results/double_descent/variations/full/%: .venv/triton always
	$(PY) workflow/run.py $@

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "superpos needs Python 3.11, 3.12 or 3.13: make PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PY) -m pip install -q $(PIP_OPTIONS) --require-hashes -r requirements.lock
	$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Torch and Triton are for the reference engine and the GPU engine. Of the shipped configs, only
# double_descent_full.yaml needs one of them, torch.
.venv/triton: requirements-triton.lock requirements-torch.lock .venv/ready
	$(PY) -m pip install -q $(PIP_OPTIONS) --require-hashes -r requirements-triton.lock
	$(PY) -m pip install -q $(PIP_OPTIONS) -r requirements-torch.lock
	@touch $@

.venv/dev: requirements-dev.lock .venv/triton
	$(PY) -m pip install -q $(PIP_OPTIONS) --require-hashes -r requirements-dev.lock
	@touch $@

# Sphinx and what else `make docs` needs.
.venv/docs: requirements-docs.lock .venv/ready
	$(PY) -m pip install -q $(PIP_OPTIONS) --require-hashes -r requirements-docs.lock
	@touch $@

# Any other target is refused with the nearest command or figure.
.DEFAULT:
	@$(PYTHON) workflow/targets.py $@
