using Lightloom.Catalog;
using Lightloom.Collectives.Congestion;
using Lightloom.Fabric;

// What load balancing leaves of a level's bandwidth, as the time model takes it: B_l = card x sustained x even x balanced.
//
//   sustained   share of the line rate that collectives get from whole, uncongested links (collective parameters)
//   s           sustained / payload share: what the cards put on the wire; they don't fill it
//   rho         what the cards could send / what the links carry, by stage (FabricStages.cs)
//   even      = 1 / max(1, rho)
//   balanced  = max(1, rho) / max(1, s rho) x share(s rho)           share by FabricBalance.cs
//
// A link that is not quite filled hides a little imbalance, and where links are oversubscribed the hosts' own losses don't add to it.
//
// Example: rho 1, s 0.9: a fullest link of 1.05 leaves 1: 0.9 x 1.05 is still below its rate; one of 1.6 leaves 1 / 1.44 = 0.69.
namespace Lightloom.Planning;

/// <summary>What load balancing and parts that are down leave of a fabric's bandwidth, level by level.</summary>
public sealed class ClusterBalance
{
    readonly FabricBalance[] levels;
    readonly double offered; // s

    ClusterBalance(FabricBalance[] levels, double cards, double offered) => (this.levels, CardShare, this.offered) = (levels, cards, offered);

    /// <summary>Prepares a fabric.</summary>
    /// <param name="plan">The fabric.</param>
    /// <param name="protocol">What it speaks, with how it spreads traffic.</param>
    /// <param name="used">Share of the accelerators that take part.</param>
    /// <param name="failed">What is down; nothing unless given.</param>
    /// <exception cref="ArgumentException">More is down than there is.</exception>
    public static ClusterBalance Of(FabricPlan plan, NetworkProtocol protocol, double used = 1, FailedSection? failed = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(protocol);
        var cards = plan.Request.System.Nics.Value;
        var down = failed?.Rails ?? 0;
        if (down >= cards && down > 0) throw new ArgumentException($"{down} of {cards} rails are down; expected one that is up");
        var levels = new FabricBalance[plan.Locality.Count];
        for (var l = 0; l < levels.Length; l++)
        {
            var stages = FabricStages.Of(plan, l, used, failed);
            levels[l] = l == 0 ? new(protocol.LoadBalancing, stages) : levels[l - 1].Over(stages);
        }
        return new(
            levels,
            (cards - down) / (double)cards,
            FabricBalance.OfferedBy(protocol));
    }

    /// <summary>The stages of each level with what is left of them; without stages where nothing is spread.</summary>
    public IReadOnlyList<FabricBalance> Levels => levels;

    /// <summary>Share of the cards that are used: without the rails that are down.</summary>
    public double CardShare { get; }

    /// <summary>What one accelerator gets across a level, over what its cards can send, with resources bettered.</summary>
    /// <param name="level">Level of <see cref="FabricPlan.Locality"/>, 2 or above.</param>
    /// <param name="better">What is better than designed.</param>
    /// <returns>Before load balancing, and what load balancing leaves of that; nulls where no link is spread over.</returns>
    public (double Even, double Balanced)? Across(int level, in Betterment better)
    {
        var balance = levels[level];
        if (balance.Stages.Count == 0) return null;
        var (whole, share) = Balanced(level, better);
        return (1 / whole, share.Expected);
    }

    /// <summary>What load balancing leaves of an even share of a level, as designed; all of it where no link is spread over.</summary>
    /// <param name="level">Level of <see cref="FabricPlan.Locality"/>.</param>
    public BalanceShare Share(int level) => levels[level].Stages.Count == 0 ? BalanceShare.Whole : Balanced(level, new()).Share;

    (double Whole, BalanceShare Share) Balanced(int level, in Betterment better)
    {
        var balance = levels[level];
        var (nic, lower, upper) = (better.Nic * CardShare, better.LeafSpine, better.SpineCore);
        double Load(LinkStage stage) => stage.Load * nic / (stage.Name == "leaf-spine" || (stage.Name != "spine-core" && level == 2) ? lower : upper);
        var most = balance.Stages.Max(Load);
        var whole = Math.Max(1, most);
        var share = balance.With(s => offered * Load(s), better.LoadBalance);
        var kept = whole / Math.Max(1, offered * most);
        return (whole, new(kept * share.Expected, kept * share.AtLeast95));
    }
}
