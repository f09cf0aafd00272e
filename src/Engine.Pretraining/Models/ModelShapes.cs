using Engine.Nn;
using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>What a model says of itself in the keys of a configuration: the way back from <see cref="ModelCatalog.Create"/>.</summary>
internal static class ModelShapes
{
    /// <summary>
    /// A configuration with a model's shape. Where the model has a table of positions, <c>block_size</c> stays if the table has as many.
    /// </summary>
    /// <exception cref="EngineException">No keys describe such a model, or it has fewer positions; does not name where the model comes from.</exception>
    public static PretrainConfig Describe(Module network, PretrainConfig config) => network switch
    {
        Gpt2 { Config: var c } => Named(config, "gpt2", c.NPositions) with { NLayer = c.NLayer, NHead = c.NHead, NEmbd = c.NEmbd, Bias = c.Bias },
        Llama { Config.RopeScaling: not null } => throw new EngineException("a Llama with scaled rotary angles (rope_scaling) cannot be trained further: no key of a configuration describes them."),
        Llama { Config: var c } => Named(config, c.NumLocalExperts > 0 ? "mixtral" : "llama", c.PositionEmbedding == "learned" ? c.MaxPositionEmbeddings : int.MaxValue) with
        {
            NLayer = c.NumHiddenLayers,
            NHead = c.NumAttentionHeads,
            NEmbd = c.HiddenSize,
            NumKeyValueHeads = c.NumKeyValueHeads,
            IntermediateSize = c.IntermediateSize,
            PositionEmbedding = c.PositionEmbedding,
            RopeTheta = (double)(decimal)c.RopeTheta,
            RmsNormEps = (double)(decimal)c.RmsNormEps,
            SlidingWindow = c.SlidingWindow,
            TieWordEmbeddings = c.TieWordEmbeddings,
            NumLocalExperts = c.NumLocalExperts > 0 ? c.NumLocalExperts : config.NumLocalExperts,
            NumExpertsPerTok = c.NumLocalExperts > 0 ? c.NumExpertsPerTok : config.NumExpertsPerTok,
        },
        Bert bert => Encoder(config, "bert", bert.Config, bert.MaxLength),
        Roberta roberta => Encoder(config, "roberta", roberta.Config, roberta.MaxLength),
        Albert albert => Encoder(config, "albert", albert.Config, albert.MaxLength),
        Electra electra => Encoder(config, "electra", electra.Config, electra.MaxLength),
        T5 { Config: var c } => Named(config, "t5", int.MaxValue) with
        {
            NLayer = c.NumLayers, NHead = c.NumHeads, NEmbd = c.DModel, IntermediateSize = c.DFf, FeedForwardProj = c.FeedForwardProj,
        },
        _ => throw new EngineException($"a model of kind {network.GetType().Name} cannot be trained further; expected one of gpt2, llama, mixtral, bert, roberta, albert, electra and t5."),
    };

    /// <summary>The part of a model's shape that two models must have in common to take each other's weights; not all of it shows in their sizes.</summary>
    public static object Kind(Module network) => network switch
    {
        Gpt2 { Config: var c } => c with { VocabSize = 0, NPositions = 0, Dropout = 0 },
        Llama { Config: var c } => c with { VocabSize = 0, MaxPositionEmbeddings = 0, Dropout = 0, RouterAuxLossCoef = 0, NumExpertsPerTok = c.NumLocalExperts == 0 ? 0 : c.NumExpertsPerTok },
        EncoderModel { Config: var c } => Kind(c),
        Electra { Config: var c } => Kind(c),
        T5 { Config: var c } => c with { VocabSize = 0, DropoutRate = 0 },
        _ => network.GetType().Name,
    };

    private static EncoderConfig Kind(EncoderConfig c) => c with { VocabSize = 0, MaxPositionEmbeddings = 0, Dropout = 0 };

    private static PretrainConfig Encoder(PretrainConfig config, string model, EncoderConfig c, int positions) => Named(config, model, positions) with
    {
        NLayer = c.NumHiddenLayers, NHead = c.NumAttentionHeads, NEmbd = c.HiddenSize, EmbeddingSize = c.EmbeddingSize == c.HiddenSize ? 0 : c.EmbeddingSize,
    };

    // An objective that does not train the model itself may still train one with the same layers: ELECTRA on BERT's.
    private static PretrainConfig Named(PretrainConfig config, string model, int positions) => config.BlockSize > positions
        ? throw new EngineException($"has {positions} positions, fewer than block_size = {config.BlockSize}; lower block_size.")
        : config with { Model = Objectives.ObjectiveCatalog.Get(config.Objective).Models.Contains(model) ? model : config.Model };
}
