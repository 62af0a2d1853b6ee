using System.Diagnostics;

namespace Lightloom.Peers;

/// <summary>Programs of others, and how to start them. A test that needs one that isn't there fails and says which package has it.</summary>
static class Peer
{
    static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/sbin", "/usr/local/sbin"];

    /// <summary>The path of a program.</summary>
    public static string Find(string program, string package)
    {
        foreach (var folder in Folders)
            if (folder.Length > 0 && Path.Combine(folder, program) is var path && File.Exists(path)) return path;
        Assert.Fail($"'{program}' is not installed: it is in Debian's package {package}; test.sh installs it");
        throw new InvalidOperationException();
    }

    /// <summary>Runs a program to its end, and ends it when it doesn't.</summary>
    /// <returns>Its exit code and what it wrote to both its outputs.</returns>
    public static (int Code, string Text) Run(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null, int seconds = 60)
    {
        using var process = Start(program, arguments, environment);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            // OpenSM takes its time over a polite signal.
            process.Kill();
            Assert.Fail($"{Path.GetFileName(program)} was still running after {seconds} s");
        }
        return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
    }

    public static Process Start(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}

/// <summary>A folder of its own, gone when the test is.</summary>
sealed class Scratch : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("lightloom-").FullName;

    public string this[string name] => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
