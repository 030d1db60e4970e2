#include "tools/config/output_format.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

TEST(OutputFormatTest, EachFormatHasItsName) {
  struct Case {
    const char* name;
    Format format;
  };
  const Case cases[] = {
      {"table", Format::kTable}, {"csv", Format::kCsv},         {"tsv", Format::kTsv},
      {"json", Format::kJson},   {"jsonl", Format::kJsonLines}, {"markdown", Format::kMarkdown},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ParseFormat(c.name).value(), c.format) << c.name;
    EXPECT_EQ(ParseRecordFormat(c.name).value(), c.format) << c.name;
  }
  EXPECT_EQ(ParseFormat("html").value(), Format::kHtml);
  EXPECT_EQ(ParseRecordFormat("proto").value(), Format::kProto);
}

TEST(OutputFormatTest, AnUnknownNameIsAnsweredWithTheKnownOnesAndTheNearest) {
  struct Case {
    const char* name;
    const char* meant;
  };
  const Case cases[] = {
      {"xml", ""},
      {"", ""},
      {"cvs", "; did you mean csv?"},
      {"CSV", "; did you mean csv?"},
      {"html5", "; did you mean html?"},
      {"markdwon", "; did you mean markdown?"},
      {"json-lines", "; did you mean jsonl?"},
      {"tab", "; did you mean table?"},
      {"md", "; did you mean markdown?"},
      {"ndjson", "; did you mean jsonl?"},
      {"text", "; did you mean table?"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ParseFormat(c.name).status(),
              absl::InvalidArgumentError(
                  "--format: '" + std::string(c.name) +
                  "' is not one of table, csv, tsv, json, jsonl, markdown and html" + c.meant));
  }
}

TEST(OutputFormatTest, RecordsHaveNoHtmlAndReportsNoProto) {
  EXPECT_EQ(ParseRecordFormat("html").status(),
            absl::InvalidArgumentError(
                "--format: html is of reports only; records are printed as one of table, csv, "
                "tsv, json, jsonl, markdown and proto"));
  EXPECT_EQ(ParseRecordFormat("htm").status(),
            absl::InvalidArgumentError("--format: 'htm' is not one of table, csv, tsv, json, "
                                       "jsonl, markdown and proto"));
  EXPECT_EQ(ParseFormat("proto").status(),
            absl::InvalidArgumentError(
                "--format: proto is of records only; reports are printed as one of table, csv, "
                "tsv, json, jsonl, markdown and html"));
  EXPECT_EQ(ParseRecordFormat("protobuf").status(),
            absl::InvalidArgumentError("--format: 'protobuf' is not one of table, csv, tsv, json, "
                                       "jsonl, markdown and proto; did you mean proto?"));
}

}  // namespace
}  // namespace cpuagg::tools
