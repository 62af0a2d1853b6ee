#!/usr/bin/env bash
# Fits collectives and kernels on the published tables again and renews what rests on that: the parts, the bands and figures of accuracy, and the page
# with its pictures. Takes some minutes on two cores; run it after a change to a time model, look at the difference, then build.
# VTRAIN names a folder with the tables vtrain_single.csv and vtrain_multi.csv, which are not in the project; without it kernels are fitted on the others.
set -euo pipefail
cd "$(dirname "$0")/.."
./lightloom collective fit --data data/validation/collectives/measured.csv --parameters data/catalog/collective-parameters.yaml \
    --accuracy data/collectives/accuracy.yaml --page docs/accuracy.md
tables=(--data data/validation/training)
for table in vtrain_single vtrain_multi; do
    [[ -n ${VTRAIN:-} ]] && tables+=(--data "$VTRAIN/$table.csv")
done
./lightloom train fit "${tables[@]}" --kernels data/catalog/kernel-performance.yaml --accuracy data/catalog/model-accuracy.yaml \
    --page docs/accuracy.md --others data/validation/training/other_models.csv
