using System.Text;
using CsCheck;
using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog.Tests;

public class CsvTableTests
{
    static InputException Refused(string text) => Assert.Throws<InputException>(() => CsvTable.Read(text, "t.csv"));

    [Fact]
    public void Cells_are_found_by_column()
    {
        var table = CsvTable.Read("\"a\",b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n\r\n2.50,\r\n", "t.csv");
        Assert.Equal(["a", "b"], table.Columns);
        Assert.Equal(2, table.Rows.Count);
        Assert.Equal((1, 2), (table.Rows[0].Number, table.Rows[0].Line));
        Assert.Equal((2, 5), (table.Rows[1].Number, table.Rows[1].Line));
        Assert.Equal("x, \"y\"\r\nz", table.Rows[0].Text("b"));
        Assert.Equal(2.5, table.Rows[1].Real("a"));
        Assert.Equal(1, table.Rows[0].Count("a"));
        Assert.False(table.Rows[1].Has("b"));
        Assert.Null(table.Rows[1].NumberOrNull("b"));
        Assert.Equal("", table.Rows[1]["nothing"]);
    }

    [Theory]
    [InlineData("", "t.csv:1:1: the file is empty")]
    [InlineData("\n", "t.csv:1:1: the file is empty")]
    [InlineData("\na,b\n", "t.csv:1:1: the first line is empty")]
    [InlineData("a,b,a\n1,2,3", "t.csv:1:5: column 'a' stands here a second time")]
    [InlineData("a,,b\n1,2,3", "t.csv:1:3: column 2 has the name ''")]
    [InlineData("a, b\n1,2", "t.csv:1:3: column 2 has the name ' b'; expected a name without spaces around it")]
    [InlineData("a,b\n1,2\n1", "t.csv:3:1: this row has 1 cells; expected 2, one for each column")]
    [InlineData("a,b\n1,2,3", "t.csv:2:1: this row has 3 cells; expected 2")]
    [InlineData("a,b\n1,\"2", "t.csv:2:1: a quote is not closed")]
    [InlineData("a,b\n1,2\"3\"", "t.csv:2:1: a quote stands inside a cell")]
    [InlineData("a,b\n1,\"2\"3", "t.csv:2:1: a quote stands inside a cell")]
    public void What_is_no_table_is_refused(string text, string message) => Assert.Contains(message, Refused(text).Message);

    [Theory]
    [InlineData("x", "expected a number, found 'x'")]
    [InlineData("NaN", "expected a number, found 'NaN'")]
    [InlineData("Infinity", "expected a number, found 'Infinity'")]
    [InlineData("1e999", "expected a number, found '1e999'")]
    [InlineData("1,000", "this row has 3 cells")]
    [InlineData("", "the cell is empty; expected a number")]
    [InlineData("-1", "expected a number from 0 to 10, found '-1'")]
    [InlineData("11", "expected a number from 0 to 10, found '11'")]
    public void A_wrong_number_is_told_with_its_place(string cell, string message)
    {
        var e = Assert.Throws<InputException>(() => CsvTable.Read($"id,a\n\"x\ny\",{cell}\n", "t.csv").Rows[0].Real("a", 0, 10));
        Assert.Contains(message, e.Message);
        Assert.NotNull(e.Mark);
        if (!message.StartsWith("this", StringComparison.Ordinal)) Assert.Equal(new Mark("t.csv", 3, 4), e.Mark);
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("1e20")]
    public void A_count_is_whole(string cell) =>
        Assert.Contains("expected a whole number", Assert.Throws<InputException>(() => CsvTable.Read($"a\n{cell}", "t.csv").Rows[0].Count("a")).Message);

    [Fact]
    public void A_missing_column_has_a_hint() =>
        Assert.Contains("column 'alhpa' is missing; did you mean 'alpha'?",
            Assert.Throws<InputException>(() => CsvTable.Read("alpha\n1", "t.csv").Rows[0].Real("alhpa")).Message);

    [Fact]
    public void What_was_written_is_read_back()
    {
        var cell = Gen.String[Gen.Char["a,\"\n\r é;"], 0, 6];
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 4]).SelectMany((columns, rows) => cell.Array[columns].Array[rows]).Sample(rows =>
        {
            if (rows.Length == 0) return;
            var columns = rows[0].Length;
            var text = new StringBuilder(string.Join(",", Enumerable.Range(0, columns).Select(i => $"c{i}")));
            // A record of one empty cell can't be told from an empty line unless it is quoted.
            foreach (var row in rows) text.Append('\n').AppendJoin(',', row.Select(c => $"\"{c.Replace("\"", "\"\"")}\""));
            var table = CsvTable.Read(text.ToString(), "t.csv");
            var expected = rows.Where(r => columns > 1 || r[0].Length > 0).ToList();
            Assert.Equal(expected.Count, table.Rows.Count);
            for (var i = 0; i < expected.Count; i++)
                for (var k = 0; k < columns; k++) Assert.Equal(expected[i][k], table.Rows[i][$"c{k}"]);
        }, iter: 500);
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused_unread()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var file = File.OpenWrite(path)) file.SetLength(1L << 30);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains($"larger than {CsvTable.MaximumBytes >> 20} MiB", Assert.Throws<InputException>(() => CsvTable.ReadFile(path)).Message);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [(byte)'a', 0xFF, 0xFE]);
            Assert.Contains("not UTF-8", Assert.Throws<InputException>(() => CsvTable.ReadFile(path)).Message);
            File.WriteAllBytes(path, [(byte)'a', 0, (byte)'b']);
            Assert.Contains("zero byte", Assert.Throws<InputException>(() => CsvTable.ReadFile(path)).Message);
            Assert.Contains("there is no file", Assert.Throws<InputException>(() => CsvTable.ReadFile(path + ".none")).Message);
            Assert.Contains("is a folder", Assert.Throws<InputException>(() => CsvTable.ReadFile(Path.GetTempPath())).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
