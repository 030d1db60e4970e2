// The built binary against what the network and the machine may do to a delivery, and with messages
// of every size: behaviours B15 to B18 and B21 to B30 of docs/telegram_behaviours.md. B1 to B14 are
// in telegram_answers_cli_test.cc; TLS and proxies, B19, B20 and B31, in
// telegram_transport_cli_test.cc; and what libcurl alone decides in
// //notify/http:curl_http_client_test and //notify/http:curl_connection_test.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/http_message.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using notify::testing::BadGatewayPage;
using notify::testing::CloseAfterReading;
using notify::testing::EndlessBody;
using notify::testing::Error;
using notify::testing::HttpReply;
using notify::testing::NeverReply;
using notify::testing::Redirect;
using notify::testing::ResetMidUpload;
using notify::testing::TooManyRequests;
using notify::testing::TruncatedReply;
using testing::Finished;
using testing::StartedProgram;

class TelegramBehavioursTest : public testing::SendingTest {
 protected:
  TelegramBehavioursTest() { chats_ = "42"; }
};

TEST_F(TelegramBehavioursTest, B15AServerThatIsNotThereCostsADelay) {
  server_.reset();
  EXPECT_EQ(Run("run").exit_code, 75);
  url_ = "https://no-such-host.invalid";
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 75);
  EXPECT_NE(Run("send", {"--status"}).out.find("pending"), std::string::npos);
  StartServer();
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
}

TEST_F(TelegramBehavioursTest, B16AConnectionClosedAfterTheRequestMeansOneRequest) {
  server_->Enqueue({.action = CloseAfterReading{}, .deliver = true});
  EXPECT_EQ(Run("run").exit_code, 75);
  EXPECT_EQ(Requests(), 1u);
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Requests(), 2u);
}

TEST_F(TelegramBehavioursTest, B17AResetInTheMiddleOfTheUploadIsSentAgainByTheNextRun) {
  server_->Enqueue({.action = ResetMidUpload{.after_bytes = 2000}});
  EXPECT_EQ(Run("run").exit_code, 75);
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
}

TEST_F(TelegramBehavioursTest, B18AServerThatNeverAnswersDoesNotHoldTheRun) {
  more_ = "SEND_WITHIN=2s\n";
  server_->Enqueue({NeverReply{}});
  const absl::Time begin = absl::Now();
  EXPECT_EQ(Run("run").exit_code, 75);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
  EXPECT_EQ(Requests(), 1u);
}

TEST_F(TelegramBehavioursTest, B18AChatThatHangsStarvesNobody) {
  chats_ = "42,@lab_news,-1001234567890";
  more_ = "SEND_WITHIN=6s\n";
  ASSERT_EQ(Run("collect").exit_code, 0);
  for (int i = 0; i < 2; ++i) server_->Enqueue({.action = NeverReply(), .only_chat = "42"});
  EXPECT_EQ(Run("send").exit_code, 75);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto @lab_news", "sendPhoto -1001234567890"}));
  // It comes last now, and gets its report when it answers.
  EXPECT_EQ(Run("send").exit_code, 75);
  EXPECT_EQ(Delivered().size(), 4u);
  EXPECT_EQ(server_->received().back().fields.at("chat_id").value, "42");
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(TelegramBehavioursTest, B21ARedirectIsNotFollowed) {
  server_->Enqueue({Redirect(url_ + "/elsewhere")});
  EXPECT_EQ(Run("run").exit_code, 1);
  EXPECT_EQ(Requests(), 1u);
}

TEST_F(TelegramBehavioursTest, B22AnEndlessAnswerIsCutOff) {
  server_->Enqueue({EndlessBody{}});
  EXPECT_EQ(Run("run").exit_code, 75);
  server_->Enqueue({TruncatedReply{R"({"ok":true)"}});
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 75);
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
}

// The server itself checks limits and markup, and refuses violations.
TEST_F(TelegramBehavioursTest, B23TwoHundredLongNamesComeInPartsThatAreWhole) {
  UseUsers(200, "a-name-of-thirty-two-chars-here-");
  more_ = "FULL_TABLE=parts\n";
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(Requests(), 3u);
  int rows = 0;
  for (const FakeBotApi::Received& request : server_->received()) {
    EXPECT_NE(request.message_id, 0) << request.response_body;
    if (request.method == "sendPhoto") continue;
    EXPECT_EQ(request.fields.at("disable_notification").value, "true");
    EXPECT_TRUE(request.fields.contains("reply_parameters"));
    rows += static_cast<int>(
                std::count(request.visible_text.begin(), request.visible_text.end(), '\n')) -
            2;
  }
  EXPECT_EQ(rows, 200);
}

