using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// The network file of ibsim, the InfiniBand fabric simulator (github.com/linux-rdma/ibsim, README and net-examples/):
//
//   speed=7                                  link speeds enabled from here on: 1 SDR, 3 up to DDR, 7 up to QDR (10 Gb/s a lane)
//   Hca     1 "node-0-nic-0"                 type, ports, name
//   [1]     "leaf-0"[3]                      local port, the other node, its port
//                                            a blank line ends the record
//   Switch  64 "leaf-0"
//
// Every cable stands in the records of both its ends. The simulator knows no speed above QDR: faster links are written as QDR, and what it
// reports of them can't be compared with the design. A program attaches to the first node unless SIM_HOST names another.

/// <summary>The network file of ibsim, on which OpenSM and the InfiniBand diagnostics run without a cable being pulled.</summary>
public sealed class IbsimExport : FabricExport
{
    /// <summary>The most nodes, switches included, that ibsim takes (MAXNETNODES in its sim.h).</summary>
    public const int MostNodes = 2_048;

    /// <summary>The most switches that ibsim takes (MAXNETSWITCHS).</summary>
    public const int MostSwitches = 256;

    /// <summary>The most ports that a switch of InfiniBand can have: the number is a byte, and 255 means all of them.</summary>
    public const int MostPorts = 254;

    /// <summary>The longest name of a node (NODEDESC is 64 bytes).</summary>
    const int LongestName = 63;

    /// <inheritdoc/>
    public override string Name => "ibsim";

    /// <inheritdoc/>
    public override string Description => "network file of the InfiniBand simulator ibsim, for OpenSM and ibnetdiscover";

    /// <inheritdoc/>
    public override string FileName => "fabric.net";

    /// <inheritdoc/>
    public override void Check(FabricExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var graph = request.Graph;
        if (graph.SwitchCount > MostSwitches) throw TooLarge("switches", graph.SwitchCount, MostSwitches);
        if (graph.Devices > MostNodes) throw TooLarge("nodes (cards, managers and switches)", graph.Devices, MostNodes);
        foreach (var tier in graph.Tiers)
        {
            if (tier.Ports > MostPorts) throw TooLarge("ports on a switch", tier.Ports, MostPorts);
            if (graph.NameOf(tier.First).Length > LongestName) throw TooLarge("letters in a name", graph.NameOf(tier.First).Length, LongestName);
        }
    }

    /// <summary>Ports in the simulator's sense: every port of every node, and port 0 of every switch. Its option -P wants at least that.</summary>
    public static int PortsOf(FabricGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Tiers.Sum(t => t.Count * (t.Ports + (t.Switch is null ? 0 : 1)));
    }

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        writer.Write($"# {FabricText.OneLine(request.Name)}\n");
        writer.Write(FabricText.Invariant($"# {graph.Cards} cards, {graph.SwitchCount} switches, {graph.Links} cables; ibsim -s -P {PortsOf(graph)} FILE\n"));
        var usual = graph.Plan.Links.Max(l => SpeedOf(l.Rate.GigabitsPerSecond));
        writer.Write(FabricText.Invariant($"speed={usual}\n"));
        foreach (var tier in graph.Tiers)
        {
            for (var i = 0; i < tier.Count; i++)
            {
                var device = tier.First + i;
                writer.Write(FabricText.Invariant($"\n{(tier.Switch is null ? "Hca" : "Switch")}\t{tier.Ports} \"{graph.NameOf(device)}\"\n"));
                foreach (var link in graph.LinksOf(device))
                {
                    var far = graph.Across(link, device);
                    var speed = SpeedOf(FabricText.RateOf(graph, link).GigabitsPerSecond);
                    writer.Write(FabricText.Invariant($"[{graph.PortOf(link, device) + 1}]\t\"{graph.NameOf(far)}\"[{graph.PortOf(link, far) + 1}]"));
                    writer.Write(speed == usual ? "\n" : FabricText.Invariant($"\t\ts={speed}\n"));
                }
            }
        }
    }

    // Four lanes of 2.5, 5 or 10 Gb/s; each mask holds the slower ones too.
    static int SpeedOf(double gigabits) => gigabits <= 10 ? 1 : gigabits <= 20 ? 3 : 7;
}
