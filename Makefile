# Two commands matter: `make demo` builds the embedded demo, `make test` runs every test.
# Both set everything up by themselves on a machine that has Python 3.11 (or newer) and make.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test transcript test-latest lint format clean

demo: $(VENV)/ready
	$(BIN)/aguila build demo

test: $(VENV)/ready
	$(BIN)/python -m pytest

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The same tests on the newest datasets and huggingface_hub, which the trainer does not admit yet.
test-latest: .venv-latest/ready
	.venv-latest/bin/python -m pytest

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

.venv-latest/ready: pyproject.toml
	$(PYTHON) -m venv .venv-latest
	.venv-latest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade -e '.[test]' 'datasets>=5.2' 'huggingface-hub>=2.4'
	touch $@

# The README's transcripts, run again and written into it.
transcript: $(VENV)/ready
	$(BIN)/python tests/end_to_end/transcript.py

clean:
	rm -rf $(VENV) .venv-latest build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
