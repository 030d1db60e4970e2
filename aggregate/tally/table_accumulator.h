// TableAccumulator: adds records to a FastUsageTable in the loops that the speed of reports depends
// on. An accumulator of acct::ReadRecords().
//
// There are two loops for regular records. That for a table which the caches next to the processor
// hold takes blocks of records in three steps: it checks the block, finds the entries, and adds to
// them. That for a larger table asks the memory ahead for what it needs. Steps exist with the
// instructions of AVX2 and without. Tests of those without say so by `kMayUseAvx2`, on any
// processor.

#ifndef CPUAGG_AGGREGATE_TALLY_TABLE_ACCUMULATOR_H_
#define CPUAGG_AGGREGATE_TALLY_TABLE_ACCUMULATOR_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "acct/record/avx2.h"
#include "acct/record/layout.h"
#include "acct/record/record_block.h"
#include "acct/record/record_block_avx2.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/vectors.h"
#include "acct/scan/record_reader.h"
#include "acct/scan/record_scanner.h"
#include "aggregate/tally/add_avx2.h"
#include "aggregate/tally/add_vectors.h"
#include "aggregate/tally/compact_usage.h"
#include "aggregate/tally/fast_usage_table.h"
#include "aggregate/tally/record_summary.h"

namespace cpuagg::aggregate {

// Adds each record to the usage of the key that `KeyOf` gives it.
template <typename Key, typename KeyOf, bool kMayUseAvx2 = true>
struct TableAccumulator {
  KeyOf key_of;
  FastUsageTable<Key> usage = {};
  RecordSummary summary = {};

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const Record& record, uint64_t) {
    summary.Add(record);
    usage.Add(key_of(record), record);
  }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t) {
    const uint8_t* at = begin;
    while (at < end) {
      at = usage.is_large() ? AddToLargeTable(at, end) : AddToSmallTable(at, end);
      // Either no regular record follows, or the loops cannot handle this one.
      if (at >= end || !acct::RecordV3View(at).IsFollowedByRegular()) break;
      Add(acct::RecordV3View(at), 0);
      at += acct::kRecordBytes;
    }
    return static_cast<size_t>(at - begin);
  }
  TableAccumulator Fresh() const { return {.key_of = key_of}; }
  void Merge(TableAccumulator other) {
    usage += std::move(other.usage);
    summary.Merge(other.summary);
  }
  // False if most keys occur once: merging two such tables takes longer than a second thread saves.
  // Decided by a sample. Among n random records with N keys, about n²/2N are repeated.
  bool GainsFromThreads(absl::Span<const uint8_t> input) const {
    constexpr size_t kPlaces = 4;
    constexpr size_t kRecordsAtEach = 4096;
    constexpr double kWorthMerging = 4;  // records a key
    KeyOf sample_key_of = key_of;
    FastUsageTable<Key> sampled;
    double records = 0;
    for (size_t place = 0; place < kPlaces; ++place) {
      size_t at = acct::RecordScanner::FindRecord(input, input.size() / kPlaces * place);
      for (size_t i = 0; i < kRecordsAtEach && at + acct::kRecordBytes <= input.size() &&
                         acct::RecordV3View(input.data() + at).IsRegular();
           ++i, at += acct::kRecordBytes) {
        (void)sampled[sample_key_of(acct::RecordV3View(input.data() + at))];
        ++records;
      }
    }
    const double repeated = records - static_cast<double>(sampled.size());
    const size_t all = input.size() / acct::kRecordBytes;
    const auto all_records = static_cast<double>(all);
    return records == 0 || repeated * 2 * all_records >= kWorthMerging * records * records;
  }

 private:
  static bool UsesAvx2() {
#if defined(__x86_64__)
    return kMayUseAvx2 && acct::HasAvx2();
#else
    return false;
#endif
  }

  // The functions below return where they stopped: at a record that no regular one follows, whose
  // key is new, or whose sums become too large; or at or after `end`.
  const uint8_t* AddToSmallTable(const uint8_t* at, const uint8_t* end) {
    if (usage.empty()) return at;
    acct::BlockTimes times;
    while (acct::kHasBlocks && at + acct::kBlockBytes <= end && IsOrdinaryBlock(at, times) &&
           acct::RecordV3View(at + acct::kBlockBytes).IsRegular()) {
      Entries found;
      const size_t count = FindBlock(at, found);
      if (AddBlock(at, found, count)) [[unlikely]]
        usage.Widen(found.data(), count);
      if (count < acct::kBlockRecords) [[unlikely]] {
        const uint8_t* const stop = at + count * acct::kRecordBytes;
        for (; at < stop; at += acct::kRecordBytes) summary.Add(acct::RecordV3View(at));
        return at;
      }
      summary.Add(times);
      at += acct::kBlockBytes;
    }
    // The last records, and blocks with something out of the ordinary.
    const uint8_t* const stop = std::min(end, at + acct::kBlockBytes);
#if defined(__x86_64__)
    if (UsesAvx2()) return AddOneByOneAvx2(at, stop);
#endif
    const typename FastUsageTable<Key>::Finder finder(usage);
    for (; at < stop && acct::RecordV3View(at).IsFollowedByRegular(); at += acct::kRecordBytes) {
      const acct::RecordV3View record(at);
      auto* const entry = finder.Find(key_of(record));
      if (entry == nullptr || !entry->usage.Add(record)) [[unlikely]]
        break;
      summary.Add(record);
    }
    return at;
  }

  static bool IsOrdinaryBlock(const uint8_t* block, acct::BlockTimes& times) {
#if defined(__x86_64__)
    if (UsesAvx2()) return acct::IsOrdinaryBlockAvx2(block, times);
#endif
    return acct::IsOrdinaryBlock(block, times);
  }

  // The steps of a block are functions of their own, so that each has enough registers. Their short
  // loops keep the records of several rounds in progress, which hides how long the caches take.
  using Entries = std::array<typename FastUsageTable<Key>::Entry*, acct::kBlockRecords>;

  // Finds the entries of the first records of a block, up to one whose key is new. Returns their
  // number.
  ABSL_ATTRIBUTE_NOINLINE size_t FindBlock(const uint8_t* block, Entries& entries) {
    const typename FastUsageTable<Key>::Finder finder(usage);
    for (size_t i = 0; i < acct::kBlockRecords; ++i) {
      const uint8_t* const record = block + i * acct::kRecordBytes;
      __builtin_prefetch(record + acct::kPrefetchBytes);
      entries[i] = finder.Find(key_of(acct::RecordV3View(record)));
      if (entries[i] == nullptr) [[unlikely]]
        return i;
    }
    return acct::kBlockRecords;
  }

  // Adds the first `count` records of an ordinary block to their entries. Returns whether some of
  // these are full.
  ABSL_ATTRIBUTE_NOINLINE static bool AddBlock(const uint8_t* block, const Entries& entries,
                                               size_t count) {
#if defined(__x86_64__)
    if (UsesAvx2()) return AddBlockAvx2(block, entries, count);
#endif
    acct::Word4 sums = {};
    for (size_t i = 0; i < count; ++i) {
      const acct::RecordV3View record(block + i * acct::kRecordBytes);
      sums |= AddOrdinary(record, entries[i]->usage);
    }
    return acct::AnyBits(sums) >= CompactUsage::kLimit;
  }

  const uint8_t* AddToLargeTable(const uint8_t* at, const uint8_t* end) {
    using Batch = typename FastUsageTable<Key>::Batch;
    // Three batches are in progress, one in each step.
    std::array<Batch, 3> batches;
    std::array<const uint8_t*, 3> begins;
    for (size_t n = 0;; ++n) {
      Batch& first = batches[n % 3];
      begins[n % 3] = at;
      for (first.count = 0; first.count < Batch::kMostKeys && at < end &&
                            acct::RecordV3View(at).IsFollowedByRegular();
           at += acct::kRecordBytes) {
        __builtin_prefetch(at + acct::kPrefetchBytes);
        first.keys[first.count++] = key_of(acct::RecordV3View(at));
      }
      usage.FetchSlots(first);
      if (n >= 1) usage.FetchEntries(batches[(n - 1) % 3]);
      if (n < 2) continue;
      Batch& last = batches[(n - 2) % 3];
      const uint8_t* const begin = begins[(n - 2) % 3];
      const uint8_t* const stop = begin + last.count * acct::kRecordBytes;
      usage.Locate(last);
      const uint8_t* const reached = AddAt(begin, stop, last.positions.data());
      if (reached < stop || last.count < Batch::kMostKeys) return reached;
    }
  }
  const uint8_t* AddAt(const uint8_t* at, const uint8_t* end, const uint32_t* positions) {
#if defined(__x86_64__)
    if (UsesAvx2()) return AddAtAvx2(at, end, positions);
#endif
    for (; at < end; at += acct::kRecordBytes) {
      const acct::RecordV3View record(at);
      if (!usage.At(*positions++).usage.Add(record)) [[unlikely]]
        break;
      summary.Add(record);
    }
    return at;
  }

