using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Finds the parts that fit two ends at a rate and binds them into media.</summary>
sealed class MediumBinder(IReadOnlyList<Transceiver> modules, IReadOnlyList<CopperCable> cables, LinkAssumptions assumptions)
{
    const double LaneTolerance = 0.15; // 100G lanes are sold as 100, 106.25 and 112
    const double OmDelay = 4.94e-9; // s/m, multimode fibre of an active cable that names no interface

    public Medium[] Bind(Bandwidth rate, Bandwidth laneRate, LinkEnd a, LinkEnd b)
    {
        var media = new List<Medium>();
        if (a.IsBackplane || b.IsBackplane)
        {
            if (a.IsBackplane != b.IsBackplane) return [];
            foreach (var cable in cables)
                if (cable.Class == CopperClass.Cartridge && Fits(cable.Rate, rate, 1) && Near(cable.LaneRate, laneRate)) media.Add(Copper(cable, rate, laneRate, 1));
            return [.. media];
        }
        if (!a.IsCoPackaged && !b.IsCoPackaged)
        {
            var share = Math.Max(a.PortsPerCage, b.PortsPerCage);
            foreach (var cable in cables)
            {
                if (cable.Class != CopperClass.Cartridge && Fits(cable.Rate, rate, share) && Near(cable.LaneRate, laneRate))
                    media.Add(Copper(cable, rate, laneRate, share));
            }
            foreach (var cable in modules)
            {
                if (cable.Class == TransceiverClass.ActiveCable && Fits(cable.Rate, rate, share) && Near(LaneOf(cable), laneRate))
                    media.Add(ActiveCable(cable, rate, share));
            }
        }
        var alike = a.IsCoPackaged == b.IsCoPackaged && a.PortsPerCage == b.PortsPerCage && ReferenceEquals(a.Engine, b.Engine);
        foreach (var (one, shareA) in EndsFor(a, rate, laneRate))
        {
            if (alike)
            {
                media.Add(Optical(rate, one, shareA, a, one, shareA, b));
                continue;
            }
            foreach (var (other, shareB) in EndsFor(b, rate, laneRate))
            {
                if (one.Interface is { } first && other.Interface is { } second && InterfaceFamily.Of(first) == InterfaceFamily.Of(second))
                    media.Add(Optical(rate, one, shareA, a, other, shareB, b));
            }
        }
        return [.. media];
    }

    IEnumerable<(Transceiver Part, double Share)> EndsFor(LinkEnd end, Bandwidth rate, Bandwidth laneRate)
    {
        if (end.Engine is { } engine)
        {
            yield return (engine, engine.Rate.Value / rate);
            yield break;
        }
        foreach (var module in modules)
        {
            if (module.Class is TransceiverClass.Retimed or TransceiverClass.HalfRetimed or TransceiverClass.Linear
                && Fits(module.Rate, rate, end.PortsPerCage) && Near(LaneOf(module), laneRate))
            {
                yield return (module, end.PortsPerCage);
            }
        }
    }

    // A module serves all ports of its cage: one with fewer would strand ports, which no fabric plans for.
    static bool Fits(Bandwidth part, Bandwidth rate, int share) => Math.Abs(part / (rate * share) - 1) < 0.01;

    static bool Near(Bandwidth? lane, Bandwidth wanted) => lane is { } given && Math.Abs(given / wanted - 1) < LaneTolerance;

    static Bandwidth? LaneOf(Transceiver module) =>
        module.HostLaneRate?.Value ?? module.LaneRate?.Value ?? module.Interface?.LaneRate.Value
        ?? (module.Lanes is { } lanes ? module.Rate.Value / lanes.Value : null);

    static string NameOf(Part part) => part.Key.Length > 0 ? part.Key : part.Name;

