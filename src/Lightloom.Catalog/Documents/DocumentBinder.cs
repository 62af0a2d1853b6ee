using System.Collections;
using System.Globalization;
using System.Reflection;
using Lightloom.Quantities;

namespace Lightloom.Catalog.Documents;

/// <summary>Reads a part from a file that a document names in place of a key of the catalogue; null where the text is no path.</summary>
/// <param name="type">The class of the part.</param>
/// <param name="text">What the document says.</param>
/// <param name="place">Where it says so; paths are relative to its file.</param>
public delegate Part? PartFile(Type type, string text, Mark place);

/// <summary>
/// Makes records from document nodes, strictly: every key must be known, every value of the right kind and within its limits.
/// Remembers where each value stood, so that a rule that is checked later can still point at its line.
/// </summary>
/// <param name="catalog">Where names of parts are looked up; null where no part can be named.</param>
/// <param name="files">How parts are read from files that the document names; null where it can't name any.</param>
public sealed class DocumentBinder(PartCatalog? catalog = null, PartFile? files = null)
{
    static readonly MethodInfo QuantityMethod =
        typeof(DocumentBinder).GetMethod(nameof(ReadQuantity), BindingFlags.Static | BindingFlags.NonPublic)!;

    readonly Dictionary<string, Mark> places = new(StringComparer.Ordinal);

    /// <summary>Year, source and grade of figures that don't state their own.</summary>
    (int? Year, string Source, Grade Grade)? provenance;

