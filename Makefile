# Each target does its own set-up and, run again, only what has changed.
#
# Everything is made in $(VENV).  Another Python beside the usual one:
#     make test PYTHON=python3.13 VENV=.venv-3.13

VENV = .venv
python = $(VENV)/bin/python
pip = $(python) -m pip --disable-pip-version-check
# meson-python looks for meson and ninja on the path.
path = PATH="$$(cd "$(VENV)/bin" && pwd):$$PATH"

.PHONY: help
help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 16

# Set-up ------------------------------------------------------------------------------------------

# The words of a list in pyproject.toml, such as build-system.requires.
words = $(python) -c 'import sys, tomllib; \
	value = tomllib.load(open("pyproject.toml", "rb")); \
	[value := value[key] for key in sys.argv[1:]]; print(*value)'

$(VENV)/made: tools/prerequisites.sh
	@python=$$(PYTHON="$(PYTHON)" sh tools/prerequisites.sh) && \
	echo "Making $(VENV) with $$python" && \
	"$$python" -m venv --clear $(VENV)
	@touch $@

# Older versions of pip take the last of several --config-settings alone.
$(VENV)/build-tools: pyproject.toml $(VENV)/made
	@echo "Installing Meson, Ninja and NumPy in $(VENV)"
	@$(pip) install -q "pip>=23.1" ninja $$($(words) build-system requires) $$($(words) project dependencies)
	@touch $@

$(VENV)/test-tools: pyproject.toml $(VENV)/build-tools
	@echo "Installing pytest and what the tests run on in $(VENV)"
	@$(pip) install -q $$($(words) dependency-groups test)
	@touch $@

