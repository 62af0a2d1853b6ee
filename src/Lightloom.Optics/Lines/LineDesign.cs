// The line system of a route, as it is designed: how many spans, which modules, how many channels and fibre pairs, and what must be regenerated.
//
//   spans       n = ⌈L / s⌉ of L/n each, s the distance at which huts stand
//   modes       each fills the band by itself and is judged on its worst channel (ModeVerdict.cs, the Gaussian-noise model)
//   sections    1; with regenerators the fewest equal runs of spans after which a mode closes on each, transceivers back to back between them
//   chosen      of the modes that close with fewest sections: the one that carries most on a pair; where a bandwidth is asked for, the one that needs
//               fewest pairs for it, then least USD of modules
//   channels    ⌈asked / rate⌉ over p = ⌈channels / channels of a pair⌉ pairs; all of one pair where nothing is asked for
//   delay       n L + what the modules take at both ends of every section
//   reach       most spans of this length on which a mode closes
//
// GSNR of equal spans falls by 10 log n: where one span leaves a margin of M dB, about 10^(M/10) spans close. A channel that is not lit
// interferes with nobody, so that a line with fewer channels than it was judged with does better, never worse.
//
// Example: 400 km at huts 80 km apart with 400zr-plus-0dbm: five spans, 64 channels of 400 Gb/s, 25.6 Tb/s a pair; 1.6 Tb/s asked: four channels.

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>What a line system is asked to be.</summary>
public sealed record LineRequest
{
    /// <summary>The fibre.</summary>
    public required Fibre Fibre { get; init; }

    /// <summary>Length of the fibre from end to end.</summary>
    public required Length Length { get; init; }

    /// <summary>Longest distance of two huts.</summary>
    public required Length Span { get; init; }

    /// <summary>Amplifiers to choose from; none for a line without.</summary>
    public required IReadOnlyList<LineAmplifierKind> Amplifiers { get; init; }

    /// <summary>Modules to choose from.</summary>
    public required IReadOnlyList<CoherentMode> Modes { get; init; }

    /// <summary>Margin that every channel must have.</summary>
    public required Decibels Margin { get; init; }

    /// <summary>Loss of the connector at each end of a span, transitions to another fibre included.</summary>
    public required Decibels ConnectorLoss { get; init; }

    /// <summary>Loss of the multiplexer, and once more of the demultiplexer.</summary>
    public required Decibels MultiplexerLoss { get; init; }

    /// <summary>Bandwidth that is wanted in each direction; all that a pair carries unless given.</summary>
    public Bandwidth? Wanted { get; init; }

    /// <summary>Fibre pairs that there are; as many as are needed unless given.</summary>
    public int? Pairs { get; init; }

    /// <summary>Whether transceivers may stand back to back where no mode reaches the other end.</summary>
    public bool Regenerate { get; init; }
}

/// <summary>How far a mode gets.</summary>
/// <param name="Mode">The mode.</param>
/// <param name="Spans">Most spans on which it closes; 0 where not on one.</param>
/// <param name="Reach">Their length.</param>
public sealed record ModeReach(CoherentMode Mode, int Spans, Length Reach);

/// <summary>A line system between two sites; see the head of this file.</summary>
public sealed record LineDesign
{
    const int MostSpans = 400;
    const int MostPairs = 1000;

    /// <summary>What was asked.</summary>
    public required LineRequest Request { get; init; }

    /// <summary>Spans from end to end.</summary>
    public required int Spans { get; init; }

    /// <summary>Runs of spans between places where light is made new; 1 without regenerators.</summary>
    public required int Sections { get; init; }

    /// <summary>The chosen mode on the longest section.</summary>
    public required ModeVerdict Verdict { get; init; }

    /// <summary>The other modes that close on it with as few sections, and those that don't, by capacity.</summary>
    public required IReadOnlyList<ModeVerdict> Alternatives { get; init; }

    /// <summary>Fibre pairs that are lit.</summary>
    public required int Pairs { get; init; }

    /// <summary>Channels that are lit, on all pairs.</summary>
    public required int Channels { get; init; }

    /// <summary>Amplifiers of one pair, both directions, by kind.</summary>
    public required IReadOnlyDictionary<string, int> AmplifiersOfPair { get; init; }

    /// <summary>The mode.</summary>
    public CoherentMode Mode => Verdict.Mode;

    /// <summary>Length of one span.</summary>
    public Length SpanLength => Request.Length / Spans;

    /// <summary>Most that one pair carries in each direction.</summary>
    public Bandwidth PairCapacity => Mode.Rate * ChannelsOfPair;

    /// <summary>Channels that one pair holds.</summary>
    public int ChannelsOfPair => Verdict.Fill.Channels.Count;

    /// <summary>What the lit channels carry in each direction.</summary>
    public Bandwidth Bandwidth => Mode.Rate * Channels;

