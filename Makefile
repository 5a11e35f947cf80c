# Every target prepares what it needs: .venv, with the versions of the lock. Only Python 3.11+, make and git are assumed.
#   make run ARGS="..."     passes options on to the command behind the target
#   make setup PYTHON=...   chooses the interpreter (after `make clean`, if .venv exists already)
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
UV ?= uv
WORKERS ?= 2
ARGS ?=
export PYTHON UV
# An activated environment, or modules on a path of the user's, must not stand in for the locked ones.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH

# Where tests, and what they start, keep what was compiled: with it they are collected in half the time.
BYTECODE := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX="$(CURDIR)/.venv/bytecode"

LOCK := "$(UV)" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--custom-compile-command "make lock" --group build

.PHONY: help run chat test coverage soak bench train-complaints lint setup setup-run lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

run: setup-run  ## start the desk: every configured platform, and a prompt on a terminal
	@exec .venv/bin/guichet run $(ARGS)

chat: setup-run  ## talk to the desk in this terminal, or pipe lines into it
	@exec .venv/bin/guichet chat $(ARGS)

test: setup  ## every test except the long ones
	@exec env $(BYTECODE) .venv/bin/python -m pytest -n $(WORKERS) --dist worksteal -m "not soak" $(ARGS)

coverage: setup  ## the same, with what of the code they reach, which takes twice the time
	@exec env $(BYTECODE) .venv/bin/python -m pytest -n $(WORKERS) --dist worksteal -m "not soak" --cov --cov-report=term:skip-covered $(ARGS)

soak: setup  ## the long tests: crashes, restarts, days of work
	@exec env $(BYTECODE) .venv/bin/python -m pytest -m soak tests/soak $(ARGS)

bench: setup  ## the speed of the desk, each figure beside its baseline
	@exec .venv/bin/python -m tests.bench $(ARGS)

train-complaints: setup  ## learn anew to tell complaints from the posts in bot/understanding/posts/corpus
	@exec .venv/bin/python -m bot.understanding.posts

lint: setup  ## style, types and the directions of imports
	@.venv/bin/python -m ruff check
	@.venv/bin/python -m ruff format --check
	@.venv/bin/python -m mypy
	@.venv/bin/lint-imports

setup:  ## prepare .venv for development, when it is not ready
	@sh deploy/setup dev </dev/null

setup-run:
	@sh deploy/setup run </dev/null

lock:  ## write the locks anew from pyproject.toml (ARGS=--upgrade takes the newest versions); needs uv
	@command -v "$(UV)" >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	@$(LOCK) $(ARGS) --output-file requirements.lock pyproject.toml
	@$(LOCK) $(ARGS) --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:  ## remove .venv and every cache; the desk's data stays
	@rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* build dist
	@find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
