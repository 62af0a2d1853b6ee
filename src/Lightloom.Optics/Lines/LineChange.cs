// What a change to a planned line is worth: the line is changed, every mode judged again, and the price is what the change adds.
//
//   launch       the best launch power instead of the one given                                    0 USD
//   connectors   0.25 dB each instead of what they lose                                            new ones: 2 a span and fibre
//   amplifiers   where there are none; or quieter ones                                             difference of all, both directions
//   sites        each of the longest spans cut into n equal ones                                   n−1 more amplifiers a span and direction
//   regenerators transceivers back to back at n−1 places between spans                             2 (n−1) transceivers a channel
//                n of 2, 3, 4, 6 and 8 is the first with which a mode closes
//
// A pair of changes is tried only where no single one closes. Prices of amplifiers and transceivers are the catalogue's.

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>A change to a line with what it brings.</summary>
/// <param name="Change">What is done.</param>
/// <param name="Margin">Margin, after it, of the mode that carried most before it; of the one that came nearest where none closed.</param>
/// <param name="Gain">What that mode gains.</param>
/// <param name="Capacity">What the line carries after it, one direction.</param>
/// <param name="Mode">The mode that carries it, or that comes nearest.</param>
/// <param name="Closes">Whether a mode works on every channel after it.</param>
/// <param name="Price">What it costs, both directions; null where no price is known.</param>
public sealed record LineChange(string Change, Decibels Margin, Decibels Gain, Bandwidth Capacity, string Mode, bool Closes, Money? Price)
{
    const double GoodConnector = 0.25; // dB
    const double MostWork = 1e8; // pairs of channels over all spans that are judged: some seconds

    static readonly int[] Parts = [2, 3, 4, 6, 8];

    sealed record Plan(AmplifiedLine Line, DecibelMilliwatts? Launch, int Sections, string Description, double Connectors = 0);

    sealed record Judged(Plan Plan, IReadOnlyList<ModeVerdict> Modes)
    {
        public ModeVerdict Best => Modes.OrderByDescending(m => m.Closes).ThenByDescending(m => m.Capacity.Si).ThenByDescending(m => m.Margin.Si).First();

        public bool Closes => Modes.Any(m => m.Closes);
    }

    sealed record Question(IReadOnlyList<CoherentMode> Modes, Frequency Low, Frequency High, Decibels Margin, PartCatalog Catalog)
    {
        double work;

        /// <summary>Whether another plan may be judged; counted, not timed, so that the answer is the same on every machine.</summary>
        public bool MayJudge(Plan plan)
        {
            work += Modes.Sum(m => Math.Pow((High.Hertz - Low.Hertz) / m.Spacing.Hertz, 2)) * plan.Line.Spans.Count;
            return work <= MostWork;
        }
    }

    /// <summary>Changes that help: first those after which a mode works on every channel, by price; then the others, by gain.</summary>
    /// <param name="line">The line.</param>
    /// <param name="launch">Launch power that was given; null for the best one.</param>
    /// <param name="study">The study of the line.</param>
    /// <param name="margin">Margin that a mode must have.</param>
    /// <param name="catalog">Amplifiers, connectors and their prices.</param>
    public static IReadOnlyList<LineChange> Of(AmplifiedLine line, DecibelMilliwatts? launch, LineStudy study, Decibels margin, PartCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(catalog);
        if (study.Best is null) return [];
        var question = new Question([.. study.Modes.Select(m => m.Mode)], study.BandLow, study.BandHigh, margin, catalog);
        var before = new Judged(new(line, launch, 1, ""), study.Modes);
        var changes = Changes(question);
        var plans = changes.Select(c => c(before.Plan)).ToList();
        var single = plans.OfType<Plan>().Select(p => Judge(p, question)).OfType<Judged>().ToList();
        var all = single;
        if (!before.Closes && !single.Any(j => j.Closes))
        {
            // Later changes build on earlier ones, so that each pair is tried once.
            var pairs = plans.SelectMany((first, i) => changes.Skip(i + 1).Select(second => first is null ? null : second(first)));
            all = [.. single, .. pairs.OfType<Plan>().Select(p => Judge(p, question)).OfType<Judged>().Where(j => j.Closes)];
        }
        // Slow modes have margin to spare; what counts is the one that is used.
        var reference = before.Closes ? before.Best : before.Modes.MaxBy(m => m.Margin.Si)!;
        return [.. all.Select(j => Compare(before, j, reference))
            .Where(c => c.Gain.Si > 0.005 || c.Capacity.Si > before.Best.Capacity.Si * (1 + 1e-9) || c.Closes && !before.Closes)
            .OrderByDescending(c => c.Closes).ThenBy(c => c.Closes ? c.Price?.Dollars ?? double.MaxValue : 0).ThenByDescending(c => c.Gain.Si)
            .ThenBy(c => c.Change, StringComparer.Ordinal)];
    }

