PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: app test test-fast lint clean

app: $(VENV)/.app  ## set up and start the app on localhost; it prints its address
	$(BIN)/streamlit run app.py

test: $(VENV)/.test  ## set up and run the whole suite
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-fast: $(VENV)/.test  ## what takes more than a few seconds is left out
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: $(VENV)/.test
	$(BIN)/python -m pip install --quiet ruff==0.17.5 && $(BIN)/ruff check .

clean:
	rm -rf $(VENV)

$(VENV)/.app: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt
	touch $@

$(VENV)/.test: $(VENV)/.app tests/requirements.txt tests/install_chromium tests/package-lock.json
	$(BIN)/python -m pip install --disable-pip-version-check -q -r tests/requirements.txt
	if command -v npm >/dev/null; then npm ci --prefix tests --no-audit --no-fund --silent; fi
	tests/install_chromium $(BIN)/playwright
	touch $@
