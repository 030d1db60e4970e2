// RecordScanner: finds the records in a stream of bytes, and accounts for every byte.
//
//   acct::RecordScanner scanner;
//   while (block not empty) scanner.Scan(block, sink);
//   scanner.Finish(sink);
//   acct::ByteAccount account = scanner.account();
//
// `sink(record, offset)` is called with a RecordV3View for a regular record, else with a
// RecordView, and with the record's offset in the file. To be faster, a sink may also have
//
//   size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset);
//
// There is a regular record at `begin`. The function takes any number of the records that begin in
// [begin, end), but stops before one that no regular record follows (see
// RecordV3View::IsFollowedByRegular()). It returns the number of bytes taken. One more record than
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

// If no regular record precedes a row of odd records, a regular one must follow within this
// distance to confirm them: as many records as a machine may write before its clock is set.
inline constexpr size_t kEvidenceBytes = 1024 * kRecordBytes;

// Of a file that may still grow at most about this much waits for what follows it: enough to find
// the evidence for all of it.
inline constexpr size_t kMostHeldBytes = kEvidenceBytes + kLookaheadBytes;

// The processor does not prefetch beyond the end of a page by itself. Requesting bytes this far
// ahead at each record halves the time of a loop over records.
inline constexpr size_t kPrefetchBytes = 32 * kRecordBytes;

class RecordScanner {
 public:
  // `base` is the offset of the first byte within its file, in bytes. It is added to reported
  // offsets.
  explicit RecordScanner(uint64_t base = 0, const RecordFormat& format = RecordFormat())
      : offset_(base), format_(format) {}

  // Call before anything else. `before` holds the bytes before `base`, or the last of them, which
  // another scanner has read. If there are more bytes before these, they were records.
  void GoOnBehind(absl::Span<const uint8_t> before);

  // Call before ScanWhole() if the input may still grow. Then ScanWhole() decides only what no
  // continuation of the input can change, and stops after a record from whose end GoOnBehind() can
  // go on. What follows there is trailing bytes, up to about kMostHeldBytes. So a scan of the
  // input, and later one of what follows, find together what a single scan of everything would
  // find.
  void MayGrow() { may_grow_ = true; }

  // Calls `sink` for each record of an input that comes in blocks of any length, in order. Records
  // are valid only during the call.
  template <typename Sink>
  void Scan(absl::Span<const uint8_t> block, Sink&& sink);

  // Call once, after the last block.
  template <typename Sink>
  void Finish(Sink&& sink);

  // The same for an input that is completely in memory: scans the records that begin in [begin,
  // stop) of `input`, and returns where the next one begins, at or after `stop`. Call it again with
  // that position, and at the end call FinishWhole() with the last result.
  template <typename Sink>
  size_t ScanWhole(absl::Span<const uint8_t> input, size_t begin, size_t stop, Sink&& sink) {
    if (may_grow_) return AdvanceToCertain(input, begin, stop, sink);
    return Advance(input, begin, stop, /*is_all=*/true, sink);
  }
  void FinishWhole(absl::Span<const uint8_t> input, size_t reached);

  // A position in `input`, at or soon after `at`, where a record certainly begins; the end of
  // `input` if there is none. A sequential scan may not stop there (damage). If it does, a new
  // scanner started there produces the same results.
  static size_t FindRecord(absl::Span<const uint8_t> input, size_t at);

  // Complete after Finish(). The caller fills in `name` and `invalid_elapsed`.
  const ByteAccount& account() const { return account_; }

 private:
  // What begins at a position: a record, or bytes to skip.
  struct SlotVerdict {
    size_t bytes = 0;
    std::optional<RecordView> record;
    SkipReason reason = SkipReason::kNoRecord;
    // The bytes are recognised, although they cannot be used.
    bool is_known = false;
    // Records begin after it that would not if it were as long as a record.
    bool is_shift = false;
  };
  enum class Evidence { kNone, kFound, kUnknown };

  // Version and byte order: the version byte that the record has or, for version 0, should have.
  using Kind = int;
  static constexpr Kind kNoKind = -1;
  static Kind KindOf(const RecordView& record);

  // A place at which a record would begin, and what can be seen of it from there.
  struct Slot;
  Slot SlotAt(absl::Span<const uint8_t> bytes, bool is_all) const;
  // The length of the record that `bytes` begin with, which may be more than these.
  size_t LengthIn(absl::Span<const uint8_t> bytes, const RecordView& record, bool is_all) const;

  // Decides what begins with `bytes`, if the hot loop cannot. Returns nothing if that needs more
  // bytes, or if there are too few for a record.
  SlotVerdict Find(absl::Span<const uint8_t> bytes, bool is_all);

