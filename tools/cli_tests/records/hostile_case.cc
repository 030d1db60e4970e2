#include "tools/cli_tests/records/hostile_case.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {

using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

std::string Skipped(absl::string_view bytes, int offset, absl::string_view why) {
  return absl::StrCat("cpuagg: %: skipped ", bytes, " bytes at offset ", offset, ": ", why, "\n");
}

Finished HostileCases::RunMasked(Strings arguments) const {
  return Masked(Run(std::move(arguments)));
}

Finished HostileCases::RunInShell(const std::string& command) const {
  Program program = Cpuagg({});
  program.argv = {"/bin/bash", "-c", command};
  for (const std::string& variable : {std::string("cpuagg=tools/cpuagg"), "file=" + pacct_,
                                      "dir=" + dir_.path(), "passwd=" + passwd_}) {
    program.environment.push_back(variable);
  }
  return Masked(RunProgram(program));
}

Finished HostileCases::Masked(Finished run) const {
  run.out = absl::StrReplaceAll(run.out, {{pacct_, "%"}});
  run.err = absl::StrReplaceAll(run.err, {{pacct_, "%"}});
  return run;
}

Finished HostileCases::RunOn(absl::string_view content, Strings arguments) const {
  dir_.Write("pacct", content);
  arguments.insert(arguments.end(), {"--passwd", passwd_, pacct_});
  return RunMasked(std::move(arguments));
}

HostileCases::Reported HostileCases::Report(absl::string_view content, Strings arguments) const {
  arguments.insert(arguments.begin(), {"report", "--format=json"});
  return Read(RunOn(content, std::move(arguments)));
}

HostileCases::Reported HostileCases::Read(const Finished& run) {
  Reported reported = {.exit_code = run.exit_code, .err = run.err, .text = run.out};
  EXPECT_EQ(run.signal, 0);
  reported.whole = json::parse(run.out, nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(reported.whole.is_discarded()) << run.out << run.err;
  if (reported.whole.is_discarded()) return reported;
  for (const json& row : reported.whole["rows"]) {
    const json& user = row["user"];
    absl::StrAppend(&reported.rows, row["uid"].get<uint64_t>(), " ",
                    user.is_null() ? "-" : user.get<std::string>(), " ",
                    row["processes"].get<uint64_t>(), " ", row["cpu_seconds"].get<double>(), "\n");
  }
  const json& input = reported.whole["input"];
  for (const json& region : input["skipped"]) {
    absl::StrAppend(&reported.skipped, region["offset"].get<uint64_t>(), "+",
                    region["bytes"].get<uint64_t>(), " ", region["reason"].get<std::string>(),
                    "\n");
  }
  return reported;
}

std::string HostileCases::Records(absl::string_view content) const {
  const Finished run = RunOn(content, {"records", "--format=json"});
  std::string text;
  for (size_t begin = 0; begin < run.out.size();) {
    const size_t end = run.out.find('\n', begin);
    const json record = json::parse(run.out.substr(begin, end - begin));
    absl::StrAppend(&text, record["offset"].get<uint64_t>(), " ", record["version"].get<uint64_t>(),
                    " ", record["uid"].get<uint64_t>(), " ", record["command"].get<std::string>(),
                    "\n");
    begin = end + 1;
  }
  return text;
}

acct::testing::RecordBuilder HostileCases::Process(uint32_t uid) {
  return acct::testing::RecordBuilder().Uid(uid).Gid(uid).Flags(2).Pid(700 + uid).ParentPid(700);
}

}  // namespace cpuagg::tools
