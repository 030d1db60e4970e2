#include "tools/config/time_zone.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "acct/io/file.h"

namespace cpuagg::tools {
namespace {

// Parses a rule, only to find out whether it is valid: the C library accepts anything, and uses UTC
// if it does not understand it.
class RuleReader {
 public:
  explicit RuleReader(absl::string_view text) : rest_(text) {}

  bool ReadAll() {
    constexpr int kMostHours = 24;
    if (!Name() || !Time(kMostHours)) return false;
    if (rest_.empty()) return true;
    if (!Name()) return false;
    if (!rest_.empty() && rest_[0] != ',' && !Time(kMostHours)) return false;
    // Without dates the usual ones apply.
    return rest_.empty() || (Date() && Date() && rest_.empty());
  }

 private:
  bool Take(char c) { return absl::ConsumePrefix(&rest_, absl::string_view(&c, 1)); }

  // "CET" or "<+03>".
  bool Name() {
    const bool is_quoted = Take('<');
    size_t size = 0;
    while (size < rest_.size() && (absl::ascii_isalpha(rest_[size]) ||
                                   (is_quoted && (absl::ascii_isdigit(rest_[size]) ||
                                                  rest_[size] == '+' || rest_[size] == '-')))) {
      ++size;
    }
    rest_.remove_prefix(size);
    constexpr size_t kShortest = 3;
    return size >= kShortest && (!is_quoted || Take('>'));
  }

  bool Number(int least, int most) {
    int number = 0;
    size_t size = 0;
    while (size < rest_.size() && absl::ascii_isdigit(rest_[size]) && number <= most) {
      number = number * 10 + (rest_[size++] - '0');
    }
    rest_.remove_prefix(size);
    return size > 0 && number >= least && number <= most;
  }

  // "-3", "5:30" or "+1:00:00".
  bool Time(int most_hours) {
    if (!Take('+')) Take('-');
    if (!Number(0, most_hours)) return false;
    for (int i = 0; i < 2 && Take(':'); ++i) {
      if (!Number(0, 59)) return false;
    }
    return true;
  }

  // ",M3.5.0", ",J60" or ",59", with or without "/3".
  bool Date() {
    if (!Take(',')) return false;
    if (Take('M')) {
      if (!Number(1, 12) || !Take('.') || !Number(1, 5) || !Take('.') || !Number(0, 6)) {
        return false;
      }
    } else if (Take('J')) {
      if (!Number(1, 365)) return false;
    } else if (!Number(0, 365)) {
      return false;
    }
    constexpr int kMostHours = 7 * 24 - 1;
    return !Take('/') || Time(kMostHours);
  }

  absl::string_view rest_;
};

// What the clock shows between two changes.
struct ClockType {
  int64_t offset;  // seconds east of UTC
  bool is_summer;
  std::string name;

  friend bool operator==(const ClockType&, const ClockType&) = default;
};

ClockType TypeAt(int64_t seconds) {
  const time_t time = seconds;
  std::tm local = {};
  localtime_r(&time, &local);
  return {.offset = local.tm_gmtoff, .is_summer = local.tm_isdst > 0, .name = local.tm_zone};
}

struct Change {
  int64_t at;
  ClockType to;
};

// The changes that TZ describes, according to the C library; the first one is the state at the
// beginning.
std::vector<Change> ChangesOfClock() {
  constexpr int64_t kDay = 86'400;
  constexpr int64_t kBegin = -366 * kDay;
  constexpr int64_t kEnd = 49'800 * kDay;  // in 2106, after the last time that a record can have
  tzset();
  std::vector<Change> changes = {{kBegin, TypeAt(kBegin)}};
  for (int64_t day = kBegin; day < kEnd; day += kDay) {
    const ClockType next = TypeAt(day + kDay);
    if (next == changes.back().to) continue;
    int64_t before = day;
    int64_t after = day + kDay;
    while (after - before > 1) {
      const int64_t middle = before + (after - before) / 2;
      (TypeAt(middle) == next ? after : before) = middle;
    }
    changes.push_back({after, next});
  }
  return changes;
}

template <typename Integer>
void AppendBigEndian(Integer value, std::string& bytes) {
  for (size_t i = sizeof value; i-- > 0;) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i)));
  }
}

