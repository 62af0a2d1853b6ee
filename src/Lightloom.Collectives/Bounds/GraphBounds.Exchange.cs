// The programs over every rank at once; what they solve stands at the head of GraphBounds.cs.
using System.Globalization;

namespace Lightloom.Collectives;

public sealed partial class GraphBounds
{
    const double Idle = 1e-9;

    GraphBound Exchanged()
    {
        var whole = cells.Value;
        if (Views() is not { } views) return ByDistances();
        using var program = new LinearProgram();
        var time = program.Add(1);
        var full = new int[whole.Bundles.Length];
        for (var o = 0; o < full.Length; o++)
        {
            full[o] = program.Row(double.NegativeInfinity, 0);
            program.Set(full[o], time, -whole.Bundles[o].Capacity / scale);
        }
        foreach (var (view, count) in views)
        {
            // From the source outwards: every other cell keeps what its ranks are sent.
            var source = view.CellOf[view.Source];
            var rows = Conservation(program, view.Seen, source, c => -view.Seen.Ranks[c]);
            foreach (var bundle in view.Seen.Bundles)
            {
                if (bundle.To == source || bundle.From == bundle.To) continue;
                var flow = program.Add();
                Move(program, rows, bundle, flow, 1);
                program.Set(full[whole.BundleOf[bundle.Example]], flow, count);
            }
        }
        if (!program.Solve()) throw Apart();
        var busy = Enumerable.Range(0, full.Length).Where(o => Math.Abs(program.Dual(full[o])) > Idle);
        return Bound(CollectiveKind.AllToAll, program.Cost / scale / Graph.Ranks, "least time in which the flows of all pairs fit the links",
            $"full where it costs: {string.Join("; ", busy.Select(o => Say(whole.Bundles[o])).Distinct().Take(4))}");
    }

    GraphBound ByTrees()
    {
        var whole = cells.Value;
        var views = Views() ?? throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"{sources.Value.Count:N0} of {Graph.Ranks:N0} ranks see the network differently, which takes more than {MostVariables:N0} variables; only cuts bound it"));
        using var program = new LinearProgram();
        var time = program.Add(1);
        var share = new int[whole.Sizes.Length]; // of elements whose tree is rooted in a rank of the cell
        var all = program.Row(1, 1);
        for (var c = 0; c < share.Length; c++)
        {
            share[c] = whole.Ranks[c] > 0 ? program.Add() : -1;
            if (share[c] >= 0) program.Set(all, share[c], 1);
        }
        var (copied, reduced) = (new int[whole.Bundles.Length], new int[whole.Bundles.Length]);
        var full = new int[whole.Bundles.Length];
        for (var o = 0; o < full.Length; o++)
        {
            (copied[o], reduced[o]) = (program.Add(), program.Add());
            full[o] = program.Row(double.NegativeInfinity, 0);
            program.Set(full[o], copied[o], 1);
            program.Set(full[o], reduced[o], 1);
            program.Set(full[o], time, -whole.Bundles[o].Capacity / scale);
        }
        Forward(program, whole, copied);
        Forward(program, whole, reduced);
        foreach (var (view, _) in views)
        {
            Flow(view, copied, 1);
            Flow(view, reduced, -1);
        }
        if (!program.Solve()) throw Apart();
        var busy = Enumerable.Range(0, full.Length).Where(o => Math.Abs(program.Dual(full[o])) > Idle);
        return Bound(CollectiveKind.AllReduce, program.Cost / scale, "least time of schedules that reduce along trees and copy along trees",
            $"full where it costs: {string.Join("; ", busy.Select(o => Say(whole.Bundles[o])).Distinct().Take(4))}");

        // From all roots to the rank where the direction is 1, from the rank to all roots where it is −1.
        void Flow(View view, int[] allowed, int direction)
        {
            var rank = view.CellOf[view.Source];
            var rows = Conservation(program, view.Seen, rank, static _ => 0);
            for (var c = 0; c < rows.Length; c++)
            {
                if (rows[c] < 0 || view.Seen.Ranks[c] == 0) continue;
                var of = whole.CellOf[view.Seen.Examples[c]];
                program.Set(rows[c], share[of], -(double)view.Seen.Ranks[c] / whole.Ranks[of]);
            }
            foreach (var bundle in view.Seen.Bundles)
            {
                if (bundle.From == bundle.To || (direction > 0 ? bundle.From : bundle.To) == rank) continue;
                var o = whole.BundleOf[bundle.Example];
                var flow = program.Add();
                var most = program.Row(double.NegativeInfinity, 0);
                program.Set(most, flow, 1);
                program.Set(most, allowed[o], -(double)bundle.Count / whole.Bundles[o].Count);
                Move(program, rows, bundle, flow, direction);
            }
        }
    }

    // Switches that only forward let out as much as they take in.
    void Forward(LinearProgram program, EquitablePartition whole, int[] volume)
    {
        var rows = new int[whole.Sizes.Length];
        for (var c = 0; c < rows.Length; c++) rows[c] = whole.Examples[c] < Graph.Ranks ? -1 : program.Row(0, 0);
        for (var o = 0; o < volume.Length; o++) Move(program, rows, whole.Bundles[o], volume[o], 1);
    }

    /// <summary>The graph as it looks from one rank.</summary>
    sealed record View(EquitablePartition Seen, int Source)
    {
        public int[] CellOf => Seen.CellOf;
    }

    /// <summary>The graph as it looks from one rank of each kind; null where that is too much for a program.</summary>
    List<(View View, int Count)>? Views()
    {
        var views = new List<(View, int)>();
        long variables = 0;
        foreach (var (rank, count) in sources.Value)
        {
            var seen = EquitablePartition.Of(Graph, marks.Value, rank);
            variables += 2 * seen.Bundles.Length;
            if (variables > MostVariables) return null;
            views.Add((new(seen, rank), count));
        }
        return views;
    }

    string Say(in LinkBundle bundle) => string.Create(CultureInfo.InvariantCulture,
        $"{Graph.KindOf(Graph.From[bundle.Example])} to {Graph.KindOf(Graph.To[bundle.Example])}, {bundle.Count} x {bundle.Each / 1e9:G4} GB/s");
}
