using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Cli;

/// <summary>Finds the devices of a fabric by what a user types.</summary>
sealed class FabricNames(FabricGraph graph)
{
    readonly Lazy<Dictionary<string, int>> devices = new(() =>
    {
        var byName = new Dictionary<string, int>(graph.Devices, StringComparer.Ordinal);
        for (var d = 0; d < graph.Devices; d++) byName[graph.NameOf(d)] = d;
        return byName;
    });

    /// <summary>A card, by name or number, or the first one of a system.</summary>
    public int Card(string option, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number < graph.Cards ? number : throw new InputException($"{option}: cards are numbered 0 to {graph.Cards - 1:N0}, not {text}");
        return CardOf(text) ?? throw new InputException($"{option}: there is no card '{text}'{Hint(text, cards: true)}");
    }

    /// <summary>A card by its name, or the first one of a system; null when there is none such.</summary>
    public int? CardOf(string text)
    {
        if (devices.Value.TryGetValue(text, out var device)) return device < graph.Cards ? device : null;
        return devices.Value.TryGetValue($"{text}-nic-{new string('0', Math.Max(1, (graph.CardsPerSystem - 1).ToString(CultureInfo.InvariantCulture).Length))}", out device)
            ? device : null;
    }

    /// <summary>Any device by its name.</summary>
    public int Device(string option, string text) =>
        devices.Value.TryGetValue(text, out var device) ? device : throw new InputException($"{option}: there is no device '{text}'{Hint(text, cards: false)}");

    /// <summary>A switch by its name.</summary>
    public int Switch(string option, string text)
    {
        var device = devices.Value.TryGetValue(text, out var found) ? found : -1;
        if (device >= graph.FirstSwitch) return device;
        var switches = Enumerable.Range(graph.FirstSwitch, graph.SwitchCount).Select(graph.NameOf).ToList();
        throw new InputException(device >= 0
            ? $"{option}: '{text}' is no switch; switches are {Range(switches)}"
            : $"{option}: there is no switch '{text}'{(Nearest.Name(text, switches) is { } near ? $"; did you mean '{near}'?" : $"; switches are {Range(switches)}")}");
    }

    /// <summary>The nearest name to one that no device has.</summary>
    public string Hint(string text, bool cards)
    {
        var names = cards ? devices.Value.Keys.Take(graph.Cards) : devices.Value.Keys;
        var near = Nearest.Name(text, names);
        return near is not null ? $"; did you mean '{near}'?" : $"; names are like '{graph.NameOf(0)}'{(cards ? "" : $" and '{graph.NameOf(graph.Devices - 1)}'")}";
    }

    static string Range(List<string> names) => names.Count <= 1 ? string.Concat(names) : $"'{names[0]}' to '{names[^1]}'";
}
