#!/usr/bin/env bash
# Races the flow engine against SimGrid on the named scenarios, in one run: seconds of the simulation without loading, ours with routing,
# the fastest of several; and whether the last flow completes at the same time.
#
#   bench/peers/simgrid.sh [SCENARIO ...]      perm1024 perm4096 a2a64 a2a128 a2a128o lmm2000 ring256 unless given
#   SIMGRID=path bench/peers/simgrid.sh        another build of SimGrid (its prefix, with include/ and lib/) instead of Debian's
#   RUNS=n                                     runs of SimGrid for each scenario, 3 unless given
#
# Needs g++ and Debian's libsimgrid-dev, or SIMGRID. SimGrid 3.32, Debian's, is up to 80 times slower than 4.1 on symmetric traffic: a
# ratio to quote is one to 4.1.
set -euo pipefail
cd "$(dirname "$0")/../.."

scenarios=("$@")
if [ ${#scenarios[@]} = 0 ]; then scenarios=(perm1024 perm4096 a2a64 a2a128 a2a128o lmm2000 ring256); fi
runs=${RUNS:-3}
out=artifacts/bench/peers
mkdir -p "$out"
flags=()
if [ -n "${SIMGRID:-}" ]; then
    flags=(-I"$SIMGRID/include" -L"$SIMGRID/lib" -Wl,-rpath,"$SIMGRID/lib")
elif [ ! -f /usr/include/simgrid/s4u.hpp ]; then
    echo "there is no SimGrid: install libsimgrid-dev, or give SIMGRID=prefix"
    exit 2
fi
g++ -O2 -std=c++17 bench/peers/simgrid_flows.cpp -o "$out/simgrid_flows" "${flags[@]}" -lsimgrid
dotnet build bench/Lightloom.Benchmarks -c Release -v quiet --nologo >"$out/build.log" 2>&1 || { cat "$out/build.log"; exit 2; }
ours=(dotnet bench/Lightloom.Benchmarks/bin/Release/net10.0/Lightloom.Benchmarks.dll race)

printf '%-10s %10s %12s %12s %8s %8s %8s  %s\n' scenario flows "SimGrid s" "Lightloom s" ratio "MB" "MB" "last completion"
for scenario in "${scenarios[@]}"; do
    for ((i = 0; i < runs; i++)); do "$out/simgrid_flows" "$scenario"; done | sort -g -k3,3 | head -1 >"$out/theirs"
    "${ours[@]}" "$scenario" >"$out/ours"
    paste -d' ' "$out/theirs" "$out/ours" | awk '{
        off = ($10 - $5) / $5; if (off < 0) off = -off
        printf "%-10s %10d %12.6f %12.6f %8.0f %8d %8d  %s %s\n", $1, $2, $3, $8, $3 / $8, $4, $9, $5, off < 1e-9 ? "both" : "but ours " $10
    }'
done
