// Simulates random failures of the server, the network, the disk, the clock and the program during
// deliveries, and checks what has arrived in the chats: with at-least-once everything, with
// at-most-once nothing twice. A history that fails is shortened, and says how to play it again
// (acct/testing/histories.h).

#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/histories.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/testing/crashing_files.h"
#include "gtest/gtest.h"
#include "notify/http/http_client.h"
#include "notify/outbox/delivery.h"
#include "notify/outbox/outbox.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {
namespace {

using acct::testing::Draws;
using acct::testing::Failures;
using acct::testing::PlayHistories;
using acct::testing::Seeds;
using acct::testing::TempDir;
using aggregate::testing::CrashingFiles;
using Stop = CrashingFiles::Stop;

// Every way in which a server and the network answer, except a permanent refusal.
enum class Answer {
  kArrives,
  kRefusesConnection,
  kAsksToWait,
  kAsksToWaitLong,
  kClosesUnread,
  kClosesRead,
  kErrorUnread,
  kErrorRead,
  kOtherAnswer,
  // The program is killed during the request, or the power fails.
  kKilledUnread,
  kKilledRead,
  kPowerCutUnread,
  kPowerCutRead,
  kUnauthorized,
};
constexpr const char* kAnswerNames[] = {
    "is answered",
    "is refused",
    "is to wait for 2 s",
    "is to wait for an hour",
    "is not read, and the connection is closed",
    "arrives, and the connection is closed",
    "is answered with 500",
    "arrives, and is answered with 500",
    "arrives, and is answered with HTML",
    "is not read, and the program is killed",
    "arrives, and the program is killed",
    "is not read, and the power fails",
    "arrives, and the power fails",
    "is answered with 401",
};

struct Step {
  enum class What {
    kClock,   // is wrong by `number` hours until the last run
    kQueue,   // a report
    kStop,    // the next run, at change `number` of files
    kAnswer,  // to request `number` of the next run
    kRun,
  } what;
  int64_t number = 0;
  uint64_t draw = 0;
  Stop stop = Stop::kKill;
  Answer answer = Answer::kArrives;

