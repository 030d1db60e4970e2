// The content of a file from some offset on, as decompressed.

#ifndef CPUAGG_ACCT_SCAN_SOURCE_FROM_H_
#define CPUAGG_ACCT_SCAN_SOURCE_FROM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/progress.h"

namespace cpuagg::acct {

// The bytes of `path` from offset `begin` on; nothing if it has no more. "-" is standard input. The
// errors are those of OpenSource().
absl::StatusOr<std::unique_ptr<ByteSource>> OpenFrom(const std::string& path, uint64_t begin,
                                                     Progress* progress = nullptr);

// The last bytes of `path` in front of offset `end`: enough to tell whether those are records, for
// ReadOptions::before.
absl::StatusOr<std::vector<uint8_t>> BytesBefore(const std::string& path, uint64_t end);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_SOURCE_FROM_H_
