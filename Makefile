# What a developer runs; .ci/run runs the same and more.

GO ?= go
FUZZTIME ?= 10s
# Packages with goroutines of their own.
RACE = ./internal/archive ./internal/catalog ./internal/git ./internal/gitserve ./internal/index ./internal/store ./internal/web ./cmd/bobbin

.PHONY: all build check test race fuzz bench clean

all: check test

build: ## the static binary
	CGO_ENABLED=0 $(GO) build -trimpath -o bobbin ./cmd/bobbin

check: ## formatting, vet, staticcheck, layers
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "gofmt -w these:"; echo "$$files"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test ./internal/imports

test: ## every test
	$(GO) test ./...

race: ## the race detector, which needs a C compiler
	CGO_ENABLED=1 $(GO) test -race -shuffle=on $(RACE)

fuzz: ## every fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

bench: ## prints the table of bench/RESULTS.md; takes a while
	bench/run.sh

clean:
	rm -f bobbin
