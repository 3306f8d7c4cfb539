# make run: install into .venv and run the demo. make test: the whole check. make soak: a day of network life, and
# ten minutes of one on real sockets whose processes are killed: SOAK="--ues 100 --minutes 2 --kills 10" for less.
# make faults: every fault of the table at the messages of every procedure, a quarter of an hour.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
SOAK ?=

.PHONY: run test check bench soak faults clean

run: .venv/ready
	$(BIN)/awase run $(ARGS)

test: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/asn1.py --check
	$(BIN)/python tools/schema.py --check
	$(BIN)/pytest -n 2 --ignore=tests/bench
	$(BIN)/pytest tests/bench/test_ngap_bench.py tests/bench/test_network_bench.py

bench: .venv/dev
	$(BIN)/pytest tests/bench --benchmark-enable --benchmark-only

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	PIP_CONSTRAINT=constraints.txt $(BIN)/pip install --quiet --editable .
	touch $@

.venv/dev: .venv/ready
	PIP_CONSTRAINT=constraints.txt $(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

soak: .venv/ready
	$(BIN)/awase run tests/bench/soak.yaml
	cd tests && ../$(BIN)/python -m live.soak $(SOAK)

faults: .venv/dev
	AWASE_FAULTS=all $(BIN)/pytest tests/networks/fault_table -q -n 2

clean:
	rm -rf .venv runs
