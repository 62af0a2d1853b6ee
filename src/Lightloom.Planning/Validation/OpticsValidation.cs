// Lines between sites beside GNPy's values.
//
//   gnpy_point_to_point   nsp × ( span of L km at alpha dB/km with two connectors of con dB; amplifier of noise figure nf whose gain
//                         is the span's loss ); nch channels of baud every spacing from f0, each launched with pdbm.
//                         Published of the middle channel, number nch/2 from 0:
//     osnr01, snr_ase     signal over amplifier noise in 0.1 nm and in the signal's band       dB
//     snr_nli             signal over nonlinear interference                                    dB
//     gsnr, gsnr01        signal over both, in the signal's band and in 0.1 nm                  dB
//     gmin, gmax          least and largest gsnr of all channels                                dB
//     pch                 power with all noise                                                  dBm
//     cd, lat_ms, gamma_mid   dispersion (ps/nm), delay (ms), Kerr coefficient (1/(W·m))        relative
//   gnpy_launch_sweep     the same of five spans of 80 km (0.2 dB/km, connectors of 0.5 dB, NF 5 dB), 64 channels of 64 GBd every
//                         75 GHz from 191.375 THz, over the launch power p_ch_dbm; a column of the table above sets its value instead
//   gnpy_edfa_nf          two coils of an amplifier (nf1, nf2, delta_p) and its noise figure at gain_db, without padding    dB
//
// Agreement is 0.01 dB for lines, 0.001 dB for noise figures and 0.1 % for the relative ones.

using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

/// <summary>Lines between sites beside GNPy's values; the tables are those of <c>data/validation/optics</c>.</summary>
public sealed class OpticsValidation : IValidationKind
{
    const double LineTolerance = 0.01; // dB
    const double NoiseFigureTolerance = 0.001; // dB
    const double RelativeTolerance = 0.001;

    /// <inheritdoc/>
    public string Name => "optics";