    /// <summary>Transceivers: two for each channel and section.</summary>
    public int Transceivers => 2 * Channels * Sections;

    /// <summary>Amplifiers of all pairs, both directions.</summary>
    public int Amplifiers => Pairs * AmplifiersOfPair.Values.Sum();

    /// <summary>Places along the route where amplifiers or regenerators stand.</summary>
    public int Huts => Request.Amplifiers.Count > 0 ? Spans - 1 : Sections - 1;

    /// <summary>One way, from client to client.</summary>
    public Duration Delay => (Request.Length * Request.Fibre.Delay.Value) + (2 * Sections * (Mode.Latency ?? Duration.Zero));

    /// <summary>Designs a line.</summary>
    /// <param name="request">What it is asked to be.</param>
    /// <exception cref="InputException">
    /// The fibre or a length makes no line, the wanted bandwidth needs more pairs than there are, or no mode reaches the other end: the message says how
    /// far each gets and what would reach.
    /// </exception>
    public static LineDesign Of(LineRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Modes.Count == 0) throw new InputException("a line needs at least one module to choose from");
        if (!(request.Length > Length.Zero)) throw new InputException("a line is longer than 0 km");
        var spans = SpansOf(request);
        var verdicts = Judge(request, spans, request.Length / spans);
        var sections = 1;
        if (!verdicts.Any(v => v.Closes) && request.Regenerate)
        {
            while (sections < spans && !verdicts.Any(v => v.Closes))
            {
                // The next number of sections that makes the longest one shorter.
                var longest = (spans + sections - 1) / sections;
                while ((spans + sections - 1) / sections == longest && sections < spans) sections++;
                verdicts = Judge(request, (spans + sections - 1) / sections, request.Length / spans);
            }
        }
        var closing = verdicts.Where(v => v.Closes).ToList();
        if (closing.Count == 0) throw new InputException(Unreached(request, spans, verdicts));
        var chosen = Choose(request, closing, sections, out var channels, out var pairs);
        return new()
        {
            Request = request,
            Spans = spans,
            Sections = sections,
            Verdict = chosen,
            Alternatives = [.. verdicts.Where(v => v != chosen)],
            Pairs = pairs,
            Channels = channels,
            AmplifiersOfPair = AmplifiersOf(request, spans, sections, chosen),
        };
    }

    /// <summary>How far modes get over spans of a length, the farthest first.</summary>
    /// <param name="request">The line; its length has no say.</param>
    /// <param name="span">Length of every span.</param>
    public static IReadOnlyList<ModeReach> Reaches(LineRequest request, Length span)
    {
        ArgumentNullException.ThrowIfNull(request);
        return [.. Fitting(request).Select(mode =>
        {
            bool Closes(int n) => One(request, mode, n, span).Closes;
            if (!Closes(1)) return new ModeReach(mode, 0, Length.Zero);
            int low = 1, high = 2;
            while (high <= MostSpans && Closes(high)) (low, high) = (high, 2 * high);
            high = Math.Min(high, MostSpans + 1);
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                if (Closes(middle)) low = middle;
                else high = middle;
            }
            return new(mode, low, span * low);
        }).OrderByDescending(r => r.Spans).ThenByDescending(r => r.Mode.Rate.Si).ThenBy(r => r.Mode.Name, StringComparer.Ordinal)];
    }

    /// <summary>Fewest spans on which a mode still closes over the whole length, amplifiers permitting; null where none of up to so many does.</summary>
    /// <param name="request">The line; its span has no say.</param>
    /// <param name="most">Spans up to which is looked.</param>
    public static int? FewestSpans(LineRequest request, int most)
    {
        ArgumentNullException.ThrowIfNull(request);
        for (var spans = 1; spans <= Math.Min(most, MostSpans); spans++)
            if (Fitting(request).Any(m => One(request, m, spans, request.Length / spans).Closes)) return spans;
        return null;
    }

    static int SpansOf(LineRequest request)
    {
        var spans = Math.Ceiling(request.Length / request.Span * (1 - 1e-12));
        return spans <= MostSpans ? (int)Math.Max(1, spans) : throw new InputException(
            $"{request.Length} in spans of {request.Span} are {spans:N0} spans, and at most {MostSpans} are designed");
    }

    static ModeVerdict Choose(LineRequest request, List<ModeVerdict> closing, int sections, out int channels, out int pairs)
    {
        if (request.Wanted is not { } wanted)
        {
            var most = closing.OrderByDescending(v => v.Capacity.Si).ThenBy(v => v.Mode.Price?.Si ?? double.MaxValue).First();
            pairs = request.Pairs ?? 1;
            channels = pairs * most.Fill.Channels.Count;
            return most;
        }
        (ModeVerdict Verdict, int Channels, int Pairs) Need(ModeVerdict v)
        {
            var lit = Math.Ceiling(wanted / v.Mode.Rate * (1 - 1e-12));
            var needed = Math.Ceiling(lit / v.Fill.Channels.Count);
            return needed <= MostPairs ? (v, (int)Math.Max(1, lit), (int)Math.Max(1, needed)) : (v, int.MaxValue, int.MaxValue);
        }
        var best = closing.Select(Need).OrderBy(n => n.Pairs).ThenBy(n => n.Verdict.Mode.Price is { } price ? price.Dollars * n.Channels * sections : double.MaxValue)
            .ThenBy(n => n.Verdict.Mode.Name, StringComparer.Ordinal).First();
        var there = request.Pairs ?? MostPairs;
        if (best.Pairs > there)
        {
            var carries = closing.Max(v => v.Capacity.Si) * there;
            throw new InputException($"{wanted} need more than {there:N0} fibre {(there == 1 ? "pair" : "pairs")}, which carry {Bandwidth.FromBitsPerSecond(carries)} with '{closing.MaxBy(v => v.Capacity.Si)!.Mode.Name}'");
        }
        (channels, pairs) = (best.Channels, Math.Max(best.Pairs, request.Pairs ?? 1));
        return best.Verdict;
    }

    static string Unreached(LineRequest request, int spans, IReadOnlyList<ModeVerdict> verdicts)
    {
        var span = request.Length / spans;
        var reaches = Reaches(request, span).Where(r => r.Spans > 0).Take(3).ToList();
        var nearest = verdicts.MaxBy(v => v.Margin.Si)!;
        var missing = double.IsFinite(nearest.Margin.Si) ? $"'{nearest.Mode.Name}' misses by {(request.Margin - nearest.Margin).Si:0.0} dB" : $"'{nearest.Mode.Name}' bears less dispersion";
        var text = $"no module reaches {request.Length} over {spans} {(spans == 1 ? "span" : "spans")} of {span} on '{request.Fibre.Key}' with a margin of {request.Margin}: {missing}; ";
        text += reaches.Count == 0 ? "none closes even on one span"
            : "within reach are " + string.Join(", ", reaches.Select(r => $"{r.Reach} ('{r.Mode.Name}')"));
        return $"{text}; {WouldReach(request, spans)}";
    }

    /// <summary>What would reach: huts closer together, or regenerators.</summary>
    static string WouldReach(LineRequest request, int spans)
    {
        if (request.Amplifiers.Count == 0) return "amplifiers would reach further";
        foreach (var closer in (int[])[2, 3, 4])
        {
            if (spans * closer > MostSpans) break;
            if (Judge(request, spans * closer, request.Length / (spans * closer)).FirstOrDefault(v => v.Closes) is { } reached)
                return $"'{reached.Mode.Name}' would reach with amplifiers every {request.Length / (spans * closer)}" + (request.Regenerate ? "" : ", and others with regenerate: true");
        }
        return request.Regenerate ? "shorter spans or more margin at the modules would be needed" : "regenerate: true would put transceivers back to back on the way";
    }

    static Dictionary<string, int> AmplifiersOf(LineRequest request, int spans, int sections, ModeVerdict chosen)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var k = 0; k < sections; k++)
        {
            // Sections are as equal as whole spans allow.
            var own = ((k + 1) * spans / sections) - (k * spans / sections);
            foreach (var amplifier in LineOf(request, own, request.Length / spans).Elements(chosen.Transmitted, chosen.Launch).OfType<LineAmplifier>())
            {
                var kind = request.Amplifiers.First(a => ReferenceEquals(a.Model, amplifier.Model)).Name;
                counts[kind] = counts.GetValueOrDefault(kind) + 2;
            }
        }
        return counts;
    }

    static List<ModeVerdict> Judge(LineRequest request, int spans, Length span) =>
        [.. Fitting(request).Select(mode => One(request, mode, spans, span))
            .OrderByDescending(v => v.Closes).ThenByDescending(v => v.Capacity.Si).ThenByDescending(v => v.Margin.Si).ThenBy(v => v.Mode.Name, StringComparer.Ordinal)];

    static IEnumerable<CoherentMode> Fitting(LineRequest request) =>
        request.Modes.Where(m => m.Spacing.Hertz <= (Band.BandHigh.Hertz - Band.BandLow.Hertz) * (1 + 1e-12));

    static ModeVerdict One(LineRequest request, CoherentMode mode, int spans, Length span) =>
        ModeVerdict.Of(LineOf(request, spans, span), mode, Band.BandLow, Band.BandHigh, request.Margin, null);

    static CapacityRequest Band { get; } = new() { Modes = [] };

    static AmplifiedLine LineOf(LineRequest request, int spans, Length span) => new()
    {
        Spans = [.. Enumerable.Repeat(FibreSpan.Of(request.Fibre, span) with { ConnectorIn = request.ConnectorLoss, ConnectorOut = request.ConnectorLoss }, spans)],
        Amplifiers = request.Amplifiers,
        MultiplexerLoss = request.MultiplexerLoss,
    };
}
