// The real servers of metrics on loopback, each with a folder of the test's own: VictoriaMetrics,
// Prometheus and node_exporter. A test skips itself where they are not installed.

#ifndef CPUAGG_TOOLS_CLI_TESTS_FLEET_METRICS_SERVERS_H_
#define CPUAGG_TOOLS_CLI_TESTS_FLEET_METRICS_SERVERS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

// Why a program cannot be run: "…: not installed (tools/setup.sh --fleet)"; empty if it can.
std::string WhyWithout(const std::string& program);

class MetricsServer {
 public:
  enum Kind { kVictoriaMetrics, kPrometheus, kNodeExporter };

  // Starts it and waits until it answers. `folder` exists, and is where it keeps its data;
  // node_exporter reads the text files in it.
  MetricsServer(Kind kind, std::string folder);
  ~MetricsServer();

  // Ends it and starts it again with the same data.
  void Restart();

  std::string base() const;
  std::string write_url() const { return base() + "/api/v1/write"; }

  // What GET or, with a body, POST of a form returns; "" if there is no answer.
  std::string Get(const std::string& path) const;
  std::string Post(const std::string& path, const std::string& form) const;

  // The values of an instant query by the labels `by` ("lab01 alice"), in hundredths, rounded.
  std::map<std::string, int64_t> Query(const std::string& expression, absl::Time time,
                                       const std::vector<std::string>& by) const;
  // What was pushed can be asked for afterwards.
  void Flush() const;

 private:
  void Start();

  const Kind kind_;
  const std::string folder_;
  uint16_t port_ = 0;
  std::unique_ptr<StartedProgram> program_;
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_CLI_TESTS_FLEET_METRICS_SERVERS_H_
