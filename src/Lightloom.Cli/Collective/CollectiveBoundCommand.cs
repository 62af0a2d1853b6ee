using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom collective bound</c>: what no algorithm can beat, by size, with the cut that binds.</summary>
static class CollectiveBoundCommand
{
    public static Command Make()
    {
        var options = CollectiveNetworkOptions.Make();
        var collective = new Option<string>("--collective") { Description = "all-reduce, all-gather, reduce-scatter, all-to-all, broadcast, reduce, gather, scatter or send-receive", Required = true, HelpName = "name" };
        var sizes = new Option<string>("--sizes") { Description = "sizes, doubling (8..32GiB), or with commas between them", DefaultValueFactory = _ => "8..32GiB", HelpName = "sizes" };
        var exact = new Option<bool>("--exact") { Description = "solve the linear program as well, and say how far the cuts were from it" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("bound", "What no algorithm can beat by size: at line rates and at sustained ones, with and without reducing switches, and the cut that binds.")
        {
            collective, sizes, exact, json,
        };
        options.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var kind = CollectiveNetworkOptions.Kind(parsed.GetValue(collective)!);
            var list = CollectiveChooseInput.Sizes(parsed.GetValue(sizes)!);
            var limits = new CollectiveLimits(options.Read(parsed), kind);
            IReadOnlyList<ExactLimit> solved = parsed.GetValue(exact) ? Exact(limits, list[^1]) : [];
            if (parsed.GetValue(json)) output.WriteLine(CollectiveBoundJson.Text(limits, list, solved));
            else Write(output, limits, list, solved);
            return CommandRunner.Success;
        }));
        return command;
    }

    static List<ExactLimit> Exact(CollectiveLimits limits, long size)
    {
        if (!GraphBounds.Has(limits.Kind)) throw new InputException($"--exact: what {DocumentShape.NameOf(limits.Kind)} takes depends on how ranks are numbered; its cuts are what there is");
        try
        {
            var list = new List<ExactLimit> { limits.Exact(DataSize.FromBytes(size)) };
            if (limits.Kind == CollectiveKind.AllReduce) list.Add(limits.Exact(DataSize.FromBytes(size), reduced: true));
            return list;
        }
        catch (InputException e) when (e.Mark is null)
        {
            throw new InputException($"--exact: {e.Problem}");
        }
    }

    static void Write(TextWriter output, CollectiveLimits limits, IReadOnlyList<long> sizes, IReadOnlyList<ExactLimit> solved)
    {
        var report = new TextReport(output);
        var network = limits.Network;
        var (ranks, largest) = (network.Group.Ranks, DataSize.FromBytes(sizes[^1]));
        report.Title($"What no {DocumentShape.NameOf(limits.Kind)} over {ranks:N0} accelerators can beat");
        report.Say($"{network.Systems:N0} x {network.System.Name}{(network.Systems > 1 ? $" on {network.Mechanism.Name}" : "")}{(network.Note.Length > 0 ? $"; {network.Note}" : "")}.");
        Table(report, limits, sizes, LimitRates.Line, "At line rates, which no transport exceeds");
        Table(report, limits, sizes, LimitRates.Sustained, "At what such links have been seen to sustain");

        report.Heading($"Cuts at {sizes[^1]:N0} B");
        report.Table(["cut at line rates", ">bytes across", ">time", "at sustained rates", ">time"], Rows(SwitchReduction.None));
        if (limits.HasReducingSwitches && limits.Kind == CollectiveKind.AllReduce)
        {
            report.Heading("The same with the switches that reduce");
            report.Table(["cut at line rates", ">bytes across", ">time", "at sustained rates", ">time"], Rows(SwitchReduction.AsEquipped));
        }
        if (solved.Count > 0)
        {
            report.Heading($"By linear program at line rates, {sizes[^1]:N0} B");
            foreach (var exact in solved)
            {
                report.Say($"- {(exact.Bound.Reduced ? "with switches that reduce everywhere" : "switches only forward")}: {(exact.Bound.IsTight ? "" : "at least ")}{Time(exact.Bound.Time)}, {exact.Bound.Method}; the slowest cut " +
                    $"is {Percent(exact.CutShare)} of it. {exact.Bound.Binding}. {exact.Cells:N0} kinds of nodes{(exact.Bound.EachRankSeen ? "" : ", one rank of each looked at")}.", 2);
            }
        }
        report.Heading("Messages");
        report.Say($"- one at a time for each rank: {CollectiveSteps.Least(limits.Kind, ranks):N0} follow one another at least" + limits.Kind switch
        {
            CollectiveKind.AllReduce => $", {CollectiveSteps.WithLeastBytes(limits.Kind, ranks):N0} where least bytes are sent, by recursive halving and doubling",
            CollectiveKind.AllToAll => $", {CollectiveSteps.WithLeastBytes(limits.Kind, ranks):N0} where each pair's go straight",
            _ => "",
        }, 2);
        report.Heading("What these figures are");
        foreach (var note in Notes) report.Say($"- {note}", 2);

        IEnumerable<IReadOnlyList<string>> Rows(SwitchReduction reduction)
        {
            var sustained = limits.Cuts(largest, LimitRates.Sustained, reduction).ToDictionary(c => c.Word, StringComparer.Ordinal);
            return limits.Cuts(largest, LimitRates.Line, reduction).Select(c => new[]
            {
                c.Name, Volume(c.Volume), Time(c.Transfer), sustained.TryGetValue(c.Word, out var s) ? $"{Quantity.Round(s.Bandwidth.GigabytesPerSecond, 4)} GB/s" : "", s is null ? "" : Time(s.Transfer),
            });
        }
    }

    static void Table(TextReport report, CollectiveLimits limits, IReadOnlyList<long> sizes, LimitRates rates, string heading)
    {
        report.Heading(heading);
        var reducing = limits.HasReducingSwitches;
        string[] columns = [">size", ">limit", ">busbw", "set by", .. reducing ? new[] { ">reducing", ">busbw", "set by" } : []];
        report.Table(columns, sizes.Select(s =>
        {
            var plain = Cells(limits, s, rates, SwitchReduction.None);
            return (IReadOnlyList<string>)[$"{s:N0} B", .. plain, .. reducing ? Cells(limits, s, rates, SwitchReduction.AsEquipped) : []];
        }));
    }

    static string[] Cells(CollectiveLimits limits, long size, LimitRates rates, SwitchReduction reduction)
    {
        var limit = limits.At(DataSize.FromBytes(size), rates, reduction);
        return [Time(limit.Time), $"{Quantity.Round(BusBandwidth(limits, size, limit.Time).GigabytesPerSecond, 4)} GB/s", limit.SetBy];
    }

    /// <summary>What nccl-tests would print as busbw.</summary>
    public static Bandwidth BusBandwidth(CollectiveLimits limits, long size, Duration time) =>
        Bandwidth.FromBytesPerSecond(CollectiveBounds.BusFactor(limits.Kind, limits.Network.Group.Ranks) * size / time.Seconds);

    static readonly string[] Notes =
    [
        "The limit is that of rings, trees and everything else whose switches only forward; 'reducing' is that of NVLS and SHARP, which beat the former, on the switches that there are.",
        "'ports' is one rank's own way in and out, 'domain' the way out of one scale-up domain; further cuts are named after what they leave.",
        "At sustained rates a limit is what the mechanism's measured shares leave; a better tuned system may pass it, never the one at line rates.",
    ];

    static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##} %");

    static string Volume(DataSize size) => size.ToString("G4");

    static string Time(Duration time) => time.ToString("G4");
}
