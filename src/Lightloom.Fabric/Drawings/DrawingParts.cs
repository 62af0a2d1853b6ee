using System.Globalization;

namespace Lightloom.Fabric;

/// <summary>What all drawings have: a heading, a legend, numbers written alike.</summary>
static class DrawingParts
{
    /// <summary>Width of a page, in 1/96 inch.</summary>
    public const double PageWidth = 1280;

    /// <summary>Left and right of everything.</summary>
    public const double Margin = 28;

    /// <summary>Writes the title and a line below it; answers where what follows may begin.</summary>
    public static double Heading(DrawingCanvas canvas, string title, string subtitle, double width = PageWidth)
    {
        canvas.Text(Margin, 40, title, 21, bold: true, most: width - (2 * Margin));
        canvas.Text(Margin, 62, subtitle, 13, Paint.Muted, most: width - (2 * Margin));
        return 84;
    }

    /// <summary>Draws swatches with what they mean, in as many lines as they take; answers where what follows may begin.</summary>
    public static double Legend(DrawingCanvas canvas, double y, IEnumerable<(Paint Paint, string Text)> entries, string? remark = null, double width = PageWidth)
    {
        const double Swatch = 13, Size = 12, Between = 22, LineHeight = 20;
        canvas.Begin();
        var x = Margin;
        foreach (var (paint, text) in entries)
        {
            var wide = Swatch + 7 + DrawingFont.WidthOf(text, Size);
            if (x > Margin && x + wide > width - Margin) (x, y) = (Margin, y + LineHeight);
            canvas.Box(x, y, Swatch, Swatch, paint, 2);
            canvas.Text(x + Swatch + 7, y + 11, text, Size, Paint.Muted, most: width - Margin - x - Swatch - 7);
            x += wide + Between;
        }
        if (remark is not null)
        {
            if (x > Margin && x + DrawingFont.WidthOf(remark, Size) > width - Margin) (x, y) = (Margin, y + LineHeight);
            canvas.Text(x, y + 11, remark, Size, Paint.Muted, most: width - Margin - x);
        }
        canvas.End("legend", "legend");
        return y + LineHeight + 12;
    }

    /// <summary>A whole number with separators of thousands.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The names of devices: one, or the first and the last.</summary>
    public static string Names(FabricGraph graph, IReadOnlyList<int> devices)
    {
        var (first, last) = (NameOf(graph, devices[0]), NameOf(graph, devices[^1]));
        return first == last ? first : $"{first} … {last}";
    }

    /// <summary>The name of a device; of its system for a card.</summary>
    public static string NameOf(FabricGraph graph, int device) =>
        device < graph.Cards ? graph.SystemName(device / graph.CardsPerSystem) : graph.NameOf(device);

    /// <summary>"8 leaves", "1 spine", "3 systems".</summary>
    public static string Counted(long count, string kind) => $"{Number(count)} {(count == 1 ? One(kind) : Many(kind))}";

    /// <summary>"8 leaves", "3 systems", "2 row switches": devices of a tier.</summary>
    public static string Devices(long count, string tier) =>
        Counted(count, tier is "card" or "management" or "leaf" or "spine" or "core" or "router" ? tier : tier + " switch");

    /// <summary>What several of a kind are called: "leaves", "switches", "systems".</summary>
    public static string Many(string kind)
    {
        var name = One(kind);
        return name.EndsWith("leaf", StringComparison.Ordinal) ? name[..^1] + "ves" : name.EndsWith("ch", StringComparison.Ordinal) ? name + "es" : name + "s";
    }

    /// <summary>"4 leaf-spine links", "1 management-leaf link".</summary>
    public static string Links(long count, string linkClass) => $"{Number(count)} {linkClass} {(count == 1 ? "link" : "links")}";

    static string One(string kind) => kind switch { "card" => "system", "nic" => "card", "management" => "manager", _ => kind };