#if defined(__x86_64__)
  CPUAGG_TARGET_AVX2 const uint8_t* AddOneByOneAvx2(const uint8_t* at, const uint8_t* end) {
    const typename FastUsageTable<Key>::Finder finder(usage);
    const Avx2Adder adder;
    for (; at < end && acct::RecordV3View(at).IsFollowedByRegular(); at += acct::kRecordBytes) {
      const acct::RecordV3View record(at);
      auto* const entry = finder.Find(key_of(record));
      if (entry == nullptr || !adder.Add(record, entry->usage)) [[unlikely]]
        break;
      summary.Add(record);
    }
    return at;
  }
  CPUAGG_TARGET_AVX2 static bool AddBlockAvx2(const uint8_t* block, const Entries& entries,
                                              size_t count) {
    const Avx2Adder adder;
    __m256i sums = _mm256_setzero_si256();
    for (size_t i = 0; i < count; ++i) {
      const acct::RecordV3View record(block + i * acct::kRecordBytes);
      sums = _mm256_or_si256(sums, adder.AddOrdinary(record, entries[i]->usage));
    }
    return _mm256_movemask_ps(_mm256_castsi256_ps(sums)) != 0;
  }
  CPUAGG_TARGET_AVX2 const uint8_t* AddAtAvx2(const uint8_t* at, const uint8_t* end,
                                              const uint32_t* positions) {
    auto* const entries = &usage.At(0);
    const Avx2Adder adder;
    RecordSummary sums = summary;
    for (; at < end; at += acct::kRecordBytes) {
      const acct::RecordV3View record(at);
      sums.Add(record);
      if (!adder.Add(record, entries[*positions++].usage)) [[unlikely]]
        break;
    }
    summary = sums;
    return at;
  }
#endif
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_TABLE_ACCUMULATOR_H_
