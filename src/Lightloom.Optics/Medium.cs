using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>
/// A pair of ends with what lies between, bound to a rate: all that doesn't depend on a run's length and path is worked out once,
/// in plain SI numbers, so that comparing a pool of media for one more run costs a few multiplications each.
/// </summary>
sealed class Medium
{
    internal const double Tolerance = 1e-9; // dB and share of reach: below what any figure means, above binary rounding

    public required string Name { get; init; }

    public required MediaClasses Class { get; init; }

    /// <summary>What keeps it from being used at any length.</summary>
    public string? Impediment { get; init; }

    /// <summary>A cable in one piece: no connectors and nothing else between its ends.</summary>
    public required bool IsDirect { get; init; }

    public required bool IsCopper { get; init; }

    /// <summary>Made for its place, in no standard length.</summary>
    public bool IsCutToLength { get; init; }

    public bool HasBudget { get; init; } = true;

    /// <summary>What is available, before anything that depends on the path; sums to <see cref="Available"/>.</summary>
    public required (string Name, double Decibels, double? Level, string Source, Grade Grade)[] Head { get; init; }

    public required double LossPerMeter { get; init; }

    public required (string Source, Grade Grade) LossOrigin { get; init; }

    public required string CableName { get; init; }

    /// <summary>The optical interface that the ends meet, or of both where they differ.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>Loss of a copper cable's own connectors.</summary>
    public double OwnConnectors { get; init; }

    public (string Source, Grade Grade) OwnConnectorsOrigin { get; init; }

    public Connector? Connector { get; init; }

    /// <summary>Extinction ratio of the transmitters, for what reflections cost; null where none is known or light doesn't interfere.</summary>
    public Decibels? ExtinctionRatio { get; init; }

    /// <summary>Multipath interference that the budget sets aside already.</summary>
    public double ReflectionAllowance { get; init; }

    public required double Reach { get; init; }

    public required string ReachOrigin { get; init; }

    /// <summary>Loss that the channel must have for neither receiver to be overloaded.</summary>
    public double Overload { get; init; }

    public required double DelayPerMeter { get; init; }

    public required double ModuleLatency { get; init; }

    public required double FecLatency { get; init; }

    public required double PowerA { get; init; }

    public required double PowerB { get; init; }

    public required double AddedPower { get; init; }

    public required double HostEnergyPerBit { get; init; }

    public required double FailureRate { get; init; }

    public required double FlapRate { get; init; }

    public required double PriceValue { get; init; }

    public required double PriceLow { get; init; }

    public required double PriceHigh { get; init; }

    public required bool PriceIsKnown { get; init; }

    public (double Value, double Low, double High) PricePerMeter { get; init; }

    public Fibre? Fibre { get; init; }

    public double Fibres { get; init; }

    public required LinkErrorModel Errors { get; init; }

    /// <summary>Rate of the link, for the latency of other codes.</summary>
    public required Bandwidth Rate { get; init; }

    public required LinkAssumptions Assumptions { get; init; }

    /// <summary>The same link under the other Reed-Solomon code: how it errs, what it asks for in margin, and how long it takes.</summary>
    sealed record OtherCode(LinkErrorModel Errors, double Penalty, double Latency);

    OtherCode? other; // made when first asked for; two threads may make the same twice

    OtherCode? CodeOf(LinkRequest request)
    {
        if (request.Fec is not { } wanted || wanted == Errors.Fec || Errors.Fec is not (FecScheme.Kp4 or FecScheme.LowLatency)) return null;
        if (other is { } made) return made;
        var allowed = Errors.RandomAt(Decibels.Zero).FrameLoss;
        var spacing = Errors.Code.Spacing(ErrorCorrection.LimitFor(wanted, allowed));
        var penalty = (Errors.IsElectrical ? 20 : 10) * Math.Log10(spacing / Errors.Spacing);
        return other = new(Errors with { Fec = wanted, Spacing = spacing }, penalty, Optics.FecLatency.Of(wanted, Rate, Assumptions).Si);
    }

    double CodePenalty(LinkRequest request) => request.Fec is null ? 0 : CodeOf(request)?.Penalty ?? 0;

    double FecLatencyOf(LinkRequest request) => request.Fec is null ? FecLatency : CodeOf(request)?.Latency ?? FecLatency;

    string? CodeImpediment(LinkRequest request) => request.Fec is { } wanted && wanted != Errors.Fec && CodeOf(request) is null
        ? $"it runs under {NameOf(Errors.Fec)}, which hosts can't change to {NameOf(wanted)}"
        : null;

