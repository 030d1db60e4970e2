#include "notify/fleet/push_state.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(PushStateTest, IsKept) {
  const acct::testing::TempDir dir;
  const std::string path = dir.Path("push.pb");
  EXPECT_EQ(LoadPushState(path), PushState());
  PushState state;
  state.last_collect = absl::FromUnixSeconds(1'795'000'000);
  state.failing_since = absl::FromUnixSeconds(1'795'000'001);
  state.hours[3600] = {.host = "lab01",
                       .fingerprint = ~uint64_t{0},
                       .ticks = 7,
                       .stamp = absl::Milliseconds(900'123),
                       .users = {{1000, "alice"}, {std::nullopt, "(others)"}}};
  state.hours[-3600] = {.host = "lab02",
                        .users = {{0, "alice"}, {1000, "alice"}},
                        .was_refused = true,
                        .unaccepted_since = absl::FromUnixSeconds(5)};
  ASSERT_TRUE(SavePushState(state, path).ok());
  EXPECT_EQ(LoadPushState(path), state);
}

TEST(PushStateTest, DamageIsTakenForALostState) {
  const acct::testing::TempDir dir;
  const std::string path = dir.Path("push.pb");
  PushState state;
  state.hours[3600] = {.host = "lab01", .users = {{1000, "alice"}}};
  ASSERT_TRUE(SavePushState(state, path).ok());
  const std::string bytes = acct::testing::ReadFile(path);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 4;
    dir.Write("push.pb", damaged);
    EXPECT_EQ(LoadPushState(path), PushState()) << i;
  }
}

TEST(PushStateTest, EachReceiverAndTenantHasItsOwn) {
  const std::string path = PushStatePath("/store", "http://secret.example/api/v1/write", "");
  EXPECT_TRUE(absl::StartsWith(path, "/store/push-")) << path;
  EXPECT_FALSE(absl::StrContains(path, "secret"));
  EXPECT_EQ(path, PushStatePath("/store", "http://secret.example/api/v1/write", ""));
  EXPECT_NE(path, PushStatePath("/store", "http://secret.example/api/v1/push", ""));
  EXPECT_NE(path, PushStatePath("/store", "http://secret.example/api/v1/write", "X-Tenant: a"));
}

// So that a newer program finds the state of an older one.
TEST(PushStateTest, TheFingerprintIsThatOfFnv1a) {
  EXPECT_EQ(FingerprintOf(""), 0xcbf29ce484222325u);
  EXPECT_EQ(FingerprintOf("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(FingerprintOf("foobar"), 0x85944171f73967e8u);
  EXPECT_EQ(FingerprintOf("bar", FingerprintOf("foo")), FingerprintOf("foobar"));
}

}  // namespace
}  // namespace cpuagg::notify
