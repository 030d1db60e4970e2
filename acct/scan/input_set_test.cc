#include "acct/scan/input_set.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <ios>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/io/byte_source.h"
#include "acct/record/layout.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/read_options.h"
#include "acct/scan/record_reader.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;
using testing::Repeat;
using testing::TempDir;

struct UidTally {
  std::vector<uint32_t> uids;

  template <typename Record>
  void Add(const Record& record, uint64_t) {
    uids.push_back(record.uid().value());
  }
  UidTally Fresh() const { return {}; }
  void Merge(const UidTally& other) {
    uids.insert(uids.end(), other.uids.begin(), other.uids.end());
  }
};

struct Read {
  std::vector<uint32_t> uids;
  std::vector<ByteAccount> accounts;
  std::vector<Input> inputs;
  int rounds = 0;
};

// Reads all inputs; the accounts have what was read last.
absl::Status ReadOnce(InputSet& set, Read& read) {
  read.uids.clear();
  read.accounts.clear();
  for (size_t i = 0; i < set.inputs().size(); ++i) {
    UidTally tally;
    absl::StatusOr<ByteAccount> account =
        set.ReadInput(i, [&](ByteSource& source, const ReadOptions& options) {
          return ReadRecords(source, options, tally);
        });
    if (!account.ok()) return account.status();
    read.uids.insert(read.uids.end(), tally.uids.begin(), tally.uids.end());
    read.accounts.push_back(*std::move(account));
  }
  return absl::OkStatus();
}

Read ReadAll(const std::vector<std::string>& paths) {
  Read read;
  absl::StatusOr<InputSet> set = InputSet::Open(paths, RecordFormat());
  EXPECT_TRUE(set.ok()) << set.status();
  const absl::Status status = set->Resolve([&] {
    ++read.rounds;
    return ReadOnce(*set, read);
  });
  EXPECT_TRUE(status.ok()) << status;
  read.inputs = set->inputs();
  return read;
}

