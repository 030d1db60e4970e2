// HeadWatch: notices, while one input is read, that records with which other inputs begin are in it
// as well. For acct/input_set.h.

#ifndef CPUAGG_ACCT_HEAD_WATCH_H_
#define CPUAGG_ACCT_HEAD_WATCH_H_

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "acct/byte_order.h"
#include "acct/layout.h"
#include "acct/record_v3_view.h"
#include "acct/record_view.h"

namespace cpuagg::acct {

// The record with which input `head` (an index) begins stands at `offset` of the one that was read.
struct HeadHit {
  size_t head = 0;
  uint64_t offset = 0;
};

class HeadWatch {
 public:
  // The first record of each input; empty for one that does not matter.
  explicit HeadWatch(std::vector<std::string> heads) : heads_(std::move(heads)) {
    for (const std::string& head : heads_) {
      if (!head.empty()) filter_.set(Slot(reinterpret_cast<const uint8_t*>(head.data())));
    }
  }

  // Adds the inputs that begin with the record to `hits`, which is kept from growing without end
  // where all records are alike.
  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Look(const Record& record, uint64_t offset,
                                         std::vector<HeadHit>& hits) const {
    if (filter_[Slot(record.bytes())]) Compare(record.view(), offset, hits);
  }

 private:
  static constexpr size_t kSlots = 4096;
  static constexpr size_t kMaxHits = 1000;

  // From eight bytes that differ between most records of every version.
  static size_t Slot(const uint8_t* record) {
    constexpr size_t kOffset = 24;
    return LoadLittle64(record + kOffset) * 0x9e37'79b9'7f4a'7c15 >> 52;
  }

  void Compare(const RecordView& record, uint64_t offset, std::vector<HeadHit>& hits) const {
    for (size_t i = 0; i < heads_.size() && hits.size() < kMaxHits; ++i) {
      if (!heads_[i].empty() &&
          std::memcmp(heads_[i].data(), record.bytes(), heads_[i].size()) == 0) {
        hits.push_back({.head = i, .offset = offset});
      }
    }
  }

  std::vector<std::string> heads_;
  std::bitset<kSlots> filter_;
};

// A tally (see acct/record_reader.h) that passes everything on to another one and keeps the hits.
template <typename Tally>
struct WatchingTally {
  const HeadWatch* watch;
  Tally tally;
  std::vector<HeadHit> hits = {};

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const Record& record, uint64_t offset) {
    watch->Look(record, offset, hits);
    tally.Add(record, offset);
  }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset) requires requires {
    tally.AddRegular(begin, end, offset);
  }
  {
    // In pieces that are still in the cache when they are looked at.
    constexpr ptrdiff_t kPieceBytes = 64 * kRecordBytes;
    const uint8_t* at = begin;
    while (at < end) {
      const uint8_t* const stop = at + std::min(kPieceBytes, end - at);
      const uint8_t* const reached =
          at + tally.AddRegular(at, stop, offset + static_cast<uint64_t>(at - begin));
      for (; at < reached; at += kRecordBytes) {
        watch->Look(RecordV3View(at), offset + static_cast<uint64_t>(at - begin), hits);
      }
      if (reached < stop) break;
    }
    return static_cast<size_t>(at - begin);
  }
  WatchingTally Fresh() const { return {.watch = watch, .tally = tally.Fresh()}; }
  void Merge(WatchingTally other) {
    tally.Merge(std::move(other.tally));
    hits.insert(hits.end(), other.hits.begin(), other.hits.end());
  }
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_HEAD_WATCH_H_
