using System.Text.Json;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Cli;

/// <summary>Prints what <c>train sites</c> found.</summary>
static class SitesReport
{
    public static void Write(TextWriter output, SitesAnswer answer)
    {
        var (report, study) = (new TextReport(output), answer.Study);
        var (work, network) = (study.Work, study.Network);
        report.Title($"{study.Name}: one job over {network.Sites.Count} sites");
        report.Say($"{study.Model.Name}, {work.Parameters / 1e9:0.##} B parameters in {work.Layers} layers; a step of one site {work.Step.ToString("G4")}" +
            (study.TokensPerStep > 0 ? $", {study.TokensPerStep / 1e6:0.##} M tokens of all sites." : "."));
        report.Say($"Sums pass {string.Join(" - ", network.Ring.Sites.Append(network.Ring.Sites[0]).Select(s => network.Sites[s]))}: {Rate(network.Ring.Bandwidth)} in each direction, " +
            $"one way {string.Join(", ", network.Ring.Hops.Select(Short))}.");

        var able = answer.Methods.Where(m => m.Here is not null).ToList();
        report.Heading("At these bandwidths");
        report.Table(["method", ">sent a step", ">on the mean", ">in a burst", ">exposed a step", ">utilisation"], able.Select(m => new[]
        {
            m.Method.Title, m.Here!.Sent.ToString("G3"), Rate(m.Here.Mean), m.Here.Burst.ToString("G3"), Short(m.Here.Exposed), EvaluationReport.Tenths(m.Here.Utilisation),
        }));
        foreach (var method in able.Where(m => m.Here!.Note is not null)) report.Say($"- {method.Method.Name}: {method.Here!.Note}.", 2);
        foreach (var method in answer.Methods.Where(m => m.Broken is not null)) report.Say($"- {method.Method.Name} is left out: {method.Broken}.", 2);
        if (able.Count == 0) return;

        report.Heading("Bandwidth that each route needs for a utilisation");
        report.Table(["method", .. SitesAnswer.Targets.Select(t => $">{100 * t:0} %")], able.Select(m =>
            (IReadOnlyList<string>)[m.Method.Name, .. m.Needs.Select(n => n is { } need ? Rate(need) : "never")]));
        if (able.Any(m => m.Needs.Any(n => n is null))) report.Say("never: delays, or the bubble of more stages, keep it below at any bandwidth.");

        report.Heading("Utilisation against bandwidth of each route");
        var printed = Enumerable.Range(0, answer.Sweep.Count).Where(i => i % SitesAnswer.PrintedStep == 0).ToList();
        report.Table(["method", .. printed.Select(i => $">{Rate(answer.Sweep[i])}")], able.Select(m =>
            (IReadOnlyList<string>)[m.Method.Name, .. printed.Select(i => EvaluationReport.Tenths(m.Swept[i]))]));

        report.Heading($"Utilisation against length of each route ({study.Fibre.Key}), at these bandwidths");
        report.Table(["method", .. SitesAnswer.Distances.Select(d => $">{d.Kilometers:N0} km")], able.Select(m =>
            (IReadOnlyList<string>)[m.Method.Name, .. m.Apart.Select(s => EvaluationReport.Tenths(s))]));

        report.Heading("Where to split");
        foreach (var line in Verdicts(answer, able)) report.Say(line);

        var extra = able.SelectMany(m => m.Method.Memory(work), (m, memory) => new[]
        {
            m.Method.Name, memory.What, memory.Size.ToString("G3"), memory.Offloadable ? "accelerators or hosts" : "accelerators",
        }).ToList();
        if (extra.Count > 0)
        {
            report.Heading("Memory beside one site's training, of a whole site");
            report.Table(["method", "for", ">memory", "where"], extra);
        }

        report.Heading("What is published about the price in quality");
        report.Table(["method", "published", "source"], able.Select(m => new[] { m.Method.Name, m.Method.PublishedPrice, m.Method.Source }));

        report.Heading("Assumed");
        foreach (var assumption in study.Assumptions) report.Say($"- {assumption}", 2);
    }

    static IEnumerable<string> Verdicts(SitesAnswer answer, List<MethodAnswer> able)
    {
        var exact = able.Where(m => m.Method is PipelineAcrossSites or SynchronousDataParallel).ToList();
        if (exact.Count > 0)
        {
            var best = exact.MaxBy(m => m.Here!.Utilisation)!;
            yield return $"Same sums as in one site: {best.Method.Name}, {EvaluationReport.Tenths(best.Here!.Utilisation)}.";
        }
        var local = able.Except(exact).ToList();
        if (local.Count > 0)
        {
            var best = local.MaxBy(m => m.Here!.Utilisation)!;
            yield return $"With local steps: {best.Method.Name}, {EvaluationReport.Tenths(best.Here!.Utilisation)}, at the price that is published below.";
        }
        if (exact.Count < 2) yield break;
        // Where the two exact ways change places.
        var (first, second) = (exact[0], exact[1]);
        for (var i = 1; i < answer.Sweep.Count; i++)
        {
            var (before, after) = (first.Swept[i - 1] - second.Swept[i - 1], first.Swept[i] - second.Swept[i]);
            if (before * after >= 0) continue;
            yield return $"From about {Rate(answer.Sweep[i])} on {(after > 0 ? first : second).Method.Name} is ahead of {(after > 0 ? second : first).Method.Name}.";
        }
    }

