// Words of the shell: what quotes, dollar signs, backslashes and backticks make of them (POSIX 1003.1, "Quoting" and "Word Expansions").

using System.Text;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>Parses words.</summary>
sealed partial class ShellParser
{
    ShellWord Word(bool allowEmpty = false)
    {
        var (start, mark) = (at, source.At(at));
        var parts = new List<ShellPart>();
        var plain = new StringBuilder();
        var plainAt = mark;
        void Flush()
        {
            if (plain.Length == 0) return;
            parts.Add(new LiteralPart(plain.ToString(), plainAt, false));
            plain.Clear();
        }
        void Add(char c, int offset)
        {
            if (plain.Length == 0) plainAt = source.At(offset);
            plain.Append(c);
        }
        while (!Ended)
        {
            var c = Here;
            if (c is ' ' or '\t' or '\n' or ';' or '&' or '|' or '<' or '>' or '(' or ')') break;
            if (c == '\\')
            {
                if (at + 1 < text.Length && text[at + 1] != '\n')
                {
                    Flush();
                    parts.Add(new LiteralPart(text[at + 1].ToString(), source.At(at), true));
                }
                at += 2;
            }
            else if (c == '\'')
            {
                Flush();
                SingleQuoted(parts);
            }
            else if (c == '"')
            {
                Flush();
                DoubleQuoted(parts);
            }
            else if (c == '$' && Substitution(false) is { } part)
            {
                Flush();
                parts.Add(part);
            }
            else if (c == '`')
            {
                Flush();
                parts.Add(Backticks(false));
            }
            else if (c == ShellText.Hole)
            {
                Flush();
                parts.Add(new HolePart(source.HoleAt(at++), false));
            }
            else
            {
                Add(c, at++);
            }
        }
        at = Math.Min(at, text.Length);
        Flush();
        if (at == start && !allowEmpty) throw Wrong(Ended ? "a word is expected here, and the script ends" : $"a word is expected here, found '{(Here == '\n' ? "the end of the line" : Here)}'", at);
        return new(parts, mark);
    }

    void SingleQuoted(List<ShellPart> parts)
    {
        var from = at++;
        var close = text.IndexOf('\'', at);
        if (close < 0) throw Wrong("a single quote that stands here is not closed", from);
        AddQuoted(parts, at, text[at..close]);
        at = close + 1;
    }

    // Lines of a quoted text keep their own places.
    void AddQuoted(List<ShellPart> parts, int offset, string quoted)
    {
        if (quoted.Length == 0) parts.Add(new LiteralPart("", source.At(offset), true));
        for (var i = 0; i < quoted.Length;)
        {
            if (quoted[i] == ShellText.Hole)
            {
                parts.Add(new HolePart(source.HoleAt(offset + i++), true));
                continue;
            }
            var end = quoted.AsSpan(i).IndexOfAny('\n', ShellText.Hole) is >= 0 and var n ? i + n + (quoted[i + n] == '\n' ? 1 : 0) : quoted.Length;
            parts.Add(new LiteralPart(quoted[i..end], source.At(offset + i), true));
            i = end;
        }
    }

    // Up to the closing quote, or up to an end where quotes mean nothing.
    void DoubleQuoted(List<ShellPart> parts, int end = -1)
    {
        var from = end < 0 ? at++ : at;
        var run = new StringBuilder();
        var runAt = at;
        var before = parts.Count;
        void Flush()
        {
            if (run.Length > 0) parts.Add(new LiteralPart(run.ToString(), source.At(runAt), true));
            run.Clear();
        }
        void Add(char c)
        {
            if (run.Length == 0) runAt = at;
            run.Append(c);
        }
        while (true)
        {
            if (end >= 0 && at >= end)
            {
                Flush();
                if (at > end) throw Wrong("a substitution in the text ('<<') that starts here is not closed", from);
                return;
            }
            if (Ended) throw Wrong("a double quote that stands here is not closed", from);
            var c = Here;
            if (c == '"' && end < 0)
            {
                Flush();
                if (parts.Count == before) parts.Add(new LiteralPart("", source.At(from), true));
                at++;
                return;
            }
            if (c == '\\' && at + 1 < text.Length && (text[at + 1] is '$' or '`' or '\\' or '\n' || (text[at + 1] == '"' && end < 0)))
            {
                if (text[at + 1] == '\n') Flush();
                else Add(text[at + 1]);
                at += 2;
            }
            else if (c == '$')
            {
                var was = at;
                if (Substitution(true) is { } part)
                {
                    Flush();
                    parts.Add(part);
                }
                else
                {
                    at = was;
                    Add(c);
                    at++;
                }
            }
            else if (c == '`')
            {
                Flush();
                parts.Add(Backticks(true));
            }
            else if (c == ShellText.Hole)
            {
                Flush();
                parts.Add(new HolePart(source.HoleAt(at++), true));
            }
            else
            {
                Add(c);
                at++;
                if (c == '\n') Flush();
            }
        }
    }

