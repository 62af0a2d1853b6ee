// A file of prices that stand in the place of the catalogue's.
//
//   priceBook: 1
//   name: Quotes of May 2026
//   currency: EUR                 # USD unless given; one book has one currency
//   exchange: 1.08                # US dollars for one, for what only the catalogue prices
//   year: 2026
//   source: quotes of our resellers
//   grade: vendor                 # assumption unless given
//   prices:
//     qm9700: 18500 EUR
//     800g-2xdr4: { value: 900 EUR, low: 800 EUR, high: 1000 EUR, grade: measured }
//     os2-1310: 0.2 EUR/m
//   assumptions:
//     electricity: { value: 0.11 EUR/kWh, low: 0.09 EUR/kWh, high: 0.2 EUR/kWh }
//     costOfCapital: 0.08
//     darkFibre: 0.4 EUR/m        # of route-defaults
//
// Worked example: 18,500 EUR at 1.08 USD are kept as 19,980 USD and printed as 18.5 kEUR.

using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>Prices and assumptions of a file, and the catalogue with them in place of its own.</summary>
public sealed partial class PriceBook
{
    const string Default = "default";

    // What may be assumed otherwise: of the site, and of routes between sites. No figure stands in both.
    static readonly Type[] Assumable = [typeof(SiteDefaults), typeof(RouteDefaults)];
    const double LeastExchange = 1e-6, MostExchange = 1e4;

    readonly record struct Priced(Type Type, bool ByLength);

    readonly Dictionary<string, MappingNode> entries; // price of a part, by its key

    PriceBook(string file, BookSheet sheet, Currency currency, Dictionary<string, MappingNode> entries, IReadOnlyDictionary<string, Mark> assumptions, PartCatalog catalog) =>
        (File, Name, Currency, this.entries, Assumptions, Catalog) = (file, sheet.Name, currency, entries, assumptions, catalog);

    /// <summary>The file as the user named it.</summary>
    public string File { get; }

    /// <summary>What the book is called.</summary>
    public string Name { get; }

    /// <summary>The currency that it is in, and reports with it.</summary>
    public Currency Currency { get; }

    /// <summary>The catalogue with the book's prices and assumptions.</summary>
    public PartCatalog Catalog { get; }

    /// <summary>The parts that it prices.</summary>
    public IReadOnlyCollection<string> Keys => entries.Keys;

    /// <summary>Assumptions of the site and of routes that it sets, and where.</summary>
    public IReadOnlyDictionary<string, Mark> Assumptions { get; }

    /// <summary>Where the price of a part stands in the book; null where it has none.</summary>
    public Mark? PlaceOf(string key) => entries.TryGetValue(key, out var node) ? node.Mark : null;

    /// <summary>Whether a price is the one that the book has for a part.</summary>
    public bool IsOwn(string key, Sourced<Money> price) => entries.TryGetValue(key, out var node) &&
        node.Find("source") is ScalarNode source && source.Text == price.Source && node.Find("value") is ScalarNode value &&
        Quantity.TryParse<Money>(value.Text, out var own, out _) && own == price.Value;

    /// <summary>Reads a book.</summary>
    /// <param name="path">The file.</param>
    /// <param name="catalog">What it changes; the catalogue that ships unless given.</param>
    /// <exception cref="InputException">The file can't be read, names what the catalogue doesn't have, mixes currencies, or has a price that none can be.</exception>
    public static PriceBook Load(string path, PartCatalog? catalog = null) => Of(YamlText.ReadFile(path), path, catalog ?? PartCatalog.Default);

    /// <summary>Reads a book from a text.</summary>
    /// <param name="text">The book.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <param name="catalog">What it changes; the catalogue that ships unless given.</param>
    /// <exception cref="InputException">The text is no such book.</exception>
    public static PriceBook Parse(string text, string file = "prices.yaml", PartCatalog? catalog = null) => Of(YamlText.Read(text, file), file, catalog ?? PartCatalog.Default);

