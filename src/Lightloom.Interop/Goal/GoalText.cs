// GOAL as text: operations of ranks with their order [Hoefler, Siebert, Lumsdaine, "Group Operation Assembly Language", ICPP 2009; as
// LogGOPSim's txt2bin reads it].
//
//   num_ranks 2
//   rank 0 {
//   a: calc 100 cpu 0
//   b: send 8b to 1 tag 5 cpu 0 nic 0
//   b requires a                          b starts when a has ended; "irequires": when it has started
//   }
//   rank 1 { ...
//
//   Ranks stand in order; labels are letters, digits and "_", of one rank, and defined before they are used; options in this order; a tag,
//   CPU or NIC is 0 where it isn't said; "recv 8b from -1" and "tag -1" are any. Comments: // and /* */. Sizes are bytes, calculations ns.
//
// Read line by line, into memory or, where the file is large, into binary GOAL in a file (GoalTrace.cs).
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Goal;

/// <summary>Reads GOAL text.</summary>
public static class GoalText
{
    static readonly string[] Operations = ["send", "recv", "calc"];

    /// <summary>Reads a program.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <exception cref="InputException">It is malformed: file, line and column are named.</exception>
    public static MessageProgram Read(TextReader text, string file)
    {
        var builder = new MessageProgramBuilder();
        Read(text, file, new GoalProgram(builder));
        try
        {
            return builder.Finish();
        }
        catch (InputException e)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    /// <summary>Reads a program into whatever takes it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <param name="sink">What takes it.</param>
    /// <param name="tick">Called now and then, between lines.</param>
    /// <param name="mostLabels">Labels of a rank that are held in memory.</param>
    internal static void Read(TextReader text, string file, IGoalSink sink, Action? tick = null, int mostLabels = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var reader = new Reader(text, file, sink, tick, mostLabels);
        reader.Run();
    }

    /// <summary>Whether a text begins as such a trace does: with <c>num_ranks</c>, behind comments and space.</summary>
    /// <param name="start">Its first characters.</param>
    public static bool Is(ReadOnlySpan<char> start)
    {
        while (true)
        {
            start = start.TrimStart();
            var end = start.StartsWith("//", StringComparison.Ordinal) ? start.IndexOf('\n') + 1 : start.StartsWith("/*", StringComparison.Ordinal) ? start.IndexOf("*/", StringComparison.Ordinal) + 2 : 0;
            // A comment that doesn't end in what is here says nothing.
            if (end <= 1) return start.StartsWith("num_ranks", StringComparison.Ordinal);
            start = start[end..];
        }
    }

    /// <summary>Writes operations, so that <see cref="Read(TextReader, string)"/> reads the same.</summary>
    public static void Write(TextWriter text, IMessageSource source)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(source);
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"num_ranks {source.Ranks}"));
        for (var r = 0; r < source.Ranks; r++)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rank {r} {{"));
            var n = 0;
            foreach (var o in source.OperationsOf(r))
            {
                var what = o.Kind switch
                {
                    MessageKind.Send => $"send {o.Size}b to {o.Peer}",
                    MessageKind.Receive => $"recv {o.Size}b from {o.Peer}",
                    _ => $"calc {o.Size}",
                };
                text.Write(string.Create(CultureInfo.InvariantCulture, $"l{n++}: {what}"));
                if (o.Kind != MessageKind.Calculate && o.Tag != 0) text.Write(string.Create(CultureInfo.InvariantCulture, $" tag {(o.Tag == MessageProgram.Any ? -1L : (uint)o.Tag)}"));
                if (o.Cpu != 0) text.Write(string.Create(CultureInfo.InvariantCulture, $" cpu {o.Cpu}"));
                if (o.Nic != 0) text.Write(string.Create(CultureInfo.InvariantCulture, $" nic {o.Nic}"));
                text.WriteLine();
            }
            foreach (var (operation, before, whole) in source.OrderOf(r)) text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"l{operation} {(whole ? "requires" : "irequires")} l{before}"));
            text.WriteLine("}");
        }
    }

    sealed class Reader(TextReader text, string file, IGoalSink sink, Action? tick, int mostLabels) : IDisposable
    {
        const int TickLines = 1 << 16;

        readonly GoalLabels labels = new(mostLabels);
        int ranks = -1, begun, operations; // operations of the rank
        long line;
        bool inside, comment;
        string row = "";
        int at; // the next character of the row

        public void Run()
        {
            while (text.ReadLine() is { } next)
            {
                if (++line % TickLines == 0) tick?.Invoke();
                row = WithoutComments(next);
                at = 0;
                if (Peek().IsEmpty) continue;
                if (ranks < 0) Head();
                else if (!inside) BeginRank();
                else Statement();
                if (!Peek().IsEmpty) throw Wrong($"expected the end of the line, found '{Short(Peek())}'");
            }
            if (ranks < 0) throw Wrong("the file is empty; expected 'num_ranks'");
            if (comment) throw Wrong("a comment that begins with '/*' has no end");
            if (inside) throw Wrong($"rank {begun - 1} has no '}}': the file is cut short");
            if (begun < ranks) throw Wrong($"expected {ranks:N0} ranks, found {begun:N0}: the file is cut short, or rank {begun} is missing");
        }

        void Head()
        {
            Expect("num_ranks");
            ranks = (int)Number("the number of ranks", 1, 1 << 28);
            sink.Begin(ranks);
        }

        void BeginRank()
        {
            Expect("rank");
            var rank = Number("a rank", 0, int.MaxValue);
            if (begun >= ranks) throw Wrong($"there are {ranks:N0} ranks, and this is one more");
            if (rank != begun) throw Wrong($"ranks stand in order: expected rank {begun}, found {rank}");
            Expect("{");
            begun++;
            operations = 0;
            sink.BeginRank();
            labels.Clear();
            inside = true;
        }

        void Statement()
        {
            if (Is("}"))
            {
                Take();
                inside = false;
                sink.EndRank();
                return;
            }
            var start = at;
            var first = Take();
            if (first.EndsWith(":", StringComparison.Ordinal) || Is(":"))
            {
                var label = first.EndsWith(":", StringComparison.Ordinal) ? first[..^1] : first;
                if (Is(":")) Take();
                if (!IsLabel(label)) throw WrongAt(start, $"expected a label of letters, digits and '_' that begins with a letter, found '{Short(label)}'");
                Operation();
                if (!labels.TryAdd(label, operations - 1)) throw WrongAt(start, $"label '{Short(label)}' stands in rank {begun - 1} a second time");
                return;
            }
            if (Is("requires") || Is("irequires"))
            {
                var whole = Is("requires");
                var after = Label(first, start);
                Take();
                start = at;
                var before = Label(Take(), start);
                if (after == before) throw WrongAt(start, "an operation waits for itself");
                sink.Requires(after, before, whole);
                return;
            }
            at = start;
            Operation();
        }

        void Operation()
        {
            var start = Skip();
            var what = Take();
            var kind = what switch
            {
                "send" => MessageKind.Send,
                "recv" => MessageKind.Receive,
                "calc" => MessageKind.Calculate,
                _ => throw WrongAt(start, $"expected send, recv, calc, a label or '}}', found '{Short(what)}'{Nearest.Hint(what.ToString(), Operations)}"),
            };
            var size = Size(kind == MessageKind.Calculate);
            var (peer, tag) = (0, 0);
            if (kind != MessageKind.Calculate)
            {
                Expect(kind == MessageKind.Send ? "to" : "from");
                start = Skip();
                peer = (int)Number("a rank", kind == MessageKind.Send ? 0 : -1, int.MaxValue);
                if (peer >= ranks) throw WrongAt(start, $"ranks are numbered 0 to {ranks - 1:N0}, not {peer:N0}");
                if (peer == begun - 1) throw WrongAt(start, $"rank {peer} sends to itself, or receives from itself");
                if (Is("tag"))
                {
                    Take();
                    tag = (int)Number("a tag", kind == MessageKind.Send ? 0 : -1, uint.MaxValue);
                }
            }
            var cpu = Option("cpu");
            var nic = kind == MessageKind.Calculate ? (byte)0 : Option("nic");
            try
            {
                sink.Add(new(kind, size, peer, tag, cpu, nic));
                operations++;
            }
            catch (InputException e)
            {
                throw WrongAt(0, e.Message);
            }
        }

        byte Option(string name)
        {
            if (!Is(name)) return 0;
            Take();
            return (byte)Number($"a number of a {name}", 0, 255);
        }

        long Size(bool time)
        {
            var start = Skip();
            var word = Take();
            if (!time)
            {
                if (!word.EndsWith("b", StringComparison.Ordinal)) throw WrongAt(start, $"expected bytes such as 8b, found '{Short(word)}'");
                word = word[..^1];
            }
            return Parsed(word, start, time ? "nanoseconds" : "bytes", 0, long.MaxValue);
        }

        long Number(string what, long least, long most)
        {
            var start = Skip();
            return Parsed(Take(), start, what, least, most);
        }

        long Parsed(ReadOnlySpan<char> word, int start, string what, long least, long most)
        {
            if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
            var digits = !word.IsEmpty && !word.ContainsAnyExceptInRange('0', '9');
            throw WrongAt(start, digits && most == long.MaxValue ? $"{what} have to be below 2^63, and '{Short(word)}' is not"
                : $"expected {what} from {least:N0}{(most == long.MaxValue ? "" : $" to {most:N0}")}, found '{Short(word)}'");
        }

        int Label(ReadOnlySpan<char> name, int start) =>
            labels.TryGet(name, out var operation) ? operation
                : throw WrongAt(start, $"rank {begun - 1} has no label '{Short(name)}' above this line{(Nearest.Name(name.ToString(), labels.Some) is { } near ? $"; did you mean '{near}'?" : "")}");

        static bool IsLabel(ReadOnlySpan<char> name)
        {
            if (name.IsEmpty || !char.IsAsciiLetter(name[0])) return false;
            foreach (var c in name)
                if (!char.IsAsciiLetterOrDigit(c) && c != '_') return false;
            return true;
        }

        string WithoutComments(string whole)
        {
            if (!comment && !whole.Contains('/', StringComparison.Ordinal)) return whole;
            // What is no comment keeps its column.
            var kept = whole.ToCharArray();
            for (var i = 0; i < kept.Length; i++)
            {
                if (comment)
                {
                    comment = !(kept[i] == '*' && i + 1 < kept.Length && kept[i + 1] == '/');
                    if (!comment) kept[i + 1] = ' ';
                    kept[i] = ' ';
                }
                else if (kept[i] == '/' && i + 1 < kept.Length && kept[i + 1] is '/' or '*')
                {
                    if (kept[i + 1] == '/') return new(kept, 0, i);
                    comment = true;
                    (kept[i], kept[i + 1]) = (' ', ' ');
                    i++;
                }
            }
            return new(kept);
        }

        int Skip()
        {
            while (at < row.Length && char.IsWhiteSpace(row[at])) at++;
            return at;
        }

        // The next word; "{", "}" and ":" are words, but a ":" at the end of a word belongs to it.
        ReadOnlySpan<char> Peek()
        {
            var start = Skip();
            var end = start;
            while (end < row.Length && !char.IsWhiteSpace(row[end]) && row[end] is not ('{' or '}')) end++;
            if (end == start && end < row.Length) end++;
            var colon = row.AsSpan(start, end - start).IndexOf(':');
            return colon >= 0 && colon + 1 < end - start ? row.AsSpan(start, colon + 1) : row.AsSpan(start, end - start);
        }

        ReadOnlySpan<char> Take()
        {
            var word = Peek();
            at += word.Length;
            return word;
        }

        bool Is(string word) => Peek().SequenceEqual(word);

        void Expect(string word)
        {
            var start = Skip();
            var found = Take();
            if (!found.SequenceEqual(word)) throw WrongAt(start, $"expected '{word}', found {(found.IsEmpty ? "the end of the line" : $"'{Short(found)}'")}");
        }

        InputException Wrong(string problem) => WrongAt(at, problem);

        InputException WrongAt(int column, string problem) => new(problem, new(file, (int)Math.Clamp(line, 1, int.MaxValue), column + 1));

        public void Dispose() => labels.Dispose();

        static string Short(ReadOnlySpan<char> word) => word.Length <= 40 ? word.ToString() : $"{word[..40]}...";
    }
}
