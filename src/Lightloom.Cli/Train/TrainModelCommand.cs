using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Cli;

/// <summary><c>lightloom train model</c>: a model's arithmetic, from the catalogue, a Hugging Face <c>config.json</c> or a part file.</summary>
static class TrainModelCommand
{
    const int MostSequence = 1_000_000_000;

    static readonly (string Name, double Bytes)[] Formats = [("FP32", 4), ("BF16", 2), ("FP8", 1), ("4 bits, without scales", 0.5)];

    public static Command Make()
    {
        var model = new Argument<string>("model") { Description = "a model of the catalogue (llama-3.1-8b), a Hugging Face config.json, or a part file (.yaml)" };
        var sequence = new Option<string?>("--sequence") { Description = "tokens of a sequence; the model's own unless given", HelpName = "tokens" };
        var pad = new Option<string?>("--pad-vocabulary") { Description = "pad the vocabulary to a multiple, as Megatron does (128 times the tensor ranks)", HelpName = "entries" };
        var write = new Option<string?>("--write") { Description = "write the model as a part file, which 'job.model' of a design may name", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("model", "Parameters by class, floating-point operations by convention, keys and values, memory of weights.")
        {
            model, sequence, pad, write, json,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var input = ModelInput.Of(parsed.GetValue(model)!);
            if (parsed.GetValue(sequence) is { } tokens) input = input with { Model = input.Model with { Sequence = LinkInput.Count("--sequence", tokens, 1, MostSequence) } };
            if (parsed.GetValue(pad) is { } multiple) input = input with { Model = input.Model.WithPaddedVocabulary(LinkInput.Count("--pad-vocabulary", multiple, 1, 10_000_000)) };
            var size = new ModelSize(input.Model);
            if (parsed.GetValue(write) is { } file) OutputFile.Write(file, writer => writer.Write(PartText.Of(input.Model)));
            if (parsed.GetValue(json)) output.WriteLine(Json(input, size));
            else Write(output, input, size);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter output, ModelInput input, ModelSize size)
    {
        var (report, model) = (new TextReport(output), input.Model);
        report.Title($"{model.Name}: {Billions(size.Parameters)} parameters, {Billions(size.ActiveParameters)} active");
        report.Say($"From {input.From}. {Architecture(size)}");
        report.Heading("Parameters");
        report.Table(["class", ">all", ">share", ">of one token"], size.ByClass.Where(c => c.Total > 0)
            .Select(c => new[] { Name(c.Class), Whole(c.Total), $"{100 * c.Total / size.Parameters:0.00} %", Whole(c.Active) })
            .Append(["sum", Whole(size.Parameters), "", Whole(size.ActiveParameters)]));
        if (model.PublishedBillions is { } published)
        {
            var counted = (size.Parameters - size.PredictionParameters) / 1e9;
            report.Say($"Published: {Number(published.Value)} billion ({published.Source}, {DocumentShape.NameOf(published.Grade)}); counted " +
                $"{Number(counted)}{(size.PredictionParameters > 0 ? " without prediction blocks" : "")}.", 2);
        }
        report.Heading($"Operations to train one token of a sequence of {model.Sequence:N0}");
        var needed = size.PerToken(model.Sequence, FlopConvention.Model);
        report.Table(["convention", ">GFLOP", ">of needed", "equation"], Counts(size)
            .Select(c => new[] { c.Title, (c.PerToken.Flop / 1e9).ToString("0.00", CultureInfo.InvariantCulture), (c.PerToken / needed).ToString("0.000", CultureInfo.InvariantCulture), c.Equation }));
        report.Say("A rate in one convention divided by a rate in another is the ratio of these; ask which one a published figure uses.", 2);
        report.Heading("Keys and values of one sequence");
        report.Table(["numbers", ">of one token", $">of {model.Sequence:N0} tokens"], Formats.Skip(1).Take(2)
            .Select(f => new[] { f.Name, $"{Whole(size.KeyValuePerToken(f.Bytes).Bytes)} B", Gigabytes(size.KeyValueOf(model.Sequence, f.Bytes).Bytes) }));
        report.Heading("Memory of weights");
        report.Table(["numbers", ">all", ">of one token"], Formats.Select(f => new[] { f.Name, Gigabytes(size.Parameters * f.Bytes), Gigabytes(size.ActiveParameters * f.Bytes) }));
        report.Say("Training in BF16 with Adam holds 18 bytes for each parameter before activations: weights, FP32 gradients, FP32 weights and two moments.", 2);
        if (input.Assumptions.Count == 0) return;
        report.Heading("What the file does not say");
        foreach (var assumption in input.Assumptions) report.Say($"- {assumption}.", 2);
    }

    /// <summary>Conventions that hold for the model: closed forms of GPTs are left out for others.</summary>
    static IEnumerable<FlopCount> Counts(ModelSize size) => FlopFormulas.All(size, size.Model.Sequence)
        .Where(c => FlopFormulas.ClosedFormsApply(size) || !(c.Key.StartsWith("megatron-2021", StringComparison.Ordinal) || c.Key.StartsWith("korthikanti", StringComparison.Ordinal)));

    static string Architecture(ModelSize size)
    {
        var m = size.Model;
        var stateSpace = m.StateSpace is { } space
            ? $" {size.StateSpaceLayers:N0} layers of a state space of {space.StateSize:N0} ({space.Heads:N0} heads of {space.HeadSize:N0}, {space.Groups:N0} groups);" : "";
        var attention = m.Latent is { } l ? $"latent attention of {m.Heads:N0} heads (ranks {l.QueryRank:N0} and {l.KeyValueRank:N0})"
            : size.KeyValueHeads == m.Heads ? $"{m.Heads:N0} heads of {size.HeadSize:N0}"
            : size.KeyValueHeads == 1 ? $"{m.Heads:N0} heads of {size.HeadSize:N0} on one of keys and values"
            : $"{m.Heads:N0} heads of {size.HeadSize:N0} on {size.KeyValueHeads:N0} of keys and values";
        var window = m.Local is { } local && size.FullAttentionLayers < m.Layers
            ? $" ({m.Layers - size.FullAttentionLayers:N0} layers reach {(local.Kind == LocalAttentionKind.Chunked ? "pieces of " : "")}{local.Window:N0} tokens)" : "";
        var experts = m.Experts is { } e
            ? $" {m.Layers - size.DenseLayers:N0} layers of {e.Experts:N0} experts of {e.FeedForward:N0}{(e.LatentSize is { } latent ? $" in a space of {latent:N0}" : "")}, {e.PerToken:N0} for each token{(e.Shared > 0 ? $" and {e.Shared:N0} shared" : "")};" : "";
        return $"{m.Layers:N0} {(m.Pattern is null ? "blocks" : "layers")} of {m.Hidden:N0}, {(m.Pattern is null ? "" : $"{size.AttentionLayers:N0} of them attention: ")}{attention}{window};{stateSpace}{experts} " +
            $"{((m.Pattern is { } pattern ? pattern.Contains('-', StringComparison.Ordinal) : size.DenseLayers > 0) ? $"feed-forward {m.FeedForward:N0} ({DocumentShape.NameOf(m.Activation)}); " : "")}vocabulary {m.Vocabulary:N0}, {(m.TiedEmbeddings ? "tied" : "untied")}.";
    }

    static string Json(ModelInput input, ModelSize size) => EvaluationJson.Text(json =>
    {
        var model = input.Model;
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteString("from", input.From);
        json.WriteNumber("parameters", size.Parameters);
        json.WriteNumber("activeParameters", size.ActiveParameters);
        json.WriteStartArray("classes");
        foreach (var count in size.ByClass)
        {
            json.WriteStartObject();
            json.WriteString("class", DocumentShape.NameOf(count.Class));
            json.WriteNumber("parameters", count.Total);
            json.WriteNumber("active", count.Active);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("sequence_tokens", model.Sequence);
        json.WriteStartArray("operations");
        foreach (var count in Counts(size))
        {
            json.WriteStartObject();
            json.WriteString("convention", count.Key);
            json.WriteNumber("perToken_FLOP", count.PerToken.Flop);
            json.WriteString("equation", count.Equation);
            json.WriteString("source", count.Source);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("keysAndValues");
        json.WriteNumber("perTokenBf16_B", size.KeyValuePerToken(2).Bytes);
        json.WriteNumber("perSequenceBf16_B", size.KeyValueOf(model.Sequence, 2).Bytes);
        json.WriteEndObject();
        json.WriteNumber("weightsBf16_B", 2 * size.Parameters);
        json.WriteStartArray("assumptions");
        foreach (var assumption in input.Assumptions) json.WriteStringValue(assumption);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    static string Name(ParameterClass kind) => kind switch
    {
        ParameterClass.DenseFeedForward => "dense feed-forward",
        ParameterClass.StateSpace => "state space",
        ParameterClass.SharedExperts => "shared experts",
        ParameterClass.Output => "output layer",
        ParameterClass.Prediction => "prediction blocks",
        _ => DocumentShape.NameOf(kind),
    };

    static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    static string Number(double value) => Quantity.Round(value, 6);

    static string Billions(double value) => $"{Quantity.Round(value / 1e9, 4)} billion";

    static string Gigabytes(double bytes) => $"{Quantity.Round(bytes / 1e9, 4)} GB";
}
