// FastUsageTable: the usage of each key, made for summing millions of records.
//
//   FastUsageTable<acct::Uid> table;
//   table.Add(record.uid(), record);
//   table += other_thread's;
//   for (const auto& [uid, usage] : table) ...  // usage is a Usage
//
// Keys are stored with their usage in cache lines, in order of first use. An open-addressing index
// of 8 bytes per slot finds them. So growing moves no usage, iterating walks over an array, and
// merging one table into another does not follow the order of hashes, which would cluster in the
// target. A slot has enough of its key's hash that lines of other keys are hardly ever accessed.
//
// Sums that become too large for CompactUsage are kept in a Usage outside of the table. Memory: 64
// bytes per key (128 if the key has more than 20), and 13 to 26 for its slots; more for the first
// few thousand keys.

#ifndef CPUAGG_AGGREGATE_TALLY_FAST_USAGE_TABLE_H_
#define CPUAGG_AGGREGATE_TALLY_FAST_USAGE_TABLE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/base/attributes.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "aggregate/tally/compact_usage.h"
#include "aggregate/tally/page_array.h"
#include "aggregate/tally/table_key.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

template <typename Key>
class FastUsageTable {
 public:
  struct alignas(64) Entry {
    CompactUsage usage;
    uint32_t wide;  // 1 + the index in wide_ of the rest; 0 if there is none
    Key key;
  };

  FastUsageTable() : slots_(size_t{1} << kFirstBits) {}
  FastUsageTable(FastUsageTable&&) noexcept = default;
  FastUsageTable& operator=(FastUsageTable&&) noexcept = default;

  // The entry of `key`, a new one if there is none. Valid until the next call with another key.
  Entry& operator[](const Key& key) { return entries_[LocateOne(key, HashOf(key, factors_))]; }
  ABSL_ATTRIBUTE_ALWAYS_INLINE Entry& At(uint32_t position) { return entries_[position]; }

  // Finds existing keys, in a loop that keeps everything necessary in registers. Invalid once a key
  // is added to the table.
  class Finder {
   public:
    explicit Finder(FastUsageTable& table)
        : factors_(table.factors_),
          shift_(table.shift_),
          mask_(table.slots_.size() - 1),
          slots_(table.slots_.data()),
          entries_(table.entries_.data()) {}

    // Null if `key` is not in the table.
    ABSL_ATTRIBUTE_ALWAYS_INLINE Entry* Find(const Key& key) const {
      const uint64_t hash = HashOf(key, factors_);
      for (size_t i = hash >> shift_;; i = (i + 1) & mask_) {
        const uint64_t slot = slots_[i];
        if (slot == 0) return nullptr;
        Entry* const entry = entries_ + PositionIn(slot);
        if (HasHash(slot, hash) && entry->key == key) return entry;
      }
    }

   private:
    HashFactors factors_;
    int shift_;
    size_t mask_;
    const uint64_t* slots_;
    Entry* entries_;
  };

  // Finds many keys at once, for tables too large for the caches, in three steps. Each step
  // prefetches what the next one needs. Meanwhile other batches can be processed.
  //
  //   batch.keys[batch.count++] = key; ...
  //   table.FetchSlots(batch); ... table.FetchEntries(batch); ... table.Locate(batch);
  //   table.At(batch.positions[0]).usage
  struct Batch {
    static constexpr size_t kMostKeys = 32;

