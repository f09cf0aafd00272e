using Engine.Pretraining.Objectives;

namespace Engine.Pretraining.Configuration;

/// <summary>One key whose values differ between two configurations.</summary>
/// <param name="Field">The row of the table.</param>
/// <param name="Mine">The value here.</param>
/// <param name="Other">The value there.</param>
public sealed record ConfigDifference(ConfigField Field, string Mine, string Other)
{
    /// <summary><c>key: mine → other</c>.</summary>
    public override string ToString() => $"{Field.Key}: {Mine} → {Other}";
}

/// <summary>
/// Everything that decides a pre-training run. Immutable; the defaults are the preset <c>shakespeare-char</c>. Keys,
/// ranges and documentation are one table, <see cref="ConfigFields"/>, which files, command line and printing share.
/// The vocabulary size comes from the tokenizer.
/// </summary>
public sealed record PretrainConfig
{
    private static readonly PretrainConfig s_defaults = new();

    /// <summary>The preset it was derived from.</summary>
    public string Preset { get; init; } = "shakespeare-char";

    /// <summary>What is learned: a name of <see cref="Objectives.ObjectiveCatalog"/>.</summary>
    public string Objective { get; init; } = "clm";

    /// <summary>The architecture: a name of <see cref="Models.ModelCatalog"/>.</summary>
    public string Model { get; init; } = "gpt2";

    /// <summary>The run or published model whose weights, shape and vocabulary the run begins with; empty for random weights.</summary>
    public string InitFrom { get; init; } = string.Empty;

    /// <summary>A text file, or <c>tinyshakespeare</c> for the corpus inside the library.</summary>
    public string Data { get; init; } = "tinyshakespeare";

    /// <summary>Objective translation: the file whose lines translate those of <see cref="Data"/>; empty for other objectives.</summary>
    public string DataTarget { get; init; } = string.Empty;

    /// <summary>A kind of <see cref="Tokenizers.TokenizerFile.Kinds"/>, or a tokenizer's file.</summary>
    public string Tokenizer { get; init; } = "char";

    /// <summary>V of a vocabulary that is made from the corpus and may have any size; characters and bytes have their own.</summary>
    public int VocabSize { get; init; } = 4096;

    /// <summary>The fewest occurrences of a pair that is merged into a token, or of a word that becomes one.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>T5's sentinels in a byte-pair vocabulary.</summary>
    public int ExtraIds { get; init; } = 100;

    /// <summary>Share of the corpus, at its end, kept for validation.</summary>
    public double ValFraction { get; init; } = 0.1;

    /// <summary>How training windows are drawn: <c>random</c> or <c>epoch</c>.</summary>
    public string Sampling { get; init; } = "random";

    /// <summary>L: transformer layers.</summary>
    public int NLayer { get; init; } = 4;

    /// <summary>H: attention heads; divides <see cref="NEmbd"/>.</summary>
    public int NHead { get; init; } = 4;

    /// <summary>C: model width.</summary>
    public int NEmbd { get; init; } = 128;

    /// <summary>H of an LSTM: its cells, which a projection brings down to <see cref="NEmbd"/>.</summary>
    public int HiddenSize { get; init; } = 512;

    /// <summary>Words on each side that count as near.</summary>
    public int Window { get; init; } = 5;

    /// <summary>Words drawn against each true one; 0 for no negative sampling.</summary>
    public int Negative { get; init; } = 5;

    /// <summary>Whether words are predicted by hierarchical softmax.</summary>
    public bool HierarchicalSoftmax { get; init; }

    /// <summary>The frequency above which words are left out at random; 0 for never.</summary>
    public double Subsample { get; init; } = 1e-3;

    /// <summary>GloVe's count from which on a pair has full weight.</summary>
    public double XMax { get; init; } = 100;

    /// <summary>Threads that train one table of vectors without locks.</summary>
    public int Hogwild { get; init; } = 1;

    /// <summary>T: sequence length.</summary>
    public int BlockSize { get; init; } = 64;

    /// <summary>Objective span-corruption: what is done to a text (<see cref="Data.Corruption"/>): <c>spans</c>, <c>prefix</c>, <c>bert</c> or <c>deshuffling</c>.</summary>
    public string Corruption { get; init; } = "spans";

    /// <summary>Share of the tokens that is corrupted.</summary>
    public double NoiseDensity { get; init; } = 0.15;

    /// <summary>Mean tokens of a corrupted span.</summary>
    public double MeanNoiseSpanLength { get; init; } = 3.0;

    /// <summary>Objective plm: tokens before a text that are read as memory.</summary>
    public int MemLen { get; init; }

    /// <summary>ε of the targets (1 − ε)·onehot + ε/V.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Probability of dropping an activation.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether linear layers and norms have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Llama: heads of keys and values; 0 means as many as <see cref="NHead"/>.</summary>
    public int NumKeyValueHeads { get; init; }