    static string NameOf(FecScheme fec) => fec switch
    {
        FecScheme.None => "no error correction",
        FecScheme.Kp4 => "KP4",
        FecScheme.Kp4WithHamming => "KP4 with an inner code",
        FecScheme.LowLatency => "the low-latency code",
        _ => "soft decisions",
    };

    public required LinkPart[] Ends { get; init; }

    public required bool FieldReplaceable { get; init; }

    public required Grade OtherGrade { get; init; }

    public required string[] Unknown { get; init; }

    public double Available
    {
        get
        {
            var sum = 0.0;
            foreach (var term in Head) sum += term.Decibels;
            return sum;
        }
    }

    public double CableLength(double run) => IsCutToLength ? run : IsCopper ? StandardLengths.CopperMeters(run) : StandardLengths.OpticalMeters(run);

    /// <summary>Loss that doesn't depend on length.</summary>
    public double FixedLoss(LinkRequest request, LossBasis basis)
    {
        if (IsDirect) return OwnConnectors + CodePenalty(request);
        var loss = OwnConnectors + request.Connectors * ConnectorLoss(request, basis);
        loss += request.Splices * SpliceLoss(request, basis) + Adapters * AdapterLoss(request, basis);
        for (var i = 0; i < request.Elements.Count; i++) loss += ElementLoss(request.Elements[i], basis);
        return loss + ReflectionPenalty(request, basis) + CodePenalty(request);
    }

    const double ClosedEye = 30; // dB, for reflections that close the eye: an infinite loss is no number to compare links by

    /// <summary>
    /// What reflections of the path's connectors and elements cost at worst, beyond what the budget sets aside. The modules' own
    /// reflections are what the standards set it aside for.
    /// </summary>
    public double ReflectionPenalty(LinkRequest request, LossBasis basis)
    {
        if (IsDirect || ExtinctionRatio is not { } extinction) return 0;
        var given = request.ReturnLoss ?? (request.Connector ?? Connector)?.ReturnLoss;
        double amplitudes = 0, powers = 0;
        if (given is { } pair)
        {
            var amplitude = Math.Sqrt(1 / (basis == LossBasis.Typical ? pair.Value : pair.Low).Ratio);
            (amplitudes, powers) = (request.Connectors * amplitude, request.Connectors * amplitude * amplitude);
        }
        for (var i = 0; i < request.Elements.Count; i++)
        {
            if (request.Elements[i].ReturnLoss is not { } element) continue;
            amplitudes += Math.Sqrt(1 / element.Ratio);
            powers += 1 / element.Ratio;
        }
        // Σ over pairs of √(R_i R_j), without listing them.
        var echo = Math.Max(0, (amplitudes * amplitudes - powers) / 2);
        if (echo == 0) return 0;
        var penalty = MultipathInterference.Penalty(Errors.Code, extinction, echo).Si;
        return Math.Min(ClosedEye, Math.Max(0, penalty - ReflectionAllowance));
    }

    public double ConnectorLoss(LinkRequest request, LossBasis basis) => (request.Connector ?? Connector) is not { } pair ? 0
        : basis == LossBasis.Typical ? pair.Loss.Value.Si : pair.MaximumLoss.Value.Si;

    const int Adapters = 2; // one at each end of a fibre that ordinary connectors don't meet

    /// <summary>The fibre of a run: the one that was asked for, or the optics' own.</summary>
    Fibre? Laid(LinkRequest request) => IsDirect ? null : request.Fibre ?? Fibre;

    public double LossOf(LinkRequest request) => IsDirect || request.Fibre is not { } other ? LossPerMeter : other.Attenuation.Value.Si;

    double DelayOf(LinkRequest request) => IsDirect || request.Fibre is not { } other ? DelayPerMeter : other.Delay.Value.Si;

    (double Value, double Low, double High) PriceOf(LinkRequest request) => IsDirect || request.Fibre is not { } other ? PricePerMeter
        : other.Price is { } price ? (Fibres * price.Value.Si, Fibres * price.Low.Si, Fibres * price.High.Si)
        : (0, 0, 0);

    string? ImpedimentOf(LinkRequest request) => Impediment ?? CodeImpediment(request) ?? (IsDirect || request.Fibre is not { } other || Fibre is not { } own
        || other.SingleMode == own.SingleMode ? null
        : $"its optics are specified for {(own.SingleMode ? "single" : "multi")}-mode fibre, and '{other.Name}' is none");

