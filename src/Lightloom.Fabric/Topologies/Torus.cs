namespace Lightloom.Fabric;

// A torus of cards that forward [Dally, Seitz 1986], and its boards behind optical circuit switches [Jouppi et al., TPU v4, ISCA 2023].
//
//   S₁ ... S_D   nodes along each dimension, N = ΠS     b₁ ... b_D   nodes of a board (a cube) along each
//   m            links of a node in each direction: it has 2·D·m ports
//
//   links        m·N in each dimension longer than 1; of length 2, two between the same nodes
//   in boards    m·(N/b_d)·(b_d − 1) are traces, or cables of a cube's rack; the others leave the board
//   OCS          one for each place on a face: m·Π_{e≠d} b_e for dimension d; it joins both faces of all B boards: 2·B ports each
//   diameter     Σ⌊S_d/2⌋ links
//
// Nodes are numbered board by board, the first dimension fastest, so that missing ones are the last; their neighbours' ports stay free.
//
// Uniform traffic on shortest paths, as a share of the 2·D·m links that a node injects (mean way in a ring: S/4, (S² − 1)/(4S) if odd):
//   torus  4/(D·S), or 4·S/(D·(S² − 1)), of its longest S        board  2/(D·b), or 2·b/(D·(b² − 1)), of its longest b
// Bisection: 2·m·N/S links across the longest S; where it is odd, the cut of the slab in the middle besides. Exact for even S.
//
// Worked example: 16 × 16 × 16 nodes in cubes of 4 × 4 × 4: 64 cubes of 96 optical links, 48 OCS with 128 ports used of 136.

/// <summary>
/// A torus: each node is joined to two others in every dimension. Of as many dimensions as its nodes have ports for (three for 6, two
/// for 4, unless dimensions say), sized to fill the boards given as evenly as it can.
/// </summary>
public sealed class Torus : ITopology
{
    const int MostDimensions = 6;

    /// <inheritdoc/>
    public string Name => "torus";

    /// <inheritdoc/>
    public string Description => "Cards that forward, each joined to two neighbours in every dimension; boards may meet at optical circuit switches.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Parameters { get; } = ["dimensions", "board", "opticalSwitch", "spareOpticalPorts"];

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        var counter = new FabricCounter(this, request, switches: false);
        var given = counter.Parameters;
        var d = given.Dimensions?.Count ?? given.Board?.Count;
        if (d > MostDimensions)
            throw new FabricException("parameters.dimensions", $"a torus of {d} dimensions is more than is built; the nearest possible is {MostDimensions}", MostDimensions);
        var nodes = GridNodes.Of(counter, ports => d is { } count ? ports % (2 * count) == 0 : ports % 4 == 0 || ports % 6 == 0)
            ?? throw new FabricException("system", $"a node of a torus needs {(d is { } count ? $"{2 * count} ports" : "4 ports in two dimensions, 6 in three,")} or a multiple in each plane; " +
                $"the system's cards have {counter.PortsPerNic} and it has {counter.PortsPerSystem}");
        var dimensions = d ?? (nodes.Ports % 6 == 0 ? 3 : 2);
        var board = Board(given, dimensions);
        var grid = new TorusGrid(given.Dimensions is { } sides ? Boards(sides, board) : Size(nodes.Count, board), board, nodes.Ports / (2 * dimensions), nodes.Count);
        if (nodes.Count > grid.Places)
            throw counter.TooMany(grid.Places / nodes.PerSystem * counter.PortsPerSystem);

        var inBoard = grid.InBoard();
        var optical = Optical(counter, grid);
        if (inBoard > 0) counter.JoinCards("board", inBoard, grid.Lanes, onBoard: given.OpticalSwitch is null);
        for (var e = 0; e < dimensions; e++)
            if (grid.Sides[e] > 1) counter.JoinCards($"ring-{e + 1}", grid.Between(e), grid.Sides[e] == 2 && board[e] == 1 ? 2 * grid.Lanes : grid.Lanes, switched: optical is not null);

