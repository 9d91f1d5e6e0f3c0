# Everything below uses .venv, which the first target you ask for sets up. A set-up that was interrupted,
# or that was made for another folder, is made anew; one for older requirements is brought up to date.
#
#   PYTHON       the Python to build .venv with (3.11 or newer)
#   TORCH_INDEX  where to take torch from, if not from pip's own index: PyTorch's CPU-only index, for one
#   ARGS         more arguments for pytest: make test ARGS='-k dropout'

PYTHON ?= python3
TORCH_INDEX ?=
ARGS ?=

PYTHONS = $(PYTHON) $(if $(filter file,$(origin PYTHON)),python3.13 python3.12 python3.11)
STAMP = .venv/set-up-complete
PIP = .venv/bin/python -m pip --disable-pip-version-check

.PHONY: demo screenshots test test-attacks test-browser test-cluster test-models test-wheel test-whole time-exports \
  verify verify-mutants lint clean set-up
.NOTPARALLEL:

demo: set-up
	@.venv/bin/grader demo

test: set-up
	@PATH="$$PWD/.venv/bin:$$PATH" .venv/bin/python -m pytest -q $(patsubst %,--ignore=%,tests/browser tests/attacks tests/cluster $(WHOLE)) $(ARGS)

# Whole runs: workers that are killed, the documentation's courses, pull requests, nbgrader beside us. Three minutes.
WHOLE = tests/engine tests/docs tests/ci/test_action.py tests/test_nbgrader.py tests/test_pytest_submission.py
test-whole: set-up
	@PATH="$$PWD/.venv/bin:$$PATH" .venv/bin/python -m pytest -q $(WHOLE) $(ARGS)

# Hostile programs through the real pipeline, layer by layer, and faults of our own: a few minutes.
test-attacks: set-up
	@PATH="$$PWD/.venv/bin:$$PATH" .venv/bin/python -m pytest -q tests/attacks $(ARGS)

# 2,000 random models in a random dress, and 2,000 with one thing changed: about two minutes on two cores.
test-models: set-up
	@RANDOM_MODELS=2000 .venv/bin/python -m pytest -q -s tests/models -k changed $(ARGS) & changed=$$!; \
	RANDOM_MODELS=2000 .venv/bin/python -m pytest -q -s tests/models -k same $(ARGS); same=$$?; \
	wait $$changed && [ $$same -eq 0 ]

# What needs a real browser: the system's Chromium, and JupyterLab in it. Skipped where there is no Chromium.
test-browser: set-up
	@PATH="$$PWD/.venv/bin:$$PATH" .venv/bin/python -m pytest -q -rs tests/browser $(ARGS)

# The pictures in docs/img, of the sample class's own pages.
screenshots: set-up
	@.venv/bin/python -m tests.browser.screenshots

# A Dask scheduler and workers as processes, some of which are killed at their work: a minute.
test-cluster: set-up
	@PATH="$$PWD/.venv/bin:$$PATH" .venv/bin/python -m pytest -q tests/cluster $(ARGS)

# Every assignment's checks, on answers whose grade is known; and on the reference answers with a slip in them.
verify: set-up
	@$(call proven,,2)

verify-mutants: set-up
	@$(call proven,--mutants,1)

