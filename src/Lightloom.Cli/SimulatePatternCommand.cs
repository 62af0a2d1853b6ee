using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Cli;

/// <summary><c>lightloom simulate PATTERN --design DESIGN | --topology NAME ...</c>: traffic on a fabric, played flow by flow.</summary>
static class SimulatePatternCommand
{
    const string UsualSystem = "dgx-h100";
    const string UsualSwitch = "qm9700";

    public static Command Make()
    {
        var pattern = new Argument<string?>("pattern")
        {
            Description = "all-to-all, shift:K, permutation[:SEED], ring, incast:N, butterfly, random:N[:SEED], hotspot:PERCENT[:SEED] or matrix:FILE, among network cards; " +
                "all-reduce, all-gather, reduce-scatter, broadcast or reduce, with :ALGORITHM, among accelerators",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> Text(string name, string description, string help) => new(name) { Description = description, HelpName = help };
        var design = Text("--design", "the design document (YAML) whose fabric carries it", "file");
        var topology = Text("--topology", $"a topology instead of a design: {string.Join(", ", Topologies.All.Select(t => t.Name))}", "name");
        var systems = Text("--systems", "systems of the topology", "number");
        var system = Text("--system", $"their kind; {UsualSystem} unless given", "part");
        var part = Text("--switch", $"its switches; {UsualSwitch} unless given", "part");
        var routing = Text("--routing", $"one of {string.Join(", ", Routings.All.Select(r => r.Name))}; equal-cost unless given", "name");
        var size = Text("--size", "data of each send, 1 MiB unless given; of a collective as a whole, 1 GiB unless given", "size");
        var ranks = Text("--ranks", "accelerators of a collective, from the first system on; all unless given", "number");
        var over = Text("--over", "flows start at random within this time; all at once unless given", "time");
        var seed = Text("--seed", "seed of those starts, and of all chances of packets; 1 unless given", "number");
        var hash = Text("--hash", "give each flow one path by a hash with this seed; spread over all equal paths unless given", "seed");
        var fail = Text("--fail", "links between two devices fail on the way: leaf-00:spine-03@200us, and are back at a second time: @200us..2ms", "A:B@TIME");
        var notice = Text("--notice", "from a failure to routes around it; 0 s unless given", "time");
        var one = new Option<bool>("--one-by-one") { Description = "don't take flows together that are alike; the answer is the same" };
        var csv = Text("--csv", "write every flow: from, to, bytes, start_s, finish_s", "file");
        var plot = Text("--plot", "draw completion times and loads to a .svg or .png file", "file");
        var progress = new Option<bool>("--progress") { Description = "say on the error output how far it is" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var engine = SimulateCommand.Engine();
        var packets = new PacketInput(seed);
        var command = new Command("simulate", "Traffic on a fabric, played flow by flow or packet by packet: completion times, loads over time, and which links limit whom.")
        {
            pattern, design, topology, systems, system, part, routing, size, ranks, over, seed, hash, fail, notice, one, engine, csv, plot, progress, json,
        };
        packets.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var packet = SimulateCommand.IsPacket(parsed.GetValue(engine));
            if (!packet && packets.FirstGiven(parsed) is { } stray) throw new InputException($"{stray} is of use with --engine packet alone");
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            var asked = parsed.GetValue(pattern) ?? throw new InputException("'simulate' expects a pattern and a fabric, or 'simulate scenario' and a name");
            if (parsed.GetValue(seed) is not null && parsed.GetValue(over) is null && !packet) throw new InputException("--seed is of use with --over or --engine packet alone; patterns have their own");
            if (parsed.GetValue(notice) is not null && parsed.GetValue(fail) is null) throw new InputException("--notice is of use with --fail alone");
            var (name, graph, links) = Fabric(parsed.GetValue(design), parsed.GetValue(topology), parsed.GetValue(systems), parsed.GetValue(system), parsed.GetValue(part));
            try
            {
                var paths = new LoadOptions { HashSeed = parsed.GetValue(hash) is { } h ? FabricRouteCommand.Seed("--hash", h) : null };
                var by = parsed.GetValue(routing) is { } given ? FabricRouteCommand.Routing(given) : new EqualCost();
                var play = new FlowOptions { Grouping = parsed.GetValue(one) ? FlowGrouping.OneByOne : FlowGrouping.WhereAlike, Progress = parsed.GetValue(progress) ? Tell : null };
                if (SimulateCollective.Parse(asked) is { } collective)
                {
                    if (packet) throw new InputException($"--engine packet plays patterns among cards and scenarios so far, and '{asked}' is a collective");
                    foreach (var (option, text) in new[] { (over.Name, parsed.GetValue(over)), (fail.Name, parsed.GetValue(fail)), (csv.Name, parsed.GetValue(csv)), (plot.Name, parsed.GetValue(plot)) })
                        if (text is not null) throw new InputException($"{option} is of use with patterns among cards alone, and '{asked}' is a collective");
                    var accelerators = (int)Math.Min(int.MaxValue, graph.Plan.AcceleratorCount);
                    var count = parsed.GetValue(ranks) is { } r ? LinkInput.Count("--ranks", r, 2, accelerators) : accelerators;
                    return SimulateCollective.Run(output, name, graph, links, collective, Size(parsed.GetValue(size), 1L << 30), count, by, paths, play, parsed.GetValue(json));
                }
                if (parsed.GetValue(ranks) is not null) throw new InputException($"--ranks is of use with collectives alone, and '{asked}' is a pattern among cards");
                var sends = SendList.Parse(graph, asked, Size(parsed.GetValue(size), 1 << 20), file => FabricRouteCommand.Matrix(graph, file));
                if (parsed.GetValue(over) is { } spread) sends = sends.Over(Time("--over", spread), parsed.GetValue(seed) is { } s ? FabricRouteCommand.Seed("--seed", s) : 1);
                if (packet)
                {
                    foreach (var (option, text) in new[] { (routing.Name, parsed.GetValue(routing)), (hash.Name, parsed.GetValue(hash)), (plot.Name, parsed.GetValue(plot)) })
                        if (text is not null) throw new InputException($"{option} is of use with --engine flow alone; packets find their paths by --balance");
                }
                var failure = parsed.GetValue(fail) is { } what ? Failure(graph, what, parsed.GetValue(notice) is { } n ? Time("--notice", n) : Duration.Zero) : null;
                if (packet) return Packets(output, parsed, graph, links, sends, With(packets.Read(parsed), failure), packets, parsed.GetValue(csv), parsed.GetValue(json));
                var run = SimulateCommand.Interruptible(stop => TrafficSimulation.Of(graph, links, new()
                {
                    Routing = by,
                    Sends = sends,
                    Paths = paths,
                    Failure = failure,
                    Play = play with { Stop = stop },
                }));
                if (parsed.GetValue(csv) is { } file) OutputFile.Write(file, writer => WriteFlows(writer, run));
                if (parsed.GetValue(plot) is { } drawing) SimulatePlot.Save(drawing, $"{name}: {sends.Name}", run);
                if (parsed.GetValue(json)) output.WriteLine(SimulateReport.Json(name, run));
                else SimulateReport.Write(new(output), name, run);
                return run.Run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
            }
            catch (FabricException e)
            {
                throw new InputException(e.Field == "pattern" ? $"pattern '{asked}': {e.Message}" : $"--{e.Field}: {e.Message}");
            }
        }));
        return command;
    }

    // Link l of the graph is wires 2 l and 2 l + 1 of packets.
    static PacketOptions With(PacketOptions options, FabricFailure? failure)
    {
        if (failure is null) return options;
        IEnumerable<WireChange> Changes(Duration at, double share) =>
            failure.Links.SelectMany(l => new[] { 2 * l, (2 * l) + 1 }).Select(w => new WireChange(SimTime.FromDuration(at), w, share));
        return options with
        {
            Changes = [.. Changes(failure.At, 0), .. failure.Repaired is { } repaired ? Changes(repaired, 1) : []],
            Notice = Duration.FromSeconds(failure.Noticed.Seconds - failure.At.Seconds),
        };
    }

    static int Packets(TextWriter output, ParseResult parsed, FabricGraph graph, IReadOnlyList<LinkSummary>? links, SendList sends, PacketOptions options, PacketInput packets, string? csv, bool json)
    {
        var fabric = PacketFabricBuilder.Of(graph, TrafficSimulation.Latency(graph, links));
        var run = SimulateCommand.Interruptible(stop => PacketSimulation.Run(fabric, PacketTraffic.Of(sends), options, stop));
        if (csv is not null) OutputFile.Write(csv, writer => PacketReport.WriteFlows(writer, run, graph.NameOf));
        packets.WriteSamples(parsed, run);
        if (json) output.WriteLine(PacketReport.Json(run, fabric, null));
        else PacketReport.Write(new(output), run, fabric, null);
        return run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
    }

    static void Tell(double seconds, int arrived) => Console.Error.WriteLine(FormattableString.Invariant($"{Duration.FromSeconds(seconds)}: {arrived:N0} flows or classes have arrived"));

    static (string Name, FabricGraph Graph, IReadOnlyList<LinkSummary>? Links) Fabric(string? design, string? topology, string? systems, string? system, string? part)
    {
        if (design is null == topology is null)
            throw new InputException(design is null ? "expected a fabric: --design FILE, or --topology NAME --systems N" : "--design and --topology exclude each other");
        if (design is not null)
        {
            if (systems is not null || system is not null || part is not null) throw new InputException("--systems, --system and --switch are of use with --topology alone; the design has its own");
            var input = FabricInput.Load(design);
            return (input.Build.Document.Design.Name, input.Graph, input.Build.Links);
        }
        var count = LinkInput.Count("--systems", systems ?? throw new InputException("--topology goes with --systems, their number"), 1, 1_000_000);
        try
        {
            var plan = Topologies.Find(topology!).Plan(new()
            {
                Systems = count,
                System = LinkInput.Part<AcceleratorSystem>("--system", system ?? UsualSystem),
                Switch = LinkInput.Part<Switch>("--switch", part ?? UsualSwitch),
            });
            return ($"{topology} of {count:N0} systems", FabricGraph.Of(plan), null);
        }
        catch (FabricException e)
        {
            throw new InputException($"--topology {topology}: {e.Message}");
        }
    }

    static DataSize Size(string? text, double usual)
    {
        var size = text is null ? DataSize.FromBytes(usual)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bytes) ? DataSize.FromBytes(bytes)
            : Quantity.TryParse<DataSize>(text, out var given, out var problem) ? given : throw new InputException($"--size: {problem}");
        return size.Bytes is > 0 and <= 1e18 ? size : throw new InputException($"--size: expected more than 0 B and at most 1 EB, found '{text}'");
    }

    static FabricFailure Failure(FabricGraph graph, string text, Duration notice)
    {
        const string expected = "--fail: expected two devices and a time, such as leaf-00:spine-03@200us, or two times";
        if (text.Split('@') is not [var ends, var times] || ends.Split(':') is not [var a, var b]) throw new InputException($"{expected}; found '{text}'");
        var parts = times.Split("..");
        if (parts.Length > 2) throw new InputException($"{expected}; found '{text}'");
        var names = new FabricNames(graph);
        var (from, to) = (names.Device("--fail", a), names.Device("--fail", b));
        int[] links = [.. graph.LinksOf(from).ToArray().Where(l => graph.Across(l, from) == to)];
        if (links.Length == 0) throw new InputException($"--fail: no link joins '{a}' and '{b}'");
        var at = Time("--fail", parts[0]);
        Duration? back = parts.Length == 2 ? Time("--fail", parts[1]) : null;
        return back <= at ? throw new InputException($"--fail: what fails at {at} can't be back at {back}") : new(links, at, at + notice, back);
    }

    static Duration Time(string option, string text) =>
        !Quantity.TryParse<Duration>(text, out var time, out var problem) ? throw new InputException($"{option}: {problem}")
            : time.Seconds is >= 0 and <= 1e9 ? time : throw new InputException($"{option}: expected a time from 0 s to 30 years, found '{text}'");

    static void WriteFlows(TextWriter writer, TrafficSimulation run)
    {
        writer.WriteLine("from,to,bytes,start_s,finish_s");
        var sends = run.Request.Sends;
        var names = new string[run.Graph.Cards];
        for (var c = 0; c < names.Length; c++) names[c] = run.Graph.NameOf(c);
        for (var f = 0; f < sends.Count; f++)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{names[sends.Source[f]]},{names[sends.Destination[f]]},{run.Run.Program.BytesOf(f)}," +
                $"{SimulateCommand.Seconds(run.Run.BeginOf(f))},{SimulateCommand.Seconds(run.Run.FinishOf(f))}"));
        }
    }
}
