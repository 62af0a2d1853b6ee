namespace Lightloom.Fabric;

/// <summary>Cuts of a plane into two sides with about as many cards, by trying all or by moving routers where that helps.</summary>
sealed class BalancedCut
{
    const int RandomStarts = 3;
    const int MostPasses = 12;
    const int PatienceShare = 8;

    readonly FabricPlane plane;
    readonly int[] source;          // Routers with cards.
    readonly double[] injection;    // Of the cards at each router, in Gb/s.
    readonly double[] rate;         // Of each edge, in Gb/s.
    readonly double all, largest;

    public BalancedCut(FabricPlane plane)
    {
        this.plane = plane;
        source = [.. Enumerable.Range(0, plane.Routers).Where(r => plane.EndpointsAt(r).Length > 0)];
        injection = new double[plane.Routers];
        foreach (var e in plane.EndpointList) injection[e.Router] += e.Rate.GigabitsPerSecond;
        rate = [.. Enumerable.Range(0, plane.Edges).Select(e => plane.RateOf(e).GigabitsPerSecond)];
        (all, largest) = (injection.Sum(), injection.Length == 0 ? 0 : injection.Max());
    }

    public int Sources => source.Length;

    /// <summary>What every cut into halves carries at least when all-to-all fits at a share of the injection.</summary>
    public double LowerBound(double throughput)
    {
        // A card with ports at two routers is on both sides of many cuts: its ports, each talking to its like, need none of them.
        var cards = 0;
        for (var card = 0; card < plane.Graph.Cards; card++)
        {
            var ends = plane.EndpointsOf(card);
            if (ends.Length == 0) continue;
            cards++;
            foreach (var e in ends)
                if (e.Router != ends[0].Router) return 0;
        }
        // n_A · n_B / (N − 1) over the smaller n_A: least where n_B is. N are the cards of all planes: all-to-all sends to each.
        return throughput * (cards - (cards / 2)) / Math.Max(1, plane.Graph.Cards - 1);
    }

    /// <summary>The thinnest of all balanced cuts, as a share.</summary>
    public double TryAll()
    {
        var best = double.PositiveInfinity;
        var free = Enumerable.Range(0, plane.Routers).Where(r => injection[r] == 0).ToArray();
        var side = new bool[plane.Routers];
        // The first router with cards stands on one side: the other choice is the same cut.
        for (var choice = 0; choice < 1 << (source.Length - 1); choice++)
        {
            var a = 0.0;
            for (var i = 0; i < source.Length; i++)
            {
                side[source[i]] = i < source.Length - 1 && (choice >> i & 1) == 1;
                if (side[source[i]]) a += injection[source[i]];
            }
            if (!Balanced(a) || a == 0) continue;
            var cut = free.Length == 0 ? Cut(side) : CutWithFree(side, free);
            best = Math.Min(best, cut / Math.Min(a, all - a));
        }
        return double.IsPositiveInfinity(best) ? 0 : best;
    }

    /// <summary>The thinnest balanced cut that moving routers finds from several starts, as a share.</summary>
    public double Best()
    {
        var best = double.PositiveInfinity;
        for (var start = 0; start < 2 + RandomStarts; start++)
        {
            var side = Start(start);
            Improve(side);
            best = Math.Min(best, Share(side));
        }
        return best;
    }

    /// <summary>Bandwidth of a cut over what the smaller side injects.</summary>
    public double Share(bool[] side)
    {
        var a = 0.0;
        for (var r = 0; r < side.Length; r++)
            if (side[r]) a += injection[r];
        var smaller = Math.Min(a, all - a);
        return smaller > 0 ? Cut(side) / smaller : double.PositiveInfinity;
    }

    bool Balanced(double a) => Math.Abs(all - (2 * a)) <= largest * (1 + 1e-12);

    double Cut(bool[] side)
    {
        var cut = 0.0;
        for (var e = 0; e < rate.Length; e++)
            if (side[plane.From[e]] && !side[plane.To[e]]) cut += rate[e];
        return cut;
    }

