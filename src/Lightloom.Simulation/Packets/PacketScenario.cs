// Named traffic for packets, of the kinds that the public simulator of the Ultra Ethernet Consortium is run with.
//
//   one        2 MB from host 0 to host 13 of 16
//   permN      every one of N hosts sends 2 MB to one other and receives from one
//   incastN    N of 128 hosts (or of more, where N needs them) send 2 MB to host 0
//   a2aN       each of N hosts sends 64 KiB to each other: eight at once, the next eight when one of these has arrived
//   ringN      N hosts in a ring: N chains of 2 (N - 1) sends of 1 MiB, the next where the last arrived, as an all-reduce makes them
//
// Hosts are those of full fat trees; where N isn't the number of one, the smallest that holds N, and places are drawn at random by the seed.
using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Packets;

/// <summary>Traffic with a name.</summary>
/// <param name="Hosts">Hosts that the fabric needs.</param>
/// <param name="Traffic">What they send.</param>
public sealed record PacketScenario(int Hosts, PacketTraffic Traffic)
{
    const long Large = 2_000_000, Small = 65_536, Chunk = 1 << 20;
    const int AtOnce = 8, IncastHosts = 128;

    /// <summary>The kinds, as a person writes them.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["one", "perm", "incast", "a2a", "ring"];

    /// <summary>The traffic of a name.</summary>
    /// <param name="name">Such as "perm128".</param>
    /// <param name="tiers">Tiers of the fat tree: 2 or 3.</param>
    /// <param name="seed">What places are drawn from.</param>
    /// <exception cref="InputException">There is none of that name.</exception>
    public static PacketScenario Find(string name, int tiers = 3, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "one") return new(16, new() { Name = name, Source = [0], Destination = [13], Bytes = [Large] });
        var kind = Kinds.FirstOrDefault(k => name.StartsWith(k, StringComparison.Ordinal) && k != "one")
            ?? throw new InputException($"there is no scenario '{name}' for packets{Nearest.Hint(name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), [.. Kinds])}; expected one, permN, incastN, a2aN or ringN, such as perm128, or a matrix FILE.cm");
        if (!int.TryParse(name.AsSpan(kind.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size is < 2 or > 65_536)
            throw new InputException($"scenario '{name}': expected a number from 2 to 65,536 behind '{kind}', found '{name[kind.Length..]}'");
        var hosts = HostsFor(kind == "incast" ? Math.Max(IncastHosts, size + 1) : size, tiers);
        var places = Shuffled(hosts, seed);
        return new(hosts, kind switch
        {
            "perm" => Permutation(name, places[..size]),
            "incast" => Incast(name, places, size),
            "a2a" => AllToAll(name, places[..size], seed),
            _ => Ring(name, places[..size]),
        });
    }

    // The smallest full fat tree that holds so many.
    static int HostsFor(int hosts, int tiers)
    {
        for (var k = 2; ; k += 2)
        {
            var all = tiers == 2 ? k * k / 2 : k * k * k / 4;
            if (all >= hosts) return all;
        }
    }

    static int[] Shuffled(int count, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (var i = count - 1; i > 0; i--)
        {
            var j = (int)(PacketRandom.Mix(seed ^ 0x9E12, (ulong)i) % (ulong)(i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    // One circle through all in random order: nobody sends to itself.
    static PacketTraffic Permutation(string name, int[] order) => new()
    {
        Name = name,
        Source = order,
        Destination = [.. order.Skip(1), order[0]],
        Bytes = [.. order.Select(_ => Large)],
    };

    static PacketTraffic Incast(string name, int[] order, int senders)
    {
        int[] sources = [.. order.Where(h => h != 0).Take(senders)];
        return new() { Name = name, Source = sources, Destination = new int[senders], Bytes = [.. sources.Select(_ => Large)] };
    }

    // Send j of a host may go when its send j - 8, or one that went in its stead, has arrived: one trigger per host counts.
    static PacketTraffic AllToAll(string name, int[] ranks, ulong seed)
    {
        var n = ranks.Length;
        var count = (long)n * (n - 1);
        if (count > 20_000_000) throw new InputException($"scenario '{name}' would list {count:N0} flows, and the limit is 20,000,000");
        var (source, destination, started, sent) = (new int[count], new int[count], new int[count], new int[count]);
        var f = 0;
        for (var r = 0; r < n; r++)
        {
            var others = Shuffled(n - 1, seed + (ulong)r + 1);
            for (var j = 0; j < n - 1; j++)
            {
                (source[f], destination[f]) = (ranks[r], ranks[(r + 1 + others[j]) % n]);
                started[f] = j < AtOnce ? -1 : r;
                sent[f++] = r;
            }
        }
        return new()
        {
            Name = name,
            Source = source,
            Destination = destination,
            Bytes = [.. source.Select(_ => Small)],
            StartedBy = started,
            OnSent = sent,
            Triggers = [.. ranks.Select(_ => new FlowTrigger(TriggerKind.MultiShot))],
        };
    }

    static PacketTraffic Ring(string name, int[] ranks)
    {
        var n = ranks.Length;
        var steps = 2 * (n - 1);
        var (source, destination, started, received) = (new int[n * steps], new int[n * steps], new int[n * steps], new int[n * steps]);
        for (var chain = 0; chain < n; chain++)
        {
            for (var s = 0; s < steps; s++)
            {
                var f = chain * steps + s;
                (source[f], destination[f]) = (ranks[(chain + s) % n], ranks[(chain + s + 1) % n]);
                started[f] = s == 0 ? -1 : f - 1;
                received[f] = s == steps - 1 ? -1 : f;
            }
        }
        return new()
        {
            Name = name,
            Source = source,
            Destination = destination,
            Bytes = [.. source.Select(_ => Chunk)],
            StartedBy = started,
            OnReceived = received,
            Triggers = [.. source.Select(_ => new FlowTrigger(TriggerKind.OneShot))],
        };
    }
}
