using System.Globalization;
using System.Text;
using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Goal;
using Lightloom.Quantities;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Tests.Goal;

/// <summary>GOAL in files of any size: played as it is in memory, in the memory of what is under way.</summary>
public sealed class GoalTraceTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("goal").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string Written(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>
    /// A trace of ranks that compute, send and receive: labels of several styles, order lines anywhere behind the two labels, and operations that wait
    /// for later ones. Every message has its receive; of what waits for what there is no circle.
    /// </summary>
    static string Random(int seed)
    {
        var random = new Random(seed);
        var ranks = random.Next(2, 6);
        var plans = Enumerable.Range(0, ranks).Select(_ => new List<string>()).ToList();
        for (var m = random.Next(0, 40); m > 0; m--)
        {
            var from = random.Next(ranks);
            var to = (from + 1 + random.Next(ranks - 1)) % ranks;
            var (size, tag) = (random.Next(1, 100_000), random.Next(3));
            plans[from].Add(Invariant($"send {size}b to {to} tag {tag} cpu {random.Next(2)}"));
            plans[to].Add(random.Next(5) == 0 ? Invariant($"recv {size}b from -1 tag {(random.Next(2) == 0 ? -1 : tag)}") : Invariant($"recv {size}b from {from} tag {tag} cpu {random.Next(2)}"));
        }
        var text = new StringBuilder(Invariant($"// a trace\nnum_ranks {ranks}\n"));
        for (var r = 0; r < ranks; r++)
        {
            var plan = plans[r];
            for (var c = random.Next(6); c > 0; c--) plan.Insert(random.Next(plan.Count + 1), Invariant($"calc {random.Next(1, 20_000)} cpu {random.Next(2)}"));
            // The order in which things may come, which isn't that of the lines: of two operations the one with the smaller turn comes first.
            var turns = Enumerable.Range(0, plan.Count).ToArray();
            if (random.Next(2) == 0) random.Shuffle(turns);
            var style = random.Next(4);
            string Label(int n) => style switch { 0 => $"l{n}", 1 => $"op{(7 * n) % 101}x", 2 => $"s{2 * n + (n / 3)}", _ => n % 2 == 0 ? $"a{n}" : $"b{n}_" };
            text.Append(CultureInfo.InvariantCulture, $"rank {r} {{\n");
            var order = new List<string>();
            for (var n = 0; n < plan.Count; n++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Label(n)}: {plan[n]}\n");
                for (var b = 0; b < n; b++)
                {
                    if (random.Next(6) != 0) continue;
                    var (after, before) = turns[n] > turns[b] ? (n, b) : (b, n);
                    // Receives wait for nothing that could keep them for ever: only computations and sends wait.
                    if (plan[after].StartsWith('r')) continue;
                    order.Add($"{Label(after)} {(random.Next(3) == 0 ? "irequires" : "requires")} {Label(before)}\n");
                }
                if (random.Next(2) == 0) Put();
            }
            Put();
            text.Append("}\n");

            void Put()
            {
                foreach (var line in order) text.Append(line);
                order.Clear();
            }
        }
        return text.ToString();

        static string Invariant(FormattableString value) => FormattableString.Invariant(value);
    }

    /// <summary>All that happens in a run, in order; or what it says if it can't end.</summary>
    static string Played(IMessageSource source, LogGops parameters)
    {
        using var closes = source as IDisposable;
        var happened = new StringBuilder();
        void Line(string what, int rank, int operation, MessageOperation of, SimTime at) => happened.Append(CultureInfo.InvariantCulture, $"{what} {MessageNames.Describe(rank, operation, of)} at {at.Picoseconds}\n");
        try
        {
            var run = MessageSimulation.Run(source, new()
            {
                Parameters = parameters,
                Began = (rank, operation, of, at) => Line("begin", rank, operation, of, at),
                Ended = (rank, operation, of, _, at) => Line("end", rank, operation, of, at),
                Stop = TestContext.Current.CancellationToken,
            });
            return happened.Append(CultureInfo.InvariantCulture, $"{run.Time.Picoseconds} {run.Messages} {run.Events} {run.IsComplete} {string.Join(' ', run.RankEnds.Select(e => e.Picoseconds))}").ToString();
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }

    [Fact]
    public void Played_from_a_file_as_from_memory() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var text = Random(seed);
        var parameters = new LogGops { LargestEager = seed % 2 == 0 ? 65535 : 20_000, Gap = Duration.FromNanoseconds(seed % 3 * 400) };
        var path = Written($"{seed}.goal", text);
        var stop = TestContext.Current.CancellationToken;
        var whole = Played(GoalTrace.Open(path), parameters);
        // As a file, with room for few pairs and labels in memory, and as a binary file.
        foreach (var most in new[] { 1, 3, 50 }) Assert.Equal(whole, Played(GoalTrace.Open(path, 0, most, null, stop), parameters));
        var binary = Path.Combine(folder, $"{seed}.bin");
        using (var stream = File.Create(binary)) GoalBinary.Write(stream, GoalTrace.Open(path));
        Assert.Equal(whole, Played(GoalTrace.Open(binary), parameters));
        File.Delete(path);
        File.Delete(binary);
    }, iter: 200, threads: 1);

    [Theory]
    [InlineData("num_ranks 2\nrank 0 {\nsned 8b to 1", ":3:1: expected send, recv, calc, a label or '}', found 'sned'; did you mean 'send'?")]
    [InlineData("num_ranks 1\nrank 0 {\nab: calc 1\nac requires ab", ":4:1: rank 0 has no label 'ac' above this line; did you mean 'ab'?")]
    [InlineData("num_ranks 1\nrank 0 {\na: calc 1\nb: calc 1\nc: calc 1\na: calc 2", "label 'a' stands in rank 0 a second time")]
    [InlineData("num_ranks 1\nrank 0 {\nl1: calc 1\nl2: calc 1\nl3: calc 1\nl2: calc 2", "label 'l2' stands in rank 0 a second time")]
    [InlineData("num_ranks 1\nrank 0 {\na: calc 1\nb: calc 2\na requires b\nb irequires a\n}", "2 operations wait in a circle, such as rank 0, operation 0")]
    [InlineData("num_ranks 2\nrank 0 {\n}\n", "expected 2 ranks, found 1: the file is cut short, or rank 1 is missing")]
    public void What_is_wrong_with_large_text_is_told_with_its_place(string text, string message)
    {
        var stop = TestContext.Current.CancellationToken;
        Assert.Contains(message, Assert.Throws<InputException>(() => GoalTrace.Open(Written("x.goal", text), 0, 1, null, stop)).Message, StringComparison.Ordinal);
    }

    static string Steps(int ranks, int steps)
    {
        var text = new StringBuilder(FormattableString.Invariant($"num_ranks {ranks}\n"));
        for (var r = 0; r < ranks; r++)
        {
            text.Append(CultureInfo.InvariantCulture, $"rank {r} {{\n");
            for (var s = 0; s < steps; s++)
            {
                text.Append(CultureInfo.InvariantCulture, $"c{s}: calc 100\ns{s}: send 8b to {(r + 1) % ranks} tag {s}\nr{s}: recv 8b from {(r + ranks - 1) % ranks} tag {s}\ns{s} requires c{s}\n");
                if (s > 0) text.Append(CultureInfo.InvariantCulture, $"c{s} requires r{s - 1}\nr{s} requires r{s - 1}\n");
            }
            text.Append("}\n");
        }
        return text.ToString();
    }

    // What is held goes with what is under way, not with the length.
    [Fact]
    public void Ten_times_the_steps_hold_as_many_operations()
    {
        int Held(int steps)
        {
            using var source = (GoalBinaryFile)GoalTrace.Open(Written($"{steps}.goal", Steps(8, steps)), 0, 100, null, TestContext.Current.CancellationToken);
            var run = MessageSimulation.Run(source, new() { Stop = TestContext.Current.CancellationToken });
            Assert.Equal((long)24 * steps, run.Source.Operations);
            return run.MostHeld;
        }
        Assert.Equal(Held(50), Held(500));
    }

    [Fact]
    public void A_stop_while_it_is_read_is_told()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => GoalTrace.Open(Written("x.goal", Steps(2, 3)), 0, 100, null, stop.Token));
    }

    [Fact]
    public void Labels_are_found_as_in_a_dictionary() => Gen.Select(Gen.Int[1, 20], Gen.Int[0, int.MaxValue]).Sample((most, seed) =>
    {
        var random = new Random(seed);
        using var labels = new GoalLabels(most);
        var expected = new Dictionary<string, int>(StringComparer.Ordinal);
        string Name() => random.Next(4) switch { 0 => $"l{random.Next(60)}", 1 => $"l0{random.Next(5)}", 2 => $"x{random.Next(40)}y", _ => $"l{expected.Count}" };
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 150; i++)
            {
                var name = Name();
                Assert.Equal(expected.TryAdd(name, i), labels.TryAdd(name, i));
                var other = Name();
                Assert.Equal(expected.TryGetValue(other, out var place), labels.TryGet(other, out var found));
                if (place > 0) Assert.Equal(place, found);
            }
            labels.Clear();
            expected.Clear();
        }
    }, iter: 100, threads: 1);

    [Fact]
    public void A_table_of_labels_grows()
    {
        using var table = new LabelTable(4);
        var random = new Random(1);
        UInt128[] hashes = [.. Enumerable.Range(0, 5000).Select(_ => new UInt128((ulong)random.NextInt64() << 1, (ulong)random.NextInt64()))];
        for (var i = 0; i < hashes.Length; i++) table.Add(hashes[i], i);
        for (var i = 0; i < hashes.Length; i++)
        {
            Assert.True(table.TryGet(hashes[i], out var number));
            Assert.Equal(i, number);
            Assert.False(table.TryGet(hashes[i] + 1, out _));
        }
    }

    [Fact]
    public void Pairs_come_by_keys_and_as_they_were_put() => Gen.Select(Gen.Int[1, 30], Gen.Int[0, int.MaxValue], Gen.Int[0, 200]).Sample((most, seed, count) =>
    {
        var random = new Random(seed);
        using var pairs = new SpilledPairs(most);
        (uint Key, uint Value)[] put = [.. Enumerable.Range(0, count).Select(i => ((uint)random.Next(20), (uint)i))];
        foreach (var (key, value) in put) pairs.Add(key, value);
        var expected = put.OrderBy(p => p.Key).ToList();
        Assert.Equal(expected, pairs.Sorted());
        Assert.Equal(expected, pairs.Sorted());
        pairs.Clear();
        pairs.Add(1, 2);
        Assert.Equal([(1u, 2u)], pairs.Sorted());
    }, iter: 200, threads: 1);

    [Fact]
    public void Pages_hold_what_the_file_holds() => Gen.Select(Gen.Int[1, 4], Gen.Int[1, 300], Gen.Int[0, int.MaxValue]).Sample((count, length, seed) =>
    {
        var random = new Random(seed);
        var bytes = new byte[length];
        random.NextBytes(bytes);
        using var pages = new FilePages(new MemoryStream(bytes), (count, 16));
        for (var i = 0; i < 60; i++)
        {
            var at = random.Next(length);
            var size = random.Next(Math.Min(100, length - at) + 1);
            Assert.Equal(bytes.AsSpan(at, size), pages.Bytes(at, size));
            if (i == 30) pages.Resize((2, 32));
        }
    }, iter: 200, threads: 1);
}
