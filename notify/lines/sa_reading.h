// An accounting file as GNU sa reads it, and for the account of what is damaged in it, as cpuagg
// does.
//
//   SaUserSummary summary(names);
//   absl::StatusOr<acct::ByteAccount> account = SumAsSa(*source, summary);
//   text = summary.Render();

#ifndef CPUAGG_NOTIFY_LINES_SA_READING_H_
#define CPUAGG_NOTIFY_LINES_SA_READING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_scanner.h"
#include "notify/lines/gnu_sa.h"

namespace cpuagg::notify {

// The slots of an input that sa takes for records. Like sa, drops an incomplete slot at the end.
class SaRecords {
 public:
  // Calls `sink(acct::RecordView)` for each record, in order. The input comes in blocks.
  template <typename Sink>
  void Scan(absl::Span<const uint8_t> block, Sink&& sink) {
    next_ += block.size() - taken_;
    block.remove_prefix(taken_);
    taken_ = 0;
    if (!carry_.empty()) {
      const size_t missing = acct::kRecordBytes - carry_.size();
      const absl::Span<const uint8_t> rest = block.subspan(0, missing);
      carry_.insert(carry_.end(), rest.begin(), rest.end());
      block.remove_prefix(rest.size());
      if (carry_.size() < acct::kRecordBytes) return;
      if (const auto record = RecordIn(carry_.data())) sink(*record);
      carry_.clear();
    }
    for (; block.size() >= acct::kRecordBytes; block.remove_prefix(acct::kRecordBytes)) {
      if (const auto record = RecordIn(block.data())) sink(*record);
    }
    carry_.assign(block.begin(), block.end());
  }

  // Regular records (acct/scan/record_scanner.h) look the same to sa. So a caller who finds them at
  // sa's next slot can read them for sa. IsNext() says whether that slot begins at `offset` of the
  // input.
  bool IsNext(uint64_t offset) const { return offset == next_ && carry_.empty(); }
  // Tells that the caller has read `bytes` bytes of such records. They are at the beginning of the
  // next block for Scan(), which skips them.
  void Took(size_t bytes) {
    taken_ += bytes;
    next_ += bytes;
  }

 private:
  static std::optional<acct::RecordView> RecordIn(const uint8_t* slot);

  uint64_t next_ = 0;  // the offset of the first byte given to neither function
  size_t taken_ = 0;   // the bytes of the next block that have already been read
  std::vector<uint8_t> carry_;
};

// `sa -m`: adds all records of `source` to `summary`. The account's name is the caller's to fill
// in. The error is that of ByteSource::Next().
absl::StatusOr<acct::ByteAccount> SumAsSa(acct::ByteSource& source, SaUserSummary& summary);

// `sa -u`: adds the lines of all records of `source` to `text`. Calls `is_wanted()` after each,
// which may print and clear `text`, until that returns false. Otherwise as SumAsSa().
template <typename IsWanted>
absl::StatusOr<acct::ByteAccount> WriteAsSa(acct::ByteSource& source, SaUserLines& lines,
                                            std::string& text, IsWanted is_wanted);

namespace internal {

// The sink of a RecordScanner: passes on records that sa reads in the same way.
template <typename Sink>
struct SharedReading {
  SaRecords& records;
  Sink& sink;

  template <typename Record>
  void operator()(const Record&, uint64_t) {}
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset) {
    if (!records.IsNext(offset)) return 0;
    const size_t bytes = sink.AddRegular(begin, end);
    records.Took(bytes);
    return bytes;
  }
};

// Reads `source` both ways, as long as `sink.go_on`. `sink` gets each of sa's records by Add(), or
// by AddRegular(), which is that of RecordScanner. Only from where a piece has something else than
// regular records to its end it is read twice.
template <typename Sink>
absl::StatusOr<acct::ByteAccount> ReadAsSa(acct::ByteSource& source, Sink sink) {
  SaRecords records;
  acct::RecordScanner scanner;
  SharedReading<Sink> shared{.records = records, .sink = sink};
  constexpr size_t kPieceBytes = size_t{1} << 20;
  while (sink.go_on) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    for (size_t at = 0; sink.go_on && at < block->size(); at += kPieceBytes) {
      const absl::Span<const uint8_t> piece = block->subspan(at, kPieceBytes);
      source.WillRead(piece);
      scanner.Scan(piece, shared);
      records.Scan(piece, [&](const acct::RecordView& record) { sink.Add(record); });
    }
  }
  scanner.Finish(shared);
  acct::ByteAccount account = scanner.account();
  account.cut_short = source.damage();
  return account;
}

template <typename IsWanted>
struct SaLineSink {
  SaUserLines& lines;
  std::string& text;
  IsWanted is_wanted;
  bool go_on = true;

  template <typename Record>
  void Add(const Record& record) {
    lines.Append(record, text);
    go_on = is_wanted() && go_on;
  }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end) {
    const uint8_t* at = begin;
    for (; at < end && acct::RecordV3View(at).IsFollowedByRegular(); at += acct::kRecordBytes) {
      Add(acct::RecordV3View(at));
    }
    return static_cast<size_t>(at - begin);
  }
};

}  // namespace internal

template <typename IsWanted>
absl::StatusOr<acct::ByteAccount> WriteAsSa(acct::ByteSource& source, SaUserLines& lines,
                                            std::string& text, IsWanted is_wanted) {
  return internal::ReadAsSa(source,
                            internal::SaLineSink<IsWanted>{
                                .lines = lines, .text = text, .is_wanted = std::move(is_wanted)});
}

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_SA_READING_H_