    /// <summary>F, width inside the feed-forward part; 0 means the model's usual multiple of <see cref="NEmbd"/>.</summary>
    public int IntermediateSize { get; init; }

    /// <summary>Llama: one of <see cref="Models.LlamaConfig.Positions"/>.</summary>
    public string PositionEmbedding { get; init; } = "rotary";

    /// <summary>Llama: base of the angles of rotary positions.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Llama: ε of its norms.</summary>
    public double RmsNormEps { get; init; } = 1e-5;

    /// <summary>Llama: tokens that a token sees; 0 means all before it.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Whether the output layer is the embedding table, where the model leaves the choice.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Mixtral: experts of a layer.</summary>
    public int NumLocalExperts { get; init; } = 8;

    /// <summary>Mixtral: experts that a token goes to.</summary>
    public int NumExpertsPerTok { get; init; } = 2;

    /// <summary>Mixtral: weight of the load-balancing loss.</summary>
    public double RouterAuxLossCoef { get; init; } = 0.01;
    /// <summary>E: width of the embedding tables of a model that factorises them; 0 means C.</summary>
    public int EmbeddingSize { get; init; }

    /// <summary>ELECTRA: the generator's width as a share of the discriminator's.</summary>
    public double GeneratorSize { get; init; } = 0.25;

    /// <summary>Share of tokens that are hidden.</summary>
    public double MaskProbability { get; init; } = 0.15;

    /// <summary>The most tokens hidden in a sequence; 0 means that share of T, rounded up.</summary>
    public int MaxPredictions { get; init; }

    /// <summary><c>dynamic</c> or <c>static</c>: new masks each time a sequence comes up, or a few that are repeated.</summary>
    public string Masking { get; init; } = "dynamic";

    /// <summary>How many static masks a sequence has.</summary>
    public int StaticMasks { get; init; } = 10;

    /// <summary>Whether whole words are hidden.</summary>
    public bool WholeWordMasking { get; init; }

    /// <summary>The longest run of neighbouring words or tokens that is hidden together, with probability 1/n for n.</summary>
    public int MaskNgram { get; init; } = 1;

    /// <summary>Share of pairs that are shorter than T.</summary>
    public double ShortSeqProb { get; init; } = 0.1;

    /// <summary>ELECTRA: λ, the weight of the discriminator's loss.</summary>
    public double RtdWeight { get; init; } = 50;

    /// <summary>T5's feed-forward part: <c>relu</c> or <c>gated-gelu</c>.</summary>
    public string FeedForwardProj { get; init; } = "relu";

    /// <summary>B: sequences of one micro-batch.</summary>
    public int BatchSize { get; init; } = 12;

    /// <summary>Micro-batches whose gradients are averaged into one step.</summary>
    public int GradientAccumulationSteps { get; init; } = 1;

    /// <summary>Optimizer steps of the run.</summary>
    public int MaxSteps { get; init; } = 2000;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Learning rate at the end of a decaying schedule.</summary>
    public double MinLr { get; init; } = 1e-4;

    /// <summary>Steps of linear warm-up.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>Steps of the final decay of the schedule <c>wsd</c>; 0 means the last fifth of the run.</summary>
    public int DecaySteps { get; init; }

    /// <summary><c>constant</c>, <c>linear</c>, <c>cosine</c>, <c>wsd</c> or <c>noam</c>.</summary>
    public string Schedule { get; init; } = "cosine";

    /// <summary><c>adamw</c>, <c>lamb</c> or <c>lion</c>.</summary>
    public string Optimizer { get; init; } = "adamw";

    /// <summary>Decoupled weight decay of AdamW on matrices.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>AdamW's decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>AdamW's ε.</summary>
    public double Eps { get; init; } = 1e-8;

    /// <summary>Largest global norm of the gradient; 0 turns clipping off.</summary>
    public double GradClip { get; init; } = 1.0;

    /// <summary>Seed of initialisation, sampling and dropout.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Steps between evaluations; 0 evaluates only at the end.</summary>
    public int EvalInterval { get; init; } = 250;

    /// <summary>Batches of the fixed evaluation set.</summary>
    public int EvalBatches { get; init; } = 100;

    /// <summary>Steps between reported losses.</summary>
    public int LogInterval { get; init; } = 10;

    /// <summary>Steps between checkpoints; 0 saves only at the end.</summary>
    public int CheckpointEvery { get; init; } = 250;

    /// <summary>Newest checkpoints kept.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps between samples of text; 0 samples only at the end.</summary>
    public int SampleEvery { get; init; } = 500;

    /// <summary>Tokens of a sample; 0 turns samples off.</summary>
    public int SampleTokens { get; init; } = 200;

    /// <summary>A name that <see cref="Engine.Device.Open(string, int)"/> takes: <c>auto</c>, <c>cpu</c>, <c>opencl:0</c> …</summary>
    public string Device { get; init; } = "auto";

    /// <summary><c>fp32</c>, <c>bf16</c> or <c>fp16</c>: the storage of activations and working weights.</summary>
    public string Precision { get; init; } = "fp32";

