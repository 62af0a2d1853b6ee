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
//   start            picoseconds as csg-htsim reads and generators write it, microseconds as uet-htsim does: a file doesn't say which
//   done triggers    of flows: when the last byte has arrived, at the sender as at the receiver: acknowledgements take no time there;
//                    of packets: when the sender knows, or the receiver has, all
//   oneshot          starts all its flows at its one activation     barrier count N    at its N-th
//   multishot        starts one more of its flows, in their order, at each
//
// prio is the class of the flow, 0 the first to go, where classes are asked for; msg is read and means nothing. Lines may be empty or begin with "#".
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

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
public sealed class HtsimMatrix
{
    const int MostNodes = 1 << 24;

    static readonly string[] Words = ["id", "start", "size", "trigger", "send_done_trigger", "recv_done_trigger", "prio", "msg"];
    static readonly string[] Heads = ["Nodes", "Connections", "Triggers", "Failures", "trigger", "failure"];
    static readonly string[] FailureWords = ["switch_type", "switch_id", "link_id"];
    static readonly string[] Kinds = ["oneshot", "multishot", "barrier"];

    readonly string file;
    readonly List<Flow> flows;
    readonly int[] known; // triggers, by their place in lists
    readonly SortedDictionary<int, Trigger> triggers;

    HtsimMatrix(Reader read)
    {
        (file, flows, triggers, Nodes, Failures) = (read.File, read.Flows, read.Triggers, read.Nodes, read.Failures);
        known = [.. triggers.Keys];
        LatestStart = flows.Max(f => f.Written);
        Sends = ToSends();
    }

    /// <summary>Nodes.</summary>
    public int Nodes { get; }

    /// <summary>Links that are down.</summary>
    public IReadOnlyList<HtsimFailure> Failures { get; }

    /// <summary>The largest start that it names, as it stands there; 0 where none does.</summary>
    public decimal LatestStart { get; }

    /// <summary>Its flows as sends, for flows that share links.</summary>
    public SendList Sends { get; }

