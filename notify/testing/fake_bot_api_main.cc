// Serves a fake Bot API for a while, to be used by hand or by clients in other languages.
//
//   FAKE_BOT_TOKEN=123:... fake_bot_api_main [--seconds N]
//
// The first line on stdout is the base URL. Each request that arrives then prints one line of
// JSON. Ends after N seconds, 60 unless said otherwise.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "notify/testing/fake_bot_api.h"
#include "notify/testing/form_fields.h"

namespace cpuagg::notify::testing {
namespace {

std::string Describe(const FakeBotApi::Received& received) {
  nlohmann::json fields = nlohmann::json::object();
  for (const auto& [name, field] : received.fields) {
    fields[name] = field.is_file() ? nlohmann::json{{"filename", *field.filename},
                                                    {"content_type", field.content_type},
                                                    {"bytes", field.value.size()}}
                                   : nlohmann::json(field.value);
  }
  const nlohmann::json line = {{"method", received.method},
                               {"fields", fields},
                               {"status_code", received.status_code},
                               {"response_body", received.response_body},
                               {"visible_text", received.visible_text},
                               {"message_id", received.message_id}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int Run(absl::Duration lifetime) {
  FakeBotApi::Options options;
  if (const char* token = std::getenv("FAKE_BOT_TOKEN")) options.token = token;
  const absl::StatusOr<std::unique_ptr<FakeBotApi>> api = FakeBotApi::Start(std::move(options));
  if (!api.ok()) {
    std::fprintf(stderr, "fake_bot_api_main: %s\n", api.status().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", (*api)->base_url().c_str());
  std::fflush(stdout);

  const absl::Time end = absl::Now() + lifetime;
  size_t printed = 0;
  while ((*api)->WaitForRequests(printed + 1, end - absl::Now())) {
    std::printf("%s\n", Describe((*api)->received()[printed++]).c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace cpuagg::notify::testing

int main(int argc, char** argv) {
  int32_t seconds = 60;
  const bool valid = argc == 1 || (argc == 3 && absl::string_view(argv[1]) == "--seconds" &&
                                   absl::SimpleAtoi(argv[2], &seconds) && seconds > 0);
  if (!valid) {
    std::fprintf(stderr, "usage: %s [--seconds N]\n", argv[0]);
    return 2;
  }
  return cpuagg::notify::testing::Run(absl::Seconds(seconds));
}
