/* A function of another shared library that does nothing: the least that any call across an ABI can cost. */
#ifndef TESSERA_BENCHMARK_EMPTY_CALL_H
#define TESSERA_BENCHMARK_EMPTY_CALL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
__attribute__((visibility("default"))) int32_t empty_call(uint32_t major, uint32_t minor, void* err);
#ifdef __cplusplus
}
#endif

#endif
