// Execution traces in MLCommons' Chakra format [github.com/mlcommons/chakra, et_def.proto; Sridharan et al., arXiv 2305.14516].
//
//   file               varint length, message; again and again to the end: first GlobalMetadata, then nodes
//   GlobalMetadata     version 1, attr 2
//   Node               id 1, name 2, type 3, ctrl_deps 4, data_deps 5, start_time_micros 6, duration_micros 7, inputs 8, outputs 9, attr 10
//   IOInfo             values 1, shapes 2, types 3
//   AttributeProto     name 1, doc_string 2, and one value: double 3, float 5, int32 7, int64 9, uint32 11, uint64 13, sint32 15, sint64 17,
//                      fixed32 19, fixed64 21, sfixed32 23, sfixed64 25, bool 27, string 29, bytes 31; a list of each is one higher: values 1
//
//   attributes         is_cpu_op, num_ops, tensor_size, comm_type, comm_size, comm_priority, comm_src, comm_dst, comm_tag, pg_name, involved_dim
//
// Integers may have any width; a size is below 2^63. A metadata node whose inputs say [{"pg_name": "3", "ranks": [...]}] defines groups.
using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;

namespace Lightloom.Interop.Chakra;

/// <summary>Reads the nodes of one file, one after the other: memory does not grow with the file.</summary>
sealed class ChakraNodes(Stream stream, string file, int rank, long offset)
{
    /// <summary>The largest message that is read, in bytes.</summary>
    public const int MostBytes = 64 << 20;

    byte[] buffer = new byte[4096];

    /// <summary>Where the next message begins.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Reads what stands before the nodes.</summary>
    public void Head()
    {
        var start = Offset;
        if (Message() is not { Length: > 0 } message)
            throw new InputException($"{file}: at byte {start:N0}: {(Offset == start ? "the file is empty; expected a Chakra trace" : "expected Chakra's metadata, which has a version")}");
        try
        {
            var reader = new ProtoReader(message.Span, Offset - message.Length, file);
            while (reader.Next())
            {
                if (reader.Field == 1) reader.Text();
                else if (reader.Field == 2 && reader.Type == 2) reader.Skip();
                else throw reader.Wrong($"expected Chakra's metadata (a version and attributes), found field {reader.Field}");
            }
        }
        catch (InputException e)
        {
            throw new InputException($"{e.Message}: this is no Chakra trace");
        }
    }

    /// <summary>The next node; null at the end.</summary>
    public TraceNode? Next()
    {
        var start = Offset;
        return Message() is { } message ? Node(new(message.Span, Offset - message.Length, file), start) : null;
    }

    // The next message: the whole of it is in the buffer.
    Memory<byte>? Message()
    {
        var start = Offset;
        var length = 0UL;
        for (var i = 0; ; i++)
        {
            var b = stream.ReadByte();
            if (b < 0) return i == 0 ? null : throw At(start, "the length of a message, a varint, is cut short at the end of the file");
            Offset++;
            length |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80) break;
            if (i == 4) throw At(start, "the length of a message has more than 32 bits: this is no Chakra trace, or its order is lost before here");
        }
        if (length > MostBytes) throw At(start, $"a message has {length:N0} bytes, and the most that is read is {MostBytes:N0}: this is no Chakra trace, or its order is lost before here");
        if ((int)length > buffer.Length) buffer = new byte[Math.Max((int)length, Math.Min(MostBytes, 2 * buffer.Length))];
        var read = stream.ReadAtLeast(buffer.AsSpan(0, (int)length), (int)length, throwOnEndOfStream: false);
        if (read < (int)length) throw At(Offset + read, $"the file is cut short: the message at byte {start:N0} has {length:N0} bytes, and {read:N0} are there");
        Offset += (long)length;
        return buffer.AsMemory(0, (int)length);
    }

