using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;

namespace Lightloom.Planning;

/// <summary>A search of the parallelism of a design's job.</summary>
/// <param name="Build">The cluster.</param>
/// <param name="Operation">The cluster with its job as chosen.</param>
/// <param name="Own">The step of the degrees that the design gives, its pipeline played out; null where it leaves the choice.</param>
public sealed record DesignSearch(ClusterBuild Build, ClusterOperation Operation, TrainingStep? Own)
{
    /// <summary>What was found.</summary>
    public SearchResult Result => Operation.Search!;

    /// <summary>The parallelism of a step as a design writes it: <c>{ tensor: 8, pipeline: 16, ... }</c>, with all that was chosen.</summary>
    public static string Text(in TrainingStep step)
    {
        var (p, usual) = (step.Job.Parallelism, new Parallelism());
        var keys = new List<string>();
        void Add(string key, object value) => keys.Add(string.Create(CultureInfo.InvariantCulture, $"{key}: {value}"));
        void Degree(string key, int value)
        {
            if (value > 1) Add(key, value);
        }
        Degree("tensor", p.Tensor);
        if (p.Tensor > 1 && p.SequenceParallel != usual.SequenceParallel) Add("sequenceParallel", "false");
        Degree("context", p.Context);
        Degree("expert", p.Expert);
        if (p.ExpertTensor is { } split) Add("expertTensor", split);
        if (p.Graphs is { } graphs) Add("graphs", DocumentShape.NameOf(graphs));
        if (p.ExpertCapacity is { } room) Add("expertCapacity", room);
        if (p.ExpertImbalance != usual.ExpertImbalance) Add("expertImbalance", p.ExpertImbalance);
        if (p.ExpertNodes is { } nodes) Add("expertNodes", nodes);
        if (p.ExpertDispatch != usual.ExpertDispatch) Add("expertDispatch", DocumentShape.NameOf(p.ExpertDispatch));
        if (p.Pipeline > 1)
        {
            Add("pipeline", p.Pipeline);
            if (p.Schedule is { } schedule) Add("schedule", DocumentShape.NameOf(schedule));
            if (p.Schedule is null || PipelineChunks(p)) Add("interleave", step.Interleave);
            if (p.ScheduleGroup is { } group) Add("scheduleGroup", group);
            if (p.StageLayers is { } layers) Add("stageLayers", $"[{string.Join(", ", layers)}]");
        }
        Add("microBatch", p.MicroBatch);
        Add("sharding", DocumentShape.NameOf(p.Sharding));
        if (p.ShardGroup is { } set) Add("shardGroup", set);
        if (p.Reshard != usual.Reshard) Add("reshard", "false");
        if (p.Prefetch != usual.Prefetch) Add("prefetch", "false");
        if (p.ContextMethod != usual.ContextMethod) Add("contextMethod", DocumentShape.NameOf(p.ContextMethod));
        // As few blocks as fit are found again where nothing is said.
        if (step.Job.RecomputedBlocks is null || step.Job.Memory.RecomputeBlocks is not null) Add("recompute", DocumentShape.NameOf(step.Recompute));
        if (p.GradientBytes != usual.GradientBytes) Add("gradientBytes", p.GradientBytes);
        if (p.OverlapData != usual.OverlapData) Add("overlapData", "false");
        if (p.OverlapTensor != usual.OverlapTensor) Add("overlapTensor", "true");
        if (p.OverlapTensorGradients != usual.OverlapTensorGradients) Add("overlapTensorGradients", "false");
        if (p.OverlapExpert != usual.OverlapExpert) Add("overlapExpert", "true");
        if (p.OverlapPipeline != usual.OverlapPipeline) Add("overlapPipeline", "false");
        if (p.Order is { } order) Add("order", $"[{string.Join(", ", order.Select(d => DocumentShape.NameOf(d)))}]");
        if (p.OverlapSteps != usual.OverlapSteps) Add("overlapSteps", "true");
        return $"{{ {string.Join(", ", keys)} }}";
    }

    // Schedules with chunks of their own need no number.
    static bool PipelineChunks(in Parallelism p) => p.Schedule is { } kind && Workloads.Pipelines.PipelineSchedules.Of(kind).Chunks is null;
}
