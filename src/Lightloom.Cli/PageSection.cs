using System.Text;
using Lightloom.Catalog.Documents;

namespace Lightloom.Cli;

/// <summary>A page of sections under headings "## ...", of which each is written by a command of its own.</summary>
static class PageSection
{
    const int MostBytes = 4 << 20;

    /// <summary>Writes one section of a page, in its old place or at the end; everything else stays.</summary>
    /// <param name="file">The page; begun where there is none.</param>
    /// <param name="heading">The heading, without "## ".</param>
    /// <param name="section">What stands below it.</param>
    public static void Write(string file, string heading, string section)
    {
        var page = File.Exists(file) ? BoundedFile.Read(file, MostBytes, Encoding.UTF8.GetString) : "# Accuracy\n\nWritten by `bench/accuracy.sh`; each section says by which command.\n";
        var title = $"## {heading}\n";
        var start = page.IndexOf($"\n{title}", StringComparison.Ordinal);
        var end = start < 0 ? page.Length : page.IndexOf("\n## ", start + title.Length, StringComparison.Ordinal);
        if (end < 0) end = page.Length;
        var before = (start < 0 ? page : page[..start]).TrimEnd('\n');
        var after = start < 0 ? "" : page[end..].Trim('\n');
        var text = $"{before}\n\n{title}\n{section.Trim('\n')}\n{(after.Length > 0 ? $"\n{after}\n" : "")}";
        OutputFile.Write(file, writer => writer.Write(text));
    }
}
