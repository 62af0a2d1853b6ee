// htsim's connection matrices [csg-htsim and uet-htsim, connection_matrix.cpp]:
//
//   Nodes 128
//   Connections 2
//   Triggers 1
//   Failures 0
//   35->25 id 1 start 0 size 2000000 send_done_trigger 1
//   92->116 id 2 trigger 1 size 2000000
//   trigger id 1 oneshot                      oneshot | multishot | barrier count N
//
// The unit of start differs: uet-htsim reads microseconds, csg-htsim and its generators picoseconds. A file doesn't say which; a reader must.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Packets;

namespace Lightloom.Interop.Htsim;

/// <summary>What the starts of a connection matrix count.</summary>
public enum StartUnit
{
    /// <summary>Microseconds, as uet-htsim reads them.</summary>
    Microseconds,

    /// <summary>Picoseconds, as csg-htsim reads them and the generators write them.</summary>
    Picoseconds,
}

/// <summary>A connection matrix of htsim.</summary>
/// <param name="Hosts">Hosts of the fabric.</param>
/// <param name="Traffic">Its flows.</param>
/// <param name="LatestStart">The largest start that it names, as it stands there.</param>
public sealed record ConnectionMatrix(int Hosts, PacketTraffic Traffic, long LatestStart)
{
    static readonly string[] Words = ["id", "start", "size", "trigger", "send_done_trigger", "recv_done_trigger", "prio"];
    static readonly string[] Kinds = ["oneshot", "multishot", "barrier"];

