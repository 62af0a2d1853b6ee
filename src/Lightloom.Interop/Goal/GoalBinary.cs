// GOAL as binary, little-endian and packed, as LogGOPSim's txt2bin writes it.
//
//   offset 0        u64 magic 4223; 2342 where a run with --save-mem has spoilt the file
//   base = 8        u32 ranks, u8 highest CPU, u8 highest NIC
//   base + 6        ranks x (u64 start, u64 end) of each rank's block, from base
//   block           u32 nodes, u32 roots, u32[roots] nodes without a dependency
//                   nodes x 39 B: u32 dependencies, u8 type (1 send, 2 recv, 3 calc), u32 peer, u64 bytes or ns, u32 tag, u8 CPU, u8 NIC,
//                                 u32 dependents, u32 first, u32 start dependents, u32 first start
//                   u32[] dependents by node: "first" counts into it; 0xFFFFFFFF as peer or tag is any
//
// Every count is checked against what the file holds and against its other counts.
using System.Buffers.Binary;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Goal;

/// <summary>Reads binary GOAL.</summary>
public static class GoalBinary
{
    const ulong Magic = 4223;
    const ulong Spoilt = 2342;
    const int Base = 8;
    const int NodeBytes = 39;

    /// <summary>Whether a file begins as binary GOAL does, spoilt or not.</summary>
    public static bool Is(ReadOnlySpan<byte> start) => start.Length >= 8 && BinaryPrimitives.ReadUInt64LittleEndian(start) is Magic or Spoilt;

