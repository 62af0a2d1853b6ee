// The grammar of the shell as far as launch scripts use it (POSIX 1003.1, "Shell Command Language"; bash's manual for arrays, [[ ]]
// and (( ))). Read in one pass over the characters; nothing is ever run.

using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>Parses a shell script into statements.</summary>
sealed partial class ShellParser
{
    /// <summary>Deepest nesting of statements and substitutions.</summary>
    const int Deepest = 64;

    /// <summary>Most substitutions that start like arithmetic and aren't; each is searched for its end.</summary>
    const int MostSubshells = 16;

    static readonly string[] Declarations = ["export", "declare", "local", "readonly", "typeset"];

    readonly ShellText source;
    readonly string text;
    readonly List<(string End, bool Quoted, HereDocument? Kept)> hereDocuments = [];
    int at, depth, subshells;

    ShellParser(ShellText source) => (this.source, text) = (source, source.Text);

    /// <summary>Parses a script.</summary>
    /// <exception cref="InputException">A quote, a bracket or a compound statement isn't closed, or it is nested too deeply.</exception>
    public static IReadOnlyList<ShellStatement> Parse(ShellText source)
    {
        var parser = new ShellParser(source);
        var statements = parser.Statements();
        return parser.at >= parser.text.Length ? statements : throw parser.Wrong($"'{parser.text[parser.at]}' closes nothing", parser.at);
    }

    char Here => at < text.Length ? text[at] : '\0';

    bool Ended => at >= text.Length;

    InputException Wrong(string problem, int offset) => new(problem, source.At(Math.Min(offset, text.Length)));

    bool Stands(string expected) => string.CompareOrdinal(text, at, expected, 0, expected.Length) == 0;

    IReadOnlyList<ShellStatement> Statements(params string[] ends)
    {
        if (++depth > Deepest) throw Wrong($"nested more than {Deepest} levels deep", at);
        var list = new List<ShellStatement>();
        while (true)
        {
            SkipSeparators();
            if (Ended || Here == ')' || Stands(";;") || (PeekWord() is { Length: > 0 } word && ends.Contains(word))) break;
            list.Add(Chain());
            SkipBlanks();
            if (!Ended && Here is not (';' or '&' or '\n' or ')' or '#')) throw Wrong($"'{Here}' is not expected here", at);
        }
        depth--;
        return list;
    }

    void Expect(string word, string what, int from)
    {
        SkipSeparators();
        if (PeekWord() != word) throw Wrong($"{what} that starts here has no '{word}'", from);
        at += word.Length;
    }

    ShellStatement Chain()
    {
        var first = Pipeline();
        List<(bool, ShellStatement)>? rest = null;
        while (true)
        {
            SkipBlanks();
            var and = Stands("&&");
            if (!and && !Stands("||")) return rest is null ? first : new ChainStatement(first, rest, first.Mark);
            at += 2;
            SkipLines();
            (rest ??= []).Add((and, Pipeline()));
        }
    }

    ShellStatement Pipeline()
    {
        SkipBlanks();
        var mark = source.At(at);
        var not = false;
        while (PeekWord() == "!")
        {
            at++;
            not = !not;
            SkipBlanks();
        }
        var pipe = Piped(mark);
        return not ? new NotStatement(pipe, mark) : pipe;
    }

    ShellStatement Piped(Mark mark)
    {
        var first = Command();
        SkipBlanks();
        if (Here != '|' || Stands("||")) return first;
        var all = new List<ShellStatement> { first };
        while (Here == '|' && !Stands("||"))
        {
            at += Stands("|&") ? 2 : 1;
            SkipLines();
            all.Add(Command());
            SkipBlanks();
        }
        return new GroupStatement(all, true, mark);
    }

    ShellStatement Command()
    {
        if (++depth > Deepest) throw Wrong($"nested more than {Deepest} levels deep", at);
        var command = Read();
        depth--;
        return command;
    }

    ShellStatement Read()
    {
        SkipBlanks();
        var (from, mark) = (at, source.At(at));
        if (Stands("((")) return Arithmetic(mark);
        if (Here == '(')
        {
            at++;
            var body = Statements();
            Close(')', from);
            SkipRedirections();
            return new GroupStatement(body, true, mark);
        }
        switch (PeekWord())
        {
            case "if":
                at += 2;
                return If(from, mark);
            case "for" or "select":
                at += PeekWord().Length;
                return For(from, mark);
            case "while" or "until":
                var until = PeekWord() == "until";
                at += 5;
                var condition = Statements("do");
                return new LoopStatement(null, [], condition, until, Body(from), mark);
            case "case":
                at += 4;
                return Case(from, mark);
            case "{":
                at++;
                var inner = Statements("}");
                Expect("}", "a group", from);
                SkipRedirections();
                return new GroupStatement(inner, false, mark);
            case "[[":
                at += 2;
                return Test(from, mark);
            case "function":
                at += 8;
                SkipBlanks();
                var name = Word().Plain ?? throw Wrong("a function needs a plain name", from);
                SkipBlanks();
                if (Stands("()")) at += 2;
                SkipLines();
                return new FunctionStatement(name, [Command()], mark);
            default:
                return Simple(mark);
        }
    }

