// What parallelism asks of the network.
//
//   C17   step of the same job with tensor degrees 1 to 32, everything else fixed; inside and beyond the scale-up domain
//   C18   step with ten times the latency of switches and links, and with half the bandwidth of cards, over the step as it is: for a job of many
//         pipeline stages, and for one whose experts are spread over many systems

using Lightloom.Catalog;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about parallelism; see the head of this file.</summary>
static class ParallelismClaims
{
    const double SlowLatency = 10, HalfBandwidth = 0.5;
    const double Tolerated = 0.05, Felt = 0.05;

    public static ClaimAnswer Tensor(ClaimContext context, Claim claim)
    {
        var document = context.Example("dragonfly-1k-h100");
        var design = document.Design with { Fabric = document.Design.Fabric with { Topology = "rail-optimized", Parameters = null } };
        var domain = design.Accelerators.System.Accelerators.Value;
        var runs = new List<(int Tensor, ClusterOperation Operation, TrainingStep Step)>();
        foreach (var tensor in (int[])[1, 2, 4, 8, 16, 32])
        {
            var evaluation = context.Evaluator.EvaluateBriefly(document.With(design with { Job = design.Job! with { Parallelism = design.Job.Parallelism with { Tensor = tensor } } }));
            runs.Add((tensor, evaluation.Operation!, evaluation.Outcome!.Value.Step));
        }
        var capacity = runs[0].Operation.Capacity;
        var inside = runs.Where(r => r.Tensor <= domain && r.Step.Memory.Total <= capacity).ToList();
        var best = inside.MinBy(r => r.Step.Time.Seconds);
        var beyond = runs.Where(r => r.Tensor > domain).ToList();
        var next = beyond[0];
        var pays = beyond.Any(r => r.Step.Time < best.Step.Time);
        // The bandwidth of cards at which twice the domain catches up with the whole of it.
        var whole = runs.First(r => r.Tensor == domain);
        var flip = Threshold.Of(1, 1000, factor => next.Operation.Run(new() { Nic = factor }).Step.Time <= whole.Operation.Run(new() { Nic = factor }).Step.Time, 1e-3);
        return new()
        {
            Claim = claim,
            Verdict = pays ? ClaimVerdict.DoesNotHold : ClaimVerdict.Holds,
            Reason = $"A step takes {best.Step.Time.ToString("G3")} with tensor degree {best.Tensor}, and {next.Step.Time.ToString("G3")} with {next.Tensor}, which leaves the domain of {domain}: " +
                $"{next.Step.Time / best.Step.Time:0.0} times as long, {100 * (next.Step[StepPart.TensorCommunication] / next.Step.Time):0} % of it tensor-parallel communication.",
            Figures =
            [
                .. runs.Select(r => new ClaimFigure($"step with tensor {r.Tensor}{(r.Step.Memory.Total > r.Operation.Capacity ? ", which does not fit the memory" : "")}", r.Step.Time.Seconds, "s")),
                .. runs.Select(r => new ClaimFigure($"tensor communication with tensor {r.Tensor}", 100 * (r.Step[StepPart.TensorCommunication] / r.Step.Time), "%")),
            ],
            On = [$"{design.Accelerators.Systems} of {design.Accelerators.System.Key}, rail-optimised, {design.Job!.Model.Name}"],
            Assumptions = ["pipeline, batch and microbatch fixed; no overlap of tensor-parallel communication; the model trained on published steps"],
            Flips = [new($"bandwidth of cards over 400 Gb/s, at which tensor {next.Tensor} is as fast as {domain}", flip, "x", flip is null ? "up to 1,000 times" : "from it on it pays beyond the domain")],
            Weakest = Grade.Estimate,
        };
    }

    sealed record Sensitivity(string Name, double Latency, double Bandwidth, ClusterOperation Operation, TrainingStep Step)
    {
        public bool Holds => Latency <= Tolerated && Bandwidth > Latency;

        public bool Needs => Bandwidth >= Felt;
    }

    static Sensitivity Of(ClaimContext context, DesignDocument document, Design design, string name)
    {
        var evaluation = context.Evaluator.EvaluateBriefly(document.With(design));
        var operation = evaluation.Operation!;
        var step = evaluation.Outcome!.Value.Step;
        double Slower(in Betterment better) => (operation.Run(better).Step.Time / step.Time) - 1;
        return new(name, Slower(new() { SwitchLatency = SlowLatency, LinkLatency = SlowLatency }), Slower(new() { Nic = HalfBandwidth }), operation, step);
    }

    public static ClaimAnswer PipelineAndExperts(ClaimContext context, Claim claim)
    {
        var document = context.Example("dragonfly-1k-h100");
        var design = document.Design with { Fabric = document.Design.Fabric with { Topology = "rail-optimized", Parameters = null } };
        var catalog = context.Catalog;
        var pipeline = Of(context, document, design with { Job = design.Job! with { Parallelism = new() { Tensor = 8, Pipeline = 16 } } }, "pipeline 16");
        var experts = Of(context, document, design with
        {
            Job = design.Job with
            {
                Model = catalog.Get<TransformerModel>("deepseek-v3"),
                Sequence = 4096,
                GlobalBatch = 4096,
                Parallelism = new() { Expert = 64, GradientBytes = 2 },
            },
        }, "experts over 64");
        List<Sensitivity> both = [pipeline, experts];
        var tolerant = both.All(s => s.Holds);
        var needy = both.Where(s => s.Needs).ToList();
        ClaimFlip Flip(Sensitivity s)
        {
            double? at = Threshold.Of(1, 1e5, f => s.Operation.Run(new() { SwitchLatency = f, LinkLatency = f }).Step.Time.Seconds <= s.Step.Time.Seconds * (1 + Tolerated), 1e-3);
            return new($"latency of switches and links, {s.Name}", at, "x", at is null ? "up to 100,000 times" : "from it on the step is more than 5 % slower");
        }
        return new()
        {
            Claim = claim,
            Verdict = tolerant && needy.Count == both.Count ? ClaimVerdict.Holds : tolerant && needy.Count > 0 ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = tolerant && needy.Count > 0 && needy.Count < both.Count ? $"experts are meant: {string.Join(" and ", both.Except(needy).Select(s => s.Name))} hardly feels bandwidth either" : "",
            Reason = string.Join(". ", both.Select(s => $"{char.ToUpperInvariant(s.Name[0])}{s.Name[1..]}: ten times the latency costs {100 * s.Latency:0.0} % of a step, half the bandwidth {100 * s.Bandwidth:0.0} %")) + ".",
            Figures =
            [
                .. both.Select(s => new ClaimFigure($"{s.Name}, ten times the latency", 100 * s.Latency, "% slower")),
                .. both.Select(s => new ClaimFigure($"{s.Name}, half the bandwidth", 100 * s.Bandwidth, "% slower")),
            ],
            On = [$"{design.Accelerators.Systems} of {design.Accelerators.System.Key}, rail-optimised: {design.Job!.Model.Name} in 16 stages, DeepSeek-V3 with experts over 64 accelerators"],
            Assumptions = ["tolerates: ten times the latency costs at most 5 %; needs bandwidth: half of it costs at least 5 %; steady: stragglers and jitter not counted"],
            Flips = [.. both.Select(Flip)],
            Weakest = Grade.Estimate,
        };
    }
}
