#include <zlib.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/record/units.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/snapshot/snapshot.pb.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;

uint32_t Crc32(const std::string& bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// What is read from the file of `snapshot` after it was changed in this way, with the checksums of
// snapshot.proto.
Snapshot ReadChanged(const Snapshot& snapshot,
                     const std::function<void(storage::Header&, storage::Body&)>& change) {
  storage::SnapshotFile file;
  EXPECT_TRUE(file.ParseFromString(EncodeSnapshot(snapshot)));
  storage::Header header;
  EXPECT_TRUE(header.ParseFromString(file.header()));
  storage::Body body;
  EXPECT_TRUE(body.ParseFromString(file.body()));
  change(header, body);
  file.set_body(body.SerializeAsString());
  header.set_body_crc32(Crc32(file.body()));
  file.set_header(header.SerializeAsString());
  file.set_header_crc32(Crc32(absl::StrCat("2:", file.header())));
  absl::StatusOr<Snapshot> read = DecodeSnapshot(file.SerializeAsString(), "path");
  EXPECT_TRUE(read.ok()) << read.status();
  return *std::move(read);
}

Snapshot Example() {
  Snapshot snapshot;
  snapshot.header = {.runs = {1, 1}, .accounts = {{Uid(1001), "alice"}}};
  snapshot.users = {{.begin = 7200, .end = 10800, .account = 0, .usage = {.processes = 1}}};
  return snapshot;
}

// Otherwise it would be no gap if that one disappeared.
TEST(SnapshotProtoTest, OfAnOlderFileTheGenerationReadLastMayGrow) {
  Snapshot snapshot = Example();
  snapshot.cursors = {{.offset = 64, .is_gone = true},
                      {.offset = 128, .may_grow = true},
                      {.offset = 192, .may_grow = true}};
  const Snapshot read = ReadChanged(snapshot, [](storage::Header&, storage::Body& body) {
    for (storage::Cursor& cursor : *body.mutable_cursors()) cursor.clear_may_grow();
  });
  ASSERT_EQ(read.cursors.size(), 3u);
  EXPECT_FALSE(read.cursors[0].may_grow);
  EXPECT_TRUE(read.cursors[1].may_grow);
  EXPECT_FALSE(read.cursors[2].may_grow);
}

TEST(SnapshotProtoTest, WhoHasANameIsNotWithoutAnAnswer) {
  Snapshot snapshot = Example();
  snapshot.header.accounts = {{Uid(1001), "alice", /*is_unresolved=*/true},
                              {Uid(1002), std::nullopt, /*is_unresolved=*/true}};
  const Snapshot read = ReadChanged(snapshot, [](storage::Header&, storage::Body&) {});
  ASSERT_EQ(read.header.accounts.size(), 2u);
  EXPECT_EQ(read.header.accounts[0].name, "alice");
  EXPECT_FALSE(read.header.accounts[0].is_unresolved);
  EXPECT_TRUE(read.header.accounts[1].is_unresolved);
}

TEST(SnapshotProtoTest, BucketsInATimeThatNoClockShowsAreNotBelieved) {
  using Limits = std::numeric_limits<int64_t>;
  Snapshot read = ReadChanged(Example(), [](storage::Header&, storage::Body&) {});
  EXPECT_EQ(read.header.buckets.first_begin, 7200);
  EXPECT_EQ(read.header.buckets.last_end, 7200);
  read = ReadChanged(Example(), [](storage::Header& header, storage::Body&) {
    header.set_last_bucket_seconds(Limits::max());
  });
  EXPECT_TRUE(read.header.buckets.empty());
  read = ReadChanged(Example(), [](storage::Header& header, storage::Body&) {
    header.set_first_bucket_seconds(Limits::min());
  });
  EXPECT_TRUE(read.header.buckets.empty());
}

}  // namespace
}  // namespace cpuagg::aggregate
