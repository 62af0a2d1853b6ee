// What ways of spreading traffic leave of a fabric, packet by packet.
//
//   traffic    all cards send at once, each over c connections, to other cards, and over as many queue pairs for each as the way of spreading has: c q flows of S / (c q).
//              Cards stand in a circle, drawn anew for each seed; connection k goes k n / c + 1 places on, so that each card receives what it sends. What tells flows
//              apart has its own c; what spreads packets has c = 1, so that only the fabric is in the way: with more, several senders share each receiver too
//   share      of a card: T_1 / T, T until the sender of its last flow knows that all has arrived, T_1 the same of one card that sends alone
//   mean card, last card     over all cards of a run; then the mean of several seeds. A collective waits for the last card
//
// What a hash leaves is known exactly (FabricBalance.cs); what packets that are spread or routed adaptively leave isn't, and comes from here into the catalogue:
//   e  = 1 / s_2 - 1,   e' = (1 / s_3 - 1) - e        s_t the last card's share on a full fat tree of t tiers, seeds of the record's own
//
// Record: full fat trees of 288 cards in two tiers and of 432 in three, 400 Gb/s, wires of 0.5 us, switches of 0.3 us, 16 MB a card.
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Planning;

/// <summary>What a way of spreading traffic leaves, as packets have it.</summary>
/// <param name="Policy">Key of the way.</param>
/// <param name="Balance">How packets find their paths.</param>
/// <param name="Transport">How they are sent.</param>
/// <param name="Cards">Cards that send.</param>
/// <param name="Connections">Others that each sends to.</param>
/// <param name="QueuePairs">Flows for each of those.</param>
/// <param name="Size">Data of each.</param>
/// <param name="Seeds">Seeds 1 to this.</param>
/// <param name="MeanCard">What the mean card gets, over what it would alone.</param>
/// <param name="LastCard">What the last card gets: the mean of all seeds.</param>
/// <param name="Least">The least of them.</param>
/// <param name="Most">The most.</param>
public sealed record MeasuredBalance(
    string Policy, string Balance, string Transport, int Cards, int Connections, int QueuePairs, DataSize Size, int Seeds, double MeanCard, double LastCard, double Least, double Most)
{
    const int MostFlows = 1_000_000;

    /// <summary>How packets find their paths under a way of spreading; null: packets don't know it.</summary>
    public static string? BalanceOf(LoadBalancing policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Mechanism switch
        {
            BalancingMechanism.HashFlows => "single-path",
            BalancingMechanism.MoveFlowlets => "flowlet",
            BalancingMechanism.RouteAdaptively => "adaptive",
            BalancingMechanism.SprayPackets => "mixed",
            _ => null,
        };
    }

    /// <summary>Plays it.</summary>
    /// <param name="fabric">The fabric, whose hosts are cards.</param>
    /// <param name="policy">The way of spreading.</param>
    /// <param name="size">What each card sends.</param>
    /// <param name="seeds">Seeds 1 to this.</param>
    /// <param name="transport">How packets are sent.</param>
    /// <param name="balance">How they find their paths; by the way of spreading unless given.</param>
    /// <param name="connections">Others that each card sends to; by the way of spreading unless given.</param>
    /// <param name="stop">Stops it: null is given back then.</param>
    /// <exception cref="InputException">Packets don't know the way, or it has too many flows for so many cards.</exception>
    public static MeasuredBalance? Of(PacketFabric fabric, LoadBalancing policy, DataSize size, int seeds, string transport = "uet-nscc", string? balance = null, int? connections = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        ArgumentNullException.ThrowIfNull(policy);
        balance ??= BalanceOf(policy) ?? throw new InputException($"packets don't know '{policy.Key}': a controller plans its paths");
        var hashed = policy.Mechanism is BalancingMechanism.HashFlows or BalancingMechanism.MoveFlowlets;
        var (cards, pairs) = (fabric.Hosts, hashed ? policy.QueuePairs.Value : 1);
        if (cards < 2) throw new InputException($"expected two cards or more, found {cards}");
        var others = Math.Min(connections ?? (hashed ? policy.Connections.Value : 1), cards - 1);
        var flows = others * pairs;
        if ((long)cards * others * pairs > MostFlows) throw new InputException($"{cards:N0} cards of {others:N0} connections with {pairs:N0} queue pairs are {(long)cards * others * pairs:N0} flows, and {MostFlows:N0} are played at most");
        var bytes = Math.Max(1, (long)(size.Bytes / flows));
        var (mean, last) = (0.0, new List<double>());
        for (var seed = 1; seed <= seeds; seed++)
        {
            var order = Circle(cards, (ulong)seed);
            var options = new PacketOptions { Transport = transport, Balance = balance, Seed = (ulong)seed };
            var alone = PacketSimulation.Run(fabric, Traffic(order, 1, others, pairs, bytes), options, stop);
            var all = PacketSimulation.Run(fabric, Traffic(order, cards, others, pairs, bytes), options, stop);
            if (!alone.IsComplete || !all.IsComplete) return null;
            var one = Last(alone, 0, flows);
            var shares = Enumerable.Range(0, cards).Select(c => one / Last(all, c, flows)).ToList();
            mean += shares.Average() / seeds;
            last.Add(shares.Min());
        }
        return new(policy.Key, balance, transport, cards, others, pairs, size, seeds, mean, last.Average(), last.Min(), last.Max());
    }

    static double Last(PacketRun run, int card, int flows) => Enumerable.Range(card * flows, flows).Max(f => run.FinishOf(f)!.Value.Picoseconds);

    static PacketTraffic Traffic(int[] order, int senders, int connections, int pairs, long bytes)
    {
        var count = senders * connections * pairs;
        var (from, to) = (new int[count], new int[count]);
        for (var f = 0; f < count; f++)
        {
            var (place, connection) = (f / (connections * pairs), f / pairs % connections);
            from[f] = order[place];
            to[f] = order[(place + (connection * (order.Length - 1) / connections) + 1) % order.Length];
        }
        return new() { Name = "all cards at once", Source = from, Destination = to, Bytes = [.. Enumerable.Repeat(bytes, count)] };
    }

    static int[] Circle(int cards, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, cards)];
        new Random((int)seed).Shuffle(order);
        return order;
    }
}