    double SpliceLoss(LinkRequest request, LossBasis basis) => Laid(request)?.SpliceLoss is not { } splice ? 0
        : basis == LossBasis.Typical ? splice.Value.Si : splice.High.Si;

    double AdapterLoss(LinkRequest request, LossBasis basis) => Laid(request)?.Adapter is not { } adapter ? 0
        : basis == LossBasis.Typical ? adapter.Loss.Value.Si : adapter.MaximumLoss.Value.Si;

    static double ElementLoss(PathElement element, LossBasis basis) =>
        basis == LossBasis.Typical ? element.Loss.Value.Si : element.Loss.High.Si;

    /// <summary>Margin, by the steps of <see cref="Waterfall"/> and in their order, so that both are the same number.</summary>
    public double Margin(LinkRequest request, LossBasis basis, double length)
    {
        var margin = Available;
        margin -= LossOf(request) * length;
        if (OwnConnectors > 0) margin -= OwnConnectors;
        if (request.Fec is not null) margin -= CodePenalty(request);
        if (IsDirect) return margin;
        if (Laid(request)?.Adapter is not null) margin -= Adapters * AdapterLoss(request, basis);
        if (request.Splices > 0) margin -= request.Splices * SpliceLoss(request, basis);
        if (request.Connectors > 0) margin -= request.Connectors * ConnectorLoss(request, basis);
        for (var i = 0; i < request.Elements.Count; i++) margin -= ElementLoss(request.Elements[i], basis);
        if (ExtinctionRatio is not null) margin -= ReflectionPenalty(request, basis);
        return margin;
    }

    public Score Evaluate(LinkRequest request)
    {
        var length = CableLength(request.Run.Si);
        var margin = Margin(request, request.Basis, length);
        var available = Available;
        var usable = ImpedimentOf(request) is null && !(IsDirect && request.Elements.Count > 0) && available > 0;
        var use = usable ? Math.Max((available - margin) / available, length / Reach) : double.PositiveInfinity;
        if (available - margin < Overload - Tolerance) use = Math.Max(use, 1 + Overload - (available - margin));
        var closes = usable && margin >= -Tolerance && length <= Reach * (1 + Tolerance) && available - margin >= Overload - Tolerance;
        var price = PriceValue + PriceOf(request).Value * length;
        if (!IsDirect) price += ConnectorPrice(request, PriceEnd.Value);
        return new(closes, use, price, PowerA + PowerB, DelayOf(request) * length + ModuleLatency + FecLatencyOf(request));
    }

    enum PriceEnd
    {
        Value,
        Low,
        High,
    }

    // A mated pair is two connectors on cables, and each end of the path plugs one into a module.
    double ConnectorPrice(LinkRequest request, PriceEnd end)
    {
        var inPath = 2 * request.Connectors * At(request.Connector ?? Connector, end);
        return inPath + 2 * At(Connector, end) + 2 * Adapters * At(Laid(request)?.Adapter, end);

        static double At(Connector? pair, PriceEnd end) => pair?.Price is not { } price ? 0
            : end == PriceEnd.Value ? price.Value.Si : end == PriceEnd.Low ? price.Low.Si : price.High.Si;
    }

    public string ReasonNotClosing(LinkRequest request, double length, double margin)
    {
        if (ImpedimentOf(request) is { } impediment) return impediment;
        if (IsDirect && request.Elements.Count > 0) return $"a cable in one piece can't pass through '{request.Elements[0].Name}'";
        if (margin < -Tolerance)
        {
            return $"the channel loses {Number(Available - margin)} dB and {Number(Available)} dB are allowed: {Number(-margin)} dB too much";
        }
        return length > Reach * (1 + Tolerance)
            ? $"a cable of {Length.FromMeters(length)} is beyond the reach of {Length.FromMeters(Reach)} ({ReachOrigin})"
            : $"a receiver could be overloaded by {Number(Overload - (Available - margin))} dB";
    }

    internal static string Number(double decibels) => decibels.ToString("0.00");