    /// <summary>Whether a CUDA device gets the launches of a step as one graph; elsewhere without effect.</summary>
    public bool CudaGraphs { get; init; }

    /// <summary>CPU worker threads; 0 means one for each processor.</summary>
    public int Threads { get; init; }

    /// <summary>Tokens of one optimizer step: B · T · accumulation.</summary>
    public long TokensPerStep => (long)BatchSize * BlockSize * GradientAccumulationSteps;

    /// <summary>This configuration with entries applied in order, then checked as a whole.</summary>
    /// <exception cref="EngineException">An unknown key, a wrong type, a value out of range, or values that do not fit together.</exception>
    public PretrainConfig With(IEnumerable<ConfigEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        PretrainConfig config = this;
        string where = "config";
        List<ConfigEntry> given = [.. entries];
        foreach (ConfigEntry entry in given)
        {
            config = ConfigFields.Find(entry).Set(config, entry);
            where = entry.Place;
        }

        config.Validated(where);
        foreach (ConfigEntry entry in given)
        {
            config.RequireRead(ConfigFields.Find(entry), entry);
        }

        return config;
    }

    /// <summary>This configuration of a run with the changes that a resumed run may make.</summary>
    /// <param name="changes">What the user asks to change.</param>
    /// <param name="run">The run folder, for messages.</param>
    /// <exception cref="EngineException">A change would make it another run, or is wrong in itself.</exception>
    public PretrainConfig ForResume(IEnumerable<ConfigEntry> changes, string run)
    {
        PretrainConfig changed = With(changes);
        ConfigDifference? forbidden = Diff(changed).FirstOrDefault(d => !d.Field.FreeOnResume);
        return forbidden is null
            ? changed
            : throw new EngineException($"{run}: {forbidden.Field.Key} cannot change from {forbidden.Mine} to {forbidden.Other} when a run goes on; start a new run.");
    }

    /// <summary>Itself, if its values are in range and fit together.</summary>
    /// <param name="where">For messages: the file or place the values come from.</param>
    /// <exception cref="EngineException">Names the keys, their values and the rule.</exception>
    public PretrainConfig Validated(string where = "config")
    {
        foreach (ConfigField field in ConfigFields.All)
        {
            field.Set(this, new ConfigEntry(field.Key, field.Get(this), LiteralKind.Bare, where));
        }

        void Require(bool holds, string message)
        {
            if (!holds)
            {
                throw new EngineException($"{where}: {message}.");
            }
        }

        ObjectiveEntry objective = ObjectiveCatalog.Get(Objective);
        Require(
            objective.Models.Contains(Model),
            $"objective = {Objective} does not go with model = {Model}; it trains {string.Join(", ", objective.Models)}, and preset {objective.Preset} has settings for it");
        Require(
            !CudaGraphs || Model != "mixtral",
            "cuda_graphs = true does not go with model = mixtral, whose router is read within the step and decides the shapes of what follows; leave cuda_graphs out");
        Require(NEmbd % NHead == 0, $"n_embd = {NEmbd} is not divisible by n_head = {NHead}; each head takes n_embd / n_head channels");
        Require(MinLr <= LearningRate, $"min_lr = {MinLr} is above learning_rate = {LearningRate}; it is the end of the decay");
        Require(WarmupSteps <= MaxSteps, $"warmup_steps = {WarmupSteps} is more than max_steps = {MaxSteps}; lower the one or raise the other");
        Require(
            Schedule != "wsd" || (long)WarmupSteps + DecaySteps <= MaxSteps,
            $"warmup_steps = {WarmupSteps} and decay_steps = {DecaySteps} together are more than max_steps = {MaxSteps}");
        Require(
            (long)BatchSize * BlockSize <= int.MaxValue,
            $"batch_size = {BatchSize} times block_size = {BlockSize} is more tokens than a batch may hold ({int.MaxValue})");
        return this;
    }

    // A key that somebody set on purpose must not be ignored in silence.
    private void RequireRead(ConfigField field, ConfigEntry entry)
    {
        if (field.Only.Count > 0 && !field.Only.Contains(Objective) && !field.Only.Contains(Model) && field.Get(this) != field.Get(s_defaults))
        {
            throw new EngineException(
                $"{entry.Where}: {field.Key} = {field.Get(this)} has no effect on objective {Objective} with model {Model}; only {string.Join(", ", field.Only)} read it.");
        }
    }

    /// <summary>The keys whose values differ, in the order of the table.</summary>
    public IReadOnlyList<ConfigDifference> Diff(PretrainConfig other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return [.. from field in ConfigFields.All
                   let mine = field.Get(this)
                   let theirs = field.Get(other)
                   where mine != theirs
                   select new ConfigDifference(field, mine, theirs)];
    }

    /// <summary>All keys as indented JSON; <see cref="ConfigFile.Parse"/> reads it back to an equal record.</summary>
    public string ToJson() => ConfigFile.Print(this);
}
