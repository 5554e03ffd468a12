// SPDX-License-Identifier: Apache-2.0
#include "base/cpu_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/os_internal.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define LEVEL_COUNT 4
#define NOT_PROBED (-1)

// What was found, in one number so that threads that probe at the same time cannot mix: the level
// and whether it has bfloat16.
static int probed = NOT_PROBED;
#define HAS_BF16 16

static const char *const level_names[LEVEL_COUNT] = {"scalar", "avx2", "avx512", "neon"};

#if defined(__x86_64__)

typedef struct cpuid_registers {
    unsigned eax, ebx, ecx, edx;
} cpuid_registers;

static cpuid_registers cpuid(unsigned leaf, unsigned subleaf) {
    cpuid_registers r = {0, 0, 0, 0};
    if (!__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx))
        r = (cpuid_registers){0, 0, 0, 0};
    return r;
}

static bool has_bits(unsigned value, unsigned bits) { return (value & bits) == bits; }

// The register sets whose contents the operating system keeps.
static unsigned saved_registers(void) {
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static elea_cpu_level machine_level(bool *has_bf16) {
    const unsigned osxsave = 1u << 27;
    // SSE4.2, POPCNT and PCLMULQDQ are in every CPU with AVX2, but a virtual machine may hide them.
    const unsigned leaf1_avx2 = bit_AVX | bit_FMA | bit_F16C | bit_SSE4_2 | bit_POPCNT | bit_PCLMUL;
    const unsigned leaf7_avx2 = bit_AVX2 | bit_BMI | bit_BMI2;
    const unsigned leaf7_avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    const unsigned leaf7_vnni = 1u << 11, leaf7_amx_bf16 = 1u << 22, leaf7_1_bf16 = 1u << 5;
    const unsigned save_avx = 0x06, save_avx512 = 0xE6;
    cpuid_registers leaf1 = cpuid(1, 0), leaf7 = cpuid(7, 0);
    *has_bf16 = false;
    unsigned saved = has_bits(leaf1.ecx, osxsave) ? saved_registers() : 0;
    if (!has_bits(leaf1.ecx, leaf1_avx2) || !has_bits(leaf7.ebx, leaf7_avx2) ||
        !has_bits(saved, save_avx))
        return ELEA_CPU_SCALAR;
    if (!has_bits(leaf7.ebx, leaf7_avx512) || !has_bits(leaf7.ecx, leaf7_vnni) ||
        !has_bits(saved, save_avx512))
        return ELEA_CPU_AVX2;
    *has_bf16 = has_bits(leaf7.edx, leaf7_amx_bf16) || has_bits(cpuid(7, 1).eax, leaf7_1_bf16);
    return ELEA_CPU_AVX512;
}

static bool machine_has(elea_cpu_level level, elea_cpu_level best) {
    return level <= best && level != ELEA_CPU_NEON;
}

#else

static elea_cpu_level machine_level(bool *has_bf16) {
    *has_bf16 = false;
#if defined(__aarch64__)
    return ELEA_CPU_NEON;
#else
    return ELEA_CPU_SCALAR;
#endif
}

static bool machine_has(elea_cpu_level level, elea_cpu_level best) {
    return level == ELEA_CPU_SCALAR || level == best;
}

#endif

static int probe_value(elea_cpu_level level, bool has_bf16) {
    return (int)level | (level == ELEA_CPU_AVX512 && has_bf16 ? HAS_BF16 : 0);
}

static int probe(void) {
    bool has_bf16;
    elea_cpu_level best = machine_level(&has_bf16);
    elea_cpu_level level = best;
    const char *wish = getenv("ELEA_CPU");
    for (int i = 0; wish != NULL && i < LEVEL_COUNT; i++) {
        if (strcmp(wish, level_names[i]) == 0 && machine_has((elea_cpu_level)i, best))
            level = (elea_cpu_level)i;
    }
    int value = probe_value(level, has_bf16);
    __atomic_store_n(&probed, value, __ATOMIC_RELAXED);
    return value;
}

static int probe_once(void) {
    int value = __atomic_load_n(&probed, __ATOMIC_RELAXED);
    return __builtin_expect(value == NOT_PROBED, 0) ? probe() : value;
}

elea_cpu_level elea_cpu_level_get(void) {
    return (elea_cpu_level)(probe_once() & (LEVEL_COUNT - 1));
}

const char *elea_cpu_level_name(elea_cpu_level level) {
    return (unsigned)level < LEVEL_COUNT ? level_names[level] : "unknown";
}

bool elea_cpu_has_bf16(void) { return (probe_once() & HAS_BF16) != 0; }

int elea_cpu_count(void) { return elea__os_cpu_count(); }

bool elea__cpu_level_override(elea_cpu_level level) {
    bool has_bf16;
    elea_cpu_level best = machine_level(&has_bf16);
    if (!machine_has(level, best))
        return false;
    __atomic_store_n(&probed, probe_value(level, has_bf16), __ATOMIC_RELAXED);
    return true;
}
