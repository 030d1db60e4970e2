#include "aggregate/snapshot.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/input_account.h"
#include "acct/units.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;

Snapshot Example() {
  Snapshot snapshot;
  snapshot.sequence = 17;
  snapshot.host = "lab\xff";
  snapshot.captured_at = absl::FromUnixNanos(1'795'000'000'123'456'789);
  snapshot.cursors = {{.offset = 640, .head = "h\0d", .tail = "t\xff", .device = 1, .inode = 2},
                      {.offset = 64,
                       .head = "a",
                       .tail = "b",
                       .sealed_bytes = 3,
                       .sealed_nanos = 4,
                       .is_gone = true}};
  snapshot.usage[{Uid(4294967293u), -3600}] = {
      .processes = 1,
      .ticks = {.user = 2, .system = 3, .elapsed = 4, .largest_cpu = 9},
      .memory_kib = 5,
      .largest_memory_kib = 10,
      .io = 6,
      .minor_faults = 7,
      .major_faults = 8};
  snapshot.usage[{Uid(1001), 7200}] = {.processes = 9, .ticks = {.user = uint64_t{1} << 63}};
  snapshot.usage[{Uid(1001), 7200}].other_rates[1024] = {
      .user = 1, .system = 2, .elapsed = 3, .largest_cpu = 4};
  snapshot.span.Cover(-5, 7300);
  snapshot.names = {{Uid(1001), "alice"}};
  acct::InputAccount input;
  input.name = "pacct";
  input.bytes = 1000;
  input.records = 13;
  input.AddSkipped(64, 128, acct::SkipReason::kZeros);
  input.AddSkipped(640, 704, acct::SkipReason::kImplausible);
  input.AddSkipped(800, 810, acct::SkipReason::kMisaligned);
  input.AddSkipped(810, 820, acct::SkipReason::kReservedVersion);
  input.AddSkipped(820, 830, acct::SkipReason::kBigEndianVersion0);
  input.invalid_elapsed = 3;
  snapshot.inputs = {input};
  snapshot.gaps = {{.period = {.begin = absl::FromUnixSeconds(1), .end = absl::FromUnixSeconds(2)},
                    .reason = "gone"}};
  snapshot.usage[{Uid(1001), 7200}].running_user = -5;
  snapshot.usage[{Uid(1001), 7200}].running_system = 6;
  snapshot.running = {.boot_id = "boot",
                      .scanned_at = 7,
                      .processes = {{.pid = 1,
                                     .start_ticks = 2,
                                     .begin_time = 3,
                                     .uid = Uid(4),
                                     .user_ticks = 5,
                                     .system_ticks = 6}}};
  return snapshot;
}

TEST(SnapshotTest, EverythingComesBack) {
  const Snapshot original = Example();
  const absl::StatusOr<Snapshot> read = DecodeSnapshot(EncodeSnapshot(original), "path");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->sequence, original.sequence);
  EXPECT_EQ(read->host, original.host);
  EXPECT_EQ(read->captured_at, original.captured_at);
  EXPECT_EQ(read->cursors, original.cursors);
  EXPECT_EQ(read->bucket_seconds, original.bucket_seconds);
  EXPECT_EQ(read->usage, original.usage);
  EXPECT_EQ(read->span.first_begin, -5);
  EXPECT_EQ(read->span.last_end, 7300);
  EXPECT_EQ(read->names, original.names);
  EXPECT_EQ(read->running, original.running);
  ASSERT_EQ(read->inputs.size(), 1u);
  EXPECT_EQ(read->inputs[0].name, "pacct");
  EXPECT_EQ(read->inputs[0].skipped, original.inputs[0].skipped);
  EXPECT_EQ(read->inputs[0].skipped_bytes, 158u);
  EXPECT_EQ(read->inputs[0].decoded_bytes(), 842u);
  EXPECT_EQ(read->inputs[0].invalid_elapsed, 3u);
  ASSERT_EQ(read->gaps.size(), 1u);
  EXPECT_EQ(read->gaps[0].period, original.gaps[0].period);
  EXPECT_EQ(read->gaps[0].reason, "gone");
  EXPECT_EQ(EncodeSnapshot(*read), EncodeSnapshot(original));
}

TEST(SnapshotTest, EveryCutIsDataLossThatNamesThePath) {
  const std::string bytes = EncodeSnapshot(Example());
  for (size_t length = 0; length < bytes.size(); ++length) {
    const absl::Status status = DecodeSnapshot(bytes.substr(0, length), "S/x.pb").status();
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << length;
    ASSERT_NE(status.message().find("S/x.pb"), std::string::npos);
  }
}

TEST(SnapshotTest, EveryFlippedBitIsNoticed) {
  const std::string bytes = EncodeSnapshot(Example());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(DecodeSnapshot(flipped, "x").ok()) << "bit " << bit;
  }
}

TEST(SnapshotTest, ANewerFormatIsRefusedNotGuessedAt) {
  std::string bytes = EncodeSnapshot(Example());
  ASSERT_EQ(bytes.substr(0, 2), "\x08\x01");  // field 1, version 1
  bytes[1] = 2;
  const absl::Status status = DecodeSnapshot(bytes, "x").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("version 2"), std::string::npos);
}

}  // namespace
}  // namespace cpuagg::aggregate
