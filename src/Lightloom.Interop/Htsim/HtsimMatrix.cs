// Connection matrices of htsim (.cm): who sends how much to whom, from when on.
//
//   Nodes 128
//   Connections 3
//   Triggers 1
//   35->92 id 1 start 0 size 65536 send_done_trigger 1
//   35->34 id 2 start 0 size 65536 send_done_trigger 1
//   35->16 id 3 trigger 1 size 65536
//   trigger id 1 multishot
//
//   start            picoseconds
//   done triggers    when the last byte has arrived, at the sender as at the receiver: acknowledgements take no time here
//   oneshot          starts all its flows at its one activation     barrier count N    at its N-th
//   multishot        starts one more of its flows, in their order, at each
//
// prio and msg are read and mean nothing where flows share max-min. Lines may be empty or begin with "#".
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Interop.Htsim;

/// <summary>Reads and writes htsim's connection matrices.</summary>
public static class HtsimMatrix
{
    const int MostNodes = 1 << 24;

    static readonly string[] Words = ["id", "start", "size", "trigger", "send_done_trigger", "recv_done_trigger", "prio", "msg"];
    static readonly string[] Kinds = ["oneshot", "multishot", "barrier"];

    /// <summary>Reads a matrix.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <returns>The sends, and how many nodes the matrix has.</returns>
    /// <exception cref="InputException">It is malformed: file, line and column are named.</exception>
    public static (SendList Sends, int Nodes) Read(TextReader text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Reader(text, file).Run();
    }

