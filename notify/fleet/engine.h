// Engine: asks the query API of a distributed engine: Prometheus, VictoriaMetrics, Mimir, Thanos.
//
//   Engine engine(http, {.url = "http://127.0.0.1:8428"});
//   absl::StatusOr<EngineAnswer> answer = engine.AskAt("sum(up)", absl::Now());

#ifndef CPUAGG_NOTIFY_FLEET_ENGINE_H_
#define CPUAGG_NOTIFY_FLEET_ENGINE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/fleet/engine_answer.h"
#include "notify/http/http_client.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {

class Engine {
 public:
  struct Options {
    std::string url;                             // without /api/v1, as CheckFleetUrl() returns it
    std::vector<std::string> headers = {};       // whole lines
    std::vector<Secret> secrets = {};            // that no error may show
    absl::Duration patience = absl::Minutes(1);  // for one question
    absl::Duration all_patience = absl::Minutes(5);  // for all, from the first one on
    size_t most_reply_bytes = size_t{64} << 20;
    std::function<void(absl::Duration)> sleep = absl::SleepFor;
    std::function<absl::Duration()> stopwatch = nullptr;  // a clock that nobody sets
  };

  // `http` must outlive this object.
  Engine(HttpClient& http, Options options) : http_(http), options_(std::move(options)) {}

  // The value of `query` at a time, and at each `step` from `begin` to `end`, all in whole seconds.
  // Tries again if the engine cannot be reached or is busy. Afterwards:
  //   Unavailable         It still cannot.
  //   ResourceExhausted   The question is too large for a limit of the engine, for its time or for
  //                       `most_reply_bytes`. A smaller one may be answered. If the engine
  //                       names series, the message has "too many series".
  //   FailedPrecondition  Somebody has to change something: credentials, URL, certificates.
  //   DataLoss            The answer makes no sense.
  // The message begins with the name of the engine's host.
  absl::StatusOr<EngineAnswer> AskAt(absl::string_view query, absl::Time time);
  absl::StatusOr<EngineAnswer> AskOver(absl::string_view query, absl::Time begin, absl::Time end,
                                       absl::Duration step);

  // "mimir.example:8080": of the URL.
  std::string HostAndPort() const;
  const std::string& url() const { return options_.url; }

 private:
  absl::StatusOr<EngineAnswer> Ask(absl::string_view path, std::string form);
  absl::StatusOr<EngineAnswer> AskOnce(absl::string_view path, const std::string& form,
                                       absl::Duration& wait);
  absl::Status Problem(const HttpResponse& response) const;
  std::string Redacted(absl::string_view text) const;
  absl::Duration Left();

  HttpClient& http_;
  Options options_;
  absl::Duration first_asked_ = absl::InfiniteDuration();
};

// The text of `bytes` in a form of the type application/x-www-form-urlencoded.
std::string FormEncoded(absl::string_view bytes);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_ENGINE_H_
