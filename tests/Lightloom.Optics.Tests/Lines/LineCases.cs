using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests.Lines;

/// <summary>Lines that several tests use, and the tables of reference values.</summary>
static class LineCases
{
    public static Decibels Db(double value) => Decibels.FromDecibels(value);

    public static DecibelMilliwatts Dbm(double value) => DecibelMilliwatts.FromDbm(value);

    public static FibreSpan Span(double kilometers = 80, double connector = 0.5) => new()
    {
        Name = "span",
        Length = Length.FromKilometers(kilometers),
        ConnectorIn = Db(connector),
        ConnectorOut = Db(connector),
    };

    public static LineAmplifier Amplifier(double gain, double noiseFigure) => new()
    {
        Name = "amplifier",
        Gain = Db(gain),
        Model = AmplifierModel.WithNoiseFigure(Db(noiseFigure)),
    };

    /// <summary>Equal spans, each followed by an amplifier that makes up for it.</summary>
    public static List<LineElement> Spans(int count, double kilometers = 80, double noiseFigure = 5, double connector = 0.5)
    {
        var elements = new List<LineElement>();
        for (var k = 0; k < count; k++)
        {
            var span = Span(kilometers, connector);
            elements.Add(span);
            elements.Add(Amplifier(span.Loss(Frequency.FromTerahertz(193.4)).Si, noiseFigure));
        }
        return elements;
    }

    /// <summary>64 channels of 64 GBd every 75 GHz.</summary>
    public static Spectrum Wide { get; } = Uniform(191.375e12, 75e9, 64, 64e9);

    public static Spectrum Uniform(double lowest, double spacing, int count, double baud) =>
        Spectrum.Uniform(Frequency.FromHertz(lowest), Frequency.FromHertz(spacing), count, SymbolRate.FromBaud(baud));

    public static LineChannel Channel(double hertz, double baud, double slot, double milliwatts = 1) =>
        new(Frequency.FromHertz(hertz), SymbolRate.FromBaud(baud), Frequency.FromHertz(slot))
        {
            LaunchPower = DecibelMilliwatts.FromPower(Power.FromMilliwatts(milliwatts)),
        };

    public static IEnumerable<Dictionary<string, string>> Table(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "validation", name));
        var header = lines[0].Split(',');
        foreach (var line in lines.Skip(1).Where(l => l.Length > 0))
        {
            var cells = line.Split(',');
            yield return header.Select((h, i) => (h, cells[i])).ToDictionary(c => c.h, c => c.Item2);
        }
    }

    public static double Number(this Dictionary<string, string> row, string column) =>
        double.Parse(row[column], System.Globalization.CultureInfo.InvariantCulture);
}
