using System.Runtime.InteropServices;

namespace Engine;

/// <summary>The driver's status codes as sentences.</summary>
internal static class CudaStatus
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>There is no memory left.</summary>
    public const int OutOfMemory = 2;

    /// <summary>The work an event stands for is not done yet.</summary>
    public const int NotReady = 600;

    /// <summary>A graph is too different from the one that its executable was made of.</summary>
    public const int GraphExecUpdateFailure = 910;

    /// <summary>What a code means, and its documented name.</summary>
    public static unsafe string Describe(CudaDriver driver, int status)
    {
        string? meaning = Meaning(status);
        byte* text = null;
        string name = driver.GetErrorName(status, &text) == Success && text != null ? Marshal.PtrToStringUTF8((nint)text)! : "unknown";
        if (meaning is null)
        {
            text = null;
            meaning = driver.GetErrorString(status, &text) == Success && text != null ? Marshal.PtrToStringUTF8((nint)text)! : "the driver failed";
        }

        return $"{meaning} ({name}, code {status})";
    }

    /// <summary>Whether the device's context is beyond use: every later call fails, and its memory is gone.</summary>
    public static bool IsLost(int status) => status is 214 or 220 or 700 or 702 or 709 or 710 or (>= 714 and <= 719) or 721 or 999;

    /// <summary>Whether a program's image is what the driver refuses: damaged, for another device or of a newer compiler.</summary>
    public static bool IsBadImage(int status) => status is 200 or 209 or 218 or 222 or 300;

    // Only where the driver's own words leave a user without a next step.
    private static string? Meaning(int status) => status switch
    {
        OutOfMemory => "out of memory",
        34 => "the CUDA library is a stub for linking, not a driver: install the NVIDIA driver, or take the stub off the library path",
        35 or 803 or 804 => "the NVIDIA driver and its library do not fit together: update the driver, or restart after an update",
        46 => "another process has the device for itself",
        100 => "the NVIDIA driver is installed but there is no device (or CUDA_VISIBLE_DEVICES hides all of them)",
        214 => "the device found an error in its memory that it cannot correct",
        222 => "the program was compiled by an NVRTC that is newer than the driver: update the driver",
        700 => "a kernel read or wrote outside its memory",
        701 => "the block needs more registers or shared memory than a multiprocessor has",
        702 => "a kernel ran longer than the system lets one run on a device that drives a display",
        716 => "a kernel read or wrote at a misaligned address",
        719 => "a kernel ended by a fault",
        _ => null,
    };
}
