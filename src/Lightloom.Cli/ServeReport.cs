using Lightloom.Planning.Serving;
using Lightloom.Quantities;
using Lightloom.Workloads.Serving;
using static Lightloom.Cli.EvaluationReport;

namespace Lightloom.Cli;

/// <summary>Prints what <c>serve</c> found.</summary>
static class ServeReport
{
    public static void Write(TextReport report, ServingStudy study)
    {
        var section = study.Section;
        report.Title($"{study.Name}: serving {section.Model.Key}");
        report.Say($"Prompts of {section.Prompt:N0} and answers of {section.Output:N0} tokens on the mean{(section.LengthVariation > 0 ? $", lengths varying by {Percent(section.LengthVariation)}" : "")}; {study.Accelerators:N0} accelerators.");
        if (study.System is not { } system)
        {
            report.Say($"Nothing is served: {study.Problem}.");
            return;
        }
        Verdict(report, study);
        Copies(report, study, system);
        Answers(report, study);
        Step(report, study, system);
        report.Heading("Against load");
        report.Table([">requests/s", ">of the limit", ">first token", ">waiting", ">per token", ">in work a copy", ">tokens/s an accelerator"], study.Curve.Select(p => new[]
        {
            Number(p.RequestsPerSecond, 4), Percent(p.RequestsPerSecond / study.Limit.RequestsPerSecond), Time(p.FirstToken, "G3"), Time(p.Wait, "G3"), Time(p.PerToken, "G3"),
            Number(p.Batch, 3) + (p.Holds ? "" : " *"), Number(p.RequestsPerSecond * section.Output / study.Accelerators, 3),
        }));
        if (study.Curve.Any(p => !p.Holds)) report.Say("* Requests may also wait for a place for their keys and values, which the closed form leaves out: there the simulation is the one to believe.");
    }

    static void Verdict(TextReport report, ServingStudy study)
    {
        var (rate, limit, largest) = (study.RequestsPerSecond, study.Limit, study.Largest);
        if (!study.Answer.IsStable && largest.RequestsPerSecond > 0 && rate > 0)
            report.Say($"At {Number(rate, 4)} requests/s it makes no progress: the queue grows without bound. It takes at most {Number(limit.RequestsPerSecond, 4)} requests/s, set by {limit.Binds}.");
        else if (largest.RequestsPerSecond == 0)
            report.Say($"No rate keeps the objectives: a request that comes alone already misses the {largest.Binds} ({Objectives(study)}).");
        else
            report.Say($"At {Number(rate, 4)} requests/s the first token comes after {study.Answer.FirstToken.ToString("G3")}, each further one after {study.Answer.PerToken.ToString("G3")}; " +
                $"{Number(study.TokensPerSecondPerAccelerator, 4)} tokens/s of answers an accelerator.");
        if (largest.RequestsPerSecond <= 0) return;
        report.Say(study.Section.Objectives is { FirstToken: null, PerToken: null }
            ? $"The largest rate is {Number(limit.RequestsPerSecond, 4)} requests/s, set by {limit.Binds}."
            : $"The largest rate that keeps the objectives ({Objectives(study)}) is {Number(largest.RequestsPerSecond, 4)} requests/s, set by the {largest.Binds}; beyond {Number(limit.RequestsPerSecond, 4)} requests/s the queue grows without bound, by {limit.Binds}.");
        if (study.Answer.IsStable && rate > largest.RequestsPerSecond * (1 + 1e-9)) report.Say("The rate misses the objectives.");
    }

    static string Objectives(ServingStudy study) => string.Join(", ", new[]
    {
        study.Section.Objectives.FirstToken is { } first ? $"first token within {first.ToString("G3")}" : "",
        study.Section.Objectives.PerToken is { } each ? $"each further one within {each.ToString("G3")}" : "",
    }.Where(t => t.Length > 0));

    static void Copies(TextReport report, ServingStudy study, ServingSystem system)
    {
        report.Heading("Copies of the model");
        var rows = new List<string[]> { Row(system.Prefill is null ? "prompts and answers" : "answers", system.Decode.Replica, system.Copies) };
        if (system.Prefill is { } prefill) rows.Insert(0, Row("prompts", prefill.Replica, system.PrefillCopies));
        report.Table(["pool", ">copies", ">accelerators each", ">tensor", ">expert", ">weights an accelerator"], rows);
        report.Say($"A token's keys and values take {Quantity.Round(system.Decode.Replica.CacheOf(1).Bytes / 1000, 4)} kB; {system.CacheRoom.Gigabytes:0.0} GB of an accelerator are left for them, so that {system.MostSequences:N0} sequences of mean length fit a copy.");
        if (system.Prefill is not null)
            report.Say($"Keys and values of a prompt go from one pool to the other in {system.TransferOf(study.Section.Prompt).ToString("G3")}.");

        static string[] Row(string name, ServingReplica copy, int copies) =>
            [name, $"{copies:N0}", $"{copy.Accelerators:N0}", $"{copy.Tensor}", $"{copy.Expert}", $"{copy.Weights.Gigabytes:0.0} GB"];
    }

    static void Answers(TextReport report, ServingStudy study)
    {
        report.Heading("Times");
        var (alone, answer) = (study.Alone, study.Answer);
        var rows = new List<string[]>
        {
            new[] { "a request alone", Time(alone.FirstToken, "G3"), "", Time(alone.PerToken, "G3"), "" },
            new[] { $"{Number(study.RequestsPerSecond, 4)} requests/s, closed form", Time(answer.FirstToken, "G3"), "", Time(answer.PerToken, "G3"), "" },
        };
        if (study.Simulated is { } played)
            rows.Add([$"simulated, {played.Requests:N0} requests", played.FirstToken.ToString("G3"), played.FirstTokenAt(0.99).ToString("G3"), played.PerToken.ToString("G3"), played.PerTokenAt(0.99).ToString("G3")]);
        report.Table(["", ">first token", ">99 % within", ">per token", ">99 % within"], rows);
    }

    static void Step(TextReport report, ServingStudy study, ServingSystem system)
    {
        var batch = Math.Max(1, study.Answer.Batch);
        var step = system.Step(batch);
        report.Heading($"A step that decodes {Number(batch, 3)} sequences a copy: {step.Total.ToString("G3")}");
        report.Table(["", ">time", ">share"], new[]
        {
            ("memory bandwidth", step.Memory), ("compute", step.Compute), ("network", step.Network), ("launches", step.Launch),
        }.Select(p => new[] { p.Item1, p.Item2.ToString("G3"), Percent(p.Item2.Seconds / step.Total.Seconds) }));
        report.Say($"What binds a step is {step.Binds}.");
    }
}
