using System.IO.Compression;
using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.Chakra;

namespace Lightloom.Interop.Tests.Chakra;

/// <summary>Tests that measure the process's memory, which no other test may move meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryIsMeasured
{
    public const string Name = "memory is measured";
}

/// <summary>Chakra traces byte by byte.</summary>
[Collection(MemoryIsMeasured.Name)]
public sealed class ChakraTraceTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lightloom-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string Put(int rank, byte[] bytes, string ending = ".et")
    {
        var file = Path.Combine(folder, $"t.{rank}{ending}");
        File.WriteAllBytes(file, bytes);
        return file;
    }

    string Prefix => Path.Combine(folder, "t");

    static byte[] Field(int number, int type, params byte[] value) => [.. Varint((ulong)((number << 3) | type)), .. value];

    static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }

    static byte[] Bytes(int number, params byte[] value) => Field(number, 2, [.. Varint((ulong)value.Length), .. value]);

    static byte[] Attribute(string name, byte[] value) => Bytes(10, [.. Bytes(1, System.Text.Encoding.UTF8.GetBytes(name)), .. value]);

    static byte[] Message(params byte[] value) => [.. Varint((ulong)value.Length), .. value];

    static readonly byte[] Head = Message(Bytes(1, "0.0.4"u8.ToArray()));

    static byte[] Node(ulong id, int type, params byte[] rest) => Message([.. Field(1, 0, Varint(id)), .. Field(3, 0, Varint((ulong)type)), .. rest]);

    static byte[] Collective(byte[] size) => Node(1, 7, [.. Attribute("comm_type", Field(9, 0, 0)), .. Attribute("comm_size", size)]);

    TraceNode Only(params byte[] message)
    {
        Put(0, [.. Head, .. message]);
        return ChakraTrace.Open(Prefix).NodesOf(0).Single();
    }

    // Every integer type of the schema, by its number and its type on the wire.
    [Fact]
    public void A_size_may_have_any_integer_width()
    {
        byte[] four = [0x00, 0x10, 0, 0], eight = [0x00, 0x10, 0, 0, 0, 0, 0, 0];
        byte[][] values =
        [
            Field(7, 0, Varint(4096)), Field(9, 0, Varint(4096)), Field(11, 0, Varint(4096)), Field(13, 0, Varint(4096)), Field(15, 0, Varint(8192)), Field(17, 0, Varint(8192)),
            Field(19, 5, four), Field(21, 1, eight), Field(23, 5, four), Field(25, 1, eight),
        ];
        Assert.All(values, v => Assert.Equal(4096UL, Only(Collective(v)).Bytes));
    }

    // A file that ASTRA-sim has run.
    [Fact]
    public void A_file_of_others()
    {
        Put(0, Convert.FromHexString("070a05302e302e344d1219616c6c5f7265647563655f386e7075735f31303438353736421807520e0a0969735f6370755f6f70d80100520d0a09636f" +
            "6d6d5f747970654800520f0a09636f6d6d5f73697a6548808040"));
        var node = ChakraTrace.Open(Prefix, 1).NodesOf(0).Single();
        Assert.Equal(("all_reduce_8npus_1048576B", TraceNodeKind.Collective, false), (node.Name, node.Kind, node.OnCpu));
        Assert.Equal((TraceCollective.AllReduce, 1UL << 20, 8L), (node.Collective, node.Bytes, node.Offset));
    }

    [Fact]
    public void Dependencies_may_be_packed_or_not_and_groups_stand_inline()
    {
        var node = Only(Node(9, 4, [.. Field(4, 0, 3), .. Field(4, 0, 4), .. Bytes(5, [.. Varint(5), .. Varint(300)]), .. Field(7, 0, Varint(12))]));
        Assert.Equal([3UL, 4UL, 5UL, 300UL], node.After);
        Assert.Equal(12UL, node.Microseconds);
        var values = """["[{\"pg_name\": \"2\", \"ranks\": [0, 4]}, {\"pg_name\": \"7\", \"ranks\": []}]"]""";
        var groups = Only(Node(1, 1, Bytes(8, Bytes(1, System.Text.Encoding.UTF8.GetBytes(values))))).Groups;
        Assert.Equal([2, 7], groups.Select(g => g.Id));
        Assert.Equal([0, 4], groups[0].Ranks);
        var plain = """["[{"pg_name": "2", "ranks": [0, 4]}]"]""";
        Assert.Equal(2, Only(Node(1, 1, Bytes(8, Bytes(1, System.Text.Encoding.UTF8.GetBytes(plain))))).Groups.Single().Id);
    }

    static readonly Gen<TraceNode> Nodes =
        from id in Gen.ULong
        from kind in Gen.Int[0, 7]
        from name in Gen.String[Gen.Char['a', 'z'], 0, 12]
        from numbers in Gen.ULong[0, long.MaxValue].Array[3]
        from after in Gen.ULong.Array[0, 4]
        from small in Gen.Int[1, 1000].Array[3]
        from cpu in Gen.Bool
        from dimensions in Gen.Bool.Array[0, 4]
        select new TraceNode
        {
            Id = id,
            Name = name,
            Kind = (TraceNodeKind)kind,
            OnCpu = cpu,
            Microseconds = (ulong)small[0],
            Operations = numbers[0],
            TensorBytes = numbers[1],
            Collective = kind == 7 ? (TraceCollective)(small[1] % 10) : default,
            Bytes = kind >= 5 ? numbers[2] : 0,
            Peer = kind is 5 or 6 ? small[1] : 0,
            Tag = kind is 5 or 6 ? (uint)small[2] : 0,
            Group = kind == 7 ? small[2] : 0,
            Dimensions = kind == 7 && dimensions.Length > 0 ? dimensions : null,
            After = after.Distinct().ToArray(),
            Issued = after.Distinct().Take(small[0] % 3).ToArray(),
            Groups = kind == 1 ? [new(small[1], [1, 2, small[2] + 3])] : [],
        };

    [Fact]
    public void What_is_written_is_read_again() => Nodes.Array[0, 20].Sample(nodes =>
    {
        using (var stream = File.Create(Path.Combine(folder, "t.0.et"))) ChakraWriter.Write(stream, 0, nodes);
        var read = ChakraTrace.Open(Prefix).NodesOf(0).ToList();
        Assert.Equal(nodes.Length, read.Count);
        foreach (var (a, b) in nodes.Zip(read))
        {
            Assert.Equal((a.Id, a.Name, a.Kind, a.OnCpu, a.Microseconds, a.Operations, a.TensorBytes), (b.Id, b.Name, b.Kind, b.OnCpu, b.Microseconds, b.Operations, b.TensorBytes));
            Assert.Equal((a.Collective, a.Bytes, a.Peer, a.Tag, a.Group), (b.Collective, b.Bytes, b.Peer, b.Tag, b.Group));
            Assert.Equal(a.After.Order(), b.After.Order());
            Assert.Equal(a.Issued, b.Issued);
            Assert.Equal(a.Dimensions, b.Dimensions);
            Assert.Equal(a.Groups.Select(g => (g.Id, string.Join(',', g.Ranks))), b.Groups.Select(g => (g.Id, string.Join(',', g.Ranks))));
        }
    }, iter: 100, threads: 1);

    [Fact]
    public void A_packed_file_reads_the_same()
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionMode.Compress)) zip.Write([.. Head, .. Collective(Field(9, 0, Varint(77)))]);
        Put(0, packed.ToArray(), ".et.gz");
        Assert.Equal(77UL, ChakraTrace.Open(Prefix).NodesOf(0).Single().Bytes);
        Put(0, [1, 2, 3], ".et.gz");
        Assert.Contains("can't be unpacked", Fails(() => (object)Count(ChakraTrace.Open(Prefix))));
    }

    static int Count(ChakraTrace trace) => trace.NodesOf(0).Count();

    static string Fails(Func<object> action) => Fails(() => { _ = action(); });

    static string Fails(Action action) => Assert.Throws<InputException>(action).Message;

    void Wrong(string message, params byte[] bytes)
    {
        Put(0, bytes);
        var text = Fails(() => (object)Count(ChakraTrace.Open(Prefix)));
        Assert.Contains(message, text, StringComparison.Ordinal);
        Assert.Contains("t.0.et: at byte ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_bytes_are_told_with_their_place()
    {
        Wrong("at byte 0: the file is empty");
        Wrong("this is no Chakra trace", "PK34abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklm"u8.ToArray());
        Wrong("at byte 8: the length of a message, a varint, is cut short at the end of the file", [.. Head, 0x80]);
        Wrong("at byte 10: a varint is cut short", [.. Head, .. Message(0x08, 0x80)]);
        Wrong("a varint has more than 64 bits", [.. Head, .. Message([0x08, .. Enumerable.Repeat((byte)0xFF, 10)])]);
        Wrong("attribute 'issue_order' has a value of field 9; expected a list of unsigned integers", [.. Head, .. Node(1, 4, Attribute("issue_order", Field(9, 0, 1)))]);
        Wrong("the file is cut short: the message at byte 8 has 100 bytes, and 2 are there", [.. Head, 100, 0x08, 0x01]);
        Wrong("has the type 9; expected 0 to 7", [.. Head, .. Node(1, 9)]);
        Wrong("attribute 'comm_size' is 9223372036854775808, and has to be below 2^63", [.. Head, .. Collective(Field(13, 0, Varint(1UL << 63)))]);
        Wrong("attribute 'comm_size' is -1", [.. Head, .. Collective(Field(9, 0, Varint(ulong.MaxValue)))]);
        Wrong("expected an integer", [.. Head, .. Collective(Field(3, 1, new byte[8]))]);
        Wrong("a collective without 'comm_type'", [.. Head, .. Node(1, 7, Attribute("comm_size", Field(9, 0, 1)))]);
        Wrong("has the comm_type 10; expected 0 to 9", [.. Head, .. Node(1, 7, [.. Attribute("comm_type", Field(9, 0, 10)), .. Attribute("comm_size", Field(9, 0, 1))])]);
        Wrong("has no 'comm_size'", [.. Head, .. Node(1, 5)]);
        Wrong("has no 'comm_dst'", [.. Head, .. Node(1, 5, Attribute("comm_size", Field(9, 0, 1)))]);
        Wrong("has the comm_src 4; expected its own rank", [.. Head, .. Node(1, 5, [.. Attribute("comm_size", Field(9, 0, 1)), .. Attribute("comm_src", Field(11, 0, 4))])]);
        Wrong("has the process group 'tp'; expected a whole number", [.. Head, .. Node(1, 7, [.. Attribute("comm_type", Field(9, 0, 0)), .. Attribute("comm_size", Field(9, 0, 1)), .. Attribute("pg_name", Bytes(29, "tp"u8.ToArray()))])]);
        Wrong("field 1 has 50 bytes, and its message 1 more", [.. Head, .. Message([.. Field(1, 0, 1), 0x52, 3, 0x0A, 50, 1])]);
        Wrong("has the type 3 on the wire", [.. Head, .. Message(0x0B)]);
    }

    // Whatever bytes there are: nodes, or one clear message.
    [Fact]
    public void No_bytes_lead_anywhere_else() => Gen.Select(Gen.Byte.Array[0, 60], Gen.Bool).Sample((bytes, headed) =>
    {
        Put(0, headed ? [.. Head, .. Message(bytes)] : bytes);
        try
        {
            Count(ChakraTrace.Open(Prefix));
        }
        catch (InputException e)
        {
            Assert.Contains("t.0.et", e.Message, StringComparison.Ordinal);
        }
    }, iter: 2000, threads: 1);

    [Fact]
    public void Files_that_are_missing_or_too_many_are_named()
    {
        Assert.Contains("there is no trace", Fails(() => (object)ChakraTrace.Open(Prefix)));
        Put(0, Head);
        Put(1, Head);
        Put(3, Head);
        Assert.Contains("t.2.et'", Fails(() => (object)ChakraTrace.Open(Prefix)));
        Assert.Contains("t.2.et': 4 ranks are expected", Fails(() => (object)ChakraTrace.Open(Prefix, 4)));
        Put(2, Head);
        Assert.Contains("more ranks than the 2 that are expected", Fails(() => (object)ChakraTrace.Open(Prefix, 2)));
        Assert.Equal(4, ChakraTrace.Open(folder).Ranks);
        Assert.Equal(4, ChakraTrace.Open(Path.Combine(folder, "t.1.et")).Ranks);
        File.WriteAllBytes(Path.Combine(folder, "u.0.et"), Head);
        Assert.Contains("holds several traces: t, u", Fails(() => (object)ChakraTrace.Open(folder)));
    }

    // A gigabyte of nodes is not in memory at once: 3 MB of nodes here are read in blocks of 4,096.
    [Fact]
    public void A_long_file_is_read_block_by_block()
    {
        var name = new string('n', 200);
        using (var stream = File.Create(Path.Combine(folder, "t.0.et")))
            ChakraWriter.Write(stream, 0, Enumerable.Range(0, 20_000).Select(i => new TraceNode { Id = (ulong)i, Name = name, Kind = TraceNodeKind.Compute }));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (count, most) = (0, 0L);
        foreach (var node in ChakraTrace.Open(Prefix).NodesOf(0))
            if (++count % 5000 == 0) most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        Assert.Equal(20_000, count);
        // Of 4,096 nodes with names of 400 B, three quarters of a kilobyte each.
        Assert.InRange(most, 0, 4096 * 1200);
    }
}
