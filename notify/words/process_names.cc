#include "notify/words/process_names.h"

#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace cpuagg::notify {

std::string TtyName(uint32_t device) {
  // Major numbers of Documentation/admin-guide/devices.txt.
  constexpr uint32_t kTtyMajor = 4;
  constexpr uint32_t kFirstSerialMinor = 64;
  constexpr uint32_t kFirstPtsMajor = 136;
  constexpr uint32_t kLastPtsMajor = 143;
  const uint32_t major = device >> 8;
  const uint32_t minor = device & 0xff;
  if (device == 0) return "";
  if (major >= kFirstPtsMajor && major <= kLastPtsMajor) {
    return absl::StrCat("pts/", (major - kFirstPtsMajor) * 256 + minor);
  }
  if (major == kTtyMajor && minor < kFirstSerialMinor) return absl::StrCat("tty", minor);
  if (major == kTtyMajor) return absl::StrCat("ttyS", minor - kFirstSerialMinor);
  return absl::StrCat(major, ":", minor);
}

std::string SignalName(uint32_t signal) {
  if (signal == 0) return "";
  const char* const name = sigabbrev_np(static_cast<int>(signal));
  return name == nullptr ? absl::StrCat(signal) : name;
}

}  // namespace cpuagg::notify
