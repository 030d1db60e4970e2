#include "tools/system/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/decompressor.h"
#include "acct/io/file.h"
#include "acct/io/open_source.h"

namespace cpuagg::tools::check {

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  constexpr size_t kMost = size_t{1} << 20;
  absl::StatusOr<acct::File> file = acct::File::OpenForReading(path, O_NONBLOCK | O_NOCTTY);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  if (!S_ISREG(info->st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
  }
  // A file in /proc has no length, so it cannot be mapped.
  const absl::StatusOr<std::string> head = file->ReadAt(0, acct::kMagicBytes);
  if (!head.ok()) return head.status();
  if (acct::DecompressorFor(*head) == nullptr) return file->ReadToEnd(kMost);
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(*std::move(file));
  if (!source.ok()) return source.status();
  std::string text;
  while (text.size() < kMost) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    text.append(block->begin(), block->end());
  }
  return text;
}

}  // namespace cpuagg::tools::check
