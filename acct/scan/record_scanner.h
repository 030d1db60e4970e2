// RecordScanner: bytes -> records, with an account of every byte.
//
//   acct::RecordScanner scanner;
//   while (block not empty) scanner.Scan(block, sink);
//   scanner.Finish(sink);
//   acct::ByteAccount account = scanner.account();
//
// where `sink(record, offset)` takes a RecordV3View, of a regular record, or a RecordView, and the
// record's offset in the file. A sink may have
//
//   size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset);
//
// as well, for a way of its own to be fast: at `begin` is a regular record, and it takes as many as
// it likes of the records that begin in [begin, end) up to one that no regular one follows (see
// RecordV3View::IsFollowedByRegular()), and returns how many bytes that were. One more record than
// begins there is readable.
//
// Version and byte order are found out for every record. As long as records are regular (see
// acct/record/plausibility.h) they simply follow one another. At one that is not, and at one in
// front of it, which may be what is left of a torn one, the rules of docs/accounting_format.md
// ("What is a record") decide; the functions that do so are named with their numbers.

#ifndef CPUAGG_ACCT_SCAN_RECORD_SCANNER_H_
#define CPUAGG_ACCT_SCAN_RECORD_SCANNER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/scan/byte_account.h"

namespace cpuagg::acct {

// How far behind a row of odd records that has no regular one in front of it one may be that
// vouches for them: as many records as a machine may write before its clock is set.
inline constexpr size_t kEvidenceBytes = 1024 * kRecordBytes;

// The processor does not fetch ahead over the end of a page by itself; asked to at each record, for
// what is so far behind it, a loop over records takes half the time.
inline constexpr size_t kPrefetchBytes = 32 * kRecordBytes;

class RecordScanner {
 public:
  // `base` is the offset of the first byte to come within its file, in bytes; offsets are reported
  // with it added.
  explicit RecordScanner(uint64_t base = 0, const RecordFormat& format = RecordFormat())
      : offset_(base), format_(format) {}

  // Call before anything else: `before` are the bytes in front of `base`, or the last of them,
  // which another scanner has read. If they are not all there are, those in front were records.
  void GoOnBehind(absl::Span<const uint8_t> before);

  // Calls `sink` for each record of an input that comes in blocks of any length, in order. Records
  // are valid only during their call.
  template <typename Sink>
  void Scan(absl::Span<const uint8_t> block, Sink&& sink);

  // Call once, after the last block.
  template <typename Sink>
  void Finish(Sink&& sink);

  // The same for an input that is in memory as a whole: scans the records that begin in
  // [begin, stop) of `input` and returns where the next one begins, at `stop` or behind it. Call it
  // with that again, and at the end FinishWhole() with what it returned last.
  template <typename Sink>
  size_t ScanWhole(absl::Span<const uint8_t> input, size_t begin, size_t stop, Sink&& sink) {
    return Advance(input, begin, stop, /*is_all=*/true, sink);
  }
  void FinishWhole(absl::Span<const uint8_t> input, size_t reached);

  // A place in `input` at `at` or soon after it where a record surely begins; the end of `input` if
  // there is none. Whether a scanner that begins at the beginning gets there is another question;
  // if it does, a new scanner does from there on what this one would do.
  static size_t FindRecord(absl::Span<const uint8_t> input, size_t at);

  // Complete after Finish(). `name` and `invalid_elapsed` are the caller's to fill in.
  const ByteAccount& account() const { return account_; }

 private:
  // What begins at some place: a record, or bytes to skip.
  struct SlotVerdict {
    size_t bytes = 0;
    std::optional<RecordView> record;
    SkipReason reason = SkipReason::kNoRecord;
    // Bytes that a reader of accounting files knows, if it can make nothing of them.
    bool is_known = false;
    // Records begin behind it that would not do so if it were as long as a record.
    bool is_shift = false;
  };
  enum class Evidence { kNone, kFound, kUnknown };

  // Version and byte order: the version byte that the record has or, of version 0, should have.
  using Kind = int;
  static constexpr Kind kNoKind = -1;
  static Kind KindOf(const RecordView& record);

  // A place at which a record would begin, and what can be seen of it from there.
  struct Slot;
  Slot SlotAt(absl::Span<const uint8_t> bytes, bool is_all) const;

  // What begins with `bytes`, which the hot loop leaves: the slow way. Nothing if that takes more
  // bytes to tell, or if they are too few for a record.
  SlotVerdict Find(absl::Span<const uint8_t> bytes, bool is_all);

  // Rule 1: where regular records begin within the slot; 0 if none do.
  size_t RecordsWithin(const Slot& slot) const;
  // Rule 2: where a single record begins within the slot; 0 if none does.
  size_t LoneRecordWithin(const Slot& slot) const;
  // Rule 3: how many bytes at the end of the input are a torn record in front of the beginning of
  // another one; 0 if they are something else.
  size_t TornBeforeHead(const Slot& slot) const;
  // Rule 4: whether the slot has a regular record that counts.
  bool IsRegularThatCounts(const Slot& slot) const;
  // Rules 5 to 7: whether it has a record that counts although it is odd, or regular without a
  // witness.
  Evidence CountsAmongRecords(const Slot& slot);
  // Rule 5: whether a neighbour has its version and byte order, ...
  bool HasKin(const Slot& slot) const;
  // ... and whether the row of records that `bytes` begin with has a regular one.
  Evidence LookAhead(absl::Span<const uint8_t> bytes, bool is_all);
  // Rule 6: whether there are records on both sides, so that its fields may hold anything.
  bool IsInCompany(const Slot& slot) const;

