using System.CommandLine;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom link --rate R --length L [...]</c> and <c>lightloom link compare</c>.</summary>
static class LinkCommand
{
    public static Command Make()
    {
        var rate = new Option<string?>("--rate") { Description = "rate of the link, one direction (800, 1.6 Tb/s)", HelpName = "Gb/s" };
        var length = new Option<string?>("--length") { Description = "the routed run (300m, 1.5 km)", HelpName = "length" };
        var plant = new Plant();
        var pmd = new Option<string?>("--pmd") { Description = "the optical interface that must be met (400gbase-dr4)", HelpName = "key" };
        var part = new Option<string?>("--part") { Description = "the module, engine or cable that must be used (800g-2xdr4)", HelpName = "key" };
        var box = new Option<string?>("--switch") { Description = "the switch that both ends are ports of; one with ports of the rate unless given", HelpName = "key" };
        var count = new Option<string?>("--monte-carlo") { Description = "links to draw at random besides the exact distribution", HelpName = "links" };
        var seed = new Option<string?>("--seed") { Description = "seed of the draw; 1 unless given", HelpName = "number" };
        var command = new Command("link", "Engineer one link: candidates, waterfall, what would mend it, watts, dollars, failures, statistics.")
        {
            rate, length, pmd, part, box, count, seed,
        };
        plant.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plant.Plot) is { } file) PlotFile.CheckName(file);
            var named = parsed.GetValue(box) is { } key ? LinkInput.Part<Switch>("--switch", key) : null;
            var question = Ask(parsed.GetValue(rate), parsed.GetValue(length), parsed.GetValue(pmd), parsed.GetValue(part), named, plant, parsed);
            var links = parsed.GetValue(count) is { } many ? LinkInput.Count("--monte-carlo", many, 1, 2_000_000_000) : 0;
            var start = parsed.GetValue(seed) is not { } given ? 1
                : ulong.TryParse(given, out var number) ? number
                : throw new InputException($"--seed: expected a whole number of 0 or more, found '{given}'");
            var answer = LinkAnswer.Of(question, named, links, start);
            if (parsed.GetValue(plant.Plot) is { } picture) LinkPlot.Save(picture, answer);
            if (parsed.GetValue(plant.Json)) output.WriteLine(LinkJson.Write(answer));
            else LinkReport.Write(output, answer);
            return CommandRunner.Success;
        }));
        command.Add(Compare());
        command.Add(LinkLineCommand.Make());
        return command;
    }

    static Command Compare()
    {
        var rates = new Option<string>("--rates") { Description = "rates of links, with commas between them (400,800)", Required = true, HelpName = "Gb/s" };
        var lengths = new Option<string>("--lengths") { Description = "lengths: from and to (1..2000m), or with commas between them", Required = true, HelpName = "lengths" };
        var plant = new Plant();
        var command = new Command("compare", "Which media serve which lengths, with watts, dollars and margin.") { rates, lengths };
        plant.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plant.Plot) is { } file) PlotFile.CheckName(file);
            var engineer = new LinkEngineer(PartCatalog.Default);
            var all = LinkInput.Lengths("--lengths", parsed.GetValue(lengths)!);
            var answers = LinkInput.Rates("--rates", parsed.GetValue(rates)!)
                .Select(r => LinkComparison.Of(engineer, plant.Request(parsed, r, Length.Zero, null), all)).ToList();
            if (parsed.GetValue(plant.Plot) is { } picture) LinkPlot.Save(picture, answers);
            if (parsed.GetValue(plant.Json)) output.WriteLine(LinkJson.Write(answers));
            else LinkComparisonReport.Write(output, answers);
            return CommandRunner.Success;
        }));
        return command;
    }

    static LinkRequest Ask(string? rate, string? length, string? pmd, string? part, Switch? box, Plant plant, ParseResult parsed)
    {
        if (rate is null) throw new InputException("--rate is missing: the rate of the link, such as 800");
        if (length is null) throw new InputException("--length is missing: the routed run, such as 300m");
        if (pmd is not null && part is not null) throw new InputException("--pmd and --part exclude each other");
        var run = LinkInput.Run("--length", length);
        var policy = new LinkPolicy();
        if (pmd is not null) policy = LinkPolicy.Meeting(LinkInput.Part<OpticalInterface>("--pmd", pmd).Key);
        var named = part is null ? null : LinkInput.ModuleOrCable(part);
        // An engine is not chosen among others: it is what the ends are.
        var engine = named as Transceiver is { Class: TransceiverClass.CoPackaged or TransceiverClass.NearPackaged } module ? module : null;
        if (named is not null && engine is null) policy = LinkPolicy.Named(named.Key);
        var request = plant.Request(parsed, LinkInput.Rate("--rate", rate), run, named, engine);
        if (box is not null) request = plant.PortsOf(box, request, parsed, engine);
        return request with { Policy = policy with { RetimedOnly = request.Policy.RetimedOnly } };
    }

    /// <summary>Options that describe ports and plant, which both commands have.</summary>
    sealed class Plant
    {
        readonly Option<string?> lane = new("--lane-rate") { Description = "rate of an electrical lane of the ports; usual for the rate unless given", HelpName = "Gb/s" };
        readonly Option<string?> share = new("--ports-per-cage") { Description = "ports that share one cage: 2 for twin-port OSFP; 1 unless given", HelpName = "ports" };
        readonly Option<string?> connectors = new("--connectors") { Description = "mated pairs of optical connectors between the ends", HelpName = "pairs" };
        readonly Option<string?> connector = new("--connector") { Description = "their kind (mpo, lc); what the optics are specified with unless given", HelpName = "key" };
        readonly Option<string?> reflection = new("--return-loss") { Description = "return loss of each of those connections, where dirt or polish make it other than the kind's (30)", HelpName = "dB" };
        readonly Option<string?> splices = new("--splices") { Description = "fusion splices between the ends", HelpName = "splices" };
        readonly Option<string?> ocs = new("--ocs") { Description = "an optical circuit switch in the path: its loss (1.5, '1.5..2.0 dB') or its key", HelpName = "dB or key" };
        readonly Option<string?> fibre = new("--fibre") { Description = "fibre that is laid instead of the optics' own (hollow-core-1550)", HelpName = "key" };
        readonly Option<string?> fec = new("--fec") { Description = "the hosts' Reed-Solomon code (kp4, low-latency); what the interface is specified with unless given", HelpName = "code" };
        readonly Option<bool> worst = new("--worst-case") { Description = "decide by the largest losses, not the typical ones" };
        readonly Option<bool> retimed = new("--retimed-only") { Description = "leave out linear and half-retimed optics" };

        public Option<string?> Plot { get; } = new("--plot") { Description = "draw to a .svg or .png file", HelpName = "file" };

        public Option<bool> Json { get; } = new("--json") { Description = "print JSON, with units in the fields' names" };

        public void AddTo(Command command)
        {
            foreach (var option in new Option[] { lane, share, connectors, connector, reflection, splices, ocs, fibre, fec, worst, retimed, Plot, Json }) command.Add(option);
        }

        /// <summary>The same request between ports of a switch.</summary>
        public LinkRequest PortsOf(Switch box, LinkRequest request, ParseResult parsed, Transceiver? engine)
        {
            if (Math.Abs(box.PortRate.Value / request.Rate - 1) > 0.01)
                throw new InputException($"--switch: '{box.Key}' has ports of {box.PortRate.Value}, and --rate asks for {request.Rate}");
            if (parsed.GetValue(share) is not null) throw new InputException("--switch and --ports-per-cage exclude each other");
            if (engine is not null && engine.Key != box.CoPackaged?.Key)
                throw new InputException($"--switch: '{box.Key}' has {(box.CoPackaged is { } own ? $"engines '{own.Key}'" : "cages")}, and --part names the engine '{engine.Key}'");
            var end = LinkEnd.Of(box);
            return request with { A = end, B = end, LaneRate = parsed.GetValue(lane) is null ? box.LaneRate.Value : request.LaneRate };
        }

        public LinkRequest Request(ParseResult parsed, Bandwidth rate, Length run, Part? named, Transceiver? engine = null)
        {
            var module = named as Transceiver;
            var cable = named as CopperCable;
            var lanes = parsed.GetValue(lane) is { } text ? LinkInput.Rate("--lane-rate", text)
                : module?.HostLaneRate?.Value ?? module?.LaneRate?.Value ?? cable?.LaneRate.Value ?? LinkInput.LaneOf(rate);
            var ports = parsed.GetValue(share) is { } count ? LinkInput.Count("--ports-per-cage", count, 1, 16) : 1;
            if (parsed.GetValue(share) is null && (module?.Rate.Value ?? cable?.Rate.Value) is { } whole)
            {
                // A twin-port module at half its rate sits in a twin-port cage.
                var links = whole / rate;
                if (Math.Round(links) is >= 2 and <= 16 && Math.Abs(links - Math.Round(links)) < 0.01) ports = (int)Math.Round(links);
            }
            var end = engine is not null ? LinkEnd.CoPackaged(engine)
                : cable is { Class: CopperClass.Cartridge } ? LinkEnd.Backplane
                : LinkEnd.Cage(ports);
            return new()
            {
                Rate = rate,
                LaneRate = lanes,
                Run = run,
                A = end,
                B = end,
                Connectors = parsed.GetValue(connectors) is { } pairs ? LinkInput.Connectors("--connectors", pairs) : 0,
                Connector = parsed.GetValue(connector) is { } kind ? LinkInput.Part<Connector>("--connector", kind) : null,
                ReturnLoss = parsed.GetValue(reflection) is { } back ? LinkInput.ReturnLoss(back) : null,
                Splices = parsed.GetValue(splices) is { } joints ? LinkInput.Connectors("--splices", joints) : 0,
                Fec = parsed.GetValue(fec) is { } code ? LinkInput.Fec(code) : null,
                Fibre = parsed.GetValue(fibre) is { } key ? LinkInput.Part<Fibre>("--fibre", key) : null,
                Elements = parsed.GetValue(ocs) is { } loss ? [LinkInput.Ocs(loss)] : [],
                Basis = parsed.GetValue(worst) ? LossBasis.Maximum : LossBasis.Typical,
                Policy = new() { RetimedOnly = parsed.GetValue(retimed) },
            };
        }
    }
}
