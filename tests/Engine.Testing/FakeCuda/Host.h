// Lets a host compiler build the CUDA text of a kernel, so that what NVRTC would compile can be run without a GPU. Lanes are
// fibers that change places at barriers and shuffles; blocks run one after the other. Inline PTX is not understood.
#include <setjmp.h>
#include <ucontext.h>

// Declared one by one: the library's C++ headers cost ten times what a kernel does.
extern "C"
{
    float expf(float); float logf(float); float log1pf(float); float expm1f(float); float powf(float, float); float sqrtf(float);
    float tanhf(float); float sinf(float); float cosf(float); float fabsf(float); float fmaf(float, float, float); float erff(float);
    float fmodf(float, float); float copysignf(float, float); float floorf(float); float ceilf(float); float truncf(float);
    void* malloc(size_t);
    void* memcpy(void*, const void*, size_t);
}

#define __device__
#define __global__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(n)
#define __shared__ static
#define __align__(n) __attribute__((aligned(n)))

struct host_dim { unsigned x; };
static host_dim threadIdx, blockIdx;

static const int host_max = 1024, host_stack = 1 << 16;
static ucontext_t host_begin;
static jmp_buf host_main, host_lane[host_max];
static bool host_done[host_max], host_started[host_max];
static int host_lanes, host_current, host_arrived, host_warp_arrived[host_max / 32];
static unsigned host_generation, host_warp_generation[host_max / 32], host_word[host_max];
static bool host_moved, host_wrong;

// A context is only used to begin on a stack of its own: changing places by it would be two system calls.
static void host_yield()
{
    if (_setjmp(host_lane[host_current]) == 0) _longjmp(host_main, 1);
}

static void host_wait(int& arrived, unsigned& generation, int count)
{
    unsigned mine = generation;
    if (++arrived == count)
    {
        arrived = 0;
        generation++;
        host_moved = true;
    }
    while (mine == generation) host_yield();
}

static int host_warp_size() { int rest = host_lanes - (threadIdx.x & ~31u); return rest < 32 ? rest : 32; }
static void __syncthreads() { host_wait(host_arrived, host_generation, host_lanes); }

static void __syncwarp(unsigned mask)
{
    if (mask != 0xFFFFFFFFu >> (32 - host_warp_size())) host_wrong = true;
    unsigned warp = threadIdx.x / 32;
    host_wait(host_warp_arrived[warp], host_warp_generation[warp], host_warp_size());
}

// A lane that does not exist answers garbage; below the warp, a lane answers itself.
template <typename T> static T host_shuffle(unsigned mask, T value, int from)
{
    memcpy(&host_word[threadIdx.x], &value, 4);
    __syncwarp(mask);
    unsigned word = from >= 32 || from < 0 ? host_word[threadIdx.x] : from < host_warp_size() ? host_word[(threadIdx.x & ~31u) + from] : 0x7FC12345u;
    __syncwarp(mask);
    memcpy(&value, &word, 4);
    return value;
}

template <typename T> static T __shfl_sync(unsigned mask, T v, int lane) { return host_shuffle(mask, v, lane); }
template <typename T> static T __shfl_down_sync(unsigned mask, T v, int d) { return host_shuffle(mask, v, (int)(threadIdx.x & 31) + d); }
template <typename T> static T __shfl_up_sync(unsigned mask, T v, int d) { return host_shuffle(mask, v, (int)(threadIdx.x & 31) - d); }
template <typename T> static T __shfl_xor_sync(unsigned mask, T v, int x) { return host_shuffle(mask, v, (int)(threadIdx.x & 31) ^ x); }

static unsigned __float_as_uint(float x) { unsigned u; memcpy(&u, &x, 4); return u; }
static float __uint_as_float(unsigned u) { float x; memcpy(&x, &u, 4); return x; }

template <typename I> static I host_saturate(float x, I least, I most)
{
    return x <= (float)least ? least : x >= (float)most ? most : (I)x;
}

// As the hardware converts: saturating, NaN to 0 in 32 bits and to 2^63 in 64.
static int __float2int_rz(float x) { return x != x ? 0 : host_saturate<int>(x, -2147483647 - 1, 2147483647); }
static unsigned __float2uint_rz(float x) { return x != x ? 0 : host_saturate<unsigned>(x, 0, 4294967295u); }
static long long __float2ll_rz(float x) { return x != x ? 1ull << 63 : host_saturate<long long>(x, -9223372036854775807ll - 1, 9223372036854775807ll); }
static unsigned long long __float2ull_rz(float x) { return x != x ? 1ull << 63 : host_saturate<unsigned long long>(x, 0, 18446744073709551615ull); }
static float rsqrtf(float x) { return 1.0f / sqrtf(x); }

static float host_half_to_float(unsigned short h) { _Float16 x; memcpy(&x, &h, 2); return (float)x; }
static unsigned short host_float_to_half(float x) { _Float16 y = (_Float16)x; unsigned short h; memcpy(&h, &y, 2); return h; }

static void** host_parameters;
static void (*host_kernel)(void**);

// The life of a lane: once a block, for ever.
static void host_entry()
{
    for (;;)
    {
        host_kernel(host_parameters);
        host_done[host_current] = true;
        host_moved = true;
        host_yield();
    }
}

static char* host_stacks;

static void host_resume(int lane)
{
    host_current = lane;
    threadIdx.x = (unsigned)lane;
    if (_setjmp(host_main) != 0) return;
    if (host_started[lane]) _longjmp(host_lane[lane], 1);
    host_started[lane] = true;
    getcontext(&host_begin);
    host_begin.uc_stack.ss_sp = host_stacks + (size_t)lane * host_stack;
    host_begin.uc_stack.ss_size = host_stack;
    makecontext(&host_begin, host_entry, 0);
    setcontext(&host_begin);
}

template <int... I> struct host_indices {};
template <int N, int... I> struct host_first : host_first<N - 1, N - 1, I...> {};
template <int... I> struct host_first<0, I...> { typedef host_indices<I...> type; };
template <typename... A, int... I> static void host_call(void (*kernel)(A...), void** p, host_indices<I...>) { kernel(*(A*)p[I]...); }
template <typename... A> static void host_invoke(void (*kernel)(A...), void** p) { host_call(kernel, p, typename host_first<sizeof...(A)>::type()); }

template <typename... A> static int host_sizes(void (*)(A...), int* sizes)
{
    int all[] = { (int)sizeof(A)..., 0 };
    memcpy(sizes, all, sizeof...(A) * sizeof(int));
    return sizeof...(A);
}

// 0, or 1 if lanes wait for others that have ended, or a shuffle names lanes that are not there.
static int host_run(void (*kernel)(void**), void** parameters, long long blocks, int lanes)
{
    if (!host_stacks) host_stacks = (char*)malloc((size_t)host_max * host_stack);
    host_kernel = kernel;
    host_parameters = parameters;
    host_lanes = lanes;
    host_wrong = false;
    for (int lane = 0; lane < lanes; lane++) host_started[lane] = false;
    for (long long block = 0; block < blocks; block++)
    {
        blockIdx.x = (unsigned)block;
        for (int lane = 0; lane < lanes; lane++) host_done[lane] = false;
        for (int left = lanes; left > 0;)
        {
            host_moved = false;
            left = 0;
            for (int lane = 0; lane < lanes; lane++)
            {
                if (host_done[lane]) continue;
                host_resume(lane);
                left += !host_done[lane];
            }
            if (left > 0 && !host_moved) return 1;
        }
    }
    return host_wrong;
}
