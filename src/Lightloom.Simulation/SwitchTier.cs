// Switches that reduce and copy, as vertices of a schedule beside its ranks.
//
//   ranks        vertices 0 .. n - 1; rank r is member k = r mod u_0 of domain floor(r / u_0)
//   a tier       (n / u_L) w vertices from `First` on: in each unit of level L, w of them, one for each head or rail k:
//                vertex = First + unit w + k
//   a switch of level L stands inside its unit of level L and outside every unit of the levels below
//
// Example: 16 ranks in domains of 4, rails reduced above them all: First = 16, L = 1, u_1 = 16, w = 4: vertices 16 .. 19, one for
//   each rail.
namespace Lightloom.Simulation;

/// <summary>Switches of one level that reduce or copy what passes.</summary>
/// <param name="First">The first of their vertices.</param>
/// <param name="Level">Their level: 0 inside scale-up domains.</param>
/// <param name="UnitRanks">Ranks below one unit of theirs.</param>
/// <param name="Width">Switches in one unit: one for each head or rail.</param>
/// <param name="Count">All of them.</param>
public sealed record SwitchTier(int First, int Level, int UnitRanks, int Width, int Count)
{
    /// <summary>The first vertex after them.</summary>
    public int End => First + Count;
}

/// <summary>Who of a unit's members talks to a switch.</summary>
public enum SwitchMembers
{
    /// <summary>Members of the switch's own rail or, inside a domain, its head alone.</summary>
    Rail,

    /// <summary>Every rank of the unit.</summary>
    All,

    /// <summary>Every rank of the unit but the switch's own head.</summary>
    Others,
}
