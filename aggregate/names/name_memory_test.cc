#include "aggregate/names/name_memory.h"

#include <sys/stat.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::TempDir;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

NameMemory Example() {
  return {{Uid(0), {"root", kNow}},
          {Uid(1004), {"b\xf6se \n name", kNow - absl::Seconds(3599)}},
          {Uid(4294967295u), {std::nullopt, kNow - absl::Seconds(1)}}};
}

TEST(NameMemoryTest, ComesBackAsItWas) {
  EXPECT_EQ(DecodeNames(EncodeNames(Example(), "a"), "a"), Example());
  EXPECT_EQ(DecodeNames(EncodeNames({}, ""), ""), NameMemory());
  EXPECT_EQ(DecodeNames("", ""), NameMemory());
}

TEST(NameMemoryTest, WhateverIsDamagedCountsAsNone) {
  const std::string bytes = EncodeNames(Example(), "a");
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(DecodeNames(bytes.substr(0, length), "a"), NameMemory()) << length;
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const NameMemory memory = DecodeNames(damaged, "a");
      // The bit may have no effect, for example in the number of a field that is still parsed.
      EXPECT_TRUE(memory.empty() || memory == Example()) << at << " " << bit;
    }
  }
}

TEST(NameMemoryTest, AnswersOfOtherAccountsDoNotCount) {
  const std::string bytes = EncodeNames(Example(), "a");
  EXPECT_EQ(DecodeNames(bytes, "b"), NameMemory());
  EXPECT_EQ(DecodeNames(bytes, ""), NameMemory());
  EXPECT_EQ(DecodeNames(EncodeNames(Example(), ""), "a"), NameMemory());
}

TEST(NameMemoryTest, EntriesThatNoDirectoryGivesAreIgnored) {
  NameMemory memory = Example();
  memory[Uid(5)] = {"", kNow};
  memory[Uid(6)] = {std::string("ro\0ot", 5), kNow};
  EXPECT_EQ(DecodeNames(EncodeNames(memory, ""), ""), Example());
}

TEST(NameMemoryTest, WhatWasAskedAnHourAgoOrInTheFutureIsForgotten) {
  NameMemory memory = {{Uid(1), {"now", kNow}},
                       {Uid(2), {"lately", kNow - absl::Hours(1) + absl::Seconds(1)}},
                       {Uid(3), {"an hour ago", kNow - absl::Hours(1)}},
                       {Uid(4), {"in a second", kNow + absl::Seconds(1)}},
                       {Uid(5), {"in an age", absl::InfiniteFuture()}},
                       {Uid(6), {"an age ago", absl::InfinitePast()}}};
  ForgetNames(kNow, memory);
  EXPECT_EQ(memory.size(), 2u);
  EXPECT_TRUE(memory.contains(Uid(1)));
  EXPECT_TRUE(memory.contains(Uid(2)));
}

TEST(NameMemoryTest, AFileIsReplacedWhateverItWas) {
  const TempDir dir;
  const std::string path = dir.Path("names.pb");
  EXPECT_EQ(LoadNames(path, "a"), NameMemory());
  dir.Write("names.pb", "hello");
  EXPECT_EQ(LoadNames(path, "a"), NameMemory());
  ASSERT_TRUE(SaveNames(Example(), "a", path).ok());
  EXPECT_EQ(LoadNames(path, "a"), Example());
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST(NameMemoryTest, WhatIsNoFileIsNotWaitedFor) {
  const TempDir dir;
  ASSERT_EQ(mkfifo(dir.Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(LoadNames(dir.Path("pipe"), ""), NameMemory());
  ASSERT_EQ(mkdir(dir.Path("folder").c_str(), 0700), 0);
  EXPECT_EQ(LoadNames(dir.Path("folder"), ""), NameMemory());
  EXPECT_FALSE(SaveNames(Example(), "", dir.Path("folder")).ok());
}

}  // namespace
}  // namespace cpuagg::aggregate
