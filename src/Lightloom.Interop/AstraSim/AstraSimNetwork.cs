// ASTRA-sim's analytical network as YAML: four lists of one entry for each dimension, the innermost first.
//
//   topology: [ Ring, Switch ]        npus_count: [ 8, 4 ]        bandwidth: [ 400.0, 50.0 ]        latency: [ 500.0, 1000.0 ]
//
// Bandwidths are in "GB/s" of 2^30 bytes a second, latencies in ns of a link.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;

namespace Lightloom.Interop.AstraSim;

/// <summary>Reads and writes ASTRA-sim's network files.</summary>
public static class AstraSimNetwork
{
    static readonly string[] Keys = ["topology", "npus_count", "bandwidth", "latency"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is missing or malformed; file, line and column are named.</exception>
    public static TraceNetwork ReadFile(string path) => Read(YamlText.ReadFile(path));

    /// <summary>Reads a text.</summary>
    /// <exception cref="InputException">It is malformed; line and column are named.</exception>
    public static TraceNetwork Read(string text, string file) => Read(YamlText.Read(text, file));

    static TraceNetwork Read(MappingNode root)
    {
        foreach (var (key, _) in root.Entries)
            if (!Keys.Contains(key.Text, StringComparer.Ordinal)) throw new InputException($"unknown key '{key.Text}'{Nearest.Hint(key.Text, Keys)}", key.Mark);
        var blocks = List(root, "topology");
        var (ranks, bandwidths, latencies) = (List(root, "npus_count"), List(root, "bandwidth"), List(root, "latency"));
        foreach (var (name, list) in new[] { ("npus_count", ranks), ("bandwidth", bandwidths), ("latency", latencies) })
            if (list.Items.Count != blocks.Items.Count) throw new InputException($"'{name}' has {list.Items.Count} entries, and 'topology' {blocks.Items.Count}; expected as many", list.Mark);
        var dimensions = new List<TraceDimension>();
        for (var d = 0; d < blocks.Items.Count; d++)
        {
            var block = Scalar(blocks.Items[d], "topology");
            if (!Enum.GetNames<TraceBlock>().Contains(block.Text, StringComparer.Ordinal))
                throw new InputException($"there is no topology {block.Kind}{Nearest.Hint(block.Text, Enum.GetNames<TraceBlock>())}", block.Mark);
            var count = Number(ranks.Items[d], "npus_count", n => n is >= 2 and <= 1 << 24 && n == Math.Floor(n), "a whole number of 2 or more");
            var bandwidth = Number(bandwidths.Items[d], "bandwidth", n => n > 0, "more than 0 GB/s");
            dimensions.Add(new(Enum.Parse<TraceBlock>(block.Text), (int)count, bandwidth, Number(latencies.Items[d], "latency", n => n >= 0, "0 ns or more")));
        }
        try
        {
            return new(dimensions);
        }
        catch (InputException e)
        {
            throw new InputException(e.Problem, blocks.Mark);
        }
    }

    /// <summary>Writes a network, so that <see cref="Read(string, string)"/> reads the same.</summary>
    public static void Write(TextWriter text, TraceNetwork network)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(network);
        static string Real(double value) => value == Math.Floor(value) && value < 1e15 ? value.ToString("0.0", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture);
        void Line(string key, Func<TraceDimension, string> value, string unit = "") => text.WriteLine($"{key}: [ {string.Join(", ", network.Dimensions.Select(value))} ]{unit}");
        Line("topology", d => d.Block.ToString());
        Line("npus_count", d => d.Ranks.ToString(CultureInfo.InvariantCulture));
        Line("bandwidth", d => Real(d.Bandwidth), "  # GB/s of 2^30 B/s, each way");
        Line("latency", d => Real(d.LatencyNanoseconds), "  # ns of a link");
    }

    static SequenceNode List(MappingNode root, string key) => root.Find(key) switch
    {
        SequenceNode { Items.Count: > 0 } list => list,
        null => throw new InputException($"'{key}' is missing; expected a list of one entry for each dimension", root.Mark),
        var other => throw new InputException($"expected a list for '{key}', found {(other is SequenceNode ? "an empty one" : other.Kind)}", other.Mark),
    };

    static ScalarNode Scalar(Node node, string key) => node as ScalarNode ?? throw new InputException($"expected a value in '{key}', found {node.Kind}", node.Mark);

    static double Number(Node node, string key, Func<double, bool> right, string expected)
    {
        var scalar = Scalar(node, key);
        return double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && right(value) ? value
            : throw new InputException($"expected {expected} in '{key}', found {scalar.Kind}", scalar.Mark);
    }
}
