using System.Globalization;
using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>The answer of <c>collective bound</c> for machines.</summary>
static class CollectiveBoundJson
{
    public static string Text(CollectiveLimits limits, IReadOnlyList<long> sizes, IReadOnlyList<ExactLimit> solved) => EvaluationJson.Text(json =>
    {
        var network = limits.Network;
        json.WriteStartObject();
        json.WriteString("collective", DocumentShape.NameOf(limits.Kind));
        json.WriteString("system", network.System.Key);
        json.WriteNumber("systems", network.Systems);
        json.WriteNumber("ranks", network.Group.Ranks);
        json.WriteString("mechanism", network.Mechanism.Key);
        json.WriteString("note", network.Note);
        json.WriteBoolean("reducingSwitches", limits.HasReducingSwitches);
        json.WriteNumber("messagesAtLeast", CollectiveSteps.Least(limits.Kind, network.Group.Ranks));
        json.WriteNumber("messagesWithLeastBytes", CollectiveSteps.WithLeastBytes(limits.Kind, network.Group.Ranks));
        json.WriteStartArray("sizes");
        foreach (var size in sizes)
        {
            json.WriteStartObject();
            json.WriteNumber("size_B", size);
            Limit("lineRates", size, LimitRates.Line, SwitchReduction.None);
            Limit("lineRatesReducing", size, LimitRates.Line, SwitchReduction.AsEquipped);
            Limit("sustained", size, LimitRates.Sustained, SwitchReduction.None);
            Limit("sustainedReducing", size, LimitRates.Sustained, SwitchReduction.AsEquipped);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("cuts");
        foreach (var rates in new[] { LimitRates.Line, LimitRates.Sustained })
            foreach (var reduction in new[] { SwitchReduction.None, SwitchReduction.AsEquipped })
                foreach (var cut in limits.Cuts(DataSize.FromBytes(sizes[^1]), rates, reduction)) Cut(cut, rates, reduction);
        json.WriteEndArray();
        json.WriteStartArray("exact");
        foreach (var exact in solved)
        {
            json.WriteStartObject();
            json.WriteNumber("size_B", sizes[^1]);
            json.WriteBoolean("reducing", exact.Bound.Reduced);
            Number(json, "time_us", exact.Bound.Time.Microseconds);
            Number(json, "cutShare", exact.CutShare);
            json.WriteString("method", exact.Bound.Method);
            json.WriteString("binding", exact.Bound.Binding);
            json.WriteNumber("kindsOfNodes", exact.Cells);
            json.WriteBoolean("tight", exact.Bound.IsTight);
            json.WriteBoolean("eachRankSeen", exact.Bound.EachRankSeen);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();

        void Limit(string name, long size, LimitRates rates, SwitchReduction reduction)
        {
            var limit = limits.At(DataSize.FromBytes(size), rates, reduction);
            json.WriteStartObject(name);
            Number(json, "time_us", limit.Time.Microseconds);
            Number(json, "latency_us", limit.Latency.Microseconds);
            Number(json, "transfer_us", limit.Cut.Transfer.Microseconds);
            Number(json, "busbw_GBps", CollectiveBoundCommand.BusBandwidth(limits, size, limit.Time).GigabytesPerSecond);
            json.WriteString("setBy", limit.SetBy);
            json.WriteString("cut", limit.Cut.Name);
            json.WriteEndObject();
        }

        void Cut(LimitCut cut, LimitRates rates, SwitchReduction reduction)
        {
            json.WriteStartObject();
            json.WriteString("cut", cut.Name);
            json.WriteString("rates", DocumentShape.NameOf(rates));
            json.WriteBoolean("reducing", reduction != SwitchReduction.None);
            Number(json, "ranks", cut.Ranks);
            Number(json, "volume_B", cut.Volume.Bytes);
            Number(json, "bandwidth_GBps", cut.Bandwidth.GigabytesPerSecond);
            Number(json, "transfer_us", cut.Transfer.Microseconds);
            json.WriteEndObject();
        }
    });

    static void Number(Utf8JsonWriter json, string name, double value) => json.WriteNumber(name, double.Parse(value.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
}
