using System.Buffers.Binary;
using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Goal;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Tests.Goal;

/// <summary>GOAL in both of its forms, and what is wrong with it.</summary>
public sealed class GoalTests
{
    const string Example = """
        // a ping, and what follows it
        num_ranks 2
        rank 0 {
        a: calc 100 cpu 1
        b: send 8b to 1 tag 5 cpu 0 nic 1
        b requires a
        /* two
           lines */ recv 16b from -1 tag -1
        }
        rank 1 {
        l1: recv 8b from 0 tag 5 nic 1
        l2: send 16b to 0
        l2 irequires l1
        }
        """;

    static MessageProgram Text(string text)
    {
        using var reader = new StringReader(text);
        return GoalText.Read(reader, "x.goal");
    }

    static string Written(MessageProgram program)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        GoalText.Write(writer, program);
        return writer.ToString();
    }

    /// <summary>The layout of the format's own writer, byte by byte.</summary>
    static byte[] Binary(MessageProgram program)
    {
        using var stream = new MemoryStream();
        void U32(long value) => Put(4, value);
        void Put(int bytes, long value)
        {
            Span<byte> buffer = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(buffer, value);
            stream.Write(buffer[..bytes]);
        }
        Put(8, 4223);
        U32(program.Ranks);
        Put(1, program.Cpus - 1);
        Put(1, program.Nics - 1);
        var table = stream.Position;
        for (var r = 0; r < program.Ranks; r++) stream.Write(new byte[16]);
        for (var r = 0; r < program.Ranks; r++)
        {
            var start = stream.Position;
            var (operations, order) = (program.OperationsOf(r), program.OrderOf(r).ToList());
            int[] roots = [.. Enumerable.Range(0, operations.Count).Where(n => order.All(o => o.Operation != n))];
            U32(operations.Count);
            U32(roots.Length);
            foreach (var n in roots) U32(n);
            var dependents = new List<int>();
            for (var n = 0; n < operations.Count; n++)
            {
                var o = operations[n];
                U32(order.Count(d => d.Operation == n));
                Put(1, (byte)o.Kind);
                U32(o.Peer);
                Put(8, o.Size);
                U32(o.Tag);
                Put(1, o.Cpu);
                Put(1, o.Nic);
                foreach (var whole in new[] { true, false })
                {
                    int[] after = [.. order.Where(d => d.Before == n && d.Whole == whole).Select(d => d.Operation)];
                    U32(after.Length);
                    U32(dependents.Count);
                    dependents.AddRange(after);
                }
            }
            foreach (var d in dependents) U32(d);
            var end = stream.Position;
            stream.Position = table + 16 * r;
            Put(8, start - 8);
            Put(8, end - 8);
            stream.Position = end;
        }
        return stream.ToArray();
    }

    static MessageProgram Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return GoalBinary.Read(stream, "x.bin");
    }

    [Fact]
    public void The_example_is_read()
    {
        var program = Text(Example);
        Assert.Equal((2, 5, 2, 2), (program.Ranks, program.Count, program.Cpus, program.Nics));
        Assert.Equal(
            [new(MessageKind.Calculate, 100, 0, 0, 1, 0), new(MessageKind.Send, 8, 1, 5, 0, 1), new(MessageKind.Receive, 16, MessageProgram.Any, MessageProgram.Any, 0, 0)],
            program.OperationsOf(0));
        Assert.Equal([(1, 0, true)], program.OrderOf(0));
        Assert.Equal([(1, 0, false)], program.OrderOf(1));
        Assert.Equal("rank 1, operation 0: receive 8 B from rank 0, tag 5", program.Describe(3));
    }

    static readonly Gen<MessageProgram> Any = Gen.Select(Gen.Int[1, 5], Gen.Int[0, 12], Gen.Int[0, int.MaxValue]).Select((ranks, each, seed) =>
    {
        var random = new Random(seed);
        var builder = new MessageProgramBuilder();
        for (var r = 0; r < ranks; r++)
        {
            builder.BeginRank();
            var first = builder.Count;
            for (var n = 0; n < each; n++)
            {
                var kind = ranks == 1 ? MessageKind.Calculate : (MessageKind)random.Next(1, 4);
                var peer = (r + 1 + random.Next(Math.Max(1, ranks - 1))) % ranks;
                var o = kind switch
                {
                    MessageKind.Calculate => builder.Add(kind, random.NextInt64(), onCpu: (byte)random.Next(3)),
                    MessageKind.Send => builder.Add(kind, random.NextInt64(), peer, random.Next(3), (byte)random.Next(3), (byte)random.Next(2)),
                    _ => builder.Add(kind, random.NextInt64(), random.Next(4) == 0 ? -1 : peer, random.Next(-1, 3), (byte)random.Next(3), (byte)random.Next(2)),
                };
                for (var before = first; before < o; before++)
                {
                    if (random.Next(4) != 0) continue;
                    if (random.Next(2) == 0) builder.Requires(o, before);
                    else builder.RequiresStart(o, before);
                }
            }
        }
        return builder.Finish();
    });

    [Fact]
    public void Both_forms_say_the_same() => Any.Sample(program =>
    {
        var text = Written(program);
        Assert.Equal(text, Written(Text(text)));
        Assert.Equal(text, Written(Read(Binary(program))));
    }, iter: 300);

    [Fact]
    public void Binary_is_written_as_others_write_it() => Any.Sample(program =>
    {
        using var stream = new MemoryStream();
        GoalBinary.Write(stream, program);
        Assert.Equal(Binary(program), stream.ToArray());
    }, iter: 300);

    [Fact]
    public void A_binary_file_that_is_cut_anywhere_is_refused() => Assert.All(Enumerable.Range(0, Binary(Text(Example)).Length), length =>
    {
        var bytes = Binary(Text(Example));
        Assert.Contains("x.bin: at byte", Assert.Throws<InputException>(() => Read(bytes[..length])).Message, StringComparison.Ordinal);
    });

    // Any change of a byte is read as something else or refused, and never more than that.
    [Fact]
    public void A_binary_file_with_a_wrong_byte_does_no_harm() => Gen.Select(Gen.Int[0, 1000], Gen.Byte).Sample((at, value) =>
    {
        var bytes = Binary(Text(Example));
        bytes[at % bytes.Length] = value;
        try
        {
            Read(bytes);
        }
        catch (InputException e)
        {
            Assert.Contains("x.bin", e.Message, StringComparison.Ordinal);
        }
    }, iter: 2000);

    [Theory]
    [InlineData(0, 2342, 8, "make it anew from its text")]
    [InlineData(0, 77, 8, "expected magic 4223, found 77")]
    [InlineData(8, 0, 4, "ranks, found 0")]
    [InlineData(8, 100_000_000, 4, "cut short")]
    public void A_wrong_head_is_told(int at, long value, int length, string message)
    {
        var bytes = Binary(Text(Example));
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        number[..length].CopyTo(bytes.AsSpan(at));
        Assert.Contains(message, Assert.Throws<InputException>(() => Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "x.goal:1:1: the file is empty")]
    [InlineData("ranks 2", "x.goal:1:1: expected 'num_ranks', found 'ranks'")]
    [InlineData("num_ranks 0", "x.goal:1:11: expected the number of ranks from 1")]
    [InlineData("num_ranks 2\nrank 1 {", "ranks stand in order: expected rank 0, found 1")]
    [InlineData("num_ranks 2\nrank 0 {\n}\n", "expected 2 ranks, found 1: the file is cut short, or rank 1 is missing")]
    [InlineData("num_ranks 1\nrank 0 {\ncalc 5", "rank 0 has no '}'")]
    [InlineData("num_ranks 1\nrank 0 {\n}\nrank 1 {", "there are 1 ranks, and this is one more")]
    [InlineData("num_ranks 2\nrank 0 {\nsned 8b to 1", "x.goal:3:1: expected send, recv, calc, a label or '}', found 'sned'; did you mean 'send'?")]
    [InlineData("num_ranks 2\nrank 0 {\nsend 8 to 1", "x.goal:3:6: expected bytes such as 8b, found '8'")]
    [InlineData("num_ranks 2\nrank 0 {\nsend 9223372036854775808b to 1", "x.goal:3:6: bytes have to be below 2^63")]
    [InlineData("num_ranks 2\nrank 0 {\nsend 8b to 2", "x.goal:3:12: ranks are numbered 0 to 1, not 2")]
    [InlineData("num_ranks 2\nrank 0 {\nsend 8b to 0", "rank 0 sends to itself")]
    [InlineData("num_ranks 2\nrank 0 {\nsend 8b to -1", "expected a rank from 0")]
    [InlineData("num_ranks 2\nrank 0 {\nsend 8b to 1 cpu 256", "expected a number of a cpu from 0 to 255, found '256'")]
    [InlineData("num_ranks 2\nrank 0 {\nsend 8b to 1 nic 0 cpu 0", "x.goal:3:20: expected the end of the line, found 'cpu'")]
    [InlineData("num_ranks 1\nrank 0 {\nab: calc 1\nac requires ab", "x.goal:4:1: rank 0 has no label 'ac' above this line; did you mean 'ab'?")]
    [InlineData("num_ranks 1\nrank 0 {\na: calc 1\na: calc 2", "label 'a' stands in rank 0 a second time")]
    [InlineData("num_ranks 1\nrank 0 {\na: calc 1\nb: calc 2\na requires b\nb irequires a\n}", "x.goal: 2 operations wait in a circle, such as rank 0, operation 0")]
    [InlineData("num_ranks 1\nrank 0 {\na: calc 1\na requires a", "waits for itself")]
    [InlineData("num_ranks 1\n/* rank", "has no end")]
    public void Wrong_text_is_told_with_its_place(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Text(text)).Message, StringComparison.Ordinal);
}