    // Routers without cards go where the cut is least: a smallest cut between the two sides' routers.
    double CutWithFree(bool[] side, int[] free)
    {
        var left = (double[])rate.Clone();
        var total = 0.0;
        var isFree = new bool[side.Length];
        foreach (var r in free) isFree[r] = true;
        var parent = new int[side.Length];
        var queue = new Queue<int>();
        while (true)
        {
            // A shortest augmenting path from any router of side A to any of side B; small graphs only.
            Array.Fill(parent, -2);
            queue.Clear();
            foreach (var r in source)
            {
                if (!side[r]) continue;
                parent[r] = -1;
                queue.Enqueue(r);
            }
            var end = -1;
            while (end < 0 && queue.TryDequeue(out var r))
            {
                for (var e = plane.First[r]; e < plane.First[r + 1]; e++)
                {
                    var v = plane.To[e];
                    if (left[e] <= 1e-9 || parent[v] != -2) continue;
                    parent[v] = e;
                    if (!isFree[v] && !side[v])
                    {
                        end = v;
                        break;
                    }
                    queue.Enqueue(v);
                }
            }
            if (end < 0) return total;
            var most = double.PositiveInfinity;
            for (var r = end; parent[r] >= 0; r = plane.From[parent[r]]) most = Math.Min(most, left[parent[r]]);
            for (var r = end; parent[r] >= 0; r = plane.From[parent[r]])
            {
                left[parent[r]] -= most;
                left[plane.Back[parent[r]]] += most;
            }
            total += most;
        }
    }

    // Starts: the first half of the routers by number, every other one, and at random; those without cards where most neighbours are.
    bool[] Start(int number)
    {
        var order = number switch
        {
            0 => source,
            1 => [.. source.Where((_, i) => i % 2 == 0), .. source.Where((_, i) => i % 2 == 1)],
            _ => [.. Traffic.Shuffled(source.Length, (ulong)number).Select(i => source[i])],
        };
        var side = new bool[plane.Routers];
        var a = 0.0;
        foreach (var r in order)
        {
            if (2 * (a + injection[r]) > all + largest || 2 * a >= all) break;
            side[r] = true;
            a += injection[r];
        }
        for (var r = 0; r < side.Length; r++)
        {
            if (injection[r] > 0) continue;
            var pull = 0.0;
            for (var e = plane.First[r]; e < plane.First[r + 1]; e++) pull += side[plane.To[e]] ? rate[e] : -rate[e];
            side[r] = pull > 0 || (pull == 0 && r % 2 == 0);
        }
        return side;
    }

    // Passes of single moves, each router once, the best of what balance allows even if it costs; back to the best point of the pass.
    void Improve(bool[] side)
    {
        var gain = new double[side.Length];
        var moved = new bool[side.Length];
        var a = 0.0;
        for (var r = 0; r < side.Length; r++)
            if (side[r]) a += injection[r];
        for (var pass = 0; pass < MostPasses; pass++)
        {
            for (var r = 0; r < side.Length; r++)
            {
                gain[r] = 0;
                for (var e = plane.First[r]; e < plane.First[r + 1]; e++) gain[r] += side[plane.To[e]] == side[r] ? -rate[e] : rate[e];
            }
            Array.Clear(moved);
            var moves = new List<int>();
            var (sum, best, bestAt) = (0.0, 0.0, 0);
            var patience = Math.Max(64, side.Length / PatienceShare);
            while (moves.Count - bestAt < patience)
            {
                var pick = -1;
                for (var r = 0; r < side.Length; r++)
                {
                    if (moved[r] || (pick >= 0 && gain[r] <= gain[pick])) continue;
                    var after = side[r] ? a - injection[r] : a + injection[r];
                    // While a swap is under way the sides may differ by two routers.
                    if (Math.Abs(all - (2 * after)) <= 2 * largest * (1 + 1e-12)) pick = r;
                }
                if (pick < 0) break;
                moved[pick] = true;
                a += side[pick] ? -injection[pick] : injection[pick];
                sum += gain[pick];
                side[pick] = !side[pick];
                gain[pick] = -gain[pick];
                for (var e = plane.First[pick]; e < plane.First[pick + 1]; e++)
                    gain[plane.To[e]] += side[plane.To[e]] == side[pick] ? -2 * rate[e] : 2 * rate[e];
                moves.Add(pick);
                if (sum > best + 1e-9 && Balanced(a)) (best, bestAt) = (sum, moves.Count);
            }
            for (var i = moves.Count - 1; i >= bestAt; i--)
            {
                side[moves[i]] = !side[moves[i]];
                a += side[moves[i]] ? injection[moves[i]] : -injection[moves[i]];
            }
            if (best <= 0) break;
        }
    }
}
