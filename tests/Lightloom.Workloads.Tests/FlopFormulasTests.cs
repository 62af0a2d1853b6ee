using Lightloom.Quantities;

namespace Lightloom.Workloads.Tests;

/// <summary>Each convention against a figure that was published in it.</summary>
public sealed class FlopFormulasTests
{
    /// <summary>The example at the head of FlopFormulas.cs: Chowdhery et al. 2022, appendix B, recalled.</summary>
    [Fact]
    public void PaLM_540B_has_its_published_utilisation_with_and_without_attention()
    {
        var size = Examples.Model("palm-540b");
        const double tokens = 238_300, peak = 6144 * 275e12;
        Assert.Equal(46.2, 100 * FlopFormulas.Palm(size, 2048).Flop * tokens / peak, 0.05);
        Assert.Equal(45.7, 100 * FlopFormulas.SixPerParameter(size).Flop * tokens / peak, 0.05);
    }

    /// <summary>Its table of compute counts 6·N·D: 2,527.2 zettaFLOP for 780 billion tokens (by N = 540 billion).</summary>
    [Fact]
    public void Compute_budgets_are_six_times_parameters_and_tokens()
    {
        Assert.Equal(2527.2, FlopFormulas.SixPerParameter(Examples.Model("palm-540b")).Flop * 780e9 / 1e21, 2.5);
        // The Llama 3 report: 3.8e25 on 15.6 trillion tokens.
        Assert.Equal(3.8, FlopFormulas.SixPerParameter(Examples.Model("llama-3.1-405b")).Flop * 15.6e12 / 1e25, 0.05);
    }

    /// <summary>Narayanan et al. 2021, table 2: days to train on 300 billion tokens at so many TFLOP/s a GPU, equation 3.</summary>
    [Theory]
    [InlineData("gpt3-175b", 384, 144, 90)]
    [InlineData("gpt3-175b", 384, 153, 84)]
    [InlineData("gpt3-175b", 1536, 141, 23)]
    [InlineData("megatron-529.6b", 640, 138, 169)]
    [InlineData("megatron-529.6b", 560, 171, 156)]
    [InlineData("megatron-529.6b", 2240, 159, 42)]
    public void Megatrons_table_of_days_follows_from_its_rates(string model, int gpus, double teraflops, double days)
    {
        var perToken = FlopFormulas.Megatron2021Hardware(Examples.Model(model), 2048).Flop;
        // Days are whole and rates have three digits.
        Assert.Equal(days, perToken * 300e9 / (gpus * teraflops * 1e12) / 86400, 0.5 + (0.005 * days));
    }

    /// <summary>Korthikanti et al. 2022, table 5: seconds of an iteration, and model and hardware utilisation of an A100's 312 TFLOP/s.</summary>
    [Theory]
    [InlineData("megatron-22b", 4, 8, 1.10, 41.5, 43.7)]
    [InlineData("turing-530b", 280, 280, 37.83, 56.0, null)]
    [InlineData("megatron-1t", 512, 512, 71.49, 56.3, 57.0)]
    public void Korthikantis_utilisations_follow_from_the_iteration_times(string model, int batch, int gpus, double seconds, double mfu, double? hfu)
    {
        var size = Examples.Model(model);
        double Utilisation(ComputeWork perToken) => 100 * perToken.Flop * batch * 2048 / seconds / gpus / 312e12;
        // Times have three digits, 1.10 s thus half a per cent.
        Assert.Equal(mfu, Utilisation(FlopFormulas.Korthikanti2022(size, 2048)), 0.25);
        if (hfu is { } hardware) Assert.Equal(hardware, Utilisation(FlopFormulas.Korthikanti2022Selective(size, 2048)), 0.25);
    }

    /// <summary>
    /// NVIDIA's performance summaries give each row's tokens/s and model TFLOP/s of one GPU: their ratio is what they count for a
    /// token. Tokens are rounded to the step's time of three or four digits, TFLOP/s to one.
    /// </summary>
    [Theory]
    [InlineData("deepseek-v3", 4096, 6288, 1635)]
    [InlineData("deepseek-v3", 4096, 4912, 1276)]
    [InlineData("llama-3-8b", 8192, 31508, 1622)]
    [InlineData("llama-3-8b", 8192, 30624, 1576)]
    [InlineData("llama-3.1-405b", 8192, 661, 1667)]
    [InlineData("llama-3-70b", 8192, 4798, 2157)]
    [InlineData("qwen3-30b-a3b", 4096, 44544, 1029)]
    [InlineData("qwen3-235b-a22b", 4096, 5936, 878)]
    public void Megatrons_counter_gives_what_NVIDIA_publishes_for_a_token(string model, int sequence, double tokens, double teraflops)
    {
        var perToken = FlopFormulas.MegatronLm(Examples.Model(model), sequence).Flop;
        Assert.Equal(1, perToken * tokens / (teraflops * 1e12), 0.005);
    }

