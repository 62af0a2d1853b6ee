namespace Lightloom.Quantities;

/// <summary>
/// A physical or monetary quantity: one <see cref="double"/> in SI units behind a type of its own. Parsing, printing,
/// comparison and JSON are the same for all and live in <see cref="Quantity"/>; arithmetic comes with
/// <see cref="IAdditiveQuantity{TSelf}"/>.
/// </summary>
/// <typeparam name="TSelf">The quantity's own type.</typeparam>
public interface IQuantity<TSelf> : IParsable<TSelf>, IComparable<TSelf>, IFormattable
    where TSelf : struct, IQuantity<TSelf>
{
    /// <summary>What the quantity is called in a message: "bandwidth", "loss", "price".</summary>
    static abstract string Name { get; }

    /// <summary>Every unit that is read, smallest first among those that print.</summary>
    static abstract IReadOnlyList<Unit> Units { get; }

    /// <summary>Makes the quantity from its value in the SI unit (or the unit that stands for it, such as dB or USD).</summary>
    static abstract TSelf FromSi(double value);

    /// <summary>The value in the SI unit.</summary>
    double Si { get; }

    static TSelf IParsable<TSelf>.Parse(string s, IFormatProvider? provider) => Quantity.Parse<TSelf>(s);

    static bool IParsable<TSelf>.TryParse(string? s, IFormatProvider? provider, out TSelf result) =>
        Quantity.TryParse(s, out result, out _);

    int IComparable<TSelf>.CompareTo(TSelf other) => Si.CompareTo(other.Si);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) =>
        Quantity.Format((TSelf)this, format);
}

/// <summary>
/// A quantity that adds, scales and divides by itself. Not every quantity does: two absolute power levels in dBm have no sum.
/// </summary>
/// <typeparam name="TSelf">The quantity's own type.</typeparam>
public interface IAdditiveQuantity<TSelf> : IQuantity<TSelf>
    where TSelf : struct, IAdditiveQuantity<TSelf>;
