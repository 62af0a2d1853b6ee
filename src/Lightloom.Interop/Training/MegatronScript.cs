using System.Buffers;
using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>Finds the launch of Megatron-LM in a shell script, or in a plain list of its arguments.</summary>
static class MegatronScript
{
    const string HowToGive = "give it behind the file: -- {0} VALUE";

    // One of them stands in every launch.
    static readonly string[] Telling = ["--num-layers", "--tensor-model-parallel-size", "--micro-batch-size", "--hidden-size", "--seq-length"];

    // Who finds whom and what libraries are told: nothing here hangs on them.
    static readonly string[] OfTheLauncher = ["MASTER_", "NODE_RANK", "RANK ", "WANDB_", "CUDA_", "NCCL_", "NVTE_", "LOG", "TENSORBOARD", "HOST"];

    /// <summary>Reads a launch script.</summary>
    /// <exception cref="InputException">It has no launch, several that differ, or arguments that are wrong or contradict each other.</exception>
    public static ImportedJob Read(string path, ImportOptions options)
    {
        var words = LaunchWords.Of(options.Words);
        var script = ShellScript.Follow(Text(path), path, words.Variables, words.Positional);
        var launch = Find(script, path);
        var settings = new LaunchSettings { HowToGive = HowToGive };
        settings.Assumptions.AddRange(script.Notes.Where(n => !OfTheLauncher.Any(name => n.StartsWith($"${name}", StringComparison.Ordinal))));
        foreach (var (file, mark) in script.Missing) settings.Assumptions.Add($"'{file}' is sourced and not there, so that what it sets isn't known ({ShellText.Short(mark)})");
        if (!launch.Sure) settings.Assumptions.Add($"the launch stands under a condition that can't be decided ({ShellText.Short(launch.Mark)})");
        var program = launch.Words.ToList().FindIndex(w => IsProgram(w.Text));
        if (program < 0) program = launch.Words.TakeWhile(w => !w.Text.StartsWith("--", StringComparison.Ordinal)).Count() - 1;
        // What stands nearest to the program counts first.
        List<(string Name, ShellValue At, List<ShellValue> Values)> launcher = [.. Parse(launch.Words.Take(program + 1).Skip(1)), .. Parse(launch.Launcher.Skip(1))];
        Add(settings, Parse(launch.Words.Skip(program + 1)), "");
        Add(settings, Parse(words.Arguments.Select(a => new ShellValue(a, new("the command line", 1, 1)))), "");
        return new MegatronArguments(settings, options, TrainingImports.Megatron, path).Read(options.Accelerators ?? Accelerators(script, launcher, [.. launch.Launcher, .. launch.Words]));
    }

    static readonly SearchValues<char> OfTheShell = SearchValues.Create("()|;&<>");
    static readonly SearchValues<char> Quotes = SearchValues.Create("$'\"`#");