    /// <summary>Reads a program.</summary>
    /// <param name="stream">The file, whose length is known; it is read in order, one rank's block at a time.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <exception cref="InputException">It is malformed or cut short; the offset is named.</exception>
    public static MessageProgram Read(Stream stream, string file)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new Reader(stream, file).Run();
    }

    sealed class Reader(Stream stream, string file)
    {
        readonly MessageProgramBuilder builder = new();
        long offset;

        public MessageProgram Run()
        {
            var head = Bytes(14);
            switch (BinaryPrimitives.ReadUInt64LittleEndian(head))
            {
                case Magic: break;
                case Spoilt: throw At(0, "magic 2342: a run that saves memory has spoilt this file; make it anew from its text");
                case var other: throw At(0, $"expected magic {Magic}, found {other}: this is no binary GOAL");
            }
            var ranks = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8));
            if (ranks is 0 or > 1 << 28) throw At(8, $"expected 1 to {1 << 28:N0} ranks, found {ranks:N0}");
            var (cpu, nic) = (head[12], head[13]);
            if (16L * ranks > stream.Length - offset) throw At(stream.Length, $"the file is cut short: {ranks:N0} ranks need {16L * ranks:N0} bytes for the places of their blocks alone");
            var blocks = new (ulong Start, ulong End)[ranks];
            for (var r = 0; r < blocks.Length; r++)
            {
                var pair = Bytes(16);
                blocks[r] = (BinaryPrimitives.ReadUInt64LittleEndian(pair), BinaryPrimitives.ReadUInt64LittleEndian(pair.AsSpan(8)));
            }
            for (var r = 0; r < blocks.Length; r++)
            {
                if ((ulong)(offset - Base) != blocks[r].Start) throw At(offset, $"expected the block of rank {r} here, and the file says that it begins at {Base + blocks[r].Start}");
                if (blocks[r].End < blocks[r].Start || blocks[r].End > (ulong)(stream.Length - Base))
                    throw At(stream.Length, $"the file is cut short: the block of rank {r} is said to end at {Base + blocks[r].End}");
                Block(r, (int)ranks, cpu, nic, (long)(Base + blocks[r].End));
                if ((ulong)(offset - Base) != blocks[r].End) throw At(offset, $"the block of rank {r} ends here, and the file says that it ends at {Base + blocks[r].End}");
            }
            if (stream.ReadByte() >= 0) throw At(offset, "expected the end of the file");
            try
            {
                return builder.Finish();
            }
            catch (InputException e)
            {
                throw new InputException($"{file}: {e.Message}");
            }
        }

        void Block(int rank, int ranks, byte mostCpu, byte mostNic, long end)
        {
            builder.BeginRank();
            var head = Bytes(8);
            var (nodes, roots) = (BinaryPrimitives.ReadUInt32LittleEndian(head), BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)));
            if (roots > nodes) throw At(offset - 4, $"rank {rank} has {nodes:N0} operations and can't have {roots:N0} without a dependency");
            if ((4L * roots) + ((long)NodeBytes * nodes) > end - offset) throw At(offset - 8, $"rank {rank} can't have {nodes:N0} operations and {roots:N0} roots in the {end - offset:N0} bytes of its block");
            Skip(4L * roots);
            var places = new (uint Count, uint First, uint StartCount, uint StartFirst)[nodes];
            var dependencies = new uint[nodes];
            var first = builder.Count;
            for (var n = 0; n < places.Length; n++)
            {
                var at = offset;
                var node = Bytes(NodeBytes).AsSpan();
                dependencies[n] = BinaryPrimitives.ReadUInt32LittleEndian(node);
                if (node[4] is < 1 or > 3) throw At(at + 4, $"operation {n} of rank {rank} has type {node[4]}; expected 1 (send), 2 (recv) or 3 (calc)");
                var kind = (MessageKind)node[4];
                var (peer, size, tag) = (BinaryPrimitives.ReadUInt32LittleEndian(node[5..]), BinaryPrimitives.ReadUInt64LittleEndian(node[9..]), BinaryPrimitives.ReadUInt32LittleEndian(node[17..]));
                if (size > long.MaxValue) throw At(at + 9, $"operation {n} of rank {rank} has {size:N0} {(kind == MessageKind.Calculate ? "ns" : "B")}; expected less than 2^63");
                if (kind != MessageKind.Calculate && peer >= ranks && !(peer == uint.MaxValue && kind == MessageKind.Receive)) throw At(at + 5, $"operation {n} of rank {rank} names rank {peer:N0}, and there are {ranks:N0}");
                if (node[21] > mostCpu) throw At(at + 21, $"operation {n} of rank {rank} uses CPU {node[21]}, and the file says {mostCpu} at most");
                if (kind != MessageKind.Calculate && node[22] > mostNic) throw At(at + 22, $"operation {n} of rank {rank} uses NIC {node[22]}, and the file says {mostNic} at most");
                var calculates = kind == MessageKind.Calculate;
                builder.Add(kind, (long)size, calculates ? 0 : (int)peer, calculates ? 0 : (int)tag, node[21], calculates ? (byte)0 : node[22]);
                places[n] = (BinaryPrimitives.ReadUInt32LittleEndian(node[23..]), BinaryPrimitives.ReadUInt32LittleEndian(node[27..]), BinaryPrimitives.ReadUInt32LittleEndian(node[31..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(node[35..]));
            }
            Dependents(rank, first, places, dependencies, end);
        }

        void Dependents(int rank, int first, (uint Count, uint First, uint StartCount, uint StartFirst)[] places, uint[] dependencies, long end)
        {
            var length = 0L;
            foreach (var (count, from, startCount, startFrom) in places)
                length = Math.Max(length, Math.Max(count == 0 ? 0 : (long)from + count, startCount == 0 ? 0 : (long)startFrom + startCount));
            if (4 * length > end - offset) throw At(offset, $"rank {rank} can't have {length:N0} dependents in the {end - offset:N0} bytes that are left of its block");
            var table = new uint[length];
            for (var i = 0; i < table.Length; i++) table[i] = BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));
            var found = new uint[places.Length];
            for (var n = 0; n < places.Length; n++)
            {
                for (var i = places[n].First; i < places[n].First + places[n].Count; i++) builder.Requires(first + Node(table[i]), first + n);
                for (var i = places[n].StartFirst; i < places[n].StartFirst + places[n].StartCount; i++) builder.RequiresStart(first + Node(table[i]), first + n);
            }
            for (var n = 0; n < places.Length; n++)
                if (found[n] != dependencies[n]) throw At(offset, $"operation {n} of rank {rank} should wait for {dependencies[n]:N0} others, and {found[n]:N0} name it");

            int Node(uint node)
            {
                if (node >= places.Length) throw At(offset, $"rank {rank} has {places.Length:N0} operations, and one depends on number {node:N0}");
                found[node]++;
                return (int)node;
            }
        }

        readonly byte[] buffer = new byte[NodeBytes];

        byte[] Bytes(int count)
        {
            var read = stream.ReadAtLeast(buffer.AsSpan(0, count), count, throwOnEndOfStream: false);
            if (read < count) throw At(offset + read, $"the file is cut short: expected {count - read:N0} bytes more");
            offset += count;
            return buffer;
        }

        void Skip(long count)
        {
            for (; count > 0; count -= Math.Min(count, 4)) Bytes((int)Math.Min(count, 4));
        }

        InputException At(long place, string problem) => new($"{file}: at byte {place:N0}: {problem}");
    }
}