    CommandPart Backticks(bool quoted)
    {
        var (from, mark) = (at++, source.At(at));
        while (!Ended && Here != '`') at += Here == '\\' ? 2 : 1;
        if (Ended) throw Wrong("a backtick that stands here is not closed", from);
        at++;
        return new([], text[from..at], mark, quoted);
    }

    /// <summary>What a dollar sign starts; null, and nothing consumed, where it is a dollar sign.</summary>
    ShellPart? Substitution(bool quoted)
    {
        var (from, mark) = (at, source.At(at));
        if (Stands("$(("))
        {
            at++;
            var was = at;
            try
            {
                return new ArithmeticPart(Between("((", "))"), mark, quoted);
            }
            catch (InputException) when (++subshells <= MostSubshells)
            {
                // $( (subshell) ) looks alike.
                at = was - 1;
            }
        }
        if (Stands("$("))
        {
            at += 2;
            var body = Statements();
            Close(')', from);
            return new CommandPart(body, text[from..at], mark, quoted);
        }
        if (Stands("${")) return Braced(from, mark, quoted);
        if (Stands("$'") && !quoted)
        {
            at++;
            var parts = new List<ShellPart>();
            SingleQuoted(parts);
            return new LiteralPart(string.Concat(parts.OfType<LiteralPart>().Select(p => p.Text)), mark, true);
        }
        var i = at + 1;
        if (i >= text.Length) return null;
        if (char.IsAsciiDigit(text[i]) || text[i] is '@' or '*' or '#' or '?' or '$' or '!' or '-')
        {
            at = i + 1;
            return new VariablePart(text[i].ToString(), null, "", null, false, mark, quoted);
        }
        if (!char.IsAsciiLetter(text[i]) && text[i] != '_') return null;
        while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_')) i++;
        at = i;
        return new VariablePart(text[(from + 1)..i], null, "", null, false, mark, quoted);
    }

    VariablePart Braced(int from, Mark mark, bool quoted)
    {
        at += 2;
        var length = Here == '#' && at + 1 < text.Length && text[at + 1] != '}';
        if (length) at++;
        var indirect = Here == '!';
        if (indirect) at++;
        var start = at;
        if (!Ended && (char.IsAsciiDigit(Here) || Here is '@' or '*' or '#' or '?' or '$' or '-'))
        {
            at++;
            while (char.IsAsciiDigit(text[start]) && char.IsAsciiDigit(Here)) at++;
        }
        else
        {
            while (!Ended && (char.IsAsciiLetterOrDigit(Here) || Here == '_')) at++;
        }
        var name = text[start..at];
        if (name.Length == 0) throw Wrong(Ended ? "'${' that stands here is not closed" : "'${' needs the name of a variable", from);
        string? index = null;
        if (Here == '[')
        {
            var close = text.IndexOf(']', at);
            if (close < 0) throw Wrong("'[' of an index is not closed", at);
            index = text[(at + 1)..close];
            at = close + 1;
        }
        var operation = "";
        foreach (var known in new[] { ":-", ":=", ":+", ":?", "-", "=", "+", "?", "^^", ",,", "%%", "##", "//", "%", "#", "/", ":", "^", ",", "@" })
        {
            if (!Stands(known)) continue;
            operation = known;
            at += known.Length;
            break;
        }
        var argument = UntilBrace(from, quoted);
        return new(name, index, indirect ? "!" : operation, argument, length, mark, quoted);
    }

    /// <summary>The word after an operator of <c>${ }</c>, which may have white space and quotes.</summary>
    ShellWord UntilBrace(int from, bool quoted)
    {
        if (++depth > Deepest) throw Wrong($"nested more than {Deepest} levels deep", at);
        var mark = source.At(at);
        var parts = new List<ShellPart>();
        var start = at;
        void Flush()
        {
            if (at > start) parts.Add(new LiteralPart(text[start..at], source.At(start), quoted));
        }
        while (true)
        {
            if (Ended) throw Wrong("'${' that stands here is not closed", from);
            if (Here == '}')
            {
                Flush();
                at++;
                depth--;
                return new(parts, mark);
            }
            if (Here is '"' or '\'' or '$' or '`' or '\\' or ShellText.Hole)
            {
                Flush();
                if (Here == '"') DoubleQuoted(parts);
                else if (Here == '\'' && !quoted) SingleQuoted(parts);
                else if (Here == '`') parts.Add(Backticks(quoted));
                else if (Here == ShellText.Hole) parts.Add(new HolePart(source.HoleAt(at++), quoted));
                else if (Here == '$' && Substitution(quoted) is { } part) parts.Add(part);
                else
                {
                    if (Here == '\\') at++;
                    if (!Ended) parts.Add(new LiteralPart(text[at++].ToString(), source.At(at - 1), true));
                }
                start = at;
                continue;
            }
            at++;
        }
    }
}
