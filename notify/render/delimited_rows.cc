#include "notify/render/delimited_rows.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "acct/record/exact_time.h"
#include "notify/render/report_fields.h"
#include "notify/words/labels.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using NameCell = std::string (*)(absl::string_view bytes);

// The cells of one line. If `names` is set, it gets the names of their columns.
class DelimitedLine {
 public:
  DelimitedLine(NameCell name_cell, std::vector<std::string>* names)
      : name_cell_(name_cell), names_(names) {}

  void Add(absl::string_view name, std::string cell) {
    if (names_ != nullptr) names_->emplace_back(name);
    cells_.push_back(std::move(cell));
  }
  void Add(const std::vector<ReportField>& fields) {
    for (const ReportField& field : fields) {
      Add(field.name,
          field.kind == ReportField::Kind::kName ? name_cell_(field.value) : field.value);
    }
  }
  void AddUsage(const aggregate::Report& report, const aggregate::Usage& usage,
                std::optional<acct::ExactTime> previous_cpu) {
    Add(UsageFields(report, usage));
    Add(kPreviousCpuField, previous_cpu.has_value() ? ExactSeconds(*previous_cpu) : "");
  }

  const std::vector<std::string>& cells() const { return cells_; }

 private:
  NameCell name_cell_;
  std::vector<std::string>* names_;
  std::vector<std::string> cells_;
};

DelimitedLine RowLine(const aggregate::Report& report, const aggregate::ReportRow& row,
                      NameCell name_cell, std::vector<std::string>* names = nullptr) {
  DelimitedLine line(name_cell, names);
  for (const aggregate::Dimension dimension : report.by) {
    line.Add(GroupFields(row, dimension, report));
  }
  line.AddUsage(report, row.usage, row.previous_cpu);
  line.Add(TimeFields(row, report));
  return line;
}

DelimitedLine OthersLine(const aggregate::Report& report) {
  DelimitedLine line(nullptr, nullptr);
  // Without a comma between thousands, which would be one between cells.
  const uint64_t rows = report.remaining_rows.rows;
  std::string label = absl::StrCat("+ ", rows, rows == 1 ? " other" : " others");
  for (const aggregate::Dimension dimension : report.by) {
    // The name is the last of the fields, after the id.
    const size_t fields = GroupFields({}, dimension, report).size();
    for (size_t i = 0; i + 1 < fields; ++i) line.Add("", "");
    line.Add("", std::exchange(label, ""));
  }
  line.AddUsage(report, report.remaining_rows.usage, report.remaining_rows.previous_cpu);
  for (const ReportField& field : TimeFields({}, report)) line.Add(field.name, "");
  return line;
}

}  // namespace

std::string RenderDelimited(const aggregate::Report& report, char separator, NameCell name_cell) {
  const absl::string_view between(&separator, 1);
  std::vector<std::string> names;
  RowLine(report, {}, name_cell, &names);
  std::string text = absl::StrJoin(names, between);
  const auto append = [&](const DelimitedLine& line) {
    absl::StrAppend(&text, "\n", absl::StrJoin(line.cells(), between));
  };
  for (const aggregate::ReportRow& row : report.rows) append(RowLine(report, row, name_cell));
  if (report.remaining_rows.rows > 0) append(OthersLine(report));
  text += '\n';
  return text;
}

}  // namespace cpuagg::notify
