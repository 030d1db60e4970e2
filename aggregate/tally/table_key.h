// The keys by which usage is summed, and their hash functions.

#ifndef CPUAGG_AGGREGATE_TALLY_TABLE_KEY_H_
#define CPUAGG_AGGREGATE_TALLY_TABLE_KEY_H_

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <random>

#include "absl/base/attributes.h"
#include "acct/record/units.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

// A user and a bucket of time, which is identified by its beginning.
struct UserBucket {
  acct::Uid uid;
  int64_t begin = 0;  // seconds since 1970

  friend auto operator<=>(const UserBucket&, const UserBucket&) = default;
};

// What a user ran under one name: of five words, so that it lies in one line of the cache with its
// usage (aggregate/tally/fast_usage_table.h).
struct UserCommand {
  acct::Uid uid;
  std::array<uint32_t, 4> words = {};  // the command's CommandBits

  ABSL_ATTRIBUTE_ALWAYS_INLINE CommandBits command() const {
    return std::bit_cast<CommandBits>(words);
  }
  // Without branches, because the hot loop compares the key of every record.
  ABSL_ATTRIBUTE_ALWAYS_INLINE friend bool operator==(const UserCommand& a, const UserCommand& b) {
    return ((a.uid.value() ^ b.uid.value()) | (a.command()[0] ^ b.command()[0]) |
            (a.command()[1] ^ b.command()[1])) == 0;
  }
};

// A user, a command and a bucket of time.
struct CommandBucket {
  acct::Uid uid;
  int64_t begin = 0;  // seconds since 1970
  CommandBits command = {};

  friend auto operator<=>(const CommandBucket&, const CommandBucket&) = default;
  // Without branches, as above.
  ABSL_ATTRIBUTE_ALWAYS_INLINE friend bool operator==(const CommandBucket& a,
                                                      const CommandBucket& b) {
    return ((a.uid.value() ^ b.uid.value()) | static_cast<uint64_t>(a.begin ^ b.begin) |
            (a.command[0] ^ b.command[0]) | (a.command[1] ^ b.command[1])) == 0;
  }
};

// Secret odd numbers; constant as long as the process lives.
using HashFactors = std::array<uint64_t, 8>;
inline const HashFactors& SecretFactors() {
  static const HashFactors factors = [] {
    std::random_device device;
    HashFactors drawn = {};
    for (uint64_t& factor : drawn) factor = (uint64_t{device()} << 32 | device()) | 1;
    return drawn;
  }();
  return factors;
}

// Multiplies each field by a factor of its own; mixes the halves of the sum, and multiplies it
// again. The upper bits of the result are the hash. With known factors, a crafted file could make
// all its keys collide, and take quadratic time. With a single multiplication (multiply-shift,
// Dietzfelbinger and others, 1997), consecutive keys such as uids would have equal distances, and
// would cluster if these are less than a slot.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t Mixed(uint64_t sum, const HashFactors& f) {
  return (sum ^ sum >> 32) * f[0];
}
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t HashOf(acct::Uid uid, const HashFactors& f) {
  return Mixed(uid.value() * f[1], f);
}
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t HashOf(const UserBucket& key, const HashFactors& f) {
  return Mixed(key.uid.value() * f[1] + static_cast<uint64_t>(key.begin) * f[2], f);
}
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t HashOf(const UserCommand& key, const HashFactors& f) {
  return Mixed(key.uid.value() * f[1] + key.command()[0] * f[3] + key.command()[1] * f[4], f);
}
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t HashOf(const CommandBucket& key,
                                                    const HashFactors& f) {
  return Mixed(key.uid.value() * f[1] + static_cast<uint64_t>(key.begin) * f[2] +
                   key.command[0] * f[3] + key.command[1] * f[4],
               f);
}
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t HashOf(const GroupKey& key, const HashFactors& f) {
  return Mixed(key.uid.value() * f[1] + static_cast<uint64_t>(key.begin) * f[2] +
                   key.command[0] * f[3] + key.command[1] * f[4] + key.gid.value() * f[5] +
                   key.device_and_signal() * f[6] + key.account * f[7],
               f);
}

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_TABLE_KEY_H_
