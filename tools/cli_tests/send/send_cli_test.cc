// The built binary, `cpuagg run` and `cpuagg send`, with a Bot API server on loopback: what arrives
// there, what is printed, and that the token appears nowhere.

#include <sys/stat.h>
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/picture/picture.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using testing::Finished;

class SendCliTest : public testing::SendingTest {};

// The report's text without its last line, the unique id.
std::string WithoutId(const std::string& text) { return text.substr(0, text.rfind('\n')); }

TEST_F(SendCliTest, RunSendsTheChartWithTheTableToEveryChat) {
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42", "sendPhoto @lab_news"}));
  EXPECT_EQ(Waiting(), 0);
  for (const FakeBotApi::Received& request : server_->received()) {
    EXPECT_EQ(request.fields.at("parse_mode").value, "HTML");
    EXPECT_EQ(WithoutId(request.visible_text),
              "lab<01> · CPU by user\n"
              "2026-11-22 19:35:45 – 19:36:31 UTC\n"
              "Total 14.32s · 4 users\n"
              "USER                 TIME    %\n"
              "bob                 7.59s  53%\n"
              "dave                5.41s  38%\n"
              "alice               0.86s   6%\n"
              "carolinelongname    0.46s   3%\n"
              "Left out: 7 users with 26.01s (5 of them without an account: 0.97s)\n"
              "Not all jobs that still run are included");
    const notify::testing::Field& photo = request.fields.at("photo");
    if (request.fields.at("chat_id").value == "@lab_news") {
      // The second chat gets the file that the server already has.
      EXPECT_FALSE(photo.is_file());
      continue;
    }
    EXPECT_EQ(photo.content_type, "image/png");
    EXPECT_EQ(request.headers.at("user-agent").substr(0, 7), "cpuagg/");
    const auto picture = notify::testing::Picture::Decode(photo.value);
    EXPECT_EQ(picture.width(), 1280);
    EXPECT_EQ(picture.height(), 720);
  }
}

TEST_F(SendCliTest, OnATerminalItSaysToHowManyChats) {
  testing::Program program = Command("run");
  program.terminal_columns = 80;
  const Finished run = testing::RunProgram(program);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("cpuagg: sent to 2 chats\n"), std::string::npos) << run.err;
  EXPECT_EQ(Run("send").err, "");
}

TEST_F(SendCliTest, TheSecondRunCountsNothingTwice) {
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(Run("run").exit_code, 0);
  const std::vector<FakeBotApi::Received> received = server_->received();
  ASSERT_EQ(received.size(), 4u);
  EXPECT_EQ(WithoutId(received[0].visible_text), WithoutId(received[2].visible_text));
  EXPECT_NE(received[0].visible_text, received[2].visible_text) << "two reports with one id";
}

TEST_F(SendCliTest, TheConfigurationDecidesWhatIsSentAndHow) {
  more_ = "SEND_AS=text\nIGNORED_USERS=bob\nINCLUDE_UNKNOWN_USERS=yes\n";
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42", "sendMessage @lab_news"}));
  const std::string text = server_->received()[0].visible_text;
  EXPECT_NE(text.find("\nroot "), std::string::npos) << text;
  EXPECT_NE(text.find("\n4294967293 "), std::string::npos) << text;
  EXPECT_NE(text.find("Left out: 1 user with 7.59s"), std::string::npos) << text;

  more_ = "SEND_AS=document\n";
  EXPECT_EQ(Run("send").exit_code, 0);
  EXPECT_EQ(server_->received().back().method, "sendDocument");
}

TEST_F(SendCliTest, UsersAreLeftOutInTheDefaultListsPlaceOrOnTopOfIt) {
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  const auto is_in_message = [&](const std::string& ignored, const std::string& user) {
    more_ = "SEND_AS=text\nIGNORED_USERS=" + ignored + "\n";
    const std::string text = Run("send", {"--dry-run"}).out;
    EXPECT_NE(text.find("\ndave "), std::string::npos) << ignored << "\n" << text;
    return text.find("\n" + user + " ") != std::string::npos;
  };
  for (const char* user : {"bob", "root"}) {
    EXPECT_FALSE(is_in_message("root, bob", user)) << user;
    EXPECT_FALSE(is_in_message("+bob", user)) << user;
    EXPECT_FALSE(is_in_message("+bob, +alice", user)) << user;
    EXPECT_FALSE(is_in_message("alice, + bob", user)) << user;
  }
  EXPECT_FALSE(is_in_message("+bob, alice", "alice"));
  EXPECT_TRUE(is_in_message("bob", "root"));
  EXPECT_FALSE(is_in_message("+", "root"));
  EXPECT_TRUE(is_in_message("+", "bob"));
}

