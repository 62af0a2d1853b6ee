using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Cli;

/// <summary>
/// <c>lightloom fabric route DESIGN [--routing NAME] [--pattern P] [--hash SEED] [--from A --to B] [--json]</c>: the paths of a fabric
/// and what a pattern of traffic puts on them.
/// </summary>
static class FabricRouteCommand
{
    // Above this many routers in a plane, other routings are not computed for comparison unless they are asked for.
    const int MostRoutersToCompare = 2500;

    public static Command Make()
    {
        var design = FabricCommand.Design();
        var name = new Option<string?>("--routing") { Description = $"one of {string.Join(", ", Routings.All.Select(r => r.Name))}; equal-cost and a comparison unless given", HelpName = "name" };
        var pattern = new Option<string?>("--pattern") { Description = "all-to-all (unless given), shift:K, permutation:SEED, ring, incast:N or matrix:FILE", HelpName = "pattern" };
        var hash = new Option<string?>("--hash") { Description = "give each flow one path by a hash with this seed; spread over all equal paths unless given", HelpName = "seed" };
        var (from, to) = (new Option<string?>("--from") { Description = "print the paths from this card", HelpName = "card" },
            new Option<string?>("--to") { Description = "to this card", HelpName = "card" });
        var json = FabricCommand.Json();
        var command = new Command("route", "Paths between cards, and the load of every link under a pattern of traffic.") { design, name, pattern, hash, from, to, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var routing = parsed.GetValue(name) is { } given ? Routing(given) : null;
            var seed = parsed.GetValue(hash) is { } text ? Seed("--hash", text) : (ulong?)null;
            var (a, b) = (parsed.GetValue(from), parsed.GetValue(to));
            if (a is null != b is null) throw new InputException($"{(a is null ? "--from" : "--to")} is missing: --from and --to go together");
            if (a is not null && parsed.GetValue(pattern) is not null) throw new InputException("--pattern and --from exclude each other: give loads or paths");
            var input = FabricInput.Load(parsed.GetValue(design)!);
            try
            {
                if (a is not null) FabricPaths.Write(output, input, routing ?? new EqualCost(), a, b!, parsed.GetValue(json));
                else Loads(output, input, routing, Pattern(input.Graph, parsed.GetValue(pattern) ?? "all-to-all"), seed, parsed.GetValue(json));
            }
            catch (FabricException e)
            {
                throw new InputException($"--{e.Field}: {e.Message}");
            }
            return CommandRunner.Success;
        }));
        return command;
    }

    /// <summary>The routing of a name.</summary>
    public static IRouting Routing(string name)
    {
        try
        {
            return Routings.Find(name);
        }
        catch (FabricException e)
        {
            throw new InputException($"--routing: {e.Message}");
        }
    }

    /// <summary>A seed.</summary>
    public static ulong Seed(string option, string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed
            : throw new InputException($"{option}: expected a whole number of 0 or more, found '{text}'");

    static Traffic Pattern(FabricGraph graph, string text)
    {
        const string option = "--pattern";
        var (kind, value) = text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);
        return (kind, value) switch
        {
            ("all-to-all", null) => Traffic.AllToAll(),
            ("ring", null) => Traffic.Ring(graph),
            ("shift", { } by) => Traffic.Shift(graph, LinkInput.Count(option, by, 1, Math.Max(1, graph.Cards - 1))),
            ("permutation", { } seed) => Traffic.Permutation(graph, Seed(option, seed)),
            ("incast", { } senders) => Traffic.Incast(graph, LinkInput.Count(option, senders, 1, Math.Max(1, graph.Cards - 1))),
            ("matrix", { Length: > 0 } file) => Matrix(graph, file),
            _ => throw new InputException($"{option}: expected all-to-all, shift:K, permutation:SEED, ring, incast:N or matrix:FILE, found '{text}'"),
        };
    }

    /// <summary>The flows of a file.</summary>
    public static Traffic Matrix(FabricGraph graph, string file)
    {
        if (Directory.Exists(file)) throw new InputException($"--pattern: '{file}' is a folder; expected a file");
        if (!File.Exists(file)) throw new InputException($"--pattern: there is no file '{file}'");
        var names = new FabricNames(graph);
        return TrafficFile.Read(graph, file, File.ReadLines(file), names.CardOf, wrong => names.Hint(wrong, cards: true));
    }

    static void Loads(TextWriter output, FabricInput input, IRouting? asked, Traffic traffic, ulong? seed, bool json)
    {
        var graph = input.Graph;
        var loads = LinkLoads.Of(graph, asked ?? new EqualCost(), traffic, new() { HashSeed = seed });
        var others = new List<(string Name, LinkLoads? Loads, string? Why)>();
        if (asked is null && seed is null && graph.SwitchCount / graph.Plan.Request.Planes <= MostRoutersToCompare)
        {
            var plane = FabricPlane.AllOf(graph)[0];
            foreach (var routing in Routings.All)
            {
                if (routing is EqualCost)
                {
                    others.Add((routing.Name, loads, null));
                    if (!traffic.IsUniform) others.Add(("equal-cost, one path per flow", LinkLoads.Of(graph, routing, traffic, new() { HashSeed = 1 }), null));
                }
                else if (routing.Unsuited(plane) is null)
                {
                    // A routing may refuse a pattern, such as one with too many flows to be placed one by one.
                    try
                    {
                        others.Add((routing.Name, LinkLoads.Of(graph, routing, traffic), null));
                    }
                    catch (FabricException e)
                    {
                        others.Add((routing.Name, null, e.Message));
                    }
                }
            }
        }
        if (json) output.WriteLine(FabricRouteReport.Json(input, loads, others));
        else FabricRouteReport.Write(new(output), input, loads, others, seed);
    }
}
