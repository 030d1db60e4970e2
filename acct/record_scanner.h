// RecordScanner: bytes -> records, with an account of every byte.
//
//   acct::RecordScanner scanner;
//   while (block not empty) scanner.Scan(block, [&](acct::RecordV3View record) { ... });
//   scanner.Finish([&](acct::RecordV3View record) { ... });
//   acct::InputAccount account = scanner.account();
//
// Reads little-endian acct_v3 records, which stand at multiples of 64 bytes. What carries another
// version byte is skipped. A record next to skipped bytes has to look as the kernel writes them
// before it counts, so that the one byte in 256 of a picture or an archive that happens to be a 3
// does not become somebody's CPU time; a record among records counts whatever its fields hold, as
// it does for GNU sa.

#ifndef CPUAGG_ACCT_RECORD_SCANNER_H_
#define CPUAGG_ACCT_RECORD_SCANNER_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/types/span.h"
#include "acct/input_account.h"
#include "acct/layout.h"
#include "acct/record_v3_view.h"

namespace cpuagg::acct {

class RecordScanner {
 public:
  // `base` is the offset of the first byte to come within its file, in bytes; regions are reported
  // with it added.
  explicit RecordScanner(uint64_t base = 0) : base_(base) {}

  // Calls `sink(RecordV3View)` for each record of `block`, in order. The last record of a block is
  // held back until its successor is known, so that each view is valid only during its call. Every
  // block but the last must be a multiple of kRecordBytes long.
  template <typename Sink>
  void Scan(absl::Span<const uint8_t> block, Sink&& sink);

  // Call once, after the last block.
  template <typename Sink>
  void Finish(Sink&& sink);

  // Divides `block`, a whole input, into at most `parts` parts of about equal length such that
  // scanners of their own for each part give, in order, just what one scanner gives.
  static std::vector<absl::Span<const uint8_t>> Divide(absl::Span<const uint8_t> block,
                                                       size_t parts);

  // Complete after Finish(). `name` and `invalid_elapsed` are the caller's to fill in.
  const InputAccount& account() const { return account_; }

 private:
  static bool HasVersion3(const uint8_t* p) { return p[kVersionOffset] == kVersion3; }
  // Whether the record looks as the kernel writes them; asked only next to damage.
  static bool IsPlausible(RecordV3View record);
  static SkipReason ReasonFor(const uint8_t* p);
  void Skip(const uint8_t* p, uint64_t offset);

  uint64_t base_;
  InputAccount account_;
  bool after_skip_ = false;
  bool has_held_ = false;
  std::array<uint8_t, kRecordBytes> held_;
};

template <typename Sink>
void RecordScanner::Scan(absl::Span<const uint8_t> block, Sink&& sink) {
  const uint8_t* const begin = block.data();
  const uint8_t* const end = begin + block.size() / kRecordBytes * kRecordBytes;
  const uint64_t block_offset = base_ + account_.bytes;
  account_.bytes += block.size();
  account_.trailing_bytes += block.size() % kRecordBytes;
  if (begin == end) return;

  if (has_held_) {
    has_held_ = false;
    if (HasVersion3(begin) || IsPlausible(RecordV3View(held_.data()))) {
      sink(RecordV3View(held_.data()));
    } else {
      Skip(held_.data(), block_offset - kRecordBytes);
    }
  }

  const uint8_t* p = begin;
  while (p != end) {
    if (!HasVersion3(p) || (after_skip_ && !IsPlausible(RecordV3View(p)))) {
      Skip(p, block_offset + static_cast<uint64_t>(p - begin));
      p += kRecordBytes;
      continue;
    }
    after_skip_ = false;
    // The hot loop: a record whose neighbours are records. The processor does not fetch ahead over
    // the end of a page by itself; asked to, the loop takes half the time.
    constexpr size_t kPrefetchBytes = 32 * kRecordBytes;
    while (p + kRecordBytes != end && HasVersion3(p + kRecordBytes)) {
      __builtin_prefetch(p + kPrefetchBytes);
      sink(RecordV3View(p));
      p += kRecordBytes;
    }
    if (p + kRecordBytes == end) {
      std::memcpy(held_.data(), p, kRecordBytes);
      has_held_ = true;
    } else if (IsPlausible(RecordV3View(p))) {
      sink(RecordV3View(p));
    } else {
      Skip(p, block_offset + static_cast<uint64_t>(p - begin));
    }
    p += kRecordBytes;
  }
}

template <typename Sink>
void RecordScanner::Finish(Sink&& sink) {
  if (has_held_) sink(RecordV3View(held_.data()));
  has_held_ = false;
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_SCANNER_H_
