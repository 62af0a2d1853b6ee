using System.Globalization;
using System.Text.Json;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Congestion;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Cli;

/// <summary>How packets are asked for by <c>lightloom collective balance</c>.</summary>
/// <param name="Size">What each card sends.</param>
/// <param name="Seeds">Seeds 1 to this.</param>
/// <param name="Transport">How.</param>
/// <param name="Connections">Others that each card sends to; by the way of spreading unless given.</param>
sealed record BalancePackets(DataSize Size, int Seeds, string Transport, int? Connections)
{
    const int MostSeeds = 1000, MostCards = 65_536;

    public static BalancePackets? Read(bool asked, string? size, string? seeds, string? transport, int? connections)
    {
        if (!asked)
        {
            var alone = size is not null ? "--size" : seeds is not null ? "--seeds" : transport is not null ? "--transport" : null;
            return alone is null ? null : throw new InputException($"{alone} is of use with --packets alone");
        }
        var bytes = size is null ? DataSize.FromBytes(16e6)
            : Quantity.TryParse<DataSize>(size, out var given, out var problem) && given.Bytes is >= 1 and <= 1e12 ? given
            : throw new InputException($"--size: {problem ?? $"expected 1 B to 1 TB, found '{size}'"}");
        return new(bytes, seeds is null ? 3 : LinkInput.Count("--seeds", seeds, 1, MostSeeds), transport is null ? "uet-nscc" : PacketInput.Known("--transport", transport, PacketTransports.Names), connections);
    }

    /// <summary>Leaves that are all alike, each with its cards, and spines above them; what is down is not there.</summary>
    public static PacketFabric Fabric(LinkStage stage)
    {
        var (leaves, cards) = ((int)stage.Switches, (int)Math.Round(stage.Senders));
        if ((long)leaves * cards > MostCards) throw new InputException($"{leaves:N0} leaves of {cards:N0} cards are more than the {MostCards:N0} that packets are played of");
        if (stage.FailedAtOne > 0 || stage.FailedShare > 0) throw new InputException("--packets plays whole links; 'simulate --engine packet' has --fail and --flap");
        // The load that is asked for, by the rate of the uplinks.
        var (rate, wire) = (Bandwidth.FromGigabitsPerSecond(400), Duration.FromNanoseconds(500));
        var up = Bandwidth.FromBitsPerSecond(rate.BitsPerSecond * cards / stage.Links / stage.Load);
        var builder = new PacketFabricBuilder("leaves and spines", leaves * cards, leaves + (stage.Links / stage.Bundle)) { SwitchLatency = Duration.FromNanoseconds(300) };
        for (var card = 0; card < leaves * cards; card++) builder.Link(card, (leaves * cards) + (card / cards), rate, wire);
        for (var leaf = 0; leaf < leaves; leaf++)
            for (var l = 0; l < stage.Links; l++) builder.Link((leaves * cards) + leaf, (leaves * cards) + leaves + (l / stage.Bundle), up, wire);
        return builder.Build();
    }

    public static PacketFabric Fabric(ClusterBuild build)
    {
        if (build.Document.Design.Fabric.Failed != new FailedSection()) throw new InputException("--packets plays whole links; 'simulate --engine packet' has --fail and --flap");
        var graph = new FabricInput(build).Graph;
        if (graph.Cards > MostCards) throw new InputException($"the design has {graph.Cards:N0} cards, and packets are played of {MostCards:N0} at most");
        return PacketFabricBuilder.Of(graph, TrafficSimulation.Latency(graph, build.Links));
    }

    public static IReadOnlyList<MeasuredBalance> Play(PacketFabric fabric, IReadOnlyList<LoadBalancing> policies, BalancePackets asked, out bool complete)
    {
        var rows = new List<MeasuredBalance>();
        complete = CommandRunner.Interruptible(stop =>
        {
            foreach (var policy in policies.Where(p => MeasuredBalance.BalanceOf(p) is not null && Plays(p, asked.Transport)))
            {
                if (MeasuredBalance.Of(fabric, policy, asked.Size, asked.Seeds, asked.Transport, null, asked.Connections, stop) is not { } row) return false;
                rows.Add(row);
            }
            return true;
        });
        return rows;
    }