    Medium Copper(CopperCable cable, Bandwidth rate, Bandwidth laneRate, int share)
    {
        var notes = new Notes();
        var passive = cable.Class is CopperClass.Passive or CopperClass.Cartridge;
        var given = cable.Interface;
        var code = TwinaxLoss.CodeOf(cable.LaneRate.Value);
        var frequency = given?.Frequency.Value ?? TwinaxLoss.Nyquist(cable.LaneRate.Value);
        var connectors = TwinaxLoss.Connectors(cable.Twinax, frequency, given);
        var perMeter = TwinaxLoss.PerLength(cable.Twinax, frequency);
        var lossGrade = OpticalBudget.Weaker(cable.Twinax.SkinLoss.Grade, cable.Twinax.DielectricLoss.Grade);
        (string, double, double?, string, Grade)[] head;
        if (passive && given is not null)
        {
            head = given.HostLoss is { Value.Si: > 0 } host
                ?
                [
                    ($"{given.Name} at {frequency}", given.ChannelLoss.Value.Si, null, given.ChannelLoss.Source, given.ChannelLoss.Grade),
                    ("host boards", -host.Value.Si, null, host.Source, host.Grade),
                ]
                : [($"{given.Name} at {frequency}", given.ChannelLoss.Value.Si, null, given.ChannelLoss.Source, given.ChannelLoss.Grade)];
        }
        else
        {
            // What electronics make up for, or hosts without a stated budget bear, is the loss of the longest cable that is sold.
            var budget = perMeter.Si * cable.Reach.Value.Si + connectors.Si;
            head = [($"loss at the stated reach of {cable.Reach.Value}", budget, null, cable.Reach.Source, cable.Reach.Grade)];
        }
        var latency = notes.Known(cable.Latency, assumptions.CableLatency(cable.Class), "latency");
        var failures = notes.Known(cable.FailureRate, assumptions.CopperFailures, "failure rate");
        var watts = notes.Use(cable.Power).Si / share;
        var ber = notes.Known(given?.PreFecBer, assumptions.CablePreFecBer, "bit error ratio");
        notes.Add(assumptions.CopperFlaps.Grade);
        notes.Add(cable.Twinax.Delay.Grade);
        var perMeterPrice = (0.0, 0.0, 0.0);
        if (passive && cable.Price is null && cable.Twinax.Price is { } metre)
        {
            notes.Add(metre.Grade);
            perMeterPrice = (metre.Value.Si / share, metre.Low.Si / share, metre.High.Si / share);
        }
        else if (cable.Price is null) notes.Missing("price", "0 USD");
        else notes.Add(cable.Price.Value.Grade);
        var fec = given?.Fec ?? FecScheme.Kp4;
        return new()
        {
            Name = NameOf(cable),
            Class = cable.Class switch
            {
                CopperClass.Passive or CopperClass.Cartridge => MediaClasses.PassiveCopper,
                CopperClass.Linear => MediaClasses.ActiveCopper,
                _ => MediaClasses.RetimedCopper,
            },
            IsDirect = true,
            IsCopper = true,
            IsCutToLength = cable.Class == CopperClass.Cartridge,
            Head = head,
            LossPerMeter = perMeter.Si,
            LossOrigin = (cable.Twinax.SkinLoss.Source, lossGrade),
            CableName = cable.Twinax.Name,
            OwnConnectors = connectors.Si,
            OwnConnectorsOrigin = given?.ConnectorLoss is { } stated
                ? (stated.Source, stated.Grade)
                : (cable.Twinax.ConnectorLoss.Source, cable.Twinax.ConnectorLoss.Grade),
            Reach = cable.Reach.Value.Si,
            ReachOrigin = "the longest that is sold",
            DelayPerMeter = cable.Twinax.Delay.Value.Si,
            ModuleLatency = 2 * latency.Si,
            FecLatency = FecLatency.Of(fec, rate, assumptions).Si,
            Rate = rate,
            Assumptions = assumptions,
            PowerA = watts,
            PowerB = watts,
            AddedPower = 2 * watts,
            HostEnergyPerBit = 2 * notes.Use(assumptions.HostSerDes).Si,
            FailureRate = failures.Si / share,
            FlapRate = assumptions.CopperFlaps.Value.Si,
            PriceValue = (cable.Price?.Value.Si ?? 0) / share,
            PriceLow = (cable.Price?.Low.Si ?? 0) / share,
            PriceHigh = (cable.Price?.High.Si ?? 0) / share,
            PriceIsKnown = cable.Price is not null || (passive && cable.Twinax.Price is not null),
            PricePerMeter = perMeterPrice,
            Errors = ErrorsOf(fec, code, ber, rate, electrical: true, assumptions.ElectricalErrorPropagation),
            Ends = [new(cable, 1.0 / share, PartMeasure.Pieces, false)],
            // A cartridge stands behind all trays of a rack: changing one empties it.
            FieldReplaceable = cable.Class != CopperClass.Cartridge,
            OtherGrade = notes.Weakest,
            Unknown = [.. notes.Unknown],
        };
    }

