// RecordScanner: bytes -> records, with an account of every byte.
//
//   acct::RecordScanner scanner;
//   while (block not empty) scanner.Scan(block, sink);
//   scanner.Finish(sink);
//   acct::InputAccount account = scanner.account();
//
// where `sink(record, offset)` takes a RecordV3View, of a regular record, or a RecordView, and the
// record's offset in the file. A sink may have
//
//   size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset);
//
// as well, for a way of its own to be fast: it takes as many as it likes of the regular records
// that [begin, end) begins with, the last of which may end behind `end`, and returns how many bytes
// that were.
//
// Version and byte order are found out for every record. As long as records are regular (see
// acct/plausibility.h) they simply follow one another. Where one is not:
//
//   - if regular records begin within the next bytes, but not where this one would end, then what
//     is in between is what is left of a torn record, or something else that does not belong here:
//     it is skipped, and reading goes on where the records begin;
//   - else an odd record among records counts whatever its fields hold, as it does for GNU sa, if
//     one of its neighbours has the same version and byte order: a single damaged bit may change
//     those;
//   - beside bytes that were skipped, it has to look like a record at least: one byte in 30 of a
//     picture or an archive happens to be a known version, and must not become somebody's CPU time;
//   - zeros are no records. GNU sa takes them for processes of root.

#ifndef CPUAGG_ACCT_RECORD_SCANNER_H_
#define CPUAGG_ACCT_RECORD_SCANNER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "acct/input_account.h"
#include "acct/layout.h"
#include "acct/plausibility.h"
#include "acct/record_v3_view.h"
#include "acct/record_view.h"

namespace cpuagg::acct {

// The processor does not fetch ahead over the end of a page by itself; asked to at each record, for
// what is so far behind it, a loop over records takes half the time.
inline constexpr size_t kPrefetchBytes = 32 * kRecordBytes;

class RecordScanner {
 public:
  // `base` is the offset of the first byte to come within its file, in bytes; offsets are reported
  // with it added.
  explicit RecordScanner(uint64_t base = 0, const RecordFormat& format = RecordFormat())
      : offset_(base), format_(format) {}

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
  const InputAccount& account() const { return account_; }

 private:
  // What begins at some place: a record, or bytes to skip.
  struct Finding {
    size_t bytes = 0;
    std::optional<RecordView> record;
    SkipReason reason = SkipReason::kNoRecord;
    // Bytes that a reader of accounting files knows, if it can make nothing of them.
    bool is_known = false;
  };

  // Version and byte order: the version byte that the record has or, of version 0, should have.
  using Kind = int;
  static constexpr Kind kNoKind = -1;
  static Kind KindOf(const RecordView& record);

  // What begins with `bytes`, which are no regular record of version 3: the slow way.
  Finding Find(absl::Span<const uint8_t> bytes, bool is_all) const;
  // Whether zeros were skipped last.
  bool EndsInHole() const;
  SkipReason ReasonFor(absl::Span<const uint8_t> slot) const;
  // Acts on what was found at the present offset, except for calling the sink.
  void Take(const Finding& finding);

  // Scans what begins in [at, stop) of `input` and returns where the next thing begins: at `stop`
  // or behind it, or where the input is too short to tell what begins there. `is_all` says that
  // nothing follows `input`.
  template <typename Sink>
  size_t Advance(absl::Span<const uint8_t> input, size_t at, size_t stop, bool is_all, Sink& sink);

  uint64_t offset_;  // of what comes next
  RecordFormat format_;
  InputAccount account_;
  bool after_damage_ = false;
  Kind last_kind_ = kNoKind;    // of the last record
  std::vector<uint8_t> carry_;  // the end of the last block, too short to tell what begins there
};

template <typename Sink>
size_t RecordScanner::Advance(absl::Span<const uint8_t> input, size_t at, size_t stop, bool is_all,
                              Sink& sink) {
  const uint8_t* const data = input.data();
  while (at < stop) {
    // The hot loop.
    const size_t end =
        input.size() < kRecordBytes ? 0 : std::min(stop, input.size() - kRecordBytes + 1);
    const size_t begin = at;
    const uint64_t base = offset_ - begin;
    if constexpr (requires { sink.AddRegular(data, data, base); }) {
      if (at < end) at += sink.AddRegular(data + at, data + end, base + at);
    }
    while (at < end && RecordV3View(data + at).IsRegular()) {
      __builtin_prefetch(data + at + kPrefetchBytes);
      sink(RecordV3View(data + at), base + at);
      at += kRecordBytes;
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
    const Finding finding = Find(rest, is_all);
    if (finding.bytes == 0) break;
    if (finding.record.has_value()) sink(*finding.record, offset_);
    Take(finding);
    at += finding.bytes;
  }
  return at;
}

template <typename Sink>
void RecordScanner::Scan(absl::Span<const uint8_t> block, Sink&& sink) {
  size_t at = 0;
  if (!carry_.empty()) {
    // What begins in the last block is told with the help of this one.
    const size_t carried = carry_.size();
    const size_t seam = std::min(block.size(), kLookaheadBytes);
    carry_.insert(carry_.end(), block.begin(), block.begin() + static_cast<ptrdiff_t>(seam));
    const size_t reached = Advance(carry_, 0, carried, /*is_all=*/false, sink);
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

#endif  // CPUAGG_ACCT_RECORD_SCANNER_H_
