using Engine.Benchmarks;

// One row a command; each prints its own table.
Dictionary<string, Action<string[]>> commands = new()
{
    ["bdn"] = FamilyCommand.Run,
    ["encode"] = EncodeBenchmark.Run,
    ["gemm"] = GemmBenchmark.Run,
    ["generate"] = GenerateBenchmark.Run,
    ["generator"] = GeneratorBenchmark.Run,
    ["gpt2"] = Gpt2StepBenchmark.Run,
    ["launch"] = LaunchBenchmark.Run,
    ["op"] = PeerOpBenchmark.Run,
    ["serve"] = ServeBenchmark.Run,
    ["step"] = TrainingStepBenchmark.Run,
    ["tokenizer"] = TokenizerBenchmark.Run,
};

if (args.Length == 0 || !commands.TryGetValue(args[0], out Action<string[]>? run))
{
    Console.Error.WriteLine($"usage: Engine.Benchmarks {string.Join('|', commands.Keys)} [options]");
    return 2;
}

try
{
    run(args[1..]);
    return Environment.ExitCode;
}
catch (Exception problem) when (problem is RivalUnavailableException or ArgumentException or FormatException)
{
    Console.Error.WriteLine(problem.Message);
    return 2;
}
