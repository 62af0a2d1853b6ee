namespace Lightloom.Workloads;

/// <summary>A rule that every training job keeps, in the order in which a job is checked.</summary>
public enum JobRule
{
    /// <summary>None: nothing is broken.</summary>
    None,

    /// <summary>One replica is no larger than the job.</summary>
    ReplicaFits,

    /// <summary>Replicas share the accelerators evenly.</summary>
    ReplicaDividesAccelerators,

    /// <summary>Tensor ranks share the attention heads evenly.</summary>
    TensorDividesHeads,

    /// <summary>Heads of keys and values are dealt whole: some to each tensor rank, or one to some.</summary>
    TensorSplitsKeyValueHeads,

    /// <summary>Tensor ranks share the feed-forward size evenly.</summary>
    TensorDividesFeedForward,

    /// <summary>Tensor ranks share the experts' feed-forward size evenly.</summary>
    TensorDividesExperts,

    /// <summary>Tensor ranks share the groups of heads of state space layers evenly.</summary>
    TensorDividesStateSpace,

    /// <summary>Context ranks share the sequence evenly.</summary>
    ContextDividesSequence,

    /// <summary>Context ranks, which exchange sequence for heads around a scan, share each tensor rank's heads evenly.</summary>
    ContextDividesStateSpace,

    /// <summary>Each pipeline stage has a layer.</summary>
    StageHasLayer,

    /// <summary>Only a pipeline is interleaved.</summary>
    InterleaveHasPipeline,

    /// <summary>Chunks share the layers evenly, with or without the embedding and the output counted as layers.</summary>
    ChunksShareLayers,

    /// <summary>Only a mixture of experts is split by experts.</summary>
    ModelHasExperts,

    /// <summary>Expert ranks share the experts evenly.</summary>
    ExpertDividesExperts,

    /// <summary>Ranks that split an expert share the tensor group evenly.</summary>
    ExpertTensorDividesTensor,

    /// <summary>Expert groups share the replicas evenly.</summary>
    ExpertDividesReplicas,

    /// <summary>Ranks that share one set of states are whole neighbours.</summary>
    ShardGroupIsEven,

    /// <summary>Replicas share the batch in whole microbatches.</summary>
    MicroBatchesDivideBatch,

    /// <summary>Only the interleaved schedule takes microbatches in groups.</summary>
    GroupHasInterleavedSchedule,

    /// <summary>Layers given to the parts of a schedule are the model's.</summary>
    StageLayersSumUp,

    /// <summary>The named schedule can cut the model and take the microbatches.</summary>
    ScheduleTakesJob,

    /// <summary>An order names each dimension once.</summary>
    OrderNamesOnce,

    /// <summary>Experts that are folded over tensor and context groups have these innermost.</summary>
    FoldedExpertsStandInside,

    /// <summary>Microbatches fill whole rounds of an interleaved pipeline.</summary>
    RoundsFillStages,

    /// <summary>Numbers of the memory plan are formats that exist.</summary>
    FormatsExist,

    /// <summary>Blocks are computed again in part only where they are computed again.</summary>
    PartsAreRecomputed,

    /// <summary>Parts of blocks are computed again by name only where recomputation is selective.</summary>
    ModulesAreSelective,

    /// <summary>A stage has as many blocks as are computed again or sent to the host.</summary>
    StageHasBlocks,
}

/// <summary>Rules in words.</summary>
public static class JobRules
{
    /// <summary>What is wrong where a rule is broken.</summary>
    public static string Say(JobRule rule) => rule switch
    {
        JobRule.None => "nothing is broken",
        JobRule.ReplicaFits => "a replica is larger than the job",
        JobRule.ReplicaDividesAccelerators => "replicas don't share the accelerators evenly",
        JobRule.TensorDividesHeads => "tensor doesn't divide the attention heads",
        JobRule.TensorSplitsKeyValueHeads => "tensor neither divides nor multiplies the key-value heads",
        JobRule.TensorDividesFeedForward => "tensor doesn't divide the feed-forward size",
        JobRule.TensorDividesExperts => "tensor doesn't divide the experts' feed-forward size",
        JobRule.TensorDividesStateSpace => "tensor doesn't divide the groups of a state space layer",
        JobRule.ContextDividesSequence => "context doesn't divide the sequence",
        JobRule.ContextDividesStateSpace => "context doesn't divide a tensor rank's heads of a state space layer",
        JobRule.StageHasLayer => "more stages than layers",
        JobRule.InterleaveHasPipeline => "interleaving without a pipeline",
        JobRule.ChunksShareLayers => "stages don't share the layers evenly",
        JobRule.ModelHasExperts => "a model without experts",
        JobRule.ExpertDividesExperts => "expert doesn't divide the experts",
        JobRule.ExpertDividesReplicas => "expert doesn't divide the data-parallel degree",
        JobRule.MicroBatchesDivideBatch => "microbatches don't divide the batch",
        JobRule.GroupHasInterleavedSchedule => "groups of microbatches without interleaved-1f1b",
        JobRule.StageLayersSumUp => "layers of the stages are not the model's",
        JobRule.ScheduleTakesJob => "the schedule doesn't take the job",
        JobRule.FoldedExpertsStandInside => "folded experts whose tensor and context groups are not innermost",
        JobRule.ExpertTensorDividesTensor => "expertTensor doesn't divide tensor",
        JobRule.ShardGroupIsEven => "the shard group is no even share of context and data",
        JobRule.FormatsExist => "a number format that does not exist",
        JobRule.PartsAreRecomputed => "blocks computed again in part without full recomputation",
        JobRule.ModulesAreSelective => "parts of blocks computed again by name without selective recomputation",
        JobRule.StageHasBlocks => "more blocks computed again or sent to the host than a stage has",
        JobRule.OrderNamesOnce => "the order names a dimension twice",
        _ => "microbatches don't fill whole rounds of the stages",
    };

    /// <summary>The name in JSON.</summary>
    public static string Key(JobRule rule) => char.ToLowerInvariant(rule.ToString()[0]) + rule.ToString()[1..];
}