void AppendHeader(uint32_t times, uint32_t types, uint32_t characters, std::string& bytes) {
  bytes += "TZif2";
  bytes.append(15, '\0');
  for (const uint32_t count : {uint32_t{0}, uint32_t{0}, uint32_t{0}, times, types, characters}) {
    AppendBigEndian(count, bytes);
  }
}

// The changes in the format of a zone file (RFC 8536).
std::string ZoneFileOf(const std::vector<Change>& changes) {
  std::vector<ClockType> types;
  std::string times;
  std::string indices;
  for (const Change& change : changes) {
    size_t index = 0;
    while (index < types.size() && types[index] != change.to) ++index;
    if (index == types.size()) types.push_back(change.to);
    AppendBigEndian(change.at, times);
    indices.push_back(static_cast<char>(index));
  }
  std::string records;
  std::string names;
  for (const ClockType& type : types) {
    AppendBigEndian(static_cast<int32_t>(type.offset), records);
    records.push_back(type.is_summer ? 1 : 0);
    records.push_back(static_cast<char>(names.size()));
    names += type.name;
    names.push_back('\0');
  }
  std::string bytes;
  // First the part for 32-bit readers: one type, with an empty name.
  AppendHeader(0, 1, 1, bytes);
  bytes.append(7, '\0');
  AppendHeader(static_cast<uint32_t>(changes.size()), static_cast<uint32_t>(types.size()),
               static_cast<uint32_t>(names.size()), bytes);
  absl::StrAppend(&bytes, times, indices, records, names, "\n\n");
  return bytes;
}

// absl loads a zone only from a file, and caches it by path. So the zone is written to a file in
// memory, which stays open until the program ends, since another one must not get the same path.
absl::StatusOr<absl::TimeZone> ZoneOf(const std::vector<Change>& changes) {
  const std::string bytes = ZoneFileOf(changes);
  const int fd = memfd_create("zone", MFD_CLOEXEC);
  if (fd < 0) return acct::ErrnoStatus(errno, "TZ", "make a file in memory for the rule");
  const std::string path = absl::StrCat("/proc/self/fd/", fd);
  absl::TimeZone zone;
  if (write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      !absl::LoadTimeZone(path, &zone)) {
    return absl::FailedPreconditionError(
        absl::StrCat("TZ: the rule could not be read from ", path,
                     "; mount /proc, or set TZ to the name of a zone, such as Europe/Berlin"));
  }
  return zone;
}

// The path from which absl loads a zone.
std::string PathOf(absl::string_view name) {
  absl::ConsumePrefix(&name, "file:");
  if (absl::StartsWith(name, "/")) return std::string(name);
  const char* const folder = std::getenv("TZDIR");
  const bool is_named = folder != nullptr && *folder != '\0';
  return absl::StrCat(is_named ? folder : "/usr/share/zoneinfo", "/", name);
}

// Whether absl can open the path without hanging: it opens anything, and would wait for a FIFO.
bool MayBeOpened(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode);
}

absl::StatusOr<absl::TimeZone> ZoneOfSystem() {
  const char* const named = std::getenv("LOCALTIME");
  const std::string path = PathOf(named == nullptr ? "/etc/localtime" : named);
  if (MayBeOpened(path)) return absl::LocalTimeZone();
  return absl::FailedPreconditionError(
      absl::StrCat(path,
                   ": is not a time zone file; move it away, and make it a link to one of "
                   "/usr/share/zoneinfo, or set TZ to the name of one, such as Europe/Berlin"));
}

}  // namespace

absl::StatusOr<absl::TimeZone> LocalTimeZone() {
  const char* const value = std::getenv("TZ");
  if (value == nullptr) return ZoneOfSystem();
  absl::string_view name = value;
  absl::ConsumePrefix(&name, ":");
  if (name.empty()) return absl::UTCTimeZone();
  absl::TimeZone zone;
  if (MayBeOpened(PathOf(name)) && absl::LoadTimeZone(name, &zone)) return zone;
  if (RuleReader(name).ReadAll()) return ZoneOf(ChangesOfClock());
  return absl::InvalidArgumentError(
      absl::StrCat("TZ: '", value,
                   "' is not a time zone of this system; write one of /usr/share/zoneinfo, such as "
                   "Europe/Berlin (package tzdata), or a rule, such as "
                   "CET-1CEST,M3.5.0,M10.5.0/3, or unset it"));
}

}  // namespace cpuagg::tools
