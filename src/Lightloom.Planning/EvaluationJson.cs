using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Planning.Costs;
using Lightloom.Planning.MultiSite;
using Lightloom.Workloads;

namespace Lightloom.Planning;

/// <summary>
/// An evaluation as JSON. The shape is a contract, described in docs/json.md: units stand in the fields' names, ranges are
/// objects of value, low and high, shares are numbers from 0 to 1, and what has no value is left out.
/// </summary>
public static class EvaluationJson
{
    /// <summary>How reports are written: indented, with the field's own letters.</summary>
    static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an evaluation.</summary>
    public static string Write(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return Text(json =>
        {
            json.WriteStartObject();
            Head(json, evaluation);
            Fabric(json, evaluation);
            Links(json, evaluation);
            if (evaluation.Outcome is { } outcome)
            {
                Step(json, evaluation, outcome.Step);
                Goodput(json, evaluation, outcome);
            }
            Power(json, evaluation.Power);
            Energy(json, OpticalEnergy.Of(evaluation));
            Cost(json, evaluation);
            if (evaluation.Ledger is { } ledger) Ledger(json, ledger);
            if (evaluation.Sites is { } sites)
            {
                json.WriteStartObject("overSites");
                SitesJson.Plan(json, sites);
                SitesJson.Together(json, evaluation.Together!);
                json.WriteEndObject();
            }
            FindingsOf(json, evaluation);
            if (evaluation.Accuracy is { } accuracy) Accuracy(json, accuracy);
            json.WriteEndObject();
        });
    }

    /// <summary>The text of what is written, as every report's JSON is laid out.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options)) write(json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    static void Head(Utf8JsonWriter json, Evaluation evaluation)
    {
        json.WriteNumber("lightloom", 1);
        json.WriteString("id", evaluation.Id);
        json.WriteString("modelVersion", Evaluation.ModelVersion);
        json.WriteString("name", evaluation.Build.Document.Design.Name);
        json.WriteString("designHash", evaluation.Build.Document.Hash);
    }

