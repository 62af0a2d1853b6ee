using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Serving;

/// <summary>A model that the cluster serves to users.</summary>
public sealed record ServingSection
{
    /// <summary>The model.</summary>
    public required TransformerModel Model { get; init; }

    /// <summary>Number format of matrix multiplications and of the weights in them.</summary>
    public Precision Precision { get; init; }

    /// <summary>Number format of keys and values.</summary>
    public Precision CachePrecision { get; init; }

    /// <summary>Mean tokens of a prompt.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public required int Prompt { get; init; }

    /// <summary>Mean tokens of an answer.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public required int Output { get; init; }

    /// <summary>Standard deviation of both lengths over their means; 0 where all requests are alike.</summary>
    [Limits(Minimum = 0, Maximum = 3)]
    public double LengthVariation { get; init; }

    /// <summary>Requests that arrive in a second; as many as the objectives allow unless given.</summary>
    [Limits(Minimum = 1e-6, Maximum = 1e9)]
    public double? RequestsPerSecond { get; init; }

    /// <summary>Mean times that are to be kept.</summary>
    public ServingObjectives Objectives { get; init; } = new();

    /// <summary>Ranks that split attention and dense layers; the best unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? Tensor { get; init; }

    /// <summary>Ranks that split the experts, a multiple of the tensor ranks; the best unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? Expert { get; init; }

    /// <summary>A pool of its own for prompts, from the first systems; one pool does both unless given.</summary>
    public PrefillPool? Prefill { get; init; }

    /// <summary>Most tokens of prompts that a pass of the common pool takes, of one prompt or several, in each group of tensor ranks.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public int Chunk { get; init; } = 2048;

    /// <summary>What of the exchanges of expert groups the software hides.</summary>
    public PassOverlap Overlap { get; init; }

    /// <summary>Share of an accelerator's memory that the serving software uses.</summary>
    [Limits(Minimum = 0.1, Maximum = 1)]
    public double MemoryShare { get; init; } = 0.9;
}

/// <summary>What of the exchanges of expert groups serving software hides behind computation.</summary>
public enum PassOverlap
{
    /// <summary>Two halves of a pass run in turns where that is faster: one computes while the other's tokens travel.</summary>
    TwoBatches,

    /// <summary>Nothing: exchanges add to computation.</summary>
    None,
}

/// <summary>Mean times that a serving cluster is to keep.</summary>
public sealed record ServingObjectives
{
    /// <summary>From a request's arrival to its first token.</summary>
    [Limits(Minimum = 1e-6, Maximum = 1e6)]
    public Duration? FirstToken { get; init; }

    /// <summary>Between two tokens of an answer.</summary>
    [Limits(Minimum = 1e-6, Maximum = 1e6)]
    public Duration? PerToken { get; init; }
}

/// <summary>The accelerators that take prompts and nothing else.</summary>
public sealed record PrefillPool
{
    /// <summary>Systems of the pool; the others decode.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public required int Systems { get; init; }

    /// <summary>Ranks that split attention and dense layers; the best unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? Tensor { get; init; }

    /// <summary>Ranks that split the experts; the best unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? Expert { get; init; }

    /// <summary>Most tokens of prompts that a pass takes, of one prompt or several, in each group of tensor ranks.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public int Chunk { get; init; } = 8192;
}
