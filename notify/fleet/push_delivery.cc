#include "notify/fleet/push_delivery.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "notify/fleet/remote_write.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

// Below the limits of all receivers, also if each sample is of another series.
constexpr size_t kMostSamples = 4000;
// A run does not divide requests for ever.
constexpr uint64_t kMostFailures = 500;

enum class Answer {
  kAccepted,
  kRefused,  // for good, because of some of it
  kFailed,   // perhaps because of some of it
  kStop,     // whatever is sent
};

std::string HourText(int64_t begin) {
  return absl::FormatTime("%Y-%m-%dT%H:%MZ", absl::FromUnixSeconds(begin), absl::UTCTimeZone());
}

// What is not accepted, with the number of times and what it was first.
class Problems {
 public:
  void Add(const std::string& reason, const std::string& what) {
    Problem& problem = problems_[reason];
    if (problem.count++ == 0) problem.first = what;
  }

  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const auto& [reason, problem] : problems_) {
      const std::string more =
          problem.count == 1 ? "" : absl::StrCat(" and ", problem.count - 1, " more");
      texts.push_back(absl::StrCat(problem.first, more, ": ", reason));
    }
    return texts;
  }

 private:
  struct Problem {
    uint64_t count = 0;
    std::string first;
  };
  std::map<std::string, Problem> problems_;
};

class Sender {
 public:
  Sender(const PushPlan& plan, const Receiver& receiver, const PushOptions& options,
         HttpClient& http, PushState& state)
      : plan_(plan),
        receiver_(receiver),
        options_(options),
        http_(http),
        state_(state),
        begin_(options.stopwatch()) {}

  PushSummary Send() && {
    for (const int64_t hour : plan_.dropped_hours) state_.hours.erase(hour);
    // Newer hours first: where not all of them are accepted, these are.
    size_t end = plan_.hours.size();
    bool is_first = true;
    while ((end > 0 || is_first) && !is_over()) {
      size_t begin = end;
      size_t samples = is_first ? plan_.current.size() : 0;
      while (begin > 0 &&
             (begin == end || samples + plan_.hours[begin - 1].samples.size() <= kMostSamples)) {
        samples += plan_.hours[--begin].samples.size();
      }
      SendHours(absl::MakeConstSpan(plan_.hours).subspan(begin, end - begin), is_first);
      is_first = false;
      end = begin;
    }
    if (unaccepted_ > 0) {
      Stop(PushEnd::kPostponed,
           absl::StrCat("the receiver fails for ", Pluralize(unaccepted_, "hour"),
                        " and accepts others: ", postponed_reason_));
    }
    summary_.problems = problems_.Texts();
    if (summary_.end == PushEnd::kDone || has_accepted_) {
      state_.failing_since.reset();
    } else if (!state_.failing_since.has_value()) {
      state_.failing_since = options_.now;
    }
    if (has_current_) state_.last_collect = plan_.last_collect;
    return std::move(summary_);
  }

 private:
  bool is_over() const { return summary_.end != PushEnd::kDone; }

  void Stop(PushEnd end, std::string reason) {
    if (is_over()) return;
    summary_.end = end;
    summary_.reason = std::move(reason);
  }

  Answer Post(absl::Span<const RemoteSample> samples) {
    const absl::Duration left = options_.run_budget - (options_.stopwatch() - begin_);
    if (left <= absl::ZeroDuration() || failures_ >= kMostFailures) {
      Stop(PushEnd::kPostponed, left <= absl::ZeroDuration()
                                    ? "SEND_WITHIN is over; the next run sends the rest"
                                    : "too much is refused for one run; the next one goes on");
      return Answer::kStop;
    }
    HttpRequest request{
        .url = receiver_.url,
        .body = EncodeRemoteWrite(plan_.series, samples),
        .headers = {"Content-Encoding: snappy", "Content-Type: application/x-protobuf",
                    "X-Prometheus-Remote-Write-Version: 0.1.0"},
        .timeout = std::min(left, absl::Seconds(60))};
    request.headers.insert(request.headers.end(), receiver_.headers.begin(),
                           receiver_.headers.end());
    ++summary_.requests;
    const absl::StatusOr<HttpResponse> response = http_.Post(request);
    if (!response.ok()) {
      Stop(absl::IsFailedPrecondition(response.status()) ? PushEnd::kRefused : PushEnd::kPostponed,
           AnswerText(std::string(response.status().message()), receiver_.secrets));
      return Answer::kStop;
    }
    const Answer answer = Judge(*response);
    if (answer == Answer::kAccepted) {
      has_accepted_ = true;
      summary_.samples += samples.size();
    } else {
      ++failures_;
    }
    return answer;
  }

