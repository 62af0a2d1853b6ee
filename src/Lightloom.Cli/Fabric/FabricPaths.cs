using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>The paths between two cards.</summary>
static class FabricPaths
{
    const int Shown = 16;
    const int Draws = 256;

    /// <summary>A path: the devices that it passes and the share of the flow that takes it.</summary>
    sealed record Found(int Plane, IReadOnlyList<int> Devices, double Share);

    public static void Write(TextWriter output, FabricInput input, IRouting routing, string from, string to, bool json)
    {
        var graph = input.Graph;
        var names = new FabricNames(graph);
        var (a, b) = (names.Card("--from", from), names.Card("--to", to));
        if (a == b) throw new Catalog.Documents.InputException($"--to: '{graph.NameOf(b)}' is the card that --from names");
        var (paths, drawn) = Paths(graph, routing, a, b);
        if (json)
        {
            output.WriteLine(Json(graph, routing, a, b, paths, drawn));
            return;
        }
        var report = new TextReport(output);
        report.Title($"{input.Build.Document.Design.Name}: from {graph.NameOf(a)} to {graph.NameOf(b)} under {routing.Name}");
        if (paths.Count == 0)
        {
            report.Say($"The fabric does not join these cards: they share no plane or rail. Their traffic crosses the scale-up domain of a system.");
            return;
        }
        report.Say($"{paths.Count:N0} {(paths.Count == 1 ? "path" : "paths")}{(drawn ? $" among {Draws} drawn" : "")}, of {Range(paths.Select(p => p.Devices.Count - 2))} hops between devices that forward. " +
            "Parallel links between two switches count as one path.");
        report.Heading("Paths");
        foreach (var path in paths.Take(Shown))
        {
            var text = string.Join(" > ", path.Devices.Select(graph.NameOf));
            report.Say($"{FabricRouteReport.Percent(path.Share)} {text}", 2);
        }
        if (paths.Count > Shown) report.Say($"... and {paths.Count - Shown:N0} more.", 2);
    }

    static string Json(FabricGraph graph, IRouting routing, int a, int b, List<Found> paths, bool drawn) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("from", graph.NameOf(a));
        json.WriteString("to", graph.NameOf(b));
        json.WriteString("routing", routing.Name);
        json.WriteBoolean("drawn", drawn);
        json.WriteStartArray("paths");
        foreach (var path in paths)
        {
            json.WriteStartObject();
            json.WriteNumber("plane", path.Plane);
            json.WriteNumber("share", path.Share);
            json.WriteStartArray("devices");
            foreach (var d in path.Devices) json.WriteStringValue(graph.NameOf(d));
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    // Every path where next hops are tables; where a routing draws its paths, the ones that it drew.
    static (List<Found> Paths, bool Drawn) Paths(FabricGraph graph, IRouting routing, int a, int b)
    {
        var planes = FabricPlane.AllOf(graph);
        var pairs = new List<(FabricPlane Plane, Endpoint A, Endpoint B)>();
        foreach (var plane in planes)
            foreach (var from in plane.EndpointsOf(a))
                foreach (var to in plane.EndpointsOf(b))
                    if (from.Ordinal == to.Ordinal && plane.Component[from.Router] == plane.Component[to.Router]) pairs.Add((plane, from, to));
        var found = new SortedDictionary<string, Found>(StringComparer.Ordinal);
        var drawn = false;
        var all = pairs.Sum(p => p.A.Rate.GigabitsPerSecond);
        foreach (var (plane, from, to) in pairs)
        {
            var share = from.Rate.GigabitsPerSecond / all;
            var router = routing.Bind(plane);
            if (router is TableRouter table) Walk(table.Towards(to.Router), plane, to, [.. Begin(plane, from)], from.Router, share);
            else
            {
                var draws = routing is DModK ? 1 : Draws;
                drawn |= draws > 1;
                var (scratch, links) = (new RouteScratch(), new List<int>());
                for (var i = 0; i < draws; i++)
                {
                    links.Clear();
                    if (!router.Path(from, to, (ulong)i, scratch, links)) continue;
                    var devices = Begin(plane, from);
                    foreach (var directed in links) devices.Add(directed % 2 == 0 ? graph.Upper[directed / 2] : graph.Lower[directed / 2]);
                    Put(plane, devices, to, share / draws);
                }
            }
        }
        return ([.. found.Values.OrderBy(p => p.Plane).ThenBy(p => p.Devices.Count)], drawn);

        void Walk(NextHops hops, FabricPlane plane, Endpoint to, List<int> devices, int router, double share)
        {
            if (router == to.Router)
            {
                Put(plane, devices, to, share);
                return;
            }
            if (found.Count > 100_000) return;
            var edges = hops.Of(router).ToArray();
            var width = (double)edges.Sum(plane.Width);
            foreach (var e in edges) Walk(hops, plane, to, [.. devices, plane.DeviceOf[plane.To[e]]], plane.To[e], share * plane.Width(e) / width);
        }

        void Put(FabricPlane plane, List<int> devices, Endpoint to, double share)
        {
            List<int> whole = to.Link < 0 ? devices : [.. devices, to.Card];
            var key = string.Join(' ', whole.Select(graph.NameOf));
            found[key] = found.TryGetValue(key, out var same) ? same with { Share = same.Share + share } : new(plane.Index, whole, share);
        }
    }

    static List<int> Begin(FabricPlane plane, Endpoint from) => from.Link < 0 ? [from.Card] : [from.Card, plane.DeviceOf[from.Router]];

    static string Range(IEnumerable<int> counts)
    {
        var (least, most) = (counts.Min(), counts.Max());
        return least == most ? $"{least}" : $"{least} to {most}";
    }
}