/// <summary>The runs from which the catalogue's figures come, one after the other.</summary>
public static class BalanceRecord
{
    const int Seeds = 3, TwoTiers = 288, ThreeTiers = 432;

    static readonly DataSize Size = DataSize.FromBytes(16e6);

    static readonly (string Policy, string Transport, string? Balance, int? Connections)[] Ways =
    [
        ("ecmp", "uet-nscc", null, null), ("ecmp", "dcqcn", null, null), ("ecmp", "infiniband", null, null),
        ("enhanced-ecmp", "uet-nscc", null, null), ("enhanced-ecmp", "dcqcn", null, null), ("flowlets", "uet-nscc", null, null),
        ("adaptive-routing", "uet-nscc", null, null), ("adaptive-routing", "uet-nscc", null, 4), ("adaptive-routing", "uet-rccc", null, null), ("adaptive-routing", "swift", null, null),
        ("adaptive-routing", "infiniband", null, null), ("adaptive-routing", "infiniband", null, 4), ("adaptive-routing", "roce", null, 4), ("adaptive-routing", "dcqcn", null, 4),
        ("packet-spraying", "uet-nscc", null, null), ("packet-spraying", "uet-nscc", null, 4), ("packet-spraying", "uet-nscc", "reps", null), ("packet-spraying", "uet-nscc", "oblivious", null),
        ("packet-spraying", "uet-rccc", null, null), ("packet-spraying", "uet-rccc", null, 4), ("packet-spraying", "eqds", "bitmap", null), ("packet-spraying", "ndp", "oblivious", null),
        ("packet-spraying", "swift", null, null), ("packet-spraying", "dctcp", null, null),
    ];

    /// <summary>A full fat tree of the record.</summary>
    /// <param name="tiers">2 or 3.</param>
    public static PacketFabric Fabric(int tiers) => PacketFabricBuilder.FatTree(
        tiers == 2 ? TwoTiers : ThreeTiers, tiers, Bandwidth.FromGigabitsPerSecond(400), Duration.FromNanoseconds(500), Duration.FromNanoseconds(300));

    /// <summary>Every row of the record, as it is played: tiers and what came out.</summary>
    /// <param name="stop">Ends it after the rows that are done.</param>
    public static IEnumerable<(int Tiers, MeasuredBalance Row)> Rows(CancellationToken stop = default)
    {
        foreach (var tiers in (int[])[2, 3])
        {
            var fabric = Fabric(tiers);
            foreach (var (policy, transport, balance, connections) in Ways)
            {
                if (MeasuredBalance.Of(fabric, PartCatalog.Default.Get<LoadBalancing>(policy), Size, Seeds, transport, balance, connections, stop) is not { } row) yield break;
                yield return (tiers, row);
            }
        }
    }
}
