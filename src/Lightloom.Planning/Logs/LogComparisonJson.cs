using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;

namespace Lightloom.Planning.Logs;

/// <summary>A log beside its expectation as JSON; docs/logs.md describes the fields.</summary>
public static class LogComparisonJson
{
    /// <summary>Writes a comparison.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="refit">The system fitted to the log, or null.</param>
    /// <param name="cost">What it costs a job, or null.</param>
    /// <param name="notes">What else was left out or assumed.</param>
    public static string Write(LogComparison comparison, ClusterRefit? refit, StepCost? cost, IReadOnlyList<string> notes)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        ArgumentNullException.ThrowIfNull(notes);
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("log", comparison.Log.Name);
            json.WriteString("cluster", comparison.Cluster.Name);
            json.WriteNumber("ranks", comparison.Cluster.Group.Ranks);
            json.WriteNumber("domains", comparison.Cluster.Domains);
            json.WriteNumber("rows", comparison.Counts.All);
            json.WriteNumber("insideBand", comparison.Counts.Inside);
            json.WriteNumber("launchFloor_us", Round(comparison.Floor.Microseconds));
            json.WriteNumber("launchRound_us", Round(comparison.LaunchRound.Microseconds));
            json.WriteStartArray("runs");
            foreach (var run in comparison.Runs) Run(json, run);
            json.WriteEndArray();
            json.WriteStartArray("diagnoses");
            foreach (var diagnosis in comparison.Diagnoses) Write(json, diagnosis);
            json.WriteEndArray();
            json.WriteStartArray("couldNotShow");
            foreach (var unseen in comparison.Unseen)
            {
                json.WriteStartObject();
                json.WriteString("key", unseen.Key);
                json.WriteString("what", unseen.What);
                json.WriteNumber("mostRatio", Round(unseen.MostRatio));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (cost is not null) Write(json, cost);
            if (refit is not null) Write(json, refit);
            EvaluationJson.Texts(json, "notes", notes);
            json.WriteEndObject();
        });
    }

    static void Run(Utf8JsonWriter json, ComparedRun compared)
    {
        json.WriteStartObject();
        json.WriteString("collective", compared.Run.Name);
        json.WriteNumber("line", compared.Run.Line);
        json.WriteStartArray("rows");
        foreach (var row in compared.Rows)
        {
            var size = row.Row.Size;
            json.WriteStartObject();
            json.WriteNumber("line", row.Row.Line);
            json.WriteNumber("size_B", size.Bytes);
            if (row.Row.OutOfPlace is { } outOfPlace) json.WriteNumber("outOfPlace_us", Round(outOfPlace.Microseconds));
            if (row.Row.InPlace is { } inPlace) json.WriteNumber("inPlace_us", Round(inPlace.Microseconds));
            json.WriteNumber("busBandwidth_GBps", Round(compared.Run.Bus(size, row.Row.Time).GigabytesPerSecond));
            json.WriteNumber("expected_us", Round(row.Expected.Total.Microseconds));
            json.WriteNumber("expectedLow_us", Round(row.Low.Microseconds));
            json.WriteNumber("expectedHigh_us", Round(row.High.Microseconds));
            json.WriteNumber("expectedBusBandwidth_GBps", Round(compared.Run.Bus(size, row.Expected.Total).GigabytesPerSecond));
            if (row.Expected.Algorithm is { } algorithm) json.WriteString("algorithm", algorithm.Name);
            json.WriteNumber("explained_us", Round(row.Explained.Microseconds));
            json.WriteNumber("bound_us", Round(row.Bound.Microseconds));
            json.WriteNumber("ratio", Round(row.Ratio));
            json.WriteBoolean("inside", row.Inside);
            if (row.Mark.Length > 0) json.WriteString("mark", row.Mark);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, Diagnosis diagnosis)
    {
        json.WriteStartObject();
        json.WriteString("key", diagnosis.Key);
        json.WriteString("what", diagnosis.What);
        json.WriteString("confidence", DocumentShape.NameOf(diagnosis.Confidence));
        if (diagnosis.Probability is { } probability) json.WriteNumber("probability", Round(probability));
        if (diagnosis.FaultProbability is { } fault) json.WriteNumber("faultProbability", Round(fault));
        EvaluationJson.Texts(json, "evidence", diagnosis.Evidence);
        EvaluationJson.Texts(json, "try", diagnosis.Try);
        json.WriteString("cost", diagnosis.Cost);
        if (diagnosis.Change is { } change)
        {
            json.WriteStartObject("change");
            json.WriteBoolean("switchReduction", !change.WithoutSwitchReduction);
            json.WriteNumber("scaleUpShare", Round(change.ScaleUpShare));
            json.WriteNumber("fabricShare", Round(change.FabricShare));
            json.WriteEndObject();
        }
        json.WriteStartArray("alternatives");
        foreach (var alternative in diagnosis.Alternatives)
        {
            json.WriteStartObject();
            json.WriteString("key", alternative.Key);
            json.WriteString("what", alternative.What);
            json.WriteNumber("probability", Round(alternative.Probability));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("tuning");
        foreach (var range in diagnosis.Tuning)
        {
            json.WriteStartObject();
            json.WriteNumber("from_B", range.From);
            json.WriteNumber("to_B", range.To);
            json.WriteString("algorithm", NcclTuner.Name(range.Algorithm));
            json.WriteString("protocol", NcclTuner.Name(range.Protocol));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, StepCost cost)
    {
        json.WriteStartArray("step");
        foreach (var view in cost.Causes.Prepend(cost.Predicted).Concat(cost.Measured is { } measured ? [measured] : []))
        {
            json.WriteStartObject();
            json.WriteString("network", view.Name);
            json.WriteNumber("step_s", Round(view.Step.Seconds));
            json.WriteNumber("tokensPerSecond", Round(view.TokensPerSecond));
            if (view.MillionTokens is { } dollars) json.WriteNumber("millionTokens_USD", Round(dollars));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, ClusterRefit refit)
    {
        json.WriteStartObject("refit");
        json.WriteNumber("rows", refit.Rows);
        json.WriteNumber("medianErrorBefore", Round(refit.ErrorBefore));
        json.WriteNumber("medianErrorAfter", Round(refit.ErrorAfter));
        json.WriteStartArray("parameters");
        foreach (var p in refit.Parameters)
        {
            var unit = p.Unit.Length == 0 ? "" : $"_{p.Unit}";
            json.WriteStartObject();
            json.WriteString("level", p.Level);
            json.WriteString("key", p.Key);
            json.WriteNumber($"before{unit}", Round(p.Before));
            json.WriteNumber($"value{unit}", Round(p.Value));
            json.WriteNumber($"low{unit}", Round(p.Low));
            json.WriteNumber($"high{unit}", Round(p.High));
            json.WriteBoolean("atLimit", p.AtLimit);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Seven digits: more than any of these figures has.
    static double Round(double value) => value == 0 || !double.IsFinite(value) ? 0
        : double.Parse(value.ToString("G7", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
}