  // Whether a regular record, with which `bytes` begin, is believed wherever it stands.
  bool IsWitness(const RecordView& record, absl::Span<const uint8_t> bytes, bool is_all) const;
  // The same of version 0 that stands alone.
  bool IsWitnessOfVersion0(const RecordView& record, absl::Span<const uint8_t> bytes,
                           bool is_all) const;
  // Whether zeros were skipped last.
  bool EndsInHole() const;
  SkipReason ReasonFor(absl::Span<const uint8_t> slot) const;
  // Acts on what was found at the present offset, except for calling the sink.
  void Apply(const SlotVerdict& verdict);

  // Scans what begins in [at, stop) of `input` and returns where the next thing begins: at `stop`
  // or behind it, or where the input is too short to tell what begins there. `is_all` says that
  // nothing follows `input`.
  template <typename Sink>
  size_t Advance(absl::Span<const uint8_t> input, size_t at, size_t stop, bool is_all, Sink& sink);

  uint64_t offset_;  // of what comes next
  RecordFormat format_;
  ByteAccount account_;
  bool after_damage_ = false;
  // Whether the records up to here follow one another from a regular one on. As long as none is
  // known, nothing is left to the hot loop.
  bool is_among_records_ = false;
  // Whether records were found again here behind a torn one.
  bool is_found_again_ = false;
  Kind last_kind_ = kNoKind;  // of the last record
  // Up to this offset the present row of odd records has no regular one.
  uint64_t looked_ahead_to_ = 0;
  std::vector<uint8_t> carry_;  // the end of the last block, too short to tell what begins there
};

template <typename Sink>
size_t RecordScanner::Advance(absl::Span<const uint8_t> input, size_t at, size_t stop, bool is_all,
                              Sink& sink) {
  const uint8_t* const data = input.data();
  while (at < stop) {
    // The hot loop.
    constexpr size_t kTwoRecords = 2 * kRecordBytes;
    const size_t end = !is_among_records_ || input.size() < kTwoRecords
                           ? 0
                           : std::min(stop, input.size() - kTwoRecords + 1);
    const size_t begin = at;
    const uint64_t base = offset_ - begin;
    if (at < end && RecordV3View(data + at).IsRegular()) {
      if constexpr (requires { sink.AddRegular(data, data, base); }) {
        at += sink.AddRegular(data + at, data + end, base + at);
      }
      for (; at < end && RecordV3View(data + at).IsFollowedByRegular(); at += kRecordBytes) {
        __builtin_prefetch(data + at + kPrefetchBytes);
        sink(RecordV3View(data + at), base + at);
      }
    }
    if (at != begin) {
      account_.records += (at - begin) / kRecordBytes;
      account_.bytes += at - begin;
      offset_ += at - begin;
      after_damage_ = false;
      last_kind_ = kVersion3.version;
    }
    if (at >= stop) break;
    const absl::Span<const uint8_t> rest = input.subspan(at);
    if (!is_all && rest.size() < kLookaheadBytes) break;
    const SlotVerdict verdict = Find(rest, is_all);
    if (verdict.bytes == 0) break;
    if (verdict.record.has_value()) sink(*verdict.record, offset_);
    Apply(verdict);
    at += verdict.bytes;
  }
  return at;
}

template <typename Sink>
void RecordScanner::Scan(absl::Span<const uint8_t> block, Sink&& sink) {
  size_t at = 0;
  if (!carry_.empty()) {
    // What begins in the last block is told with the help of this one; of most, little is needed.
    const size_t carried = carry_.size();
    size_t reached = 0;
    size_t seam = 0;
    for (const size_t most : {kLookaheadBytes, kEvidenceBytes + kLookaheadBytes}) {
      const size_t end = std::min(block.size(), most);
      carry_.insert(carry_.end(), block.begin() + static_cast<ptrdiff_t>(seam),
                    block.begin() + static_cast<ptrdiff_t>(end));
      seam = end;
      reached = Advance(carry_, reached, carried, /*is_all=*/false, sink);
      if (reached >= carried) break;
    }
    if (reached < carried) {
      carry_.erase(carry_.begin(), carry_.begin() + static_cast<ptrdiff_t>(reached));
      return;
    }
    at = reached - carried;
  }
  at = Advance(block, at, block.size(), /*is_all=*/false, sink);
  carry_.assign(block.begin() + static_cast<ptrdiff_t>(at), block.end());
}

template <typename Sink>
void RecordScanner::Finish(Sink&& sink) {
  FinishWhole(carry_, Advance(carry_, 0, carry_.size(), /*is_all=*/true, sink));
  carry_.clear();
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_RECORD_SCANNER_H_
