using System.Text.Json;
using CsCheck;

namespace Lightloom.Quantities.Tests;

/// <summary>The clock: exact picoseconds, and no wrapping.</summary>
public class SimTimeTests
{
    [Fact]
    public void Every_whole_number_of_picoseconds_survives_text_and_JSON() =>
        Gen.Long.Sample(ps =>
        {
            var time = SimTime.FromPicoseconds(ps);
            return SimTime.Parse(time.ToString()) == time
                && SimTime.TryParse(time.ToString(), null, out var read) && read == time
                && JsonSerializer.Deserialize<SimTime>(JsonSerializer.Serialize(time)) == time;
        });

    [Fact]
    public void The_ends_of_the_clock_survive_too()
    {
        Assert.Equal(SimTime.MaxValue, SimTime.Parse("9223372036854775807 ps"));
        Assert.Equal(SimTime.MaxValue, JsonSerializer.Deserialize<SimTime>(JsonSerializer.Serialize(SimTime.MaxValue)));
        Assert.True(SimTime.TryParse("-9223372036854775808 ps", null, out _));
    }

    [Theory]
    [InlineData("1500 ps", 1500)]
    [InlineData("1.5 ns", 1500)]
    [InlineData("1.5e3 ps", 1500)]
    [InlineData(" 3 us ", 3_000_000)]
    [InlineData("0.4 ps", 0)]
    [InlineData("0.5 ps", 1)]
    [InlineData("-0.5 ps", -1)]
    [InlineData("9007199254740993 ps", 9007199254740993)]
    public void Times_with_units_are_read_to_the_picosecond(string text, long picoseconds) =>
        Assert.Equal(picoseconds, SimTime.Parse(text).Picoseconds);

    [Theory]
    [InlineData("1 yr")]
    [InlineData("9223372036854775808 ps")]
    [InlineData("107 d")]
    public void What_lies_beyond_the_clock_is_refused(string text)
    {
        Assert.Throws<OverflowException>(() => SimTime.Parse(text));
        Assert.False(SimTime.TryParse(text, null, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ps")]
    [InlineData("5")]
    [InlineData("5 m")]
    public void What_is_no_time_is_refused(string text)
    {
        Assert.Throws<FormatException>(() => SimTime.Parse(text));
        Assert.False(SimTime.TryParse(text, null, out _));
    }

    [Fact]
    public void Addition_and_subtraction_are_exact_or_throw() =>
        Gen.Select(Gen.Long, Gen.Long).Sample((a, b) =>
        {
            var (x, y) = (SimTime.FromPicoseconds(a), SimTime.FromPicoseconds(b));
            var sum = (Int128)a + b;
            if (sum >= long.MinValue && sum <= long.MaxValue) Assert.Equal((long)sum, (x + y).Picoseconds);
            else Assert.Throws<OverflowException>(() => x + y);
            var difference = (Int128)a - b;
            if (difference >= long.MinValue && difference <= long.MaxValue) Assert.Equal((long)difference, (x - y).Picoseconds);
            else Assert.Throws<OverflowException>(() => x - y);
            Assert.Equal(a.CompareTo(b), x.CompareTo(y));
            Assert.True((a < b) == (x < y) && (a > b) == (x > y) && (a <= b) == (x <= y) && (a >= b) == (x >= y));
        });

    [Fact]
    public void A_span_that_is_no_number_or_too_long_throws()
    {
        Assert.Throws<OverflowException>(() => SimTime.FromDuration(Duration.FromSeconds(double.NaN)));
        Assert.Throws<OverflowException>(() => SimTime.FromDuration(Duration.FromSeconds(double.PositiveInfinity)));
        Assert.Throws<OverflowException>(() => SimTime.FromDuration(Duration.FromDays(107)));
        Assert.Equal(1_000_000_000_000, SimTime.FromDuration(Duration.FromSeconds(1)).Picoseconds);
        Assert.Equal(2.5e-9, SimTime.FromPicoseconds(2500).ToDuration().Seconds);
    }
}
