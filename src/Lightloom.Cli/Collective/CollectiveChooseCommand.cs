using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom collective choose</c>: the algorithm and protocol that NCCL, or RCCL on AMD's accelerators, takes, why, and as its tuner configuration.</summary>
static class CollectiveChooseCommand
{
    public static Command Make()
    {
        var system = new Option<string>("--system") { Description = "a system of the catalogue (dgx-h100)", Required = true, HelpName = "key" };
        var nodes = new Option<string>("--nodes") { Description = "systems, each one scale-up domain; 1 unless given", DefaultValueFactory = _ => "1", HelpName = "nodes" };
        var gpus = new Option<string?>("--gpus") { Description = "GPUs that take part, the same number on each node; all unless given", HelpName = "GPUs" };
        var collective = new Option<string>("--collective") { Description = "all-reduce, all-gather, reduce-scatter, broadcast or reduce", Required = true, HelpName = "name" };
        var sizes = new Option<string>("--sizes") { Description = "sizes, doubling (8..32GiB), or with commas between them", DefaultValueFactory = _ => "8..32GiB", HelpName = "sizes" };
        var algorithm = new Option<string?>("--algorithm") { Description = "force one, as NCCL_ALGO does", HelpName = "name" };
        var protocol = new Option<string?>("--protocol") { Description = "force one, as NCCL_PROTO does", HelpName = "name" };
        var host = new Option<string?>("--host") { Description = "maker of the host's processors: intel, amd, arm, power", HelpName = "maker" };
        var sharp = new Option<bool>("--sharp") { Description = "the fabric's switches reduce, and NCCL is told so (NCCL_COLLNET_ENABLE=1)" };
        var noNvls = new Option<bool>("--no-nvls") { Description = "NVLink SHARP is turned off (NCCL_NVLS_ENABLE=0)" };
        var csv = new Option<string?>("--tuner-csv") { Description = "write the choices as NCCL's tuner configuration", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("choose", "Which algorithm and protocol the cost model of NCCL (RCCL on AMD) takes by size, and why.")
        {
            system, nodes, gpus, collective, sizes, algorithm, protocol, host, sharp, noNvls, csv, json,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var function = CollectiveChooseInput.Function(parsed.GetValue(collective)!);
            var list = CollectiveChooseInput.Sizes(parsed.GetValue(sizes)!);
            var machine = CollectiveChooseInput.Machine(parsed.GetValue(system)!, parsed.GetValue(nodes)!, parsed.GetValue(gpus), parsed.GetValue(host),
                parsed.GetValue(sharp), parsed.GetValue(noNvls));
            NcclAlgorithm? a = parsed.GetValue(algorithm) is { } name ? CollectiveChooseInput.Algorithm(name) : null;
            NcclProtocol? p = parsed.GetValue(protocol) is { } word ? CollectiveChooseInput.Protocol(word) : null;
            var tuner = new NcclTuner(machine);
            var ranges = tuner.Ranges(function, list[0], list[^1], a, p);
            var choices = list.Select(s => (s, tuner.Choose(function, s, a, p))).ToList();
            if (parsed.GetValue(csv) is { } file) OutputFile.Write(file, writer => NcclTunerCsv.Write(writer, tuner, function, ranges));
            if (parsed.GetValue(json)) output.WriteLine(Json(tuner, function, choices, ranges));
            else Write(output, tuner, function, choices, ranges);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter output, NcclTuner tuner, NcclFunction function, IReadOnlyList<(long Size, NcclCandidate Choice)> choices, IReadOnlyList<NcclSizeRange> ranges)
    {
        var report = new TextReport(output);
        var machine = tuner.Machine;
        report.Title($"{DocumentShape.NameOf(function)} over {machine.Ranks:N0} GPUs, as {tuner.Tuning.Library} {tuner.Tuning.Version} chooses");
        report.Say($"{machine.Nodes:N0} x {machine.RanksPerNode} GPUs of {machine.Name}; {GigabytesPerSecond(machine.GpuBandwidth)} per GPU inside a node" +
            (machine.Nodes > 1 ? $", {machine.Nics} network cards of {GigabytesPerSecond(machine.NicBandwidth)}" : "") + $"; {DocumentShape.NameOf(machine.Host)} hosts.");
        report.Heading(tuner.Tuning.Rccl is null ? "Channels that NCCL's search finds" : "Channels that RCCL's presets list");
        report.Table(["graph", ">channels", ">inside", ">across", ">running"],
            new[] { ("ring", NcclAlgorithm.Ring), ("tree", NcclAlgorithm.Tree), ("NVLS", NcclAlgorithm.Nvls), ("CollNetDirect", NcclAlgorithm.CollNetDirect) }
                .Where(g => tuner.Graphs.Of(g.Item2).Channels > 0)
                .Select(g => (g.Item1, Graph: tuner.Graphs.Of(g.Item2), Running: tuner.Graphs.Running(g.Item2)))
                .Select(g => new[] { g.Item1, Text(g.Graph.Channels), GigabytesPerSecond(g.Graph.Intra), machine.Nodes > 1 ? GigabytesPerSecond(g.Graph.Inter) : "", Text(g.Running) }));
        if (tuner.Programs(function) is { Count: > 0 } programs)
        {
            report.Heading("Programs that run first (MSCCL)");
            report.Table([">from", ">to", "program", "protocol", ">channels", "buffers"], programs.Select(p =>
                new[] { $"{p.From:N0} B", $"{p.To:N0} B", p.Name, NcclTuner.Name(p.Protocol), Text(p.Channels), DocumentShape.NameOf(p.Buffers) }));
            report.Say("- For sums and other plain operations; what follows is taken for averages, other sizes, or with RCCL_MSCCL_ENABLE=0.", 2);
        }
        report.Heading("Choice by size");
        report.Table([">from", ">to", "algorithm", "protocol"], ranges.Select(r => new[] { $"{r.From:N0} B", $"{r.To:N0} B", NcclTuner.Name(r.Algorithm), NcclTuner.Name(r.Protocol) }));
        foreach (var line in NcclExplanation.Of(tuner, function, ranges)) report.Say($"- {line}", 2);
        report.Heading("By size, with what comes next");
        report.Table([">size", "choice", ">channels", $">{tuner.Tuning.Library}'s time", "next", ">times"], choices.Select(c => Row(tuner, function, c.Size, c.Choice)));
        var shown = tuner.Candidates(function, choices[^1].Size);
        report.Heading($"Every candidate at {choices[^1].Size:N0} B");
        report.Table(["candidate", ">latency", ">bandwidth", ">time"], shown.Where(c => c.Off is null).OrderBy(c => c.Time.Si)
            .Select(c => new[] { c.Name, Microseconds(c.Latency), GigabytesPerSecond(c.Bandwidth), Microseconds(c.Time) }));
        foreach (var off in shown.Where(c => c.Off is not null).GroupBy(c => c.Off!)) report.Say($"- off, {off.Key}: {string.Join(", ", off.Select(c => c.Name))}", 2);
        report.Heading("What these figures are");
        foreach (var note in NcclExplanation.LimitsOf(tuner)) report.Say($"- {note}", 2);
    }

    static string[] Row(NcclTuner tuner, NcclFunction function, long size, NcclCandidate choice)
    {
        var next = tuner.Candidates(function, size).Where(c => c.Off is null && (c.Algorithm, c.Protocol) != (choice.Algorithm, choice.Protocol))
            .OrderBy(c => c.Time.Si).Cast<NcclCandidate?>().FirstOrDefault();
        return [$"{size:N0} B", choice.Name, Text(choice.Channels), Microseconds(choice.Time), next?.Name ?? "", next is { } n ? (n.Time / choice.Time).ToString("0.00", CultureInfo.InvariantCulture) : ""];
    }

    static string Json(NcclTuner tuner, NcclFunction function, IReadOnlyList<(long Size, NcclCandidate Choice)> choices, IReadOnlyList<NcclSizeRange> ranges) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("library", tuner.Tuning.Library);
        json.WriteString("version", tuner.Tuning.Version);
        json.WriteString("collective", DocumentShape.NameOf(function));
        json.WriteNumber("nodes", tuner.Machine.Nodes);
        json.WriteNumber("gpus", tuner.Machine.Ranks);
        if (tuner.Programs(function) is { Count: > 0 } programs)
        {
            json.WriteStartArray("programs");
            foreach (var program in programs)
            {
                json.WriteStartObject();
                json.WriteNumber("from_B", program.From);
                json.WriteNumber("to_B", program.To);
                json.WriteString("program", program.Name);
                json.WriteString("protocol", NcclTuner.Name(program.Protocol));
                json.WriteNumber("channels", program.Channels);
                json.WriteString("buffers", DocumentShape.NameOf(program.Buffers));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteStartArray("ranges");
        foreach (var range in ranges)
        {
            json.WriteStartObject();
            json.WriteNumber("from_B", range.From);
            json.WriteNumber("to_B", range.To);
            json.WriteString("algorithm", NcclTuner.Name(range.Algorithm));
            json.WriteString("protocol", NcclTuner.Name(range.Protocol));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("explanation");
        foreach (var line in NcclExplanation.Of(tuner, function, ranges)) json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteStartArray("sizes");
        foreach (var (size, choice) in choices)
        {
            json.WriteStartObject();
            json.WriteNumber("size_B", size);
            json.WriteString("choice", choice.Name);
            json.WriteStartArray("candidates");
            foreach (var c in tuner.Candidates(function, size))
            {
                json.WriteStartObject();
                json.WriteString("algorithm", NcclTuner.Name(c.Algorithm));
                json.WriteString("protocol", NcclTuner.Name(c.Protocol));
                if (c.Off is { } off) json.WriteString("off", off);
                else
                {
                    json.WriteNumber("channels", c.Channels);
                    json.WriteNumber("latency_us", Math.Round(c.Latency.Microseconds, 6));
                    json.WriteNumber("bandwidth_GBps", Math.Round(c.Bandwidth.GigabytesPerSecond, 6));
                    json.WriteNumber("time_us", Math.Round(c.Time.Microseconds, 6));
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    static string Microseconds(Duration time) => $"{Quantity.Round(time.Microseconds, 4)} us";

    static string GigabytesPerSecond(Bandwidth bandwidth) => $"{Quantity.Round(bandwidth.GigabytesPerSecond, 4)} GB/s";
}
