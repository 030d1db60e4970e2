// UsageTable: the usage of each key, made for adding millions of records up.
//
//   UserTable table;
//   table[record.uid()].Add(record);
//   for (const auto& [uid, usage] : table) ...
//
// Keys and usages lie densely in the order in which the keys first came; an open-addressing index
// of their positions finds them. So growing moves 4 bytes a key, iterating is a walk over an array,
// and merging one table into another does not follow the order of hashes, which would pile up in
// the target.

#ifndef CPUAGG_AGGREGATE_USAGE_TABLE_H_
#define CPUAGG_AGGREGATE_USAGE_TABLE_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "acct/units.h"
#include "aggregate/grouping.h"
#include "aggregate/usage.h"

namespace cpuagg::aggregate {

// A user in one bucket of time, which is named by the second it begins at.
struct UserBucket {
  acct::Uid uid;
  int64_t begin = 0;  // seconds since 1970

  friend auto operator<=>(const UserBucket&, const UserBucket&) = default;
};

// What a user ran under one name in one bucket of time.
struct CommandBucket {
  acct::Uid uid;
  int64_t begin = 0;  // seconds since 1970
  CommandBits command = {};

  friend auto operator<=>(const CommandBucket&, const CommandBucket&) = default;
};

// Odd numbers that nobody outside knows; the same as long as the process lives.
using HashFactors = std::array<uint64_t, 7>;
inline const HashFactors& SecretFactors() {
  static const HashFactors factors = [] {
    std::random_device device;
    HashFactors drawn = {};
    for (uint64_t& factor : drawn) factor = (uint64_t{device()} << 32 | device()) | 1;
    return drawn;
  }();
  return factors;
}

// Multiply-shift hashing (Dietzfelbinger and others, 1997): the upper bits of the result are the
// hash. With known factors a crafted file could have all its keys in one place and take quadratic
// time.
inline uint64_t HashOf(acct::Uid uid, const HashFactors& f) { return uid.value() * f[0]; }
inline uint64_t HashOf(const UserBucket& key, const HashFactors& f) {
  return key.uid.value() * f[0] + static_cast<uint64_t>(key.begin) * f[1];
}
inline uint64_t HashOf(const CommandBucket& key, const HashFactors& f) {
  return key.uid.value() * f[0] + static_cast<uint64_t>(key.begin) * f[1] + key.command[0] * f[2] +
         key.command[1] * f[3];
}
inline uint64_t HashOf(const GroupKey& key, const HashFactors& f) {
  return key.uid.value() * f[0] + static_cast<uint64_t>(key.begin) * f[1] + key.gid.value() * f[2] +
         key.tty * f[3] + key.command[0] * f[4] + key.command[1] * f[5] + key.account * f[6];
}

template <typename Key>
class UsageTable {
 public:
  using Entry = std::pair<Key, Usage>;

  UsageTable() : positions_(size_t{1} << kFirstBits) {}

  // The usage of `key`, zero when it is new. Valid until the next call with another key.
  ABSL_ATTRIBUTE_ALWAYS_INLINE Usage& operator[](const Key& key) {
    const size_t mask = positions_.size() - 1;
    for (size_t slot = SlotOf(key);; slot = (slot + 1) & mask) {
      const uint32_t position = positions_[slot];
      if (position == kEmpty) return Insert(key);
      if (entries_[position - 1].first == key) return entries_[position - 1].second;
    }
  }

  // The entry of `key`, or end().
  auto find(const Key& key) const {
    const size_t mask = positions_.size() - 1;
    for (size_t slot = SlotOf(key);; slot = (slot + 1) & mask) {
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

  UsageTable& operator+=(const UsageTable& other) {
    for (const auto& [key, usage] : other) (*this)[key] += usage;
    return *this;
  }

 private:
  static constexpr uint32_t kEmpty = 0;  // a position is stored plus one
  static constexpr int kFirstBits = 9;

  size_t SlotOf(const Key& key) const { return HashOf(key, factors_) >> shift_; }

  ABSL_ATTRIBUTE_NOINLINE Usage& Insert(const Key& key) {
    entries_.emplace_back(key, Usage());
    if (entries_.size() * 2 > positions_.size()) {
      --shift_;
      positions_.assign(positions_.size() * 2, kEmpty);
      for (size_t i = 0; i < entries_.size(); ++i) Place(i);
    } else {
      Place(entries_.size() - 1);
    }
    return entries_.back().second;
  }

  void Place(size_t index) {
    const size_t mask = positions_.size() - 1;
    size_t slot = SlotOf(entries_[index].first);
    while (positions_[slot] != kEmpty) slot = (slot + 1) & mask;
    positions_[slot] = static_cast<uint32_t>(index) + 1;
  }

  HashFactors factors_ = SecretFactors();
  int shift_ = 64 - kFirstBits;
  std::vector<uint32_t> positions_;
  std::vector<Entry> entries_;
};

// Equal if they have the same keys with the same usage, in whatever order.
template <typename Key>
bool operator==(const UsageTable<Key>& a, const UsageTable<Key>& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [key, usage] : a) {
    const auto found = b.find(key);
    if (found == b.end() || !(found->second == usage)) return false;
  }
  return true;
}

using UserTable = UsageTable<acct::Uid>;
using UserBucketTable = UsageTable<UserBucket>;
using CommandBucketTable = UsageTable<CommandBucket>;
using GroupTable = UsageTable<GroupKey>;

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_TABLE_H_
