using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Interop.Fabric;

/// <summary>What the writers of fabrics have in common.</summary>
static class FabricText
{
    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>A field of comma-separated values, in quotes where it needs them (RFC 4180).</summary>
    public static string Csv(string? field) =>
        field is null ? "" : field.AsSpan().IndexOfAny(",\"\n\r") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text in JSON, quotes included. It is a text in YAML as well.</summary>
    public static string Json(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    public static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>A comment may say what a design is called, but not break out of its line.</summary>
    public static string OneLine(string text) => string.Create(text.Length, text, static (span, from) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(from[i]) ? ' ' : from[i];
    });

    /// <summary>The rate of a link.</summary>
    public static Bandwidth RateOf(FabricGraph graph, int link) => graph.Plan.Links[graph.ClassOf[link]].Rate;

    /// <summary>A device as the box that is racked: a card is its system.</summary>
    public static string BoxOf(FabricGraph graph, int device) =>
        device < graph.Cards ? graph.SystemName(device / graph.CardsPerSystem) : graph.NameOf(device);

    /// <summary>Ports of one card.</summary>
    public static int PortsPerCard(FabricGraph graph) => graph.Tiers[0].Ports;

    /// <summary>
    /// The interface of a box at one end of a link: "swp12" or "swp12s1" at a switch, as Linux switches call them (parts from 0);
    /// "nic-3" or, of a card with several ports, "nic-3p2" at a system; "port-1" at a manager.
    /// </summary>
    public static string InterfaceOf(FabricGraph graph, int link, int device)
    {
        if (device < graph.Cards)
        {
            var name = graph.NameOf(device).AsSpan(graph.SystemName(0).Length + 1);
            return PortsPerCard(graph) == 1 ? name.ToString() : Invariant($"{name.ToString()}p{graph.PortOf(link, device) + 1}");
        }
        if (device < graph.FirstSwitch) return Invariant($"port-{graph.PortOf(link, device) + 1}");
        var port = PortNumber.Of(graph, link, device);
        return port.Part == 0 ? Invariant($"swp{port.Number}") : Invariant($"swp{port.Number}s{port.Part - 1}");
    }

    /// <summary>What is drawn together: systems, managers and the tiers of switches.</summary>
    public static string RoleOf(FabricGraph graph, int device) => device < graph.Cards ? "node" : graph.TierOf(device).Name;

    /// <summary>Lanes of a link and the rate of each, from the lanes of its switch.</summary>
    public static (int Lanes, Bandwidth Lane) LanesOf(FabricGraph graph, int link)
    {
        var rate = RateOf(graph, link);
        var lane = graph.TierOf(graph.Upper[link]).Switch?.LaneRate.Value ?? rate;
        var lanes = Math.Max(1, (int)Math.Round(rate.Si / lane.Si));
        return (lanes, Bandwidth.FromSi(rate.Si / lanes));
    }
}
