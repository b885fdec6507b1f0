# The first call of any target makes .venv from requirements.lock; it needs Python 3.11 or newer.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?= 3000
# More arguments, such as `make test ARGS="-n 0 tests/test_text.py"` or `make lock ARGS=--upgrade`.
ARGS ?=

export DAGSTER_DISABLE_TELEMETRY := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: run test golden torture fuzz mutants digests bench bench-million bench-shards lint docs ui images server lock clean private

# `make run` and `make ui` share one Dagster instance; tests make their own.
run ui: export DAGSTER_HOME := $(CURDIR)/.dagster

run: .venv/.ready .dagster/dagster.yaml
	.venv/bin/python -m pressroom.dagster
	.venv/bin/pressroom status

# More processes than the two cores it was made for: many tests wait for what they have started. They
# start hundreds of them, each of which would compile all modules where no bytecode may be written.
test: .venv/.ready
	env -u PYTHONDONTWRITEBYTECODE .venv/bin/pytest -n 4 --dist loadscope --no-loadscope-reorder $(ARGS)

# Renews what the tests compare bytes and sentences with, in tests/golden: read what differs.
golden: .venv/.ready
	PRESSROOM_GOLDEN=1 .venv/bin/pytest -n 0 $(ARGS) tests/test_golden.py tests/test_messages.py tests/test_init.py tests/test_up_to_date.py

# What `make test` does, at length: ten thousand files, every fifth of them hostile; how the time of
# each reading function grows with its text; more random histories, and more runs killed.
torture: .venv/.ready
	.venv/bin/pytest -m torture -rP $(ARGS) tests/torture tests/test_storage.py \
		tests/test_cluster.py tests/test_crash.py tests/test_dagster_daemon.py tests/test_digests.py \
		tests/test_feed_archives.py tests/test_service.py
	PRESSROOM_HISTORIES=50 PRESSROOM_KILLS=200 \
		.venv/bin/pytest -rs $(ARGS) tests/test_incremental.py tests/test_incremental_links.py tests/test_crash.py

# Fuzzes each law of tests/fuzz/laws.py for so many seconds, and stops at the first input that breaks
# one. atheris is no dependency of the project: it gets an environment of its own.
FUZZ ?= /tmp/pressroom-fuzz
SECONDS ?= 600
LAWS ?= read decode toml text maths html dialect
fuzz: .venv/.ready
	test -x $(FUZZ)/venv/bin/python || .venv/bin/python -m venv $(FUZZ)/venv
	$(FUZZ)/venv/bin/pip install -qq atheris
	for law in $(LAWS); do \
		PYTHONPATH="$$(.venv/bin/python -c 'import site; print(site.getsitepackages()[0])')" \
		$(FUZZ)/venv/bin/python -m tests.fuzz.run $$law $(FUZZ)/$$law -max_total_time=$(SECONDS) $(ARGS) \
		|| exit 1; \
	done

# Changes one expression of MODULES at a time, and lists the changes that no test notices: CHILDREN at
# a time, each module in a copy of the project that is kept. mutmut is no dependency of the project.
MUTANTS ?= /tmp/pressroom-mutants
MODULES ?= engine/checks releases/cache releases/manifest tables/ledger
CHILDREN ?= 2
mutants: .venv/.ready
	test -x $(MUTANTS)/venv/bin/python || .venv/bin/python -m venv $(MUTANTS)/venv
	$(MUTANTS)/venv/bin/pip install -qq 'mutmut>=3.8'
	PYTHONPATH="$$(.venv/bin/python -c 'import site; print(site.getsitepackages()[0])')" \
		$(MUTANTS)/venv/bin/python -m tests.mutants.run $(MUTANTS) $(CHILDREN) $(MODULES)

# Lists the digests of the files of releases in DIGESTS: before and after a change of the code that is
# to change no byte, or no byte but those of sentences with ARGS=--wording.
DIGESTS ?= /tmp/pressroom-digests.txt
digests: .venv/.ready
	.venv/bin/python -m tests.digests $(ARGS) $(DIGESTS)

# Measures Pressroom and its peers, and writes benchmarks/README.md: the sizes of a site of questions
# and answers, and other PARTS at sizes that are no larger. Sites and the peers' environment are made in
# $(BENCH) and kept, as are figures, of which PARTS= renews some. PEERS= measures Pressroom alone,
# and ROUNDS=1 looks once.
BENCH ?= /tmp/pressroom-bench
SIZES ?= 50 1000 10000 36000 100000
PARTS ?= startup answers docs exports workers
PEERS ?= hugo pages script floor fmql
ROUNDS ?= 0
bench: .venv/.ready $(BENCH)/venv/.ready
	.venv/bin/python -m benchmarks.bench $(SIZES) --parts "$(PARTS)" --peers "$(PEERS)" \
		--rounds $(ROUNDS) --folder $(BENCH)

