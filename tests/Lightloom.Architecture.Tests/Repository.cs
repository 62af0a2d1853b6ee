using System.Xml.Linq;

namespace Lightloom.Architecture.Tests;

/// <summary>A project file.</summary>
/// <param name="Name">The file's name without its extension.</param>
/// <param name="Path">The file, from the root, with forward slashes.</param>
sealed record Project(string Name, string Path)
{
    readonly XDocument file = XDocument.Load(Repository.Full(Path));

    /// <summary>What its assembly is called.</summary>
    public string AssemblyName => file.Descendants("AssemblyName").SingleOrDefault()?.Value ?? Name;

    /// <summary>Projects that it names, by the name of their file.</summary>
    public IEnumerable<string> References => file.Descendants("ProjectReference").Select(r =>
        System.IO.Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));

    /// <summary>Its source files, from the root.</summary>
    public IEnumerable<string> Sources => Repository.Files(System.IO.Path.GetDirectoryName(Path)!, ".cs");
}

/// <summary>The working tree that these tests were built from.</summary>
static class Repository
{
    static readonly string[] BuildFolders = ["bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>Where the solution stands.</summary>
    public static string Root { get; } = FindRoot();

    public static string Full(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(Full(path));

    /// <summary>Projects below a folder, in the order of their paths.</summary>
    public static IEnumerable<Project> Projects(string folder) =>
        Files(folder, ".csproj").Select(p => new Project(Path.GetFileNameWithoutExtension(p), p));

    /// <summary>
    /// Files below a folder, from the root, with forward slashes and in order; without what builds write, and without folders
    /// that begin with a dot other than those of this project.
    /// </summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions) =>
        Walk(Full(folder)).Where(f => extensions.Length == 0 || extensions.Contains(Path.GetExtension(f)))
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    static IEnumerable<string> Walk(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        return Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder).Where(IsOurs).SelectMany(Walk));

        static bool IsOurs(string path)
        {
            var name = Path.GetFileName(path);
            return !BuildFolders.Contains(name) && (name[0] != '.' || name is ".ci");
        }
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Lightloom.slnx"))) return folder.FullName;
        throw new InvalidOperationException($"no Lightloom.slnx above {AppContext.BaseDirectory}: run these tests from a working tree");
    }
}
