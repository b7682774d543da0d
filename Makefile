# Two commands do everything: `make lab` opens the course, `make test` proves it; `make check`
# is the quick part of the second.
# A fresh machine needs Python 3.11 or newer (with pip and venv) and make.

PYTHON ?= python3
VENV   := .venv
BENCH  := .venv-bench
SITE   := .venv-site
HUB    := .venv-hub
LITE   := .venv-lite
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

# JupyterLab refuses to start as root unless told; in a container there is no one else.
ROOT_FLAG := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

.PHONY: help lab check test pytest nightly matrix mutation bench speedpage benchlabs results images docs site hub lite release-check lesson screenshots notebooks lint types style lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

$(VENV)/.lab: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@echo '1/3  Making $(VENV), a Python environment for the course alone'
	@$(PYTHON) -m venv $(VENV)
	@echo '2/3  Downloading and installing numpy, JupyterLab and what they need (once, about a minute)'
	@$(PIP) install --quiet -c requirements.lock hatchling editables
	@$(BIN)/python tools/install.py -c requirements.lock --no-build-isolation -e '.[lab]'
	@touch $@

$(VENV)/.test: $(VENV)/.lab
	$(PIP) install --quiet -c requirements.lock --no-build-isolation -e '.[lab,test,cluster]'
	touch $@

lab: $(VENV)/.lab ## Set up .venv (once, about a minute) and open the course in JupyterLab
	@echo '3/3  Opening the course in JupyterLab; Ctrl-C, twice, ends it'
	@JUPYTER_CONFIG_PATH="$(CURDIR)/nnlib/command/jupyter$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}" \
	  $(BIN)/jupyter lab --notebook-dir=notebooks \
	  --LabApp.default_url=/lab/tree/00_start.ipynb $(ROOT_FLAG) $(LAB_FLAGS)

# What is shared among the workers, and in which order: see tests/conftest.py. Python is started
# a hundred times, so its compiled files are kept, even where the environment forbids that.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
SHARED := -n auto --maxprocesses 4 --no-loadscope-reorder

# Types are checked beside the tests, which wait for a browser or a kernel a fifth of the time.
check: style ## Style, types and the fast unit tests: what to run before each commit
	@$(MAKE) --no-print-directory -j 2 types pytest WHICH='-q -m "not slow and not nightly" tests/unit'

test: style ## Run every test once: unit, notebooks, browser
	@$(MAKE) --no-print-directory -j 2 types pytest

pytest: $(VENV)/.test
	$(PYTEST) $(SHARED) $(WHICH)

nightly: $(VENV)/.test ## The tests at length: more seeds, more examples, more kills; and screenshots
	NNLIB_SCREENSHOTS=1 $(PYTEST) $(SHARED) -m "" --hypothesis-profile nightly tests
	$(BIN)/python -m tests.unit.mutated --minutes 60
	$(BIN)/python -m tests.mutation --minutes 60

mutation: $(VENV)/.test ## Plant faults into nnlib, tell which no unit test notices; goes on where it ended
	$(BIN)/python -m tests.mutation $(FLAGS)

matrix: ## The tests with the oldest and the newest packages, each Python; CELL=oldest-3.11: one of them
	$(PYTHON) -m tests.matrix $(CELL) $(FLAGS)

lint: $(VENV)/.test ## Check style, spelling, types, and that imports run one way
	@$(MAKE) --no-print-directory -j 2 types style

types: $(VENV)/.test
	$(BIN)/mypy

style: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tests/spelling.py
	$(BIN)/lint-imports

notebooks: $(VENV)/.test ## Execute every notebook and save it with its outputs
	$(BIN)/python tests/notebooks/execute.py

images: $(VENV)/.lab ## Draw the pictures in img/
	$(BIN)/python img/draw.py

lesson: $(VENV)/.lab ## Begin a new lesson from the template: make lesson NAME=06_convolution
	$(BIN)/python docs/lesson_template/new_lesson.py $(NAME)

docs: $(VENV)/.lab ## Write docs/architecture.md's lists of modules from the docstrings
	$(BIN)/python docs/list_modules.py

screenshots: $(VENV)/.test ## Take the README's pictures of the playground; FLAGS=--all: every lab
	$(BIN)/python -m tests.browser.take_screenshots $(FLAGS)