    public BudgetTerm[] Waterfall(LinkRequest request, double length)
    {
        var laid = Laid(request);
        var more = (OwnConnectors > 0 ? 1 : 0) + (IsDirect ? 0 : (laid?.Adapter is null ? 0 : 1) + (request.Splices > 0 ? 1 : 0)
            + (request.Connectors > 0 ? 1 : 0) + request.Elements.Count);
        var reflections = ReflectionPenalty(request, request.Basis);
        if (reflections > 0) more++;
        var code = CodePenalty(request);
        if (code != 0) more++;
        var terms = new BudgetTerm[Head.Length + 1 + more];
        var at = 0;
        var left = 0.0;
        double? level = null;
        foreach (var (name, change, start, source, grade) in Head)
        {
            level = start ?? level;
            left += change;
            terms[at++] = new(name, Decibels.FromSi(change), Decibels.FromSi(left), Level(level), source, grade);
        }
        void Take(string name, double loss, string source, Grade grade)
        {
            left -= loss;
            level -= loss;
            terms[at++] = new(name, Decibels.FromSi(-loss), Decibels.FromSi(left), Level(level), source, grade);
        }
        if (!IsDirect && request.Fibre is { } other)
            Take($"{Length.FromMeters(length)} of {other.Name}", LossOf(request) * length, other.Attenuation.Source, other.Attenuation.Grade);
        else
            Take($"{Length.FromMeters(length)} of {CableName}", LossPerMeter * length, LossOrigin.Source, LossOrigin.Grade);
        if (OwnConnectors > 0) Take("both cable connectors", OwnConnectors, OwnConnectorsOrigin.Source, OwnConnectorsOrigin.Grade);
        if (code != 0) Take($"{NameOf(request.Fec!.Value)} instead of {NameOf(Errors.Fec)}, for as few lost frames", code, "ReedSolomonCode, by exact tails", Grade.Standard);
        if (IsDirect) return terms;
        if (laid?.Adapter is { } adapter)
        {
            var loss = request.Basis == LossBasis.Typical ? adapter.Loss : adapter.MaximumLoss;
            Take($"{Adapters} × {adapter.Name}", Adapters * AdapterLoss(request, request.Basis), loss.Source, loss.Grade);
        }
        if (request.Splices > 0)
        {
            Take($"{request.Splices} × splice", request.Splices * SpliceLoss(request, request.Basis), laid?.SpliceLoss?.Source ?? "",
                laid?.SpliceLoss?.Grade ?? Grade.Assumption);
        }
        if (request.Connectors > 0)
        {
            var pair = request.Connector ?? Connector;
            var loss = request.Basis == LossBasis.Typical ? pair?.Loss : pair?.MaximumLoss;
            Take($"{request.Connectors} × {pair?.Name ?? "connector"}", request.Connectors * ConnectorLoss(request, request.Basis),
                loss?.Source ?? "", loss?.Grade ?? Grade.Assumption);
        }
        for (var i = 0; i < request.Elements.Count; i++)
        {
            var element = request.Elements[i];
            Take(element.Name, ElementLoss(element, request.Basis), element.Loss.Source, element.Loss.Grade);
        }
        if (reflections > 0)
        {
            var back = request.ReturnLoss ?? (request.Connector ?? Connector)?.ReturnLoss;
            Take($"multipath interference beyond the {Number(ReflectionAllowance)} dB set aside", reflections, back?.Source ?? "", back?.Grade ?? Grade.Assumption);
        }
        return terms;

        static DecibelMilliwatts? Level(double? dbm) => dbm is { } value ? DecibelMilliwatts.FromDbm(value) : null;
    }

    // Beyond the reach, where dispersion is not in the budget, a margin is worth nothing.
    double Held(double margin, double length) => length > Reach * (1 + Tolerance) ? Math.Min(margin, 0) : margin;

