// Whom the client connects to, over which protocols, and whom it trusts.
// tools/cli_tests/send/telegram_transport_cli_test.cc tests TLS and proxies with the built binary.

#include <gtest/gtest.h>

#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "notify/http/curl_http_client.h"
#include "notify/http/curl_library.h"
#include "notify/http/http_client.h"
#include "notify/http/posting_fixture.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify {
namespace {

using testing::ConnectionServer;
using testing::Listener;

class CurlConnectionTest : public PostingFixture {};

TEST_F(CurlConnectionTest, ARefusedConnectionSendsNothing) {
  uint16_t port = 0;
  {
    const absl::StatusOr<Listener> listener = Listener::Open();
    ASSERT_TRUE(listener.ok()) << listener.status();
    port = listener->port();
  }
  const absl::Status status = PostTo(Url(absl::StrCat("http://127.0.0.1:", port))).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "127.0.0.1")) << status;
}

TEST_F(CurlConnectionTest, AHostWithoutAnAddressIsNamed) {
  // This name never has an address (RFC 6761), whether a name server can be reached or not.
  const absl::Status status = PostTo(Url("http://bot-api.invalid")).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "bot-api.invalid")) << status;
}

TEST_F(CurlConnectionTest, WhatIsNoUrlIsRefusedWithoutBeingQuoted) {
  const std::string urls[] = {
      "",
      api_->token(),
      absl::StrCat("https://bot", api_->token(), "/sendMessage"),
      absl::StrCat("https://127.0.0.1:99999/bot", api_->token()),
      absl::StrCat("https:// /bot", api_->token()),
      absl::StrCat("ftp://127.0.0.1/bot", api_->token()),
      absl::StrCat("file:///bot", api_->token()),
  };
  for (const std::string& url : urls) {
    const absl::Status status = PostTo(url).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << url << ": " << status;
  }
}

TEST_F(CurlConnectionTest, PlainHttpIsSpokenOnlyWhenAllowed) {
  options_.allow_http = false;
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(api_->connections(), 0);
}

// Like libcurl before 7.85, which has only bit masks of protocols.
decltype(curl_easy_setopt) newer_setopt = nullptr;
CURLcode OldSetopt(CURL* easy, CURLoption option, ...) {
  if (option == CURLOPT_PROTOCOLS_STR) return CURLE_UNKNOWN_OPTION;
  std::va_list values;
  va_start(values, option);
  // Values of all types are passed as one word.
  void* const value = va_arg(values, void*);
  va_end(values);
  return newer_setopt(easy, option, value);
}

TEST_F(CurlConnectionTest, AnOldLibcurlSpeaksPlainHttpOnlyWhenAllowedToo) {
  ASSERT_TRUE(CurlHttpClient::Load().ok());
  newer_setopt = std::exchange(curl_easy_setopt, &OldSetopt);
  const absl::Cleanup restore = [] { curl_easy_setopt = newer_setopt; };
  EXPECT_TRUE(Send().ok()) << Send().status();
  const int connections = api_->connections();
  options_.allow_http = false;
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(api_->connections(), connections);
}

TEST_F(CurlConnectionTest, AServerThatSpeaksNoTlsIsSentNothing) {
  const absl::Status status =
      PostTo(Url(absl::StrCat("https://127.0.0.1:", api_->port()))).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "127.0.0.1")) << status;
  EXPECT_EQ(api_->connections(), 1);
  EXPECT_TRUE(api_->received().empty());
}

TEST_F(CurlConnectionTest, AServerThatIsSilentBeforeTlsIsLeftInTime) {
  options_.connect_timeout = kShort;
  ConnectionServer silent(Listener::Open().value(),
                          [](testing::Connection& peer) { peer.Drain(); });
  const absl::Status status =
      PostTo(Url(absl::StrCat("https://127.0.0.1:", silent.port())), kLong).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  // IPv4 has already been tried, so another attempt would be useless.
  EXPECT_EQ(silent.connections(), 1);
}

TEST_F(CurlConnectionTest, WithoutTheFileOfAuthoritiesNothingIsSent) {
  const acct::testing::TempDir dir;
  options_.ca_file = dir.Path("ca.pem");
  absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(), absl::StrCat("CA_FILE ", options_.ca_file,
                                           " cannot be read: No such file or directory"));
  dir.Write("ca.pem", "");
  status = Send().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(),
            absl::StrCat("CA_FILE ", options_.ca_file, " cannot be read: it is empty"));
  EXPECT_EQ(api_->connections(), 0);
}

TEST_F(CurlConnectionTest, TheEnvironmentMakesNoExceptionFromAProxyThatIsConfigured) {
  setenv("no_proxy", "*", /*overwrite=*/1);
  const absl::Cleanup restore = [] { unsetenv("no_proxy"); };
  // Closes what it has accepted.
  ConnectionServer proxy(Listener::Open().value(), [](testing::Connection&) {});
  options_.proxy = absl::StrCat("http://127.0.0.1:", proxy.port());
  EXPECT_FALSE(Send().ok());
  EXPECT_EQ(proxy.connections(), 1);
  EXPECT_EQ(api_->connections(), 0);
}

// In place of libcurl's network: what each attempt comes to, and the address that it is made to.
struct FakeAttempt {
  CURLcode code;
  const char* address;
};

