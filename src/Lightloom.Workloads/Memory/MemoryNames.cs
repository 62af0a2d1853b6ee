namespace Lightloom.Workloads;

/// <summary>Names of classes and moments of memory for people and for machines.</summary>
public static class MemoryNames
{
    /// <summary>The name of a class in a report.</summary>
    public static string Name(MemoryClass kind) => kind switch
    {
        MemoryClass.Weights => "weights",
        MemoryClass.Gradients => "gradients",
        MemoryClass.Optimizer => "optimiser",
        MemoryClass.Activations => "activations",
        MemoryClass.Loss => "loss",
        MemoryClass.Passing => "passing",
        MemoryClass.Gathered => "gathered",
        MemoryClass.Buffers => "buffers",
        MemoryClass.Fragmentation => "fragmentation",
        _ => "runtime",
    };

    /// <summary>The name of a class in JSON.</summary>
    public static string Key(MemoryClass kind) => kind switch
    {
        MemoryClass.Weights => "weights",
        MemoryClass.Gradients => "gradients",
        MemoryClass.Optimizer => "optimizer",
        MemoryClass.Activations => "activations",
        MemoryClass.Loss => "loss",
        MemoryClass.Passing => "passing",
        MemoryClass.Gathered => "gathered",
        MemoryClass.Buffers => "buffers",
        MemoryClass.Fragmentation => "fragmentation",
        _ => "runtime",
    };

    /// <summary>When memory is fullest.</summary>
    public static string Name(MemoryMoment moment) => moment switch
    {
        MemoryMoment.Loss => "loss",
        MemoryMoment.Output => "output layer",
        MemoryMoment.Embedding => "embedding",
        MemoryMoment.Optimizer => "update",
        _ => "a block",
    };

    /// <summary>What a block keeps.</summary>
    public static string Name(KeptTensor tensor) => tensor switch
    {
        KeptTensor.NormInputs => "inputs of norms",
        KeptTensor.MatrixInputs => "outputs of norms",
        KeptTensor.LatentRanks => "latent ranks",
        KeptTensor.QueriesKeysValues => "queries, keys, values",
        KeptTensor.AttentionOutput => "attention's output and statistics",
        KeptTensor.Scores => "attention's scores",
        KeptTensor.Router => "router",
        KeptTensor.ExpertInputs => "copies on experts",
        KeptTensor.FeedForward => "feed-forward, first matrix",
        KeptTensor.Activation => "feed-forward, activation",
        KeptTensor.Scan => "state space: scan",
        _ => "masks of dropout",
    };
}