// The records [from, to) of a history in which all records differ.
std::string History(uint32_t from, uint32_t to) {
  std::string file;
  for (uint32_t i = from; i < to; ++i) {
    file += RecordBuilder().Uid(i).Pid(1000 + i).BeginTime(1'700'000'000 + i).Bytes();
  }
  return file;
}

std::vector<uint32_t> Uids(uint32_t from, uint32_t to) {
  std::vector<uint32_t> uids;
  for (uint32_t i = from; i < to; ++i) uids.push_back(i);
  return uids;
}

// What another file has as well is not read again, but still precedes the rest.
TEST(InputSetTest, WhatRepeatsVouchesForTheOddRecordsBehindIt) {
  const TempDir dir;
  const std::string odd = RecordBuilder().Uid(99).BeginTime(0).Command("").Bytes();
  std::vector<uint32_t> uids = Uids(0, 20);
  uids.push_back(99);
  for (const uint32_t first : {0u, 10u, 19u}) {
    const Read read = ReadAll(
        {dir.Write("whole", History(0, 20)), dir.Write("window", History(first, 20) + odd)});
    EXPECT_EQ(read.uids, uids) << first;
  }
  // A torn or odd record does not count without a record before it.
  EXPECT_EQ(ReadAll({dir.Write("whole", History(0, 20)), dir.Write("odd", odd)}).uids, Uids(0, 20));
}

// A pipe is read once only, but files are read again where they have something in common.
TEST(InputSetTest, WhatComesThroughPipesIsKeptAndCompared) {
  const TempDir dir;
  std::vector<std::string> pipes;
  std::vector<std::thread> writers;
  for (const uint32_t first : {0u, 10u}) {
    const std::string pipe = dir.Path(absl::StrCat("pipe", first));
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    pipes.push_back(pipe);
    writers.emplace_back([pipe, content = History(first, first + 20)] {
      std::ofstream(pipe, std::ios::binary) << content;
    });
  }
  const Read read = ReadAll(pipes);
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(read.uids, Uids(0, 30));
  ASSERT_EQ(read.inputs.size(), 2u);
  EXPECT_EQ(read.inputs[1].name, pipes[1]);
}

TEST(InputSetTest, WithoutRoomForWhatComesThroughPipesTheFolderIsNamed) {
  const TempDir dir;
  const std::string pipe = dir.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  // Neither end waits for the other.
  const int both_ends = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(both_ends, 0);
  const char* const before = std::getenv("TMPDIR");
  const std::string old = before == nullptr ? "" : before;
  setenv("TMPDIR", dir.Path("none").c_str(), 1);
  const absl::StatusOr<InputSet> set =
      InputSet::Open({pipe, dir.Write("file", History(0, 2))}, RecordFormat());
  if (before == nullptr) unsetenv("TMPDIR");
  if (before != nullptr) setenv("TMPDIR", old.c_str(), 1);
  close(both_ends);
  EXPECT_THAT(std::string(set.status().message()),
              ::testing::StartsWith(dir.Path("none") + ": cannot create a temporary file there"));
}

TEST(InputSetTest, FilesThatFollowOneAnotherAreAllRead) {
  const TempDir dir;
  const Read read = ReadAll({dir.Write("a", History(0, 10)), dir.Write("b", History(10, 20)),
                             dir.Write("empty", ""), dir.Write("c", History(20, 30))});
  EXPECT_EQ(read.uids, Uids(0, 30));
  EXPECT_EQ(read.rounds, 1);
  for (const Input& input : read.inputs) EXPECT_EQ(input.repeated_bytes, 0u);
}

TEST(InputSetTest, TheSameFileTwiceCountsOnce) {
  const TempDir dir;
  const std::string path = dir.Write("a", History(0, 10));
  const Read read = ReadAll({path, path});
  EXPECT_EQ(read.uids, Uids(0, 10));
  EXPECT_EQ(read.rounds, 1);
  EXPECT_FALSE(read.inputs[0].is_copy);
  EXPECT_TRUE(read.inputs[1].is_copy);
  EXPECT_EQ(read.inputs[1].repeats, path);
  EXPECT_EQ(read.inputs[1].repeated_bytes, 640u);
}

TEST(InputSetTest, AnEarlierCopyOfAFileThatGrewCountsOnce) {
  const TempDir dir;
  const std::string early = dir.Write("early", History(0, 10) + "torn");
  const std::string late = dir.Write("late", History(0, 25));
  EXPECT_EQ(ReadAll({early, late}).uids, Uids(0, 25));
  EXPECT_EQ(ReadAll({late, early}).uids, Uids(0, 25));
  EXPECT_TRUE(ReadAll({early, late}).inputs[0].is_copy);
}

// All ways in which two parts of one history can overlap.
TEST(InputSetTest, TwoStretchesOfAHistoryCountAsTheirUnion) {
  const TempDir dir;
  constexpr uint32_t kEnd = 9;
  for (uint32_t a = 0; a < kEnd; ++a) {
    for (uint32_t b = a + 1; b <= kEnd; ++b) {
      for (uint32_t c = 0; c < kEnd; ++c) {
        for (uint32_t d = c + 1; d <= kEnd; ++d) {
          SCOPED_TRACE(absl::StrCat(a, "-", b, " and ", c, "-", d));
          Read read = ReadAll({dir.Write("a", History(a, b)), dir.Write("b", History(c, d))});
          std::vector<uint32_t> all = Uids(a, b);
          for (const uint32_t uid : Uids(c, d)) {
            if (uid < a || uid >= b) all.push_back(uid);
          }
          std::sort(all.begin(), all.end());
          std::sort(read.uids.begin(), read.uids.end());
          ASSERT_EQ(read.uids, all);
        }
      }
    }
  }
}

TEST(InputSetTest, ManyOverlappingWindowsCountOnce) {
  const TempDir dir;
  std::vector<std::string> paths;
  for (uint32_t i = 0; i < 12; ++i) {
    paths.push_back(dir.Write(absl::StrCat("w", i), History(i * 10, i * 10 + 25)));
  }
  Read read = ReadAll(paths);
  std::sort(read.uids.begin(), read.uids.end());
  EXPECT_EQ(read.uids, Uids(0, 135));
  std::reverse(paths.begin(), paths.end());
  read = ReadAll(paths);
  std::sort(read.uids.begin(), read.uids.end());
  EXPECT_EQ(read.uids, Uids(0, 135));
}

// Without process ids, records may be equal by chance, so a few prove nothing.
TEST(InputSetTest, AFewRecordsWithoutAProcessIdProveNothing) {
  const TempDir dir;
  const auto record = [](uint32_t uid) { return RecordBuilder(2).Uid(uid).Bytes(); };
  const std::string several = record(2) + record(3) + record(2) + record(3);
  EXPECT_EQ(ReadAll({dir.Write("a", record(1) + record(2) + record(3)),
                     dir.Write("b", record(2) + record(3) + record(4))})
                .uids.size(),
            6u);
  EXPECT_EQ(ReadAll({dir.Write("a", record(1) + several), dir.Write("b", several + record(3))})
                .uids.size(),
            6u);
  // Equal records prove nothing, however many there are.
  EXPECT_EQ(ReadAll({dir.Write("a", Repeat(record(2), 5)), dir.Write("b", Repeat(record(2), 9))})
                .uids.size(),
            14u);
  // But the same file twice is one file.
  EXPECT_EQ(ReadAll({dir.Write("a", record(2)), dir.Write("b", record(2))}).uids.size(), 1u);
}

// It was being written when the file was copied.
TEST(InputSetTest, ARecordThatOneFileHasInPartIsReadFromTheOtherAsAWhole) {
  const TempDir dir;
  const std::string torn = History(10, 11).substr(0, 20);
  const std::string early = dir.Write("early", History(0, 10) + torn);
  const Read read = ReadAll({early, dir.Write("late", History(5, 20))});
  EXPECT_EQ(read.uids, Uids(0, 20));
  EXPECT_EQ(read.inputs[1].repeated_bytes, 5 * kRecordBytes);
  EXPECT_EQ(read.accounts[0].trailing_bytes, torn.size());
  EXPECT_EQ(read.accounts[1].skipped_bytes, 0u);
}

TEST(InputSetTest, RecordsThatAreAllAlikeEndNoHistory) {
  const TempDir dir;
  const std::string a = dir.Write("a", History(0, 3) + Repeat(History(5, 6), 5000) + History(7, 9));
  const std::string b = dir.Write("b", Repeat(History(5, 6), 10) + History(20, 22));
  EXPECT_EQ(ReadAll({a, b}).uids.size(), 5005u + 12);
}

TEST(InputSetTest, AnAccountSaysWhatItsInputRepeats) {
  const TempDir dir;
  const std::string early = dir.Write("early", History(0, 10));
  const std::string late = dir.Write("late", History(4, 25));
  const Read read = ReadAll({early, late, early});
  ASSERT_EQ(read.accounts.size(), 3u);
  EXPECT_EQ(read.accounts[0].name, early);
  EXPECT_EQ(read.accounts[0].records, 10u);
  EXPECT_EQ(read.accounts[0].repeated_bytes, 0u);
  EXPECT_EQ(read.accounts[1].name, late);
  EXPECT_EQ(read.accounts[1].records, 15u);
  EXPECT_EQ(read.accounts[1].repeated_bytes, 6 * kRecordBytes);
  EXPECT_EQ(read.accounts[1].repeats, early);
  EXPECT_EQ(read.accounts[2].name, early);
  EXPECT_EQ(read.accounts[2].bytes, 0u);
  EXPECT_EQ(read.accounts[2].repeated_bytes, 10 * kRecordBytes);
  EXPECT_EQ(read.accounts[2].repeats, early);
}

// For callers that print records and cannot take them back.
TEST(InputSetTest, WhatIsResolvedBeforehandIsReadOnce) {
  const TempDir dir;
  for (const size_t threads : {1u, 3u}) {
    absl::StatusOr<InputSet> set = InputSet::Open(
        {dir.Write("a", History(0, 20)), dir.Write("b", History(15, 30))}, RecordFormat());
    ASSERT_TRUE(set.ok()) << set.status();
    const absl::Status resolved = set->ResolveBeforehand(threads);
    ASSERT_TRUE(resolved.ok()) << resolved;
    Read read;
    const absl::Status status = ReadOnce(*set, read);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(read.uids, Uids(0, 30));
  }
}

TEST(InputSetTest, ASingleInputIsNotReadBeforehand) {
  const TempDir dir;
  const std::string path = dir.Write("a", History(0, 20));
  absl::StatusOr<InputSet> set = InputSet::Open({path}, RecordFormat());
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_EQ(std::remove(path.c_str()), 0);
  EXPECT_TRUE(set->ResolveBeforehand(1).ok());
}

TEST(InputSetTest, AnErrorOfTheReaderEndsTheRounds) {
  const TempDir dir;
  const std::string path = dir.Write("a", History(0, 20));
  absl::StatusOr<InputSet> set = InputSet::Open({path, path}, RecordFormat());
  ASSERT_TRUE(set.ok()) << set.status();
  int rounds = 0;
  const absl::Status status = set->Resolve([&] {
    ++rounds;
    return set
        ->ReadInput(0,
                    [](ByteSource&, const ReadOptions&) -> absl::StatusOr<ByteAccount> {
                      return absl::DataLossError("unreadable");
                    })
        .status();
  });
  EXPECT_EQ(status, absl::DataLossError("unreadable"));
  EXPECT_EQ(rounds, 1);
}

TEST(InputSetTest, WhatCannotBeReadIsAnErrorThatNamesIt) {
  const TempDir dir;
  const std::string a = dir.Write("a", History(0, 3));
  const absl::StatusOr<InputSet> set = InputSet::Open({a, dir.Path("missing")}, RecordFormat());
  EXPECT_TRUE(absl::IsNotFound(set.status()));
  EXPECT_NE(std::string(set.status().message()).find(dir.Path("missing")), std::string::npos);
}

// Several threads look at the beginnings.
TEST(InputSetTest, TheErrorIsThatOfTheFirstWhateverTheThreads) {
  const TempDir dir;
  std::vector<std::string> paths;
  for (uint32_t i = 0; i < 40; ++i) {
    paths.push_back(dir.Write(absl::StrCat("file", i), History(i, i + 1)));
  }
  paths[20] = dir.path();
  paths[30] = dir.path() + "/";
  for (const size_t threads : {size_t{1}, size_t{2}, size_t{100}}) {
    const absl::Status status = InputSet::Open(paths, RecordFormat(), threads).status();
    EXPECT_EQ(status, absl::InvalidArgumentError(dir.path() +
                                                 ": is a directory; name an accounting file in it"))
        << threads;
  }
}

TEST(InputSetTest, AllFilesThatAreMissingAreNamedAtOnce) {
  const TempDir dir;
  const std::string a = dir.Write("a", History(0, 3));
  const std::string first = dir.Path("first");
  const std::string second = dir.Path("second");
  EXPECT_EQ(InputSet::Open({first, a, second}, RecordFormat()).status(),
            absl::NotFoundError(first + ": cannot open: No such file or directory; " + second +
                                ": cannot open: No such file or directory"));
}

TEST(InputSetTest, InputsHaveAnOrderOfTime) {
  const TempDir dir;
  const auto file = [&](const char* name, uint32_t end) {
    return dir.Write(name, RecordBuilder().BeginTime(end).Elapsed(0).Pid(end % 1000).Bytes());
  };
  const std::string late = file("late", 1'700'000'300);
  const std::string early = file("early", 1'700'000'100);
  const std::string same = file("same", 1'700'000'300);
  const std::string none = dir.Write("none", "");
  const auto order = [](const std::vector<std::string>& paths) {
    const absl::StatusOr<InputSet> set = InputSet::Open(paths, {});
    EXPECT_TRUE(set.ok()) << set.status();
    return set->InOrderOfTime();
  };
  EXPECT_EQ(order({late, none, early}), (std::vector<size_t>{2, 0, 1}));
  EXPECT_EQ(order({early, late}), (std::vector<size_t>{0, 1}));
  EXPECT_EQ(order({late}), (std::vector<size_t>{0}));
}

}  // namespace
}  // namespace cpuagg::acct