    // Three digits, and nothing for what is left of sums that cancel.
    static string Short(Duration time) => (time.Seconds < 1e-9 ? Duration.Zero : time).ToString("G3");

    static string Rate(Bandwidth rate) => double.IsInfinity(rate.BitsPerSecond) ? "any" : rate.ToString("G3");

    public static string Json(SitesAnswer answer)
    {
        return EvaluationJson.Text(json =>
        {
            var (study, network) = (answer.Study, answer.Study.Network);
            json.WriteStartObject();
            json.WriteString("name", study.Name);
            json.WriteString("model", study.Model.Key);
            json.WriteNumber("parameters", study.Work.Parameters);
            json.WriteNumber("layers", study.Work.Layers);
            json.WriteNumber("siteStep_s", study.Work.Step.Seconds);
            json.WriteNumber("tokensPerStep", study.TokensPerStep);
            EvaluationJson.Texts(json, "sites", network.Sites);
            Order(json, "ring", network, network.Ring);
            Order(json, "chain", network, network.Chain);
            json.WriteStartArray("bandwidths_Gbps");
            foreach (var bandwidth in answer.Sweep) json.WriteNumberValue(bandwidth.GigabitsPerSecond);
            json.WriteEndArray();
            json.WriteStartArray("lengths_km");
            foreach (var length in SitesAnswer.Distances) json.WriteNumberValue(length.Kilometers);
            json.WriteEndArray();
            json.WriteStartArray("methods");
            foreach (var method in answer.Methods) Method(json, method, study.Work);
            json.WriteEndArray();
            json.WriteStartArray("assumptions");
            foreach (var assumption in study.Assumptions) json.WriteStringValue(assumption);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static void Order(Utf8JsonWriter json, string name, SiteNetwork network, SiteOrder order)
    {
        json.WriteStartObject(name);
        json.WriteStartArray("sites");
        foreach (var site in order.Sites) json.WriteStringValue(network.Sites[site]);
        json.WriteEndArray();
        json.WriteStartArray("hops_s");
        foreach (var hop in order.Hops) json.WriteNumberValue(hop.Seconds);
        json.WriteEndArray();
        json.WriteNumber("bandwidth_Gbps", order.Bandwidth.GigabitsPerSecond);
        json.WriteEndObject();
    }

    static void Method(Utf8JsonWriter json, MethodAnswer answer, SiteWork work)
    {
        json.WriteStartObject();
        json.WriteString("method", answer.Method.Name);
        json.WriteString("title", answer.Method.Title);
        json.WriteString("source", answer.Method.Source);
        json.WriteString("publishedPrice", answer.Method.PublishedPrice);
        if (answer.Broken is not null) json.WriteString("leftOut", answer.Broken);
        if (answer.Here is { } here)
        {
            json.WriteNumber("step_s", here.Step.Seconds);
            json.WriteNumber("exposed_s", here.Exposed.Seconds);
            json.WriteNumber("utilisation", here.Utilisation);
            json.WriteNumber("sentPerStep_B", here.Sent.Bytes);
            json.WriteNumber("burst_B", here.Burst.Bytes);
            json.WriteNumber("mean_Gbps", here.Mean.GigabitsPerSecond);
            if (here.Note is not null) json.WriteString("note", here.Note);
            json.WriteStartArray("needs");
            for (var i = 0; i < answer.Needs.Count; i++)
            {
                json.WriteStartObject();
                json.WriteNumber("utilisation", SitesAnswer.Targets[i]);
                if (answer.Needs[i] is { } need) json.WriteNumber("bandwidth_Gbps", need.GigabitsPerSecond);
                else json.WriteNull("bandwidth_Gbps");
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("utilisations");
            foreach (var share in answer.Swept) json.WriteNumberValue(share);
            json.WriteEndArray();
            json.WriteStartArray("utilisationsAtLengths");
            foreach (var share in answer.Apart) json.WriteNumberValue(share);
            json.WriteEndArray();
            json.WriteStartArray("extraMemory");
            foreach (var memory in answer.Method.Memory(work))
            {
                json.WriteStartObject();
                json.WriteString("for", memory.What);
                json.WriteNumber("size_B", memory.Size.Bytes);
                json.WriteBoolean("offloadable", memory.Offloadable);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
