using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Placement;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Cli;

/// <summary><c>lightloom train placement DESIGN [--export FORMAT [--output FILE]] [--json]</c>: which groups stand together, what it gains, and files that do it.</summary>
static class TrainPlacementCommand
{
    const int MostUnits = 16;

    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML), with a job" };
        var export = new Option<string?>("--export") { Description = "write the ranks' places as one of: " + string.Join("; ", PlacementExport.All.Select(e => $"{e.Name} ({e.Description})")), HelpName = "format" };
        var target = new Option<string?>("--output") { Description = "the file for --export; the standard output if absent", HelpName = "file" };
        var numbering = new Option<string?>("--numbering")
        {
            Description = "how the launcher numbers ranks, innermost first: 'megatron' (tensor,context,expert,data,pipeline; its default), 'mapping' (as they are mapped), or such a list",
            HelpName = "order",
        };
        var hosts = new Option<int>("--hosts-per-system") { Description = "hosts of which one system is made: 18 for a rack of 18 compute trays", DefaultValueFactory = _ => 1, HelpName = "n" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("placement", "Map the groups of a design's job to its network: every order of them, and domains handed out at random.")
        {
            design, export, target, numbering, hosts, json,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var format = parsed.GetValue(export) is { } name ? PlacementExport.Find(name) : null;
            if (format is null && parsed.GetValue(target) is not null) throw new InputException("--output is the file for --export, which is not given");
            var evaluation = new Evaluator().Evaluate(ModelInput.LoadDesign(parsed.GetValue(design)!));
            if (evaluation.Operation is not { } operation) throw new InputException("'train placement' maps the groups of a job, and the design has none");
            var result = operation.Placement();
            // An order that the design gives is kept; otherwise the best is taken.
            var taken = operation.Job.Parallelism.Order is null ? result.Best : result.Own;
            var job = taken.Step.Job with { Parallelism = taken.Step.Job.Parallelism with { Order = taken.Order } };
            var ranks = new RankHosts(job, Numbering(parsed.GetValue(numbering), taken.Order), new FabricInput(evaluation.Build).Graph, parsed.GetValue(hosts));
            if (format is not null)
            {
                if (parsed.GetValue(target) is not { } file)
                {
                    OutputFile.WriteConsole(writer => format.Write(ranks, writer));
                    return CommandRunner.Success;
                }
                OutputFile.Write(file, writer => format.Write(ranks, writer));
                output.WriteLine($"{ranks.Ranks:N0} ranks on {ranks.Hosts:N0} hosts, mapped {Text(taken.Order)}, as {format.Name} in '{file}'");
                return CommandRunner.Success;
            }
            if (parsed.GetValue(json)) output.WriteLine(Json(evaluation, result, taken, ranks));
            else Write(output, evaluation, result, taken, ranks);
            return CommandRunner.Success;
        }));
        return command;
    }

    static IReadOnlyList<ParallelDimension> Numbering(string? text, IReadOnlyList<ParallelDimension> mapping)
    {
        if (text is null or "megatron") return RankOrder.Megatron;
        if (text == "mapping") return mapping;
        var names = DocumentShape.NamesOf(typeof(ParallelDimension));
        var order = new List<ParallelDimension>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var found = names.Where(n => n.Name == word).Select(n => (ParallelDimension?)n.Value).FirstOrDefault() ?? throw new InputException(
                $"--numbering: expected 'megatron', 'mapping' or a list of {string.Join(", ", names.Select(n => n.Name))}; found '{word}'{Nearest.Hint(word, [.. names.Select(n => n.Name)])}");
            if (order.Contains(found)) throw new InputException($"--numbering: '{word}' is named more than once");
            order.Add(found);
        }
        return order;
    }

    static string Text(IReadOnlyList<ParallelDimension> order) => order.Count == 0 ? "nothing to map" : string.Join(", ", order.Select(d => DocumentShape.NameOf(d)));

    static void Write(TextWriter output, Evaluation evaluation, PlacementResult result, in PlacedStep taken, RankHosts ranks)
    {
        var report = new TextReport(output);
        var (job, best) = (result.Own.Step.Job, result.Best.Step.Time);
        report.Title($"{evaluation.Build.Document.Design.Name}: the placement of its job");
        report.Say($"{job.Model.Model.Name} on {job.Accelerators:N0} accelerators; groups from those that stand closest together outwards.");
        report.Heading("Mappings");
        report.Table(["mapping", "order", ">step", ">more than the best"], new[]
        {
            ("the job's order, linear", result.Own), ("the same, domains at random", result.Scattered), ("the best order, linear", result.Best), ("the worst order, linear", result.Orders[^1]),
        }.Select(m => new[] { m.Item1, Text(m.Item2.Order), m.Item2.Step.Time.ToString("G4"), EvaluationReport.Tenths((m.Item2.Step.Time / best) - 1) }));
        report.Say(result.Own.Step.Time > best
            ? $"Of {result.Orders.Count:N0} orders; the best in a design: parallelism: {{ ..., order: [{Text(result.Best.Order)}] }}"
            : $"Of {result.Orders.Count:N0} orders none is faster than the job's.");

        report.Heading($"Ranks of a group in one unit of each level, mapped {Text(taken.Order)}");
        var network = evaluation.Operation!.Network(new());
        var levels = Enumerable.Range(0, network.Levels.Count).Select(l => network.Levels[l].Name).ToArray();
        report.Table(["group", ">ranks", ">stride", .. levels.Select(l => ">" + l)], Groups(taken, network).Select(g => new[]
        {
            g.Name, $"{g.Ranks:N0}", $"{g.Stride:N0}",
        }.Concat(g.Within.Select(w => w.ToString("0.#", CultureInfo.InvariantCulture))).ToArray()));

        report.Heading("Hosts in the order of the network");
        var units = Units(ranks).ToList();
        report.Table(["unit", ">hosts", ">ranks' places", "names"], units.Take(MostUnits).Select(u => new[] { u.Unit, $"{u.Count:N0}", $"{u.From:N0} to {u.To:N0}", u.Hosts }));
        if (units.Count > MostUnits) report.Say($"And {units.Count - MostUnits:N0} more units; --json lists all.");
        report.Say($"{ranks.RanksPerHost} ranks a host. --export writes the place of every rank.");
    }

    static IEnumerable<(string Unit, int Count, int From, int To, string Hosts)> Units(RankHosts ranks)
    {
        var from = 0;
        foreach (var (unit, hosts, count) in ranks.Units())
        {
            var to = Math.Min(ranks.Ranks, from + (count * ranks.RanksPerHost));
            yield return (unit, count, from, to - 1, hosts);
            from = to;
        }
    }

    static List<(string Name, int Ranks, int Stride, double[] Within)> Groups(in PlacedStep taken, StepNetwork network)
    {
        var job = taken.Step.Job with { Parallelism = taken.Step.Job.Parallelism with { Order = taken.Order } };
        var order = new RankOrder(job);
        var layout = new GroupLayout(job, network);
        var groups = new List<(string, int, int, double[])>();
        foreach (var dimension in taken.Order)
        {
            var placed = dimension switch
            {
                ParallelDimension.Tensor => layout.Tensor,
                ParallelDimension.Context => layout.Context,
                ParallelDimension.Expert => layout.Expert,
                ParallelDimension.Pipeline => layout.Pipeline,
                _ => layout.Dense,
            };
            var name = dimension == ParallelDimension.Data && placed.Ranks > order.Degree(dimension) ? "data, with context and expert" : DocumentShape.NameOf(dimension);
            groups.Add((name, placed.Ranks, order.Stride(dimension), [.. Enumerable.Range(0, network.Levels.Count).Select(placed.Within)]));
        }
        return groups;
    }

    static string Json(Evaluation evaluation, PlacementResult result, PlacedStep taken, RankHosts ranks) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", evaluation.Build.Document.Design.Name);
        Mapping(json, "own", result.Own);
        Mapping(json, "random", result.Scattered);
        json.WriteStartArray("orders");
        foreach (var order in result.Orders) Mapping(json, null, order);
        json.WriteEndArray();
        json.WriteStartArray("groups");
        var network = evaluation.Operation!.Network(new());
        foreach (var (name, count, stride, within) in Groups(taken, network))
        {
            json.WriteStartObject();
            json.WriteString("group", name);
            json.WriteNumber("ranks", count);
            json.WriteNumber("stride", stride);
            json.WriteStartObject("ranksWithin");
            for (var l = 0; l < within.Length; l++) json.WriteNumber(network.Levels[l].Name, within[l]);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("units");
        foreach (var (unit, count, from, to, hosts) in Units(ranks))
        {
            json.WriteStartObject();
            json.WriteString("unit", unit);
            json.WriteNumber("hosts", count);
            json.WriteNumber("firstPlace", from);
            json.WriteNumber("lastPlace", to);
            json.WriteString("names", hosts);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    static void Mapping(Utf8JsonWriter json, string? name, in PlacedStep placed)
    {
        if (name is null) json.WriteStartObject();
        else json.WriteStartObject(name);
        json.WriteStartArray("order");
        foreach (var dimension in placed.Order) json.WriteStringValue(DocumentShape.NameOf(dimension));
        json.WriteEndArray();
        json.WriteNumber("time_s", placed.Step.Time.Seconds);
        json.WriteEndObject();
    }
}