    /// <summary>A name with its first letter large.</summary>
    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>Writes the first of some texts that fits whole; the last shortened, and with the first as its title, when none does.</summary>
    public static void TextOf(DrawingCanvas canvas, double x, double y, double size, Paint paint, bool bold, double most, params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            // A little smaller is better than shortened.
            for (var less = 0.0; less <= 1; less += 0.5)
            {
                if (DrawingFont.WidthOf(text, size - less, bold) > most) continue;
                canvas.Text(x, y, text, size - less, paint, TextAnchor.Middle, bold);
                return;
            }
        }
        canvas.Text(x, y, texts[^1], size - 1.5, paint, TextAnchor.Middle, bold, most);
    }

    /// <summary>The names of devices as short as can be: "leaf-08 … 15".</summary>
    public static string ShortNames(FabricGraph graph, IReadOnlyList<int> devices)
    {
        var (first, last) = (NameOf(graph, devices[0]), NameOf(graph, devices[^1]));
        return first == last ? first : $"{first} … {Ending(last)}";
    }

    /// <summary>What tells a device from others of its tier: its number, and its plane where it has one: "15", "p1-15".</summary>
    public static string Ending(string name)
    {
        var number = name[(name.LastIndexOf('-') + 1)..];
        return name.Length > 1 && name[0] == 'p' && char.IsAsciiDigit(name[1]) ? $"{name[..name.IndexOf('-', StringComparison.Ordinal)]}-{number}" : number;
    }

    /// <summary>A part's name without what stands in brackets behind it.</summary>
    public static string Plain(string part) => part.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? part[..at] : part;

    /// <summary>A text as lines no wider than a limit, unless a word is.</summary>
    public static IEnumerable<string> Lines(string text, double size, double most)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length > 0 && DrawingFont.WidthOf(longer, size) > most)
            {
                yield return line;
                longer = word;
            }
            line = longer;
        }
        if (line.Length > 0) yield return line;
    }

    /// <summary>The paint of a tier.</summary>
    public static Paint PaintOf(string tier) => tier switch
    {
        "card" or "system" => Paint.System,
        "management" => Paint.Management,
        "leaf" => Paint.Leaf,
        "spine" => Paint.Spine,
        "core" => Paint.Core,
        _ => Paint.Router,
    };

    /// <summary>What a tier is called in a legend.</summary>
    public static string Explained(string tier) => tier switch
    {
        "card" or "system" => "accelerator systems",
        "management" => "fabric managers",
        "leaf" => "leaf switches",
        "spine" => "spine switches",
        "core" => "core switches",
        "router" => "routers",
        _ => tier + " switches",
    };

    /// <summary>How thick a bundle is drawn: the root of its links over the most, so that a hundredth is still a tenth.</summary>
    public static double Thickness(long links, long most) => 1.25 + (8.75 * Math.Sqrt(links / (double)Math.Max(1, most)));

    /// <summary>The width of a page of some content: as wide as that, or as its heading, up to <see cref="PageWidth"/> unless the content is wider.</summary>
    public static double WidthFor(double content, string title, string subtitle) => Math.Max(content,
        Math.Min(PageWidth, Math.Max(DrawingFont.WidthOf(title, 21, true), DrawingFont.WidthOf(subtitle, 13)) + (2 * Margin) + 1));

    /// <summary>The counts of what is in view in one line, and of what it is a part.</summary>
    public static string Summary(FabricOutline outline)
    {
        var graph = outline.Graph;
        if (outline.Scope == FabricScope.All) return Summary(graph);
        long Of(Func<OutlineNode, bool> which) => outline.Nodes.Where(n => which(n) && !n.Context).Sum(n => (long)n.Devices.Count);
        var (systems, switches) = (Of(n => n.Tier == "card"), Of(n => n.Tier is not ("card" or "management")));
        return $"{Counted(systems, "system")}, {Counted(systems * graph.Plan.Request.System.Accelerators.Value, "accelerator")}, {Counted(switches, "switch")}, " +
            $"{Counted(outline.Bundles.Sum(b => b.Links), "link")} in view, of a {graph.Plan.Topology} fabric of {Counted(graph.Systems, "system")}, " +
            $"{Counted(graph.SwitchCount, "switch")} and {Counted(graph.Links, "link")}";
    }

    /// <summary>The counts of a fabric in one line.</summary>
    public static string Summary(FabricGraph graph)
    {
        var plan = graph.Plan;
        var planes = plan.Request.Planes > 1 ? $" in {plan.Request.Planes} planes" : "";
        return $"{plan.Topology}: {Counted(graph.Systems, "system")}, {Counted(plan.AcceleratorCount, "accelerator")}, " +
            $"{Counted(graph.SwitchCount, "switch")}, {Counted(graph.Links, "link")}{planes}; " +
            $"{(100 * plan.BisectionShare.Si).ToString("0.#", CultureInfo.InvariantCulture)} % of full bisection";
    }
}
