// Logs of nccl-tests and rccl-tests. A header names the columns of the rows under it:
//
//   #  size  count  type  redop  root  time  algbw  busbw  #wrong  time  algbw  busbw  #wrong      (out of place, then in place)
//
// Older versions have no root and a column `error`; others print further columns behind each time. Widths differ, launchers put
// their own words before each line, so that a row is found by its type: two whole numbers, a type, and as many words behind them
// as the header has columns. Whatever looks like a row and isn't one is counted with its reason.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>Reads what nccl-tests and rccl-tests print.</summary>
public static class NcclTestReader
{
    /// <summary>The longest log read, in characters.</summary>
    public const int MostCharacters = 64 << 20;

    const long MostBytes = 1L << 50;

    static readonly string[] DefaultColumns = ["size", "count", "type", "redop", "root", "time", "algbw", "busbw", "#wrong", "time", "algbw", "busbw", "#wrong"];

    static readonly Dictionary<string, int> Types = new(new (string Names, int Bytes)[]
    {
        ("int8 uint8 char fp8_e4m3 fp8_e5m2 f8e4m3 f8e5m2", 1),
        ("half float16 fp16 bfloat16 bf16", 2),
        ("int32 uint32 int float", 4),
        ("int64 uint64 double", 8),
    }.SelectMany(width => width.Names.Split(' ').Select(name => KeyValuePair.Create(name, width.Bytes))), StringComparer.Ordinal);

    /// <summary>Bytes of an element of a type, by its name in the logs; null where there is no such type.</summary>
    public static int? BytesOf(string type) => Types.TryGetValue(type, out var bytes) ? bytes : null;

