#!/usr/bin/env bash
# The one test command: installs what is missing, builds everything once, checks the format, runs every test project.
# Prints little while all is well, and failures in full. The last line is always: N passed, N failed, N skipped
# A build or a format that fails counts as one failure, as does a test project that crashes, hangs or has no tests.
set -euo pipefail
exec </dev/null
cd "$(dirname "$0")"

configuration=Release
solution=Lightloom.slnx
longest=1800 # seconds that one test project may take
logs=artifacts/test
passed=0 failed=0 skipped=0

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Build nodes that outlive this script would hold its output open, and whoever reads it would wait for them.
export MSBUILDDISABLENODEREUSE=1
export HOME="${HOME:-$(unset HOME; echo ~)}" # the SDK wants one, and some runners have none

finish() {
    local all=$((passed + failed))
    if ((all == 0)); then
        echo "no tests ran"
        failed=1
    fi
    echo "$passed passed, $failed failed, $skipped skipped"
    ((failed == 0)) && exit 0
    exit 1
}

# Runs a step of preparation: quiet when it succeeds, its output and the end when it doesn't.
step() {
    local name=$1 log="$logs/$1.log" start=$SECONDS
    shift
    if "$@" >"$log" 2>&1; then
        echo "$name: $((SECONDS - start)) s"
        return 0
    fi
    echo "$name failed: $*"
    # An error in a project is reported again for whatever is built after it.
    awk '!seen[$0]++' "$log"
    failed=$((failed + 1))
    return 1
}

# --- What the tests need -----------------------------------------------------------------------------------------------------

check_sdk() {
    if ! command -v dotnet >/dev/null; then
        echo "The .NET 10 SDK is missing: there is no 'dotnet' on the path. Debian's own packages may not have it;"
        echo "see https://learn.microsoft.com/dotnet/core/install/linux-debian or https://dot.net/v1/dotnet-install.sh (--channel 10.0)."
        failed=1
        finish
    fi
    # global.json asks for a version; this fails where no installed SDK will do.
    if ! dotnet --version >"$logs/sdk.log" 2>&1; then
        echo "The .NET 10 SDK is missing; installed are:"
        dotnet --list-sdks 2>/dev/null || true
        cat "$logs/sdk.log"
        failed=1
        finish
    fi
}

missing=()
has_fonts() { [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name '*.[ot]tf' -print -quit 2>/dev/null)" ]; }

has_liberation() { [ -n "$(find /usr/share/fonts /usr/local/share/fonts -iname 'LiberationSans-Regular.ttf' -print -quit 2>/dev/null)" ]; }

has() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null; }

check_packages() {
    has_fonts || missing+=(fonts-dejavu-core)     # text in PNG and SVG pictures
    has_liberation || missing+=(fonts-liberation) # whose widths the drawings' own table of widths is held to
    # The programs of others that tests/Lightloom.Peers runs; daemons stand in sbin, which a user's path may lack.
    has ibsim || missing+=(ibsim-utils)
    has opensm || missing+=(opensm)
    has ibnetdiscover || missing+=(infiniband-diags)
    has slurmctld || missing+=(slurmctld)
    has scontrol || missing+=(slurm-client)
    has dot || missing+=(graphviz)
    has mpirun || missing+=(openmpi-bin)
    if ! ldconfig -p 2>/dev/null | grep -q libicuuc; then
        export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 # this project uses no culture, and neither need its SDK
    fi
    ((${#missing[@]} == 0)) && return
    local root=()
    ((EUID == 0)) || root=(sudo -n)
    export DEBIAN_FRONTEND=noninteractive
    if ! { "${root[@]}" apt-get update -q && "${root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$logs/packages.log" 2>&1; then
        tail -n 20 "$logs/packages.log"
        echo "could not install ${missing[*]}: tests that need them will fail"
    fi
}

# --- Tests -------------------------------------------------------------------------------------------------------------------

# The number in an attribute of the assembly that a report is about.
count() { grep -o -m 1 '<assembly [^>]*' "$1" | head -n 1 | sed -n "s/.* $2=\"\([0-9]*\)\".*/\1/p"; }

run_tests() {
    local name=$1 report code=0 start=$SECONDS p f s e
    report="$logs/$name.xml"
    rm -f "$report"
    # By 'dotnet' and not by its own launcher, which looks for the runtime in fewer places.
    timeout --kill-after=30 "$longest" dotnet "tests/$name/bin/$configuration/net10.0/$name.dll" --no-ansi --no-progress \
        --results-directory "$logs" --report-xunit --report-xunit-filename "$name.xml" >"$logs/$name.log" 2>&1 || code=$?
    if [ -s "$report" ]; then
        p=$(count "$report" passed) f=$(count "$report" failed) s=$(count "$report" skipped) e=$(count "$report" errors)
    fi
    p=${p:-0} f=$((${f:-0} + ${e:-0})) s=${s:-0}
    if ((code != 0 && f == 0)); then f=1; fi
    if ((code == 0 && p + s == 0)); then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    if ((f == 0)); then
        echo "$name: $p passed${s:+, $s skipped}, $((SECONDS - start)) s"
    else
        cat "$logs/$name.log"
        case $code in
            0) echo "$name: no tests ran" ;;
            124 | 137) echo "$name: stopped after $longest s" ;;
            *) echo "$name: $p passed, $f failed, $s skipped, exit code $code" ;;
        esac
    fi
}

mkdir -p "$logs"
check_sdk
check_packages
step restore dotnet restore "$solution" || finish
# Tests of an old build would only mislead, so nothing runs after a failure; the format is checked all the same.
built=true
step build dotnet build "$solution" -c "$configuration" --no-restore --tl:off -v quiet -clp:NoSummary || built=false
step format dotnet format "$solution" --verify-no-changes --no-restore || true
if $built; then
    for project in tests/*/*.csproj; do run_tests "$(basename "$project" .csproj)"; done
fi
finish