    public EngineeredLink Engineer(LinkRequest request, IReadOnlyList<string>? mends = null)
    {
        var length = CableLength(request.Run.Si);
        var waterfall = Waterfall(request, length);
        var margin = waterfall[^1].Cumulative;
        var score = Evaluate(request);
        var errors = CodeOf(request)?.Errors ?? Errors;
        var grade = Grade.Standard;
        foreach (var term in waterfall) grade = OpticalBudget.Weaker(grade, term.Grade);
        return new()
        {
            Name = Name,
            Class = Class,
            Closes = score.Closes,
            HasBudget = HasBudget,
            Reason = score.Closes ? null : ReasonNotClosing(request, length, margin.Si),
            Mends = mends ?? [],
            Mend = mends is { Count: > 0 } ? mends[0] : null,
            Margin = margin,
            TypicalMargin = Decibels.FromSi(Margin(request, LossBasis.Typical, length)),
            WorstMargin = Decibels.FromSi(Margin(request, LossBasis.Maximum, length)),
            Waterfall = waterfall,
            Available = Decibels.FromSi(Available),
            Required = Decibels.FromSi(Available - margin.Si),
            Reach = Length.FromMeters(Reach),
            PurchasableLength = Length.FromMeters(length),
            PowerA = Power.FromWatts(PowerA),
            PowerB = Power.FromWatts(PowerB),
            AddedPower = Power.FromWatts(AddedPower),
            EnergyPerBit = Power.FromWatts(PowerA + PowerB) / request.Rate,
            EnergyPerBitWithHost = Power.FromWatts(PowerA + PowerB) / request.Rate + EnergyPerBit.FromJoulesPerBit(HostEnergyPerBit),
            Latency = new(Duration.FromSeconds(DelayOf(request) * length), Duration.FromSeconds(ModuleLatency),
                Duration.FromSeconds(FecLatencyOf(request))),
            FailureRate = Quantities.FailureRate.FromPerSecond(FailureRate),
            FlapRate = Quantities.FailureRate.FromPerSecond(FlapRate),
            Fec = errors.Fec,
            ErrorModel = errors,
            Errors = errors.RandomAt(Decibels.FromSi(Held(margin.Si, length))),
            CodePenalty = Decibels.FromSi(CodePenalty(request)),
            IsDirect = IsDirect,
            ReflectionPenalty = Decibels.FromSi(ReflectionPenalty(request, request.Basis)),
            Price = new(Money.FromDollars(score.Price),
                Money.FromDollars(PriceLow + PriceOf(request).Low * length + (IsDirect ? 0 : ConnectorPrice(request, PriceEnd.Low))),
                Money.FromDollars(PriceHigh + PriceOf(request).High * length + (IsDirect ? 0 : ConnectorPrice(request, PriceEnd.High)))),
            Parts = PartsOf(request, length),
            FieldReplaceable = FieldReplaceable,
            BudgetGrade = grade,
            WeakestGrade = OpticalBudget.Weaker(grade, OtherGrade),
            Unknown = UnknownOf(request),
        };
    }

    string[] UnknownOf(LinkRequest request)
    {
        if (IsDirect || request.Fibre is not { } other || ReferenceEquals(other, Fibre)) return Unknown;
        var more = new List<string>(Unknown);
        if (other.Price is null) more.Add($"price of {other.Name}: 0 USD assumed");
        if (Fibre is { } own && Math.Abs(own.Wavelength.Si - other.Wavelength.Si) > 1e-9)
            more.Add($"loss of {other.Name} at {own.Wavelength.ToString("nm")}: that at {other.Wavelength.ToString("nm")} assumed");
        if (request.Splices > 0 && other.SpliceLoss is null) more.Add($"splices of {other.Name}: 0 dB assumed");
        return [.. more];
    }

    LinkPart[] PartsOf(LinkRequest request, double length)
    {
        if (IsDirect) return Ends;
        var pair = request.Connector ?? Connector;
        var mixed = request.Connectors > 0 && pair is not null && !ReferenceEquals(pair, Connector);
        var laid = Laid(request);
        var parts = new LinkPart[Ends.Length + (laid is null ? 0 : 1) + (Connector is null ? 0 : 1) + (mixed ? 1 : 0) + (laid?.Adapter is null ? 0 : 1)];
        Ends.CopyTo(parts, 0);
        var at = Ends.Length;
        if (laid is not null) parts[at++] = new(laid, Fibres * length, PartMeasure.FibreMeters, false);
        if (Connector is not null) parts[at++] = new(Connector, 2 + (mixed ? 0 : 2 * request.Connectors), PartMeasure.Pieces, false);
        if (mixed) parts[at++] = new(pair!, 2 * request.Connectors, PartMeasure.Pieces, false);
        if (laid?.Adapter is { } adapter) parts[at] = new(adapter, 2 * Adapters, PartMeasure.Pieces, false);
        return parts;
    }
}

/// <summary>What a comparison of media needs.</summary>
/// <param name="Closes">Whether the budget closes within the reach.</param>
/// <param name="Use">Share of the budget or the reach that is used up, whichever is more; above 1 it doesn't close.</param>
/// <param name="Price">In dollars.</param>
/// <param name="Watts">Of both ends.</param>
/// <param name="Latency">In seconds.</param>
readonly record struct Score(bool Closes, double Use, double Price, double Watts, double Latency);