sources = meson.build meson.options pyproject.toml $(wildcard tests/*.pyf fortran/* fortran/*/*) \
	python python/lbfgsb77 $(wildcard $(addprefix python/,*.* */*.* */*/*.* */*/*/*.*))

# The tests compare with the authors' release and with the system's library, run clients in other
# languages, and open a report in a browser, where these can be had.
$(VENV)/original: tools/system_packages.sh tools/original_sources.sh $(VENV)/made
	@sh tools/system_packages.sh "what tests compare with" liblbfgsb0 liblbfgsb-dev \
		gcc=cc g++=c++ liblbfgspp-dev r-base-core=Rscript nodejs=node \
		chromium=chromium chromium-driver=chromedriver musl-tools=musl-gcc
	@sh tools/original_sources.sh $(VENV)/original-sources
	@rm -rf $(VENV)/build  # Meson keeps what it did not find
	@touch $@

with_sources = $(if $(wildcard $(VENV)/original-sources/lbfgsb.f),\
	--config-settings=setup-args=-Doriginal_sources=$(abspath $(VENV))/original-sources)

# Not an editable install: demo and tests meet what a user gets.
install = $(path) $(pip) install -q --no-build-isolation --no-deps --force-reinstall . \
	--config-settings=build-dir=$(VENV)/build

$(VENV)/package: $(sources) $(VENV)/build-tools
	@echo "Building lbfgsb77"
	@$(install)
	@touch $@

# With the kernel's inner routines, which the tests call one by one, and the originals.
$(VENV)/package-for-tests: $(sources) $(VENV)/test-tools $(VENV)/original
	@echo "Building lbfgsb77"
	@$(install) --config-settings=setup-args=-Dkernel_tests=true $(with_sources)
	@touch $@ $(VENV)/package

# The two commands --------------------------------------------------------------------------------

.PHONY: demo test
demo: $(VENV)/package  ## fit real data and print the results
	@$(python) examples/first_fit.py

test: $(VENV)/package-for-tests  ## run the tests
	@$(path) $(python) -m pytest $(PYTEST_ARGS)

# More checks, and benchmarks ----------------------------------------------------------------------

.PHONY: test-original test-portable test-kill fuzz bench bench-quick bench-starts bench-parts
test-original: $(VENV)/package-for-tests  ## compare every return with the release, Debian's, SciPy 1.14's
	@$(python) tests/original/compare.py --installed --runs 20000
	@$(python) tests/original/compare.py --installed --original system --branches --runs 20000
	@$(python) tests/original/compare.py --installed --original scipy --runs 20000
	@$(python) tests/original/coverage.py

.PHONY: original
original: $(VENV)/made  ## build on the authors' release in the directory SOURCES
	@test -f "$(SOURCES)/lbfgsb.f" -a -f "$(SOURCES)/timer.f" || \
	{ echo "SOURCES: a directory with lbfgsb.f and timer.f is expected, got '$(SOURCES)'"; exit 2; }
	@rm -rf $(VENV)/original-sources $(VENV)/build
	@mkdir -p $(VENV)/original-sources
	@cp "$(SOURCES)"/*.f $(VENV)/original-sources
	@touch $(VENV)/original
	@rm -f $(VENV)/package $(VENV)/package-for-tests
	@$(MAKE) --no-print-directory $(VENV)/package-for-tests
	@$(python) -m lbfgsb77 info

test-portable: $(VENV)/package-for-tests  ## compare compilers, levels of optimization and processors
	@$(python) tests/portable/check.py --install

test-kill: $(VENV)/package-for-tests  ## kill runs at 200 random moments and resume them
	@OPENBLAS_NUM_THREADS=1 $(python) tests/killed/runs.py --kills 200
	@OPENBLAS_NUM_THREADS=1 $(python) tests/killed/parts.py --runs 50

fuzz: $(VENV)/package-for-tests  ## call everything with wrong arguments, 20,000 times
	@$(python) tests/fuzz.py

$(VENV)/mutants-tools: pyproject.toml $(VENV)/test-tools
	@echo "Installing coverage.py in $(VENV)"
	@$(pip) install -q $$($(words) dependency-groups mutants)
	@touch $@

.PHONY: mutants test-sanitized
mutants: $(VENV)/package-for-tests $(VENV)/mutants-tools  ## change the source and see which changes no test notices
	@$(path) $(python) tests/mutants/run.py

test-sanitized: $(VENV)/test-tools $(VENV)/original  ## run kernel tests under the address and undefined-behaviour sanitizers
	@$(path) $(python) tests/sanitized.py

bench: $(VENV)/package-for-tests  ## measure beside the other implementations
	@$(python) benchmarks/run.py --ours $(python)

bench-quick: $(VENV)/package-for-tests  ## the same in a minute
	@$(python) benchmarks/run.py --ours $(python) --quick

bench-starts: $(VENV)/package-for-tests  ## many starts at once, beside BoTorch, Optuna, jaxopt
	@$(python) benchmarks/starts.py

bench-parts: $(VENV)/package-for-tests  ## a sum of parts, beside dask-glm and a loop of mpi4py around SciPy
	@$(python) benchmarks/parts.py

# What the other clients in ports/ need.
$(VENV)/port-tools: tools/system_packages.sh $(VENV)/original
	@sh tools/system_packages.sh "compilers and interpreters" gfortran=gfortran \
		default-jdk-headless=java rustc=rustc perl r-cran-lbfgsb3c
	@touch $@

.PHONY: ports test-ports
ports: $(VENV)/package $(VENV)/port-tools  ## measure the implementations that can be had, and write the page on them
	@$(python) tools/measure_ports.py

test-ports: $(VENV)/package-for-tests $(VENV)/port-tools  ## run the clients in ports/ against the checker
	@$(python) -m pytest -rs tests/test_ports.py

.PHONY: test-scipy
test-scipy: $(VENV)/made  ## run the tests of SciPy, scikit-learn and others on this package
	@$(python) tests/downstream/run.py $(ENVIRONMENTS)

# The site ----------------------------------------------------------------------------------------

$(VENV)/docs-tools: pyproject.toml $(VENV)/made
	@echo "Installing Sphinx in $(VENV)"
	@$(pip) install -q $$($(words) dependency-groups docs)
	@touch $@

.PHONY: docs
docs: $(VENV)/package-for-tests $(VENV)/docs-tools  ## build the site in build/docs and run its examples
	@rm -rf docs/reference/generated  # pages of names that are no longer there
	@$(python) -m sphinx -q -W --keep-going -d build/doctrees docs build/docs
	@$(path) $(python) -m pytest -q tests/test_documentation.py
	@echo "The site begins at build/docs/index.html"

# Style -------------------------------------------------------------------------------------------

$(VENV)/lint-tools: pyproject.toml $(VENV)/build-tools
	@echo "Installing pre-commit, mypy and ruff in $(VENV)"
	@$(pip) install -q $$($(words) dependency-groups lint)
	@touch $@

.PHONY: lint
lint: $(VENV)/lint-tools $(VENV)/package  ## check style and types
	@$(path) $(python) -m pre_commit run --all-files
	@$(python) -m mypy
	@$(path) $(VENV)/bin/basedpyright --verifytypes lbfgsb77 --ignoreexternal > $(VENV)/public-types || \
	{ cat $(VENV)/public-types; exit 1; }

# Packages ----------------------------------------------------------------------------------------

$(VENV)/wheel-tools: pyproject.toml $(VENV)/build-tools
	@echo "Installing auditwheel in $(VENV)"
	@$(pip) install -q $$($(words) dependency-groups wheel)
	@touch $@

.PHONY: wheel clean
wheel: $(VENV)/wheel-tools  ## make a wheel in dist/ and try it on a bare system
	@$(path) $(python) tools/wheel.py $(if $(RELEASE),--release $(RELEASE))

clean:  ## remove what the other targets have made
	rm -rf $(VENV) build dist
