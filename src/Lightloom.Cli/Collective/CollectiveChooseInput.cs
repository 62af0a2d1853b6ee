using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>Reads what <c>collective choose</c> is told.</summary>
static class CollectiveChooseInput
{
    const int MostSizes = 400;

    static readonly string[] PeerToPeer = ["all-to-all", "send-recv", "sendrecv", "alltoall", "gather", "scatter"];

    public static NcclFunction Function(string text) => PeerToPeer.Contains(text, StringComparer.Ordinal)
        ? throw new InputException($"--collective: NCCL sends {text} from peer to peer and chooses no algorithm for it")
        : Named<NcclFunction>("--collective", text, DocumentShape.NameOf);

    public static NcclAlgorithm Algorithm(string text) => Named<NcclAlgorithm>("--algorithm", text, a => NcclTuner.Name((NcclAlgorithm)(object)a));

    public static NcclProtocol Protocol(string text) => Named<NcclProtocol>("--protocol", text, p => NcclTuner.Name((NcclProtocol)(object)p));

    /// <summary>"8..32GiB" doubles from 8 B; "1MiB,3MiB" are those.</summary>
    public static IReadOnlyList<long> Sizes(string text)
    {
        var ends = text.Split("..");
        if (ends.Length > 2) throw new InputException($"--sizes: expected '8..32GiB' or sizes with commas between them, found '{text}'");
        if (ends.Length == 1)
        {
            var listed = text.Split(',', StringSplitOptions.TrimEntries).Select(Size).Distinct().Order().ToList();
            return listed.Count <= MostSizes ? listed : throw new InputException($"--sizes: at most {MostSizes} sizes, not {listed.Count}");
        }
        var (first, last) = (Size(ends[0]), Size(ends[1]));
        if (first > last) throw new InputException($"--sizes: '{ends[0]}' is more than '{ends[1]}'");
        var sizes = new List<long>();
        for (var size = first; size <= last; size *= 2) sizes.Add(size);
        return sizes;
    }

    /// <summary>The group on the systems.</summary>
    public static NcclMachine Machine(string key, string nodes, string? gpus, string? host, bool sharp, bool withoutNvls)
    {
        var system = LinkInput.Part<AcceleratorSystem>("--system", key);
        var count = LinkInput.Count("--nodes", nodes, 1, NcclMachine.MostNodes);
        int? each = null;
        if (gpus is not null)
        {
            var most = (int)Math.Min(int.MaxValue, (long)count * system.Accelerators.Value);
            var all = LinkInput.Count("--gpus", gpus, 2, most);
            if (all % count != 0) throw new InputException($"--gpus: {all:N0} GPUs don't divide over {count:N0} nodes; NCCL's model takes nodes that are alike");
            each = all / count;
        }
        var machine = NcclMachine.Of(system, count, each);
        if (host is not null) machine = machine with { Host = Named<NcclHost>("--host", host, DocumentShape.NameOf) };
        return machine with { FabricReduction = sharp, InSwitchReduction = machine.InSwitchReduction && !withoutNvls };
    }

    static long Size(string text)
    {
        var trimmed = text.Trim();
        double bytes;
        if (double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain)) bytes = plain;
        else if (Quantity.TryParse<DataSize>(trimmed, out var size, out var problem)) bytes = size.Bytes;
        else throw new InputException($"--sizes: {problem}");
        return bytes >= 1 && bytes <= NcclTuner.LargestSize && bytes == Math.Floor(bytes)
            ? (long)bytes
            : throw new InputException($"--sizes: expected whole bytes from 1 B to 1 TiB, found '{trimmed}'");
    }

    internal static T Named<T>(string option, string text, Func<Enum, string> name, string? written = null)
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        foreach (var value in values)
            if (string.Equals(name(value), text, StringComparison.OrdinalIgnoreCase)) return value;
        string[] names = [.. values.Select(v => name(v))];
        throw new InputException($"{option}: expected one of {string.Join(", ", names)}; found '{written ?? text}'{Nearest.Hint(text, names)}");
    }
}