  Answer Judge(const HttpResponse& response) {
    if (response.status / 100 == 2) return Answer::kAccepted;
    const std::string text = AnswerText(response.body, receiver_.secrets);
    reason_ = absl::StrCat("HTTP status ", response.status, text.empty() ? "" : ", ", text);
    switch (response.status) {
      case 400:  // Bad Request
      case 409:  // Conflict, of Thanos
      case 413:  // Content Too Large
      case 422:  // Unprocessable Content
        return Answer::kRefused;
      case 500:  // Prometheus says so of samples that are too old
        return Answer::kFailed;
      case 429:
        Stop(PushEnd::kPostponed, absl::StrCat("the receiver wants fewer requests: ", reason_));
        return Answer::kStop;
      default:
        break;
    }
    if (response.status >= 500) {
      Stop(PushEnd::kPostponed, absl::StrCat("the receiver fails: ", reason_));
    } else if (response.status == 401 || response.status == 403) {
      Stop(PushEnd::kRefused,
           absl::StrCat("the receiver rejects the credentials, or has none: ", reason_,
                        "; check PUSH_USER, PUSH_PASSWORD_FILE, "
                        "PUSH_TOKEN_FILE and PUSH_HEADER"));
    } else {
      Stop(PushEnd::kRefused,
           absl::StrCat("this is not the address of a receiver: ", reason_,
                        "; check PUSH_URL, which has the whole path, such as /api/v1/write"));
    }
    return Answer::kStop;
  }

  // Whether the receiver accepts anything at all. If not, what it refuses is not the samples'
  // fault.
  bool AcceptsCurrent() {
    if (has_accepted_ || plan_.current.empty()) return true;
    const Answer answer = Post(plan_.current);
    if (answer == Answer::kAccepted) {
      has_current_ = true;
      return true;
    }
    if (answer == Answer::kFailed) {
      Stop(PushEnd::kPostponed, absl::StrCat("the receiver fails: ", reason_));
    } else {
      Stop(PushEnd::kRefused,
           absl::StrCat("the receiver accepts nothing: ", reason_,
                        "; check PUSH_URL, which has the whole path, such as /api/v1/write"));
    }
    return false;
  }

  void SendHours(absl::Span<const HourPush> hours, bool with_current) {
    if (is_over()) return;
    std::vector<RemoteSample> samples;
    if (with_current) samples = plan_.current;
    for (const HourPush& hour : hours) {
      samples.insert(samples.end(), hour.samples.begin(), hour.samples.end());
    }
    // A single hour may be too large.
    Answer answer = Answer::kRefused;
    if (samples.size() <= kMostSamples) answer = Post(samples);
    if (answer == Answer::kStop) return;
    if (answer == Answer::kAccepted) {
      has_current_ |= with_current;
      for (const HourPush& hour : hours) Accept(hour, /*was_refused=*/false);
      return;
    }
    if (!AcceptsCurrent()) return;
    if (hours.size() > 1) {
      const size_t half = hours.size() / 2;
      SendHours(hours.subspan(half), false);
      SendHours(hours.first(half), false);
    } else if (!hours.empty()) {
      SendOneByOne(hours[0]);
    }
  }

