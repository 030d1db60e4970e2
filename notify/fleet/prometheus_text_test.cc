#include "notify/fleet/prometheus_text.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "notify/fleet/fleet_counters.h"

namespace cpuagg::notify {
namespace {

const FleetCounters kCounters = {
    .users = {{{0, "root"}, {164, 9742, 665}}, {{1001, "a\"b\\c\n}, {"}, {1, 5, 0}}},
    .gaps = 2,
    .skipped_bytes = 129,
    .last_collect = 1'795'819'239};

TEST(PrometheusTextTest, HasEachFamilyTogetherWithHelpAndType) {
  EXPECT_EQ(PrometheusText(kCounters, "1.2.3"),
            R"(# HELP cpuagg_user_cpu_seconds_total CPU time that the processes of a user have used.
# TYPE cpuagg_user_cpu_seconds_total counter
cpuagg_user_cpu_seconds_total{mode="user",uid="0",user="root"} 97.42
cpuagg_user_cpu_seconds_total{mode="system",uid="0",user="root"} 6.65
cpuagg_user_cpu_seconds_total{mode="user",uid="1001",user="a\"b\\c\n}, {"} 0.05
cpuagg_user_cpu_seconds_total{mode="system",uid="1001",user="a\"b\\c\n}, {"} 0.00
# HELP cpuagg_user_processes_total Processes of a user that have ended.
# TYPE cpuagg_user_processes_total counter
cpuagg_user_processes_total{uid="0",user="root"} 164
cpuagg_user_processes_total{uid="1001",user="a\"b\\c\n}, {"} 1
# HELP cpuagg_last_collect_timestamp_seconds When the last run of cpuagg collect added something.
# TYPE cpuagg_last_collect_timestamp_seconds gauge
cpuagg_last_collect_timestamp_seconds 1795819239
# HELP cpuagg_store_gaps_total Times of which records may be missing in the store of cpuagg.
# TYPE cpuagg_store_gaps_total counter
cpuagg_store_gaps_total 2
# HELP cpuagg_skipped_bytes_total Bytes of the accounting file that were skipped because they are not records.
# TYPE cpuagg_skipped_bytes_total counter
cpuagg_skipped_bytes_total 129
# HELP cpuagg_build_info The version of cpuagg.
# TYPE cpuagg_build_info gauge
cpuagg_build_info{version="1.2.3"} 1
)");
}

TEST(PrometheusTextTest, IsReadBack) {
  const absl::StatusOr<FleetCounters> read =
      ParsePrometheusText(PrometheusText(kCounters, "1.2.3"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, kCounters);
  EXPECT_EQ(*ParsePrometheusText(PrometheusText({}, "1")), FleetCounters());
  EXPECT_EQ(*ParsePrometheusText(""), FleetCounters());
}

TEST(PrometheusTextTest, AnotherTextIsRefused) {
  for (const char* text : {"node_cpu_seconds_total{cpu=\"0\"} 1", "cpuagg_store_gaps_total", "x",
                           "cpuagg_store_gaps_total x", "cpuagg_user_processes_total{uid=\"x\"} 1",
                           "cpuagg_user_cpu_seconds_total{uid=\"1\",mode=\"idle\"} 1.00",
                           "cpuagg_user_cpu_seconds_total{uid=\"1\",mode=\"user\"} 1.0",
                           "cpuagg_user_cpu_seconds_total{uid=\"1\",mode=\"user} 1.00",
                           "cpuagg_user_cpu_seconds_total{uid=\"1\" 1.00"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParsePrometheusText(text).status())) << text;
  }
}

// A file that was cut off must not be taken for smaller counters.
TEST(PrometheusTextTest, EveryBeginningIsReadOrRefused) {
  const std::string text = PrometheusText(kCounters, "1.2.3");
  for (size_t i = 0; i < text.size(); ++i) {
    const absl::StatusOr<FleetCounters> read = ParsePrometheusText(text.substr(0, i));
    EXPECT_TRUE(read.ok() || absl::IsInvalidArgument(read.status())) << read.status();
  }
}

}  // namespace
}  // namespace cpuagg::notify