TEST_F(TelegramBehavioursTest, B23TheFullTableComesAsACsvFileToo) {
  UseUsers(200);
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42", "sendDocument 42"}));
  const auto document = server_->received()[1].fields.at("document");
  EXPECT_EQ(document.content_type, "text/csv");
  EXPECT_EQ(std::count(document.value.begin(), document.value.end(), '\n'), 201);
}

TEST_F(TelegramBehavioursTest, B24NamesOfAnyKindAreValidAndAligned) {
  for (const std::string name :
       {"<b>&", "עברית", "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂",
        "\xff\xfe", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    UseUsers(15, name);
    std::filesystem::remove_all(dir_.Path("store"));
    EXPECT_EQ(Run("run").exit_code, 0) << name;
    EXPECT_NE(server_->received().back().message_id, 0) << server_->received().back().response_body;
  }
}

TEST_F(TelegramBehavioursTest, B25ThePictureGoesUpOnceAndComesAsItIs) {
  chats_ = "42,@lab_news";
  const std::string chart = dir_.Path("chart.png");
  EXPECT_EQ(Run("run", {"--chart", chart}).exit_code, 0);
  EXPECT_EQ(server_->received()[0].fields.at("photo").value, ReadFile(chart));
  EXPECT_FALSE(server_->received()[1].fields.at("photo").is_file());
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42", "sendPhoto @lab_news"}));
}

TEST_F(TelegramBehavioursTest, B25ARefusedPictureComesAsADocumentAndThenAsText) {
  server_->Enqueue({Error(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")});
  EXPECT_EQ(Run("run").exit_code, 0);
  server_->Enqueue({Error(400, "Bad Request: PHOTO_SAVE_FILE_INVALID")});
  server_->Enqueue({Error(413, "Request Entity Too Large")});
  EXPECT_EQ(Run("send").exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendDocument 42", "sendMessage 42"}));
}

TEST_F(TelegramBehavioursTest, B26AKillWhileTheAnswerIsUnderWayFollowsThePolicy) {
  ASSERT_EQ(Run("collect").exit_code, 0);
  for (const bool once : {false, true}) {
    more_ = once ? "DELIVERY=at-most-once\n" : "";
    const size_t before = Requests();
    server_->Enqueue({.action = NeverReply{}, .deliver = true});
    StartedProgram send(Command("send"));
    ASSERT_TRUE(server_->WaitForRequests(before + 1, absl::Seconds(20)));
    send.Kill();
    EXPECT_EQ(send.Wait().signal, SIGKILL);
    EXPECT_NE(Run("send", {"--status"}).out.find(" sending "), std::string::npos);
    EXPECT_EQ(Run("send", {"--pending"}).exit_code, once ? 1 : 0);
    EXPECT_EQ(Requests(), before + (once ? 1 : 2));
    EXPECT_EQ(Waiting(), 0);
  }
}

TEST_F(TelegramBehavioursTest, B27AKillBetweenTwoPartsResumesAtTheSecond) {
  UseUsers(200);
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  // The second part has to wait, and the run is killed meanwhile.
  StartServer();
  server_->Enqueue(
      {HttpReply{.status_code = 200,
                 .body = R"({"ok":true,"result":{"message_id":77,"photo":[{"file_id":"p"}]}})"}});
  server_->Enqueue({TooManyRequests(20)});
  StartedProgram send(Command("send"));
  ASSERT_TRUE(server_->WaitForRequests(2, absl::Seconds(20)));
  send.Kill();
  EXPECT_EQ(send.Wait().signal, SIGKILL);
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  ASSERT_EQ(Requests(), 3u);
  EXPECT_EQ(server_->received()[2].method, "sendDocument");
}

TEST_F(TelegramBehavioursTest, B28OfTwoRunsThatOverlapOneSends) {
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  server_->Enqueue({TooManyRequests(12)});
  StartedProgram first(Command("send"));
  ASSERT_TRUE(server_->WaitForRequests(1, absl::Seconds(20)));
  const Finished second = Run("send", {"--pending"});
  EXPECT_EQ(second.exit_code, 75);
  EXPECT_NE(second.err.find("another run is delivering"), std::string::npos) << second.err;
  EXPECT_EQ(first.Wait().exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
}

TEST_F(TelegramBehavioursTest, B29AStoreThatCannotBeWrittenFailsBeforeAnythingIsSent) {
  dir_.Write("store", "a file where the directory should be");
  EXPECT_EQ(Run("send").exit_code, 1);
  EXPECT_EQ(server_->connections(), 0);
}

TEST_F(TelegramBehavioursTest, B30TheTokenIsInNoCommandLine) {
  server_->Enqueue({TooManyRequests(5)});
  StartedProgram run(Command("run"));
  ASSERT_TRUE(server_->WaitForRequests(1, absl::Seconds(20)));
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string line((std::istreambuf_iterator<char>(file)), {});
    seen += line.find("cpuagg.env") != std::string::npos ? 1 : 0;
    EXPECT_EQ(line.find(kToken), std::string::npos) << entry.path();
  }
  EXPECT_GE(seen, 1) << "the run itself exists, to be inspected";
  const Finished finished = run.Wait();
  EXPECT_EQ(finished.exit_code, 0);
  ExpectNoToken(finished);
}

// All failures in turn, over as many reports and runs as necessary; then checks each chat.
TEST_F(TelegramBehavioursTest, AfterEveryFailureInTurnEachChatHasEachPart) {
  UseUsers(200);
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  for (const bool once : {false, true}) {
    SCOPED_TRACE(once ? "at most once" : "at least once");
    StartServer();
    chats_ = "42,@lab_news,-1001234567890/7";
    more_ = std::string("SEND_WITHIN=2s\n") + (once ? "DELIVERY=at-most-once\n" : "");
    const std::vector<notify::testing::Fault> faults = {
        {TooManyRequests(3600)},
        {CloseAfterReading{}},
        {.action = CloseAfterReading{}, .deliver = true},
        {.action = ResetMidUpload{.after_bytes = 500}},
        {Error(500, "Internal Server Error")},
        {Error(400, "Bad Request: can't parse entities: x")},
        {BadGatewayPage("x")},
        {HttpReply{.status_code = 200, .body = "<html>"}},
        {.action = TruncatedReply{"{"}, .deliver = true},
        {EndlessBody{}},
        {Error(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")},
        {.action = NeverReply{}, .deliver = true},
        {notify::testing::CloseOnAccept{}},
        {Error(401, "Unauthorized")},
        {Error(400, "Bad Request: message is too long")},
        {Error(400, "Bad Request: message thread not found"), "-1001234567890"}};
    for (const auto& fault : faults) server_->Enqueue(fault);
    int runs = 0;
    int reports = 0;
    for (; !server_->faults_consumed() && runs < 60; ++runs, ++reports) Run("send");
    for (; Waiting() > 0 && runs < 60; ++runs) Run("send", {"--pending"});
    EXPECT_TRUE(server_->faults_consumed());
    EXPECT_EQ(Waiting(), 0);

    // By chat, part and the report's id, which is the last line of each message.
    std::map<std::string, int> messages;
    for (const FakeBotApi::Received& request : server_->received()) {
      if (request.message_id == 0) continue;
      const std::string& text = request.visible_text;
      // A refused document arrives as texts.
      const bool is_table = absl::StrContains(text, " · all 200 users\n") ||
                            absl::StrContains(text, "CPU by user · 1/2\n");
      if (!is_table && !absl::StrContains(text, "\nTotal "))
        continue;  // the rest of one that was cut in two
      ++messages[absl::StrCat(request.fields.at("chat_id").value, is_table ? " table" : " report",
                              " ", text.substr(text.rfind('\n') + 1))];
    }
    int total = 0;
    int largest = 0;
    for (const auto& [message, count] : messages) {
      total += count;
      largest = std::max(largest, count);
    }
    const int expected = reports * 6;
    if (once) {
      EXPECT_EQ(largest, 1);
    } else {
      EXPECT_GE(static_cast<int>(messages.size()), expected);
    }
    std::cout << (once ? "at most once: " : "at least once: ") << faults.size() << " failures, "
              << reports << " reports, " << runs << " runs, " << Requests() << " requests; of "
              << expected << " messages " << messages.size() << " are in the chats, " << total
              << " times in all\n";
  }
}

}  // namespace
}  // namespace cpuagg::tools
