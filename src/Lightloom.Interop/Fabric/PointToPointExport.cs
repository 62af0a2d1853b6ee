using Lightloom.Catalog;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// The point-to-point sheet of NVIDIA's UFM Cable Validation Tool ("P2P File" in its documentation), one cable a row:
//
//   InfiniBand   Rack,U,Name,HCA/Port,Rack,U,Name,Port
//   Ethernet     Rack,U,A-Node Name,A-Type,A-Port,Rack,U,Z-Node Name,Z-Type,Z-Port      a type is Host or Switch
//
// On InfiniBand a host's port is the number of its card, from 1 (1 is mlx5_0); of a card with several ports each counts. A switch's port is
// its number, "1/2" for the second part of port 1 where it is split, and "sw1p2" for the second port of cage 1 on switches of 800 Gb/s
// ports and more ("sw1p2s1" split), as NVOS has it. On Ethernet a switch's port is "swp12" or "swp12s0", and a host's the design's "nic-3",
// which stands for the name that its Linux gives the interface. The tool takes a workbook: a spreadsheet program opens this file and saves
// one. Rack and U are empty where no cable plan gives them.

/// <summary>NVIDIA's point-to-point cable list, as comma-separated values.</summary>
public sealed class PointToPointExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "p2p";

    /// <inheritdoc/>
    public override string Description => "point-to-point cable list of NVIDIA's Cable Validation Tool, as CSV";

    /// <inheritdoc/>
    public override string FileName => "p2p.csv";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        var ethernet = request.Protocol == LinkProtocol.Ethernet;
        writer.Write(ethernet
            ? "Rack,U,A-Node Name,A-Type,A-Port,Rack,U,Z-Node Name,Z-Type,Z-Port\n"
            : "Rack,U,Name,HCA/Port,Rack,U,Name,Port\n");
        for (var link = 0; link < graph.Links; link++)
        {
            WriteEnd(graph.Lower[link]);
            writer.Write(',');
            WriteEnd(graph.Upper[link]);
            writer.Write('\n');

            void WriteEnd(int device)
            {
                var place = request.Locations?.Of(device);
                writer.Write(place is { } at ? FabricText.Invariant($"{FabricText.Csv(at.Rack)},{at.Unit},") : ",,");
                writer.Write(FabricText.BoxOf(graph, device));
                if (ethernet) writer.Write(device < graph.FirstSwitch ? ",Host" : ",Switch");
                writer.Write(',');
                writer.Write(ethernet ? FabricText.InterfaceOf(graph, link, device) : PortOf(graph, link, device));
            }
        }
    }

    static string PortOf(FabricGraph graph, int link, int device)
    {
        if (device < graph.Cards)
            return FabricText.Invariant($"{(device % graph.CardsPerSystem * FabricText.PortsPerCard(graph)) + graph.PortOf(link, device) + 1}");
        var port = PortNumber.Of(graph, link, device);
        if (graph.TierOf(device).Switch is not { PortRate.Value.GigabitsPerSecond: >= 800 } part) return port.ToString();
        var (cage, inCage) = Math.DivRem(port.Number - 1, part.PortsPerCage?.Value ?? 1);
        return FabricText.Invariant($"sw{cage + 1}p{inCage + 1}{(port.Part == 0 ? "" : FabricText.Invariant($"s{port.Part}"))}");
    }
}
