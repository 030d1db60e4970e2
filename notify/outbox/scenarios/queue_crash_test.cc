// A program that adds to the queue and delivers, stopped at each of its changes of files in turn,
// in each way.

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/testing/crashing_files.h"
#include "gtest/gtest.h"
#include "notify/http/http_client.h"
#include "notify/outbox/delivery.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/queue_writer.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {
namespace {

using acct::testing::TempDir;
using aggregate::testing::CrashingFiles;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// A chat that takes everything.
class Chatroom : public HttpClient {
 public:
  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    for (const FormPart& part : request.parts) {
      if (part.name == "text") messages.push_back(part.content);
    }
    return HttpResponse{.status = 200, .body = R"({"ok":true,"result":{"message_id":1}})"};
  }

  std::vector<std::string> messages;
};

absl::StatusOr<DeliverySummary> DeliverAll(const Outbox& outbox, Chatroom& chat) {
  BotApi api(chat, "https://example.org", Secret("1:x"));
  return Deliver(outbox, api,
                 {.clock = [] { return kNow; },
                  .stopwatch = [] { return absl::ZeroDuration(); },
                  .sleep = [](absl::Duration) {}});
}

QueuedReport ReportOf(const std::string& id, const std::string& text) {
  return {.id = id,
          .created_at = kNow,
          .deliveries = {{.chat = {.id = "1"}, .parts = {{.html = text}}}}};
}

class QueueCrashTest : public ::testing::Test {
 protected:
  // `run` is one run of the program, given its number. The first is stopped; the others are not.
  // `check` looks at what has come by then.
  template <typename Run, typename Check>
  void StopEverywhere(Run run, Check check) {
    std::mt19937_64 random(1);
    for (const CrashingFiles::Stop stop :
         {CrashingFiles::Stop::kKill, CrashingFiles::Stop::kPowerCut,
          CrashingFiles::Stop::kError}) {
      bool has_stopped = true;
      for (uint64_t call = 0; has_stopped; ++call) {
        // What a power cut leaves is for `random` to say.
        const int repeats = stop == CrashingFiles::Stop::kPowerCut ? 5 : 1;
        for (int repeat = 0; repeat < repeats; ++repeat) {
          SCOPED_TRACE(absl::StrCat("stop ", static_cast<int>(stop), " at call ", call));
          const TempDir dir;
          CrashingFiles files(dir.Path("trash"));
          const Outbox outbox(dir.Path("outbox"), files);
          ASSERT_TRUE(outbox.Lock(absl::ZeroDuration()).ok());
          Chatroom chat;
          files.StopAt(call, stop);
          run(outbox, chat, 1, files);
          has_stopped = files.has_stopped();
          files.Restart(random);
          for (int number = 2; number <= 4; ++number) run(outbox, chat, number, files);
          check(chat.messages);
          if (HasFailure()) return;
        }
      }
      EXPECT_FALSE(has_stopped);
    }
  }
};

TEST_F(QueueCrashTest, AnAlertIsToldOnceWhereverTheProgramIsStopped) {
  for (const bool pending_first : {false, true}) {
    StopEverywhere(
        [pending_first](const Outbox& outbox, Chatroom& chat, int number, CrashingFiles& files) {
          // What waits may be delivered before anybody looks for limits again.
          if (pending_first) DeliverAll(outbox, chat).IgnoreError();
          {
            absl::StatusOr<QueueWriter> queue = QueueWriter::Open(outbox, absl::ZeroDuration());
            ASSERT_TRUE(queue.ok()) << queue.status();
            const absl::StatusOr<std::vector<AlertMark>> told = ToldMarks(outbox, queue->state());
            ASSERT_TRUE(told.ok()) << told.status();
            const AlertMark mark = {
                .uid = 5, .user = "u", .period = "day", .begin = 2, .limit_ticks = 100};
            absl::Status status;
            if (std::find(told->begin(), told->end(), mark) == told->end()) {
              QueuedReport alert =
                  ReportOf(absl::StrCat("alert", number), absl::StrCat("alert ", number));
              alert.alerts = {mark};
              status = queue->AddAlert(alert);
            }
            if (status.ok()) {
              queue
                  ->SetLimitsChecked({.limits = "day 1",
                                      .at = kNow,
                                      .unit = "day",
                                      .begin = absl::FromUnixSeconds(2)})
                  .IgnoreError();
            }
          }
          // A program that was killed delivers nothing.
          if (!files.has_stopped()) DeliverAll(outbox, chat).IgnoreError();
        },
        [](const std::vector<std::string>& messages) {
          const std::set<std::string> alerts(messages.begin(), messages.end());
          EXPECT_EQ(alerts.size(), 1u) << "several alerts report the same limit";
        });
  }
}

TEST_F(QueueCrashTest, AReportOfWhatIsNewLosesNoRunWhereverTheProgramIsStopped) {
  StopEverywhere(
      [](const Outbox& outbox, Chatroom& chat, int number, CrashingFiles& files) {
        {
          absl::StatusOr<QueueWriter> queue = QueueWriter::Open(outbox, absl::ZeroDuration());
          ASSERT_TRUE(queue.ok()) << queue.status();
          const uint64_t after = queue->state().last_reported_run;
          queue
              ->AddSinceLast(
                  ReportOf(absl::StrCat("report", number), absl::StrCat(after + 1, " ", number)),
                  static_cast<uint64_t>(number))
              .IgnoreError();
        }
        if (!files.has_stopped()) DeliverAll(outbox, chat).IgnoreError();
      },
      [](const std::vector<std::string>& messages) {
        std::set<int> runs;
        for (const std::string& message : messages) {
          const std::vector<std::string> ends = absl::StrSplit(message, ' ');
          int first = 0;
          int last = 0;
          ASSERT_TRUE(absl::SimpleAtoi(ends.at(0), &first) && absl::SimpleAtoi(ends.at(1), &last));
          for (int run = first; run <= last; ++run) runs.insert(run);
        }
        EXPECT_EQ(runs, (std::set<int>{1, 2, 3, 4}));
      });
}

}  // namespace
}  // namespace cpuagg::notify
