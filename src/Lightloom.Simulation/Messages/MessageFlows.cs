// The network of a message engine as a fabric: what LogGOPS has as L and G are then its links.
//
//   a message of s bytes that a CPU serves at t    leaves as a flow at t + o; is there when its last byte has left its sender and the latency of
//                                                  its way has passed
//   flows                                          share every link max-min fairly, from picosecond to picosecond
//   o, g, O and S                                  stay what they are; L = G = 0
//
// Example: 1 MB from system to system at 50 GB/s over a way of 0.55 us, o = 1.5 us: 1.5 + 20 + 0.55 + 1.5 = 23.55 us.
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Messages;

/// <summary>Messages as flows over a fabric's links. For one run; not for several threads.</summary>
/// <param name="capacity">Bytes a second of each link, as <see cref="FabricFlows.Capacity"/> has them.</param>
/// <param name="routes">Finds the links between two ranks.</param>
public sealed class MessageFlows(double[] capacity, FabricRoute routes) : MessageNetwork
{
    const double TicksPerSecond = 1e12;

    readonly OpenFlows flows = new(capacity);
    readonly Dictionary<long, (int Route, long Latency)> known = [];
    readonly Dictionary<int, long> latencies = []; // of messages under way
    readonly List<int> links = [], gone = [];
    readonly List<double> shares = [];

    /// <summary>The mean load of a directed link over a time.</summary>
    /// <param name="seconds">The time.</param>
    public double[] Loads(double seconds)
    {
        var bytes = flows.LinkBytes();
        for (var l = 0; l < bytes.Length; l++) bytes[l] = seconds > 0 ? bytes[l] / (capacity[l] * seconds) : 0;
        return bytes;
    }

    // A flow leaves in the tick that is nearest to its time.
    internal override long Next(long now, long before, CancellationToken stop) => double.IsPositiveInfinity(flows.Next) ? long.MaxValue : Math.Max(now, checked((long)Math.Round(flows.Next * TicksPerSecond)));

    // The latency of a message that is on no link or has no bytes; null: it is told when it has left.
    internal override long? Send(int message, int from, int to, long bytes, long now)
    {
        var key = ((long)from << 32) | (uint)to;
        if (!known.TryGetValue(key, out var way))
        {
            var seconds = routes.Find(from, to, links, shares);
            known[key] = way = (links.Count == 0 ? -1 : flows.AddRoute(links, shares), (long)Math.Round(seconds * TicksPerSecond));
        }
        if (bytes == 0 || way.Route < 0) return way.Latency;
        latencies[message] = way.Latency;
        flows.Start(way.Route, bytes, message);
        return null;
    }

    // Messages whose last byte has left by now, with how long it is still on its way.
    internal override IEnumerable<(int Message, long Latency)> Left(long now)
    {
        gone.Clear();
        // The one whose tick this is leaves, though half a tick's rounding may put it behind: a tick without anybody would come again and again.
        flows.Advance(Math.Max((now + 0.5) / TicksPerSecond, Math.Round(flows.Next * TicksPerSecond) <= now ? flows.Next : 0), gone);
        foreach (var message in gone)
        {
            latencies.Remove(message, out var latency);
            yield return (message, latency);
        }
    }

    internal override void Settle(long now) => flows.Settle(now / TicksPerSecond);
}
