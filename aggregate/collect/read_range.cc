#include "aggregate/collect/read_range.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/open_source.h"
#include "acct/rotation/sealed_cursor.h"

namespace cpuagg::aggregate {
namespace {

// A range of a content, which collects the cursor of all it returns.
class MarkedSource : public acct::ByteSource {
 public:
  MarkedSource(std::unique_ptr<acct::ByteSource> source, uint64_t begin, uint64_t end)
      : source_(std::move(source)), missing_(begin), left_(end) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    for (;;) {
      if (left_ == 0) return absl::Span<const uint8_t>();
      absl::StatusOr<absl::Span<const uint8_t>> block = source_->Next();
      if (!block.ok() || block->empty()) return block;
      block->remove_suffix(block->size() - std::min<uint64_t>(left_, block->size()));
      left_ -= block->size();
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

  // The cursor after what was read, without a torn record of `torn_bytes` at the end.
  acct::Cursor cursor(uint64_t torn_bytes) const { return marks_.cursor(torn_bytes); }

 private:
  std::unique_ptr<acct::ByteSource> source_;
  uint64_t missing_;
  uint64_t left_;
  acct::Fingerprint marks_;
};

acct::ReadOptions OptionsOf(uint64_t begin, const RangeOptions& options) {
  return {
      .base = begin,
      .format = options.format,
      .before = {reinterpret_cast<const uint8_t*>(options.before.data()), options.before.size()},
      .watch = options.watch,
      .hits = options.hits};
}

absl::StatusOr<RangeRead> ReadPlain(const acct::Generation& generation, uint64_t begin,
                                    uint64_t end, const RangeOptions& options,
                                    BucketTotals& totals) {
  absl::StatusOr<acct::File> file = generation.Open();
  if (!file.ok()) return file.status();
  absl::StatusOr<acct::File> to_map = file->Duplicate();
  if (!to_map.ok()) return to_map.status();
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source =
      acct::MapSource(*std::move(to_map), begin, end, options.progress);
  if (!source.ok()) return source.status();
  acct::ReadOptions read_options = OptionsOf(begin, options);
  read_options.may_grow = !options.is_complete && end >= generation.size;
  absl::StatusOr<acct::ByteAccount> account = Aggregate(**source, read_options, totals);
  if (!account.ok()) return account.status();
  RangeRead read{.account = *std::move(account)};
  // Other code reads the records that follow.
  if (end < generation.size) return read;
  const uint64_t torn_bytes = read.account.trailing_bytes;
  const bool is_reported = options.is_complete && torn_bytes != options.reported_torn_bytes;
  if (!is_reported) read.account.bytes -= std::exchange(read.account.trailing_bytes, 0);
  const uint64_t reached = end - torn_bytes;
  if (reached == 0 && !options.is_complete) return read;
  absl::StatusOr<acct::Cursor> cursor = acct::CursorAt(*file, reached);
  if (!cursor.ok()) return cursor.status();
  read.cursor = *std::move(cursor);
  if (options.is_complete) read.cursor->trailing_bytes = torn_bytes;
  // What is still to be reported must be read again, so the file is not sealed.
  if (options.is_complete || torn_bytes == 0) Seal(generation, *read.cursor);
  return read;
}

// A compressed file counts as complete. If it is incomplete because it is still being copied, its
// length and time will change.
absl::StatusOr<RangeRead> ReadCompressed(const acct::Generation& generation,
                                         const acct::UnreadRange& range,
                                         const RangeOptions& options, BucketTotals& totals) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> content =
      generation.OpenContent(options.progress);
  if (!content.ok()) return content.status();
  MarkedSource source(*std::move(content), range.begin,
                      range.end.value_or(std::numeric_limits<uint64_t>::max()));
  absl::StatusOr<acct::ByteAccount> account =
      Aggregate(source, OptionsOf(range.begin, options), totals);
  if (!account.ok()) return account.status();
  RangeRead read{.account = *std::move(account)};
  if (range.end.has_value()) return read;
  const uint64_t torn_bytes = read.account.trailing_bytes;
  read.cursor = source.cursor(torn_bytes);
  read.cursor->trailing_bytes = torn_bytes;
  Seal(generation, *read.cursor);
  return read;
}

}  // namespace

absl::StatusOr<RangeRead> ReadRange(const acct::Generation& generation,
                                    const acct::UnreadRange& range, const RangeOptions& options,
                                    BucketTotals& totals) {
  const TimeSpan before = std::exchange(totals.span, TimeSpan());
  absl::StatusOr<RangeRead> read =
      generation.is_compressed ? ReadCompressed(generation, range, options, totals)
                               : ReadPlain(generation, range.begin,
                                           range.end.value_or(generation.size), options, totals);
  if (read.ok()) read->span = totals.span;
  totals.span.Cover(before);
  return read;
}

}  // namespace cpuagg::aggregate