    static LineChange Compare(Judged before, Judged after, ModeVerdict reference)
    {
        var same = after.Modes.First(m => m.Mode == reference.Mode);
        // Beyond dispersion that is borne there is no margin, and none is gained by what leaves it so.
        var gain = same.Margin == reference.Margin ? Decibels.Zero : same.Margin - reference.Margin;
        return new(after.Plan.Description, same.Margin, gain, after.Best.Capacity, after.Best.Mode.Name, after.Closes,
            PriceOf(before, after) is { } price ? Money.FromDollars(price) : null);
    }

    /// <summary>What the changed line costs more than the line as it is, both with the mode that is best after the change.</summary>
    static double? PriceOf(Judged before, Judged after)
    {
        var best = after.Best;
        var now = before.Modes.First(m => m.Mode == best.Mode);
        var total = after.Plan.Connectors;
        var (old, made) = (Amplifiers(before.Plan.Line, now), Amplifiers(after.Plan.Line, best));
        if (old is { } was && made is { } then) total += then.Dollars - was.Dollars;
        // Amplifiers without a price cost nothing more as long as none is added or exchanged.
        else if (!ReferenceEquals(before.Plan.Line.Amplifiers, after.Plan.Line.Amplifiers) || Count(before.Plan.Line, now) != Count(after.Plan.Line, best)) return null;
        if (after.Plan.Sections == 1) return total;
        return best.Mode.Price is { } end ? total + 2.0 * (after.Plan.Sections - 1) * best.Fill.Channels.Count * end.Dollars : null;

        static Money? Amplifiers(AmplifiedLine line, ModeVerdict verdict) => line.AmplifierPrice(verdict.Transmitted, verdict.Launch);
        static int Count(AmplifiedLine line, ModeVerdict verdict) => line.Elements(verdict.Transmitted, verdict.Launch).OfType<LineAmplifier>().Count();
    }

    /// <summary>Judges every mode by its worst section; null where the changed line can't be, as with channels outside a new amplifier's band.</summary>
    static Judged? Judge(Plan plan, Question question)
    {
        if (!question.MayJudge(plan)) return null;
        var sections = Sections(plan.Line, plan.Sections);
        try
        {
            return new(plan, [.. question.Modes.Select(mode => sections
                .Select(s => ModeVerdict.Of(s, mode, question.Low, question.High, question.Margin, plan.Launch))
                .MinBy(v => v.Margin.Si)!)]);
        }
        catch (InputException)
        {
            return null;
        }
    }

    /// <summary>The line cut between spans into parts of about equal length; each regenerates what the one before it sends.</summary>
    static List<AmplifiedLine> Sections(AmplifiedLine line, int count)
    {
        var sections = new List<AmplifiedLine>();
        for (var k = 0; k < count; k++)
        {
            var (from, to) = (k * line.Spans.Count / count, (k + 1) * line.Spans.Count / count);
            sections.Add(line with { Spans = [.. line.Spans.Skip(from).Take(to - from)] });
        }
        return sections;
    }

    static List<Func<Plan, Plan?>> Changes(Question question) =>
    [
        plan => plan.Launch is not null && plan.Line.IsAmplified ? Described(plan with { Launch = null }, "the best launch power") : null,
        plan => Connectors(plan, question),
        plan => Amplifiers(plan, question),
        plan => Sites(plan, question),
        plan => Regenerators(plan, question),
    ];