# Single builds of FILES files with stages and memory over time; RUNS=cold leaves out the second.
FILES ?= 1000000
RUNS ?= cold unchanged
bench-million: .venv/.ready $(BENCH)/venv/.ready
	.venv/bin/python -m benchmarks.large $(FILES) --runs "$(RUNS)" --folder $(BENCH)

# What builds cost by step, driver and workers, for docs/scale.md: FILES_OF real-sized files in shards
# of 1,000, N shards of one tiny file, and the books of SHARDS shards and ARTICLES articles alone.
FILES_OF ?= 1000 10000 36000 100000
N ?= 1000 10000
SHARDS ?= 1000 10000 100000
ARTICLES ?= 1000000 10000000
bench-shards: .venv/.ready
	.venv/bin/python -m benchmarks.scale files $(FILES_OF) --folder $(BENCH)
	.venv/bin/python -m benchmarks.scale shards $(N) --folder $(BENCH)
	.venv/bin/python -m benchmarks.bookkeeping shards $(SHARDS) --folder $(BENCH)
	.venv/bin/python -m benchmarks.bookkeeping articles $(ARTICLES) --folder $(BENCH)

lint: .venv/.ready
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	rm -rf .venv/types && mkdir -p .venv/types/pressroom
	ln -s $(addprefix ../../../,$(wildcard pipeline/*)) .venv/types/pressroom/
	ln -s ../../../assets .venv/types/pressroom/dagster
	.venv/bin/mypy
	.venv/bin/lint-imports

# The data dictionary, from the schemas, and the reference of the settings, from their types.
docs: .venv/.ready
	.venv/bin/python -m pressroom.model.dictionary pressroom.toml > docs/data-dictionary.md
	.venv/bin/python -m pressroom.model.reference > docs/settings.md
	.venv/bin/python -m tests.standards.held > docs/conformance.md

ui: .venv/.ready .dagster/dagster.yaml
	.venv/bin/dg dev -w workspace.yaml -h 127.0.0.1 -p $(PORT)

# Renews the images of the page in docs/images, which shows what the tests see in it.
images: .venv/.ready
	PRESSROOM_IMAGES=docs/images .venv/bin/pytest $(ARGS) tests/browser

# What a server runs, without the tools of development: see deploy/README.md.
server: .venv/.server

# The index alone decides: files that lie on this machine may have other hashes than its own.
COMPILE := env -u PIP_FIND_LINKS CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/pip-compile -q \
	--generate-hashes --build-deps-for editable --no-strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
SERVER_EXTRAS := query s3 scale ui postgres markdown-extensions

# Run it with Python 3.11, the oldest that is supported. The second lock begins as a copy of the
# first, for pip-compile keeps the versions that it finds: what both hold has one version.
lock: .venv/.ready
	$(COMPILE) --all-extras -o requirements.lock $(ARGS) pyproject.toml
	cp requirements.lock requirements-runtime.lock
	$(COMPILE) $(SERVER_EXTRAS:%=--extra %) -o requirements-runtime.lock pyproject.toml

# Leaves out/ and .dagster/: the releases are also the ledger of first sight, and no build brings it back.
clean:
	rm -rf .venv *.egg-info build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find pipeline assets benchmarks tests -name __pycache__ -type d -prune -exec rm -rf {} +

# -qq: pip's warnings are about the machine, not about this project; errors are shown. The project is
# built with the setuptools of the lock, for an isolated build would fetch one without a hash.
define install
@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found: make PYTHON=/path/to/python3.11" >&2; exit 1; }
test -x .venv/bin/pip || $(PYTHON) -m venv .venv
.venv/bin/pip install -qq --require-hashes -r $<
.venv/bin/pip install -qq --no-deps --no-build-isolation -e .
touch $@
endef

.venv/.ready: requirements.lock pyproject.toml
	$(install)

.venv/.server: requirements-runtime.lock pyproject.toml
	$(install)

$(BENCH)/venv/.ready: benchmarks/peers/requirements.txt | .venv/.ready
	test -x $(BENCH)/venv/bin/pip || .venv/bin/python -m venv $(BENCH)/venv
	$(BENCH)/venv/bin/pip install -qq -r benchmarks/peers/requirements.txt
	touch $(BENCH)/venv/.ready

.dagster/dagster.yaml: deploy/dagster.yaml | private
	cp deploy/dagster.yaml .dagster/dagster.yaml

# Logs of runs quote files that are not published.
private:
	@install -d -m 700 .dagster
