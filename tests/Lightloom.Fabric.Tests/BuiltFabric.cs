namespace Lightloom.Fabric.Tests;

/// <summary>A fabric as somebody cabled it: the design's cables, and what was done to them.</summary>
sealed class BuiltFabric
{
    readonly FabricGraph graph;

    public BuiltFabric(FabricGraph graph)
    {
        this.graph = graph;
        for (var l = 0; l < graph.Links; l++) Cables.Add(new(graph.Lower[l], graph.LowerPort[l], graph.Upper[l], graph.UpperPort[l]));
    }

    public readonly record struct Ends(int A, int PortA, int B, int PortB);

    public List<Ends> Cables { get; } = [];

    public Dictionary<int, string> Names { get; } = [];

    public HashSet<int> Removed { get; } = [];

    /// <summary>Rates of cables, by index; all others run as designed.</summary>
    public Dictionary<int, double> Gigabits { get; } = [];

    /// <summary>Exchanges the far ends of two cables.</summary>
    public void Swap(int x, int y)
    {
        var (a, b) = (Cables[x], Cables[y]);
        (Cables[x], Cables[y]) = (a with { B = b.B, PortB = b.PortB }, b with { B = a.B, PortB = a.PortB });
    }

    public bool IsFree(int device, int port) => !Cables.Where((_, i) => !Removed.Contains(i)).Any(c => (c.A == device && c.PortA == port) || (c.B == device && c.PortB == port));

    /// <summary>What a subnet manager would find.</summary>
    public DiscoveredFabric Discover()
    {
        var builder = new DiscoveredFabricBuilder("built", countsParts: true);
        for (var d = 0; d < graph.Devices; d++)
            builder.Device(Names.TryGetValue(d, out var name) ? name : graph.NameOf(d), (ulong)(d + 1), d < graph.FirstSwitch ? DiscoveredKind.Card : DiscoveredKind.Switch, d + 1);
        for (var i = 0; i < Cables.Count; i++)
        {
            if (Removed.Contains(i)) continue;
            var c = Cables[i];
            var rate = Gigabits.TryGetValue(i, out var gigabits) ? Parts.Gb(gigabits) : graph.Plan.Links[graph.ClassOf[Math.Min(i, graph.Links - 1)]].Rate;
            builder.Link(c.A, new(c.PortA + 1), c.B, new(c.PortB + 1), rate, i + 1);
        }
        return builder.Finish();
    }
}
