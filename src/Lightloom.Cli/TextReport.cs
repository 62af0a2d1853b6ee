using Spectre.Console;

namespace Lightloom.Cli;

/// <summary>A report for a terminal: headings, sentences and tables in a fixed width, the same whether it goes to a screen or a file.</summary>
sealed class TextReport
{
    public const int Width = 100;

    readonly TextWriter writer;
    readonly IAnsiConsole console;

    public TextReport(TextWriter writer)
    {
        this.writer = writer;
        console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
    }

    public void Title(string text)
    {
        Say(text);
        writer.WriteLine(new string('=', Math.Min(Width, text.Length)));
    }

    public void Heading(string text)
    {
        writer.WriteLine();
        writer.WriteLine($"{text} {new string('-', Math.Max(0, Width - text.Length - 1))}");
    }

    /// <summary>A sentence or more, broken between words, following lines indented.</summary>
    public void Say(string text, int indent = 0)
    {
        var line = "";
        var margin = "";
        foreach (var word in text.Split(' ', '\n').SelectMany(w => Pieces(w, Width - indent)))
        {
            if (line.Length > 0 && margin.Length + line.Length + 1 + word.Length > Width)
            {
                writer.WriteLine(margin + line);
                margin = new string(' ', indent);
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }
        writer.WriteLine(margin + line);
    }

    /// <summary>A word that no line holds, in pieces that one does; an address stays whole, to be copied.</summary>
    static IEnumerable<string> Pieces(string word, int width) =>
        word.Length <= width || word.Contains("://", StringComparison.Ordinal) ? [word] : word.Chunk(width).Select(c => new string(c));

    /// <summary>A table; a column whose heading starts with '&gt;' is aligned to the right.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.None, ShowRowSeparators = false };
        foreach (var column in columns)
        {
            var right = column.StartsWith('>');
            var made = new TableColumn(Markup.Escape(right ? column[1..] : column)) { Padding = new Padding(0, 0, 2, 0) };
            table.AddColumn(right ? made.RightAligned() : made);
        }
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        using var buffer = new StringWriter { NewLine = "\n" };
        console.Profile.Out = new AnsiConsoleOutput(buffer);
        console.Profile.Width = Width;
        console.Write(table);
        foreach (var line in buffer.ToString().Split('\n'))
        {
            var trimmed = line.TrimEnd();
            if (trimmed.Length > 0) writer.WriteLine(trimmed);
        }
    }
}
