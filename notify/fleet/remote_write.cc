#include "notify/fleet/remote_write.h"

#include <snappy.h>

#include <algorithm>
#include <tuple>

#include "notify/fleet/remote_write.pb.h"

namespace cpuagg::notify {

std::string EncodeRemoteWrite(const std::vector<SeriesLabels>& series,
                              absl::Span<const RemoteSample> samples) {
  std::vector<RemoteSample> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end(), [](const RemoteSample& a, const RemoteSample& b) {
    return std::tuple(a.series, a.stamp) < std::tuple(b.series, b.stamp);
  });
  remote::WriteRequest request;
  remote::TimeSeries* current = nullptr;
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i == 0 || sorted[i].series != sorted[i - 1].series) {
      current = request.add_timeseries();
      for (const auto& [name, value] : series[sorted[i].series]) {
        remote::Label& label = *current->add_labels();
        label.set_name(name);
        label.set_value(value);
      }
    }
    remote::Sample& sample = *current->add_samples();
    sample.set_value(sorted[i].value);
    sample.set_timestamp(sorted[i].stamp);
  }
  const std::string bytes = request.SerializeAsString();
  std::string block;
  snappy::Compress(bytes.data(), bytes.size(), &block);
  return block;
}

}  // namespace cpuagg::notify
