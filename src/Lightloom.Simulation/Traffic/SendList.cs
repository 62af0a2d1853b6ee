// What is sent between cards, one by one, and after what: patterns, and expanded schedules.
//
//   shift:K          card c sends S to c + K                         permutation[:SEED]   each to one other, each from one
//   ring             shift by 1                                      incast:N             N cards, evenly spread, to card 0
//   all-to-all       every card sends S to every other               random:N[:SEED]      N sends between random cards
//   butterfly        steps k = 0 .. log2 N - 1: c and c xor 2^k exchange S, when both have ended step k - 1
//   hotspot:P[:SEED] each card sends S to card 0 with the chance P %, else to another at random
//   matrix:FILE      sends of a file
//
// Example: butterfly of 8 cards: 3 x 8 = 24 sends; the second of card 0, to card 2, waits for card 1's to card 0 and follows its own first.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Traffic;

/// <summary>Sends between cards, with their order. The arrays are not copied.</summary>
public sealed class SendList
{
    /// <summary>The most sends that a list can have.</summary>
    public const int Most = 100_000_000;

    const int DefaultSeed = 1;

    static readonly string[] Names = ["all-to-all", "shift", "permutation", "ring", "incast", "butterfly", "random", "hotspot", "matrix"];

    /// <summary>What it is, as a report says it.</summary>
    public required string Name { get; init; }

    /// <summary>Who sends.</summary>
    public required int[] Source { get; init; }

    /// <summary>Who receives.</summary>
    public required int[] Destination { get; init; }

    /// <summary>Bytes of each; one entry where all are alike.</summary>
    public required double[] Bytes { get; init; }

    /// <summary>The earliest start of each, seconds; null: 0.</summary>
    public double[]? Start { get; init; }

    /// <summary>The gate that each waits for, or -1; null: none.</summary>
    public int[]? WaitsFor { get; init; }

    /// <summary>The gate that each feeds when it arrives, or -1; null: none.</summary>
    public int[]? Feeds { get; init; }

    /// <summary>A second gate that each feeds when it arrives, or -1; null: none.</summary>
    public int[]? FeedsToo { get; init; }

    /// <summary>The send that must have left before, or -1; null: none.</summary>
    public int[]? After { get; init; }

    /// <summary>Arrivals that each gate needs.</summary>
    public int[] GateArrivals { get; init; } = [];

    /// <summary>The gate that must be open too, or -1; null: none.</summary>
    public int[]? GateAfter { get; init; }

    /// <summary>Whether a gate lets one more of those that wait through at each arrival, in their order, instead of all at once; null: none does.</summary>
    public bool[]? GateTurns { get; init; }

    /// <summary>Sends.</summary>
    public int Count => Source.Length;

    /// <summary>The names of patterns, without what stands behind a colon.</summary>
    public static IReadOnlyList<string> Patterns => Names;

