// All columns of the table of records: names, headings and widths. Only the files of
// RecordTable include this.

#ifndef CPUAGG_NOTIFY_LINES_RECORD_TABLE_COLUMNS_H_
#define CPUAGG_NOTIFY_LINES_RECORD_TABLE_COLUMNS_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::internal {

enum class Field {
  kFile,
  kOffset,
  kVersion,
  kByteOrder,
  kBegin,
  kEnd,
  kUid,
  kUser,
  kGid,
  kGroup,
  kPid,
  kPpid,
  kTty,
  kCommand,
  kCpu,
  kUserTime,
  kSystemTime,
  kElapsed,
  kMemory,
  kIo,
  kBlocks,
  kMinorFaults,
  kMajorFaults,
  kSwaps,
  kExitStatus,
  kSignal,
  kStatus,
  kFlags,
};

struct Known {
  absl::string_view name;
  absl::string_view heading;
  Field field;
  bool is_number;  // right-aligned
  size_t width;
  // 0 if it always stands. Of the others, the smallest come first.
  size_t rank;
  size_t most = 0;  // of a name, the width up to which it gets room before other columns
};

// Only with --columns.
inline constexpr size_t kNever = 100;

// In the order of the table. Those up to rank 3 have 80 columns together.
inline constexpr Known kKnown[] = {
    {"file", "FILE", Field::kFile, false, 16, kNever},
    {"offset", "OFFSET", Field::kOffset, true, 10, kNever},
    {"version", "VERSION", Field::kVersion, true, 7, kNever},
    {"byte_order", "BYTE ORDER", Field::kByteOrder, false, 10, kNever},
    {"begin", "BEGIN", Field::kBegin, false, 19, 8},
    {"end", "END", Field::kEnd, false, 19, 1},
    {"uid", "UID", Field::kUid, true, 7, kNever},
    {"user", "USER", Field::kUser, false, 8, 0, 12},
    {"gid", "GID", Field::kGid, true, 7, kNever},
    {"group", "GROUP", Field::kGroup, false, 8, 6, 8},
    {"pid", "PID", Field::kPid, true, 7, 4},
    {"ppid", "PPID", Field::kPpid, true, 7, 7},
    {"tty", "TTY", Field::kTty, false, 7, 5},
    {"command", "COMMAND", Field::kCommand, false, 9, 0, 15},
    {"cpu_seconds", "CPU SECS", Field::kCpu, true, 8, 0},
    {"user_seconds", "USER SECS", Field::kUserTime, true, 9, 9},
    {"system_seconds", "SYS SECS", Field::kSystemTime, true, 8, 10},
    {"elapsed_seconds", "ELAPSED SECS", Field::kElapsed, true, 12, 3},
    {"memory_kib", "MEM", Field::kMemory, true, 7, 2},
    {"io", "IO", Field::kIo, true, 8, kNever},
    {"blocks", "BLOCKS", Field::kBlocks, true, 8, kNever},
    {"minor_faults", "MINFLT", Field::kMinorFaults, true, 8, kNever},
    {"major_faults", "MAJFLT", Field::kMajorFaults, true, 8, kNever},
    {"swaps", "SWAPS", Field::kSwaps, true, 8, kNever},
    {"exit_status", "EXIT", Field::kExitStatus, true, 4, kNever},
    {"signal", "SIGNAL", Field::kSignal, false, 9, kNever},
    {"status", "STATUS", Field::kStatus, false, 11, 0},
    {"flags", "FLAGS", Field::kFlags, false, 12, 11},
};

}  // namespace cpuagg::notify::internal

#endif  // CPUAGG_NOTIFY_LINES_RECORD_TABLE_COLUMNS_H_
