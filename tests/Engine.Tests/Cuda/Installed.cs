using Engine.Testing;

namespace Engine.Tests.Cuda;

/// <summary>NVRTC where it is installed; elsewhere the test is skipped with the reason.</summary>
internal static class Installed
{
    public static Nvrtc Nvrtc()
    {
        if (Engine.Nvrtc.Find(out string reason) is { } nvrtc)
        {
            return nvrtc;
        }

        Requirement.Missing("nvrtc", reason);
        return null;
    }
}
