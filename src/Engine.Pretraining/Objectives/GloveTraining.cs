using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Words;

namespace Engine.Pretraining.Objectives;

/// <summary>GloVe as passes of a run. Between passes everything is in the model's parameters.</summary>
internal sealed class GloveTraining : IWordTraining
{
    private const int Pairs = 1024;
    private readonly WordVocabulary _vocabulary;
    private readonly GloveConfig _config;
    private readonly Glove _trainer;
    private readonly Cooccurrence[] _train;
    private readonly Cooccurrence[] _validate;

    public GloveTraining(PretrainConfig config, WordVocabulary vocabulary, int[] train, int[] validate)
    {
        _vocabulary = vocabulary;
        TrainingWords = train.Length;
        _config = new GloveConfig
        {
            VectorSize = config.NEmbd, WindowSize = config.Window, XMax = config.XMax, Eta = config.LearningRate, Iterations = config.MaxSteps, Seed = config.Seed,
        };

        // Sentence ends are no words here: number −1, and the others one less.
        _trainer = new Glove([.. vocabulary.Words.Skip(1)], _config);
        _train = Glove.Require(Count(train));

        // What the vectors say is how often pairs occur in as many words as trained them.
        double scale = train.Length / (double)Math.Max(1, validate.Length);
        _validate = [.. Count(validate).Select(pair => pair with { X = scale * pair.X })];
    }

    public int TrainingWords { get; }

    public int EvaluationBatches => _validate.Length / Pairs;

    public void Store(WordVectorModel model) => Each(model, (parameter, read, _) => parameter.Master.Load<float>(read()));

    public (double Loss, double LearningRate) Pass(StepScope step, WordVectorModel model, long done)
    {
        Each(model, (parameter, _, write) => write(parameter.Master.ToArray()));
        double cost = _trainer.Pass(_train, (int)done);
        Store(model);
        return (cost, _config.Eta);
    }

    // Half the weighted squares, as the training cost, over pairs of the validation text.
    public Tensor EvaluationLoss(StepScope step, WordVectorModel model, int batch)
    {
        Span<Cooccurrence> pairs = _validate.AsSpan(batch * Pairs, Pairs);
        (int[] i, int[] j, float[] logX, float[] weight) = (new int[Pairs], new int[Pairs], new float[Pairs], new float[Pairs]);
        for (int n = 0; n < Pairs; n++)
        {
            (i[n], j[n], logX[n]) = (pairs[n].I, pairs[n].J, (float)Math.Log(pairs[n].X));
            weight[n] = (float)Glove.Weight(pairs[n].X, _config.XMax, _config.Alpha);
        }

        Tensor Table(string name) => step.Use(model.Find(name)!);
        Tensor sum = WordLosses.Glove(
            Table("word.weight"), Table("context.weight"), Table("word.bias"), Table("context.bias"), step.From<int>(i, [Pairs]), step.From<int>(j, [Pairs]),
            step.From<float>(logX, [Pairs]), step.From<float>(weight, [Pairs]));
        return sum * (0.5f / Pairs);
    }

    public WordVectors Vectors(WordVectorModel model)
    {
        float[] sum = model.Find("word.weight")!.Master.ToArray();
        float[] context = model.Find("context.weight")!.Master.ToArray();
        return new([.. _vocabulary.Words.Skip(1)], [.. sum.Zip(context, (w, c) => w + c)]);
    }

    private Cooccurrence[] Count(int[] words) =>
        Cooccurrences.Count([.. words.Select(w => w - 1)], _vocabulary.Words.Count - 1, _config.WindowSize).Entries;

    private void Each(WordVectorModel model, Action<Parameter, Func<float[]>, Action<float[]>> visit)
    {
        for (int side = 0; side < 2; side++)
        {
            int s = side;
            string name = side == 0 ? "word" : "context";
            visit(model.Find(name + ".weight")!, _trainer.Vectors[s].ToArray, _trainer.Vectors[s].Load);
            visit(model.Find(name + ".bias")!, () => _trainer.Biases[s], values => values.CopyTo(_trainer.Biases[s], 0));
            visit(model.Find(name + ".weight.squares")!, _trainer.Squares[s].ToArray, _trainer.Squares[s].Load);
            visit(model.Find(name + ".bias.squares")!, () => _trainer.BiasSquares[s], values => values.CopyTo(_trainer.BiasSquares[s], 0));
        }
    }
}
