# Everything one does with openmic from its sources. `make help` lists it.
SHELL = bash

GO ?= go
# Shared by several goroutines, so tested under the race detector too.
RACED = ./floor/... ./internal/live/... ./internal/journal/... ./internal/web/page/...
# One file each; the third part is the version of ARM.
PLATFORMS = linux/amd64 linux/arm64 linux/arm/7 windows/amd64 darwin/amd64 darwin/arm64

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: ## bin/openmic for this machine
	$(GO) build -o bin/openmic ./cmd/openmic

.PHONY: run demo-cut
run: build ## a demo on http://localhost:8080; Ctrl-C stops it, the next start goes on
	@bin/openmic demo

demo-cut: build ## the demo on two sites, ports 8080 and 8081, with a link that Enter cuts and mends
	@bin/openmic demo-cut

.PHONY: needs
needs: ## what the tests need and this machine lacks: browser, fonts, npm, PostgreSQL
	@.ci/needs

.PHONY: test
test: needs ## everything, in a real browser too
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	OPENMIC_BROWSER=must $(GO) test -p 2 -timeout 20m ./internal/site ./... # the longest first: no core waits for it at the end
	$(GO) test ./floor -timeout 9m -run '^TestPlantedFaults$$' -planted 14
	$(GO) test -race -short -p 2 -timeout 20m $(RACED)

.PHONY: check
check: ## before a commit: form, vet, staticcheck, and the tests with the race detector, browser or not
	@unformed=$$(gofmt -l $$(find . -name '*.go' -not -path './node_modules/*')); \
		if [ -n "$$unformed" ]; then echo "gofmt -w would change: $$unformed"; exit 1; fi
	$(GO) vet ./...
	$(GO) fix -diff ./...
	$(GO) tool staticcheck ./...
	$(GO) test -race -short -timeout 20m ./...

.PHONY: cluster
cluster: ## PostgreSQL, a standby, three nodes and a proxy on this machine, to play with; Ctrl-C ends it
	OPENMIC_CLUSTER=stay $(GO) test -count 1 -timeout 0 ./internal/site -run TestClusterToPlayWith -v

.PHONY: proof
proof: build ## prints what is claimed, measured now: fairness, promises, planted faults, records, fuzzing; minutes
	@GO="$(GO)" .ci/proof

.PHONY: torture
torture: ## 100,000 random sessions against F1 to F10, 20,000 seeds of two sites, and every planted fault
	@mkdir -p bin
	$(GO) test -c -o bin/cut.test ./internal/sim/cut
	cd internal/sim/cut && ../../../bin/cut.test -test.v -test.timeout 4h -test.run '^(TestTwoSites|TestFaults|TestPlantedMistakes)$$' -seeds 20000 -planted 99
	$(GO) test -c -o bin/floor.test ./floor
	cd floor && ../bin/floor.test -test.v -test.timeout 2h -test.run '^(TestSessions|TestPlantedFaults)$$' -sessions 100000 -planted 99

.PHONY: bench
bench: build ## the figures against their budgets, as a table and in bench.jsonl
	bin/openmic bench --out bench.jsonl

.PHONY: bench-cut
bench-cut: build ## every figure of two sites beside its target: cut noticed and shown, healed, lost, seeds, memory, waits; also in bench-cut.jsonl; SEEDS=300
	bin/openmic bench -cut -seeds $(or $(SEEDS),300) -out bench-cut.jsonl

.PHONY: screenshot
screenshot: ## the README's picture of the wall, taken anew
	OPENMIC_BROWSER=must $(GO) test -count 1 ./internal/site -run TestScreenshot -screenshot ../../docs/wall.png

.PHONY: release
release: ## one stripped file for each system in dist, with their sums
	rm -rf dist && mkdir dist
	@set -e; for platform in $(PLATFORMS); do \
		IFS=/ read -r os arch arm <<< "$$platform"; \
		file=dist/openmic-$$os-$$arch$${arm:+v$$arm}; \
		if [ $$os = windows ]; then file=$$file.exe; fi; \
		echo "$$file"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch GOARM=$$arm \
			$(GO) build -trimpath -buildvcs=false -ldflags '-s -w' -o $$file ./cmd/openmic; \
	done
	cd dist && (sha256sum openmic-* 2>/dev/null || shasum -a 256 openmic-*) > SHA256SUMS && cat SHA256SUMS

.PHONY: clean
clean: ## removes what was built; no data of a session
	rm -rf bin dist bench.jsonl bench-cut.jsonl
