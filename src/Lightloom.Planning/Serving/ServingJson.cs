using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads.Serving;

namespace Lightloom.Planning.Serving;

/// <summary>Writes a study of serving as JSON, with units in the fields' names.</summary>
public static class ServingJson
{
    /// <summary>The whole study.</summary>
    public static string Write(ServingStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return EvaluationJson.Text(json => Write(json, study));
    }

    static void Write(Utf8JsonWriter json, ServingStudy study)
    {
        json.WriteStartObject();
        json.WriteString("name", study.Name);
        json.WriteString("model", study.Section.Model.Key);
        json.WriteString("precision", DocumentShape.NameOf(study.Section.Precision));
        json.WriteNumber("accelerators", study.Accelerators);
        json.WriteBoolean("works", study.Works);
        if (study.Problem is { } problem) json.WriteString("problem", problem);
        else json.WriteNull("problem");
        if (study.System is { } system)
        {
            Pool(json, system.Prefill is null ? "pool" : "decodePool", system.Decode.Replica, system.Copies);
            if (system.Prefill is { } prefill)
            {
                Pool(json, "prefillPool", prefill.Replica, system.PrefillCopies);
                json.WriteNumber("transfer_s", system.TransferOf(study.Section.Prompt).Seconds);
            }
            json.WriteNumber("sequencesThatFitACopy", system.MostSequences);
            json.WriteNumber("keysAndValues_bytesPerToken", system.Decode.Replica.CacheOf(1).Bytes);
            Limit(json, "limit", study.Limit);
            Limit(json, "largestWithinObjectives", study.Largest);
            json.WriteStartObject("alone");
            Forecast(json, study.Alone);
            json.WriteEndObject();
            json.WriteStartObject("atRate");
            Forecast(json, study.Answer);
            json.WriteNumber("outputTokensPerSecondPerAccelerator", study.TokensPerSecondPerAccelerator);
            json.WriteEndObject();
            var step = system.Step(Math.Max(1, study.Answer.Batch));
            json.WriteStartObject("decodeStep");
            json.WriteNumber("compute_s", step.Compute.Seconds);
            json.WriteNumber("memory_s", step.Memory.Seconds);
            json.WriteNumber("network_s", step.Network.Seconds);
            json.WriteNumber("launch_s", step.Launch.Seconds);
            json.WriteString("binds", step.Binds);
            json.WriteEndObject();
            if (study.Simulated is { } played) Simulated(json, played);
            json.WriteStartArray("curve");
            foreach (var point in study.Curve)
            {
                json.WriteStartObject();
                Forecast(json, point);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    static void Pool(Utf8JsonWriter json, string name, ServingReplica copy, int copies)
    {
        json.WriteStartObject(name);
        json.WriteNumber("copies", copies);
        json.WriteNumber("acceleratorsPerCopy", copy.Accelerators);
        json.WriteNumber("tensor", copy.Tensor);
        json.WriteNumber("expert", copy.Expert);
        json.WriteNumber("weights_GB", copy.Weights.Gigabytes);
        json.WriteEndObject();
    }

    static void Limit(Utf8JsonWriter json, string name, ServingLimit limit)
    {
        json.WriteStartObject(name);
        json.WriteNumber("requestsPerSecond", limit.RequestsPerSecond);
        json.WriteString("binds", limit.Binds);
        json.WriteEndObject();
    }

    static void Forecast(Utf8JsonWriter json, ServingForecast answer)
    {
        json.WriteNumber("requestsPerSecond", answer.RequestsPerSecond);
        json.WriteBoolean("queueIsFinite", answer.IsStable);
        Finite(json, "firstToken_s", answer.FirstToken);
        Finite(json, "perToken_s", answer.PerToken);
        Finite(json, "wait_s", answer.Wait);
        json.WriteNumber("batch", answer.Batch);
        json.WriteNumber("prefillUse_share", answer.PrefillUse);
        json.WriteBoolean("closedFormHolds", answer.Holds);
    }

    static void Simulated(Utf8JsonWriter json, SimulatedServing played)
    {
        json.WriteStartObject("simulated");
        json.WriteNumber("requests", played.Requests);
        json.WriteNumber("firstToken_s", played.FirstToken.Seconds);
        json.WriteNumber("firstTokenP99_s", played.FirstTokenAt(0.99).Seconds);
        json.WriteNumber("perToken_s", played.PerToken.Seconds);
        json.WriteNumber("perTokenP99_s", played.PerTokenAt(0.99).Seconds);
        json.WriteNumber("batch", played.Batch);
        json.WriteEndObject();
    }

    static void Finite(Utf8JsonWriter json, string name, Duration time)
    {
        if (double.IsFinite(time.Seconds)) json.WriteNumber(name, time.Seconds);
        else json.WriteNull(name);
    }
}
