#include "notify/fleet/fleet_url.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(FleetUrlTest, TheBaseIsFound) {
  for (const char* const url :
       {"http://[::1]:8428/p", "http://[::1]:8428/p/", "http://[::1]:8428/p/api/v1",
        "http://[::1]:8428/p/api/v1/", "http://[::1]:8428/p/api/v1/query",
        "http://[::1]:8428/p/api/v1/query_range/"}) {
    const absl::StatusOr<std::string> base = CheckFleetUrl("--from", url);
    ASSERT_TRUE(base.ok()) << base.status();
    EXPECT_EQ(*base, "http://[::1]:8428/p") << url;
  }
}

TEST(FleetUrlTest, WhatIsNoUrlOfAnEngineIsRefused) {
  for (const char* const url :
       {"", "mimir.example:8080", "ftp://a", "http://", "http://u:p@a", "https://a/?x=1",
        "https://a/#b", "http://a b", "http://a/\n", "http://a:99999", "http://a\"b"}) {
    const absl::Status status = CheckFleetUrl("FLEET_URL", url).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << url;
    EXPECT_TRUE(absl::StartsWith(status.message(), "FLEET_URL: ")) << status;
  }
}

TEST(FleetUrlTest, PlainHttpToAnotherMachineShowsCredentials) {
  EXPECT_TRUE(ShowsCredentials("http://vm.lab:8428"));
  EXPECT_FALSE(ShowsCredentials("https://vm.lab:8428"));
  EXPECT_FALSE(ShowsCredentials("http://127.0.0.1:8428/p"));
  EXPECT_FALSE(ShowsCredentials("http://localhost:8428"));
}

}  // namespace
}  // namespace cpuagg::notify
