#include "acct/io/sequential_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"

namespace cpuagg::acct {

absl::StatusOr<size_t> SequentialFile::ReadFromFile(uint8_t* buffer, size_t count) {
  size_t filled = 0;
  while (filled < count) {
    const ssize_t got = read(file_.fd(), buffer + filled, count - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return ErrnoStatus(errno, path(), absl::StrCat("read at offset ", offset_));
    }
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    offset_ += static_cast<uint64_t>(got);
    if (progress_ != nullptr) progress_->Advance(static_cast<uint64_t>(got));
  }
  return filled;
}

absl::StatusOr<std::string> SequentialFile::Peek(size_t count) {
  if (peeked_.size() < count) {
    const size_t had = peeked_.size();
    peeked_.resize(count);
    const absl::StatusOr<size_t> got =
        ReadFromFile(reinterpret_cast<uint8_t*>(peeked_.data()) + had, count - had);
    if (!got.ok()) return got.status();
    peeked_.resize(had + *got);
  }
  return peeked_.substr(0, count);
}

absl::StatusOr<size_t> SequentialFile::Read(absl::Span<uint8_t> buffer) {
  const size_t from_peeked = std::min(buffer.size(), peeked_.size());
  std::copy_n(peeked_.begin(), from_peeked, buffer.begin());
  peeked_.erase(0, from_peeked);
  const absl::StatusOr<size_t> got =
      ReadFromFile(buffer.data() + from_peeked, buffer.size() - from_peeked);
  if (!got.ok()) return got.status();
  return from_peeked + *got;
}

}  // namespace cpuagg::acct
