namespace Lightloom.Planning.Claims;

/// <summary>Claims about what is bought, which no model computes.</summary>
static class MarketClaims
{
    public static ClaimAnswer Ethernet(ClaimContext context, Claim claim) => new()
    {
        Claim = claim,
        Verdict = ClaimVerdict.NotComputed,
        Reason = "What was sold in a year is counted by analysts and follows from no design; nothing else here rests on it.",
        Figures = [],
        On = [],
        Assumptions = ["context only"],
        Weakest = Catalog.Grade.Estimate,
    };
}
