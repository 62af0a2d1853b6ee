// Completion times that htsim writes, beside those of the packet engine on the same connection matrices.
//
//   FILE.fct                 completion times of the flows in microseconds, one a line, in any order
//   its name                 BINARY_SCENARIO_RATEg[_VARIANT]: uec_perm128_100g_reps
//   BINARY                   the transport: uec (NSCC), csg_ndp, csg_eqds, uet_roce, ...
//   SCENARIO                 the matrix: the .cm beside it that begins with its letters and has its number: perm128 -> perm_128_2MB_s7.cm
//   VARIANT                  balance (ar, rr, reps, bitmap, oblivious, ecmp1path) or transport (rccc, nscc)
//
// All on full fat trees of three tiers with wires of 1 us, as htsim makes them. The engine's chances are its own, so that distributions are compared and not flows: the
// mean of several seeds with what htsim got from one. A row agrees where |predicted / published - 1| stays below 3 % for mean and median, 8 % for
// p99 and 5 % for the slowest; with one path per flow, where seeds differ by 14 and 43 % in htsim itself, below 30, 50 and 60 %.
using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Interop.Htsim;

/// <summary>htsim's completion times beside the packet engine's.</summary>
public sealed partial class HtsimValidation : IValidationKind
{
    const string Kind = "packets";

    const int Seeds = 4, SinglePathSeeds = 10;

    static readonly (string Name, double Share, double Tolerance, double SinglePath)[] Figures =
        [("p50", 0.5, 0.03, 0.3), ("p99", 0.99, 0.08, 0.5), ("completion", 1, 0.05, 0.6)];

    static readonly Dictionary<string, string> Transports = new(StringComparer.Ordinal)
    {
        ["uec"] = "uet-nscc",
        ["nscc"] = "uet-nscc",
        ["rccc"] = "uet-rccc",
        ["ndp"] = "ndp",
        ["eqds"] = "eqds",
        ["roce"] = "roce",
        ["dcqcn"] = "dcqcn",
        ["dctcp"] = "dctcp",
        ["swift"] = "swift",
        ["hpcc"] = "hpcc",
    };

    static readonly Dictionary<string, string> Balances = new(StringComparer.Ordinal)
    {
        ["ar"] = "adaptive",
        ["rr"] = "round-robin",
        ["reps"] = "reps",
        ["bitmap"] = "bitmap",
        ["oblivious"] = "oblivious",
        ["mixed"] = "mixed",
        ["ecmp1path"] = "single-path",
    };

    [GeneratedRegex("^(?<binary>[a-z]+(_[a-z]+)*?)_(?<kind>[a-z0-9]*[a-z])(?<number>[0-9]*)_(?<rate>[0-9]+)g(_(?<variant>[a-z0-9_]+))?$")]
    private static partial Regex NameOfTimes();

    /// <inheritdoc/>
    public string Name => Kind;

    /// <inheritdoc/>
    public string Description => "completion times beside those of htsim on its connection matrices (.cm, .fct)";

    /// <summary>None: it reads files of times and the matrices beside them.</summary>
    public IReadOnlyList<ValidatedTable> Tables => [];

    /// <inheritdoc/>
    public ValidationResult Compare(string path) => Of(path);

