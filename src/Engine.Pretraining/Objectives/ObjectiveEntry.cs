using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>One way to pre-train: its row in <c>engine objectives</c> and the way to build it.</summary>
/// <param name="Name">The value of the key <c>objective</c>.</param>
/// <param name="Title">In words.</param>
/// <param name="Paper">Authors, title, year.</param>
/// <param name="Formula">What is minimised, on one line.</param>
/// <param name="Models">The values of the key <c>model</c> that it can train; the first is the usual one.</param>
/// <param name="Preset">A preset to start with.</param>
/// <param name="Create">Opens the data, checks it, and builds model and objective.</param>
public sealed record ObjectiveEntry(
    string Name, string Title, string Paper, string Formula, IReadOnlyList<string> Models, string Preset, Func<TaskContext, PretrainTask> Create);