    /// <inheritdoc/>
    public string Description => "amplified lines and amplifiers beside GNPy's values";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("gnpy_point_to_point", ["L", "nsp", "alpha", "con", "nf", "f0", "nch", "spacing", "baud", "pdbm"], PointToPoint),
        new("gnpy_launch_sweep", ["p_ch_dbm"], LaunchSweep),
        new("gnpy_edfa_nf", ["gain_min", "gain_flatmax", "nf_min", "nf_max", "gain_db"], NoiseFigures),
    ];

    static void PointToPoint(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            var id = row["case"];
            Line(run, row, id.Length > 0 ? id : $"row {row.Number}", row.Real("pdbm", -100, 60),
                [("osnr01", "OSNR"), ("snr_ase", "SNR_ASE"), ("snr_nli", "SNR_NLI"), ("gsnr", "GSNR"), ("gsnr01", "GSNR in 0.1 nm")]);
        }
    }

    static void LaunchSweep(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            Line(run, row, $"{row["p_ch_dbm"]} dBm", row.Real("p_ch_dbm", -100, 60),
                [("osnr01_db", "OSNR"), ("snr_ase_db", "SNR_ASE"), ("snr_nli_db", "SNR_NLI"), ("gsnr_db", "GSNR")]);
        }
    }

    /// <summary>Predicts a row; what it doesn't say is that of the launch sweep's line.</summary>
    static void Line(ValidationRun run, CsvRow row, string id, double launch, IReadOnlyList<(string Column, string Quantity)> ratios)
    {
        double Given(string column, double otherwise, double least, double most) => Required(column) ? row.Real(column, least, most) : otherwise;
        int Counted(string column, int otherwise, int most) => Required(column) ? (int)row.Count(column, 1, most) : otherwise;
        bool Required(string column) => row.Table.Has(column);
        var (kilometers, spans) = (Given("L", 80, 1e-3, 1e4), Counted("nsp", 5, LinePropagation.MaximumElements / 2));
        var (perKilometer, connector, noise) = (Given("alpha", 0.2, 1e-3, 100), Given("con", 0.5, 0, 50), Given("nf", 5, -10, 100));
        var (lowest, spacing) = (Given("f0", 191.375e12, 1e13, 1e15), Given("spacing", 75e9, 1e6, 1e14));
        var (channels, baud) = (Counted("nch", 64, Spectrum.MaximumChannels), Given("baud", 64e9, 1e6, 1e13));
        try
        {
            var span = new FibreSpan
            {
                Length = Length.FromKilometers(kilometers),
                Attenuation = Attenuation.FromDecibelsPerKilometer(perKilometer),
                ConnectorIn = Decibels.FromDecibels(connector),
                ConnectorOut = Decibels.FromDecibels(connector),
            };
            var amplifier = new LineAmplifier
            {
                Model = AmplifierModel.WithNoiseFigure(Decibels.FromDecibels(noise)),
                Gain = Decibels.FromDecibels(perKilometer * kilometers + 2 * connector),
            };
            var spectrum = Spectrum.Uniform(Frequency.FromHertz(lowest), Frequency.FromHertz(spacing), channels, SymbolRate.FromBaud(baud));
            var line = new LinePropagation(spectrum, [.. Enumerable.Range(0, 2 * spans).Select(k => k % 2 == 0 ? (LineElement)span : amplifier)]);
            line.Propagate(DecibelMilliwatts.FromDbm(launch));
            var middle = line[channels / 2];
            foreach (var (column, quantity) in ratios)
            {
                Decibel(column, quantity, (quantity switch
                {
                    "OSNR" => middle.Osnr,
                    "SNR_ASE" => middle.OsnrInBand,
                    "SNR_NLI" => middle.SnrNonlinear,
                    "GSNR" => middle.GsnrInBand,
                    _ => middle.Gsnr,
                }).Si);
            }
            var all = Enumerable.Range(0, channels).Select(i => line[i].GsnrInBand.Si).ToList();
            Decibel("gmin", "least GSNR", all.Min());
            Decibel("gmax", "largest GSNR", all.Max());
            Decibel("pch", "power", middle.Power.Si, "dBm");
            Relative("cd", "dispersion", middle.Dispersion, "ps/nm");
            Relative("lat_ms", "delay", middle.Delay.Milliseconds, "ms");
            Relative("gamma_mid", "Kerr coefficient", span.Type.KerrCoefficient(middle.Frequency), "1/(W·m)");
        }
        catch (InputException e) when (e.Mark is null)
        {
            run.Skip(row, e.Problem);
        }

        void Decibel(string column, string quantity, double predicted, string unit = "dB") =>
            Point(run, row, id, column, quantity, predicted, unit, "dB", LineTolerance);
        void Relative(string column, string quantity, double predicted, string unit) =>
            Point(run, row, id, column, quantity, predicted, unit, null, RelativeTolerance);
    }

    static void NoiseFigures(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            double Db(string column) => row.Real(column, -100, 100);
            var (least, flat, best, worst, gain) = (Db("gain_min"), Db("gain_flatmax"), Db("nf_min"), Db("nf_max"), Db("gain_db"));
            var amplifier = row["amp"];
            var id = FormattableString.Invariant($"{(amplifier.Length > 0 ? amplifier : $"row {row.Number}")} at {gain} dB");
            TwoCoilNoiseFigure coils;
            try
            {
                coils = NoiseFigure.TwoCoils(Decibels.FromDecibels(least), Decibels.FromDecibels(flat), Decibels.FromDecibels(best), Decibels.FromDecibels(worst));
            }
            catch (InputException e)
            {
                run.Skip(row, e.Problem);
                continue;
            }
            // Below its least gain an amplifier works at that gain, behind a pad.
            var figure = coils.At(Decibels.FromDecibels(Math.Max(gain, least)), Decibels.FromDecibels(flat), DecibelMilliwatts.FromDbm(0));
            Point(run, row, id, "nf_db_no_pad", "NF", figure.Si, "dB", "dB", NoiseFigureTolerance);
            Point(run, row, id, "nf1", "NF, first coil", coils.First.Si, "dB", "dB", NoiseFigureTolerance);
            Point(run, row, id, "nf2", "NF, second coil", coils.Second.Si, "dB", "dB", NoiseFigureTolerance);
            Point(run, row, id, "delta_p", "Δp of the coils", coils.PowerDifference.Si, "dB", "dB", NoiseFigureTolerance);
        }
    }

    static void Point(
        ValidationRun run, CsvRow row, string id, string column, string quantity, double predicted, string unit, string? errorUnit, double tolerance)
    {
        if (row.NumberOrNull(column) is not { } published) return;
        run.Add(new()
        {
            File = row.Table.Name,
            Row = row.Number,
            Id = id,
            Quantity = quantity,
            Published = published,
            Predicted = predicted,
            Unit = unit,
            ErrorUnit = errorUnit,
            Tolerance = tolerance,
            Tags = [new("quantity", quantity)],
        });
    }
}