    Medium ActiveCable(Transceiver cable, Bandwidth rate, int share)
    {
        var notes = new Notes();
        var given = cable.Interface;
        var reach = cable.Reach ?? given?.Reach;
        var watts = PowerOf(cable, share, notes);
        var latency = notes.Known(cable.Latency, assumptions.ModuleLatency(cable.Class), "latency");
        var failures = notes.Known(cable.FailureRate, assumptions.PluggableFailures, "failure rate");
        var price = PriceOf(cable, share, notes);
        // Without an interface only its reach is known, and a budget that fits it: 3 dB/km of multimode fibre.
        var perMeter = given?.Fibre.Attenuation.Value.Si ?? 0.003;
        var budget = given is null ? null : OpticalBudget.Between(given, given);
        var meters = reach?.Value.Si ?? 0;
        var fec = given?.Fec ?? FecScheme.Kp4;
        var ber = notes.Known(given?.PreFecBer, assumptions.OuterCodeBer, "bit error ratio");
        notes.Add(assumptions.OpticalFlaps.Grade);
        return new()
        {
            Name = NameOf(cable),
            Class = given?.Fibre.SingleMode == true ? MediaClasses.SinglemodeOptics : MediaClasses.MultimodeOptics,
            Impediment = reach is null ? "the catalogue gives no reach for it" : watts is null ? "the catalogue gives no power for it" : null,
            IsDirect = true,
            IsCopper = false,
            Head = budget is null
                ? [($"loss at the stated reach of {Length.FromMeters(meters)}", perMeter * meters, null, reach?.Source ?? "", reach?.Grade ?? Grade.Assumption)]
                : HeadOf(budget),
            LossPerMeter = perMeter,
            LossOrigin = given is null
                ? ("IEEE 802.3, multimode fibre at 850 nm", Grade.Assumption)
                : (given.Fibre.Attenuation.Source, given.Fibre.Attenuation.Grade),
            CableName = given?.Fibre.Name ?? "multimode fibre",
            Reach = meters,
            ReachOrigin = "stated by its vendor",
            DelayPerMeter = given?.Fibre.Delay.Value.Si ?? OmDelay,
            ModuleLatency = 2 * latency.Si,
            FecLatency = FecLatency.Of(fec, rate, assumptions).Si,
            Rate = rate,
            Assumptions = assumptions,
            PowerA = watts ?? 0,
            PowerB = watts ?? 0,
            AddedPower = 2 * (watts ?? 0),
            HostEnergyPerBit = 2 * notes.Use(assumptions.HostSerDes).Si,
            // The catalogue counts one end of an active cable, as it does of any module.
            FailureRate = 2 * failures.Si / share,
            FlapRate = assumptions.OpticalFlaps.Value.Si,
            PriceValue = 2 * price.Value,
            PriceLow = 2 * price.Low,
            PriceHigh = 2 * price.High,
            PriceIsKnown = cable.Price is not null,
            Errors = ErrorsOf(fec, CodeOf(given), ber, rate, electrical: false, PropagationOf(cable)),
            Ends = [new(cable, 2.0 / share, PartMeasure.Pieces, false)],
            FieldReplaceable = cable.FieldReplaceable,
            OtherGrade = notes.Weakest,
            Unknown = [.. notes.Unknown],
        };
    }

