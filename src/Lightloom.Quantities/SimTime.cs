using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>A point on a simulation's clock: a whole number of picoseconds since its start.</summary>
/// <remarks>
/// The default value is the start, 0. Addition is checked: passing the end of the clock (about 106 days) throws
/// <see cref="OverflowException"/> instead of wrapping. A real-valued span of a model is a <see cref="Duration"/>.
/// </remarks>
[JsonConverter(typeof(SimTimeJsonConverter))]
public readonly record struct SimTime : IComparable<SimTime>, IParsable<SimTime>
{
    SimTime(long picoseconds) => Picoseconds = picoseconds;

    /// <summary>The start of the clock.</summary>
    public static SimTime Zero => default;

    /// <summary>The end of the clock.</summary>
    public static SimTime MaxValue => new(long.MaxValue);

    /// <summary>Whole picoseconds since the start.</summary>
    public long Picoseconds { get; }

    /// <summary>Makes it from whole picoseconds.</summary>
    public static SimTime FromPicoseconds(long value) => new(value);

    /// <summary>Makes it from a real-valued span, rounded to the nearest picosecond, halves away from zero.</summary>
    /// <exception cref="OverflowException">The span is NaN or lies beyond the clock.</exception>
    public static SimTime FromDuration(Duration span)
    {
        var picoseconds = Math.Round(span.Seconds * 1e12, MidpointRounding.AwayFromZero);
        if (!(Math.Abs(picoseconds) < 9.2e18))
            throw new OverflowException($"{span} does not fit a simulation's clock of about 106 days");
        return new((long)picoseconds);
    }

    /// <summary>The time as a real-valued span.</summary>
    public Duration ToDuration() => Duration.FromSeconds(Picoseconds / 1e12);

    /// <summary>A later time.</summary>
    /// <exception cref="OverflowException">The sum lies beyond the clock.</exception>
    public static SimTime operator +(SimTime a, SimTime b) => new(checked(a.Picoseconds + b.Picoseconds));

    /// <summary>The time between two points.</summary>
    /// <exception cref="OverflowException">The difference lies beyond the clock.</exception>
    public static SimTime operator -(SimTime a, SimTime b) => new(checked(a.Picoseconds - b.Picoseconds));

    /// <summary>Whether one point is earlier.</summary>
    public static bool operator <(SimTime a, SimTime b) => a.Picoseconds < b.Picoseconds;

    /// <summary>Whether one point is later.</summary>
    public static bool operator >(SimTime a, SimTime b) => a.Picoseconds > b.Picoseconds;

    /// <summary>Whether one point is not later.</summary>
    public static bool operator <=(SimTime a, SimTime b) => a.Picoseconds <= b.Picoseconds;

    /// <summary>Whether one point is not earlier.</summary>
    public static bool operator >=(SimTime a, SimTime b) => a.Picoseconds >= b.Picoseconds;

    /// <inheritdoc/>
    public int CompareTo(SimTime other) => Picoseconds.CompareTo(other.Picoseconds);

    /// <summary>Reads "1500 ps" or any other time with a unit.</summary>
    /// <exception cref="FormatException">The text is not a time with a unit.</exception>
    /// <exception cref="OverflowException">The time lies beyond the clock.</exception>
    public static SimTime Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParseWhole(s, out var whole) ? whole : FromDuration(Quantity.Parse<Duration>(s));
    }

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out SimTime result)
    {
        if (s is not null && TryParseWhole(s, out result)) return true;
        result = default;
        if (!Quantity.TryParse<Duration>(s, out var span, out _) || !(Math.Abs(span.Seconds) < 9.2e6)) return false;
        result = FromDuration(span);
        return true;
    }

    // Picoseconds are read as integers: a double would lose the last digits of a long simulation.
    static bool TryParseWhole(string s, out SimTime result)
    {
        var text = s.AsSpan().TrimEnd();
        var read = long.TryParse(text.EndsWith("ps") ? text[..^2] : "", NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole);
        result = new(whole);
        return read;
    }

    /// <summary>Prints whole picoseconds, so that equal text means equal time.</summary>
    public override string ToString() => $"{Picoseconds} ps";
}

/// <summary>Writes a <see cref="SimTime"/> as text in picoseconds and reads it back unchanged.</summary>
public sealed class SimTimeJsonConverter : JsonConverter<SimTime>
{
    /// <inheritdoc/>
    public override SimTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        SimTime.TryParse(reader.TokenType == JsonTokenType.String ? reader.GetString() : null, null, out var time)
            ? time
            : throw new JsonException("expected a time as text with a unit");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SimTime value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }
}
