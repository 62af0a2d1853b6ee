using System.Text.Json;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Planning.MultiSite;

/// <summary>A plan of several sites as JSON, with units in the fields' names; see docs/json.md.</summary>
public static class SitesJson
{
    /// <summary>Writes a plan with what was asked of it beside.</summary>
    public static string Write(SitesPlan plan, SiteFailures failures, IReadOnlyList<SiteSplit> splits, FibreComparison fibres)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(failures);
        ArgumentNullException.ThrowIfNull(splits);
        ArgumentNullException.ThrowIfNull(fibres);
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("name", plan.Study.Name);
            Plan(json, plan);
            json.WriteStartArray("splits");
            foreach (var split in splits) Split(json, split);
            json.WriteEndArray();
            Fibres(json, fibres);
            Failures(json, plan, failures);
            EvaluationJson.Texts(json, "assumptions", plan.Study.Assumptions);
            json.WriteEndObject();
        });
    }

    /// <summary>Writes what <c>evaluate</c> says of sites: the routes, the methods and their sums.</summary>
    internal static void Plan(Utf8JsonWriter json, SitesPlan plan)
    {
        var study = plan.Study;
        json.WriteStartArray("sites");
        for (var i = 0; i < study.Network.Sites.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("name", study.Network.Sites[i]);
            json.WriteNumber("accelerators", study.Accelerators[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("siteStep_s", study.Work.Step.Seconds);
        json.WriteNumber("tokensPerStep", study.TokensPerStep);
        json.WriteStartArray("routes");
        foreach (var route in study.Routes) Route(json, route, study.Network.Sites);
        json.WriteEndArray();
        EvaluationJson.Range(json, "capital_USD", plan.Capital);
        EvaluationJson.Range(json, "yearly_USD", plan.Yearly);
        json.WriteNumber("power_W", plan.Power.Watts);
        json.WriteStartArray("methods");
        foreach (var method in plan.Methods) Method(json, method);
        json.WriteEndArray();
    }

    /// <summary>Writes what all sites are together.</summary>
    internal static void Together(Utf8JsonWriter json, SitesTogether together)
    {
        json.WriteNumber("accelerators", together.Accelerators);
        if (together.Method is { } method) json.WriteString("method", method.Method.Name);
        if (together.EffectiveTokensPerSecond is { } tokens) json.WriteNumber("effectiveTokensPerSecond", tokens);
        if (together.Failures is { } failures) json.WriteNumber("effectiveShare", failures.Effective);
        json.WriteNumber("allPowerInUse_kW", together.Power.InUse.Kilowatts);
        json.WriteNumber("allPowerProvisioned_kW", together.Power.Provisioned.Kilowatts);
    }

    static void Route(Utf8JsonWriter json, RoutePlan route, IReadOnlyList<string> sites)
    {
        json.WriteStartObject();
        json.WriteString("name", route.Name);
        json.WriteString("from", sites[route.From]);
        json.WriteString("to", sites[route.To]);
        json.WriteString("fibre", route.Fibre.Key);
        json.WriteNumber("length_km", route.Length.Kilometers);
        json.WriteNumber("bandwidth_Gbps", route.Bandwidth.GigabitsPerSecond);
        json.WriteNumber("delay_s", route.Delay.Seconds);
        json.WriteNumber("roundTrip_s", route.RoundTrip.Seconds);
        json.WriteNumber("onTheWay_B", route.OnTheWay.Bytes);
        json.WriteNumber("availability", route.Availability);
        json.WriteNumber("power_W", route.Power.Watts);
        EvaluationJson.Range(json, "capital_USD", route.Capital);
        EvaluationJson.Range(json, "yearly_USD", route.Yearly);
        if (route.Unpriced.Count > 0) EvaluationJson.Texts(json, "unpriced", route.Unpriced);
        if (route.Line is { } line) Line(json, line);
        if (route.Waves is { } waves)
        {
            json.WriteStartObject("waves");
            json.WriteNumber("count", waves.Count);
            json.WriteNumber("rate_Gbps", waves.Rate.GigabitsPerSecond);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    static void Line(Utf8JsonWriter json, LineDesign line)
    {
        json.WriteStartObject("line");
        json.WriteString("module", line.Mode.Name);
        json.WriteNumber("spans", line.Spans);
        json.WriteNumber("span_km", line.SpanLength.Kilometers);
        json.WriteNumber("sections", line.Sections);
        json.WriteNumber("pairs", line.Pairs);
        json.WriteNumber("channels", line.Channels);
        json.WriteNumber("channelsOfPair", line.ChannelsOfPair);
        json.WriteNumber("pairCapacity_Gbps", line.PairCapacity.GigabitsPerSecond);
        json.WriteNumber("margin_dB", line.Verdict.Margin.Si);
        json.WriteNumber("launch_dBm", line.Verdict.Launch.Si);
        json.WriteNumber("gsnr_dB", line.Verdict.Worst.Quality.Gsnr.Si);
        json.WriteNumber("transceivers", line.Transceivers);
        json.WriteNumber("amplifiers", line.Amplifiers);
        json.WriteNumber("huts", line.Huts);
        json.WriteEndObject();
    }

    static void Method(Utf8JsonWriter json, MethodPlan method)
    {
        json.WriteStartObject();
        json.WriteString("method", method.Method.Name);
        json.WriteString("title", method.Method.Title);
        json.WriteBoolean("sameSums", method.SameSums);
        if (method.Broken is { } broken) json.WriteString("leftOut", broken);
        if (method.Forecast is { } forecast)
        {
            json.WriteNumber("step_s", forecast.Step.Seconds);
            json.WriteNumber("utilisation", forecast.Utilisation);
            json.WriteNumber("tokensPerSecond", method.TokensPerSecond);
            json.WriteNumber("sentPerStep_B", forecast.Sent.Bytes);
            json.WriteNumber("mean_Gbps", forecast.Mean.GigabitsPerSecond);
            json.WriteBoolean("routesTogether", method.Together);
        }
        json.WriteString("publishedPrice", method.Method.PublishedPrice);
        json.WriteEndObject();
    }

    static void Split(Utf8JsonWriter json, SiteSplit split)
    {
        json.WriteStartObject();
        json.WriteString("split", split.Name);
        json.WriteStartArray("accelerators");
        foreach (var count in split.Accelerators) json.WriteNumberValue(count);
        json.WriteEndArray();
        if (split.Reason is { } reason) json.WriteString("leftOut", reason);
        else json.WriteNumber("tokensPerSecond", split.TokensPerSecond);
        if (split.Exact is { } exact) json.WriteString("method", exact.Method.Name);
        if (split.Fastest is { } fastest)
        {
            json.WriteString("fastestMethod", fastest.Method.Name);
            json.WriteNumber("fastestTokensPerSecond", fastest.TokensPerSecond);
        }
        json.WriteEndObject();
    }

    static void Fibres(Utf8JsonWriter json, FibreComparison fibres)
    {
        json.WriteStartObject("onOtherFibre");
        json.WriteString("fibre", fibres.Fibre.Key);
        if (fibres.Reason is { } reason) json.WriteString("leftOut", reason);
        json.WriteStartArray("routes");
        for (var i = 0; i < fibres.Other.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("name", fibres.Own[i].Plan.Name);
            json.WriteNumber("delay_s", fibres.Other[i].Plan.Delay.Seconds);
            json.WriteNumber("saved_s", (fibres.Own[i].Plan.Delay - fibres.Other[i].Plan.Delay).Seconds);
            if (fibres.Own[i].FewestSpans is { } own) json.WriteNumber("fewestSpansOfOwn", own);
            if (fibres.Other[i].FewestSpans is { } spans) json.WriteNumber("fewestSpans", spans);
            if (fibres.Own[i].Reach is { } was) json.WriteNumber("reachOfOwn_km", was.Reach.Kilometers);
            if (fibres.Other[i].Reach is { } reach) json.WriteNumber("reach_km", reach.Reach.Kilometers);
            EvaluationJson.Range(json, "capital_USD", fibres.Other[i].Plan.Capital);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("methods");
        foreach (var method in fibres.Plan?.Methods ?? []) Method(json, method);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Failures(Utf8JsonWriter json, SitesPlan plan, SiteFailures failures)
    {
        json.WriteStartObject("failures");
        json.WriteNumber("shareBeyond", failures.Beyond);
        json.WriteNumber("countsAlone_s", failures.Alone.Seconds);
        json.WriteStartArray("methods");
        foreach (var method in plan.Methods.Where(m => m.Forecast is not null))
        {
            json.WriteStartObject();
            json.WriteString("method", method.Method.Name);
            json.WriteNumber("rateKept", failures.Kept(method.Method.Name));
            json.WriteNumber("progresses", failures.Progresses(method.Method.Name));
            var share = SitesTogether.ReliabilityOf(plan, failures, method).Forecast().Effective;
            json.WriteNumber("effectiveShare", share);
            json.WriteNumber("effectiveTokensPerSecond", method.TokensPerSecond * share);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("states");
        foreach (var state in failures.States)
        {
            json.WriteStartObject();
            EvaluationJson.Texts(json, "down", state.Down);
            json.WriteNumber("share", state.Share);
            EvaluationJson.Texts(json, "going", state.Going);
            json.WriteStartObject("rateKept");
            foreach (var left in state.Left) json.WriteNumber(left.Method.Name, left.Kept);
            json.WriteEndObject();
            json.WriteStartObject("rateWhileAlone");
            foreach (var left in state.Left) json.WriteNumber(left.Method.Name, left.Alone);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
