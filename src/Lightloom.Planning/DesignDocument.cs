using System.Security.Cryptography;
using System.Text;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Comparisons;

namespace Lightloom.Planning;

/// <summary>A design with the text it came from, so that whatever is found wrong later can still be shown where it stands.</summary>
public sealed class DesignDocument
{
    readonly DocumentBinder binder;
    readonly string file;
    readonly PartFile? files;

    DesignDocument(Design design, DocumentBinder binder, string file, string hash, MappingNode root, PartCatalog catalog, PartFile? files)
    {
        Design = design;
        this.binder = binder;
        this.file = file;
        this.files = files;
        Hash = hash;
        Root = root;
        Catalog = catalog;
    }

    /// <summary>The design.</summary>
    public Design Design { get; }

    /// <summary>The document that it was read from.</summary>
    public MappingNode Root { get; }

    /// <summary>Where its parts were looked up.</summary>
    public PartCatalog Catalog { get; }

    /// <summary>A hash of the design's content, whatever its spacing, comments and order of keys.</summary>
    public string Hash { get; }

    /// <summary>Reads a design from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="catalog">Where its parts are looked up; what ships unless given.</param>
    /// <param name="files">How parts are read from files that the design names; it can't name any unless given.</param>
    /// <exception cref="InputException">The file can't be read, or says something that a design has no place for.</exception>
    public static DesignDocument Load(string path, PartCatalog? catalog = null, PartFile? files = null) =>
        From(YamlText.ReadFile(path), path, catalog ?? PartCatalog.Default, files);

    /// <summary>Reads a design from a text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <param name="catalog">Where its parts are looked up; what ships unless given.</param>
    /// <param name="files">How parts are read from files that the design names; it can't name any unless given.</param>
    /// <exception cref="InputException">The text says something that a design has no place for.</exception>
    public static DesignDocument Parse(string text, string file = "design.yaml", PartCatalog? catalog = null, PartFile? files = null) =>
        From(YamlText.Read(text, file), file, catalog ?? PartCatalog.Default, files);

    /// <summary>Reads a design from a file, with a second file whose keys replace the design's own.</summary>
    /// <param name="path">The design.</param>
    /// <param name="over">Part of a design, such as <c>collective compare --refit</c> writes.</param>
    /// <param name="catalog">Where parts are looked up; what ships unless given.</param>
    /// <param name="files">How parts are read from files that the design names; it can't name any unless given.</param>
    /// <exception cref="InputException">A file can't be read, or says something that a design has no place for.</exception>
    public static DesignDocument Load(string path, string over, PartCatalog? catalog = null, PartFile? files = null) =>
        From(YamlText.ReadFile(path).Overlay(YamlText.ReadFile(over)), path, catalog ?? PartCatalog.Default, files);

    /// <summary>Reads a design from a document that was read, or that others were laid over.</summary>
    /// <param name="root">The document.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <param name="catalog">Where its parts are looked up; what ships unless given.</param>
    /// <param name="files">How parts are read from files that the design names; it can't name any unless given.</param>
    /// <exception cref="InputException">It says something that a design has no place for.</exception>
    public static DesignDocument Read(MappingNode root, string file, PartCatalog? catalog = null, PartFile? files = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        return From(root, file, catalog ?? PartCatalog.Default, files);
    }

    /// <summary>The same design with its links used as this section says.</summary>
    /// <param name="collectives">How collectives use them; as the parts say where null.</param>
    public DesignDocument With(CollectivesSection? collectives) =>
        Equals(collectives, Design.Collectives) ? this : new(Design with { Collectives = collectives }, binder, file,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Hash} {collectives}")))[..16], Root, Catalog, files);

    /// <summary>The same design with parts of it replaced, as one of several sites has them; complaints still point into this one.</summary>
    internal DesignDocument With(Design design) => new(design, binder, file, Hash, Root, Catalog, files);

    /// <summary>The design that the document describes with some of its keys changed: what reading it from a changed file gives.</summary>
    /// <param name="changes">The changes, made one after the other.</param>
    /// <exception cref="InputException">The changed document says something that a design has no place for.</exception>
    public DesignDocument Changed(IReadOnlyList<DesignChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return From(changes.Aggregate(Root, (root, change) => change.Of(root)), file, Catalog, files);
    }

    /// <summary>A complaint about a value of the design, with the place where it stands.</summary>
    /// <param name="path">The value's path ("job.parallelism.tensor").</param>
    /// <param name="problem">What is wrong and what was expected.</param>
    public InputException Wrong(string path, string problem) => new($"{path}: {problem}", binder.PlaceOf(path) ?? new(file, 1, 1));

    /// <summary>Whether the document gave a value itself rather than leaving it to a default.</summary>
    public bool Gave(string path) => binder.Gave(path);

    static DesignDocument From(MappingNode root, string file, PartCatalog catalog, PartFile? files)
    {
        var read = new StringBuilder();
        var binder = new DocumentBinder(catalog, files is null ? null : (type, text, place) =>
        {
            var part = files(type, text, place);
            if (part is not null) read.Append(PartText.Of(part));
            return part;
        });
        var design = binder.Bind<Design>(root);
        // What stands in files that it names is content as well.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root.Content + read)))[..16];
        return new(design, binder, file, hash, root, catalog, files);
    }
}
