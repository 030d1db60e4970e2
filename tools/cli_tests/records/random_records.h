// Accounting files made at random, with what was put into them: all that is well-formed, and all
// that is not.

#ifndef CPUAGG_TOOLS_CLI_TESTS_RECORDS_RANDOM_RECORDS_H_
#define CPUAGG_TOOLS_CLI_TESTS_RECORDS_RANDOM_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "acct/testing/record_builder.h"

namespace cpuagg::tools {

// Each round depends only on the seed and its number, so that it can be repeated.
inline constexpr uint32_t kSeed = 20261123;

// Names around the 8 bytes that sa -u shows and the 32 bytes that sa -m distinguishes, some of them
// equal up to there; one cut inside a character; one that is another user's id; and one user with
// two names.
inline constexpr char kAccounts[] =
    "root:x:0:0::/:/bin/sh\n"
    "daemon:x:1:1::/:/bin/sh\n"
    "eightch8:x:33:33::/:/bin/sh\n"
    "ninechar9:x:42:42::/:/bin/sh\n"
    "eightch8-and-more:x:100:100::/:/bin/sh\n"
    "thirty-one-bytes-long-name-here:x:998:998::/:/bin/sh\n"
    "thirty-two-bytes-long-name-here-:x:1000:1000::/:/bin/sh\n"
    "thirty-two-bytes-long-name-here-3:x:1001:1000::/:/bin/sh\n"
    "seven77ü-split:x:65534:1000::/:/bin/sh\n"
    "a b%s%n:x:65535:1000::/:/bin/sh\n"
    "5555:x:65536:1000::/:/bin/sh\n"
    "-1:x:70001:1000::/:/bin/sh\n"
    "first:x:2147483647:1000::/:/bin/sh\n"
    "second:x:2147483647:1000::/:/bin/sh\n"
    "nobody\xff:x:4294967294:1000::/:/bin/sh\n";

// Ids with and without names, and at the limits of 16 and 32 bits, signed and unsigned.
inline constexpr uint32_t kUids[] = {
    0,     1,     33,    42,    100,        998,         1000,        1001,        5555,
    65534, 65535, 65536, 70001, 1234567890, 2147483647u, 2147483648u, 4294967294u, 4294967295u};

// The content of one record.
struct Planned {
  uint32_t uid = 0;
  uint32_t rate = 100;
  uint64_t user = 0;  // in ticks of `rate`, like the next two
  uint64_t system = 0;
  uint64_t elapsed = 0;
  bool elapsed_is_valid = true;
  uint64_t memory = 0;
  uint64_t io = 0;
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;
};

// Makes the records of one round.
class Generator {
 public:
  explicit Generator(uint32_t round);

  // A number below `limit`.
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(engine_() % limit); }

  template <typename T, size_t kCount>
  T OneOf(const T (&values)[kCount]) {
    return values[Below(kCount)];
  }

  std::string Noise(uint32_t bytes);

  // A record of any version as some kernel may have written it; always 64 bytes.
  std::string Record();

  acct::testing::RecordBuilder::Order Order();

  // A record of one version, with its content. Unless it is odd, every program takes it for a
  // record.
  std::string Record(int version, acct::testing::RecordBuilder::Order order, bool may_be_odd,
                     Planned& plan);

 private:
  static constexpr uint32_t kBegin = 1'600'000'000;

  // Puts a comp_t into `builder` and returns its value.
  uint64_t Put(acct::testing::RecordBuilder& builder,
               acct::testing::RecordBuilder& (acct::testing::RecordBuilder::*put)(uint16_t));

  void PutElapsed(int version, acct::testing::RecordBuilder& builder, bool may_be_odd,
                  Planned& plan);

  std::string Command();

  std::mt19937 engine_;
};

// A file of anything.
std::string AnyFile(Generator& random);

// Keeps `file` among the outputs that Bazel keeps of a failed test, for whoever debugs it.
void Keep(const std::string& file, const std::string& name);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_RECORDS_RANDOM_RECORDS_H_