    Medium Optical(Bandwidth rate, Transceiver one, double shareA, LinkEnd a, Transceiver other, double shareB, LinkEnd b)
    {
        var notes = new Notes();
        var first = one.Interface;
        var second = other.Interface;
        var budget = first is null || second is null ? null : OpticalBudget.Between(first, second);
        var same = ReferenceEquals(one, other) || one == other;
        var wattsA = PowerOf(one, shareA, notes);
        var wattsB = PowerOf(other, shareB, notes);
        var impediment = budget is null ? NoBudget(one, other)
            : wattsA is null || wattsB is null ? "the catalogue gives no power for it"
            : null;
        var (reach, origin) = ReachOf(one, other);
        var latency = notes.Known(one.Latency, assumptions.ModuleLatency(one.Class), "latency").Si
            + notes.Known(other.Latency, assumptions.ModuleLatency(other.Class), "latency").Si;
        var priceA = a.IsCoPackaged ? (0, 0, 0) : PriceOf(one, shareA, notes);
        var priceB = b.IsCoPackaged ? (0, 0, 0) : PriceOf(other, shareB, notes);
        var fibre = first?.Fibre;
        var fibres = 0.0;
        if (first is not null) fibres = first.Fibres.Value * (rate / first.LaneRate.Value) / first.Lanes.Value;
        var metre = fibre?.Price;
        if (metre is { } known) notes.Add(known.Grade);
        var fec = first?.Fec ?? FecScheme.Kp4;
        var code = CodeOf(first);
        var ber = first is null || second is null ? assumptions.OuterCodeBer.Value : Math.Min(first.PreFecBer.Value, second.PreFecBer.Value);
        var coPackaged = a.IsCoPackaged || b.IsCoPackaged;
        var flaps = coPackaged ? assumptions.CoPackagedFlaps : assumptions.OpticalFlaps;
        notes.Add(flaps.Grade);
        return new()
        {
            Name = same ? NameOf(one) : $"{NameOf(one)} to {NameOf(other)}",
            Class = coPackaged ? MediaClasses.CoPackagedOptics
                : fibre?.SingleMode == false ? MediaClasses.MultimodeOptics
                : MediaClasses.SinglemodeOptics,
            Impediment = impediment,
            HasBudget = budget is not null,
            IsDirect = false,
            IsCopper = false,
            Head = budget is null ? [("no budget", 0, null, "", Grade.Assumption)] : HeadOf(budget),
            LossPerMeter = fibre?.Attenuation.Value.Si ?? 0,
            LossOrigin = (fibre?.Attenuation.Source ?? "", fibre?.Attenuation.Grade ?? Grade.Assumption),
            CableName = fibre?.Name ?? "fibre",
            InterfaceName = first is null || second is null ? null
                : ReferenceEquals(first, second) || first == second ? NameOf(first)
                : $"{NameOf(first)} to {NameOf(second)}",
            Connector = first?.Connector,
            // Multimode lasers are too incoherent for echoes to beat.
            ExtinctionRatio = budget is not null && fibre?.SingleMode == true ? ExtinctionOf(first!, second!) : null,
            ReflectionAllowance = budget is { Launch: not null, Penalties.Si: > 0 } ? budget.Penalties.Si : assumptions.ReflectionAllowance.Value.Si,
            Reach = reach,
            ReachOrigin = origin,
            Overload = first is null || second is null ? 0 : OpticalBudget.Overload(first, second).Si,
            DelayPerMeter = fibre?.Delay.Value.Si ?? 0,
            ModuleLatency = latency,
            FecLatency = FecLatency.Of(fec, rate, assumptions).Si,
            Rate = rate,
            Assumptions = assumptions,
            PowerA = wattsA ?? 0,
            PowerB = wattsB ?? 0,
            AddedPower = (a.IsCoPackaged ? 0 : wattsA ?? 0) + (b.IsCoPackaged ? 0 : wattsB ?? 0),
            HostEnergyPerBit = HostOf(a, notes) + HostOf(b, notes),
            FailureRate = FailuresOf(one, shareA, notes) + FailuresOf(other, shareB, notes),
            FlapRate = flaps.Value.Si,
            PriceValue = priceA.Value + priceB.Value,
            PriceLow = priceA.Low + priceB.Low,
            PriceHigh = priceA.High + priceB.High,
            PriceIsKnown = (a.IsCoPackaged || one.Price is not null) && (b.IsCoPackaged || other.Price is not null),
            PricePerMeter = metre is { } price ? (fibres * price.Value.Si, fibres * price.Low.Si, fibres * price.High.Si) : (0, 0, 0),
            Fibre = fibre,
            Fibres = fibres,
            Errors = ErrorsOf(fec, code, ber, rate, electrical: false, OfBoth(PropagationOf(one), PropagationOf(other))),
            Ends = same && a.IsCoPackaged == b.IsCoPackaged
                ? [new(one, 1 / shareA + 1 / shareB, PartMeasure.Pieces, a.IsCoPackaged)]
                : [new(one, 1 / shareA, PartMeasure.Pieces, a.IsCoPackaged), new(other, 1 / shareB, PartMeasure.Pieces, b.IsCoPackaged)],
            FieldReplaceable = one.FieldReplaceable && other.FieldReplaceable && !coPackaged,
            OtherGrade = notes.Weakest,
            Unknown = [.. notes.Unknown],
        };
    }

