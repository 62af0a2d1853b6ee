using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Fabric;

// A matrix of traffic as text, one flow a line:
//
//   from,to,bytes                        from,to,weight
//   node-00-nic-0,node-01-nic-0,1048576  0,8,0.5
//
// A card is its name or its number; a line that begins with '#' is a comment; flows of the same two cards add up. Weights are
// shares of what the sender can inject. Bytes are scaled so that the sender that takes longest with its own has the weight 1: then
// 1 / throughput is how many times longer the exchange takes than its busiest sender alone.

/// <summary>Reads traffic matrices.</summary>
public static class TrafficFile
{
    /// <summary>The most lines that a file may have.</summary>
    public const int MostLines = 20_000_000;

    /// <summary>Reads a file.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="file">The file's name, as messages give it.</param>
    /// <param name="lines">Its lines.</param>
    /// <param name="cardOf">The number of a card's name; null when there is none such, and then the hint tells the nearest.</param>
    /// <param name="hint">"; did you mean 'x'?", or nothing, for a name that no card has.</param>
    /// <exception cref="InputException">A line isn't such a flow; the message gives its place.</exception>
    public static Traffic Read(FabricGraph graph, string file, IEnumerable<string> lines, Func<string, int?> cardOf, Func<string, string> hint)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(cardOf);
        ArgumentNullException.ThrowIfNull(hint);
        var sums = new Dictionary<(int From, int To), double>();
        var (number, columns, bytes) = (0, 0, false);
        foreach (var text in lines)
        {
            if (++number > MostLines) throw new InputException($"the matrix has more than {MostLines:N0} lines", new(file, number, 1));
            if (string.IsNullOrWhiteSpace(text) || text.StartsWith('#')) continue;
            var cells = text.Split(',');
            if (columns == 0)
            {
                columns = 3;
                var head = cells.Select(c => c.Trim()).ToArray();
                if (head is not ["from", "to", "bytes" or "weight"])
                    throw new InputException($"expected the columns 'from,to,bytes' or 'from,to,weight', found '{Short(text)}'", new(file, number, 1));
                bytes = head[2] == "bytes";
                continue;
            }
            if (cells.Length != columns) throw new InputException($"expected {columns} values, found {cells.Length} in '{Short(text)}'", new(file, number, 1));
            var from = Card(cells[0], new(file, number, 1));
            var to = Card(cells[1], new(file, number, cells[0].Length + 2));
            var place = new Mark(file, number, cells[0].Length + cells[1].Length + 3);
            if (!double.TryParse(cells[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value) || value < 0)
                throw new InputException($"expected a number of {(bytes ? "bytes" : "weight")} from 0 up, found '{Short(cells[2].Trim())}'", place);
            if (!bytes && value > 1e6) throw new InputException($"a weight is a share of what a card can inject; '{Short(cells[2].Trim())}' is more than 1,000,000", place);
            if (from == to) throw new InputException($"'{Short(cells[0].Trim())}' sends to itself", new(file, number, 1));
            if (value > 0) sums[(from, to)] = sums.GetValueOrDefault((from, to)) + value;
        }
        if (columns == 0) throw new InputException("the file is empty; expected the columns 'from,to,bytes' or 'from,to,weight'", new(file, 1, 1));
        if (sums.Count == 0) throw new InputException("the matrix has no flow", new(file, number, 1));
        var scale = bytes ? 1 / Slowest(graph, sums) : 1;
        return Traffic.Of(graph, $"matrix {Path.GetFileName(file)}",
            [.. sums.OrderBy(s => s.Key).Select(s => new Flow(s.Key.From, s.Key.To, s.Value * scale * (bytes ? 1 / Injection(graph, s.Key.From) : 1)))]);

        int Card(string cell, Mark place)
        {
            var name = cell.Trim();
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var card))
                return card < graph.Cards ? card : throw new InputException($"cards are numbered 0 to {graph.Cards - 1:N0}, not {Short(name)}", place);
            return cardOf(name) ?? throw new InputException($"there is no card '{Short(name)}'{hint(name)}", place);
        }
    }

    static string Short(string text) => text.Length <= 60 ? text : text[..60] + "...";

    // Bytes over Gb/s of the sender for which that is most: in units of 1/8 ns.
    static double Slowest(FabricGraph graph, Dictionary<(int From, int To), double> sums) =>
        sums.GroupBy(s => s.Key.From).Max(g => g.Sum(s => s.Value) / Injection(graph, g.Key));

    static double Injection(FabricGraph graph, int card)
    {
        var sum = 0.0;
        foreach (var l in graph.LinksOf(card)) sum += FabricPlane.RateOf(graph, l).GigabitsPerSecond;
        return sum;
    }
}
