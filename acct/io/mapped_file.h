// MappedFile: a read-only memory map of part of a file, safe against another process that truncates
// the file while it is being read.

#ifndef CPUAGG_ACCT_IO_MAPPED_FILE_H_
#define CPUAGG_ACCT_IO_MAPPED_FILE_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/fault_guard.h"
#include "acct/io/file.h"

namespace cpuagg::acct {

class MappedFile {
 public:
  // Maps the bytes [begin, end) of `file`, a regular file at least `end` bytes long. The map is
  // that long for good: what other processes append later is not in it.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Map(File file, uint64_t begin, uint64_t end);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // Valid as long as this object. Reads zeros where the file has been truncated meanwhile.
  absl::Span<const uint8_t> bytes() const { return bytes_; }

  // Maps the pages of `window`, a part of bytes(), in one system call instead of by one fault for
  // every 16 of them. Only a hint.
  void WillRead(absl::Span<const uint8_t> window) const;

  // Ask after the last look at bytes(): DataLoss if the file became shorter than the map since it
  // was made, in which case nothing read from it can be relied on.
  absl::Status CheckNotTruncated() const;

 private:
  // Unmaps at its end.
  struct Mapping {
    void* data = nullptr;
    size_t bytes = 0;
    ~Mapping();
  };

  MappedFile(File file, uint64_t end) : file_(std::move(file)), end_(end) {}

  File file_;
  uint64_t end_;
  Mapping mapping_;
  absl::Span<const uint8_t> bytes_;
  // Behind the mapping, so that it ends before that does.
  FaultGuard guard_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_MAPPED_FILE_H_
