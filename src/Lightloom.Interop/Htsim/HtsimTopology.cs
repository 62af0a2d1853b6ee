// Topology files of htsim's fat trees (.topo): two or three tiers of switches, all of a tier alike, from the leaves up.
//
//   Nodes 128                          hosts
//   Tiers 3
//   Podsize 16                         hosts of a pod: switches of tiers 0 and 1 meet within one where there are three tiers
//   Tier 0                             of a switch: Radix_Down, Radix_Up links, Downlink_Speed_Gbps and Downlink_Latency_ns of those down,
//   Radix_Down 4                       Switch_Latency_ns, Oversubscribed (down over up), Bundle: links to each switch below
//   ...
//
//   leaves   N / d_0;  spines of a pod  u_0 / b_1, all leaves of the pod under each;  cores  u_1 / b_2 for each spine of a pod: core c = p + s l is link l of the
//            pod's spine p of s
//   -failed  htsim's links at a quarter of their rate, with a quarter of the queues and thresholds: with two tiers both ways between the first n spines and every leaf, with three those wires from cores down to
//            spine a by its link l where l + a s < n
//   failure  of a matrix: spine a and core p s + l are not joined; p is a's place in its pod
//
// Names are read in any case; lines may be empty or begin with "#". Queue_Up and Queue_Down are read and mean nothing: htsim_uec overrides them too, by -q or by the
// bandwidth-delay product.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Interop.Htsim;

/// <summary>A link that a connection matrix says is down.</summary>
/// <param name="Switch">Number of the switch of tier 1.</param>
/// <param name="Link">Number of its link up, as htsim counts.</param>
/// <param name="Place">Where it stands.</param>
public sealed record HtsimFailure(int Switch, int Link, Mark Place);

/// <summary>A fat tree as htsim describes it.</summary>
public sealed class HtsimTopology
{
    const int MostNodes = 1 << 20, MostRadix = 1 << 16;
    const long MostLinks = 1 << 23;
    const double FailedShare = 0.25; // of the rate

    static readonly string[] Heads = ["nodes", "tiers", "podsize"];
    static readonly string[] Words =
        ["tier", "downlink_speed_gbps", "radix_up", "radix_down", "queue_up", "queue_down", "oversubscribed", "bundle", "switch_latency_ns", "downlink_latency_ns"];

    readonly Tier[] tiers;
    readonly int pods, leaves, spines, cores; // all of them, spines of one pod

    sealed class Tier
    {
        public int Down { get; set; }

        public int Up { get; set; }

        public int Bundle { get; set; } = 1;

        public int Oversubscribed { get; set; } = 1;

        public Bandwidth Rate { get; set; }

        public Duration Latency { get; set; } = Duration.Zero;

        public Duration Switch { get; set; } = Duration.Zero;
    }

    HtsimTopology(int nodes, int pod, Tier[] tiers, string file)
    {
        (Nodes, this.tiers) = (nodes, tiers);
        InputException Wrong(string problem) => new(problem, new(file, 1, 1));
        if (tiers.Length == 2) pod = nodes;
        if (nodes % pod != 0) throw Wrong($"{nodes:N0} nodes don't divide into pods of {pod:N0}");
        if (pod % tiers[0].Down != 0) throw Wrong($"a pod of {pod:N0} hosts doesn't divide into switches of {tiers[0].Down:N0}");
        // htsim counts links, not their rates, rounds down, and looks at the leaves alone.
        if (tiers[0].Down / tiers[0].Up != tiers[0].Oversubscribed)
            throw Wrong($"tier 0: {tiers[0].Down:N0} links down over {tiers[0].Up:N0} up are not 'Oversubscribed {tiers[0].Oversubscribed}'");
        for (var t = 1; t < tiers.Length; t++)
        {
            if (tiers[t].Down % tiers[t].Bundle != 0) throw Wrong($"tier {t}: {tiers[t].Down:N0} links down don't divide into bundles of {tiers[t].Bundle:N0}");
            if (tiers[t - 1].Up % tiers[t].Bundle != 0) throw Wrong($"tier {t - 1}: {tiers[t - 1].Up:N0} links up don't divide into bundles of {tiers[t].Bundle:N0}");
        }
        long perPod = pod / tiers[0].Down;
        (pods, leaves, spines) = (nodes / pod, nodes / tiers[0].Down, tiers[0].Up / tiers[1].Bundle);
        var links = nodes + ((long)leaves * tiers[0].Up) + (tiers.Length == 3 ? (long)pods * spines * tiers[1].Up : 0);
        if (links > MostLinks) throw Wrong($"the tree has {links:N0} links, and packets are played on {MostLinks:N0} at most");
        if (perPod * tiers[1].Bundle != tiers[1].Down) throw Wrong($"tier 1: a switch has {tiers[1].Down:N0} links down, and {perPod:N0} switches below it in bundles of {tiers[1].Bundle:N0} take {perPod * tiers[1].Bundle:N0}");
        if (tiers.Length == 3)
        {
            cores = spines * (tiers[1].Up / tiers[2].Bundle);
            var taken = (long)pods * tiers[2].Bundle;
            if (taken != tiers[2].Down) throw Wrong($"tier 2: a switch has {tiers[2].Down:N0} links down, and {pods:N0} pods below it in bundles of {tiers[2].Bundle:N0} take {taken:N0}");
        }
    }

