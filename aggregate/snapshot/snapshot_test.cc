#include "aggregate/snapshot/snapshot.h"

#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/file.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::TempDir;

CommandBits Command(const std::string& name) {
  return CommandBitsOf(
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(name.data()), name.size()));
}

Snapshot Example() {
  Snapshot snapshot;
  snapshot.header = {
      .runs = {16, 17},
      .level = MergeLevel::kDay,
      .host = "lab\xff",
      .captured_at = absl::FromUnixNanos(1'795'000'000'123'456'789),
      .accounts = {{Uid(4294967293u), std::nullopt},
                   {Uid(1001), "alice"},
                   {Uid(1001), "b\xf6se"},
                   {Uid(1002), ""},
                   {Uid(1003), std::nullopt, true}},
      .gaps = {{.period = {.begin = absl::FromUnixSeconds(1), .end = absl::FromUnixSeconds(2)},
                .reason = "gone"},
               {.period = {.end = absl::FromUnixSeconds(3)}, .reason = "since ever"}},
      .policy = {.days_before = -86400, .command_days_before = 1},
      .counts_running = true,
      .accounting = {.kind = AccountingState::Kind::kOff,
                     .since = absl::FromUnixSeconds(1'800'000'000),
                     .remedy = "accton"},
      .machine_times = {{.begin = -3600,
                         .end = 82800,
                         .known = 80000,
                         .processors = 64,
                         .busy = std::numeric_limits<uint64_t>::max(),
                         .idle = 2,
                         .stolen = 3},
                        {.begin = 7200, .end = 10800, .known = 1}}};
  snapshot.header.span.Cover(-5, 7300);
  snapshot.cursors = {{.offset = 640, .head = "h\0d", .tail = "t\xff", .device = 1, .inode = 2},
                      {.offset = 64,
                       .head = "a",
                       .tail = "b",
                       .sealed_bytes = 3,
                       .sealed_nanos = 4,
                       .last_end_seconds = 1'700'000'000,
                       .is_gone = true}};
  Usage usage = {.processes = 1,
                 .ticks = {.user = 2, .system = 3, .elapsed = 4, .largest_cpu = 9},
                 .memory_kib = 5,
                 .io = 6,
                 .minor_faults = 7,
                 .major_faults = 8,
                 .largest_memory_kib = 10};
  snapshot.users.push_back({.begin = -3600, .end = 0, .account = 0, .usage = usage});
  usage = {.processes = 9,
           .ticks = {.user = std::numeric_limits<uint64_t>::max()},
           .running_user = -5,
           .running_system = std::numeric_limits<int64_t>::max()};
  usage.other_rates[1024] = {.user = 1, .system = 2, .elapsed = 3, .largest_cpu = 4};
  usage.other_rates[60] = {.user = 5};
  snapshot.users.push_back({.begin = 7200, .end = 10800, .account = 1, .usage = Usage()});
  snapshot.users.push_back({.begin = 7200, .end = 10800, .account = 2, .usage = usage});
  snapshot.commands = {
      {.begin = 0, .end = 7200, .account = 1, .command = Command("sh"), .usage = {.processes = 3}},
      {.begin = 0, .end = 7200, .account = 1, .command = kOtherCommands, .usage = usage},
      {.begin = 0,
       .end = 7200,
       .account = 2,
       .command = Command("sixteen bytes ok"),
       .usage = usage},
      {.begin = 7200, .end = 10800, .account = 1, .command = Command("sh"), .usage = {.io = 1}},
      {.begin = 7200,
       .end = 10800,
       .account = 2,
       .command = Command(""),
       .usage = {.running_user = -1}}};
  acct::ByteAccount input;
  input.name = "pacct";
  input.bytes = 1000;
  input.records = 13;
  input.AddSkipped(64, 128, acct::SkipReason::kZeros);
  input.AddSkipped(640, 704, acct::SkipReason::kImplausible);
  input.AddSkipped(800, 810, acct::SkipReason::kMisaligned);
  input.AddSkipped(810, 820, acct::SkipReason::kReservedVersion);
  input.AddSkipped(820, 830, acct::SkipReason::kBigEndianVersion0);
  input.invalid_elapsed = 3;
  input.cut_short = "unexpected end";
  snapshot.inputs = {input};
  snapshot.running = {.boot_id = "boot",
                      .scanned_at = 7,
                      .boot_time = -8,
                      .uptime = 9,
                      .processes = {{.pid = 1,
                                     .start_ticks = 2,
                                     .begin_time = 3,
                                     .uid = Uid(4),
                                     .command = CommandBitsOf("15 bytes) \n\xff (b"),
                                     .user_ticks = 5,
                                     .system_ticks = 6}}};
  snapshot.machine_counters = {.times = {.boot_id = "boot\xff",
                                         .uptime = 1,
                                         .processors = 2,
                                         .busy = 3,
                                         .idle = std::numeric_limits<uint64_t>::max(),
                                         .stolen = 5},
                               .seen_at = -6};
  return snapshot;
}

void ExpectEqual(const SnapshotHeader& read, const SnapshotHeader& original) {
  EXPECT_EQ(read.runs, original.runs);
  EXPECT_EQ(read.level, original.level);
  EXPECT_EQ(read.host, original.host);
  EXPECT_EQ(read.captured_at, original.captured_at);
  EXPECT_EQ(read.accounts, original.accounts);
  ASSERT_EQ(read.gaps.size(), original.gaps.size());
  for (size_t i = 0; i < read.gaps.size(); ++i) {
    EXPECT_EQ(read.gaps[i].period, original.gaps[i].period);
    EXPECT_EQ(read.gaps[i].reason, original.gaps[i].reason);
  }
  EXPECT_EQ(read.span.first_begin, original.span.first_begin);
  EXPECT_EQ(read.span.last_end, original.span.last_end);
  EXPECT_EQ(read.buckets.first_begin, -3600);
  EXPECT_EQ(read.buckets.last_end, 7200);
  EXPECT_EQ(read.policy.days_before, original.policy.days_before);
  EXPECT_EQ(read.policy.command_days_before, original.policy.command_days_before);
  EXPECT_EQ(read.policy.command_months_before, original.policy.command_months_before);
  EXPECT_EQ(read.counts_running, original.counts_running);
  EXPECT_EQ(read.accounting, original.accounting);
  EXPECT_EQ(read.machine_times, original.machine_times);
}

TEST(SnapshotTest, EverythingComesBack) {
  const Snapshot original = Example();
  const absl::StatusOr<Snapshot> read = DecodeSnapshot(EncodeSnapshot(original), "path");
  ASSERT_TRUE(read.ok()) << read.status();
  ExpectEqual(read->header, original.header);
  EXPECT_EQ(read->cursors, original.cursors);
  EXPECT_EQ(read->users, original.users);
  EXPECT_EQ(read->commands, original.commands);
  EXPECT_EQ(read->running, original.running);
  EXPECT_EQ(read->machine_counters, original.machine_counters);
  ASSERT_EQ(read->inputs.size(), 1u);
  EXPECT_EQ(read->inputs[0].name, "pacct");
  EXPECT_EQ(read->inputs[0].skipped, original.inputs[0].skipped);
  EXPECT_EQ(read->inputs[0].skipped_bytes, 158u);
  EXPECT_EQ(read->inputs[0].decoded_bytes(), 842u);
  EXPECT_EQ(read->inputs[0].invalid_elapsed, 3u);
  EXPECT_EQ(read->inputs[0].cut_short, "unexpected end");
  EXPECT_EQ(EncodeSnapshot(*read), EncodeSnapshot(original));
}

TEST(SnapshotTest, TheHeaderIsReadAlone) {
  const TempDir dir;
  Snapshot original = Example();
  for (const int accounts : {5, 5'000}) {
    for (uint32_t uid = 0; original.header.accounts.size() < static_cast<size_t>(accounts); ++uid) {
      original.header.accounts.push_back({Uid(uid), "a name of some length"});
    }
    const std::string bytes = EncodeSnapshot(original);
    // The body need not be valid.
    const absl::StatusOr<acct::File> file =
        acct::File::OpenForReading(dir.Write("x", bytes.substr(0, bytes.size() - 3)));
    const absl::StatusOr<SnapshotHeader> header = ReadSnapshotHeader(*file);
    ASSERT_TRUE(header.ok()) << header.status();
    ExpectEqual(*header, original.header);
  }
}

TEST(SnapshotTest, EveryCutIsDataLossThatNamesThePath) {
  const TempDir dir;
  const std::string bytes = EncodeSnapshot(Example());
  for (size_t length = 0; length < bytes.size(); ++length) {
    const std::string cut = bytes.substr(0, length);
    const absl::Status status = DecodeSnapshot(cut, "S/x.pb").status();
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << length;
    ASSERT_NE(status.message().find("S/x.pb"), std::string::npos);
    // Well inside the header.
    if (length > 80) continue;
    const absl::StatusOr<acct::File> file = acct::File::OpenForReading(dir.Write("x.pb", cut));
    ASSERT_TRUE(absl::IsDataLoss(ReadSnapshotHeader(*file).status())) << length;
  }
}

TEST(SnapshotTest, NumbersOfRunsThatNoStoreGivesAreDamage) {
  for (const Runs& runs : {Runs{0, 0}, Runs{0, 17}, Runs{18, 17}}) {
    Snapshot snapshot = Example();
    snapshot.header.runs = runs;
    const absl::Status status = DecodeSnapshot(EncodeSnapshot(snapshot), "S/x.pb").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << runs.first;
    EXPECT_EQ(status.message(), "S/x.pb: damaged snapshot (its header is wrong)");
  }
}

// A petabyte, which nobody can allocate.
TEST(SnapshotTest, AHeaderThatSaysToBeLargerThanItsFileIsDamage) {
  const TempDir dir;
  const std::string envelope =
      "\x08\x02\x25"
      "abcd"
      "\x2a"
      "\x80\x80\x80\x80\x80\x80\x80\x02";
  const absl::StatusOr<acct::File> file =
      acct::File::OpenForReading(dir.Write("x.pb", envelope + "the rest"));
  EXPECT_EQ(ReadSnapshotHeader(*file).status().message(),
            dir.Path("x.pb") + ": damaged snapshot (it is cut short)");
}

TEST(SnapshotTest, EveryFlippedBitIsDamage) {
  const std::string bytes = EncodeSnapshot(Example());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_TRUE(absl::IsDataLoss(DecodeSnapshot(flipped, "x").status())) << "bit " << bit;
  }
}

TEST(SnapshotTest, ANewerFormatIsRefusedNotGuessedAt) {
  for (const std::string& bytes :
       {std::string("\x08\x03 whatever comes"), std::string("\x08\x03"), std::string("\x08\x01")}) {
    const absl::Status status = DecodeSnapshot(bytes, "x").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_NE(status.message().find(bytes[1] == 3 ? "version 3" : "version 1"), std::string::npos);
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