    /// <summary>Reads one.</summary>
    /// <param name="text">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="unit">What starts count.</param>
    /// <exception cref="InputException">Something is wrong: the file and line, and what was expected.</exception>
    public static ConnectionMatrix Read(TextReader text, string file, StartUnit unit = StartUnit.Microseconds)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Reader(file, unit).Read(text);
    }

    sealed class Reader(string file, StartUnit unit)
    {
        readonly List<(int Source, int Destination, long Bytes, long Start, int By, int Sent, int Received, int Line)> flows = [];
        readonly Dictionary<int, (FlowTrigger Trigger, int Line)> triggers = [];
        readonly HashSet<int> ids = [];
        int line, nodes, connections = -1, triggerCount;
        long latest;

        public ConnectionMatrix Read(TextReader text)
        {
            while (text.ReadLine() is { } row)
            {
                line++;
                var words = row.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length == 0 || words[0].StartsWith('#')) continue;
                Row(words);
            }
            if (nodes == 0) throw new InputException($"{file}: expected a line 'Nodes N'");
            if (connections != flows.Count) throw new InputException($"{file}: says Connections {connections} and has {flows.Count}");
            if (triggerCount != triggers.Count) throw new InputException($"{file}: says Triggers {triggerCount} and has {triggers.Count}");
            return new(nodes, Traffic(), latest);
        }

        void Row(string[] words)
        {
            switch (words[0])
            {
                case "Nodes":
                    nodes = (int)Number(words, 1, 1, 1 << 24);
                    break;
                case "Connections":
                    connections = (int)Number(words, 1, 0, 1 << 28);
                    break;
                case "Triggers":
                    triggerCount = (int)Number(words, 1, 0, 1 << 28);
                    break;
                case "Failures":
                    if (Number(words, 1, 0, int.MaxValue) > 0) throw Wrong("failures in a matrix are not read; expected none");
                    break;
                case "trigger":
                    TriggerRow(words);
                    break;
                default:
                    FlowRow(words);
                    break;
            }
        }

        void FlowRow(string[] words)
        {
            if (words[0].Split("->") is not [var from, var to]) throw Wrong($"expected a connection 'A->B', found '{words[0]}'{Nearest.Hint(words[0], ["Nodes", "Connections", "Triggers", "Failures", "trigger"])}");
            if (nodes == 0) throw Wrong("expected 'Nodes N' before the first connection");
            var (source, destination) = (Node(from), Node(to));
            if (source == destination) throw Wrong($"node {source} is connected to itself");
            var (size, start, by, sent, received) = (-1L, -1L, 0, 0, 0);
            for (var i = 1; i < words.Length; i += 2)
            {
                switch (words[i])
                {
                    case "id":
                        if (!ids.Add((int)Number(words, i + 1, 0, int.MaxValue))) throw Wrong($"connection {words[i + 1]} is there twice");
                        break;
                    case "start":
                        start = Number(words, i + 1, 0, long.MaxValue);
                        break;
                    case "size":
                        size = Number(words, i + 1, 1, long.MaxValue);
                        break;
                    case "trigger":
                        by = (int)Number(words, i + 1, 1, int.MaxValue);
                        break;
                    case "send_done_trigger":
                        sent = (int)Number(words, i + 1, 1, int.MaxValue);
                        break;
                    case "recv_done_trigger":
                        received = (int)Number(words, i + 1, 1, int.MaxValue);
                        break;
                    case "prio":
                        Number(words, i + 1, 0, int.MaxValue);
                        break;
                    default:
                        throw Wrong($"there is no field '{words[i]}'{Nearest.Hint(words[i], Words)}");
                }
            }
            if (size < 0) throw Wrong("the connection has no size");
            if (start < 0 && by == 0) throw Wrong("the connection has neither a start nor a trigger");
            if (start >= 0 && by > 0) throw Wrong("the connection has both a start and a trigger");
            latest = Math.Max(latest, start);
            if (start > 0 && unit == StartUnit.Microseconds)
            {
                if (start > long.MaxValue / 1_000_000) throw Wrong($"start {start} was read as microseconds, which pass 106 days: picoseconds may be meant");
                start *= 1_000_000;
            }
            flows.Add((source, destination, size, start, by, sent, received, line));
        }

        void TriggerRow(string[] words)
        {
            if (words.Length < 4 || words[1] != "id") throw Wrong("expected 'trigger id N oneshot', 'multishot' or 'barrier count N'");
            var id = (int)Number(words, 2, 1, int.MaxValue);
            if (!Kinds.Contains(words[3], StringComparer.Ordinal)) throw Wrong($"there is no kind of trigger '{words[3]}'{Nearest.Hint(words[3], Kinds)}");
            var count = 1;
            if (words[3] == "barrier")
            {
                if (words.Length < 6 || words[4] != "count") throw Wrong("a barrier needs 'count N'");
                count = (int)Number(words, 5, 1, int.MaxValue);
            }
            var kind = words[3] switch { "oneshot" => TriggerKind.OneShot, "multishot" => TriggerKind.MultiShot, _ => TriggerKind.Barrier };
            if (!triggers.TryAdd(id, (new(kind, count), line))) throw Wrong($"trigger {id} is there twice");
        }

        PacketTraffic Traffic()
        {
            int[] known = [.. triggers.Keys.Order()];
            var place = known.Select((id, i) => (id, i)).ToDictionary(t => t.id, t => t.i);
            int Place(int id, int at) => id == 0 ? -1
                : place.TryGetValue(id, out var i) ? i : throw new InputException($"{file}, line {at}: there is no trigger {id}");
            return new()
            {
                Name = Path.GetFileNameWithoutExtension(file),
                Source = [.. flows.Select(f => f.Source)],
                Destination = [.. flows.Select(f => f.Destination)],
                Bytes = [.. flows.Select(f => f.Bytes)],
                StartPicoseconds = [.. flows.Select(f => f.Start)],
                StartedBy = [.. flows.Select(f => Place(f.By, f.Line))],
                OnSent = [.. flows.Select(f => Place(f.Sent, f.Line))],
                OnReceived = [.. flows.Select(f => Place(f.Received, f.Line))],
                Triggers = [.. known.Select(id => triggers[id].Trigger)],
            };
        }

        int Node(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var node) && node < nodes ? node
                : throw Wrong($"expected nodes 0 to {nodes - 1}, found '{text}'");

        long Number(string[] words, int at, long least, long most)
        {
            if (at >= words.Length) throw Wrong($"expected a number after '{words[at - 1]}'");
            return long.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
                : throw Wrong($"expected '{words[at - 1]}' with a whole number from {least} to {most}, found '{words[at]}'");
        }

        InputException Wrong(string what) => new($"{file}, line {line}: {what}");
    }
}
