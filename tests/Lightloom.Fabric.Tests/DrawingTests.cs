using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using CsCheck;
using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

/// <summary>Every drawing of every fabric: on its paper, readable, true to the fabric, and a valid file.</summary>
public class DrawingTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    static FabricPlan SuperPod(int systems = 127) => new RailOptimized().Plan(new()
    {
        Systems = systems,
        System = Parts.Dgx,
        Switch = Parts.Qm9700,
        SystemsPerUnit = 32,
        ManagementLinks = 4,
    });

    static FabricPlan ThreeTiers() => new FatTree().Plan(new()
    {
        Systems = 3072,
        System = Parts.Dgx,
        Switch = Parts.Switch(128, 400),
        Tiers = 3,
        SystemsPerPod = 384,
        Spine = new() { Oversubscription = Ratio.From(7) },
    });

    static FabricPlan Named(string topology, int systems, int radix = 64, int planes = 1, TopologyParameters? parameters = null, int nics = 8, int portsPerNic = 1) =>
        Topologies.Find(topology).Plan(new()
        {
            Systems = systems,
            System = Parts.System(nics, nics, 400, portsPerNic),
            Switch = Parts.Switch(radix, 400),
            Planes = planes,
            Parameters = parameters,
        });

    public static TheoryData<string> Shapes =>
    [
        "superpod", "three tiers", "single switch", "two planes", "dragonfly", "large dragonfly", "dragonfly+", "hyperx", "hyperx of 3 dimensions", "slim-fly",
        "polarfly", "jellyfish", "torus", "torus of boards", "torus of 3 dimensions", "hammingmesh", "rail-only",
    ];

    static FabricPlan PlanOf(string shape) => shape switch
    {
        "superpod" => SuperPod(),
        "three tiers" => ThreeTiers(),
        "single switch" => Named("single-switch", 8),
        "two planes" => Named("rail-optimized", 256, planes: 2),
        "dragonfly" => Named("dragonfly", 256, parameters: new() { Groups = 9 }),
        "large dragonfly" => Named("dragonfly", 4096),
        "dragonfly+" => Named("dragonfly+", 512),
        "hyperx" => Named("hyperx", 512),
        "hyperx of 3 dimensions" => Named("hyperx", 512, parameters: new() { Dimensions = [8, 8, 4] }),
        "slim-fly" => Named("slim-fly", 128),
        "polarfly" => Named("polarfly", 128),
        "jellyfish" => Named("jellyfish", 64),
        "torus" => Named("torus", 64, nics: 1, portsPerNic: 4, parameters: new() { Dimensions = [8, 8] }),
        "torus of boards" => Named("torus", 64, nics: 1, portsPerNic: 4, parameters: new() { Dimensions = [8, 8], Board = [2, 2] }),
        "torus of 3 dimensions" => Named("torus", 512, nics: 1, portsPerNic: 6, parameters: new() { Dimensions = [8, 8, 8] }),
        "hammingmesh" => Named("hammingmesh", 256, nics: 1, portsPerNic: 4),
        "rail-only" => Named("rail-only", 32),
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "no such shape"),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_topology_draws_readably(string shape)
    {
        var graph = FabricGraph.Of(PlanOf(shape));
        Sound(TopologyDrawing.Of(graph, FabricScope.All, shape));
        Sound(TopologyDrawing.Of(graph, new() { Group = (graph.Plan.Clos?.Pods ?? graph.Plan.Wiring.Groups) - 1 }, shape));
        Sound(TopologyDrawing.Of(graph, new() { Plane = graph.Plan.Request.Planes - 1 }, shape));
        Sound(DeviceDrawing.Of(graph, graph.NameOf(graph.Devices - 1), shape));
        Sound(DeviceDrawing.Of(graph, graph.SystemName(0), shape));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Each_device_is_in_one_node_and_each_link_in_one_bundle(string shape) => Complete(FabricGraph.Of(PlanOf(shape)));

    [Theory]
    [InlineData("hyperx", "16 × 16")]
    [InlineData("hyperx of 3 dimensions", "8 × 8 × 4")]
    [InlineData("torus", "8 × 8")]
    [InlineData("torus of boards", "4 × 4")]
    [InlineData("torus of 3 dimensions", "8 × 8 × 8")]
    [InlineData("hammingmesh", "8 × 8")]
    public void Grids_are_found_by_their_links_and_show_each_place_once(string shape, string sides)
    {
        var graph = FabricGraph.Of(PlanOf(shape));
        var grid = RouterGrid.Of(graph, 0);
        Assert.NotNull(grid);
        Assert.Equal(sides, string.Join(" × ", grid.Dimensions.Select(d => d.Side)));
        var devices = grid.Places.SelectMany(p => p).ToList();
        Assert.Equal(devices.Count, devices.Distinct().Count());
        Assert.Equal(graph.Plan.Links.Any(l => l.Lower.Tier == "router") ? graph.SwitchCount : graph.Cards, devices.Count);
        // Cells say how many places they gather.
        var drawing = TopologyDrawing.Of(graph, FabricScope.All, shape);
        var shown = drawing.All.OfType<DrawingGroup>().Where(g => g.Id.StartsWith("cell-", StringComparison.Ordinal))
            .Sum(g => long.Parse(g.Title!.Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
        Assert.Equal(grid.Places.Count, shown);
        // Switches of lines stand there once, too.
        var switches = grid.Dimensions.SelectMany(d => d.Switches.Values).SelectMany(s => s).ToList();
        Assert.Equal(switches.Count, switches.Distinct().Count());
        if (shape == "hammingmesh") Assert.Equal(graph.SwitchCount, switches.Count);
    }

    [Theory]
    [InlineData("dragonfly")]
    [InlineData("dragonfly+")]
    [InlineData("slim-fly")]
    [InlineData("jellyfish")]
    public void What_is_no_grid_is_not_taken_for_one(string shape) => Assert.Null(RouterGrid.Of(FabricGraph.Of(PlanOf(shape)), 0));

    [Fact]
    public void Outlines_of_random_fabrics_are_complete_and_readable()
    {
        var planned = 0;
        Gen.Select(EnumerationTests.Requests, EnumerationTests.ClosNames, EnumerationTests.Floors).Sample((request, topology, spec) =>
        {
            if (EnumerationTests.TryPlan(topology, request) is not { } plan) return;
            Interlocked.Increment(ref planned);
            var graph = FabricGraph.Of(plan);
            Complete(graph);
            Sound(TopologyDrawing.Of(graph, FabricScope.All, "random"));
            var floor = FloorPlan.Of(plan, spec);
            var elevations = Elevations.Of(graph, floor);
            Sound(RackDrawing.OfRow(elevations, floor.Rows - 1, "random"));
            Sound(RackDrawing.OfRack(elevations, elevations.Racks[^1].Name, "random"));
            Sound(FloorDrawing.Of(CablesOf(elevations), "random"));
        }, iter: 600);
        Assert.True(planned > 100, $"only {planned} of the random requests could be planned");
    }

    [Fact]
    public void A_superpod_is_four_units_under_its_spines()
    {
        var outline = FabricOutline.Of(FabricGraph.Of(SuperPod()), FabricScope.All);
        Assert.Equal("unit", outline.ColumnKind);
        Assert.Equal([32, 32, 32, 31, 4, 8, 8, 8, 8, 16], outline.Nodes.Select(n => n.Devices.Count));
        Assert.Equal([256, 256, 256, 248, 4, 256, 256, 256, 256], outline.Bundles.Select(b => b.Links));
    }

    [Fact]
    public void Many_pods_are_gathered_between_the_first_and_the_last()
    {
        var plan = new FatTree().Plan(new() { Systems = 8192, System = Parts.Dgx, Switch = Parts.Switch(64, 400), Tiers = 3, SystemsPerPod = 128 });
        var outline = FabricOutline.Of(FabricGraph.Of(plan), FabricScope.All);
        Assert.Equal([new(0, 1), new(1, 1), new(2, 1), new(3, 1), new(4, 59), new(63, 1)], outline.Columns);
        Assert.Equal(plan.Link("node-leaf")!.Count, outline.LinksOf(0));
    }

    [Fact]
    public void Rails_and_pods_show_their_own_links_alone()
    {
        var graph = FabricGraph.Of(SuperPod());
        var rail = FabricOutline.Of(graph, new() { Rail = 3 });
        Assert.Equal([3, 11, 19, 27], rail.Nodes.Where(n => n.Tier == "leaf").SelectMany(n => n.Devices).Select(d => graph.TierOf(d).IndexOf(d)));
        Assert.Equal(127, rail.LinksOf(0));
        Assert.Equal(4 * 32, rail.LinksOf(1));
        var pods = FabricGraph.Of(ThreeTiers());
        var pod = FabricOutline.Of(pods, new() { Group = 2 });
        Assert.All(pod.Nodes.Where(n => !n.Context).SelectMany(n => n.Devices), d => Assert.Equal(2, pods.GroupOf(d)));
        Assert.Equal(384 * 8, pod.LinksOf(0));
        Assert.Equal(pods.Plan.Links[2].Count / pods.Plan.Clos!.Pods, pod.LinksOf(2));
    }

    [Theory]
    [InlineData(7, null, null, null, "pod", "there is no pod 8: this fabric has one pod")]
    [InlineData(null, 1, null, null, "plane", "there is no plane 2: this fabric has one plane")]
    [InlineData(null, null, 8, null, "rail", "there is no rail 9: this fabric has rails 1 to 8")]
    [InlineData(null, null, -1, null, "rail", "there is no rail 0: this fabric has rails 1 to 8")]
    [InlineData(null, null, null, "leaf-99", "device", "there is no device 'leaf-99'; did you mean 'leaf-09'?")]
    [InlineData(null, null, null, "xyzzy", "device", "there is no device 'xyzzy'; names look like 'node-000' and 'spine-15'")]
    public void What_is_not_there_is_told(int? pod, int? plane, int? rail, string? device, string field, string message)
    {
        var graph = FabricGraph.Of(SuperPod());
        var e = Assert.Throws<FabricException>(() => device is null
            ? TopologyDrawing.Of(graph, new() { Group = pod, Plane = plane, Rail = rail }, "x") : DeviceDrawing.Of(graph, device, "x"));
        Assert.Equal((field, message), (e.Field, e.Message));
    }

    [Fact]
    public void Racks_draw_each_device_to_scale_and_never_over_another()
    {
        var plan = SuperPod();
        var elevations = Elevations.Of(FabricGraph.Of(plan), FloorPlan.Of(plan, new() { SystemsPerRack = 4 }));
        foreach (var rack in elevations.Racks)
        {
            var drawing = RackDrawing.OfRack(elevations, rack.Name, "x");
            Sound(drawing);
            var boxes = drawing.All.OfType<DrawingGroup>().Where(g => g.Id.StartsWith("device-", StringComparison.Ordinal)).Select(g => g.Elements.OfType<DrawingBox>().First()).ToList();
            Assert.Equal(rack.Devices.Count, boxes.Count);
            var perUnit = (boxes[0].Height + 1.5) / rack.Devices[0].Height;
            for (var i = 0; i < boxes.Count; i++)
            {
                Assert.Equal(perUnit * rack.Devices[i].Height, boxes[i].Height + 1.5, 1e-9);
                if (i > 0) Assert.True(boxes[i].Y + boxes[i].Height <= boxes[i - 1].Y);
            }
        }
        var e = Assert.Throws<FabricException>(() => RackDrawing.OfRack(elevations, "R01-99", "x"));
        Assert.Equal("rack", e.Field);
        Assert.Contains("did you mean 'R01-0", e.Message, StringComparison.Ordinal);
        Assert.Equal($"there is no row 99: this floor has rows 1 to {elevations.Floor.Rows}", Assert.Throws<FabricException>(() => RackDrawing.OfRow(elevations, 98, "x")).Message);
    }

    [Fact]
    public void A_row_shows_every_rack_and_place()
    {
        var plan = SuperPod();
        var elevations = Elevations.Of(FabricGraph.Of(plan), FloorPlan.Of(plan, new() { SystemsPerRack = 4, Rows = 6 }));
        for (var row = 0; row < elevations.Floor.Rows; row++)
        {
            var groups = RackDrawing.OfRow(elevations, row, "x").All.OfType<DrawingGroup>().ToList();
            var racks = elevations.Racks.Where(r => r.Place.Row == row).ToList();
            Assert.Equal(racks.Count, groups.Count(g => g.Role == "rack"));
            Assert.Equal(elevations.Floor.RacksPerRow - racks.Count, groups.Count(g => g.Role == "place"));
            Assert.Equal(racks.Sum(r => r.Devices.Count), groups.Count(g => g.Role.StartsWith("device ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_rack_above_its_limit_is_drawn_in_alarm()
    {
        var plan = SuperPod(16);
        var elevations = Elevations.Of(FabricGraph.Of(plan), FloorPlan.Of(plan, new() { SystemsPerRack = 4, RackPower = Power.FromWatts(20_000) }));
        Assert.Contains(RackDrawing.OfRow(elevations, 0, "x").All.OfType<DrawingText>(), t => t.Paint == Paint.Alarm);
        Assert.Contains(FloorDrawing.Of(CablesOf(elevations), "x").All.OfType<DrawingText>(), t => t.Paint == Paint.Alarm);
        Assert.Contains(FloorDrawing.Of(CablesOf(elevations), "x", FloorColors.Power).All.OfType<DrawingBox>(), b => b.Paint == Paint.Alarm);
    }

    [Fact]
    public void A_floor_shows_every_rack_and_the_fullest_trays()
    {
        var plan = SuperPod();
        var elevations = Elevations.Of(FabricGraph.Of(plan), FloorPlan.Of(plan, new() { SystemsPerRack = 4, Rows = 6 }));
        var cables = CablesOf(elevations);
        var drawing = FloorDrawing.Of(cables, "x");
        Sound(drawing);
        Assert.Equal(elevations.Racks.Count, drawing.All.OfType<DrawingGroup>().Count(g => g.Role == "rack"));
        var named = drawing.All.OfType<DrawingText>().Select(t => t.Text).ToList();
        foreach (var piece in TrayLoads.Of(cables).Fullest(5)) Assert.Contains(piece.Tray, named, StringComparer.OrdinalIgnoreCase);
        // Racks stand as far from each other as the hall says.
        var scale = drawing.All.OfType<DrawingGroup>().Single(g => g.Role == "scale");
        var meters = double.Parse(scale.Title!.Split(' ')[4], CultureInfo.InvariantCulture);
        var bar = scale.Elements.OfType<DrawingCurve>().First();
        double X(string rack) => drawing.All.OfType<DrawingGroup>().Single(g => g.Id == rack).Elements.OfType<DrawingBox>().First().X;
        Assert.Equal(elevations.Floor.Spec.RackPitch.Meters, (X("rack-r01-02") - X("rack-r01-01")) / (bar.X2 - bar.X1) * meters, 1e-9);
    }

    [Fact]
    public void Files_are_the_same_bytes_each_time_and_survive_any_name()
    {
        var graph = FabricGraph.Of(SuperPod());
        const string Name = "<a & \"b\"> \u0001 日本語 \ud83d\ude00 \ud800";
        var first = SvgWriter.Text(TopologyDrawing.Of(graph, FabricScope.All, Name));
        Assert.Equal(first, SvgWriter.Text(TopologyDrawing.Of(FabricGraph.Of(SuperPod()), FabricScope.All, Name)));
        Assert.Equal("<a & \"b\"> \ufffd 日本語 \ud83d\ude00 \ufffd", Read(first).Root!.Element(Svg + "title")!.Value);
        Assert.DoesNotContain("<script", first, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\r", first, StringComparison.Ordinal);
        var (plain, prefixed) = (Ids(first), Ids(SvgWriter.Text(TopologyDrawing.Of(graph, FabricScope.All, Name), "two-")));
        Assert.Equal(plain.Count, plain.Distinct().Count());
        Assert.Equal(plain.Select(i => "two-" + i), prefixed);

        static List<string> Ids(string svg) => [.. Read(svg).Descendants().Select(e => (string?)e.Attribute("id")).OfType<string>()];
    }

    [Fact]
    public void A_small_fabric_is_drawn_as_it_was_approved()
    {
        var plan = new RailOptimized().Plan(new() { Systems = 6, System = Parts.System(2, 2), Switch = Parts.Switch(8, 400), ManagementLinks = 1 });
        var text = SvgWriter.Text(TopologyDrawing.Of(FabricGraph.Of(plan), FabricScope.All, "six systems"));
        var file = Path.Combine(Source(), "Golden", "six-systems.svg");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
        Assert.True(File.Exists(file), $"{file} is missing; UPDATE_GOLDEN=1 makes it");
        Assert.Equal(File.ReadAllText(file), text);
    }

    static string Source()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Lightloom.slnx"))) return Path.Combine(folder.FullName, "tests", "Lightloom.Fabric.Tests");
        throw new InvalidOperationException($"Lightloom.slnx stands nowhere above {AppContext.BaseDirectory}");
    }

    static CablePlan CablesOf(Elevations elevations) => CablePlan.Of(elevations,
        [.. elevations.Floor.Cables.Select(c => (IReadOnlyList<CableMedium>)[.. c.Buckets.Select(b => new CableMedium("cable", b.Purchased))])]);

    // Every device of the fabric in one node; every link in one bundle.
    static void Complete(FabricGraph graph)
    {
        foreach (var even in (bool[])[false, true])
        {
            var outline = FabricOutline.Of(graph, FabricScope.All, even ? 16 : FabricOutline.MostColumns, even);
            var devices = outline.Nodes.SelectMany(n => n.Devices).ToList();
            Assert.Equal(devices.Count, devices.Distinct().Count());
            Assert.Equal(graph.Systems + graph.Devices - graph.Cards, devices.Count);
            for (var c = 0; c < graph.Plan.Links.Count; c++) Assert.Equal(graph.Plan.Links[c].Count, outline.LinksOf(c));
            for (var d = 0; d < graph.Devices; d++) Assert.InRange(outline.NodeOf(d), 0, outline.Nodes.Count - 1);
        }
    }

    // On its paper, no text over another, none wider than its box allows, numbers finite, and a file that any reader takes.
    static void Sound(Drawing drawing)
    {
        Assert.NotEmpty(drawing.Title);
        Assert.NotEmpty(drawing.Description);
        var texts = drawing.All.OfType<DrawingText>().ToList();
        Assert.NotEmpty(texts);
        foreach (var element in drawing.All)
        {
            switch (element)
            {
                case DrawingBox box:
                    Assert.True(box.Width > 0 && box.Height > 0, $"{drawing.Title}: a box of {box.Width} by {box.Height}");
                    Inside(drawing, box.X, box.Y);
                    Inside(drawing, box.X + box.Width, box.Y + box.Height);
                    break;
                case DrawingCurve curve:
                    for (var t = 0.0; t <= 1; t += 0.25)
                    {
                        var (x, y) = curve.At(t);
                        Inside(drawing, x, y);
                    }
                    break;
                case DrawingText text:
                    Inside(drawing, text.Left, text.Top);
                    Inside(drawing, text.Left + text.Width, text.Bottom);
                    break;
            }
        }
        texts.Sort((a, b) => a.Top.CompareTo(b.Top));
        for (var i = 0; i < texts.Count; i++)
            for (var j = i + 1; j < texts.Count && texts[j].Top < texts[i].Bottom; j++)
                Assert.False(texts[i].Left < texts[j].Left + texts[j].Width && texts[j].Left < texts[i].Left + texts[i].Width,
                    $"{drawing.Title}: '{texts[i].Text}' and '{texts[j].Text}' overlap");
        var ids = drawing.All.OfType<DrawingGroup>().Select(g => g.Id).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var root = Read(SvgWriter.Text(drawing)).Root!;
        Assert.Equal(Svg + "svg", root.Name);
        Assert.Equal("img", (string?)root.Attribute("role"));
    }

    static void Inside(Drawing drawing, double x, double y) =>
        Assert.True(x >= -0.01 && y >= -0.01 && x <= drawing.Width + 0.01 && y <= drawing.Height + 0.01,
            $"{drawing.Title}: ({x:0.##}, {y:0.##}) lies outside {drawing.Width:0.##} by {drawing.Height:0.##}");

    static XDocument Read(string svg)
    {
        using var reader = XmlReader.Create(new StringReader(svg), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        return XDocument.Load(reader);
    }
}
