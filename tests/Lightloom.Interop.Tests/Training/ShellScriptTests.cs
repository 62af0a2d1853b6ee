using System.Diagnostics;
using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Training;

namespace Lightloom.Interop.Tests.Training;

/// <summary>Scripts are followed as the shell would run them, without running anything; bash itself says what that is.</summary>
public class ShellScriptTests
{
    static readonly string[] Scripts =
    [
        "A=1; run $A \"$A\" '$A' ${A} \"x${A}y\"",
        "A='a b  c'; run $A \"$A\" x$A\"y\" ${A}z",
        "A=\"--x 1 \\\n  --y 2\"; run $A",
        "A=; run \"$A\" $A ''",
        "B=; C=(\"8\"\"${B:-q r}\" ' x'); C=(${C[@]}); run \"${C[@]}\"",
        "run ${B:-d} ${B:-\"d e\"} \"${B:-d e}\" ${B-} ${B:-}",
        "B=; run \"${B:-d}\" \"${B-d}\" \"${B:+set}\" \"${B+set}\"",
        ": ${C:=7}; run $C",
        "A=(1 2 '3 4'); run ${A[@]} \"${A[@]}\" ${A[1]} $A ${#A[@]} \"x${A[@]}y\"",
        "A=(); A+=(--a 1); A+=(\n  --b # comment\n  \"c d\"\n); run \"${A[@]}\"",
        "A=(\"--f hybrid\" \"--g '99,1,0'\"); run ${A[@]}",
        "A=(x y); run \"${A[*]}\" ${A[*]}",
        "N=4; run $((N*8)) $(( $N * 8 + 1 )) $((2**10)) $((7/2)) $((-7%3)) $((N>3?1:2)) $(((1+2)*3)) $((N==4 && 0)) $((1<<4)) $((0x10))",
        "A=5; B=$((A+=0)) || true; run ok",
        "if [ 1 -eq 1 ]; then run yes; else run no; fi",
        "A=fp8; if [[ \"$A\" == \"fp8\" ]]; then run yes; elif [[ $A = x ]]; then run x; fi",
        "A=fp8; if [[ $A == f* && -n $A ]] || false; then run yes; fi",
        "A=\"f*\"; if [[ fp8 == \"$A\" ]]; then run yes; else run no; fi",
        "if [ -z \"\" ] && ! [ -n \"\" ]; then run yes; fi",
        "[ 3 -gt 2 ] && A=yes || A=no; run $A",
        "[ 3 -gt 4 ] && run yes || run no",
        "if ! [[ 1 -lt 0 ]]; then run yes; fi",
        "S=8B; case $S in 7B) run seven;; 8B|9B) L=32; run $L;; *) run other;; esac",
        "S=x; case $S in [a-c]) run abc;; ?) run one;; esac",
        "for i in 1 2 3; do run $i; done; run $i",
        "A=(a b); for x in \"${A[@]}\"; do\n run $x\ndone",
        "f() { run \"$1\" $#; }; f a b; f 'c d'",
        "function g {\n local x=$1\n run $x\n}\ng 5",
        "A=1; (A=2; run $A); run $A",
        "A=1; { A=2; }; run $A",
        "A=\"run x\"; eval $A y",
        "A='run \"p q\" r'; eval $A",
        "O='--x 1'; cmd=\"run a ${O} \\\n b\"; eval ${cmd}",
        "export A=3 B; readonly C=4; run $A $C",
        "A=3; unset A; run \"[$A]\" ${A-x} ${A:-y}",
        "set -- x y; run $1 $2 $#; shift; run $1",
        "run a\\ b \"a\\\"b\" 'a\"b' a\\\nb",
        "run \"a\\nb\" \"\\$x\" '\\$x'",
        "run a#b #c\nrun d",
        "cat <<EOF\n$x 'unclosed\nEOF\nrun after",
        "cat <<-'END'\n\ttext\n\tEND\nrun after",
        "run a > /dev/null 2>&1\nrun b 2>/dev/null",
        "run a | cat; true && run b &\nwait",
        "A=abc; run ${#A} ${A^^} ${A%c} ${A#a}",
        "P=/a/b/c.sh; run $(dirname $P) $(basename $P) $(basename $P .sh) ${P##*/} ${P%/*}",
        "A=x; A+=y; run $A; B+=z; run $B",
        "A=0; A=1 run $A; run \"[$A]\"",
        "A[0]=q; run \"${#A[@]}\"",
        "if [ \"$(echo a)\" = a ]; then run echoed; fi",
        "run \"${A:-${B:-${C:-deep}}}\"",
        "true\nrun 1; run 2 && run 3",
        "while false; do run never; done; run after",
        "run {a,b}",
        "A=' lead trail '; run $A \"$A\" x${A}y",
        "if test 2 -le 2 -a x != y; then run yes; fi",
        "((3 > 2)) && run yes",
        "x=3; if (( x == 3 )); then run three; fi",
        "run $'a'",
    ];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Scripts.Length)];

    static string? Bash { get; } = new[] { "/bin/bash", "/usr/bin/bash" }.FirstOrDefault(File.Exists);

    /// <summary>The commands <c>run ...</c> of a script, each as its words between brackets.</summary>
    static string[] Followed(string script) =>
    [
        .. ShellScript.Follow(ShellText.Of(script, "s.sh"), "s.sh").Commands.Where(c => c.Words[0].Text == "run")
            .Select(c => string.Concat(c.Words.Skip(1).Select(w => w.IsKnown ? $"[{w.Text}]" : throw new InvalidOperationException($"{w.Text} is unknown: {w.FirstUnknown!.Value.Why}")))),
    ];

    static string[] ByBash(string script)
    {
        if (Bash is null) Assert.Skip("bash is not there");
        using var whole = Process.Start(new ProcessStartInfo(Bash!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--norc", "-c", "exec 3>&1 >/dev/null\nrun() { { printf R; [ $# -eq 0 ] || printf '[%s]' \"$@\"; printf '\\0'; } >&3; }\n" + script },
            WorkingDirectory = "/",
        })!;
        whole.StandardInput.Close();
        var output = whole.StandardOutput.ReadToEnd();
        whole.WaitForExit();
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(r => r[1..])];
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_script_is_followed_as_bash_runs_it(int number)
    {
        var script = Scripts[number];
        // What is not followed at all is unknown, never wrong.
        if (script.Contains("{a,b}", StringComparison.Ordinal))
        {
            Assert.Equal(["[{a,b}]"], Followed(script));
            return;
        }
        Assert.Equal(ByBash(script), Followed(script));
    }

    static Gen<string> One(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    static readonly Gen<string> Text = One("a", "b c", "", " x", "--n 1", "8", "${A}", "${B:-q r}", "${C[@]}", "$((N+1))", "${D-}", "#h", "e#f", "*z");

    static readonly Gen<string> WordOf = Gen.Select(Text, Gen.Int[0, 2], (t, quote) => quote switch
    {
        0 => t.Replace(" ", "\\ ", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal) is { Length: > 0 } bare && !bare.StartsWith('#') ? t.StartsWith('$') ? t : bare : "''",
        1 => $"\"{t}\"",
        _ => $"'{t}'",
    });

    static readonly Gen<string> Joined = WordOf.Array[1, 3].Select(string.Concat);

    static readonly Gen<string> Statement = Gen.OneOf(
        Gen.Select(One("A", "B", "D"), Joined, (n, w) => $"{n}={w}"),
        Gen.Select(One("A", "B"), Joined, (n, w) => $"{n}+={w}"),
        Joined.Array[0, 3].Select(w => $"C=({string.Join(' ', w)})"),
        Joined.Array[0, 3].Select(w => $"C+=({string.Join(' ', w)})"),
        Gen.Int[0, 9].Select(n => $"N={n}"),
        Joined.Array[1, 3].Select(w => $"run {string.Join(' ', w)}"),
        // Several words where [ ] expects one are an error there and undecided here.
        Gen.Select(Joined, Joined, (a, b) => $"if [ {Quoted(a)} = {Quoted(b)} ]; then A=same; else B=other; fi".Replace("${C[@]}", "${#C[@]}", StringComparison.Ordinal)));

    static string Quoted(string word) => word.StartsWith('"') || word.StartsWith('\'') ? $"\"\"{word}" : $"\"\"\"{word.Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal)}\"";

    /// <summary>Random scripts of assignments, arrays, quotes and conditions, ten to a process.</summary>
    [Fact]
    public void Random_scripts_are_followed_as_bash_runs_them() => Statement.Array[3, 12].Array[10].Sample(
        scripts =>
        {
            var script = string.Concat(scripts.Select(s => "unset A B C D; A=1 B=2 C=(3 4) D=5 N=6\n" + string.Join('\n', s) + "\nrun \"$A\" \"$B\" \"${C[@]}\" $D\n"));
            Assert.Equal(ByBash("set -f\n" + script), Followed(script));
        },
        iter: 30, threads: 1);

    [Theory]
    [InlineData("A=$(nproc); run $A", "commands are never run")]
    [InlineData("A=`date`; run $A", "commands are never run")]
    [InlineData("run $NNODES", "nothing sets NNODES")]
    [InlineData("run $1", "the script's arguments aren't given")]
    [InlineData("N=$(nproc); run $((N*8))", "commands are never run")]
    [InlineData("if grep x /proc/cpuinfo; then A=1; else A=2; fi; run $A", "a condition that can't be decided")]
    [InlineData("if [ $1 = x ]; then A=1; fi; run $A", "a condition that can't be decided")]
    [InlineData("while [ $1 ]; do A=2; shift; done; run $A", "a condition that can't be decided")]
    [InlineData("A=1; grep -q x f && A=2; run $A", "a condition that can't be decided")]
    [InlineData("X=abc; run ${X/b/c}", "is not followed")]
    [InlineData("C=(a b); if [ \"${C[@]}\" = a ]; then A=1; fi; run $A", "a condition that can't be decided")]
    public void What_only_a_run_would_tell_is_unknown_and_says_why(string script, string why)
    {
        var word = ShellScript.Follow(ShellText.Of(script, "s.sh"), "s.sh").Commands.Last(c => c.Words[0].Text == "run").Words[1];
        Assert.False(word.IsKnown);
        Assert.Contains(why, word.FirstUnknown!.Value.Why);
    }

    [Fact]
    public void Both_ways_that_end_alike_are_known()
    {
        Assert.Equal(["[1][b]"], Followed("B=b; if grep x y; then A=1; else A=1; fi; run $A $B"));
        // A list that is perhaps added to is known as far as it is sure.
        var words = ShellScript.Follow(ShellText.Of("A=(x y); if grep q; then A+=(z); fi; run ${A[@]}", "s.sh"), "s.sh").Commands[^1].Words;
        Assert.Equal(["run", "x", "y", "$A"], words.Select(w => w.Text));
        Assert.Equal([true, true, true, false], words.Select(w => w.IsKnown));
    }

    [Fact]
    public void Words_keep_the_places_at_which_they_were_written()
    {
        const string Script = "A=\"--x 1 \\\n   --y 2\"\nB=(\n  --z 3\n)\nC=\"run $A ${B[@]}\"\neval $C\n";
        var words = ShellScript.Follow(ShellText.Of(Script, "s.sh"), "s.sh").Commands.Single().Words;
        Assert.Equal(["run", "--x", "1", "--y", "2", "--z", "3"], words.Select(w => w.Text));
        Assert.Equal([6, 1, 1, 2, 2, 4, 4], words.Select(w => w.Mark.Line));
    }

    [Fact]
    public void Sourced_files_are_followed_where_they_lie_beside()
    {
        using var files = new LaunchFiles();
        files.Add("sub/common.sh", "N=4\nsource $(dirname ${BASH_SOURCE[0]})/more.sh\n");
        files.Add("sub/more.sh", "M=$((N*2))\n");
        var script = ShellScript.Follow(files.Add("run.sh", "source $(dirname \"$0\")/sub/common.sh\nsource /etc/profile\n[ -f none.sh ] && source none.sh\n. ~/x.sh\nrun $M\n"));
        Assert.Equal("8", script.Commands[^1].Words[1].Text);
        Assert.Equal(["/etc/profile", "~/x.sh"], script.Missing.Select(m => m.Path));
    }

    [Fact]
    public void What_stands_behind_the_file_sets_variables_and_arguments()
    {
        var script = ShellScript.Follow(ShellText.Of("N=${NODES:-1}; run $N $1 $# \"$@\"", "s.sh"), "s.sh", new Dictionary<string, string> { ["NODES"] = "16" }, ["a", "b c"]);
        Assert.Equal(["run", "16", "a", "2", "a", "b c"], script.Commands[0].Words.Select(w => w.Text));
        Assert.Empty(script.Notes);
        Assert.Contains("$NODES is not set: its default '1' is taken", ShellScript.Follow(ShellText.Of("N=${NODES:-1}", "s.sh"), "s.sh").Notes[0]);
    }

    [Fact]
    public void Slurms_directives_set_its_variables()
    {
        var script = ShellScript.Follow(ShellText.Of("#!/bin/bash\n#SBATCH --nodes=16 # many\n#SBATCH -J name\n#SBATCH --ntasks-per-node 8\n\nrun $SLURM_NNODES $((SLURM_NNODES*SLURM_NTASKS_PER_NODE))\n#SBATCH --nodes=99", "s.sh"), "s.sh");
        Assert.Equal(["run", "16", "128"], script.Commands[0].Words.Select(w => w.Text));
    }

    [Fact]
    public void A_shell_that_is_started_is_followed_too()
    {
        var script = ShellScript.Follow(ShellText.Of("A='--x 1'\nsrun -N 2 bash -c \"run ${A} --y $Z\"\n", "s.sh"), "s.sh");
        Assert.Equal(["srun -N 2", "run --x 1 --y $Z"], script.Commands.Select(c => string.Join(' ', c.Words.Select(w => w.Text))));
        Assert.Equal("nothing sets Z in the script", script.Commands[1].Words[^1].FirstUnknown!.Value.Why);
    }

    [Theory]
    [InlineData("run 'abc", "a single quote that stands here is not closed", 1, 5)]
    [InlineData("run \"abc\n$x", "a double quote that stands here is not closed", 1, 5)]
    [InlineData("\n\nif true; then\nrun\n", "an 'if' that starts here has no 'fi'", 3, 1)]
    [InlineData("for x in 1; do run", "a loop that starts here has no 'done'", 1, 1)]
    [InlineData("case x in a) run;;", "no 'esac'", 1, 1)]
    [InlineData("A=(1 2", "'(' of an array that starts here is not closed", 1, 3)]
    [InlineData("run $((1+2", "is not closed", 1, 7)]
    [InlineData("run ${A", "'${' that stands here is not closed", 1, 5)]
    [InlineData("run $(a", "is not closed", 1, 5)]
    [InlineData("run `a", "a backtick that stands here is not closed", 1, 5)]
    [InlineData("run )", "')' closes nothing", 1, 5)]
    [InlineData("[[ a", "is not closed by ']]'", 1, 1)]
    [InlineData("cat <<E\nx", "is not closed by a line 'E'", 2, 1)]
    [InlineData("run $((1/0))", "divides by zero", 1, 5)]
    [InlineData("run $((9223372036854775807+1))", "leaves 64 bits", 1, 5)]
    [InlineData("run $((1+))", "is no arithmetic", 1, 5)]
    public void A_script_that_is_none_says_where(string script, string problem, int line, int column)
    {
        var e = Assert.Throws<InputException>(() => ShellScript.Follow(ShellText.Of(script, "s.sh"), "s.sh"));
        Assert.Contains(problem, e.Message);
        Assert.Equal(new Mark("s.sh", line, column), e.Mark);
    }

    [Fact]
    public void Files_that_source_each_other_are_refused()
    {
        using var files = new LaunchFiles();
        files.Add("b.sh", "source a.sh\n");
        var e = Assert.Throws<InputException>(() => ShellScript.Follow(files.Add("a.sh", "source b.sh\n")));
        Assert.Contains("sources itself, by way of 'b.sh'", e.Message);
        Assert.Contains("sources itself", Assert.Throws<InputException>(() => ShellScript.Follow(files.Add("c.sh", "source c.sh\n"))).Message);
        for (var i = 0; i < 100; i++) files.Add($"d{i}.sh", $"source d{i + 1}.sh\n");
        Assert.Contains("by way of each other", Assert.Throws<InputException>(() => ShellScript.Follow(Path.Combine(files.Folder, "d0.sh"))).Message);
    }

    [Theory]
    [InlineData("bash <<EOF\nrun \"$A\" \\$B\nEOF\nrun after $B\n", "run 1 9|run after 9")]
    [InlineData("bash <<-EOF\n\trun $A\n\tEOF\nrun after\n", "run 1|run after")]
    [InlineData("bash -s <<'EOF'\nrun $A \"${A}\"\nEOF\n", "run 1 1")]
    [InlineData("sbatch -N 4 <<EOF\n#!/bin/bash\n#SBATCH --nodes=4\n\nsrun -l bash -x -c \"run $A\" --n \\$SLURM_NNODES\nEOF\n", "run 1")]
    [InlineData("cat <<EOF > x\nrun $( \" ` ${A\nEOF\nrun after\n", "run after")]
    [InlineData("if true; then\nsbatch <<EOF\nrun $A\nEOF\nfi\n", "run 1")]
    [InlineData("bash <<EOF\nbash <<END\nrun $A\nEND\nEOF\n", "run 1")]
    public void What_a_shell_is_handed_below_its_command_is_followed(string script, string expected)
    {
        var followed = ShellScript.Follow(ShellText.Of($"A=1\nB=9\n{script}", "s.sh"), "s.sh");
        Assert.Equal(expected.Split('|'), followed.Commands.Where(c => c.Words[0].Text == "run").Select(c => string.Join(' ', c.Words.Select(w => w.Text))));
    }

    [Fact]
    public void Slurm_reads_what_its_batch_command_is_handed()
    {
        var script = ShellScript.Follow(ShellText.Of("N=8\nsbatch <<EOF\n#!/bin/bash\n#SBATCH --nodes=$N\nsrun run \\$SLURM_NNODES\nEOF\n", "s.sh"), "s.sh");
        Assert.Equal("8", script.Directives["--nodes"].Text);
        var run = script.Commands.Single(c => c.Words[0].Text == "srun");
        Assert.Equal(("srun run 8", 5, "sbatch"), (string.Join(' ', run.Words.Select(w => w.Text)), run.Mark.Line, run.Launcher[0].Text));
        var e = Assert.Throws<InputException>(() => ShellScript.Follow(ShellText.Of("bash <<EOF\nrun ${A\nEOF\n", "s.sh"), "s.sh"));
        Assert.Contains("is not closed", e.Message);
    }

    public static TheoryData<string> Bombs =>
    [
        "A=x\n" + string.Concat(Enumerable.Repeat("A=$A$A\n", 64)),
        "A=(x)\n" + string.Concat(Enumerable.Repeat("A=(\"${A[@]}\" \"${A[@]}\")\n", 64)),
        "A=x\n" + string.Concat(Enumerable.Repeat("A=\"$A x\"\n", 100_000)),
        "A=()\n" + string.Concat(Enumerable.Repeat("A+=(x)\n", 100_000)),
        string.Concat(Enumerable.Repeat("for a in 1 2 3 4 5 6 7 8 9 10; do ", 12)) + "run" + string.Concat(Enumerable.Repeat("; done", 12)),
        string.Concat(Enumerable.Repeat("if grep a; then ", 60)) + "run" + string.Concat(Enumerable.Repeat("; fi", 60)),
        string.Concat(Enumerable.Range(0, 20_000).Select(i => $"A{i}=1\nif grep x; then B=1; fi\n")),
        "f() { f; }\nf\n",
        "f() { f; f; }\nf\n",
        "A='eval $A'\neval $A\n",
        string.Concat(Enumerable.Repeat("bash <<E\n", 30_000)) + string.Concat(Enumerable.Repeat("E\n", 30_000)),
        string.Concat(Enumerable.Range(0, 5_000).Select(i => $"bash <<E{i}\n")) + string.Concat(Enumerable.Range(0, 5_000).Reverse().Select(i => $"E{i}\n")),
        "run " + string.Concat(Enumerable.Repeat("$(", 10_000)),
        "run " + string.Concat(Enumerable.Repeat("${A:-", 10_000)),
        "run " + string.Concat(Enumerable.Repeat("\"$(", 10_000)),
        "run $((" + new string('(', 50_000),
        string.Concat(Enumerable.Repeat("run $((x )\n", 50_000)),
        string.Concat(Enumerable.Repeat("! ", 200_000)) + "run",
        string.Concat(Enumerable.Repeat("{ ", 50_000)),
        string.Concat(Enumerable.Repeat("f() ", 50_000)),
        "true" + string.Concat(Enumerable.Repeat(" && true", 150_000)),
        "[[ " + new string('(', 100_000) + " ]]",
        string.Concat(Enumerable.Repeat("a[", 500_000)),
        new string('x', 3_000_000),
    ];

    [Theory]
    [MemberData(nameof(Bombs))]
    public void No_script_takes_long_or_fails_without_a_word(string script)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            ShellScript.Follow(ShellText.Of(script, "s.sh"), "s.sh");
        }
        catch (InputException e)
        {
            Assert.True(e.Message.Length < 500, e.Message);
        }
        // Seconds where a bomb would take hours, whatever the machine.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), clock.Elapsed.ToString());
    }

    [Fact]
    public void Any_text_is_a_script_or_a_clear_error() => Gen.Char["$(){}[]'\"`\\|&;<>#= \nabif01-@*!"].Array[0, 60].Select(c => new string(c)).Sample(
        text =>
        {
            try
            {
                ShellScript.Follow(ShellText.Of(text, "s.sh"), "s.sh");
            }
            catch (InputException e)
            {
                Assert.NotEmpty(e.Message);
            }
        },
        iter: 20_000);
}
