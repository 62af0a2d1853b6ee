using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>The shape that all kinds share, on a kind whose predictions are known.</summary>
public sealed class ValidationTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lightloom-").FullName;

    /// <summary>Predicts ten times x, with a band of one on either side.</summary>
    sealed class Tenfold : IValidationKind
    {
        public string Name => "tenfold";

        public string Description => "ten times";

        public IReadOnlyList<ValidatedTable> Tables { get; } =
        [
            new("small", ["x"], static (_, _) => throw new InvalidOperationException("the table with more columns is meant")),
            new("full", ["x", "y"], static (table, run) =>
            {
                foreach (var row in table.Rows)
                {
                    var x = row.Real("x");
                    if (x < 0) run.Skip(row, "x is negative");
                    else if (row.NumberOrNull("y") is { } y)
                    {
                        run.Add(new()
                        {
                            File = table.Name, Row = row.Number, Id = $"x {x}", Quantity = "y", Published = y, Predicted = 10 * x, Unit = "s",
                            Low = 10 * x - 1, High = 10 * x + 1, Tags = [new("size", x < 5 ? "small" : "large"), new("all", "all")],
                        });
                        run.Add(new()
                        {
                            File = table.Name, Row = row.Number, Id = $"x {x}", Quantity = "y", Published = y, Predicted = 10 * x, Unit = "s",
                            ErrorUnit = "s", Tolerance = 0.5, Tags = [new("absolute", "y")],
                        });
                    }
                }
            }),
        ];
    }

    string Write(string text, string name = "t.csv")
    {
        File.WriteAllText(Path.Combine(folder, name), text);
        return Path.Combine(folder, name);
    }

    [Fact]
    public void Rows_errors_and_groups_are_counted()
    {
        var result = ValidationResult.Of(new Tenfold(), Write("x,y\n1,10\n2,19.5\n3,33\n10,90\n-1,5\n4,\n0,0\n"));
        Assert.Equal((7, 4), (result.Rows, result.Predicted));
        // A relative error of a figure of 0 doesn't exist; the absolute one of the same row then isn't counted as a prediction either.
        Assert.Equal(
            [new("x is negative", 1), new("the model has no finite y for it", 1), new("it has no figure that the models predict", 1)], result.Skipped);
        Assert.Equal(result.Rows, result.Predicted + result.Skipped.Sum(s => s.Rows));
        var small = Assert.Single(result.Groups, g => g.By == "size" && g.Name == "small");
        double[] errors = [0, 20 / 19.5 - 1, 30.0 / 33 - 1];
        Assert.Equal(3, small.Rows);
        Assert.Null(small.Unit);
        Assert.Equal(errors.Average(), small.Bias, 12);
        Assert.Equal(errors.Average(Math.Abs), small.MeanAbsError, 12);
        Assert.Equal(20 / 19.5 - 1, small.MedianAbsError, 12);
        Assert.Equal(1 - 30.0 / 33, small.MaxAbsError, 12);
        Assert.Equal(0.2 * (20 / 19.5 - 1) + 0.8 * (1 - 30.0 / 33), small.P90AbsError, 12);
        Assert.Equal(2.0 / 3, small.InsideBand!.Value, 12);
        Assert.Equal(1, small.Misses);
        var absolute = Assert.Single(result.Groups, g => g.By == "absolute");
        Assert.Equal("s", absolute.Unit);
        Assert.Equal((10, 2, null), (absolute.MaxAbsError, absolute.Misses, absolute.InsideBand));
        Assert.Equal(["size", "size", "all", "absolute"], result.Groups.Select(g => g.By));
    }

    [Fact]
    public void Json_has_the_published_shape()
    {
        var json = JsonDocument.Parse(ValidationJson.Write(ValidationResult.Of(new Tenfold(), Write("x,y\n1,8\n")))).RootElement;
        Assert.Equal("tenfold", json.GetProperty("kind").GetString());
        Assert.Equal("t.csv", json.GetProperty("files")[0].GetString());
        Assert.Equal((1, 1), (json.GetProperty("rows").GetInt32(), json.GetProperty("predicted").GetInt32()));
        Assert.Equal(0, json.GetProperty("skipped").GetArrayLength());
        var group = json.GetProperty("groups")[0];
        Assert.Equal(["by", "name", "rows", "medianAbsError", "meanAbsError", "p90AbsError", "maxAbsError", "bias", "insideBand", "misses"],
            group.EnumerateObject().Select(p => p.Name));
        Assert.Equal(0.25, group.GetProperty("bias").GetDouble());
        Assert.Equal("s", json.GetProperty("groups")[2].GetProperty("unit").GetString());
        var point = json.GetProperty("points")[0];
        Assert.Equal(("t.csv", 1, "x 1", 8.0, 10.0, "s", 0.25, 9.0, 11.0, ""), (point.GetProperty("file").GetString(), point.GetProperty("row").GetInt32(),
            point.GetProperty("id").GetString(), point.GetProperty("published").GetDouble(), point.GetProperty("predicted").GetDouble(),
            point.GetProperty("unit").GetString(), point.GetProperty("error").GetDouble(), point.GetProperty("low").GetDouble(),
            point.GetProperty("high").GetDouble(), point.GetProperty("note").GetString()));
    }

    [Fact]
    public void Folders_are_read_by_columns_and_not_by_names()
    {
        Write("x,y\n1,10\n", "b.csv");
        Write("y,note,x\n20,z,2\n", "a.csv");
        Write("foo,bar\nragged\n", "c.csv");
        Write("no table", "readme.md");
        var result = ValidationResult.Of(new Tenfold(), folder);
        Assert.Equal(["a.csv", "b.csv"], result.Files);
        Assert.Equal(new("c.csv", "it has none of the columns of small, full"), Assert.Single(result.Unknown));
        Assert.Equal(["a.csv", "b.csv"], result.Points.Select(p => p.File).Distinct());
    }

    [Fact]
    public void What_cannot_be_read_is_one_message()
    {
        Refused(Write("x,y\n1,ten\n"), "t.csv:2:3: row 1, column 'y': expected a number, found 'ten'");
        Refused(Write("x,y\n1\n"), "t.csv:2:1: this row has 1 cells");
        Refused(Write("z\n1\n"), "is no table that 'validate tenfold' knows");
        Refused(Path.Combine(folder, "none.csv"), "there is no file");
        File.Delete(Path.Combine(folder, "t.csv"));
        Refused(folder, "holds no .csv file");

        void Refused(string path, string message) =>
            Assert.Contains(message, Assert.Throws<InputException>(() => ValidationResult.Of(new Tenfold(), path)).Message);
    }

    [Fact]
    public void Kinds_are_found_by_name()
    {
        Assert.Contains("optics", ValidationKinds.All.Select(k => k.Name));
        Assert.Equal("optics", ValidationKinds.Find("optics").Name);
        Assert.Contains("did you mean 'optics'?", Assert.Throws<InputException>(() => ValidationKinds.Find("optic")).Message);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
