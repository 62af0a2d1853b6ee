using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

/// <summary>What topologies share that are made of a finite field and join any two routers in two hops.</summary>
static class DiameterTwo
{
    const int LargestOrder = 2_000;

    /// <summary>The order asked for, or the least that holds all hosts, and the most hosts of a router.</summary>
    /// <param name="counter">The request.</param>
    /// <param name="topology">Who asks.</param>
    /// <param name="odd">Whether the order must be odd.</param>
    /// <param name="degree">Links of a router by order.</param>
    /// <param name="routers">Routers by order.</param>
    public static (int Order, int Hosts) Order(FabricCounter counter, ITopology topology, bool odd, Func<int, int> degree, Func<int, long> routers)
    {
        var wanted = counter.Parameters.HostsPerSwitch;
        if (counter.Parameters.Order is { } order)
        {
            if (order > LargestOrder)
                throw new FabricException("parameters.order", $"order {order:N0} is larger than any switch allows; the nearest possible is {GaloisField.Nearest(LargestOrder, -1, odd)}",
                    GaloisField.Nearest(LargestOrder, -1, odd));
            if (!GaloisField.TryFactor(order, out var prime, out _) || (odd && prime == 2))
            {
                var (below, above) = (GaloisField.Nearest(order, -1, odd), GaloisField.Nearest(Math.Max(2, order), 1, odd));
                throw new FabricException("parameters.order",
                    $"{topology.Name} needs an order that is {(odd ? "an odd" : "a")} prime power, and {order} is none; the nearest possible are {Either(below, above)}", below, above);
            }
            var room = degree(order) < counter.Radix ? counter.HostsBeside(degree(order)) : 0;
            if (room < 1)
            {
                var fits = Fits(counter, odd, degree, order);
                throw new FabricException("switch", $"a router of '{counter.Leaf.Name}' has {counter.Radix} ports, none for hosts beside {degree(order)} to other routers; " +
                    (fits is { } q ? $"the nearest possible order is {q}" : "no order is small enough"), null, degree(order) + 1);
            }
            var most = Math.Min(room, wanted ?? room);
            if (counter.Hosts > routers(order) * most) throw counter.TooMany(routers(order) * most);
            // No more hosts than keep full bandwidth, unless the systems ask for more.
            return (order, Math.Max(Math.Min(most, Usual(order)), (int)Ceiling(counter.Hosts, routers(order))));
        }
        var largest = 0L;
        for (var q = GaloisField.Nearest(odd ? 3 : 2, 1, odd); q <= LargestOrder && degree(q.Value) < counter.Radix; q = GaloisField.Nearest(q.Value + 1, 1, odd))
        {
            var hosts = Math.Min(wanted ?? Usual(q.Value), counter.HostsBeside(degree(q.Value)));
            if (hosts < (wanted ?? 1)) break;
            largest = Math.Max(largest, routers(q.Value) * hosts);
            if (routers(q.Value) * hosts >= counter.Hosts) return (q.Value, hosts);
        }
        throw largest > 0
            ? counter.TooMany(largest)
            : new FabricException("switch", $"a router of '{counter.Leaf.Name}' has {counter.Radix} ports; the smallest {topology.Name} needs {degree(odd ? 3 : 2) + (wanted ?? 1)}",
                null, degree(odd ? 3 : 2) + (wanted ?? 1));

        int Usual(int q) => (degree(q) + 1) / 2;
    }

    /// <summary>The levels: a router, and all.</summary>
    public static IReadOnlyList<LocalityLevel> Levels(FabricCounter counter, int hosts, double share) =>
        [counter.ScaleUp, counter.Level("router", hosts, 1, 1), counter.Level("fabric", counter.Hosts, share, 3)];

    static int? Fits(FabricCounter counter, bool odd, Func<int, int> degree, int from)
    {
        for (var q = GaloisField.Nearest(from, -1, odd); q is { } order; q = GaloisField.Nearest(order - 1, -1, odd))
            if (degree(order) < counter.Radix && counter.HostsBeside(degree(order)) >= 1) return order;
        return null;
    }
}
