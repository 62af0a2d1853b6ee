using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Htsim;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Cli;

/// <summary><c>lightloom simulate scenario NAME --engine packet</c>: named traffic, or a connection matrix of htsim, packet by packet on a fat tree as htsim has them.</summary>
sealed class SimulateScenarioPackets
{
    const double UsualRate = 100;

    readonly PacketInput packets = new();
    readonly Option<string?> rate = new("--rate") { Description = "packets: rate of all links; 100 Gb/s unless given", HelpName = "rate" };
    readonly Option<string?> latency = new("--latency") { Description = "packets: latency of a link; 1 us unless given", HelpName = "time" };
    readonly Option<string?> switchLatency = new("--switch-latency") { Description = "packets: latency of a switch; none unless given", HelpName = "time" };
    readonly Option<string?> tiers = new("--tiers") { Description = "packets: tiers of the full fat tree, 2 or 3; 3 unless given", HelpName = "number" };
    readonly Option<string?> starts = new("--starts") { Description = "packets: what 'start' of a matrix counts: us, as uet-htsim reads it, or ps, as csg-htsim; us unless given", HelpName = "unit" };

    readonly Option<string?> topology = new("--topo") { Description = "packets: a fat tree in htsim's words (FILE.topo), instead of a full one by --tiers, --rate, --latency and --switch-latency", HelpName = "file" };
    readonly Option<string?> failed = new("--failed") { Description = "packets: links at a quarter of their rate, as many and those that htsim's -failed chooses; none unless given", HelpName = "number" };

    Option<string?>[] OfFullTrees => [rate, latency, switchLatency, tiers];

    Option<string?>[] Own => [.. OfFullTrees, starts, topology, failed];

    public void AddTo(Command command)
    {
        packets.AddTo(command);
        foreach (var option in Own) command.Add(option);
    }

    public string? FirstGiven(ParseResult parsed) => packets.FirstGiven(parsed) ?? Own.FirstOrDefault(o => parsed.GetValue(o) is not null)?.Name;

    public int Run(TextWriter output, ParseResult parsed, string name, string? csv, bool json)
    {
        var options = packets.Read(parsed);
        var tree = parsed.GetValue(topology) is { } file ? Topology(parsed, file) : null;
        var levels = tree?.Tiers ?? (parsed.GetValue(tiers) is { } t ? LinkInput.Count("--tiers", t, 2, 3) : 3);
        var unit = parsed.GetValue(starts) is { } u ? PacketInput.Known("--starts", u, ["us", "ps"]) : null;
        if (unit is not null && !IsMatrix(name)) throw new InputException("--starts is of use with a matrix alone");
        var (scenario, down, note) = IsMatrix(name) ? Matrix(name, unit) : (PacketScenario.Find(name, levels, options.Seed), [], null);
        tree ??= HtsimTopology.Full(scenario.Hosts, levels,
            parsed.GetValue(rate) is { } r ? LinkInput.Rate("--rate", r) : Bandwidth.FromGigabitsPerSecond(UsualRate),
            parsed.GetValue(latency) is { } l ? Time("--latency", l) : Duration.FromMicroseconds(1),
            parsed.GetValue(switchLatency) is { } s ? Time("--switch-latency", s) : null);
        if (IsMatrix(name) ? tree.Nodes != scenario.Hosts : tree.Nodes < scenario.Hosts)
            throw new InputException($"'{name}' is of {scenario.Hosts:N0} hosts, and the topology '{parsed.GetValue(topology)}' has {tree.Nodes:N0}");
        var fabric = tree.Fabric(parsed.GetValue(failed) is { } n ? LinkInput.Count("--failed", n, 0, (int)Math.Min(int.MaxValue, tree.MostFailed)) : 0, down);
        var run = CommandRunner.Interruptible(stop => PacketSimulation.Run(fabric, scenario.Traffic, options, stop));
        if (csv is not null) PacketReport.WriteFlows(csv, run, host => host.ToString(CultureInfo.InvariantCulture));
        packets.Ended(parsed, run.Samples);
        if (json) output.WriteLine(PacketReport.Json(run, fabric, note));
        else PacketReport.Write(new(output), run, fabric, note);
        return run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
    }

    static bool IsMatrix(string name) => name.EndsWith(".cm", StringComparison.Ordinal) || File.Exists(name);

    HtsimTopology Topology(ParseResult parsed, string file)
    {
        if (OfFullTrees.FirstOrDefault(o => parsed.GetValue(o) is not null) is { } other) throw new InputException($"--topo and {other.Name} exclude each other: the file says it");
        if (!File.Exists(file)) throw new InputException($"--topo: there is no file '{file}'");
        using var text = new StreamReader(file);
        return HtsimTopology.Read(text, file);
    }

    static (PacketScenario Scenario, IReadOnlyList<HtsimFailure> Down, string? Note) Matrix(string file, string? unit)
    {
        if (!File.Exists(file)) throw new InputException($"there is no file '{file}'");
        using var text = new StreamReader(file);
        var matrix = HtsimMatrix.Read(text, file, unit == "ps" ? StartUnit.Picoseconds : StartUnit.Microseconds);
        return (new(matrix.Nodes, matrix.Traffic()), matrix.Failures, matrix.LatestStart > 0 && unit is null ? $"starts up to {matrix.LatestStart:N0} were read as microseconds, as uet-htsim does; --starts ps reads picoseconds" : null);
    }

    static Duration Time(string option, string text) =>
        !Quantity.TryParse<Duration>(text, out var time, out var problem) ? throw new InputException($"{option}: {problem}")
            : time.Seconds is >= 0 and <= 1 ? time : throw new InputException($"{option}: expected a time from 0 s to 1 s, found '{text}'");
}