# grader verify of every assignment, $(1) its options and $(2) how many lines of its end to show
ASSIGNMENTS = $(patsubst assignments/%/assignment.toml,%,$(wildcard assignments/*/assignment.toml))
proven = for name in $(ASSIGNMENTS); do \
	  .venv/bin/grader verify $$name $(1) > verify.log || { cat verify.log; exit 1; }; \
	  echo "$$name:"; tail -n $(2) verify.log; rm -f verify.log; \
	done

# The wheel alone in an empty environment, outside this folder: as students install it, it checks the notebook in which
# they work; with what grading needs, it grades a course found by its grader.toml.
test-wheel: set-up
	@set -e; there=$$(mktemp -d); trap 'rm -rf "$$there"' EXIT; \
	.venv/bin/python -m build -q --wheel --no-isolation --outdir "$$there" . ; \
	.venv/bin/python -m venv "$$there/env"; \
	pip="$$there/env/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt"; \
	$$pip --no-deps $(if $(TORCH_INDEX),--index-url '$(TORCH_INDEX)') torch; \
	$$pip "$$there"/*.whl; mkdir "$$there/alone"; cp assignments/dl1/dl1.ko.ipynb tests/practice/light.py "$$there/alone"; \
	(cd "$$there/alone"; ../env/bin/python light.py); \
	for wheel in "$$there"/*.whl; do $$pip "$$wheel[grading]"; done; \
	mkdir "$$there/course"; cp -R grader.toml assignments solutions "$$there/course"; \
	mkdir "$$there/course/submitted"; cp -R submitted/perfect submitted/no-bias "$$there/course/submitted"; \
	cd "$$there/course"; \
	if ../env/bin/grader grade dl1 --workers 1 --min-score 97; then echo 'a score of 96 was let through'; exit 1; \
	elif [ $$? -ne 1 ]; then exit 1; fi; \
	../env/bin/grader grade dl1 submitted/perfect --workers 1 --min-score 100; \
	test -s graded/feedback/perfect/dl1/dl1.html; echo 'the wheel grades on its own'

# A class of 1,000 through the gradebook and every export: at most 30 s of processor time, and nobody left out.
time-exports: set-up
	@.venv/bin/python benchmarks/exports.py

lint: set-up
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m mypy
	@$(lint-workflows)

# What CI services read. actionlint has wheels for Linux alone.
WORKFLOWS = .github/workflows/*.yml docs/ci/private-answers.yml
SCHEMA = .venv/bin/check-jsonschema -q --builtin-schema
lint-workflows = if [ -x .venv/bin/actionlint ]; then .venv/bin/actionlint $(WORKFLOWS); fi \
	&& $(SCHEMA) vendor.github-workflows $(WORKFLOWS) \
	&& $(SCHEMA) vendor.github-actions action.yml publish/action.yml \
	&& $(SCHEMA) vendor.gitlab-ci --data-transform gitlab-ci docs/ci/gitlab.yml

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp's first line is the folder (a moved .venv does not work), its second the requirements. Torch comes
# alone, so that its index need not have the pinned versions of anything else.
set-up:
	@wanted=$$(cat pyproject.toml constraints.txt | cksum); \
	if ! .venv/bin/python -c 'import pip' 2>/dev/null \
	  || [ "$$(head -n 1 $(STAMP) 2>/dev/null)" != "$$(pwd -P)" ]; then \
	  for candidate in $(PYTHONS) none; do \
	    if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then break; fi; \
	  done; \
	  if [ "$$candidate" = none ]; then \
	    echo 'No Python 3.11 or newer with venv found (tried: $(PYTHONS)).' >&2; \
	    echo 'Install one, or name one: make PYTHON=/path/to/python3.11' >&2; exit 2; \
	  fi; \
	  echo "Setting up .venv with $$candidate"; \
	  rm -rf .venv && "$$candidate" -m venv .venv || exit; \
	elif [ "$$(sed -n 2p $(STAMP))" = "$$wanted" ]; then exit 0; \
	fi; \
	rm -f $(STAMP) \
	&& $(PIP) install -q -c constraints.txt pip hatchling editables \
	&& echo 'Installing torch' \
	&& $(PIP) install -q --no-deps -c constraints.txt $(if $(TORCH_INDEX),--index-url '$(TORCH_INDEX)') torch \
	&& echo 'Installing everything else' \
	&& $(PIP) install -q -c constraints.txt --no-build-isolation --group dev -e '.[grading]' \
	&& printf '%s\n%s\n' "$$(pwd -P)" "$$wanted" > $(STAMP)
