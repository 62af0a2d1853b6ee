using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Packets;

/// <summary>
/// Packets of flows that somebody else starts while others are under way, as traces do. Time goes on when it is told to. Each flow keeps its state to the
/// end, about 1 KB.
/// </summary>
public sealed class OpenPackets
{
    const int MostFlows = 4_000_000;

    readonly PacketTraffic traffic = new() { Name = "messages", Source = [], Destination = [], Bytes = [] };
    readonly PacketTraffic? behind;     // the same within scale-up domains
    readonly PacketFabric fabric;
    readonly int hosts;                 // of the fabric, and of domains behind them
    readonly FlowBook book;
    readonly PacketNet net;
    readonly PacketLoop loop;
    int flows;

    /// <summary>An idle fabric at time 0.</summary>
    /// <param name="fabric">The fabric.</param>
    /// <param name="options">How packets are sent among cards.</param>
    /// <param name="domains">Scale-up domains, whose hosts are counted behind those of the fabric; links there have credits, whatever transport cards have. Null: there are none.</param>
    /// <exception cref="InputException">Options contradict each other.</exception>
    public OpenPackets(PacketFabric fabric, PacketOptions options, PacketFabric? domains = null)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        ArgumentNullException.ThrowIfNull(options);
        (this.fabric, hosts) = (fabric, fabric.Hosts + (domains?.Hosts ?? 0));
        (var engine, book, loop, _, behind) = PacketSimulation.Prepare(fabric, traffic, options, [], domains);
        net = engine.Net;
    }

    /// <summary>What a flow that has arrived is called, and when it did, in the order of time; empty until <see cref="Advance"/> comes to one.</summary>
    public IReadOnlyList<int> Arrived => book.Waited!;

    /// <summary>Now, in picoseconds.</summary>
    public long Now => loop.Now;

    /// <summary>Nothing happens before this time, in picoseconds; the end of the clock when nothing is left to happen.</summary>
    public long Next => Math.Max(loop.NotBefore(), Now);

    /// <summary>Flows started so far.</summary>
    public int Flows => flows;

    /// <summary>Events among cards so far.</summary>
    public long Events => net.Counts.Events;

    /// <summary>Packets of data among cards sent for the first time, and again.</summary>
    public (long New, long Again) Packets => (net.Counts.NewPackets, net.Counts.AgainPackets);

    /// <summary>Packets of data within scale-up domains; null: there are none.</summary>
    public long? WithinDomains => loop.Inside?.NewPackets;

    /// <summary>Packets among cards marked, cut to their headers and dropped, and times that a sender was paused.</summary>
    public (long Marks, long Trims, long Drops, long Pauses) Counts => (net.Counts.Marks, net.Counts.Trims, net.Counts.Drops, net.Counts.Pauses);

    /// <summary>How the fabric looked while flows were under way, as often as <see cref="PacketOptions.SampleEvery"/> says.</summary>
    public IReadOnlyList<PacketSample> Samples => loop.Samples;

    /// <summary>A flow begins.</summary>
    /// <param name="from">The host that sends.</param>
    /// <param name="to">The host that receives: a card as well, or an accelerator of the same domain.</param>
    /// <param name="bytes">Its data; at least one byte is sent.</param>
    /// <param name="at">When, in picoseconds: not before <see cref="Now"/>.</param>
    /// <returns>Its number, from 0 on.</returns>
    /// <exception cref="InputException">There are too many, or it is too large.</exception>
    public int Start(int from, int to, long bytes, long at)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(at, Now);
        if ((uint)from >= (uint)hosts || (uint)to >= (uint)hosts || from == to || from < fabric.Hosts != to < fabric.Hosts)
            throw new InputException($"a message goes from host {from} to {to}: expected two of 0 to {fabric.Hosts - 1}{(behind is null ? "" : $", or of {fabric.Hosts} to {hosts - 1}")}");
        if (flows == MostFlows) throw new InputException($"more than {MostFlows:N0} messages, and packets are played of that many at most");
        if (flows == traffic.Count)
        {
            var room = Math.Max(256, 2 * flows);
            traffic.Grow(room);
            behind?.Grow(room);
            loop.Grow(room);
        }
        (traffic.Source[flows], traffic.Destination[flows], traffic.Bytes[flows]) = (from, to, Math.Max(1, bytes));
        if (from >= fabric.Hosts) (behind!.Source[flows], behind.Destination[flows], behind.Bytes[flows]) = (from - fabric.Hosts, to - fabric.Hosts, Math.Max(1, bytes));
        loop.Start(flows, at);
        return flows++;
    }

    /// <summary>Time goes on until a flow arrives, or everything before a time has happened.</summary>
    /// <param name="before">The time in picoseconds: what happens then hasn't yet.</param>
    /// <param name="stop">Stops it in between.</param>
    /// <returns>Whether one arrived: <see cref="Arrived"/> has its number until it is taken by <see cref="Take"/>.</returns>
    /// <exception cref="InputException">The fabric is deadlocked, or nothing is heard any more of flows that are under way.</exception>
    public bool Advance(long before, CancellationToken stop = default)
    {
        if (book.Waited!.Count == 0 && before > Now) loop.Advance(before == long.MaxValue ? before : before - 1, stop);
        if (book.Waited.Count > 0) return true;
        if (book.Left > 0 && loop.IsSilent) throw new InputException($"{book.Left:N0} messages never arrive: nothing was heard for a second");
        return false;
    }

    /// <summary>The flow that arrived.</summary>
    public int Take()
    {
        var flow = book.Waited![0];
        book.Waited.RemoveAt(0);
        return flow;
    }
}
