// dotnet run -c Release --project bench/Lightloom.Benchmarks -- --filter '*'        (or '*Fabric*', or --list flat)

using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Lightloom.Benchmarks;

if (args is ["race", .. var scenarios]) return FlowRace.Run(scenarios);
if (args is ["packets", .. var packets]) return PacketRace.Run(packets);
if (args is ["step"]) return EngineStepBenchmarks.Race();

// In this process: the usual toolchain writes and builds a project of its own for each run, to which this repository's rules
// (central versions, warnings as errors) would apply.
var config = ManualConfig.Create(DefaultConfig.Instance).AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
return BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config).Any(s => s.HasCriticalValidationErrors) ? 1 : 0;
