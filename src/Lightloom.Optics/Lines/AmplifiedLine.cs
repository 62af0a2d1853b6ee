// A line between two sites, as it is planned: spans of fibre, an amplifier behind each, and what stands at the ends.
//
//   transmitter ─ multiplexer ─ [ROADM: adds] ─ [booster | attenuator] ─ span ─ amplifier ─ … ─ span ─ amplifier ─ [ROADM: drops] ─ demultiplexer
//
//   P_booster   power that reaches the booster: transmitted less the multiplexer's loss, at most the ROADM's target     dBm
//   G_booster   = launch − P_booster, or an attenuator where that is negative                                           dB
//   G_k         = min( launch − P_k , largest flat gain ),   P_k power behind span k                                     dB
//
// so that every span is entered with the launch power, as far as gains reach. Without amplifiers the transmitters' own power is
// what is launched.
//
// Example: five spans of 80 km (17 dB with connectors) at a launch of 1 dBm from transmitters that send −6 dBm: a booster of 7 dB
// and five amplifiers of 17 dB.

using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>A planned line of spans.</summary>
public sealed record AmplifiedLine
{
    /// <summary>The spans, in order.</summary>
    public required IReadOnlyList<FibreSpan> Spans { get; init; }

    /// <summary>The amplifiers to choose from, for each place the quietest that is flat there; empty for a line without amplifiers.</summary>
    public IReadOnlyList<LineAmplifierKind> Amplifiers { get; init; } = [];

    /// <summary>Loss of the multiplexer, and once more of the demultiplexer.</summary>
    public Decibels MultiplexerLoss { get; init; }

    /// <summary>Power per channel that ROADMs at both ends set what they add to; null where there are none.</summary>
    public DecibelMilliwatts? RoadmTarget { get; init; }

    /// <summary>OSNR in 0.1 nm that adding and dropping together leave a clean channel with.</summary>
    public Decibels AddDropOsnr { get; init; } = Decibels.FromDecibels(38);

    /// <summary>Whether anything amplifies.</summary>
    public bool IsAmplified => Amplifiers.Count > 0;

    /// <summary>Length of all spans.</summary>
    public Length Length => Length.FromMeters(Spans.Sum(s => s.Length.Meters));

    /// <summary>Loss of a span in the middle of the C band.</summary>
    public static Decibels LossOf(FibreSpan span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return span.Loss(Frequency.FromTerahertz(193.4));
    }

    /// <summary>The power that reaches the booster.</summary>
    /// <param name="transmitted">Power that transmitters send.</param>
    public DecibelMilliwatts BeforeBooster(DecibelMilliwatts transmitted)
    {
        var power = transmitted.Si - MultiplexerLoss.Si;
        return DecibelMilliwatts.FromDbm(RoadmTarget is { } target ? Math.Min(power, target.Si) : power);
    }

    /// <summary>Noise of the booster over the signal in 0.1 nm, linear: h f · 12.5 GHz · NF / P_booster; 0 without a booster.</summary>
    /// <param name="transmitted">Power that transmitters send.</param>
    /// <param name="launch">Power of a channel at the input of the first span.</param>
    /// <param name="frequency">Where the noise is asked for.</param>
    public double BoosterNoise(DecibelMilliwatts transmitted, DecibelMilliwatts launch, Frequency frequency)
    {
        var input = BeforeBooster(transmitted);
        var gain = launch.Si - input.Si;
        if (!IsAmplified || gain <= 1e-9) return 0;
        var figure = LineAmplifierKind.Quietest(Amplifiers, Decibels.FromDecibels(gain)).NoiseFigureAt(Decibels.FromDecibels(gain));
        return LinePropagation.PlanckConstant * frequency.Hertz * LinePropagation.ReferenceBand * figure.Ratio / input.Power.Watts;
    }

    /// <summary>What light passes from transmitters to receivers.</summary>
    /// <param name="transmitted">Power that transmitters send.</param>
    /// <param name="launch">Power of a channel at the input of each span; without amplifiers it has no say.</param>
    /// <exception cref="InputException">There is no span.</exception>
    public IReadOnlyList<LineElement> Elements(DecibelMilliwatts transmitted, DecibelMilliwatts launch)
    {
        var elements = new List<LineElement>(2 * Spans.Count + 5);
        if (MultiplexerLoss.Si != 0) elements.Add(new Attenuator { Name = "multiplexer", Loss = MultiplexerLoss });
        // One end is half of what both add.
        var end = AddDropOsnr + Decibels.FromRatio(2);
        if (RoadmTarget is { } target)
            elements.Add(new Roadm { Name = "ROADM, adds", Target = EqualisationTarget.PerChannel(target), AddOrDropOsnr = end });
        if (IsAmplified)
        {
            var gain = launch.Si - BeforeBooster(transmitted).Si;
            if (gain > 1e-9) elements.Add(Amplifier("booster", gain));
            else if (gain < -1e-9) elements.Add(new Attenuator { Name = "attenuator", Loss = Decibels.FromDecibels(-gain) });
        }
        elements.AddRange(Core());
        if (RoadmTarget is not null)
        {
            // It drops what arrives as it arrives, and leaves its noise.
            elements.Add(new Roadm
            {
                Name = "ROADM, drops",
                Target = EqualisationTarget.PerChannel(DecibelMilliwatts.FromDbm(100)),
                AddOrDropOsnr = end,
            });
        }
        if (MultiplexerLoss.Si != 0) elements.Add(new Attenuator { Name = "demultiplexer", Loss = MultiplexerLoss });
        return elements;
    }

    /// <summary>Price of the amplifiers of both directions; null where one has no price.</summary>
    /// <inheritdoc cref="Elements"/>
    public Money? AmplifierPrice(DecibelMilliwatts transmitted, DecibelMilliwatts launch)
    {
        var total = 0.0;
        foreach (var amplifier in Elements(transmitted, launch).OfType<LineAmplifier>())
        {
            if (Amplifiers.FirstOrDefault(k => ReferenceEquals(k.Model, amplifier.Model))?.Price is not { } price) return null;
            total += 2 * price.Dollars;
        }
        return Money.FromDollars(total);
    }

    /// <summary>The spans and their amplifiers alone, to be entered with the launch power itself.</summary>
    /// <exception cref="InputException">There is no span.</exception>
    public IReadOnlyList<LineElement> Core()
    {
        if (Spans.Count == 0) throw new InputException("a line needs at least one span");
        var elements = new List<LineElement>(2 * Spans.Count);
        var below = 0.0; // how far behind the launch power the last amplifier left the channels, in dB
        for (var k = 0; k < Spans.Count; k++)
        {
            elements.Add(Spans[k].Name.Length > 0 ? Spans[k] : Spans[k] with { Name = $"span {k + 1}" });
            if (!IsAmplified) continue;
            var wanted = below + LossOf(Spans[k]).Si;
            var amplifier = Amplifier($"amplifier {k + 1}", wanted);
            below = wanted - amplifier.Gain.Si;
            elements.Add(amplifier);
        }
        return elements;
    }

    LineAmplifier Amplifier(string name, double wanted)
    {
        var kind = LineAmplifierKind.Quietest(Amplifiers, Decibels.FromDecibels(wanted));
        return new()
        {
            Name = Amplifiers.Count > 1 ? $"{name}, {kind.Name}" : name,
            Model = kind.Model,
            Gain = Decibels.FromDecibels(Math.Min(wanted, kind.Model.GainFlatMaximum.Si)),
        };
    }
}
