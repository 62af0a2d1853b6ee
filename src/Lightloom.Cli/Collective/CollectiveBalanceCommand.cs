using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Congestion;
using Lightloom.Optics;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Cli;

/// <summary><c>lightloom collective balance</c>: what ways of spreading traffic leave of a fabric's bandwidth.</summary>
static class CollectiveBalanceCommand
{
    const int MostLinks = 100_000;

    public static Command Make()
    {
        var uplinks = new Option<string?>("--uplinks") { Description = "links from one leaf upwards; 16 unless given", HelpName = "links" };
        var cards = new Option<string?>("--cards") { Description = "ports of cards below one leaf; as many as uplinks unless given", HelpName = "ports" };
        var leaves = new Option<string?>("--leaves") { Description = "leaves that take part; 64 unless given", HelpName = "leaves" };
        var oversubscription = new Option<string?>("--oversubscription") { Description = "bandwidth down over bandwidth up; cards over uplinks unless given", HelpName = "ratio" };
        var bundle = new Option<string?>("--bundle") { Description = "links between one leaf and one spine; 1 unless given", HelpName = "links" };
        var failed = new Option<string?>("--failed") { Description = "uplinks of one leaf that are down", HelpName = "links" };
        var failedShare = new Option<string?>("--failed-share") { Description = "share of all links that is down, by chance (0.1)", HelpName = "share" };
        var design = new Option<string?>("--design") { Description = "take leaves, spines, oversubscription and what is down from a design", HelpName = "file" };
        var queuePairs = new Option<string?>("--queue-pairs") { Description = "queue pairs of a connection, for what tells flows apart", HelpName = "pairs" };
        var connections = new Option<string?>("--connections") { Description = "connections that one port sends over at once", HelpName = "connections" };
        var policy = new Option<string?>("--policy") { Description = "one way of spreading (lightloom catalog load-balancing); all unless given", HelpName = "key" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw the share by queue pairs (.svg or .png)", HelpName = "file" };
        var packets = new Option<bool>("--packets") { Description = "play each way packet by packet too: all cards of the fabric send at once" };
        var size = new Option<string?>("--size") { Description = "packets: what each card sends; 16 MB unless given", HelpName = "size" };
        var seeds = new Option<string?>("--seeds") { Description = "packets: how often, from seeds 1 to this; 3 unless given", HelpName = "number" };
        var transport = new Option<string?>("--transport") { Description = $"packets: {string.Join(", ", PacketTransports.Names)}; uet-nscc unless given", HelpName = "name" };
        var record = new Option<string?>("--record") { Description = "play the record from which the catalogue's figures come, and write it (CSV); a minute or two", HelpName = "file" };
        var command = new Command("balance", "What ways of spreading traffic over links leave of a fabric's bandwidth.")
        {
            uplinks, cards, leaves, oversubscription, bundle, failed, failedShare, design, queuePairs, connections, policy, packets, size, seeds, transport, record, json, plot,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            if (parsed.GetValue(record) is { } recorded)
            {
                Option[] ignored = [uplinks, cards, leaves, oversubscription, bundle, failed, failedShare, design, queuePairs, connections, policy, packets, size, seeds, transport, json, plot];
                if (ignored.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other) throw new InputException($"--record plays runs of its own; expected it without {other.Name}");
                return BalancePackets.Record(output, recorded);
            }
            int? Number(Option<string?> option, int most) => parsed.GetValue(option) is { } text ? LinkInput.Count(option.Name, text, 1, most) : null;
            var played = BalancePackets.Read(parsed.GetValue(packets), parsed.GetValue(size), parsed.GetValue(seeds), parsed.GetValue(transport), Number(connections, 100_000));
            var chosen = Chosen(parsed.GetValue(policy), Number(queuePairs, 100_000), Number(connections, 100_000));
            string title;
            BalanceStudy study;
            Func<IReadOnlyList<LoadBalancing>, BalanceStudy> again;
            Func<PacketFabric> fabric;
            if (parsed.GetValue(design) is { } file)
            {
                Option<string?>[] others = [uplinks, cards, leaves, oversubscription, bundle, failed, failedShare];
                if (others.FirstOrDefault(o => parsed.GetValue(o) is not null) is { } other)
                    throw new InputException($"{other.Name}: a design says it itself (fabric.failed for what is down); expected one of both");
                var catalog = PartCatalog.Default;
                var build = ClusterBuild.Of(ModelInput.LoadDesign(file, catalog), catalog, new LinkEngineer(catalog));
                title = build.Document.Design.Name;
                again = policies => BalanceStudy.Of(build, policies);
                fabric = () => BalancePackets.Fabric(build);
            }
            else
            {
                var stage = Stage(Number(uplinks, MostLinks) ?? 16, Number(cards, MostLinks), Number(leaves, 10_000_000) ?? 64, Number(bundle, MostLinks) ?? 1,
                    parsed.GetValue(oversubscription), parsed.GetValue(failed), parsed.GetValue(failedShare));
                title = $"{stage.Switches:N0} {(stage.Switches == 1 ? "leaf" : "leaves")} of {stage.Senders:N0} cards and {stage.Links:N0} uplinks";
                again = policies => BalanceStudy.Of(stage, policies);
                fabric = () => BalancePackets.Fabric(stage);
            }
            study = again(chosen);
            if (parsed.GetValue(plot) is { } drawing) BalancePlot.Save(drawing, title, chosen, again);
            var complete = true;
            IReadOnlyList<MeasuredBalance> rows = played is null || study.Levels.Count == 0 ? [] : BalancePackets.Play(fabric(), chosen, played, out complete);
            if (parsed.GetValue(json)) output.WriteLine(Json(title, study, rows));
            else Write(output, title, study, rows);
            return complete ? CommandRunner.Success : SimulateCommand.Interrupted;
        }));
        return command;
    }

    static IReadOnlyList<LoadBalancing> Chosen(string? key, int? queuePairs, int? connections)
    {
        var all = BalanceStudy.PoliciesOf(PartCatalog.Default, queuePairs, connections);
        if (key is null) return all;
        LinkInput.Part<LoadBalancing>("--policy", key);
        return [.. all.Where(p => p.Key == key)];
    }

    static LinkStage Stage(int uplinks, int? cards, int leaves, int bundle, string? oversubscription, string? failed, string? failedShare)
    {
        if (uplinks % bundle != 0) throw new InputException($"--bundle: {bundle:N0} links for each spine don't divide the {uplinks:N0} uplinks");
        if (leaves > int.MaxValue / 2 / (cards ?? uplinks)) throw new InputException($"--leaves: {leaves:N0} leaves have more cards than can be numbered");
        var down = failed is null ? 0 : LinkInput.Count("--failed", failed, 0, uplinks - 1);
        return new("leaf-spine", uplinks, cards ?? uplinks, leaves)
        {
            Load = oversubscription is null ? (cards ?? uplinks) / (double)uplinks : Real("--oversubscription", oversubscription, 0.01, 1000),
            Bundle = bundle,
            FailedAtOne = down,
            FailedShare = failedShare is null ? 0 : Real("--failed-share", failedShare, 0, 0.5),
        };
    }

    static double Real(string option, string text, double least, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new InputException(FormattableString.Invariant($"{option}: expected a number from {least} to {most}, found '{text}'"));

    static void Write(TextWriter output, string title, BalanceStudy study, IReadOnlyList<MeasuredBalance> packets)
    {
        var report = new TextReport(output);
        report.Title($"Load balancing: {title}");
        if (study.Levels.Count == 0)
        {
            report.Say("All cards meet on one switch, or card to card: there is nothing to spread, and nothing is lost.");
            return;
        }
        var damage = study.Entries.Any(e => e.Damaged is not null);
        foreach (var level in study.Levels)
        {
            report.Heading(study.OfDesign ? $"Across the {level}: what is left of what cards sustain over balanced, whole links" : "What is left of balanced, whole links");
            string[] columns = ["by", ">flows/link", ">expected", ">in 95 of 100", .. damage ? (string[])[">with links down", ">in 95 of 100"] : [], ">of a card"];
            report.Table(columns, study.Entries.Where(e => e.Level == level).Select(e => (string[])
            [
                e.Policy.Key, Flows(e), Percent(e.Whole.Expected), Percent(e.Whole.AtLeast95),
                .. e.Damaged is { } d ? (string[])[Percent(d.Expected), Percent(d.AtLeast95)] : damage ? ["", ""] : [], Percent(e.Card),
            ]));
        }
        report.Say("Expected: by the mean time of a collective that waits for the fullest of all these links, up and down. Of a card: what it gets across when all send at once, " +
            "oversubscription counted.");
        if (packets.Count > 0) BalancePackets.Write(report, packets, study);
        report.Heading("What leaves, and what a card gets");
        report.Table(["", .. study.Collectives.Select(c => $">{DocumentShape.NameOf(c.Collective)} ({c.Algorithm.Name})")],
        [
            .. study.Levels.Select((l, i) => (string[])[!study.OfDesign ? "leaves the leaf" : $"into the {l}", .. study.Collectives.Select(c => Percent(c.Crossing[i]))]),
            .. study.Policies.Select((p, i) => (string[])[p.Key, .. study.Collectives.Select(c => Percent(c.Cards[i]))]),
        ]);
        report.Say("First what crosses, of what leaves the systems, in a group of all of them in order: load balancing matters only to that. Then, by way of spreading, what a card gets of its own bandwidth.");
        report.Heading("What these figures are");
        foreach (var stage in study.Stages)
        {
            report.Say($"- {stage.Name}: {stage.Links:N0} links for each of {Quantity.Round(stage.Switches, 6)} switches, {Quantity.Round(stage.Senders, 4)} ports below, load " +
                $"{Quantity.Round(stage.Load, 3)}" + (stage.Bundle > 1 ? $", {stage.Bundle} links to each switch above" : "") + ".", 2);
        }
        report.Say("- A hash is taken exactly: the law of the fullest link over all switches. What packets that are spread leave comes from runs of the packet engine (--record); plans are an assumption ('lightloom catalog load-balancing').", 2);
    }

    static string Flows(BalanceEntry e) => e.Policy.Mechanism is BalancingMechanism.RouteAdaptively or BalancingMechanism.SprayPackets ? "packets" : Quantity.Round(e.FlowsPerLink, 3);

    static string Percent(double share) => EvaluationReport.Percent(share);

    static string Json(string title, BalanceStudy study, IReadOnlyList<MeasuredBalance> packets) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", title);
        json.WriteStartArray("stages");
        foreach (var stage in study.Stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteNumber("links", stage.Links);
            json.WriteNumber("senders", stage.Senders);
            json.WriteNumber("switches", stage.Switches);
            json.WriteNumber("load_share", stage.Load);
            json.WriteNumber("bundle", stage.Bundle);
            json.WriteNumber("failedAtOne", stage.FailedAtOne);
            json.WriteNumber("failed_share", stage.FailedShare);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("entries");
        foreach (var e in study.Entries)
        {
            json.WriteStartObject();
            json.WriteString("policy", e.Policy.Key);
            json.WriteString("level", e.Level);
            json.WriteNumber("flowsPerLink", e.FlowsPerLink);
            json.WriteNumber("expected_share", e.Whole.Expected);
            json.WriteNumber("in95Of100_share", e.Whole.AtLeast95);
            if (e.Damaged is { } damaged)
            {
                json.WriteNumber("damagedExpected_share", damaged.Expected);
                json.WriteNumber("damagedIn95Of100_share", damaged.AtLeast95);
            }
            json.WriteNumber("ofCard_share", e.Card);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (packets.Count > 0) BalancePackets.Write(json, packets);
        json.WriteStartArray("collectives");
        foreach (var c in study.Collectives)
        {
            json.WriteStartObject();
            json.WriteString("collective", DocumentShape.NameOf(c.Collective));
            json.WriteString("algorithm", c.Algorithm.Name);
            json.WriteStartObject("leaving_share");
            for (var l = 0; l < c.Crossing.Count; l++) json.WriteNumber(study.Levels[l], c.Crossing[l]);
            json.WriteEndObject();
            json.WriteStartObject("ofCard_share");
            for (var p = 0; p < c.Cards.Count; p++) json.WriteNumber(study.Policies[p].Key, c.Cards[p]);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
