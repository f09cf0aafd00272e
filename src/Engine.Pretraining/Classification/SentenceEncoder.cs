using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Classification;

/// <summary>
/// A model of a run as what it was trained for: sentences in, vectors out. A subclass says how one kind of model reads a sentence and which
/// of its states are used.
/// </summary>
public abstract class SentenceEncoder : IDisposable
{
    private SentenceBuffers _buffers;

    private protected SentenceEncoder(Module model, int hiddenSize, int layers = 1, int tokenWidth = 1, int padding = 0)
    {
        (Model, HiddenSize, LayerCount, TokenWidth, Padding) = (model, hiddenSize, layers, tokenWidth, padding);
        _buffers = new SentenceBuffers(tokenWidth, padding, Pooling.Mean);
        States = new Tensor[layers];
    }

    /// <summary>The model; it is freed with the encoder.</summary>
    public Module Model { get; }

    /// <summary>C, the width of a state.</summary>
    public int HiddenSize { get; }

    /// <summary>Layers whose states are used: one, but for ELMo, whose layers are mixed by what stands on it.</summary>
    public int LayerCount { get; }

    /// <summary>How states become one vector.</summary>
    public Pooling Pooling
    {
        get;
        set
        {
            field = value;
            _buffers = new SentenceBuffers(TokenWidth, Padding, value);
        }
    }

    /// <summary>How the papers fine-tune this kind of model: from [CLS], from the last token, or from the mean.</summary>
    public virtual Pooling UsualPooling => Pooling.Mean;

    /// <summary>Whether the pooled vector has gone through the model's own dense layer, so that a head needs none.</summary>
    public virtual bool HasPooler => false;

    /// <summary>Whether the dense layer of a head has ELECTRA's GELU and not tanh.</summary>
    internal virtual bool GeluHead => false;

    private protected int TokenWidth { get; }

    private protected int Padding { get; }

    private protected Tensor[] States { get; }

    /// <summary>The encoder of a run's newest checkpoint.</summary>
    /// <param name="device">Where it shall live.</param>
    /// <param name="run">The run folder.</param>
    /// <param name="maxLength">Longer sentences are cut to so many tokens.</param>
    /// <exception cref="EngineException">There is no checkpoint, or its model does not encode sentences.</exception>
    public static SentenceEncoder Load(Device device, string run, int maxLength = 128)
    {
        string checkpoint = RunFolder.LatestCheckpoint(run);
        SentenceEncoder encoder = Create(device, checkpoint, Checkpoint.ReadConfig(checkpoint), maxLength);
        try
        {
            Checkpoint.LoadModel(checkpoint, encoder.Model);
            return encoder;
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <summary>The same model with the weights that training would have begun from, for comparison; the vocabulary is the run's.</summary>
    /// <param name="device">Where it shall live.</param>
    /// <param name="run">The run folder.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="maxLength">Longer sentences are cut to so many tokens.</param>
    /// <exception cref="EngineException">There is no checkpoint, or its model does not encode sentences.</exception>
    public static SentenceEncoder Random(Device device, string run, ulong seed, int maxLength = 128)
    {
        string checkpoint = RunFolder.LatestCheckpoint(run);
        return Create(device, checkpoint, Checkpoint.ReadConfig(checkpoint) with { Seed = seed }, maxLength);
    }

    /// <summary>The numbers that the model reads for a sentence: TokenWidth for each of its tokens.</summary>
    /// <exception cref="EngineException">The sentence has something that the vocabulary cannot express.</exception>
    public abstract int[] Read(string sentence);

    /// <summary>Pooled vectors of some sentences, one tensor (B, C) for each layer; the list is used again by the next call.</summary>
    /// <param name="step">The step; if it records, gradients go back to the model.</param>
    /// <param name="sentences">What <see cref="Read"/> made of them.</param>
    /// <param name="rows">Which of them.</param>
    internal ReadOnlySpan<Tensor> Encode(StepScope step, IReadOnlyList<int[]> sentences, ReadOnlySpan<int> rows)
    {
        SentenceBatch batch = _buffers.Fill(step, sentences, rows);
        Encode(batch);
        for (int j = 0; j < States.Length; j++)
        {
            States[j] = Pool(States[j], batch);
        }

        return States;
    }

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        Model.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts the states (B, T, C) of the layers into <see cref="States"/>.</summary>
    private protected abstract void Encode(in SentenceBatch batch);

    private protected virtual Tensor Pool(Tensor states, in SentenceBatch batch) => (states.To(DType.Float32) * batch.Weights).Sum(1);

    private static SentenceEncoder Create(Device device, string checkpoint, PretrainConfig config, int maxLength)
    {
        ITokenizer tokenizer = Checkpoint.ReadTokenizer(checkpoint);
        Module model = ModelCatalog.Create(device, config, tokenizer.VocabSize);
        try
        {
            SentenceEncoder encoder = model switch
            {
                EncoderModel encoderModel => new TransformerSentences(encoderModel, tokenizer, config, maxLength),
                Electra electra => new TransformerSentences(electra, tokenizer, config, maxLength),
                CausalLanguageModel causal => new CausalSentences(causal, tokenizer, config, maxLength),
                EncoderDecoder encoderDecoder => new SourceSentences(encoderDecoder, tokenizer, config, maxLength),
                Elmo elmo => new ElmoSentences(elmo, maxLength),
                WordVectorModel vectors => new WordVectorSentences(vectors, (WordTokenizer)tokenizer, config, maxLength),
                _ => throw new EngineException(
                    $"{checkpoint}: model {config.Model} has no encoder of sentences here; take a run of bert, roberta, spanbert, albert, electra, t5, transformer, gpt2, llama, mixtral, elmo, word2vec or glove."),
            };
            encoder.Pooling = Pooling.Mean;
            return encoder;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
