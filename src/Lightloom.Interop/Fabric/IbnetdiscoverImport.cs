using System.Buffers;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Interop.Fabric;

// What ibnetdiscover prints (infiniband-diags, ibnetdiscover(8)), and the network files of ibsim, which have the same shape:
//
//   # Topology file: generated on ...                                            a comment
//   switchguid=0x200001(200001)                                                  lines with '=' before a record describe it
//   Switch  64 "S-0000000000200001"   # "leaf-07" base port 0 lid 3 lmc 0         kind, ports, id, name
//   [3]     "H-0000000000100003"[1](100004)   # "node-0012-nic-3" lid 4 4xNDR     port, far id and port, and its name; width and speed
//                                                                                a blank line ends the record
//   Ca      1 "H-0000000000100003"    # "node-0012-nic-3"
//   [1](100004)  "S-0000000000200001"[3]   # lid 4 lmc 0 "leaf-07" lid 3 4xNDR
//
// An id of S-, H- or R- and 16 digits is a GUID; any other is a name, which is what ibsim's files have. Every cable stands in the records of
// both its ends, and a file that ends in the middle doesn't: that is how a truncated one is told from a small fabric.
//
// Rates: "4xNDR" is 4 lanes of 100 Gb/s. Per lane, in Gb/s of data after encoding where the name says so: SDR 2.5, DDR 5, QDR 10, FDR10 10,
// FDR 14, EDR 25, HDR 50, NDR 100, XDR 200 (InfiniBand Architecture Specification, volume 2).

