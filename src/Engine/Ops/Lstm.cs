using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// One direction of one LSTM layer; formulas at <see cref="LstmForward"/> and <see cref="LstmBackward"/>. The inputs of all steps are one
/// product, the recurrence is one launch, and backward is one launch and then one product for each weight. Shapes at
/// <see cref="Tensor.Lstm(in LstmWeights, in LstmOptions)"/>; with last states the result is y, hn and cn one behind the other. Saved: x, weights,
/// the gates (4H a row), c (H), the state before each step (P) and m (H) if there is a projection. dX and dW accumulate.
/// </summary>
internal readonly struct LstmOp : IDifferentiable<LstmOp.Args, LstmOp.Saved>
{
    public readonly record struct Args(Tensor X, LstmWeights W, LstmOptions Options, LstmShape Shape, bool States)
    {
        public long Rows => Shape.T * Shape.B;
    }

    public readonly record struct Saved(Args Args, Tensor Gates, Tensor C, Tensor Before, Tensor M) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(Args.X);
            visitor.Values(Args.W.Ih);
            visitor.Values(Args.W.Hh);
            visitor.Values(Args.W.Hr);
            visitor.Values(Args.Options.C0);
            visitor.Values(Args.Options.Lengths);
            visitor.Values(Gates);
            visitor.Values(C);
            visitor.Values(Before);
            visitor.Values(M);
        }
    }

    public static string Name => "Lstm";

    public static Tensor Apply(Tensor x, in LstmWeights w, in LstmOptions o, bool states, out LstmShape shape)
    {
        shape = Checked(x, w, o);
        Args a = new(
            x.Contiguous(),
            new(w.Ih.Contiguous(), w.Hh.Contiguous(), Optional.Contiguous(w.Bias), Optional.Contiguous(w.Hr)),
            o with { H0 = Optional.Contiguous(o.H0), C0 = Optional.Contiguous(o.C0), Lengths = Optional.Contiguous(o.Lengths) },
            shape,
            states);
        return Recorder.Apply<LstmOp, Args, Saved>(
            a, a.X, a.W.Ih, a.W.Hh, a.W.Bias, a.W.Hr, a.Options.H0, a.Options.C0, a.Options.Lengths);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        LstmShape s = a.Shape;
        if (a.Options.Lengths.IsDefined)
        {
            Indices.Check(context, "the steps of x", a.X, a.Options.Lengths, (int)s.T + 1, name: "lengths");
        }

        Tensor gates = context.New([(int)a.Rows, (int)(4 * s.H)]);
        MatrixProduct.Launch(context, Matrix.Flatten(a.X), Matrix.Of(a.W.Ih).T, Matrix.Of(gates), a.W.Bias, default, Activation.None);
        Tensor weight = Transposed(context, a.W.Hh);
        Tensor projection = a.W.Hr.IsDefined ? Transposed(context, a.W.Hr) : default;
        Tensor before = context.New([(int)a.Rows, (int)s.P]);
        Tensor c = context.New([(int)a.Rows, (int)s.H]);
        Tensor m = projection.IsDefined ? context.New([(int)a.Rows, (int)s.H]) : default;
        Tensor last = a.States ? default : context.New([(int)s.B, (int)(s.P + s.H)]);
        Tensor y = context.New(a.States ? [(int)((a.Rows * s.P) + (s.B * (s.P + s.H)))] : a.X.Shape.With(^1, (int)s.P));
        View<float> states = a.States ? y.Flat<float>().From(a.Rows * s.P) : last.Flat<float>();
        context.Launch(
            new LstmForward(
                gates.Flat<float>(), weight.Flat<float>(), Optional.Flat<float>(projection), Optional.Flat<float>(a.Options.H0),
                Optional.Flat<float>(a.Options.C0), Optional.Flat<int>(a.Options.Lengths), y.Flat<float>(), before.Flat<float>(), c.Flat<float>(),
                Optional.Flat<float>(m), states, states.From(s.B * s.P), s, a.Options.Reverse),
            s.Blocks);
        weight.Dispose();
        projection.Dispose();
        last.Dispose();
        saved = new Saved(a, gates, c, before, m);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        (Args a, LstmShape n) = (s.Args, s.Args.Shape);
        Tensor dH = context.New([(int)a.Rows, (int)n.P]);
        Tensor dH0 = context.New([(int)n.B, (int)n.P]);
        Tensor dC0 = context.New([(int)n.B, (int)n.H]);
        View<float> states = a.States ? dY.Flat<float>().From(a.Rows * n.P) : default;
        context.Launch(
            new LstmBackward(
                s.Gates.Flat<float>(), a.W.Hh.Flat<float>(), Optional.Flat<float>(a.W.Hr), s.C.Flat<float>(), Optional.Flat<float>(a.Options.C0),
                Optional.Flat<int>(a.Options.Lengths), dY.Flat<float>(), states, a.States ? states.From(n.B * n.P) : default, dH.Flat<float>(),
                dH0.Flat<float>(), dC0.Flat<float>(), n, a.Options.Reverse),
            n.Blocks);
        Matrix gates = Matrix.Of(s.Gates);
        if (sink.Wants(a.X))
        {
            Tensor dX = sink.Accumulator(a.X, out bool accumulate);
            MatrixProduct.Launch(context, gates, Matrix.Of(a.W.Ih), Matrix.Flatten(dX), accumulate);
        }

        AddProduct(context, sink, a.W.Ih, gates.T, Matrix.Flatten(a.X));
        AddProduct(context, sink, a.W.Hh, gates.T, Matrix.Of(s.Before));
        if (a.W.Hr.IsDefined)
        {
            AddProduct(context, sink, a.W.Hr, Matrix.Of(dH).T, Matrix.Of(s.M));
        }

        if (sink.Wants(a.W.Bias))
        {
            Tensor db = sink.Accumulator(a.W.Bias, out bool accumulate);
            MatrixProduct.SumRows(context, s.Gates, db, accumulate);
        }

        dH.Dispose();
        sink.Give(a.Options.H0, dH0);
        sink.Give(a.Options.C0, dC0);
    }

    /// <summary>The definition in primitive ops, for steps first and sequences of full length: y (T, B, P).</summary>
    internal static Tensor Slow(Tensor x, in LstmWeights w, in LstmOptions o)
    {
        int T = x.Shape[0];
        Tensor h = o.H0;
        Tensor c = o.C0;
        Tensor[] y = new Tensor[T];
        for (int s = 0; s < T; s++)
        {
            int t = o.Reverse ? T - 1 - s : s;
            Tensor z = x.Slice(0, t, t + 1).Squeeze(0).Linear(w.Ih, w.Bias) + h.Linear(w.Hh);
            int H = z.Shape[1] / 4;
            Tensor i = z.Slice(1, 0, H).Sigmoid();
            Tensor f = z.Slice(1, H, 2 * H).Sigmoid();
            Tensor g = z.Slice(1, 2 * H, 3 * H).Tanh();
            c = (f * c) + (i * g);
            h = z.Slice(1, 3 * H, 4 * H).Sigmoid() * c.Tanh();
            h = w.Hr.IsDefined ? h.Linear(w.Hr) : h;
            y[t] = h;
        }

        return Tensor.Stack(0, y);
    }

    private static void AddProduct(in OpContext context, GradSink sink, Tensor weight, in Matrix a, in Matrix b)
    {
        if (sink.Wants(weight))
        {
            Tensor dW = sink.Accumulator(weight, out bool accumulate);
            MatrixProduct.Launch(context, a, b, Matrix.Of(dW), accumulate);
        }
    }

    private static Tensor Transposed(in OpContext context, Tensor w)
    {
        Strides strides = default;
        (strides[0], strides[1]) = (w.Data.Strides[1], w.Data.Strides[0]);
        Tensor y = context.New([w.Shape[1], w.Shape[0]]);
        Tensor view = OpContext.View(w, y.Shape, strides, 0, Name, context.Scope);
        StridedCopy.Launch(context.Device, view, y);
        view.Dispose();
        return y;
    }

    private static LstmShape Checked(Tensor x, in LstmWeights w, in LstmOptions o)
    {
        Check.DType(Name, "x", x, DType.Float32);
        Check.Rank(Name, "x", x, 3);
        Check.Rank(Name, "weight_hh", w.Hh, 2);
        int H = w.Hh.Shape[0] / 4;
        int P = w.Hh.Shape[1];
        if (H < 1 || w.Hh.Shape[0] % 4 != 0 || (!w.Hr.IsDefined && P != H))
        {
            Check.Fail(Name, $"weight_hh has shape {w.Hh.Shape}; expected (4·H, H), or (4·H, P) with a weight_hr (P, H).", w.Hh);
        }

        (int T, int B) = o.BatchFirst ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
        Given("weight_hh", w.Hh, [4 * H, P]);
        Given("weight_ih", w.Ih, [4 * H, x.Shape[2]]);
        Given("bias", w.Bias, [4 * H]);
        Given("weight_hr", w.Hr, [P, H]);
        Given("h0", o.H0, [B, P]);
        Given("c0", o.C0, [B, H]);
        if (o.Lengths.IsDefined)
        {
            Check.DType(Name, "lengths", o.Lengths, DType.Int32);
            Check.Shape(Name, "lengths", o.Lengths, [B]);
        }

        return new LstmShape(T, B, H, P, o.BatchFirst ? 1 : B, o.BatchFirst ? T : 1);
    }

    private static void Given(string name, Tensor x, Shape expected)
    {
        if (x.IsDefined)
        {
            Check.DType(Name, name, x, DType.Float32);
            Check.Shape(Name, name, x, expected);
        }
    }
}

