// Generations that somebody has joined to one file: their records are known again.

#include <cstdio>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "aggregate/collect/collector.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using testing::Gzipped;

class JoinedGenerationsTest : public testing::CollectorFixture {};

TEST_F(JoinedGenerationsTest, AGenerationThatIsAppendedToAnotherIsNotCountedAgain) {
  const std::string older = Records(8);
  const std::string newer = Records(9);
  for (const bool is_compressed : {false, true}) {
    SCOPED_TRACE(is_compressed);
    std::filesystem::remove_all(store_.directory());
    dir_.Write("pacct.2", older);
    dir_.Write("pacct.1", newer);
    dir_.Write("pacct", Records(2));
    CollectNow();
    Remove("pacct.1");
    Remove("pacct.2");
    // Records added meanwhile are counted.
    const std::string joined = older + newer + Records(1) + newer + Records(1);
    dir_.Write(is_compressed ? "pacct.2.gz" : "pacct.2", is_compressed ? Gzipped(joined) : joined);
    const CollectResult result = CollectNow();
    EXPECT_EQ(result.records, 2u);
    EXPECT_TRUE(result.held.empty());
    ASSERT_EQ(result.known_records.size(), 2u);
    EXPECT_EQ(result.known_records[0].begin, 8u * 64);
    EXPECT_EQ(result.known_records[0].end, 17u * 64);
    EXPECT_EQ(result.known_records[1].begin, 18u * 64);
    EXPECT_EQ(Total(), 21u);
    EXPECT_EQ(CollectNow().records, 0u);
    std::filesystem::remove(dir_.Path("pacct.2"));
    std::filesystem::remove(dir_.Path("pacct.2.gz"));
  }
}

// A copy made while it grew has the same first record, and ends sooner.
TEST_F(JoinedGenerationsTest, OfAJoinedGenerationThatHadACopyNothingCountsAgain) {
  const std::string older = Records(8);
  const std::string newer = Records(9);
  dir_.Write("pacct.2", older);
  dir_.Write("pacct.copy", newer.substr(0, size_t{4} * 64));
  dir_.Write("pacct", Records(2));
  CollectNow();
  dir_.Write("pacct.1", newer);
  EXPECT_EQ(CollectNow().records, 5u);
  Remove("pacct.1");
  Remove("pacct.copy");
  dir_.Append("pacct.2", newer);
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Total(), 19u);
}

// A generation that may have grown, and was appended to another one, is not missing.
TEST_F(JoinedGenerationsTest, TheLastGenerationAppendedToAnotherLeavesNoGap) {
  dir_.Write("pacct.1", Records(8));
  const std::string last = Records(4);
  dir_.Write("pacct", last);
  CollectNow();
  dir_.Append("pacct.1", last + Records(3));
  dir_.Write("pacct", Records(1));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 4u);
  EXPECT_TRUE(result.held.empty());
  EXPECT_TRUE(result.gaps.empty());
  EXPECT_EQ(Total(), 16u);
}

// The file at the path still grows, and what follows its own records is not waiting to be read.
TEST_F(JoinedGenerationsTest, AGenerationThatIsAppendedToAGrowingFileDoesNotWait) {
  const std::string newer = Records(9);
  dir_.Write("pacct.1", newer);
  dir_.Write("pacct", Records(8));
  CollectNow();
  Remove("pacct.1");
  dir_.Append("pacct", Records(1) + newer);
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 1u);
  EXPECT_EQ(result.known_records.size(), 1u);
  EXPECT_TRUE(result.held.empty());
  EXPECT_EQ(Total(), 18u);
}

// More than are looked up at once in one file.
TEST_F(JoinedGenerationsTest, ManyGenerationsThatAreJoinedAreNotCountedAgain) {
  constexpr int kGenerations = 1200;
  std::string joined = Records(2);
  for (int i = kGenerations; i > 0; --i) {
    const std::string records = Records(2);
    dir_.Write(absl::StrCat("pacct.", i), records);
    joined += records;
  }
  dir_.Write("pacct", Records(1));
  CollectNow();
  for (int i = kGenerations; i > 0; --i) Remove(absl::StrCat("pacct.", i));
  dir_.Write("pacct.joined", joined);
  EXPECT_EQ(CollectNow().records, 2u);
  EXPECT_EQ(Total(), 2u * kGenerations + 3);
}

// The same short command many times over does not count as a known generation.
TEST_F(JoinedGenerationsTest, RecordsThatAreAllAlikeAreAllCounted) {
  const std::string record = Record(1);
  dir_.Write("pacct", "");
  for (int run = 1; run <= 5; ++run) {
    dir_.Append("pacct", acct::testing::Repeat(record, 10));
    EXPECT_EQ(CollectNow().records, 10u) << run;
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