    /// <summary>The script; what the shell would take for its own stands in quotes where the file is a bare list of arguments.</summary>
    static ShellText Text(string path)
    {
        var text = ShellText.ReadFile(path);
        var lines = text.Text.Split('\n');
        if (lines.Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0 && l[0] != '#')?.StartsWith("--", StringComparison.Ordinal) != true) return text;
        return ShellText.Of(string.Join('\n', lines.Select(l => string.Join(' ', l.Split(' ').Select(Quoted)))), path);
    }

    static string Quoted(string word) => word.AsSpan().IndexOfAny(OfTheShell) >= 0 && word.AsSpan().IndexOfAny(Quotes) < 0 ? $"'{word}'" : word;

    static bool IsProgram(string word) => word.EndsWith(".py", StringComparison.Ordinal) || word.StartsWith("pretrain_", StringComparison.Ordinal);

    static ShellCommand Find(ShellScript script, string path)
    {
        var found = script.Commands.Where(c => c.Words.Any(w => Telling.Contains(Bare(w.Text)))).ToList();
        // A bare list of arguments, one on a line: each line reads as a command.
        if (found.Count > 0 && script.Commands.All(c => c.Words[0].Text.StartsWith("--", StringComparison.Ordinal)))
            return new([new ShellValue("arguments", script.Commands[0].Mark), .. script.Commands.SelectMany(c => c.Words)], script.Commands[0].Mark, true, []);
        if (found.Count == 0)
        {
            throw new InputException($"'{path}' starts no training by Megatron-LM: no command has one of {string.Join(", ", Telling)}" +
                (script.Commands.Count > 0 ? $"; it starts {string.Join(", ", script.Commands.Select(c => Path.GetFileName(c.Words[0].Text)).Distinct().Take(5).Select(n => $"'{n}'"))}" : ""));
        }
        var different = found.DistinctBy(c => string.Join('\n', c.Words.Select(w => w.Text))).ToList();
        return different.Count == 1 ? different[0]
            : throw new InputException($"the script starts {different.Count} trainings that differ, the next at {different[1].Mark}; expected one: set the variables that choose it behind the file (-- NAME=value)", different[0].Mark);
    }

    static string Bare(string word) => word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? word[..equals] : word;

    /// <summary>Options with their values: whatever follows up to the next option.</summary>
    internal static List<(string Name, ShellValue At, List<ShellValue> Values)> Parse(IEnumerable<ShellValue> words)
    {
        var list = new List<(string, ShellValue, List<ShellValue>)>();
        foreach (var word in words)
        {
            var text = word.Text;
            var option = word.Pieces.Count > 0 && word.Pieces[0].Why is null && text.Length > 1 && text[0] == '-' && !char.IsAsciiDigit(text[1]) && text[1] != '.';
            if (!option)
            {
                if (list.Count > 0) list[^1].Item3.Add(word);
                // Whether arguments hide in what isn't known can't be said.
                else if (!word.IsKnown) list.Add((text, word, []));
                continue;
            }
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var values = new List<ShellValue>();
            if (equals > 0) values.Add(After(word, equals + 1));
            list.Add((equals > 0 ? text[..equals] : text, word, values));
        }
        return list;
    }

    static ShellValue After(ShellValue word, int from)
    {
        var pieces = new List<ShellPiece>();
        foreach (var piece in word.Pieces)
        {
            var cut = Math.Min(from, piece.Text.Length);
            from -= cut;
            if (cut < piece.Text.Length) pieces.Add(piece with { Text = piece.Text[cut..] });
        }
        return new(pieces, word.Mark);
    }

    static void Add(LaunchSettings settings, List<(string Name, ShellValue At, List<ShellValue> Values)> list, string prefix)
    {
        foreach (var (name, at, values) in list)
        {
            // Values that can't be known and stand alone may be further arguments.
            var own = values.Where(v => v.IsKnown || values.Count == 1).ToList();
            foreach (var hidden in values.Except(own)) settings.Add(new(prefix + hidden.Text, hidden.Text, [], hidden.Mark));
            settings.Add(new(prefix + name.TrimStart('-'), name, own, at.Mark));
        }
    }

    static int? Accelerators(ShellScript script, List<(string Name, ShellValue At, List<ShellValue> Values)> launcher, IReadOnlyList<ShellValue> command)
    {
        int? Number(params string[] names)
        {
            foreach (var (name, at, values) in launcher)
            {
                if (!names.Contains(name.Replace('-', '_').TrimStart('_')) || values.Count == 0) continue;
                if (values[0].FirstUnknown is { } hole)
                    throw new InputException($"{name}: its value '{values[0].Text}' isn't known: {hole.Why}; give --accelerators, or the variable behind the file (-- NAME=value)", values[0].Mark);
                // An elastic launch names the fewest and the most nodes.
                var text = values[0].Text.Split(':')[^1];
                if (text is "gpu" or "auto" or "cpu") return null;
                return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
                    : throw new InputException($"{name}: expected a whole number above 0, found '{values[0].Text}'", at.Mark);
            }
            return null;
        }
        int? Directive(params string[] names)
        {
            foreach (var name in names)
            {
                if (!script.Directives.TryGetValue(name, out var value)) continue;
                if (int.TryParse(value.Text.Split(':')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0) return number;
            }
            return null;
        }
        var nodes = Number("nnodes", "nodes", "num_nodes", "N") ?? Directive("-N", "--nodes");
        var perNode = Number("nproc_per_node", "num_gpus", "ntasks_per_node", "gpus_per_node") ?? Directive("--ntasks-per-node", "--gpus-per-node", "--gres");
        var tasks = Number("ntasks", "n", "np") ?? Directive("-n", "--ntasks");
        if (perNode is { } each) return checked((int)Math.Min(int.MaxValue, (long)each * (nodes ?? 1)));
        return tasks is { } all && command.Any(w => w.Text is "srun" or "mpirun" or "mpiexec") ? all : null;
    }
}

/// <summary>What a user wrote behind a launch file.</summary>
/// <param name="Variables">Variables that are set before a script starts.</param>
/// <param name="Positional">The script's own arguments; null where there are none.</param>
/// <param name="Arguments">Arguments that are added to those of the launch.</param>
sealed record LaunchWords(IReadOnlyDictionary<string, string> Variables, IReadOnlyList<string>? Positional, IReadOnlyList<string> Arguments)
{
    public static LaunchWords Of(IReadOnlyList<string> words)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var positional = new List<string>();
        var at = 0;
        for (; at < words.Count && !words[at].StartsWith('-'); at++)
        {
            var equals = words[at].IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && words[at].AsSpan(0, equals).IndexOfAnyExcept(Name) < 0) variables[words[at][..equals]] = words[at][(equals + 1)..];
            else positional.Add(words[at]);
        }
        return new(variables, positional.Count > 0 ? positional : null, [.. words.Skip(at)]);
    }

    static readonly SearchValues<char> Name = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}
