#include "aggregate/report/history.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using ::testing::ElementsAre;

class HistoryTest : public ::testing::Test {
 protected:
  // Writes a file with two records that no other file has, last modified `age` ago.
  std::string Write(const std::string& name, absl::Duration age) {
    std::string records;
    for (int i = 0; i < 2; ++i) records += RecordBuilder().Pid(++pid_).Command("job").Bytes();
    return WriteAs(name, records, age);
  }
  std::string WriteAs(const std::string& name, const std::string& content, absl::Duration age) {
    const std::string path = dir_.Write(name, content);
    const timespec written = absl::ToTimespec(now_ - age);
    const timespec times[] = {written, written};
    EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    return path;
  }

  History Find(absl::Time begin) {
    const absl::StatusOr<History> history = FindHistory({.path = dir_.Path("pacct")}, begin);
    EXPECT_TRUE(history.ok()) << history.status();
    return *history;
  }

  const TempDir dir_;
  const absl::Time now_ = absl::Now();
  uint32_t pid_ = 100;
};

TEST_F(HistoryTest, HasAllGenerationsOldestFirst) {
  const std::string current = Write("pacct", absl::ZeroDuration());
  const std::string newest = Write("pacct.1", absl::Hours(10));
  const std::string oldest = Write("pacct.2", absl::Hours(34));
  const History history = Find(absl::InfinitePast());
  EXPECT_THAT(history.paths, ElementsAre(oldest, newest, current));
  EXPECT_EQ(history.older_files, 0u);
  EXPECT_EQ(history.inodes.size(), 3u);
}

TEST_F(HistoryTest, LeavesOutWhatWasWrittenLastBefore) {
  const std::string current = Write("pacct", absl::Hours(100));
  const std::string newest = Write("pacct.1", absl::Hours(10));
  Write("pacct.2", absl::Hours(34));
  const History history = Find(now_ - absl::Hours(10));
  EXPECT_THAT(history.paths, ElementsAre(newest, current));
  EXPECT_EQ(history.older_files, 1u);
}

TEST_F(HistoryTest, ATimeThatARecordContradictsLeavesNothingOut) {
  const auto record = [&](absl::Duration age) {
    return RecordBuilder()
        .Pid(++pid_)
        .Command("job")
        .BeginTime(static_cast<uint32_t>(absl::ToUnixSeconds(now_ - age)))
        .Bytes();
  };
  const std::string current = Write("pacct", absl::ZeroDuration());
  // Restored with an older time: the first record is older than that, the last one newer.
  const std::string restored =
      WriteAs("pacct.1", record(absl::Hours(100)) + record(absl::Hours(5)), absl::Hours(50));
  // Written by a clock that was behind, and torn.
  const std::string behind = WriteAs(
      "pacct.2", record(absl::Hours(20)) + record(absl::Hours(20)) + "torn", absl::Hours(90));
  WriteAs("pacct.3", record(absl::Hours(60)) + record(absl::Hours(60)), absl::Hours(59));
  const History history = Find(now_ - absl::Hours(10));
  EXPECT_THAT(history.paths, ElementsAre(behind, restored, current));
  EXPECT_EQ(history.older_files, 1u);
}

TEST_F(HistoryTest, HasOneOfCopies) {
  const std::string current = Write("pacct", absl::ZeroDuration());
  const std::string whole = Write("pacct.1", absl::Hours(10));
  WriteAs("pacct.1.copy", acct::testing::ReadFile(whole).substr(0, 64), absl::ZeroDuration());
  EXPECT_THAT(Find(absl::InfinitePast()).paths, ElementsAre(whole, current));
}

TEST_F(HistoryTest, SaysWhatIsNoGeneration) {
  Write("pacct", absl::ZeroDuration());
  ASSERT_EQ(mkdir(dir_.Path("pacct.1").c_str(), 0700), 0);
  dir_.Write("pacct.note", "rotated by hand");
  const History history = Find(absl::InfinitePast());
  ASSERT_EQ(history.passed_over.size(), 1u);
  EXPECT_EQ(history.passed_over[0].path, dir_.Path("pacct.1"));
}

TEST_F(HistoryTest, WithoutAnyFileItIsAnError) {
  EXPECT_EQ(FindHistory({.path = dir_.Path("pacct")}, absl::InfinitePast()).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace cpuagg::aggregate
