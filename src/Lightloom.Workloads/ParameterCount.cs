namespace Lightloom.Workloads;

/// <summary>What a model's parameters are for.</summary>
public enum ParameterClass
{
    /// <summary>Input embedding, learned positions and the norm after them.</summary>
    Embedding,

    /// <summary>Projections of attention, with their biases, the norms inside attention, and sinks.</summary>
    Attention,

    /// <summary>State space layers, with the convolutions and norms inside them.</summary>
    StateSpace,

    /// <summary>Feed-forward layers of dense blocks.</summary>
    DenseFeedForward,

    /// <summary>Routers of mixture-of-experts blocks, and projections into a space of the experts and back.</summary>
    Router,

    /// <summary>Routed experts.</summary>
    Experts,

    /// <summary>Experts that every token visits, and their gates.</summary>
    SharedExperts,

    /// <summary>Norms of the blocks, and the one before the output layer.</summary>
    Norms,

    /// <summary>The output layer, where it isn't the embedding.</summary>
    Output,

    /// <summary>Multi-token prediction blocks.</summary>
    Prediction,
}

/// <summary>Parameters of one class.</summary>
/// <param name="Class">What they are for.</param>
/// <param name="Total">All of them.</param>
/// <param name="Active">Those that one token passes through; none of prediction blocks, which serve training alone.</param>
public readonly record struct ParameterCount(ParameterClass Class, double Total, double Active);
