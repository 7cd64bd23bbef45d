/* Injection of clock, hardware and faults; exported only by a TESSERA_TESTING build of the shared library. */
#ifndef TESSERA_TESTING_H
#define TESSERA_TESTING_H

#include "tessera/types.h"

TSR_BEGIN_DECLS

/* Fixes the clock until tsr_testing_reset_clock(). Boot time moves only through this call. */
TSR_API void tsr_testing_set_clock(int64_t wall_ms, int64_t boot_ms) TSR_NOEXCEPT;
TSR_API void tsr_testing_reset_clock(void) TSR_NOEXCEPT;

/* The hardware probe reads below this folder; empty gives the machine back. */
TSR_API void tsr_testing_set_hardware_root(tsr_str root) TSR_NOEXCEPT;

/* Every path is on a network file system, or where it is. */
TSR_API void tsr_testing_set_network(int is_network) TSR_NOEXCEPT;

/* The next call of the exported function of this name throws inside, before it looks at its arguments. */
TSR_API void tsr_testing_throw_in(tsr_str function) TSR_NOEXCEPT;
/* The same as if memory were exhausted. */
TSR_API void tsr_testing_exhaust_memory_in(tsr_str function) TSR_NOEXCEPT;

/* Number of exceptions that functions without a status have swallowed so far. */
TSR_API uint64_t tsr_testing_swallowed(void) TSR_NOEXCEPT;

/* Raises SIGKILL right before durable file operation number `count` (0 is the next one); negative turns it
 * off. Reaches handles that were opened after the first call. */
TSR_API void tsr_testing_kill_before_file_operation(int64_t count) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
