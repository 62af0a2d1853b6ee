using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>Writes a forecast of nccl-tests as JSON, with units in the fields' names.</summary>
static class CollectiveForecastJson
{
    public static string Text(CollectiveForecast forecast, CollectiveEngines? played = null) => EvaluationJson.Text(json =>
    {
        var network = forecast.Network;
        json.WriteStartObject();
        json.WriteString("collective", DocumentShape.NameOf(forecast.Kind));
        json.WriteString("system", network.System.Key);
        json.WriteNumber("nodes", network.Systems);
        json.WriteNumber("gpus", network.Group.Ranks);
        json.WriteString("mechanism", network.Mechanism.Key);
        json.WriteNumber("gpusPerProcess", forecast.PerProcess);
        json.WriteStartArray("outside");
        foreach (var reason in forecast.Outside) json.WriteStringValue(reason);
        json.WriteEndArray();
        json.WriteStartArray("sizes");
        foreach (var p in forecast.Points)
        {
            json.WriteStartObject();
            json.WriteNumber("size_B", (long)p.Size.Bytes);
            json.WriteNumber("time_us", Round(p.Time.Total.Microseconds));
            json.WriteNumber("low_us", Round(p.Low.Microseconds));
            json.WriteNumber("high_us", Round(p.High.Microseconds));
            json.WriteNumber("algbw_GBps", Round(p.AlgorithmBandwidth.GigabytesPerSecond));
            json.WriteNumber("busbw_GBps", Round(p.BusBandwidth.GigabytesPerSecond));
            if (forecast.CardRate(p) is { } card) json.WriteNumber("cards_GBps", Round(card.GigabytesPerSecond));
            json.WriteString("algorithm", p.Time.Algorithm!.Name);
            json.WriteString("protocol", p.Time.Protocol.Name());
            json.WriteString("setBy", p.SetBy);
            json.WriteNumber("latency_us", Round(p.Time.Latency.Microseconds));
            json.WriteNumber("ramp_us", Round(p.Time.Ramp.Microseconds));
            json.WriteNumber("wire_us", Round((p.Time.Transfer - p.Time.Ramp).Microseconds));
            json.WriteNumber("bound_us", Round(p.Limit.Bound.Time.Microseconds));
            json.WriteNumber("ofLimit", Round(p.Limit.OfLimit.Si));
            json.WriteString("bound", p.Limit.Bound.Say(forecast.Levels, network.Group));
            json.WriteString("boundKind", p.Limit.Bound.Kind);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        played?.WriteJson(json);
        json.WriteEndObject();
    });

    static double Round(double value) => Math.Round(value, 6);
}
