// Collect runs while a file with damage grows: the store gets what a report of the whole file has.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/record_builder.h"
#include "aggregate/collect/collector.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;
using testing::Gzipped;

class CollectorGrowingDamageTest : public testing::CollectorFixture {
 protected:
  // The records of users `from` to `to - 1`.
  static std::string Of(uint32_t from, uint32_t to) {
    std::string records;
    for (uint32_t uid = from; uid < to; ++uid) {
      records += RecordBuilder()
                     .Uid(uid)
                     .Pid(1000 + uid)
                     .BeginTime(1'700'000'000 + uid)
                     .UserTime(1)
                     .Command("make")
                     .Bytes();
    }
    return records;
  }
  static Processes Users(uint32_t from, uint32_t to) {
    Processes users;
    for (uint32_t uid = from; uid < to; ++uid) users[uid] = 1;
    return users;
  }

  // Collects, and keeps the sums of what the runs account for.
  CollectResult CollectMore() {
    CollectResult result = CollectNow();
    for (const acct::ByteAccount& input : result.inputs) {
      bytes_ += input.bytes;
      skipped_bytes_ += input.skipped_bytes;
      trailing_bytes_ += input.trailing_bytes;
      records_ += input.records;
    }
    return result;
  }

  // What of `file` is in the store if a run reads it when it has `cut` bytes, and another one when
  // it is whole, and if it is rotated after that.
  Processes StoredInSteps(const std::string& file, size_t cut) {
    std::filesystem::remove_all(store_.directory());
    std::filesystem::remove(dir_.Path("pacct.0"));
    bytes_ = skipped_bytes_ = trailing_bytes_ = records_ = 0;
    dir_.Write("pacct", file.substr(0, cut));
    CollectMore();
    dir_.Append("pacct", file.substr(cut));
    CollectMore();
    Rotate();
    dir_.Write("pacct", Of(99, 100));
    CollectMore();
    EXPECT_EQ(bytes_, file.size() + 64);
    EXPECT_EQ(records_ * 64 + skipped_bytes_ + trailing_bytes_, bytes_);
    EXPECT_EQ(CollectNow().records, 0u);
    Processes stored = Stored();
    EXPECT_EQ(stored.erase(99), 1u);
    return stored;
  }

  uint64_t bytes_ = 0;
  uint64_t skipped_bytes_ = 0;
  uint64_t trailing_bytes_ = 0;
  uint64_t records_ = 0;
};

TEST_F(CollectorGrowingDamageTest, ARecordBehindStrayBytesIsNotLostWhileItIsIncomplete) {
  const std::string file = Of(1, 8) + "\x7fxyz" + Of(8, 10);
  EXPECT_EQ(StoredInSteps(file, 515), Users(1, 10));
  EXPECT_EQ(skipped_bytes_, 4u);
  const std::string longer = Of(1, 5) + std::string(63, '\x7f') + Of(5, 7);
  EXPECT_EQ(StoredInSteps(longer, 320), Users(1, 7));
  EXPECT_EQ(skipped_bytes_, 63u);
}

TEST_F(CollectorGrowingDamageTest, OfATornRecordAndZerosNothingCounts) {
  const std::string torn = Of(50, 51).substr(0, 20) + std::string(64, '\0');
  const std::string file = Of(1, 3) + torn + Of(3, 9);
  EXPECT_EQ(StoredInSteps(file, 2 * 64 + torn.size()), Users(1, 9));
  EXPECT_EQ(skipped_bytes_, torn.size());
}

TEST_F(CollectorGrowingDamageTest, WhereverTheFileIsCutTheStoreHasTheSame) {
  for (const std::string& damage :
       {std::string("stray"), std::string(10, '\0'), Of(50, 51).substr(0, 48)}) {
    const std::string file = Of(1, 3) + damage + Of(3, 5);
    for (size_t cut = 100; cut < file.size(); cut += 7) {
      SCOPED_TRACE(absl::StrCat(damage.size(), " bytes, cut at ", cut));
      EXPECT_EQ(StoredInSteps(file, cut), Users(1, 5));
      EXPECT_EQ(skipped_bytes_, damage.size());
    }
  }
}

TEST_F(CollectorGrowingDamageTest, WhatWaitsIsReportedByEachRunAndReadFromACompressedFile) {
  const std::string file = Of(1, 4) + "stray" + Of(4, 6);
  dir_.Write("pacct", file);
  for (int run = 0; run < 2; ++run) {
    const CollectResult result = CollectMore();
    ASSERT_EQ(result.held.size(), 1u);
    EXPECT_EQ(result.held[0].name, Pacct());
    EXPECT_EQ(result.held[0].offset + result.held[0].bytes, file.size());
  }
  EXPECT_EQ(skipped_bytes_, 0u);
  EXPECT_EQ(List().last_run, 1u) << "the second run has nothing to publish";
  Remove("pacct");
  dir_.Write("pacct.1.gz", Gzipped(file));
  dir_.Write("pacct", Of(6, 7));
  EXPECT_TRUE(CollectMore().held.empty());
  EXPECT_EQ(Stored(), Users(1, 7));
  EXPECT_EQ(skipped_bytes_, 5u);
}

TEST_F(CollectorGrowingDamageTest, WhatWaitsInAFileWaitsInACopyOfItAsWell) {
  for (const std::string& begin : {Of(1, 4), std::string()}) {
    for (const bool is_compressed : {false, true}) {
      for (const bool copy_is_left : {false, true}) {
        SCOPED_TRACE(absl::StrCat(begin.size(), is_compressed, copy_is_left));
        std::filesystem::remove_all(store_.directory());
        for (const std::string name : {"pacct.0", "pacct.backup", "pacct.1.gz"}) {
          std::filesystem::remove(dir_.Path(name));
        }
        const std::string file = begin + std::string(70, '\x7f') + Of(4, 6);
        dir_.Write("pacct", file);
        if (is_compressed) {
          dir_.Write("pacct.1.gz", Gzipped(file));
        } else {
          dir_.Write("pacct.backup", file);
        }
        CollectNow();
        CollectNow();
        Rotate();
        if (copy_is_left) Remove("pacct.0");
        dir_.Write("pacct", Of(6, 7));
        CollectNow();
        CollectNow();
        EXPECT_EQ(Stored(), begin.empty() ? Users(4, 7) : Users(1, 7));
      }
    }
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
