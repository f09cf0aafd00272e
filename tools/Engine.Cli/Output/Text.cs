namespace Engine.Cli.Output;

/// <summary>Numbers as the reports of a run show them.</summary>
internal static class Text
{
    /// <summary><c>0:42</c>, <c>12:05</c>, <c>3:00:07</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        long seconds = (long)Math.Round(Math.Max(0, time.TotalSeconds));
        return seconds < 3600 ? $"{seconds / 60}:{seconds % 60:00}" : $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}";
    }

    /// <summary><c>950</c>, <c>12.3 k</c>, <c>124.4 M</c>, <c>1.5 G</c>.</summary>
    public static string Count(double count) => count switch
    {
        < 1e3 => $"{count:0}",
        < 1e6 => $"{count / 1e3:0.0} k",
        < 1e9 => $"{count / 1e6:0.0} M",
        _ => $"{count / 1e9:0.0} G",
    };

    /// <summary>A path as the user would type it: relative if it lies under the current folder.</summary>
    public static string Short(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    /// <summary>What a reader wants to know of a run before it starts.</summary>
    public static string Describe(in Pretraining.Training.RunStart start) =>
        $"{Short(start.Folder)}: {Count(start.ParameterCount)} parameters on {start.Device}{(start.Precision == "fp32" ? string.Empty : $" in {start.Precision}")}; {Count(start.TrainTokens)} tokens to train on, " +
        $"{Count(start.ValidationTokens)} to validate, {start.TokensPerStep} a step" +
        (start.FirstStep > 0 ? $"; goes on after step {start.FirstStep} of {start.MaxSteps}" : $"; {start.MaxSteps} steps") +
        (start.DeviceChoice.Length > 0 ? $"\ndevice auto is {start.DeviceChoice}" : string.Empty) +
        (start.Origin.Length > 0 ? $"\nbegins with {start.Origin}" : string.Empty);

    /// <summary><c>scale 65536, 2 skipped  </c> in fp16, nothing otherwise.</summary>
    public static string LossScaling(Optim.LossScaler.State? scaling) =>
        scaling is { } s ? $"scale {s.Scale:0.####}{(s.SkippedSteps > 0 ? $", {s.SkippedSteps} skipped" : string.Empty)}  " : string.Empty;

    /// <summary><c>, mlm_accuracy 0.4123</c> for what an evaluation measured besides the loss.</summary>
    public static string Figures(IReadOnlyList<Pretraining.Objectives.EvaluationFigure>? figures) =>
        string.Concat((figures ?? []).Select(f => $", {f.Name} {f.Value:0.0000}"));

    /// <summary>How a run ended, and what to do next.</summary>
    public static string Describe(in Pretraining.Training.RunEnd end)
    {
        string loss = double.IsFinite(end.ValidationLoss) ? $", validation loss {end.ValidationLoss:0.0000}" : string.Empty;
        return end.Completed
            ? $"done: {end.Step} steps in {Duration(end.Elapsed)}{loss}. {(end.WritesText ? $"Next: engine generate --run {Short(end.Folder)}" : $"The weights are in {Short(end.Folder)}")}"
            : $"stopped after step {end.Step} and saved{loss}. Next: engine pretrain --resume {Short(end.Folder)}";
    }
}
