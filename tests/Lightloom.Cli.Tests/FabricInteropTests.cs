using System.Text.Json;
using Lightloom.Interop.Fabric;

namespace Lightloom.Cli.Tests;

/// <summary>What <c>fabric export</c> and <c>fabric verify</c> write, print and refuse.</summary>
public class FabricInteropTests
{
    const string Small = "eight-node-roce-copper";
    const string Pod = "superpod-h100-ndr";

    static readonly string Folder = Path.Combine(Cli.Root, "tests", "Lightloom.Cli.Tests", "Golden", "Interop");

    // What the small design speaks, each in full.
    static readonly string[] Exported = [.. FabricExports.All.Select(e => e.Name).Where(n => n is not ("topo" or "htsim"))];

    static readonly string[] Verified = ["as-designed", "mistakes", "slow"];

    public static TheoryData<string> Formats => [.. Exported];

    public static TheoryData<string> Cases => [.. Verified];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Exports(string format) => Same($"export-{format}", Printed("fabric", "export", Cli.Example(Small), "--format", format));

    [Fact]
    public void Export_topo() => Same("export-topo", string.Join('\n', Printed("fabric", "export", Cli.Example(Pod), "--format", "topo").Split('\n').Take(70)) + "\n");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Verify(string name)
    {
        using var scratch = new Scratch();
        Same($"verify-{name}", Printed("fabric", "verify", Cli.Example(Pod), "--discovered", Found(scratch, name)));
    }

