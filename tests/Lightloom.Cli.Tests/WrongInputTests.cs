using System.Text;

namespace Lightloom.Cli.Tests;

/// <summary>Transcripts of what goes wrong: exit code 2, one message with its place, nothing printed, nothing written.</summary>
public class WrongInputTests
{
    [Theory]
    // Keys and names.
    [InlineData("systems: 127", "sistems: 127", "8:3: unknown key 'sistems'; did you mean 'systems'?")]
    [InlineData("name: 1,016", "nme: 1,016", "3:1: unknown key 'nme'; did you mean 'name'?")]
    [InlineData("switch: qm9700", "switch: qm970", "12:11: there is no switch 'qm970'; did you mean 'qm9700'?")]
    [InlineData("system: dgx-h100", "system: dgx-h1000", "7:11: there is no system 'dgx-h1000'; did you mean 'dgx-h100'?")]
    [InlineData("model: llama-3.1-70b", "model: llama-3.1-71b", "20:10: there is no model 'llama-3.1-71b'; did you mean 'llama-3.1-70b'?")]
    [InlineData("topology: rail-optimized", "topology: rail-optimised", "11:13: fabric.topology: there is no topology 'rail-optimised'; did you mean 'rail-optimized'?")]
    [InlineData("topology: rail-optimized", "topology: hypercube", "11:13: fabric.topology: there is no topology 'hypercube'; expected one of dragonfly, dragonfly+, dual-tor, fat-tree, hammingmesh, hyperx, jellyfish, multi-plane, polarfly, rail-only, rail-optimized, single-switch, slim-fly, torus")]
    [InlineData("protocol: infiniband", "protocol: infinband", "10:13: expected one of infiniband, rocev2, ultra-ethernet; found 'infinband'")]
    [InlineData("cheapest-feasible", "{ leaf-spine: dac-80000g }", "17:24: site.links.leaf-spine: there is no transceiver or copper cable 'dac-80000g'; did you mean 'dac-800g'?")]
    // Units and numbers.
    [InlineData("aislePitch: 3.0 m", "aislePitch: 3.0 dB", "16:68: '3.0 dB' is not a length: 'dB' is a unit of gain or loss; units that fit are nm, um, mm, cm, m, km, in, ft")]
    [InlineData("aislePitch: 3.0 m", "aislePitch: 3.0", "16:68: '3.0' has no unit; a length is given in nm, um, mm, cm, m, km, in, ft")]
    [InlineData("0.08 USD/kWh", "8 cents", "18:16: '8 cents' is not a price of energy: 'cents' is not a known unit; units that fit are USD/MWh, USD/kWh, USD/J")]
    [InlineData("0.08 USD/kWh", "-0.08 USD/kWh", "18:16: expected a price of energy from 0 USD/kWh to 36 USD/kWh, found '-0.08 USD/kWh'")]
    [InlineData("0.08 USD/kWh", "NaN USD/kWh", "18:16: 'NaN USD/kWh' is not a price of energy: expected a number and a unit, such as '1 USD/kWh'")]
    [InlineData("0.08 USD/kWh", "1e999 USD/kWh", "18:16: '1e999 USD/kWh' is too large for a price of energy")]
    [InlineData("systems: 127", "systems: -1", "8:12: expected a whole number from 1 to 1,000,000, found '-1'")]
    [InlineData("systems: 127", "systems: 0", "8:12: expected a whole number from 1 to 1,000,000, found '0'")]
    [InlineData("systems: 127", "systems: 1e12", "8:12: expected a whole number from 1 to 1,000,000, found '1e12'")]
    [InlineData("systems: 127", "systems: 1000000000000", "8:12: expected a whole number from 1 to 1,000,000, found '1000000000000'")]
    [InlineData("systems: 127", "systems: many", "8:12: expected a whole number from 1 to 1,000,000, found 'many'")]
    [InlineData("systems: 127", "systems: 12.7", "8:12: expected a whole number from 1 to 1,000,000, found '12.7'")]
    [InlineData("systems: 127", "systems:", "8:11: expected a whole number from 1 to 1,000,000, found nothing")]
    [InlineData("systems: 127", "systems: [127]", "8:12: expected a plain value for 'accelerators.systems', found a list")]
    [InlineData("managementLinks: 4", "priceFactor: .nan", "14:16: expected a number from 0.1 to 10, found '.nan'")]
    [InlineData("managementLinks: 4", "priceFactor: .inf", "14:16: expected a number from 0.1 to 10, found '.inf'")]
    [InlineData("managementLinks: 4", "priceFactor: 1e300", "14:16: expected a number from 0.1 to 10, found '1e300'")]
    [InlineData("managementLinks: 4", "oversubscription: { leaf: 0 }", "14:29: expected a number from 0.1 to 1000, found '0'")]
    [InlineData("globalBatch: 1016", "globalBatch: 2147483648", "22:16: expected a whole number from 1 to 100,000,000, found '2147483648'")]
    [InlineData("15000", "0", "25:27: expected a number from 0.001 to 1000000000, found '0'")]
    [InlineData("lightloom: 1", "lightloom: 2", "2:12: expected a whole number that is 1, found '2'")]
    // Parts that are changed in place.
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, power: 1.9 m }", "12:37: '1.9 m' is not a power: 'm' is a unit of length; units that fit are pW, nW, uW, mW, W, kW, MW, GW")]
    [InlineData("switch: qm9700", "switch: { power: 1.9 kW }", "12:11: 'fabric.switch' is described here, so it needs 'basedOn', the part that it starts from")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9701 }", "12:22: there is no switch 'qm9701'; did you mean 'qm9700'?")]
    [InlineData("switch: qm9700", "switch: { basedOn: 'qm9700*' }", "12:22: there is no switch 'qm9700*'; did you mean 'qm9700'?")]
    [InlineData("switch: qm9700", "switch: { basedOn: { basedOn: qm9700 } }", "12:22: expected a plain value for 'fabric.switch.basedOn', found a mapping")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, provenance: { source: me, grade: standard } }",
        "12:30: 'provenance' speaks for the figures of the part that this one is based on; give each changed figure its own source and grade")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, power: { value: 1 kW, low: 2 kW } }", "12:37: figure 'power' must have low <= value <= high; found 2 kW, 1 kW, 1 kW")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, ports: 1 }", "12:37: expected a whole number from 2 to 100,000, found '1'")]
    // What can't be built.
    [InlineData("protocol: infiniband", "protocol: rocev2", "12:11: fabric.switch: 'qm9700' speaks infiniband, and rocev2 needs ethernet")]
    [InlineData("switch: qm9700", "switch: sn5600", "12:11: fabric.switch: 'sn5600' speaks ethernet, and infiniband needs infiniband")]
    [InlineData("managementLinks: 4", "tiers: 1", "8:12: accelerators.systems: 127 systems of 8 ports don't fit 1 tier of 64-port switches; the nearest possible count is 8, or 127 with 2 tiers")]
    [InlineData("managementLinks: 4", "tiers: 4", "14:10: expected a whole number from 1 to 3, found '4'")]
    [InlineData("systems: 127", "systems: 1000000", "8:12: accelerators.systems: 1,000,000 systems of 8 ports don't fit 3 tiers of 64-, 64- and 64-port switches; the nearest possible count is 8,191")]
    [InlineData("systemsPerUnit: 32", "systemsPerUnit: 33", "13:19: fabric.systemsPerUnit: 33 systems put 33 ports on a leaf of 64 ports, which has no room for them and their uplinks; the nearest possible is 32")]
    // What can't run.
    [InlineData("tensor: 4", "tensor: 3", "24:3: job.parallelism: tensor 3 x context 1 x pipeline 2 = 6 does not divide the job's 1,016 accelerators; the nearest numbers that it divides are 1,014 and 1,020")]
    [InlineData("tensor: 4", "tensor: 0", "24:26: expected a whole number from 1 to 100,000, found '0'")]
    [InlineData("pipeline: 2", "pipeline: 254", "24:39: job.parallelism.pipeline: 254 pipeline stages are more than the model's 80 layers")]
    [InlineData("pipeline: 2", "pipeline: 2, interleave: 3", "24:54: job.parallelism.interleave: 6 model chunks divide neither the 80 layers nor 82 (embedding and output counted as a layer each); the nearest numbers of chunks that do are 5 and 8")]
    [InlineData("tensor: 4, pipeline: 2", "tensor: 127", "24:26: job.parallelism.tensor: tensor 127 does not divide the attention heads (64); nearest is 64")]
    [InlineData("tensor: 4, pipeline: 2", "tensor: 100000, pipeline: 10000, context: 100000",
        "24:3: job.parallelism: tensor 100000 x context 100000 x pipeline 10000 needs 100,000,000,000,000 accelerators for one replica; the job has 1,016")]
    [InlineData("globalBatch: 1016", "globalBatch: 1000",
        "22:16: job.globalBatch: 1,000 sequences do not split into 127 replicas of microbatches of 1; the nearest numbers that it divides are 889 and 1,016")]
    [InlineData("tensor: 4", "expert: 2, tensor: 4", "24:26: job.parallelism.expert: the model 'llama-3.1-70b' has no experts to split")]
    [InlineData("precision: bf16", "accelerators: 1017", "23:17: job.accelerators: the job wants 1,017 accelerators and the cluster has 1,016")]
    [InlineData("precision: bf16", "precision: fp4", "23:14: expected one of bf16, fp8, mxfp8, nvfp4; found 'fp4'")]
    // What is no such document.
    [InlineData("  systems: 127", "\tsystems: 127", "8:1: a tab stands in the indentation; YAML is indented with spaces")]
    [InlineData("  systems: 127", "  systems: 127\n  systems: 128", "9:3: key 'systems' stands here a second time")]
    [InlineData("lightloom: 1", "lightloom: 1\n---\nlightloom: 1", "3:1: a second document starts here; expected one")]
    [InlineData("systems: 127", "systems: *none", "8:12: alias '*none' names no anchor above it")]
    [InlineData("systems: 127", "systems: !!int 127", "8:12: tag 'tag:yaml.org,2002:int' has no meaning here")]
    [InlineData("name: 1,016 H100 on InfiniBand NDR", "name: \"\\e[2J\"", "3:7: expected a text, found the control character U+001B in it")]
    [InlineData("site:", "site: 3", "15:7: expected a mapping for 'site' with keys such as floor, links, assumptions, electricity; found '3'", true)]
    public void A_wrong_line_is_told_where_it_stands_and_what_was_expected(string old, string with, string message, bool drop = false)
    {
        using var scratch = new Scratch();
        var text = File.ReadAllText(Cli.Example("superpod-h100-ndr"));
        Assert.Contains(old, text, StringComparison.Ordinal);
        text = text.Replace(old, with, StringComparison.Ordinal);
        if (drop) text = text[..(text.IndexOf(with, StringComparison.Ordinal) + with.Length)] + "\n" + text[text.IndexOf("job:", StringComparison.Ordinal)..];
        var file = scratch.Write(text);
        Refused(scratch, $"error: {file}:{message}", "evaluate", file, "--plot", scratch["p.svg"]);
        Refused(scratch, $"error: {file}:{message}", "explain", file);
        Refused(scratch, $"error: {file}:{message}", "compare", Cli.Example("superpod-h100-ndr"), file, "--json");
    }

    [Fact]
    public void Experts_and_microbatches_that_do_not_divide_are_told_what_would()
    {
        using var scratch = new Scratch();
        var text = File.ReadAllText(Cli.Example("gb200-nvl72-cpo"));
        var file = scratch.Write(text.Replace("expert: 64", "expert: 3", StringComparison.Ordinal));
        Refused(scratch, $"error: {file}:23:39: job.parallelism.expert: expert 3 does not divide the experts (256); nearest are 2 and 4", "evaluate", file);
        var all = text.Replace("  accelerators: 512", "  #", StringComparison.Ordinal).Replace("globalBatch: 4096", "globalBatch: 4608", StringComparison.Ordinal);
        file = scratch.Write(all.Replace("expert: 64", "expert: 256", StringComparison.Ordinal));
        Refused(scratch, $"error: {file}:23:39: job.parallelism.expert: expert 256 does not divide the data-parallel degree 576; nearest are 192 and 288", "evaluate", file);
        file = scratch.Write(all.Replace("expert: 64", "expert: 64, microBatch: 7", StringComparison.Ordinal));
        Refused(scratch, $"error: {file}:20:16: job.globalBatch: 4,608 sequences do not split into 576 replicas of microbatches of 7; the nearest numbers that it divides are 4,032 and 8,064", "evaluate", file);
    }

    [Fact]
    public void A_file_that_is_no_document_is_refused()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("");
        Refused(scratch, $"error: {file}:1:1: the file is empty; expected a mapping", "evaluate", file);
        file = scratch.Write("# only a comment\n");
        Refused(scratch, $"error: {file}:1:1: the file is empty; expected a mapping", "evaluate", file);
        file = scratch.Write("- a\n- b\n");
        Refused(scratch, $"error: {file}:1:1: expected a mapping, found a list", "evaluate", file);
        file = scratch.Write("just a text\n");
        Refused(scratch, $"error: {file}:1:1: expected a mapping, found 'just a text'", "evaluate", file);
        file = scratch.Write("a: [1, 2\nb: 3\n");
        Assert.StartsWith($"error: {file}:2:", Refused(scratch, null, "evaluate", file), StringComparison.Ordinal);
        Refused(scratch, $"error: '{scratch.Folder}' is a folder; expected a file", "evaluate", scratch.Folder);
        Refused(scratch, $"error: there is no file '{scratch["none.yaml"]}'", "evaluate", scratch["none.yaml"]);
        Refused(scratch, "error: there is no file '/no/such/folder/d.yaml'", "evaluate", "/no/such/folder/d.yaml");

        File.WriteAllBytes(scratch["binary"], [0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 1, 2]);
        Refused(scratch, $"error: '{scratch["binary"]}' is not a text file: byte 4 is zero", "evaluate", scratch["binary"]);
        File.WriteAllBytes(scratch["latin1"], [.. "name: caf"u8, 0xe9, (byte)'\n']);
        Refused(scratch, $"error: '{scratch["latin1"]}' is not a UTF-8 text file: byte 9 can't be read", "evaluate", scratch["latin1"]);
        using (var huge = File.Create(scratch["huge.yaml"])) huge.SetLength(100 << 20);
        Refused(scratch, $"error: '{scratch["huge.yaml"]}' is larger than 16 MiB; a document of this kind is a few kilobytes", "evaluate", scratch["huge.yaml"]);
    }

    [Fact]
    public void A_document_that_grows_without_bound_is_refused_at_once()
    {
        using var scratch = new Scratch();
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++) bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        var file = scratch.Write(bomb.ToString());
        Assert.EndsWith("the document has more than 250,000 values once its aliases are expanded", Refused(scratch, null, "evaluate", file), StringComparison.Ordinal);
        file = scratch.Write("a: " + new string('[', 100_000));
        Assert.EndsWith("nested more than 32 levels deep", Refused(scratch, null, "evaluate", file), StringComparison.Ordinal);
        file = scratch.Write("name: " + new string('x', 1 << 20) + "\nsystems: 1\n");
        Assert.True(Refused(scratch, null, "evaluate", file).Length < 300);
        file = scratch.Write(new string('k', 100_000) + ": 1\n");
        Assert.True(Refused(scratch, null, "evaluate", file).Length < 1000);
    }

    [Fact]
    public void What_a_file_says_does_not_steer_the_terminal()
    {
        using var scratch = new Scratch();
        foreach (var text in new[] { "\"\\e[31mred\": 1", "lightloom: \"\\e]0;title\\a\"", "lightloom: \"1\\n\\nerror: another\"" })
        {
            var file = scratch.Write(text);
            Assert.DoesNotContain(Refused(scratch, null, "evaluate", file), char.IsControl);
        }
    }

    [Fact]
    public void A_plot_that_can_t_be_written_leaves_nothing()
    {
        using var scratch = new Scratch();
        var design = Cli.Example("eight-node-roce-copper");
        Refused(scratch, $"error: --plot writes .svg or .png, and '{scratch["p.jpg"]}' is neither", "evaluate", design, "--plot", scratch["p.jpg"]);
        Refused(scratch, $"error: --plot: there is no folder '{scratch["none"]}'", "evaluate", design, "--plot", scratch["none/p.svg"]);
        Directory.CreateDirectory(scratch["folder.svg"]);
        Refused(scratch, $"error: --plot: '{scratch["folder.svg"]}' is a folder; expected the name of a file", "evaluate", design, "--plot", scratch["folder.svg"]);
        var text = File.ReadAllText(design);
        var idle = scratch.Write(text[..text.IndexOf("job:", StringComparison.Ordinal)]);
        Refused(scratch, "error: --plot draws a training step, and the design has no job", "evaluate", idle, "--plot", scratch["p.svg"]);
        if (OperatingSystem.IsLinux())
        {
            // A place where nobody may make a file.
            var (code, written, error) = Cli.Run("evaluate", design, "--plot", "/proc/p.svg");
            Assert.Equal((2, ""), (code, written));
            Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("'lightloom --help'", "evaluat", "d.yaml")]
    [InlineData("'lightloom --help'")]
    [InlineData("'lightloom evaluate --help'", "evaluate")]
    [InlineData("'lightloom evaluate --help'", "evaluate", "a.yaml", "b.yaml")]
    [InlineData("'lightloom evaluate --help'", "evaluate", "a.yaml", "--jsn")]
    [InlineData("'lightloom evaluate --help'", "evaluate", "a.yaml", "--plot")]
    [InlineData("'lightloom compare --help'", "compare")]
    [InlineData("'lightloom explain --help'", "explain")]
    [InlineData("'lightloom schema --help'", "schema", "--json")]
    public void A_wrong_command_line_points_at_its_help(string help, params string[] arguments)
    {
        var (code, output, error) = Cli.Run(arguments);
        Assert.Equal((2, ""), (code, output));
        var lines = error.TrimEnd().Split('\n');
        Assert.All(lines[..^1], l => Assert.StartsWith("error: ", l, StringComparison.Ordinal));
        Assert.True(lines.Length > 1);
        Assert.Equal($"see {help}", lines[^1]);
    }

    [Theory]
    [InlineData("error: there is no kind 'swich'; did you mean 'switch'?", "swich")]
    [InlineData("error: there is no switch 'qm970'; did you mean 'qm9700'?", "switch", "qm970")]
    public void An_unknown_part_is_told_its_nearest(string message, params string[] arguments)
    {
        using var scratch = new Scratch();
        Refused(scratch, message, ["catalog", .. arguments]);
    }

    /// <summary>Runs it and returns the one line that it complains with.</summary>
    static string Refused(Scratch scratch, string? message, params string[] arguments)
    {
        var before = Directory.GetFileSystemEntries(scratch.Folder, "*", SearchOption.AllDirectories);
        var (code, output, error) = Cli.Run(arguments);
        Assert.Equal((2, ""), (code, output));
        var line = Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        if (message is not null) Assert.Equal(message, line);
        Assert.Equal(before, Directory.GetFileSystemEntries(scratch.Folder, "*", SearchOption.AllDirectories));
        return line;
    }
}
