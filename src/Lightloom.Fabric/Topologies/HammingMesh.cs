using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// A HammingMesh, HxMesh for square boards [Hoefler et al., SC 2022]: boards of nodes that forward, in rows and columns of switches.
//
//   a × b   nodes of a board, each with 4 ports in a plane: west, east, north, south; joined to its neighbours by traces
//   x × y   boards; each of the b lines of a board row is a network of its own for the 2·x ports at its boards' edges, each of the a
//           lines of a board column one for 2·y
//   k       radix of a switch
//
//   switches   of a board row: ⌈b / min(b, ⌊k / 2x⌋)⌉ where a line fits one switch, so that lines of one board row may share it;
//              else for each line a leaf-spine fabric: ⌈2x / ⌈k/2⌉⌉ leaves and the fewest spines that divide their ⌊k/2⌋ uplinks
//   cables     2·x·y·b in rows, 2·x·y·a in columns; traces x·y·(b·(a − 1) + a·(b − 1))
//   diameter   2·⌊(a − 1)/2⌋ + 2 links in a row (+ 4 through spines), and as many in a column
//
// Nodes are numbered board by board, row by row within one; missing ones are the last, and the ports that they would have met are free.
//
// Uniform traffic, as a share of the 4 ports: between boards 1/(2·max(a, b)), since the a nodes of a line share two ports out of their
// board; within a board 1/max(a, b).      Bisection: 1/(2·max(a, b)), exact for even x and y; a line's network cuts into x links.
//
// Worked example: boards of 2 × 2, 16 × 16 of them, 64 ports: two lines share a switch: 16 + 16 switches and 1,024 + 1,024 cables a
// plane; 4 planes have 128 switches and 8,192 cables.

/// <summary>
/// A HammingMesh: boards of nodes in a mesh, whose edges meet at switches for every row and every column. Sized as near to a square of
/// boards as holds the systems; boards are 2 × 2 unless given (1 × 1 is a HyperX with a switch for each line).
/// </summary>
public sealed class HammingMesh : ITopology
{
    const int Ports = 4;

    /// <inheritdoc/>
    public string Name => "hammingmesh";

    /// <inheritdoc/>
    public string Description => "Boards of cards in a mesh, whose edges meet at the switches of their rows and columns.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Parameters { get; } = ["board", "dimensions"];

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        var counter = new FabricCounter(this, request);
        var nodes = GridNodes.Of(counter, static ports => ports == Ports) ?? throw WrongPorts(counter);
        var (a, b) = Pair("board", counter.Parameters.Board, 2, 2);
        var boards = Ceiling(nodes.Count, (long)a * b);
        var side = (int)Math.Ceiling(Math.Sqrt(boards));
        var (x, y) = Pair("dimensions", counter.Parameters.Dimensions, side, (int)Ceiling(boards, side));
        if ((double)x * y * a * b > int.MaxValue)
            throw new FabricException("parameters.dimensions", $"{x} x {y} boards of {a} x {b} nodes are more than can be numbered");
        if (boards > (long)x * y) throw counter.TooMany((long)x * y * a * b / nodes.PerSystem * counter.PortsPerSystem);

        var mesh = new BoardMesh(a, b, x, y, nodes.Count);
        var rows = LineNetwork.Of(counter, "row", 2 * x, b, y);
        var columns = LineNetwork.Of(counter, "column", 2 * y, a, x);
        if (mesh.Traces() is > 0 and var traces) counter.JoinCards("board", traces, 1, onBoard: true);
        // Tiers and classes in the order in which a packet meets them.
        rows.AddLeaves(counter, "row", mesh.RowLines());
        columns.AddLeaves(counter, "column", mesh.ColumnLines());
        rows.AddSpines(counter, "row");
        columns.AddSpines(counter, "column");

        var levels = new List<LocalityLevel> { counter.ScaleUp };
        var inBoard = Math.Max(0, a - 1 + b - 1 - 1);
        if (a * b > 1) levels.Add(counter.Level("board", (long)a * b * Ports, 1.0 / Math.Max(a, b), inBoard));
        var hops = Math.Max(0, Way(a, x, rows) + Way(b, y, columns) - 1);
        var share = 1.0;
        if (x > 1 || a > 1) share = Math.Min(share, 1 / (2.0 * a));
        if (y > 1 || b > 1) share = Math.Min(share, 1 / (2.0 * b));
        if (x * y > 1) levels.Add(counter.Level("mesh", counter.Hosts, share, hops));
        return counter.Plan(new HammingMeshWiring(mesh, nodes, rows, columns), levels, share * nodes.PerSystem * nodes.Ports / counter.PortsPerSystem, hops);
    }

    static int Way(int along, int boards, LineNetwork lines) => boards == 1 ? along - 1 : (2 * ((along - 1) / 2)) + (lines.Spines > 0 ? 4 : 2);

    static FabricException WrongPorts(FabricCounter counter)
    {
        var all = counter.PortsPerSystem * counter.Request.Planes;
        var planes = all % Ports == 0 ? all / Ports : 0;
        return new("planes", $"a node of a HammingMesh has {Ports} ports in each plane, and a system has {counter.PortsPerSystem}" +
            (planes > 0 ? $"; the nearest possible are {planes} planes" : ""), planes > 0 && planes < counter.Request.Planes ? planes : null,
            planes > counter.Request.Planes ? planes : null);
    }

    static (int, int) Pair(string name, IReadOnlyList<int>? given, int first, int second) => given switch
    {
        null => (first, second),
        [var one, var two] => (one, two),
        _ => throw new FabricException($"parameters.{name}", $"{name} of a HammingMesh has 2 lengths, not {given.Count}", given.Count > 2 ? 2 : null, given.Count < 2 ? 2 : null),
    };

    sealed class HammingMeshWiring(BoardMesh mesh, GridNodes nodes, LineNetwork rows, LineNetwork columns) : CountedWiring
    {
        public override int Groups => mesh.Y;

        public override int GroupOfSystem(int system) => mesh.Place(system * nodes.PerSystem).Y;

        public override int GroupOfSwitch(int tier, int index) => tier == rows.Leaf ? index / rows.LeavesPerBoardLine
            : tier == rows.Spine ? index / (rows.Spines * rows.LinesPerBoardLine) : -1;

        public override int CardsPerForwarder => nodes.CardsPerNode;

        protected override void WirePlane(PortDealer dealer)
        {
            const int West = 0, East = 1, North = 2, South = 3;
            for (var node = 0; node < nodes.Count; node++)
            {
                var (x, y, column, line) = mesh.Place(node);
                if (mesh.HasEast(node)) Trace(node, East, node + 1, West);
                if (mesh.HasSouth(node)) Trace(node, South, node + mesh.A, North);
                if (column == 0) Edge(rows, node, West, y, line, 2 * x);
                if (column == mesh.A - 1) Edge(rows, node, East, y, line, (2 * x) + 1);
                if (line == 0) Edge(columns, node, North, x, column, 2 * y);
                if (line == mesh.B - 1) Edge(columns, node, South, x, column, (2 * y) + 1);
            }
            rows.WireSpines(dealer);
            columns.WireSpines(dealer);

            void Trace(int from, int port, int to, int otherPort) =>
                dealer.Direct(0, nodes.System(from), nodes.Port(from, port), nodes.System(to), nodes.Port(to, otherPort));
            void Edge(LineNetwork lines, int from, int port, int boardLine, int within, int position)
            {
                if (lines.HasSwitches) dealer.Host(lines.HostClass, nodes.System(from), nodes.Port(from, port), lines.Leaf, lines.LeafOf(boardLine, within, position));
            }
        }
    }
}
