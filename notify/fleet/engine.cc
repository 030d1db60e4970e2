#include "notify/fleet/engine.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify {
namespace {

constexpr int kMostTries = 3;
constexpr absl::Duration kFirstWait = absl::Seconds(1);
constexpr absl::Duration kMostWait = absl::Seconds(20);

// QuestionParts divides by hosts then.
constexpr char kTooManySeries[] = "too many series";

absl::Duration SteadyTime() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// Whether another try may succeed. A question changes nothing, so that it may be asked again even
// if it arrived.
bool IsWorthAnotherTry(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsUnknown(status);
}

bool IsTimeout(const EngineError& error, int status) {
  constexpr int kGatewayTimeout = 504;
  return error.type == "timeout" || status == kGatewayTimeout;
}

}  // namespace

std::string FormEncoded(absl::string_view bytes) {
  std::string encoded;
  for (const char c : bytes) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.') {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

absl::StatusOr<EngineAnswer> Engine::AskAt(absl::string_view query, absl::Time time) {
  return Ask("/api/v1/query",
             absl::StrCat("query=", FormEncoded(query), "&time=", absl::ToUnixSeconds(time)));
}

absl::StatusOr<EngineAnswer> Engine::AskOver(absl::string_view query, absl::Time begin,
                                             absl::Time end, absl::Duration step) {
  return Ask("/api/v1/query_range",
             absl::StrCat("query=", FormEncoded(query), "&start=", absl::ToUnixSeconds(begin),
                          "&end=", absl::ToUnixSeconds(end), "&step=", absl::ToInt64Seconds(step)));
}

std::string Engine::HostAndPort() const {
  const size_t begin = options_.url.find("://");
  const std::string rest =
      begin == std::string::npos ? options_.url : options_.url.substr(begin + 3);
  return rest.substr(0, rest.find('/'));
}

absl::Duration Engine::Left() {
  const absl::Duration now = options_.stopwatch ? options_.stopwatch() : SteadyTime();
  first_asked_ = std::min(first_asked_, now);
  return options_.all_patience - (now - first_asked_);
}

std::string Engine::Redacted(absl::string_view text) const {
  std::string redacted(text);
  for (const Secret& secret : options_.secrets) redacted = secret.Redact(redacted);
  return redacted;
}

absl::StatusOr<EngineAnswer> Engine::Ask(absl::string_view path, std::string form) {
  // VictoriaMetrics keeps answers, which then lack what was pushed late.
  absl::StrAppend(&form, "&nocache=1&timeout=", absl::ToInt64Seconds(options_.patience), "s");
  absl::Duration next_wait = kFirstWait;
  for (int tries = 1;; ++tries) {
    absl::Duration wait = next_wait;
    absl::StatusOr<EngineAnswer> answer = AskOnce(path, form, wait);
    if (answer.ok() || !IsWorthAnotherTry(answer.status()) || tries == kMostTries ||
        Left() <= wait) {
      return answer;
    }
    options_.sleep(wait);
    next_wait *= 3;
  }
}

absl::StatusOr<EngineAnswer> Engine::AskOnce(absl::string_view path, const std::string& form,
                                             absl::Duration& wait) {
  const absl::Duration left = Left();
  if (left <= absl::ZeroDuration()) {
    return absl::DeadlineExceededError(
        absl::StrCat(HostAndPort(), ": the questions of this report have taken ",
                     absl::FormatDuration(options_.all_patience), " together"));
  }
  const absl::StatusOr<HttpResponse> response =
      http_.Post({.url = absl::StrCat(options_.url, path),
                  .body = form,
                  .headers = options_.headers,
                  .most_reply_bytes = options_.most_reply_bytes,
                  .accepts_compressed = true,
                  .timeout = std::min(options_.patience, left)});
  if (absl::IsOutOfRange(response.status())) {
    return absl::ResourceExhaustedError(Redacted(response.status().message()));
  }
  if (!response.ok()) {
    return absl::Status(response.status().code(), Redacted(response.status().message()));
  }
  wait = std::clamp(response->retry_after, wait, kMostWait);
  constexpr int kOk = 200;
  if (response->status != kOk) return Problem(*response);
  absl::StatusOr<EngineAnswer> answer = ParseEngineAnswer(response->body);
  if (answer.ok()) {
    for (std::string& text : answer->damage) text = Redacted(text);
    return answer;
  }
  return absl::Status(answer.status().code(),
                      absl::StrCat(HostAndPort(), ": ", Redacted(answer.status().message())));
}

absl::Status Engine::Problem(const HttpResponse& response) const {
  const EngineError error = ParseEngineError(response.body);
  const int status = response.status;
  const std::string what = absl::StrCat(HostAndPort(), ": HTTP status ", status);
  const std::string why = absl::StrCat(error.text.empty() ? "" : ": ", Redacted(error.text));
  const std::string text = absl::StrCat(what, why);
  constexpr int kUnprocessable = 422;
  if (status == kUnprocessable || IsTimeout(error, status)) {
    return absl::ResourceExhaustedError(
        error.is_about_series ? absl::StrCat(what, ", ", kTooManySeries, why) : text);
  }
  if (status >= 300 && status < 400) {
    return absl::FailedPreconditionError(
        absl::StrCat(HostAndPort(), ": redirects (HTTP status ", status,
                     "); give the URL of the query API itself, as http://127.0.0.1:8428 or "
                     "https://mimir.example/prometheus"));
  }
  switch (status) {
    case 401:
    case 403:
      return absl::FailedPreconditionError(
          absl::StrCat(text,
                       "; check FLEET_USER with FLEET_PASSWORD_FILE, or FLEET_TOKEN_FILE, and "
                       "FLEET_HEADER if it needs a tenant"));
    case 429:
      return absl::UnavailableError(text);
    default:
      break;
  }
  if (status >= 500) return absl::UnavailableError(text);
  return absl::FailedPreconditionError(
      absl::StrCat(text, "; is this the base of the query API? It is what comes before /api/v1: ",
                   "http://127.0.0.1:8428 or https://mimir.example/prometheus"));
}

}  // namespace cpuagg::notify
