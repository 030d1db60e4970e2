#include "notify/render/tsv.h"

#include "absl/strings/str_replace.h"
#include "notify/render/delimited_rows.h"
#include "notify/words/text.h"

namespace cpuagg::notify {

std::string TsvField(absl::string_view bytes) {
  return Printable(absl::StrReplaceAll(bytes, {{"\\", "\\\\"}}));
}

std::string RenderTsv(const aggregate::Report& report) {
  return RenderDelimited(report, '\t', TsvField);
}

}  // namespace cpuagg::notify
