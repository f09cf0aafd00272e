using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Words;

namespace Engine.Pretraining.Objectives;

/// <summary>word2vec as passes of a run. Between passes everything is in the model's parameters and the step's random position.</summary>
internal sealed class Word2VecTraining : IWordTraining
{
    // Pairs of an evaluation batch.
    private const int Pairs = 1024;
    private const ulong EvaluationStream = 11;
    private readonly WordVocabulary _vocabulary;
    private readonly Word2VecConfig _config;
    private readonly Word2Vec _trainer;
    private readonly int[] _train;
    private readonly int[] _validate;
    private readonly ulong _seed;

    public Word2VecTraining(PretrainConfig config, WordVocabulary vocabulary, int[] train, int[] validate)
    {
        (_vocabulary, _train, _seed) = (vocabulary, train, config.Seed);
        _validate = [.. validate.Where(w => w != 0)];
        _config = new Word2VecConfig
        {
            Cbow = config.Objective == "cbow",
            Size = config.NEmbd,
            Window = config.Window,
            Negative = config.Negative,
            HierarchicalSoftmax = config.HierarchicalSoftmax,
            Sample = config.Subsample,
            Iterations = config.MaxSteps,
            Alpha = config.LearningRate,
            Threads = config.Hogwild,
        };
        _trainer = new Word2Vec(vocabulary, _config);
    }

    public int TrainingWords => _train.Length;

    public int EvaluationBatches => _config.Negative > 0 ? _validate.Length / Pairs : 0;

    public void Store(WordVectorModel model)
    {
        foreach ((string name, WordMatrix table) in Tables())
        {
            model.Find(name)!.Master.Load<float>(table.ToArray());
        }

        model.Find("rate")!.Master.Load<float>([_trainer.Rate]);
    }

    public (double Loss, double LearningRate) Pass(StepScope step, WordVectorModel model, long done)
    {
        foreach ((string name, WordMatrix table) in Tables())
        {
            table.Load(model.Find(name)!.Master.ToArray());
        }

        (_trainer.Rate, _trainer.Random) = (model.Find("rate")!.Master.Item(), step.Random.Position);
        double loss = _trainer.Pass(_train, (int)done);
        step.Random.Position = _trainer.Random;
        Store(model);
        return (loss, _trainer.Rate);
    }

    // Each word of a stretch of the validation words and one that stands near it, by negative sampling as skip-gram does it.
    public Tensor EvaluationLoss(StepScope step, WordVectorModel model, int batch)
    {
        RandomStream random = new(_seed, EvaluationStream) { Position = (ulong)batch * Pairs * (ulong)(_config.Negative + 1) };
        int[] center = _validate[(batch * Pairs)..((batch + 1) * Pairs)];
        int[] context = new int[Pairs];
        int[] negatives = new int[Pairs * _config.Negative];
        for (int i = 0; i < Pairs; i++)
        {
            int near = (int)random.NextInt(2 * _config.Window) - _config.Window;
            int at = (batch * Pairs) + i + (near >= 0 ? near + 1 : near);
            context[i] = _validate[Math.Clamp(at, 0, _validate.Length - 1)];
            for (int k = 0; k < _config.Negative; k++)
            {
                negatives[(i * _config.Negative) + k] = _trainer.Noise!.At((int)random.NextInt(NoiseTable.Places));
            }
        }

        Tensor sum = WordLosses.SkipGram(
            model.Find("input.weight")!, model.Find("output.weight")!, step.From<int>(center, [Pairs]), step.From<int>(context, [Pairs]),
            step.From<int>(negatives, [Pairs, _config.Negative]));
        return sum * (1f / Pairs);
    }

    public WordVectors Vectors(WordVectorModel model) => new(_vocabulary.Words, model.Find("input.weight")!.Master.ToArray());

    private IEnumerable<(string Name, WordMatrix Table)> Tables()
    {
        yield return ("input.weight", _trainer.Tables.Input);
        if (_trainer.Tables.Output is { } output)
        {
            yield return ("output.weight", output);
        }

        if (_trainer.Tables.Nodes is { } nodes)
        {
            yield return ("nodes.weight", nodes);
        }
    }
}