    IfStatement If(int from, Mark mark)
    {
        var arms = new List<(IReadOnlyList<ShellStatement>, IReadOnlyList<ShellStatement>)>();
        while (true)
        {
            var condition = Statements("then");
            Expect("then", "an 'if'", from);
            arms.Add((condition, Statements("elif", "else", "fi")));
            if (PeekWord() != "elif") break;
            at += 4;
        }
        IReadOnlyList<ShellStatement> other = [];
        if (PeekWord() == "else")
        {
            at += 4;
            other = Statements("fi");
        }
        Expect("fi", "an 'if'", from);
        SkipRedirections();
        return new(arms, other, mark);
    }

    LoopStatement For(int from, Mark mark)
    {
        SkipBlanks();
        if (Stands("(("))
        {
            Arithmetic(mark);
            return new(null, [], [], false, Body(from), mark);
        }
        var name = Word().Plain ?? throw Wrong("'for' needs the name of a variable", from);
        SkipSeparators();
        var words = new List<ShellWord>();
        if (PeekWord() == "in")
        {
            at += 2;
            SkipBlanks();
            while (!Ended && Here is not (';' or '\n'))
            {
                words.Add(Word());
                SkipBlanks();
            }
        }
        return new(name, words, [], false, Body(from), mark);
    }

    IReadOnlyList<ShellStatement> Body(int from)
    {
        Expect("do", "a loop", from);
        var body = Statements("done");
        Expect("done", "a loop", from);
        SkipRedirections();
        return body;
    }

    CaseStatement Case(int from, Mark mark)
    {
        SkipBlanks();
        var word = Word();
        Expect("in", "a 'case'", from);
        var arms = new List<(IReadOnlyList<ShellWord>, IReadOnlyList<ShellStatement>)>();
        while (true)
        {
            SkipSeparators();
            if (Ended) throw Wrong("a 'case' that starts here has no 'esac'", from);
            if (PeekWord() == "esac") break;
            if (Here == '(') at++;
            var patterns = new List<ShellWord>();
            while (true)
            {
                SkipBlanks();
                patterns.Add(Word());
                SkipBlanks();
                if (Here != '|') break;
                at++;
            }
            Close(')', from);
            arms.Add((patterns, Statements("esac")));
            while (Here is ';' or '&') at++;
        }
        at += 4;
        return new(word, arms, mark);
    }

    TestStatement Test(int from, Mark mark)
    {
        var words = new List<ShellWord>();
        while (true)
        {
            SkipLines();
            if (Ended) throw Wrong("'[[' that stands here is not closed by ']]'", from);
            if (PeekWord() == "]]") break;
            var operators = Stands("&&") || Stands("||") ? 2 : Here is '(' or ')' or '<' or '>' or '|' or '&' or ';' ? 1 : 0;
            if (operators == 0)
            {
                words.Add(Word());
                continue;
            }
            words.Add(new([new LiteralPart(text.Substring(at, operators), source.At(at), false)], source.At(at)));
            at += operators;
        }
        at += 2;
        return new(words, mark);
    }

    ArithmeticStatement Arithmetic(Mark mark) => new(Between("((", "))"), mark);

    /// <summary>What stands between two parentheses and two that close them.</summary>
    string Between(string open, string close)
    {
        var from = at;
        at += open.Length;
        var (start, level) = (at, 0);
        for (; at < text.Length; at++)
        {
            if (level == 0 && Stands(close))
            {
                at += close.Length;
                return text[start..(at - close.Length)];
            }
            if (Here == '(') level++;
            else if (Here == ')') level--;
        }
        throw Wrong($"'{open}' that stands here is not closed by '{close}'", from);
    }

    ShellStatement Simple(Mark mark)
    {
        var from = at;
        var assignments = new List<ShellAssignment>();
        var words = new List<ShellWord>();
        HereDocument? here = null;
        while (true)
        {
            SkipBlanks();
            if (Ended || Here is '\n' or ';' or '&' or '|' or ')') break;
            if (Stands("&>") || IsRedirection())
            {
                // What programs other than a shell read is no script.
                here = Redirection(words.Any(w => w.Plain is "bash" or "sh" or "sbatch")) ?? here;
                continue;
            }
            var declares = words is [{ Plain: { } command }, ..] && Declarations.Contains(command);
            if ((words.Count == 0 || declares) && Assignment() is { } assignment)
            {
                assignments.Add(assignment);
                continue;
            }
            if (Here == '(')
            {
                if (words is [{ Plain: { } name }] && assignments.Count == 0 && Parentheses())
                {
                    SkipLines();
                    return new FunctionStatement(name, [Command()], mark);
                }
                throw Wrong("'(' is not expected here", at);
            }
            words.Add(Word());
        }
        if (at == from) throw Wrong($"'{Here}' is not expected here", at);
        return new SimpleStatement(assignments, words, here, mark);
    }

