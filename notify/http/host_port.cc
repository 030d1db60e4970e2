#include "notify/http/host_port.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify {
namespace {

// With or without a zone: "fe80::1%25eth0" (RFC 6874).
bool IsIpv6(absl::string_view text) {
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text.substr(0, text.find('%'))).c_str(), &address) == 1;
}

// Letters of other scripts are left to the library that looks names up.
bool IsName(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_' || (c & 0x80) != 0;
  });
}

// Empty, or a colon and a number.
bool IsPort(absl::string_view text) {
  uint32_t port = 0;
  if (text.empty()) return true;
  return absl::ConsumePrefix(&text, ":") && !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

}  // namespace

absl::StatusOr<std::string> HostOf(absl::string_view text) {
  const bool has_brackets = text.find_first_of("[]") != absl::string_view::npos;
  size_t end = std::min(text.find(':'), text.size());
  if (has_brackets) {
    const size_t closing = text.find(']');
    if (text[0] != '[' || closing == absl::string_view::npos ||
        !IsIpv6(text.substr(1, closing - 1))) {
      return absl::InvalidArgumentError("has brackets that are not around an IPv6 address");
    }
    end = closing + 1;
  } else if (IsIpv6(text)) {
    return absl::InvalidArgumentError("has an IPv6 address without brackets around it");
  } else if (end == 0) {
    return absl::InvalidArgumentError("has no host");
  } else if (!IsName(text.substr(0, end))) {
    return absl::InvalidArgumentError("has a host with characters that a name cannot have");
  }
  if (!IsPort(text.substr(end))) {
    return absl::InvalidArgumentError("has a port that is not a number from 1 to 65535");
  }
  return std::string(text.substr(0, end));
}

bool IsThisMachine(const std::string& host) {
  in_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET;
  }
  return host == "localhost" || host == "[::1]";
}

}  // namespace cpuagg::notify
