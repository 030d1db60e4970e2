#include "aggregate/segment.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/file.h"
#include "acct/open_source.h"

namespace cpuagg::aggregate {
namespace {

// Content from some offset on, all of which leaves its marks.
class MarkedSource : public acct::ByteSource {
 public:
  MarkedSource(std::unique_ptr<acct::ByteSource> source, uint64_t begin)
      : source_(std::move(source)), missing_(begin) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    for (;;) {
      absl::StatusOr<absl::Span<const uint8_t>> block = source_->Next();
      if (!block.ok() || block->empty()) return block;
      marks_.Add(*block);
      const uint64_t passed = std::min<uint64_t>(missing_, block->size());
      missing_ -= passed;
      block->remove_prefix(passed);
      if (!block->empty()) return block;
    }
  }
  void WillRead(absl::Span<const uint8_t>) const override {}
  const std::string& damage() const override { return source_->damage(); }
  uint64_t size_hint() const override { return 0; }

  acct::Cursor cursor() const { return marks_.cursor(); }

 private:
  std::unique_ptr<acct::ByteSource> source_;
  uint64_t missing_;
  acct::Marks marks_;
};

// A torn record at the end is left for the next run, when its writer may have completed it.
absl::StatusOr<ReadSegment> ReadPlain(const acct::Generation& generation, uint64_t begin,
                                      uint64_t end, BucketTotals& totals) {
  absl::StatusOr<acct::File> file = generation.file.Duplicate();
  if (!file.ok()) return file.status();
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source =
      acct::MapSource(*std::move(file), begin, end);
  if (!source.ok()) return source.status();
  absl::StatusOr<acct::InputAccount> account = Aggregate(**source, {.base = begin}, totals);
  if (!account.ok()) return account.status();
  account->bytes -= std::exchange(account->trailing_bytes, 0);
  ReadSegment read{.account = *std::move(account)};
  const uint64_t reached = begin + read.account.bytes;
  if (reached > 0) {
    absl::StatusOr<acct::Cursor> cursor = acct::CursorAt(generation.file, reached);
    if (!cursor.ok()) return cursor.status();
    read.cursor = *std::move(cursor);
  }
  return read;
}

// What is compressed is complete: it is sealed, and what is torn at its end stays so.
absl::StatusOr<ReadSegment> ReadCompressed(const acct::Generation& generation, uint64_t begin,
                                           BucketTotals& totals) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> content = acct::OpenContent(generation);
  if (!content.ok()) return content.status();
  MarkedSource source(*std::move(content), begin);
  absl::StatusOr<acct::InputAccount> account = Aggregate(source, {.base = begin}, totals);
  if (!account.ok()) return account.status();
  ReadSegment read{.account = *std::move(account), .cursor = source.cursor()};
  read.cursor->device = generation.device;
  read.cursor->inode = generation.inode;
  read.cursor->sealed_bytes = generation.size;
  read.cursor->sealed_nanos = generation.modified_nanos;
  return read;
}

}  // namespace

absl::StatusOr<ReadSegment> Read(const acct::Generation& generation, const acct::Segment& segment,
                                 BucketTotals& totals) {
  return segment.end.has_value() ? ReadPlain(generation, segment.begin, *segment.end, totals)
                                 : ReadCompressed(generation, segment.begin, totals);
}

}  // namespace cpuagg::aggregate