    /// <summary>Later summaries count gpt-oss's windows, which Megatron-LM's own counter does not.</summary>
    [Theory]
    [InlineData(20288, 661)]
    [InlineData(18304, 597)]
    [InlineData(33024, 1077)]
    public void Windows_of_GPT_OSS_are_counted_in_what_NVIDIA_publishes(double tokens, double teraflops)
    {
        var size = Examples.Model("gpt-oss-120b");
        Assert.Equal(1, size.PerToken(4096, FlopConvention.Model).Flop * tokens / (teraflops * 1e12), 0.01);
        Assert.Equal(1.05, FlopFormulas.MegatronLm(size, 4096).Flop * tokens / (teraflops * 1e12), 0.01);
    }

    /// <summary>Calculon's own output (calculon-ai/calculon, 2024, run as shipped), useful_flops.</summary>
    [Theory]
    [InlineData("gpt3-175b", 1, false, 1, 2865985241088)]
    [InlineData("gpt3-175b", 1, true, 1, 2864355753984)]
    [InlineData("megatron-1t", 1, false, 1, 12257500672000)]
    [InlineData("megatron-1t", 1, true, 1, 12254105907200)]
    [InlineData("megatron-22b", 4, false, 1, 2944974200832)]
    [InlineData("megatron-22b", 4, true, 1, 2941715226624)]
    [InlineData("turing-530b", 1, false, 1, 7871535104000)]
    [InlineData("gpt3-175b", 1, false, 16, 2863649031168)]
    [InlineData("gpt3-175b", 2, true, 8, 5724039088128)]
    [InlineData("turing-530b", 1, true, 8, 7862762977280)]
    public void Calculons_count_is_its_own_to_the_last_digit(string model, int microBatch, bool sequenceParallel, int shards, double published) =>
        Examples.Close(published, FlopFormulas.CalculonBlock(Examples.Model(model), 2048, microBatch, 8, sequenceParallel, shards).Flop);

    [Fact]
    public void Recomputation_adds_a_forward_pass_of_what_it_computes_again()
    {
        var size = Examples.Model("llama-3.1-8b");
        var needed = size.PerToken(8192, FlopConvention.Model);
        Assert.Equal(needed, FlopFormulas.Hardware(size, 8192, Recomputation.None));
        var attention = 2.0 * 32 * 8192 * 4096.5;
        Examples.Close(needed.Flop + attention, FlopFormulas.Hardware(size, 8192, Recomputation.Selective).Flop);
        Examples.Close(needed.Flop + attention + (2 * (size.MultiplyingParameters - (128256.0 * 4096))), FlopFormulas.Hardware(size, 8192, Recomputation.Full).Flop);
    }

    [Fact]
    public void Closed_forms_are_those_of_GPTs_and_agree_there()
    {
        Assert.True(FlopFormulas.ClosedFormsApply(Examples.Model("gpt3-175b")));
        foreach (var key in new[] { "llama-3.1-8b", "mixtral-8x7b", "deepseek-v3", "falcon-7b" }) Assert.False(FlopFormulas.ClosedFormsApply(Examples.Model(key)));
        var size = Examples.Model("gpt3-175b");
        Examples.Close(size.PerToken(2048, FlopConvention.ModelFullAttention).Flop, FlopFormulas.Korthikanti2022(size, 2048).Flop, 2e-4);
        Examples.Close(FlopFormulas.Hardware(size, 2048, Recomputation.None).Flop, FlopFormulas.MegatronLm(size, 2048).Flop, 2e-4);
    }

    [Fact]
    public void Every_convention_has_its_own_name_and_source()
    {
        var all = FlopFormulas.All(Examples.Model("gpt3-175b"), 2048);
        Assert.Equal(all.Count, all.Select(c => c.Key).Distinct().Count());
        Assert.All(all, c => Assert.True(c.PerToken.Flop > 0 && c.Equation.Length > 0 && c.Source.Length > 0));
    }
}