// A libcurl whose attempts are of a list. Notes some of the options that it is given.
class FakeNetworkTest : public CurlConnectionTest {
 protected:
  void SetUp() override {
    CurlConnectionTest::SetUp();
    ASSERT_TRUE(CurlHttpClient::Load().ok());
    attempts_.clear();
    noted_.clear();
    setopt_ = std::exchange(curl_easy_setopt, &Setopt);
    getinfo_ = std::exchange(curl_easy_getinfo, &Getinfo);
    perform_ = std::exchange(curl_easy_perform, &Perform);
  }
  void TearDown() override {
    curl_easy_setopt = setopt_;
    curl_easy_getinfo = getinfo_;
    curl_easy_perform = perform_;
  }

  static inline std::deque<FakeAttempt> attempts_;  // those to come
  static inline std::vector<std::string> noted_;    // the options, in order

 private:
  // Values of all types are passed as one word.
  static CURLcode Setopt(CURL* easy, CURLoption option, ...) {
    std::va_list values;
    va_start(values, option);
    void* const value = va_arg(values, void*);
    va_end(values);
    const char* const text = value == nullptr ? "none" : static_cast<const char*>(value);
    if (option == CURLOPT_CAINFO) noted_.push_back(absl::StrCat("CAINFO ", text));
    if (option == CURLOPT_CAPATH) noted_.push_back(absl::StrCat("CAPATH ", text));
    if (option == CURLOPT_IPRESOLVE) {
      noted_.push_back(value == nullptr ? "any IP" : "one version of IP");
    }
    return setopt_(easy, option, value);
  }
  static CURLcode Perform(CURL*) {
    EXPECT_FALSE(attempts_.empty()) << "more attempts than expected";
    if (attempts_.empty()) return CURLE_FAILED_INIT;
    address_ = attempts_.front().address;
    const CURLcode code = attempts_.front().code;
    attempts_.pop_front();
    return code;
  }
  static CURLcode Getinfo(CURL* easy, CURLINFO info, ...) {
    std::va_list values;
    va_start(values, info);
    void* const value = va_arg(values, void*);
    va_end(values);
    if (info != CURLINFO_PRIMARY_IP) return getinfo_(easy, info, value);
    *static_cast<const char**>(value) = address_;
    return CURLE_OK;
  }

  static inline const char* address_ = "";  // of the last attempt
  static inline decltype(curl_easy_setopt) setopt_ = nullptr;
  static inline decltype(curl_easy_getinfo) getinfo_ = nullptr;
  static inline decltype(curl_easy_perform) perform_ = nullptr;
};

TEST_F(FakeNetworkTest, WhereIpv6HangsIpv4IsTried) {
  attempts_ = {{CURLE_OPERATION_TIMEDOUT, "2001:db8::1"}, {CURLE_OK, "192.0.2.1"}};
  const absl::StatusOr<HttpResponse> response = Send();
  EXPECT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(attempts_.empty());
  EXPECT_EQ(noted_, (std::vector<std::string>{"any IP", "one version of IP"}));
}

TEST_F(FakeNetworkTest, WhereBothHangTheLastFailureIsSaid) {
  attempts_ = {{CURLE_OPERATION_TIMEDOUT, "2001:db8::1"}, {CURLE_COULDNT_CONNECT, "192.0.2.1"}};
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), curl_easy_strerror(CURLE_COULDNT_CONNECT)))
      << status;
}

// It says nothing about the network that the host has no address of IPv4.
TEST_F(FakeNetworkTest, WhereThereIsNoIpv4TheFailureOfIpv6IsSaid) {
  attempts_ = {{CURLE_OPERATION_TIMEDOUT, "2001:db8::1"}, {CURLE_COULDNT_RESOLVE_HOST, ""}};
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), curl_easy_strerror(CURLE_OPERATION_TIMEDOUT)))
      << status;
  EXPECT_TRUE(attempts_.empty());
}

TEST_F(FakeNetworkTest, OverIpv4OrWithAWrongCertificateThereIsOneAttempt) {
  for (const FakeAttempt& attempt : {FakeAttempt{CURLE_OPERATION_TIMEDOUT, "192.0.2.1"},
                                     {CURLE_PEER_FAILED_VERIFICATION, "2001:db8::1"}}) {
    attempts_ = {attempt};
    EXPECT_FALSE(Send().ok());
    EXPECT_TRUE(attempts_.empty());
  }
}

// The system's folder of certificates would be trusted beside the file.
TEST_F(FakeNetworkTest, WithAFileOfAuthoritiesNoOthersAreTrusted) {
  const acct::testing::TempDir dir;
  options_.ca_file = dir.Write("ca.pem", "certificates");
  attempts_ = {{CURLE_OK, "192.0.2.1"}};
  EXPECT_TRUE(Send().ok());
  EXPECT_EQ(noted_, (std::vector<std::string>{"any IP", absl::StrCat("CAINFO ", options_.ca_file),
                                              "CAPATH none"}));
  // Without such a file, those of the system are.
  options_.ca_file.clear();
  noted_.clear();
  attempts_ = {{CURLE_OK, "192.0.2.1"}};
  EXPECT_TRUE(Send().ok());
  EXPECT_EQ(noted_, std::vector<std::string>{"any IP"});
}

}  // namespace
}  // namespace cpuagg::notify