    TraceNode Node(ProtoReader reader, long start)
    {
        var (id, name, kind, micros, inputs) = (0UL, "", 0UL, 0UL, (string?)null);
        List<ulong>? after = null;
        var attributes = new Attributes(this);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Number(); break;
                case 2: name = reader.Text(); break;
                case 3: kind = reader.Number(); break;
                case 4 or 5: Numbers(ref reader, after ??= []); break;
                case 7: micros = reader.Number(); break;
                case 8: inputs = Values(reader.Message()) ?? inputs; break;
                case 10: attributes.Read(reader.Message()); break;
                default: reader.Skip(); break;
            }
        }
        if (kind > (ulong)TraceNodeKind.Collective) throw At(start, $"node {id} has the type {kind}; expected 0 to 7 (invalid, metadata, load, store, compute, send, receive, collective)");
        if (micros > long.MaxValue / 1000) throw At(start, $"node {id} lasts {micros:N0} us; expected less than 2^63 ns");
        var what = (TraceNodeKind)kind;
        return new()
        {
            Id = id,
            Name = name,
            Kind = what,
            OnCpu = attributes.OnCpu,
            Microseconds = micros,
            Operations = attributes.Operations,
            TensorBytes = attributes.TensorBytes,
            Collective = what == TraceNodeKind.Collective ? attributes.CollectiveOf(id, start) : default,
            Bytes = what is TraceNodeKind.Collective or TraceNodeKind.Send or TraceNodeKind.Receive ? attributes.BytesOf(id, start) : 0,
            Peer = what is TraceNodeKind.Send or TraceNodeKind.Receive ? attributes.PeerOf(what, id, rank, start) : 0,
            Tag = attributes.Tag,
            Priority = attributes.Priority,
            Group = attributes.Group,
            Dimensions = attributes.Dimensions,
            After = after is null ? [] : after.ToArray(),
            Issued = attributes.Issued is { } issued ? issued.ToArray() : [],
            Groups = what == TraceNodeKind.Metadata && inputs is not null ? Groups(inputs, id, start) : [],
            Offset = start,
        };
    }

    static void Numbers(ref ProtoReader reader, List<ulong> into)
    {
        if (reader.Type == 0)
        {
            into.Add(reader.Number());
            return;
        }
        var packed = reader.Message();
        var end = reader.Offset;
        while (packed.Offset < end) into.Add(packed.Varint());
    }

    static string? Values(ProtoReader reader)
    {
        string? values = null;
        while (reader.Next())
        {
            if (reader.Field == 1) values = reader.Text();
            else reader.Skip();
        }
        return values;
    }

    // The list may stand as it is, or as a text in a list of one.
    List<TraceGroup> Groups(string inputs, ulong id, long start)
    {
        var (from, to) = (inputs.IndexOf("[{", StringComparison.Ordinal), inputs.LastIndexOf("}]", StringComparison.Ordinal));
        if (from < 0 || to < from || !inputs.Contains("pg_name", StringComparison.Ordinal)) return [];
        var text = inputs[from..(to + 2)];
        if (text.StartsWith("[{\\", StringComparison.Ordinal)) text = text.Replace("\\\"", "\"", StringComparison.Ordinal);
        var groups = new List<TraceGroup>();
        try
        {
            using var list = JsonDocument.Parse(text);
            foreach (var item in list.RootElement.EnumerateArray())
            {
                var name = item.GetProperty("pg_name").GetString() ?? "";
                int[] ranks = [.. item.GetProperty("ranks").EnumerateArray().Select(r => r.GetInt32())];
                groups.Add(new(Number(name, id, start), ranks));
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw At(start, $"node {id} defines process groups, and its list can't be read: {e.Message}");
        }
        return groups;
    }

    int Number(string name, ulong id, long start) =>
        name.Length == 0 ? 0
            : int.TryParse(name, out var number) && number >= 0 ? number
            : throw At(start, $"node {id} has the process group '{name}'; expected a whole number, as ASTRA-sim does");

    InputException At(long place, string problem) => new($"{file}: at byte {place:N0}: {problem}");

    // Attributes that mean something, of any integer width.
    struct Attributes(ChakraNodes owner)
    {
        ulong? bytes, collective, source, destination;

        public bool OnCpu { get; private set; }

        public ulong Operations { get; private set; }

        public ulong TensorBytes { get; private set; }

        public uint Tag { get; private set; }

        public uint Priority { get; private set; }

        public int Group { get; private set; }

        public IReadOnlyList<bool>? Dimensions { get; private set; }

        public List<ulong>? Issued { get; private set; }

        public void Read(ProtoReader reader)
        {
            var start = reader.Offset;
            var name = "";
            // The name stands first in what all known writers write; where it doesn't, the message is read a second time.
            var again = reader;
            while (again.Next())
            {
                if (again.Field == 1) name = again.Text();
                else again.Skip();
            }
            while (reader.Next())
            {
                if (reader.Field is 1 or 2) reader.Skip();
                else Value(ref reader, name, start);
            }
        }

        void Value(ref ProtoReader reader, string name, long start)
        {
            switch (name)
            {
                case "is_cpu_op": OnCpu = Integer(ref reader, name, start, 1) != 0; break;
                case "num_ops": Operations = Integer(ref reader, name, start, long.MaxValue); break;
                case "tensor_size": TensorBytes = Integer(ref reader, name, start, long.MaxValue); break;
                case "comm_type": collective = Integer(ref reader, name, start, long.MaxValue); break;
                case "comm_size": bytes = Integer(ref reader, name, start, long.MaxValue); break;
                case "comm_priority": Priority = (uint)Integer(ref reader, name, start, uint.MaxValue); break;
                case "comm_src": source = Integer(ref reader, name, start, int.MaxValue); break;
                case "comm_dst": destination = Integer(ref reader, name, start, int.MaxValue); break;
                case "comm_tag": Tag = (uint)Integer(ref reader, name, start, uint.MaxValue); break;
                case "pg_name": Group = reader.Field == 29 ? owner.Number(reader.Text(), 0, start) : (int)Integer(ref reader, name, start, int.MaxValue); break;
                case "involved_dim": Dimensions = Flags(ref reader, start); break;
                case ChakraTrace.IssueOrder: Issued = List(ref reader, name, start); break;
                default: reader.Skip(); break;
            }
        }

        readonly ulong Integer(ref ProtoReader reader, string name, long start, ulong most)
        {
            static long Zigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
            var value = reader.Field switch
            {
                7 => (int)reader.Number(),
                9 => (Int128)(long)reader.Number(),
                11 => (uint)reader.Number(),
                13 or 27 => reader.Number(),
                15 or 17 => Zigzag(reader.Number()),
                19 => reader.Four(),
                21 => reader.Eight(),
                23 => (int)reader.Four(),
                25 => (long)reader.Eight(),
                var other => throw owner.At(start, $"attribute '{name}' has a value of field {other}; expected an integer"),
            };
            return value >= 0 && value <= most ? (ulong)value
                : throw owner.At(start, most == long.MaxValue && value > most ? $"attribute '{name}' is {value}, and has to be below 2^63" : $"attribute '{name}' is {value}; expected 0 to {most:N0}");
        }

        readonly List<ulong> List(ref ProtoReader reader, string name, long start)
        {
            if (reader.Field != 14) throw owner.At(start, $"attribute '{name}' has a value of field {reader.Field}; expected a list of unsigned integers");
            var list = reader.Message();
            var numbers = new List<ulong>();
            while (list.Next())
            {
                if (list.Field == 1) Numbers(ref list, numbers);
                else list.Skip();
            }
            return numbers;
        }

        readonly bool[] Flags(ref ProtoReader reader, long start)
        {
            if (reader.Field != 28) throw owner.At(start, $"attribute 'involved_dim' has a value of field {reader.Field}; expected a list of true and false");
            var list = reader.Message();
            var flags = new List<ulong>();
            while (list.Next())
            {
                if (list.Field == 1) Numbers(ref list, flags);
                else list.Skip();
            }
            return [.. flags.Select(f => f != 0)];
        }

        public readonly TraceCollective CollectiveOf(ulong id, long start) => collective switch
        {
            null => throw owner.At(start, $"node {id} is a collective without 'comm_type'"),
            <= (ulong)TraceCollective.Barrier => (TraceCollective)collective.Value,
            _ => throw owner.At(start, $"node {id} has the comm_type {collective}; expected 0 to 9"),
        };

        public readonly ulong BytesOf(ulong id, long start) => bytes ?? throw owner.At(start, $"node {id} communicates and has no 'comm_size'");

        public readonly int PeerOf(TraceNodeKind what, ulong id, int rank, long start)
        {
            var (own, peer, ownName, peerName) = what == TraceNodeKind.Send ? (source, destination, "comm_src", "comm_dst") : (destination, source, "comm_dst", "comm_src");
            if (own is { } other && other != (ulong)rank) throw owner.At(start, $"node {id} of rank {rank} has the {ownName} {other}; expected its own rank, or none");
            return (int)(peer ?? throw owner.At(start, $"node {id} has no '{peerName}'"));
        }
    }
}
