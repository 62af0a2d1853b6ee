#!/usr/bin/env bash
# What a user waits for and what it takes: wall time (best of N) and peak memory of the released command line evaluating 24,576
# accelerators and 1,048,576, and the ratio of both. To reach: below 1 s and 200 MB, and at most 3 times that for a million.
# The evaluation alone, once loaded, is measured by bench/Lightloom.Benchmarks (below 5 ms).
#
#   bench/evaluate.sh [N]                    N runs of each, 10 unless given
#   LIGHTLOOM=path bench/evaluate.sh         measures this executable instead of publishing one
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-10}
small=examples/llama3-24k-roce.yaml
large=bench/designs/one-million.yaml
lightloom=${LIGHTLOOM:-}

for design in "$small" "$large"; do
    [ -f "$design" ] || { echo "there is no $design"; exit 2; }
done
if [ -z "$lightloom" ]; then
    published=artifacts/bench/cli
    mkdir -p "$published"
    dotnet publish src/Lightloom.Cli -c Release -o "$published" -p:RunAnalyzers=false -v quiet --nologo >artifacts/bench/publish.log 2>&1 ||
        { cat artifacts/bench/publish.log; exit 2; }
    lightloom=$published/lightloom
fi

# Microseconds of the fastest run.
fastest() {
    local best=0 start taken i
    "$lightloom" evaluate "$1" >/dev/null # files into the page cache
    for ((i = 0; i < runs; i++)); do
        start=${EPOCHREALTIME/./}
        "$lightloom" evaluate "$1" >/dev/null
        taken=$((${EPOCHREALTIME/./} - start))
        if ((best == 0 || taken < best)); then best=$taken; fi
    done
    echo "$best"
}

# Peak resident memory in KiB.
peak() {
    local most=0 now pid
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -v "$lightloom" evaluate "$1" 2>&1 >/dev/null | sed -n 's/.*Maximum resident set size (kbytes): //p'
        return
    fi
    # The kernel keeps the peak itself; the last look before the end is at most some milliseconds old.
    "$lightloom" evaluate "$1" >/dev/null &
    pid=$!
    while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do most=$now; done
    wait "$pid"
    echo "$most"
}

small_time=$(fastest "$small") large_time=$(fastest "$large")
small_peak=$(peak "$small") large_peak=$(peak "$large")
awk -v st="$small_time" -v lt="$large_time" -v sp="$small_peak" -v lp="$large_peak" -v runs="$runs" 'BEGIN {
    printf "%-36s %14s %14s %10s\n", "lightloom evaluate", "24,576", "1,048,576", "ratio"
    printf "%-36s %12.0f ms %12.0f ms %10.2f\n", "wall time, best of " runs, st / 1e3, lt / 1e3, lt / st
    printf "%-36s %12.0f MB %12.0f MB %10.2f\n", "peak resident memory", sp * 1.024e-3, lp * 1.024e-3, lp / sp
    missed = ""
    if (st >= 1e6) missed = missed " wall time of 1 s;"
    if (sp * 1.024e-3 >= 200) missed = missed " memory of 200 MB;"
    if (lt > 3 * st) missed = missed " 3 times the time for a million;"
    if (lp > 3 * sp) missed = missed " 3 times the memory for a million;"
    if (missed == "") print "all figures reached"
    else { print "not reached:" missed; exit 1 }
}'
