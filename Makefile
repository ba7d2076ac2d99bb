# Two commands matter: `make run` and `make test`. Each makes the virtual environment if it is not there.
#   make test PYTHON=python3.11 VENV=.venv311    with another Python, in an environment beside the first
#   make test ARGS="-m core -x"                  words for pytest
#   make test WORKERS=8                          tests on more processes
#   make run SCENARIO=my.yaml ARGS="--seed 7"    another scenario, more words for `bayah run`

PYTHON ?= python3
ifeq ($(PYTHON),python3)
VENV ?= .venv
else
VENV ?= .venv-$(notdir $(PYTHON))
endif
SCENARIO ?= baseline
NAME = $(basename $(notdir $(SCENARIO)))
ARGS ?=
WORKERS ?= 2

BIN = $(VENV)/bin
PY = $(BIN)/python
# To run takes less than to test: the first command waits for no tools.
INSTALLED = $(VENV)/.installed
MARKER = $(VENV)/.installed-dev

# Without bytecode `import mesa` takes four times as long.
unexport PYTHONDONTWRITEBYTECODE

TELL_PYTHON = $(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11) and "good" or "%d.%d" % sys.version_info[:2])' 2>/dev/null)
NEED = Bayah needs Python 3.11 or newer
TRY = try `make PYTHON=python3.12`, or any newer one that is installed

.DEFAULT_GOAL := help
.PHONY: help venv run test core coverage lint format types layers bench fuzz golden matrix notebooks gallery docs clean distclean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

venv: $(MARKER)  ## Make the virtual environment, if needed

run: $(INSTALLED)  ## Run the baseline: summary, results/baseline and its figures
	@$(PY) -m sim run $(SCENARIO) --out results/$(NAME) --force $(ARGS)

test: $(MARKER)  ## Run all tests
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

core: $(MARKER)  ## Run the fast heart of the tests
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "core and not slow" $(ARGS)

coverage: $(MARKER)  ## Run all tests and show which lines of sim/ they reach
	@$(PY) -m pytest --cov --cov-report=term:skip-covered $(ARGS)

lint: $(MARKER)  ## Check style and format
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: $(MARKER)  ## Put style and format right
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: $(MARKER)  ## Check the types
	@$(PY) -m mypy

layers: $(MARKER)  ## Check which part imports which
	@$(BIN)/lint-imports --no-cache

bench: $(MARKER)  ## Measure the speed
	@set -e; for file in benchmarks/bench_*.py; do echo "== $$file"; $(PY) $$file; done

fuzz: $(MARKER)  ## Fuzz what reads files, ten minutes (needs the extra fuzz)
	@set -e; for door in scenario experiment ucdp results; do $(PY) tests/fuzz/atheris_doors.py $$door --seconds 150; done

golden: $(MARKER)  ## Write the golden runs anew (after a change of the model that is meant)
	@$(PY) -m tests.golden

matrix: $(MARKER)  ## Make the same runs on every Python, Mesa and processor that can be had
	@$(PY) -m tests.matrix

notebooks: $(MARKER)  ## Execute the notebooks and write them anew with what they show
	@$(PY) -m tests.notebooks

gallery: $(MARKER)  ## Draw the figures of the documents anew
	@$(PY) -m tests.gallery $(ARGS)

docs: $(MARKER)  ## Build the documents as a site in build/docs; any warning is an error
	@$(PY) -m sphinx -b html -W --keep-going -q -j 2 -d build/doctrees docs build/docs
	@echo "open build/docs/index.html"

clean:  ## Remove caches and builds
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov
	@find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean  ## Remove the virtual environments, too
	@rm -rf .venv*

# The system's Python through uv where that is present and works, else venv and pip. The marker comes last: an
# install that broke off starts again. An environment whose Python is gone is made anew.
$(INSTALLED): pyproject.toml
	$(if $(TELL_PYTHON),,$(error $(NEED), and `$(PYTHON)` does not start: $(TRY)))
	$(if $(filter good,$(TELL_PYTHON)),,$(error $(NEED), and `$(PYTHON)` is $(TELL_PYTHON): $(TRY)))
	@echo "installing into $(VENV) (once; about a minute)"
	@[ ! -f $(VENV)/pyvenv.cfg ] || $(PY) -c "" 2>/dev/null || rm -rf $(VENV)
	@if $(HAVE_UV) && $(UV_VENV); then :; else $(PYTHON) -m venv $(VENV); fi
	@$(TICK); $(call INSTALL,.)
	@$(PY) -m compileall -q -j 0 sim >/dev/null 2>&1 || true
	@touch $@

$(MARKER): $(INSTALLED)
	@echo "installing what the tests need (once; a minute or two)"
	@$(TICK); $(call INSTALL,.[dev]) \
		&& { $(PY) -m compileall -q -j 0 $(VENV)/lib sim >/dev/null 2>&1 || true; }
	@touch $@

EXECUTABLE = "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
HAVE_UV = command -v uv >/dev/null 2>&1
UV = UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never uv
UV_VENV = $(UV) venv --quiet --seed --allow-existing --python $(EXECUTABLE) $(VENV)
# pip writes bytecode on one processor: for the tests all of them do; to run needs little of it, made at first use.
INSTALL = if $(HAVE_UV) && $(UV) pip install --quiet --python $(PY) -e '$(1)'; then :; \
	else $(PY) -m pip install -qq --no-compile --disable-pip-version-check -e '$(1)'; fi
# A dot now and then, for pip is silent. What sleeps must not hold a pipe open that somebody reads.
TICK = { while :; do sleep 3 >/dev/null 2>&1; printf . >&2; done & }; tick=$$!; \
	trap 'kill $$tick; echo >&2' EXIT; trap 'exit 130' INT TERM
