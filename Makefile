# The two commands of the README are `make run` and `make test`; both install what they need.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UPSTREAM ?= live
LISTEN   ?= 127.0.0.1:8080
DATA     ?= ./var

export CGO_ENABLED := 0
NPM_CI      := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
ENGINE_LIB  := engine/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
BROWSER_DIR := test/browser

.PHONY: help run build engine test check unit soak browser screenshots generate bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: engine build ## start everything on http://127.0.0.1:8080 (UPSTREAM=mirror:DIR for recorded sources)
	exec bin/pyrometer up --demo=auto --upstream='$(UPSTREAM)' --listen='$(LISTEN)' --data='$(DATA)'

build: ## build bin/pyrometer
	@echo 'Building bin/pyrometer (a first build downloads about 120 MB of Go modules).'
	go build -trimpath -o bin/pyrometer ./cmd/pyrometer

engine: $(ENGINE_LIB) ## install the embedded ClickHouse engine, pinned by hash

$(ENGINE_LIB): engine/package-lock.json
	@echo 'Installing the ClickHouse engine: 178 MB to download, 566 MB on disk.'
	cd engine && $(NPM_CI)
	@test -f $@ || { echo 'The engine has no build for this platform; use --clickhouse clickhouse://user:pass@host:9000/pyrometer.' >&2; exit 1; }
	@touch $@

test: engine test-deps check unit browser ## install what tests need and run everything
	@echo 'All tests ran.'

.PHONY: test-deps
test-deps:
	scripts/test-deps

check: ## gofmt, vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not gofmt-ed: $$unformatted" >&2; exit 1; }
	go vet ./...
	go tool staticcheck ./...

unit: ## unit tests, fuzz seeds, tests on the real engine, the end-to-end test
	go test -timeout 15m ./...

soak: engine ## kill collections at thirty places of each kind, which takes an hour
	go test -timeout 3h ./cmd/pyrometer -run TestKilled -kills 30

browser: build ## the browser test, in Debian's Chromium
	cd $(BROWSER_DIR) && npx playwright test

screenshots: engine build test-deps ## take the pictures of the README from the recorded sources
	node $(BROWSER_DIR)/screenshots.mjs

generate: engine ## rebuild the committed CSS and JS, sql/schema.sql and docs/data-dictionary.md
	go generate ./ui/...
	go test ./internal/store -run 'TestSchema|TestDictionary' -update

bench: engine build test-deps ## speed and memory; prints, never fails on a number
	go test -run '^$$' -bench '^Benchmark(Backfill|Start|Collect|Serve)$$' -benchtime 1x -timeout 1h ./cmd/pyrometer
	go test -run '^$$' -bench '^BenchmarkOSV$$' -benchtime 3x ./internal/store
	go test -p 1 -run '^$$' -bench . -skip '^Benchmark(Backfill|Start|Collect|Serve|OSV)$$' -benchtime 200ms -benchmem ./...
	node $(BROWSER_DIR)/performance.mjs

clean: ## remove what was built and stored
	rm -rf bin var $(BROWSER_DIR)/test-results $(BROWSER_DIR)/playwright-report
