namespace Lightloom.Fabric;

/// <summary>What one card sends to another.</summary>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver; another card.</param>
/// <param name="Weight">Over all that the sender can inject: 1 is every port at its full rate.</param>
public readonly record struct Flow(int From, int To, double Weight);

/// <summary>A pattern of traffic between the cards of a fabric.</summary>
public sealed class Traffic
{
    Traffic(string name, IReadOnlyList<Flow> flows, bool uniform) => (Name, Flows, IsUniform) = (name, flows, uniform);

    /// <summary>What it is, as a report says it: "shift by 1", "all-to-all".</summary>
    public string Name { get; }

    /// <summary>The flows; none for all-to-all, which isn't written down.</summary>
    public IReadOnlyList<Flow> Flows { get; }

    /// <summary>Whether every card sends the same to every other.</summary>
    public bool IsUniform { get; }

    /// <summary>Card c sends to card c + by, modulo their number.</summary>
    /// <exception cref="FabricException">By is no such number; the field is "pattern".</exception>
    public static Traffic Shift(FabricGraph graph, int by)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var cards = graph.Cards;
        if (by <= 0 || by >= cards) throw Wrong($"a shift of {cards:N0} cards is by 1 to {cards - 1:N0}, not by {by:N0}");
        return new($"shift by {by:N0}", [.. Enumerable.Range(0, cards).Select(c => new Flow(c, (c + by) % cards, 1))], false);
    }

    /// <summary>Every card sends to one other and receives from one, at random [Fisher-Yates; a card that meets itself is silent].</summary>
    public static Traffic Permutation(FabricGraph graph, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var to = Shuffled(graph.Cards, seed);
        return new($"random permutation (seed {seed})", [.. to.Select((t, c) => new Flow(c, t, 1)).Where(f => f.From != f.To)], false);
    }

    /// <summary>Every card sends an equal share of what it can to every other.</summary>
    public static Traffic AllToAll() => new("all-to-all", [], true);

    /// <summary>Cards in a ring, each sending to the next.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="order">The ring; null is the order of the cards' numbers.</param>
    /// <exception cref="FabricException">The order has a card twice, or fewer than two; the field is "pattern".</exception>
    public static Traffic Ring(FabricGraph graph, IReadOnlyList<int>? order = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        order ??= [.. Enumerable.Range(0, graph.Cards)];
        if (order.Count < 2) throw Wrong($"a ring has 2 cards or more, not {order.Count}");
        if (order.Distinct().Count() != order.Count) throw Wrong("a card stands in the ring twice");
        if (order.Any(c => c < 0 || c >= graph.Cards)) throw Wrong($"cards are numbered 0 to {graph.Cards - 1:N0}");
        return new($"ring of {order.Count:N0}", [.. order.Select((c, i) => new Flow(c, order[(i + 1) % order.Count], 1))], false);
    }

    /// <summary>Senders, spread evenly over the fabric, send all that they can to card 0.</summary>
    /// <exception cref="FabricException">There are not so many; the field is "pattern".</exception>
    public static Traffic Incast(FabricGraph graph, int senders)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var others = graph.Cards - 1;
        if (senders < 1 || senders > others) throw Wrong($"an incast on {graph.Cards:N0} cards has 1 to {others:N0} senders, not {senders:N0}");
        return new($"incast of {senders:N0} to one", [.. Enumerable.Range(0, senders).Select(i => new Flow(1 + (int)((long)i * others / senders), 0, 1))], false);
    }

    /// <summary>Any flows.</summary>
    /// <exception cref="FabricException">A flow has no such cards, ends where it begins, or has a weight that is not finite and above 0.</exception>
    public static Traffic Of(FabricGraph graph, string name, IReadOnlyList<Flow> flows)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(flows);
        foreach (var f in flows)
        {
            if ((uint)f.From >= (uint)graph.Cards || (uint)f.To >= (uint)graph.Cards || f.From == f.To || !(f.Weight > 0) || !double.IsFinite(f.Weight))
                throw Wrong($"a flow from card {f.From} to card {f.To} of weight {f.Weight} can't be");
        }
        return new(name, flows, false);
    }

    internal static int[] Shuffled(int count, ulong seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var j = (int)(Router.Mix(seed, (ulong)i) % (ulong)(i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    static FabricException Wrong(string message) => new("pattern", message);
}
