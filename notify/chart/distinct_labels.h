// Labels of a chart that are cut, and can still be told apart.

#ifndef CPUAGG_NOTIFY_CHART_DISTINCT_LABELS_H_
#define CPUAGG_NOTIFY_CHART_DISTINCT_LABELS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace cpuagg::notify {

// `labels`, each shortened in the middle until `fits` says that there is room for it. If different
// ones would look the same then, they are numbered in their order: "build…runner (2)".
std::vector<std::string> DistinctLabels(
    const std::vector<std::string>& labels,
    const std::function<bool(size_t index, const std::string& text)>& fits);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_DISTINCT_LABELS_H_
