// Reads what an engine answers to a query of Prometheus' HTTP API: a vector or a matrix, in JSON.
// Nothing about it is certain, and it may be large.

#ifndef CPUAGG_NOTIFY_FLEET_ENGINE_ANSWER_H_
#define CPUAGG_NOTIFY_FLEET_ENGINE_ANSWER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/record/units.h"

namespace cpuagg::notify {

struct EnginePoint {
  int64_t time = 0;  // in seconds since 1970
  double value = 0;  // finite
};

struct EngineSeries {
  std::map<std::string, std::string> labels;
  std::vector<EnginePoint> points;  // one, in a vector

  // The value of a label; empty if there is none.
  std::string Label(const char* name) const;
};

struct EngineAnswer {
  std::vector<EngineSeries> series;
  // Why it may lack something, in the engine's words.
  std::vector<std::string> damage;
};

// The answer in `body`, of a request that succeeded. DataLoss if it is not one, or has a value that
// is not a finite number.
absl::StatusOr<EngineAnswer> ParseEngineAnswer(const std::string& body);

// What an engine says about a request that it did not fulfil.
struct EngineError {
  std::string type;  // "execution", "timeout"; empty if it is not JSON
  std::string text;  // both ends, on one line and printable
  // It is about series, of which there are too many, and not about samples or time.
  bool is_about_series = false;
};
EngineError ParseEngineError(absl::string_view body);

// The nearest number of ticks. Engines add amounts as floating-point numbers, which cannot change
// the hundredths below 2^53 ticks (almost three million years). OutOfRange beyond, and for less
// than zero.
absl::StatusOr<acct::Ticks> TicksOfSeconds(double seconds);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_ENGINE_ANSWER_H_