  // The same if `bytes` are too few for that, and more may follow: only what is certain.
  SlotVerdict FindCertain(absl::Span<const uint8_t> bytes);
  // Whether what follows `slot.bytes` cannot change the length of its record.
  bool HasCertainLength(const Slot& slot) const;
  // Whether a record may begin within the regular one of the slot, and continue with bytes that are
  // still to come.
  bool MayBeShifted(const Slot& slot) const;

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

  // Whether a regular record at the beginning of `bytes` is believed regardless of its neighbours.
  bool IsWitness(const RecordView& record, absl::Span<const uint8_t> bytes, bool is_all) const;
  // The same of version 0 that stands alone.
  bool IsWitnessOfVersion0(const RecordView& record, absl::Span<const uint8_t> bytes,
                           bool is_all) const;
  // Whether the bytes skipped last were zeros.
  bool EndsInHole() const;
  SkipReason ReasonFor(absl::Span<const uint8_t> slot) const;
  // Takes over where `other` stands, except for its account.
  void CopyState(const RecordScanner& other);
  // Acts on the verdict at the current offset, except for calling the sink.
  void Apply(const SlotVerdict& verdict);

  // Scans what begins in [at, stop) of `input`. Returns where the next thing begins: at or after
  // `stop`, or earlier if the input is too short to decide. `is_all` says that nothing follows
  // `input`.
  template <typename Sink>
  size_t Advance(absl::Span<const uint8_t> input, size_t at, size_t stop, bool is_all, Sink& sink);
  // The same for an input that may grow: up to the last place from which another scan can go on.
  template <typename Sink>
  size_t AdvanceToCertain(absl::Span<const uint8_t> input, size_t at, size_t stop, Sink& sink);
  // Whether the bytes from `rest` on are damaged if nothing follows them.
  void LookAtHeld(absl::Span<const uint8_t> rest);

  uint64_t offset_;  // of the next byte
  RecordFormat format_;
  ByteAccount account_;
  // Whether the bytes before were skipped and not recognised. Then `is_among_records_` is false.
  bool after_damage_ = false;
  // Whether the records up to here follow one another, beginning with a regular one. Until one is
  // known, the hot loop is not used.
  bool is_among_records_ = false;
  // Whether records were found again here after a torn one.
  bool is_found_again_ = false;
  Kind last_kind_ = kNoKind;  // of the last record
  // The length of the record before, if that is of version 1 and nothing was skipped since; else 0.
  size_t version_1_bytes_ = 0;
  // The current row of odd records has no regular one up to this offset.
  uint64_t looked_ahead_to_ = 0;
  bool may_grow_ = false;
  uint64_t record_end_ = 0;  // where the last record ends
  // Where the last record ends that shows GoOnBehind() all it needs.
  uint64_t clear_end_ = 0;
  std::vector<uint8_t> carry_;  // the end of the last block, too short to decide what begins there
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
      last_kind_ = kVersion3.version;
      version_1_bytes_ = 0;
      record_end_ = offset_;
      clear_end_ = offset_;
    }
    if (at >= stop) break;
    const absl::Span<const uint8_t> rest = input.subspan(at);
    const bool is_short = !is_all && rest.size() < kLookaheadBytes;
    if (is_short && !may_grow_) break;
    const SlotVerdict verdict = is_short ? FindCertain(rest) : Find(rest, is_all);
    if (verdict.bytes == 0) break;
    if (verdict.record.has_value()) sink(*verdict.record, offset_);
    Apply(verdict);
    at += verdict.bytes;
  }
  return at;
}

template <typename Sink>
size_t RecordScanner::AdvanceToCertain(absl::Span<const uint8_t> input, size_t at, size_t stop,
                                       Sink& sink) {
  // Far from the end everything is certain.
  const size_t far = std::min(stop, input.size() - std::min(input.size(), kMostHeldBytes));
  if (at < far) at = Advance(input, at, far, /*is_all=*/false, sink);
  if (at >= stop) return at;
  // The sink cannot take records back. So this is scanned once without it, to see where to stop.
  RecordScanner trial(offset_, format_);
  trial.CopyState(*this);
  trial.may_grow_ = true;
  trial.clear_end_ = offset_;
  const auto ignore = [](const auto&, uint64_t) {};
  trial.Advance(input, at, input.size(), /*is_all=*/false, ignore);
  const size_t certain = at + static_cast<size_t>(trial.clear_end_ - offset_);
  return Advance(input, at, std::min(stop, certain), /*is_all=*/false, sink);
}

template <typename Sink>
void RecordScanner::Scan(absl::Span<const uint8_t> block, Sink&& sink) {
  size_t at = 0;
  if (!carry_.empty()) {
    // This block helps to decide what begins in the last one; usually little of it is needed.
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
