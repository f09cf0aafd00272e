namespace Engine.Pretraining.Objectives;

/// <summary>All objectives by name. A new one is a page in this folder and an entry here.</summary>
public static class ObjectiveCatalog
{
    private static readonly ObjectiveEntry[] s_all =
    [
        CausalLanguageModeling.Entry,
        InContextLearning.Entry,
        MaskedLanguageModeling.NextSentence,
        MaskedLanguageModeling.Entry,
        SpanPrediction.Entry,
        ReplacedTokenDetection.Entry,
        MaskedLanguageModeling.SentenceOrder,
        SpanCorruption.Entry,
        Translation.Entry,
        PermutationLanguageModeling.Entry,
        WordEmbeddings.SkipGram,
        WordEmbeddings.Cbow,
        WordEmbeddings.GloVe,
        BidirectionalLanguageModeling.Entry,
    ];

    /// <summary>All entries, in the order of the tour.</summary>
    public static IReadOnlyList<ObjectiveEntry> All => s_all;

    /// <summary>The names, as the key <c>objective</c> spells them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(o => o.Name)];

    /// <summary>The objective of this name.</summary>
    /// <exception cref="EngineException">There is none; lists those there are.</exception>
    public static ObjectiveEntry Get(string name) =>
        Array.Find(s_all, o => o.Name == name) ?? throw new EngineException($"objective: unknown name {name}; expected one of {string.Join(", ", Names)}.");
}
