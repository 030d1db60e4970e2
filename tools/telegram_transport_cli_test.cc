// The built binary over TLS: what the server received, what the outbox holds, the exit code, and that
// the token is nowhere. Numbered as in telegram_behaviours_cli_test.cc, which has the other
// behaviours.

#include <cstdlib>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/certificates.h"
#include "notify/testing/connection_server.h"
#include "notify/testing/fake_bot_api.h"
#include "notify/testing/loopback.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using notify::testing::CertificateAuthority;
using notify::testing::Connection;
using notify::testing::ConnectionServer;
using notify::testing::Listener;
using notify::testing::MakeSelfSigned;
using notify::testing::TlsIdentity;
using testing::Finished;

// A name that no name server knows (RFC 6761).
constexpr char kFarHost[] = "bot-api.test";

class TelegramTransportTest : public testing::SendingTest {
 protected:
  void SetUp() override {
    chats_ = "42";
    ca_file_ = dir_.Write("ca.pem", authority_.certificate_pem());
  }

  // A server called `host`, with a certificate that CA_FILE vouches for.
  void StartTlsServer(const std::string& host) {
    StartServer(kToken, authority_.Issue({.host = host}));
    url_ = absl::StrCat("https://", host, ":", server_->port());
  }

  // `lines` of the configuration besides CA_FILE and what makes runs quick.
  void Configure(const std::string& lines) {
    more_ = absl::StrCat("SEND_AS=text\nCA_FILE=", ca_file_, "\n", lines);
  }

  const CertificateAuthority authority_{"the test's authority"};
  std::string ca_file_;
};

TEST_F(TelegramTransportTest, B19AServerThatIsSilentBeforeTlsDoesNotHoldTheRun) {
  ConnectionServer silent(Listener::Open().value(),
                          [](Connection peer) { peer.Drain(absl::InfiniteDuration()); });
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
  ConnectionServer silent(*std::move(listener),
                          [](Connection peer) { peer.Drain(absl::InfiniteDuration()); });
  environment_ = {"LD_PRELOAD=tools/testing/libtwo_loopbacks.so"};
  // The sanitizer's own library wants to be the first one loaded.
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
  const std::string trust = "name that authority's certificate in CA_FILE";
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
      {"no authority, with CA_FILE", MakeSelfSigned({.host = "127.0.0.1"}), true, trust},
      {"no authority", MakeSelfSigned({.host = "127.0.0.1"}), false, trust},
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
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find(absl::StrCat("CA_FILE ", path)), std::string::npos) << run.err;
  }
  EXPECT_EQ(server_->bytes_received(), 0u);
}

}  // namespace
}  // namespace cpuagg::tools
