using System.Text.RegularExpressions;

namespace Lightloom.Cli.Tests;

/// <summary>Whole reports as they were last approved; UPDATE_GOLDEN=1 renews them, and the change shows what moved.</summary>
public partial class GoldenTests
{
    static readonly string Folder = Path.Combine(Cli.Root, "tests", "Lightloom.Cli.Tests", "Golden");

    public static TheoryData<string> Examples => [.. Cli.Examples.Select(f => Path.GetFileNameWithoutExtension(f))];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Evaluate(string example) => Same($"evaluate-{example}", "evaluate", Cli.Example(example));

    [Fact]
    public void Compare() => Same("compare-gb200", "compare", Cli.Example("gb200-nvl72-pluggable"), Cli.Example("gb200-nvl72-cpo"));

    [Theory]
    [InlineData("fabric", "superpod-h100-ndr")]
    [InlineData("optics", "superpod-h100-ndr")]
    [InlineData("copper", "eight-node-roce-copper")]
    [InlineData("topology", "superpod-h100-ndr")]
    [InlineData("domain", "gb200-nvl72-pluggable")]
    [InlineData("sites", "eight-node-roce-copper")]
    public void CompareOver(string set, string example) => Same($"compare-{set}-{example}", "compare", "--over", set, Cli.Example(example));

    [Fact]
    public void Explain() => Same("explain-eight-node-roce-copper", "explain", Cli.Example("eight-node-roce-copper"));

    // 300 m, four MPO and a circuit switch: DR optics miss by a fraction of a decibel, FR close.
    [Fact]
    public void Link() => Same("link-hall", "link", "--rate", "800", "--length", "300m", "--connectors", "4", "--connector", "mpo", "--ocs", "1.5..2.0",
        "--part", "800g-2xdr4", "--monte-carlo", "100000");

    [Fact]
    public void Catalog() => Same("catalog-switch-qm9700", "catalog", "switch", "qm9700");

    [Theory]
    [InlineData("build")]
    [InlineData("bom")]
    [InlineData("cables")]
    [InlineData("route")]
    [InlineData("analyze")]
    [InlineData("fail")]
    public void Fabric(string command) => Same($"fabric-{command}-superpod-h100-ndr", "fabric", command, Cli.Example("superpod-h100-ndr"));

    [Fact]
    public void Line() => Same("link-line-5x80km", "link", "line", "--spans", "5x80km", "--launch", "1dBm");

    [Fact]
    public void LineOfGnpyFiles() => Same("link-line-gnpy", "link", "line", "--gnpy-network", Gnpy("network"), "--gnpy-equipment", Gnpy("equipment"),
        "--gnpy-spectrum", Gnpy("spectrum"), "--from", "trx A", "--to", "trx B");

    [Fact]
    public void Validate() => Same("validate-optics", "validate", "optics", "--data", Path.Combine(Cli.Root, "data", "validation", "optics"));

    [Theory]
    [InlineData("superpod-h100-ndr", "3MW")]
    [InlineData("gb200-nvl72-cpo", "2MW")]
    public void Cost(string example, string power) => Same($"cost-{example}", "cost", Cli.Example(example), "--power", power);

    [Fact]
    public void ValidateEconomics() => Same("validate-economics", "validate", "economics", "--data", Path.Combine(Cli.Root, "data", "validation", "economics"));

    [Fact]
    public void Simulate() => Same("simulate-superpod-h100-ndr", "simulate", "permutation:1", "--design", Cli.Example("superpod-h100-ndr"), "--hash", "1", "--size", "64MiB");

    [Fact]
    public void CollectiveChoose() => Same("collective-choose-h100-4n", "collective", "choose", "--system", "dgx-h100", "--nodes", "4", "--collective", "all-reduce",
        "--sizes", "1KiB..1GiB");

    [Fact]
    public void CollectiveBound() => Same("collective-bound-h100-4n", "collective", "bound", "--system", "dgx-h100", "--nodes", "4", "--collective", "all-reduce",
        "--sizes", "1KiB,1MiB,1GiB,32GiB", "--exact");

    [Fact]
    public void CollectiveBalance() => Same("collective-balance", "collective", "balance", "--uplinks", "32", "--bundle", "2", "--failed", "1", "--leaves", "64");

