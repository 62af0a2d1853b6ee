using CsCheck;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Tests;

public class JsonTextTests
{
    [Fact]
    public void Values_keep_their_places()
    {
        var root = JsonText.Read("{\n  \"é\": [1, \"two\",\n null] }", "a.json");
        var list = (SequenceNode)root.Find("é")!;
        Assert.Equal(new Mark("a.json", 2, 8), list.Mark);
        Assert.Equal([new("a.json", 2, 9), new("a.json", 2, 12), new Mark("a.json", 3, 2)], list.Items.Select(i => i.Mark));
        Assert.Equal([("1", true), ("two", false), ("null", true)], list.Items.Cast<ScalarNode>().Select(s => (s.Text, s.Plain)));
    }

    [Theory]
    [InlineData("", "not valid JSON", 1)]
    [InlineData("   ", "JSON", 1)]
    [InlineData("[1]", "expected a JSON object", 1)]
    [InlineData("{ \"a\": 1,\n \"a\": 2 }", "a second time", 2)]
    [InlineData("{ \"a\": 1 } {", "not valid JSON", 1)]
    [InlineData("{ \"a\": \n }", "not valid JSON", 2)]
    [InlineData("{ \"a\": 01 }", "not valid JSON", 1)]
    [InlineData("{ \"a\": NaN }", "not valid JSON", 1)]
    [InlineData("{ \"a\": 1, }", "not valid JSON", 1)]
    [InlineData("{ // no\n }", "not valid JSON", 1)]
    [InlineData("{ \"a\": \"\\ud800\" }", "not", 1)]
    [InlineData("{ \"a\": [", "not valid JSON", 1)]
    public void What_is_no_strict_object_is_refused(string text, string problem, int line)
    {
        var e = Assert.Throws<InputException>(() => JsonText.Read(text, "a.json"));
        Assert.Contains(problem, e.Message);
        Assert.Equal(line, e.Mark!.Value.Line);
    }

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        Assert.Contains("not valid JSON", Assert.Throws<InputException>(() =>
            JsonText.Read("{\"a\":" + new string('[', 100_000) + "}", "a.json")).Message);
        Assert.Contains("more than 1,000,000 values", Assert.Throws<InputException>(() =>
            JsonText.Read("{\"a\":[" + string.Concat(Enumerable.Repeat("1,", JsonText.MaximumNodes)) + "1]}", "a.json")).Message);
    }

    [Fact]
    public void A_file_of_a_gigabyte_is_refused_after_its_first_part()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var file = new FileStream(path, FileMode.Create)) file.SetLength(1L << 30);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains("larger than 64 MiB", Assert.Throws<InputException>(() => JsonText.ReadFile(path)).Message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400L << 20);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Files_that_are_none_are_refused()
    {
        Assert.Contains("there is no file", Assert.Throws<InputException>(() => JsonText.ReadFile("/nowhere/at/all.json")).Message);
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => JsonText.ReadFile(Path.GetTempPath())).Message);
        Assert.Throws<InputException>(() => JsonText.ReadFile(""));
        Assert.Throws<InputException>(() => JsonText.ReadFile("a\0b"));
    }

    [Fact]
    public void Whatever_stands_in_a_file_there_is_an_answer_or_one_error() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            JsonText.ReadFile(path);
        }
        catch (InputException)
        {
        }
        finally
        {
            File.Delete(path);
        }
    }, iter: 300);

    [Fact]
    public void A_network_with_a_piece_cut_out_or_doubled_is_read_or_refused_in_one_line()
    {
        var text = GnpyFiles.Text("mesh.json");
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Int[1, 60], Gen.Bool).Sample((at, length, twice) =>
        {
            var end = Math.Min(text.Length, at + length);
            var changed = twice ? text[..end] + text[at..] : text[..at] + text[end..];
            try
            {
                Gnpy.GnpyNetwork.Read(changed, "net.json", GnpyFiles.Equipment).Line("trx A", "trx C");
            }
            catch (InputException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }, iter: 400);
    }
}
