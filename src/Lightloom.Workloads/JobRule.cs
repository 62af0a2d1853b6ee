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

    /// <summary>Context ranks share the sequence evenly.</summary>
    ContextDividesSequence,

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

    /// <summary>Microbatches fill whole rounds of an interleaved pipeline.</summary>
    RoundsFillStages,

    /// <summary>Numbers of the memory plan are formats that exist.</summary>
    FormatsExist,

    /// <summary>Blocks are computed again in part only where they are computed again.</summary>
    PartsAreRecomputed,

    /// <summary>A stage has as many blocks as are computed again or sent to the host.</summary>
    StageHasBlocks,
}