TEST_F(SendCliTest, SinceLastReportsWhatIsNewSinceTheLastSuchReport) {
  chats_ = "42";
  pacct_ = dir_.Write("pacct", ReadFile(std::string(kLab) + "pacct.0"));
  const auto text = [&] { return server_->received().back().visible_text; };
  EXPECT_EQ(Run("run", {"--period", "since-last"}).exit_code, 0);
  EXPECT_NE(text().find("Total 14.32s"), std::string::npos) << text();
  dir_.Append("pacct", ReadFile(std::string(kLab) + "pacct"));
  // Neither a dry run nor a report of another period counts as such a report.
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  EXPECT_EQ(Run("run", {"--period", "since-last", "--dry-run"}).exit_code, 0);
  // They ended days before the last reported run, but the heading includes them.
  const Finished late = Run("report", {"--period", "since-last", "--format", "json"});
  EXPECT_NE(late.out.find("\"period\": {\"start\": \"2026-11-22T19:00:00Z\", \"end\": "
                          "\"2026-11-22T19:37:13Z\"}"),
            std::string::npos)
      << late.out;
  EXPECT_EQ(Run("send", {"--period", "all"}).exit_code, 0);
  EXPECT_NE(text().find("Total 27.54s"), std::string::npos) << text();
  EXPECT_EQ(Run("run", {"--period", "since-last"}).exit_code, 0);
  EXPECT_NE(text().find("Total 13.22s"), std::string::npos) << text();
  EXPECT_EQ(Run("run", {"--period", "since-last"}).exit_code, 0);
  EXPECT_NE(text().find(" · No CPU usage · since 20"), std::string::npos) << text();
}

TEST_F(SendCliTest, AForumTopicIsAddressed) {
  chats_ = "-1001234567890/7";
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(server_->received()[0].fields.at("message_thread_id").value, "7");
}

TEST_F(SendCliTest, DryRunShowsTheMessageAndNeedsNoToken) {
  ASSERT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  token_ = "";
  chats_ = "";
  const std::string chart = dir_.Path("chart.png");
  const Finished run = Run("run", {"--dry-run", "--chart", chart});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("nothing is collected in a dry run"), std::string::npos) << run.err;
  // As the reader sees it in the chat.
  EXPECT_EQ(run.out.find("[picture "), 0u) << run.out;
  EXPECT_NE(run.out.find(".png]\nlab<01> · CPU by user\n"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("chart: " + chart + "\n"), std::string::npos);
  EXPECT_EQ(notify::testing::Picture::Decode(ReadFile(chart)).width(), 1280);
  EXPECT_NE(Run("send", {"--dry-run", "--raw"}).out.find("<b>lab&lt;01&gt;</b> · CPU by user\n"),
            std::string::npos);
  EXPECT_EQ(Run("send", {"--raw"}).exit_code, 2);
  more_ = "SEND_AS=text\n";
  EXPECT_EQ(Run("send", {"--dry-run"}).out.find("lab<01> · CPU by user\n"), 0u);
  EXPECT_TRUE(server_->received().empty());
}

// Nothing is collected, queued, or left over.
TEST_F(SendCliTest, DryRunIsDry) {
  const Finished without_store = Run("run", {"--dry-run"});
  EXPECT_EQ(without_store.exit_code, 1);
  EXPECT_NE(without_store.err.find("there is no store here"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(dir_.Path("store")));
  ASSERT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  const auto files = [&] {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
      // Ignores fontconfig's cache.
      const std::string path = entry.path().string();
      if (path.find("fontconfig") != std::string::npos) continue;
      contents[path] = entry.is_regular_file() ? ReadFile(path) : "";
    }
    return contents;
  };
  more_ = "ALERT_CPU_HOURS=1\n";
  (void)Command("run");
  const auto before = files();
  for (const Strings& flags :
       {Strings{"--dry-run"}, {"--dry-run", "--chart", "/dev/null"}, {"--dry-run", "--raw"}}) {
    EXPECT_EQ(Run("run", flags).exit_code, 0);
    EXPECT_EQ(Run("send", flags).exit_code, 0);
  }
  EXPECT_EQ(Run("send", {"--dry-run", "--alerts"}).exit_code, 0);
  EXPECT_EQ(files(), before);
}

