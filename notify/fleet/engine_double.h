// EngineDouble: an engine without a network, which answers as a test says.
//
//   EngineDouble http([](const AskedQuestion&) { return Success(""); });
//   Engine engine(http, http.options());

#ifndef CPUAGG_NOTIFY_FLEET_ENGINE_DOUBLE_H_
#define CPUAGG_NOTIFY_FLEET_ENGINE_DOUBLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "notify/fleet/engine.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {

struct AskedQuestion {
  std::string path;
  std::map<std::string, std::string> form;
};

class EngineDouble : public HttpClient {
 public:
  using Script = std::function<absl::StatusOr<HttpResponse>(const AskedQuestion&)>;

  explicit EngineDouble(Script script) : script_(std::move(script)) {}

  Engine::Options options() {
    return {.url = "http://engine:8428",
            .sleep = [this](absl::Duration wait) { waits.push_back(wait); }};
  }

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    requests.push_back(request);
    AskedQuestion asked{.path = request.url.substr(request.url.find("/api/"))};
    for (const auto field : absl::StrSplit(request.body, '&')) {
      const std::pair<std::string, std::string> entry =
          absl::StrSplit(field, absl::MaxSplits('=', 1));
      asked.form[entry.first] = Decoded(entry.second);
    }
    questions.push_back(asked);
    return script_(asked);
  }

  std::vector<HttpRequest> requests;
  std::vector<AskedQuestion> questions;
  std::vector<absl::Duration> waits;

 private:
  static std::string Decoded(const std::string& text) {
    std::string decoded;
    for (size_t i = 0; i < text.size(); ++i) {
      const bool is_escape = text[i] == '%' && i + 2 < text.size();
      decoded += is_escape ? absl::HexStringToBytes(text.substr(i + 1, 2)) : text.substr(i, 1);
      if (is_escape) i += 2;
    }
    return decoded;
  }

  Script script_;
};

// {"metric":LABELS,"value":[TIME,"VALUE"]}
inline std::string OneValue(const std::string& labels, int64_t time, const std::string& value) {
  return absl::StrCat(R"({"metric":)", labels, R"(,"value":[)", time, ",\"", value, "\"]}");
}

inline HttpResponse Success(const std::string& series, const std::string& more = "") {
  return {.status = 200,
          .body = absl::StrCat(R"({"status":"success")", more,
                               R"(,"data":{"resultType":"vector","result":[)", series, "]}}")};
}

inline HttpResponse EngineRefusal(int status, const std::string& type, const std::string& text) {
  return {.status = status,
          .body = absl::StrCat(R"({"status":"error","errorType":")", type, R"(","error":")", text,
                               "\"}")};
}

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_ENGINE_DOUBLE_H_
