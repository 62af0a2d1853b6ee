using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

/// <summary>The file of kernel performances with fitted figures in it.</summary>
public static class KernelFile
{
    const int Digits = 4;

    /// <summary>The text of the file with the values of fitted figures changed and everything else as it is.</summary>
    /// <param name="text">The file, as data/catalog/kernel-performance.yaml is written: a figure on one line, its value first.</param>
    /// <param name="fits">The fits.</param>
    /// <exception cref="InputException">The file lacks a part or a figure that was fitted.</exception>
    public static string With(string text, IEnumerable<KernelFit> fits)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fits);
        foreach (var fit in fits)
        {
            foreach (var parameter in KernelParameter.All)
            {
                if (parameter.Of(fit.Kernels) is not { } figure) continue;
                text = With(text, fit.Kernels.Key.TrimEnd('*'), parameter.Key, Figure(figure.Value, parameter.Unit));
            }
            if (fit.Kernels.FusedAttention)
                text = With(text, fit.Kernels.Key.TrimEnd('*'), "attentionBackward", Figure(fit.Kernels.AttentionBackward.Value, ""));
        }
        return text;
    }

    static string Figure(double value, string unit) =>
        unit.Length > 0 ? Duration.FromMicroseconds(value).ToString($"G{Digits}") : Quantity.Round(value, Digits);

    static string With(string text, string part, string key, string figure)
    {
        var start = Regex.Match(text, $"^  {Regex.Escape(part)}:\\s*$", RegexOptions.Multiline);
        if (!start.Success) throw new InputException($"the file of kernel performances has no part '{part}'");
        var next = Regex.Match(text[(start.Index + start.Length)..], "^  [^ ]", RegexOptions.Multiline);
        var end = next.Success ? start.Index + start.Length + next.Index : text.Length;
        var line = new Regex($"(?<=^    {Regex.Escape(key)}: \\{{ value: )[^,}}]+", RegexOptions.Multiline).Match(text[start.Index..end]);
        if (!line.Success) throw new InputException($"the part '{part}' has no line '{key}: {{ value: ...'");
        var at = start.Index + line.Index;
        return string.Concat(text.AsSpan(0, at), figure, text.AsSpan(at + line.Length));
    }
}