    [Fact]
    public void CollectiveBalanceOfDesign() => Same("collective-balance-llama3-24k-roce", "collective", "balance", "--design", Cli.Example("llama3-24k-roce"));

    [Fact]
    public void CollectiveChooseOnAmd() => Same("collective-choose-mi300x", "collective", "choose", "--system", "mi300x-platform", "--collective", "all-reduce",
        "--sizes", "1KiB..1GiB");

    [Fact]
    public void CollectiveExperts() => Same("collective-experts-h100-8n", "collective", "experts", "--system", "dgx-h100", "--nodes", "8", "--tokens", "4096",
        "--hidden", "7168", "--top-k", "8", "--node-limit", "4");

    static readonly (string Log, string[] Arguments)[] Logs =
    [
        ("h100-node", ["--system", "dgx-h100"]),
        ("h100-node-no-nvls", ["--design", Cli.Example("superpod-h100-ndr")]),
        ("b200-2n-card-lost", ["--system", "dgx-b200", "--nodes", "2", "--fabric", "infiniband"]),
        ("h100-2n-socket", ["--nodes", "2", "--design", Cli.Example("superpod-h100-ndr")]),
        ("h100-2n-cliff", ["--system", "hgx-h100", "--nodes", "2", "--fabric", "infiniband"]),
        ("h100-claimed-64", ["--system", "hgx-h100", "--nodes", "8", "--fabric", "infiniband"]),
    ];

    public static TheoryData<string> ComparedLogs => [.. Logs.Select(l => l.Log)];