    /// <summary>Reads a matrix.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <param name="unit">What its starts count.</param>
    /// <exception cref="InputException">It is malformed: file, line and column are named.</exception>
    public static HtsimMatrix Read(TextReader text, string file, StartUnit unit)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reader = new Reader(text, file, unit);
        reader.Run();
        return new(reader);
    }

    /// <summary>Its flows for the packet engine.</summary>
    /// <exception cref="InputException">A flow has no bytes: its line is named.</exception>
    public PacketTraffic Traffic()
    {
        if (flows.Find(f => f.Size == 0) is { } empty) throw new InputException("expected a size of 1 byte or more for packets, found 0", empty.Place);
        return new()
        {
            Name = Path.GetFileNameWithoutExtension(file),
            Source = [.. flows.Select(f => f.From)],
            Destination = [.. flows.Select(f => f.To)],
            Bytes = [.. flows.Select(f => f.Size)],
            Class = flows.Exists(f => f.Class > 0) ? [.. flows.Select(f => f.Class)] : [],
            StartPicoseconds = [.. flows.Select(f => f.By > 0 ? -1 : f.Start)],
            StartedBy = Places(f => f.By),
            OnSent = Places(f => f.Sent),
            OnReceived = Places(f => f.Received),
            Triggers = [.. triggers.Values.Select(t => new FlowTrigger(t.Kind switch { 0 => TriggerKind.OneShot, 1 => TriggerKind.MultiShot, _ => TriggerKind.Barrier }, Math.Max(1, t.Count)))],
        };
    }

    SendList ToSends() => new()
    {
        Name = Path.GetFileName(file),
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = flows.TrueForAll(f => f.Size == flows[0].Size) ? [flows[0].Size] : [.. flows.Select(f => (double)f.Size)],
        Start = flows.Exists(f => f.Start > 0) ? [.. flows.Select(f => f.Start * 1e-12)] : null,
        WaitsFor = known.Length == 0 ? null : Places(f => f.By),
        Feeds = known.Length == 0 ? null : Places(f => f.Sent),
        FeedsToo = flows.Exists(f => f.Received > 0) ? Places(f => f.Received) : null,
        GateArrivals = [.. triggers.Values.Select(t => t.Kind == 2 ? t.Count : 1)],
        GateTurns = triggers.Values.Any(t => t.Kind == 1) ? [.. triggers.Values.Select(t => t.Kind == 1)] : null,
    };

    int[] Places(Func<Flow, int> trigger) => [.. flows.Select(f => trigger(f) == 0 ? -1 : Array.BinarySearch(known, trigger(f)))];

    /// <summary>Writes sends, so that <see cref="Read"/> reads flows that start at the same times where starts are picoseconds.</summary>
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

    // Triggers are numbers of the file; 0: none. Start in picoseconds, and as it is written.
    sealed record Flow(int From, int To, long Size, long Start, decimal Written, int By, int Sent, int Received, int Class, Mark Place);

    sealed class Reader(TextReader text, string file, StartUnit unit)
    {
        readonly HashSet<int> ids = [];
        int line, connections = -1, declared = -1, failures = -1, defined;
        string[] words = [];
        int[] columns = [];

        public string File => file;

        public List<Flow> Flows { get; } = [];

        public SortedDictionary<int, Trigger> Triggers { get; } = [];

        public List<HtsimFailure> Failures { get; } = [];

        public int Nodes { get; private set; } = -1;

        public void Run()
        {
            while (text.ReadLine() is { } row)
            {
                line++;
                Split(row);
                if (words.Length == 0 || words[0][0] == '#') continue;
                switch (words[0])
                {
                    case "Nodes": Nodes = Head(Nodes, 2, MostNodes); break;
                    case "Connections": connections = Head(connections, 0, SendList.Most); break;
                    case "Triggers": declared = Head(declared, 0, SendList.Most); break;
                    case "Failures": failures = Head(failures, 0, SendList.Most); break;
                    case "trigger": Define(); break;
                    case "failure": Fail(); break;
                    default:
                        if (!words[0].Contains("->", StringComparison.Ordinal)) throw Wrong(0, $"expected a connection such as 0->13, 'trigger', or Nodes, Connections or Triggers, found '{Short(words[0])}'{Nearest.Hint(words[0], Heads)}");
                        Connection();
                        break;
                }
            }
            if (Nodes < 0) throw new InputException("'Nodes' is missing: this is no connection matrix", new(file, 1, 1));
            if (connections >= 0 && connections != Flows.Count) throw new InputException($"'Connections' says {connections:N0}, and there are {Flows.Count:N0}", new(file, Math.Max(1, line), 1));
            if (declared >= 0 && declared != defined) throw new InputException($"'Triggers' says {declared:N0}, and there are {defined:N0}", new(file, Math.Max(1, line), 1));
            if ((failures >= 0 || Failures.Count > 0) && Math.Max(0, failures) != Failures.Count) throw new InputException($"'Failures' says {Math.Max(0, failures):N0}, and there are {Failures.Count:N0}", new(file, Math.Max(1, line), 1));
            if (Flows.Count == 0) throw new InputException("there are no connections", new(file, Math.Max(1, line), 1));
            CheckTriggers();
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
            if (Nodes < 0) throw Wrong(0, "expected 'Nodes' before the first connection");
            var ends = words[0].Split("->");
            int End(string text, string what) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var node) && node < Nodes ? node
                : throw Wrong(0, $"expected a {what} from 0 to {Nodes - 1:N0}, found '{Short(text)}'");
            if (ends.Length != 2) throw Wrong(0, $"expected two nodes such as 0->13, found '{Short(words[0])}'");
            var (from, to) = (End(ends[0], "sender"), End(ends[1], "receiver"));
            if (from == to) throw Wrong(0, $"node {from} sends to itself");
            var (flow, size, waits, sent, received, prio) = (Flows.Count, -1L, 0, 0, 0, 0);
            (decimal Written, long Picoseconds)? start = null;
            for (var w = 1; w < words.Length; w += 2)
            {
                if (!Words.Contains(words[w], StringComparer.Ordinal)) throw Wrong(w, $"unknown word '{Short(words[w])}'{Nearest.Hint(words[w], Words)}");
                if (w + 1 == words.Length) throw Wrong(w, $"'{words[w]}' has no value");
                switch (words[w])
                {
                    case "start": start = Start(w + 1); break;
                    case "size": size = Number(w + 1, "size", 0, long.MaxValue); break;
                    case "trigger": waits = Id(w + 1); break;
                    case "send_done_trigger": sent = Id(w + 1); break;
                    case "recv_done_trigger": received = Id(w + 1); break;
                    case "prio": prio = (int)Number(w + 1, "prio", 0, int.MaxValue); break;
                    case "id":
                        if (!ids.Add(Id(w + 1))) throw Wrong(w + 1, $"there is a flow {Id(w + 1)} already");
                        break;
                    default: Number(w + 1, words[w], 0, long.MaxValue); break;
                }
            }
            if (size < 0) throw Wrong(0, "'size' is missing");
            if (waits == 0 == start is null) throw Wrong(0, waits == 0 ? "expected 'start' or 'trigger'" : "'start' and 'trigger' exclude each other");
            Flows.Add(new(from, to, size, start?.Picoseconds ?? 0, start?.Written ?? 0, waits, sent, received, prio, new(file, line, 1)));
            if (waits > 0) Of(waits).Flows.Add(flow);
            if (sent > 0) Of(sent).By.Add(flow);
            if (received > 0) Of(received).By.Add(flow);
        }

        Trigger Of(int id)
        {
            if (!Triggers.TryGetValue(id, out var trigger)) Triggers[id] = trigger = new() { First = new(file, line, 1) };
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

        void Fail()
        {
            int? of = null, link = null;
            for (var w = 1; w < words.Length; w += 2)
            {
                if (!FailureWords.Contains(words[w], StringComparer.Ordinal)) throw Wrong(w, $"expected one of {string.Join(", ", FailureWords)}, found '{Short(words[w])}'{Nearest.Hint(words[w], FailureWords)}");
                if (w + 1 == words.Length) throw Wrong(w, $"'{words[w]}' has no value");
                if (words[w] == "switch_id") of = (int)Number(w + 1, words[w], 0, int.MaxValue);
                else if (words[w] == "link_id") link = (int)Number(w + 1, words[w], 0, int.MaxValue);
                else if (words[w + 1] != "AGG") throw Wrong(w + 1, $"expected AGG, whose links up alone htsim takes down, found '{Short(words[w + 1])}'");
            }
            if (of is not { } number || link is not { } up) throw Wrong(0, "expected switch_type AGG, switch_id and link_id");
            Failures.Add(new(number, up, new(file, line, 1)));
        }

        void CheckTriggers()
        {
            foreach (var (id, trigger) in Triggers)
            {
                if (trigger.Kind < 0) throw new InputException($"trigger {id} is used here and defined nowhere", trigger.First);
                if (trigger.Flows.Count > 0 && trigger.By.Count == 0) throw new InputException($"no flow activates trigger {id}, for which {trigger.Flows.Count:N0} wait", trigger.Place);
                var most = trigger.Kind switch { 0 => 1, 2 => trigger.Count, _ => int.MaxValue };
                if (trigger.By.Count > most) throw new InputException($"{trigger.By.Count:N0} flows activate trigger {id}, and {most:N0} may", trigger.Place);
                if (trigger.Kind == 2 && trigger.By.Count < trigger.Count) throw new InputException($"barrier {id} waits for {trigger.Count:N0} flows, and {trigger.By.Count:N0} activate it", trigger.Place);
                if (trigger.Kind == 1 && trigger.Flows.Count > trigger.By.Count) throw new InputException($"trigger {id} has {trigger.Flows.Count:N0} flows to start one by one, and {trigger.By.Count:N0} activate it", trigger.Place);
            }
        }

        int Id(int word) => (int)Number(word, words[word - 1], 1, int.MaxValue);

        long Number(int word, string what, long least, long most)
        {
            if (long.TryParse(words[word], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
            throw Wrong(word, words[word].All(char.IsAsciiDigit) && most == long.MaxValue ? $"'{what}' has to be below 2^63, and {Short(words[word])} is not"
                : $"expected a whole number {(most == long.MaxValue ? $"of {least:N0} or more" : $"from {least:N0} to {most:N0}")} for '{what}', found '{Short(words[word])}'");
        }

        (decimal Written, long Picoseconds) Start(int word)
        {
            var (per, name) = unit == StartUnit.Microseconds ? (1_000_000m, "microseconds") : (1m, "picoseconds");
            if (!decimal.TryParse(words[word], NumberStyles.Float, CultureInfo.InvariantCulture, out var written) || written < 0) throw Wrong(word, $"expected {name} of 0 or more for 'start', found '{Short(words[word])}'");
            if (written > long.MaxValue / per) throw Wrong(word, $"start {Short(words[word])} was read as {name}, which pass 106 days{(unit == StartUnit.Microseconds ? ": picoseconds may be meant" : "")}");
            return (written, (long)decimal.Round(written * per));
        }

        InputException Wrong(int word, string problem) => new(problem, new(file, line, columns.Length > word ? columns[word] : 1));

        static string Short(string word) => word.Length <= 40 ? word : $"{word[..40]}...";
    }
}
