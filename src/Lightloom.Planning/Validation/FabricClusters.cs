using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

// Whole clusters, of which a table tells the construction in words: "16 planes; a=16,p=8,h=8,g=8; 2 virtual 32-port routers per 64-port
// switch", "4 planes; 16x16 boards 2x2", "16 planes; leaf 42 down/22 up".
//
// v routers in one switch are a dragonfly of a/v switches with v·p hosts, v·h global links and v² links between two of a group.

/// <summary>Predicts the clusters of the HammingMesh paper, and Meta's.</summary>
static partial class FabricClusters
{
    const double SwitchPrice = 14280, CopperPrice = 272, OpticalPrice = 603; // USD
    const double CostTolerance = 0.015;
    const long MostParts = 1_000_000_000_000;

    // Accelerators of the paper's clusters; a grid says its own.
    static readonly Dictionary<string, int> Known = new(StringComparer.OrdinalIgnoreCase) { ["small"] = 1024, ["large"] = 16384 };

    /// <summary>Predicts counts and costs of a row of the table of clusters.</summary>
    public static void Predict(FabricPoints points, CsvRow row)
    {
        if (CountsOf(points, row) is not { } counts) return;
        points.Count(SwitchesOf(row), counts.Plan.SwitchCount);
        points.Count("dac_cables", counts.Copper, counts.Note);
        points.Count("aoc_cables", counts.Optical);
        points.Relative("cost_MUSD_published", Cost(row, counts.Plan.SwitchCount, counts.Copper, counts.Optical), "MUSD", CostTolerance, counts.Note);
        if (counts.Plan.Topology == "dragonfly") points.Count("diameter", counts.Plan.Diameter - 1, "links between routers; each has a link to every other group where 2");
        else points.Count("diameter", counts.Plan.Diameter + 1);
    }

    /// <summary>Predicts costs of a row: from the counts that it prints, and from those of its construction.</summary>
    public static void PredictCosts(FabricPoints points, CsvRow row)
    {
        points.Id = $"{row["cluster"]} {row.Text("topology")}".Trim();
        points.Family = row["topology"];
        var printed = Cost(row, row.Count(SwitchesOf(row), 0, MostParts), row.Count("dac_cables", 0, MostParts), row.Count("aoc_cables", 0, MostParts));
        points.Printed("cost_MUSD_recomputed", printed, "MUSD", "by the counts that the row prints");
        points.Relative("cost_MUSD_published", printed, "MUSD", CostTolerance, "by the counts that the row prints");
        if (row.Has("construction") && CountsOf(points, row) is { } counts)
            points.Relative("cost_MUSD_published", Cost(row, counts.Plan.SwitchCount, counts.Copper, counts.Optical), "MUSD", CostTolerance, $"by the counts of its construction{(counts.Note.Length > 0 ? $"; {counts.Note}" : "")}");
    }

