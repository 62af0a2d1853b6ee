using System.CommandLine;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Claims;

namespace Lightloom.Cli;

/// <summary><c>lightloom claims [ID] [--design FILE] [--json] [--markdown FILE]</c>: what is said about the two layers, recomputed.</summary>
static class ClaimsCommand
{
    public static Command Make()
    {
        var id = new Argument<string?>("id") { Description = "one claim (C01 to C31); all of them unless given", Arity = ArgumentArity.ZeroOrOne };
        var design = new Option<string?>("--design") { Description = "a design with a job; claims about a cluster are computed on it instead of an example", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units beside the figures" };
        var markdown = new Option<string?>("--markdown") { Description = "write all claims as a page", HelpName = "file" };
        var command = new Command("claims", "What is said about the two layers, recomputed: published and computed values, verdict, reason, and what would change it.")
        {
            id, design, json, markdown,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var page = parsed.GetValue(markdown);
            if (page is not null && parsed.GetValue(id) is not null) throw new InputException("--markdown writes a page of all claims; leave the id out");
            if (page is not null) OutputFile.CheckPlace(page);
            IReadOnlyList<Claim> asked = parsed.GetValue(id) is { } one ? [Claim.Find(one)] : Claim.All;
            var own = parsed.GetValue(design) is { } file ? ModelInput.LoadDesign(file) : null;
            if (own is { Design.Job: null }) throw new InputException($"'{own.Design.Name}' has no job; claims are computed on a design that trains something");
            var context = new ClaimContext(own);
            List<ClaimAnswer> answers = [.. asked.Select(c => ClaimBook.Answer(c, context))];
            if (page is not null) OutputFile.Write(page, writer => ClaimsPage.Write(writer, answers));
            if (parsed.GetValue(json)) output.WriteLine(ClaimsJson.Write(answers));
            else if (answers is [var answer] && parsed.GetValue(id) is not null) ClaimsReport.One(new(output), answer);
            else if (page is null) ClaimsReport.All(new(output), answers);
            return CommandRunner.Success;
        }));
        return command;
    }
}
