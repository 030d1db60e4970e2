// UserRow and CommandRow: usage as the store keeps it, in rows that are ordered by their keys.

#ifndef CPUAGG_AGGREGATE_BUCKETS_USAGE_ROWS_H_
#define CPUAGG_AGGREGATE_BUCKETS_USAGE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

// What an account used in a bucket of time, [begin, end), in seconds since 1970.
struct UserRow {
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t account = 0;  // a number that stands for it
  Usage usage;

  auto key() const { return std::tuple(begin, account); }
  friend bool operator==(const UserRow&, const UserRow&) = default;
};

// What it used for one command, or for all that are not kept one by one (kOtherCommands).
struct CommandRow {
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t account = 0;
  CommandBits command = {};
  Usage usage;

  auto key() const { return std::tuple(begin, account, command); }
  friend bool operator==(const CommandRow&, const CommandRow&) = default;
};

// The rows in ascending order of their keys, those with equal keys added up; the buckets that begin
// together end with the last of them.
std::vector<UserRow> Joined(std::vector<UserRow> rows);
std::vector<CommandRow> Joined(std::vector<CommandRow> rows);

// How many commands are kept of an account in a bucket.
inline constexpr size_t kCommandsKept = 10;

// The same, with at most kCommandsKept commands of each account and bucket, those with the most CPU
// time; the others are kOtherCommands together.
std::vector<CommandRow> TopCommands(std::vector<CommandRow> rows);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_BUCKETS_USAGE_ROWS_H_
