# Everything a newcomer types. `make` alone prints this list. Works on a fresh Debian with Python 3.11.
.DEFAULT_GOAL := help
.PHONY: help demo test check lint format bench bench-faults bench-service worker reconciler
BIN := .venv/bin
DEMO := out/demo

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "make %-14s %s\n", $$1, $$2}'

demo: .venv/.demo ## audit the sample batch and say where the PDFs are (installs Python packages at first)
	@echo "hecha audit samples/reports --out $(DEMO)"
	@$(BIN)/hecha audit samples/reports --out $(DEMO) || test $$? -le 2 # 1 and 2: the samples hold faults and unreadable files

test: .venv/.dev ## run every test (installs what they need at first: redis-server, postgresql, poppler-utils, qpdf, 7z, LibreOffice, chromium)
	@tools/system-packages.sh redis-server postgresql poppler-utils qpdf p7zip-full libarchive-tools libreoffice-writer-nogui libreoffice-calc-nogui fonts-wqy-microhei libgl1 libglib2.0-0 chromium chromium-driver
	@$(BIN)/python -m pytest

check: lint test ## what CI runs: formatter, linter, import arrows, types, every test

lint: .venv/.dev ## formatter, linter, import arrows and types, without changing anything
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/lint-imports
	@$(BIN)/mypy

format: .venv/.dev ## format the code and sort the imports
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

bench: .venv/.dev ## what is measured: right cells, findings and false alarms on labelled reports, CPU time
	@$(BIN)/python -m bench

bench-faults: .venv/.dev ## workers, Redis, PostgreSQL killed and disks filled amid 500 reports each: nothing lost, nothing twice
	@tools/system-packages.sh redis-server postgresql
	@$(BIN)/python -m bench.faults

bench-service: .venv/.dev ## reports per second and memory through Celery and Redis, by format
	@tools/system-packages.sh redis-server
	@$(BIN)/python -m bench.service

worker: .venv/.demo ## start a worker of the service; needs a Redis at HECHA_REDIS (default 127.0.0.1:6379)
	@$(BIN)/hecha worker

reconciler: .venv/.demo ## start the reconciler of the service, beside the worker
	@$(BIN)/hecha reconcile

.venv/.demo: pyproject.toml constraints.txt tools/environment.sh
	@tools/environment.sh
	@touch $@

.venv/.dev: pyproject.toml constraints.txt tools/environment.sh
	@tools/environment.sh dev,ocr
	@touch $@
