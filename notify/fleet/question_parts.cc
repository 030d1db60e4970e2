#include "notify/fleet/question_parts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {
namespace {

bool ContinuesCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The shortest beginning of `text` that is above `below`, which is less than `text`. Both are
// valid UTF-8, and so is the result.
std::string ShortestAbove(absl::string_view below, absl::string_view text) {
  const auto differs = std::mismatch(below.begin(), below.end(), text.begin(), text.end()).second;
  size_t length = static_cast<size_t>(differs - text.begin()) + 1;
  while (length < text.size() && ContinuesCharacter(text[length])) ++length;
  return std::string(text.substr(0, length));
}

}  // namespace

struct QuestionParts::Part {
  UtcHours hours;
  size_t first_group = 0;
  size_t groups = 1;
};

void QuestionParts::SetInstances(std::vector<std::string> instances) {
  // As long as the name of a host can be. VictoriaMetrics takes queries of 16 KiB.
  constexpr size_t kLongest = 253;
  std::sort(instances.begin(), instances.end());
  instances.erase(std::unique(instances.begin(), instances.end()), instances.end());
  bounds_.clear();
  for (size_t i = 1; i < instances.size(); ++i) {
    std::string bound = ShortestAbove(instances[i - 1], instances[i]);
    if (bound.size() <= kLongest) bounds_.push_back(std::move(bound));
  }
}

absl::Status QuestionParts::Ask(const UtcHours& hours,
                                const std::function<absl::Status(const QuestionPart&)>& ask) {
  if (hours.count() <= 0) return absl::OkStatus();
  std::vector<Part> left = {{.hours = hours, .groups = bounds_.size() + 1}};
  while (!left.empty()) {
    const Part part = left.back();
    left.pop_back();
    if (Divide(part, left)) continue;
    absl::Status status = ask(AsQuestion(part));
    if (absl::IsResourceExhausted(status) && Learn(part, status)) {
      left.push_back(part);
      continue;
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Makes the limit smaller that `refused` was above, so that it is divided. False if it cannot be.
bool QuestionParts::Learn(const Part& refused, const absl::Status& why) {
  constexpr int64_t kDay = 24;
  const int64_t hours = refused.hours.count();
  const bool has_groups = refused.groups > 1;
  const bool is_by_hosts =
      has_groups && (hours <= kDay || absl::StrContains(why.message(), "too many series"));
  if (is_by_hosts) {
    most_groups_ = (refused.groups + 1) / 2;
  } else if (hours > 1) {
    most_hours_ = (hours + 1) / 2;
  }
  return is_by_hosts || hours > 1;
}

// Puts the pieces of a part that is above a limit in front of `left`, so that the first is next.
bool QuestionParts::Divide(const Part& part, std::vector<Part>& left) const {
  Part first = part;
  Part rest = part;
  if (part.hours.count() > most_hours_) {
    first.hours.end = rest.hours.begin = part.hours.begin + absl::Hours(most_hours_);
  } else if (part.groups > most_groups_) {
    first.groups = most_groups_;
    rest.first_group += first.groups;
    rest.groups -= first.groups;
  } else {
    return false;
  }
  left.push_back(rest);
  left.push_back(first);
  return true;
}

QuestionPart QuestionParts::AsQuestion(const Part& part) const {
  QuestionPart question{.hours = part.hours};
  const size_t end = part.first_group + part.groups;
  if (part.first_group > 0) {
    question.hosts.push_back(IsFrom("instance", bounds_[part.first_group - 1]));
  }
  if (end <= bounds_.size()) question.hosts.push_back(IsBefore("instance", bounds_[end - 1]));
  return question;
}

}  // namespace cpuagg::notify
