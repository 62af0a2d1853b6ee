using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Cli;

/// <summary>
/// <c>lightloom fabric fail DESIGN [--link A:B | --switch NAME | --module NAME:PORT | --plane N | --random K --seed S] [--json]</c>: what
/// failures cost; without any, every single failure by class.
/// </summary>
static class FabricFailCommand
{
    public static Command Make()
    {
        var design = FabricCommand.Design();
        var link = new Option<string?>("--link") { Description = "all links between two devices (leaf-00:spine-03), or one by a port of its device (leaf-00:32)", HelpName = "A:B" };
        var device = new Option<string?>("--switch") { Description = "a switch with all of its links", HelpName = "name" };
        var module = new Option<string?>("--module") { Description = "the module in the cage of a port, with every link of that cage", HelpName = "name:port" };
        var plane = new Option<string?>("--plane") { Description = "a whole plane, from 0", HelpName = "number" };
        var random = new Option<string?>("--random") { Description = "so many links at random", HelpName = "links" };
        var seed = new Option<string?>("--seed") { Description = "seed of the draw; 1 unless given", HelpName = "number" };
        var json = FabricCommand.Json();
        var command = new Command("fail", "What failures of links, modules, switches and planes cost, before and after rerouting.")
        {
            design, link, device, module, plane, random, seed, json,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var given = new (string Name, string? Text)[]
            {
                ("--link", parsed.GetValue(link)), ("--switch", parsed.GetValue(device)), ("--module", parsed.GetValue(module)),
                ("--plane", parsed.GetValue(plane)), ("--random", parsed.GetValue(random)),
            }.Where(o => o.Text is not null).ToArray();
            if (given.Length > 1) throw new InputException($"{given[0].Name} and {given[1].Name} exclude each other");
            if (parsed.GetValue(seed) is not null && parsed.GetValue(random) is null) throw new InputException("--seed is of use with --random alone");
            var start = parsed.GetValue(seed) is { } text ? FabricRouteCommand.Seed("--seed", text) : 1;
            var input = FabricInput.Load(parsed.GetValue(design)!);
            if (given.Length == 0)
            {
                var table = FailureTable.Of(new FailureAnalysis(input.Graph));
                if (parsed.GetValue(json)) output.WriteLine(FabricFailReport.Json(input, table));
                else FabricFailReport.Write(new(output), input, table);
                return CommandRunner.Success;
            }
            var (failed, what) = Failed(input.Graph, given[0].Name, given[0].Text!, start, () => new FailureAnalysis(input.Graph));
            var impact = new FailureAnalysis(input.Graph).Of(failed);
            if (parsed.GetValue(json)) output.WriteLine(FabricFailReport.Json(input, what, impact));
            else FabricFailReport.Write(new(output), input, what, impact);
            return CommandRunner.Success;
        }));
        return command;
    }

    static (FailedParts Failed, string What) Failed(FabricGraph graph, string option, string text, ulong seed, Func<FailureAnalysis> analysis)
    {
        var names = new FabricNames(graph);
        var failed = new FailedParts(graph);
        switch (option)
        {
            case "--link":
                var (a, b) = Two(option, text, "two devices, such as leaf-00:spine-03, or a device and a port");
                var from = names.Device(option, a);
                if (int.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var at)) return (failed.AddLink(LinkAt(graph, option, from, at)), $"the link at port {at} of {a}");
                var to = names.Device(option, b);
                var links = graph.LinksOf(from).ToArray().Where(l => graph.Across(l, from) == to).ToArray();
                if (links.Length == 0) throw new InputException($"{option}: no link joins '{a}' and '{b}'; '{a}' is joined to {Neighbours(graph, from)}");
                foreach (var l in links) failed.AddLink(l);
                return (failed, $"{(links.Length == 1 ? "the link" : $"all {links.Length:N0} links")} between {a} and {b}");
            case "--switch":
                return (failed.AddDevice(names.Switch(option, text)), text);
            case "--module":
                var (owner, port) = Two(option, text, "a device and a port, such as leaf-00:32");
                var holder = names.Device(option, owner);
                if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw new InputException($"{option}: expected a port, found '{port}'");
                LinkAt(graph, option, holder, number);
                return (failed.AddModule(holder, number), $"the module of port {number} of {owner}");
            case "--plane":
                var planes = graph.Plan.Request.Planes;
                if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var plane) || plane >= planes)
                    throw new InputException($"{option}: the fabric has {(planes == 1 ? "one plane, 0" : $"planes 0 to {planes - 1}")}, not '{text}'");
                return (failed.AddPlane(plane), $"plane {plane}");
            default:
                var count = LinkInput.Count(option, text, 1, graph.Links);
                return (analysis().Random(count, seed), $"{count:N0} links at random (seed {seed})");
        }
    }

    static (string, string) Two(string option, string text, string expected)
    {
        var at = text.IndexOf(':', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 ? (text[..at], text[(at + 1)..]) : throw new InputException($"{option}: expected {expected}, found '{text}'");
    }

    static int LinkAt(FabricGraph graph, string option, int device, int port)
    {
        foreach (var l in graph.LinksOf(device))
            if (graph.PortOf(l, device) == port) return l;
        var links = graph.LinksOf(device).ToArray();
        throw new InputException($"{option}: no link is at port {port} of '{graph.NameOf(device)}'" +
            (links.Length > 0 ? $"; its links are at ports {graph.PortOf(links[0], device)} to {graph.PortOf(links[^1], device)}" : ", which has none"));
    }

    static string Neighbours(FabricGraph graph, int device)
    {
        var names = graph.LinksOf(device).ToArray().Select(l => graph.NameOf(graph.Across(l, device))).Distinct().ToList();
        return names.Count switch { 0 => "nothing", <= 4 => string.Join(", ", names), _ => $"{names[0]}, {names[1]}, ... {names[^1]}" };
    }
}
