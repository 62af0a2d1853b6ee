using System.Text.Json;
using System.Text.RegularExpressions;
using Lightloom.Planning.Comparisons;

namespace Lightloom.Planning.Tests;

/// <summary>The JSON contract of docs/json.md.</summary>
public partial class EvaluationJsonTests
{
    // Counts, shares and ratios have no unit; every other number says its own.
    static readonly HashSet<string> Plain =
    [
        "lightloom", "systems", "accelerators", "switches", "bisectionShare", "count", "portsDown", "portsUp", "radix", "unusedPorts", "switchHops", "rows",
        "racksPerRow", "systemRacks", "networkRacks", "open", "preFecBer", "frameLoss", "parameters", "activeParameters", "sequence", "globalBatch", "tensor",
        "context", "expert", "pipeline", "interleave", "data", "microBatch", "microBatches", "memoryStage", "tokensPerSecond", "stalledShare", "effectiveShare",
        "effectiveTokensPerSecond", "parts", "publishedSteps", "openLinks", "links", "spares", "tokensPerStep", "tokensPerSecond", "utilisation", "availability", "spans", "sections", "pairs",
        "channels", "channelsOfPair", "transceivers", "amplifiers", "huts", "fewestVendors", "domainAccelerators",
    ];

    [GeneratedRegex("_(m|km|m2|s|h|B|dBm|ns|us|kW|W|dB|GB|GBps|Gbps|hops|share|years|perYear|FIT|USD|MUSD|TFLOPs|TFLOPsPerAccelerator|pJPerBit|tokensPerSecond|USDPerTokenPerSecond)$")]
    private static partial Regex Unit();

    [Theory]
    [MemberData(nameof(Designs.Examples), MemberType = typeof(Designs))]
    public void Every_number_is_finite_and_says_its_unit(string example)
    {
        using var json = JsonDocument.Parse(EvaluationJson.Write(Designs.Example(example)));
        var numbers = 0;
        Walk(json.RootElement, "", "", (path, name, owner, value) =>
        {
            numbers++;
            Assert.True(double.IsFinite(value), path);
            Assert.True(Plain.Contains(name) || Unit().IsMatch(name) || Unit().IsMatch(owner), $"{path} says no unit");
        });
        Assert.True(numbers > 150);
    }

