namespace Lightloom.Fabric;

// Loads of bundles of links: of each the mean over its links and the fullest of them, both directions apart.

/// <summary>What the bundles of an outline carry.</summary>
sealed class BundleLoads
{
    readonly Dictionary<(int Lower, int Upper, int Class), (double Up, double Down, double Most, long Links)> of = [];

    /// <summary>Adds up loads.</summary>
    /// <param name="outline">The bundles.</param>
    /// <param name="load">The load of a directed link (2 l from the lower end of link l up, 2 l + 1 down), 1 where it is full.</param>
    public BundleLoads(FabricOutline outline, Func<int, double> load)
    {
        var graph = outline.Graph;
        for (var l = 0; l < graph.Links; l++)
        {
            var (lower, upper) = (outline.NodeOf(graph.Lower[l]), outline.NodeOf(graph.Upper[l]));
            if (lower < 0 || upper < 0) continue;
            var (up, down) = (load(2 * l), load((2 * l) + 1));
            var key = (lower, upper, graph.ClassOf[l]);
            var before = of.GetValueOrDefault(key);
            of[key] = (before.Up + up, before.Down + down, Math.Max(before.Most, Math.Max(up, down)), before.Links + 1);
        }
    }

    /// <summary>A fifth of the scale: by the fullest link.</summary>
    public Paint PaintOf(OutlineBundle bundle) => PaintOf(Most(bundle));

    /// <summary>A fifth of the scale.</summary>
    public static Paint PaintOf(double load) => load switch
    {
        <= 0.2 => Paint.Scale1,
        <= 0.4 => Paint.Scale2,
        <= 0.6 => Paint.Scale3,
        <= 0.8 => Paint.Scale4,
        _ => Paint.Scale5,
    };

    /// <summary>In words: "mean load 12 % up and 13 % down, the fullest 40 %".</summary>
    public string Say(OutlineBundle bundle)
    {
        var (up, down, most, links) = Of(bundle);
        return $"mean load {Percent(up / Math.Max(1, links))} up and {Percent(down / Math.Max(1, links))} down, the fullest {Percent(most)}";
    }

    /// <summary>The fullest of its links, in either direction.</summary>
    public double Most(OutlineBundle bundle) => Of(bundle).Most;

    /// <summary>What the colours are of.</summary>
    public const string Remark = "Mean load over the whole time, in the fuller direction.";

    /// <summary>The legend of the scale.</summary>
    public static IEnumerable<(Paint Paint, string Text)> Legend =>
    [
        (Paint.Scale1, "fullest link to 20 %"), (Paint.Scale2, "40 %"), (Paint.Scale3, "60 %"), (Paint.Scale4, "80 %"), (Paint.Scale5, "100 %"),
    ];

    (double Up, double Down, double Most, long Links) Of(OutlineBundle bundle) =>
        of.TryGetValue((bundle.Lower, bundle.Upper, bundle.Class), out var found) ? found : of.GetValueOrDefault((bundle.Upper, bundle.Lower, bundle.Class));

    public static string Percent(double share) => FormattableString.Invariant($"{100 * share:0.#} %");
}
