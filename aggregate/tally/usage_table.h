// UsageTable: the usage of each key, for what the store keeps: any Usage can be changed in place.
// aggregate/tally/fast_usage_table.h is the one for adding millions of records up.
//
//   UserBucketTable table;
//   table[{record.uid(), hour}].Add(record, record.elapsed_ticks());
//   for (const auto& [key, usage] : table) ...
//
// Keys and usages are stored densely, in order of first use. An open-addressing index of their
// positions finds them. So merging one table into another does not follow the order of hashes,
// which would cluster in the target.

#ifndef CPUAGG_AGGREGATE_TALLY_USAGE_TABLE_H_
#define CPUAGG_AGGREGATE_TALLY_USAGE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "aggregate/tally/table_key.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

template <typename Key>
class UsageTable {
 public:
  struct Entry {
    Key first;
    Usage second;
  };

  UsageTable() : positions_(size_t{1} << kFirstBits) {}

  // The usage of `key`, zero if it is new. Valid until the next call with another key.
  ABSL_ATTRIBUTE_ALWAYS_INLINE Usage& operator[](const Key& key) {
    for (size_t slot = SlotOf(key);; slot = (slot + 1) & mask_) {
      const uint32_t position = positions_[slot];
      if (position == kEmpty) return Insert(key);
      if (entries_[position - 1].first == key) return entries_[position - 1].second;
    }
  }

  // The entry of `key`, or end().
  auto find(const Key& key) const {
    for (size_t slot = SlotOf(key);; slot = (slot + 1) & mask_) {
      const uint32_t position = positions_[slot];
      if (position == kEmpty) return entries_.end();
      if (entries_[position - 1].first == key) return entries_.begin() + (position - 1);
    }
  }

  bool contains(const Key& key) const { return find(key) != end(); }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  UsageTable& operator+=(UsageTable other) {
    // An empty table takes over the other one without copying.
    if (empty()) return *this = std::move(other);
    for (const auto& [key, usage] : other) (*this)[key] += usage;
    return *this;
  }

 private:
  static constexpr uint32_t kEmpty = 0;  // positions are stored plus one
  static constexpr int kFirstBits = 9;

  ABSL_ATTRIBUTE_ALWAYS_INLINE size_t SlotOf(const Key& key) const {
    return HashOf(key, factors_) >> shift_;
  }

  ABSL_ATTRIBUTE_NOINLINE Usage& Insert(const Key& key) {
    entries_.push_back({key, Usage()});
    if (entries_.size() * 2 > positions_.size()) {
      --shift_;
      mask_ = positions_.size() * 2 - 1;
      positions_.assign(positions_.size() * 2, kEmpty);
      for (size_t i = 0; i < entries_.size(); ++i) Place(i);
    } else {
      Place(entries_.size() - 1);
    }
    return entries_.back().second;
  }

  void Place(size_t index) {
    size_t slot = SlotOf(entries_[index].first);
    while (positions_[slot] != kEmpty) slot = (slot + 1) & mask_;
    positions_[slot] = static_cast<uint32_t>(index) + 1;
  }

  HashFactors factors_ = SecretFactors();
  int shift_ = 64 - kFirstBits;
  size_t mask_ = (size_t{1} << kFirstBits) - 1;  // positions_.size() - 1
  std::vector<uint32_t> positions_;
  std::vector<Entry> entries_;
};

// Equal if they have the same keys with the same usage, in any order.
template <typename Key>
bool operator==(const UsageTable<Key>& a, const UsageTable<Key>& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [key, usage] : a) {
    const auto found = b.find(key);
    if (found == b.end() || !(found->second == usage)) return false;
  }
  return true;
}

using UserBucketTable = UsageTable<UserBucket>;
using CommandBucketTable = UsageTable<CommandBucket>;
using GroupTable = UsageTable<GroupKey>;

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_USAGE_TABLE_H_
