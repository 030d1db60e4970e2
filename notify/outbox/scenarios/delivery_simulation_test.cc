// Simulates random failures of the server, the network, the disk, the clock and the program during
// deliveries, and checks what has arrived in the chats: with at-least-once everything, with
// at-most-once nothing twice. Repeat a history with --test_env=SEED=n --test_env=HISTORIES=1.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
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

using acct::testing::TempDir;
using aggregate::testing::CrashingFiles;
using Random = std::mt19937_64;

uint64_t NumberFromEnvironment(const char* name, uint64_t fallback) {
  const char* const text = std::getenv(name);
  uint64_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : fallback;
}

// A server that keeps what arrives, and fails in every way except a permanent refusal.
class FailingServer : public HttpClient {
 public:
  FailingServer(Random& random, CrashingFiles& files) : random_(random), files_(files) {}

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    if (is_dead_) ADD_FAILURE() << "a dead program sent something";
    std::map<std::string, std::string> fields;
    for (const FormPart& part : request.parts) fields[part.name] = part.content;
    const std::string message =
        absl::StrCat(fields["chat_id"], ": ", fields["text"], fields["caption"]);
    if (!fails_) return Arrive(message);
    switch (random_() % 12) {
      case 0:
        return absl::UnavailableError("connection refused");
      case 1:
        return Failure(429, R"(,"parameters":{"retry_after":2})");
      case 2:
        return Failure(429, R"(,"parameters":{"retry_after":3600})");
      case 3:
        ++lost_answers[message];
        return absl::UnknownError("closed before it was read");
      case 4:
        ++lost_answers[message];
        Arrive(message);
        return absl::UnknownError("closed after it was read");
      case 5:
        ++lost_answers[message];
        if (random_() % 2 == 0) Arrive(message);
        return Failure(500, "");
      case 6:
        ++lost_answers[message];
        Arrive(message);
        return HttpResponse{.status = 200, .body = "<html>"};
      case 7:
        return Die(message, /*arrives=*/false);
      case 8:
        return Die(message, /*arrives=*/true);
      case 9:
        return Failure(401, "");
      default:
        return Arrive(message);
    }
  }

  void Revive() { is_dead_ = false; }
  void LeaveOffFailing() { fails_ = false; }

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

  // The program is killed during the request: what it does afterwards does not count.
  absl::StatusOr<HttpResponse> Die(const std::string& message, bool arrives) {
    ++lost_answers[message];
    if (arrives) Arrive(message);
    is_dead_ = true;
    files_.StopAt(0,
                  random_() % 2 == 0 ? CrashingFiles::Stop::kKill : CrashingFiles::Stop::kPowerCut);
    return absl::UnknownError("killed");
  }

  Random& random_;
  CrashingFiles& files_;
  bool is_dead_ = false;
  bool fails_ = true;
};

class History {
 public:
  History(uint64_t seed, Guarantee guarantee) : random_(seed), guarantee_(guarantee) {}

  void Play() {
    ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok());
    // The clock is wrong until the last run, by more than the lifetime of reports.
    constexpr absl::Duration kErrors[] = {absl::ZeroDuration(), -absl::Hours(300'000),
                                          absl::Hours(300'000)};
    clock_error_ = kErrors[random_() % 3];
    const uint64_t runs = 1 + random_() % 12;
    for (uint64_t run = 0; run < runs; ++run) {
      if (random_() % 3 == 0) QueueReport();
      StopSomewhere();
      Run();
      server_.Revive();
      files_.Restart(random_);
    }
    server_.LeaveOffFailing();
    clock_error_ = absl::ZeroDuration();
    files_.StopAt(UINT64_MAX, CrashingFiles::Stop::kKill);
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

  void StopSomewhere() {
    constexpr CrashingFiles::Stop kStops[] = {
        CrashingFiles::Stop::kKill, CrashingFiles::Stop::kPowerCut, CrashingFiles::Stop::kError};
    if (random_() % 2 == 0) files_.StopAt(random_() % 60, kStops[random_() % 3]);
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

  Random random_;
  Guarantee guarantee_;
  const TempDir dir_;
  CrashingFiles files_{dir_.Path("trash")};
  const Outbox outbox_{dir_.Path("outbox"), files_};
  FailingServer server_{random_, files_};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  absl::Duration clock_error_;
  int reports_ = 0;
  int power_cuts_ = 0;
  std::vector<std::string> queued_;
  int messages_ = 0;
};

void PlayAll(Guarantee guarantee) {
  const uint64_t first = NumberFromEnvironment("SEED", 1);
  const uint64_t count = NumberFromEnvironment("HISTORIES", 1000);
  int messages = 0;
  size_t queued = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE(absl::StrCat("SEED=", seed));
    History history(seed, guarantee);
    history.Play();
    messages += history.messages();
    queued += history.queued();
    if (::testing::Test::HasFailure()) return;
  }
  std::cout << count << " histories from seed " << first << ": " << queued << " messages, "
            << messages << " arrivals\n";
}

TEST(DeliverySimulationTest, AtLeastOnceEverythingArrives) { PlayAll(Guarantee::kAtLeastOnce); }

TEST(DeliverySimulationTest, AtMostOnceNothingArrivesTwice) { PlayAll(Guarantee::kAtMostOnce); }

}  // namespace
}  // namespace cpuagg::notify
