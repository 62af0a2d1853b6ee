#!/usr/bin/env bash
# The packet engine beside htsim, on traffic, rates and fabrics that it wasn't made on: completion times of htsim (one seed) and ours (mean of three), and how far apart they
# are; a star where mean or median are 3 %, p99 8 % or the slowest 5 % off. Then a race on the three scenarios of the speed that is asked for.
#
#   HTSIM=path/to/htsim_uec bench/peers/htsim.sh      built from the public source of uet-htsim
#   RUNS=n                                            runs of htsim in the race, 5 unless given; the fastest counts
#
# Matrices are generated here, from seeds of awk. htsim leaves files where it runs: it runs in artifacts/bench/htsim.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${HTSIM:?give HTSIM=path to htsim_uec, built from the public source}"
HTSIM=$(realpath "$HTSIM")
runs=${RUNS:-5}
out=$PWD/artifacts/bench/htsim
mkdir -p "$out"
dotnet build bench/Lightloom.Benchmarks -c Release -v quiet --nologo >"$out/build.log" 2>&1 || { cat "$out/build.log"; exit 2; }
dotnet build src/Lightloom.Cli -c Release -v quiet --nologo >"$out/build.log" 2>&1 || { cat "$out/build.log"; exit 2; }
ours=(dotnet src/Lightloom.Cli/bin/Release/net10.0/lightloom.dll simulate scenario)

# permutation HOSTS SIZE SEED [LATEST START us]: one circle through all in random order
permutation() {
    awk -v n="$1" -v size="$2" -v seed="$3" -v late="${4:-0}" 'BEGIN { srand(seed); for (i = 0; i < n; i++) o[i] = i
        for (i = n - 1; i > 0; i--) { j = int(rand() * (i + 1)); t = o[i]; o[i] = o[j]; o[j] = t }
        print "Nodes " n; print "Connections " n
        for (i = 0; i < n; i++) print o[i] "->" o[(i + 1) % n] " id " i + 1 " start " int(rand() * (late + 1)) " size " size }'
}
# incast HOSTS SENDERS SIZE
incast() {
    awk -v n="$1" -v k="$2" -v size="$3" 'BEGIN { print "Nodes " n; print "Connections " k; for (i = 1; i <= k; i++) print (i * 7) % (n - 1) + 1 "->0 id " i " start 0 size " size }'
}
# alltoall HOSTS SENDERS AT_ONCE SIZE SEED: each sends to each other, some at once, the next when one of these is done
alltoall() {
    awk -v n="$1" -v k="$2" -v par="$3" -v size="$4" -v seed="$5" 'BEGIN { srand(seed); print "Nodes " n; print "Connections " k * (k - 1); print "Triggers " k
        for (i = 0; i < n; i++) h[i] = i
        for (i = n - 1; i > 0; i--) { j = int(rand() * (i + 1)); t = h[i]; h[i] = h[j]; h[j] = t }
        for (a = 0; a < k; a++) { m = 0; for (b = 0; b < k; b++) if (b != a) d[m++] = b
            for (i = m - 1; i > 0; i--) { j = int(rand() * (i + 1)); t = d[i]; d[i] = d[j]; d[j] = t }
            for (i = 0; i < m; i++) print h[a] "->" h[d[i]] " id " ++id (i < par ? " start 0" : " trigger " a + 1) " size " size " send_done_trigger " a + 1 }
        for (a = 1; a <= k; a++) print "trigger id " a " multishot" }'
}
# tree OVERSUBSCRIPTION: 128 hosts in three tiers, spines with so many times fewer links up
tree() {
    printf 'Nodes 128\nTiers 3\nPodsize 16\nTier 0\nDownlink_speed_Gbps 100\nRadix_Down 4\nRadix_Up 4\nDownlink_Latency_ns 1000\nTier 1\nDownlink_speed_Gbps 100\nRadix_Down 4\nRadix_Up %d\nOversubscribed %d\nDownlink_Latency_ns 1000\nTier 2\nDownlink_speed_Gbps 100\nRadix_Down 8\nDownlink_Latency_ns 1000\n' $((4 / $1)) "$1"
}