  friend std::ostream& operator<<(std::ostream& out, const Step& step) {
    switch (step.what) {
      case What::kClock:
        return out << "the clock is wrong by " << step.number << " hours";
      case What::kQueue:
        return out << "a report is queued";
      case What::kStop:
        return out << (step.stop == Stop::kKill       ? "a kill at"
                       : step.stop == Stop::kPowerCut ? "a power cut at"
                                                      : "an error of")
                   << " change " << step.number << " of files of the next run";
      case What::kAnswer:
        return out << "request " << step.number << " of the next run "
                   << kAnswerNames[static_cast<int>(step.answer)];
      case What::kRun:
        return out << "run";
    }
    return out;
  }
};

Answer AnyAnswer(Draws& draws) {
  const auto either = [&](Answer one, Answer other) { return draws.Below(2) == 0 ? one : other; };
  switch (draws.Below(12)) {
    case 0:
      return Answer::kRefusesConnection;
    case 1:
      return Answer::kAsksToWait;
    case 2:
      return Answer::kAsksToWaitLong;
    case 3:
      return Answer::kClosesUnread;
    case 4:
      return Answer::kClosesRead;
    case 5:
      return either(Answer::kErrorUnread, Answer::kErrorRead);
    case 6:
      return Answer::kOtherAnswer;
    case 7:
      return either(Answer::kKilledUnread, Answer::kPowerCutUnread);
    case 8:
      return either(Answer::kKilledRead, Answer::kPowerCutRead);
    case 9:
      return Answer::kUnauthorized;
    default:
      return Answer::kArrives;
  }
}

std::vector<Step> MakeSteps(uint64_t seed) {
  using What = Step::What;
  Draws draws(seed);
  std::vector<Step> steps;
  // By more than the lifetime of reports.
  constexpr int64_t kErrors[] = {0, -300'000, 300'000};
  if (const int64_t error = kErrors[draws.Below(3)]; error != 0) {
    steps.push_back({.what = What::kClock, .number = error});
  }
  for (uint32_t runs = 1 + draws.Below(12); runs > 0; --runs) {
    if (draws.Below(3) == 0) steps.push_back({.what = What::kQueue});
    constexpr Stop kStops[] = {Stop::kKill, Stop::kPowerCut, Stop::kError};
    if (draws.Below(2) == 0) {
      steps.push_back(
          {.what = What::kStop, .number = draws.Below(60), .stop = kStops[draws.Below(3)]});
    }
    // The requests of a run are seldom more.
    for (int request = 0; request < 40; ++request) {
      const Answer answer = AnyAnswer(draws);
      if (answer == Answer::kArrives) continue;
      steps.push_back({.what = What::kAnswer, .number = request, .answer = answer});
    }
    steps.push_back({.what = What::kRun, .draw = draws.Next()});
  }
  return steps;
}

// A server that keeps what arrives.
class FailingServer : public HttpClient {
 public:
  explicit FailingServer(CrashingFiles& files) : files_(files) {}

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    if (is_dead_) ADD_FAILURE() << "a dead program sent something";
    std::map<std::string, std::string> fields;
    for (const FormPart& part : request.parts) fields[part.name] = part.content;
    const std::string message =
        absl::StrCat(fields["chat_id"], ": ", fields["text"], fields["caption"]);
    const auto answer = answers_.find(requests_++);
    if (answer == answers_.end()) return Arrive(message);
    switch (answer->second) {
      case Answer::kArrives:
        return Arrive(message);
      case Answer::kRefusesConnection:
        return absl::UnavailableError("connection refused");
      case Answer::kAsksToWait:
        return Failure(429, R"(,"parameters":{"retry_after":2})");
      case Answer::kAsksToWaitLong:
        return Failure(429, R"(,"parameters":{"retry_after":3600})");
      case Answer::kClosesUnread:
        ++lost_answers[message];
        return absl::UnknownError("closed before it was read");
      case Answer::kClosesRead:
        ++lost_answers[message];
        Arrive(message);
        return absl::UnknownError("closed after it was read");
      case Answer::kErrorUnread:
        ++lost_answers[message];
        return Failure(500, "");
      case Answer::kErrorRead:
        ++lost_answers[message];
        Arrive(message);
        return Failure(500, "");
      case Answer::kOtherAnswer:
        ++lost_answers[message];
        Arrive(message);
        return HttpResponse{.status = 200, .body = "<html>"};
      case Answer::kKilledRead:
      case Answer::kPowerCutRead:
        Arrive(message);
        [[fallthrough]];
      case Answer::kKilledUnread:
      case Answer::kPowerCutUnread:
        return Die(message, answer->second);
      case Answer::kUnauthorized:
        return Failure(401, "");
    }
    return Arrive(message);
  }

  void AnswerWith(int64_t request, Answer answer) { answers_[request] = answer; }
  // For the next run.
  void Revive() {
    is_dead_ = false;
    requests_ = 0;
    answers_.clear();
  }

  std::map<std::string, int> arrived;       // "chat: text" -> how often it is in the chat
  std::map<std::string, int> lost_answers;  // requests without an answer to the sender

 private:
  static HttpResponse Failure(int status, const std::string& more) {
    return {.status = status, .body = absl::StrCat(R"({"ok":false,"description":"x")", more, "}")};
  }

  HttpResponse Arrive(const std::string& message) {
    ++arrived[message];
    return {.status = 200, .body = R"({"ok":true,"result":{"message_id":1}})"};
  }

  // What the program does afterwards does not count.
  absl::StatusOr<HttpResponse> Die(const std::string& message, Answer how) {
    ++lost_answers[message];
    is_dead_ = true;
    const bool is_kill = how == Answer::kKilledRead || how == Answer::kKilledUnread;
    files_.StopAt(0, is_kill ? Stop::kKill : Stop::kPowerCut);
    return absl::UnknownError("killed");
  }

  CrashingFiles& files_;
  std::map<int64_t, Answer> answers_;  // by the number of the request in this run
  int64_t requests_ = 0;
  bool is_dead_ = false;
};

class History {
 public:
  explicit History(Guarantee guarantee) : guarantee_(guarantee) {}

