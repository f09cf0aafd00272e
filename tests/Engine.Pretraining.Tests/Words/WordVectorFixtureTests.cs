using System.Text.Json;
using Engine.Nn;
using Engine.Optim;
using Engine.Pretraining.Words;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Words;

/// <summary>word2vec, GloVe and fastText against reference values.</summary>
public sealed class WordVectorFixtureTests
{
    private const string File = "wordvec";

    private static readonly Dictionary<string, Action<FixtureCase>> Runners = new()
    {
        ["sgns"] = c => Check(c, SkipGram),
        ["cbow"] = c => Check(c, i => WordLosses.Cbow(i["win"], i["wout"], i["ctx"], i["mask"], i["target"], i["negatives"])),
        ["hs"] = HierarchicalSoftmax,
        ["glove"] = c => Check(c, GloveLoss),
        ["sgns_sgd"] = Steps,
        ["sampling"] = Sampling,
        ["glove_adagrad"] = c => Adagrad(c, scaleBiases: false),
        ["glove_adagrad_lr"] = c => Adagrad(c, scaleBiases: true),
        ["cooccur"] = Cooccur,
        ["fasttext"] = FastText,
    };

    public static TheoryData<string> Cases => Fixture.CasesOf(File);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_reference(string name)
    {
        Assert.True(Runners.TryGetValue(name, out Action<FixtureCase>? run), $"{File}: no runner for case '{name}'");
        run(Fixture.Open(File).Case(name));
    }

    private static void Check(FixtureCase c, Func<OperatorFixture.Inputs, Tensor> loss) =>
        OperatorFixture.Check(File, c.Name, i => new Dictionary<string, Tensor> { ["loss"] = loss(i) });

    private static Tensor SkipGram(OperatorFixture.Inputs i) => WordLosses.SkipGram(i["win"], i["wout"], i["center"], i["context"], i["negatives"]);

    private static void HierarchicalSoftmax(FixtureCase c)
    {
        int[] codes = c.Ints("in.code");
        int[] points = c.Ints("in.point");
        int[] targets = c.Ints("in.target");
        int longest = c.Shape("in.code")[1];
        HuffmanTree tree = new([.. c.Ints("in.counts").Select(n => (long)n)]);
        for (int word = 0; word < tree.Codes.Length; word++)
        {
            int[] row = codes[(word * longest)..((word + 1) * longest)];
            Assert.Equal(row.Where(bit => bit >= 0).Select(bit => bit == 1), tree.Codes[word]);
            Assert.Equal(points[(word * longest)..][..tree.Points[word].Length], tree.Points[word]);
        }

        Shape shape = [targets.Length, longest];
        int[] path = [.. targets.SelectMany(t => Enumerable.Range(t * longest, longest))];
        Check(c, i => WordLosses.HierarchicalSoftmax(
            i["win"], i["whs"], i["center"], i.Scope.From<int>([.. path.Select(p => Math.Max(0, points[p]))], shape),
            i.Scope.From<float>([.. path.Select(p => codes[p] < 0 ? 0f : 1f - (2f * codes[p]))], shape)));
    }

    private static Tensor GloveLoss(OperatorFixture.Inputs i)
    {
        float[] x = i.Case.Floats("in.x");
        Shape shape = i["x"].Shape;
        Tensor weight = i.Scope.From<float>([.. x.Select(v => (float)Glove.Weight(v, i.Number("xmax"), i.Number("alpha")))], shape);
        return WordLosses.Glove(i["w"], i["wc"], i["b"], i["bc"], i["i"], i["j"], i.Scope.From<float>([.. x.Select(v => MathF.Log(v))], shape), weight);
    }

    // The examples of the case sgns one after the other, twice, as steps of plain SGD.
    private static void Steps(FixtureCase c)
    {
        FixtureCase examples = c.File.Case("sgns");
        using CpuDevice device = new();
        using Vectors vectors = new(device, examples, "in.win", "in.wout");
        using Sgd sgd = new([new ParameterGroup(vectors.Parameters)], c.Number("lr"));
        StepScope step = new(device);
        (int[] center, int[] context, int[] negatives) = (examples.Ints("in.center"), examples.Ints("in.context"), examples.Ints("in.negatives"));
        int K = examples.Shape("in.negatives")[1];
        for (int n = 0; n < 2 * center.Length; n++)
        {
            int at = n % center.Length;
            Tensor loss = WordLosses.SkipGram(
                step.Use(vectors.All[0]), step.Use(vectors.All[1]), step.From<int>([center[at]], [1]), step.From<int>([context[at]], [1]),
                step.From<int>(negatives.AsSpan(at * K, K), [1, K]));
            step.Backward(loss);
            step.Clear();
            sgd.Step();
            sgd.ZeroGrad();
        }

        Tolerance.Operator.AssertClose(c.Doubles("out.win"), vectors.All[0].Value.ToArray(), "win");
        Tolerance.Operator.AssertClose(c.Doubles("out.wout"), vectors.All[1].Value.ToArray(), "wout");
    }

