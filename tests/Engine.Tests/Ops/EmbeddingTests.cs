using Xunit;

namespace Engine.Tests.Ops;

/// <summary>What lookups refuse, and what the padding row is left with.</summary>
public sealed class EmbeddingTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);
    private readonly StepScope _scope;

    public EmbeddingTests() => _scope = new StepScope(_device);

    public void Dispose()
    {
        _scope.Dispose();
        _device.Dispose();
    }

    [Theory]
    [InlineData(29)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void An_index_outside_the_table_is_named(int index)
    {
        int[] indices = new int[70];
        indices[41] = index;
        Refuses(
            () => Table().Embedding(_scope.From<int>(indices, [2, 35])),
            $"Embedding: index {index} at position 41 of indices (2, 35) is outside the table (29, 4); expected 0 to 28. [int32, cpu]");
    }

    [Fact]
    public void An_empty_table_has_no_rows() => Refuses(
        () => _scope.Empty([0, 4]).Embedding(_scope.From<int>([0], [1])),
        "Embedding: index 0 at position 0 of indices (1,) is outside the table (0, 4); expected 0 to -1. [int32, cpu]");

    [Fact]
    public void Float_indices_are_refused() => Refuses(
        () => Table().Embedding(_scope.Empty([3])),
        "Embedding: indices (3,) is float32, expected int32. Convert it with To(DType.Int32). [float32, cpu]");

    [Fact]
    public void The_table_is_a_matrix() => Refuses(
        () => _scope.Empty([29]).Embedding(_scope.From<int>([0], [1])),
        "Embedding: the table (29,) has rank 1, expected rank 2. [float32, cpu]");

    [Fact]
    public void The_padding_index_is_a_row() => Refuses(
        () => Table().Embedding(_scope.From<int>([0], [1]), paddingIndex: 29),
        "Embedding: the padding index 29 is outside the table (29, 4); expected 0 to 28. [float32, cpu]");

    [Fact]
    public void Gradients_of_two_lookups_and_of_two_steps_add_up()
    {
        using Tensor table = Tensor.Zeros(_device, [3, 2]);
        table.Data.RequiresGrad = true;
        for (int step = 0; step < 2; step++)
        {
            Tensor y = table.Embedding(_scope.From<int>([0, 2, 2], [3])).Sum() + table.Embedding(_scope.From<int>([2, 1], [2]), paddingIndex: 1).Sum();
            _scope.Backward(y);
            _scope.Clear();
        }

        Assert.Equal([2f, 2f, 0f, 0f, 6f, 6f], StepScope.Grad(table).ToArray());
    }

    private Tensor Table() => _scope.Empty([29, 4]);

    private static void Refuses(Func<object?> act, string message) =>
        Assert.Equal(message, Assert.Throws<EngineException>(act).Message);
}
