// WriteHistory: writes an accounting file like that of a busy machine, for benchmarks.
//
//   absl::Status status = WriteHistory("/tmp/pacct", {.records = 10'000'000, .users = 200});
//
// The same shape gives the same bytes.

#ifndef CPUAGG_BENCHMARKS_HISTORY_FILE_H_
#define CPUAGG_BENCHMARKS_HISTORY_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace cpuagg::benchmarks {

// The distribution of uids.
enum class UidPattern {
  kRandom,    // each record belongs to a random user
  kDistinct,  // one user after the other
  // Random users whose uids have equal low bits: they collide in a hash that does not mix bits.
  kColliding,
};

struct HistoryShape {
  uint64_t records = 0;
  uint32_t users = 200;
  UidPattern uids = UidPattern::kRandom;
  uint32_t commands = 10;
  // The number of bytes per write. Large writes leave the page cache with large folios. The kernel
  // appends one record at a time, which leaves it with small pages.
  uint64_t bytes_per_write = uint64_t{8} << 20;
};

// Writes little-endian records of version 3, 50 per second. Replaces an existing file.
absl::Status WriteHistory(const std::string& path, const HistoryShape& shape);

}  // namespace cpuagg::benchmarks

#endif  // CPUAGG_BENCHMARKS_HISTORY_FILE_H_
