// Flows that are alike, so that one stands for all: the coarsest equitable partition, by colour refinement [Paige, Tarjan, SIAM J. Comput.
// 16 (1987) 973; Grohe, Kersting, Mladenov, Selman, ESA 2014, for linear programs].
//
//   colour of a flow    its bytes, weight, start, latency; the colours of the links of its path with its shares there; those of its gates
//                       and of the flows before and after it
//   colour of a link    its capacity and changes; the colours of the flows over it
//   colour of a gate    its arrivals; the colours of those who feed it and wait for it, and of the gates before and after it
//   refined until no more links, gates or flows in a line are told apart
//
// Max-min rates are unique, hence alike for flows of one class; these then leave together, and the partition stays equitable. The quotient
// is a program again: one flow of class F over one link of class C with the share  A_CF = sum of shares of F's flows on one link of C.
//
// Colours are 64-bit hashes: of n flows and links, two that differ get one colour with the chance n^2 / 2^65, 10^-7 for a million.
//
// Example: all-to-all of 1,024 hosts on 32 leaves: 1,047,552 flows in 2 classes, inside a leaf and across.
using System.Runtime.CompilerServices;

namespace Lightloom.Simulation.Flows;

/// <summary>Classes of flows that are alike, and the program of one of each.</summary>
sealed class FlowClasses
{
    /// <summary>The class of each flow.</summary>
    public required int[] ClassOf { get; init; }

    /// <summary>The class of each link.</summary>
    public required int[] LinkClassOf { get; init; }

    /// <summary>The program of one flow of each class.</summary>
    public required FlowProgram Quotient { get; init; }

    /// <summary>The flows of each class.</summary>
    public required int[] Members { get; init; }

    /// <summary>The classes, or null where there are more than a share of the flows.</summary>
    public static FlowClasses? Of(FlowProgram program, double most = 1) => new Refinement(program, most).Run();

    sealed class Refinement(FlowProgram program, double mostShare)
    {
        readonly int flows = program.Count, links = program.Links;
        readonly int most = (int)Math.Min(program.Count, Math.Max(1, mostShare * program.Count));
        readonly ulong[] link = new ulong[program.Links], nextLink = new ulong[program.Links];
        readonly ulong[] gate = new ulong[program.GateArrivals.Length], nextGate = new ulong[program.GateArrivals.Length];
        ulong[]? own;   // what tells flows apart from the start; null: nothing does
        ulong[]? line;  // colours of flows, where some come after others

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public FlowClasses? Run()
        {
            if (!Begin()) return null;
            var ids = new ColourTable();
            var before = 0;
            while (true)
            {
                if (line is not null) Line();
                Spread();
                var now = Distinct(ids);
                if (now == before) break;
                before = now;
            }
            var of = new int[flows];
            ids.Clear();
            for (var f = 0; f < flows; f++)
            {
                of[f] = ids.IdOf(Flow(f));
                if (ids.Count > most) return null;
            }
            var classes = ids.Count;
            var linkOf = new int[links];
            ids.Clear();
            for (var l = 0; l < links; l++) linkOf[l] = ids.IdOf(link[l]);
            var linkClasses = ids.Count;
            var gateOf = new int[gate.Length];
            ids.Clear();
            for (var q = 0; q < gate.Length; q++) gateOf[q] = ids.IdOf(gate[q]);
            return Quotient(of, classes, linkOf, linkClasses, gateOf, ids.Count);
        }

        bool Begin()
        {
            if (SomeOpenEarly()) return false;
            if (program.Bytes.Length > 1 || program.Weight is not null || program.Start is not null || program.Latency is not null)
            {
                own = new ulong[flows];
                var ids = new ColourTable();
                for (var f = 0; f < flows; f++)
                {
                    var colour = Mix(BitConverter.DoubleToUInt64Bits(program.BytesOf(f)));
                    if (program.Weight is { } w) colour = Mix(colour ^ BitConverter.DoubleToUInt64Bits(w[f]));
                    if (program.Start is { } s) colour = Mix(colour ^ BitConverter.DoubleToUInt64Bits(s[f]));
                    if (program.Latency is { } t) colour = Mix(colour ^ BitConverter.DoubleToUInt64Bits(t[f]));
                    own[f] = colour;
                    ids.IdOf(colour);
                    if (ids.Count > most) return false;
                }
                if (ids.Count == 1) own = null;
            }
            if (program.After is not null) line = own is null ? new ulong[flows] : [.. own];
            for (var l = 0; l < links; l++) link[l] = Mix(BitConverter.DoubleToUInt64Bits(program.Capacity[l]) + 1);
            foreach (var c in program.Changes) link[c.Link] = Mix(Mix(link[c.Link] ^ BitConverter.DoubleToUInt64Bits(c.Seconds)) + BitConverter.DoubleToUInt64Bits(c.BytesPerSecond));
            for (var q = 0; q < gate.Length; q++) gate[q] = Mix((ulong)program.GateArrivals[q]);
            return true;
        }

