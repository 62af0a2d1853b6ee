using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom collective experts</c>: what dispatch and combine of a layer of experts take, what binds, and what a node limit buys.</summary>
static class CollectiveExpertsCommand
{
    static readonly ExpertPhase[] Phases = [ExpertPhase.Dispatch, ExpertPhase.Combine];

    public static Command Make()
    {
        var system = new Option<string>("--system") { Description = "a system of the catalogue (dgx-h100)", Required = true, HelpName = "key" };
        var nodes = new Option<string>("--nodes") { Description = "systems, each one scale-up domain; 1 unless given", DefaultValueFactory = _ => "1", HelpName = "nodes" };
        var fabric = new Option<string>("--fabric") { Description = "mechanism of the fabric (infiniband, rocev2, efa, ultra-ethernet)", DefaultValueFactory = _ => "infiniband", HelpName = "key" };
        var model = new Option<string?>("--model") { Description = "a model of the catalogue that says hidden, top-k and experts", HelpName = "key" };
        var tokens = new Option<string?>("--tokens") { Description = "tokens of one rank; 4096 unless given", HelpName = "tokens" };
        var hidden = new Option<string?>("--hidden") { Description = "values of one token", HelpName = "values" };
        var perToken = new Option<string?>("--top-k") { Description = "experts that each token visits", HelpName = "experts" };
        var experts = new Option<string?>("--experts") { Description = "routed experts of the layer; 256 unless given", HelpName = "experts" };
        var limit = new Option<string?>("--node-limit") { Description = "systems that a token may reach, those of its best experts", HelpName = "systems" };
        var dispatch = new Option<string>("--dispatch") { Description = "how tokens travel: fp8 or bf16", DefaultValueFactory = _ => "fp8", HelpName = "precision" };
        var combine = new Option<string>("--combine") { Description = "how results travel: fp8 or bf16", DefaultValueFactory = _ => "bf16", HelpName = "precision" };
        var mode = new Option<string?>("--mode") { Description = "throughput or low-latency; both unless given", HelpName = "mode" };
        var skew = new Option<string?>("--skew") { Description = "expected load of the most asked rank over the mean; 1 is balanced", HelpName = "ratio" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("experts", "How long dispatch and combine of a layer of experts take, and what binds.")
        {
            system, nodes, fabric, model, tokens, hidden, perToken, experts, limit, dispatch, combine, mode, skew, json,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var input = CollectiveExpertsInput.Of(parsed.GetValue(system)!, parsed.GetValue(nodes)!, parsed.GetValue(fabric)!, parsed.GetValue(model),
                parsed.GetValue(tokens), parsed.GetValue(hidden), parsed.GetValue(perToken), parsed.GetValue(experts), parsed.GetValue(limit),
                parsed.GetValue(dispatch)!, parsed.GetValue(combine)!, parsed.GetValue(skew));
            var models = CollectiveExpertsInput.Modes(parsed.GetValue(mode)).Select(m => new ExpertExchangeModel(input.Levels, m, input.Fabric)).ToList();
            if (parsed.GetValue(json)) output.WriteLine(Json(input, models));
            else Write(output, input, models);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter output, CollectiveExpertsInput input, IReadOnlyList<ExpertExchangeModel> models)
    {
        var report = new TextReport(output);
        var (exchange, group) = (input.Exchange, input.Group);
        report.Title($"{exchange.Experts:N0} experts over {group.Ranks:N0} GPUs, {exchange.PerToken} for each token");
        report.Say($"{input.Nodes:N0} x {input.System.Name}; {exchange.Tokens:N0} tokens of {exchange.Hidden:N0} values on each rank; " +
            $"{string.Join(", ", input.Levels.Select(l => $"{l.Name} {GigabytesPerSecond(l.Bandwidth)} per GPU sustained by collectives"))}.");
        foreach (var model in models)
        {
            var times = Phases.Select(p => model.Time(exchange, p, group)).ToList();
            var routing = times[0].Routing;
            report.Heading($"{Title(model.Mode)}: {model.Parameters.Name}");
            report.Say($"A token reaches {Number(routing.Domains)} of {Number(group.Units(0))} domains and {Number(routing.Ranks)} ranks" +
                (exchange.DomainLimit is { } g ? $", at most {g} domains." : "."));
            report.Table(["", ">mean rank", ">most loaded", ">99 in 100", ">latency", "bound by", ">counted fabric", ">counted NVLink"],
                Phases.Zip(times, (p, t) => new[]
                {
                    Name(p), Microseconds(t.Mean), Microseconds(t.MostLoaded), Microseconds(t.MostLoaded99), Microseconds(t.Latency),
                    input.Levels[t.BindingLevel].Name, GigabytesPerSecond(t.CountedFabric), GigabytesPerSecond(t.CountedScaleUp),
                }));
            report.Table(["", "level", ">sent by the mean rank", ">time of it", ">crossing"],
                from pair in Phases.Zip(times)
                from l in Enumerable.Range(0, input.Levels.Count)
                select new[]
                {
                    l == 0 ? Name(pair.First) : "", input.Levels[l].Name, Megabytes(pair.Second.Volume(l)), Microseconds(pair.Second.Wire(l)),
                    GigabytesPerSecond(pair.Second.Crossing(l)),
                });
            if (model.Mode == ExpertMode.Throughput && Limits(input) is { Count: > 0 } limits)
            {
                report.Say("What a limit of the domains that a token may reach buys:");
                report.Table([">limit", ">domains reached", ">over the fabric", ">dispatch and combine"], limits.Select(limit =>
                {
                    var both = Limited(input, model, limit);
                    return new[] { limit?.ToString(CultureInfo.InvariantCulture) ?? "none", Number(both.Domains), Megabytes(both.Fabric), Microseconds(both.Time) };
                }));
            }
        }
        report.Heading("What these figures are");
        report.Say("- Counted bandwidths are DeepEP's: each copy for a domain (fabric), rank (NVLink) or expert (low latency) over the time, those at home included.", 2);
        report.Say("- The mean rank is what a benchmark prints; a step waits for the most loaded. Routing is random and independent unless --skew says more.", 2);
        report.Say("- Fitted on 12 published rows of one library on one cluster: 15 % (throughput) and 8 % (low latency) is what other sizes of it showed.", 2);
    }

    /// <summary>No limit and its halvings that still hold a token's experts.</summary>
    static List<int?> Limits(CollectiveExpertsInput input)
    {
        var limits = new List<int?>();
        if (input.Nodes < 2) return limits;
        for (var g = 1; g < input.Nodes; g *= 2)
            if ((long)g * (input.Exchange.Experts / input.Nodes) >= input.Exchange.PerToken && g < input.Exchange.PerToken) limits.Add(g);
        limits.Add(null);
        return limits;
    }

    static (double Domains, DataSize Fabric, Duration Time) Limited(CollectiveExpertsInput input, ExpertExchangeModel model, int? limit)
    {
        var exchange = input.Exchange with { DomainLimit = limit };
        var (dispatch, combine) = (model.Time(exchange, ExpertPhase.Dispatch, input.Group), model.Time(exchange, ExpertPhase.Combine, input.Group));
        return (dispatch.Routing.Domains, dispatch.Volume(1) + combine.Volume(1), dispatch.Mean + combine.Mean);
    }

    static string Json(CollectiveExpertsInput input, IReadOnlyList<ExpertExchangeModel> models) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("system", input.System.Key);
        json.WriteNumber("nodes", input.Nodes);
        json.WriteNumber("ranks", input.Group.Ranks);
        json.WriteNumber("experts", input.Exchange.Experts);
        json.WriteNumber("perToken", input.Exchange.PerToken);
        json.WriteNumber("tokens", input.Exchange.Tokens);
        json.WriteNumber("hidden", input.Exchange.Hidden);
        if (input.Exchange.DomainLimit is { } limited) json.WriteNumber("domainLimit", limited);
        json.WriteNumber("skew", input.Exchange.Skew);
        json.WriteStartArray("modes");
        foreach (var model in models)
        {
            json.WriteStartObject();
            json.WriteString("mode", DocumentShape.NameOf(model.Mode));
            foreach (var phase in Phases) Phase(json, input, model, phase);
            json.WriteStartArray("limits");
            // Copies for experts are as many, however the experts lie.
            foreach (var limit in model.Mode == ExpertMode.Throughput ? Limits(input) : [])
            {
                var both = Limited(input, model, limit);
                json.WriteStartObject();
                if (limit is { } g) json.WriteNumber("domainLimit", g);
                json.WriteNumber("domainsReached", Rounded(both.Domains));
                json.WriteNumber("fabric_B", Rounded(both.Fabric.Bytes));
                json.WriteNumber("dispatchAndCombine_us", Rounded(both.Time.Microseconds));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    static void Phase(Utf8JsonWriter json, CollectiveExpertsInput input, ExpertExchangeModel model, ExpertPhase phase)
    {
        var time = model.Time(input.Exchange, phase, input.Group);
        json.WriteStartObject(Name(phase));
        json.WriteNumber("mean_us", Rounded(time.Mean.Microseconds));
        json.WriteNumber("mostLoaded_us", Rounded(time.MostLoaded.Microseconds));
        json.WriteNumber("mostLoaded99_us", Rounded(time.MostLoaded99.Microseconds));
        json.WriteNumber("latency_us", Rounded(time.Latency.Microseconds));
        json.WriteString("boundBy", input.Levels[time.BindingLevel].Name);
        json.WriteNumber("countedFabric_GBps", Rounded(time.CountedFabric.GigabytesPerSecond));
        json.WriteNumber("countedScaleUp_GBps", Rounded(time.CountedScaleUp.GigabytesPerSecond));
        json.WriteNumber("domainsReached", Rounded(time.Routing.Domains));
        json.WriteNumber("ranksReached", Rounded(time.Routing.Ranks));
        json.WriteStartArray("levels");
        for (var l = 0; l < input.Levels.Count; l++)
        {
            json.WriteStartObject();
            json.WriteString("name", input.Levels[l].Name);
            json.WriteNumber("sent_B", Rounded(time.Volume(l).Bytes));
            json.WriteNumber("wire_us", Rounded(time.Wire(l).Microseconds));
            json.WriteNumber("crossing_GBps", Rounded(time.Crossing(l).GigabytesPerSecond));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static string Title(ExpertMode mode) => mode == ExpertMode.Throughput ? "Throughput" : "Low latency";

    static string Name(ExpertPhase phase) => phase == ExpertPhase.Dispatch ? "dispatch" : "combine";

    static double Rounded(double value) => Math.Round(value, 6);

    static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);

    static string Megabytes(DataSize size) => $"{Quantity.Round(size.Bytes / 1e6, 4)} MB";

    static string Microseconds(Duration time) => $"{Quantity.Round(time.Microseconds, 4)} us";

    static string GigabytesPerSecond(Bandwidth bandwidth) => $"{Quantity.Round(bandwidth.GigabytesPerSecond, 4)} GB/s";
}
