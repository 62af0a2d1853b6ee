using System.Text.RegularExpressions;

namespace Lightloom.Collectives.Tests;

public sealed class ScheduleExampleTests
{
    static string Beside(string path) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, path));

    [Fact]
    public void The_documented_lines_are_compiled_and_print_what_the_page_says()
    {
        var page = Beside("docs/schedules.md");
        var marked = Regex.Match(Beside("ScheduleExample.cs"), @"^ *// example\n(.*?)^ *// end of example", RegexOptions.Multiline | RegexOptions.Singleline);
        var documented = Regex.Match(page, "^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.Equal(Regex.Replace(marked.Groups[1].Value, "^ {8}", "", RegexOptions.Multiline), documented.Groups[1].Value);
        using var output = new StringWriter { NewLine = "\n" };
        ScheduleExample.Run(output);
        var lines = output.ToString().TrimEnd().Split('\n');
        Assert.Contains($"prints `{lines[0]}` and `{lines[1]}`.", page, StringComparison.Ordinal);
    }
}
