using Xunit;

namespace Engine.Testing;

/// <summary>
/// Runs one case of an operator file: inputs from <c>in.*</c>, results against <c>out.*</c> and <c>f64.out.*</c>, gradients of
/// Σ out·gout (plus 1 for a scalar loss without gout) against <c>grad.*</c> and <c>f64.grad.*</c>.
/// </summary>
public static class OperatorFixture
{
    /// <summary>The inputs of the case in a step: float32 ones require a gradient exactly if the file has one.</summary>
    public sealed record Inputs(StepScope Scope, FixtureCase Case, IReadOnlyDictionary<string, Tensor> Tensors)
    {
        /// <summary>Input <c>in.NAME</c>; undefined if the case has none.</summary>
        public Tensor this[string name] => Tensors.TryGetValue(name, out Tensor x) ? x : default;

        /// <summary>A numeric setting.</summary>
        public float Number(string key) => (float)Case.Number(key);
    }

    /// <summary>If set by the caller, is told of every op that a fixture records.</summary>
    public static AsyncLocal<ICollection<Type>?> Witness { get; } = new();

    /// <summary>Runs a case with one result, <c>out.y</c> or <c>out.loss</c> — whichever the file has.</summary>
    public static void Check(string file, string caseName, IReadOnlyDictionary<string, Func<Inputs, Tensor>> table, Tolerance? tolerance = null)
    {
        Assert.True(table.TryGetValue(caseName, out Func<Inputs, Tensor>? run), $"{file}: no runner for case '{caseName}'");
        FixtureCase c = Fixture.Open(file).Case(caseName);
        string[] outputs = [.. c.Names.Where(n => n.StartsWith("out.", StringComparison.Ordinal) || n.StartsWith("f64.out.", StringComparison.Ordinal)).Select(n => n[(n.IndexOf("out.", StringComparison.Ordinal) + 4)..]).Distinct()];
        string output = Assert.Single(outputs);
        Check(file, caseName, inputs => new Dictionary<string, Tensor> { [output] = run(inputs) }, tolerance);
    }

    /// <summary>Runs a case with named results; results that the file does not have are ignored.</summary>
    public static void Check(string file, string caseName, Func<Inputs, IReadOnlyDictionary<string, Tensor>> run, Tolerance? tolerance = null)
    {
        FixtureCase c = Fixture.Open(file).Case(caseName);
        Tolerance close = tolerance ?? Tolerance.Operator;
        using Device device = new CpuDevice();
        StepScope scope = new(device);
        scope.Tape.Witness = Witness.Value;
        Dictionary<string, Tensor> inputs = [];
        foreach (string name in c.Names.Where(n => n.StartsWith("in.", StringComparison.Ordinal)))
        {
            string x = name[3..];
            inputs[x] = c.DType(name) is "F32" or "F64"
                ? scope.From<float>(c.Floats(name), c.Shape(name), requiresGrad: c.Has("grad." + x) || c.Has("f64.grad." + x))
                : scope.From<int>(c.Ints(name), c.Shape(name));
        }

        IReadOnlyDictionary<string, Tensor> results = run(new Inputs(scope, c, inputs));
        Tensor loss = default;
        int compared = 0;
        foreach ((string name, Tensor y) in results)
        {
            string what = $"{file} {caseName} out.{name}";
            y.Keep();
            foreach (string key in new[] { "out." + name, "f64.out." + name }.Where(c.Has))
            {
                Assert.True(c.Shape(key) == y.Shape, $"{what}: shape {y.Shape}, expected {c.Shape(key)}");
                close.AssertClose(c.Doubles(key), y.ToArray(), what);
                compared++;
            }

            if (y.RequiresGrad)
            {
                Tensor term = c.Has("gout." + name)
                    ? (y * scope.From<float>(c.Floats("gout." + name), y.Shape)).Sum()
                    : y.Reshape();
                loss = loss.IsDefined ? loss + term : term;
            }
        }

        Assert.True(compared > 0, $"{file} {caseName}: nothing was compared");
        string[] grads = [.. c.Names.Where(n => n.StartsWith("grad.", StringComparison.Ordinal) || n.StartsWith("f64.grad.", StringComparison.Ordinal))];
        if (grads.Length > 0)
        {
            Assert.True(loss.IsDefined, $"{file} {caseName}: the file has gradients, but no result requires one");
            scope.Backward(loss);
        }

        foreach (string key in grads)
        {
            string x = key[(key.IndexOf("grad.", StringComparison.Ordinal) + 5)..];
            Assert.True(inputs.ContainsKey(x), $"{file} {caseName}: {key} has no input in.{x}");
            Tensor grad = StepScope.Grad(inputs[x]);
            Assert.True(grad.IsDefined, $"{file} {caseName}: no gradient reached {x}");
            close.AssertClose(c.Doubles(key), grad.ToArray(), $"{file} {caseName} {key}");
        }

        scope.Clear();
        Assert.Equal(0, device.Memory.LiveBytes);
    }
}
