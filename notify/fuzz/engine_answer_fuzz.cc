// Fuzzes what an engine answers to the questions of a report: each answer is read or refused, what
// is shown of it is short, printable and without the token, and a report can be made of whatever
// was read.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/testing/fuzz_check.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "notify/fleet/engine.h"
#include "notify/fleet/engine_answer.h"
#include "notify/fleet/fleet_report.h"
#include "notify/fleet/question_parts.h"
#include "notify/http/http_client.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {
namespace {

using acct::testing::Require;
using aggregate::Dimension;

constexpr char kEngineToken[] = "fleet-secret-secret-secret";

class SameAnswer : public HttpClient {
 public:
  explicit SameAnswer(HttpResponse answer) : answer_(std::move(answer)) {}
  absl::StatusOr<HttpResponse> Post(const HttpRequest&) override { return answer_; }

 private:
  HttpResponse answer_;
};

void RequireLine(absl::string_view text) {
  Require(text.size() <= 2000, "it is short");
  Require(!absl::StrContains(text, kEngineToken), "it is without the token");
  for (const char c : text) Require(static_cast<unsigned char>(c) >= ' ', "it is one line");
}

// Divides questions between the instances of an answer, down to single ones.
void Divide(const EngineAnswer& answer) {
  std::vector<std::string> instances;
  for (const EngineSeries& series : answer.series) instances.push_back(series.Label("instance"));
  QuestionParts parts;
  parts.SetInstances(std::move(instances));
  size_t answered = 0;
  const absl::Status status = parts.Ask(
      {.begin = absl::UnixEpoch(), .end = absl::UnixEpoch() + absl::Hours(1)},
      [&](const QuestionPart& part) {
        for (const std::string& condition : part.hosts) {
          Require(condition.size() < 8000, "a query is short");
        }
        const bool is_one = ++answered > answer.series.size() + 64;
        return part.hosts.size() == 2 || is_one ? absl::OkStatus()
                                                : absl::ResourceExhaustedError("too many series");
      });
  Require(status.ok() || absl::IsResourceExhausted(status), "parts end");
}

void Build(Engine& engine, const aggregate::Grouping& by, const char* host) {
  FleetRequest request{.host = host, .time_zone = absl::UTCTimeZone()};
  request.options.by = by;
  request.options.only_users = {"alice", "1001"};
  request.now = absl::FromUnixSeconds(1795564800);
  request.period = {.begin = request.now - absl::Hours(48), .end = request.now};
  request.period_name = "yesterday";
  const absl::StatusOr<FleetReport> built = BuildFleetReport(engine, request);
  if (!built.ok()) return RequireLine(built.status().message());
  for (const std::string& damage : built->damage) RequireLine(damage);
  for (const aggregate::ReportRow& row : built->report.rows) {
    Require(row.usage.cpu_time() <= built->report.totals.cpu_time(), "a row is at most the total");
  }
}

void Run(const HttpResponse& response) {
  const absl::StatusOr<EngineAnswer> answer = ParseEngineAnswer(response.body);
  if (answer.ok()) {
    for (const EngineSeries& series : answer->series) {
      for (const EnginePoint& point : series.points) {
        Require(std::isfinite(point.value) && point.time >= 0, "a point is a number at a time");
      }
    }
    Divide(*answer);
  } else {
    Require(absl::IsDataLoss(answer.status()), "bytes that are not an answer are damage");
    RequireLine(answer.status().message());
  }
  const EngineError error = ParseEngineError(response.body);
  Require(error.text.size() <= 1000, "an error is short");

  SameAnswer http(response);
  Engine engine(http, {.url = "http://127.0.0.1:8428",
                       .secrets = {Secret(kEngineToken)},
                       .sleep = [](absl::Duration) {}});
  Build(engine, {Dimension::kUser}, "");
  Build(engine, {Dimension::kUser, Dimension::kHost}, "");
  Build(engine, {Dimension::kDay}, "node\"07");
}

}  // namespace
}  // namespace cpuagg::notify

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr std::array kStatuses = {200, 400, 401, 404, 422, 429, 503, 302};
  cpuagg::notify::Run({.status = kStatuses[data[0] % kStatuses.size()],
                       .body = std::string(data + 1, data + size)});
  return 0;
}
