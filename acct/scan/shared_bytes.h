// How far two accounting files are the same, and whether that proves that one repeats the other.

#ifndef CPUAGG_ACCT_SCAN_SHARED_BYTES_H_
#define CPUAGG_ACCT_SCAN_SHARED_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::acct {

struct SharedBytes {
  uint64_t bytes = 0;
  std::string beginning;  // the first of them, 64 records at most
  // Fewer bytes than a record has follow them in that file.
  bool reaches_end_of_first = false;
  bool reaches_end_of_second = false;
};

// How far the file `first` from offset `first_begin` on and `second` from `second_begin` on are the
// same, as decompressed. The torn record that a copy may end with does not count. The errors are
// those of OpenSource() and ByteSource::Next().
absl::StatusOr<SharedBytes> CompareFrom(const std::string& first, uint64_t first_begin,
                                        const std::string& second, uint64_t second_begin);

// Whether what two files share must be the same processes. It begins with a record that is
// `record_bytes` long. A record with a process id is proof. Of others it takes several that are not
// alike, since short commands that do nothing often are.
bool IsProof(const SharedBytes& shared, size_t record_bytes);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_SHARED_BYTES_H_