    [Fact]
    public void Every_documented_field_is_there()
    {
        var names = new HashSet<string>();
        // Some fields are there only where something costs, or is wrong.
        foreach (var evaluation in new[] { Designs.Example(Designs.SuperPod), Designs.Example(Designs.SuperPod, ("cheapest-feasible", "{ media: copper }")) })
        {
            using var json = JsonDocument.Parse(EvaluationJson.Write(evaluation));
            Names(json.RootElement, names);
        }
        var documentation = File.ReadAllText(Path.Combine(Designs.Root, "docs", "json.md"));
        documentation = documentation[..documentation.IndexOf("\n## ", StringComparison.Ordinal)]; // other commands have their own tests
        var table = documentation.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).ToList();
        Assert.True(table.Count > 15);
        foreach (var line in table)
            foreach (Match quoted in Code().Matches(line))
                foreach (var name in quoted.Groups[1].Value.Replace("[]", "", StringComparison.Ordinal).Split('.'))
                    Assert.True(names.Contains(name), $"{name} is documented and not there");
    }

    [Fact]
    public void The_json_says_what_the_evaluation_says()
    {
        var evaluation = Designs.Example(Designs.SuperPod);
        using var json = JsonDocument.Parse(EvaluationJson.Write(evaluation));
        var root = json.RootElement;
        Assert.Equal(evaluation.Id, root.GetProperty("id").GetString());
        Assert.Matches("^[0-9a-f]{16}$", evaluation.Id);
        Assert.Equal(evaluation.Outcome!.Value.Step.Time.Seconds, root.GetProperty("step").GetProperty("time_s").GetDouble());
        Assert.Equal(root.GetProperty("step").GetProperty("time_s").GetDouble(), root.GetProperty("step").GetProperty("parts_s").EnumerateObject().Sum(p => p.Value.GetDouble()), 1e-9);
        foreach (var link in root.GetProperty("links").EnumerateArray())
        {
            Assert.Equal(link.GetProperty("count").GetInt64(), link.GetProperty("groups").EnumerateArray().Sum(g => g.GetProperty("count").GetInt64()));
            foreach (var group in link.GetProperty("groups").EnumerateArray())
                Assert.Equal(group.GetProperty("margin_dB").GetDouble(), group.GetProperty("budget").EnumerateArray().Sum(t => t.GetProperty("change_dB").GetDouble()), 1e-9);
        }
    }

    [Theory]
    [InlineData("laneRate: 1 Gb/s", "linkFlaps: 0 /yr")]
    [InlineData("ports: 64", "linkFlaps: 0 /yr")]
    [InlineData("latency: 1 ms", "acceleratorInterruptions: 31000 /yr")]
    [InlineData("power: 0 W", "facilityPerWatt: 0 USD, electricity: 0 USD/kWh, costOfCapital: 0, maintenance: 0, acceleratorLoad: 0")]
    public void Extremes_are_finite_or_left_out(string box, string site)
    {
        var text = Designs.Changed(Designs.SuperPod,
            ("switch: qm9700", $"switch: {{ basedOn: qm9700, {box} }}"),
            ("electricity: 0.08 USD/kWh",
                $"assumptions: {{ basedOn: default, {(site.Contains("acceleratorInterruptions", StringComparison.Ordinal) ? "" : "acceleratorInterruptions: 0 /yr, ")}" +
                $"otherInterruptions: 0 /yr, nicFailures: 0 /yr, switchFailures: 0 /yr, {site} }}"));
        var evaluation = Designs.Evaluate(text);
        using var json = JsonDocument.Parse(EvaluationJson.Write(evaluation));
        Walk(json.RootElement, "", "", (path, _, _, value) => Assert.True(double.IsFinite(value) && value != -1e9, path));
        if (box.StartsWith("lane", StringComparison.Ordinal))
        {
            Assert.False(json.RootElement.GetProperty("goodput").TryGetProperty("interruptionMeanTime_h", out _));
            Assert.False(json.RootElement.GetProperty("links")[0].TryGetProperty("worstMargin_dB", out _));
        }
        using var comparison = JsonDocument.Parse(Compared(text, Designs.Text(Designs.SuperPod)));
        Assert.Equal(2, comparison.RootElement.GetProperty("designs").GetArrayLength());
    }

    [Fact]
    public void A_comparison_has_a_value_of_each_design_or_null()
    {
        var text = Designs.Text(Designs.SuperPod);
        var idle = text[..text.IndexOf("job:", StringComparison.Ordinal)];
        using var json = JsonDocument.Parse(Compared(text, idle, Designs.Text(Designs.Llama)));
        foreach (var figure in json.RootElement.GetProperty("figures").EnumerateObject())
        {
            Assert.Equal(3, figure.Value.GetArrayLength());
            Assert.True(Plain.Contains(figure.Name) || Unit().IsMatch(figure.Name), figure.Name);
        }
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("figures").GetProperty("stepTime_s")[1].ValueKind);
        Assert.False(json.RootElement.GetProperty("designs")[1].TryGetProperty("verdict", out _));
    }

    static string Compared(params string[] designs) => ComparisonJson.Write(ComparisonStudy.Of(designs.Select(d => DesignDocument.Parse(d, "d.yaml"))));

    [GeneratedRegex("`([A-Za-z0-9_.\\[\\]]+)`")]
    private static partial Regex Code();

    static void Names(JsonElement element, HashSet<string> names)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                names.Add(property.Name);
                Names(property.Value, names);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Names(item, names);
        }
    }

    static void Walk(JsonElement element, string path, string owner, Action<string, string, string, double> number)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    if (property.Value.ValueKind == JsonValueKind.Number) number($"{path}.{property.Name}", property.Name, owner, property.Value.GetDouble());
                    else Walk(property.Value, $"{path}.{property.Name}", property.Name, number);
                }
                break;
            case JsonValueKind.Array:
                var i = 0;
                foreach (var item in element.EnumerateArray()) Walk(item, $"{path}[{i++}]", owner, number);
                break;
        }
    }
}
