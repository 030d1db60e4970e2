// Bodies of requests of Prometheus remote write 1.0: protobuf, compressed as a block of snappy.

#ifndef CPUAGG_NOTIFY_FLEET_REMOTE_WRITE_H_
#define CPUAGG_NOTIFY_FLEET_REMOTE_WRITE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace cpuagg::notify {

// Name and value of each label, __name__ included. Both are UTF-8, and not empty.
using SeriesLabels = std::map<std::string, std::string>;

struct RemoteSample {
  uint32_t series = 0;  // an index of a list of labels
  int64_t stamp = 0;    // in milliseconds since 1970
  double value = 0;
};

// A request with `samples`, in any order. Each series is in it once, with sorted labels and with
// its samples in the order of time.
std::string EncodeRemoteWrite(const std::vector<SeriesLabels>& series,
                              absl::Span<const RemoteSample> samples);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_REMOTE_WRITE_H_