    static void Fabric(Utf8JsonWriter json, Evaluation evaluation)
    {
        var (plan, floor) = (evaluation.Build.Plan, evaluation.Build.Floor);
        json.WriteStartObject("fabric");
        json.WriteString("topology", plan.Topology);
        json.WriteString("protocol", evaluation.Build.Protocol.Key);
        json.WriteString("loadBalancing", evaluation.Build.Protocol.LoadBalancing.Key);
        json.WriteString("system", plan.Request.System.Key);
        json.WriteNumber("systems", plan.Request.Systems);
        json.WriteString("accelerator", plan.Request.System.Accelerator.Key);
        json.WriteNumber("accelerators", plan.AcceleratorCount);
        json.WriteNumber("switches", plan.SwitchCount);
        json.WriteNumber("bisectionShare", plan.BisectionShare.Si);
        json.WriteNumber("diameter_hops", plan.Diameter);
        json.WriteStartArray("tiers");
        foreach (var tier in plan.Tiers)
        {
            json.WriteStartObject();
            json.WriteString("name", tier.Name);
            json.WriteString("switch", tier.Switch.Key);
            json.WriteNumber("count", tier.Count);
            json.WriteNumber("portsDown", tier.PortsDown);
            json.WriteNumber("portsUp", tier.PortsUp);
            json.WriteNumber("radix", tier.Radix);
            json.WriteNumber("unusedPorts", tier.UnusedPorts);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("locality");
        for (var l = 0; l < plan.Locality.Count; l++)
        {
            var level = plan.Locality[l];
            json.WriteStartObject();
            json.WriteString("name", level.Name);
            json.WriteNumber("accelerators", level.Accelerators);
            json.WriteNumber("bandwidthPerAccelerator_GBps", level.Bandwidth.GigabytesPerSecond);
            json.WriteNumber("switchHops", level.SwitchHops);
            if (evaluation.Build.Balance.Levels[l].Stages.Count > 0)
            {
                var balance = evaluation.Build.Balance.Share(l);
                json.WriteNumber("balance_share", balance.Expected);
                json.WriteNumber("balanceIn95Of100_share", balance.AtLeast95);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("floor");
        json.WriteNumber("rows", floor.Rows);
        json.WriteNumber("racksPerRow", floor.RacksPerRow);
        json.WriteNumber("systemRacks", floor.SystemRacks);
        json.WriteNumber("networkRacks", floor.NetworkRacks);
        json.WriteNumber("systemRackPower_kW", floor.SystemRackPower.Kilowatts);
        json.WriteNumber("area_m2", floor.AreaInSquareMeters);
        json.WriteEndObject();
    }

    static void Links(Utf8JsonWriter json, Evaluation evaluation)
    {
        json.WriteStartArray("links");
        foreach (var summary in evaluation.Build.Links)
        {
            json.WriteStartObject();
            json.WriteString("class", summary.Class.Name);
            json.WriteNumber("count", summary.Class.Count);
            json.WriteNumber("rate_Gbps", summary.Class.Rate.GigabitsPerSecond);
            json.WriteNumber("open", summary.Open);
            Finite(json, "worstMargin_dB", summary.WorstMargin.Si);
            json.WriteStartObject("run_m");
            json.WriteNumber("shortest", summary.Shortest.Meters);
            json.WriteNumber("mean", summary.Mean.Meters);
            json.WriteNumber("longest", summary.Longest.Meters);
            json.WriteEndObject();
            json.WriteNumber("power_W", summary.Power.Watts);
            json.WriteNumber("latency_ns", summary.Latency.Nanoseconds);
            json.WriteNumber("failures_perYear", summary.Failures.PerYear);
            json.WriteNumber("flaps_perYear", summary.Flaps.PerYear);
            Range(json, "electronics_USD", summary.Electronics);
            Range(json, "plant_USD", summary.Plant);
            json.WriteStartArray("groups");
            foreach (var group in summary.Groups) Group(json, group);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Group(Utf8JsonWriter json, LinkGroup group)
    {
        var link = group.Link;
        json.WriteStartObject();
        json.WriteString("medium", link.Name);
        json.WriteNumber("count", group.Count);
        json.WriteNumber("length_m", link.PurchasableLength.Meters);
        json.WriteBoolean("closes", link.Closes);
        if (link.Reason is { } reason) json.WriteString("reason", reason);
        if (link.Mend is { } mend) json.WriteString("mend", mend);
        if (link.Class != MediaClasses.None)
        {
            Finite(json, "margin_dB", link.Margin.Si);
            Finite(json, "worstCaseMargin_dB", link.WorstMargin.Si);
        }
        json.WriteStartArray("budget");
        foreach (var term in link.Waterfall)
        {
            json.WriteStartObject();
            json.WriteString("term", term.Name);
            json.WriteNumber("change_dB", term.Change.Si);
            json.WriteNumber("left_dB", term.Cumulative.Si);
            json.WriteString("grade", DocumentShape.NameOf(term.Grade));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("power_W", link.Power.Watts);
        json.WriteNumber("energy_pJPerBit", link.EnergyPerBit.PicojoulesPerBit);
        json.WriteNumber("energyWithHost_pJPerBit", link.EnergyPerBitWithHost.PicojoulesPerBit);
        json.WriteNumber("propagation_ns", link.Latency.Propagation.Nanoseconds);
        json.WriteNumber("modules_ns", link.Latency.Modules.Nanoseconds);
        json.WriteNumber("fec_ns", link.Latency.Fec.Nanoseconds);
        json.WriteNumber("preFecBer", link.Errors.PreFecBer);
        json.WriteNumber("frameLoss", link.Errors.FrameLoss);
        json.WriteNumber("failures_FIT", link.FailureRate.Fit);
        json.WriteNumber("price_USD", link.Price.Value.Dollars);
        json.WriteEndObject();
    }

    static void Step(Utf8JsonWriter json, Evaluation evaluation, TrainingStep step)
    {
        var job = step.Job;
        var p = job.Parallelism;
        json.WriteStartObject("job");
        json.WriteString("model", job.Model.Model.Key);
        json.WriteNumber("parameters", job.Model.Parameters);
        json.WriteNumber("activeParameters", job.Model.ActiveParameters);
        json.WriteNumber("sequence", job.Sequence);
        json.WriteNumber("globalBatch", job.GlobalBatch);
        json.WriteString("precision", DocumentShape.NameOf(job.Precision));
        json.WriteNumber("accelerators", job.Accelerators);
        json.WriteNumber("tensor", p.Tensor);
        json.WriteNumber("context", p.Context);
        json.WriteNumber("expert", p.Expert);
        json.WriteNumber("pipeline", p.Pipeline);
        json.WriteNumber("interleave", step.Interleave);
        json.WriteString("schedule", DocumentShape.NameOf(step.Pipeline.Kind));
        json.WriteNumber("data", job.DataParallel);
        json.WriteNumber("microBatch", p.MicroBatch);
        json.WriteNumber("microBatches", job.MicroBatches);
        json.WriteString("sharding", DocumentShape.NameOf(p.Sharding));
        json.WriteString("recompute", DocumentShape.NameOf(step.Recompute));
        json.WriteEndObject();

        json.WriteStartObject("step");
        json.WriteNumber("time_s", step.Time.Seconds);
        if (evaluation.Accuracy is { } accuracy)
        {
            json.WriteNumber("timeLow_s", step.Time.Seconds * (1 - accuracy.Band));
            json.WriteNumber("timeHigh_s", step.Time.Seconds * (1 + accuracy.Band));
        }
        json.WriteNumber("tokensPerSecond", step.TokensPerSecond);
        json.WriteNumber("model_TFLOPsPerAccelerator", step.RatePerAccelerator(FlopConvention.Model).Teraflops);
        json.WriteNumber("modelFullAttention_TFLOPsPerAccelerator", step.RatePerAccelerator(FlopConvention.ModelFullAttention).Teraflops);
        json.WriteNumber("sixTimesParameters_TFLOPsPerAccelerator", step.RatePerAccelerator(FlopConvention.SixTimesParameters).Teraflops);
        json.WriteNumber("exposedCommunication_s", step.ExposedCommunication.Seconds);
        json.WriteStartObject("parts_s");
        for (var i = 0; i < TrainingStep.PartCount; i++) json.WriteNumber(StepParts.Key((StepPart)i), step[(StepPart)i].Seconds);
        json.WriteEndObject();
        var m = step.Memory;
        json.WriteStartObject("memory_GB");
        json.WriteNumber("capacity", evaluation.Operation!.Capacity.Gigabytes);
        json.WriteNumber("total", m.Total.Gigabytes);
        json.WriteNumber("weights", m.Weights.Gigabytes);
        json.WriteNumber("gradients", m.Gradients.Gigabytes);
        json.WriteNumber("optimizer", m.Optimizer.Gigabytes);
        json.WriteNumber("activations", m.Activations.Gigabytes);
        json.WriteNumber("temporary", m.Working.Gigabytes);
        json.WriteNumber("runtime", m.Runtime.Gigabytes);
        json.WriteEndObject();
        json.WriteNumber("memoryStage", m.Stage);
        json.WriteEndObject();
    }

    static void Goodput(Utf8JsonWriter json, Evaluation evaluation, Outcome outcome)
    {
        var g = outcome.Goodput;
        json.WriteStartObject("goodput");
        Finite(json, "interruptionMeanTime_h", g.Interruptions.MeanTime.Hours);
        json.WriteNumber("checkpointWrite_s", g.CheckpointWrite.Seconds);
        json.WriteNumber("checkpointInterval_s", g.CheckpointInterval.Seconds);
        json.WriteNumber("recovery_s", g.Recovery.Seconds);
        json.WriteNumber("stalledShare", g.Stalled);
        json.WriteNumber("effectiveShare", g.EffectiveShare);
        json.WriteNumber("effectiveTokensPerSecond", outcome.EffectiveTokensPerSecond);
        json.WriteStartArray("interruptions");
        foreach (var source in evaluation.Operation!.Interruptions(new()))
        {
            json.WriteStartObject();
            json.WriteString("source", source.Name);
            json.WriteNumber("parts", source.Count);
            json.WriteNumber("rate_perYear", source.Total.PerYear);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Power(Utf8JsonWriter json, PowerUse power)
    {
        json.WriteStartObject("power");
        json.WriteNumber("inUse_kW", power.InUse.Kilowatts);
        json.WriteNumber("provisioned_kW", power.Provisioned.Kilowatts);
        json.WriteStartArray("components");
        foreach (var item in power.Items)
        {
            json.WriteStartObject();
            json.WriteString("name", item.Name);
            json.WriteString("layer", DocumentShape.NameOf(item.Layer));
            json.WriteNumber("inUse_kW", item.InUse.Kilowatts);
            json.WriteNumber("provisioned_kW", item.Provisioned.Kilowatts);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Energy(Utf8JsonWriter json, OpticalEnergy energy)
    {
        json.WriteStartObject("opticalEnergy");
        json.WriteNumber("power_kW", energy.Power.Kilowatts);
        json.WriteNumber("ofCluster_share", energy.ShareOfCluster.Si);
        json.WriteNumber("perAccelerator_W", energy.PerAccelerator.Watts);
        json.WriteStartArray("links");
        foreach (var link in energy.Links)
        {
            json.WriteStartObject();
            json.WriteString("class", link.Links);
            json.WriteNumber("count", link.Count);
            json.WriteNumber("power_kW", link.Power.Kilowatts);
            json.WriteNumber("end_pJPerBit", link.PerEnd.PicojoulesPerBit);
            json.WriteNumber("link_pJPerBit", link.PerLink.PicojoulesPerBit);
            json.WriteNumber("linkWithHost_pJPerBit", link.PerLinkWithHost.PicojoulesPerBit);
            json.WriteNumber("ofCluster_share", link.ShareOfCluster.Si);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("boxes");
        foreach (var box in energy.Boxes)
        {
            json.WriteStartObject();
            json.WriteString("tier", box.Tier);
            json.WriteString("switch", box.Switch);
            json.WriteNumber("count", box.Count);
            json.WriteNumber("box_W", box.Box.Watts);
            json.WriteNumber("modules_W", box.Modules.Watts);
            if (box.PerBit is { } bit) json.WriteNumber("box_pJPerBit", bit.PicojoulesPerBit);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Cost(Utf8JsonWriter json, Evaluation evaluation)
    {
        var e = evaluation.Economics;
        json.WriteStartObject("cost");
        Range(json, "capital_USD", e.TotalCapital);
        Range(json, "yearly_USD", e.Yearly);
        Range(json, "yearlyCapital_USD", e.YearlyCapital);
        Range(json, "yearlyMaintenance_USD", e.YearlySupport);
        Range(json, "yearlyReplacements_USD", e.YearlyReplaced);
        Range(json, "yearlyEnergy_USD", e.YearlyEnergy);
        Range(json, "acceleratorHour_USD", e.PerAcceleratorHour);
        if (evaluation.MillionTokens is { } tokens) Range(json, "millionTokens_USD", tokens);
        if (e.TrainingRun is { } run) Range(json, "trainingRun_USD", run);
        if (e.Model.HasPricedRoutes)
        {
            Range(json, "yearlyLeased_USD", e.YearlyLeased);
            Range(json, "routesCapital_USD", e.RoutesCapital);
            Range(json, "routesYear_USD", e.RoutesYearly);
        }
        json.WriteNumber("networkOfCapital_share", e.NetworkShareOfCapital.Value);
        json.WriteNumber("networkOfYear_share", e.NetworkShareOfYear.Value);
        json.WriteString("weakestGrade", DocumentShape.NameOf(e.Yearly.Weakest));
        json.WriteStartArray("capital");
        foreach (var item in e.Capital)
        {
            json.WriteStartObject();
            json.WriteString("asset", DocumentShape.NameOf(item.Asset));
            json.WriteString("key", item.Key);
            json.WriteString("name", item.PartName);
            json.WriteNumber(item.Asset == AssetClass.Building ? "count_W" : "count", item.Count);
            json.WriteNumber("spares", item.Spares);
            Range(json, "price_USD", item.Price);
            json.WriteNumber("life_years", item.Life.Years);
            json.WriteString("weakestGrade", DocumentShape.NameOf(item.Price.Weakest));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("unpriced");
        foreach (var key in evaluation.Unpriced) json.WriteStringValue(key);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Ledger(Utf8JsonWriter json, BottleneckLedger ledger)
    {
        json.WriteStartObject("ledger");
        json.WriteNumber("bettered_share", BottleneckLedger.Step - 1);
        json.WriteString("verdict", ledger.Verdict);
        json.WriteStartArray("entries");
        foreach (var entry in ledger.Entries)
        {
            json.WriteStartObject();
            json.WriteString("resource", entry.Key);
            json.WriteString("layer", DocumentShape.NameOf(entry.Layer));
            json.WriteNumber("gain_share", entry.Gain);
            json.WriteNumber("gain_tokensPerSecond", entry.TokensPerSecond);
            if (entry.Cost is { } cost) json.WriteNumber("cost_USD", cost.Dollars);
            if (entry.CostPerTokenPerSecond is { } each) json.WriteNumber("cost_USDPerTokenPerSecond", each.Dollars);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void FindingsOf(Utf8JsonWriter json, Evaluation evaluation)
    {
        json.WriteStartArray("findings");
        foreach (var finding in evaluation.Findings)
        {
            json.WriteStartObject();
            json.WriteString("severity", DocumentShape.NameOf(finding.Severity));
            json.WriteString("subject", finding.Subject);
            json.WriteString("message", finding.Message);
            if (finding.Mend is { } mend) json.WriteString("mend", mend);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Accuracy(Utf8JsonWriter json, AccuracyStatement accuracy)
    {
        json.WriteStartObject("accuracy");
        json.WriteNumber("publishedSteps", accuracy.Rows);
        json.WriteNumber("medianError_share", accuracy.MedianError);
        json.WriteNumber("band_share", accuracy.Band);
        Texts(json, "outside", accuracy.Outside);
        json.WriteEndObject();
    }

    /// <summary>A field of several texts.</summary>
    public static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(texts);
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>A field of a price with its range.</summary>
    public static void Range(Utf8JsonWriter json, string name, CostRange price)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject(name);
        json.WriteNumber("value", price.Value.Dollars);
        json.WriteNumber("low", price.Low.Dollars);
        json.WriteNumber("high", price.High.Dollars);
        json.WriteEndObject();
    }

    // JSON has no infinity: the mean time between failures that never come, and the margin of a link that nothing fits, are left out.
    static void Finite(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
    }
}
