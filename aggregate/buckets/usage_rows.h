// UserRow and CommandRow: usage as the store keeps it, in rows ordered by their keys.

#ifndef CPUAGG_AGGREGATE_BUCKETS_USAGE_ROWS_H_
#define CPUAGG_AGGREGATE_BUCKETS_USAGE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

// The usage of an account in a bucket of time, [begin, end), in seconds since 1970.
struct UserRow {
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t account = 0;  // the number of the account
  Usage usage;

  auto key() const { return std::tuple(begin, account); }
  friend bool operator==(const UserRow&, const UserRow&) = default;
};

// Its usage by one command, or by all commands that are not kept separately (kOtherCommands).
struct CommandRow {
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t account = 0;
  CommandBits command = {};
  Usage usage;

  auto key() const { return std::tuple(begin, account, command); }
  friend bool operator==(const CommandRow&, const CommandRow&) = default;
};

// The rows in ascending order of their keys. Rows with equal keys are added up. Buckets with the
// same beginning get the latest of their ends.
std::vector<UserRow> Joined(std::vector<UserRow> rows);
std::vector<CommandRow> Joined(std::vector<CommandRow> rows);

// The number of commands kept for an account in a bucket.
inline constexpr size_t kCommandsKept = 10;

// Like Joined(), but keeps at most kCommandsKept commands for each account and bucket, those with
// the most CPU time. The others are added up as kOtherCommands.
std::vector<CommandRow> TopCommands(std::vector<CommandRow> rows);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_BUCKETS_USAGE_ROWS_H_
