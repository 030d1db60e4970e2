// MappedFile: a read-only memory map of part of a file. It is safe even if another process
// truncates the file during reading.

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
  // Maps the bytes [begin, end) of `file`, a regular file that is at least `end` bytes long. The
  // map keeps this length: it does not show what other processes append later.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Map(File file, uint64_t begin, uint64_t end);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // Valid as long as this object. Reads as zeros where the file has been truncated.
  absl::Span<const uint8_t> bytes() const { return bytes_; }

  // Call after the last use of bytes(). DataLoss if the file has been truncated below the end of
  // the map: then nothing read from the map is reliable.
  absl::Status CheckNotTruncated() const;

 private:
  // Unmaps on destruction.
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
  // After `mapping_`, so that it is destroyed first.
  FaultGuard guard_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_MAPPED_FILE_H_
