# Verbs:
#   make demo      everything from nothing to three searches in the sample shop
#   make test      everything from nothing to all tests run (needs no network beyond packages and the model)
#   make build     the program, optimised: .build/release/aisle
#   make model     all-MiniLM-L6-v2 into $AISLE_HOME/models (default ~/.cache/aisle/models)
#   make test-page the search page in Chromium, after make demo; screenshots in .build/page-screenshots
#   make setup     the system libraries
#   make format    rewrite the sources in the project's format;  make lint  only check it
#   make kill      KILLS=200 kills at random moments of an ingest, update, deletion, checkpoint, compaction, rebuild, tuning each (make test does 10)
#   make damage    every byte of a small index changed, every length it can be cut to, every write of an ingest, deletion or compaction refused
#   make thread-sanitizer  inserts and searches at once, and followers of an index, under ThreadSanitizer; a build of its own, which takes minutes
#   make bench     tokens, texts and products a second, beside the peers: FEED=, QUERIES=, and PYTHON= with PEERS=encode.py
#   make bench-encode  the encoder in f32, bf16 and int8 beside its peers: FEED= QUERIES=, and PYTHON= PEERS=encode.py INDEX= RECORD=file.json
#   make bench-graph   the graph beside hnswlib and SVS: VECTORS=unit vectors.npy PYTHON=, and ASKED=queries.npy FILTERS=1 ROUNDS= PEERS=graph.py RECORD=file.json
#   make bench-growth  build, search, open, upsert, memory from 10 thousand to a million vectors: VECTORS= PYTHON=, and RECORD=file.json SIZES=
#   make metrics   figures of aisle evaluate beside pytrec_eval, ranx and sentence-transformers: PYTHON=, and INDEX= QRELS= QUERIES= FROM= BASE=
#   make exchange  model directories both ways between aisle tune and sentence-transformers: PYTHON=
#   make bench-tune  training beside sentence-transformers and PyTorch: PYTHON=, and SENTENCES= PAIRS= BATCHES= RECORD=file.json
#   make bad-requests  what no client should send, to aisle serve on the sample shop: INDEX=
#   make check-tls   aisle serve with TLS, built (minutes) and tried with openssl and curl: INDEX=
#   make bench-serve  queries a second and latency of the server, beside FastAPI, sentence-transformers and hnswlib: INDEX= QUERIES= PYTHON=
#   make drill     what searches see during ingest, rebuild and rollback: FEED= QUERIES= OTHER=model directory
#   make check-openapi  /openapi.json against the running server, by schemathesis: SCHEMATHESIS=
#   make stsb      Spearman correlation on the STS benchmark, if its file is beside the project
#   make clean     remove what was built

# One build serves program and tests: the tests need -enable-testing, and it costs nothing measurable. `swift test` would pass that
# flag a second time and so build everything anew; hence it only runs what `swift build` has built.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
AISLE := .build/release/aisle
FIGURES := Benchmarks/.build/release/encoder-figures
SHOP := indexes/shop
MODEL := all-MiniLM-L6-v2
FEED ?= ../shared/data/homedepot/products.jsonl
KILLS ?= 200
QUERIES ?= ../shared/data/homedepot/queries-dev.jsonl

.PHONY: demo test test-page build model setup format lint kill damage bench bench-encode bench-parts bench-graph bench-growth metrics exchange bench-tune bad-requests check-tls bench-serve drill check-openapi stsb clean thread-sanitizer

demo: model
	@$(AISLE) ingest catalog/products.jsonl --index $(SHOP) --model $(MODEL)
	@for query in "gift for a tea lover" "warm sleeping bag for winter camping" "quiet keyboard for the office"; do \
	    printf '\n%s\n' "$$query"; $(AISLE) search "$$query" --index $(SHOP) -k 5 || exit 1; done

test: model
	swift build $(SWIFT_FLAGS) --product aislePackageTests
	swift test $(SWIFT_FLAGS) --skip-build

# Needs the shop that `make demo` leaves behind.
test-page:
	scripts/test-page --program $(AISLE) --index $(SHOP)

build: setup
	swift build $(SWIFT_FLAGS) --product aisle

model: build
	@scripts/model $(AISLE) $(MODEL)

setup:
	@scripts/setup

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Benchmarks

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Benchmarks
	scripts/lint