  void Play(const std::vector<Step>& steps, const Failures& failures) {
    ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok());
    for (const Step& step : steps) {
      Do(step);
      if (failures.any()) return;
    }
    server_.Revive();
    clock_error_ = absl::ZeroDuration();
    files_.StopAt(UINT64_MAX, Stop::kKill);
    Run();
    const absl::StatusOr<OutboxListing> left = outbox_.List();
    ASSERT_TRUE(left.ok()) << left.status();
    EXPECT_TRUE(left->reports.empty());
    EXPECT_TRUE(left->damaged.empty());
    for (const std::string& message : queued_) {
      const int arrived = server_.arrived[message];
      const int lost = server_.lost_answers[message] + power_cuts_;
      if (guarantee_ == Guarantee::kAtLeastOnce) {
        EXPECT_GE(arrived, 1) << message;
        EXPECT_LE(arrived, 1 + lost) << message << " came again for no reason";
      } else {
        EXPECT_LE(arrived, 1) << message;
        EXPECT_GE(arrived, lost > 0 ? 0 : 1) << message << " was lost for no reason";
      }
      messages_ += arrived;
    }
  }

  int messages() const { return messages_; }
  size_t queued() const { return queued_.size(); }

 private:
  void Do(const Step& step) {
    switch (step.what) {
      case Step::What::kClock:
        clock_error_ = absl::Hours(step.number);
        return;
      case Step::What::kQueue:
        return QueueReport();
      case Step::What::kStop:
        stop_ = step;
        return;
      case Step::What::kAnswer:
        return server_.AnswerWith(step.number, step.answer);
      case Step::What::kRun: {
        if (stop_.has_value()) files_.StopAt(static_cast<uint64_t>(stop_->number), stop_->stop);
        stop_.reset();
        Run();
        server_.Revive();
        std::mt19937_64 random(step.draw);
        return files_.Restart(random);
      }
    }
  }

  void QueueReport() {
    const std::string id = absl::StrCat("report", reports_++);
    const absl::Time clock = now_ + clock_error_;
    QueuedReport report{.id = id, .created_at = clock, .expires_at = clock + absl::Hours(72)};
    std::vector<std::string> messages;
    for (const char* chat : {"1", "2", "3"}) {
      ChatQueue delivery{.chat = {.id = chat}};
      for (uint64_t part = 0; part < 2; ++part) {
        const std::string text = absl::StrCat(id, ".", part);
        delivery.parts.push_back({.html = text});
        messages.push_back(absl::StrCat(chat, ": ", text));
      }
      report.deliveries.push_back(std::move(delivery));
    }
    // A report that could not be queued need not arrive.
    if (outbox_.Save(report).ok()) queued_.insert(queued_.end(), messages.begin(), messages.end());
  }

  void Run() {
    BotApi api(server_, "https://example.org", Secret("1:x"));
    now_ += absl::Minutes(10);
    const absl::StatusOr<DeliverySummary> summary =
        Deliver(outbox_, api,
                {.guarantee = guarantee_,
                 .clock = [this] { return now_ + clock_error_; },
                 .stopwatch = [this] { return now_ - absl::UnixEpoch(); },
                 .sleep = [this](absl::Duration time) { now_ += time; }});
    // An answer is lost if it could not be written to disk.
    if (!summary.ok()) ++power_cuts_;
  }

  const Guarantee guarantee_;
  const TempDir dir_;
  CrashingFiles files_{dir_.Path("trash")};
  const Outbox outbox_{dir_.Path("outbox"), files_};
  FailingServer server_{files_};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  absl::Duration clock_error_;
  std::optional<Step> stop_;  // of the next run
  int reports_ = 0;
  int power_cuts_ = 0;
  std::vector<std::string> queued_;
  int messages_ = 0;
};

void PlayAll(Guarantee guarantee) {
  int messages = 0;
  size_t queued = 0;
  const Seeds seeds = PlayHistories<Step>(
      1000, MakeSteps, [&](uint64_t, const std::vector<Step>& steps, const Failures& failures) {
        History history(guarantee);
        history.Play(steps, failures);
        messages += history.messages();
        queued += history.queued();
      });
  std::cout << seeds.count << " histories from seed " << seeds.first << ": " << queued
            << " messages, " << messages << " arrivals\n";
}

TEST(DeliverySimulationTest, AtLeastOnceEverythingArrives) { PlayAll(Guarantee::kAtLeastOnce); }

TEST(DeliverySimulationTest, AtMostOnceNothingArrivesTwice) { PlayAll(Guarantee::kAtMostOnce); }

}  // namespace
}  // namespace cpuagg::notify
