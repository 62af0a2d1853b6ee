namespace Lightloom.Fabric;

/// <summary>
/// Ports in a row, each joined to the next by a designed or a built cable, in turn. A closed chain comes back from its last port to its
/// first by a built cable.
/// </summary>
/// <param name="Ports">The ports.</param>
/// <param name="StartsDesigned">Whether the first two are joined by a designed cable.</param>
/// <param name="Closed">Whether it is closed; it then starts with a designed cable.</param>
sealed record DifferenceChain(IReadOnlyList<int> Ports, bool StartsDesigned, bool Closed)
{
    /// <summary>Cables of the chain of one sort, each from the earlier port to the later.</summary>
    public IEnumerable<(int From, int To)> Cables(bool designed)
    {
        for (var i = designed == StartsDesigned ? 0 : 1; i + 1 < Ports.Count; i += 2) yield return (Ports[i], Ports[i + 1]);
        if (Closed && !designed) yield return (Ports[^1], Ports[0]);
    }

    public int Designed => (Ports.Count - (StartsDesigned ? 0 : 1)) / 2;

    public int Built => Closed ? Ports.Count / 2 : (Ports.Count - (StartsDesigned ? 1 : 0)) / 2;
}

/// <summary>Takes apart what differs between designed and built cables.</summary>
/// <param name="designed">The port that each port of the design should meet, or −1.</param>
/// <param name="built">The port that each port meets, or −1; further ports are such as the design doesn't have.</param>
sealed class DifferenceChains(int[] designed, IReadOnlyList<int> built)
{
    readonly bool[] seen = new bool[built.Count];

    int Next(int port, bool byDesign) => byDesign ? (port < designed.Length ? designed[port] : -1) : built[port];

    bool Differs(int port) => Next(port, true) != built[port];

    /// <summary>All chains, by their first port.</summary>
    public List<DifferenceChain> Find()
    {
        var chains = new List<DifferenceChain>();
        // Open chains begin at ports with one cable only; what is left then goes in circles.
        for (var port = 0; port < built.Count; port++)
            if (!seen[port] && Differs(port) && (Next(port, true) < 0 || built[port] < 0)) chains.Add(Walk(port, built[port] < 0));
        for (var port = 0; port < built.Count; port++)
            if (!seen[port] && Differs(port)) chains.Add(Walk(port, byDesign: true));
        return chains;
    }

    DifferenceChain Walk(int start, bool byDesign)
    {
        var ports = new List<int> { start };
        seen[start] = true;
        var closed = false;
        for (var turn = byDesign; Next(ports[^1], turn) is >= 0 and var next; turn = !turn)
        {
            if (next == start)
            {
                closed = true;
                break;
            }
            seen[next] = true;
            ports.Add(next);
        }
        // An open chain with as many cables of both sorts is told from its designed end.
        if (!closed && !byDesign && ports.Count % 2 == 1)
        {
            ports.Reverse();
            byDesign = true;
        }
        return new(ports, byDesign, closed);
    }
}