    static PriceBook Of(MappingNode root, string file, PartCatalog catalog)
    {
        // Prices are bound by the parts that they belong to; everything else by the sheet.
        var (prices, assumptions) = (root.Find("prices"), root.Find("assumptions"));
        if (prices is not (null or MappingNode)) throw new InputException($"expected a mapping of parts to prices for 'prices', found {prices.Kind}", prices.Mark);
        if (assumptions is not (null or MappingNode)) throw new InputException($"expected a mapping for 'assumptions', found {assumptions.Kind}", assumptions.Mark);
        if (root.Entries.FirstOrDefault(e => !BookSheet.Known.Contains(e.Key.Text)).Key is { } unknown)
            throw new InputException($"unknown key '{unknown.Text}' in a price book{Nearest.Hint(unknown.Text, BookSheet.Known)}", unknown.Mark);
        var sheet = new DocumentBinder().Bind<BookSheet>(root.Without("prices").Without("assumptions"));
        var currency = CurrencyOf(sheet, root);
        var known = PricedParts(catalog);
        var entries = new Dictionary<string, MappingNode>(StringComparer.Ordinal);
        var changes = new List<(string Kind, string Key, MappingNode Over)>();
        foreach (var (key, value) in (prices as MappingNode)?.Entries ?? [])
        {
            if (!known.TryGetValue(key.Text, out var part))
                throw new InputException($"there is no part '{key.Text}' that has a price{Nearest.Hint(key.Text, known.Keys)}", key.Mark);
            var price = Figure(value, sheet, currency, part.ByLength ? "/m" : "", $"prices.{key.Text}");
            entries[key.Text] = price;
            changes.Add((PartCatalog.KindOf(part.Type), key.Text, Changing(key, "price", price)));
        }
        if (assumptions is MappingNode assumed) changes.AddRange(Assumed(assumed, sheet, currency).Select(a => (PartCatalog.KindOf(a.Type), Default, a.Over)));
        var changed = catalog.With(changes);
        // Whatever is wrong with a price is wrong whether the design has the part or not.
        foreach (var (key, _) in entries) changed.Get(known[key].Type, key, null);
        if (assumptions is not null) foreach (var type in Assumable) changed.Get(type, Default, null);
        var places = (assumptions as MappingNode)?.Entries.ToDictionary(e => e.Key.Text, e => e.Key.Mark, StringComparer.Ordinal) ?? [];
        return new(file, sheet, currency, entries, places, changed);
    }

    static Currency CurrencyOf(BookSheet sheet, MappingNode root)
    {
        var mark = (root.Find("exchange") ?? root.Find("currency") ?? root).Mark;
        if (!Code().IsMatch(sheet.Currency)) throw new InputException($"expected the code of a currency in three capital letters, such as EUR; found '{sheet.Currency}'", root.Find("currency")!.Mark);
        if (sheet.Currency == Currency.Usd.Code)
            return sheet.Exchange is null or 1 ? Currency.Usd : throw new InputException("'exchange' is what one of the book's currency is worth in USD, and this book is in USD", mark);
        if (sheet.Exchange is not { } rate)
            throw new InputException($"'exchange' is missing: what one {sheet.Currency} is worth in USD, in which parts without a price of this book are priced", mark);
        return new(sheet.Currency, rate);
    }

    static Dictionary<string, Priced> PricedParts(PartCatalog catalog)
    {
        var known = new Dictionary<string, Priced>(StringComparer.Ordinal);
        foreach (var (_, type) in PartCatalog.Kinds)
        {
            if (DocumentShape.Of(type).Find("price") is not { } price) continue;
            var byLength = DocumentShape.SourcedValue(Nullable.GetUnderlyingType(price.Property.PropertyType) ?? price.Property.PropertyType) == typeof(MoneyPerLength);
            foreach (var key in catalog.Keys(type)) known.TryAdd(key, new(type, byLength));
        }
        return known;
    }