    // What delivers in order takes one path.
    static bool Plays(LoadBalancing policy, string transport) => !PacketTransports.IsLossless(transport) || policy.Mechanism == BalancingMechanism.HashFlows;

    public static void Write(TextReport report, IReadOnlyList<MeasuredBalance> rows, BalanceStudy study)
    {
        report.Heading("The same, packet by packet");
        report.Table(["by", "paths", ">peers", ">flows each", ">mean card", ">last card", ">over seeds", ">expected"], rows.Select(r => (string[])
        [
            r.Policy, r.Balance, r.Connections.ToString("N0", CultureInfo.InvariantCulture), r.QueuePairs.ToString("N0", CultureInfo.InvariantCulture), EvaluationReport.Percent(r.MeanCard), EvaluationReport.Percent(r.LastCard),
            $"{EvaluationReport.Percent(r.Least)} to {EvaluationReport.Percent(r.Most)}",
            study.Entries.LastOrDefault(e => e.Policy.Key == r.Policy) is { } entry ? EvaluationReport.Percent(entry.Card) : "",
        ]));
        report.Say($"{rows[0].Cards:N0} cards send {rows[0].Size} each at once, to others in a circle, by {rows[0].Transport}; seeds 1 to {rows[0].Seeds}. Over what a card gets alone, latency and headers included. " +
            "A collective waits for the last card; expected is what the table above leaves of a card across the outermost level.");
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<MeasuredBalance> rows)
    {
        json.WriteStartArray("packets");
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("policy", row.Policy);
            json.WriteString("balance", row.Balance);
            json.WriteString("transport", row.Transport);
            json.WriteNumber("cards", row.Cards);
            json.WriteNumber("connections", row.Connections);
            json.WriteNumber("queuePairs", row.QueuePairs);
            json.WriteNumber("size_B", row.Size.Bytes);
            json.WriteNumber("seeds", row.Seeds);
            json.WriteNumber("meanCard_share", row.MeanCard);
            json.WriteNumber("lastCard_share", row.LastCard);
            json.WriteNumber("leastOfSeeds_share", row.Least);
            json.WriteNumber("mostOfSeeds_share", row.Most);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Plays the record of the catalogue's figures, and writes it; stopped, it writes the rows that are done.</summary>
    public static int Record(TextWriter output, string file)
    {
        OutputFile.CheckPlace(file);
        var rows = new List<(int Tiers, MeasuredBalance Row)>();
        var stopped = CommandRunner.Interruptible(stop =>
        {
            foreach (var row in BalanceRecord.Rows(stop))
            {
                rows.Add(row);
                Console.Error.WriteLine(FormattableString.Invariant($"{row.Tiers} tiers, {row.Row.Policy}, {row.Row.Balance}, {row.Row.Transport}, {row.Row.Connections} peers: mean card {row.Row.MeanCard:F3}, last {row.Row.LastCard:F3}"));
            }
            return stop.IsCancellationRequested;
        });
        OutputFile.Write(file, writer =>
        {
            writer.Write("tiers,cards,policy,balance,transport,connections,queue_pairs,size_B,seeds,mean_card,last_card,least,most\n");
            foreach (var (tiers, r) in rows)
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{tiers},{r.Cards},{r.Policy},{r.Balance},{r.Transport},{r.Connections},{r.QueuePairs},{r.Size.Bytes:F0},1-{r.Seeds},{r.MeanCard:F4},{r.LastCard:F4},{r.Least:F4},{r.Most:F4}\n"));
        });
        output.WriteLine($"{rows.Count} rows in '{file}'{(stopped ? ", stopped before the end" : "")}");
        return stopped ? SimulateCommand.Interrupted : CommandRunner.Success;
    }
}
