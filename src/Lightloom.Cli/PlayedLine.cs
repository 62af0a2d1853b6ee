using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Engines;

namespace Lightloom.Cli;

/// <summary>What an engine made of one collective, as a sentence and as JSON.</summary>
static class PlayedLine
{
    /// <summary>"all-gather of 1 GB: 12 ms by flow, 10 ms in closed form. Contention of groups: ..."</summary>
    public static string Of(INetworkEngine engine, PlayedCollective play)
    {
        var why = play.Why;
        var smaller = play.Played?.PlayedSize is { } size ? $" Played up to {size.ToString("G4")}, the rest at the slope there." : "";
        return $"{DocumentShape.NameOf(play.Kind)} of {play.Size.ToString("G4")}: {play.Total.ToString("G4")} by {engine.Name}, {play.Closed.Total.ToString("G4")} in closed form. " +
            $"{char.ToUpperInvariant(why[0])}{why[1..]}.{smaller}";
    }

    /// <summary>Writes the closed form, the engine's answer and why they part, as fields of an object.</summary>
    public static void Write(Utf8JsonWriter json, PlayedCollective play)
    {
        json.WriteString("algorithm", play.Closed.Algorithm?.Name ?? "");
        json.WriteNumber("closedForm_s", play.Closed.Total.Seconds);
        json.WriteNumber("network_s", play.Network.Seconds);
        if (play.Played is { } played) json.WriteNumber("played_s", played.Time.Seconds);
        if (play.Played?.PlayedSize is { } size) json.WriteNumber("playedUpTo_bytes", size.Bytes);
        if (play.Alone is { } alone) json.WriteNumber("oneGroupAlone_s", alone.Time.Seconds);
        json.WriteNumber("time_s", play.Total.Seconds);
        json.WriteString(play.Played is null ? "notPlayed" : "why", play.Why);
    }
}