    size_t count = 0;
    std::array<Key, kMostKeys> keys;
    std::array<uint64_t, kMostKeys> hashes;
    std::array<uint32_t, kMostKeys> positions;  // of their entries, which never change
  };
  // (Always inline, since gcc believes that a function which only prefetches does nothing.) All of
  // them keep local copies of what they need, which no store to the batch can change.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void FetchSlots(Batch& batch) const {
    const HashFactors factors = factors_;
    const int shift = shift_;
    const uint64_t* const slots = slots_.begin();
    const size_t count = batch.count;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t hash = HashOf(batch.keys[i], factors);
      __builtin_prefetch(slots + (hash >> shift));
      batch.hashes[i] = hash;
    }
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void FetchEntries(Batch& batch) const {
    const int shift = shift_;
    const size_t mask = slots_.size() - 1;
    const uint64_t* const slots = slots_.begin();
    const Entry* const entries = entries_.begin();
    const size_t count = batch.count;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t hash = batch.hashes[i];
      size_t at = hash >> shift;
      uint64_t slot = slots[at];
      while (!HasHash(slot, hash) && slot != 0) slot = slots[at = (at + 1) & mask];
      batch.positions[i] = PositionIn(slot);
      if (slot == 0) continue;
      const auto* const entry = reinterpret_cast<const char*>(entries + PositionIn(slot));
      for (size_t line = 0; line < sizeof(Entry); line += 64) __builtin_prefetch(entry + line, 1);
    }
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Locate(Batch& batch) {
    const size_t size = entries_.size();
    const Entry* entries = entries_.begin();
    const size_t count = batch.count;
    for (size_t i = 0; i < count; ++i) {
      const uint32_t position = batch.positions[i];
      if (position < size && entries[position].key == batch.keys[i]) continue;
      batch.positions[i] = LocateOne(batch.keys[i], batch.hashes[i]);
      entries = entries_.begin();  // it may have moved
    }
  }

  // Adds one process to a Usage, which has room for it.
  template <typename Record>
  ABSL_ATTRIBUTE_NOINLINE void AddWide(const Record& record, Entry& entry) {
    WideOf(entry).Add(record, record.elapsed_ticks());
  }

  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const Key& key, acct::RecordV3View record) {
    Entry& entry = (*this)[key];
    if (!entry.usage.Add(record)) [[unlikely]]
      AddWide(record, entry);
  }
  void Add(const Key& key, const acct::RecordView& record) { AddWide(record, (*this)[key]); }

  size_t size() const { return entries_.size(); }
  bool empty() const { return size() == 0; }
  // Whether the table is too large for the fastest caches.
  bool is_large() const { return entries_.size() * sizeof(Entry) > (size_t{256} << 10); }

  class Iterator {
   public:
    using difference_type = ptrdiff_t;
    using value_type = std::pair<Key, Usage>;
    using pointer = const value_type*;
    using reference = value_type;
    using iterator_category = std::input_iterator_tag;

    Iterator(const FastUsageTable& table, size_t at) : table_(&table), at_(at) {}
    value_type operator*() const {
      const Entry& entry = table_->entries_[at_];
      return {entry.key, table_->UsageOf(entry)};
    }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const FastUsageTable* table_;
    size_t at_;
  };
  Iterator begin() const { return Iterator(*this, 0); }
  Iterator end() const { return Iterator(*this, entries_.size()); }

  // The usage of `key`, if it is in the table.
  std::optional<Usage> Find(const Key& key) const {
    const uint64_t slot = slots_[SlotOf(key, HashOf(key, factors_))];
    if (slot == 0) return std::nullopt;
    return UsageOf(entries_[PositionIn(slot)]);
  }

  FastUsageTable& operator+=(FastUsageTable other) {
    // An empty table takes over the other one without copying.
    if (empty()) return *this = std::move(other);
    Add(other, [](const Key& key) { return key; });
    return *this;
  }
  // Adds the usage of each key of `other` to that of the key `key_of` returns.
  template <typename OtherKey, typename KeyOf>
  void Add(const FastUsageTable<OtherKey>& other, KeyOf key_of) {
    for (size_t at = 0; at < other.entries_.size();) {
      Batch batch;
      std::array<const typename FastUsageTable<OtherKey>::Entry*, Batch::kMostKeys> added;
      for (; at < other.entries_.size() && batch.count < Batch::kMostKeys; ++at) {
        added[batch.count] = &other.entries_[at];
        batch.keys[batch.count++] = key_of(other.entries_[at].key);
      }
      FetchSlots(batch);
      FetchEntries(batch);
      Locate(batch);
      for (size_t i = 0; i < batch.count; ++i) {
        AddEntry(other, *added[i], entries_[batch.positions[i]]);
      }
    }
  }

 private:
  template <typename OtherKey>
  friend class FastUsageTable;

  // A slot is empty (zero), or it has the upper half of its key's hash, and below that the position
  // of the entry plus one.
  static constexpr int kFirstBits = 12;
  static constexpr uint64_t kPositionMask = 0xffff'ffff;
  ABSL_ATTRIBUTE_ALWAYS_INLINE static uint32_t PositionIn(uint64_t slot) {
    return static_cast<uint32_t>(slot) - 1;
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE static bool HasHash(uint64_t slot, uint64_t hash) {
    // Without the mask, which would take a register of the hot loops.
    return static_cast<uint32_t>(slot >> 32) == static_cast<uint32_t>(hash >> 32);
  }

  // The slot of `key`, or the empty slot where it would be inserted.
  ABSL_ATTRIBUTE_ALWAYS_INLINE size_t SlotOf(const Key& key, uint64_t hash) const {
    for (size_t i = hash >> shift_;; i = (i + 1) & (slots_.size() - 1)) {
      const uint64_t slot = slots_[i];
      if (slot == 0) return i;
      if (HasHash(slot, hash) && entries_[PositionIn(slot)].key == key) return i;
    }
  }

  template <typename OtherKey>
  void AddEntry(const FastUsageTable<OtherKey>& other,
                const typename FastUsageTable<OtherKey>::Entry& added, Entry& entry) {
    if (added.wide != 0 || !entry.usage.Add(added.usage)) WideOf(entry) += other.UsageOf(added);
  }

  ABSL_ATTRIBUTE_NOINLINE uint32_t LocateOne(const Key& key, uint64_t hash) {
    const size_t at = SlotOf(key, hash);
    return slots_[at] == 0 ? Insert(key, hash, at) : PositionIn(slots_[at]);
  }

  // Inserts at the slot `at`, which is empty.
  uint32_t Insert(const Key& key, uint64_t hash, size_t at) {
    Entry& entry = entries_.Append();
    entry.key = key;
    slots_[at] = (hash & ~kPositionMask) | entries_.size();
    // A key that is not in its first slot costs an unpredictable branch. So the index is sparse as
    // long as it fits into the second-level cache. A larger one is up to 5/8 full, which keeps such
    // keys close to their first slot.
    const bool is_small = slots_.size() <= size_t{1} << 15;
    if (entries_.size() * 8 > slots_.size() * (is_small ? 1 : 5)) Rehash();
    return static_cast<uint32_t>(entries_.size() - 1);
  }

  // Doubles the number of slots. Goes through the old ones in order, so that both arrays are
  // accessed sequentially.
  void Rehash() {
    PageArray<uint64_t> slots(slots_.size() * 2);
    --shift_;
    for (const uint64_t slot : slots_) {
      if (slot == 0) continue;
      size_t i = slot >> shift_;
      while (slots[i] != 0) i = (i + 1) & (slots.size() - 1);
      slots[i] = slot;
    }
    slots_ = std::move(slots);
  }

  // The Usage to which the whole entry moves. Its compact part can be used again until it is full.
  Usage& WideOf(Entry& entry) {
    if (entry.wide == 0) {
      wide_.emplace_back();
      entry.wide = static_cast<uint32_t>(wide_.size());
    }
    Usage& wide = wide_[entry.wide - 1];
    wide += entry.usage.ToUsage();
    entry.usage = {};
    return wide;
  }

  Usage UsageOf(const Entry& entry) const {
    Usage usage = entry.usage.ToUsage();
    if (entry.wide != 0) usage += wide_[entry.wide - 1];
    return usage;
  }

  HashFactors factors_ = SecretFactors();
  int shift_ = 64 - kFirstBits;
  PageArray<uint64_t> slots_;
  PageArray<Entry> entries_;
  std::deque<Usage> wide_;
};

// Equal if they have the same keys with the same usage, in any order.
template <typename Key>
bool operator==(const FastUsageTable<Key>& a, const FastUsageTable<Key>& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [key, usage] : a) {
    if (b.Find(key) != usage) return false;
  }
  return true;
}

using FastUserTable = FastUsageTable<acct::Uid>;
using FastGroupTable = FastUsageTable<GroupKey>;

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_FAST_USAGE_TABLE_H_
