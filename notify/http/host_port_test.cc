#include "notify/http/host_port.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(HostPortTest, FindsTheHost) {
  struct Case {
    const char* text;
    const char* host;
  };
  for (const Case& c : {Case{"example.org", "example.org"},
                        {"example.org:1", "example.org"},
                        {"example.org:65535", "example.org"},
                        {"a_b-c.1", "a_b-c.1"},
                        {"b\xc3\xbc.example:80", "b\xc3\xbc.example"},
                        {"127.0.0.1:8081", "127.0.0.1"},
                        {"[::1]", "[::1]"},
                        {"[::1]:8081", "[::1]"},
                        {"[fe80::1%25eth0]:80", "[fe80::1%25eth0]"}}) {
    EXPECT_EQ(HostOf(c.text).value_or("none"), c.host) << c.text;
  }
}

TEST(HostPortTest, SaysWhatIsWrong) {
  struct Case {
    const char* text;
    const char* says;
  };
  constexpr char kHost[] = "has no host";
  constexpr char kPort[] = "has a port that is not a number from 1 to 65535";
  constexpr char kBrackets[] = "has brackets that are not around an IPv6 address";
  constexpr char kBare[] = "has an IPv6 address without brackets around it";
  constexpr char kName[] = "has a host with characters that a name cannot have";
  for (const Case& c :
       {Case{"", kHost},       {":80", kHost},        {"x:", kPort},
        {"x:0", kPort},        {"x:65536", kPort},    {"x:99999999999999999999", kPort},
        {"x:+80", kPort},      {"x:-1", kPort},       {"x: 80", kPort},
        {"x:80:90", kPort},    {"x:port", kPort},     {"[::1]x", kPort},
        {"[::1]:", kPort},     {"[::1", kBrackets},   {"::1]", kBrackets},
        {"[]", kBrackets},     {"[x]:80", kBrackets}, {"[127.0.0.1]", kBrackets},
        {"x[::1]", kBrackets}, {"::1", kBare},        {"fe80::1", kBare},
        {"a b", kName},        {"a\x01", kName},      {"a<b", kName}}) {
    EXPECT_EQ(HostOf(c.text).status(), absl::InvalidArgumentError(c.says)) << c.text;
  }
}

}  // namespace
}  // namespace cpuagg::notify
