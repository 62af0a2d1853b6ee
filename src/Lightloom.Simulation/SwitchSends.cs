// Sends to switches that reduce or copy, and from them.
//
//   Rail   member k of a unit below <-> switch k of the unit above; from ranks, k is the rank's place in its domain
//   All    every rank of the unit <-> switch k of the unit; Others: those whose place is not k
//   Either for every k, or for the k of the channel (k = c mod w).
//
// Example: 16 ranks in domains of 4 whose switches reduce (a tier of level 0, w = 4): All, up: 16 x 4 = 64 sends, each of the block
//   of switch k; Rail, down: each of 16 switches to its head.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation;

/// <summary>Sends between members of units and the switches above them.</summary>
public sealed class SwitchSends : SendPattern
{
    readonly SwitchTier below, above;
    readonly SwitchMembers members;
    readonly bool up, ofChannel;
    readonly bool fromRanks;

    SwitchSends(SwitchTier below, SwitchTier above, SwitchMembers members, bool up, bool ofChannel, bool fromRanks)
    {
        if (below.Width != above.Width && members == SwitchMembers.Rail)
            throw new InputException($"expected as many rails above as below, found {above.Width:N0} and {below.Width:N0}");
        this.below = below;
        this.above = above;
        this.members = members;
        this.up = up;
        this.ofChannel = ofChannel;
        this.fromRanks = fromRanks;
    }

    /// <summary>Between ranks and switches.</summary>
    /// <param name="layout">Where the ranks stand.</param>
    /// <param name="above">The switches.</param>
    /// <param name="members">Which ranks.</param>
    /// <param name="up">Whether the ranks send, or the switches.</param>
    /// <param name="ofChannel">Whether a channel uses only its own head or rail.</param>
    public static SwitchSends Ranks(RankLayout layout, SwitchTier above, SwitchMembers members, bool up, bool ofChannel = false)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(above);
        return new(new(0, 0, layout.DomainRanks, layout.DomainRanks, layout.Ranks), above, members, up, ofChannel, true);
    }

    /// <summary>Between switches and those above them, along each rail.</summary>
    /// <param name="below">The switches below.</param>
    /// <param name="above">The switches above.</param>
    /// <param name="up">Which of them send.</param>
    /// <param name="ofChannel">Whether a channel uses only its own rail.</param>
    public static SwitchSends Switches(SwitchTier below, SwitchTier above, bool up, bool ofChannel = false)
    {
        ArgumentNullException.ThrowIfNull(below);
        ArgumentNullException.ThrowIfNull(above);
        return new(below, above, SwitchMembers.Rail, up, ofChannel, false);
    }

    /// <inheritdoc/>
    public override long Count => (long)(below.Count / below.Width) * (ofChannel ? 1 : above.Width) * members switch
    {
        SwitchMembers.Rail => 1,
        SwitchMembers.All => below.Width,
        _ => below.Width - 1,
    };

    internal override bool Fits(int ranks, int vertices) => above.End <= vertices && (fromRanks ? below.Count == ranks : below.First >= ranks);

    internal override bool ChannelsAlike => true;

    internal override bool ToSwitch => up;

    internal override long Inside(RankLayout layout, int channel, int repeat) => above.Level == 0 ? Count * repeat : 0;

    // A switch stands outside the units below its level: what it sends down enters them, and leaves none.
    internal override long Leaving(RankLayout layout, int level, int channel, int repeat) =>
        up && level > (fromRanks ? 0 : below.Level) && level <= above.Level ? Count * repeat : 0;

    internal override void Fill(int channel, int repetition, Span<int> source, Span<int> destination)
    {
        var low = up ? source : destination;
        var high = up ? destination : source;
        var (k0, k1) = ofChannel ? (channel % above.Width, channel % above.Width + 1) : (0, above.Width);
        var n = 0;
        for (var unit = 0; unit < below.Count / below.Width; unit++)
        {
            var over = above.First + (int)((long)unit * below.UnitRanks / above.UnitRanks) * above.Width;
            for (var k = k0; k < k1; k++)
                for (var i = 0; i < below.Width; i++)
                {
                    if (members != SwitchMembers.All && i == k != (members == SwitchMembers.Rail)) continue;
                    low[n] = below.First + unit * below.Width + i;
                    high[n++] = over + k;
                }
        }
    }
}