    /// <summary>Hosts.</summary>
    public int Nodes { get; }

    /// <summary>Tiers of switches.</summary>
    public int Tiers => tiers.Length;

    /// <summary>Reads a topology.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <exception cref="InputException">It is malformed, or its numbers contradict each other: file, line and column are named.</exception>
    public static HtsimTopology Read(TextReader text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Reader(text, file).Run();
    }

    /// <summary>A full fat tree of three tiers of k-port switches with k³/4 hosts, or of two with k²/2, as htsim makes one without a file.</summary>
    /// <exception cref="InputException">No k gives that many hosts; the nearest numbers are named.</exception>
    public static HtsimTopology Full(int hosts, int tiers, Bandwidth rate, Duration latency, Duration? switchLatency = null)
    {
        var half = PacketFabricBuilder.PortsOf(hosts, tiers) / 2;
        Tier Of(int down, int up) => new() { Down = down, Up = up, Rate = rate, Latency = latency, Switch = switchLatency ?? Duration.Zero };
        return new(hosts, tiers == 3 ? half * half : hosts, tiers == 3 ? [Of(half, half), Of(half, half), Of(2 * half, 0)] : [Of(half, half), Of(2 * half, 0)], "");
    }

    /// <summary>So many slow links leave none out.</summary>
    public long MostFailed => Tiers == 2 ? spines : (((long)pods * spines) - 1) * spines + (cores / spines);

    /// <summary>The fabric: hosts in their order, then leaves, spines pod by pod, cores.</summary>
    /// <param name="failed">Links at a quarter of their rate, as htsim's -failed chooses them; at most <see cref="MostFailed"/>.</param>
    /// <param name="down">Links that are not there.</param>
    /// <exception cref="InputException">A failure names what isn't there, or cuts a pod off.</exception>
    public PacketFabric Fabric(int failed = 0, IReadOnlyList<HtsimFailure>? down = null)
    {
        var missing = Missing(down ?? []);
        var (firstSpine, firstCore) = (Nodes + leaves, Nodes + leaves + (pods * spines));
        var builder = new PacketFabricBuilder($"fat tree of {tiers.Length} tiers", Nodes, firstCore + cores - Nodes);
        // A switch's own latency is that of the wires that lead to it.
        void Join(int lower, int upper, int tier, double downShare = 1, double upShare = 1) => builder.Link(
            lower, upper, new PacketWire(Bandwidth.FromBitsPerSecond(tiers[tier].Rate.BitsPerSecond * upShare), tiers[tier].Latency + tiers[tier].Switch, upShare),
            new PacketWire(Bandwidth.FromBitsPerSecond(tiers[tier].Rate.BitsPerSecond * downShare), tiers[tier].Latency + (tier > 0 ? tiers[tier - 1].Switch : Duration.Zero), downShare));

        for (var host = 0; host < Nodes; host++) Join(host, Nodes + (host / tiers[0].Down), 0);
        var perPod = leaves / pods;
        for (var leaf = 0; leaf < leaves; leaf++)
        {
            for (var s = 0; s < spines; s++)
            {
                var slow = Tiers == 2 && s < failed ? FailedShare : 1;
                for (var b = 0; b < tiers[1].Bundle; b++) Join(Nodes + leaf, firstSpine + (leaf / perPod * spines) + s, 1, slow, slow);
            }
        }
        for (var spine = 0; Tiers == 3 && spine < pods * spines; spine++)
        {
            for (var l = 0; l < cores / spines; l++)
            {
                var core = (spine % spines) + (spines * l);
                var slow = l + ((long)spine * spines) < failed ? FailedShare : 1;
                for (var b = missing.Contains((spine, core)) ? 1 : 0; b < tiers[2].Bundle; b++) Join(firstSpine + spine, firstCore + core, 2, slow);
            }
        }
        return builder.Build();
    }

