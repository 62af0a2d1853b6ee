using System.CommandLine;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>The fabric on which something is simulated: its options, and the fabric.</summary>
sealed class SimulateFabric
{
    const string UsualSystem = "dgx-h100";
    const string UsualSwitch = "qm9700";

    readonly Option<string?> design = Text("--design", "the design document (YAML) whose fabric carries it", "file");
    readonly Option<string?> topology = Text("--topology", $"a topology instead of a design: {string.Join(", ", Topologies.All.Select(t => t.Name))}", "name");
    readonly Option<string?> systems = Text("--systems", "systems of the topology", "number");
    readonly Option<string?> system = Text("--system", $"their kind; {UsualSystem} unless given", "part");
    readonly Option<string?> part = Text("--switch", $"its switches; {UsualSwitch} unless given", "part");
    readonly FlowPathInput paths = new();

    public static Option<string?> Text(string name, string description, string help) => new(name) { Description = description, HelpName = help };

    public void AddTo(Command command)
    {
        foreach (var option in new[] { design, topology, systems, system, part }) command.Add(option);
        paths.AddTo(command);
    }

    /// <summary>Whether a fabric was named.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(design) is not null || parsed.GetValue(topology) is not null;

    /// <summary>The option on paths that was given, if one was.</summary>
    public string? PathsGiven(ParseResult parsed) => paths.Given(parsed);

    /// <summary>Whether one dimension after the other is asked for, and nothing else.</summary>
    public bool ByDimension(ParseResult parsed) => Paths(parsed).HashSeed is null && Routing(parsed) is DimensionOrder;

    public IRouting Routing(ParseResult parsed) => paths.Routing(parsed);

    public LoadOptions Paths(ParseResult parsed) => paths.Paths(parsed);

    public (string Name, FabricGraph Graph, IReadOnlyList<LinkSummary>? Links) Build(ParseResult parsed)
    {
        var (name, graph, links, _, _) = BuildWithNetwork(parsed);
        return (name, graph, links);
    }

    /// <summary>The fabric, as collectives see it too, and the algorithms that its library chooses from.</summary>
    public (string Name, FabricGraph Graph, IReadOnlyList<LinkSummary>? Links, Lazy<CollectiveNetwork> Network, CollectiveModel Model) BuildWithNetwork(ParseResult parsed)
    {
        var (document, name) = (parsed.GetValue(design), parsed.GetValue(topology));
        var (count, kind, switches) = (parsed.GetValue(systems), parsed.GetValue(system), parsed.GetValue(part));
        if (document is null == name is null)
            throw new InputException(document is null ? "expected a fabric: --design FILE, or --topology NAME --systems N" : "--design and --topology exclude each other");
        if (document is not null)
        {
            if (count is not null || kind is not null || switches is not null) throw new InputException("--systems, --system and --switch are of use with --topology alone; the design has its own");
            var input = FabricInput.Load(document);
            var reduces = input.Build.Document.Design.Collectives is { FabricReduction: true };
            return (input.Build.Document.Design.Name, input.Graph, input.Build.Links, new(() => CollectiveNetwork.Of(input.Build)), reduces ? CollectiveModel.WithFabricReduction : CollectiveModel.Default);
        }
        var number = LinkInput.Count("--systems", count ?? throw new InputException("--topology goes with --systems, their number"), 1, 1_000_000);
        try
        {
            var plan = Topologies.Find(name!).Plan(new()
            {
                Systems = number,
                System = LinkInput.Part<AcceleratorSystem>("--system", kind ?? UsualSystem),
                Switch = LinkInput.Part<Switch>("--switch", switches ?? UsualSwitch),
            });
            return ($"{name} of {number:N0} systems", FabricGraph.Of(plan), null, new(() => CollectiveNetwork.Of(plan)), CollectiveModel.Default);
        }
        catch (FabricException e)
        {
            throw new InputException($"--topology {name}: {e.Message}");
        }
    }
}