    /// <summary>Writes sends, so that <see cref="Read"/> reads flows that start at the same times.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="sends">The sends.</param>
    /// <param name="nodes">Nodes.</param>
    /// <exception cref="InputException">Their order is one that triggers can't keep; nothing is written then.</exception>
    public static void Write(TextWriter text, SendList sends, int nodes)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(sends);
        var (by, on, counts) = Triggers(sends);
        text.Write(string.Create(CultureInfo.InvariantCulture, $"Nodes {nodes}\nConnections {sends.Count}\n"));
        if (counts.Count > 0) text.Write(string.Create(CultureInfo.InvariantCulture, $"Triggers {counts.Count}\n"));
        for (var i = 0; i < sends.Count; i++)
        {
            text.Write(string.Create(CultureInfo.InvariantCulture, $"{sends.Source[i]}->{sends.Destination[i]} id {i + 1} "));
            text.Write(by[i] > 0 ? string.Create(CultureInfo.InvariantCulture, $"trigger {by[i]}")
                : string.Create(CultureInfo.InvariantCulture, $"start {(sends.Start is { } start ? (long)Math.Round(start[i] * 1e12) : 0)}"));
            text.Write(string.Create(CultureInfo.InvariantCulture, $" size {(long)Math.Ceiling(sends.Bytes[sends.Bytes.Length == 1 ? 0 : i])}"));
            if (on[i].Send > 0) text.Write(string.Create(CultureInfo.InvariantCulture, $" send_done_trigger {on[i].Send}"));
            if (on[i].Receive > 0) text.Write(string.Create(CultureInfo.InvariantCulture, $" recv_done_trigger {on[i].Receive}"));
            text.Write('\n');
        }
        for (var t = 0; t < counts.Count; t++)
            text.Write(counts[t] == 1 ? string.Create(CultureInfo.InvariantCulture, $"trigger id {t + 1} oneshot\n") : string.Create(CultureInfo.InvariantCulture, $"trigger id {t + 1} barrier count {counts[t]}\n"));
    }

    // A trigger for each gate that somebody waits for, which the flow before is one more to activate.
    static (int[] By, (int Send, int Receive)[] On, List<int> Counts) Triggers(SendList sends)
    {
        var (by, on, counts) = (new int[sends.Count], new (int Send, int Receive)[sends.Count], new List<int>());
        var ofGate = new Dictionary<int, (int Trigger, bool Own)>();
        for (var i = 0; i < sends.Count; i++)
        {
            var (gate, after) = (sends.WaitsFor?[i] ?? -1, sends.After?[i] ?? -1);
            if (gate < 0 && after < 0) continue;
            if (sends.Start is { } start && start[i] > 0) throw new InputException($"send {i + 1:N0} waits for others and for a time, which a connection matrix can't say");
            if (gate >= 0 && sends.GateAfter is { } chained && chained[gate] >= 0) throw new InputException($"send {i + 1:N0} waits for a gate after another, which a connection matrix can't say");
            if (gate >= 0 && sends.GateTurns is { } turns && turns[gate]) throw new InputException("sends start one at a time as others end; write the matrix that they were read from");
            if (gate >= 0 && ofGate.TryGetValue(gate, out var shared))
            {
                if (shared.Own || after >= 0) throw new InputException($"send {i + 1:N0} and others wait for one gate, and each for a send of its own too, which a connection matrix can't say");
                by[i] = shared.Trigger;
                continue;
            }
            counts.Add((gate >= 0 ? sends.GateArrivals[gate] : 0) + (after >= 0 ? 1 : 0));
            by[i] = counts.Count;
            if (gate >= 0) ofGate[gate] = (counts.Count, after >= 0);
            if (after >= 0) on[after].Send = counts.Count;
        }
        for (var i = 0; i < sends.Count; i++)
        {
            if (sends.FeedsToo is { } more && more[i] >= 0) throw new InputException($"send {i + 1:N0} feeds two gates; write the matrix that it was read from");
            if (sends.Feeds?[i] is { } fed and >= 0 && ofGate.TryGetValue(fed, out var trigger)) on[i].Receive = trigger.Trigger;
        }
        return (by, on, counts);
    }

    sealed class Trigger
    {
        public int Kind { get; set; } = -1;

        public int Count { get; set; }

        public Mark Place { get; set; }

        public List<int> Flows { get; } = [];

        public List<int> By { get; } = [];

        public Mark First { get; set; }
    }

    sealed class Reader(TextReader text, string file)
    {
        readonly List<int> source = [], destination = [], by = [], feeds = [], more = [];
        readonly List<double> bytes = [], start = [];
        readonly SortedDictionary<int, Trigger> triggers = [];
        readonly HashSet<int> ids = [];
        int line, nodes = -1, connections = -1, declared = -1, defined;
        string[] words = [];
        int[] columns = [];

        public (SendList Sends, int Nodes) Run()
        {
            while (text.ReadLine() is { } row)
            {
                line++;
                Split(row);
                if (words.Length == 0 || words[0][0] == '#') continue;
                switch (words[0])
                {
                    case "Nodes": nodes = Head(nodes, 2, MostNodes); break;
                    case "Connections": connections = Head(connections, 0, SendList.Most); break;
                    case "Triggers": declared = Head(declared, 0, SendList.Most); break;
                    case "Failures": if (Head(-1, 0, SendList.Most) > 0) throw Wrong(0, "failures of a connection matrix are not played; expected --fail for them"); break;
                    case "trigger": Define(); break;
                    case "failure": throw Wrong(0, "failures of a connection matrix are not played; expected --fail for them");
                    default:
                        if (!words[0].Contains("->", StringComparison.Ordinal)) throw Wrong(0, $"expected a connection such as 0->13, 'trigger', or Nodes, Connections or Triggers, found '{Short(words[0])}'");
                        Connection();
                        break;
                }
            }
            if (nodes < 0) throw new InputException("'Nodes' is missing: this is no connection matrix", new(file, 1, 1));
            if (connections >= 0 && connections != source.Count) throw new InputException($"'Connections' says {connections:N0}, and there are {source.Count:N0}", new(file, Math.Max(1, line), 1));
            if (declared >= 0 && declared != defined) throw new InputException($"'Triggers' says {declared:N0}, and there are {defined:N0}", new(file, Math.Max(1, line), 1));
            if (source.Count == 0) throw new InputException("there are no connections", new(file, Math.Max(1, line), 1));
            return (Sends(), nodes);
        }

        void Split(string row)
        {
            var found = new List<(int Column, string Word)>();
            for (var at = 0; at < row.Length;)
            {
                if (char.IsWhiteSpace(row[at]))
                {
                    at++;
                    continue;
                }
                var end = at;
                while (end < row.Length && !char.IsWhiteSpace(row[end])) end++;
                found.Add((at + 1, row[at..end]));
                at = end;
            }
            (words, columns) = ([.. found.Select(f => f.Word)], [.. found.Select(f => f.Column)]);
        }

        int Head(int before, int least, int most)
        {
            if (before >= 0) throw Wrong(0, $"'{words[0]}' stands here a second time");
            if (words.Length != 2) throw Wrong(0, $"expected '{words[0]}' and one number");
            return (int)Number(1, words[0], least, most);
        }

        void Connection()
        {
            if (nodes < 0) throw Wrong(0, "expected 'Nodes' before the first connection");
            var ends = words[0].Split("->");
            int End(string text, string what) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var node) && node < nodes ? node
                : throw Wrong(0, $"expected a {what} from 0 to {nodes - 1:N0}, found '{Short(text)}'");
            if (ends.Length != 2) throw Wrong(0, $"expected two nodes such as 0->13, found '{Short(words[0])}'");
            var (from, to) = (End(ends[0], "sender"), End(ends[1], "receiver"));
            if (from == to) throw Wrong(0, $"node {from} sends to itself");
            var (flow, size, at, waits, sent, received, id) = (source.Count, -1L, double.NaN, 0, 0, 0, 0);
            for (var w = 1; w < words.Length; w += 2)
            {
                if (!Words.Contains(words[w], StringComparer.Ordinal)) throw Wrong(w, $"unknown word '{Short(words[w])}'{Nearest.Hint(words[w], Words)}");
                if (w + 1 == words.Length) throw Wrong(w, $"'{words[w]}' has no value");
                switch (words[w])
                {
                    case "start": at = Real(w + 1); break;
                    case "size": size = Number(w + 1, "size", 0, long.MaxValue); break;
                    case "trigger": waits = Id(w + 1); break;
                    case "send_done_trigger": sent = Id(w + 1); break;
                    case "recv_done_trigger": received = Id(w + 1); break;
                    case "id":
                        id = Id(w + 1);
                        if (!ids.Add(id)) throw Wrong(w + 1, $"there is a flow {id} already");
                        break;
                    default: Number(w + 1, words[w], 0, long.MaxValue); break;
                }
            }
            if (size < 0) throw Wrong(0, "'size' is missing");
            if (waits == 0 == double.IsNaN(at)) throw Wrong(0, waits == 0 ? "expected 'start' or 'trigger'" : "'start' and 'trigger' exclude each other");
            source.Add(from);
            destination.Add(to);
            bytes.Add(size);
            start.Add(double.IsNaN(at) ? 0 : at * 1e-12);
            by.Add(waits);
            feeds.Add(sent);
            more.Add(received);
            if (waits > 0) Of(waits).Flows.Add(flow);
            if (sent > 0) Of(sent).By.Add(flow);
            if (received > 0) Of(received).By.Add(flow);
        }

        Trigger Of(int id)
        {
            if (!triggers.TryGetValue(id, out var trigger)) triggers[id] = trigger = new() { First = new(file, line, 1) };
            return trigger;
        }

        void Define()
        {
            var (id, kind, count) = (0, -1, 0);
            for (var w = 1; w < words.Length; w++)
            {
                if (words[w] is "id" or "count")
                {
                    if (w + 1 == words.Length) throw Wrong(w, $"'{words[w]}' has no value");
                    if (words[w] == "id") id = Id(w + 1);
                    else count = Id(w + 1);
                    w++;
                }
                else if (Array.IndexOf(Kinds, words[w]) is >= 0 and var found)
                {
                    kind = found;
                }
                else
                {
                    throw Wrong(w, $"expected id, count or one of {string.Join(", ", Kinds)}, found '{Short(words[w])}'{Nearest.Hint(words[w], Kinds)}");
                }
            }
            if (id == 0) throw Wrong(0, "the trigger has no 'id'");
            if (kind < 0) throw Wrong(0, $"trigger {id} is none of {string.Join(", ", Kinds)}");
            if (kind == 2 == (count == 0)) throw Wrong(0, kind == 2 ? $"barrier {id} has no 'count'" : $"trigger {id} has a count and is no barrier");
            var trigger = Of(id);
            if (trigger.Kind >= 0) throw Wrong(0, $"there is a trigger {id} already");
            (trigger.Kind, trigger.Count, trigger.Place) = (kind, count, new(file, line, 1));
            defined++;
        }

        SendList Sends()
        {
            int[]? waits = null, fed = null, fedToo = null;
            int[] arrivals = [];
            bool[]? turns = null;
            if (triggers.Count > 0)
            {
                var number = triggers.Keys.Select((id, i) => (id, i)).ToDictionary(t => t.id, t => t.i);
                foreach (var (id, trigger) in triggers)
                {
                    if (trigger.Kind < 0) throw new InputException($"trigger {id} is used here and defined nowhere", trigger.First);
                    if (trigger.Flows.Count > 0 && trigger.By.Count == 0) throw new InputException($"no flow activates trigger {id}, for which {trigger.Flows.Count:N0} wait", trigger.Place);
                    var most = trigger.Kind switch { 0 => 1, 2 => trigger.Count, _ => int.MaxValue };
                    if (trigger.By.Count > most) throw new InputException($"{trigger.By.Count:N0} flows activate trigger {id}, and {most:N0} may", trigger.Place);
                    if (trigger.Kind == 2 && trigger.By.Count < trigger.Count) throw new InputException($"barrier {id} waits for {trigger.Count:N0} flows, and {trigger.By.Count:N0} activate it", trigger.Place);
                    if (trigger.Kind == 1 && trigger.Flows.Count > trigger.By.Count) throw new InputException($"trigger {id} has {trigger.Flows.Count:N0} flows to start one by one, and {trigger.By.Count:N0} activate it", trigger.Place);
                }
                waits = [.. by.Select(t => t == 0 ? -1 : number[t])];
                fed = [.. feeds.Select(t => t == 0 ? -1 : number[t])];
                if (more.Any(t => t > 0)) fedToo = [.. more.Select(t => t == 0 ? -1 : number[t])];
                arrivals = [.. triggers.Values.Select(t => t.Kind == 2 ? t.Count : 1)];
                if (triggers.Values.Any(t => t.Kind == 1)) turns = [.. triggers.Values.Select(t => t.Kind == 1)];
            }
            return new()
            {
                Name = Path.GetFileName(file),
                Source = [.. source],
                Destination = [.. destination],
                Bytes = bytes.Distinct().Count() == 1 ? [bytes[0]] : [.. bytes],
                Start = start.Any(s => s > 0) ? [.. start] : null,
                WaitsFor = waits,
                Feeds = fed,
                FeedsToo = fedToo,
                GateArrivals = arrivals,
                GateTurns = turns,
            };
        }

        int Id(int word) => (int)Number(word, words[word - 1], 1, int.MaxValue);

        long Number(int word, string what, long least, long most)
        {
            if (long.TryParse(words[word], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
            throw Wrong(word, words[word].All(char.IsAsciiDigit) && most == long.MaxValue ? $"'{what}' has to be below 2^63, and {Short(words[word])} is not"
                : $"expected a whole number {(most == long.MaxValue ? $"of {least:N0} or more" : $"from {least:N0} to {most:N0}")} for '{what}', found '{Short(words[word])}'");
        }

        double Real(int word) => double.TryParse(words[word], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1e21 ? value
            : throw Wrong(word, $"expected picoseconds of 0 or more for 'start', found '{Short(words[word])}'");

        InputException Wrong(int word, string problem) => new(problem, new(file, line, columns.Length > word ? columns[word] : 1));

        static string Short(string word) => word.Length <= 40 ? word : $"{word[..40]}...";
    }
}