    /// <summary>Compares all that a folder holds, or one file of times with the matrices beside it.</summary>
    /// <exception cref="InputException">There is nothing to compare, or a file is malformed.</exception>
    public static ValidationResult Of(string path, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var (files, folder) = Files(path);
        var points = new List<ValidationPoint>();
        var (read, unknown, skipped, rows) = (new List<string>(), new List<UnknownTable>(), new List<SkippedRows>(), 0);
        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            var (scenario, problem) = Scenario(Path.GetFileNameWithoutExtension(file), folder);
            if (scenario is null)
            {
                unknown.Add(new(name, problem!));
                continue;
            }
            read.Add(name);
            var times = Times(file);
            rows += times.Length;
            if (!PacketTransports.Names.Contains(scenario.Transport, StringComparer.Ordinal))
                skipped.Add(new($"{name}: there is no transport '{scenario.Transport}' yet", times.Length));
            else if (scenario.Traffic.Count != times.Length)
                throw new InputException($"{file}: has {times.Length} times, and {scenario.Traffic.Name} {scenario.Traffic.Count} connections");
            else
                points.AddRange(PointsOf(name, scenario, times, stop));
        }
        if (read.Count == 0)
            throw new InputException(unknown.Count > 0 ? $"'{path}' holds no times that 'validate {Kind}' knows: {unknown[0].File}: {unknown[0].Reason}" : $"'{path}' holds no file of times (.fct)");
        return new()
        {
            Kind = Kind,
            Files = read,
            Unknown = unknown,
            Rows = rows,
            Predicted = rows - skipped.Sum(s => s.Rows),
            Skipped = skipped,
            Groups = ValidationGroup.Of(points),
            Points = points,
        };
    }

    sealed record HtsimScenario(int Hosts, PacketTraffic Traffic, Bandwidth Rate, string Transport, string Balance);

    static (string[] Files, string Folder) Files(string path)
    {
        if (Directory.Exists(path)) return ([.. Directory.GetFiles(path, "*.fct").Order(StringComparer.Ordinal)], path);
        if (!File.Exists(path)) throw new InputException($"there is no file or folder '{path}'");
        return ([path], Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    static (HtsimScenario? Scenario, string? Problem) Scenario(string name, string folder)
    {
        var match = NameOfTimes().Match(name);
        if (!match.Success) return (null, "expected a name such as uec_perm128_100g_reps.fct");
        var binary = match.Groups["binary"].Value.Split('_')[^1];
        if (!Transports.TryGetValue(binary, out var transport)) return (null, $"there is no binary '{binary}'{Nearest.Hint(binary, [.. Transports.Keys])}");
        var balance = PacketTransports.UsualBalance(transport);
        foreach (var variant in match.Groups["variant"].Value.Split('_', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Balances.TryGetValue(variant, out var b)) balance = b;
            else if (Transports.TryGetValue(variant, out var t)) transport = t;
            else if (variant != "pfc") return (null, $"there is no variant '{variant}'{Nearest.Hint(variant, [.. Balances.Keys, .. Transports.Keys])}");
        }
        var (kind, number) = (match.Groups["kind"].Value, match.Groups["number"].Value);
        var matrix = Directory.GetFiles(folder, "*.cm").Order(StringComparer.Ordinal).FirstOrDefault(f => Fits(Path.GetFileNameWithoutExtension(f), kind, number));
        if (matrix is null) return (null, $"no matrix {kind}*{number}*.cm lies beside it");
        using var text = new StreamReader(matrix);
        var read = HtsimMatrix.Read(text, matrix, StartUnit.Microseconds);
        if (read.Failures.Count > 0) return (null, $"the matrix '{Path.GetFileName(matrix)}' has failures");
        return (new(read.Nodes, read.Traffic(), Bandwidth.FromGigabitsPerSecond(double.Parse(match.Groups["rate"].Value, CultureInfo.InvariantCulture)), transport, balance), null);
    }

    // "perm_128_2MB_s7" begins with "perm" and has the number 128 among its parts: 128, or 128n, or 32to1.
    static bool Fits(string matrix, string kind, string number)
    {
        var parts = matrix.Split('_');
        if (parts[0] != kind) return false;
        return number.Length == 0 || parts.Skip(1).Any(p => Leading(p) == number && (kind != "incast" || p.Contains("to", StringComparison.Ordinal)) && (kind != "a2a" || p.EndsWith('g')));
    }

    static string Leading(string text) => new([.. text.TakeWhile(char.IsAsciiDigit)]);

    static double[] Times(string file)
    {
        var times = new List<double>();
        var line = 0;
        foreach (var row in File.ReadLines(file))
        {
            line++;
            if (row.Length == 0) continue;
            if (!double.TryParse(row, NumberStyles.Float, CultureInfo.InvariantCulture, out var time) || !(time > 0) || !double.IsFinite(time))
                throw new InputException($"{file}, line {line}: expected a time in microseconds, found '{row}'");
            times.Add(time);
        }
        if (times.Count == 0) throw new InputException($"{file}: holds no times");
        times.Sort();
        return [.. times];
    }

    static IEnumerable<ValidationPoint> PointsOf(string file, HtsimScenario scenario, double[] published, CancellationToken stop)
    {
        var fabric = PacketFabricBuilder.FatTree(scenario.Hosts, 3, scenario.Rate, Duration.FromMicroseconds(1));
        var single = scenario.Balance == "single-path";
        var seeds = single ? SinglePathSeeds : scenario.Traffic.Count == 1 ? 1 : Seeds;
        var runs = new List<double[]>();
        for (var seed = 1; seed <= seeds; seed++)
            runs.Add(PacketSimulation.Run(fabric, scenario.Traffic, new() { Transport = scenario.Transport, Balance = scenario.Balance, Seed = (ulong)seed }, stop).CompletionTimes());
        var row = 0;
        ValidationPoint Point(string quantity, Func<double[], double> figure, double tolerance) => new()
        {
            File = file,
            Row = ++row,
            Id = Path.GetFileNameWithoutExtension(file),
            Quantity = quantity,
            Published = figure(published),
            Predicted = runs.Average(figure),
            Unit = "us",
            Tolerance = published.Length == 1 ? 1e-4 : tolerance,
            Tags = [new("quantity", quantity), new("transport", scenario.Transport), new("balance", scenario.Balance), new("scenario", scenario.Traffic.Name)],
        };
        yield return Point("mean", t => t.Average(), single ? 0.3 : 0.03);
        foreach (var figure in Figures) yield return Point(figure.Name, t => PacketRun.NearestRank(t, figure.Share), single ? figure.SinglePath : figure.Tolerance);
    }
}
