#include "acct/scan/shared_bytes.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/record/layout.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;
using testing::Repeat;
using testing::TempDir;

std::string Record(uint32_t pid) { return RecordBuilder().Pid(pid).Bytes(); }

TEST(SharedBytesTest, FilesAreTheSameUpToTheFirstByteThatDiffers) {
  const TempDir dir;
  const std::string a = dir.Write("a", Record(1) + Record(2) + Record(3) + Record(5));
  const std::string b = dir.Write("b", Record(2) + Record(4) + Record(6));
  const absl::StatusOr<SharedBytes> shared = CompareFrom(a, kRecordBytes, b, 0);
  ASSERT_TRUE(shared.ok()) << shared.status();
  // A process id stands at offset 16.
  EXPECT_EQ(shared->bytes, kRecordBytes + 16);
  EXPECT_EQ(shared->beginning, Record(2) + Record(3).substr(0, 16));
  EXPECT_FALSE(shared->reaches_end_of_first);
  EXPECT_FALSE(shared->reaches_end_of_second);
}

TEST(SharedBytesTest, ATornRecordAtTheEndDoesNotCount) {
  const TempDir dir;
  const std::string longer = dir.Write("longer", Record(1) + Record(2) + Record(3));
  const std::string torn = dir.Write("torn", Record(1) + Record(9).substr(0, kRecordBytes - 1));
  const absl::StatusOr<SharedBytes> shared = CompareFrom(longer, 0, torn, 0);
  ASSERT_TRUE(shared.ok()) << shared.status();
  EXPECT_FALSE(shared->reaches_end_of_first);
  EXPECT_TRUE(shared->reaches_end_of_second);
}

// A compressed file comes in blocks. Behind stray bytes, records do not end where a block does.
TEST(SharedBytesTest, ATornRecordThatTwoBlocksShareDoesNotCountEither) {
  constexpr size_t kBlockBytes = size_t{1} << 20;
  constexpr size_t kInFirstBlock = 40;
  constexpr size_t kBegin = kRecordBytes - kInFirstBlock;
  const TempDir dir;
  const std::string same = Repeat(Record(1), kBlockBytes / kRecordBytes - 1);
  const std::string longer = dir.Write("longer", same + Record(2) + Record(3));
  const struct {
    const char* name;
    std::string rest;
    bool is_end;
  } kCases[] = {
      {"torn", Record(9).substr(0, kRecordBytes - 1), true},
      {"whole", Record(9) + Record(10), false},
  };
  for (const auto& row : kCases) {
    SCOPED_TRACE(row.name);
    const std::string copy = dir.Write(row.name, std::string(kBegin, 's') + same + row.rest);
    ASSERT_EQ(std::system(("gzip " + copy).c_str()), 0);
    const absl::StatusOr<SharedBytes> shared = CompareFrom(longer, 0, copy + ".gz", kBegin);
    ASSERT_TRUE(shared.ok()) << shared.status();
    EXPECT_EQ(shared->bytes, same.size() + 16);
    EXPECT_EQ(shared->reaches_end_of_second, row.is_end);
  }
}

TEST(SharedBytesTest, AFileThatIsMissingIsAnError) {
  const TempDir dir;
  const std::string a = dir.Write("a", Record(1));
  EXPECT_TRUE(absl::IsNotFound(CompareFrom(a, 0, dir.Path("missing"), 0).status()));
}

TEST(SharedBytesTest, ARecordWithAProcessIdIsProofAndOfOthersFourThatDiffer) {
  const auto without_pid = [](uint32_t uid) { return RecordBuilder(2).Uid(uid).Bytes(); };
  const struct {
    const char* name;
    std::string bytes;
    bool is_proof;
  } kCases[] = {
      {"nothing", "", false},
      {"part of a record", Record(1).substr(0, kRecordBytes - 1), false},
      {"one with a process id", Record(1), true},
      {"three without", without_pid(1) + without_pid(2) + without_pid(3), false},
      {"four without", without_pid(1) + without_pid(2) + without_pid(3) + without_pid(4), true},
      {"nine alike", Repeat(without_pid(1), 9), false},
  };
  for (const auto& row : kCases) {
    const SharedBytes shared = {.bytes = row.bytes.size(), .beginning = row.bytes};
    EXPECT_EQ(IsProof(shared, kRecordBytes), row.is_proof) << row.name;
  }
}

}  // namespace
}  // namespace cpuagg::acct