/// <summary>The parameters of one direction of an LSTM layer, in PyTorch's layout: gates in the order i, f, g, o.</summary>
/// <param name="Ih">(4H, I), of the input.</param>
/// <param name="Hh">(4H, P), of the state.</param>
/// <param name="Bias">(4H), optional; PyTorch's two biases added up.</param>
/// <param name="Hr">(P, H), the projection of the state (Sak et al., "Long short-term memory recurrent neural network architectures", 2014); without it P = H.</param>
public readonly record struct LstmWeights(Tensor Ih, Tensor Hh, Tensor Bias = default, Tensor Hr = default);

/// <summary>How an LSTM walks over its input.</summary>
/// <param name="H0">The first h (B, P); without it zeros.</param>
/// <param name="C0">The first c (B, H); without it zeros.</param>
/// <param name="Lengths">Steps of each sequence, (B) int32, from 0 to T; without it T. What lies behind changes nothing if it is finite; y and gradients are 0 there.</param>
/// <param name="Reverse">From the last step of each sequence to its first: the backward direction of a bidirectional layer.</param>
/// <param name="BatchFirst">Whether x and y are (B, T, …) and not (T, B, …).</param>
public readonly record struct LstmOptions(
    Tensor H0 = default, Tensor C0 = default, Tensor Lengths = default, bool Reverse = false, bool BatchFirst = false);

