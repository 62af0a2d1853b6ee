using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>How the values of a token travel.</summary>
public enum ExpertPrecision
{
    /// <summary>One byte each, and a scale of four bytes for each 128.</summary>
    Fp8,

    /// <summary>Two bytes each.</summary>
    Bf16,
}

/// <summary>How tokens travel to their experts.</summary>
public enum ExpertMode
{
    /// <summary>One copy to each domain over the sender's rail, from there over the scale-up links to each rank; for training and prefill.</summary>
    Throughput,

    /// <summary>One copy to each expert, straight to its rank, whatever its rail; for decoding.</summary>
    LowLatency,
}

/// <summary>The two halves of an exchange.</summary>
public enum ExpertPhase
{
    /// <summary>Tokens go to their experts.</summary>
    Dispatch,

    /// <summary>What the experts made of them comes back and is summed.</summary>
    Combine,
}

/// <summary>What one layer of experts asks of the network. Lives on the stack.</summary>
/// <remarks>The default value has no experts, and no model takes it.</remarks>
public readonly record struct ExpertExchange
{
    const double Scaled = 128; // values that share one scale
    const double Scale = 4; // bytes of it

    /// <summary>An exchange with balanced routing, FP8 to the experts and BF16 back.</summary>
    public ExpertExchange()
    {
    }

    /// <summary>Most experts that a token may visit.</summary>
    public const int MostPerToken = 64;

    /// <summary>Routed experts of the layer, spread evenly over the ranks.</summary>
    public required int Experts { get; init; }

    /// <summary>Experts that each token visits.</summary>
    public required int PerToken { get; init; }

    /// <summary>Tokens of one rank.</summary>
    public required double Tokens { get; init; }

    /// <summary>Values of one token that travel.</summary>
    public required double Hidden { get; init; }

    /// <summary>Domains that a token may reach, those of its best experts (DeepSeek-V3: 4 of 8 nodes); any number unless given.</summary>
    public int? DomainLimit { get; init; }

    /// <summary>How tokens travel to their experts.</summary>
    public ExpertPrecision Dispatch { get; init; } = ExpertPrecision.Fp8;

    /// <summary>How results travel back.</summary>
    public ExpertPrecision Combine { get; init; } = ExpertPrecision.Bf16;

    /// <summary>Expected load of the rank whose experts are asked most, over the mean; 1 where routing is balanced.</summary>
    public double Skew { get; init; } = 1;

    /// <summary>Bytes of one copy of a token, without headers.</summary>
    public DataSize CopyOf(ExpertPhase phase) => DataSize.FromBytes(
        (phase == ExpertPhase.Dispatch ? Dispatch : Combine) == ExpertPrecision.Fp8 ? Hidden + Scale * Math.Ceiling(Hidden / Scaled) : 2 * Hidden);

    internal void Check(in GroupPlacement group)
    {
        if (PerToken is < 1 or > MostPerToken) throw new ArgumentException($"a token visits 1 to {MostPerToken} experts, not {PerToken}");
        if (Experts < PerToken) throw new ArgumentException($"a token can't visit {PerToken} of {Experts} experts");
        if (Experts < group.Ranks) throw new ArgumentException($"{Experts} experts can't be spread over {group.Ranks} ranks");
        if (!(Tokens >= 0) || double.IsInfinity(Tokens)) throw new ArgumentException($"a rank can't have {Tokens} tokens");
        if (!(Hidden > 0) || double.IsInfinity(Hidden)) throw new ArgumentException($"a token can't have {Hidden} values");
        if (!(Skew >= 1) || double.IsInfinity(Skew)) throw new ArgumentException($"the most loaded rank has at least the mean load, not {Skew} of it");
        if (DomainLimit is < 1) throw new ArgumentException($"a token reaches at least one domain, not {DomainLimit}");
        // What the limit leaves must hold the experts that a token visits.
        if (DomainLimit is { } limit && limit < group.Units(0) && limit * (Experts / group.Units(0)) < PerToken)
            throw new ArgumentException($"{limit} domains hold fewer than the {PerToken} experts that a token visits");
    }
}