    /// <summary>Where a value stood: its path ("job.parallelism.tensor"), or the nearest path above it that was written.</summary>
    public Mark? PlaceOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        while (true)
        {
            if (places.TryGetValue(path, out var mark)) return mark;
            if (path.Length == 0) return null;
            var dot = path.LastIndexOf('.');
            path = dot < 0 ? "" : path[..dot];
        }
    }

    /// <summary>Whether the document itself gave a value at a path.</summary>
    public bool Gave(string path) => places.ContainsKey(path);

    /// <summary>Makes a record from a document.</summary>
    /// <exception cref="InputException">The document says something that the record has no place for.</exception>
    public T Bind<T>(MappingNode document)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(document);
        places[""] = document.Mark;
        return (T)BindRecord(document, typeof(T), "");
    }

    /// <summary>Makes a part of the catalogue.</summary>
    internal Part BindPart(MappingNode node, Type type, string key)
    {
        var outer = provenance;
        if (node.Find("provenance") is { } given)
        {
            var stated = (Provenance)Bind(given, typeof(Provenance), "provenance", null)!;
            provenance = (stated.Year, stated.Source, stated.Grade);
            node = node.Without("provenance");
        }
        var part = (Part)BindRecord(node, type, "");
        part.Key = key;
        provenance = outer;
        return part;
    }

    object BindRecord(MappingNode node, Type type, string path)
    {
        var shape = DocumentShape.Of(type);
        var instance = Activator.CreateInstance(type)!;
        foreach (var (key, value) in node.Entries)
        {
            var property = shape.Find(key.Text) ?? throw new InputException(
                $"unknown key '{key.Text}'{Nearest.Hint(key.Text, [.. shape.Properties.Select(p => p.Key)])}", key.Mark);
            var inner = path.Length == 0 ? key.Text : $"{path}.{key.Text}";
            // Keys are marked where they stand; their values may be pages long.
            places[inner] = value is ScalarNode ? value.Mark : key.Mark;
            property.Property.SetValue(instance, Bind(value, property.Property.PropertyType, inner, property.Limits));
        }
        foreach (var property in shape.Properties)
            if (property.Required && node.Find(property.Key) is null)
                throw new InputException($"key '{property.Key}' is missing{(path.Length == 0 ? "" : $" in '{path}'")}", node.Mark);
        return instance;
    }

    object? Bind(Node node, Type type, string path, LimitsAttribute? limits)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Bind(node, inner, path, limits);
        if (DocumentShape.SourcedValue(type) is { } sourced) return BindSourced(node, type, sourced, path, limits);
        if (DocumentShape.IsQuantity(type)) return BindQuantity(Scalar(node, path), type, limits);
        if (type.IsEnum) return BindEnum(Scalar(node, path), type);
        if (type == typeof(string)) return BindText(Scalar(node, path));
        if (type == typeof(bool)) return BindBool(Scalar(node, path));
        if (type == typeof(int) || type == typeof(long)) return BindInteger(Scalar(node, path), type, limits);
        if (type == typeof(double)) return BindNumber(Scalar(node, path), limits);
        if (DocumentShape.ListItem(type) is { } item) return BindList(node, item, path, limits);
        if (DocumentShape.MapValue(type) is { } value) return BindMap(node, value, path, limits);
        if (typeof(Part).IsAssignableFrom(type)) return BindPartReference(node, type, path);
        if (node is MappingNode mapping) return BindRecord(mapping, type, path);
        var shape = DocumentShape.Of(type);
        if (shape.Shorthand is { } shorthand && node is ScalarNode)
        {
            var instance = Activator.CreateInstance(type)!;
            shorthand.Property.SetValue(instance, Bind(node, shorthand.Property.PropertyType, path, shorthand.Limits));
            return instance;
        }
        throw new InputException(
            $"expected a mapping for '{path}' with keys such as {string.Join(", ", shape.Properties.Take(4).Select(p => p.Key))}; " +
            $"found {node.Kind}", node.Mark);
    }

    Part BindPartReference(Node node, Type type, string path)
    {
        if (catalog is null) throw new InvalidOperationException("parts are named where no catalogue was given");
        if (node is ScalarNode name)
        {
            var text = BindText(name);
            if (files?.Invoke(type, text, node.Mark) is not { } part) return catalog.Get(type, text, node.Mark);
            if (part.Key.Length == 0) part.Key = text;
            return part;
        }
        if (node is not MappingNode mapping)
            throw new InputException($"expected the name of a part, or a mapping with 'basedOn', for '{path}'; found {node.Kind}", node.Mark);
        if (mapping.Find("basedOn") is not { } based)
            throw new InputException($"'{path}' is described here, so it needs 'basedOn', the part that it starts from", mapping.Mark);
        var basis = BindText(Scalar(based, $"{path}.basedOn"));
        var over = mapping.Without("basedOn");
        RecordPlaces(over, path);
        return catalog.Override(type, basis, over, based.Mark);
    }

    void RecordPlaces(MappingNode node, string path)
    {
        foreach (var (key, value) in node.Entries) places[$"{path}.{key.Text}"] = value.Mark;
    }

    object BindSourced(Node node, Type type, Type valueType, string path, LimitsAttribute? limits)
    {
        object value, low, high;
        var year = provenance?.Year;
        var source = provenance?.Source ?? node.Mark.ToString();
        var grade = provenance?.Grade ?? Grade.Assumption;
        string? note = null;
        if (node is MappingNode mapping)
        {
            foreach (var (key, _) in mapping.Entries)
                if (!FigureKeys.Contains(key.Text))
                    throw new InputException($"unknown key '{key.Text}' in a figure{Nearest.Hint(key.Text, FigureKeys)}", key.Mark);
            var given = mapping.Find("value") ?? throw new InputException($"figure '{path}' has no 'value'", mapping.Mark);
            value = Bind(given, valueType, path, limits)!;
            low = mapping.Find("low") is { } l ? Bind(l, valueType, path, limits)! : value;
            high = mapping.Find("high") is { } h ? Bind(h, valueType, path, limits)! : value;
            if (Comparer.Default.Compare(Comparable(low), Comparable(value)) > 0 ||
                Comparer.Default.Compare(Comparable(value), Comparable(high)) > 0)
                throw new InputException($"figure '{path}' must have low <= value <= high; found {low}, {value}, {high}", mapping.Mark);
            // A year belongs to its source: a figure with a source of its own doesn't take the part's year.
            if (mapping.Find("source") is { } s) (source, year) = (BindText(Scalar(s, path)), null);
            if (mapping.Find("year") is { } y) year = (int)BindInteger(Scalar(y, path), typeof(int), Years);
            if (mapping.Find("grade") is { } g) grade = (Grade)BindEnum(Scalar(g, path), typeof(Grade));
            if (mapping.Find("note") is { } n) note = BindText(Scalar(n, path));
        }
        else
        {
            value = low = high = Bind(node, valueType, path, limits)!;
        }
        return Activator.CreateInstance(type, value, low, high, year, source, grade, note)!;
    }

    static readonly string[] FigureKeys = ["value", "low", "high", "year", "source", "grade", "note"];

    static readonly LimitsAttribute Years = new() { Minimum = 1950, Maximum = 2100 };

    static object Comparable(object value) => DocumentShape.IsQuantity(value.GetType())
        ? value.GetType().GetProperty("Si")!.GetValue(value)!
        : value;

    object BindList(Node node, Type item, string path, LimitsAttribute? limits)
    {
        if (node is not SequenceNode sequence)
            throw new InputException($"expected a list for '{path}', found {node.Kind}", node.Mark);
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item), sequence.Items.Count)!;
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var inner = $"{path}.{i}";
            places[inner] = sequence.Items[i].Mark;
            list.Add(Bind(sequence.Items[i], item, inner, limits));
        }
        return list;
    }

    object BindMap(Node node, Type value, string path, LimitsAttribute? limits)
    {
        if (node is not MappingNode mapping)
            throw new InputException($"expected a mapping for '{path}', found {node.Kind}", node.Mark);
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;
        foreach (var (key, entry) in mapping.Entries)
        {
            var inner = $"{path}.{key.Text}";
            places[inner] = key.Mark;
            map.Add(key.Text, Bind(entry, value, inner, limits));
        }
        return map;
    }

    static ScalarNode Scalar(Node node, string path) =>
        node as ScalarNode ?? throw new InputException($"expected a plain value for '{path}', found {node.Kind}", node.Mark);

    static string BindText(ScalarNode node)
    {
        if (node.Text.Length == 0) throw new InputException("expected a text, found nothing", node.Mark);
        // Reports repeat texts on terminals: lines may end, escape sequences may not start.
        foreach (var c in node.Text)
            if (char.IsControl(c) && c is not '\n')
                throw new InputException($"expected a text, found the control character U+{(int)c:X4} in it", node.Mark);
        return node.Text;
    }

    static bool BindBool(ScalarNode node) => node.Text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new InputException($"expected true or false, found {node.Kind}", node.Mark),
    };

    static object BindEnum(ScalarNode node, Type type)
    {
        var names = DocumentShape.NamesOf(type);
        foreach (var (name, value) in names)
            if (name == node.Text) return value;
        throw new InputException($"expected one of {string.Join(", ", names.Select(n => n.Name))}; found {node.Kind}", node.Mark);
    }

    static object BindInteger(ScalarNode node, Type type, LimitsAttribute? limits)
    {
        var low = Math.Max(limits?.Minimum ?? double.NegativeInfinity, type == typeof(int) ? int.MinValue : long.MinValue);
        var high = Math.Min(limits?.Maximum ?? double.PositiveInfinity, type == typeof(int) ? int.MaxValue : long.MaxValue);
        if (!long.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) || value < low || value > high)
            throw new InputException($"expected a whole number{Range(limits, Whole)}, found {node.Kind}", node.Mark);
        return type == typeof(int) ? (object)(int)value : value;
    }

    /// <summary>Groups the digits of large numbers; four digits may be a year and read well as they are.</summary>
    static string Whole(double value) => value.ToString(Math.Abs(value) < 10_000 ? "0" : "N0", CultureInfo.InvariantCulture);

    static double BindNumber(ScalarNode node, LimitsAttribute? limits)
    {
        if (!double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value) ||
            value < (limits?.Minimum ?? value) || value > (limits?.Maximum ?? value))
            throw new InputException($"expected a number{Range(limits, v => Quantity.Round(v, 6))}, found {node.Kind}", node.Mark);
        return value;
    }

    static object BindQuantity(ScalarNode node, Type type, LimitsAttribute? limits)
    {
        try
        {
            return QuantityMethod.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [node, limits], null)!;
        }
        catch (FormatException e)
        {
            throw new InputException(e.Message, node.Mark);
        }
    }

    static T ReadQuantity<T>(ScalarNode node, LimitsAttribute? limits)
        where T : struct, IQuantity<T>
    {
        if (!Quantity.TryParse<T>(node.Text, out var value, out var problem)) throw new InputException(problem, node.Mark);
        if (value.Si < (limits?.Minimum ?? value.Si) || value.Si > (limits?.Maximum ?? value.Si))
            throw new InputException($"expected {Quantity.NameWithArticle<T>()}{Range(limits, v => Quantity.Format(T.FromSi(v)))}, found {node.Kind}", node.Mark);
        return value;
    }

    static string Range(LimitsAttribute? limits, Func<double, string> print) => limits switch
    {
        null => "",
        { Minimum: var only, Maximum: var same } when only == same => $" that is {print(only)}",
        { Minimum: > double.NegativeInfinity, Maximum: < double.PositiveInfinity } =>
            $" from {print(limits.Minimum)} to {print(limits.Maximum)}",
        { Maximum: < double.PositiveInfinity } => $" of at most {print(limits.Maximum)}",
        _ => $" of at least {print(limits.Minimum)}",
    };
}

/// <summary>Year, source and grade that a part's figures share unless they state their own.</summary>
sealed record Provenance
{
    public int? Year { get; init; }

    public required string Source { get; init; }

    public required Grade Grade { get; init; }
}