/// <content>Long short-term memory.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// One direction of one LSTM layer (Hochreiter, Schmidhuber, "Long short-term memory", 1997): this (T, B, I) → the states y (T, B, P),
    /// at the places of their inputs. (i f g o) = (σ σ tanh σ)(Ih·x + Hh·h₋₁ + b), c = f·c₋₁ + i·g, h = Hr·(o·tanh c).
    /// </summary>
    /// <exception cref="EngineException">Shapes or dtypes do not fit, or a length is out of range.</exception>
    public Tensor Lstm(in LstmWeights weights, in LstmOptions options = default) => LstmOp.Apply(this, weights, options, states: false, out _);

    /// <summary>The same with the states after each sequence's last step: hn (B, P) and cn (B, H).</summary>
    /// <exception cref="EngineException">Shapes or dtypes do not fit, or a length is out of range.</exception>
    public Tensor Lstm(in LstmWeights weights, in LstmOptions options, out Tensor hn, out Tensor cn)
    {
        Tensor all = LstmOp.Apply(this, weights, options, states: true, out LstmShape s);
        int y = (int)(s.T * s.B * s.P);
        int h = y + (int)(s.B * s.P);
        hn = all.Slice(0, y, h).Reshape((int)s.B, (int)s.P);
        cn = all.Slice(0, h, all.Shape[0]).Reshape((int)s.B, (int)s.H);
        return all.Slice(0, 0, y).ReshapeTo(Shape.With(^1, (int)s.P));
    }
}