kill: model
	swift build $(SWIFT_FLAGS) --product aislePackageTests
	@rm -rf .build/kills && mkdir -p .build/kills
	AISLE_KILLS=$(KILLS) swift test $(SWIFT_FLAGS) --skip-build --filter 'KillTests|RebuildProgramTests' --attachments-path .build/kills
	@cat .build/kills/*

damage:
	swift build $(SWIFT_FLAGS) --product aislePackageTests
	@rm -rf .build/damage && mkdir -p .build/damage
	AISLE_EVERY_BYTE=1 swift test $(SWIFT_FLAGS) --skip-build --filter 'EveryByteTests|WriteFaultTests' --attachments-path .build/damage
	@cat .build/damage/*

# Suites in which several threads work on one table, graph or index; the others would only take long. It ends with 66 after a data race.
SANITIZED := CatalogWriterTests|ConcurrentSearchTests|GroupInsertionTests|VectorTableTests|LiveIndexTests|SearchEngineTests|GenerationsTests|GenerationShelfTests
SANITIZER := --sanitize=thread --scratch-path .build-thread-sanitizer
thread-sanitizer:
	AISLE_PART=engine swift build $(SANITIZER) --build-tests
	AISLE_PART=engine TSAN_OPTIONS="exitcode=66 suppressions=$(CURDIR)/scripts/thread-sanitizer.supp" \
	    swift test $(SANITIZER) --skip-build --filter '$(SANITIZED)'

bench: model
	scripts/bench-tokenize $(AISLE) $(MODEL) $(FEED) $(if $(PYTHON),--python $(PYTHON))
	@$(MAKE) --no-print-directory bench-encode
	scripts/bench-ingest $(AISLE) $(MODEL) $(FEED) --queries $(QUERIES) $(if $(PYTHON),--python $(PYTHON))

# What is measured has package access: -enable-testing opens the modules to it.
bench-encode: model
	swift build --package-path Benchmarks $(SWIFT_FLAGS) --product encoder-figures
	scripts/bench-encode $(AISLE) $(FIGURES) $(MODEL) $(FEED) $(QUERIES) $(if $(INDEX),--index $(INDEX)) \
	    $(if $(PEERS),--python $(PYTHON) --peers $(PEERS)) $(if $(RECORD),--record $(RECORD))

bench-parts:
	swift package --package-path Benchmarks $(SWIFT_FLAGS) --disable-sandbox benchmark --no-progress $(if $(TARGET),--target $(TARGET))

bench-graph:
	swift build --package-path Benchmarks $(SWIFT_FLAGS) --product graph-figures
	scripts/bench-graph Benchmarks/.build/release/graph-figures $(VECTORS) --python $(PYTHON) $(if $(ASKED),--queries $(ASKED)) \
	    $(if $(FILTERS),--filters) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(PEERS),--peers $(PEERS)) $(if $(RECORD),--record $(RECORD))

bench-growth: model
	swift build --package-path Benchmarks $(SWIFT_FLAGS) --product graph-figures
	swift build --package-path Benchmarks $(SWIFT_FLAGS) --product index-figures
	scripts/bench-growth $(AISLE) $(FIGURES:encoder-figures=graph-figures) $(FIGURES:encoder-figures=index-figures) $(VECTORS) \
	    $${AISLE_HOME:-$$HOME/.cache/aisle}/models/$(MODEL) --python $(PYTHON) $(if $(SIZES),--sizes $(SIZES)) $(if $(RECORD),--record $(RECORD))

# The sample shop, unless another index with its queries and judgments is named.
metrics: $(if $(INDEX),build,demo)
	$(or $(PYTHON),python3) scripts/check-metrics $(AISLE) --index $(or $(INDEX),$(SHOP)) \
	    --queries $(if $(INDEX),$(QUERIES),catalog/queries.jsonl) --qrels $(or $(QRELS),catalog/judgments.tsv) \
	    --relevant-from $(or $(FROM),2) --gain-base $(or $(BASE),0)

exchange: model
	$(or $(PYTHON),python3) scripts/check-exchange $(AISLE) $(MODEL)

# The sample shop, unless the article's sentences or other pairs are named.
bench-tune: model
	$(or $(PYTHON),python3) scripts/bench-tune $(AISLE) $(MODEL) $(if $(SENTENCES),--seed-sentences $(SENTENCES)) \
	    $(if $(PAIRS),--pairs $(PAIRS)) $(if $(BATCHES),--batches $(BATCHES)) $(if $(RECORD),--json $(RECORD))

bad-requests: $(if $(INDEX),build,demo)
	$(or $(PYTHON),python3) scripts/bad-requests $(AISLE) $(or $(INDEX),$(SHOP))

check-tls: $(if $(INDEX),build,demo)
	scripts/check-tls $(or $(INDEX),$(SHOP))

bench-serve: model
	scripts/bench-serve $(AISLE) $(or $(INDEX),$(SHOP)) $(QUERIES) $(if $(PYTHON),--python $(PYTHON))

drill: model
	scripts/drill-serve $(AISLE) $(MODEL) $(OTHER) $(FEED) $(QUERIES)

check-openapi: $(if $(INDEX),build,demo)
	scripts/check-openapi $(AISLE) $(or $(INDEX),$(SHOP)) $(or $(SCHEMATHESIS),schemathesis)

stsb: model
	scripts/stsb $(AISLE) $(MODEL)

clean:
	rm -rf .build .build-tls .build-thread-sanitizer Benchmarks/.build
