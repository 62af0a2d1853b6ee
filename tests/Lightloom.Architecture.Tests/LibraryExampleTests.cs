using System.Text.RegularExpressions;

namespace Lightloom.Architecture.Tests;

/// <summary>The libraries do without the command line what their documentation says they do.</summary>
public class LibraryExampleTests
{
    [Fact]
    public void The_documented_lines_are_those_that_are_compiled()
    {
        var source = Repository.Read("tests/Lightloom.Architecture.Tests/LibraryExample.cs");
        var marked = Regex.Match(source, @"^ *// example\n(.*?)^ *// end of example", RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.True(marked.Success);
        var compiled = Regex.Replace(marked.Groups[1].Value, "^ {8}", "", RegexOptions.Multiline);
        var documented = Regex.Match(Repository.Read("docs/libraries.md"), "^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.Equal(compiled, documented.Groups[1].Value);
    }

    [Fact]
    public void The_documented_lines_report_on_a_design()
    {
        var output = new StringWriter { NewLine = "\n" };
        LibraryExample.Run(Repository.Full("examples/llama3-24k-roce.yaml"), output);
        var lines = output.ToString().Split('\n');
        Assert.StartsWith("24,576 accelerators, ", lines[0]);
        Assert.StartsWith("node-leaf: 24,576 up to ", lines[1]);
        Assert.Contains(lines, l => l.StartsWith("a step takes ", StringComparison.Ordinal) && l.EndsWith(" tokens/s with failures", StringComparison.Ordinal));
    }
}
