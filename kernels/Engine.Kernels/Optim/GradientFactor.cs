using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>What every optimizer kernel multiplies the raw gradient by: 1/micro-steps times the clipping scale.</summary>
public static class GradientFactor
{
    /// <summary>The factor; <paramref name="clip"/> is one number on the device, absent where nothing is clipped.</summary>
    public static float Of(View<float> clip, float gradScale) => clip.Exists ? gradScale * clip[0] : gradScale;
}
