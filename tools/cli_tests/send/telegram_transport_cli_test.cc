// The built binary over TLS and through proxies: what the server and the proxy received, what the
// outbox holds, the exit code, and that the token and a proxy's password are nowhere. Numbered as
// in docs/telegram_behaviours.md.

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/net/certificates.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/fake_proxy.h"
#include "notify/testing/net/loopback.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using notify::testing::CertificateAuthority;
using notify::testing::Connection;
using notify::testing::ConnectionServer;
using notify::testing::FakeProxy;
using notify::testing::Listener;
using notify::testing::MakeSelfSigned;
using notify::testing::TlsIdentity;
using testing::Finished;

// A name that only a test proxy can resolve (RFC 6761).
constexpr char kFarHost[] = "bot-api.test";

class TelegramTransportTest : public testing::SendingTest {
 protected:
  void SetUp() override {
    chats_ = "42";
    ca_file_ = dir_.Write("ca.pem", authority_.certificate_pem());
  }

  // Starts a server called `host`, with a certificate that CA_FILE trusts.
  void StartTlsServer(const std::string& host) {
    StartServer(kToken, authority_.Issue({.host = host}));
    url_ = absl::StrCat("https://", host, ":", server_->port());
  }

  // Writes the configuration: `lines`, CA_FILE, and a setting that makes runs fast.
  void Configure(const std::string& lines) {
    more_ = absl::StrCat("SEND_AS=text\nCA_FILE=", ca_file_, "\n", lines);
  }

  std::string FarServer() const { return absl::StrCat(kFarHost, ":", server_->port()); }

  const CertificateAuthority authority_{"the test's authority"};
  std::string ca_file_;
};

TEST_F(TelegramTransportTest, B19AServerThatIsSilentBeforeTlsDoesNotHoldTheRun) {
  ConnectionServer silent(Listener::Open().value(), [](Connection& peer) { peer.Drain(); });
  url_ = absl::StrCat("https://127.0.0.1:", silent.port());
  Configure("SEND_WITHIN=2s\n");
  const absl::Time begin = absl::Now();
  const Finished run = Run("run");
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
  EXPECT_EQ(run.exit_code, 75);
  EXPECT_NE(run.err.find("not sent, kept for the next run: 127.0.0.1: "), std::string::npos)
      << run.err;
  EXPECT_GE(silent.connections(), 1);
  EXPECT_EQ(Waiting(), 1);

  StartTlsServer("127.0.0.1");
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42"}));
}

TEST_F(TelegramTransportTest, B19AServerThatIsSilentOverIpv6IsAskedOverIpv4) {
  StartTlsServer(kFarHost);
  absl::StatusOr<Listener> listener = Listener::OpenOnIpv6(server_->port());
  if (!listener.ok()) GTEST_SKIP() << listener.status();
  ConnectionServer silent(*std::move(listener), [](Connection& peer) { peer.Drain(); });
  environment_ = {"LD_PRELOAD=tools/testing/libtwo_loopbacks.so"};
  // The sanitizer's own library must be loaded first.
  setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
  Configure("SEND_WITHIN=4s\n");
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(silent.connections(), 1);
  EXPECT_EQ(server_->connections(), 1);
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42"}));
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(TelegramTransportTest, B20ACertificateThatDoesNotHoldIsRefusedBeforeAnythingIsSent) {
  const CertificateAuthority stranger("an authority that nobody knows");
  const absl::Time now = absl::Now();
  const std::string trust = "name the authority's certificate in CA_FILE";
  const std::string clock = "check this machine's clock, and the certificate";
  const struct {
    const char* what;
    TlsIdentity identity;
    bool has_ca_file;
    std::string advice;
  } cases[] = {
      {"an authority that CA_FILE does not have", stranger.Issue({.host = "127.0.0.1"}), true,
       trust},
      {"an authority that the system does not have", authority_.Issue({.host = "127.0.0.1"}), false,
       trust},
      {"no authority, with CA_FILE", MakeSelfSigned("127.0.0.1"), true, trust},
      {"no authority", MakeSelfSigned("127.0.0.1"), false, trust},
      {"expired",
       authority_.Issue({.host = "127.0.0.1",
                         .valid_from = now - absl::Hours(2),
                         .valid_until = now - absl::Hours(1)}),
       true, clock},
      {"not valid yet",
       authority_.Issue({.host = "127.0.0.1",
                         .valid_from = now + absl::Hours(1),
                         .valid_until = now + absl::Hours(2)}),
       true, clock},
      {"of another host", authority_.Issue({.host = "bot-api.test"}), true,
       "check the host in TELEGRAM_API_URL"},
      {"of another address", authority_.Issue({.host = "127.0.0.2"}), true,
       "check the host in TELEGRAM_API_URL"},
  };
  Configure("");
  StartServer();
  ASSERT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  int reports = 0;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    StartServer(kToken, c.identity);
    Configure("");
    if (!c.has_ca_file) more_ = "SEND_AS=text\n";
    const Finished run = Run("send");
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("the certificate of 127.0.0.1 is not accepted"), std::string::npos)
        << run.err;
    EXPECT_NE(run.err.find(c.advice), std::string::npos) << run.err;
    EXPECT_EQ(server_->connections(), 1) << "and nothing else was tried";
    EXPECT_EQ(Run("send", {"--test"}).exit_code, 1);
    EXPECT_EQ(server_->connections(), 2);
    EXPECT_EQ(server_->bytes_received(), 0u);
    EXPECT_EQ(Waiting(), ++reports);
  }

  StartTlsServer("127.0.0.1");
  Configure("");
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), Strings(std::size(cases), "sendMessage 42"));
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(TelegramTransportTest, B20ACaFileThatIsNoneIsNamedBeforeAnythingIsSent) {
  StartTlsServer("127.0.0.1");
  for (const std::string& path : {dir_.Path("missing.pem"), dir_.Write("empty.pem", ""),
                                  dir_.Write("other.pem", "no certificate\n")}) {
    ca_file_ = path;
    Configure("");
    const Finished run = Run("run");
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_NE(run.err.find(absl::StrCat("CA_FILE in ", dir_.Path("cpuagg.env"), ": ", path)),
              std::string::npos)
        << run.err;
  }
  EXPECT_EQ(server_->bytes_received(), 0u);
}

