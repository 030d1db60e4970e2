// SequentialFile: a file, pipe or device read from its beginning to its end, whose first bytes can
// be looked at beforehand.

#ifndef CPUAGG_ACCT_IO_SEQUENTIAL_FILE_H_
#define CPUAGG_ACCT_IO_SEQUENTIAL_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/file.h"
#include "acct/io/progress.h"

namespace cpuagg::acct {

class SequentialFile {
 public:
  // `progress`, if there is one, is told what has been read, and outlives this object.
  explicit SequentialFile(File file, Progress* progress = nullptr)
      : file_(std::move(file)), progress_(progress) {}

  // The next `count` bytes, fewer only at the end, which Read() gives again.
  absl::StatusOr<std::string> Peek(size_t count);

  // Fills `buffer`, less only at the end, and returns how many bytes that are.
  absl::StatusOr<size_t> Read(absl::Span<uint8_t> buffer);

  const std::string& path() const { return file_.path(); }

 private:
  absl::StatusOr<size_t> ReadFromFile(uint8_t* buffer, size_t count);

  File file_;
  Progress* progress_;
  std::string peeked_;
  uint64_t offset_ = 0;  // of what is read from the file next
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_SEQUENTIAL_FILE_H_
