// Names of what records have as numbers.

#ifndef CPUAGG_NOTIFY_WORDS_PROCESS_NAMES_H_
#define CPUAGG_NOTIFY_WORDS_PROCESS_NAMES_H_

#include <cstdint>
#include <string>

namespace cpuagg::notify {

// "pts/3", "tty1", "ttyS0", or major:minor in digits; empty for 0, which means no terminal.
// `device` is a number from ac_tty: the old 16-bit form of linux/kdev_t.h.
std::string TtyName(uint32_t device);

// "SEGV", "KILL", or digits for a signal without a name; empty for 0, which means none.
std::string SignalName(uint32_t signal);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_PROCESS_NAMES_H_
