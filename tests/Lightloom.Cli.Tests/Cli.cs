using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // The console is one; who takes it must be alone.

namespace Lightloom.Cli.Tests;

/// <summary>Runs the command line inside this process, through the same entry point as a shell does, or as a process of its own.</summary>
static class Cli
{
    static readonly Assembly Program = Assembly.Load("lightloom");

    public static string Root { get; } = FindRoot();

    public static string Example(string name) => Path.Combine(Root, "examples", name + ".yaml");

    public static IEnumerable<string> Examples => Directory.GetFiles(Path.Combine(Root, "examples"), "*.yaml").Order(StringComparer.Ordinal);

    /// <summary>Runs in this process.</summary>
    public static (int Code, string Out, string Error) Run(params string[] arguments)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var writtenOut = new StringWriter();
        using var writtenError = new StringWriter();
        try
        {
            Console.SetOut(writtenOut);
            Console.SetError(writtenError);
            var code = (int)Program.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
            return (code, writtenOut.ToString(), writtenError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>What a command that must succeed, without a word of error, prints with --json.</summary>
    public static JsonElement Json(params string[] arguments)
    {
        var (code, text, error) = Run([.. arguments, "--json"]);
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }

    /// <summary>A command that must succeed draws, with --plot, a picture that is no empty frame.</summary>
    public static void Draws(string kind, params string[] arguments)
    {
        using var folder = new Scratch();
        var file = folder["picture." + kind];
        var (code, _, error) = Run([.. arguments, "--plot", file]);
        Assert.Equal((0, ""), (code, error));
        Assert.True(new FileInfo(file).Length > 5000);
    }

    /// <summary>Runs the built program as a shell would.</summary>
    public static (int Code, string Out, string Error) Process(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "lightloom.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = System.Diagnostics.Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Lightloom.slnx"))) return folder.FullName;
        throw new InvalidOperationException($"Lightloom.slnx stands nowhere above {AppContext.BaseDirectory}");
    }
}

/// <summary>A folder of its own, gone when the test is.</summary>
sealed class Scratch : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("lightloom-").FullName;

    public string this[string name] => Path.Combine(Folder, name);

    public string Write(string text, string name = "d.yaml")
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
