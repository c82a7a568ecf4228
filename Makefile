# Python 3.11 or newer and make are enough. `make` alone lists what there is.
#
#   make test PYTHON=/usr/bin/python3.12     with a Python of your choice
#   make test ARGS="tests/test_cover.py -n0"   some of the tests

PY := .venv/bin/python
PIP := $(PY) -m pip --quiet --quiet --disable-pip-version-check --no-input
LOCKED := $(PIP) install --require-hashes
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)
UV_VERSION := 0.13.9
ARGS ?=

# A .venv that was moved with its folder, or that lost its Python, is made anew.
$(shell test ! -e .venv || \
	{ test "$$(cat .venv/made-in 2>/dev/null)" = "$$(pwd)" && $(PY) -c '' 2>/dev/null; } || rm -f .venv/.locked)

.PHONY: help demo test lint bench screenshots golden sample docs lock clean

help:
	@echo "make demo          build the sample newsroom's September 2024"
	@echo "make test          run all tests"
	@echo "make lint          ruff and mypy"
	@echo "make bench         measure the speed, as ratios with their bars"
	@echo "make golden        write the golden issues anew (read the diff)"
	@echo "make sample        mark the sample's issues as sent anew, after a change to them or to the look"
	@echo "make docs          write the generated parts of the documentation anew"
	@echo "make screenshots   take the documentation's pictures anew (needs Chromium)"
	@echo "make lock          bring requirements/ up to pyproject.toml (ARGS=--upgrade: newest versions)"
	@echo "make clean         remove what make and newsletter wrote"

demo: .venv/.installed
	@.venv/bin/newsletter build -m 2024-09
	@echo
	@echo "The Network Download of September 2024 lies at"
	@echo "  build/2024-09/network/issue.html"

# Hundreds of tests start the program: where Python may write no compiled files, each would compile it anew.
test: .venv/.tools
	@$(PY) -m compileall -q newsletter
	@$(PY) -m pytest -n auto $(ARGS)

lint: .venv/.tools
	@faults=0; \
	$(PY) -m ruff check . || faults=1; \
	$(PY) -m ruff format --check . || faults=1; \
	$(PY) -m mypy || faults=1; \
	exit $$faults

bench: .venv/.tools
	@$(PY) -m benchmarks.commands $(ARGS)
	@$(PY) -m benchmarks.pictures
	@$(PY) -m benchmarks.run
	@$(PY) -m benchmarks.check
	@$(PY) -m benchmarks.preview
	@$(PY) -m benchmarks.site

screenshots: .venv/.tools
	@$(PY) docs/screenshots.py $(ARGS)

golden: .venv/.tools
	@$(PY) tests/golden/remake.py $(ARGS)

sample: .venv/.tools
	@$(PY) docs/sample.py

docs: .venv/.tools
	@$(PY) docs/generate.py $(ARGS)

# Three stamps: the locked packages, the project itself, the tools for its tests. Each is made again when what it was
# made from changes; a changed lock makes the whole .venv anew, so nothing of the old lock stays behind.
.venv/.locked: requirements/runtime.txt requirements/build.txt requirements/dev.txt
	@python=; \
	for each in $(PYTHONS); do \
	  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "no Python 3.11 or newer among: $(PYTHONS)" >&2; \
	  echo "  hint: name one, as in: make demo PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python cannot make a virtual environment: its 'venv' module is not installed" >&2; \
	  echo "  hint: on Debian and Ubuntu: sudo apt install python3-venv" >&2; \
	  exit 1; \
	fi; \
	echo "Installing the locked packages into .venv (once) ..."; \
	"$$python" -m venv --clear .venv
	@$(LOCKED) -r requirements/runtime.txt -r requirements/build.txt
	@pwd > .venv/made-in
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.tools: .venv/.locked | .venv/.installed
	@test -e $@ || echo "Installing the tools for the tests (once) ..."
	@$(LOCKED) -r requirements/dev.txt
	@touch $@

# uv writes one lock for all systems and Python versions. The options keep any address of a package index out of it.
UV := .venv/uv/bin/uv
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: .venv/.locked
	@test -x $(UV) || $(PIP) install --target .venv/uv "uv==$(UV_VERSION)"
	@$(COMPILE) $(ARGS) pyproject.toml --group dev --output-file requirements/dev.txt
	@$(COMPILE) pyproject.toml --constraint requirements/dev.txt --output-file requirements/runtime.txt
	@$(COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/build.txt

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/referees/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