/// <summary>Reads what ibnetdiscover prints.</summary>
public static class IbnetdiscoverImport
{
    static readonly Dictionary<string, double> Speeds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SDR"] = 2.5,
        ["DDR"] = 5,
        ["QDR"] = 10,
        ["FDR10"] = 10,
        ["FDR"] = 14,
        ["EDR"] = 25,
        ["HDR"] = 50,
        ["NDR"] = 100,
        ["XDR"] = 200,
    };

    static readonly SearchValues<char> SettingLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz_ ");

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file can't be read, is truncated, or is no such file.</exception>
    public static DiscoveredFabric ReadFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return TextLines.ReadFile(path, reader => Read(reader, path));
    }

    /// <summary>Reads a text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <exception cref="InputException">It is truncated, or no such text.</exception>
    public static DiscoveredFabric Read(TextReader reader, string file) => new Reader(new(reader, file), file).Read();

    sealed class Reader(TextLines lines, string file)
    {
        readonly DiscoveredFabricBuilder builder = new(file, countsParts: true);
        readonly Dictionary<string, int> byId = new(StringComparer.Ordinal);
        readonly List<(string Id, int Ports)> records = [];

        // One end of each cable whose other end hasn't been read: (device, port) -> (far id, far port, line, rate).
        readonly Dictionary<(string Id, int Port), (string Far, int FarPort, int Line, Bandwidth? Rate)> halves = [];
        int current = -1;
        int cables;

        public DiscoveredFabric Read()
        {
            while (lines.Next())
            {
                var text = lines.Line.Trim();
                if (text.IsEmpty) current = -1;
                else if (text[0] == '#') continue;
                else if (text[0] == '[') Port(text);
                else if (Header(text) is { } kind) Record(text, kind);
                else if (!IsSetting(text)) throw lines.Wrong($"expected a node ('Switch', 'Ca', 'Hca' or 'Rt'), a port ('[1] ...') or a setting ('name=value'), found '{Shown(text)}'");
            }
            if (records.Count == 0) throw new InputException($"'{file}' has no nodes; expected what ibnetdiscover prints");
            if (halves.Count > 0)
            {
                var ((id, port), half) = halves.MinBy(h => h.Value.Line);
                throw new InputException(byId.ContainsKey(half.Far)
                    ? $"port {port} of \"{id}\" meets port {half.FarPort} of \"{half.Far}\", whose own record doesn't say so: the file is truncated or was changed"
                    : $"port {port} of \"{id}\" meets \"{half.Far}\", which has no record: the file is truncated", new(file, half.Line, 1));
            }
            // A file that ends behind the header of its first record has no cables either.
            if (cables == 0) throw new InputException($"'{file}' has no cables; expected a record with the port at the other end of each, so the file is truncated or every port is down");
            return builder.Finish();
        }

        static DiscoveredKind? Header(ReadOnlySpan<char> text)
        {
            var word = text[..(text.IndexOfAny(' ', '\t') is >= 0 and var at ? at : text.Length)];
            return word is "Switch" ? DiscoveredKind.Switch : word is "Ca" or "Hca" or "Rt" ? DiscoveredKind.Card : null;
        }

        // "vendid=0x2c9", "switchguid=0x..(..)", "speed=7", and what ibsim reads besides: "module", "include".
        static bool IsSetting(ReadOnlySpan<char> text)
        {
            var equals = text.IndexOf('=');
            return equals > 0 && !text[..equals].ContainsAnyExcept(SettingLetters);
        }

        static string Shown(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..37]}...";

        void Record(ReadOnlySpan<char> text, DiscoveredKind kind)
        {
            var rest = text[(text.IndexOfAny(' ', '\t') is >= 0 and var word ? word : text.Length)..].TrimStart();
            var end = rest.IndexOfAnyExceptInRange('0', '9');
            if (end <= 0 || !int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var ports) || ports > DiscoveredFabricBuilder.HighestPort)
                throw lines.Wrong($"expected the number of ports and a name in quotes, found '{Shown(rest)}': the file may be truncated");
            var id = Quoted(rest[end..], out var after);
            var guid = GuidOf(id);
            var hash = after.IndexOf('#');
            var name = hash >= 0 && after[(hash + 1)..].Contains('"') ? Quoted(after[(hash + 1)..], out _) : guid is null ? id : "";
            if (byId.ContainsKey(id)) throw lines.Wrong($"node \"{id}\" has a second record");
            current = builder.Device(name, guid, kind, lines.Number);
            byId[id] = current;
            records.Add((id, ports));
        }

        void Port(ReadOnlySpan<char> text)
        {
            if (current < 0) throw lines.Wrong("a port stands here outside of a node's record");
            var (id, ports) = records[current];
            var port = Bracket(text, out var rest);
            if (port < 1 || port > ports) throw lines.Wrong($"expected a port from 1 to {ports} of \"{id}\", found {port}");
            var far = Quoted(rest, out rest);
            var farPort = rest.Length > 0 && rest[0] == '[' ? Bracket(rest, out rest) : 1;
            var key = (far, farPort);
            var rate = RateOf(rest);
            if (halves.ContainsKey((id, port))) throw lines.Wrong($"port {port} of \"{id}\" stands here a second time");
            if (halves.Remove(key, out var half))
            {
                if (half.Far != id || half.FarPort != port)
                    throw lines.Wrong($"port {port} of \"{id}\" meets port {farPort} of \"{far}\", which in line {half.Line} meets port {half.FarPort} of \"{half.Far}\"");
                builder.Link(byId[far], new(farPort), current, new(port), half.Rate ?? rate, half.Line);
                cables++;
            }
            else if (byId.TryGetValue(far, out var known) && known != current)
            {
                throw lines.Wrong($"port {port} of \"{id}\" meets port {farPort} of \"{far}\", whose own record doesn't say so");
            }
            else
            {
                if (halves.Count == DiscoveredFabricBuilder.MostLinks) throw lines.Wrong($"more than {DiscoveredFabricBuilder.MostLinks:N0} links");
                halves[(id, port)] = (far, farPort, lines.Number, rate);
            }
        }

        int Bracket(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
        {
            var close = text.IndexOf(']');
            if (close < 2 || !int.TryParse(text[1..close], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw lines.Wrong($"expected a port number in brackets, found '{Shown(text)}'");
            rest = text[(close + 1)..];
            return number;
        }

        string Quoted(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
        {
            var open = text.IndexOf('"');
            var length = open < 0 ? -1 : text[(open + 1)..].IndexOf('"');
            if (length < 0) throw lines.Wrong($"expected a name in quotes, found '{Shown(text)}': the file may be truncated");
            rest = text[(open + length + 2)..];
            return text.Slice(open + 1, length).ToString();
        }

        static ulong? GuidOf(string id) => id.Length == 18 && id[1] == '-' && id[0] is 'S' or 'H' or 'R' &&
            ulong.TryParse(id.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var guid) ? guid : null;

        // The last word of a line: "4xNDR". Older versions end without it.
        static Bandwidth? RateOf(ReadOnlySpan<char> rest)
        {
            var text = rest.TrimEnd();
            var word = text[(text.LastIndexOfAny(' ', '\t') + 1)..];
            var by = word.IndexOf('x');
            return by > 0 && int.TryParse(word[..by], NumberStyles.None, CultureInfo.InvariantCulture, out var lanes) && lanes is 1 or 2 or 4 or 8 or 12 &&
                Speeds.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word[(by + 1)..], out var gigabits)
                ? Bandwidth.FromGigabitsPerSecond(lanes * gigabits)
                : null;
        }
    }
}
