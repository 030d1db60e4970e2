// UsageTable: the usage of each key.
//
//   UserTable table;
//   table[record.uid()].Add(record);

#ifndef CPUAGG_AGGREGATE_USAGE_TABLE_H_
#define CPUAGG_AGGREGATE_USAGE_TABLE_H_

#include <compare>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "acct/units.h"
#include "aggregate/usage.h"

namespace cpuagg::aggregate {

// A user in one bucket of time, which is named by the second it begins at.
struct UserBucket {
  acct::Uid uid;
  int64_t begin = 0;  // seconds since 1970

  friend auto operator<=>(const UserBucket&, const UserBucket&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const UserBucket& key) {
    return H::combine(std::move(h), key.uid, key.begin);
  }
};

// Abseil's hash is seeded, so a crafted set of keys cannot make a table slow.
template <typename Key>
using UsageTable = absl::flat_hash_map<Key, Usage>;

using UserTable = UsageTable<acct::Uid>;
using UserBucketTable = UsageTable<UserBucket>;

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_TABLE_H_
