// The built binary and the bot's token: what a core dump, a trace of its system calls, and its own
// output reveal.

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"
#include "tools/testing/tracing.h"

namespace cpuagg::tools {
namespace {

using testing::Finished;
using testing::Program;
using testing::RunProgram;
using testing::StartedProgram;

class TokenCliTest : public testing::SendingTest {
 protected:
  // The secret part of kToken.
  static std::string Secret() { return std::string(absl::string_view(kToken).substr(10)); }

  // Aborts `program` when it has opened the pipe `fifo` for reading, on which it blocks.
  static Finished AbortedAt(const std::string& fifo, Program program) {
    StartedProgram started(std::move(program));
    int fd = -1;
    for (const absl::Time begin = absl::Now(); fd < 0 && absl::Now() - begin < absl::Minutes(1);) {
      fd = open(fifo.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
      if (fd < 0) absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_GE(fd, 0) << "it never came to read the pipe";
    started.Signal(SIGABRT);
    Finished finished = started.Wait();
    close(fd);
    return finished;
  }
};

TEST_F(TokenCliTest, NoCommandLeavesACoreDump) {
  const rlimit unlimited = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  if (setrlimit(RLIMIT_CORE, &unlimited) != 0) GTEST_SKIP() << "no core may be large here";
  const std::string fifo = dir_.Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const Finished other = AbortedAt(fifo, {.argv = {"/bin/cat", fifo}, .directory = dir_.path()});
  ASSERT_EQ(other.signal, SIGABRT);
  if (!other.left_core) GTEST_SKIP() << "the system keeps no cores";

  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  const std::string lab = std::string(kLab) + "pacct.0";
  const std::vector<Strings> commands = {{"report", lab},
                                         {"report"},
                                         {"records", lab},
                                         {"sa", "-u", lab},
                                         {"collect", "--no-running"},
                                         {"run"},
                                         {"run", "--dry-run"},
                                         {"send"},
                                         {"send", "--dry-run"}};
  passwd_ = fifo;
  environment_ = {std::string("BOT_TOKEN=") + kToken};
  for (const Strings& command : commands) {
    SCOPED_TRACE(absl::StrJoin(command, " "));
    const Finished run =
        AbortedAt(fifo, Command(command[0], Strings(command.begin() + 1, command.end())));
    EXPECT_EQ(run.signal, SIGABRT) << run.err;
    EXPECT_FALSE(run.left_core);
  }
}

TEST_F(TokenCliTest, OfAWholeRunTheTokenIsInNoWriteButToTheServer) {
  if (!testing::MayTrace()) GTEST_SKIP() << "nothing may be traced here";
  const std::string trace = dir_.Path("trace");
  const Finished run = RunProgram(testing::WithTrace(
      Command("run", {"--verbose"}),
      "write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,sendfile,splice", trace));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Delivered().size(), 2u);
  const std::string server = absl::StrCat("->127.0.0.1:", server_->port(), "]>");
  size_t to_server = 0;
  size_t others = 0;
  const std::string traced = acct::testing::ReadFile(trace);
  for (const absl::string_view line : absl::StrSplit(traced, '\n')) {
    if (!absl::StrContains(line, Secret())) {
      others += absl::StrContains(line, "write(") ? 1 : 0;
      continue;
    }
    ++to_server;
    EXPECT_TRUE(absl::StrContains(line.substr(0, line.find('"')), server)) << line.substr(0, 200);
  }
  EXPECT_EQ(to_server, 2u) << "a request for each chat";
  EXPECT_GT(others, 0u) << "the files of the store";
}

TEST_F(TokenCliTest, CommandsThatSendNothingDoNotLookForTheToken) {
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  token_ = "";
  more_ = "BOT_TOKEN_FILE=/none\n";
  environment_ = {"CREDENTIALS_DIRECTORY=/none"};
  for (const Strings& command : {Strings{"report"},
                                 {"records", pacct_},
                                 {"sa", "-m", pacct_},
                                 {"collect", "--no-running"},
                                 {"send", "--dry-run"},
                                 {"run", "--dry-run"},
                                 {"send", "--status"}}) {
    SCOPED_TRACE(command[0] + " " + command.back());
    const Finished run = Run(command[0], Strings(command.begin() + 1, command.end()));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, command[0] == "run"
                           ? "cpuagg: nothing is collected in a dry run: this is what the store "
                             "has\n"
                           : "");
  }
}

TEST_F(TokenCliTest, InTheWrongPlaceItIsNotRepeated) {
  const std::string token = kToken;
  struct Case {
    const char* name;
    Strings flags;
    std::string lines;
    Strings environment;
  };
  const Case cases[] = {
      {"a chat", {}, "CHAT_ID=" + token, {}},
      {"half of it as a chat", {}, "CHAT_ID=42," + Secret(), {}},
      {"a file with it", {}, "BOT_TOKEN_FILE=" + token, {}},
      {"half of it as a file", {}, "BOT_TOKEN_FILE=" + Secret(), {}},
      {"half of it as a kind", {}, "SEND_AS=" + Secret(), {}},
      {"a kind", {}, "SEND_AS=" + token, {}},
      {"a proxy", {}, "PROXY=" + token, {}},
      {"an address", {}, "TELEGRAM_API_URL=https://api.telegram.org/bot" + token + "/getMe", {}},
      {"a name of the host", {}, "HOST_NAME=" + token, {}},
      {"a period", {}, "REPORT_PERIOD=" + token, {}},
      {"a limit", {}, "ALERT_CPU_HOURS=" + token, {}},
      {"authorities", {}, "CA_FILE=/" + token, {}},
      {"a store", {}, "STORE=/none/" + token, {}},
      {"no key", {}, token, {}},
      {"a key", {}, token + "=1", {}},
      {"an open quote", {}, "BOT_TOKEN=\"" + token, {}},
      {"a variable", {}, "", {"CHAT_ID=" + token}},
      {"a variable with the prefix", {}, "", {"CPUAGG_SEND_AS=" + token}},
      {"a configuration", {"--config", token}, "", {}},
      {"a flag's value", {"--period", token}, "", {}},
      {"a flag", {"--" + token}, "", {}},
      {"an argument", {token}, "", {}},
      {"a directory", {"--store", token}, "", {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    more_ = c.lines + "\n";
    environment_ = c.environment;
    const Finished run = Run("send", c.flags);
    EXPECT_NE(run.exit_code, 0);
    EXPECT_NE(run.err, "");
    ExpectNowhere(Secret(), run);
  }
  EXPECT_EQ(server_->connections(), 0);
  // Nor do commands reveal it that do not use it.
  const Finished report = RunProgram({.argv = {"tools/cpuagg", "report", token}});
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_EQ(report.err, "cpuagg: <token>: cannot open: No such file or directory\n");
}

}  // namespace
}  // namespace cpuagg::tools
