#include "acct/scan/for_each_record.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/read_options.h"
#include "acct/testing/memory_source.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::MemorySource;
using testing::RecordBuilder;
using testing::Repeat;

absl::Span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string Record(uint32_t uid) { return RecordBuilder().Uid(uid).Bytes(); }

using Seen = std::vector<std::pair<uint32_t, uint64_t>>;  // users and offsets

absl::StatusOr<ByteAccount> Read(ByteSource& source, const ReadOptions& options, Seen& seen,
                                 size_t most = std::numeric_limits<size_t>::max()) {
  return ForEachRecord(source, options, [&](const auto& record, uint64_t offset) {
    seen.emplace_back(record.uid().value(), offset);
    return seen.size() < most;
  });
}

TEST(ForEachRecordTest, RecordsComeInOrderWhateverTheBlocks) {
  const std::string file = Record(1) + Record(2) + "stray" + Record(3) + Record(4) + Record(5);
  for (const size_t block_bytes : {size_t{64}, size_t{128}, file.size()}) {
    MemorySource source(BytesOf(file), block_bytes);
    Seen seen;
    const absl::StatusOr<ByteAccount> account = Read(source, {}, seen);
    ASSERT_TRUE(account.ok()) << account.status();
    EXPECT_EQ(seen, (Seen{{1, 0}, {2, 64}, {3, 133}, {4, 197}, {5, 261}})) << block_bytes;
    EXPECT_EQ(account->bytes, file.size());
    EXPECT_EQ(account->records, 5u);
    EXPECT_EQ(account->skipped_bytes, 5u);
  }
}

TEST(ForEachRecordTest, OffsetsAreThoseOfTheFile) {
  const std::string file = Record(1) + Record(2);
  MemorySource source(BytesOf(file));
  Seen seen;
  ASSERT_TRUE(Read(source, {.base = 640}, seen).ok());
  EXPECT_EQ(seen, (Seen{{1, 640}, {2, 704}}));
}

// An odd record counts among records only.
TEST(ForEachRecordTest, WhatStandsInFrontVouchesForTheFirstRecord) {
  const std::string before = Repeat(Record(1), 3);
  const std::string odd = RecordBuilder().Uid(99).BeginTime(0).Command("").Bytes();
  Seen alone;
  MemorySource first(BytesOf(odd));
  ASSERT_TRUE(Read(first, {.base = before.size()}, alone).ok());
  EXPECT_EQ(alone, Seen());
  Seen behind;
  MemorySource second(BytesOf(odd));
  ASSERT_TRUE(Read(second, {.base = before.size(), .before = BytesOf(before)}, behind).ok());
  EXPECT_EQ(behind, (Seen{{99, 192}}));
}

TEST(ForEachRecordTest, NoRecordComesOnceTheSinkHasHadEnough) {
  // More than is scanned in one piece.
  const std::string file = Repeat(Record(1), 40'000);
  for (const size_t block_bytes : {size_t{64}, file.size()}) {
    MemorySource source(BytesOf(file), block_bytes);
    Seen seen;
    const absl::StatusOr<ByteAccount> account = Read(source, {}, seen, /*most=*/3);
    ASSERT_TRUE(account.ok()) << account.status();
    EXPECT_EQ(seen.size(), 3u);
    EXPECT_LT(account->bytes, file.size());
  }
}

TEST(ForEachRecordTest, ElapsedTimesThatAreImpossibleAreCounted) {
  const std::string file =
      Record(1) + RecordBuilder().Uid(2).Elapsed(-1).Bytes() + Record(3) + Record(4);
  MemorySource source(BytesOf(file));
  Seen seen;
  const absl::StatusOr<ByteAccount> account = Read(source, {}, seen);
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_EQ(seen.size(), 4u);
  EXPECT_EQ(account->invalid_elapsed, 1u);
}

// Gives one block, then fails or is cut short.
class BrokenSource : public ByteSource {
 public:
  BrokenSource(absl::Span<const uint8_t> block, absl::Status end, std::string damage)
      : block_(block), end_(std::move(end)), damage_(std::move(damage)) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    if (block_.empty() && !end_.ok()) return end_;
    return std::exchange(block_, {});
  }
  void WillRead(absl::Span<const uint8_t>) const override {}
  const std::string& damage() const override { return damage_; }
  uint64_t size_hint() const override { return 0; }

 private:
  absl::Span<const uint8_t> block_;
  absl::Status end_;
  std::string damage_;
};

TEST(ForEachRecordTest, WhatCameBeforeAnErrorHasBeenSeen) {
  const std::string file = Repeat(Record(1), 20);
  BrokenSource source(BytesOf(file), absl::DataLossError("gone"), "");
  Seen seen;
  EXPECT_EQ(Read(source, {}, seen).status(), absl::DataLossError("gone"));
  EXPECT_GE(seen.size(), 10u);
}

TEST(ForEachRecordTest, TheAccountSaysWhatCutTheInputShort) {
  const std::string file = Repeat(Record(1), 2);
  BrokenSource source(BytesOf(file), absl::OkStatus(), "gzip: unexpected end");
  Seen seen;
  const absl::StatusOr<ByteAccount> account = Read(source, {}, seen);
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_EQ(account->cut_short, "gzip: unexpected end");
  EXPECT_EQ(account->records, 2u);
}

}  // namespace
}  // namespace cpuagg::acct
