# The two commands of the README, and what developers use. Everything lands in .venv; `make clean` removes it.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The NVIDIA package of ONNX Runtime where there is an NVIDIA card, the plain one elsewhere: they exclude each other.
RUNTIME ?= $(shell nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
EXTRAS ?= $(RUNTIME),postgresql,serve,cluster,train,dev
# Processes that share the tests, one for each core; each has its own ports, folders and servers.
WORKERS ?= logical --maxprocesses 8

.PHONY: demo test setup system lint screenshot screenshots try-window try-alerts clean

demo: ## make the environment and count the demonstration clip, in a window or in the terminal
	@$(MAKE) --no-print-directory setup EXTRAS=$(RUNTIME)
	$(BIN)/deepcount --demo

test: setup ## make the full environment and run all tests
	QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
	$(BIN)/lint-imports
	$(BIN)/ruff check .
	$(BIN)/mypy

setup: system $(VENV)/.installed-$(EXTRAS) ## make the environment, by default with all that developers need

$(VENV)/.installed-%: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing deepcount[$*] into $(VENV) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[$*]'
	@touch $@

system: ## check Python; name the system packages that are missing, and install them where this runs as root
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is too old or missing: Python 3.11 or newer is needed (make ... PYTHON=python3.12)"; exit 1; }
	@wanted="$$($(PYTHON) -c 'from engine.desktop import missing_packages; print(*missing_packages())')"; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || wanted="$$wanted python3-venv"; \
	if [ -z "$$wanted" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing system packages: $$wanted"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$wanted >/dev/null; \
	else echo "System packages are missing. On Debian and Ubuntu: sudo apt-get install -y $$wanted"; fi

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screenshot: setup ## take the picture of the window again that the README shows
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/app/screenshot.py assets/screenshot.png

screenshots: setup ## take pictures of every page and dialog, light and dark, at 100 and 200 %
	$(BIN)/python tests/app/screenshots.py screenshots

try-window: setup ## try the window on a display that nobody sees, by real mouse and keys (needs xvfb openbox xdotool scrot)
	$(BIN)/python tests/app/by_hand.py by-hand.png

try-alerts: setup ## try alerts, their proof and suspending by real mouse and keys (3 minutes; needs the same)
	$(BIN)/python tests/app/alerts_by_hand.py alerts-by-hand

clean:
	rm -rf $(VENV)
