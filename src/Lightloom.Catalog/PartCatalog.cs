using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog;

/// <summary>
/// All parts by kind and key. Data files are read when a part of their kind is first asked for, and a part is made when it is
/// first asked for, so that a design pays for the parts that it names.
/// </summary>
public sealed class PartCatalog
{
    static readonly Lazy<PartCatalog> Shipped = new(() => new PartCatalog());

    readonly ConcurrentDictionary<string, MappingNode> files = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<(Type, string), Part> parts = new();
    readonly Lazy<string> version;
    readonly IReadOnlyList<(string Kind, string Key, MappingNode Over)> changes;

    PartCatalog(IReadOnlyList<(string Kind, string Key, MappingNode Over)>? changes = null)
    {
        this.changes = changes ?? [];
        version = new(ComputeVersion);
    }

    /// <summary>The catalogue that ships with Lightloom.</summary>
    public static PartCatalog Default => Shipped.Value;

    /// <summary>A hash of every data file: two runs with the same version saw the same parts.</summary>
    public string Version => version.Value;

    /// <summary>The kinds of parts, in alphabetical order, with their classes.</summary>
    public static IReadOnlyList<(string Kind, Type Type)> Kinds { get; } =
    [
        .. typeof(PartCatalog).Assembly.GetExportedTypes()
            .Select(t => (t.GetCustomAttribute<PartKindAttribute>()?.Kind ?? "", t))
            .Where(k => k.Item1.Length > 0)
            .OrderBy(k => k.Item1, StringComparer.Ordinal),
    ];

    /// <summary>The keys of all parts of a kind, in the order of the data file.</summary>
    public IReadOnlyList<string> Keys<T>()
        where T : Part => Keys(typeof(T));

    /// <summary>The keys of all parts of a kind, in the order of the data file.</summary>
    public IReadOnlyList<string> Keys(Type type) => [.. File(type).Entries.Select(e => e.Key.Text)];

    /// <summary>All parts of a kind.</summary>
    public IReadOnlyList<T> All<T>()
        where T : Part => [.. Keys<T>().Select(k => Get<T>(k))];

    /// <summary>A part by its key.</summary>
    /// <exception cref="InputException">There is no such part; the message names the nearest.</exception>
    public T Get<T>(string key)
        where T : Part => (T)Get(typeof(T), key, null);

    /// <summary>A part by its class and key.</summary>
    /// <exception cref="InputException">There is no such part; the message names the nearest.</exception>
    public Part Get(Type type, string key, Mark? place)
    {
        ArgumentNullException.ThrowIfNull(key);
        return parts.TryGetValue((type, key), out var part)
            ? part
            : parts.GetOrAdd((type, key), Make(type, Find(type, key, place), key));
    }

    /// <summary>A catalogue in which some parts have other figures; the rest is this one's.</summary>
    internal PartCatalog With(IReadOnlyList<(string Kind, string Key, MappingNode Over)> over) => new([.. changes, .. over]);

    /// <summary>A part with some of its figures changed.</summary>
    internal Part Override(Type type, string basis, MappingNode over, Mark place)
    {
        var based = Find(type, basis, place);
        // What the user writes is the user's, whatever the basis says of its own figures.
        var changed = over.Entries.Count == 0 ? based : WithPlaces(DocumentShape.Of(type), based, over);
        return Make(type, changed, basis + "*");
    }

    static MappingNode WithPlaces(DocumentShape shape, MappingNode based, MappingNode over)
    {
        if (over.Entries.FirstOrDefault(e => e.Key.Text == "provenance").Key is { } provenance)
            throw new InputException(
                "'provenance' speaks for the figures of the part that this one is based on; give each changed figure its own source and grade",
                provenance.Mark);
        var marked = new MappingNode(over.Mark,
        [
            .. over.Entries.Select(e => KeyValuePair.Create(e.Key, shape.Find(e.Key.Text) is { IsFigure: true } ? AsFigure(e.Value) : e.Value)),
        ]);
        return based.Overlay(marked);
    }

    /// <summary>A figure as the user wrote it, with the place as its source and an assumption as its grade unless it names others.</summary>
    static Node AsFigure(Node figure) => figure is ScalarNode or MappingNode ? Stated(figure, null, null, Grade.Assumption) : figure;

    /// <summary>A figure as somebody stated it, with year, source and grade of its document unless it names its own; its place where the document names no source.</summary>
    internal static MappingNode Stated(Node figure, int? year, string? source, Grade grade)
    {
        ScalarNode Text(string text) => new(figure.Mark, text, true);
        List<KeyValuePair<ScalarNode, Node>> entries = figure switch
        {
            ScalarNode => [new(Text("value"), figure)],
            MappingNode mapping => [.. mapping.Entries],
            _ => throw new InputException($"expected a figure, found {figure.Kind}", figure.Mark),
        };
        // A year belongs to its source: one that a figure names itself doesn't have the document's.
        var own = entries.Exists(e => e.Key.Text == "source");
        if (!own) entries.Add(new(Text("source"), Text(source ?? figure.Mark.ToString())));
        if (!own && year is { } of && !entries.Exists(e => e.Key.Text == "year")) entries.Add(new(Text("year"), Text(of.ToString(CultureInfo.InvariantCulture))));
        if (!entries.Exists(e => e.Key.Text == "grade")) entries.Add(new(Text("grade"), Text(DocumentShape.NameOf(grade))));
        return new(figure.Mark, entries);
    }

    Part Make(Type type, MappingNode node, string key) => new DocumentBinder(this).BindPart(node, type, key);

    MappingNode Find(Type type, string key, Mark? place)
    {
        var file = File(type);
        return file.Find(key) as MappingNode ?? throw new InputException(
            $"there is no {KindOf(type)} '{key}'{Nearest.Hint(key, [.. file.Entries.Select(e => e.Key.Text)])}", place);
    }

    /// <summary>The kind of a class of parts, as its data file is called.</summary>
    public static string KindOf(Type type) => type.GetCustomAttribute<PartKindAttribute>()?.Kind
        ?? throw new ArgumentException($"{type.Name} is no kind of part", nameof(type));

    MappingNode File(Type type) => files.GetOrAdd(KindOf(type), kind =>
    {
        var name = $"catalog/{kind}.yaml";
        var root = YamlText.Read(EmbeddedText.Of(typeof(PartCatalog).Assembly, name), name);
        var parts = root.Find("parts") as MappingNode ?? throw new InputException("expected 'parts', a mapping of keys to parts", root.Mark);
        foreach (var change in changes)
            if (change.Kind == kind) parts = parts.Overlay(new(change.Over.Mark, [new(new ScalarNode(change.Over.Mark, change.Key, true), change.Over)]));
        return parts;
    });

    string ComputeVersion()
    {
        var assembly = typeof(PartCatalog).Assembly;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("catalog/", StringComparison.Ordinal))
                     .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(memory.GetBuffer().AsSpan(0, (int)memory.Length));
        }
        foreach (var (kind, key, over) in changes) hash.AppendData(Encoding.UTF8.GetBytes($"{kind} {key} {over.Content}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
