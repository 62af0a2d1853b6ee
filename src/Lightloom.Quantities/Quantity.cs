using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lightloom.Quantities;

/// <summary>Reading, printing and arithmetic that all quantities share.</summary>
public static class Quantity
{
    /// <summary>Significant digits that <see cref="Format{T}(T, string?)"/> prints unless told otherwise.</summary>
    public const int DefaultDigits = 6;

    /// <summary>Reads a quantity, or says what is wrong with the text.</summary>
    public static bool TryParse<T>(string? text, out T value, out string problem)
        where T : struct, IQuantity<T>
    {
        value = default;
        var all = (text ?? "").AsSpan().Trim();
        var split = NumberLength(all);
        if (split == 0 || !double.TryParse(all[..split], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            problem = $"'{Shorten(text)}' is not {NameWithArticle<T>()}: expected a number and a unit, such as '{Example<T>()}'";
            return false;
        }
        var symbol = all[split..].Trim();
        foreach (var unit in T.Units)
        {
            if (!unit.Answers(symbol)) continue;
            var si = unit.ToSi(number);
            if (!double.IsFinite(si))
            {
                problem = $"'{Shorten(text)}' is too large for {NameWithArticle<T>()}";
                return false;
            }
            value = T.FromSi(si);
            problem = "";
            return true;
        }
        problem = symbol.IsEmpty
            ? $"'{Shorten(text)}' has no unit; {NameWithArticle<T>()} is given in {UnitList<T>()}"
            : $"'{Shorten(text)}' is not {NameWithArticle<T>()}: {QuantityKinds.Describe(symbol)}; units that fit are {UnitList<T>()}";
        return false;
    }

    /// <summary>What the quantity is called in a sentence: "a bandwidth", "an energy per bit".</summary>
    public static string NameWithArticle<T>()
        where T : struct, IQuantity<T> => $"{(T.Name[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an" : "a")} {T.Name}";

    /// <summary>The units of a quantity as a reader would list them: "b/s, kb/s, Mb/s, Gb/s".</summary>
    public static string UnitList<T>()
        where T : struct, IQuantity<T> =>
        string.Join(", ", T.Units.Select(u => u.Symbol.Length == 0 ? "(none)" : u.Symbol));

    /// <summary>
    /// Prints with the unit that gives one to three digits before the point. Formats: null or "G" prints
    /// <see cref="DefaultDigits"/> significant digits, "G3" three, "R" all digits; a unit's symbol ("GB/s", "G3 GB/s") fixes the unit.
    /// What "R" prints is read back as the same value, so it falls back to the SI unit where no number in the natural unit is.
    /// </summary>
    /// <exception cref="FormatException">The format is none of these.</exception>
    public static string Format<T>(T value, string? format = null)
        where T : struct, IQuantity<T>
    {
        var (digits, unit) = ParseFormat<T>(format);
        if (unit is not null) return Join(unit.FromSi(value.Si), digits, unit);
        unit = NaturalUnit<T>(value.Si, digits);
        return digits == 0 ? PrintExactly<T>(value.Si, unit) : Join(unit.FromSi(value.Si), digits, unit);
    }

    static string PrintExactly<T>(double si, Unit unit)
        where T : struct, IQuantity<T>
    {
        // Scaling rounds, so the way back may miss by a bit; often a neighbour of the scaled number hits.
        var scaled = unit.FromSi(si);
        if (unit.ToSi(scaled) == si || !double.IsFinite(si)) return Join(scaled, 0, unit);
        if (unit.ToSi(Math.BitIncrement(scaled)) == si) return Join(Math.BitIncrement(scaled), 0, unit);
        if (unit.ToSi(Math.BitDecrement(scaled)) == si) return Join(Math.BitDecrement(scaled), 0, unit);
        return Join(si, 0, T.Units.First(u => u is { Multiplier: 1, Divisor: 1 }));
    }

    static string Join(double number, int digits, Unit unit)
    {
        var text = Round(number, digits);
        return unit.Symbol.Length == 0 ? text : $"{text} {unit.Symbol}";
    }

    /// <summary>A number with at most so many significant digits, without an exponent between 1e-4 and 1e15; 0 digits means all.</summary>
    public static string Round(double value, int digits)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
        if (value == 0) return "0";
        if (digits <= 0) return value.ToString("R", CultureInfo.InvariantCulture);
        var magnitude = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        if (magnitude is < -4 or > 15) return value.ToString("G" + digits, CultureInfo.InvariantCulture);
        var decimals = Math.Clamp(digits - 1 - magnitude, 0, 15);
        var rounded = Math.Round(value, decimals, MidpointRounding.AwayFromZero);
        if (magnitude >= digits)
        {
            var step = Math.Pow(10, magnitude - digits + 1);
            rounded = Math.Round(value / step, MidpointRounding.AwayFromZero) * step;
        }
        return rounded.ToString(decimals == 0 ? "0" : "0." + new string('#', decimals), CultureInfo.InvariantCulture);
    }

    static (int Digits, Unit? Unit) ParseFormat<T>(string? format)
        where T : struct, IQuantity<T>
    {
        if (string.IsNullOrEmpty(format) || format == "G") return (DefaultDigits, null);
        if (format == "R") return (0, null);
        var digits = DefaultDigits;
        var rest = format.AsSpan();
        if (rest[0] is 'G' or 'R' && (rest.Length == 1 || char.IsAsciiDigit(rest[1]) || rest[1] == ' '))
        {
            var end = 1;
            while (end < rest.Length && char.IsAsciiDigit(rest[end])) end++;
            // Seventeen digits tell any two doubles apart; more than that prints nothing more.
            digits = rest[0] == 'R' ? 0 : end == 1 ? DefaultDigits
                : int.TryParse(rest[1..end], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Min(asked, 17) : 17;
            rest = rest[end..].Trim();
            if (rest.IsEmpty) return (digits, null);
        }
        foreach (var unit in T.Units)
            if (unit.Answers(rest)) return (digits, unit);
        throw new FormatException($"'{format}' is not a format of {NameWithArticle<T>()}: expected G, Gn, R or one of {UnitList<T>()}");
    }

    static Unit NaturalUnit<T>(double si, int digits)
        where T : struct, IQuantity<T>
    {
        Unit? first = null, best = null;
        foreach (var unit in T.Units)
        {
            if (!unit.Prints) continue;
            first ??= unit;
            // Rounding may carry 999.9996 to 1000, which reads better as 1 of the next unit.
            var scaled = Math.Abs(unit.FromSi(si));
            if (digits > 0) scaled *= 1 + 0.5 * Math.Pow(10, -digits);
            if (scaled >= 1) best = unit;
        }
        if (si == 0 || !double.IsFinite(si)) return T.Units.FirstOrDefault(u => u.Prints && u is { Multiplier: 1, Divisor: 1 }) ?? first!;
        return best ?? first!;
    }

    static string Example<T>()
        where T : struct, IQuantity<T>
    {
        var printing = T.Units.Where(u => u.Prints).ToList();
        var unit = printing[printing.Count / 2];
        return ("1 " + unit.Symbol).TrimEnd();
    }

    static int NumberLength(ReadOnlySpan<char> text)
    {
        var i = 0;
        if (i < text.Length && text[i] is '+' or '-') i++;
        while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] == '.')) i++;
        if (i < text.Length && text[i] is 'e' or 'E')
        {
            var j = i + 1;
            if (j < text.Length && text[j] is '+' or '-') j++;
            if (j < text.Length && char.IsAsciiDigit(text[j]))
            {
                while (j < text.Length && char.IsAsciiDigit(text[j])) j++;
                i = j;
            }
        }
        return i;
    }

    static string Shorten(string? text) => text is null ? "" : text.Length <= 60 ? text : text[..57] + "...";

    extension<T>(T)
        where T : struct, IQuantity<T>
    {
        /// <summary>Reads "400 Gb/s", "-4.4 dBm", "18.75 pJ/bit".</summary>
        /// <exception cref="FormatException">The text is no number with a unit of this quantity; the message names those that fit.</exception>
        public static T Parse(string text) =>
            TryParse<T>(text, out var value, out var problem) ? value : throw new FormatException(problem);

        /// <summary>Compares two quantities of one kind.</summary>
        public static bool operator <(T a, T b) => a.Si < b.Si;

        /// <summary>Compares two quantities of one kind.</summary>
        public static bool operator >(T a, T b) => a.Si > b.Si;

        /// <summary>Compares two quantities of one kind.</summary>
        public static bool operator <=(T a, T b) => a.Si <= b.Si;

        /// <summary>Compares two quantities of one kind.</summary>
        public static bool operator >=(T a, T b) => a.Si >= b.Si;

        /// <summary>The smaller of two.</summary>
        public static T Min(T a, T b) => a.Si <= b.Si ? a : b;

        /// <summary>The larger of two.</summary>
        public static T Max(T a, T b) => a.Si >= b.Si ? a : b;
    }

    extension<T>(T)
        where T : struct, IAdditiveQuantity<T>
    {
        /// <summary>The sum of two quantities of one kind.</summary>
        public static T operator +(T a, T b) => T.FromSi(a.Si + b.Si);

        /// <summary>The difference of two quantities of one kind.</summary>
        public static T operator -(T a, T b) => T.FromSi(a.Si - b.Si);

        /// <summary>The quantity with its sign reversed.</summary>
        public static T operator -(T a) => T.FromSi(-a.Si);

        /// <summary>The quantity times a number.</summary>
        public static T operator *(T a, double factor) => T.FromSi(a.Si * factor);

        /// <summary>The quantity times a number.</summary>
        public static T operator *(double factor, T a) => T.FromSi(factor * a.Si);

        /// <summary>The quantity divided by a number.</summary>
        public static T operator /(T a, double divisor) => T.FromSi(a.Si / divisor);

        /// <summary>The ratio of two quantities of one kind.</summary>
        public static double operator /(T a, T b) => a.Si / b.Si;
    }

    /// <summary>The sum of a sequence of quantities; zero when it is empty.</summary>
    public static T Sum<T>(this IEnumerable<T> values)
        where T : struct, IAdditiveQuantity<T>
    {
        var sum = 0.0;
        foreach (var value in values) sum += value.Si;
        return T.FromSi(sum);
    }

    /// <summary>The sum of a quantity over a sequence; zero when it is empty.</summary>
    public static TQuantity Sum<TItem, TQuantity>(this IEnumerable<TItem> items, Func<TItem, TQuantity> select)
        where TQuantity : struct, IAdditiveQuantity<TQuantity>
    {
        var sum = 0.0;
        foreach (var item in items) sum += select(item).Si;
        return TQuantity.FromSi(sum);
    }
}

/// <summary>Writes a quantity to JSON as text with its unit ("400 Gb/s", all digits) and reads it back unchanged.</summary>
/// <typeparam name="T">The quantity.</typeparam>
public sealed class QuantityJsonConverter<T> : JsonConverter<T>
    where T : struct, IQuantity<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Quantity.TryParse<T>(text, out var value, out var problem)
            ? value
            : throw new JsonException(text is null ? $"expected a {T.Name} as text with a unit" : problem);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(Quantity.Format(value, "R"));
    }
}
