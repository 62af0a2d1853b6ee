// Where the ranks of a schedule stand: in blocks inside blocks.
//
//   n      ranks                      u_l    ranks of one unit of level l; the last is n, and each divides the next
//   unit of rank r on level l         floor(r / u_l)
//   a send from a to b                stays inside a domain (level 0) where both are in one unit of level 0;
//                                     crosses level l > 0 where it leaves a unit of level l - 1
//
// Example: 16 ranks in domains of 4 and leaf groups of 8: u = (4, 8, 16). Rank 3 to rank 2 stays inside (level 0), 3 to 4
//   crosses level 1, 3 to 8 crosses levels 1 and 2.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation;

/// <summary>Ranks in equal units inside equal units, innermost first. Immutable.</summary>
public sealed class RankLayout
{
    readonly int[] units; // units[l] = u_l, u_l divides u_(l+1), the last is the number of ranks

    RankLayout(int[] units) => this.units = units;

    /// <summary>Ranks by how many stand in one unit of each level, innermost first; the last is the number of ranks.</summary>
    /// <exception cref="InputException">A count is not positive or doesn't divide the next.</exception>
    public static RankLayout Of(params ReadOnlySpan<int> units)
    {
        if (units.Length == 0) throw new InputException("expected the ranks of at least one level, found none");
        for (var l = 0; l < units.Length; l++)
        {
            if (units[l] < 1) throw new InputException($"expected at least one rank in a unit of level {l}, found {units[l]:N0}");
            if (l > 0 && units[l] % units[l - 1] != 0)
                throw new InputException($"expected whole units: {units[l]:N0} ranks of level {l} are not a multiple of the {units[l - 1]:N0} of level {l - 1}");
        }
        return new(units.ToArray());
    }

    /// <summary>How many ranks there are.</summary>
    public int Ranks => units[^1];

    /// <summary>Levels of units.</summary>
    public int LevelCount => units.Length;

    /// <summary>Ranks of one unit of a level.</summary>
    public int UnitRanks(int level) => units[level];

    /// <summary>Ranks of one scale-up domain.</summary>
    public int DomainRanks => units[0];

    /// <summary>How many scale-up domains there are.</summary>
    public int Domains => Ranks / units[0];

    /// <summary>Whether a send can leave a unit of the level below; for level 0, whether one can stay inside a domain.</summary>
    public bool Crosses(int level) => level == 0 ? units[0] > 1 : units[level - 1] < Ranks;

    /// <summary>The furthest level that a send between two ranks crosses; 0 inside a domain.</summary>
    public int Level(int from, int to)
    {
        for (var l = units.Length - 1; l > 0; l--)
            if (from / units[l - 1] != to / units[l - 1]) return l;
        return 0;
    }

    /// <summary>Prints the ranks per unit, innermost first: "4/8/16".</summary>
    public override string ToString() => string.Join('/', units);
}