    static string NoBudget(Transceiver one, Transceiver other)
    {
        if (one.Interface is null || other.Interface is null)
            return $"no budget can be drawn up: the catalogue names no optical interface for '{NameOf(one.Interface is null ? one : other)}'";
        var without = OpticalBudget.Between(one.Interface, one.Interface) is null ? one.Interface : other.Interface;
        if (without.ExternalLaser is { } inside)
            return $"no budget can be drawn up: the catalogue gives no power a wavelength for laser '{NameOf(inside.Laser)}'";
        return $"no budget can be drawn up: the catalogue gives neither levels nor channel loss for interface '{NameOf(without)}'";
    }

    static (string, double, double?, string, Grade)[] HeadOf(OpticalBudget budget)
    {
        if (budget.Inside.Count > 0)
            return [.. budget.Inside.Select(t => (t.Name, t.Change.Si, t.Level?.Si, t.Source, t.Grade))];
        if (budget is not { Launch: { } launch, Sensitivity: { } needed })
            return [("channel insertion loss that is allowed", budget.Power.Si, null, budget.Source, budget.Grade)];
        var name = $"launched OMA {launch} over stressed sensitivity {needed}";
        return budget.Penalties.Si == 0
            ? [(name, budget.Power.Si, launch.Si, budget.Source, budget.Grade)]
            :
            [
                (name, budget.Power.Si, launch.Si, budget.Source, budget.Grade),
                ("multipath interference and other penalties", -budget.Penalties.Si, null, budget.Source, budget.Grade),
            ];
    }

    static (double Meters, string Origin) ReachOf(Transceiver one, Transceiver other)
    {
        var meters = double.PositiveInfinity;
        var origin = "no reach is stated";
        void Hold(Sourced<Length>? reach, string from)
        {
            if (reach is not { } given || given.Value.Si >= meters) return;
            meters = given.Value.Si;
            origin = from;
        }
        Hold(one.Interface?.Reach, one.Interface?.Standard ?? "");
        Hold(other.Interface?.Reach, other.Interface?.Standard ?? "");
        Hold(one.Reach, $"stated for {NameOf(one)}");
        Hold(other.Reach, $"stated for {NameOf(other)}");
        return (meters, origin);
    }

