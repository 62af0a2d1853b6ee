// Protocol buffers on the wire [developers.google.com/protocol-buffers/docs/encoding]: fields, each a varint of number x 8 + type, and then
// by type 0 a varint, 1 eight bytes, 2 a varint n and n bytes, 5 four bytes. Types 3 and 4 are groups, which proto3 doesn't have.
using System.Buffers.Binary;
using System.Text;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Chakra;

/// <summary>Reads the fields of one message; wrong bytes are told with their place in the file.</summary>
ref struct ProtoReader(ReadOnlySpan<byte> bytes, long offset, string file)
{
    const int MostVarint = 10;

    readonly ReadOnlySpan<byte> bytes = bytes;
    int at;

    /// <summary>Where in the file the next byte stands.</summary>
    public readonly long Offset => offset + at;

    /// <summary>The field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its type on the wire.</summary>
    public int Type { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (at == bytes.Length) return false;
        var start = Offset;
        var tag = Varint();
        (Field, Type) = (tag >> 3 > int.MaxValue ? 0 : (int)(tag >> 3), (int)(tag & 7));
        if (Field == 0) throw Wrong(start, "expected a field, found the number 0");
        return Type is 0 or 1 or 2 or 5 ? true : throw Wrong(start, $"field {Field} has the type {Type} on the wire, which this format doesn't use");
    }

    /// <summary>A varint.</summary>
    public ulong Varint()
    {
        var start = Offset;
        var value = 0UL;
        for (var i = 0; i < MostVarint; i++)
        {
            if (at == bytes.Length) throw Wrong(start, "a varint is cut short");
            var b = bytes[at++];
            if (i == MostVarint - 1 && b > 1) break;
            value |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80) return value;
        }
        throw Wrong(start, "a varint has more than 64 bits");
    }

    /// <summary>The value of a field of bytes.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        Expect(2, "bytes");
        var start = Offset;
        var length = Varint();
        if (length > (ulong)(bytes.Length - at)) throw Wrong(start, $"field {Field} has {length:N0} bytes, and its message {bytes.Length - at:N0} more");
        var value = bytes.Slice(at, (int)length);
        at += (int)length;
        return value;
    }

    /// <summary>A message inside this one.</summary>
    public ProtoReader Message()
    {
        var value = Bytes();
        return new(value, Offset - value.Length, file);
    }

    /// <summary>A text.</summary>
    public string Text()
    {
        var start = Offset;
        try
        {
            return Strict.GetString(Bytes());
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(start, $"field {Field} is a text that is not UTF-8");
        }
    }

    static readonly UTF8Encoding Strict = new(false, true);

    public uint Four()
    {
        Expect(5, "4 bytes");
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    }

    public ulong Eight()
    {
        Expect(1, "8 bytes");
        return BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
    }

    /// <summary>The value of a field that is a varint.</summary>
    public ulong Number()
    {
        Expect(0, "a number");
        return Varint();
    }

    /// <summary>Passes over the field's value.</summary>
    public void Skip()
    {
        switch (Type)
        {
            case 0: Varint(); break;
            case 1: Take(8); break;
            case 2: Bytes(); break;
            default: Take(4); break;
        }
    }

    ReadOnlySpan<byte> Take(int count)
    {
        if (bytes.Length - at < count) throw Wrong(Offset, $"the message is cut short: expected {count} bytes, found {bytes.Length - at}");
        at += count;
        return bytes.Slice(at - count, count);
    }

    readonly void Expect(int type, string what)
    {
        if (Type != type) throw Wrong(Offset, $"field {Field} has the type {Type} on the wire; expected {type} ({what})");
    }

    public readonly InputException Wrong(string problem) => Wrong(Offset, problem);

    readonly InputException Wrong(long place, string problem) => new($"{file}: at byte {place:N0}: {problem}");
}
