// Serves a fake Bot API for a while, to be used by hand or by clients in other languages.
//
//   FAKE_BOT_TOKEN=123:... fake_bot_api_main [--seconds N] [--fault FAULT]...
//
// The first line on stdout is the base URL. Each request that arrives then prints one line of
// JSON. Ends after N seconds, 60 unless said otherwise. The first requests meet the faults, in
// their order: retry-after=SECONDS, migrated=CHAT, bad-gateway, close or never-reply.

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/http_message.h"

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

std::optional<Fault> ParseFault(absl::string_view text) {
  int64_t number = 0;
  if (text == "bad-gateway") return Fault{BadGatewayPage("")};
  if (text == "close") return Fault{CloseAfterReading{}};
  if (text == "never-reply") return Fault{NeverReply{}};
  if (absl::ConsumePrefix(&text, "retry-after=") && absl::SimpleAtoi(text, &number)) {
    return Fault{TooManyRequests(number)};
  }
  if (absl::ConsumePrefix(&text, "migrated=") && absl::SimpleAtoi(text, &number)) {
    return Fault{Migrated(number)};
  }
  return std::nullopt;
}

int Run(int seconds, const std::vector<Fault>& faults) {
  FakeBotApi::Options options;
  if (const char* token = std::getenv("FAKE_BOT_TOKEN")) options.token = token;
  const auto api = FakeBotApi::Start(std::move(options)).value();
  for (const Fault& fault : faults) api->Enqueue(fault);
  std::printf("%s\n", api->base_url().c_str());
  std::fflush(stdout);

  const absl::Time end = absl::Now() + absl::Seconds(seconds);
  size_t printed = 0;
  while (api->WaitForRequests(printed + 1, end - absl::Now())) {
    std::printf("%s\n", Describe(api->received()[printed++]).c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace cpuagg::notify::testing

int main(int argc, char** argv) {
  using cpuagg::notify::testing::Fault;
  CLI::App app("A Bot API server on loopback");
  int seconds = 60;
  std::vector<Fault> faults;
  app.add_option("--seconds", seconds, "How long it serves")->check(CLI::PositiveNumber);
  app.add_option_function<std::vector<std::string>>(
         "--fault",
         [&](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const std::optional<Fault> fault = cpuagg::notify::testing::ParseFault(text);
             if (!fault.has_value())
               throw CLI::ValidationError("--fault", text + " is not a fault");
             faults.push_back(*fault);
           }
         },
         "What goes wrong, once, with the next request; may be repeated")
      ->allow_extra_args(false);
  CLI11_PARSE(app, argc, argv);
  return cpuagg::notify::testing::Run(seconds, faults);
}
