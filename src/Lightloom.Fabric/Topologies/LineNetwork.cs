using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

/// <summary>
/// The switches of all rows, or of all columns, of a HammingMesh: one for several lines of a board row where they fit, else a leaf-spine
/// fabric for each line.
/// </summary>
sealed class LineNetwork
{
    int hostPorts, uplinks, leavesPerLine, linesPerLeaf, boardLines;

    /// <summary>Whether there is anything to join: a board row of one board needs no switch.</summary>
    public bool HasSwitches { get; private init; }

    /// <summary>Lines of a board row.</summary>
    public int LinesPerBoardLine { get; private init; }

    /// <summary>Leaves of a board row.</summary>
    public int LeavesPerBoardLine { get; private init; }

    /// <summary>Spines of a line; 0 where one switch holds it.</summary>
    public int Spines { get; private init; }

    /// <summary>The number of the tier of its leaves; −1 before there is one.</summary>
    public int Leaf { get; private set; } = -1;

    /// <summary>The number of the tier of its spines; −1 where there is none.</summary>
    public int Spine { get; private set; } = -1;

    /// <summary>The class of links of its cards.</summary>
    public int HostClass { get; private set; } = -1;

    int SpineClass { get; set; } = -1;

    /// <param name="counter">The request.</param>
    /// <param name="name">"row" or "column".</param>
    /// <param name="edges">Edges of boards that meet in a line.</param>
    /// <param name="lines">Lines of a board row.</param>
    /// <param name="boardLines">Board rows.</param>
    public static LineNetwork Of(FabricCounter counter, string name, int edges, int lines, int boardLines)
    {
        if (edges <= 2) return new() { LinesPerBoardLine = lines };
        var most = counter.HostsBeside(0);
        if (edges <= most)
        {
            var together = Math.Min(lines, most / edges);
            return new()
            {
                HasSwitches = true,
                LinesPerBoardLine = lines,
                LeavesPerBoardLine = (int)Ceiling(lines, together),
                linesPerLeaf = together,
                leavesPerLine = 1,
                hostPorts = together * edges,
                boardLines = boardLines,
            };
        }
        // As many uplinks as carry what the hosts of a leaf send.
        var down = most;
        while (down > 0 && Whole(down * counter.Load) > counter.PortsBeside(down)) down--;
        var up = Math.Max(1, Whole(down * counter.Load));
        var leaves = down == 0 ? long.MaxValue : Ceiling(edges, down);
        var radix = counter.Radix;
        if (leaves > radix)
            throw new FabricException("switch", $"a {name} of {edges} edges of boards doesn't fit leaves and spines of {radix} ports; the nearest possible are {(long)down * radix}", (double)down * radix);
        var spines = (int)Ceiling(leaves * up, radix);
        while (up % spines != 0) spines++;
        return new()
        {
            HasSwitches = true,
            LinesPerBoardLine = lines,
            LeavesPerBoardLine = lines * (int)leaves,
            Spines = spines,
            linesPerLeaf = 1,
            leavesPerLine = (int)leaves,
            hostPorts = down,
            uplinks = up,
            boardLines = boardLines,
        };
    }

    /// <summary>The leaf that an edge of a board meets.</summary>
    public int LeafOf(int boardLine, int line, int position) => (boardLine * LeavesPerBoardLine) +
        (Spines == 0 ? line / linesPerLeaf : (line * leavesPerLine) + (position / hostPorts));

    /// <summary>Adds the leaves and their links to cards.</summary>
    public void AddLeaves(FabricCounter counter, string name, IEnumerable<(int BoardLines, int[] Edges)> filled)
    {
        if (!HasSwitches) return;
        Leaf = counter.Switches(name, (long)boardLines * LeavesPerBoardLine, boardLines);
        HostClass = counter.Classes;
        var degrees = new SortedDictionary<int, long> { [hostPorts] = 0 };
        foreach (var (count, edges) in filled)
        {
            for (var first = 0; first < edges.Length; first += linesPerLeaf)
            {
                var together = edges.AsSpan(first, Math.Min(linesPerLeaf, edges.Length - first));
                var sum = 0;
                foreach (var line in together) sum += line;
                for (var leaf = 0; leaf < leavesPerLine; leaf++)
                {
                    var here = Spines == 0 ? sum : Math.Clamp(sum - (leaf * hostPorts), 0, hostPorts);
                    degrees[here] = degrees.GetValueOrDefault(here) + count;
                }
            }
        }
        counter.JoinHosts($"node-{name}", Leaf, 1, [.. degrees.Select(d => (d.Value, d.Key))]);
    }

    /// <summary>Adds the spines and the links to them.</summary>
    public void AddSpines(FabricCounter counter, string name)
    {
        if (Spines == 0) return;
        var lines = (long)boardLines * LinesPerBoardLine;
        Spine = counter.Switches($"{name}-spine", lines * Spines, lines);
        SpineClass = counter.Classes;
        counter.JoinTiers($"{name}-spine", Leaf, [(lines * leavesPerLine, uplinks)], Spine, [(lines * Spines, uplinks / Spines * leavesPerLine)], uplinks / Spines);
    }

    /// <summary>Joins leaves and spines of every line.</summary>
    public void WireSpines(PortDealer dealer)
    {
        if (Spines == 0) return;
        for (var line = 0; line < boardLines * LinesPerBoardLine; line++)
            for (var leaf = 0; leaf < leavesPerLine; leaf++)
                for (var spine = 0; spine < Spines; spine++)
                    dealer.Join(SpineClass, Leaf, (line * leavesPerLine) + leaf, Spine, (line * Spines) + spine, uplinks / Spines);
    }
}