    [Theory]
    [MemberData(nameof(ComparedLogs))]
    public void CollectiveCompare(string log) => Same($"collective-compare-{log}",
        ["collective", "compare", Path.Combine(Cli.Root, "examples", "logs", log + ".log"), .. Logs.Single(l => l.Log == log).Arguments]);

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("gpt3-175b")]
    public void TrainModel(string model) => Same($"train-model-{model}", "train", "model", model);

    [Theory]
    [InlineData("superpod-h100-ndr")]
    [InlineData("llama3-24k-roce")]
    public void Train(string example) => Same($"train-{example}", "train", Cli.Example(example), "--jitter", "0.1%");

    [Fact]
    public void TrainEngine() => Same("train-engine-dragonfly-1k-h100", "train", Cli.Example("dragonfly-1k-h100"), "--engine", "flow");

    [Fact]
    public void TrainSearch() => Same("train-search-eight-node-roce-copper", "train", "search", Cli.Example("eight-node-roce-copper"), "--top", "5");

    [Fact]
    public void TrainPlacement() => Same("train-placement-llama3-24k-roce", "train", "placement", Cli.Example("llama3-24k-roce"));

    [Theory]
    [InlineData("llama3-24k-roce")]
    [InlineData("gb200-nvl72-cpo")]
    public void TrainMemory(string example) => Same($"train-memory-{example}", "train", "memory", Cli.Example(example));

    [Theory]
    [InlineData("llama3-24k-roce")]
    [InlineData("gb200-nvl72-cpo")]
    public void Reliability(string example) => Same($"reliability-{example}", "reliability", Cli.Example(example), "--simulate", "--seeds", "10");

    [Theory]
    [InlineData("large-cluster")]
    [InlineData("several-sites")]
    public void Advise(string scenario) => Same($"advise-{scenario}", "advise", scenario);

    [Fact]
    public void AdviseOnADesign() => Same("advise-superpod-h100-ndr", "advise", Cli.Example("superpod-h100-ndr"), "--budget", "10MUSD", "--power", "1MW");

    [Fact]
    public void Serve() => Same("serve-eight-node-roce-copper", "serve", Cli.Example(Path.Combine("serving", "eight-node-roce-copper")));

    [Fact]
    public void ValidateReliability() => Same("validate-reliability", "validate", "reliability", "--data", Path.Combine(Cli.Root, "data", "validation", "reliability"));

    [Fact]
    public void Sites() => Same("sites-three-sites-dark-fibre", "sites", Cli.Example("three-sites-dark-fibre"));

    [Fact]
    public void TrainSites() => Same("train-sites-two-sites-h100", "train", "sites", Cli.Example("two-sites-h100"));

    [Fact]
    public void ValidateSites() => Same("validate-sites", "validate", "sites", "--data",
        Path.Combine(Cli.Root, "data", "validation", "training", "diloco_bandwidth_vs_cu.csv"));

    static readonly (string Name, string File, string[] Arguments)[] Launches =
    [
        ("gpt3-175b", "gpt3-175b.sh", ["--system", "dgx-a100"]),
        ("mixtral-8x7b", "mixtral-8x7b.sh", ["--system", "dgx-h100"]),
        ("llama3-405b", "llama3-405b.toml", ["--system", "dgx-h100", "NGPU=512"]),
        ("mlperf-405b", "mlperf/config_405b_64x8_tp8pp8cp2.sh", ["--system", "dgx-h100"]),
    ];

    public static TheoryData<string> LaunchFiles => [.. Launches.Select(l => l.Name)];

    [Theory]
    [MemberData(nameof(LaunchFiles))]
    public void TrainImport(string launch)
    {
        var (_, file, arguments) = Launches.Single(l => l.Name == launch);
        Same($"train-import-{launch}", ["train", "import", Path.Combine(Cli.Root, "examples", "launch", file), .. arguments]);
    }

    [Fact]
    public void TrainOfALaunchFile() => Same("train-launch-gpt3-175b", "train", Path.Combine(Cli.Root, "examples", "launch", "gpt3-175b.sh"), "--system", "dgx-a100");

    static string Gnpy(string name) => Path.Combine(Cli.Root, "examples", "gnpy", name + ".json");

    [Fact]
    public void No_golden_file_is_left_over()
    {
        string[] used =
        [
            .. Cli.Examples.Select(e => $"evaluate-{Path.GetFileNameWithoutExtension(e)}"),
            "advise-large-cluster",
            "advise-several-sites",
            "advise-superpod-h100-ndr",
            "compare-gb200",
            "compare-fabric-superpod-h100-ndr",
            "compare-optics-superpod-h100-ndr",
            "compare-copper-eight-node-roce-copper",
            "compare-topology-superpod-h100-ndr",
            "compare-domain-gb200-nvl72-pluggable",
            "compare-sites-eight-node-roce-copper",
            "explain-eight-node-roce-copper",
            "catalog-switch-qm9700",
            "collective-bound-h100-4n",
            "collective-choose-h100-4n",
            "collective-balance",
            "collective-balance-llama3-24k-roce",
            "collective-choose-mi300x",
            "collective-experts-h100-8n",
            .. Logs.Select(l => $"collective-compare-{l.Log}"),
            .. ((string[])["build", "bom", "cables", "route", "analyze", "fail"]).Select(c => $"fabric-{c}-superpod-h100-ndr"),
            "link-hall",
            "link-line-5x80km",
            "link-line-gnpy",
            "reliability-gb200-nvl72-cpo",
            "reliability-llama3-24k-roce",
            "sites-three-sites-dark-fibre",
            "serve-eight-node-roce-copper",
            "simulate-superpod-h100-ndr",
            "train-engine-dragonfly-1k-h100",
            "train-memory-gb200-nvl72-cpo",
            "train-memory-llama3-24k-roce",
            "train-model-deepseek-v3",
            "train-model-gpt3-175b",
            "train-placement-llama3-24k-roce",
            "train-search-eight-node-roce-copper",
            .. Launches.Select(l => $"train-import-{l.Name}"),
            "train-launch-gpt3-175b",
            "train-superpod-h100-ndr",
            "train-llama3-24k-roce",
            "train-sites-two-sites-h100",
            "validate-sites",
            "validate-economics",
            "cost-superpod-h100-ndr",
            "cost-gb200-nvl72-cpo",
            "validate-reliability",
            "validate-optics",
        ];
        Assert.Equal(used.Order(StringComparer.Ordinal), Directory.GetFiles(Folder).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));
    }

    static void Same(string name, params string[] arguments)
    {
        var (code, output, error) = Cli.Run(arguments);
        Assert.Equal((0, ""), (code, error));
        // The id hashes the whole catalogue: a part that no example uses would change every file.
        output = Id().Replace(output, "result (id),");
        var file = Path.Combine(Folder, name + ".golden");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(file, output);
        }
        Assert.True(File.Exists(file), $"{file} is missing; UPDATE_GOLDEN=1 makes it");
        Assert.Equal(File.ReadAllText(file), output);
    }

    [GeneratedRegex("result [0-9a-f]{16},")]
    private static partial Regex Id();
}
