# Two commands matter: `make demo` builds the embedded demo, `make test` runs every test.
# Both set everything up by themselves on a machine that has Python 3.11 (or newer) and make. The demo needs the core
# alone; the tests also install the trainer with both its engines, for the CPU, and Daft and Ray.

PYTHON ?= python3
MINUTES ?= 10
# One worker a core, eight at most; each takes whole modules, so that what a module builds once is built once.
WORKERS ?= -n auto --maxprocesses 8 --dist loadfile
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Modules are compiled once and kept, wherever this is switched off: every process of the tests would compile its own.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo ready test chaos train unsloth docs sbom golden test-latest mutants lint format clean

demo: $(VENV)/core
	$(BIN)/aguila build demo

ready: $(VENV)/ready

test: $(VENV)/ready
	$(BIN)/python -m pytest $(WORKERS)

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The trainer alone, and the unsloth engine beside it (optional), in the same environment.
train: $(VENV)/core
	$(PIP) -c constraints.txt -e '.[train]'

unsloth: train
	$(PIP) --no-deps -r train/unsloth.txt

# What depends on datasets and huggingface_hub, on the newest of both, which the trainer does not admit yet.
test-latest: .venv-latest/ready
	.venv-latest/bin/python -m pytest $(WORKERS) --hub-libraries

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/core: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -c constraints.txt -e .
	touch $@

# The core is among it, and is not installed before.
$(VENV)/ready: pyproject.toml constraints.txt train/unsloth.txt | $(BIN)/python
	$(PIP) -c constraints.txt -e '.[test,train,cluster]'
	$(PIP) --no-deps -r train/unsloth.txt
	touch $(VENV)/core $@

.venv-latest/ready: pyproject.toml
	$(PYTHON) -m venv .venv-latest
	.venv-latest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade -e '.[test-hub]' 'datasets>=5.2' 'huggingface-hub>=2.4'
	touch $@

# Faults, long: damaged sources and killed builds by a seed (tests/chaos/README.md); `make chaos SEED=7 INPUTS=100000 KILLS=500`.
SEED ?= 1
INPUTS ?= 20000
KILLS ?= 100
chaos: $(VENV)/ready
	CHAOS_SEED=$(SEED) CHAOS_INPUTS=$(INPUTS) CHAOS_KILLS=$(KILLS) $(BIN)/python -m pytest -s tests/chaos

# What docs/ and the README show of the code: generated parts, transcripts, the tutorial's outputs.
docs: $(VENV)/core
	$(BIN)/python -m docs.generate
	$(BIN)/python tests/end_to_end/transcript.py
	$(BIN)/python -m docs.notebook

# A bill of materials (CycloneDX) of the core and all that it needs, as installed here.
sbom: $(VENV)/core
	$(BIN)/python -m docs.dependencies > sbom.json

# How many small changes of builders/stages and filters the nearest tests notice; `make mutants MINUTES=200` tries most of them.
mutants: $(VENV)/ready
	$(PIP) -c constraints.txt -e '.[mutants]'
	$(BIN)/python benchmarks/mutants.py --minutes $(MINUTES)

# The golden files, written anew after a change that is meant; look at what git says of them.
golden: $(VENV)/ready
	$(BIN)/python -m pytest tests/cards/test_golden.py tests/aguila/test_json.py --write-golden

clean:
	rm -rf $(VENV) .venv-latest build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
