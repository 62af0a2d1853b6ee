namespace Lightloom.Fabric;

// Devices without a usable name are known by their neighbours. A link from a device that is known casts a vote: the design says which
// device meets that port. Votes are counted round by round outwards from what is known; the most certain match first.
//
//   u unknown, m matched to design device d, link m.q - u.p:   one vote that u is the device e that the design joins to d.q,
//                                                              and one more if it does so at e.p
//
// A device is matched when one candidate has more than half of its votes and no other device has as many for that candidate. A wrong
// cable is outvoted by the right ones. Where nothing is known at all, the switch with the most links is tried as each switch of the
// design in turn (at most `Tries`, spread evenly), and the trial that explains most links is kept; in a symmetric fabric several
// explain all of them, and any of these is as good as another.

/// <summary>Matches devices without names by the cables between them.</summary>
sealed class StructureMatcher
{
    const int Tries = 256;

    readonly FabricGraph graph;
    readonly FabricPorts ports;
    readonly DiscoveredFabric found;
    readonly int[] offset, incident;

    public StructureMatcher(FabricGraph graph, FabricPorts ports, DiscoveredFabric found)
    {
        (this.graph, this.ports, this.found) = (graph, ports, found);
        offset = new int[found.Devices.Count + 1];
        foreach (var link in found.Links)
        {
            offset[link.First + 1]++;
            offset[link.Second + 1]++;
        }
        for (var i = 0; i < found.Devices.Count; i++) offset[i + 1] += offset[i];
        incident = new int[offset[^1]];
        var next = offset.AsSpan(0, found.Devices.Count).ToArray();
        for (var l = 0; l < found.Links.Count; l++)
        {
            incident[next[found.Links[l].First]++] = l;
            incident[next[found.Links[l].Second]++] = l;
        }
    }

    /// <summary>Extends a matching (−1 = unknown) to devices that their cables give away; returns how many it added.</summary>
    public int Extend(int[] matching)
    {
        var taken = new bool[graph.Devices];
        var known = 0;
        foreach (var d in matching)
        {
            if (d < 0) continue;
            taken[d] = true;
            known++;
        }
        if (known == matching.Length) return 0;
        return known > 0 ? Spread(matching, taken) : Seed(matching);
    }

    int Seed(int[] matching)
    {
        var hub = -1;
        for (var u = 0; u < matching.Length; u++)
            if (found.Devices[u].Kind != DiscoveredKind.Card && (hub < 0 || Degree(u) > Degree(hub))) hub = u;
        if (hub < 0) return 0;
        int[]? best = null;
        var (bestScore, bestAdded) = (0, 0);
        var step = Math.Max(1, (graph.SwitchCount + Tries - 1) / Tries);
        for (var candidate = graph.FirstSwitch; candidate < graph.Devices; candidate += step)
        {
            if (Math.Abs(graph.DegreeOf(candidate) - Degree(hub)) > 1) continue;
            var trial = new int[matching.Length];
            Array.Fill(trial, -1);
            trial[hub] = candidate;
            var taken = new bool[graph.Devices];
            taken[candidate] = true;
            var added = Spread(trial, taken) + 1;
            var score = Explained(trial);
            if (score <= bestScore) continue;
            (best, bestScore, bestAdded) = (trial, score, added);
            if (score == found.Links.Count) break;
        }
        best?.CopyTo(matching, 0);
        return bestAdded;
    }

    int Degree(int device) => offset[device + 1] - offset[device];

    int Explained(int[] matching)
    {
        var score = 0;
        foreach (var link in found.Links)
        {
            var (a, b) = (ports.Of(matching, link.First, link.FirstPort), ports.Of(matching, link.Second, link.SecondPort));
            if (a >= 0 && b >= 0 && ports.Peer[a] == b) score++;
        }
        return score;
    }

    int Spread(int[] matching, bool[] taken)
    {
        var votes = new Dictionary<int, Dictionary<int, int>>();
        for (var u = 0; u < matching.Length; u++)
            if (matching[u] >= 0) Vote(u, matching, votes);
        var added = 0;
        while (true)
        {
            var accepted = Accept(votes, taken, certain: true);
            if (accepted.Count == 0) accepted = Accept(votes, taken, certain: false);
            if (accepted.Count == 0) return added;
            foreach (var (u, e) in accepted)
            {
                matching[u] = e;
                taken[e] = true;
                votes.Remove(u);
                added++;
            }
            foreach (var (u, _) in accepted) Vote(u, matching, votes);
        }
    }

    void Vote(int m, int[] matching, Dictionary<int, Dictionary<int, int>> votes)
    {
        foreach (var l in incident.AsSpan(offset[m], Degree(m)))
        {
            var link = found.Links[l];
            var first = link.First == m;
            var (u, port, far) = first ? (link.Second, link.FirstPort, link.SecondPort) : (link.First, link.SecondPort, link.FirstPort);
            if (matching[u] >= 0) continue;
            var here = ports.Of(matching, m, port);
            if (here < 0 || ports.Peer[here] is not (>= 0 and var peer)) continue;
            var (e, index) = ports.At(peer);
            var weight = ports.IndexOf(e, far) == index ? 2 : 1;
            if (!votes.TryGetValue(u, out var candidates)) votes[u] = candidates = [];
            candidates[e] = candidates.GetValueOrDefault(e) + weight;
        }
    }

    // The best candidate of each device, if it stands out; of several devices that want one candidate the one with most votes.
    static List<(int Device, int Candidate)> Accept(Dictionary<int, Dictionary<int, int>> votes, bool[] taken, bool certain)
    {
        var wanted = new Dictionary<int, (int Device, int Votes, bool Tied)>();
        foreach (var (u, candidates) in votes)
        {
            var (best, most, all) = (-1, 0, 0);
            foreach (var (e, count) in candidates)
            {
                all += count;
                if (taken[e] || count < most || (count == most && e > best && best >= 0)) continue;
                (best, most) = (e, count);
            }
            if (best < 0 || (certain && 2 * most <= all)) continue;
            if (!wanted.TryGetValue(best, out var rival) || most > rival.Votes) wanted[best] = (u, most, false);
            else if (most == rival.Votes) wanted[best] = rival with { Tied = true };
        }
        List<(int, int)> accepted = [.. wanted.Where(w => !w.Value.Tied).Select(w => (w.Value.Device, w.Key))];
        accepted.Sort();
        return accepted;
    }
}
