// SequentialFile: a file, pipe or device that is read from its beginning to its end. Its first
// bytes can be read ahead.

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
  // Reports the bytes read to `progress`, if that is not null. `progress` outlives this object.
  explicit SequentialFile(File file, Progress* progress = nullptr)
      : file_(std::move(file)), progress_(progress) {}

  // The next `count` bytes, fewer only at the end. Read() returns them again.
  absl::StatusOr<std::string> Peek(size_t count);

  // Fills `buffer` and returns the number of bytes read, which is less than its size only at the
  // end.
  absl::StatusOr<size_t> Read(absl::Span<uint8_t> buffer);

  const std::string& path() const { return file_.path(); }

 private:
  absl::StatusOr<size_t> ReadFromFile(uint8_t* buffer, size_t count);

  File file_;
  Progress* progress_;
  std::string peeked_;
  uint64_t offset_ = 0;  // of the next read from the file
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_SEQUENTIAL_FILE_H_
