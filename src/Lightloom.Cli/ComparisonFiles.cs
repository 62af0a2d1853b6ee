using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Comparisons;

namespace Lightloom.Cli;

/// <summary>Writes the variants of a comparison as design documents.</summary>
static class ComparisonFiles
{
    /// <summary>Writes one file for each variant that stands in the table.</summary>
    /// <param name="study">The comparison.</param>
    /// <param name="design">The file that it starts from.</param>
    /// <param name="folder">Where to; it has to be there.</param>
    /// <exception cref="InputException">The folder isn't there or can't be written to.</exception>
    public static void Write(ComparisonStudy study, string design, string folder)
    {
        if (!Directory.Exists(folder)) throw new InputException($"--write: there is no folder '{folder}'");
        var files = study.Designs.Select(d => (Design: d, Path: Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(design)}-{Slug(d.Name)}.yaml"))).ToList();
        foreach (var (_, path) in files)
        {
            OutputFile.CheckPlace(path);
            if (Path.GetFullPath(path) == Path.GetFullPath(design)) throw new InputException($"--write: '{path}' is the design itself");
        }
        foreach (var (variant, path) in files)
        {
            var root = variant.Document.Root;
            // A model in a file of its own is found from the design's folder.
            if ((root.Find("job") as MappingNode)?.Find("model") is ScalarNode { Text: var model } && ModelInput.IsPath(model) && !Path.IsPathRooted(model))
            {
                var from = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(design))!, model);
                root = new DesignChange("job.model", JsonSerializer.Serialize(Path.GetRelativePath(Path.GetFullPath(folder), from))).Of(root);
            }
            OutputFile.Write(path, writer =>
            {
                writer.WriteLine($"# {Path.GetFileName(design)}, {variant.Variant.Says}");
                writer.Write(NodeText.Of(root));
            });
        }
    }

    static string Slug(string name) => string.Join('-', string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
