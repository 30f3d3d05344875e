# Every target sets up what it needs: a bare machine has to have Python 3.11, make and git.

PYTHON := $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DISTRIBUTIONS := gateway sandbox $(patsubst %/,%,$(dir $(wildcard plugins/*/pyproject.toml)))
FUZZER := $(VENV)/.fuzzer
SPARK := $(VENV)/.spark
VALIDATE := build/protos/buf/validate/validate.proto
GENERATED := build/generated
DOCUMENTED := build/reference
AZURITE := build/azurite/node_modules/azurite/package.json
SSHD := $(firstword $(shell command -v sshd) $(wildcard /usr/sbin/sshd))
PROPERTIES := $(addprefix gateway/tests/transfers/,test_erasure_properties.py test_properties.py) \
	$(addprefix tests/identities/,test_meeting_properties.py test_properties.py)
INITDB := $(firstword $(shell command -v initdb) $(wildcard /usr/lib/postgresql/*/bin/initdb))

# Hundreds of processes are started, and each would compile this checkout anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test nightly check bench faults fuzz proto docs lock postgres sshd azurite java clean
.DEFAULT_GOAL := test

setup: $(INSTALLED)

# pip and not uv installs: pip is on every machine, and finds the index that the machine is configured with.
$(INSTALLED): requirements/dev.txt $(addsuffix /pyproject.toml,$(DISTRIBUTIONS))
	test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		$(addprefix --editable ./,$(DISTRIBUTIONS))
	touch $@

demo: $(INSTALLED)
	$(BIN)/python examples/demo/run.py

# Many tests wait for processes and clocks: even three workers leave two cores idle for a third of the time.
test: $(INSTALLED) postgres sshd azurite java $(SPARK)
	$(BIN)/pytest -n 4 --dist worksteal -m "not faults"

# The properties of strategies and transfers, with over 100,000 examples instead of some hundreds; it counts them.
# Two at a time, those first that take longest, so that no core is idle at the end.
nightly: $(INSTALLED)
	$(BIN)/pytest -v -n 2 --maxschedchunk 1 --hypothesis-profile nightly --least-examples 100000 --timeout 7200 \
		$(PROPERTIES)

# Tests start servers of their own, so that only the programs are needed.
postgres:
	@test -n "$(INITDB)" || { test "$$(id -u)" = 0 || become="sudo -n"; \
		$$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-upgrade postgresql; } || \
		{ echo "PostgreSQL is needed by the tests and could not be installed: install the package postgresql"; exit 1; }

sshd:
	@test -n "$(SSHD)" || { test "$$(id -u)" = 0 || become="sudo -n"; \
		$$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-upgrade openssh-server; } || \
		{ echo "OpenSSH is needed by the tests and could not be installed: install the package openssh-server"; exit 1; }

azurite: $(AZURITE)

$(AZURITE):
	@command -v npm >/dev/null || { test "$$(id -u)" = 0 || become="sudo -n"; \
		$$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-upgrade nodejs npm; } || \
		{ echo "npm is needed by the tests and could not be installed: install the packages nodejs and npm"; exit 1; }
	mkdir -p build/azurite
	npm install --prefix build/azurite --no-audit --no-fund --silent azurite@3.35.0

java:
	@command -v java >/dev/null || { test "$$(id -u)" = 0 || become="sudo -n"; \
		$$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-upgrade openjdk-17-jre-headless; } || \
		{ echo "Java is needed by the tests and could not be installed: install the package openjdk-17-jre-headless"; exit 1; }

# Half a gigabyte that only the tests of the join on Spark need. It comes as source, and what builds it is pinned, too.
$(SPARK): $(INSTALLED) requirements/spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation \
		--requirement requirements/spark.txt
	touch $@

bench: $(INSTALLED)
	$(BIN)/python tools/bench/run.py

# KILLS=1000 for many more.
faults: $(INSTALLED) postgres
	$(BIN)/pytest -n 2 --dist worksteal -m faults tests/e2e
	$(BIN)/python tools/faults/run.py $(if $(KILLS),--kills $(KILLS))

# SECONDS=3600 for longer. The fuzzer is large and nothing else needs it, so that it is installed only here.
fuzz: $(INSTALLED) $(FUZZER)
	$(BIN)/python tools/fuzz/run.py $(or $(SECONDS),600)

$(FUZZER): $(INSTALLED) requirements/fuzz.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/fuzz.txt
	touch $@

check: $(INSTALLED) $(VALIDATE)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf format protos --diff --exit-code
	rm -rf $(GENERATED) $(DOCUMENTED)
	$(BIN)/python tools/protos/generate.py protos build/protos $(GENERATED)
	diff --recursive --exclude=__pycache__ $(GENERATED)/audience_gateway/v1 gateway/audience_gateway/v1
	$(BIN)/python tools/docs/reference.py $(DOCUMENTED)
	diff --recursive $(DOCUMENTED) docs/reference
	$(BIN)/pytest tests/meta

# Generates code and reference pages into the tree.
proto: $(INSTALLED) $(VALIDATE)
	rm -rf $(GENERATED)
	$(BIN)/python tools/protos/generate.py protos build/protos $(GENERATED)
	rm -rf gateway/audience_gateway/v1
	cp -R $(GENERATED)/audience_gateway/v1 gateway/audience_gateway/v1
	$(MAKE) docs

docs: $(INSTALLED)
	$(BIN)/python tools/docs/reference.py docs/reference

$(VALIDATE): $(INSTALLED) tools/protos/validate_proto.py
	$(BIN)/python tools/protos/validate_proto.py $@

# Pins what requirements/*.in name; the files hold hashes and no address of an index.
lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/bootstrap.txt
	for name in bootstrap runtime dev fuzz spark; do \
		$(BIN)/uv pip compile requirements/$$name.in --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-annotate --no-header --quiet --output-file requirements/$$name.txt || exit 1; \
	done

clean:
	rm -rf build