    /// <summary>Reads a log.</summary>
    /// <param name="text">The log.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="operation">What was measured, where the log doesn't say.</param>
    /// <exception cref="InputException">It has no row that can be used, or is too long.</exception>
    public static NcclTestLog Read(string text, string file, NcclTestOperation? operation = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MostCharacters) throw new InputException($"{file}: longer than {MostCharacters / (1 << 20)} Mi characters; expected the log of one test");
        var state = new State { Operation = operation };
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines()) state.Take(line.ToString(), ++number);
        return state.End(file);
    }

    /// <summary>Why a size can't be used, or null.</summary>
    internal static string? Impossible(long size, long count, int width)
    {
        if (size == 0 || count == 0) return "size of 0: the message is smaller than one element for each rank";
        if (size > MostBytes) return "size beyond 1 PiB";
        return size < (Int128)count * width ? "size smaller than its elements" : null;
    }

    /// <summary>Why a time and its bandwidths can't be used, or null.</summary>
    internal static string? Contradiction(long size, double microseconds, double algorithm, double bus, NcclTestOperation? operation)
    {
        if (!(microseconds > 0)) return "time of 0";
        // Time has three digits at least once it is long; the two columns must tell the same story.
        var computed = size / microseconds / 1000;
        if (Math.Abs(computed - algorithm) > 0.02 + (0.02 * computed)) return "algbw contradicts size and time";
        return operation is not null && algorithm >= 1 && bus > (operation.Rounds == 0 ? 1 : operation.Rounds) * algorithm * 1.02
            ? $"busbw over algbw is beyond what any number of ranks gives for {operation.Name}"
            : null;
    }

    sealed class State
    {
        readonly List<NcclTestRun> runs = [];
        readonly SortedDictionary<string, List<int>> skipped = new(StringComparer.Ordinal);
        readonly HashSet<int> devices = [];
        List<NcclTestRow> rows = [];
        string[] columns = DefaultColumns;
        int line;
        int? perProcess;
        bool devicesUsed;

        public NcclTestOperation? Operation { get; set; }

        public void Take(string text, int number)
        {
            var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) return;
            if (IsHeader(words, out var start))
            {
                Close();
                columns = Columns(words[start..]);
                line = number;
                return;
            }
            if (NamesOperation(words) is { } named)
            {
                Close();
                Operation = named;
                return;
            }
            if (IsDevice(words, out var rank))
            {
                if (devicesUsed) Close();
                if (devicesUsed) devices.Clear();
                devicesUsed = false;
                devices.Add(rank);
                return;
            }
            if (IsSetting(words, out var driven))
            {
                Close();
                perProcess = driven;
                return;
            }
            if (words[0] == "#") return;
            for (var i = 2; i < words.Length; i++)
            {
                if (!Types.ContainsKey(words[i]) || !IsCount(words[i - 2]) || !IsCount(words[i - 1])) continue;
                if (Row(words[(i - 2)..], number, out var row) is { } reason) Skip(reason, number);
                else rows.Add(row!);
                return;
            }
        }

        public NcclTestLog End(string file)
        {
            Close();
            var reasons = skipped.Select(s => new NcclTestSkip(s.Key, s.Value)).ToList();
            if (runs.Count > 0) return new(runs, reasons);
            throw new InputException(reasons.Count == 0
                ? $"{file}: no row of nccl-tests; expected lines of size, count, type, redop, root, time, algbw, busbw, #wrong"
                : $"{file}: none of {reasons.Sum(r => r.Lines.Count):N0} rows can be used; {string.Join("; ", reasons.Select(r => $"{r.Reason} (line {r.Lines[0]})"))}");
        }

        void Close()
        {
            if (rows.Count > 0)
            {
                runs.Add(new(line > 0 ? line : rows[0].Line, Operation, devices.Count, rows) { PerProcess = perProcess });
                devicesUsed = true;
            }
            rows = [];
            line = 0;
        }

        void Skip(string reason, int number)
        {
            if (!skipped.TryGetValue(reason, out var lines)) skipped[reason] = lines = [];
            lines.Add(number);
        }

        // null when the row can be used, else why not.
        string? Row(string[] words, int number, out NcclTestRow? row)
        {
            row = null;
            // Older versions leave the operator of operations without one blank.
            var redop = Array.IndexOf(columns, "redop");
            if (redop == 3 && words.Length == columns.Length - 1 && words.Length > 3 && !char.IsAsciiLetter(words[3][0]))
                words = [.. words[..3], "none", .. words[3..]];
            if (words.Any(w => w.Contains("XX", StringComparison.Ordinal))) return "figures are redacted";
            if (words.Length < columns.Length) return "fewer columns than the header: cut off, or written by several processes at once";
            if (words.Length > columns.Length) return "more columns than the header: written by several processes at once";
            if (!Whole(words[0], out var size) || !Whole(words[1], out var count)) return "size or count is not a whole number in reach";
            if (Impossible(size, count, Types[words[2]]) is { } impossible) return impossible;
            var first = Array.IndexOf(columns, "time");
            var second = first < 0 ? -1 : Array.IndexOf(columns, "time", first + 1);
            if (Timing(words, first, second < 0 ? columns.Length : second, size, out var outOfPlace) is { } wrong) return wrong;
            NcclTestTiming? inPlace = null;
            if (second >= 0 && Timing(words, second, columns.Length, size, out inPlace) is { } problem) return problem;
            if (outOfPlace is null && inPlace is null) return "no time was measured";
            row = new(number, DataSize.FromBytes(size), count, words[2], outOfPlace, inPlace);
            return null;
        }

        string? Timing(string[] words, int start, int end, long size, out NcclTestTiming? timing)
        {
            timing = null;
            var (algorithmAt, busAt) = (At("algbw"), At("busbw"));
            if (start < 0 || algorithmAt < 0 || busAt < 0) return "the header has no time, algbw and busbw";
            if (words[start] == "N/A") return null;
            if (!Number(words[start], out var time) || !Number(words[algorithmAt], out var algorithm) || !Number(words[busAt], out var bus))
                return "time, algbw or busbw is not a number";
            if (Contradiction(size, time, algorithm, bus, Operation) is { } contradiction) return contradiction;
            var wrongAt = Math.Max(At("#wrong"), At("wrong"));
            timing = new(Duration.FromSeconds(time * 1e-6), Bandwidth.FromGigabytesPerSecond(algorithm), Bandwidth.FromGigabytesPerSecond(bus),
                wrongAt >= 0 && Whole(words[wrongAt], out var wrong) ? wrong : null);
            return null;

            int At(string column) => start < 0 ? -1 : Array.IndexOf(columns, column, start, end - start);
        }
    }

    static bool IsHeader(string[] words, out int start)
    {
        start = Array.IndexOf(words, "size");
        return start >= 0 && words.Length > start + 5 && words[start + 1] == "count" && words[start + 2] == "type" && (Array.IndexOf(words, "time", start) > 0 || Array.IndexOf(words, "cputime", start) > 0);
    }

    // The processor's time stands in the place of the device's; a time stamp is a date and an hour.
    static string[] Columns(string[] words)
    {
        for (var i = 0; i < words.Length; i++)
            if (words[i] == "cputime") words[i] = "time";
        return words[^1] == "timestamp" ? [.. words, "of day"] : words;
    }

    static NcclTestOperation? NamesOperation(string[] words)
    {
        foreach (var word in words)
        {
            var name = word[(word.LastIndexOf('/') + 1)..];
            if (name.EndsWith("_perf", StringComparison.Ordinal) && NcclTestOperation.Find(name) is { } found) return found;
        }
        return null;
    }

    static bool IsDevice(string[] words, out int rank)
    {
        rank = 0;
        var at = Array.IndexOf(words, "Rank");
        return at >= 0 && at + 1 < words.Length && Array.IndexOf(words, "Pid", at) > 0 && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out rank);
    }

    // "# nThread 1 nGpus 8 minBytes ..."
    static bool IsSetting(string[] words, out int driven)
    {
        driven = 0;
        var at = Array.IndexOf(words, "nThread");
        if (at < 0 || at + 3 >= words.Length || words[at + 2] != "nGpus") return false;
        if (!int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var threads) || threads is < 1 or > 10_000) return false;
        if (!int.TryParse(words[at + 3], NumberStyles.None, CultureInfo.InvariantCulture, out var gpus) || gpus is < 1 or > 10_000) return false;
        driven = threads * gpus;
        return true;
    }

    static bool IsCount(string word) => word.Length > 0 && word.All(c => char.IsAsciiDigit(c) || c is '_');

    // Sizes are printed by blogs and tables with the underscores of a program's source.
    static bool Whole(string word, out long value) =>
        long.TryParse(word.Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out value);

    static bool Number(string word, out double value) =>
        double.TryParse(word, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
