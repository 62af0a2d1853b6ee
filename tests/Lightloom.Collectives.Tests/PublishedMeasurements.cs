using System.Globalization;
using System.Text;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

/// <summary>A row of data/validation/collectives/measured.csv with the network that it was measured on.</summary>
sealed record PublishedMeasurement(
    int Row, string Id, string Accelerator, int Ranks, int Nodes, CollectiveKind Kind, string Algorithm, DataSize Size, Duration Time,
    string ScaleUpMechanism, Bandwidth ScaleUp, bool Switches, int Domain, string? FabricMechanism, Bandwidth Nic)
{
    /// <summary>A leaf switch and two short cables.</summary>
    static readonly Duration OneSwitch = Duration.FromMicroseconds(1);

    public CollectiveTime Predict(Func<string, CollectiveParameters> mechanisms)
    {
        var inside = NetworkLevel.ScaleUp("scale-up", ScaleUp, mechanisms(ScaleUpMechanism), Switches);
        var domain = Math.Min(Domain, Ranks);
        var forced = Algorithm switch
        {
            "Ring" => CollectiveAlgorithm.Ring,
            "Tree" => CollectiveAlgorithm.Tree,
            _ => null,
        };
        if (domain == Ranks || FabricMechanism is null)
            return CollectiveModel.Default.Time(Kind, Size, GroupPlacement.Of(Ranks), new(inside), forced);
        var outside = NetworkLevel.ScaleOut("fabric", Nic, Ratio.From(1), OneSwitch, mechanisms(FabricMechanism));
        return CollectiveModel.Default.Time(Kind, Size, GroupPlacement.Of(domain, Ranks), new(inside, outside), forced);
    }

    public double LogError(Func<string, CollectiveParameters> mechanisms) => Math.Log(Predict(mechanisms).Total / Time);

    public string Band => Size.Bytes switch
    {
        <= 65536 => "1  <= 64 KiB",
        <= 1048576 => "2  64 KiB to 1 MiB",
        <= 33554432 => "3  1 to 32 MiB",
        <= 536870912 => "4  32 to 512 MiB",
        _ => "5  > 512 MiB",
    };

    static readonly Dictionary<string, CollectiveKind> Kinds = new(StringComparer.Ordinal)
    {
        ["all_reduce"] = CollectiveKind.AllReduce,
        ["all_gather"] = CollectiveKind.AllGather,
        ["reduce_scatter"] = CollectiveKind.ReduceScatter,
        ["alltoall"] = CollectiveKind.AllToAll,
        ["sendrecv"] = CollectiveKind.SendReceive,
    };

    public static IReadOnlyList<PublishedMeasurement> All { get; } = [.. Read(Path.Combine(AppContext.BaseDirectory, "validation", "measured.csv"))];

    static IEnumerable<PublishedMeasurement> Read(string file)
    {
        string[]? header = null;
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var cells = Cells(line);
            if (header is null)
            {
                header = cells;
                continue;
            }
            string Cell(string name) => cells[Array.IndexOf(header, name)];
            if (Cell("time_us").Length == 0) continue;
            var accelerator = Cell("gpu").Split('-', ' ')[0];
            var ranks = int.Parse(Cell("gpus"), CultureInfo.InvariantCulture);
            var nodes = int.Parse(Cell("nodes"), CultureInfo.InvariantCulture);
            var fabric = Cell("fabric");
            var rack = fabric.Contains("NVL72", StringComparison.Ordinal);
            var (mechanism, gigabytes, switches) = accelerator switch
            {
                "A100" => ("nvlink3", 300.0, false),
                "H100" or "H200" => ("nvlink4", 450, true),
                "GH200" => ("nvlink4", 450, false),
                "B200" or "B300" => ("nvlink5", 900, true),
                "GB200" => (rack ? "nvlink5-rack" : "nvlink5", 900, ranks / nodes != ranks || rack),
                "MI300X" => ("xgmi", 448, false),
                "MI355X" => ("xgmi", 537.6, false),
                _ => throw new InvalidDataException($"row {number}: no accelerator '{accelerator}'"),
            };
            if (Cell("id").Contains("nvl4", StringComparison.Ordinal) || ranks <= 4) switches = false;
            var domain = rack ? accelerator == "GB200" && ranks > 72 ? ranks / 2 : ranks : ranks / nodes;
            var text = (fabric + " " + Cell("nic") + " " + Cell("system")).ToUpperInvariant();
            var link = text.Contains("EFA", StringComparison.Ordinal) ? "efa-unordered"
                : text.Contains("TCPX", StringComparison.Ordinal) ? "tcpxo"
                : text.Contains("SLINGSHOT", StringComparison.Ordinal) ? "slingshot"
                : text.Contains("ROCE", StringComparison.Ordinal) ? "rocev2" : "infiniband";
            var nic = Cell("id") switch
            {
                "aws-p4de-2n-ar" => 50.0,
                var id when id.StartsWith("gcp-a3mega", StringComparison.Ordinal) => 200,
                var id when id.StartsWith("cscs", StringComparison.Ordinal) || id.StartsWith("hpe", StringComparison.Ordinal) => 200,
                _ => 400,
            };
            yield return new(number, Cell("id"), accelerator, ranks, nodes, Kinds[Cell("collective")], Cell("algo"),
                DataSize.FromBytes(double.Parse(Cell("size_bytes"), CultureInfo.InvariantCulture)),
                Duration.FromMicroseconds(double.Parse(Cell("time_us"), CultureInfo.InvariantCulture)),
                mechanism, Bandwidth.FromGigabytesPerSecond(gigabytes), switches, domain,
                domain < ranks ? link : null, Bandwidth.FromGigabitsPerSecond(nic));
        }
    }

    static string[] Cells(string line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else cell.Append(c);
        }
        cells.Add(cell.ToString());
        return [.. cells];
    }
}
