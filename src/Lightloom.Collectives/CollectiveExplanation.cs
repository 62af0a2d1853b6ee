using System.Globalization;
using System.Text;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>One algorithm's answer to a collective, with what it does on each level.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Enabled">Whether the model chooses from it.</param>
/// <param name="Time">How long it takes.</param>
/// <param name="Footprint">Its bytes and messages.</param>
/// <param name="Levels">The network.</param>
public sealed record CollectiveExplanation(
    CollectiveAlgorithm Algorithm, bool Enabled, CollectiveTime Time, CollectiveFootprint Footprint, NetworkLevels Levels)
{
    /// <summary>What it does on each level that it uses.</summary>
    public IEnumerable<(NetworkLevel Level, double Messages, DataSize Volume, Duration Wire)> Use =>
        from l in Enumerable.Range(0, Levels.Count)
        where Footprint.Uses(l)
        let level = Levels[l]
        let plain = Footprint.Volume(l)
        let reduced = Footprint.InNetworkVolume(l)
        select (level, Footprint.Messages(l) + Footprint.InNetworkMessages(l), plain + reduced,
            plain / level.Bandwidth + (reduced > DataSize.Zero ? reduced / level.InNetworkBandwidth : Duration.Zero));

    /// <summary>Prints one line for the algorithm and one for each level.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Algorithm}{(Enabled ? "" : " (not enabled)")}: {Time.Total} = {Time.Latency} latency + ");
        text.Append(CultureInfo.InvariantCulture, $"{Time.Ramp} ramp + {Time.Transfer - Time.Ramp} wire, bound by {Levels[Time.BindingLevel].Name}");
        foreach (var (level, messages, volume, wire) in Use)
            text.Append(CultureInfo.InvariantCulture, $"\n  {level.Name}: {messages:0.##} messages, {volume} per rank, {wire}");
        return text.ToString();
    }
}
