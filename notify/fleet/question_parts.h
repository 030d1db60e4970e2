// QuestionParts: divides questions about a fleet that are too large for its engine.
//
//   QuestionParts parts;
//   parts.SetInstances({"node01", "node02"});
//   parts.Ask(hours, [&](const QuestionPart& part) { return AskAbout(part); });

#ifndef CPUAGG_NOTIFY_FLEET_QUESTION_PARTS_H_
#define CPUAGG_NOTIFY_FLEET_QUESTION_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "notify/fleet/promql.h"

namespace cpuagg::notify {

// Full hours of UTC: what engines are asked about.
struct UtcHours {
  absl::Time begin;
  absl::Time end;

  int64_t count() const { return absl::ToInt64Hours(end - begin); }
};

struct QuestionPart {
  UtcHours hours;
  Conditions hosts;  // hold for the hosts of this part; empty for all
};

class QuestionParts {
 public:
  // The values of the label `instance` between which hosts may be divided. Each series is in one
  // part, whatever its own value is.
  void SetInstances(std::vector<std::string> instances);

  // Calls `ask` for parts of `hours` that make up all of them, of all hosts. A part that is too
  // large (ResourceExhausted) is halved: by hosts if the engine says that these are too many
  // series, else by time down to a day, then by hosts, then by time down to an hour. Later parts
  // are no larger, nor are those of later calls. Returns the first other error, or that of a part
  // that cannot be halved.
  absl::Status Ask(const UtcHours& hours,
                   const std::function<absl::Status(const QuestionPart&)>& ask);

 private:
  struct Part;
  bool Learn(const Part& refused, const absl::Status& why);
  bool Divide(const Part& part, std::vector<Part>& left) const;
  QuestionPart AsQuestion(const Part& part) const;

  std::vector<std::string> bounds_;  // each begins a group of hosts; before the first is one more
  size_t most_groups_ = SIZE_MAX;
  // As long as the engine has no limit that is less. A sum over a month of a thousand hosts takes
  // VictoriaMetrics some ten seconds.
  int64_t most_hours_ = int64_t{31} * 24;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_QUESTION_PARTS_H_