class TelegramProxyTest : public TelegramTransportTest {
 protected:
  void SetUp() override {
    TelegramTransportTest::SetUp();
    StartTlsServer(kFarHost);
    StartProxy({});
  }

  void StartProxy(FakeProxy::Options options) {
    absl::StatusOr<std::unique_ptr<FakeProxy>> proxy = FakeProxy::Start(std::move(options));
    ASSERT_TRUE(proxy.ok()) << proxy.status();
    proxy_ = *std::move(proxy);
  }

  std::string ProxyUrl(const std::string& scheme, const std::string& user = "") const {
    return absl::StrCat(scheme, "://", user, user.empty() ? "" : "@", proxy_->address());
  }

  std::unique_ptr<FakeProxy> proxy_;
};

TEST_F(TelegramProxyTest, B31TheConfiguredProxyIsUsedAndLearnsTheNameOfTheServerAlone) {
  // The environment's proxy and its exceptions are ignored then.
  environment_ = {"https_proxy=http://127.0.0.1:1", "all_proxy=http://127.0.0.1:1", "no_proxy=*"};
  Strings asked;
  for (const auto& [scheme, protocol] : {std::pair("http", "CONNECT "), {"socks5h", "SOCKS5 "}}) {
    Configure(absl::StrCat("PROXY=", ProxyUrl(scheme), "\n"));
    const Finished run = Run("run");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    asked.push_back(protocol + FarServer());
    EXPECT_EQ(proxy_->asked(), asked);
  }
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42", "sendMessage 42"}));
  EXPECT_EQ(Waiting(), 0);
  EXPECT_EQ(proxy_->heard().find(kToken), std::string::npos);
  EXPECT_EQ(proxy_->heard().find("sendMessage"), std::string::npos);
}

TEST_F(TelegramProxyTest, B31TheEnvironmentsProxyIsUsedWhereNoneIsConfigured) {
  Configure("");
  Strings asked;
  for (const auto& [scheme, protocol] : {std::pair("http", "CONNECT "), {"socks5h", "SOCKS5 "}}) {
    environment_ = {"https_proxy=" + ProxyUrl(scheme)};
    const Finished run = Run("run");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    asked.push_back(protocol + FarServer());
    EXPECT_EQ(proxy_->asked(), asked);
  }
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42", "sendMessage 42"}));
}

TEST_F(TelegramProxyTest, B31AnEmptyProxyBeatsTheEnvironments) {
  StartTlsServer("127.0.0.1");
  environment_ = {"https_proxy=" + ProxyUrl("http"), "all_proxy=" + ProxyUrl("http")};
  Configure("PROXY=\n");
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42"}));
  EXPECT_EQ(proxy_->connections(), 0);
}

TEST_F(TelegramProxyTest, B31PlainHttpGoesThroughNoProxyWhichWouldSeeTheToken) {
  StartServer();
  environment_ = {"http_proxy=" + ProxyUrl("http"), "all_proxy=" + ProxyUrl("http")};
  for (const std::string& lines :
       {std::string(), "PROXY=" + ProxyUrl("http") + "\n", "PROXY=" + ProxyUrl("socks5h") + "\n"}) {
    Configure(lines);
    const Finished run = Run("run");
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }
  EXPECT_EQ(Requests(), 3u);
  EXPECT_EQ(proxy_->connections(), 0);
}

