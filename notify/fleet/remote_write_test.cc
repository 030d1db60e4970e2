#include "notify/fleet/remote_write.h"

#include <snappy.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "notify/fleet/remote_write.pb.h"

namespace cpuagg::notify {
namespace {

std::string Unpacked(const std::string& block) {
  std::string bytes;
  EXPECT_TRUE(snappy::Uncompress(block.data(), block.size(), &bytes));
  return bytes;
}

// The bytes that the specification's field numbers give, by hand.
TEST(RemoteWriteTest, HasTheBytesOfTheSpecification) {
  const std::vector<SeriesLabels> series = {{{"job", "b"}, {"__name__", "a"}}};
  EXPECT_EQ(absl::BytesToHexString(
                Unpacked(EncodeRemoteWrite(series, {{.series = 0, .stamp = 300, .value = 1.5}}))),
            "0a27"  // timeseries, 39 bytes
            "0a0d"  // labels, 13 bytes
            "0a085f5f6e616d655f5f"
            "120161"  // __name__, a
            "0a08"
            "0a036a6f62"
            "120162"  // job, b
            "120c"    // samples, 12 bytes
            "09000000000000f83f"
            "10ac02");  // 1.5, 300
}

TEST(RemoteWriteTest, ASeriesIsThereOnceInTheOrderOfTime) {
  const std::vector<SeriesLabels> series = {{{"__name__", "a"}}, {{"__name__", "b"}}};
  const std::string bytes =
      Unpacked(EncodeRemoteWrite(series, {{1, 20, 2}, {0, 30, 3}, {1, 10, 1}, {0, 5, 4}}));
  remote::WriteRequest request;
  ASSERT_TRUE(request.ParseFromString(bytes));
  ASSERT_EQ(request.timeseries_size(), 2);
  EXPECT_EQ(request.timeseries(0).labels(0).value(), "a");
  ASSERT_EQ(request.timeseries(0).samples_size(), 2);
  EXPECT_EQ(request.timeseries(0).samples(0).timestamp(), 5);
  EXPECT_EQ(request.timeseries(0).samples(1).value(), 3);
  EXPECT_EQ(request.timeseries(1).samples(0).timestamp(), 10);
}

TEST(RemoteWriteTest, ALargeBlockIsUnpackedToo) {
  std::vector<SeriesLabels> series;
  std::vector<RemoteSample> samples;
  for (uint32_t i = 0; i < 4000; ++i) {
    series.push_back(
        {{"__name__", "cpuagg_user_cpu_hourly_seconds"}, {"user", "user" + std::to_string(i)}});
    samples.push_back({i, 1'795'000'000'000 + i, i / 100.0});
  }
  const std::string block = EncodeRemoteWrite(series, samples);
  const std::string bytes = Unpacked(block);
  EXPECT_LT(block.size(), bytes.size() / 2);
  remote::WriteRequest request;
  ASSERT_TRUE(request.ParseFromString(bytes));
  EXPECT_EQ(request.timeseries_size(), 4000);
}

TEST(RemoteWriteTest, WithoutSamplesItIsAnEmptyRequest) {
  EXPECT_EQ(Unpacked(EncodeRemoteWrite({}, {})), "");
}

}  // namespace
}  // namespace cpuagg::notify
