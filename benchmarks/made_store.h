// What benchmarks of stores that they make themselves share.

#ifndef CPUAGG_BENCHMARKS_MADE_STORE_H_
#define CPUAGG_BENCHMARKS_MADE_STORE_H_

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"

namespace cpuagg::aggregate {

// When the last run was: 09:00 UTC.
inline absl::Time EndOfMadeStore() {
  return absl::FromUnixSeconds(1'795'000'000 / 86'400 * 86'400 + 9 * 3600);
}

inline void Check(const absl::Status& status) {
  if (status.ok()) return;
  fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

// With syncs, writing a year would take a minute.
class Unsynced : public acct::FileSystem {
  absl::Status Sync(int, const std::string&) override { return absl::OkStatus(); }
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_BENCHMARKS_MADE_STORE_H_
