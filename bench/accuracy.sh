#!/usr/bin/env bash
# Fits the mechanisms of collectives on the published tables again and renews what rests on that: the parts, the bands of accuracy and the page
# with its pictures. Takes about a minute on two cores; run it after a change to the time model, look at the difference, then build.
set -euo pipefail
cd "$(dirname "$0")/.."
./lightloom collective fit --data data/validation/collectives/measured.csv --parameters data/catalog/collective-parameters.yaml \
    --accuracy data/collectives/accuracy.yaml --page docs/accuracy.md
