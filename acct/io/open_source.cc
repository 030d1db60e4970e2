#include "acct/io/open_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "acct/io/compressed_source.h"
#include "acct/io/decompressor.h"
#include "acct/io/mapped_file.h"
#include "acct/io/sequential_file.h"

namespace cpuagg::acct {
namespace {

class MappedSource : public ByteSource {
 public:
  MappedSource(std::unique_ptr<MappedFile> file, Progress* progress)
      : file_(std::move(file)), progress_(progress) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    if (!given_ && !file_->bytes().empty()) {
      given_ = true;
      return file_->bytes();
    }
    if (absl::Status status = file_->CheckNotTruncated(); !status.ok()) return status;
    return absl::Span<const uint8_t>();
  }

  void WillRead(absl::Span<const uint8_t> window) const override {
    if (progress_ != nullptr) progress_->Advance(window.size());
  }
  uint64_t size_hint() const override { return file_->bytes().size(); }
  const std::string& damage() const override { return damage_; }

 private:
  std::unique_ptr<MappedFile> file_;
  Progress* const progress_;
  bool given_ = false;
  const std::string damage_;
};

class StreamSource : public ByteSource {
 public:
  explicit StreamSource(SequentialFile file, uint64_t size_hint = 0,
                        size_t first_bytes = kBlockBytes)
      : file_(std::move(file)), size_hint_(size_hint), block_bytes_(first_bytes) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    buffer_.resize(std::exchange(block_bytes_, kBlockBytes));
    const absl::StatusOr<size_t> got = file_.Read(absl::MakeSpan(buffer_));
    if (!got.ok()) return got.status();
    return absl::MakeConstSpan(buffer_.data(), *got);
  }

  void WillRead(absl::Span<const uint8_t>) const override {}
  uint64_t size_hint() const override { return size_hint_; }
  const std::string& damage() const override { return damage_; }

 private:
  static constexpr size_t kBlockBytes = size_t{1} << 20;

  SequentialFile file_;
  uint64_t size_hint_;
  size_t block_bytes_;  // of the next block
  std::vector<uint8_t> buffer_;
  const std::string damage_;
};

// The rest of the regular file at `path`, in bytes; nullopt if it is not a regular file.
std::optional<uint64_t> BytesLeft(const std::string& path) {
  struct stat info;
  const bool is_input = path == "-";
  if ((is_input ? fstat(STDIN_FILENO, &info) : stat(path.c_str(), &info)) != 0) return std::nullopt;
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  const off_t begin = is_input ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
  return begin < info.st_size ? static_cast<uint64_t>(info.st_size - begin) : 0;
}

// Asks for as large a pipe as anybody may have, so that the writer seldom has to wait.
void EnlargePipe(const File& file) {
  constexpr int kBytes = 1 << 20;
  (void)fcntl(file.fd(), F_SETPIPE_SZ, kBytes);
}

// Reads `file` from the offset `begin` on, which is where a stream stands.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(File file, uint64_t begin, Progress* progress,
                                                     bool only_beginning = false) {
  const absl::StatusOr<struct stat> info = file.Stat();
  if (!info.ok()) return info.status();
  const auto end = static_cast<uint64_t>(info->st_size);
  if (S_ISREG(info->st_mode) && end > begin) {
    const absl::StatusOr<std::string> head = file.ReadAt(begin, kMagicBytes);
    if (!head.ok()) return head.status();
    if (DecompressorFor(*head) == nullptr && only_beginning) {
      constexpr size_t kFirstBytes = size_t{4} << 10;
      return std::make_unique<StreamSource>(SequentialFile(std::move(file), progress), end,
                                            kFirstBytes);
    }
    if (DecompressorFor(*head) == nullptr) {
      // What shares standard input goes on after it, as after reading.
      (void)lseek(file.fd(), info->st_size, SEEK_SET);
      return MapSource(std::move(file), begin, end, progress);
    }
  }
  if (S_ISFIFO(info->st_mode)) EnlargePipe(file);
  SequentialFile stream(std::move(file), progress);
  const absl::StatusOr<std::string> head = stream.Peek(kMagicBytes);
  if (!head.ok()) return head.status();
  std::unique_ptr<Decompressor> decompressor = DecompressorFor(*head);
  if (decompressor == nullptr) return std::make_unique<StreamSource>(std::move(stream));
  return std::make_unique<CompressedSource>(std::move(stream), std::move(decompressor));
}

}  // namespace

uint64_t BytesToRead(const std::vector<std::string>& paths) {
  uint64_t sum = 0;
  for (const std::string& path : paths) {
    const std::optional<uint64_t> bytes = BytesLeft(path);
    if (!bytes.has_value()) return 0;
    sum += *bytes;
  }
  return sum;
}

absl::StatusOr<std::unique_ptr<ByteSource>> MapSource(File file, uint64_t begin, uint64_t end,
                                                      Progress* progress) {
  absl::StatusOr<std::unique_ptr<MappedFile>> mapped = MappedFile::Map(std::move(file), begin, end);
  if (!mapped.ok()) return mapped.status();
  return std::make_unique<MappedSource>(*std::move(mapped), progress);
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path,
                                                       Progress* progress) {
  if (progress != nullptr) progress->BeginInput();
  absl::StatusOr<File> file = File::OpenForReading(path);
  if (!file.ok()) return file.status();
  // Standard input may be a regular file that has already been partly read.
  const off_t begin = path == "-" ? lseek(file->fd(), 0, SEEK_CUR) : 0;
  return OpenFile(*std::move(file), static_cast<uint64_t>(std::max<off_t>(begin, 0)), progress);
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenBeginning(const std::string& path) {
  if (path == "-") return OpenSource(path);
  absl::StatusOr<File> file = File::OpenForReading(path);
  if (!file.ok()) return file.status();
  return OpenFile(*std::move(file), /*begin=*/0, /*progress=*/nullptr, /*only_beginning=*/true);
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(File file, Progress* progress) {
  if (lseek(file.fd(), 0, SEEK_SET) != 0 && errno != ESPIPE) {
    return ErrnoStatus(errno, file.path(), "read again");
  }
  return OpenFile(std::move(file), /*begin=*/0, progress);
}

}  // namespace cpuagg::acct