# Mean, median, 99th percentile and slowest of times, one a line.
figures() { sort -g | awk '{ t[NR] = $1; s += $1 } function q(x) { i = int(x * NR); if (i < x * NR) i++; return t[i < 1 ? 1 : i] } END { print s / NR, q(0.5), q(0.99), t[NR] }'; }

# compare NAME MATRIX "htsim's options" "ours"
compare() {
    local nodes name=$1 matrix=$2 seed
    nodes=$(awk '/^Nodes/ { print $2 }' "$matrix")
    # Ends less starts, of flows by their ids; those that triggers start begin when htsim says.
    # shellcheck disable=SC2086
    (cd "$out" && "$HTSIM" -tm "$matrix" -nodes "$nodes" -end 1000000 -seed 13 -o log.dat $3 >theirs.log) || { echo "$name: htsim failed"; return; }
    awk 'NR == FNR { for (i = 1; i < NF; i++) { if ($i == "id") id = $(i + 1); if ($i == "start") begin[id] = $(i + 1) } next }
        / finished at / { for (i = 1; i < NF; i++) { if ($i == "flowId") f = $(i + 1); if ($i == "finished") print $(i + 2) - begin[f] } }' "$matrix" "$out/theirs.log" | figures >"$out/theirs"
    for seed in 1 2 3; do
        # shellcheck disable=SC2086
        "${ours[@]}" "$matrix" --engine packet --seed $seed --csv "$out/ours.csv" $4 >"$out/ours.log" || { cat "$out/ours.log"; return; }
        awk 'NR == FNR { if (/->/) { b = 0; for (i = 1; i < NF; i++) if ($i == "start") b = $(i + 1); begin[++n] = b } ; next }
            FNR > 1 { split($0, f, ","); print f[finish] * 1e6 - begin[FNR - 1] } FNR == 1 { split($0, h, ","); for (i in h) if (h[i] == "finish_s") finish = i }' "$matrix" "$out/ours.csv" | figures
    done | awk '{ for (i = 1; i <= 4; i++) s[i] += $i } END { print s[1] / NR, s[2] / NR, s[3] / NR, s[4] / NR }' >"$out/ours"
    paste -d' ' "$out/theirs" "$out/ours" | awk -v name="$name" '{ printf "%-38s", name; split("0.03 0.03 0.08 0.05", most, " ")
        for (i = 1; i <= 4; i++) { off = $(i + 4) / $i - 1; printf " %9.2f > %9.2f %+5.1f %%%s", $i, $(i + 4), 100 * off, (off > most[i] || -off > most[i] ? "*" : " ") } print "" }'
}