TEST_F(TelegramProxyTest, B31AServerThatTheProxyDoesNotReachCostsADelay) {
  url_ = absl::StrCat("https://", kFarHost, ":1");
  for (const char* scheme : {"http", "socks5h"}) {
    Configure(absl::StrCat("SEND_WITHIN=1s\nPROXY=", ProxyUrl(scheme), "\n"));
    const Finished run = Run("run");
    EXPECT_EQ(run.exit_code, 75);
    EXPECT_NE(run.err.find("the proxy did not connect to bot-api.test: "), std::string::npos)
        << run.err;
  }
  EXPECT_EQ(Waiting(), 2);
  StartTlsServer(kFarHost);
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered().size(), 2u);
}

TEST_F(TelegramProxyTest, B31ACertificateIsCheckedBehindAProxyToo) {
  StartServer(kToken, MakeSelfSigned(kFarHost));
  url_ = "https://" + FarServer();
  for (const char* scheme : {"http", "socks5h"}) {
    Configure(absl::StrCat("PROXY=", ProxyUrl(scheme), "\n"));
    const Finished run = Run("run");
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("the certificate of bot-api.test is not accepted"), std::string::npos)
        << run.err;
  }
  EXPECT_EQ(server_->connections(), 2);
  EXPECT_EQ(server_->bytes_received(), 0u);
}

TEST_F(TelegramProxyTest, B31AProxysPasswordIsKnownToTheProxyAlone) {
  const std::string password = "pa@secret-word.invalid/1";
  const std::string in_url = "pa%40secret-word.invalid%2F1";
  StartProxy({.user = "cpuagg", .password = password});
  const std::string part = "secret-word";  // libcurl may take it for the proxy's host
  const auto with_user = [&](const std::string& user, const std::string& rest) {
    return absl::StrCat(user, ":", in_url, "@", rest);
  };
  const struct {
    std::string proxy;
    int exit_code;  // if it is set in the environment
    std::string says;
    int exit_code_if_configured;  // which has priority
  } cases[] = {
      {"http://" + with_user("cpuagg", proxy_->address()), 0, "", 0},
      {"socks5h://" + with_user("cpuagg", proxy_->address()), 0, "", 0},
      {"http://" + with_user("somebody", proxy_->address()), 1, "rejects the user", 1},
      {"socks5h://" + with_user("somebody", proxy_->address()), 1, "rejects the user", 1},
      {"http://" + with_user("cpuagg", "127.0.0.1:1"), 75, "127.0.0.1 port 1", 75},
      {"socks5h://" + with_user("cpuagg", "127.0.0.1:1"), 75, "127.0.0.1 port 1", 75},
      {"http://" + with_user("cpuagg", "proxy.invalid:1"), 75, "PROXY", 75},
      {"socks5h://" + with_user("cpuagg", "proxy.invalid:1"), 75, "PROXY", 75},
      {"gopher://" + with_user("cpuagg", "127.0.0.1:1"), 1, "PROXY", 2},
      {"http://" + with_user("cpuagg", "127.0.0.1:port"), 1, "PROXY", 2},
      {"http://" + with_user("cpuagg", ""), 1, "PROXY", 2},
      {"http://cpuagg:" + password + "@127.0.0.1:1", 75, "PROXY", 2},
      {"socks5h://cpuagg:" + password + "@127.0.0.1:1", 75, "PROXY", 2},
  };
  size_t delivered = 0;
  for (const auto& c : cases) {
    for (const bool is_configured : {true, false}) {
      SCOPED_TRACE(absl::StrCat(c.proxy, is_configured ? " configured" : " from the environment"));
      Configure(is_configured ? "PROXY=" + c.proxy + "\nSEND_WITHIN=1s\n" : "SEND_WITHIN=1s\n");
      environment_ = {"https_proxy=" + (is_configured ? "" : c.proxy)};
      const Finished run = Run("run", {"--verbose"});
      EXPECT_EQ(run.exit_code, is_configured ? c.exit_code_if_configured : c.exit_code) << run.err;
      EXPECT_NE(run.err.find(c.says), std::string::npos) << run.err;
      ExpectNowhere(part, run);
      ExpectNowhere(part, Run("send", {"--status"}));
      delivered += c.exit_code == 0 ? 1 : 0;
      EXPECT_EQ(Delivered().size(), delivered);
      EXPECT_EQ(Waiting(), run.exit_code == 0 || run.exit_code == 2 ? 0 : 1);
      std::filesystem::remove_all(dir_.Path("store"));
    }
  }
  EXPECT_TRUE(absl::StrContains(proxy_->heard(), password)) << "SOCKS has it as it is";
}

}  // namespace
}  // namespace cpuagg::tools
