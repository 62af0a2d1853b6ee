using System.CommandLine;
using Lightloom.Fabric;

namespace Lightloom.Cli;

/// <summary>How flows find their paths, the same options for every command that has flows.</summary>
sealed class FlowPathInput
{
    readonly Option<string?> routing = SimulateFabric.Text("--routing", $"one of {string.Join(", ", Routings.All.Select(r => r.Name))}; equal-cost unless given", "name");
    readonly Option<string?> hash = SimulateFabric.Text("--hash", "give each flow one path by a hash with this seed; spread over all equal paths unless given", "seed");

    public void AddTo(Command command)
    {
        command.Add(routing);
        command.Add(hash);
    }

    /// <summary>The option that was given, if one was.</summary>
    public string? Given(ParseResult parsed) => parsed.GetValue(routing) is not null ? routing.Name : parsed.GetValue(hash) is not null ? hash.Name : null;

    public IRouting Routing(ParseResult parsed) => parsed.GetValue(routing) is { } given ? FabricRouteCommand.Routing(given) : new EqualCost();

    public LoadOptions Paths(ParseResult parsed) => new() { HashSeed = parsed.GetValue(hash) is { } h ? FabricRouteCommand.Seed("--hash", h) : null };
}
