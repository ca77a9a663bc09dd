# Everything runs from here on a fresh machine; `make demo` and `make test` set up what they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
INDEX  := .demo/index

.PHONY: demo test serve bench check clean

demo: $(VENV)/ready
	$(BIN)/lastro models prepare
	$(BIN)/python data/demo.py $(INDEX)

test: $(VENV)/ready
	$(BIN)/lastro models prepare
	$(MAKE) check
	$(BIN)/python -m pytest

check: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

serve: $(VENV)/ready
	$(BIN)/lastro models prepare
	$(BIN)/lastro ingest data/sample --index $(INDEX) || test $$? -eq 3
	$(BIN)/lastro serve --index $(INDEX)

bench: $(VENV)/ready
	$(BIN)/lastro models prepare
	$(BIN)/python -m tests.bench.golden
	$(BIN)/python -m tests.bench.ingest

# torch first and by itself: asked for as a dependency it brings several gigabytes of CUDA along.
$(VENV)/ready: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) .demo