    static List<(Type Type, MappingNode Over)> Assumed(MappingNode assumed, BookSheet sheet, Currency currency)
    {
        var over = Assumable.ToDictionary(t => t, _ => new List<KeyValuePair<ScalarNode, Node>>());
        foreach (var (key, value) in assumed.Entries)
        {
            if (Assumable.Select(t => (Type: t, Property: DocumentShape.Of(t).Find(key.Text))).FirstOrDefault(f => f.Property is { IsFigure: true }) is not ({ } owner, { } property))
            {
                var figures = Assumable.SelectMany(t => DocumentShape.Of(t).Properties).Where(p => p.IsFigure).Select(p => p.Key).ToList();
                throw new InputException($"there is no assumption '{key.Text}'{Nearest.Hint(key.Text, figures)}", key.Mark);
            }
            var type = DocumentShape.SourcedValue(Nullable.GetUnderlyingType(property.Property.PropertyType) ?? property.Property.PropertyType);
            var per = type == typeof(EnergyPrice) ? "/kWh" : type == typeof(MoneyPerLength) ? "/m" : type == typeof(Money) ? "" : null;
            over[owner].Add(new(key, per is null ? PartCatalog.Stated(value, sheet.Year, sheet.Source, sheet.Grade) : Figure(value, sheet, currency, per, $"assumptions.{key.Text}")));
        }
        return [.. over.Where(o => o.Value.Count > 0).Select(o => (o.Key, new MappingNode(assumed.Mark, o.Value)))];
    }

    static MappingNode Changing(ScalarNode key, string property, MappingNode figure) =>
        new(key.Mark, [new(new ScalarNode(key.Mark, property, true), figure)]);

    /// <summary>A price as a figure in USD, with what the book says of it.</summary>
    static MappingNode Figure(Node node, BookSheet sheet, Currency currency, string per, string path)
    {
        if (node is ScalarNode scalar) return PartCatalog.Stated(Dollars(scalar, currency, per), sheet.Year, sheet.Source, sheet.Grade);
        if (node is not MappingNode mapping) throw new InputException($"expected a price or a figure with 'value' for '{path}', found {node.Kind}", node.Mark);
        return PartCatalog.Stated(
            new MappingNode(mapping.Mark, [.. mapping.Entries.Select(e => KeyValuePair.Create(e.Key, e is { Key.Text: "value" or "low" or "high", Value: ScalarNode amount } ? Dollars(amount, currency, per) : e.Value))]),
            sheet.Year, sheet.Source, sheet.Grade);
    }

    static ScalarNode Dollars(ScalarNode node, Currency currency, string per)
    {
        var example = $"'{(per == "/kWh" ? "0.08" : per == "/m" ? "0.3" : "18500")} {currency.Code}{per}'";
        if (Amount().Match(node.Text.Trim()) is not { Success: true } match ||
            !double.TryParse(match.Groups["number"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) || !double.IsFinite(amount))
            throw new InputException($"expected a price with its currency, such as {example}; found {node.Kind}", node.Mark);
        if (match.Groups["code"].Value is var code && code != currency.Code)
            throw new InputException($"the book is in {currency.Code} and this price in {code}; a book has one currency", node.Mark);
        if (amount < 0) throw new InputException($"a price can't be negative; found {node.Kind}", node.Mark);
        if (match.Groups["per"].Value is var said && said != per && !(per == "/kWh" && said == "/MWh"))
            throw new InputException($"expected a price{(per.Length == 0 ? " of a piece" : $" per {per[1..]}")}, such as {example}; found {node.Kind}", node.Mark);
        var dollars = amount * currency.Dollars;
        return new(node.Mark, string.Create(CultureInfo.InvariantCulture, $"{dollars:R} {match.Groups["prefix"].Value}USD{said}"), node.Plain);
    }

    [GeneratedRegex(@"^(?<number>[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(?<prefix>[kMG]?)(?<code>[A-Z]{3})(?<per>/m|/kWh|/MWh)?$")]
    private static partial Regex Amount();

    [GeneratedRegex("^[A-Z]{3}$")]
    private static partial Regex Code();

    /// <summary>What a book says beside its prices.</summary>
    sealed record BookSheet
    {
        public static readonly string[] Known = ["priceBook", "name", "currency", "exchange", "year", "source", "grade", "prices", "assumptions"];

        [Limits(Minimum = 1, Maximum = 1)]
        public required int PriceBook { get; init; }

        public required string Name { get; init; }

        public string Currency { get; init; } = "USD";

        [Limits(Minimum = LeastExchange, Maximum = MostExchange)]
        public double? Exchange { get; init; }

        [Limits(Minimum = 1950, Maximum = 2100)]
        public int? Year { get; init; }

        public string? Source { get; init; }

        public Grade Grade { get; init; } = Grade.Assumption;
    }
}