  // An hour that was not accepted as a whole. If its sums for the machine are not accepted either,
  // it is the time that is wrong.
  void SendOneByOne(const HourPush& hour) {
    const absl::Span<const RemoteSample> samples = hour.samples;
    Outcome outcome;
    const Answer answer = Post(samples.first(hour.of_host));
    if (answer == Answer::kStop) return;
    if (answer != Answer::kAccepted) {
      Note(answer, absl::StrCat("the hour ", HourText(hour.begin)), outcome);
    } else {
      SendHalves(samples.subspan(hour.of_host), hour.begin, outcome);
    }
    if (is_over()) return;
    if (outcome.has_failed) {
      KeepTrying(hour);
    } else {
      Accept(hour, outcome.was_refused);
    }
  }

  // What became of an hour.
  struct Outcome {
    bool was_refused = false;
    bool has_failed = false;
  };

  void SendHalves(absl::Span<const RemoteSample> samples, int64_t hour, Outcome& outcome) {
    if (samples.empty() || is_over()) return;
    if (samples.size() <= kMostSamples) {
      const Answer answer = Post(samples);
      if (answer == Answer::kAccepted || answer == Answer::kStop) return;
      if (samples.size() == 1) return Note(answer, SampleText(samples[0], hour), outcome);
    }
    const size_t half = samples.size() / 2;
    SendHalves(samples.first(half), hour, outcome);
    SendHalves(samples.subspan(half), hour, outcome);
  }

  std::string SampleText(const RemoteSample& sample, int64_t hour) const {
    const SeriesLabels& labels = plan_.series[sample.series];
    const auto user = labels.find("user");
    return absl::StrCat(user == labels.end() ? "the machine" : user->second, " in the hour ",
                        HourText(hour));
  }

  void Note(Answer answer, const std::string& what, Outcome& outcome) {
    if (answer == Answer::kRefused) {
      outcome.was_refused = true;
      problems_.Add(absl::StrCat("refused and set aside: ", reason_), what);
    } else {
      outcome.has_failed = true;
    }
  }

  void Accept(const HourPush& hour, bool was_refused) {
    PushedHour pushed = hour.pushed;
    pushed.was_refused = was_refused;
    pushed.unaccepted_since.reset();
    state_.hours[hour.begin] = std::move(pushed);
    ++summary_.hours;
  }

  // The receiver accepts other hours, and fails for this one.
  void KeepTrying(const HourPush& hour) {
    const absl::Time since = hour.pushed.unaccepted_since.value_or(options_.now);
    if (options_.now - since > options_.lifetime) {
      problems_.Add(absl::StrCat("given up after EXPIRE_AFTER: ", reason_),
                    absl::StrCat("the hour ", HourText(hour.begin)));
      Accept(hour, /*was_refused=*/true);
      return;
    }
    PushedHour kept = hour.pushed;
    const auto before = state_.hours.find(hour.begin);
    // It may have some of both.
    if (before != state_.hours.end()) {
      kept.users.insert(before->second.users.begin(), before->second.users.end());
    }
    kept.unaccepted_since = since;
    state_.hours[hour.begin] = std::move(kept);
    ++unaccepted_;
    postponed_reason_ = reason_;
  }

  const PushPlan& plan_;
  const Receiver& receiver_;
  const PushOptions& options_;
  HttpClient& http_;
  PushState& state_;
  const absl::Duration begin_;
  PushSummary summary_;
  Problems problems_;
  std::string reason_;  // of the last answer
  std::string postponed_reason_;
  uint64_t unaccepted_ = 0;
  uint64_t failures_ = 0;
  bool has_accepted_ = false;
  bool has_current_ = false;
};

}  // namespace

std::string AnswerText(const std::string& body, const std::vector<std::string>& secrets) {
  absl::string_view line = absl::StripAsciiWhitespace(body);
  line = line.substr(0, line.find_first_of("\r\n"));
  std::string text(line);
  for (const std::string& secret : secrets) {
    if (!secret.empty()) text = absl::StrReplaceAll(text, {{secret, "<secret>"}});
  }
  constexpr size_t kMostColumns = 200;
  return CutOff(Printable(text), kMostColumns);
}

PushSummary DeliverPush(const PushPlan& plan, const Receiver& receiver, const PushOptions& options,
                        HttpClient& http, PushState& state) {
  return Sender(plan, receiver, options, http, state).Send();
}

}  // namespace cpuagg::notify
