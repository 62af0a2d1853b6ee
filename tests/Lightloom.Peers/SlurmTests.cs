using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Lightloom.Fabric;

namespace Lightloom.Peers;

/// <summary>
/// Slurm's controller starts on exported topologies and tells all of them back. It runs as the current user, in a folder and on ports of its
/// own, without authentication; no host is contacted. Debian's 22.05 knows trees only: blocks came with 23.11 and topology.yaml with 25.05.
/// </summary>
public partial class SlurmTests
{
    [Fact]
    public void A_tree_of_rails_is_listed_whole() => Lists(Fabrics.SuperPod(), ["unit-0", "unit-1", "unit-2", "unit-3", "fabric"]);

    [Fact]
    public void A_tree_of_three_tiers_is_listed_whole()
    {
        var graph = Fabrics.ThreeTiers();
        var pods = Enumerable.Range(0, 12).Select(p => $"pod-{p:D2}");
        Lists(graph, [.. Enumerable.Range(0, graph.Tier("leaf")!.Count).Select(l => graph.NameOf(graph.FirstSwitch + l)), .. pods, "fabric"]);
    }

    [Theory]
    [InlineData("slurm-block", "topology/block", "topology.conf", 23, 11)]
    [InlineData("slurm-yaml", null, "topology.yaml", 25, 5)]
    public void Newer_formats_are_listed_whole_where_the_version_knows_them(string format, string? plugin, string file, int year, int month)
    {
        var version = VersionOf();
        Assert.SkipUnless(version.CompareTo((year, month)) >= 0, $"slurmctld is {version.Year}.{version.Month:D2}; {format} needs {year}.{month:D2}");
        using var scratch = new Scratch();
        Fabrics.Export(format, Fabrics.SuperPod(), scratch[file]);
        Assert.Contains("unit-3", Topology(scratch, plugin, 127), StringComparison.Ordinal);
    }

    static void Lists(FabricGraph graph, string[] switches)
    {
        using var scratch = new Scratch();
        Fabrics.Export("slurm-tree", graph, scratch["topology.conf"]);
        var listed = Topology(scratch, "topology/tree", graph.Systems);
        Assert.Equal(switches.Order(StringComparer.Ordinal), SwitchName().Matches(listed).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
        // The root holds every host.
        Assert.Contains($"Nodes={graph.SystemName(0)[..^(graph.SystemName(0).Length - 5)]}[{graph.SystemName(0)[5..]}-{graph.SystemName(graph.Systems - 1)[5..]}]",
            listed.Split('\n').Single(l => l.StartsWith("SwitchName=fabric ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    static string Topology(Scratch scratch, string? plugin, int systems)
    {
        var host = Dns.GetHostName();
        var last = (systems - 1).ToString(CultureInfo.InvariantCulture);
        Directory.CreateDirectory(scratch["state"]);
        File.WriteAllLines(scratch["slurm.conf"],
        [
            "ClusterName=lightloom", $"SlurmctldHost={host}(127.0.0.1)", $"SlurmctldPort={FreePort()}", $"SlurmdPort={FreePort()}", "AuthType=auth/none", "CryptoType=crypto/none",
            $"SlurmUser={Environment.UserName}", $"StateSaveLocation={scratch["state"]}", $"SlurmdSpoolDir={scratch["state"]}", $"SlurmctldPidFile={scratch["slurmctld.pid"]}",
            .. plugin is null ? Array.Empty<string>() : [$"TopologyPlugin={plugin}"], "SelectType=select/cons_tres", "MpiDefault=none", "MailProg=/bin/true",
            // Every host has the loopback's address: nothing leaves this machine.
            $"NodeName=node-[{0.ToString("D" + last.Length, CultureInfo.InvariantCulture)}-{last}] NodeAddr=127.0.0.1", "PartitionName=all Nodes=ALL Default=YES",
        ]);
        var environment = new Dictionary<string, string> { ["SLURM_CONF"] = scratch["slurm.conf"] };
        var scontrol = Peer.Find("scontrol", "slurm-client");
        using var controller = Peer.Start(Peer.Find("slurmctld", "slurmctld"), ["-D", "-f", scratch["slurm.conf"]], environment);
        var said = controller.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            var answer = (Code: 1, Text: "");
            for (var attempt = 0; attempt < 60 && answer.Code != 0 && !controller.HasExited; attempt++)
            {
                Thread.Sleep(250);
                answer = Peer.Run(scontrol, ["show", "topology"], environment);
            }
            if (answer.Code == 0) return answer.Text;
            controller.Kill();
            Assert.Fail($"slurmctld didn't come up:\n{answer.Text}\n{said.GetAwaiter().GetResult()}");
            return "";
        }
        finally
        {
            if (!controller.HasExited) controller.Kill();
            controller.WaitForExit();
        }
    }

    static (int Year, int Month) VersionOf()
    {
        var match = Version().Match(Peer.Run(Peer.Find("slurmctld", "slurmctld"), ["-V"]).Text);
        return (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("^SwitchName=([^ ]+) ", RegexOptions.Multiline)]
    private static partial Regex SwitchName();

    [GeneratedRegex(@"([0-9]{2})\.([0-9]{2})")]
    private static partial Regex Version();
}
