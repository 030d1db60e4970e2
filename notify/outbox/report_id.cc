#include "notify/outbox/report_id.h"

#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace cpuagg::notify {
namespace {

std::string FileNameOf(absl::string_view host) {
  std::string name;
  for (const char c : host.substr(0, 32)) {
    name.push_back(absl::ascii_isalnum(c) || c == '_' || c == '.' ? c : '-');
  }
  if (!name.empty() && name[0] == '.') name[0] = '-';
  return name;
}

}  // namespace

uint32_t RandomNumber() { return std::random_device()(); }

std::string NewReportId(const Outbox& outbox, absl::string_view host, absl::Time now,
                        const std::function<uint32_t()>& random) {
  const std::string name = FileNameOf(host);
  const std::string time = absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone());
  std::string id;
  do {
    id = absl::StrFormat("%s-%s-%04x", name, time, random() & 0xffff);
  } while (outbox.Has(id));
  return id;
}

}  // namespace cpuagg::notify
