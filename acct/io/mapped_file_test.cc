#include "acct/io/mapped_file.h"

#include <signal.h>
#include <unistd.h>

#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/io/file.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

std::unique_ptr<MappedFile> Map(const std::string& path, uint64_t begin, uint64_t end) {
  absl::StatusOr<File> file = File::OpenForReading(path);
  EXPECT_TRUE(file.ok()) << file.status();
  absl::StatusOr<std::unique_ptr<MappedFile>> mapped =
      MappedFile::Map(*std::move(file), begin, end);
  EXPECT_TRUE(mapped.ok()) << mapped.status();
  return *std::move(mapped);
}

uint64_t SumOf(const MappedFile& file) {
  return std::accumulate(file.bytes().begin(), file.bytes().end(), uint64_t{0});
}

TEST(MappedFileTest, MapsAnyRange) {
  const TempDir dir;
  std::string content(10000, 'a');
  content[5000] = 'b';
  const auto mapped = Map(dir.Write("file", content), 4990, 5010);
  EXPECT_EQ(std::string(mapped->bytes().begin(), mapped->bytes().end()), content.substr(4990, 20));
  EXPECT_TRUE(mapped->CheckNotTruncated().ok());
}

TEST(MappedFileTest, AnEmptyRangeIsEmpty) {
  const TempDir dir;
  EXPECT_TRUE(Map(dir.Write("file", ""), 0, 0)->bytes().empty());
}

TEST(MappedFileTest, GrowthAfterMappingIsNoError) {
  const TempDir dir;
  const auto mapped = Map(dir.Write("file", "0123456789"), 0, 10);
  dir.Append("file", "more");
  EXPECT_EQ(mapped->bytes().size(), 10u);
  EXPECT_TRUE(mapped->CheckNotTruncated().ok());
}

// The pages after the new end raise SIGBUS in a reader without a guard.
TEST(MappedFileTest, TruncationBeforeReadingEndsInDataLossNotInASignal) {
  const TempDir dir;
  const std::string path = dir.Write("file", std::string(1 << 20, 'x'));
  const auto mapped = Map(path, 0, 1 << 20);
  ASSERT_EQ(truncate(path.c_str(), 4096), 0);
  EXPECT_EQ(SumOf(*mapped), 4096u * 'x');
  const absl::Status status = mapped->CheckNotTruncated();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find(path), std::string::npos) << status;
}

TEST(MappedFileTest, TruncationWithinTheLastPageIsNoticedByTheLength) {
  const TempDir dir;
  const std::string path = dir.Write("file", std::string(1000, 'x'));
  const auto mapped = Map(path, 0, 1000);
  ASSERT_EQ(truncate(path.c_str(), 10), 0);
  EXPECT_EQ(mapped->CheckNotTruncated().code(), absl::StatusCode::kDataLoss);
}

TEST(MappedFileTest, TruncationIsRememberedAlthoughTheFileGrewBack) {
  const TempDir dir;
  const std::string path = dir.Write("file", std::string(1 << 16, 'x'));
  const auto mapped = Map(path, 0, 1 << 16);
  ASSERT_EQ(truncate(path.c_str(), 0), 0);
  EXPECT_EQ(SumOf(*mapped), 0u);
  dir.Write("file", std::string(1 << 17, 'y'));
  EXPECT_EQ(mapped->CheckNotTruncated().code(), absl::StatusCode::kDataLoss);
}

TEST(MappedFileTest, TwoMapsAreGuardedEachForItself) {
  const TempDir dir;
  const std::string lost = dir.Write("lost", std::string(1 << 16, 'x'));
  const auto mapped_lost = Map(lost, 0, 1 << 16);
  const auto mapped_kept = Map(dir.Write("kept", std::string(1 << 16, 'x')), 0, 1 << 16);
  ASSERT_EQ(truncate(lost.c_str(), 0), 0);
  EXPECT_EQ(SumOf(*mapped_lost), 0u);
  EXPECT_EQ(SumOf(*mapped_kept), (1u << 16) * 'x');
  EXPECT_TRUE(mapped_kept->CheckNotTruncated().ok());
}

TEST(MappedFileDeathTest, ABusErrorElsewhereStillEndsTheProcess) {
  const TempDir dir;
  const auto mapped = Map(dir.Write("file", "x"), 0, 1);
  // A sanitizer's handler ends the process with an exit status instead of the signal.
  const auto ended = [](int status) { return status != 0; };
  EXPECT_EXIT(raise(SIGBUS); raise(SIGBUS); _exit(0), ended, "");
}

// Such as a crash reporter's.
TEST(MappedFileDeathTest, ABusErrorElsewhereGoesToTheHandlerFromBefore) {
  // In a new process, which has not mapped a file yet.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const TempDir dir;
  const std::string path = dir.Write("file", "x");
  struct sigaction plain = {};
  plain.sa_handler = [](int) { _exit(71); };
  struct sigaction informed = {};
  informed.sa_flags = SA_SIGINFO;
  informed.sa_sigaction = [](int, siginfo_t* info, void*) {
    _exit(info->si_pid == getpid() ? 72 : 1);
  };
  const auto raise_after = [&](const struct sigaction& before) {
    sigaction(SIGBUS, &before, nullptr);
    const auto mapped = Map(path, 0, 1);
    raise(SIGBUS);
    _exit(0);
  };
  EXPECT_EXIT(raise_after(plain), ::testing::ExitedWithCode(71), "");
  EXPECT_EXIT(raise_after(informed), ::testing::ExitedWithCode(72), "");
  GTEST_FLAG_SET(death_test_style, "fast");
}

}  // namespace
}  // namespace cpuagg::acct
