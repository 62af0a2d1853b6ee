using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>The serving model beside published rates, to which nothing of it was fitted.</summary>
public sealed class ServingValidationTests
{
    const string Dense = "model,system,tensor,precision,cache_precision,prompt_tokens,output_tokens,output_tokens_per_s\n";
    const string Groups = "id,model,system,accelerator,systems,phase,tensor,expert,batch_per_accelerator,tokens_per_sequence,tokens_per_s_per_system\n";

    static readonly IValidationKind Kind = ValidationKinds.Find("serving");

    static readonly Lazy<ValidationResult> Shipped = new(() => ValidationResult.Of(Kind, Path.Combine(Designs.Root, "data", "validation", "serving")));

    static List<double> Errors(string group) => [.. Shipped.Value.Points.Where(p => p.Tags.Any(t => t.Name == group)).Select(p => p.Error)];

    [Fact]
    public void Dense_models_are_as_fast_as_published_but_for_what_hosts_cost()
    {
        Assert.Equal((69, 69), (Shipped.Value.Rows, Shipped.Value.Predicted));
        var errors = Errors("offline, dense");
        Assert.Equal(60, errors.Count);
        var absolute = errors.Select(Math.Abs).Order().ToList();
        Assert.InRange(absolute[30], 0, 0.13);
        Assert.All(errors, e => Assert.InRange(e, -0.1, 0.35));
    }

    /// <summary>With exchanges hidden behind the other half of a pass large groups come out too fast, least where experts are asked evenly, as the model has it.</summary>
    [Fact]
    public void Large_groups_of_experts_are_nearest_where_experts_are_asked_evenly()
    {
        var points = Shipped.Value.Points.Where(p => p.Tags.Any(t => t.Name == "large groups of experts")).ToList();
        bool Evenly(Lightloom.Planning.Validation.ValidationPoint p) => p.Id.Contains("profile", StringComparison.Ordinal) || p.Id.Contains("evenly", StringComparison.Ordinal);
        Assert.Equal(3, points.Count(Evenly));
        Assert.All(points.Where(Evenly), p => Assert.InRange(p.Error, 0.1, 0.2));
        // DeepSeek's own day has hours without load as well.
        Assert.All(points.Where(p => !Evenly(p) && !p.Id.Contains("prompts without", StringComparison.Ordinal)), p => Assert.InRange(p.Error, 0.2, 0.45));
    }

    /// <summary>What is published of the order of things holds whatever the level: longer answers of one prompt, more memory, more accelerators.</summary>
    [Fact]
    public void What_is_faster_in_the_table_is_faster_here()
    {
        var points = Shipped.Value.Points.Where(p => p.Tags.Any(t => t.Name == "offline, dense")).ToList();
        int pairs = 0, alike = 0;
        foreach (var (a, b) in points.SelectMany((a, i) => points.Skip(i + 1).Select(b => (a, b))).Where(p => Math.Abs(Math.Log(p.a.Published / p.b.Published)) > 0.3))
        {
            pairs++;
            if (a.Published > b.Published == a.Predicted > b.Predicted) alike++;
        }
        Assert.True(alike > 0.99 * pairs, $"{alike} of {pairs}");
    }

    [Fact]
    public void Other_rows_are_predicted_and_unknown_parts_skipped_with_the_reason()
    {
        var result = WrittenTable.Validate(Kind, "t.csv", Dense + "llama-3.1-8b,dgx-h100,1,fp8,fp8,1000,1000,15000\nno-model,dgx-h100,1,,,10,10,5\nllama-3.1-8b,no-system,1,,,10,10,5\nllama-3.1-405b,dgx-h100,1,bf16,bf16,1000,1000,5\n");
        Assert.Equal((4, 1), (result.Rows, result.Predicted));
        Assert.Equal(["unknown model 'no-model'", "unknown system 'no-system'", "the model doesn't fit"], result.Skipped.Select(s => s.Reason));
        var twice = WrittenTable.Validate(Kind, "g.csv", Groups + "x,deepseek-v3,hgx-h100,h800-sxm,4,decode,1,32,64,2000,1\ny,deepseek-v3,hgx-h100,h800-sxm,4,decode,1,32,128,2000,1\n").Points;
        // A larger batch gains, and less than in proportion.
        Assert.InRange(twice[1].Predicted / twice[0].Predicted, 1, 2);
    }

    [Theory]
    [InlineData(Dense + "llama-3.1-8b,dgx-h100,3,fp8,fp8,10,10,5\n", "tensor 3 does not divide")]
    [InlineData(Dense + "llama-3.1-8b,dgx-h100,1,int3,fp8,10,10,5\n", "expected bf16 or fp8, found 'int3'")]
    [InlineData(Dense + "llama-3.1-8b,dgx-h100,1,fp8,fp8,0,10,5\n", "prompt_tokens")]
    [InlineData(Groups + "x,deepseek-v3,hgx-h100,,4,train,1,32,64,2000,1\n", "expected 'decode' or 'prefill', found 'train'")]
    [InlineData(Groups + "x,deepseek-v3,hgx-h100,,4,decode,1,33,64,2000,1\n", "expert 33 does not divide the model's 256 experts")]
    public void Rows_that_can_t_be_are_told(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => WrittenTable.Validate(Kind, "t.csv", text)).Message, StringComparison.Ordinal);
}
