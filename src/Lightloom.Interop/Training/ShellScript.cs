// Follows a launch script without running anything: assignments, arrays, conditions, loops over known words, functions, sourced
// files and eval are carried out; every other command is kept with its words. What a program would print ($( ), backticks), what the
// caller would have set, and what is assigned under a condition that can't be decided is unknown, and says so where it is needed.
//
//   a variable that nothing sets          unknown where its value is used; empty in a condition, as the shell would have it
//   ${NAME:-word}                         the word where nothing sets NAME, and a note
//   a condition that can't be decided     both ways are followed; what differs afterwards is unknown
//   bash, sbatch <<EOF                    the lines up to EOF are followed as a script
//   a file test                           looked up below the script's folder alone, so that other machines decide alike
//
// Worked example:
//   GPUS=8; NODES=${SLURM_NNODES:-2}; WORLD=$((GPUS*NODES)); ARGS=(--world $WORLD); run ${ARGS[@]} --ckpt $1
//   gives the command [run, --world, 16, --ckpt, $1], the last of them unknown: the script's first argument isn't given.

using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>A command that a script would have run, its words expanded.</summary>
/// <param name="Words">The words.</param>
/// <param name="Mark">Where it starts.</param>
/// <param name="Sure">Whether it is run whatever the conditions are that can't be decided.</param>
/// <param name="Launcher">What started the shell that runs it (<c>srun ... bash -c</c>); empty where nothing did.</param>
sealed record ShellCommand(IReadOnlyList<ShellValue> Words, Mark Mark, bool Sure, IReadOnlyList<ShellValue> Launcher);

/// <summary>A script, followed to its end.</summary>
sealed partial class ShellScript
{
    const int MostStatements = 200_000;
    const int MostWords = 200_000;
    const int MostFiles = 64;
    const int Deepest = 24;
    const int MostIterations = 10_000;
    const long MostCopied = 5_000_000;
    const long MostMade = 1L << 24;

    readonly string folder, path;
    readonly List<ShellCommand> commands = [];
    readonly List<string> notes = [];
    readonly List<(string Path, Mark Mark)> missing = [];
    readonly List<string> sourcing = [];
    readonly List<string> sources = [];
    readonly Dictionary<string, IReadOnlyList<ShellStatement>> functions = new(StringComparer.Ordinal);
    // A scalar has one value and isn't an array; an unset variable isn't there.
    Dictionary<string, (bool Array, IReadOnlyList<ShellValue> Values)> variables = new(StringComparer.Ordinal);
    // No value at all: known not to be set.
    static readonly (bool Array, IReadOnlyList<ShellValue> Values) Removed = (false, []);

    // Stand in arithmetic for what isn't known.
    readonly Dictionary<string, string> holes = new(StringComparer.Ordinal);
    IReadOnlyList<ShellValue>? positional;
    IReadOnlyList<ShellValue> launcher = [];
    int statements, words, depth, files, unsure;
    long copied, made;

    ShellScript(string path, IReadOnlyList<string>? arguments)
    {
        this.path = path;
        folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        Mark mark = new(path, 1, 1);
        positional = arguments is { Count: > 0 } ? [.. arguments.Select(a => new ShellValue(a, mark))] : null;
    }

    /// <summary>The commands, in the order in which they'd have run.</summary>
    public IReadOnlyList<ShellCommand> Commands => commands;

    /// <summary>What was taken as something, in sentences.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Sourced files that aren't there.</summary>
    public IReadOnlyList<(string Path, Mark Mark)> Missing => missing;

    /// <summary>Files that were sourced, in order.</summary>
    public IReadOnlyList<string> Sources => sources;

    /// <summary>Names of variables that are set in the end.</summary>
    public IReadOnlyCollection<string> Names => variables.Keys;

    /// <summary>The value of a variable in the end, or null.</summary>
    public ShellValue? this[string name] => variables.TryGetValue(name, out var variable) && variable.Values.Count > 0 ? variable.Values[0] : null;

    /// <summary>Options that <c>#SBATCH</c> lines give.</summary>
    public IReadOnlyDictionary<string, ShellValue> Directives { get; private set; } = new Dictionary<string, ShellValue>(StringComparer.Ordinal);

