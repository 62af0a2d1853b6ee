using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>Lines between sites beside GNPy's values.</summary>
public sealed class OpticsValidationTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lightloom-").FullName;

    static string Shipped => Path.Combine(Designs.Root, "data", "validation", "optics");

    ValidationResult Of(string text)
    {
        File.WriteAllText(Path.Combine(folder, "t.csv"), text);
        return ValidationResult.Of(ValidationKinds.Find("optics"), Path.Combine(folder, "t.csv"));
    }

    [Fact]
    public void Every_shipped_row_is_predicted_and_none_is_missed()
    {
        var result = ValidationResult.Of(ValidationKinds.Find("optics"), Shipped);
        Assert.Equal(["gnpy_edfa_nf.csv", "gnpy_launch_sweep.csv", "gnpy_point_to_point.csv"], result.Files);
        Assert.Equal((27, 27), (result.Rows, result.Predicted));
        Assert.Empty(result.Skipped);
        Assert.Empty(result.Unknown);
        Assert.Empty(result.Misses);
        Assert.Equal(3 * 11 + 10 * 3 + 14 * 4, result.Points.Count);
        // What four printed decimals can't tell from nothing.
        Assert.All(result.Groups.Where(g => g.Unit == "dB"), g => Assert.InRange(g.MaxAbsError, 0, 0.00006));
    }

    // The header of gnpy_point_to_point.csv as far as the line goes, and one column of its results.
    const string Line = "case,L,nsp,alpha,con,nf,f0,nch,spacing,baud,pdbm,gsnr\n";
    const string CaseC = "C,80,5,0.2,0.5,5,191.375e12,64,75e9,64e9,1,21.264";

    [Theory]
    [InlineData("C,80,", "C,100,")]
    [InlineData(",5,0.2", ",6,0.2")]
    [InlineData(",0.2,", ",0.25,")]
    [InlineData(",0.5,", ",0.75,")]
    [InlineData(",0.5,5,", ",0.5,6,")]
    [InlineData("191.375e12", "186.375e12")]
    [InlineData(",64,75e9", ",8,75e9")]
    [InlineData("75e9", "100e9")]
    [InlineData("64e9", "32e9")]
    [InlineData("64e9,1,", "64e9,3,")]
    public void Every_column_drives_the_model(string old, string other)
    {
        Assert.Empty(Of(Line + CaseC).Misses);
        Assert.Contains(old, CaseC);
        Assert.Single(Of(Line + CaseC.Replace(old, other)).Misses);
    }

    [Theory]
    [InlineData("gain_min", 14.9, 1e-3)]
    [InlineData("gain_flatmax", 26.1, 1e-3)]
    [InlineData("nf_min", 6.05, 1e-3)]
    [InlineData("nf_max", 10.05, 1e-3)]
    [InlineData("gain_db", 20.9, 1e-3)]
    public void Every_figure_of_an_amplifier_drives_it(string column, double value, double atLeast)
    {
        var figures = new Dictionary<string, double> { ["gain_min"] = 15, ["gain_flatmax"] = 26, ["nf_min"] = 6, ["nf_max"] = 10, ["gain_db"] = 21 };
        string Text() => FormattableString.Invariant(
            $"gain_min,gain_flatmax,nf_min,nf_max,gain_db,nf_db_no_pad\n{figures["gain_min"]},{figures["gain_flatmax"]},{figures["nf_min"]},{figures["nf_max"]},{figures["gain_db"]},6.3599");
        Assert.InRange(Math.Abs(Assert.Single(Of(Text()).Points).Error), 0, 5e-5);
        figures[column] = value;
        Assert.True(Math.Abs(Assert.Single(Of(Text()).Points).Error) > atLeast);
    }

    [Fact]
    public void Below_its_least_gain_an_amplifier_is_padded()
    {
        var result = Of("gain_min,gain_flatmax,nf_min,nf_max,gain_db,nf_db_no_pad\n15,26,6,10,11,10\n");
        Assert.InRange(Assert.Single(result.Points).Error, -1e-4, 1e-4);
    }

    [Fact]
    public void A_sweep_is_that_of_case_c_unless_it_says_otherwise()
    {
        Assert.Empty(Of("p_ch_dbm,gsnr_db\n1,21.264\n").Misses);
        Assert.Single(Of("p_ch_dbm,nsp,gsnr_db\n1,4,21.264\n").Misses);
        Assert.Single(Of("p_ch_dbm,gsnr_db\n1.3,21.2\n").Misses);
    }

    [Fact]
    public void What_no_model_can_be_of_is_skipped_with_its_reason()
    {
        var result = Of(Line + "overlap,80,5,0.2,0.5,5,191.375e12,64,75e9,80e9,1,20\n" + CaseC + "\n");
        Assert.Equal(1, result.Predicted);
        Assert.Contains("a slot is at least as wide as the symbol rate", Assert.Single(result.Skipped).Reason);
        result = Of("gain_min,gain_flatmax,nf_min,nf_max,gain_db,nf_db_no_pad\n15,26,2,10,21,6\n");
        Assert.Contains("first coil", Assert.Single(result.Skipped).Reason);
    }

    [Theory]
    [InlineData("C,80,", "C,-80,", "2:3: row 1, column 'L': expected a number from 0.001 to 10000, found '-80'")]
    [InlineData("C,80,", "C,,", "2:3: row 1, column 'L': the cell is empty; expected a number")]
    [InlineData(",64,75e9", ",6.5,75e9", "column 'nch': expected a whole number from 1 to 2048, found '6.5'")]
    [InlineData(",64,75e9", ",4096,75e9", "column 'nch': expected a whole number from 1 to 2048, found '4096'")]
    [InlineData(",5,0.2", ",0,0.2", "column 'nsp': expected a whole number from 1 to 5000, found '0'")]
    [InlineData("64e9,1,", "64e9,NaN,", "column 'pdbm': expected a number, found 'NaN'")]
    [InlineData("21.264", "good", "column 'gsnr': expected a number, found 'good'")]
    public void A_malformed_cell_is_an_error_with_its_place(string old, string other, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Of(Line + CaseC.Replace(old, other))).Message);

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
