using System.Diagnostics;
using Lightloom.Fabric;
using Lightloom.Interop.Fabric;

namespace Lightloom.Peers;

/// <summary>A fabric in ibsim, and programs that believe it is real. They find it by the name of its sockets, which no other test has.</summary>
sealed class SimulatedSubnet : IDisposable
{
    static int next;

    readonly Scratch scratch = new();
    readonly Process simulator;
    readonly Dictionary<string, string> environment;

    public SimulatedSubnet(FabricGraph graph, Action<string>? change = null)
    {
        var ibsim = Peer.Find("ibsim", "ibsim-utils");
        Fabrics.Export("ibsim", graph, scratch["fabric.net"]);
        change?.Invoke(scratch["fabric.net"]);
        environment = new()
        {
            ["IBSIM_SOCKNAME"] = $"lightloom-{Environment.ProcessId}-{Interlocked.Increment(ref next)}",
            ["OSM_CACHE_DIR"] = scratch.Folder,
            ["OSM_TMP_DIR"] = scratch.Folder,
            ["SIM_HOST"] = graph.NameOf(0),
        };
        simulator = Peer.Start(ibsim, ["-s", "-n", "-P", $"{IbsimExport.PortsOf(graph)}", scratch["fabric.net"]], environment);
        // The simulator says what it made of the file and then serves.
        var said = new List<string>();
        simulator.ErrorDataReceived += (_, line) => Keep(line.Data);
        simulator.OutputDataReceived += (_, line) => Keep(line.Data);
        simulator.BeginErrorReadLine();
        simulator.BeginOutputReadLine();
        for (var wait = 0; wait < 200 && !simulator.HasExited && !Said("MaxMcastCap"); wait++) Thread.Sleep(50);
        if (simulator.HasExited || !Said("MaxMcastCap")) Assert.Fail($"ibsim refused the exported file:\n{string.Join('\n', said)}");

        void Keep(string? line)
        {
            lock (said)
                if (line is not null) said.Add(line);
        }

        bool Said(string word)
        {
            lock (said) return said.Exists(s => s.Contains(word, StringComparison.Ordinal));
        }
    }

    /// <summary>One sweep of OpenSM; returns its log.</summary>
    public string Sweep(string routing)
    {
        var log = scratch[$"opensm-{routing}.log"];
        var (_, text) = Peer.Run(Peer.Find("opensm", "opensm"), ["-o", "-f", log, "-R", routing], Preloaded);
        return File.Exists(log) ? File.ReadAllText(log) : text;
    }

    /// <summary>What ibnetdiscover prints.</summary>
    public string Discover()
    {
        var (code, text) = Peer.Run(Peer.Find("ibnetdiscover", "infiniband-diags"), [scratch["found.txt"]], Preloaded);
        Assert.True(code == 0, text);
        return scratch["found.txt"];
    }

    Dictionary<string, string> Preloaded => new(environment) { ["LD_PRELOAD"] = Library() };

    static string Library() => new[] { "/usr/lib", "/usr/lib64", "/usr/local/lib" }.Where(Directory.Exists)
        .SelectMany(f => new[] { f }.Concat(Directory.EnumerateDirectories(f))).Select(f => Path.Combine(f, "umad2sim", "libumad2sim.so")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("libumad2sim.so is not installed: it is in Debian's package ibsim-utils; test.sh installs it");

    public void Dispose()
    {
        if (!simulator.HasExited) simulator.Kill();
        simulator.WaitForExit();
        simulator.Dispose();
        scratch.Dispose();
    }
}
