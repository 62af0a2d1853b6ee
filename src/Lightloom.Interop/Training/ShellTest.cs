using System.Globalization;

namespace Lightloom.Interop.Training;

/// <summary>What a condition is made of: a word, or an operator that stood without quotes.</summary>
readonly record struct TestWord(ShellValue Value, bool Bare);

/// <summary>Conditions of <c>[ ]</c>, <c>[[ ]]</c> and <c>test</c>: true, false, or not known.</summary>
sealed class ShellTest
{
    /// <summary>Deepest nesting of parentheses.</summary>
    const int Deepest = 64;

    readonly IReadOnlyList<TestWord> words;
    readonly Func<string, bool?> exists;
    int at, depth;

    ShellTest(IReadOnlyList<TestWord> words, Func<string, bool?> exists) => (this.words, this.exists) = (words, exists);

    /// <summary>Decides a condition.</summary>
    /// <param name="words">Its words.</param>
    /// <param name="exists">Whether a file exists, or null where that can't be said.</param>
    public static bool? Of(IReadOnlyList<TestWord> words, Func<string, bool?> exists)
    {
        if (words.Count == 0) return false;
        var test = new ShellTest(words, exists);
        var value = test.Or();
        // Something that isn't understood decides nothing.
        return test.at == words.Count ? value : null;
    }

    string? Bare => at < words.Count && words[at].Bare ? words[at].Value.Text : null;

    bool? Or()
    {
        var value = And();
        while (Bare is "||" or "-o")
        {
            at++;
            var right = And();
            value = value == true || right == true ? true : value == false && right == false ? false : null;
        }
        return value;
    }

    bool? And()
    {
        var value = Not();
        while (Bare is "&&" or "-a")
        {
            at++;
            var right = Not();
            value = value == false || right == false ? false : value == true && right == true ? true : null;
        }
        return value;
    }

    bool? Not()
    {
        var not = false;
        while (Bare == "!" && at + 1 < words.Count)
        {
            not = !not;
            at++;
        }
        var value = Primary();
        return not ? !value : value;
    }

    bool? Primary()
    {
        if (at >= words.Count) return null;
        if (Bare == "(" && ++depth <= Deepest)
        {
            at++;
            var inner = Or();
            if (Bare == ")") at++;
            return inner;
        }
        var left = words[at];
        if (at + 2 < words.Count && words[at + 1].Bare && Comparison(words[at + 1].Value.Text))
        {
            var (symbol, right) = (words[at + 1].Value.Text, words[at + 2]);
            at += 3;
            return Compare(left.Value, symbol, right);
        }
        if (left.Bare && left.Value.Text is ['-', _] && at + 1 < words.Count)
        {
            var (kind, operand) = (left.Value.Text[1], words[at + 1].Value);
            at += 2;
            if (kind == 'z') return operand.IsKnown ? operand.Text.Length == 0 : null;
            if (kind == 'n') return operand.IsKnown ? operand.Text.Length > 0 : null;
            return kind is 'f' or 'e' or 'r' or 's' && operand.IsKnown ? exists(operand.Text) : null;
        }
        at++;
        return left.Value.IsKnown ? left.Value.Text.Length > 0 : null;
    }

    static bool Comparison(string symbol) => symbol is "=" or "==" or "!=" or "<" or ">" or "=~" or "-eq" or "-ne" or "-lt" or "-le" or "-gt" or "-ge";

    static bool? Compare(ShellValue left, string symbol, TestWord right)
    {
        if (!left.IsKnown || !right.Value.IsKnown || symbol == "=~") return null;
        if (symbol[0] == '-')
        {
            if (!Number(left, out var a) || !Number(right.Value, out var b)) return null;
            return symbol switch { "-eq" => a == b, "-ne" => a != b, "-lt" => a < b, "-le" => a <= b, "-gt" => a > b, _ => a >= b };
        }
        if (symbol is "<" or ">") return symbol == "<" == string.CompareOrdinal(left.Text, right.Value.Text) < 0;
        var same = right.Bare && right.Value.Text.AsSpan().IndexOfAny('*', '?', '[') >= 0
            ? ShellPattern.Matches(left.Text, right.Value.Text)
            : left.Text == right.Value.Text;
        return symbol == "!=" ? !same : same;
    }

    // An empty word counts as nothing, as it does in arithmetic.
    static bool Number(ShellValue value, out long number)
    {
        number = 0;
        return value.Text.Trim().Length == 0 || long.TryParse(value.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }
}

/// <summary>Patterns of <c>case</c> and <c>[[ ]]</c>: <c>*</c>, <c>?</c> and <c>[...]</c>.</summary>
static class ShellPattern
{
    /// <summary>Whether a text is as a pattern says. Linear in memory, and in time the product of both lengths at most.</summary>
    public static bool Matches(string text, string pattern)
    {
        int t = 0, p = 0, star = -1, back = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, back) = (p++, t);
            }
            else if (p < pattern.Length && One(text[t], pattern, p) is > 0 and var used)
            {
                (t, p) = (t + 1, p + used);
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++back);
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    /// <summary>How much of the pattern matches one character; 0 where it doesn't.</summary>
    static int One(char c, string pattern, int p)
    {
        if (pattern[p] == '?') return 1;
        if (pattern[p] != '[' || pattern.IndexOf(']', p + 1) is not (> 0 and var close)) return pattern[p] == c ? 1 : 0;
        var set = pattern.AsSpan((p + 1)..close);
        var not = set.Length > 0 && set[0] is '!' or '^';
        if (not) set = set[1..];
        var inside = false;
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                inside |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                inside |= c == set[i];
            }
        }
        return inside != not ? close + 1 - p : 0;
    }
}
