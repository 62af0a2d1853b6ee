using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Advice;

/// <summary>The uncertain figures that options depend on, each with one value at a time; designs that share a figure share its value.</summary>
sealed class AdviceInputs
{
    sealed class Design(int[] places)
    {
        public int[] Places { get; } = places;

        public double[] Values { get; } = new double[places.Length];

        public CostPoint Point { get; set; }

        public int At { get; set; } = -1; // setting of the inputs that the point is of
    }

    readonly List<CostFigure> figures = [];
    readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    readonly Dictionary<CostModel, Design> designs = new(ReferenceEqualityComparer.Instance);
    readonly List<double> values = [];
    int setting;

    /// <summary>All figures.</summary>
    public IReadOnlyList<CostFigure> Figures => figures;

    /// <summary>Counts a design's figures in.</summary>
    public void Add(CostModel model)
    {
        if (!designs.ContainsKey(model)) designs[model] = new([.. model.Figures.Select(Add)]);
    }

    /// <summary>Counts a figure in.</summary>
    /// <returns>Its place.</returns>
    public int Add(CostFigure figure)
    {
        if (places.TryGetValue(figure.Key, out var place)) return place;
        figures.Add(figure);
        values.Add(figure.Value);
        return places[figure.Key] = figures.Count - 1;
    }

    /// <summary>Sets every figure to its value.</summary>
    public void ToValues() => Set(static f => f.Value);

    /// <summary>Sets every figure to its value but one.</summary>
    /// <param name="place">Which.</param>
    /// <param name="value">Its value.</param>
    public void ToValuesBut(int place, double value)
    {
        ToValues();
        values[place] = value;
    }

    /// <summary>Draws every figure.</summary>
    /// <param name="seed">What samples are derived from.</param>
    /// <param name="sample">Which sample.</param>
    public void Draw(ulong seed, ulong sample) => Set(f => f.Drawn(seed, 2 * sample));

    /// <summary>The value of a figure.</summary>
    public double this[CostFigure figure] => values[places[figure.Key]];

    /// <summary>The value of a figure by its key; what is given where there is no such figure.</summary>
    public double Of(string key, double otherwise) => places.TryGetValue(key, out var place) ? values[place] : otherwise;

    /// <summary>What a design costs and draws with these values.</summary>
    public CostPoint Point(CostModel model)
    {
        var design = designs[model];
        if (design.At == setting) return design.Point;
        for (var i = 0; i < design.Values.Length; i++) design.Values[i] = values[design.Places[i]];
        (design.Point, design.At) = (model.At(design.Values), setting);
        return design.Point;
    }

    void Set(Func<CostFigure, double> value)
    {
        setting++;
        for (var i = 0; i < figures.Count; i++) values[i] = value(figures[i]);
    }
}
