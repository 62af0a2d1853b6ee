using System.Globalization;

namespace Lightloom.Planning.Claims;

/// <summary>All claims with how each is recomputed. Nothing here knows a result: every figure comes from the models.</summary>
public static class ClaimBook
{
    static readonly IReadOnlyDictionary<string, Func<ClaimContext, Claim, ClaimAnswer>> Recomputed = new Dictionary<string, Func<ClaimContext, Claim, ClaimAnswer>>(StringComparer.Ordinal)
    {
        ["C01"] = FibreClaims.Delay,
        ["C02"] = CopperClaims.Reach,
        ["C03"] = EnergyClaims.Pluggable,
        ["C04"] = EnergyClaims.CoPackaged,
        ["C05"] = EnergyClaims.Electrical,
        ["C06"] = CoPackagingClaims.Power,
        ["C07"] = CoPackagingClaims.Resilience,
        ["C08"] = CoPackagingClaims.SwitchBandwidth,
        ["C09"] = PhotonicsClaims.Interposer,
        ["C10"] = PhotonicsClaims.Fibre,
        ["C11"] = ScaleUpClaims.Accelerator,
        ["C12"] = ScaleUpClaims.Rack,
        ["C13"] = ScaleUpClaims.AgainstScaleOut,
        ["C14"] = FabricClaims.Latency,
        ["C15"] = FabricClaims.Premium,
        ["C16"] = FabricClaims.Topologies,
        ["C17"] = ParallelismClaims.Tensor,
        ["C18"] = ParallelismClaims.PipelineAndExperts,
        ["C19"] = FibreClaims.HundredKilometers,
        ["C20"] = WideAreaClaims.Capacity,
        ["C21"] = WideAreaClaims.Synchronous,
        ["C22"] = MarketClaims.Ethernet,
        ["C23"] = LifeClaims.Plant,
        ["C24"] = LayerClaims.LargeCluster,
        ["C25"] = LayerClaims.Power,
        ["C26"] = CopperClaims.BeyondOneRack,
        ["C27"] = LayerClaims.AllReduce,
        ["C28"] = LifeClaims.CarriedOver,
        ["C29"] = SupplyClaims.LockIn,
        ["C30"] = WideAreaClaims.Both,
        ["C31"] = SmallClusterClaims.Copper,
    };

    /// <summary>Recomputes a claim.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="context">What it is computed on.</param>
    public static ClaimAnswer Answer(Claim claim, ClaimContext context)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(context);
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return Recomputed[claim.Id](context, claim);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    /// <summary>Recomputes all claims.</summary>
    /// <param name="context">What they are computed on.</param>
    public static IReadOnlyList<ClaimAnswer> All(ClaimContext context) => [.. Claim.All.Select(c => Answer(c, context))];
}
