using Lightloom.Quantities;

namespace Lightloom.Fabric;

// How traffic from card a to card b is divided over planes and ports. Port i of a talks to port i of b, in each plane where both ports
// are up and their routers can reach each other; these are the usable pairs.
//
//   S(a, b) = Σ rates of usable pairs        I(a) = what all ports of a can inject, those that are down included
//   pair i carries  w · I(a) · rate(i) / S(a, b)        w  the flow's weight
//
// So a flow keeps its size when a port is lost and the others carry more; nothing is usable when S = 0. Cards with the same ports up
// in the same components, of the same rates, are one kind; there are few kinds, so that S is known for all pairs.

/// <summary>Which ports of cards can talk to which, and how traffic is divided over them.</summary>
sealed class CardPorts
{
    readonly Dictionary<long, double> scale = [];
    readonly int[] representative;

    public CardPorts(IReadOnlyList<FabricPlane> planes)
    {
        Planes = planes;
        var graph = planes[0].Graph;
        Injection = new Bandwidth[graph.Cards];
        for (var l = 0; l < graph.Links; l++)
        {
            if (graph.Lower[l] < graph.Cards) Injection[graph.Lower[l]] += FabricPlane.RateOf(graph, l);
            if (graph.Upper[l] < graph.Cards) Injection[graph.Upper[l]] += FabricPlane.RateOf(graph, l);
        }
        Kind = new int[graph.Cards];
        var kinds = new Dictionary<string, int>(StringComparer.Ordinal);
        var first = new List<int>();
        var text = new List<char>();
        for (var card = 0; card < graph.Cards; card++)
        {
            text.Clear();
            Put(Injection[card]);
            foreach (var plane in planes)
            {
                text.Add('|');
                foreach (ref readonly var e in plane.EndpointsOf(card))
                {
                    var component = plane.Component[e.Router];
                    text.Add((char)e.Ordinal);
                    text.Add((char)component);
                    text.Add((char)(component >> 16));
                    // Cards that forward inject what their links carry, which differs where some are down.
                    Put(e.Rate);
                }
            }
            var key = new string([.. text]);
            if (!kinds.TryGetValue(key, out var kind))
            {
                kinds[key] = kind = first.Count;
                first.Add(card);
            }
            Kind[card] = kind;
        }
        representative = [.. first];
        for (var a = 0; a < first.Count; a++)
            for (var b = 0; b < first.Count && first.Count <= 4096; b++)
                if (Usable(first[a], first[b]) is > 0 and var usable) scale[((long)a << 32) | (uint)b] = Injection[first[a]].GigabitsPerSecond / usable;
        CountOfKind = new int[first.Count];
        foreach (var kind in Kind) CountOfKind[kind]++;

        void Put(Bandwidth rate)
        {
            var bits = BitConverter.DoubleToUInt64Bits(rate.Si);
            for (var part = 0; part < 4; part++) text.Add((char)(bits >> (16 * part)));
        }
    }

    public IReadOnlyList<FabricPlane> Planes { get; }

    /// <summary>What each card could inject with all of its ports up.</summary>
    public Bandwidth[] Injection { get; }

    /// <summary>The kind of each card.</summary>
    public int[] Kind { get; }

    public int[] CountOfKind { get; }

    /// <summary>I / S for a card of one kind that sends to one of another; 0 when they can't reach each other.</summary>
    public double Scale(int from, int to)
    {
        if (representative.Length <= 4096) return scale.GetValueOrDefault(((long)from << 32) | (uint)to);
        return Usable(representative[from], representative[to]) is > 0 and var usable
            ? Injection[representative[from]].GigabitsPerSecond / usable : 0;
    }

    /// <summary>A card of a kind.</summary>
    public int FirstOfKind(int kind) => representative[kind];

    /// <summary>Ports of two cards that can talk to each other.</summary>
    public static bool Joined(in Endpoint a, in Endpoint b, FabricPlane plane) => a.Ordinal == b.Ordinal && plane.Component[a.Router] == plane.Component[b.Router];

    double Usable(int a, int b)
    {
        var sum = 0.0;
        foreach (var plane in Planes)
            foreach (ref readonly var from in plane.EndpointsOf(a))
                foreach (ref readonly var to in plane.EndpointsOf(b))
                    if (Joined(from, to, plane)) sum += from.Rate.GigabitsPerSecond;
        return sum;
    }
}
