#include "notify/fleet/receiver_url.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(ReceiverUrlTest, AcceptsHostAndPath) {
  for (const char* url :
       {"http://127.0.0.1:8428/api/v1/write", "https://mimir.example/api/v1/push",
        "http://[::1]:8480/insert/0/prometheus/api/v1/write", "http://vm.lab:8428/api/v1/write"}) {
    EXPECT_TRUE(CheckReceiverUrl(url, false).ok()) << url << CheckReceiverUrl(url, false);
  }
  EXPECT_TRUE(CheckReceiverUrl("https://vm.lab/api/v1/write", true).ok());
  EXPECT_TRUE(CheckReceiverUrl("http://localhost:1/api/v1/write", true).ok());
}

TEST(ReceiverUrlTest, SaysWhatIsWrongWithoutShowingIt) {
  const struct {
    const char* url;
    const char* says;
    bool needs_tls = false;
  } cases[] = {{"", "is empty; write something like http"},
               {"127.0.0.1:8428/api/v1/write", "does not begin with https:// or http://"},
               {"ftp://hidden/api", "does not begin with https:// or http://"},
               {"http://me:hidden@vm.lab/api/v1/write", "set PUSH_USER, and PUSH_PASSWORD_FILE"},
               {"http://vm.lab/api/v1/write?token=hidden", "has more than host, port and path"},
               {"http://vm.lab/api/v1/write#hidden", "has more than host, port and path"},
               {"http://vm.lab/hidden path", "has a blank or a backslash"},
               {"http://vm.lab:8428", "has no path; write the whole one"},
               {"http://vm.lab:8428/", "has no path; write the whole one"},
               {"http://:8428/hidden", "write something like"},
               {"http://vm.lab:99999/hidden", "write something like"},
               {"http://vm.lab/hidden", "ALLOW_INSECURE_HTTP=yes", true}};
  for (const auto& each : cases) {
    const absl::Status status = CheckReceiverUrl(each.url, each.needs_tls);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << each.url;
    EXPECT_TRUE(absl::StrContains(status.message(), each.says)) << status;
    EXPECT_FALSE(absl::StrContains(status.message(), "hidden")) << status;
  }
}

TEST(ReceiverUrlTest, FindsTheAddressForQueries) {
  EXPECT_EQ(*QueryBaseOf("http://127.0.0.1:8428/api/v1/write"), "http://127.0.0.1:8428");
  EXPECT_EQ(*QueryBaseOf("https://lab/prom/api/v1/write"), "https://lab/prom");
  EXPECT_EQ(*QueryBaseOf("https://mimir.example/api/v1/push"), "https://mimir.example/prometheus");
  for (const char* url : {"http://insert:8480/insert/0/prometheus/api/v1/write",
                          "http://thanos:19291/api/v1/receive"}) {
    EXPECT_TRUE(absl::StrContains(QueryBaseOf(url).status().message(), "set PUSH_QUERY_URL"))
        << url;
  }
}

}  // namespace
}  // namespace cpuagg::notify
