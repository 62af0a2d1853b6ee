using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Collectives.Tests.Traces;

/// <summary>Traces on a fabric of 32 systems of 8 in two tiers: cards of 50 GB/s, domains of 450 GB/s.</summary>
public sealed class FabricTraceTests
{
    const double Card = 50, Domain = 450; // bytes a nanosecond

    static readonly FabricGraph Graph = FabricGraph.Of(new FatTree().Plan(new()
    {
        Systems = 32,
        System = PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"),
        Switch = PartCatalog.Default.Get<Switch>("qm9700"),
    }));

    static readonly Duration Link = Duration.FromNanoseconds(200);

    static FabricTraceRun Run(params IReadOnlyList<TraceNode>[] ranks)
    {
        var latency = new FabricLatency([.. Graph.Plan.Links.Select(_ => Link)], [.. Graph.Tiers.Select(_ => Duration.Zero)]);
        return FabricTrace.Run(new TraceList(ranks), new() { MemoryBandwidth = 3350 }, new([new(TraceBlock.Switch, ranks.Length, 1, 0)]), Graph, new EqualCost(), null, latency);
    }

    static TraceNode Send(int to, ulong bytes, ulong id = 0) => new() { Id = id, Kind = TraceNodeKind.Send, Peer = to, Bytes = bytes };

    static TraceNode Receive(int from, ulong bytes, ulong id = 0) => new() { Id = id, Kind = TraceNodeKind.Receive, Peer = from, Bytes = bytes };

    static IReadOnlyList<TraceNode>[] Idle(int ranks) => [.. Enumerable.Repeat<IReadOnlyList<TraceNode>>([], ranks)];

    static double Nanoseconds(FabricTraceRun run) => run.Run.Time.Picoseconds / 1e3;

    // Inside a system a message takes its bytes at the domain's rate; between systems of one leaf at a card's, and two links.
    [Fact]
    public void A_message_takes_its_bytes_and_its_links()
    {
        var inside = Idle(16);
        (inside[0], inside[1]) = ([Send(1, 9_000_000)], [Receive(0, 9_000_000)]);
        var between = Idle(16);
        (between[0], between[8]) = ([Send(8, 1_000_000)], [Receive(0, 1_000_000)]);
        var domain = Graph.Plan.Request.System.ScaleUpLatency.Value.Nanoseconds;
        Assert.Equal((9_000_000 / Domain) + domain, Nanoseconds(Run(inside)), 0.01);
        var run = Run(between);
        Assert.Equal((1_000_000 / Card) + 400, Nanoseconds(run), 0.01);
        Assert.Equal(2, run.LinkBytes.Count(b => b == 1_000_000));
        Assert.Equal(1_000_000 / Card / Nanoseconds(run), run.LoadOf(Array.IndexOf(run.LinkBytes, 1_000_000)), 1e-9);
    }

    // Three senders of 1 MB into one card: three times as long, as ASTRA-sim's unaware network never says.
    [Fact]
    public void An_incast_shares_the_receivers_link()
    {
        var ranks = Idle(32);
        ranks[0] = [Receive(8, 1_000_000, 0), Receive(16, 1_000_000, 1), Receive(24, 1_000_000, 2)];
        foreach (var r in new[] { 8, 16, 24 }) ranks[r] = [Send(0, 1_000_000)];
        Assert.Equal((3_000_000 / Card) + 400, Nanoseconds(Run(ranks)), 0.01);
    }

    // Two that share a link until the shorter has gone: 1 MB at half the rate until 40 us, then 1 MB more alone: 60 us; of another rank, 10 us later.
    [Fact]
    public void Starts_and_ends_change_the_rates_of_others()
    {
        var ranks = Idle(32);
        ranks[0] = [Receive(8, 2_000_000, 0), Receive(16, 1_000_000, 1)];
        ranks[8] = [Send(0, 2_000_000)];
        ranks[16] = [new() { Id = 0, Kind = TraceNodeKind.Compute, Microseconds = 10 }, new() { Id = 1, Kind = TraceNodeKind.Send, Peer = 0, Bytes = 1_000_000, After = [0] }];
        var run = Run(ranks).Run;
        // 10 us alone carry 0.5 MB; both share until the second is done at 50 us; then 0.5 MB alone until 60 us.
        Assert.Equal(50_400, run.Ranks[16].End!.Value.Picoseconds / 1e3, 0.01);
        Assert.Equal(60_400, run.Ranks[8].End!.Value.Picoseconds / 1e3, 0.01);
    }

    [Fact]
    public void A_fabric_too_small_is_refused() => Assert.Contains("the trace has 300 ranks, and the fabric 256 accelerators", Assert.Throws<InputException>(() => Run(Idle(300))).Message, StringComparison.Ordinal);
}