    /// <summary>Follows a script.</summary>
    /// <param name="path">The file.</param>
    /// <param name="environment">Variables that are set before it starts.</param>
    /// <param name="arguments">The script's arguments; unknown unless given.</param>
    /// <exception cref="InputException">It can't be read, isn't a shell script, sources itself, or does too much to be followed.</exception>
    public static ShellScript Follow(string path, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? arguments = null) =>
        Follow(ShellText.ReadFile(path), path, environment, arguments);

    /// <summary>Follows a script by its text.</summary>
    public static ShellScript Follow(ShellText text, string path, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? arguments = null)
    {
        var script = new ShellScript(path, arguments);
        script.ReadDirectives(text);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) script.Set(name, new ShellValue(value, new("the command line", 1, 1)));
        script.sourcing.Add(Path.GetFullPath(path));
        script.Run(ShellParser.Parse(text));
        return script;
    }

    // Slurm reads the comment lines before the first command; what it sets for the script follows from them.
    void ReadDirectives(ShellText text)
    {
        var found = new Dictionary<string, ShellValue>(StringComparer.Ordinal);
        var offset = 0;
        foreach (var line in text.Text.Split('\n'))
        {
            if (line.StartsWith("#SBATCH", StringComparison.Ordinal))
            {
                var fields = line[7..].Split([' ', '\t', '='], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                if (fields is [var option, var value, ..] && !value.StartsWith('#')) found[option] = new(value, text.At(offset));
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                break;
            }
            offset += line.Length + 1;
        }
        Directives = found;
        void Both(string[] options, string[] names)
        {
            foreach (var option in options)
                if (found.TryGetValue(option, out var value) && int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                    foreach (var name in names) Set(name, value);
        }
        Both(["-N", "--nodes"], ["SLURM_NNODES", "SLURM_JOB_NUM_NODES"]);
        Both(["-n", "--ntasks"], ["SLURM_NTASKS", "SLURM_NPROCS"]);
        Both(["--ntasks-per-node"], ["SLURM_NTASKS_PER_NODE"]);
        Both(["--gpus-per-node"], ["SLURM_GPUS_PER_NODE", "SLURM_GPUS_ON_NODE"]);
    }

    void Set(string name, ShellValue value) => variables[name] = (false, [value]);

    void Note(string note)
    {
        if (notes.Count < 100 && !notes.Contains(note)) notes.Add(note);
    }

    /// <summary>Follows statements; whether the last of them succeeded, where that can be said.</summary>
    bool? Run(IReadOnlyList<ShellStatement> list)
    {
        bool? last = true;
        foreach (var statement in list) last = Run(statement);
        return last;
    }

    bool? Run(ShellStatement statement)
    {
        if (++statements > MostStatements) throw new InputException($"the script does more than {MostStatements:N0} things; a launch script sets variables and starts a program", statement.Mark);
        switch (statement)
        {
            case SimpleStatement simple:
                return Simple(simple);
            case ChainStatement chain:
                var result = Run(chain.First);
                foreach (var (and, next) in chain.Rest)
                {
                    if (result is null)
                    {
                        Undecided([() => Run(next), () => null], next.Mark);
                        result = null;
                    }
                    else if (result == and)
                    {
                        result = Run(next);
                    }
                }
                return result;
            case NotStatement not:
                return !Run(not.Inner);
            case GroupStatement { Subshell: true } group:
                var before = Copy(group.Mark);
                var status = Run(group.Body);
                variables = before;
                return status;
            case GroupStatement group:
                return Run(group.Body);
            case IfStatement choice:
                return If(choice, 0);
            case CaseStatement choice:
                return Case(choice);
            case LoopStatement loop:
                return Loop(loop);
            case TestStatement test:
                return Test(test.Words, test.Mark);
            case ArithmeticStatement arithmetic:
                return ShellArithmetic.Of(Bare(arithmetic.Expression, arithmetic.Mark), arithmetic.Mark, Number).Value is { } value ? value != 0 : null;
            case FunctionStatement function:
                functions[function.Name] = function.Body;
                return true;
            default:
                return null;
        }
    }

    bool? If(IfStatement choice, int arm)
    {
        for (; arm < choice.Arms.Count; arm++)
        {
            var decided = Run(choice.Arms[arm].Condition);
            if (decided == true) return Run(choice.Arms[arm].Body);
            if (decided is null)
            {
                var (body, next) = (choice.Arms[arm].Body, arm + 1);
                return Undecided([() => Run(body), () => If(choice, next)], choice.Mark);
            }
        }
        return Run(choice.Else);
    }

    bool? Case(CaseStatement choice)
    {
        var word = Value(choice.Word);
        if (!word.IsKnown) return Undecided([.. choice.Arms.Select(a => (Func<bool?>)(() => Run(a.Body))), () => true], choice.Mark);
        foreach (var (patterns, body) in choice.Arms)
        {
            foreach (var pattern in patterns)
            {
                var text = Value(pattern);
                if (!text.IsKnown) return Undecided([.. choice.Arms.Select(a => (Func<bool?>)(() => Run(a.Body)))], choice.Mark);
                var quoted = pattern.Parts.All(p => p.Quoted);
                if (quoted ? text.Text == word.Text : ShellPattern.Matches(word.Text, text.Text)) return Run(body);
            }
        }
        return true;
    }

    bool? Loop(LoopStatement loop)
    {
        if (loop.Name is { } name && loop.Words.Count > 0)
        {
            var items = Fields(loop.Words);
            if (items.Count > MostIterations) throw new InputException($"the loop has {items.Count:N0} rounds; at most {MostIterations:N0} are followed", loop.Mark);
            if (items.All(i => i.IsKnown))
            {
                foreach (var item in items)
                {
                    Set(name, item);
                    Run(loop.Body);
                }
                return true;
            }
        }
        // Whether a condition that holds at first comes to an end isn't followed.
        if (loop.Condition.Count > 0 && Run(loop.Condition) == loop.Until) return true;
        return Undecided([() => Run(loop.Body), () => true], loop.Mark);
    }

    /// <summary>Follows every way that can't be ruled out; what differs afterwards is unknown.</summary>
    bool? Undecided(IReadOnlyList<Func<bool?>> ways, Mark mark)
    {
        if (++depth > Deepest) throw new InputException($"conditions that can't be decided are nested more than {Deepest} levels deep", mark);
        unsure++;
        var before = variables;
        var ends = new List<Dictionary<string, (bool Array, IReadOnlyList<ShellValue> Values)>>();
        foreach (var way in ways)
        {
            variables = before;
            variables = Copy(mark);
            way();
            ends.Add(variables);
        }
        unsure--;
        depth--;
        variables = ends[0];
        foreach (var other in ends.Skip(1)) variables = Merged(variables, other, mark);
        return null;
    }

    static Dictionary<string, (bool Array, IReadOnlyList<ShellValue> Values)> Merged(
        Dictionary<string, (bool Array, IReadOnlyList<ShellValue> Values)> a, Dictionary<string, (bool Array, IReadOnlyList<ShellValue> Values)> b, Mark mark)
    {
        var why = $"it depends on a condition that can't be decided ({ShellText.Short(mark)})";
        var merged = new Dictionary<string, (bool Array, IReadOnlyList<ShellValue> Values)>(StringComparer.Ordinal);
        foreach (var name in a.Keys.Union(b.Keys))
        {
            var (left, right) = (a.TryGetValue(name, out var l) ? l : (false, []), b.TryGetValue(name, out var r) ? r : (false, []));
            var common = 0;
            while (common < left.Values.Count && common < right.Values.Count && Same(left.Values[common], right.Values[common])) common++;
            if (common == left.Values.Count && common == right.Values.Count && a.ContainsKey(name) == b.ContainsKey(name)) merged[name] = left;
            // What both begin with is known: lists of arguments are mostly added to.
            else merged[name] = (left.Array || right.Array, [.. left.Values.Take(left.Array ? common : 0), ShellValue.Unknown($"${name}", mark, why)]);
        }
        return merged;
    }

    static bool Same(ShellValue a, ShellValue b) => ReferenceEquals(a, b) || (a.Text == b.Text && a.IsKnown == b.IsKnown);

    Dictionary<string, (bool Array, IReadOnlyList<ShellValue> Values)> Copy(Mark mark)
    {
        copied += variables.Count + 1;
        if (copied > MostCopied) throw new InputException("the script has too many conditions that can't be decided to be followed", mark);
        return new(variables, StringComparer.Ordinal);
    }

    bool? Simple(SimpleStatement statement)
    {
        var declares = statement.Words is [{ Plain: "export" or "declare" or "local" or "readonly" or "typeset" }, ..];
        if (statement.Assignments.Count == 0 || statement.Words.Count == 0 || declares)
        {
            foreach (var assignment in statement.Assignments) Assign(assignment);
            return statement.Words.Count == 0 ? true : Command(statement);
        }
        // What stands before a command holds for it alone, and isn't seen by its own words.
        var outer = statement.Assignments.Select(a => (a.Name, Set: variables.TryGetValue(a.Name, out var was), Was: was)).ToList();
        var status = Command(statement);
        foreach (var (name, set, was) in outer)
        {
            if (set) variables[name] = was;
        }
        return status;
    }

    bool? Command(SimpleStatement statement)
    {
        var fields = Fields(statement.Words);
        if (fields.Count == 0) return true;
        if (!fields[0].IsKnown)
        {
            Keep(fields, statement.Mark);
            return null;
        }
        switch (fields[0].Text)
        {
            case "export" or "declare" or "local" or "readonly" or "typeset" or "set" or ":" or "true" or "echo" or "printf" or "cd" or "mkdir" or "module" or "ulimit":
                if (fields[0].Text == "set" && fields.Count > 1 && fields[1].Text == "--") positional = [.. fields.Skip(2)];
                return true;
            case "false":
                return false;
            case "unset":
                foreach (var name in fields.Skip(1)) variables[name.Text] = Removed;
                return true;
            case "shift":
                positional = positional is { Count: > 0 } ? [.. positional.Skip(1)] : positional;
                return null;
            case "[" or "test":
                var bracket = fields[0].Text == "[";
                var condition = statement.Words.Skip(1).ToList();
                if (bracket && condition.Count > 0 && condition[^1].Plain == "]") condition.RemoveAt(condition.Count - 1);
                return Test(condition, statement.Mark);
            case "source" or ".":
                return Source(fields, statement.Mark);
            case "eval":
                return Nested(new ShellValue([.. fields.Skip(1).SelectMany((f, i) => i == 0 ? f.Pieces : [new ShellPiece(" ", f.Mark), .. f.Pieces])], statement.Mark), statement.Mark);
            default:
                if (functions.TryGetValue(fields[0].Text, out var body)) return Call(body, fields, statement.Mark);
                if (statement.Here?.Body is { } script) return HandedOver(script, fields, statement.Mark);
                Keep(fields, statement.Mark);
                return null;
        }
    }

    /// <summary>Keeps a command, or follows what it starts a shell for (<c>srun ... bash -c "..."</c>).</summary>
    void Keep(IReadOnlyList<ShellValue> fields, Mark mark)
    {
        for (var i = 0; i + 2 < fields.Count; i++)
        {
            if (fields[i].Text is not ("bash" or "sh" or "/bin/bash" or "/bin/sh")) continue;
            var flag = i + 1;
            // Other switches may stand before it: bash -x -c.
            while (flag + 1 < fields.Count && fields[flag].Text is ['-', not '-', .., not 'c'] or ['-', not ('-' or 'c')]) flag++;
            if (flag + 1 >= fields.Count || fields[flag].Text is not ['-', .., 'c'] || fields[flag].Text.StartsWith("--", StringComparison.Ordinal)) continue;
            IReadOnlyList<ShellValue> started = [.. fields.Take(i)];
            if (started.Count > 0) commands.Add(new(started, mark, unsure == 0, launcher));
            var outer = launcher;
            launcher = [.. outer, .. started];
            Nested(fields[flag + 1], mark);
            launcher = outer;
            return;
        }
        commands.Add(new(fields, mark, unsure == 0, launcher));
    }

    /// <summary>Follows what a shell reads from the lines below its command; Slurm's batch command reads its own comments there as well.</summary>
    bool? HandedOver(ShellWord script, IReadOnlyList<ShellValue> fields, Mark mark)
    {
        commands.Add(new(fields, mark, unsure == 0, launcher));
        var text = Value(script);
        var (outer, before) = (launcher, Copy(mark));
        launcher = [.. outer, .. fields];
        if (fields.Any(f => f.Text == "sbatch")) ReadDirectives(ShellText.Of(text));
        Nested(text, mark);
        (launcher, variables) = (outer, before);
        return null;
    }

    bool? Nested(ShellValue text, Mark mark)
    {
        if (++depth > Deepest) throw new InputException($"values that are run are nested more than {Deepest} levels deep", mark);
        var status = Run(ShellParser.Parse(ShellText.Of(text)));
        depth--;
        return status;
    }

    bool? Call(IReadOnlyList<ShellStatement> body, IReadOnlyList<ShellValue> fields, Mark mark)
    {
        if (++depth > Deepest) throw new InputException($"functions call each other more than {Deepest} levels deep", mark);
        var outer = positional;
        positional = [.. fields.Skip(1)];
        var status = Run(body);
        positional = outer;
        depth--;
        return status;
    }

    bool? Source(IReadOnlyList<ShellValue> fields, Mark mark)
    {
        if (fields.Count < 2) throw new InputException("'source' needs a file", mark);
        var file = fields[1];
        if (!file.IsKnown)
        {
            missing.Add((file.Text, mark));
            return null;
        }
        var full = Path.GetFullPath(Path.Combine(folder, file.Text));
        if (!Inside(full) || !File.Exists(full))
        {
            missing.Add((file.Text, mark));
            return false;
        }
        if (sourcing.Contains(full)) throw new InputException($"'{file.Text}' sources itself{(sourcing.Count > 1 ? $", by way of '{Path.GetFileName(sourcing[^1])}'" : "")}", mark);
        if (++files > MostFiles || sourcing.Count > Deepest) throw new InputException($"the script sources more than {MostFiles} files, or more than {Deepest} by way of each other", mark);
        sourcing.Add(full);
        sources.Add(full);
        var status = Run(ShellParser.Parse(ShellText.Of(ShellText.ReadFile(full).Text, Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetRelativePath(folder, full)))));
        sourcing.RemoveAt(sourcing.Count - 1);
        return status;
    }

    // What lies elsewhere belongs to the machine that the job ran on, or is none of a script's business.
    bool Inside(string full) => full.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    bool? Exists(string file)
    {
        var full = Path.GetFullPath(Path.Combine(folder, file));
        return Inside(full) ? File.Exists(full) : null;
    }

    void Assign(ShellAssignment assignment)
    {
        if (assignment.Items is { } items)
        {
            var values = Fields(items);
            var old = assignment.Append && variables.TryGetValue(assignment.Name, out var was) ? was.Values : [];
            copied += old.Count;
            if (copied > MostCopied) throw new InputException("the script adds to its lists too often to be followed", assignment.Mark);
            variables[assignment.Name] = (true, [.. old, .. values]);
            return;
        }
        var value = assignment.Value is { } word ? Value(word) : new ShellValue("", assignment.Mark);
        if (value.Pieces.Count == 0) value = new ShellValue("", assignment.Mark);
        if (assignment.Index is not null)
        {
            value = ShellValue.Unknown($"${assignment.Name}", assignment.Mark, "elements that are set one by one are not followed");
            variables[assignment.Name] = (true, [.. variables.TryGetValue(assignment.Name, out var some) ? some.Values.Take(1000) : [], value]);
            return;
        }
        if (assignment.Append && variables.TryGetValue(assignment.Name, out var before))
        {
            if (before.Array) variables[assignment.Name] = (true, before.Values.Count == 0 ? [value] : [before.Values[0].Followed(value), .. before.Values.Skip(1)]);
            else Set(assignment.Name, before.Values[0].Followed(value));
            return;
        }
        Set(assignment.Name, value);
    }

    bool? Test(IReadOnlyList<ShellWord> condition, Mark mark)
    {
        var list = new List<TestWord>();
        foreach (var word in condition)
        {
            // A variable that nothing sets is empty here, as it would be without the caller's help.
            var pieces = new List<ShellPiece>();
            foreach (var part in word.Parts)
            {
                if (part is VariablePart { Operator: "", Length: false } variable && !variables.ContainsKey(variable.Name) && IsName(variable.Name))
                {
                    Note($"${variable.Name} is taken as not set ({ShellText.Short(mark)})");
                    continue;
                }
                var values = Expand(part);
                // Several words where one is expected.
                if (values.Count > 1) return null;
                pieces.AddRange(values.SelectMany(v => v.Pieces));
            }
            list.Add(new(new(pieces, word.Mark), word.Plain is not null));
        }
        return ShellTest.Of(list, Exists);
    }
}
