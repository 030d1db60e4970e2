// DuplicateDetector: detects, while one input is read, that it contains records with which other
// inputs begin. For acct/scan/input_set.h.

#ifndef CPUAGG_ACCT_SCAN_DUPLICATE_DETECTOR_H_
#define CPUAGG_ACCT_SCAN_DUPLICATE_DETECTOR_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/container/flat_hash_map.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"

namespace cpuagg::acct {

// The first record of input `head` (an index) is also at `offset` of the input that was read.
struct DuplicateHit {
  size_t head = 0;
  uint64_t offset = 0;
};

class DuplicateDetector {
 public:
  // The first record of each input, at least kPackedV1Bytes of it; empty for an input that does not
  // matter.
  explicit DuplicateDetector(std::vector<std::string> heads)
      : heads_(std::move(heads)),
        slot_bits_(std::clamp(static_cast<int>(std::bit_width(heads_.size() * kSlotsOfAHead)),
                              kLeastSlotBits, kMostSlotBits)),
        filter_((size_t{1} << slot_bits_) / kWordBits) {
    for (size_t i = 0; i < heads_.size(); ++i) {
      if (heads_[i].empty()) continue;
      // A record to compare may be no longer than this.
      heads_[i].resize(std::min(heads_[i].size(), kPackedV1Bytes));
      const uint64_t key = Key(reinterpret_cast<const uint8_t*>(heads_[i].data()));
      filter_[Slot(key) / kWordBits] |= uint64_t{1} << Slot(key) % kWordBits;
      by_key_[key].push_back(i);
    }
  }

  // Adds the inputs that begin with this record to `hits`. Limits the number of hits, in case all
  // records are alike.
  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Look(const Record& record, uint64_t offset,
                                         std::vector<DuplicateHit>& hits) const {
    if (MayBeHead(record.bytes())) Compare(record.view(), offset, hits);
  }

  // Whether Look() may find something in one of the records of version 3 in [begin, end). Without
  // branches, since it is for every record.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool MayFind(const uint8_t* begin, const uint8_t* end) const {
    uint64_t may = 0;
    for (const uint8_t* at = begin; at < end; at += kRecordBytes) may |= MayBeHead(at) ? 1u : 0u;
    return may != 0;
  }

 private:
  // At most one record in 32 passes the filter by chance, with thousands of heads one in 16. The
  // filter is small, since the first-level cache also holds what else a report needs.
  static constexpr size_t kSlotsOfAHead = 32;
  static constexpr int kLeastSlotBits = 10;
  static constexpr int kMostSlotBits = 16;
  static constexpr size_t kWordBits = 64;
  static constexpr size_t kMaxHits = 1000;

  // Eight bytes that differ between most records of every version.
  static uint64_t Key(const uint8_t* record) {
    constexpr size_t kOffset = 24;
    return LoadLittle64(record + kOffset);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE size_t Slot(uint64_t key) const {
    return key * 0x9e37'79b9'7f4a'7c15 >> (64 - slot_bits_);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool MayBeHead(const uint8_t* record) const {
    const size_t slot = Slot(Key(record));
    return (filter_[slot / kWordBits] >> slot % kWordBits & 1) != 0;
  }

  void Compare(const RecordView& record, uint64_t offset, std::vector<DuplicateHit>& hits) const {
    const auto found = by_key_.find(Key(record.bytes()));
    if (found == by_key_.end()) return;
    for (const size_t i : found->second) {
      if (hits.size() >= kMaxHits) return;
      if (std::memcmp(heads_[i].data(), record.bytes(), heads_[i].size()) == 0) {
        hits.push_back({.head = i, .offset = offset});
      }
    }
  }

  std::vector<std::string> heads_;
  int slot_bits_;
  std::vector<uint64_t> filter_;  // a bit each
  absl::flat_hash_map<uint64_t, std::vector<size_t>> by_key_;
};

// An accumulator (see acct/scan/record_reader.h) that passes everything on to another one and keeps
// the hits.
template <typename Accumulator>
struct WatchingAccumulator {
  const DuplicateDetector* watch;
  Accumulator accumulator;
  std::vector<DuplicateHit> hits = {};

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const Record& record, uint64_t offset) {
    watch->Look(record, offset, hits);
    accumulator.Add(record, offset);
  }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset) requires requires {
    accumulator.AddRegular(begin, end, offset);
  }
  {
    // In pieces that are still in the cache when Look() reads them.
    constexpr ptrdiff_t kPieceBytes = 64 * kRecordBytes;
    const uint8_t* at = begin;
    while (at < end) {
      const uint8_t* const stop = at + std::min(kPieceBytes, end - at);
      const uint8_t* const reached =
          at + accumulator.AddRegular(at, stop, offset + static_cast<uint64_t>(at - begin));
      while (at < reached) {
        constexpr ptrdiff_t kGroupBytes = 8 * kRecordBytes;
        const uint8_t* const group_end = at + std::min(kGroupBytes, reached - at);
        if (watch->MayFind(at, group_end)) [[unlikely]] {
          for (const uint8_t* record = at; record < group_end; record += kRecordBytes) {
            watch->Look(RecordV3View(record), offset + static_cast<uint64_t>(record - begin), hits);
          }
        }
        at = group_end;
      }
      if (reached < stop) break;
    }
    return static_cast<size_t>(at - begin);
  }
  WatchingAccumulator Fresh() const { return {.watch = watch, .accumulator = accumulator.Fresh()}; }
  void Merge(WatchingAccumulator other) {
    accumulator.Merge(std::move(other.accumulator));
    hits.insert(hits.end(), other.hits.begin(), other.hits.end());
  }
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_DUPLICATE_DETECTOR_H_
