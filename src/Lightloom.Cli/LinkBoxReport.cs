using Lightloom.Optics;

namespace Lightloom.Cli;

/// <summary>The sections of <c>link</c> on the box around it: what failures take down, and energy by what it is divided by.</summary>
static class LinkBoxReport
{
    const int MostMedia = 6;

    public static void Write(TextReport report, LinkAnswer answer)
    {
        if (answer.Boxes.Count == 0)
        {
            report.Heading("In its box");
            report.Say($"No switch of the catalogue has ports of {answer.Request.Rate} for these ends and a power: neither blast radius nor energy of a box. --switch names one.");
            return;
        }
        // The chosen one and the best others in the same box; co-packaged boxes all, those of unknown power last.
        var chosen = answer.Boxes[0];
        var shown = answer.Boxes.Where(b => b.Box.Key == chosen.Box.Key).Take(MostMedia)
            .Concat(answer.Boxes.Where(b => b.Box.Key != chosen.Box.Key).OrderBy(b => b.Energy is null ? 1 : 0)).ToList();
        Blasts(report, chosen);
        Alternatives(report, shown);
        Energy(report, shown);
    }

    static void Blasts(TextReport report, BoxedLink boxed)
    {
        report.Heading($"What a failure takes down: {boxed.Box.Name}, {boxed.Box.Ports.Value:N0} ports, {boxed.Link.Name}");
        report.Table(["fails", ">links", ">Gb/s", ">+ in repair", "swapped", "front", ">repair", ">a year", ">link-hours"], boxed.Blasts.Select(b => new[]
        {
            (boxed.IsPartOfAnother(b) ? "- its " : "") + Name(b), Number(b.Links), $"{b.Lost.GigabitsPerSecond:N0}", Number(b.LinksDuringRepair), b.Replaced, b.FieldReplaceable ? "yes" : "no",
            b.Repair.Value.ToString("G3 h"), Number(b.PerBox * b.Rate.PerYear), Number(b.LinkHoursPerYear),
        }));
        report.Say("+ in repair: links that go down besides while it is swapped. A year: failures of all of the box's. Link-hours: hours a year that links of " +
            "the box are down by them, repairs included. Times to repair are assumed.");
    }

    static void Alternatives(TextReport report, IReadOnlyList<BoxedLink> boxes)
    {
        if (boxes.Count == 1) return;
        report.Heading("Blast radius and service of the alternatives");
        report.Table(["", "medium", ">a module takes", ">its repair", "from the front", ">link-hours a port", ">without switches"], boxes.Select((b, i) =>
        {
            var active = b.Blasts.First(x => x.Element != FailingElement.Switch);
            return new[]
            {
                i == 0 ? "»" : "", Where(b, boxes[0]), $"{Number(active.Links)} of {b.Box.Ports.Value:N0}", $"+{Number(active.LinksDuringRepair)}",
                active.FieldReplaceable ? "yes" : $"no, {active.Replaced}", Number(b.LinkHoursPerYear / b.Box.Ports.Value),
                Number(b.LinkHoursPerYearOfOptics / b.Box.Ports.Value),
            };
        }));
        report.Say("A module: the module, cable or engine. Its repair: links that go down besides while it is swapped. Link-hours a year.");
    }

    static void Energy(TextReport report, IReadOnlyList<BoxedLink> boxes)
    {
        report.Heading("Energy by what it is divided by, and a saving on each");
        var first = boxes[0].Energy;
        report.Table(["", "medium", ">W an end", ">pJ/bit end", ">link", ">+ hosts", ">box kW", ">box pJ/bit", ">end", ">+ host", ">box"], boxes.Select((b, i) =>
        {
            if (b.Energy is not { } e) return [i == 0 ? "»" : "", Where(b, boxes[0]), "no power", "", "", "", "", "", "", "", ""];
            var claim = first is null || i == 0 ? null : new EnergyClaim(first, e);
            return new[]
            {
                i == 0 ? "»" : "", Where(b, boxes[0]), Number(e.End.Watts), Number(e.PerEnd.PicojoulesPerBit), Number(e.PerLink.PicojoulesPerBit),
                Number(e.PerLinkWithHost.PicojoulesPerBit), (e.Box.Watts / 1000).ToString("0.00"), Number(e.PerBox.PicojoulesPerBit),
                claim is null ? "" : $"{claim.PerPort:0.00} x", claim is null ? "" : $"{claim.PerPortWithHost:0.00} x", claim is { } c && Same(c) ? $"{c.PerBox:0.00} x" : "",
            };
        }));
        report.Say($"Link: both ends' optics; hosts: with the SerDes behind them; box: with the optics of all its ports, over what they take in. The last three: {boxes[0].Link.Name} over " +
            "the medium, so above 1 the medium saves; box only where both have as many ports of the same rate.");
        foreach (var packaged in boxes.Where(b => b.Box.CoPackaged is not null && b.Energy is not null).Skip(boxes[0].Box.CoPackaged is null ? 0 : 1).Take(2))
        {
            if (first is null || new EnergyClaim(first, packaged.Energy!) is not { } claim) continue;
            report.Say($"{packaged.Box.Name}: {Less(claim.PerPort)} per port, {Less(claim.PerPortWithHost)} with the SerDes, " +
                (Same(claim)
                    ? $"{Less(claim.PerBox)} per box: {claim.SavedPerBox.ToString("G3")} saved, {claim.NotOptics.ToString("G3")} of which are not the optics' own."
                    : $"{Less(first.PerBox.JoulesPerBit / claim.After.PerBox.JoulesPerBit)} per bit of the box, which has {packaged.Box.Ports.Value:N0} ports instead of {boxes[0].Box.Ports.Value:N0}."));
        }
    }

    static string Less(double times) => times >= 1 ? $"{times:0.00} times less" : $"{1 / times:0.00} times more";

    static bool Same(EnergyClaim claim) => claim.Before.Ports == claim.After.Ports && claim.Before.PortRate == claim.After.PortRate;

    static string Where(BoxedLink boxed, BoxedLink chosen) => boxed.Box.Key == chosen.Box.Key ? boxed.Link.Name : boxed.Box.CoPackaged is null ? $"{boxed.Link.Name} in {boxed.Box.Key}" : $"{boxed.Box.Key}, CPO";

    static string Name(Blast blast) => blast.Element switch
    {
        FailingElement.Laser => "laser",
        FailingElement.Engine => "engine",
        FailingElement.Module => "module",
        FailingElement.Cable => "cable",
        _ => "switch",
    };

    static string Number(double value) => LinkErrorReport.Number(value);
}