        var levels = new List<LocalityLevel> { counter.ScaleUp };
        if (grid.BoardPlaces > 1)
            levels.Add(counter.Level("board", (long)grid.BoardPlaces * nodes.Ports, 2.0 / dimensions / Middle(board.Max()), Math.Max(0, board.Sum(static b => b - 1) - 1)));
        var hops = Math.Max(0, grid.Sides.Sum(static s => s / 2) - 1);
        levels.Add(counter.Level("torus", counter.Hosts, 4.0 / dimensions / Middle(grid.Sides.Max()), hops));
        return counter.Plan(new TorusWiring(grid, nodes), levels, grid.Lanes * Cut(grid.Sides) / (counter.Hosts / 2.0), hops, optical);
    }

    // S for an even length, S − 1/S for an odd one: what the link in the middle carries.
    static double Middle(int length) => length % 2 == 0 ? length : Math.Max(1, length - (1.0 / length));

    static int[] Board(TopologyParameters given, int dimensions)
    {
        if (given.OpticalSwitch is not null && given.Board is null)
            throw new FabricException("parameters.opticalSwitch", "an optical circuit switch joins boards, and none are given; expected board: its nodes along each dimension");
        if (given.OpticalSwitch is null && given.SpareOpticalPorts is not null)
            throw new FabricException("parameters.spareOpticalPorts", "there is no optical circuit switch to keep ports of free; expected opticalSwitch");
        if (given.Board is not { } board) return [.. Enumerable.Repeat(1, dimensions)];
        if (board.Count != dimensions)
            throw new FabricException("parameters.board", $"a board of {board.Count} dimensions doesn't fit a torus of {dimensions}", dimensions);
        if (board.Aggregate(1.0, static (product, side) => product * side) > 1 << 20)
            throw new FabricException("parameters.board", $"a board of {string.Join(" x ", board)} nodes is larger than any", 1 << 20);
        return [.. board];
    }

    static int[] Boards(IReadOnlyList<int> sides, int[] board)
    {
        if (sides.Aggregate(1.0, static (product, side) => product * side) > int.MaxValue)
            throw new FabricException("parameters.dimensions", $"a torus of {string.Join(" x ", sides)} nodes is larger than can be numbered");
        for (var e = 0; e < board.Length; e++)
        {
            if (sides[e] % board[e] == 0) continue;
            var below = sides[e] / board[e] * board[e];
            throw new FabricException("parameters.dimensions", $"{sides[e]} nodes of dimension {e + 1} aren't whole boards of {board[e]}; the nearest possible are " +
                $"{(below > 0 ? $"{below} and " : "")}{below + board[e]}", below > 0 ? below : null, below + board[e]);
        }
        return [.. sides.Select((side, e) => side / board[e])];
    }

    // Boards along each dimension, ascending: with no place left over if the longest side is at most twice the shortest, else with the
    // shortest longest side, and the fewest places of those.
    static int[] Size(int nodes, int[] board)
    {
        var boards = ((nodes - 1) / board.Aggregate(1, static (product, side) => product * side)) + 1;
        var most = (int)Math.Ceiling(Math.Pow(boards, 1.0 / board.Length) - 1e-9);
        var best = new int[board.Length];
        Array.Fill(best, most);
        var places = best.Aggregate(1L, static (product, side) => product * side);
        for (var e = 0; e < best.Length; e++)
        {
            while (best[e] > 1 && places / best[e] * (best[e] - 1) >= boards)
            {
                places = places / best[e] * (best[e] - 1);
                best[e]--;
            }
        }
        Array.Sort(best);
        if (places > boards) Exact(new int[board.Length], 0, boards);
        return best;

        bool Exact(int[] sides, int at, int left)
        {
            if (at == sides.Length - 1)
            {
                sides[at] = left;
                if (left > 2 * sides[0] || (at > 0 && left < sides[at - 1])) return false;
                best = [.. sides];
                return true;
            }
            // From the cube root down, so that the first that is found is the most even.
            for (var side = (int)Math.Pow(left + 0.5, 1.0 / (sides.Length - at)); side >= (at == 0 ? 1 : sides[at - 1]); side--)
            {
                sides[at] = side;
                if (left % side == 0 && Exact(sides, at + 1, left / side)) return true;
            }
            return false;
        }
    }

    static OpticalSwitchLayer? Optical(FabricCounter counter, TorusGrid grid)
    {
        if (counter.Parameters.OpticalSwitch is not { } part) return null;
        var usable = part.Ports.Value - (counter.Parameters.SpareOpticalPorts ?? TopologyParameters.UsualSparePorts);
        if (2L * grid.Boards > usable)
            throw new FabricException("parameters.opticalSwitch", $"{grid.Boards:N0} boards need {2L * grid.Boards:N0} ports of each optical circuit switch, and '{part.Name}' has {usable} to use; " +
                $"the nearest possible are {usable / 2} boards", usable / 2);
        var (switches, links) = (0L, 0L);
        for (var e = 0; e < grid.Sides.Length; e++)
        {
            if (grid.Sides[e] == 1) continue;
            switches += grid.Lanes * (long)(grid.BoardPlaces / grid.Board[e]);
            links += grid.Between(e);
        }
        var planes = counter.Request.Planes;
        return new(part, switches * planes, 2 * links * planes, usable);
    }

    /// <summary>Links of one lane across the thinnest cut into halves along a dimension.</summary>
    internal static double Cut(int[] sides)
    {
        var longest = sides.Max();
        if (longest < 2) return 0;
        var slab = sides.Aggregate(1.0, static (product, side) => product * side) / longest;
        var at = Array.IndexOf(sides, longest);
        return (2 * slab) + (longest % 2 == 0 ? 0 : Cut([.. sides[..at], .. sides[(at + 1)..], 1]));
    }

    sealed class TorusWiring(TorusGrid grid, GridNodes nodes) : CountedWiring
    {
        readonly int perGroup = grid.BoardPlaces > 1 && grid.Boards > 1 ? grid.BoardPlaces : (int)(grid.Places / grid.Sides[^1]);

        public override int Groups => (int)((grid.Places - 1) / perGroup) + 1;

        public override int GroupOfSystem(int system) => system * nodes.PerSystem / perGroup;

        public override int GroupOfSwitch(int tier, int index) => -1;

        public override int CardsPerForwarder => nodes.CardsPerNode;

        public override FabricGrid Grid => new(grid.Sides, grid.Coordinate);

        protected override void WirePlane(PortDealer dealer)
        {
            var first = grid.InBoard() > 0 ? 1 : 0;
            for (var node = 0; node < nodes.Count; node++)
            {
                var ring = first;
                for (var e = 0; e < grid.Sides.Length; e++)
                {
                    if (grid.Sides[e] == 1) continue;
                    var other = grid.Next(node, e, out var leaves);
                    for (var lane = 0; other < nodes.Count && lane < grid.Lanes; lane++)
                        dealer.Direct(leaves ? ring : 0, nodes.System(node), nodes.Port(node, (2 * e * grid.Lanes) + lane),
                            nodes.System(other), nodes.Port(other, (((2 * e) + 1) * grid.Lanes) + lane));
                    ring++;
                }
            }
        }
    }
}