    static double? PowerOf(Transceiver part, double share, Notes notes)
    {
        if (part.Power is { } power) return notes.Use(power).Si / share;
        if (part.EnergyPerBit is { } energy) return notes.Use(energy).Si * part.Rate.Value.Si / share;
        notes.Missing("power", "nothing");
        return null;
    }

    static (double Value, double Low, double High) PriceOf(Transceiver part, double share, Notes notes)
    {
        if (part.Price is not { } price)
        {
            notes.Missing($"price of {NameOf(part)}", "0 USD");
            return (0, 0, 0);
        }
        notes.Add(price.Grade);
        return (price.Value.Si / share, price.Low.Si / share, price.High.Si / share);
    }

    double FailuresOf(Transceiver part, double share, Notes notes) =>
        notes.Known(part.FailureRate, part.Class == TransceiverClass.CoPackaged ? assumptions.EngineFailures : assumptions.PluggableFailures,
            $"failure rate of {NameOf(part)}").Si / share;

    double HostOf(LinkEnd end, Notes notes) => notes.Use(end.IsCoPackaged ? assumptions.CoPackagedSerDes : assumptions.HostSerDes).Si;

    LinkErrorModel ErrorsOf(FecScheme fec, LineCode code, double ber, Bandwidth rate, bool electrical, Sourced<double> continuation) => new()
    {
        Fec = fec,
        Code = code,
        Spacing = code.Spacing(ber),
        InnerGain = ErrorCorrection.InnerGain(fec, code, ber, assumptions.OuterCodeBer.Value),
        IsElectrical = electrical,
        Propagation = new(continuation.Value, code, FecLatency.InterleavedCodewords(rate)),
        Continuation = continuation,
    };

    // Where nothing in the module decides, the host's receiver does, over light and copper together.
    Sourced<double> PropagationOf(Transceiver part) =>
        part.Class is TransceiverClass.Retimed or TransceiverClass.ActiveCable ? assumptions.OpticalErrorPropagation : assumptions.ElectricalErrorPropagation;

    static Sourced<double> OfBoth(Sourced<double> one, Sourced<double> other) => one.Value >= other.Value ? one : other;

    /// <summary>The smaller extinction ratio, with which reflections cost more.</summary>
    static Decibels? ExtinctionOf(OpticalInterface a, OpticalInterface b)
    {
        var (one, other) = (Of(a), Of(b));
        return one is { } x && other is { } y ? Quantity.Min(x, y) : one ?? other;

        static Decibels? Of(OpticalInterface given) => given.ExternalLaser?.ExtinctionRatio.Value ?? given.ExtinctionRatio?.Value;
    }

    static LineCode CodeOf(OpticalInterface? given) =>
        string.Equals(given?.Modulation, "NRZ", StringComparison.OrdinalIgnoreCase) ? LineCode.Nrz : LineCode.Pam4;

    /// <summary>The weakest grade of what was used, and what was not known.</summary>
    sealed class Notes
    {
        public Grade Weakest { get; private set; }

        public List<string> Unknown { get; } = [];

        public void Add(Grade grade) => Weakest = OpticalBudget.Weaker(Weakest, grade);

        public T Use<T>(Sourced<T> figure)
        {
            Add(figure.Grade);
            return figure.Value;
        }

        public T Known<T>(Sourced<T>? figure, Sourced<T> otherwise, string what)
        {
            if (figure is { } given) return Use(given);
            Missing(what, $"{otherwise.Value}");
            return Use(otherwise);
        }

        public void Missing(string what, string standIn)
        {
            var line = $"{what}: {standIn} assumed";
            if (!Unknown.Contains(line)) Unknown.Add(line);
            Add(Grade.Assumption);
        }
    }
}
