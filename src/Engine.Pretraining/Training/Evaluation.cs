using Engine.Pretraining.Configuration;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Objectives;

namespace Engine.Pretraining.Training;

/// <summary>The validation loss of an objective, during a run or of its newest checkpoint.</summary>
public static class Evaluation
{
    /// <summary>Evaluates a run's newest checkpoint as its objective does, perhaps on other data or longer sequences.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="changes">Keys of the run's configuration to change, for example block_size or data.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <exception cref="EngineException">There is no checkpoint, or its weights do not fit the changed configuration.</exception>
    public static EvaluationReport Of(string run, IEnumerable<ConfigEntry> changes, IProgress<WorkDone>? progress = null)
    {
        string checkpoint = RunFolder.LatestCheckpoint(run);
        PretrainConfig config = Checkpoint.ReadConfig(checkpoint).With(changes);
        using Device device = Device.Open(config.Device, config.Threads);
        TaskContext context = new(device, config, Checkpoint.ReadTokenizer(checkpoint));
        using PretrainTask task = ObjectiveCatalog.Get(config.Objective).Create(context);
        Checkpoint.LoadModel(checkpoint, task.Model);
        task.Model.StoreAs(Precisions.StorageOf(config.Precision));
        using StepScope scope = new(device, recording: false, config.Seed);
        return Of(task.Objective, scope, Checkpoint.ReadState(checkpoint).Step, progress);
    }

    /// <summary>Runs the whole evaluation set.</summary>
    /// <param name="objective">What to evaluate.</param>
    /// <param name="scope">A step that does not record.</param>
    /// <param name="step">Steps done, for the report.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    internal static EvaluationReport Of(IObjective objective, StepScope scope, long step, IProgress<WorkDone>? progress = null)
    {
        // What samples of text have counted meanwhile does not belong to it.
        objective.TakeFigures();
        double sum = 0;
        for (int batch = 0; batch < objective.EvaluationBatches; batch++)
        {
            progress?.Report(new WorkDone("evaluating", batch, objective.EvaluationBatches, "batches"));
            sum += objective.EvaluationLoss(scope, batch).Item();
            scope.Clear();
        }

        return new EvaluationReport(step, sum / objective.EvaluationBatches, objective.EvaluationBatches, objective.TakeFigures());
    }
}
