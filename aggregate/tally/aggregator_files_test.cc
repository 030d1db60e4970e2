// Several files that are added to one table.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/tally/aggregator.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;

// As long as the sums of the table cannot overflow.
TEST(AggregatorFilesTest, FilesThatAreAddedToOneTableHaveTheSumsAndTheAccountsOfEach) {
  const TempDir dir;
  std::vector<std::string> paths;
  for (uint32_t file = 0; file < 4; ++file) {
    std::string records;
    for (uint32_t i = 0; i < 300; ++i) {
      records += RecordBuilder(i % 100 == 50 ? 2 : 3)
                     .Uid(i % 40 + 20 * file)
                     .BeginTime(1'700'000'000 + 100 * file + i)
                     .Elapsed(i % 100 == 99 && file == 2 ? -1 : 5)
                     .UserTime(0xffff)
                     .Bytes();
    }
    paths.push_back(dir.Write(absl::StrCat("pacct", file), records + std::string(file, 'x')));
  }
  const Period periods[] = {
      {},
      {.begin = absl::FromUnixSeconds(1'700'000'150), .end = absl::FromUnixSeconds(1'800'000'000)}};
  // The last is nearly the most that a table can hold.
  constexpr uint64_t kMost = acct::kMaxRecordsPerAccumulator * acct::kPackedV1Bytes;
  for (const uint64_t before : {uint64_t{0}, kMost - 40'000, kMost}) {
    for (const Period& period : periods) {
      UserTotals together{.period = period, .bytes = before};
      UserTotals apart{.period = period};
      for (const std::string& path : paths) {
        const absl::StatusOr<std::unique_ptr<acct::ByteSource>> first = acct::OpenSource(path);
        const absl::StatusOr<std::unique_ptr<acct::ByteSource>> second = acct::OpenSource(path);
        ASSERT_TRUE(first.ok() && second.ok());
        UserTotals alone = apart.Fresh();
        const absl::StatusOr<acct::ByteAccount> account = Aggregate(**first, {}, together);
        const absl::StatusOr<acct::ByteAccount> expected = Aggregate(**second, {}, alone);
        ASSERT_TRUE(account.ok() && expected.ok());
        EXPECT_EQ(account->bytes, expected->bytes);
        EXPECT_EQ(account->records, 300u);
        EXPECT_EQ(account->trailing_bytes, expected->trailing_bytes);
        EXPECT_EQ(account->invalid_elapsed, expected->invalid_elapsed) << path;
        apart.Merge(std::move(alone));
      }
      EXPECT_TRUE(together.usage == apart.usage) << before;
      EXPECT_EQ(together.bytes, before + apart.bytes);
      EXPECT_EQ(together.span.first_begin, apart.span.first_begin);
      EXPECT_EQ(together.span.last_end, apart.span.last_end);
      EXPECT_EQ(together.first_end, apart.first_end);
      EXPECT_EQ(together.last_end, apart.last_end);
    }
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