# The tools of the site stay out of the course's own .venv.
$(SITE)/.ready: docs/site/requirements.txt docs/site/requirements.lock
	$(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python -m pip --disable-pip-version-check install --quiet \
	  -c docs/site/requirements.lock -r docs/site/requirements.txt
	touch $@

# What labs show on pages without a kernel; anew when nnlib has changed (five minutes).
build/recordings/.made: $(wildcard tools/recordings/*.py) $(shell find nnlib -name '*.py' -o -name '*.js' -o -name '*.css') | $(VENV)/.lab
	$(BIN)/python -m tools.recordings build/recordings
	@touch $@

# The course for the browser is part of the site if it has been built.
site: export NNLIB_LITE ?= $(patsubst %/index.html,%,$(wildcard build/lite/index.html))
site: $(SITE)/.ready build/recordings/.made ## Build the web pages in build/site; NNLIB_URL=…: where the repository is
	rm -rf build/wheel
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir build/wheel .
	$(BIN)/python docs/site/sources.py build/site-source build/wheel/*.whl build/recordings
	$(SITE)/bin/sphinx-build -q -W --keep-going $(FLAGS) -c docs/site -d build/site-cache \
	  build/site-source build/site
	@echo 'The site is in build/site: python3 -m http.server -d build/site shows it'

# A class has nnlib as from a wheel: learners, who are other users of this machine, may read it there.
$(HUB)/.ready: requirements.lock pyproject.toml deploy/hub/requirements.txt deploy/hub/requirements.lock deploy/hub/package-lock.json $(shell find nnlib notebooks -name '*.py' -o -name '*.js' -o -name '*.ipynb')
	$(PYTHON) -m venv $(HUB)
	$(HUB)/bin/python -m pip --disable-pip-version-check install --quiet -c requirements.lock hatchling editables
	$(HUB)/bin/python -m pip --disable-pip-version-check install --quiet -c requirements.lock \
	  -c deploy/hub/requirements.lock --no-build-isolation '.[lab]' -r deploy/hub/requirements.txt
	mkdir -p $(HUB)/proxy
	cp deploy/hub/package.json deploy/hub/package-lock.json $(HUB)/proxy
	npm ci --prefix $(HUB)/proxy --no-audit --no-fund --loglevel=error
	touch $@

hub: $(HUB)/.ready ## Serve the course to a class from this machine (needs Node; see deploy/README.md)
	$(HUB)/bin/jupyterhub --config deploy/hub/jupyterhub_config.py $(FLAGS)

# JupyterLab in the browser: its tools, and the core of the Python that runs there.
$(LITE)/.ready: deploy/lite/requirements.txt deploy/lite/requirements.lock deploy/lite/package-lock.json
	$(PYTHON) -m venv $(LITE)
	$(LITE)/bin/python -m pip --disable-pip-version-check install --quiet \
	  -c deploy/lite/requirements.lock -r deploy/lite/requirements.txt
	mkdir -p $(LITE)/python
	cp deploy/lite/package.json deploy/lite/package-lock.json $(LITE)/python
	npm ci --prefix $(LITE)/python --no-audit --no-fund --loglevel=error
	touch $@

lite: $(LITE)/.ready | $(VENV)/.lab ## Build the course for the browser in build/lite (needs Node); PYODIDE=…: see deploy/README.md
	rm -rf build/lite-wheel
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir build/lite-wheel .
	$(LITE)/bin/python deploy/lite/build.py build/lite-wheel/*.whl \
	  $(LITE)/python/node_modules/pyodide build/lite $(PYODIDE)
	@echo 'The course is in build/lite: python3 -m http.server -d build/lite serves it'

release-check: $(VENV)/.test ## What a release is made of: the wheel, tried from outside, the website and the course for the browser, tested
	$(PYTEST) -q -m "" tests/unit/test_packaging.py tests/unit/test_command.py tests/website tests/lite

results: $(VENV)/.lab ## Write the tables of results from the records; FLAGS=--train: train first
	$(BIN)/python -m benchmarks.results --write $(FLAGS)

# The libraries compared with stay out of the course's own .venv. On Linux PyTorch's wheel on PyPI
# brings some gigabytes of GPU libraries, unused here; who has its CPU-only wheel of the same
# version at hand (PIP_FIND_LINKS, or pip install in .venv-bench beforehand) does without them.
$(BENCH)/.ready: requirements.lock pyproject.toml benchmarks/requirements.txt benchmarks/requirements.lock
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip --disable-pip-version-check install --quiet -c requirements.lock hatchling editables
	$(BENCH)/bin/python -m pip --disable-pip-version-check install --quiet -c requirements.lock \
	  -c benchmarks/requirements.lock --no-build-isolation -e . -r benchmarks/requirements.txt
	touch $@

bench: $(BENCH)/.ready $(VENV)/.lab ## Time nnlib beside other libraries; goes on if it was stopped. FLAGS=--again: anew
	$(BENCH)/bin/python -m benchmarks.speed $(FLAGS)
	$(BIN)/python -m benchmarks.speed_page --local

speedpage: $(VENV)/.lab ## Write docs/speed.md from what make bench measured
	$(BIN)/python -m benchmarks.speed_page --local --write

benchlabs: $(VENV)/.test ## Time the labs in a real browser; FLAGS=--write: for docs/labs.md
	$(BIN)/python -m benchmarks.lab $(FLAGS)

lock: ## Choose the versions anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --upgrade \
	  --no-emit-package nnlib --no-annotate --extra lab --extra test --extra cluster --group build \
	  --custom-compile-command 'make lock' pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --upgrade \
	  --no-annotate -c requirements.lock \
	  --custom-compile-command 'make lock' benchmarks/requirements.txt -o benchmarks/requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --upgrade \
	  --no-annotate -c requirements.lock \
	  --custom-compile-command 'make lock' docs/site/requirements.txt -o docs/site/requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --upgrade \
	  --no-annotate -c requirements.lock \
	  --custom-compile-command 'make lock' deploy/hub/requirements.txt -o deploy/hub/requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --upgrade \
	  --no-annotate -c requirements.lock \
	  --custom-compile-command 'make lock' deploy/lite/requirements.txt -o deploy/lite/requirements.lock

clean: ## Remove .venv and what the tools left
	rm -rf $(VENV) $(BENCH) $(SITE) $(HUB) $(LITE) .pytest_cache .ruff_cache .hypothesis build dist