    static Plan? Connectors(Plan plan, Question question)
    {
        if (plan.Line.Spans.All(s => s.ConnectorIn.Si <= GoodConnector && s.ConnectorOut.Si <= GoodConnector)) return null;
        var better = Decibels.FromDecibels(GoodConnector);
        var spans = plan.Line.Spans.Select(s => s with
        {
            ConnectorIn = s.ConnectorIn < better ? s.ConnectorIn : better,
            ConnectorOut = s.ConnectorOut < better ? s.ConnectorOut : better,
        }).ToList();
        var each = question.Catalog.Keys<Connector>().Contains("lc") ? question.Catalog.Get<Connector>("lc").Price?.Value.Dollars ?? 0 : 0;
        return Described(plan with { Line = plan.Line with { Spans = spans }, Connectors = plan.Connectors + 2 * spans.Count * each }, $"connectors of {GoodConnector} dB");
    }

    static Plan? Amplifiers(Plan plan, Question question)
    {
        var known = LineAmplifierKind.InLine(question.Catalog);
        if (known.Count == 0) return null;
        var changed = plan with { Line = plan.Line with { Amplifiers = known }, Launch = plan.Line.IsAmplified ? plan.Launch : null };
        if (!plan.Line.IsAmplified) return Described(changed, "a booster and an amplifier behind each span");
        bool Gains(FibreSpan span)
        {
            var loss = AmplifiedLine.LossOf(span);
            var (now, then) = (LineAmplifierKind.Quietest(plan.Line.Amplifiers, loss), LineAmplifierKind.Quietest(known, loss));
            return now.NoiseFigureAt(loss) - then.NoiseFigureAt(loss) > Decibels.FromDecibels(0.05) ||
                now.Model.GainFlatMaximum < loss && then.Model.GainFlatMaximum > now.Model.GainFlatMaximum;
        }
        return plan.Line.Spans.Any(Gains) ? Described(changed, "the quietest amplifier for each span") : null;
    }

    static Plan? Sites(Plan plan, Question question)
    {
        var longest = plan.Line.Spans.Max(s => s.Length.Meters);
        if (longest < 40_000) return null; // nobody builds huts closer than every 20 km
        var amplified = plan.Line.IsAmplified ? plan.Line : plan.Line with { Amplifiers = LineAmplifierKind.InLine(question.Catalog) };
        if (!amplified.IsAmplified) return null;
        return Least(n => Described(plan with
        {
            Line = amplified with
            {
                Spans = [.. amplified.Spans.SelectMany(s => s.Length.Meters < 0.9 * longest ? [s] : Enumerable.Repeat(s with { Length = Length.FromMeters(s.Length.Meters / n), Name = "" }, n))],
            },
            Launch = plan.Line.IsAmplified ? plan.Launch : null,
        }, $"amplifier sites that cut {Spans(amplified, longest)} into {n}"), question);
    }

    static string Spans(AmplifiedLine line, double longest)
    {
        var count = line.Spans.Count(s => s.Length.Meters >= 0.9 * longest);
        return count == 1 ? $"the span of {Length.FromMeters(longest)}" : $"each of the {count} longest spans";
    }

    static Plan? Regenerators(Plan plan, Question question) => plan.Line.Spans.Count < 2 || plan.Sections > 1
        ? null
        : Least(n => n > plan.Line.Spans.Count ? null : Described(plan with { Sections = n }, $"regenerators at {n - 1} place{(n == 2 ? "" : "s")} on the way"), question);

    /// <summary>The least number of parts with which a mode closes; two where none does.</summary>
    static Plan? Least(Func<int, Plan?> make, Question question)
    {
        foreach (var n in Parts)
        {
            if (make(n) is not { } plan || Judge(plan, question) is not { } judged) break;
            if (judged.Closes) return plan;
        }
        return make(2);
    }

    static Plan Described(Plan plan, string change) =>
        plan with { Description = plan.Description.Length == 0 ? change : $"{plan.Description} and {change}" };
}
