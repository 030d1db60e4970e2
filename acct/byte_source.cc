#include "acct/byte_source.h"

#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/mapped_file.h"

namespace cpuagg::acct {
namespace {

class MappedSource : public ByteSource {
 public:
  explicit MappedSource(std::unique_ptr<MappedFile> file) : file_(std::move(file)) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    if (!given_ && !file_->bytes().empty()) {
      given_ = true;
      return file_->bytes();
    }
    if (absl::Status status = file_->CheckNotTruncated(); !status.ok()) return status;
    return absl::Span<const uint8_t>();
  }

  void WillRead(absl::Span<const uint8_t> window) const override { file_->WillRead(window); }

  uint64_t size_hint() const override { return file_->bytes().size(); }

 private:
  std::unique_ptr<MappedFile> file_;
  bool given_ = false;
};

class StreamSource : public ByteSource {
 public:
  // `head` has been read from the file already.
  StreamSource(File file, std::string head) : file_(std::move(file)), buffer_(kBlockBytes) {
    std::copy(head.begin(), head.end(), buffer_.begin());
    filled_ = head.size();
  }

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    while (filled_ < buffer_.size()) {
      const ssize_t got = read(file_.fd(), buffer_.data() + filled_, buffer_.size() - filled_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        return ErrnoStatus(errno, file_.path(), absl::StrCat("read at offset ", given_ + filled_));
      }
      if (got == 0) break;
      filled_ += static_cast<size_t>(got);
    }
    given_ += filled_;
    return absl::MakeConstSpan(buffer_.data(), std::exchange(filled_, 0));
  }

  void WillRead(absl::Span<const uint8_t>) const override {}

  uint64_t size_hint() const override { return 0; }

 private:
  static constexpr size_t kBlockBytes = size_t{1} << 20;

  File file_;
  std::vector<uint8_t> buffer_;
  size_t filled_ = 0;
  uint64_t given_ = 0;
};

// The name of the compressed format that starts with these bytes, and the program that reads it.
struct Compression {
  absl::string_view magic;
  absl::string_view name;
  absl::string_view program;
};
constexpr Compression kCompressions[] = {
    {"\x1f\x8b", "gzip", "zcat"},
    {"\xfd"
     "7zXZ",
     "xz", "xzcat"},
    {"\x28\xb5\x2f\xfd", "zstd", "zstdcat"},
    {"BZh", "bzip2", "bzcat"},
};
constexpr size_t kLongestMagic = 5;

absl::Status CheckNotCompressed(const std::string& path, absl::string_view head) {
  for (const Compression& compression : kCompressions) {
    if (!absl::StartsWith(head, compression.magic)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is compressed with ", compression.name, ", which is not read yet; use ",
        compression.program, " ", path, " | cpuagg report -"));
  }
  return absl::OkStatus();
}

// What a stream begins with; shorter than asked only if the stream is.
absl::StatusOr<std::string> ReadHead(const File& file, size_t count) {
  std::string head(count, '\0');
  size_t filled = 0;
  while (filled < count) {
    const ssize_t got = read(file.fd(), head.data() + filled, count - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, file.path(), "read");
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  head.resize(filled);
  return head;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> MapByteSource(File file, uint64_t begin, uint64_t end) {
  absl::StatusOr<std::unique_ptr<MappedFile>> mapped = MappedFile::Map(std::move(file), begin, end);
  if (!mapped.ok()) return mapped.status();
  return std::make_unique<MappedSource>(*std::move(mapped));
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path) {
  absl::StatusOr<File> file = File::OpenForReading(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  // Standard input may be a regular file that somebody has read from already, so it is a stream.
  const bool mappable = S_ISREG(info->st_mode) && path != "-" && info->st_size > 0;
  absl::StatusOr<std::string> head =
      mappable ? file->ReadAt(0, kLongestMagic) : ReadHead(*file, kLongestMagic);
  if (!head.ok()) return head.status();
  if (absl::Status status = CheckNotCompressed(path, *head); !status.ok()) return status;
  if (mappable) {
    return MapByteSource(*std::move(file), 0, static_cast<uint64_t>(info->st_size));
  }
  return std::make_unique<StreamSource>(*std::move(file), *std::move(head));
}

}  // namespace cpuagg::acct