    bool Parentheses()
    {
        var was = at++;
        SkipBlanks();
        if (Here == ')')
        {
            at++;
            return true;
        }
        at = was;
        return false;
    }

    ShellAssignment? Assignment()
    {
        var (start, i, mark) = (at, at, source.At(at));
        if (i >= text.Length || !(char.IsAsciiLetter(text[i]) || text[i] == '_')) return null;
        while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_')) i++;
        var name = text[start..i];
        string? index = null;
        if (i < text.Length && text[i] == '[' && text.AsSpan(i).IndexOfAny(']', '\n') is > 0 and var length && text[i + length] == ']')
        {
            index = text[(i + 1)..(i + length)];
            i += length + 1;
        }
        var append = i + 1 < text.Length && text[i] == '+' && text[i + 1] == '=';
        if (!append && (i >= text.Length || text[i] != '=')) return null;
        at = i + (append ? 2 : 1);
        if (Here != '(') return new(name, index, append, Word(allowEmpty: true), null, mark);
        var from = at++;
        var items = new List<ShellWord>();
        while (true)
        {
            SkipLines();
            if (Ended) throw Wrong("'(' of an array that starts here is not closed", from);
            if (Here == ')') break;
            if (Here is ';' or '&' or '|' or '<' or '>' or '(') throw Wrong($"'{Here}' is not expected in an array", at);
            items.Add(Word());
        }
        at++;
        return new(name, index, append, null, items, mark);
    }

    void Close(char expected, int from)
    {
        SkipSeparators();
        if (Here != expected) throw Wrong($"'(' that stands here is not closed", from);
        at++;
    }

    /// <summary>The plain word that starts here, to recognise reserved words.</summary>
    string PeekWord()
    {
        var end = at;
        while (end < text.Length && end - at <= 16 && text[end] is not (' ' or '\t' or '\n' or ';' or '&' or '|' or '(' or ')' or '<' or '>' or '"' or '\'' or '$' or '`')) end++;
        return end - at > 16 ? "" : text[at..end];
    }

    bool IsRedirection()
    {
        var i = at;
        while (i < text.Length && char.IsAsciiDigit(text[i])) i++;
        return i < text.Length && text[i] is '<' or '>';
    }

    void SkipRedirections()
    {
        SkipBlanks();
        while (!Ended && (Stands("&>") || IsRedirection()))
        {
            Redirection();
            SkipBlanks();
        }
    }

    HereDocument? Redirection(bool script = false)
    {
        var from = at;
        while (!Ended && char.IsAsciiDigit(Here)) at++;
        if (Here == '&') at++;
        var here = Stands("<<") && !Stands("<<<");
        while (!Ended && Here is '<' or '>') at++;
        if (here && Here == '-') at++;
        if (Here is '&' or '|') at++;
        if (Here == '(')
        {
            // Process substitution: <( commands ).
            var open = at++;
            Statements();
            Close(')', open);
            return null;
        }
        SkipBlanks();
        if (Ended || Here == '\n') throw Wrong("a redirection needs a target", from);
        var target = Word();
        if (!here) return null;
        var kept = script ? new HereDocument() : null;
        hereDocuments.Add((string.Concat(target.Parts.OfType<LiteralPart>().Select(p => p.Text)), target.Parts.Any(p => p.Quoted), kept));
        return kept;
    }

    void SkipBlanks()
    {
        while (!Ended)
        {
            if (Here is ' ' or '\t') at++;
            else if (Stands("\\\n")) at += 2;
            else if (Here == '#' && at > 0 && text[at - 1] is ' ' or '\t') SkipComment();
            else break;
        }
    }

    void SkipComment()
    {
        while (!Ended && Here != '\n') at++;
    }

    void NewLine()
    {
        at++;
        // What is substituted in one of them may have lines, and such texts, of its own.
        var pending = hereDocuments.ToArray();
        hereDocuments.Clear();
        foreach (var (end, quoted, kept) in pending)
        {
            var from = at;
            int stop;
            while (true)
            {
                if (Ended) throw Wrong($"a text ('<<') that starts here is not closed by a line '{end}'", from);
                stop = at;
                var line = text.AsSpan(at, (text.IndexOf('\n', at) is >= 0 and var n ? n : text.Length) - at);
                at = Math.Min(at + line.Length + 1, text.Length);
                if (line.TrimStart('\t').SequenceEqual(end)) break;
            }
            if (kept is null) continue;
            var (after, parts) = (at, new List<ShellPart>());
            if (quoted)
            {
                AddQuoted(parts, from, text[from..stop]);
            }
            else
            {
                at = from;
                DoubleQuoted(parts, stop);
            }
            kept.Body = new(parts, source.At(from));
            at = after;
        }
    }

    void SkipLines()
    {
        while (true)
        {
            SkipBlanks();
            if (Here == '#') SkipComment();
            else if (Here == '\n') NewLine();
            else break;
        }
    }

    void SkipSeparators()
    {
        while (true)
        {
            SkipLines();
            if (Ended || Stands(";;") || Here is not (';' or '&')) break;
            at++;
        }
    }
}
