using CsCheck;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class PhysicalLimitsTests
{
    static readonly Length OBand = Length.FromNanometers(1311);

    [Theory]
    [InlineData(1311, 0.152)]
    [InlineData(1550, 0.128)]
    [InlineData(850, 0.234)]
    public void A_photon_carries_the_published_energy(double nanometers, double attojoules) =>
        Assert.Equal(attojoules, PhysicalLimits.PhotonEnergy(Length.FromNanometers(nanometers)).Joules * 1e18, 3);

    [Theory]
    [InlineData(2.4e-4, 71.8)]
    [InlineData(4.85e-3, 33.6)]
    public void Pam4_needs_the_published_photons_under_shot_noise(double ber, double photons) =>
        Assert.Equal(photons, PhysicalLimits.ShotNoisePhotonsPerBit(LineCode.Pam4, ber), 1);

    // -23.4 is published for 200 Gb/s: -26.4 and 3 dB, rounded twice. Twice the symbols take 3.0103 dB, from -26.36 to -23.35.
    [Theory]
    [InlineData(53.125, -26.36)]
    [InlineData(106.25, -23.35)]
    public void The_shot_limit_in_amplitude_is_the_published_one(double gigabaud, double dbm) =>
        Assert.Equal(dbm, PhysicalLimits.ShotNoiseOma(LineCode.Pam4, 2.4e-4, SymbolRate.FromGigabaud(gigabaud), OBand).Si, 2);

    [Fact]
    public void The_shot_limit_is_that_of_a_receiver_without_other_noise() => Gen.Select(Gen.Double[-12, -1], Gen.Bool).Sample((exponent, nrz) =>
    {
        var receiver = new PamReceiver
        {
            Code = nrz ? LineCode.Nrz : LineCode.Pam4,
            SymbolRate = SymbolRate.FromGigabaud(53.125),
            Responsivity = Responsivity.Of(OBand),
            AmplifierNoise = NoiseCurrentDensity.Zero,
            ExtinctionRatio = Decibels.FromDecibels(double.PositiveInfinity),
        };
        var ber = Math.Pow(10, exponent);
        Assert.Equal(receiver.Sensitivity(ber).Level!.Value.Si,
            PhysicalLimits.ShotNoiseOma(receiver.Code, ber, receiver.SymbolRate, OBand).Si, 5e-10); // no rounding that chance can split
    });

    [Fact]
    public void Counting_photons_takes_ten_a_bit()
    {
        Assert.Equal(10.0, PhysicalLimits.CountedPhotonsPerBit(1e-9), 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalLimits.CountedPhotonsPerBit(0.5));
    }

    [Theory]
    [InlineData(1e-9, 0.69)]
    [InlineData(1, 1.0)]
    [InlineData(2, 1.5)]
    [InlineData(4, 3.75)]
    public void Shannon_asks_for_the_published_photons(double bits, double photons) =>
        Assert.Equal(photons, PhysicalLimits.ShannonPhotonsPerBit(bits), 2);

    [Theory]
    [InlineData(1, 0.29)]
    [InlineData(2, 0.50)]
    [InlineData(4, 1.35)]
    public void Holevo_asks_for_the_published_photons(double bits, double photons) =>
        Assert.Equal(photons, PhysicalLimits.HolevoPhotonsPerBit(bits), 2);

    [Fact]
    public void Holevo_lies_below_Shannon_and_both_grow_with_the_bits() => Gen.Select(Gen.Double[-8, 1.5], Gen.Double[0.001, 1]).Sample((exponent, more) =>
    {
        var bits = Math.Pow(10, exponent);
        Assert.True(PhysicalLimits.HolevoPhotonsPerBit(bits) < PhysicalLimits.ShannonPhotonsPerBit(bits));
        Assert.True(PhysicalLimits.HolevoPhotonsPerBit(bits) < PhysicalLimits.HolevoPhotonsPerBit(bits * (1 + more)));
        Assert.True(PhysicalLimits.ShannonPhotonsPerBit(bits) <= PhysicalLimits.ShannonPhotonsPerBit(bits * (1 + more)) * (1 + 1e-12));
    });

    [Fact]
    public void Holevo_inverts_the_bosonic_entropy() => Gen.Double[0.01, 20].Sample(bits =>
    {
        var photons = PhysicalLimits.HolevoPhotonsPerBit(bits) * bits;
        Assert.Equal(bits, (photons + 1) * Math.Log2(photons + 1) - photons * Math.Log2(photons), bits * 1e-8);
    });

    [Fact]
    public void Erasing_a_bit_and_light_in_vacuum()
    {
        Assert.Equal(0.0029, PhysicalLimits.Landauer().Joules * 1e18, 4);
        Assert.Equal(3.33564, PhysicalLimits.VacuumDelay.NanosecondsPerMeter, 5);
        Assert.Equal(10.9, PhysicalLimits.OpticalEnergy(71.8, OBand).JoulesPerBit * 1e18, 1);
    }

    [Fact]
    public void Photons_per_bit_and_power_are_one()
    {
        var rate = Bandwidth.FromGigabitsPerSecond(106.25);
        var average = PhysicalLimits.ShotNoiseOma(LineCode.Pam4, 2.4e-4, SymbolRate.FromGigabaud(53.125), OBand) - Decibels.FromRatio(2);
        Assert.Equal(71.8, PhysicalLimits.PhotonsPerBit(average, rate, OBand), 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalLimits.PhotonsPerBit(average, Bandwidth.Zero, OBand));
        Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalLimits.PhotonEnergy(Length.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalLimits.ShannonPhotonsPerBit(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalLimits.HolevoPhotonsPerBit(double.PositiveInfinity));
    }
}