TEST_F(SendCliTest, DryRunNamesTheFileOfTheWholeTableAlsoBehindAText) {
  std::string records;
  for (uint32_t uid = 1; uid <= 400; ++uid) {
    records += acct::testing::RecordBuilder().Uid(uid).Pid(uid).UserTime(100).Bytes();
  }
  pacct_ = dir_.Write("pacct", records);
  more_ = "SEND_AS=text\nINCLUDE_UNKNOWN_USERS=yes\n";
  ASSERT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  const std::string out = Run("send", {"--dry-run"}).out;
  EXPECT_NE(out.find("\n[file lab"), std::string::npos) << out;
  EXPECT_NE(out.find(".csv]\n"), std::string::npos) << out;
}

// The readers of the chat learn of the problem too, not only those of cron's mail.
TEST_F(SendCliTest, WithAnEmptyAccountingFileTheMessageSaysThatAccountingSeemsToBeOff) {
  pacct_ = dir_.Write("empty", "");
  const Finished collect = Run("collect", {"--no-running", "--quiet"});
  EXPECT_EQ(collect.exit_code, 0);
  EXPECT_EQ(collect.err,
            absl::StrCat("cpuagg: accounting seems to be off: ", pacct_,
                         " has no record of a process that has just ended; turn accounting on "
                         "(accton ",
                         pacct_,
                         ", package acct), unless this is a copy, or the kernel writes to another "
                         "file (--accounting-file)\n"));
  const Finished message = Run("send", {"--dry-run"});
  EXPECT_EQ(message.exit_code, 0) << message.err;
  EXPECT_NE(message.out.find(" · No CPU usage · all time\n"), std::string::npos) << message.out;
  EXPECT_NE(message.out.find("\n⚠ accounting seems to be off\n"), std::string::npos) << message.out;
}

