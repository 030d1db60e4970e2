#include "tools/cli_tests/fleet/metrics_servers.h"

#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/http/curl_http_client.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::tools::testing {
namespace {

constexpr const char* kPrograms[] = {"/usr/bin/victoria-metrics", "/usr/bin/prometheus",
                                     "/usr/bin/prometheus-node-exporter"};

uint16_t FreePort() {
  absl::StatusOr<notify::testing::Listener> listener = notify::testing::Listener::Open();
  return listener.ok() ? listener->port() : 0;
}

std::string Encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return encoded;
}

}  // namespace

std::string WhyWithout(const std::string& program) {
  if (access(program.c_str(), X_OK) == 0) return "";
  return program + ": not installed (tools/setup.sh --fleet)";
}

MetricsServer::MetricsServer(Kind kind, std::string folder)
    : kind_(kind), folder_(std::move(folder)) {
  Start();
}

MetricsServer::~MetricsServer() {
  if (program_ == nullptr) return;
  program_->Signal(SIGTERM);
  program_->Wait();
}

void MetricsServer::Restart() {
  program_->Signal(SIGTERM);
  program_->Wait();
  program_.reset();
  Start();
}

void MetricsServer::Start() {
  // Another program may take the port in between.
  for (int i = 0; i < 3; ++i) {
    port_ = FreePort();
    const std::string address = absl::StrCat("127.0.0.1:", port_);
    std::string arguments;
    switch (kind_) {
      case kVictoriaMetrics:
        arguments = absl::StrCat("-storageDataPath=", folder_, "/data -httpListenAddr=", address,
                                 " -retentionPeriod=2y");
        break;
      case kPrometheus:
        arguments =
            absl::StrCat("--config.file=", folder_, "/prometheus.yml --storage.tsdb.path=", folder_,
                         "/data --web.listen-address=", address,
                         " --web.enable-remote-write-receiver "
                         "--storage.tsdb.retention.time=400d");
        break;
      case kNodeExporter:
        arguments = absl::StrCat("--web.listen-address=", address,
                                 " --collector.disable-defaults --collector.textfile "
                                 "--collector.textfile.directory=",
                                 folder_);
        break;
    }
    // The shell becomes the server, whose output nobody would read here.
    program_ = std::make_unique<StartedProgram>(
        Program{.argv = {"/bin/sh", "-c",
                         absl::StrCat("exec ", kPrograms[kind_], " ", arguments, " >>", folder_,
                                      "/log 2>&1")},
                .environment = {"HOME=" + folder_}});
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (absl::Now() < deadline) {
      const std::string path = kind_ == kPrometheus ? "/-/ready" : "/metrics";
      const std::string answer = Get(path);
      if (kind_ == kPrometheus ? absl::StrContains(answer, "Ready") : !answer.empty()) return;
      absl::SleepFor(absl::Milliseconds(100));
    }
    program_.reset();
  }
  ADD_FAILURE() << kPrograms[kind_] << " does not start: " << folder_ << "/log";
}

std::string MetricsServer::base() const { return absl::StrCat("http://127.0.0.1:", port_); }

std::string MetricsServer::Get(const std::string& path) const {
  const Finished run = RunProgram(
      {.argv = {"/usr/bin/python3", "-c",
                "import sys, urllib.request as r\n"
                "try: sys.stdout.write(r.urlopen(sys.argv[1], timeout=20).read().decode())\n"
                "except Exception as e: sys.stderr.write(str(e))",
                base() + path}});
  return run.out;
}

std::string MetricsServer::Post(const std::string& path, const std::string& form) const {
  notify::CurlHttpClient http({.proxy = "", .allow_http = true});
  const absl::StatusOr<notify::HttpResponse> response =
      http.Post({.url = base() + path, .body = form});
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? response->body : "";
}

std::map<std::string, int64_t> MetricsServer::Query(const std::string& expression, absl::Time time,
                                                    const std::vector<std::string>& by) const {
  const std::string form = absl::StrCat("query=", Encoded(expression),
                                        "&time=", absl::ToUnixSeconds(time), "&nocache=1");
  std::string body = Post("/api/v1/query", form);
  // Prometheus 2.42 cannot read samples that came out of order while it compacts them.
  for (int i = 0; i < 30 && absl::StrContains(body, "cannot populate chunk"); ++i) {
    absl::SleepFor(absl::Seconds(1));
    body = Post("/api/v1/query", form);
  }
  const nlohmann::json answer = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  std::map<std::string, int64_t> values;
  if (!answer.is_object() || answer.value("status", "") != "success") {
    ADD_FAILURE() << expression << ": " << body;
    return values;
  }
  for (const nlohmann::json& row : answer["data"]["result"]) {
    std::string name;
    for (const std::string& label : by) {
      absl::StrAppend(&name, name.empty() ? "" : " ", row["metric"].value(label, ""));
    }
    double value = 0;
    EXPECT_TRUE(absl::SimpleAtod(row["value"][1].get<std::string>(), &value));
    if (const int64_t hundredths = std::llround(value * 100); hundredths != 0) {
      values[name] = hundredths;
    }
  }
  return values;
}

void MetricsServer::Flush() const {
  if (kind_ == kVictoriaMetrics) Get("/internal/force_flush");
}

}  // namespace cpuagg::tools::testing
