// WriteHistory: an accounting file as a busy machine's kernel would write it, for benchmarks.
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

// Who has which uid.
enum class UidPattern {
  kRandom,    // each record one of the users, at random
  kDistinct,  // one user after the other
  // Users whose uids have their low bits alike, at random: all in one place for a hash that does
  // not mix.
  kColliding,
};

struct HistoryShape {
  uint64_t records = 0;
  uint32_t users = 200;
  UidPattern uids = UidPattern::kRandom;
  uint32_t commands = 10;
  // Bytes that one write appends. Large ones leave the page cache with large folios; the kernel
  // appends one record at a time, which leaves it with small pages.
  uint64_t bytes_per_write = uint64_t{8} << 20;
};

// Little-endian records of version 3, 50 of them a second. An existing file is replaced.
absl::Status WriteHistory(const std::string& path, const HistoryShape& shape);

}  // namespace cpuagg::benchmarks

#endif  // CPUAGG_BENCHMARKS_HISTORY_FILE_H_