m=$out/matrix.cm
nscc="-sender_cc_only -linkspeed"
printf '%-38s %29s %29s %29s %29s\n' "us: htsim > ours" mean p50 p99 slowest
permutation 128 2000000 3 >"$out/perm128.cm"
p=$out/perm128.cm
permutation 128 100000 1 >"$m"; compare "100 KB" "$m" "$nscc 100000" ""
permutation 128 8000000 2 >"$m"; compare "8 MB" "$m" "$nscc 100000" ""
permutation 54 2000000 4 >"$m"; compare "54 hosts, 400 Gb/s" "$m" "$nscc 400000" "--rate 400Gb/s"
permutation 432 1000000 11 >"$m"; compare "432 hosts, 1 MB" "$m" "$nscc 100000" ""
permutation 128 2000000 9 >"$m"; compare "two tiers" "$m" "$nscc 100000 -tiers 2" "--tiers 2"
permutation 128 2000000 5 200 >"$m"; compare "starts over 200 us" "$m" "$nscc 100000" ""
compare "800 Gb/s" "$p" "$nscc 800000" "--rate 800Gb/s"
compare "receivers' credits, 200 Gb/s" "$p" "-receiver_cc_only -linkspeed 200000" "--transport uet-rccc --rate 200Gb/s"
compare "wires of 0.5 us, switches of 0.3 us" "$p" "$nscc 400000 -hop_latency 0.5 -switch_latency 0.3" "--rate 400Gb/s --latency 500ns --switch-latency 300ns"
compare "packets of 9,000 B" "$p" "$nscc 400000 -mtu 9000" "--rate 400Gb/s --packet 9000B"
compare "16 paths" "$p" "$nscc 100000 -paths 16" "--paths 16"
compare "queues of 20, marks from 5 to 15" "$p" "$nscc 100000 -q 20 -ecn 5 15" "--buffer 83000B --mark-from 20750B --mark-all 62250B"
compare "queues of 100, marks from 20 to 80" "$p" "$nscc 100000 -q 100 -ecn 20 80" "--buffer 415000B --mark-from 83000B --mark-all 332000B"
compare "bitmap" "$p" "$nscc 100000 -load_balancing_algo bitmap" "--balance bitmap"
compare "reps, 400 Gb/s" "$p" "$nscc 400000 -load_balancing_algo reps" "--balance reps --rate 400Gb/s"
compare "no trimming" "$p" "$nscc 100000 -disable_trim" "--no-trim"
for o in 2 4; do
    tree "$o" >"$out/tree.topo"
    compare "spines $o:1" "$p" "$nscc 100000 -topo $out/tree.topo" "--topo $out/tree.topo"
done
compare "spines 4:1, adaptive" "$p" "$nscc 100000 -strat ecmp_ar -topo $out/tree.topo" "--balance adaptive --topo $out/tree.topo"
compare "spines 4:1, receivers' credits" "$p" "-receiver_cc_only -force_disable_oversubscribed_cc -linkspeed 100000 -topo $out/tree.topo" "--transport uet-rccc --topo $out/tree.topo"
compare "4 links at a quarter" "$p" "$nscc 100000 -failed 4" "--failed 4"
compare "4 links at a quarter, reps" "$p" "$nscc 100000 -failed 4 -load_balancing_algo reps" "--failed 4 --balance reps"
compare "8 links at a quarter, receivers' credits" "$p" "-receiver_cc_only -linkspeed 100000 -failed 8" "--transport uet-rccc --failed 8"
incast 128 8 2000000 >"$m"; compare "8 into one" "$m" "$nscc 100000" ""
incast 128 64 1000000 >"$m"; compare "64 into one" "$m" "$nscc 100000" ""
incast 128 64 1000000 >"$m"; compare "64 into one, receivers' credits" "$m" "-receiver_cc_only -linkspeed 100000" "--transport uet-rccc"
alltoall 128 32 4 200000 12 >"$m"; compare "32 to all, 4 at once (ends)" "$m" "$nscc 100000" ""

echo
printf '%-28s %12s %12s %8s\n' "race" "htsim cpu s" "ours cpu s" ratio
alltoall 128 64 8 65536 7 >"$out/a2a64.cm"
permutation 1024 2000000 7 >"$out/perm1024.cm"
for name in perm128 a2a64 perm1024; do
    nodes=$(awk '/^Nodes/ { print $2 }' "$out/$name.cm")
    for ((i = 0; i < runs; i++)); do
        (cd "$out"; TIMEFORMAT=%U; time "$HTSIM" -tm "$name.cm" -nodes "$nodes" -linkspeed 100000 -sender_cc_only -end 100000 -seed 13 -o log.dat >/dev/null) 2>&1
        if [ $name = perm1024 ] && [ "$i" = 1 ]; then break; fi
    done | sort -g | head -1 >"$out/theirs"
    dotnet bench/Lightloom.Benchmarks/bin/Release/net10.0/Lightloom.Benchmarks.dll packets "$out/$name.cm" | awk 'NR == 2 { print $5 }' >"$out/ours"
    paste -d' ' "$out/theirs" "$out/ours" | awk -v name=$name '{ printf "%-28s %12.3f %12.4f %8.1f\n", name, $1, $2, $1 / $2 }'
done