    static (FabricPlan Plan, long Copper, long Optical, string Note)? CountsOf(FabricPoints points, CsvRow row)
    {
        var (topology, construction) = (row.Text("topology"), row.Text("construction"));
        points.Id = $"{row["cluster"]} {topology}".Trim();
        points.Family = topology;
        var radix = int.Parse(Radix().Match(SwitchesOf(row)).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var planes = Planes().Match(construction) is { Success: true } said ? int.Parse(said.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 1;
        var (name, request, reason) = Request(row["cluster"], topology, construction, planes, radix);
        if (request is null)
        {
            points.Skip(reason);
            return null;
        }
        var plan = Topologies.Find(name).Plan(request);
        // Nearest to the cards come copper cables, of a HammingMesh those of rows; all other cables are active optical ones.
        var copper = plan.Links.Where(l => !l.OnBoard && l.Name is "node-leaf" or "node-router" or "node-row" or "local" or "row-spine").Sum(l => l.Count);
        var optical = plan.Links.Where(l => !l.OnBoard).Sum(l => l.Count) - copper;
        var note = "";
        if (Taper().IsMatch(construction))
        {
            var ports = plan.Tiers[0].Count * plan.Tiers[0].PortsDown;
            if (ports > copper) note = $"a cable for every port below a leaf is counted; {ports - copper:N0} of them have no card";
            copper = ports;
        }
        return (plan, copper, optical, note);
    }

    static string SwitchesOf(CsvRow row) =>
        row.Table.Columns.FirstOrDefault(c => Radix().IsMatch(c)) ?? throw row.Wrong("the table has no column such as 'switches_64x400G'");

    // In millions of dollars; a table may have prices of its own.
    static double Cost(CsvRow row, double switches, double copper, double optical) =>
        (((row.NumberOrNull("switch_usd", 0, 1e9) ?? SwitchPrice) * switches) + ((row.NumberOrNull("dac_usd", 0, 1e9) ?? CopperPrice) * copper) + ((row.NumberOrNull("aoc_usd", 0, 1e9) ?? OpticalPrice) * optical)) / 1e6;

    /// <summary>Pods of racks with a switch each, as Meta builds them; null where the words don't say enough.</summary>
    /// <param name="pods">The match of pods, racks and GPUs.</param>
    /// <param name="detail">More words, of which "1:7" is the taper above the pods.</param>
    public static FabricPlan? Pods(Match pods, string detail)
    {
        ArgumentNullException.ThrowIfNull(pods);
        int Number(string group) => int.TryParse(pods.Groups[group].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var n) ? n : 0;
        var (count, racks, each) = (Number("pods"), Number("racks"), Number("each"));
        if (count < 1 || racks < 1 || each < 1 || (double)count * racks * each > int.MaxValue) return null;
        var over = Over().Match(detail) is { Success: true } taper ? int.Parse(taper.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 1;
        // Switches above the racks are large enough for the pods; papers seldom name them.
        var above = FabricNames.SwitchOf(Math.Max(64, 3 * racks));
        return Topologies.Find("fat-tree").Plan(FabricNames.Of(count * racks, Math.Max(64, 4 * each), cards: each, accelerators: each) with
        {
            Spine = new() { Switch = above, Oversubscription = Ratio.From(over) },
            Core = new() { Switch = above },
            Tiers = 3,
            SystemsPerUnit = 1,
            SystemsPerPod = racks,
        });
    }

    static (string Name, FabricRequest? Request, string Reason) Request(string cluster, string topology, string construction, int planes, int radix)
    {
        FabricRequest Of(long accelerators, int cards) => FabricNames.Of(checked((int)accelerators), radix, cards: cards) with
        {
            Planes = planes,
            UplinkSpread = UplinkSpread.FewestSwitches,
        };
        var values = FabricNames.Assignments(construction);
        if (topology.Contains("fat tree", StringComparison.OrdinalIgnoreCase) || topology.Contains("fat-tree", StringComparison.OrdinalIgnoreCase))
        {
            if (!Known.TryGetValue(cluster, out var accelerators)) return ("", null, $"nothing says how many accelerators the cluster '{cluster}' has");
            int? up = Taper().Match(construction) is { Success: true } taper ? int.Parse(taper.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : null;
            return ("fat-tree", Of(accelerators, planes) with { Leaf = new() { Uplinks = up } }, "");
        }
        if (topology.Contains("dragonfly", StringComparison.OrdinalIgnoreCase))
        {
            if (!(values.TryGetValue("a", out var a) && values.TryGetValue("p", out var p) && values.TryGetValue("h", out var h) && values.TryGetValue("g", out var g)))
                return ("", null, "a dragonfly without a, p, h and g");
            var v = Virtual().Match(construction) is { Success: true } routers ? int.Parse(routers.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 1;
            if (v < 1 || a % v != 0) return ("", null, $"{a} routers aren't whole switches of {v}");
            var places = (long)a * p * g;
            return ("dragonfly", Of(Known.TryGetValue(cluster, out var all) ? Math.Min(all, places) : places, planes) with
            {
                Parameters = new() { HostsPerSwitch = v * p, SwitchesPerGroup = a / v, GlobalLinksPerSwitch = v * h, Groups = g, LinksPerPair = v * v },
            }, "");
        }
        var grid = FabricNames.Sides(construction);
        if (grid is not [var x, var y]) return ("", null, "the construction names no grid such as 16x16");
        if (topology.Contains("torus", StringComparison.OrdinalIgnoreCase))
        {
            var board = Boards().Match(construction) is { Success: true } of ? FabricNames.Sides(of.Groups[1].Value) : null;
            return ("torus", Of((long)x * y, 4 * planes) with { Parameters = new() { Dimensions = grid, Board = board } }, "");
        }
        if (topology.Contains("Hx", StringComparison.Ordinal) || topology.Contains("HyperX", StringComparison.Ordinal) || topology.Contains("HammingMesh", StringComparison.OrdinalIgnoreCase))
        {
            var board = BoardsOf().Match(construction) is { Success: true } of ? FabricNames.Sides(of.Groups[1].Value)! : [1, 1];
            return ("hammingmesh", Of((long)x * y * board[0] * board[1], 4 * planes) with { Parameters = new() { Dimensions = grid, Board = board } }, "");
        }
        return ("", null, $"no topology is known by the name '{topology}'");
    }

    [GeneratedRegex(@"^switches_(\d{1,6})x")]
    private static partial Regex Radix();

    [GeneratedRegex(@"\b(\d{1,4}) planes?\b")]
    private static partial Regex Planes();

    [GeneratedRegex(@"leaf (\d{1,6}) down ?/ ?(\d{1,6}) up")]
    private static partial Regex Taper();

    [GeneratedRegex(@"\b1:(\d{1,4})\b")]
    private static partial Regex Over();

    [GeneratedRegex(@"(\d{1,3}) virtual")]
    private static partial Regex Virtual();

    [GeneratedRegex(@"from (\d+x\d+) boards")]
    private static partial Regex Boards();

    [GeneratedRegex(@"boards (?:of )?(\d+x\d+)")]
    private static partial Regex BoardsOf();
}