    HashSet<(int Spine, int Core)> Missing(IReadOnlyList<HtsimFailure> down)
    {
        var missing = new HashSet<(int, int)>();
        foreach (var failure in down)
        {
            if (Tiers < 3) throw new InputException("failures are of links between tiers 1 and 2, and there are two tiers; expected --failed", failure.Place);
            if (failure.Switch >= pods * spines) throw new InputException($"expected a switch of tier 1 from 0 to {(pods * spines) - 1:N0}, found {failure.Switch}", failure.Place);
            var place = failure.Switch % spines;
            var core = ((long)place * spines) + failure.Link;
            if (core >= cores || core % spines != place)
                throw new InputException($"link {failure.Link} of switch {failure.Switch} leads to no core of its own: htsim counts from core {place * spines} on, and the switch has cores " +
                    $"{place}, {place + spines} and so on below {cores}", failure.Place);
            if (!missing.Add((failure.Switch, (int)core))) throw new InputException($"link {failure.Link} of switch {failure.Switch} is down a second time", failure.Place);
        }
        return missing;
    }

    sealed class Reader(TextReader text, string file)
    {
        readonly Tier?[] tiers = new Tier?[3];
        readonly HashSet<(int, string)> seen = [];
        int line, tier = -1;
        int nodes = -1, count = -1, pod = -1;

        public HtsimTopology Run()
        {
            while (text.ReadLine() is { } row)
            {
                line++;
                var words = row.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length == 0 || words[0][0] == '#') continue;
                Take(words);
            }
            if (nodes < 0) throw Wrong("'Nodes' is missing: this is no topology of htsim", 1);
            if (count < 0) throw Wrong("'Tiers' is missing", 1);
            if (pod < 0) throw Wrong("'Podsize' is missing", 1);
            for (var t = 0; t < 3; t++)
            {
                if (t < count != tiers[t] is not null) throw Wrong(t < count ? $"there is no 'Tier {t}'" : $"there is a tier {t}, and 'Tiers' says {count}", Math.Max(1, line));
                if (t >= count) continue;
                if (tiers[t]!.Down == 0) throw Wrong($"tier {t} has no 'Radix_Down'", Math.Max(1, line));
                if (tiers[t]!.Rate.BitsPerSecond == 0) throw Wrong($"tier {t} has no 'Downlink_speed_Gbps'", Math.Max(1, line));
                if (t + 1 < count && tiers[t]!.Up == 0) throw Wrong($"tier {t} has no 'Radix_Up'", Math.Max(1, line));
            }
            return new(nodes, pod, [.. tiers.Take(count).Select(t => t!)], file);
        }

        void Take(string[] words)
        {
            var name = words[0].ToLowerInvariant();
            var known = tier < 0 ? [.. Heads, "tier"] : Words;
            if (!known.Contains(name, StringComparer.Ordinal)) throw Wrong($"expected one of {string.Join(", ", known)}, found '{words[0]}'{Nearest.Hint(name, [.. known])}", line);
            // What follows a number is a remark, as htsim reads no further.
            if (words.Length < 2) throw Wrong($"'{words[0]}' has no value", line);
            int Whole(int least, int most) => int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
                : throw Wrong($"expected a whole number from {least:N0} to {most:N0} for '{words[0]}', found '{words[1]}'", line);
            if (name == "tier")
            {
                tier = Whole(0, 2);
                if (tiers[tier] is not null) throw Wrong($"there is a tier {tier} already", line);
                tiers[tier] = new();
                return;
            }
            if (!seen.Add((tier, name))) throw Wrong($"'{words[0]}' stands here a second time", line);
            if (name == "radix_up" && tier == 2) throw Wrong("tier 2 is the last, and has no 'Radix_Up'", line);
            switch (name)
            {
                case "nodes": nodes = Whole(2, MostNodes); break;
                case "tiers": count = Whole(2, 3); break;
                case "podsize": pod = Whole(1, MostNodes); break;
                case "downlink_speed_gbps": tiers[tier]!.Rate = Bandwidth.FromGigabitsPerSecond(Whole(1, 1_000_000)); break;
                case "radix_up": tiers[tier]!.Up = Whole(1, MostRadix); break;
                case "radix_down": tiers[tier]!.Down = Whole(1, MostRadix); break;
                case "oversubscribed": tiers[tier]!.Oversubscribed = Whole(1, MostRadix); break;
                case "bundle": tiers[tier]!.Bundle = Whole(1, tier == 0 ? 1 : MostRadix); break;
                case "switch_latency_ns": tiers[tier]!.Switch = Duration.FromNanoseconds(Whole(0, 1_000_000_000)); break;
                case "downlink_latency_ns": tiers[tier]!.Latency = Duration.FromNanoseconds(Whole(0, 1_000_000_000)); break;
                default: Whole(0, int.MaxValue); break;
            }
        }

        InputException Wrong(string problem, int at) => new(problem, new(file, at, 1));
    }
}
