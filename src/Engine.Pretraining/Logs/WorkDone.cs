namespace Engine.Pretraining.Logs;

/// <summary>How far something long has come.</summary>
/// <param name="What">What is being done: <c>training, seed 1 of 3</c>. Another text is another piece of work, whose rate begins anew.</param>
/// <param name="Done">Units that are done.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Unit">What is counted: <c>batches</c>.</param>
public readonly record struct WorkDone(string What, long Done, long Total, string Unit);
