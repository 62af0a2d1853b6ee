using Lightloom.Catalog.Documents;
using Lightloom.Interop.Training;

namespace Lightloom.Interop.Tests.Training;

/// <summary>Launch files of a test, in a folder of their own.</summary>
sealed class LaunchFiles : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lightloom-launch-").FullName;

    public string Folder => folder;

    public string Add(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
        return path;
    }

    public void Dispose() => Directory.Delete(folder, true);

    /// <summary>A job from one file.</summary>
    public static ImportedJob Read(string name, string text, ImportOptions? options = null, params (string Name, string Text)[] beside)
    {
        using var files = new LaunchFiles();
        foreach (var (other, content) in beside) files.Add(other, content);
        return TrainingImports.ReadFile(files.Add(name, text), options);
    }

    /// <summary>What is said of a wrong file: one line.</summary>
    public static string Refused(string name, string text, ImportOptions? options = null, params (string Name, string Text)[] beside)
    {
        var e = Assert.Throws<InputException>(() => Read(name, text, options, beside));
        Assert.DoesNotContain('\n', e.Message);
        return e.Message;
    }
}
