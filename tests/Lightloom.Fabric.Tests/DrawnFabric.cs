using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

/// <summary>A fabric drawn by hand: routers, cables between them, and cards; for graphs that no topology makes.</summary>
sealed class DrawnFabric : FabricWiring
{
    readonly int routers;
    readonly int cards;
    readonly int[] routerOfCard;
    readonly (int A, int B)[] cables;
    readonly int[]? group;

    DrawnFabric(int routers, int[] routerOfCard, (int A, int B)[] cables, int[]? group) =>
        (this.routers, cards, this.routerOfCard, this.cables, this.group) = (routers, routerOfCard.Length, routerOfCard, cables, group);

    public override int Groups => group is null ? 1 : group.Max() + 1;

    public override int GroupOfSystem(int system) => GroupOfSwitch(0, routerOfCard[system]);

    public override int GroupOfSwitch(int tier, int index) => group?[index] ?? 0;

    public override void Wire(FabricGraphBuilder builder)
    {
        var next = new int[routers];
        for (var c = 0; c < cards; c++) builder.Link(0, c, 0, builder.Switch(0, 0, routerOfCard[c]), next[routerOfCard[c]]++);
        foreach (var (a, b) in cables) builder.Link(1, builder.Switch(0, 0, Math.Min(a, b)), next[Math.Min(a, b)]++, builder.Switch(0, 0, Math.Max(a, b)), next[Math.Max(a, b)]++);
    }

    /// <summary>A graph of routers with so many cards each.</summary>
    public static FabricGraph Of(int routers, int cardsPerRouter, IEnumerable<(int A, int B)> cables, int[]? group = null, string topology = "drawn") =>
        Of(routers, [.. Enumerable.Range(0, routers * cardsPerRouter).Select(c => c / cardsPerRouter)], cables, group, topology);

    /// <summary>A graph of routers and the router of each card.</summary>
    public static FabricGraph Of(int routers, int[] routerOfCard, IEnumerable<(int A, int B)> cables, int[]? group = null, string topology = "drawn")
    {
        var wiring = new DrawnFabric(routers, routerOfCard, [.. cables], group);
        var part = Parts.Switch(1000, 400);
        var rate = Bandwidth.FromGigabitsPerSecond(400);
        return FabricGraph.Of(new()
        {
            Topology = topology,
            Request = new() { Systems = wiring.cards, System = Parts.System(1, 1), Switch = part },
            Tiers = [new("router", part, routers, 1, 1, 1, 1000, 0)],
            Links =
            [
                new("node-router", wiring.cards, rate, new("node", 1, 0), new("router", 1, 0), 1),
                new("router-router", wiring.cables.Length, rate, new("router", 1, 0), new("router", 1, 0), 1),
            ],
            Locality = [],
            InjectionPerAccelerator = rate,
            AcceleratorCount = wiring.cards,
            NicPorts = wiring.cards,
            BisectionShare = Ratio.From(1),
            Diameter = 1,
            Wiring = wiring,
        });
    }

    /// <summary>A connected graph at random: a tree and more cables, some of them parallel.</summary>
    public static FabricGraph Random(int routers, int more, int cardsPerRouter, ulong seed)
    {
        var cables = new List<(int, int)>();
        for (var r = 1; r < routers; r++) cables.Add(((int)(Router.Mix(seed, (ulong)r) % (ulong)r), r));
        for (var i = 0; i < more; i++)
        {
            var a = (int)(Router.Mix(seed, (ulong)(1000 + (2 * i))) % (ulong)routers);
            var b = (int)(Router.Mix(seed, (ulong)(1001 + (2 * i))) % (ulong)routers);
            if (a != b) cables.Add((a, b));
        }
        return Of(routers, cardsPerRouter, cables);
    }
}