        // A gate that opens before all that feed it have arrived tells flows of one class apart by chance.
        bool SomeOpenEarly()
        {
            if (program.Feeds is not { } feeds) return false;
            var left = program.GateArrivals.AsSpan().ToArray();
            foreach (var q in feeds)
                if (q >= 0 && --left[q] < 0) return true;
            return false;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        ulong Flow(int f)
        {
            var sum = 0UL;
            var (path, end) = (program.Path, program.PathOffset[f + 1]);
            if (program.Share is { } share)
                for (var p = program.PathOffset[f]; p < end; p++) sum += Mix(link[path[p]] ^ BitConverter.DoubleToUInt64Bits(share[p]));
            else
                for (var p = program.PathOffset[f]; p < end; p++) sum += link[path[p]];
            if (line is not null) sum ^= line[f];
            else if (own is not null) sum ^= own[f];
            if (program.WaitsFor is { } waits && waits[f] >= 0) sum += Mix(gate[waits[f]] + 0x51);
            if (program.Feeds is { } feeds && feeds[f] >= 0) sum += Mix(gate[feeds[f]] + 0xA7);
            return Mix(sum);
        }

        // Each flow's colour with those before and after it.
        void Line()
        {
            var next = new ulong[flows];
            for (var f = 0; f < flows; f++) next[f] += Mix(line![f]);
            for (var f = 0; f < flows; f++)
            {
                var before = program.After![f];
                if (before < 0) continue;
                next[f] += Mix(Flow(before) + 3);
                next[before] += Mix(Flow(f) + 5);
            }
            line = next;
        }

        // Optimized when first called: a million flows pass before the runtime would notice.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Spread()
        {
            Array.Clear(nextLink);
            Array.Clear(nextGate);
            var (offset, path, share) = (program.PathOffset, program.Path, program.Share);
            for (var f = 0; f < flows; f++)
            {
                var colour = Flow(f);
                if (share is null)
                    for (var p = offset[f]; p < offset[f + 1]; p++) nextLink[path[p]] += colour;
                else
                    for (var p = offset[f]; p < offset[f + 1]; p++) nextLink[path[p]] += Mix(colour ^ BitConverter.DoubleToUInt64Bits(share[p]));
                if (program.WaitsFor is { } waits && waits[f] >= 0) nextGate[waits[f]] += Mix(colour + 0x11);
                if (program.Feeds is { } feeds && feeds[f] >= 0) nextGate[feeds[f]] += Mix(colour + 0x13);
            }
            if (program.GateAfter is { } after)
            {
                for (var q = 0; q < gate.Length; q++)
                {
                    if (after[q] < 0) continue;
                    nextGate[q] += Mix(gate[after[q]] + 0x17);
                    nextGate[after[q]] += Mix(gate[q] + 0x19);
                }
            }
            for (var l = 0; l < links; l++) link[l] = Mix(Mix(link[l]) + nextLink[l]);
            for (var q = 0; q < gate.Length; q++) gate[q] = Mix(Mix(gate[q]) + nextGate[q]);
        }

        // How many colours of links, gates and lines there are.
        int Distinct(ColourTable ids)
        {
            ids.Clear();
            foreach (var c in link) ids.IdOf(c);
            var count = ids.Count;
            ids.Clear();
            foreach (var c in gate) ids.IdOf(c);
            count += ids.Count;
            if (line is null) return count;
            ids.Clear();
            foreach (var c in line) ids.IdOf(c);
            return count + ids.Count;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        FlowClasses Quotient(int[] of, int classes, int[] linkOf, int linkClasses, int[] gateOf, int gateClasses)
        {
            var (representative, members, linkRepresentative) = (Minus(classes), new int[classes], Minus(linkClasses));
            for (var f = 0; f < flows; f++)
            {
                if (members[of[f]]++ == 0) representative[of[f]] = f;
            }
            for (var l = 0; l < links; l++)
                if (linkRepresentative[linkOf[l]] < 0) linkRepresentative[linkOf[l]] = l;
            // A flow of each class, over each class of links once; what all flows of the class put on one of those links.
            var offset = new int[classes + 1];
            var path = new List<int>();
            var last = Minus(linkClasses);
            for (var c = 0; c < classes; c++)
            {
                for (var p = program.PathOffset[representative[c]]; p < program.PathOffset[representative[c] + 1]; p++)
                {
                    var k = linkOf[program.Path[p]];
                    if (last[k] == c) continue;
                    last[k] = c;
                    path.Add(k);
                }
                offset[c + 1] = path.Count;
            }
            var share = new double[path.Count];
            var isRepresentative = new bool[links];
            foreach (var l in linkRepresentative) isRepresentative[l] = true;
            for (var f = 0; f < flows; f++)
            {
                for (var p = program.PathOffset[f]; p < program.PathOffset[f + 1]; p++)
                {
                    if (!isRepresentative[program.Path[p]]) continue;
                    var k = linkOf[program.Path[p]];
                    var c = of[f];
                    for (var i = offset[c]; i < offset[c + 1]; i++)
                        if (path[i] == k) share[i] += program.Share?[p] ?? 1;
                }
            }
            var first = new FlowProgram
            {
                Capacity = [.. linkRepresentative.Select(l => program.Capacity[l])],
                PathOffset = offset,
                Path = [.. path],
                Share = share,
                Bytes = [.. representative.Select(program.BytesOf)],
                Weight = Pick(program.Weight),
                Start = Pick(program.Start),
                Latency = Pick(program.Latency),
                WaitsFor = program.WaitsFor is { } waits ? [.. representative.Select(f => waits[f] < 0 ? -1 : gateOf[waits[f]])] : null,
                Feeds = program.Feeds is { } feeds ? [.. representative.Select(f => feeds[f] < 0 ? -1 : gateOf[feeds[f]])] : null,
                After = program.After is { } after ? [.. representative.Select(f => after[f] < 0 ? -1 : of[after[f]])] : null,
                GateArrivals = Arrivals(gateOf, gateClasses, representative),
                GateAfter = program.GateAfter is { } gateAfter ? GatesAfter(gateAfter, gateOf, gateClasses) : null,
                Changes = [.. program.Changes.Where(c => isRepresentative[c.Link]).Select(c => c with { Link = linkOf[c.Link] })],
            };
            return new() { ClassOf = of, LinkClassOf = linkOf, Quotient = first, Members = members };

            double[]? Pick(double[]? values) => values is null ? null : [.. representative.Select(f => values[f])];
        }

        // A gate of a class opens when one flow of each class that feeds it has arrived; what a gate needs beyond that never comes.
        int[] Arrivals(int[] gateOf, int gateClasses, int[] representative)
        {
            var (fed, needed, arrivals) = (new int[gate.Length], new int[gateClasses], new int[gateClasses]);
            if (program.Feeds is not { } feeds) feeds = [];
            foreach (var q in feeds)
                if (q >= 0) fed[q]++;
            foreach (var f in representative)
                if (feeds.Length > 0 && feeds[f] >= 0) arrivals[gateOf[feeds[f]]]++;
            for (var q = 0; q < gate.Length; q++) needed[gateOf[q]] = program.GateArrivals[q] - fed[q];
            for (var c = 0; c < gateClasses; c++) arrivals[c] += Math.Max(0, needed[c]);
            return arrivals;
        }

        static int[] GatesAfter(int[] gateAfter, int[] gateOf, int gateClasses)
        {
            var result = Minus(gateClasses);
            for (var q = 0; q < gateAfter.Length; q++)
                if (gateAfter[q] >= 0) result[gateOf[q]] = gateOf[gateAfter[q]];
            return result;
        }
    }

    static int[] Minus(int count)
    {
        var array = new int[count];
        Array.Fill(array, -1);
        return array;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Mix(ulong x)
    {
        x = (x + 0x9E3779B97F4A7C15UL) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 32)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 29);
    }
}

/// <summary>Numbers of colours in the order in which they are met.</summary>
sealed class ColourTable
{
    ulong[] key = new ulong[64];
    int[] id = new int[64]; // 1 + number; 0: free

    public int Count { get; private set; }

    public void Clear()
    {
        Array.Clear(id);
        Count = 0;
    }

    public int IdOf(ulong colour)
    {
        var mask = key.Length - 1;
        for (var at = (int)(colour >> 20) & mask; ; at = (at + 1) & mask)
        {
            if (id[at] == 0)
            {
                if (2 * (Count + 1) > key.Length)
                {
                    Grow();
                    return IdOf(colour);
                }
                key[at] = colour;
                id[at] = ++Count;
                return Count - 1;
            }
            if (key[at] == colour) return id[at] - 1;
        }
    }

    void Grow()
    {
        var (keys, ids) = (key, id);
        key = new ulong[2 * keys.Length];
        id = new int[key.Length];
        var mask = key.Length - 1;
        for (var i = 0; i < keys.Length; i++)
        {
            if (ids[i] == 0) continue;
            var at = (int)(keys[i] >> 20) & mask;
            while (id[at] != 0) at = (at + 1) & mask;
            (key[at], id[at]) = (keys[i], ids[i]);
        }
    }
}
