// StatusText: how a process ended, for people.

#ifndef CPUAGG_NOTIFY_LINES_STATUS_TEXT_H_
#define CPUAGG_NOTIFY_LINES_STATUS_TEXT_H_

#include <cstdint>
#include <string>

namespace cpuagg::notify {

// "SEGV", or "signal 34" if it has no name (signal(7)).
std::string SignalText(uint32_t signal);

// `exit_code` is that of a record, `left_core` its flag. "ok" if it returned 0; "exit 1"; "KILL" or
// "SEGV (core)" if a signal ended it. Different ends have different texts: a record that has both a
// signal and a status, which no kernel writes, is "KILL, exit 1".
std::string StatusText(uint32_t exit_code, bool left_core);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_STATUS_TEXT_H_
