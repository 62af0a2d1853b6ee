using System.CommandLine;
using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Planning.Engines;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>The sizes of a forecast by engines beside the closed form.</summary>
/// <param name="Engines">The engines.</param>
/// <param name="Plays">Of each, size by size.</param>
/// <param name="IsComplete">Whether all were played to their end.</param>
sealed record CollectiveEngines(IReadOnlyList<INetworkEngine> Engines, IReadOnlyList<IReadOnlyList<PlayedCollective>> Plays, bool IsComplete)
{
    const double Apart = 0.02;

    /// <summary>Plays the sizes of a forecast on its network's fabric.</summary>
    /// <exception cref="InputException">Nothing is known of the fabric's switches, or it is too large.</exception>
    public static CollectiveEngines Of(EngineInput input, ParseResult parsed, (bool Flow, bool Packet) asked, CollectiveForecast forecast)
    {
        var network = forecast.Network;
        var plan = network.Plan ?? throw new InputException(network.Systems == 1
            ? "--engine: the ranks don't leave one scale-up domain, so there is no fabric to play on; expected --nodes of 2 or more, or a design"
            : $"--engine: nothing is known of the switches of '{network.Mechanism.Key}', so there is no fabric to play on; expected a protocol of the catalogue, or a design");
        var graph = EngineInput.Graph(plan);
        var (each, all) = (network.Group.Ranks / network.Systems, network.System.Accelerators.Value);
        int[][] ranks = [[.. Enumerable.Range(0, network.Group.Ranks).Select(r => (r / each * all) + (r % each))]];
        return CommandRunner.Interruptible(stop =>
        {
            var engines = input.Engines(parsed, asked, graph, network.Links);
            var plays = engines.Select(e =>
            {
                var player = new EngineCollectives(graph, forecast.Levels, forecast.Model, network.Mechanism, e);
                return (IReadOnlyList<PlayedCollective>)[.. forecast.Points.Select(p => player.Play(forecast.Kind, p.Size, network.Group, ranks, p.Time, stop))];
            }).ToList();
            return new CollectiveEngines(engines, plays, !stop.IsCancellationRequested);
        });
    }

    public void Write(TextReport report)
    {
        report.Heading("Engines side by side");
        foreach (var engine in Engines) report.Say($"- {engine.Name}: {engine.Counts}", 2);
        if (!IsComplete) report.Say("PARTIAL: the run was stopped; what it hadn't played counts in closed form.");
        report.Table([">size", ">closed form", ">of that network", .. Engines.SelectMany(e => new[] { $">{e.Name}", ">to closed form" })], Enumerable.Range(0, Plays[0].Count).Select(i =>
            new[] { LogComparison.Bytes(Plays[0][i].Size), $"{Plays[0][i].Closed.Total:G4}", $"{Plays[0][i].Network:G4}" }
                .Concat(Plays.SelectMany(p => Cells(p[i]))).ToList()));
        report.Heading("Where they part");
        for (var e = 0; e < Engines.Count; e++)
        {
            // Of sizes that part for one reason the one that parts most.
            foreach (var play in Plays[e].Where(p => p.Played is not null).OrderByDescending(p => p.Apart).Where((p, i) => i == 0 || p.Apart > Apart).DistinctBy(p => p.Why.Split(':')[0]))
                report.Say($"- {PlayedLine.Of(Engines[e], play)}", 2);
            foreach (var play in Plays[e].Where(p => p.Played is null).DistinctBy(p => p.NotPlayed)) report.Say($"- {PlayedLine.Of(Engines[e], play)}", 2);
        }
        report.Say("Launches, software of messages and the filling of pipelines are the closed form's, and only the network's part of it is played.");
    }

    static string[] Cells(PlayedCollective play) => play.Played is null ? ["not played", ""] : [$"{play.Total:G4}", FormattableString.Invariant($"{play.Total / play.Closed.Total:0.000}")];

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartArray("engines");
        for (var e = 0; e < Engines.Count; e++)
        {
            json.WriteStartObject();
            json.WriteString("engine", Engines[e].Name);
            json.WriteString("counts", Engines[e].Counts);
            json.WriteBoolean("complete", IsComplete);
            json.WriteStartArray("sizes");
            foreach (var play in Plays[e])
            {
                json.WriteStartObject();
                json.WriteNumber("size_bytes", play.Size.Bytes);
                PlayedLine.Write(json, play);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