    [Fact]
    public void No_golden_file_is_left_over() => Assert.Equal(
        Exported.Append("topo").Select(f => $"export-{f}").Concat(Verified.Select(v => $"verify-{v}")).Order(StringComparer.Ordinal),
        Directory.GetFiles(Folder).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));

    // The pod as somebody built it.
    static string Found(Scratch scratch, string name)
    {
        if (name == "slow")
        {
            var cables = Printed("fabric", "cables", Cli.Example(Pod), "--output", "-").Split('\n');
            cables[500] = cables[500].Replace(",400,", ",200,", StringComparison.Ordinal);
            return scratch.Write(string.Join('\n', cables), "found.csv");
        }
        var lines = Printed("fabric", "export", Cli.Example(Pod), "--format", "netbox").Split('\n').ToList();
        if (name == "as-designed") return scratch.Write(string.Join('\n', lines), "found.csv");
        Swap(100, 621); // two cards of different systems and rails
        Swap(1100, 1101); // two uplinks of one leaf
        var rail = lines.FindIndex(l => l.StartsWith("node-125,dcim.interface,nic-7,leaf-31,dcim.interface,swp30,", StringComparison.Ordinal));
        lines[rail] = lines[rail].Replace("leaf-31,dcim.interface,swp30", "leaf-30,dcim.interface,swp32", StringComparison.Ordinal);
        lines.RemoveAt(900);
        lines.RemoveAll(l => l.StartsWith("node-126,", StringComparison.Ordinal)); // a system that isn't there
        lines.Insert(lines.Count - 1, "storage-1,dcim.interface,nic-0,leaf-31,dcim.interface,swp32,,connected,,,,");
        return scratch.Write(string.Join('\n', lines), "found.csv");

        void Swap(int x, int y)
        {
            var (a, b) = (lines[x].Split(','), lines[y].Split(','));
            for (var field = 3; field < 6; field++) (a[field], b[field]) = (b[field], a[field]);
            (lines[x], lines[y]) = (string.Join(',', a), string.Join(',', b));
        }
    }

    [Fact]
    public void Verification_as_json_counts_and_names_and_strict_returns_1()
    {
        using var scratch = new Scratch();
        string[] command = ["fabric", "verify", Cli.Example(Pod), "--discovered", Found(scratch, "mistakes"), "--json"];
        var (code, output, error) = Cli.Run([.. command, "--strict"]);
        Assert.Equal((1, ""), (code, error));
        Assert.Equal((0, output, ""), Cli.Run(command));
        var root = JsonDocument.Parse(output).RootElement;
        Assert.False(root.GetProperty("asDesigned").GetBoolean());
        Assert.Equal(2044, root.GetProperty("designedCables").GetInt32());
        Assert.Equal(["missingDevice", "extraDevice", "swapped", "swapped", "moved", "missing"], root.GetProperty("differences").EnumerateArray().Select(d => d.GetProperty("kind").GetString()!));
        var swapped = root.GetProperty("differences")[2].GetProperty("designed");
        Assert.Equal(2, swapped.GetArrayLength());
        Assert.All(swapped.EnumerateArray(), c => Assert.StartsWith("NL-", c.GetProperty("label").GetString(), StringComparison.Ordinal));
        Assert.Equal(0, Cli.Run("fabric", "verify", Cli.Example(Pod), "--discovered", Found(scratch, "as-designed"), "--strict").Code);
    }

    [Theory]
    [InlineData("--format", "netbx", "there is no format 'netbx'; did you mean 'netbox'?")]
    [InlineData("--format", "topo", "the format 'topo' is for InfiniBand, and this fabric speaks Ethernet; expected 'cvt-dot' or 'p2p'")]
    [InlineData("--hosts-per-system", "0", "--hosts-per-system: expected a number from 1 to 1000, found 0")]
    public void Wrong_exports_are_errors_and_write_nothing(string option, string value, string message)
    {
        using var scratch = new Scratch();
        string[] format = option == "--format" ? [] : ["--format", "dot"];
        foreach (var target in new[] { Array.Empty<string>(), ["--output", scratch["out"]] })
            Assert.Equal((2, "", $"error: {message}\n"), Cli.Run(["fabric", "export", Cli.Example(Small), .. format, option, value, .. target]));
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Folder));
        var nowhere = Cli.Run("fabric", "export", Cli.Example(Small), "--format", "dot", "--output", Path.Combine(scratch.Folder, "no", "such", "file"));
        Assert.Equal((2, ""), (nowhere.Code, nowhere.Out));
    }

    [Fact]
    public void A_fabric_too_large_for_the_simulator_is_an_error_and_writes_nothing()
    {
        using var scratch = new Scratch();
        var (code, output, error) = Cli.Run("fabric", "export", Cli.Example("llama3-24k-roce"), "--format", "ibsim", "--output", scratch["f.net"]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("the format 'ibsim' holds at most", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Folder));
    }

    [Fact]
    public void A_file_in_a_folder_has_the_formats_usual_name_and_is_what_the_standard_output_has()
    {
        using var scratch = new Scratch();
        var (code, output, error) = Cli.Run("fabric", "export", Cli.Example(Small), "--format", "slurm-yaml", "--output", scratch.Folder);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("8 systems, 1 switches and 64 links as slurm-yaml", output, StringComparison.Ordinal);
        Assert.Equal([scratch["topology.yaml"]], Directory.GetFiles(scratch.Folder));
        Assert.Equal(File.ReadAllText(scratch["topology.yaml"]), Printed("fabric", "export", Cli.Example(Small), "--format", "slurm-yaml"));
    }

    [Fact]
    public void Wrong_files_of_what_was_found_are_errors()
    {
        using var scratch = new Scratch();
        Wrong("none.txt", "there is no file 'none.txt'");
        Wrong(scratch.Folder, "is a folder; expected a file");
        Wrong(scratch.Write("", "empty"), "is in no known format");
        Wrong(scratch.Write(Printed("fabric", "export", Cli.Example(Small), "--format", "netbox"), "other.csv"), "tells of another fabric: of its 65 devices");
        var text = Printed("fabric", "export", Cli.Example(Pod), "--format", "ibsim");
        Wrong(scratch.Write(text[..text.LastIndexOf("\nSwitch", StringComparison.Ordinal)], "cut.net"), "truncated");
        Wrong(scratch.Write(text.Replace("Hca", "\u0001", StringComparison.Ordinal), "binary.net"), "this is not a text");

        void Wrong(string file, string message)
        {
            var (code, output, error) = Cli.Run("fabric", "verify", Cli.Example(Pod), "--discovered", file);
            Assert.Equal((2, ""), (code, output));
            Assert.Contains(message, error, StringComparison.Ordinal);
            Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        }
    }

    static string Printed(params string[] arguments)
    {
        var (code, output, error) = Cli.Run(arguments);
        Assert.Equal((0, ""), (code, error));
        return output;
    }

    static void Same(string name, string output)
    {
        var file = Path.Combine(Folder, name + ".golden");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(file, output);
        }
        Assert.True(File.Exists(file), $"{file} is missing; UPDATE_GOLDEN=1 makes it");
        Assert.Equal(File.ReadAllText(file), output);
    }
}
