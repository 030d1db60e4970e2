// How a process ended, in the exit code of its record.

#ifndef CPUAGG_ACCT_RECORD_EXIT_CODE_H_
#define CPUAGG_ACCT_RECORD_EXIT_CODE_H_

#include <cstdint>

namespace cpuagg::acct {

// The parts of an exit code, as wait(2) packs them: the signal that ended the process, or 0, and
// else what it returned.
constexpr uint32_t SignalOf(uint32_t exit_code) { return exit_code & 0x7f; }
constexpr uint32_t StatusOf(uint32_t exit_code) { return exit_code >> 8; }

// Bits of a record's flags (linux/acct.h): it executed no other program, used the rights of root,
// and left a core dump.
inline constexpr uint8_t kForkFlag = 0x01;
inline constexpr uint8_t kSuperuserFlag = 0x02;
inline constexpr uint8_t kCoreFlag = 0x08;

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_EXIT_CODE_H_
