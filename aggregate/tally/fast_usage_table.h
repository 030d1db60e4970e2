// FastUsageTable: the usage of each key, made for summing millions of records.
//
//   FastUsageTable<acct::Uid> table;
//   table.Add(record.uid(), record);
//   table += other_thread's;
//   for (const auto& [uid, usage] : table) ...  // usage is a Usage
//
// Keys are stored with their usage in cache lines, in order of first use. An open-addressing index
// finds them. So growing moves no usage, iterating walks over an array, and merging one table into
// another does not follow the order of hashes, which would cluster in the target.
//
// Up to a few thousand keys, a slot of the index has two bytes, the number of the entry: so the
// index of 200 keys and their entries fit into the first-level cache. In a large table, a slot has
// eight bytes, with enough of its key's hash that lines of other keys are hardly ever accessed.
//
// Sums that become too large for CompactUsage are kept in a Usage outside of the table. Memory: 64
// bytes per key (128 if the key has more than 20), and 13 to 32 for its slots; more for the first
// few hundred keys.

#ifndef CPUAGG_AGGREGATE_TALLY_FAST_USAGE_TABLE_H_
#define CPUAGG_AGGREGATE_TALLY_FAST_USAGE_TABLE_H_

#include <algorithm>
#include <array>
#include <bit>
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

  FastUsageTable() : few_(size_t{1} << kFirstBits) {}
  FastUsageTable(FastUsageTable&&) noexcept = default;
  FastUsageTable& operator=(FastUsageTable&&) noexcept = default;

  // The entry of `key`, a new one if there is none. Valid until the next call with another key.
  Entry& operator[](const Key& key) { return entries_[LocateOne(key, HashOf(key, factors_))]; }
  ABSL_ATTRIBUTE_ALWAYS_INLINE Entry& At(uint32_t position) { return entries_[position]; }

  // Finds existing keys of a table that is not large, in a loop that keeps everything necessary in
  // registers. Invalid once a key is added to the table.
  class Finder {
   public:
    explicit Finder(FastUsageTable& table)
        : factors_(table.factors_),
          shift_(table.shift_),
          mask_(table.few_.size() - 1),
          few_(table.few_.data()),
          entries_(table.entries_.data()) {}

    // Null if `key` is not in the table.
    ABSL_ATTRIBUTE_ALWAYS_INLINE Entry* Find(const Key& key) const {
      for (size_t i = HashOf(key, factors_) >> shift_;; i = (i + 1) & mask_) {
        const size_t number = few_[i];
        if (number == 0) return nullptr;
        Entry* const entry = entries_ + (number - 1);
        if (entry->key == key) return entry;
      }
    }

   private:
    HashFactors factors_;
    int shift_;
    size_t mask_;
    const uint16_t* few_;
    Entry* entries_;
  };

  // Finds many keys at once, for tables too large for the caches, in three steps. Each step
  // prefetches what the next one needs. Meanwhile other batches can be processed.
  //
  //   batch.keys[batch.count++] = key; ...
  //   table.FetchSlots(batch); ... table.FetchEntries(batch); ... table.Locate(batch);
  //   table.At(batch.positions[0]).usage
  struct Batch {
    // No more than the processor requests from the memory at once (22 lines on a first-generation
    // EPYC): it drops what is prefetched beyond that.
    static constexpr size_t kMostKeys = 16;

    size_t count = 0;
    std::array<Key, kMostKeys> keys;
    std::array<uint64_t, kMostKeys> hashes;
    std::array<uint32_t, kMostKeys> positions;  // of their entries, which never change
  };
  // (Always inline, since gcc believes that a function which only prefetches does nothing.) All of
  // them keep local copies of what they need, which no store to the batch can change.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void FetchSlots(Batch& batch) const {
    const HashFactors factors = factors_;
    if (!is_large()) {
      for (size_t i = 0; i < batch.count; ++i) batch.hashes[i] = HashOf(batch.keys[i], factors);
      return;
    }
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
    if (!is_large()) {
      batch.positions.fill(kNone);
      return;
    }
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

  // Moves the sums of entries that have reached the limit, up to 2^32, to a Usage.
  ABSL_ATTRIBUTE_NOINLINE void Widen(Entry* const* entries, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (entries[i]->usage.IsFull()) WideOf(*entries[i]);
    }
  }

  size_t size() const { return entries_.size(); }
  bool empty() const { return size() == 0; }
  // Whether the table is too large for the fastest caches.
  bool is_large() const { return entries_.size() > kMostFew; }

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
    size_t at;
    const uint32_t position = PositionOf(key, HashOf(key, factors_), at);
    if (position == kNone) return std::nullopt;
    return UsageOf(entries_[position]);
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

  static constexpr uint32_t kNone = 0xffff'ffff;  // no position
  static constexpr int kFirstBits = 12;
  // As many entries as the second-level cache holds.
  static constexpr size_t kMostFew = (size_t{256} << 10) / sizeof(Entry);
  static_assert(kMostFew < size_t{1} << 16);

  // A slot of a large table is empty (zero), or it has the upper half of its key's hash, and below
  // that the position of the entry plus one.
  static constexpr uint64_t kPositionMask = 0xffff'ffff;
  ABSL_ATTRIBUTE_ALWAYS_INLINE static uint32_t PositionIn(uint64_t slot) {
    return static_cast<uint32_t>(slot) - 1;
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE static bool HasHash(uint64_t slot, uint64_t hash) {
    // Without the mask, which would take a register of the hot loops.
    return static_cast<uint32_t>(slot >> 32) == static_cast<uint32_t>(hash >> 32);
  }

  // The position of the entry of `key`. If there is none: kNone, and `at` is the empty slot where
  // it would be inserted.
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint32_t PositionOf(const Key& key, uint64_t hash,
                                                   size_t& at) const {
    at = hash >> shift_;
    if (!is_large()) {
      for (;; at = (at + 1) & (few_.size() - 1)) {
        if (few_[at] == 0) return kNone;
        const uint32_t position = few_[at] - uint32_t{1};
        if (entries_[position].key == key) return position;
      }
    }
    for (;; at = (at + 1) & (slots_.size() - 1)) {
      const uint64_t slot = slots_[at];
      if (slot == 0) return kNone;
      if (HasHash(slot, hash) && entries_[PositionIn(slot)].key == key) return PositionIn(slot);
    }
  }

  template <typename OtherKey>
  void AddEntry(const FastUsageTable<OtherKey>& other,
                const typename FastUsageTable<OtherKey>::Entry& added, Entry& entry) {
    if (added.wide != 0 || !entry.usage.Add(added.usage)) WideOf(entry) += other.UsageOf(added);
  }

  ABSL_ATTRIBUTE_NOINLINE uint32_t LocateOne(const Key& key, uint64_t hash) {
    size_t at;
    const uint32_t position = PositionOf(key, hash, at);
    return position == kNone ? Insert(key, hash, at) : position;
  }

  // Inserts at the slot `at`, which is empty.
  uint32_t Insert(const Key& key, uint64_t hash, size_t at) {
    const bool was_large = is_large();
    entries_.Append().key = key;
    const size_t size = entries_.size();
    if (!is_large()) {
      few_[at] = static_cast<uint16_t>(size);
      // A key that is not in its first slot costs an unpredictable branch, so the index is sparse.
      if (size * 16 > few_.size()) IndexFew(few_.size() * 2);
    } else if (!was_large) {
      IndexMany();
    } else {
      slots_[at] = SlotOf(hash, size);
      // Up to 5/8 full, which keeps keys close to their first slot.
      if (size * 8 > slots_.size() * 5) Rehash();
    }
    return static_cast<uint32_t>(size - 1);
  }

  static uint64_t SlotOf(uint64_t hash, size_t number) { return (hash & ~kPositionMask) | number; }

  // Makes the index again, with `size` slots, a power of two.
  void IndexFew(size_t size) {
    few_ = PageArray<uint16_t>(size);
    shift_ = 64 - std::countr_zero(size);
    for (size_t number = 1; number <= entries_.size(); ++number) {
      size_t i = HashOf(entries_[number - 1].key, factors_) >> shift_;
      while (few_[i] != 0) i = (i + 1) & (size - 1);
      few_[i] = static_cast<uint16_t>(number);
    }
  }

  // Makes the index of a large table.
  void IndexMany() {
    constexpr int kBits = 16;
    few_ = {};
    slots_ = PageArray<uint64_t>(size_t{1} << kBits);
    shift_ = 64 - kBits;
    for (size_t number = 1; number <= entries_.size(); ++number) {
      const uint64_t hash = HashOf(entries_[number - 1].key, factors_);
      InsertSlot(slots_, SlotOf(hash, number));
    }
  }

  // Doubles the number of slots of a large table. Goes through the old ones in order, so that both
  // arrays are accessed sequentially.
  void Rehash() {
    PageArray<uint64_t> slots(slots_.size() * 2);
    --shift_;
    for (const uint64_t slot : slots_) {
      if (slot != 0) InsertSlot(slots, slot);
    }
    slots_ = std::move(slots);
  }

  void InsertSlot(PageArray<uint64_t>& slots, uint64_t slot) const {
    size_t i = slot >> shift_;
    while (slots[i] != 0) i = (i + 1) & (slots.size() - 1);
    slots[i] = slot;
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
  PageArray<uint16_t> few_;    // the index of a table that is not large
  PageArray<uint64_t> slots_;  // that of a large one
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
