using System.Buffers;
using System.Text;
using Lightloom.Collectives.Traces;

namespace Lightloom.Interop.Chakra;

/// <summary>Writes Chakra execution traces, as <see cref="ChakraTrace"/> and ASTRA-sim read them: one stream for each rank.</summary>
public static class ChakraWriter
{
    const string Version = "0.0.4";

    /// <summary>Writes the nodes of a rank.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="nodes">Its nodes.</param>
    public static void Write(Stream stream, int rank, IEnumerable<TraceNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(nodes);
        var head = new Message();
        head.Text(1, Version);
        head.WriteTo(stream);
        foreach (var node in nodes) Node(rank, node).WriteTo(stream);
    }

    static Message Node(int rank, TraceNode node)
    {
        var message = new Message();
        message.Number(1, node.Id);
        if (node.Name.Length > 0) message.Text(2, node.Name);
        message.Number(3, (ulong)node.Kind);
        // What is there for the order of issue alone is a dependency of control, and is named once more.
        Numbers(message, 4, node.Issued);
        Numbers(message, 5, node.Issued.Count == 0 ? node.After : [.. node.After.Except(node.Issued)]);
        if (node.Microseconds > 0) message.Number(7, node.Microseconds);
        if (node.Groups.Count > 0)
        {
            var values = new Message();
            values.Text(1, $"[\"[{string.Join(", ", node.Groups.Select(g => $"{{\"pg_name\": \"{g.Id}\", \"ranks\": [{string.Join(", ", g.Ranks)}]}}"))}]\"]");
            message.Inside(8, values);
        }
        void Integer(string name, ulong value, int field) => message.Inside(10, Attribute(name, a => a.Number(field, value)));
        Integer("is_cpu_op", node.OnCpu ? 1UL : 0, 27);
        if (node.Issued.Count > 0)
        {
            var list = new Message();
            Numbers(list, 1, node.Issued);
            message.Inside(10, Attribute(ChakraTrace.IssueOrder, a => a.Inside(14, list)));
        }
        if (node.Operations > 0) Integer("num_ops", node.Operations, 13);
        if (node.TensorBytes > 0) Integer("tensor_size", node.TensorBytes, 13);
        switch (node.Kind)
        {
            case TraceNodeKind.Collective:
                Integer("comm_type", (ulong)node.Collective, 9);
                Integer("comm_size", node.Bytes, 9);
                if (node.Priority > 0) Integer("comm_priority", node.Priority, 11);
                if (node.Group > 0) message.Inside(10, Attribute("pg_name", a => a.Text(29, $"{node.Group}")));
                if (node.Dimensions is { } dimensions)
                {
                    var list = new Message();
                    foreach (var dimension in dimensions) list.Number(1, dimension ? 1UL : 0);
                    message.Inside(10, Attribute("involved_dim", a => a.Inside(28, list)));
                }
                break;
            case TraceNodeKind.Send or TraceNodeKind.Receive:
                var sends = node.Kind == TraceNodeKind.Send;
                Integer("comm_size", node.Bytes, 9);
                Integer("comm_src", (ulong)(sends ? rank : node.Peer), 11);
                Integer("comm_dst", (ulong)(sends ? node.Peer : rank), 11);
                Integer("comm_tag", node.Tag, 11);
                break;
        }
        return message;
    }

    static void Numbers(Message message, int field, IReadOnlyList<ulong> numbers)
    {
        if (numbers.Count == 0) return;
        var packed = new Message();
        foreach (var number in numbers) packed.Varint(number);
        message.Inside(field, packed);
    }

    static Message Attribute(string name, Action<Message> value)
    {
        var attribute = new Message();
        attribute.Text(1, name);
        value(attribute);
        return attribute;
    }

    sealed class Message
    {
        readonly ArrayBufferWriter<byte> bytes = new();

        public void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7) bytes.Write([(byte)(value | 0x80)]);
            bytes.Write([(byte)value]);
        }

        public void Number(int field, ulong value)
        {
            Varint((ulong)field << 3);
            Varint(value);
        }

        public void Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

        public void Inside(int field, Message message) => Bytes(field, message.bytes.WrittenSpan);

        public void WriteTo(Stream stream)
        {
            var length = new Message();
            length.Varint((ulong)bytes.WrittenCount);
            stream.Write(length.bytes.WrittenSpan);
            stream.Write(bytes.WrittenSpan);
        }

        void Bytes(int field, ReadOnlySpan<byte> value)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)value.Length);
            bytes.Write(value);
        }
    }
}