    private static void Sampling(FixtureCase c)
    {
        long[] counts = [.. c.Ints("in.counts").Select(n => (long)n)];
        double t = c.Number("t");
        Close(c.Doubles("f64.out.noise"), new NoiseTable(counts).Probabilities);
        Close(c.Doubles("f64.out.keep_c"), Word2Vec.SubsamplingKeep(counts, t));
        Close(c.Doubles("f64.out.keep_paper"), Word2Vec.SubsamplingKeep(counts, t, paper: true));
    }

    private static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-12));
    }

    private static void Adagrad(FixtureCase c, bool scaleBiases)
    {
        FixtureCase start = c.File.Case("glove");
        Shape shape = start.Shape("in.w");
        Glove glove = new([.. Enumerable.Range(0, shape[0]).Select(i => $"{i}")], new GloveConfig
        {
            VectorSize = shape[1], XMax = start.Number("xmax"), Alpha = start.Number("alpha"), Eta = c.Number("lr"), ScaleBiases = scaleBiases,
        });
        foreach ((int side, string w, string b) in new[] { (0, "in.w", "in.b"), (1, "in.wc", "in.bc") })
        {
            float[] values = start.Floats(w);
            start.Floats(b).CopyTo(glove.Biases[side], 0);
            for (int i = 0; i < shape[0]; i++)
            {
                values.AsSpan(i * shape[1], shape[1]).CopyTo(glove.Vectors[side][i]);
            }
        }

        (int[] first, int[] second, float[] x) = (start.Ints("in.i"), start.Ints("in.j"), start.Floats("in.x"));
        Cooccurrence[] pairs = [.. x.Select((v, n) => new Cooccurrence(first[n], second[n], v))];
        foreach (double cost in c.Doubles("f64.out.mean_cost"))
        {
            Assert.Equal(cost, glove.Pass(pairs), 1e-4 * cost);
        }

        foreach ((int side, string w, string b) in new[] { (0, "out.w", "out.b"), (1, "out.wc", "out.bc") })
        {
            float[] values = [.. Enumerable.Range(0, shape[0]).SelectMany(i => glove.Vectors[side][i].ToArray())];
            Tolerance.Operator.AssertClose(c.Doubles(w), values, w);
            Tolerance.Operator.AssertClose(c.Doubles(b), glove.Biases[side], b);
        }
    }

    private static void Cooccur(FixtureCase c)
    {
        int V = c.Shape("out.counts")[0];
        float[] counts = new float[V * V];
        foreach (Cooccurrence pair in Cooccurrences.Count(c.Ints("in.tokens"), V, (int)c.Number("window")).Entries)
        {
            counts[(pair.I * V) + pair.J] = (float)pair.X;
        }

        new Tolerance(1e-6, 1e-6).AssertClose(c.Doubles("out.counts"), counts, "counts");
    }

    private static void FastText(FixtureCase c)
    {
        string[] words = JsonSerializer.Deserialize<string[]>(c.Text("words"))!;
        string[][] ngrams = JsonSerializer.Deserialize<string[][]>(c.Text("ngrams"))!;
        for (int i = 0; i < words.Length; i++)
        {
            Assert.Equal(ngrams[i], Subwords.Ngrams(words[i]));
            Assert.Equal(c.Ints($"out.ids{i}"), Subwords.Ngrams(words[i]).Select(g => Subwords.Bucket(g)));
        }
    }

    private sealed class Vectors : Module
    {
        public Vectors(Device device, FixtureCase c, params string[] names)
            : base(device) => All = [.. names.Select(name =>
            {
                Parameter p = Param(name, c.Shape(name), Initializer.Zeros);
                p.Value.Load<float>(c.Floats(name));
                return p;
            })];

        public Parameter[] All { get; }
    }
}