TEST_F(SendCliTest, AConfigurationThatCannotWorkIsSaidBeforeAnythingIsSent) {
  struct Case {
    const char* name;
    std::string token;
    std::string chats;
    std::string more;
    mode_t mode;
    int exit_code;
    std::string says;
  };
  const std::string env = dir_.Path("cpuagg.env");
  const Case cases[] = {
      {"no token", "", "42", "", 0600, 2,
       "there is no bot token in " + env + "; set BOT_TOKEN there"},
      {"open to others", kToken, "42", "", 0644, 2, "run chmod o= " + env},
      {"malformed token", "abc", "42", "", 0600, 2,
       "BOT_TOKEN in " + env + ": the bot token is malformed"},
      {"no chat", kToken, "", "", 0600, 2,
       "there is no chat to send to in " + env + "; set CHAT_ID there"},
      {"malformed chat", kToken, "42,4 2", "", 0600, 2,
       "CHAT_ID in " + env + ": '4 2' is not a chat"},
      {"malformed period", kToken, "42", "REPORT_PERIOD=x\n", 0600, 2,
       "REPORT_PERIOD in " + env + ": 'x'"},
      {"malformed kind", kToken, "42", "SEND_AS=x\n", 0600, 2, "SEND_AS in " + env + ": 'x'"},
      {"malformed table", kToken, "42", "FULL_TABLE=x\n", 0600, 2,
       "FULL_TABLE in " + env + ": 'x' is not one of csv"},
      {"malformed guarantee", kToken, "42", "DELIVERY=x\n", 0600, 2,
       "DELIVERY in " + env + ": 'x'"},
      {"malformed silence", kToken, "42", "SILENT=x\n", 0600, 2, "SILENT in " + env + ": 'x'"},
      {"malformed expiry", kToken, "42", "EXPIRE_AFTER=x\n", 0600, 2,
       "EXPIRE_AFTER in " + env + ": 'x'"},
      {"malformed time", kToken, "42", "SEND_WITHIN=0s\n", 0600, 2,
       "SEND_WITHIN in " + env + ": '0s'"},
      {"limits without a comma", kToken, "42", "ALERT_CPU_HOURS=2 alice=3\n", 0600, 2,
       "ALERT_CPU_HOURS in " + env + ": '2 alice' is not the name of a user"},
      {"malformed limit", kToken, "42", "ALERT_CPU_HOURS=x\n", 0600, 2,
       "ALERT_CPU_HOURS in " + env + ": 'x'"},
      {"malformed alert period", kToken, "42", "ALERT_PERIOD=x\n", 0600, 2,
       "ALERT_PERIOD in " + env + ": 'x'"},
      {"plain http", kToken, "42", "TELEGRAM_API_URL=http://example.org\n", 0600, 2,
       "TELEGRAM_API_URL in " + env + ": is plain http"},
      {"impossible port", kToken, "42", "TELEGRAM_API_URL=https://example.org:99999\n", 0600, 2,
       "TELEGRAM_API_URL in " + env + ": has a port that is not a number from 1 to 65535"},
      {"odd brackets", kToken, "42", "TELEGRAM_API_URL=http://[::1\n", 0600, 2,
       "TELEGRAM_API_URL in " + env + ": has brackets that are not around an IPv6 address"},
      {"impossible port of the proxy", kToken, "42", "PROXY=http://proxy:0\n", 0600, 2,
       "PROXY in " + env + ": has a port that is not a number from 1 to 65535"},
      {"password as it is", kToken, "42", "PROXY=http://user:pass#word@proxy:3128\n", 0600, 2,
       "PROXY in " + env +
           ": has a '#' where only user, password, host and port are allowed (in a password, write "
           "%23)"},
      {"no authorities", kToken, "42", "CA_FILE=/none\n", 0600, 2,
       "CA_FILE in " + env + ": /none: cannot open"},
      {"no file with the token", "", "42", "BOT_TOKEN_FILE=/none\n", 0600, 2,
       "BOT_TOKEN_FILE in " + env + ": /none: cannot open"},
      {"writable by others", kToken, "42", "", 0622, 2,
       env +
           ": can be written by others; run "
           "chmod go-w " +
           env},
      {"malformed line", kToken, "42", "nonsense\n", 0600, 2, "cpuagg.env:7: is not KEY=value"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    token_ = c.token;
    chats_ = c.chats;
    more_ = c.more;
    const Finished run = Run("send", {}, c.mode);
    EXPECT_EQ(run.exit_code, c.exit_code);
    EXPECT_NE(run.err.find(c.says), std::string::npos) << run.err;
  }
  EXPECT_EQ(server_->connections(), 0);
  EXPECT_EQ(Waiting(), 0);
}

// No user is left out, not even those of the default list.
TEST_F(SendCliTest, AnEmptyListOfIgnoredUsersIsOne) {
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  more_ = "INCLUDE_UNKNOWN_USERS=yes\n";
  EXPECT_NE(Run("send", {"--dry-run"}).out.find("Left out: "), std::string::npos);
  const std::string all = Run("send", {"--dry-run", "--ignore-user", ""}).out;
  EXPECT_EQ(all.find("Left out: "), std::string::npos) << all;
}

TEST_F(SendCliTest, WhatIsNoReportHasNothingToChooseFrom) {
  more_ = "ALERT_CPU_HOURS=1\n";
  for (const char* instead : {"--alerts", "--pending", "--status", "--test"}) {
    const Finished run = Run("send", {instead, "--user", "bob"});
    EXPECT_EQ(run.exit_code, 2) << instead;
    EXPECT_NE(run.err.find(absl::StrCat("--user: applies to a report, and ", instead)),
              std::string::npos)
        << run.err;
  }
}

TEST_F(SendCliTest, ASilentReportMakesNoSound) {
  more_ = "SILENT=yes\n";
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(server_->received()[0].fields.at("disable_notification").value, "true");
}

}  // namespace
}  // namespace cpuagg::tools
