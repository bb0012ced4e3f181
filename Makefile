# Thin over the ordinary tools: everything here can be typed by hand. ARGS is passed on to pulumi.
STACK ?= aws-development
BASE ?= main
PYTHON ?= python3
RUN := .venv/bin/python
SOURCES := __main__.py components stacks rehearsal review policies tools tests benchmarks
NEEDS_PULUMI = command -v pulumi >/dev/null || { \
	echo "pulumi is not on PATH: https://www.pulumi.com/docs/install/ (a rehearsal does without)" >&2; exit 1; }

.PHONY: help setup rehearse diff permissions preview up destroy values check test bench engine

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## .venv with what STACK's target needs, or all of TARGETS="aws azure"
	@$(PYTHON) tools/setup.py $(if $(TARGETS),--target $(TARGETS),--stack "$(STACK)")

rehearse: setup ## STACK on the real engine and a simulated cloud; writes out/STACK/
	@$(RUN) -m rehearsal "$(STACK)"

.PHONY: faults
faults: .venv/dev ## every fault at every resource of STACK or of every stack, on the simulated cloud; long
	@$(RUN) -m rehearsal.trials $(if $(filter file,$(origin STACK)),,"$(STACK)") $(ARGS)

.PHONY: record
record: .venv/dev ## the states that upgrades are tried on, of the version that is released now
	@$(RUN) -m rehearsal.recorded

.PHONY: fuzz
fuzz: .venv/dev ## ten thousand broken stack files and more, none of which may end in a traceback
	FUZZ_EXAMPLES=$(or $(EXAMPLES),10000) $(RUN) -m pytest -q -n 2 tests/unit/test_bad_configuration.py

diff: .venv/dev ## what the working tree changes against BASE, of STACK or of every stack; writes out/diff/
	@$(RUN) -m review --base "$(BASE)" $(if $(filter file,$(origin STACK)),,--stack "$(STACK)")

permissions: setup ## what whoever runs Pulumi may do in the cloud for STACK; writes out/STACK/permissions/
	@$(RUN) -m tools.permissions "$(STACK)"

.PHONY: policies
policies: ## what `pulumi preview|up --policy-pack policies` needs
	@$(PYTHON) tools/policy_pack.py

.PHONY: mutants
FOLDER ?= components
mutants: .venv/dev ## flip each safety-relevant argument under FOLDER=components/aws; hours for all of them
	@$(RUN) -m tools.mutants "$(FOLDER)" $(ARGS)

preview: setup ## what `up` would do
	@$(NEEDS_PULUMI)
	pulumi preview --stack "$(STACK)" --diff $(ARGS)

up: setup ## make or change the environment
	@$(NEEDS_PULUMI)
	pulumi up --stack "$(STACK)" $(ARGS)

destroy: setup ## remove all but what is protected, and list that
	@$(NEEDS_PULUMI)
	pulumi destroy --stack "$(STACK)" --exclude-protected $(ARGS)
	@$(RUN) tools/kept.py "$(STACK)"

values: setup ## out/STACK/values.yaml; with SECRETS=1 secrets.yaml too (mode 0600)
	@$(NEEDS_PULUMI)
	@$(RUN) -m tools.values "$(STACK)" $(if $(filter 1,$(SECRETS)),--secrets)

check: .venv/dev ## format, lint, types and architecture
	$(RUN) -m ruff format --check $(SOURCES)
	$(RUN) -m ruff check $(SOURCES)
	.venv/bin/pyrefly check
	$(RUN) -m pytest -q tests/architecture

test: .venv/dev ## every check and test
	@$(RUN) tools/test.py

bench: .venv/dev ## what the components and the simulation cost, as ratios
	@$(RUN) -m benchmarks.overhead

engine: .venv/dev ## obtain the engine that rehearsals use, and say where it is
	@$(RUN) -m rehearsal.engine

.PHONY: .venv/dev
.venv/dev:
	@$(PYTHON) tools/setup.py --target aws azure gcp --dev
