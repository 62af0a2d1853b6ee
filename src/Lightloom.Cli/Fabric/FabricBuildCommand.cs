using System.CommandLine;
using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom fabric build DESIGN [--json]</c>: expands a fabric and says what stands there.</summary>
static class FabricBuildCommand
{
    public static Command Make()
    {
        var (design, json) = (FabricCommand.Design(), FabricCommand.Json());
        var command = new Command("build", "Devices, ports and links of a fabric, and where they stand.") { design, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var input = FabricInput.Load(parsed.GetValue(design)!);
            if (parsed.GetValue(json)) output.WriteLine(Json(input));
            else Report(new(output), input);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Report(TextReport report, FabricInput input)
    {
        var (plan, floor, graph) = (input.Build.Plan, input.Build.Floor, input.Graph);
        report.Title($"{input.Build.Document.Design.Name}: the fabric");
        report.Say($"{plan.Topology}: {graph.Systems:N0} systems with {graph.Cards:N0} cards, {graph.SwitchCount:N0} switches, {graph.Links:N0} links" +
            $"{(plan.Request.Planes > 1 ? $" in {plan.Request.Planes} planes" : "")}; at most {plan.Diameter} switches between two cards, " +
            $"{100 * plan.BisectionShare.Si:0.#} % of full bisection.");
        report.Heading("Devices");
        report.Table(["", "part", ">devices", ">ports", ">in use", "first", "last"], graph.Tiers.Select(t => new[]
        {
            t.Name, t.Switch?.Name ?? (t.Name == "card" ? plan.Request.System.Nic.Name : "fabric manager"), $"{t.Count:N0}", $"{(long)t.Count * t.Ports:N0}",
            $"{PortsInUse(graph, t):N0}", graph.NameOf(t.First), graph.NameOf(t.First + t.Count - 1),
        }));
        report.Heading("Links");
        report.Table(["", ">links", ">rate", ">widest bundle", "from", "to"], plan.Links.Select(l => new[]
        {
            l.Name, $"{l.Count:N0}", l.Rate.ToString(), $"{l.Bundle}", l.Lower.Tier, l.Upper.Tier,
        }));
        report.Heading("Floor");
        report.Say($"{floor.SystemRacks:N0} racks of systems and {floor.NetworkRacks:N0} of switches in {floor.Rows:N0} rows of {floor.RacksPerRow:N0} places, " +
            $"{floor.Width} by {floor.Depth}.");
        foreach (var finding in floor.Findings) report.Say($"- {finding.Message}", 2);
    }

    static string Json(FabricInput input) => EvaluationJson.Text(json =>
    {
        var (plan, graph) = (input.Build.Plan, input.Graph);
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", input.Build.Document.Design.Name);
        json.WriteString("topology", plan.Topology);
        json.WriteNumber("systems", graph.Systems);
        json.WriteNumber("cards", graph.Cards);
        json.WriteNumber("switches", graph.SwitchCount);
        json.WriteNumber("links", graph.Links);
        json.WriteNumber("planes", plan.Request.Planes);
        json.WriteNumber("diameter_hops", plan.Diameter);
        json.WriteNumber("bisectionShare", plan.BisectionShare.Si);
        json.WriteStartArray("tiers");
        foreach (var tier in graph.Tiers)
        {
            json.WriteStartObject();
            json.WriteString("name", tier.Name);
            if (tier.Switch is { } part) json.WriteString("switch", part.Key);
            json.WriteNumber("count", tier.Count);
            json.WriteNumber("ports", tier.Ports);
            json.WriteNumber("portsInUse", PortsInUse(graph, tier));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("linkClasses");
        foreach (var link in plan.Links)
        {
            json.WriteStartObject();
            json.WriteString("name", link.Name);
            json.WriteNumber("count", link.Count);
            json.WriteNumber("rate_Gbps", link.Rate.GigabitsPerSecond);
            json.WriteNumber("widestBundle", link.Bundle);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    static long PortsInUse(FabricGraph graph, DeviceTier tier) => graph.Offsets[tier.First + tier.Count] - graph.Offsets[tier.First];
}
