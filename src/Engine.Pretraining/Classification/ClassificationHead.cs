using Engine.Nn;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Classification;

/// <summary>
/// What stands on an encoder: a mix of its layers if there are several (Peters et al. 2018), a dense layer with dropout if the head has
/// one, and a score for each class. The dense layer is that of RoBERTa's classifier (tanh) or of ELECTRA's (GELU); BERT has one in its
/// pooler, and logistic regression has none.
/// </summary>
public sealed class ClassificationHead : Module
{
    private readonly ScalarMix? _mix;
    private readonly Linear? _dense;
    private readonly Linear _out;
    private readonly bool _gelu;
    private readonly float _dropout;

    /// <summary>A head with weights from N(0, 0.02).</summary>
    /// <param name="encoder">What it stands on.</param>
    /// <param name="labels">Classes.</param>
    /// <param name="dense">Whether it has a dense layer.</param>
    /// <param name="dropout">Probability of dropping an input of a layer.</param>
    /// <param name="seed">Of the weights.</param>
    public ClassificationHead(SentenceEncoder encoder, int labels, bool dense, double dropout = 0, ulong seed = 0)
        : base(encoder.Model.Device)
    {
        Initializer normal = Initializer.Normal(0.02f, new RandomStream(seed, Gpt2.InitializationStream));
        int C = encoder.HiddenSize;
        (_gelu, _dropout) = (encoder.GeluHead, (float)dropout);
        _mix = encoder.LayerCount > 1 ? Add("classifier.mix", new ScalarMix(Device, encoder.LayerCount)) : null;
        _dense = dense ? Add("classifier.dense", new Linear(Device, C, C, normal)) : null;
        _out = Add("classifier.out_proj", new Linear(Device, C, labels, normal));
    }

    /// <summary>Pooled vectors (B, C) of each layer → scores (B, classes).</summary>
    public Tensor Forward(ReadOnlySpan<Tensor> pooled)
    {
        Tensor x = _mix is { } mix ? mix.Forward(pooled) : pooled[0];   // (B, C)
        if (_dense is { } dense)
        {
            Tensor y = dense.Forward(x.Dropout(_dropout));
            x = _gelu ? y.Gelu() : y.Tanh();
        }

        return _out.Forward(x.Dropout(_dropout));
    }
}
