#include "aggregate/snapshot/usage_rows_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "aggregate/buckets/blocks.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/snapshot/snapshot.pb.h"

namespace cpuagg::aggregate {
namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;

const std::vector<UserRow> kUsers = {{-kHour, 0, 0, {.processes = 1}},
                                     {kDay, 2 * kDay, 0, {.processes = 2}},
                                     {kDay, 2 * kDay, 1, {.processes = 3}}};
const std::vector<CommandRow> kCommands = {{0, 31 * kDay, 0, CommandBitsOf("sh"), {.io = 1}},
                                           {31 * kDay, 32 * kDay, 1, kOtherCommands, {.io = 2}}};

TEST(UsageRowsCodecTest, RowsKeepTheEndsOfTheirBuckets) {
  storage::Body body;
  EncodeRows(kUsers, body);
  EncodeRows(kCommands, body);
  std::vector<UserRow> users;
  std::vector<CommandRow> commands;
  ASSERT_TRUE(DecodeRows(body, 2, BucketPolicy(), users));
  ASSERT_TRUE(DecodeRows(body, 2, BucketPolicy(), commands));
  EXPECT_EQ(users, kUsers);
  EXPECT_EQ(commands, kCommands);
}

TEST(UsageRowsCodecTest, BucketsKeepBothTheirEnds) {
  storage::Buckets proto;
  EncodeBuckets(kUsers, proto);
  std::vector<Bucket> buckets;
  ASSERT_TRUE(DecodeBuckets(proto, buckets));
  EXPECT_EQ(buckets, (std::vector<Bucket>{{-kHour, 0}, {kDay, 2 * kDay}}));
  proto.Clear();
  EncodeBuckets(kCommands, proto);
  buckets.clear();
  ASSERT_TRUE(DecodeBuckets(proto, buckets));
  EXPECT_EQ(buckets, (std::vector<Bucket>{{0, 31 * kDay}, {31 * kDay, 32 * kDay}}));
}

TEST(UsageRowsCodecTest, ABucketWithoutALengthIsAsLongAsItCanBe) {
  const BucketPolicy policy = {.days_before = 10 * kDay,
                               .command_days_before = 20 * kDay,
                               .command_months_before = 5 * kDay};
  storage::Body body;
  EncodeRows(kUsers, body);
  EncodeRows(std::vector<CommandRow>{{0, 1, 0, {}, {}},
                                     {6 * kDay, 7 * kDay, 0, {}, {}},
                                     {20 * kDay, 20 * kDay + 1, 0, {}, {}}},
             body);
  for (storage::UserBucket& bucket : *body.mutable_users()) bucket.clear_length_seconds();
  for (storage::CommandBucket& bucket : *body.mutable_commands()) bucket.clear_length_seconds();
  body.mutable_users(1)->set_begin_seconds(10 * kDay);
  std::vector<UserRow> users;
  ASSERT_TRUE(DecodeRows(body, 2, policy, users));
  EXPECT_EQ(users[0].end, -kHour + 25 * kHour);
  EXPECT_EQ(users[1].end, 10 * kDay + kHour);
  std::vector<CommandRow> commands;
  ASSERT_TRUE(DecodeRows(body, 2, policy, commands));
  EXPECT_EQ(commands[0].end, 31 * kDay + kHour);
  EXPECT_EQ(commands[1].end, 6 * kDay + 25 * kHour);
  EXPECT_EQ(commands[2].end, 20 * kDay + kHour);
}

// The checksum may be right although another program wrote nonsense.
TEST(UsageRowsCodecTest, RowsThatDoNotFitTogetherAreRefused) {
  // In the bucket of two rows.
  const auto refuses = [](auto change) {
    storage::Body body;
    EncodeRows(kUsers, body);
    EncodeRows(std::vector<CommandRow>{{0, kDay, 0, CommandBitsOf("sh"), {.processes = 2}},
                                       {0, kDay, 1, CommandBitsOf("sh"), {.processes = 3}}},
               body);
    change(*body.mutable_users(1)->mutable_columns());
    change(*body.mutable_commands(0)->mutable_columns());
    std::vector<UserRow> users;
    std::vector<CommandRow> commands;
    const bool takes_users = DecodeRows(body, 2, BucketPolicy(), users);
    EXPECT_EQ(DecodeRows(body, 2, BucketPolicy(), commands), takes_users);
    return !takes_users;
  };
  for (const int length : {1, 2, 3}) {
    EXPECT_EQ(refuses([&](storage::Columns& columns) {
                for (int i = 0; i < length; ++i) columns.add_io(1);
              }),
              length != 2)
        << length;
    EXPECT_EQ(refuses([&](storage::Columns& columns) {
                for (int i = 0; i < length; ++i) columns.add_running_user_ticks(-1);
              }),
              length != 2)
        << length;
  }
  const auto refuses_rate = [&](uint32_t row, uint32_t rate) {
    return refuses([&](storage::Columns& columns) {
      storage::RateUsage& other = *columns.add_other_rates();
      other.set_row(row);
      other.set_rate(rate);
    });
  };
  EXPECT_FALSE(refuses_rate(1, 1024));
  EXPECT_TRUE(refuses_rate(2, 1024)) << "there is no such row";
  EXPECT_TRUE(refuses_rate(1, 0)) << "times would be divided by it";
}

TEST(UsageRowsCodecTest, BucketsThatDoNotFitTogetherAreRefused) {
  const auto refuses = [](const std::vector<int64_t>& begins,
                          const std::vector<uint32_t>& lengths) {
    storage::Buckets proto;
    for (const int64_t begin : begins) proto.add_begin_after_last_seconds(begin);
    for (const uint32_t length : lengths) proto.add_length_seconds(length);
    std::vector<Bucket> buckets;
    return !DecodeBuckets(proto, buckets);
  };
  EXPECT_FALSE(refuses({}, {}));
  EXPECT_FALSE(refuses({-5, 5}, {5, 1}));
  EXPECT_TRUE(refuses({1, 2}, {1}));
  EXPECT_TRUE(refuses({1, 0}, {1, 1}));
  EXPECT_TRUE(refuses({1, -1}, {1, 1}));
  EXPECT_TRUE(refuses({1}, {0}));
  EXPECT_TRUE(refuses({INT64_MAX}, {1}));
  EXPECT_TRUE(refuses({INT64_MIN}, {1}));
  EXPECT_TRUE(refuses({int64_t{1} << 39, int64_t{1} << 39}, {1, 1}));
}

}  // namespace
}  // namespace cpuagg::aggregate
