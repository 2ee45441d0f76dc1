.DEFAULT_GOAL := help
SHELL := /bin/sh
TPTCTL := node dist/tptctl/main.js

##@ Use it
up: build ## Install what is missing, build, start the control plane on this machine
	@$(TPTCTL) up

down: ## Stop the control plane (npx tptctl down --purge removes its state too)
	@$(TPTCTL) down

##@ Work on it
setup: ## Install npm packages and nats-server, when they are missing
	@hack/setup.sh

build: setup ## Compile to dist/
	@npx --no-install tsc -p .
	@chmod +x dist/tptctl/main.js

generate: build ## Write what api-schemas/ says: types, tables, registry, client, OpenAPI
	@node dist/hack/codegen/main.js
	@npx --no-install tsc -p .

test: build ## Run every test; the last line counts them
	@node dist/hack/mocha/main.js

SEEDS ?= 200
simulate: build ## Play the whole plane from seeds: make simulate SEEDS=2000, or SEED=17 to look at one
	@node dist/simulation/main.js $(if $(SEED),--seed $(SEED),--seeds $(SEEDS)) $(if $(PLANT),--plant $(PLANT))

simulate-plants: build ## Put bugs in, one at a time: the simulation has to find each
	@node dist/simulation/main.js --plants --seeds $(if $(filter command line,$(origin SEEDS)),$(SEEDS),2000)

bench: build ## Measure the main job: latency, CPU, statements, memory (a few minutes)
	@node dist/hack/bench/main-job.js

verify: verify-generated verify-imports lint ## Everything that is checked without running it

verify-generated: build ## Fail when generated files are not what api-schemas/ says
	@node dist/hack/codegen/main.js --check

verify-imports: build ## Fail when a file imports what its folder may not, or a reconciler goes around its ports
	@node dist/hack/verify/main.js

lint: setup ## Lint and check the formatting
	@npx --no-install oxlint --deny-warnings
	@npx --no-install prettier --check --log-level warn .

format: setup ## Format the sources
	@npx --no-install prettier --write --log-level warn .

clean: ## Remove what was built
	@rm -rf dist

help: ## Show this
	@awk 'BEGIN {FS = ":.*##"} /^[a-z-]+:.*##/ {printf "  %-18s %s\n", $$1, $$2} /^##@/ {printf "\n%s\n", substr($$0, 5)}' $(MAKEFILE_LIST)

.PHONY: up down setup build generate test simulate simulate-plants bench verify verify-generated verify-imports lint format clean help
