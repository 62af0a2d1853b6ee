namespace Lightloom.Fabric;

// Global links between groups that are all joined to each other, as a dragonfly has them.
//
//   g   groups        m   global ports of a group        w = ⌊m / (g − 1)⌋   links between two groups
//
//   port n of group i, n = t·(g − 1) + (o − 1), t < w:  to group i + o mod g, whose port is t·(g − 1) + (g − o − 1)
//   the m − w·(g − 1) ports that are left stay free, or, where bundles needn't be whole, join groups i and i ± 1, i ± 2, ... once
//   more; an odd one the group opposite, which only an even number of groups has
//
// Counting offsets, not groups, makes all groups alike (the relative arrangement of Hastings et al., CLUSTER 2015).
//
// Worked example: 9 groups of 8 ports: w = 1; port 0 of group 0 meets port 7 of group 1.

/// <summary>Which global port of which group meets which.</summary>
sealed class GroupLinks
{
    readonly int extra; // ports of a group beyond whole bundles

    public GroupLinks(int groups, int ports, bool wholeBundles)
    {
        Groups = groups;
        if (groups < 2) return;
        Bundle = ports / (groups - 1);
        extra = wholeBundles ? 0 : ports % (groups - 1);
        if (extra % 2 == 1 && groups % 2 == 1) extra--;
        PortsUsed = (Bundle * (groups - 1)) + extra;
    }

    /// <summary>g.</summary>
    public int Groups { get; }

    /// <summary>Links between two groups; some pairs have one more where bundles needn't be whole.</summary>
    public int Bundle { get; }

    /// <summary>Links of the widest pair.</summary>
    public int Widest => Bundle + (extra > 0 ? 1 : 0);

    /// <summary>Global ports of a group that have a link.</summary>
    public int PortsUsed { get; }

    /// <summary>Switches of a group by their global links, when a group has so many switches: at most one link apart.</summary>
    public (long Switches, int Links)[] Degrees(int switches)
    {
        var (each, more) = Math.DivRem(PortsUsed, switches);
        return more == 0
            ? [((long)Groups * switches, each)]
            : [((long)Groups * more, each + 1), ((long)Groups * (switches - more), each)];
    }

    /// <summary>The switch of a group that has a global port: ports are dealt in blocks of equal size, or one apart.</summary>
    public int SwitchOf(int port, int switches)
    {
        var (each, more) = Math.DivRem(PortsUsed, switches);
        var inLarger = more * (each + 1);
        return port < inLarger ? port / (each + 1) : more + ((port - inLarger) / each);
    }

    /// <summary>Every link once: group and port of one end, group and port of the other; the first group has the smaller number.</summary>
    public IEnumerable<(int Group, int Port, int Other, int OtherPort)> Links()
    {
        for (var i = 0; i < Groups; i++)
            for (var j = i + 1; j < Groups; j++)
                for (var t = 0; t < Bundle; t++)
                    yield return (i, (t * (Groups - 1)) + (j - i) - 1, j, (t * (Groups - 1)) + Groups - (j - i) - 1);
        var rest = Bundle * (Groups - 1);
        for (var o = 1; o <= extra / 2; o++)
        {
            for (var i = 0; i < Groups; i++)
            {
                var (j, up, down) = ((i + o) % Groups, rest + (2 * (o - 1)), rest + (2 * (o - 1)) + 1);
                yield return i < j ? (i, up, j, down) : (j, down, i, up);
            }
        }
        if (extra % 2 == 1)
            for (var i = 0; i < Groups / 2; i++)
                yield return (i, rest + extra - 1, i + (Groups / 2), rest + extra - 1);
    }
}