    /// <summary>The sends of a pattern that is written as text.</summary>
    /// <param name="graph">The fabric, whose cards send.</param>
    /// <param name="text">Such as "shift:33".</param>
    /// <param name="size">Bytes of each send.</param>
    /// <param name="matrix">Reads a file of flows.</param>
    /// <exception cref="InputException">There is no such pattern, or the fabric is too small for it.</exception>
    public static SendList Parse(FabricGraph graph, string text, DataSize size, Func<string, Lightloom.Fabric.Traffic> matrix)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(matrix);
        if (!double.IsFinite(size.Bytes) || size.Bytes <= 0) throw new InputException($"expected sends of more than 0 B, found {size}");
        if (graph.Cards < 2) throw new InputException($"a pattern needs two cards or more, and the fabric has {graph.Cards}");
        var parts = text.Split(':', 2);
        var rest = parts.Length > 1 ? parts[1] : null;
        if (!Names.Contains(parts[0], StringComparer.Ordinal)) throw new InputException($"there is no pattern '{parts[0]}'{Nearest.Hint(parts[0], Names)}");
        return (parts[0], rest) switch
        {
            ("all-to-all", null) => AllToAll(graph.Cards, size),
            ("ring", null) => Of(Lightloom.Fabric.Traffic.Ring(graph), size),
            ("shift", { } by) => Of(Lightloom.Fabric.Traffic.Shift(graph, Number(text, by, 1, graph.Cards - 1)), size),
            ("incast", { } senders) => Of(Lightloom.Fabric.Traffic.Incast(graph, Number(text, senders, 1, graph.Cards - 1)), size),
            ("permutation", _) => Of(Lightloom.Fabric.Traffic.Permutation(graph, Seed(text, rest)), size),
            ("butterfly", null) => Butterfly(graph.Cards, size),
            ("random", { } more) => Random(graph.Cards, Number(text, First(more), 1, Most), Seed(text, Second(more)), size),
            ("hotspot", { } more) => Hotspot(graph.Cards, Number(text, First(more), 0, 100), Seed(text, Second(more)), size),
            ("matrix", { Length: > 0 } file) => Of(matrix(file), size),
            _ => throw new InputException($"'{text}' is no pattern; expected all-to-all, shift:K, permutation[:SEED], ring, incast:N, butterfly, random:N[:SEED], hotspot:PERCENT[:SEED] or matrix:FILE"),
        };
    }

    /// <summary>The flows of a pattern of traffic, each of a size times its weight.</summary>
    /// <exception cref="InputException">It is all-to-all, which isn't written down as flows.</exception>
    public static SendList Of(Lightloom.Fabric.Traffic traffic, DataSize size)
    {
        ArgumentNullException.ThrowIfNull(traffic);
        if (traffic.IsUniform) throw new InputException("all-to-all has no list of flows; expected the pattern by its name");
        var alike = traffic.Flows.All(f => f.Weight == 1);
        return new()
        {
            Name = traffic.Name,
            Source = [.. traffic.Flows.Select(f => f.From)],
            Destination = [.. traffic.Flows.Select(f => f.To)],
            Bytes = alike ? [size.Bytes] : [.. traffic.Flows.Select(f => f.Weight * size.Bytes)],
        };
    }

    /// <summary>Every card sends to every other.</summary>
    /// <exception cref="InputException">There are too many.</exception>
    public static SendList AllToAll(int cards, DataSize size)
    {
        var count = (long)cards * (cards - 1);
        if (count > Most) throw new InputException($"all-to-all of {cards:N0} cards would list {count:N0} sends, and the limit is {Most:N0}");
        var (source, destination) = (new int[count], new int[count]);
        var n = 0;
        for (var a = 0; a < cards; a++)
            for (var b = 0; b < cards; b++)
                if (a != b) (source[n], destination[n++]) = (a, b);
        return new() { Name = "all-to-all", Source = source, Destination = destination, Bytes = [size.Bytes] };
    }

    /// <summary>Exchanges over distances that double; the last cards beyond a power of two do nothing.</summary>
    public static SendList Butterfly(int cards, DataSize size)
    {
        var steps = int.Log2(cards);
        var used = 1 << steps;
        var (source, destination, waits, feeds, after) = (new int[steps * used], new int[steps * used], new int[steps * used], new int[steps * used], new int[steps * used]);
        for (var k = 0; k < steps; k++)
        {
            for (var c = 0; c < used; c++)
            {
                var i = k * used + c;
                (source[i], destination[i]) = (c, c ^ (1 << k));
                waits[i] = k == 0 ? -1 : (k - 1) * used + c;
                after[i] = k == 0 ? -1 : i - used;
                feeds[i] = k == steps - 1 ? -1 : k * used + destination[i];
            }
        }
        var arrivals = new int[(steps - 1) * used];
        Array.Fill(arrivals, 1);
        return new()
        {
            Name = $"butterfly of {used:N0} in {steps} steps",
            Source = source,
            Destination = destination,
            Bytes = [size.Bytes],
            WaitsFor = waits,
            Feeds = feeds,
            After = after,
            GateArrivals = arrivals,
        };
    }

    /// <summary>Sends between cards at random, all at once.</summary>
    public static SendList Random(int cards, int count, ulong seed, DataSize size)
    {
        var random = new SplitMix(seed);
        var (source, destination) = (new int[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            source[i] = random.Below(cards);
            destination[i] = (source[i] + 1 + random.Below(cards - 1)) % cards;
        }
        return new() { Name = $"{count:N0} random sends (seed {seed})", Source = source, Destination = destination, Bytes = [size.Bytes] };
    }

    /// <summary>Each card sends to card 0 with a chance, else to another at random.</summary>
    public static SendList Hotspot(int cards, int percent, ulong seed, DataSize size)
    {
        var random = new SplitMix(seed);
        int[] source = [.. Enumerable.Range(0, cards)];
        var destination = new int[cards];
        for (var c = 0; c < cards; c++)
        {
            var hot = random.Below(100) < percent;
            var other = (c + 1 + random.Below(cards - 1)) % cards;
            destination[c] = hot && c != 0 ? 0 : other;
        }
        return new() { Name = $"hotspot of {percent} % (seed {seed})", Source = source, Destination = destination, Bytes = [size.Bytes] };
    }

    /// <summary>Every send of a schedule; rank r is card r.</summary>
    /// <exception cref="InputException">Switches reduce or copy in it, which cards can't.</exception>
    public static SendList Of(ExpandedSchedule expanded)
    {
        ArgumentNullException.ThrowIfNull(expanded);
        if (expanded.Schedule.Tiers.Count > 0) throw new InputException($"switches reduce or copy in '{expanded.Schedule.Name}'; expected sends between ranks alone");
        var after = new int[expanded.Count];
        var last = new Dictionary<(int, int), int>();
        for (var i = 0; i < expanded.Count; i++)
        {
            var key = (expanded.Source[i], expanded.Lane[i]);
            after[i] = last.TryGetValue(key, out var before) ? before : -1;
            last[key] = i;
        }
        return new()
        {
            Name = expanded.Schedule.Name,
            Source = expanded.Source,
            Destination = expanded.Destination,
            Bytes = expanded.Bytes,
            WaitsFor = expanded.WaitsFor,
            Feeds = expanded.Feeds,
            After = after,
            GateArrivals = expanded.GateArrivals,
            GateAfter = expanded.GateAfter,
        };
    }

    /// <summary>The same with starts drawn evenly over a time.</summary>
    public SendList Over(Duration time, ulong seed)
    {
        var random = new SplitMix(seed);
        return new()
        {
            Name = Name,
            Source = Source,
            Destination = Destination,
            Bytes = Bytes,
            Start = [.. Source.Select(_ => random.Uniform() * time.Seconds)],
            WaitsFor = WaitsFor,
            Feeds = Feeds,
            After = After,
            GateArrivals = GateArrivals,
            GateAfter = GateAfter,
            GateTurns = GateTurns,
            FeedsToo = FeedsToo,
        };
    }

    /// <summary>The same sends among the ranks of several groups at once: rank r of a group is its r-th member, and no group waits for another.</summary>
    /// <exception cref="InputException">There are too many.</exception>
    public SendList Among(IReadOnlyList<int[]> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        if ((long)groups.Count * Count > Most) throw new InputException($"'{Name}' in {groups.Count:N0} groups at once would list {(long)groups.Count * Count:N0} sends, and the limit is {Most:N0}");
        int[] Ranks(int[] of) => [.. groups.SelectMany(g => of.Select(r => g[r]))];
        int[]? Shifted(int[]? of, int by) => of is null ? null : [.. Enumerable.Range(0, groups.Count).SelectMany(g => of.Select(i => i < 0 ? i : i + (g * by)))];
        T[]? Again<T>(T[]? of) => of is null ? null : [.. Enumerable.Repeat(of, groups.Count).SelectMany(a => a)];
        var gates = GateArrivals.Length;
        return new()
        {
            Name = Name,
            Source = Ranks(Source),
            Destination = Ranks(Destination),
            Bytes = Bytes.Length == 1 ? Bytes : Again(Bytes)!,
            Start = Again(Start),
            WaitsFor = Shifted(WaitsFor, gates),
            Feeds = Shifted(Feeds, gates),
            FeedsToo = Shifted(FeedsToo, gates),
            After = Shifted(After, Count),
            GateArrivals = Again(GateArrivals)!,
            GateAfter = Shifted(GateAfter, gates),
            GateTurns = Again(GateTurns),
        };
    }

    static string First(string text) => text.Split(':', 2)[0];

    static string? Second(string text) => text.Split(':', 2) is [_, { } more] ? more : null;

    static int Number(string pattern, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most ? n
            : throw new InputException($"pattern '{pattern}': expected a whole number from {least:N0} to {most:N0}, found '{text}'");

    static ulong Seed(string pattern, string? text) =>
        text is null ? DefaultSeed
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed
            : throw new InputException($"pattern '{pattern}': expected a seed, a whole number of 0 or more, found '{text}'");
}

/// <summary>SplitMix64 [Steele, Lea, Flood, OOPSLA 2014].</summary>
sealed class SplitMix(ulong seed)
{
    ulong state = seed;

    public double Uniform() => (Next() >> 11) / 9007199254740992.0;

    public int Below(int count) => (int)(Next() % (ulong)count);

    ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
