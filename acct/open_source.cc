#include "acct/open_source.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "acct/compressed_source.h"
#include "acct/decompressor.h"
#include "acct/mapped_file.h"
#include "acct/sequential_file.h"

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
  const std::string& damage() const override { return damage_; }

 private:
  std::unique_ptr<MappedFile> file_;
  bool given_ = false;
  const std::string damage_;
};

class StreamSource : public ByteSource {
 public:
  explicit StreamSource(SequentialFile file) : file_(std::move(file)), buffer_(kBlockBytes) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    const absl::StatusOr<size_t> got = file_.Read(absl::MakeSpan(buffer_));
    if (!got.ok()) return got.status();
    return absl::MakeConstSpan(buffer_.data(), *got);
  }

  void WillRead(absl::Span<const uint8_t>) const override {}
  uint64_t size_hint() const override { return 0; }
  const std::string& damage() const override { return damage_; }

 private:
  static constexpr size_t kBlockBytes = size_t{1} << 20;

  SequentialFile file_;
  std::vector<uint8_t> buffer_;
  const std::string damage_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> MapSource(File file, uint64_t begin, uint64_t end) {
  absl::StatusOr<std::unique_ptr<MappedFile>> mapped = MappedFile::Map(std::move(file), begin, end);
  if (!mapped.ok()) return mapped.status();
  return std::make_unique<MappedSource>(*std::move(mapped));
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path) {
  absl::StatusOr<File> file = File::OpenForReading(path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  // Standard input may be a regular file that somebody has read from already, so it is a stream.
  const bool mappable = S_ISREG(info->st_mode) && path != "-" && info->st_size > 0;
  if (mappable) {
    const absl::StatusOr<std::string> head = file->ReadAt(0, kMagicBytes);
    if (!head.ok()) return head.status();
    if (DecompressorFor(*head) == nullptr) {
      return MapSource(*std::move(file), 0, static_cast<uint64_t>(info->st_size));
    }
  }
  SequentialFile stream(*std::move(file));
  const absl::StatusOr<std::string> head = stream.Peek(kMagicBytes);
  if (!head.ok()) return head.status();
  std::unique_ptr<Decompressor> decompressor = DecompressorFor(*head);
  if (decompressor == nullptr) return std::make_unique<StreamSource>(std::move(stream));
  return std::make_unique<CompressedSource>(std::move(stream), std::move(decompressor));
}

}  // namespace cpuagg::acct
