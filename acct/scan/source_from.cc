#include "acct/scan/source_from.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/types/span.h"
#include "acct/io/open_source.h"
#include "acct/record/layout.h"

namespace cpuagg::acct {
namespace {

// The bytes of a source from an offset on.
class SourceFrom : public ByteSource {
 public:
  SourceFrom(std::unique_ptr<ByteSource> source, uint64_t begin)
      : source_(std::move(source)), missing_(begin), begin_(begin) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    for (;;) {
      absl::StatusOr<absl::Span<const uint8_t>> block = source_->Next();
      if (!block.ok() || block->empty()) return block;
      const uint64_t passed = std::min<uint64_t>(missing_, block->size());
      missing_ -= passed;
      block->remove_prefix(passed);
      if (!block->empty()) return block;
    }
  }
  void WillRead(absl::Span<const uint8_t> window) const override { source_->WillRead(window); }
  const std::string& damage() const override { return source_->damage(); }
  uint64_t size_hint() const override {
    return source_->size_hint() > begin_ ? source_->size_hint() - begin_ : 0;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  uint64_t missing_;
  uint64_t begin_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenFrom(const std::string& path, uint64_t begin,
                                                     Progress* progress) {
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(path, progress);
  if (!source.ok() || begin == 0) return source;
  return std::make_unique<SourceFrom>(*std::move(source), begin);
}

absl::StatusOr<std::vector<uint8_t>> BytesBefore(const std::string& path, uint64_t end) {
  constexpr uint64_t kMost = 4 * kRecordBytes;
  const size_t count = std::min(end, kMost);
  std::vector<uint8_t> bytes;
  if (count == 0) return bytes;
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenFrom(path, end - count);
  if (!source.ok()) return source.status();
  while (bytes.size() < count) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    const absl::Span<const uint8_t> part = block->subspan(0, count - bytes.size());
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

}  // namespace cpuagg::acct
